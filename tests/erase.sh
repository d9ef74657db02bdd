#!/bin/sh
# A laptop erases what identifies a person: from a record that the office has, where it is hidden from the
# next merge on; and from one that was not sent, which counts with those columns empty. Then what the laptop
# still lists of both. Runs in a folder of its own and leaves nothing. CACAH names the program.
set -eu
. "$(dirname "$0")/support/steps.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-erase.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

cat >orang.md <<'FORM'
| survey   |
|          | type    | name | label     | bind::cacah:pii |
|          | text    | nama | Nama Anda | yes |
|          | integer | umur | Umur      | |
|          | image   | muka | Wajah     | yes |
| settings |
|          | form_title | form_id | version | namespaces |
|          | Orang | orang | 1 | cacah="urn:cacah:1" |
FORM
echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa laptop untuk latihan' >laptop.pass
field='--store laptop.cacah --passphrase-file laptop.pass'
office='--store office.cacah --passphrase-file office.pass'
printf 'RAHASIA' >muka.png

does 0 office init $office --title Survei --paper-to paper.txt --form orang.md
does 0 office kit $office --label 'Laptop 3' -o laptop.kit --code-to code.txt
does 0 join laptop.kit $field --code-file code.txt --user Rina

interview() { # NAME AGE
    printf '%s\n' "$1" "$2" muka.png :finish |
        "$cacah" interview orang --linear $field >out.txt 2>&1 || fail 'the interview'
}
code_of() { # STATE: of the one record in it
    "$cacah" status $field | sed -n "s/^  \([0-9A-Z-]*[*~\$=]*\) .*orang.* $1.*/\1/p" | head -n 1
}
through_the_office() {
    mkdir -p stick
    does 0 send $field stick
    does 0 office merge $office stick/in --receipts stick/out
    cp out.txt merged.txt
    does 0 receive $field stick
}

# ---- one that the office has ----
interview Kedua 45
through_the_office
says '1 held, .*; 1 of them new'
first=$(code_of held)
[ -n "$first" ] || fail 'the record is held'
does 0 erase "$first" --only-pii --yes $field
says "The personal answers of $first are erased; the others stay"
through_the_office
does 0 office status $office
says 'hidden already'
says "$first.*--only-pii"
does 0 office export $office --pii -o hidden
grep -q ',45,' hidden/orang.csv || fail 'the other answers stay'
! grep -q Kedua hidden/orang.csv || fail 'a name that its laptop erased is in the export'
[ ! -d hidden/media ] || [ -z "$(find hidden/media -type f)" ] || fail 'so is the face'
does 0 office review show "$first" --pii $office
says 'personal ones erased'
silent_about Kedua
does 0 status $field
says "$first  20[0-9-]* [0-9:]* *orang"

# ---- one that was not sent ----
interview Pertama 31
second=$(code_of pending)
[ -n "$second" ] || fail 'the record is pending'
does 0 erase "$second" --only-pii --yes $field
does 0 status $field
says "$second  20[0-9-]* [0-9:]* *orang.*pending"
through_the_office
grep -q 'new 1' merged.txt || fail 'it counts: nothing of it is still to come'
says '; 1 of them new'
does 0 status $field
says 'pending: 0'
does 0 office status $office
silent_about 'Incomplete records'
does 0 office export $office --pii -o both
grep -q ',31,' both/orang.csv || fail 'it is not in the export'
! grep -q 'Pertama\|Kedua' both/orang.csv || fail 'a name is'
does 0 office review list $office
says "$second .*orang"
does 0 verify office.cacah --passphrase-file office.pass

# The office's own word destroys what was hidden, and nothing else changes.
does 0 office erase "$first" "$second" --only-pii --yes $office
does 0 office export $office --pii -o done
cmp both/orang.csv done/orang.csv || fail 'the export is another'
does 0 verify office.cacah --passphrase-file office.pass
echo 'What a laptop erased of a person is hidden at once, and the rest counts.'
