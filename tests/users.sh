#!/bin/sh
# Several enumerators of one laptop: user add, list, remove; what tells them apart, what is refused, and what the
# office sees of it. Runs in a folder of its own and leaves nothing. CACAH names the program.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/tests/support/steps.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-users.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa milik rina sendiri' >rina.pass
echo 'frasa milik budi sendiri' >budi.pass
echo 'pendek' >short.pass
office='--store office.cacah --passphrase-file office.pass'
rina='--store laptop.cacah --passphrase-file rina.pass'
budi='--store laptop.cacah --passphrase-file budi.pass'
does 0 office init $office --paper-to paper.txt --form "$here/forms/tabalong/governance.md"
does 0 office kit $office --label 'Laptop 3' -o laptop.kit --code-to code.txt
does 2 join laptop.kit $rina --code-file code.txt --user "$(printf 'Rina\nBudi')"
says 'on one line'
[ ! -e laptop.cacah ] || fail 'a store was made for a name of two lines'
does 0 join laptop.kit $rina --code-file code.txt --user Rina

# ---- adding ----
does 0 user list $rina
says '1  Rina (opened it now)'
says 'the office or the paper key'
does 2 user add $rina --new-passphrase-file budi.pass
does 2 user add Budi $rina --new-passphrase-file short.pass
says 'shorter than 12'
does 2 user add Budi $rina --new-passphrase-file rina.pass # whose would it be?
says "another user's"
does 3 user add Budi $budi --new-passphrase-file budi.pass # who has no passphrase adds nobody
for name in '' ' ' rina RINA "$(printf 'a\033[2Jb')"; do
    does 2 user add "$name" $rina --new-passphrase-file budi.pass
done
does 1 user add "$(printf '%0300d' 0)" $rina --new-passphrase-file budi.pass
says 'limit of 200'
does 0 user add ' Budi Santoso ' $rina --new-passphrase-file budi.pass
says '^Budi Santoso opens'
does 0 user list $budi --json
says '"name": "Budi Santoso"'
does 0 user list $budi
says 'Budi Santoso (opened it now)'
does 0 status $budi
says 'Laptop 3, Budi Santoso'
does 2 passwd $budi --new-passphrase-file rina.pass
says "another user's"
does 2 passwd $budi --new-passphrase-file budi.pass # one's own again is no new one
does 0 verify laptop.cacah --passphrase-file budi.pass
does 0 backup stick.backup $rina

# ---- one begins, the other ends: the record says both, as a claim ----
interview() { # interview PASSPHRASE [FORM] <ANSWERS
    "$cacah" interview ${2:-} --linear --store laptop.cacah --passphrase-file "$1" >out.txt 2>&1 || fail 'the interview'
}
{ head -n 4 "$here/tests/circle.answers"; echo :quit; } | interview rina.pass dampak_gov
tail -n +5 "$here/tests/circle.answers" | interview budi.pass
does 0 status $rina
says 'records: 1'
does 0 bundle $rina -o one.bundle
does 0 office merge one.bundle $office --receipts out
does 0 office export $office -o export
audit=$(find export -name '*-audit.csv')
grep -A1 'form start' $audit | grep -q 'cacah.user,.*,Rina$' || fail 'who began it'
grep -A1 'form resume' $audit | grep -q 'cacah.user,.*,Budi Santoso$' || fail 'who went on'

# ---- the ledger tells who had opened the store: a claim ----
does 0 user list $budi
does 0 history $budi
says 'begun, Rina$'
says 'finished, Budi Santoso$'
says 'who may open it, Rina: add 4$'

# ---- removing ----
does 2 user remove Budi $rina --yes
says 'no user'
does 2 user remove 99 $rina --yes
does 2 user remove 2 $rina --yes # the office's slot is no user
does 2 user remove 'Budi Santoso' $rina
says '--yes'
does 0 user list $budi
does 0 user remove 'budi santoso' $rina --yes
says 'Backups made before still open'
does 3 user list $budi
says 'does not open'
does 0 history $rina
says 'finished, user 4, who is no more$'
does 0 verify stick.backup --passphrase-file budi.pass # as was said
does 0 user list $rina
silent_about Budi
does 2 user remove Rina $rina --yes
says 'last user'
does 0 user add Siti $rina --new-passphrase-file budi.pass
does 0 user remove 1 $budi --yes # by number; any user may remove any
does 3 status $rina
echo 'frasa tono untuk latihan' >tono.pass
does 0 user add Tono $budi --new-passphrase-file tono.pass
does 0 passwd $budi --compromised --yes --new-passphrase-file rina.pass
says '    Tono$'
says 'user add'
silent_about Siti
does 0 user list $rina
says 'Siti (opened it now)'
does 0 user add Tono $rina --new-passphrase-file tono.pass
does 0 backup other.cacah $rina
does 0 recover --store other.cacah --paper-file paper.txt --user Siti --new-passphrase-file budi.pass
says '    Tono$'
silent_about Siti
does 0 verify laptop.cacah --passphrase-file rina.pass
! grep -qa 'Budi Santoso\|Siti' laptop.cacah* || fail 'a name lies in the clear'

# ---- an office has several, too; the practice store ----
does 0 user add Ani $office --new-passphrase-file budi.pass
does 0 office status --store office.cacah --passphrase-file budi.pass
echo 'Each with a passphrase of their own.'
