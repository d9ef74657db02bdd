#!/bin/sh
# What the program says of itself: every command has help, stands in the manual page and in the completion, in
# both languages. CACAH names the program. Ends with 1 when anything is not so.
set -eu
cacah=${CACAH:-build/app/cacah}
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-help.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

for lang in C.UTF-8 id; do
    export LC_ALL=$lang
    "$cacah" help manual >"$work/$lang.1"
    "$cacah" help completion >"$work/$lang.bash"
    LC_ALL=C bash -n "$work/$lang.bash"
    "$cacah" help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' >"$work/commands"
    [ "$(wc -l <"$work/commands")" -gt 20 ] || fail 'few commands in the list'
    while read -r command; do
        # shellcheck disable=SC2086
        "$cacah" $command --help >"$work/out" || fail "$command --help"
        grep -q "^[a-z]*: cacah $command" "$work/out" || fail "$command --help says: $(cat "$work/out")"
        grep -q "^\.B cacah $command\$" "$work/$lang.1" || fail "$command is not in the manual page"
        grep -q -- "-\*:'$command '" "$work/$lang.bash" || fail "$command is not in the completion"
    done <"$work/commands"
done
cmp -s "$work/C.UTF-8.1" "$work/id.1" && fail 'the manual page is English under id'

# The manuals name every command of enumerators and offices; authors have forms/README.md.
doc=$(dirname "$0")/../app/doc
LC_ALL=C.UTF-8 "$cacah" help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' >"$work/commands"
while read -r command; do
    for book in manual.id manual.en; do
        case $command in
        open | form*) ;;
        office\ review\ *) grep -q "[ \`]${command##* }\`" "$doc/$book.md" || fail "$book: no $command" ;;
        *) grep -q "$command" "$doc/$book.md" || fail "$book: no $command" ;;
        esac
    done
done <"$work/commands"

complete() { # complete WORD… prints what the last one may become
    LC_ALL=C bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cacah; echo "${COMPREPLY[*]}"' \
        bash "$work/C.UTF-8.bash" "$@"
}
[ "$(complete cacah fo)" = form ] || fail 'fo is not completed to form'
[ "$(complete cacah form sh)" = show ] || fail 'form sh is not completed to show'
[ "$(complete cacah office review acc)" = accept ] || fail 'the third word is not completed'
[ "$(complete cacah form check --j)" = --json ] || fail 'no options'

"$cacah" --lang id status --help | grep -q 'cacah status' || fail 'an option before the command'
"$cacah" --store no-such status >/dev/null 2>"$work/out" && fail 'there is no such store'
grep -q 'no-such' "$work/out" || fail 'the value of an option before the command'
"$cacah" office --help | grep -q 'office kit' || fail 'the beginning of commands has no help'
"$cacah" office >/dev/null 2>&1 && fail 'the beginning of a command is none'
"$cacah" --linear --help | grep -q 'cacah interview' || fail '--linear alone'
"$cacah" help no such >/dev/null 2>&1 && fail 'help of nothing'
"$cacah" status --nonsense >/dev/null 2>&1 && fail 'an unknown option was taken'
echo 'every command says what it does'
