#!/bin/sh
# form check over a folder as it comes by mail, and form convert there and back, from the command line: one
# clear sentence for what is no form, then the next file; what cannot be interviewed is refused where an
# interview would start. Runs in a folder of its own. CACAH names the program.
set -eu
cacah=${CACAH:-build/app/cacah}
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-form.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export LC_ALL=C.UTF-8

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# says FILE TEXT: the file has a line with that text
says() {
    grep -qF -- "$2" "$1" || fail "\"$2\" was not said, but: $(cat "$1")"
}

cat >good.md <<'END'
| survey |
| | type | name | label | media::image | mine |
| | text | a | two\nlines, a \| and a \\ | a.png | kept |
| choices |
| | list_name | name | label | extra |
| | l | 1 | One | x |
| settings |
| | form_id | cacah:escapes |
| | good | yes |
| entities |
| | list_name | label |
| | trees | ${a} |
END
"$cacah" form convert good.md good.xlsx
"$cacah" form convert good.xlsx back.md
"$cacah" form convert back.md again.xlsx
cmp good.xlsx again.xlsx || fail 'there and back is not the same'
got=0
"$cacah" form convert good.md good.txt 2>err.txt || got=$?
[ "$got" = 2 ] || fail "exit code $got for a name that ends in .txt"
if "$cacah" form convert good.xlsx back.md 2>err.txt; then fail 'a file was overwritten'; fi

mkdir dir.xlsx
: >empty.xlsx
echo hello >text.xlsx
printf '\320\317\021\340\241\261\032\341' >old.xlsx
cp good.xlsx form.csv
got=0
"$cacah" form check empty.xlsx text.xlsx old.xlsx dir.xlsx none.xlsx form.csv good.xlsx \
    >out.txt 2>err.txt || got=$?
[ "$got" = 3 ] || fail "exit code $got"
says err.txt 'empty.xlsx: error: The file is empty.'
says err.txt 'text.xlsx: error: The workbook is damaged'
says err.txt 'old.xlsx: error: The workbook is an old .xls'
says err.txt '"dir.xlsx" is not a regular file.'
says err.txt 'There is no file "none.xlsx".'
says err.txt '"form.csv" is no form'
says out.txt 'good.xlsx: 1 questions and groups, 0 errors, 3 warnings'
says err.txt 'good.xlsx:survey:1:mine: warning: The column "mine" is not known'
"$cacah" form check --silence MEDIA_IGNORED --silence COLUMN_UNKNOWN good.xlsx >out.txt 2>err.txt
says out.txt '0 errors, 1 warning'
got=0
"$cacah" form check --silence NOSUCH good.xlsx >out.txt 2>err.txt || got=$?
[ "$got" = 2 ] || fail "exit code $got for an unknown code"
says err.txt 'form check --json'
"$cacah" form check -q good.xlsx >out.txt 2>err.txt
[ ! -s out.txt ] && [ ! -s err.txt ] || fail 'quiet is not quiet'

# Checked, but no interview: encrypted records, a list that is not there.
cat >sealed.md <<'END'
| survey |
| | type | name | label |
| | text | a | A |
| settings |
| | public_key |
| | MIIB |
END
cat >far.md <<'END'
| survey |
| | type | name | label |
| | select_one_from_file far.csv | a | A |
END
echo 'latihan saja, bukan rahasia' >pass
for form in sealed far; do
    "$cacah" form check $form.md >out.txt 2>err.txt || fail "$form.md was refused"
    says out.txt '0 errors, 1 warning'
    echo 'expect 1 1' >try.try
    if "$cacah" form try $form.md try.try >out.txt 2>&1; then fail "an interview with $form.md"; fi
    says out.txt '0 passed, 1 failed'
    if "$cacah" office init --store $form.cacah --passphrase-file pass --form $form.md \
        --paper-to paper.txt >out.txt 2>&1; then fail "a survey with $form.md"; fi
    [ ! -e $form.cacah ] || fail "a store is left behind"
    rm -f paper.txt
done
