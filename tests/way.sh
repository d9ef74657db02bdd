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

does 0 office kit $office --label 'Laptop 1' --weak-laptops -o 1.kit --code-to 1.code --place "$work/office"
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

echo 'way: whoever mistypes is told'
