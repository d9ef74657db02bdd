#!/bin/sh
# What an office decides about laptops: which of two joined with a kit, which way of a copied one counts, up to
# when a lost one is trusted. Decisions are made once, asked for where they cost something, and marked on what they
# touch. Runs in a folder of its own and leaves nothing. CACAH names the program.
set -eu
. "$(dirname "$0")/support/steps.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-decide.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

cat >orang.md <<'FORM'
| survey   |
|          | type    | name | label |
|          | integer | umur | Umur  |
| settings |
|          | form_title | form_id | version |
|          | Orang | orang | 1 |
FORM
echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa laptop untuk latihan' >laptop.pass
chmod 600 office.pass laptop.pass
office='--store office.cacah --passphrase-file office.pass'
of() { echo "--store $1.cacah --passphrase-file laptop.pass"; }

mkdir stick
does 0 office init $office --title Survei --paper-to paper.txt --form orang.md
does 0 office kit $office --label 'Laptop 1' -o one.kit --code-to one.txt
does 0 office kit $office --label 'Laptop 3' -o three.kit --code-to three.txt
does 0 join one.kit $(of one) --code-file one.txt --user Rina
does 0 join three.kit $(of tiga) --code-file three.txt --user Budi
does 0 join three.kit $(of asing) --code-file three.txt --user Siapa

interview() { # LAPTOP AGE
    printf '%s\n' "$2" :finish |
        "$cacah" interview orang --linear $(of "$1") >out.txt 2>&1 || fail 'the interview'
}
sends() { # LAPTOP…
    for each; do does 0 send $(of "$each") stick; done
    does 0 office merge $office stick/in --receipts stick/out
}
number_of() { "$cacah" status $(of "$1") | sed -n 's/^number: *\([0-9a-f]*\).*/\1/p'; }

# ---- two laptops, one kit ----
interview tiga 30
interview asing 31
interview one 32
sends tiga asing one
does 0 office status $office
says 'Contested kits (2)'
tiga=$(number_of tiga)
asing=$(number_of asing)
says "$tiga"
says "$asing"
does 0 office review list $office
[ "$(grep -c "its laptop's kit is contested" out.txt)" = 2 ] || fail 'both records are marked'
does 0 office export $office -o marked
says 'marked in the manifest: 2 records'
grep -A3 '"contested": \[' marked/orang-manifest.json | grep -c uuid: | grep -qx 2 || fail 'the manifest'
does 1 office resolve $office 'Laptop 1'
says 'Nothing is contested'
does 0 office resolve $office "$tiga"
does 1 office resolve $office "$asing"
says 'Another laptop was chosen'
does 0 office status $office
silent_about 'Contested kits'
does 0 office review list $office
[ "$(grep -c 'its laptop was rejected' out.txt)" = 1 ] || fail 'the rejected one is marked'

# ---- a copy of a laptop's store ----
cp one.cacah copy.cacah
interview one 41
interview copy 42
interview copy 43
sends one
sends copy # after it: both name their bundles alike
does 0 office resolve $office
says 'Forked laptops'
says 'finished on it: 1, the last'
says 'finished on it: 2, the last'
row=$(sed -n 's/.* row \([0-9a-f]*\)  finished on it: 1.*/\1/p' out.txt)
other=$(sed -n 's/.* row \([0-9a-f]*\)  finished on it: 2.*/\1/p' out.txt)
[ -n "$row" ] && [ -n "$other" ] || fail 'two ways are listed'
does 2 office resolve $office 'Laptop 1'
says 'several ways'
does 2 office resolve $office 'Laptop 1' "$row"
says '--yes'
does 0 office resolve $office 'Laptop 1' "$row" --yes
does 1 office resolve $office 'Laptop 1' "$other" --yes
says 'Nothing is to be decided'
does 0 office resolve $office
says 'Nothing is to be decided'

interview one 44 # it does not know yet
sends one
does 0 receive $(of one) stick
says 'the office does not count'
does 0 status $(of one)
says 'Make no more interviews here'

# ---- a lost one ----
does 2 office revoke $office "$tiga" --until kemarin --yes
says 'is no date'
does 0 office revoke $office "$tiga" --until 2020-01-01 --yes
does 0 office status $office
says "$tiga.*revoked"
before=$(sed -n 's/^Set aside (\([0-9]*\)).*/\1/p' out.txt)
does 1 office revoke $office "$tiga" --yes
says 'revoked already'
does 0 office revoke $office "$tiga" --until 2999-12-31 --yes
does 0 office status $office
after=$(sed -n 's/^Set aside (\([0-9]*\)).*/\1/p' out.txt)
[ "$after" = $((before - 1)) ] || fail "the record counts again: $before, $after"
