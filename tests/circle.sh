#!/bin/sh
# The whole circle, printed step by step: office, kit, join, interview, bundle, merge, receipt, export. Runs
# in a folder of its own and leaves nothing. CACAH names the program. It is a test as well: any step that
# fails, and any answer that is not in the export, ends it with 1.
set -eu
cacah=${CACAH:-build/app/cacah}
here=$(cd "$(dirname "$0")/.." && pwd)
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-circle.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
mkdir stick
step=0

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# does WHAT COMMAND…: says the step, runs the command, shows what it said.
does() {
    step=$((step + 1))
    printf '\n%d. %s\n   $ cacah' "$step" "$1"
    shift
    printf ' %s' "$@" | sed "s|$here/||g"
    echo
    status=0
    "$cacah" "$@" >out.txt 2>&1 || status=$?
    if [ "$(wc -l <out.txt)" -gt 40 ]; then
        head -n 12 out.txt | sed 's/^/   /'
        printf '   … (%s lines)\n' "$(wc -l <out.txt)"
        tail -n 6 out.txt | sed 's/^/   /'
    else
        sed 's/^/   /' out.txt
    fi
    [ "$status" = 0 ] || fail "exit code $status"
}

printf 'frasa kantor untuk latihan\n' >office.pass
printf 'frasa laptop untuk latihan\n' >laptop.pass

does 'The office makes its store and keys, with the six questionnaires' \
    office init --practice --store office.cacah --passphrase-file office.pass --title 'Smart City (latihan)' \
    --paper-to paper.txt \
    --form "$here/forms/tabalong/governance.md" --form "$here/forms/tabalong/branding.md" \
    --form "$here/forms/tabalong/economy.md" --form "$here/forms/tabalong/living.md" \
    --form "$here/forms/tabalong/society.md" --form "$here/forms/tabalong/environment.md"
does 'A kit for a laptop; its code goes by voice' \
    office kit --store office.cacah --passphrase-file office.pass --label 'Laptop 3' -o laptop.kit --code-to code.txt
does 'The laptop joins' \
    join laptop.kit --store laptop.cacah --code-file code.txt --passphrase-file laptop.pass --user Rina
does 'An interview, held line by line' \
    interview dampak_gov --linear --store laptop.cacah --passphrase-file laptop.pass <"$here/tests/circle.answers"
does 'What the laptop holds' status --store laptop.cacah --passphrase-file laptop.pass
does 'A bundle onto the stick' bundle --store laptop.cacah --passphrase-file laptop.pass -o stick
bundle=$(ls stick/*.bundle)
does 'Anybody can check it, without a key' verify "$bundle"
does 'The office merges the stick' \
    office merge stick --keep --store office.cacah --passphrase-file office.pass --receipts receipts
does 'Merging it again changes nothing' \
    office merge stick --keep --store office.cacah --passphrase-file office.pass --receipts receipts
grep -q 'new 0 + same' out.txt || fail 'the second merge found something new'
receipt=$(ls receipts/*.receipt | tail -n 1)
does 'The laptop learns what the office holds' \
    receive "$receipt" --store laptop.cacah --passphrase-file laptop.pass
does 'The export' office export --store office.cacah --passphrase-file office.pass -o export
does 'What the office knows now' office status --store office.cacah --passphrase-file office.pass
does 'Every row of the laptop opens and every chain holds' \
    verify laptop.cacah --passphrase-file laptop.pass

device=$(basename "$bundle" | cut -d- -f2)
grep -q ",$device," export/*.csv || fail 'the export does not say which laptop it was'
grep -q 'Tes lingkaran penuh' export/*.csv || fail 'the answer typed is not in the export'
if grep -rlq 'Tes lingkaran penuh' laptop.cacah* office.cacah* stick laptop.kit receipts; then
    fail 'an answer lies in the clear'
fi
printf '\nThe circle is closed: the answer typed is in the export, and nowhere in the clear before it.\n'
