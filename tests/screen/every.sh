#!/bin/sh
# Every screen (v_*.c), field (widget.h) and appearance that app/view looks at is shown by a screen test, at 80x24,
# in Indonesian and in English. usage: every.sh RUN_SCREEN; prints TAP.
set -eu
cd "$(dirname "$0")/../.."
run=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
{
    grep -oh '^const struct screen_ops screen_[a-z]*' app/view/*.c | sed 's/.*screen_/screen /'
    sed -n '/^enum field_kind {/,/^}/s/.*FIELD_\([A-Z]*\).*/field \1/p' app/view/widget.h
    grep -oh 'form_has_appearance([^"]*"[a-z-]*"' app/view/*.c | sed 's/.*"\(.*\)"/appearance \1/'
} | grep -vx 'appearance label' | sort -u >"$tmp/all" # the head of a table is never in hand
"$run" --shown tests/screen/*.scr | sort -u >"$tmp/shown"
n=0
failed=0
for language in id en; do
    while read -r what; do
        n=$((n + 1))
        if grep -qx "$language $what" "$tmp/shown"; then
            echo "ok $n - $language $what"
        else
            echo "not ok $n - $language $what: no screen test shows it at 80x24"
            failed=1
        fi
    done <"$tmp/all"
done
echo "1..$n"
exit $failed
