#!/bin/sh
# The store's commands as people use them, without a terminal: passwd, backup, restore, recover, erase, void,
# verify. Runs in a folder of its own and leaves nothing. CACAH names the program. What must fail fails with
# the exit code that it should, and every step looks at what the commands before it have left.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/tests/support/steps.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-store.XXXXXX")
other=$(mktemp -d /dev/shm/cacah-store.XXXXXX 2>/dev/null || echo)
trap 'rm -rf "$work" $other' EXIT INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa laptop untuk latihan' >laptop.pass
echo 'frasa laptop yang lain' >new.pass
field='--store laptop.cacah --passphrase-file laptop.pass'
office='--store office.cacah --passphrase-file office.pass'

does 2 office init $office --form "$here/forms/tabalong/governance.md"
says 'paper-to'
does 0 office init $office --title Survei --paper-to paper.txt --form "$here/forms/tabalong/governance.md"
does 2 office kit $office -o laptop.kit --code-to code.txt
says "--label 'Laptop 3'"
[ ! -e laptop.kit ] || fail 'a kit without a name was written'
does 2 office kit $office --label '' -o laptop.kit --code-to code.txt
says 'needs a name'
does 0 office kit $office --grace-days 0 --label 'Laptop 3' -o laptop.kit --code-to code.txt
does 0 join laptop.kit $field --code-file code.txt --user Rina

interview() {
    "$cacah" interview dampak_gov --linear --store laptop.cacah --passphrase-file "$1" <"$2" >out.txt 2>&1 ||
        fail 'the interview'
}
{ head -n 3 "$here/tests/circle.answers"; echo :quit; } >short.answers
interview laptop.pass "$here/tests/circle.answers"
interview laptop.pass short.answers
does 0 status $field
draft=$(sed -n 's/^  \([0-9A-Z-]*\) .*draft.*/\1/p' out.txt | head -n 1)
record=$(sed -n 's/^  \([0-9A-Z-]*\) .*pending.*/\1/p' out.txt | head -n 1)
[ -n "$draft" ] && [ -n "$record" ] || fail 'a draft and a record'

# ---- doctor, verify ----
"$cacah" doctor --store laptop.cacah >out.txt 2>&1 || true
says '1 drafts, 1 records'
"$cacah" doctor $field >out.txt 2>&1 || true
says 'every row looked at: 0 faults; 1 records wait'
says 'No backup was ever made'
: >laptop.cacah.part
does 1 doctor --store laptop.cacah
says 'broken off: its file STORE.part'
rm laptop.cacah.part
cp laptop.cacah future.cacah
printf '\000\000\000\143' | dd of=future.cacah bs=1 seek=60 conv=notrunc 2>/dev/null # SQLite's user_version: 99
does 1 doctor --store future.cacah
says 'Install a newer cacah'
does 1 doctor --store future.cacah --passphrase-file laptop.pass
says 'Install a newer cacah'
silent_about 'Restore a backup'
rm future.cacah

# ---- verify: what it is told apart by, before anybody is asked for anything ----
does 1 verify office.pass
says 'is not a store'
status=0
setsid -w "$cacah" verify laptop.cacah >out.txt 2>&1 </dev/null || status=$?
[ "$status" = 2 ] || fail 'verify of a store without a passphrase'
says 'passphrase-file'

# ---- backup, restore ----
does 0 backup stick.backup $field
says 'written and verified'
says 'on the same disk'
does 1 backup stick.backup $field # never over another
does 0 verify stick.backup --passphrase-file laptop.pass
does 1 restore stick.backup $field
says 'already'
says 'restore --force'
does 3 restore stock.backup --store other.cacah --passphrase-file laptop.pass
says 'cannot be read: stock.backup'
silent_about 'join'
head -c 60000 stick.backup >cut.backup
does 1 restore cut.backup --store other.cacah --passphrase-file laptop.pass
says 'The backup "cut.backup" is damaged'
silent_about 'verify'
[ ! -e other.cacah ] || fail 'a damaged backup became a store'
does 2 restore stick.backup $field --force
says 'Give --yes'
does 0 restore stick.backup $field --force --yes
[ -f laptop.cacah.before-restore-1 ] || fail 'the store that was there is kept'
does 0 verify laptop.cacah --passphrase-file laptop.pass
interview laptop.pass short.answers
does 1 restore stick.backup $field --force --yes # newer work
says 'newer work'
does 0 verify laptop.cacah --passphrase-file laptop.pass
mkdir copies
does 0 backup copies $field
[ "$(ls copies | wc -l)" = 1 ] || fail 'a backup in a folder has a name of its own'

