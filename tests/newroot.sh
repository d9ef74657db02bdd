#!/bin/sh
# The way out when the office's store, its backups and the paper key are all lost: a new office for the same
# survey, to which a laptop goes over with everything it still holds. CACAH names the program.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/tests/support/steps.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-newroot.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

interview() {
    "$cacah" interview dampak_gov --linear $field <"$here/tests/circle.answers" >out.txt 2>&1 ||
        fail 'the interview'
}

echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa laptop untuk latihan' >laptop.pass
form="--form $here/forms/tabalong/governance.md"
field='--store laptop.cacah --passphrase-file laptop.pass'
old='--store old.cacah --passphrase-file office.pass'
new='--store new.cacah --passphrase-file office.pass'

# A survey under way: one interview held by the office, one that has not been sent.
does 0 office init $old --title Survei --paper-to paper.txt $form
does 0 office kit $old --label 'Laptop 3' -o old.kit --code-to old.code
does 0 join old.kit $field --code-file old.code --user Rina
interview
mkdir stick
does 0 send $field stick
does 0 office merge $old stick/in
does 0 receive $field stick
says '1 held, .*; 1 of them new'
cp -r stick/out former
interview

# All of it is lost but the laptop and a kit, whose header names the survey.
rm -rf old.cacah* paper.txt stick
survey=$(sed -n 's/^survey: //p' old.kit | head -n 1)
does 2 office init $new --title Survei --paper-to paper.txt $form --survey 1234
says 'no id of such a survey'
does 0 office init $new --title Survei --paper-to paper.txt $form --survey "$survey"
sed -n "s/^The survey's words: //p" out.txt >words.txt
does 0 office kit $new --label 'Laptop 3' -o new.kit --code-to new.code

# Only with the kit, its code and the words; and not by the way.
does 1 join new.kit $field --code-file new.code
says 'already a file'
does 1 join new.kit $field --new-root --code-file old.code --words-file words.txt
says 'does not open this kit'
cp old.code wrong.txt
does 1 join new.kit $field --new-root --code-file new.code --words-file wrong.txt
says 'not the words'
does 1 join old.kit $field --new-root --code-file old.code --words-file words.txt
does 0 office init --store other.cacah --passphrase-file office.pass --title Lain --paper-to other.txt $form
sed -n "s/^The survey's words: //p" out.txt >other.words
does 0 office kit --store other.cacah --passphrase-file office.pass --label 'Laptop 3' -o other.kit --code-to other.code
does 1 join other.kit $field --new-root --code-file other.code --words-file other.words
says 'another survey'
does 0 join new.kit $field --new-root --code-file new.code --words-file words.txt
says 'belongs to the new office'
does 1 join new.kit $field --new-root --code-file new.code --words-file words.txt
says 'belongs to already'
does 0 verify laptop.cacah --passphrase-file laptop.pass

# What it holds comes to the new office, the ledger from its first row on; receipts work; it can be recovered.
mkdir stick stick/out
cp former/* stick/out
does 0 send $field stick
says '2 records in bundle'
does 0 office merge $new stick/in
says 'new 2 '
says 'laptops enrolled: 1'
does 0 office status $new
says 'Laptop 3'
does 0 receive $field stick
says '2 held, .*; 2 of them new'
says '1 receipt of the office before this one'
silent_about 'Do not use it'
does 0 status $field
interview
does 0 send $field stick
says '1 record in bundle'
does 0 office merge $new stick/in
says 'new 1 '
does 0 verify new.cacah --passphrase-file office.pass
echo 'newroot: a laptop went over with three interviews'
