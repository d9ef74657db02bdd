#!/bin/sh
# form eval from the command line: one line in, one line out, exit codes, where a fault lies. CACAH names
# the program. Ends with 1 when anything is not so.
set -eu
cacah=${CACAH:-build/app/cacah}
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-eval.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export LC_ALL=C.UTF-8 LANGUAGE=en

fail() {
    printf "FAILED: %s\n" "$*" >&2
    exit 1
}

# ends CODE COMMAND…: ends with that code; what it says is in out.txt
ends() {
    want=$1
    shift
    got=0
    "$cacah" form eval "$@" >out.txt 2>&1 || got=$?
    [ "$got" = "$want" ] || fail "exit code $got instead of $want: form eval $* ($(cat out.txt))"
}

says() {
    printf "$1" >wanted.txt
    cmp -s wanted.txt out.txt || fail "wanted $(cat wanted.txt), got $(cat out.txt)"
}

cat >f.md <<'X'
| survey | | | | |
| | type | name | label | calculation |
| | integer | a | A | |
| | calculate | b | | 2 + 3 |
| | begin repeat | r | R | |
| | integer | x | X | |
| | calculate | p | | position(..) |
| | end repeat | | | |
X
echo '<r xmlns:k="urn:k"><a>1</a><k:a>2</k:a></r>' >d.xml

ends 0 f.md '${b}' '1 div 0' "concat('a\\', '	')" '1 = 1' "date('2020-1-2')" '/data/none'
says 'nodes\t5\nnumber\tInfinity\nstring\ta\\\\\\t\nboolean\ttrue\ndate\t2020-01-02\nnodes\t\n'
ends 0 f.md --at 'r[1]/x' '${p}' 'position(..)' '../p' 'name(.)'
says 'nodes\t1\nnumber\t1\nnodes\t1\nstring\tx\n'
ends 2 f.md --at 'r[1]/nope' '1'
ends 2 f.md
ends 3 nothing.md 1

# what the record writes as attributes; the form's root has its id without a setting
cat >at.md <<'X'
| survey |
| | type | name | label | instance::unit | instance::odk:x |
| | integer | a | A | kg | y |
| settings |
| | form_id | version | attribute::kind | attribute::my:k | namespaces |
| | f1 | 7 | big | own | my="urn:my" |
X
ends 0 at.md '/data/@id' '/data/@version' '/data/@kind' '/data/@my:k' 'count(/data/@*)' '${a}/@unit' \
    'name(/data/@my:k)' 'namespace-uri(/data/@my:k)' 'name(/data/@kind/..)' 'count(/data/a/@* | /data/a)' \
    'count(/data/@id/node())' '${a}/@none'
says 'nodes\tf1\nnodes\t7\nnodes\tbig\nnodes\town\nnumber\t4\nnodes\tkg\nstring\tmy:k\nstring\turn:my\nstring\tdata\nnumber\t3\nnumber\t0\nnodes\t\n'
ends 1 --xml d.xml '//namespace::*'
grep -q 'this one is left out' out.txt || fail "the namespace axis: $(cat out.txt)"

# standard input: CR LF, blank lines, a mark at the beginning, no newline at the end, one line for each
printf '\357\273\2771 + 1\r\n\r\n2 +\n' >lines
printf '%s' "'z'" >>lines
ends 1 f.md - <lines
says 'number\t2\nerror\tcharacter 1: Expected a value but found "the end".\nerror\tcharacter 4: Expected a value but found "the end".\nstring\tz\n'
ends 0 f.md - </dev/null
says ''
printf "concat('a', 'b\377')\n" >lines
ends 1 f.md - <lines
grep -q 'character 15: The character' out.txt || fail "bytes that are no UTF-8: $(cat out.txt)"
i=0
printf "1" >lines
while [ $i -lt 3000 ]; do
    printf ' + 1111111111111111111111' >>lines
    i=$((i + 1))
done
ends 1 f.md - <lines
grep -q 'longer than 65536 bytes' out.txt || fail "a long line: $(cut -c1-100 out.txt)"

# documents
ends 0 --xml d.xml --ns q=urn:k 'count(//*)' '//q:a' 'name(//q:a)' 'sum(//a | //q:a)'
says 'number\t3\nnodes\t2\nstring\tk:a\nnumber\t3\n'
ends 1 --xml d.xml '//q:a'
ends 2 --xml d.xml
ends 2 --xml d.xml --ns q '.'
ends 2 --xml d.xml --at '//none' '.'
ends 3 --xml none.xml '.'
echo '<r><a></r>' >bad.xml
ends 1 --xml bad.xml '.'

# what runs away is stopped
i=0
while [ $i -lt 2000 ]; do
    echo '<i/>'
    i=$((i + 1))
done | { echo '<r>' && cat && echo '</r>'; } >wide.xml
for x in 'count(//i[//i < //i or //i < //i])' 'count(//*[string-length(string(/)) < count(//i[string(..) = string(/)])])'; do
    ends 1 --xml wide.xml "$x"
    grep -q 'too many steps' out.txt || fail "a runaway: $x: $(cat out.txt)"
done
ends 0 --xml wide.xml 'count(//i/following-sibling::i[1])' 'count(//i/preceding::*[1])'
says 'number\t1999\nnumber\t1999\n'
echo ok