# ---- a whole older file in its place ----
cp laptop.cacah newer
cp stick.backup laptop.cacah
rm -f laptop.cacah-wal laptop.cacah-shm
does 0 status $field
says 'older copy was put in its place'
mkdir -p data/cacah
ln -s "$work/laptop.cacah" data/cacah/field.cacah # the place of the store in use
XDG_DATA_HOME=$work/data
export XDG_DATA_HOME
does 1 verify laptop.cacah --passphrase-file laptop.pass
says 'older copy was put in its place'
does 0 verify stick.backup --passphrase-file laptop.pass # a backup is older by right
says 'every row opens'
unset XDG_DATA_HOME
cp -r state state.before
interview laptop.pass short.answers
does 0 status $field
says 'older copy was put in its place' # work goes on, and it is still told
does 1 doctor $field
says 'older than when it was last closed'
rm -r state
mv state.before state
rm -f laptop.cacah-wal laptop.cacah-shm
cp newer laptop.cacah

# ---- a draft has no answers of its own to erase ----
does 1 erase "$draft" $field --yes --only-pii
does 0 status $field
says "$draft.*draft"

# ---- void ----
does 2 void "$draft" $field --yes
says 'reason'
does 1 void "$record" $field --yes --reason salah
does 2 void "$draft" $field --reason salah
does 0 void "$draft" $field --yes --reason 'salah orang'
does 0 status $field
silent_about "$draft"
does 0 history "$draft" $field
says "$draft  ended without a record, Rina: salah orang"
does 0 history "$draft" $field --json
says '"text": "salah orang"'
does 1 history AAAA-AAAA-A $field

# ---- passwd ----
does 2 passwd $field
does 2 passwd $field --new-passphrase-file laptop.pass
says 'That is the present passphrase'
does 2 passwd $field --compromised --yes --new-passphrase-file laptop.pass
says 'That is the present passphrase'
silent_about 'New keys'
does 0 passwd $field --new-passphrase-file new.pass
does 3 status $field
field='--store laptop.cacah --passphrase-file new.pass'
does 0 status $field
does 0 verify stick.backup --passphrase-file laptop.pass # as is said
printf 'frasa laptop yang lain\nfrasa laptop untuk latihan\n' >both
"$cacah" passwd --store laptop.cacah --passphrase-file - --new-passphrase-file - <both >out.txt 2>&1 || fail 'both lines'
field='--store laptop.cacah --passphrase-file laptop.pass'

# ---- recover: the office ----
does 0 bundle $field -o one.bundle
does 0 office merge one.bundle $office --receipts out
does 0 recover --store laptop.cacah -o request
words=$(sed -n 's/^    //p' out.txt)
echo "$words" >words.txt
echo 'abad abadi abah abang abdi abjad' >wrong.txt
does 0 verify request
says "request for recovery"
says "words: *$words"
does 1 office recover request $office --code-file wrong.txt -o answer
[ ! -e answer ] || fail 'an answer without the words'
sed 's/^key: ..../key: 0000/' request >forged
does 1 office recover forged $office --code-file words.txt -o answer
does 0 office recover request $office --code-file words.txt -o answer
says 'Laptop 3'
does 0 verify answer
says 'the answer to a request for recovery'
head -c 100 answer >cut
does 1 recover cut --store laptop.cacah --new-passphrase-file new.pass
says 'not all of it'
does 1 recover --paper-file words.txt --store laptop.cacah --new-passphrase-file new.pass
says 'There must be 24 words'
does 1 recover forged --store laptop.cacah --new-passphrase-file new.pass
does 0 recover answer --store laptop.cacah --new-passphrase-file new.pass --user Rina
[ ! -e laptop.cacah.recover ] || fail 'the seed is gone'
does 2 recover answer --store laptop.cacah --new-passphrase-file new.pass
says 'used already'
does 3 status $field
field='--store laptop.cacah --passphrase-file new.pass'
does 0 verify laptop.cacah --passphrase-file new.pass
interview new.pass "$here/tests/circle.answers"
does 0 bundle $field -o two.bundle
does 1 office merge two.bundle $office --receipts out
says 'parked'
says 'cacah office successor FILE'
does 1 office successor one.bundle $office --yes
does 2 office successor two.bundle $office
does 0 office successor two.bundle $office --yes
says 'Laptop 3'
does 0 office merge two.bundle $office --receipts out
says 'new 1'
does 0 receive "$(ls -t out/*.receipt | head -n 1)" $field
says '2 held' # the one from before, too
does 0 office status $office
says 'Laptop 3  *new keys, goes on for [0-9a-f]*, ledger rows'
does 0 office receipt 'Laptop 3' $office --receipts again
says 'for Laptop 3'
does 0 receive "$(ls again/*.receipt)" $field
rm -r again
does 0 office receipt $office --receipts again
[ "$(grep -c 'for Laptop 3' out.txt)" = 1 ] || fail 'one receipt a laptop'

