#!/bin/sh
# Merging told step by step: three laptops and one office; a bundle cut short, a record returned and
# corrected, another corrected on two laptops at once and decided, a supervisor, a respondent erased whose old
# stick turns up, an erasure held back for a while. Runs in a folder of its own and leaves nothing. CACAH
# names the program. It is a test as well: every step's exit code and what it must say are checked.
set -eu
cacah=${CACAH:-build/app/cacah}
here=$(cd "$(dirname "$0")/../.." && pwd)
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-merge.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export LC_ALL=C.UTF-8 LANGUAGE=en
step=0

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

tell() {
    step=$((step + 1))
    printf '\n%d. %s\n' "$step" "$1"
}

# does CODE WORDS…: runs the program, shows what it said, checks the exit code.
does() {
    want=$1
    shift
    printf '   $ cacah'
    printf ' %s' "$@" | sed 's/ --store [^ ]*//; s/ --passphrase-file [^ ]*//'
    echo
    got=0
    "$cacah" "$@" >out.txt 2>&1 || got=$?
    sed 's/^/     /' out.txt
    [ "$got" = "$want" ] || fail "exit code $got, not $want"
}

says() { grep -q -- "$1" out.txt || fail "it does not say: $1"; }
silent() { ! grep -q -- "$1" out.txt || fail "it says: $1"; }

office() {
    want=$1
    shift
    does "$want" office "$@" --store office.cacah --passphrase-file pass
}
laptop() { # laptop N WORDS…
    n=$1
    shift
    does 0 "$@" --store "laptop$n.cacah" --passphrase-file pass
}
# answers N LINE…: typed into laptop N's interview, unseen.
interview() { # interview N ARGUMENT… : the answers come from standard input
    n=$1
    shift
    "$cacah" interview "$@" --linear --store "laptop$n.cacah" --passphrase-file pass >typed.txt 2>&1 ||
        fail "interview: $(tail -n 1 typed.txt)"
    grep -q 'kept as a draft' typed.txt && fail "the interview did not end: $(cat typed.txt)"
    return 0
}
code_of() { # the code of the one record with that name on laptop N
    "$cacah" status --store "laptop$1.cacah" --passphrase-file pass | sed -n 's/^  \([0-9A-Z]\{4\}-[0-9A-Z]\{4\}-[^ ]*\) .*/\1/p' |
        head -n 1
}

printf 'frasa untuk latihan saja\n' >pass
mkdir stick drawer

tell 'An office, and kits for three laptops that join.'
office 0 init --practice --title 'Survei singkat (latihan)' --paper-to paper.txt --form "$here/tests/merge/form.md"
for n in 1 2 3; do
    "$cacah" office kit --store office.cacah --passphrase-file pass --label "Laptop $n" -o "$n.kit" \
        --code-to "$n.code" --place "$work/stick" >/dev/null
    "$cacah" join "$n.kit" --store "laptop$n.cacah" --code-file "$n.code" --passphrase-file pass --user "P$n" >/dev/null
done

tell 'An interview on each, and all is sent by the stick.'
printf 'Siti\n41\n1\n:finish\n' | interview 1 singkat
printf 'Budi\n230\n1\n:finish\n' | interview 2 singkat
printf 'Ana\n35\n2\n:finish\n' | interview 3 singkat
siti=$(code_of 1)
budi=$(code_of 2)
ana=$(code_of 3)
for n in 1 2 3; do laptop "$n" send; done

tell 'The stick is copied into a drawer, and one bundle is cut short on the way.'
cp stick/in/*.bundle drawer/
head -c 700 "$(ls stick/in/*.bundle | head -n 1)" >stick/in/cut.bundle
echo "   $(ls stick/in | wc -l) files, one of them of 700 bytes"

tell 'The office merges: three are taken, the fourth is explained and set aside.'
office 1 merge stick/in
says 'files: 4 = merged 3 + same 0 + parked 0 + refused 1'
says 'records: 3 = new 3 + same 0'
says 'cut.bundle: refused: '
[ -f stick/in/quarantine/cut.bundle ] || fail 'the bad bundle is not in quarantine'
says 'it lies in stick/in/quarantine/cut.bundle now'
grep -q . stick/in/quarantine/cut.bundle.reason.txt || fail 'no reason lies beside the bad bundle'
[ -z "$(ls stick/in/*.bundle 2>/dev/null)" ] || fail 'merged files are left'
office 0 status
says 'Bundles in quarantine (1)'

tell 'A supervisor reads what waits; Budi cannot be 230 years old. It goes back to Laptop 2.'
office 0 review list
office 0 review show "$budi"
office 0 review return "$budi" -m 'Umur 230? Tanyakan lagi.'
office 0 review accept "$ana"
office 0 receipt --receipts stick/out

tell 'Laptop 2 learns so, corrects it, and sends the new version.'
laptop 2 receive
says '1 interview was returned'
printf ':goto umur\n23\n:finish\n' | interview 2 --correct "$budi"
laptop 2 send
office 0 merge stick/in
says 'newer 1'
office 0 review show "$budi"
says 'Tanyakan lagi'
says '23'

tell 'Siti goes back to Laptop 1, and when nothing comes, to Laptop 3 as well. Both correct it: a conflict.'
office 0 review return "$siti" -m 'Apakah benar membantu?'
office 0 review return "$siti" -m 'Apakah benar membantu?' --to 'Laptop 3'
office 0 receipt --receipts stick/out
laptop 1 receive
laptop 3 receive
printf ':goto umur\n42\n:finish\n' | interview 1 --correct "$siti"
printf ':goto umur\n43\n:finish\n' | interview 3 --correct "$siti"
laptop 1 send
laptop 3 send
office 0 merge stick/in
says 'conflict 1'
office 0 status
says 'In conflict (1)'
says 'office resolve CODE VERSION'
office 1 review accept "$siti"
says 'several versions in conflict'

tell 'It is decided: one version counts, the other stays in the history.'
office 0 resolve
chosen=$(sed -n "/Laptop 3 /s/.*version \([0-9a-f]*\).*/\1/p" out.txt)
office 0 resolve "$siti" "$chosen"
office 0 review show "$siti"
says 'chosen in a conflict'
says '43'
office 0 resolve
says 'Nothing is to be decided'

