#!/bin/sh
# A form's new version on its way: 'office form', a receipt, a draft that stays on the old one and is moved by
# 'draft migrate', records of both versions in the export. Runs in a folder of its own and leaves nothing.
# CACAH names the program.
set -eu
. "$(dirname "$0")/support/steps.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-newform.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

form() { # VERSION FORM_ID [ROW…]
    echo '| survey | |'
    echo '| | type | name | label |'
    echo '| | text | nama | Nama |'
    version=$1 id=$2
    shift 2
    for row; do echo "| | $row |"; done
    echo '| settings | |'
    echo '| | form_title | form_id | version |'
    echo "| | Warung | $id | $version |"
}
form 1 warung 'text | lama | Sudah lama?' 'integer | meja | Jumlah meja' >warung.md
form 2 warung 'integer | meja | Jumlah meja' 'text | menu | Menu' >'warung versi 2.md'
form 2 warung 'integer | meja | Jumlah meja' >sama.md
echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa laptop untuk latihan' >laptop.pass
field='--store laptop.cacah --passphrase-file laptop.pass'
office='--store office.cacah --passphrase-file office.pass'
interview() {
    printf '%s\n' "$@" | "$cacah" interview warung --linear $field >out.txt 2>&1 || fail 'the interview'
}

does 0 office init $office --title Survei --paper-to paper.txt --form warung.md
does 0 office kit $office --label 'Laptop 3' -o laptop.kit --code-to code.txt
does 0 join laptop.kit $field --code-file code.txt --user Rina
interview Satu ya 4 :finish
# A draft: the input ends before the interview does, which is told.
printf '%s\n' Dua ya 5 | "$cacah" interview warung --linear $field >out.txt 2>&1 || true
says 'saved as a draft\|disimpan sebagai draf'
mkdir -p stick
does 0 send $field stick
does 0 office merge $office stick/in --receipts stick/out
does 0 receive $field stick
silent_about 'draft migrate'

# ---- what cannot be handed out ----
does 2 office form $office
mkdir other
form 1 kios >other/warung.md
does 1 office form other/warung.md $office
says 'with the form_id "warung", not "kios"'
echo '| survey |' >broken.md
does 1 office form broken.md $office
says 'has faults'
does 0 office form warung.md $office
says 'the survey has it already'
silent_about 'next receipt'

# ---- handed out ----
does 0 --help
does 0 office form --help
does 0 office form 'warung versi 2.md' $office
says 'Warung (warung, version 2): in the place of version 1'
says 'office receipt'
says 'draft migrate'
does 0 office receipt $office --receipts stick/out
does 0 receive $field stick
says '1 new forms'
says "'cacah draft migrate' moves them"
draft=$("$cacah" status $field | sed -n 's/^  \([0-9A-Z*~$=-]*\) .*draft.*/\1/p' | head -n 1)
[ -n "$draft" ] || fail 'a draft'

# The draft is on its old version until it is moved; what would be lost is told first.
does 2 draft migrate "$draft" $field
says 'lost: the question is gone'
says 'lama'
does 0 draft migrate "$draft" --yes $field
says '1 draft is on the newest version'
does 1 draft migrate "$draft" $field --yes
interview Tiga 6 soto :finish # new interviews ask the new questions
does 0 send $field stick
does 0 office merge $office stick/in --receipts stick/out
does 0 office export $office -o export
grep -q 'Satu,ya,4' export/warung-????????.csv || fail 'the old version has its own file'
grep -q 'Tiga,6,soto' export/warung.csv || fail 'the new version is in warung.csv'

# ---- the same version again, a further form ----
does 0 office form sama.md $office
says 'of the same version'
form 1 kios >kios.md
does 0 office form kios.md $office
says 'a new form of the survey'
does 0 office kit $office --label 'Laptop 4' -o four.kit --code-to four.txt
does 0 join four.kit --store four.cacah --passphrase-file laptop.pass --code-file four.txt --user Tono
printf 'A\n:finish\n' | "$cacah" interview kios --linear --store four.cacah --passphrase-file laptop.pass \
    >out.txt 2>&1 || fail 'an interview with the further form'
echo 'A new version reaches the laptops; drafts are moved when they are told to.'
