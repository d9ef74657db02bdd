#!/bin/sh
# Simulated interviews from the command line: one seed, twice the same export; a practice store only; form
# diff's verdicts. Runs in a folder of its own. CACAH names the program. Ends with 1 when anything is not so.
set -eu
cacah=${CACAH:-build/app/cacah}
here=$(cd "$(dirname "$0")/.." && pwd)
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-simulate.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
forms=$here/forms/tabalong
export LC_ALL=C.UTF-8

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# refuses CODE COMMAND…: ends with that code and says why
refuses() {
    want=$1
    shift
    got=0
    "$cacah" "$@" >out.txt 2>&1 || got=$?
    [ "$got" = "$want" ] || fail "exit code $got instead of $want: cacah $* ($(cat out.txt))"
    [ -s out.txt ] || fail "nothing said: cacah $*"
}

echo 'latihan saja, bukan rahasia' >pass
for store in a b; do
    "$cacah" simulate "$forms/society.md" -n 40 --seed 7 --profile "$forms/practice.profile" \
        --store $store.cacah -q
    "$cacah" office export --store $store.cacah --passphrase-file pass --pii -o $store
    sed -i '/"made":/d' $store/*manifest.json
done
"$cacah" office export --store a.cacah --pii -o known </dev/null # practice opens by itself
diff -r a b || fail 'one seed, two exports'
lines=$(grep -c "$(printf '^uuid\|^"\{0,1\}20')" a/dampak_soc.csv)
[ "$lines" -ge 40 ] || fail "only $lines records in the export"
"$cacah" verify a.cacah --passphrase-file pass

# A record that was altered is said to be, and is left out of an export that has all the others.
python3 - b.cacah <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
no, sealed = db.execute('SELECT no, sealed FROM part ORDER BY no LIMIT 1').fetchone()
db.execute('UPDATE part SET sealed = ? WHERE no = ?', (sealed[:-1] + bytes([sealed[-1] ^ 1]), no))
db.commit()
EOF
refuses 1 office export --store b.cacah --passphrase-file pass --pii -o c
grep -q 'damaged' out.txt || fail "not said why: $(cat out.txt)"
grep -q '39 records' out.txt || fail "the others are not there: $(cat out.txt)"

# What is not practice takes none, and is left alone.
echo 'frasa kantor yang sungguhan' >office.pass
"$cacah" office init --store office.cacah --passphrase-file office.pass --paper-to paper.txt >/dev/null
before=$(cksum <office.cacah)
refuses 2 simulate "$forms/society.md" -n 1 --store office.cacah --passphrase-file office.pass
refuses 2 practice --force --store office.cacah --forms "$forms"
[ "$before" = "$(cksum <office.cacah)" ] || fail 'the office was written to'
refuses 2 simulate "$forms/society.md" -n many
refuses 1 simulate "$forms/no-such-form.csv" --store a.cacah --passphrase-file office.pass --profile paper.txt

# form diff
"$cacah" form diff "$forms/society.md" "$forms/society.md" >out.txt
cp "$forms/wilayah.csv" .
sed 's/| umur /| usia /; s/[$]{umur}/${usia}/g' "$forms/society.md" >new.md
refuses 1 form diff "$forms/society.md" new.md
grep -q '^draft /data/grp_responden/usia' out.txt || fail "no renamed question: $(cat out.txt)"
refuses 1 form diff --json "$forms/society.md" new.md
grep -q '"code": "RENAMED"' out.txt || fail 'no JSON'
echo 'simulated interviews: as they should be'
