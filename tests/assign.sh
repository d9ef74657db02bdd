#!/bin/sh
# Assignments and quotas from the office to a laptop: in a kit only when asked, else with the first receipt;
# each laptop its own; what is taken away goes. Runs in a folder of its own. CACAH names the program.
set -eu
cacah=${CACAH:-build/app/cacah}
here=$(cd "$(dirname "$0")/.." && pwd)
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-assign.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
forms=$here/forms/tabalong
export LC_ALL=C.UTF-8 LANGUAGE=
mkdir in

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

office() { "$cacah" "$@" --store office.cacah --passphrase-file office.pass; }
laptop() {
    name=$1
    shift
    "$cacah" "$@" --store "$name.cacah" --passphrase-file laptop.pass
}
tasks() { laptop "$1" status | sed -n 's/^  \([A-Z]*-[0-9]*\) .*  \([a-z ]*\)$/\1 \2/p' | tr -s ' ' | tr '\n' ';'; }
# has LAPTOP TASKS
has() { [ "$(tasks "$1")" = "$2" ] || fail "$1 has \"$(tasks "$1")\", not \"$2\""; }
# says WHAT COMMAND…: fails, and says that
says() {
    what=$1
    shift
    if "$@" >out.txt 2>&1; then fail "was taken: $*"; fi
    grep -q "$what" out.txt || fail "not said: $what ($(cat out.txt))"
}
# sends LAPTOP: its bundle is merged, its receipt comes back
sends() {
    laptop "$1" bundle -o in >/dev/null
    office office merge in --receipts "out-$1" -q >/dev/null
    for receipt in $(ls -v "out-$1"/*.receipt); do
        laptop "$1" receive "$receipt" >/dev/null 2>&1 || :
    done
    rm -rf in/*
}

echo 'frasa kantor untuk tugas' >office.pass
echo 'frasa laptop untuk tugas' >laptop.pass
office office init --title Tugas --paper-to paper --form "$forms/living.md" >/dev/null

grep '^name\|dampak_liv' "$forms/quotas.csv" >quotas.csv
office office quotas quotas.csv >/dev/null
says 'dampak_gov' office office quotas "$forms/quotas.csv"
# shellcheck disable=SC2016
printf 'name,form_id,target,condition\nx,dampak_liv,1,${usia} = 1\n' >bad.csv
says 'condition of the quota "x"' office office quotas bad.csv

cat >tasks.csv <<'END'
id,form_id,to,label,village,appointment,note,kode_pencacah
LIV-1,dampak_liv,Laptop 1,"Ibu ""S"", RT 2",Kelua / Ampukung,2026-12-01T09:00,,P007
LIV-2,dampak_liv,laptop 2,Pak U,,,,
LIV-3,dampak_liv,,Siapa saja,,,,
END
echo 'id,form_id' >bad.csv
echo 'X,dampak_gov' >>bad.csv
says 'no form "dampak_gov"' office office kit --label x -o x.kit --code-to x.code --assignments bad.csv
[ ! -e x.kit ] || fail 'a kit was written all the same'

office office kit --label 'Laptop 1' --weak-laptops -o 1.kit --code-to 1.code --assignments tasks.csv >/dev/null
office office kit --label 'Laptop 2' --weak-laptops -o 2.kit --code-to 2.code --assignments-in-kit >/dev/null
for n in 1 2; do laptop $n join $n.kit --code-file $n.code --user Rina >/dev/null; done
has 1 ''
has 2 'LIV-2 not begun;LIV-3 not begun;'
sends 1
has 1 'LIV-1 not begun;LIV-3 not begun;'

echo :quit | laptop 1 interview LIV-1 >/dev/null
has 1 'LIV-1 draft;LIV-3 not begun;'
laptop 1 status | grep -q 'liv-P007' || fail 'the enumerator is not filled in'
says 'formulir "LIV-2"' laptop 1 interview LIV-2

office office status | grep -q 'dampak_liv .* about .*: 0 (0)$' ||
    fail "the office tells no quotas: $(office office status)"

# Taken from one, given to the other.
sed 's/^LIV-1,dampak_liv,Laptop 1/LIV-1,dampak_liv,Laptop 2/; /^LIV-3/d' tasks.csv >moved.csv
office office assign moved.csv >/dev/null
sends 1
sends 2
has 1 ''
has 2 'LIV-1 not begun;LIV-2 not begun;'
laptop 1 status | grep -q 'draft' || fail 'the draft went with the assignment'
# The practice survey has some of each.
"$cacah" practice --store practice.cacah --forms "$forms" </dev/null >/dev/null
echo 'latihan saja, bukan rahasia' >practice.pass
"$cacah" status --store practice.cacah --passphrase-file practice.pass >status.txt
grep -q 'records: 300' status.txt || fail 'no 300 records in the practice survey'
grep -q 'GOV-017 .* not begun' status.txt || fail 'no assignment in the practice survey'
grep -q 'LIV-005 .* draft' status.txt || fail 'no assignment has been visited'
# Nor does a real office take what someone sends it all the same.
"$cacah" bundle --store practice.cacah --passphrase-file practice.pass -o in >/dev/null
says 'another survey' office office merge in --receipts none
echo 'assignments and quotas: as they should be'
