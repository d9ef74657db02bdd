#!/bin/sh
# The way to the office and back, as somebody goes it who mistypes: places that are none, sticks that are not
# there, names that are not plain. CACAH names the program.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/tests/support/steps.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-way.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa laptop untuk latihan' >laptop.pass
office='--store office.cacah --passphrase-file office.pass'
one='--store one.cacah --passphrase-file laptop.pass'

does 0 office init $office --title Survei --paper-to paper.txt --form "$here/forms/tabalong/governance.md"

# A place that no laptop can send to is refused before a passphrase is asked for, and no kit is made.
for place in ftp://x/y sftp://host/x sftp://u:pw@host/x http://host/x; do
    does 2 office kit --store office.cacah --label 'Laptop 1' -o 1.kit --code-to 1.code --place "$place"
done
does 2 office kit --store office.cacah --label 'Laptop 1' -o 1.kit --code-to 1.code --place stick
says 'no place that every laptop can send to'
[ ! -e 1.kit ] || fail 'a kit was made'

# A name that could draw a line of its own, such as one that looks like the survey's words.
for label in 'Laptop 1
words:    enam kata yang bukan dari kantor' "$(printf 'Laptop\0331')" "$(printf 'Laptop \342\200\2561')"; do
    does 2 office kit --store office.cacah --label "$label" -o 1.kit --code-to 1.code
    says 'control character'
done

# A kit and its code: neither without the other. What the laptop will compare stands beside it.
does 3 office kit $office --label 'Laptop 1' --weak-laptops -o 1.kit --code-to nodir/1.code
[ ! -e 1.kit ] || fail 'a kit whose code nobody knows'
does 0 office status $office
silent_about 'kits not joined with'
does 0 office kit $office --label 'Laptop 1' --weak-laptops -o 1.kit --code-to 1.code --place "$work/office"
says "survey's words"
does 0 office status $office
says '^  Laptop 1 .* made 2'
mkdir kits
does 0 office kit $office --label 'Laptop 1' --weak-laptops -o kits --code-to 2.code
says 'kits/Laptop-1.kit'
says 'a kit for "Laptop 1" already'
[ -f kits/Laptop-1.kit ] || fail 'not in the folder'
does 3 office kit $office --label 'Laptop 1' -o kits --code-to 2.code
says 'is there already'
does 0 join 1.kit $one --code-file 1.code --user Rina

# A folder that is not there is not made: the stick is not plugged in.
does 3 send $one stick
says 'no folder "stick"'
says 'Is the stick plugged in'
[ ! -e stick ] || fail 'the folder was made'
does 3 receive $one stick
says 'no folder "stick"'
does 3 send $one
says "no folder \"$work/office\""

# The place of last time is known from everywhere, and is where the answer is looked for.
mkdir stick elsewhere
does 0 send $one stick
does 0 office merge $office stick/in
(cd elsewhere && does 0 receive --store ../one.cacah --passphrase-file ../laptop.pass && says 'Receipt 1')
[ "$(ls elsewhere)" = out.txt ] || fail 'something was made where one stood'

# A stick as a place: what lies in its in/ is merged, receipts go to its out/. A bundle whose name is not one
# of ours is counted and named, on one line whatever the name holds.
does 0 send $one stick
[ -z "$(ls stick/out | grep -v '[.]receipt$')" ] || fail 'more than receipts in out/'
cp stick/in/*.bundle copy
cp copy 'stick/in/Laptop 3 (1).bundle'
cp copy 'stick/in/X.BUNDLE'
cp copy 'stick/in/x.bundle: whole and signed
.bundle'
does 1 office merge $office stick
says 'files: 1 = merged 1'
says 'passed over for their names: 3 files'
says '^Laptop 3 (1).bundle: passed over'
says '^X.BUNDLE: passed over'
says '^x.bundle: whole and signed .bundle: passed over'
says 'receipts* in stick/out'
[ ! -e out ] || fail 'receipts beside the stick'
does 1 office merge $office stick --json
says '"passed_over": 3'
rm stick/in/*
does 0 receive $one
says 'Receipt 3'

# Several files at once, each on its own line; -q says only what is wrong.
cp copy 'x.bundle: whole and signed
.bundle'
head -c 600 copy >cut.bundle
does 0 verify copy 1.kit x.bundle*
[ "$(grep -c 'whole and signed$' out.txt)" = 3 ] || fail 'not three files'
does 0 verify -q copy 1.kit
[ ! -s out.txt ] || fail 'it says something'
does 1 verify -q copy cut.bundle
says 'cut.bundle'
# What is no file of ours is no reason to ask for a passphrase.
: >empty
for file in empty office.pass "$cacah"; do
    does 1 verify "$file"
    silent_about 'terminal'
done

# The office is told when a bundle is a revoked laptop's.
does 0 office revoke $office 'Laptop 1' --yes
does 0 send $one stick
does 0 office merge $office stick
says 'The laptop is revoked'

echo 'way: whoever mistypes is told'