tell 'A supervisor joins, is certified with the paper key, and merges the drawer in another order.'
"$cacah" office kit --store office.cacah --passphrase-file pass --label Pengawas -o boss.kit --code-to boss.code >/dev/null
"$cacah" join boss.kit --supervisor --store boss.cacah --code-file boss.code --passphrase-file pass --user Dewi >/dev/null
does 0 bundle --store boss.cacah --passphrase-file pass -o stick/in
office 0 merge stick/in
office 0 certify Pengawas --as supervisor --paper-file paper.txt
office 0 receipt --receipts stick/out
does 0 receive stick --store boss.cacah --passphrase-file pass
laptop 2 send
does 1 office merge stick/in --store boss.cacah --passphrase-file pass
says 'sealed to somebody else'
[ -n "$(ls stick/in/*.bundle)" ] || fail 'the supervisor has carried off what is for the office'
office 0 merge stick/in
laptop 1 receive
printf 'Dodi\n50\n1\n:finish\n' | interview 1 singkat
laptop 1 send
does 0 office merge stick/in --store boss.cacah --passphrase-file pass
says 'merged 1'
[ -n "$(ls stick/in/*.bundle)" ] || fail 'the supervisor has emptied the stick'
office 0 merge stick/in

tell 'Ana wants her answers erased. The office does so; Laptop 3 learns it from its receipt.'
office 2 erase "$ana"
office 0 erase "$ana" --yes
office 0 receipt --receipts stick/out
laptop 3 receive
says '1 erased'

tell 'Weeks later the drawer is opened: the old copies come in again. Nobody comes back, nothing is doubled.'
office 0 merge drawer --keep
says 'records: 0'
says 'same 3'
mkdir late
laptop 3 bundle --all -o late
office 0 merge late
office 0 review show "$ana"
says 'erased'

tell 'What the office knows, and the export: three people, the corrected answers, no Ana.'
office 0 status
silent 'In conflict'
office 0 export -o export --pii
cp export/singkat.csv all.txt
grep -q 'Budi.*23\|23.*Budi' all.txt || fail 'the correction of Budi is not in the export'
grep -q 'Siti' all.txt || fail 'Siti is not in the export'
grep -q 'Dodi' all.txt || fail 'Dodi is not in the export'
! grep -q 'Ana' all.txt || fail 'Ana is in the export'
! grep -q '230' all.txt || fail 'the returned answer is in the export'

tell 'Laptop 1 erases Siti by itself. She is hidden at once; the office doubts it and holds the destruction back.'
laptop 1 erase "$siti" --yes
laptop 1 send
office 0 merge stick/in
office 0 status
says 'To be erased (1)'
says 'office hold CODE'
office 2 hold "$siti"
office 0 hold "$siti" --reason 'Laptop 1 tidak menjawab telepon'
office 0 status
says 'Erasure held back (1)'
says 'Laptop 1 tidak menjawab telepon'
silent 'To be erased'

tell 'Siti says on the telephone that it was her wish. The hold ends, and the office erases her itself.'
office 0 hold "$siti" --release --reason 'Siti sendiri yang meminta'
office 0 erase "$siti" --yes
office 0 status
silent 'Erasure held back'
silent 'To be erased'

tell 'A stolen laptop is revoked: what it sends from then on is kept apart.'
office 2 revoke 'Laptop 2'
office 0 revoke 'Laptop 2' --yes
printf 'Palsu\n99\n1\n:finish\n' | interview 2 singkat
laptop 2 send
office 0 merge stick/in
says 'quarantined 1'
office 0 status
says 'Set aside (1)'
says 'Laptop 2 .*revoked'
does 0 verify office.cacah --passphrase-file pass

tell 'The disk of the office fails; a copy from before the last interview is put back. Nobody has to notice.'
cp office.cacah before.cacah
printf 'Eka\n29\n1\n:finish\n' | interview 3 singkat
laptop 3 send
office 0 merge stick/in
says 'new 1'
laptop 3 receive
cp before.cacah office.cacah
laptop 3 send
office 0 merge stick/in
office 0 status
says 'Receipts this office does not know (1)'
laptop 3 receive
says 'it holds no longer'
laptop 3 send
office 0 merge stick/in
says 'new 1'
office 0 status
silent 'Receipts this office does not know'
silent 'Gaps in ledgers'
printf '\nEvery count added up, and every laptop knows what became of its work.\n'