# ---- recover: the paper key; new keys ----
does 0 recover --paper-file paper.txt --store laptop.cacah --new-passphrase-file laptop.pass
field='--store laptop.cacah --passphrase-file laptop.pass'
does 0 passwd $field --compromised --yes --new-passphrase-file new.pass
field='--store laptop.cacah --passphrase-file new.pass'
does 0 verify laptop.cacah --passphrase-file new.pass
does 0 bundle $field -o three.bundle
does 2 passwd $office --compromised --yes --new-passphrase-file new.pass
says 'paper'
does 0 passwd $office --compromised --yes --new-passphrase-file new.pass --paper-file paper.txt
office='--store office.cacah --passphrase-file new.pass'
does 0 office kit $office --label 'Laptop 4' -o four.kit --code-to four.txt
does 0 join four.kit --store four.cacah --code-file four.txt --passphrase-file laptop.pass
does 2 recover --store office.cacah --new-passphrase-file office.pass
does 0 recover --store office.cacah --new-passphrase-file office.pass --paper-file paper.txt
office='--store office.cacah --passphrase-file office.pass'
does 0 office kit $office --label 'Laptop 5' -o five.kit --code-to five.txt
does 0 join five.kit --store five.cacah --code-file five.txt --passphrase-file laptop.pass
does 0 verify office.cacah --passphrase-file office.pass

# ---- a laptop that got new keys twice since it was heard of ----
does 1 office merge three.bundle $office --receipts out
does 0 office successor three.bundle $office --yes
says 'Laptop 3'
does 0 office merge three.bundle $office --receipts out
does 0 office status $office
[ "$(grep -c 'Laptop 3' out.txt)" -ge 3 ] || fail 'it is called by its name still'

# ---- erase ----
does 2 erase "$record" $field
does 1 erase AAAA-AAAA-A $field --yes
does 0 erase "$record" $field --yes --only-pii
does 0 erase "$record" $field --yes
says 'Erased: '
does 0 erase "$record" $field --yes
says "$record was erased before"
does 0 status $field
says "$record.*erased"
does 0 verify laptop.cacah --passphrase-file new.pass
does 0 erase "$draft" $field --yes # one that was voided: its reason goes
does 0 history "$draft" $field
says 'ended without a record$'
says 'erased, '
does 0 verify laptop.cacah --passphrase-file new.pass
does 0 office erase "$record" $office --yes
does 0 verify office.cacah --passphrase-file office.pass

# ---- safe, and gone from the laptop after the days of grace ----
# A copy in memory is none; that the store lies there and the copy on a disk tells the two apart here as well.
if [ -n "$other" ]; then
    does 0 backup "$other" $office
    says 'gone when that is switched off'
fi
if [ -n "$other" ] && [ "$(stat -f -c %T .)" != tmpfs ]; then
    mkdir copies.office
    cp office.cacah "$other/office.cacah"
    office="--store $other/office.cacah --passphrase-file office.pass"
    does 0 backup copies.office $office
    says '1 record is safe now'
    does 0 bundle $field -o four.bundle
    does 0 office merge four.bundle $office --receipts out
    does 0 receive "$(ls -t out/*.receipt | head -n 1)" $field
    says '1 safe'
    says '1 interview that the office keeps safely was emptied here'
    does 0 verify laptop.cacah --passphrase-file new.pass
else
    does 0 backup copies $office
    says 'on the same disk'
fi
does 0 office export $office -o tables
id=$(cat tables/*.csv | sed -n 's/.*uuid:\([0-9a-f-]\{36\}\).*/\1/p' | head -n 1 | tr -d -)
[ "${#id}" = 32 ] || fail 'an interview by its id'
does 0 erase "$id" $field --yes # its 32 digits without dashes do, too
says 'Erased: '
rm -r tables
if grep -rlq 'Tes lingkaran penuh' . $other; then
    fail 'an answer lies in the clear'
fi

# ---- a record that lacks a part ----
if python3 -c 'import sqlite3' 2>/dev/null; then
    does 0 office kit $office --label 'Laptop 6' -o six.kit --code-to six.txt
    does 0 join six.kit --store six.cacah --code-file six.txt --passphrase-file laptop.pass
    for i in 1 2; do
        "$cacah" interview dampak_gov --linear --store six.cacah --passphrase-file laptop.pass \
            <"$here/tests/circle.answers" >out.txt 2>&1 || fail 'the interview'
    done
    six='--store six.cacah --passphrase-file laptop.pass'
    python3 -c 'import sqlite3; c = sqlite3.connect("six.cacah")
c.execute("delete from part where no = (select min(no) from part)"); c.commit()'
    hollow=$("$cacah" status $six | sed -n 's/^  \([0-9A-Z*~$=-]*\) .*pending.*/\1/p' | head -n 1)
    does 1 bundle $six -o six.bundle
    says '1 record stays here'
    mkdir sixes
    does 1 send $six sixes
    says '1 record in bundle 2'
    says '1 record stays here: a part of it is missing'
    says "^  $hollow\$"
    does 0 office merge sixes/in $office --receipts out
    says 'new 1 '
    does 0 office status $office
    silent_about 'Incomplete records'
fi

echo 'The store keeps its word.'
