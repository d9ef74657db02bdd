#!/bin/sh
# The circle of the README over a server. usage: circle.sh URL [OPTION…]; CACAH names the program, OPTION is
# for logging in. Runs in the folder it is started in; ends with 1 where a step fails or says something else.
set -eu
url=$1
shift
here=$(cd "$(dirname "$0")/.." && pwd)

says() { # says WORDS COMMAND…: runs it; it must end well and its words be among what it says
    words=$1
    shift
    "$CACAH" "$@" >out.txt 2>&1 </dev/null || { cat out.txt; echo "FAILED: $*"; exit 1; }
    grep -q "$words" out.txt || { cat out.txt; echo "FAILED, no \"$words\": $*"; exit 1; }
}

refuses() { # refuses WORDS COMMAND…: it must fail, and say them
    words=$1
    shift
    ! "$CACAH" "$@" >out.txt 2>&1 </dev/null || { cat out.txt; echo "FAILED, not refused: $*"; exit 1; }
    grep -q "$words" out.txt || { cat out.txt; echo "FAILED, no \"$words\": $*"; exit 1; }
}

printf 'frasa kantor untuk latihan\n' >office.pass
printf 'frasa laptop untuk latihan\n' >laptop.pass
office='--store office.cacah --passphrase-file office.pass'
laptop='--store laptop.cacah --passphrase-file laptop.pass'
# shellcheck disable=SC2086
{
    says . office init $office --practice --title Uji --paper-to paper.txt \
        --form "$here/../forms/tabalong/governance.md"
    says "$url" office kit $office --label 'Laptop 3' -o "$url" --code-to code.txt "$@"
    refuses 'is there already' office kit $office --label 'Laptop 3' -o "$url" --code-to code2.txt "$@"
    refuses '/x.kit"' join "$url/x.kit" $laptop --code-file code.txt --user Rina "$@"
    says 'Laptop 3' join "$url" $laptop --code-file code.txt --user Rina "$@"
    [ ! -e laptop.cacah.kit ] && [ -z "$(ls office.cacah.out)" ] || { echo 'FAILED: a kit lies about'; exit 1; }
    says 'lain.kit' office kit $office --label 'Laptop 4' -o "$url/lain.kit" --code-to code3.txt "$@"
    refuses 'Several kits' join "$url" --store other.cacah --passphrase-file laptop.pass --code-file code3.txt "$@"
    says 'Laptop 4' join "$url/lain.kit" --store other.cacah --passphrase-file laptop.pass --code-file code3.txt "$@"
    "$CACAH" interview dampak_gov --linear $laptop <"$here/circle.answers" >out.txt 2>&1
    says '1 record in bundle 1' send $laptop "$url" "$@"
    says 'files: 1 = merged 1' office merge $office "$url" "$@"
    grep -q '1 merged file removed' out.txt
    says 'Receipt 1: 1 held, .*; 1 of them new' receive $laptop "$url" "$@"
    says 'No new receipt' receive $laptop "$url" "$@"
    says '0 records in bundle 2' send $laptop "$@"
    says 'files: 1 = merged 1' office merge $office "$url" "$@"
    says 'files: 0 = merged 0' office merge $office "$url" "$@"
    refuses 'no number of seconds' office merge --watch --every 0 $office "$url" "$@"
    refuses 'Check the folder' office merge $office "$url/nirgends" "$@"
    says 'for Laptop 3' office receipt $office --receipts "$url" "$@"
    says 'Receipt [2-9]' receive $laptop "$url" "$@"
}
if grep -rlq 'Tes lingkaran penuh' laptop.cacah* office.cacah*; then
    echo 'FAILED: an answer lies in the clear'
    exit 1
fi
[ -z "$(ls laptop.cacah.outbox)" ] || { echo 'FAILED: the outbox is not empty'; exit 1; }
