#!/bin/sh
# A file from the laptop to the export: attached line by line, finished, bundled, merged, exported with the
# same bytes; and nowhere in the clear before. CACAH names the program.
set -eu
cacah=${CACAH:-build/app/cacah}
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-attach.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
mkdir stick

fail() {
    echo "FAILED: $*" >&2
    cat out.txt >&2
    exit 1
}

run() {
    "$cacah" "$@" >out.txt 2>&1 || fail "cacah $*"
}

cat >foto.md <<'FORM'
| survey   |
|          | type  | name  | label      | bind::cacah:pii |
|          | image | rumah | Foto rumah | |
|          | image | wajah | Foto wajah | yes |
|          | file  | surat | Surat      | |
|          | text  | akhir | Catatan    | |
| settings |
|          | form_title | form_id | version | namespaces |
|          | Foto | foto | 1 | cacah="urn:cacah:1" |
FORM
printf 'frasa kantor untuk latihan\n' >office.pass
printf 'frasa laptop untuk latihan\n' >laptop.pass
office="--store office.cacah --passphrase-file office.pass"
laptop="--store laptop.cacah --passphrase-file laptop.pass"

# Bytes of many kinds: some that pack well, some that do not, more than a chunk, one byte.
{ printf 'RAHASIA-RUMAH '; head -c 900000 /dev/urandom; } >'Rumah Pak Budi.JPG'
{ while :; do printf 'RAHASIA-WAJAH '; done; } | head -c 524288 >wajah.png
printf 'x' >surat

run office init --practice $office --title Foto --paper-to paper.txt --form foto.md
run office kit $office --label 'Laptop 3' -o laptop.kit --code-to code.txt
run join laptop.kit $laptop --code-file code.txt --user Rina --passphrase-file laptop.pass

# What cannot be attached is said, and the question stays.
printf '%s\n' 'tidak-ada.jpg' stick 'Rumah Pak Budi.JPG' wajah.png surat catatan :finish |
    "$cacah" interview foto --linear $laptop >out.txt 2>&1 || fail 'the interview'
grep -q 'tidak-ada.jpg' out.txt || fail 'a file that is not there was not told of'
grep -q 'regular file\|berkas biasa' out.txt || fail 'a folder was not refused'

run verify laptop.cacah --passphrase-file laptop.pass
run bundle $laptop -o stick
run office merge stick --keep $office --receipts receipts
run office merge stick --keep $office --receipts receipts
grep -q 'new 0 + same' out.txt || fail 'the second merge found something new'
run receive "$(ls receipts/*.receipt | tail -n 1)" $laptop
run verify office.cacah --passphrase-file office.pass

run office export $office -o export
[ "$(find export/media -type f | wc -l)" = 2 ] || fail 'an export without --pii has the personal file'
run office export $office --pii -o all
[ "$(find all/media -type f | wc -l)" = 3 ] || fail 'not all files are in the export'
cmp "$(find all/media -name '*.jpg')" 'Rumah Pak Budi.JPG' || fail 'the first file is another'
cmp "$(find all/media -name '*.png')" wajah.png || fail 'the second file is another'
cmp "$(find all/media -type f ! -name '*.*')" surat || fail 'the third file is another'
for f in $(find all/media -type f); do
    grep -q "$(basename "$f")" all/foto.csv || fail "the CSV does not name $f"
    grep -q "${f#all/}" all/foto-manifest.json || fail "the manifest does not list $f"
done
[ "$(basename "$(dirname "$f")")" = "$(grep -o 'uuid:[0-9a-f-]*' all/foto.csv | head -n 1 | cut -c6-)" ] ||
    fail 'the folder is not named by the record'

if grep -rlq 'RAHASIA\|Pak Budi' laptop.cacah* office.cacah* stick laptop.kit receipts; then
    fail 'a file lies in the clear'
fi
echo 'The files came through whole, and were nowhere in the clear before the export.'
