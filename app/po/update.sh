#!/bin/sh
# Collects the program's strings into the catalogue: new ones come in untranslated, what is no longer said
# goes; then translate what `msgattrib --untranslated app/po/id.po` shows. --check writes nothing and fails
# when a string has no translation.
set -eu
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
pot=$tmp/cacah.pot

# xgettext warns of every string that isn't ASCII, and of rows without a hint: neither is a fault
collect() {
    xgettext --language=C --from-code=UTF-8 --files-from=- --output="$pot" --no-location --no-wrap \
        --join-existing --package-name=cacah --keyword "$@" 2>"$tmp/said" || { cat "$tmp/said"; exit 1; }
    sed -i 's/charset=CHARSET/charset=UTF-8/' "$pot"
}
printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n' >"$pot"
find app forms sync -name errors.def | sort | collect --keyword=ERR:3
find app forms sync -name errors.def | sort | collect --keyword=ERR:4
find forms -name diff.def | collect --keyword=DIFF:3
find app -name '*.[ch]' -o -name '*.def' ! -name errors.def | sort |
    collect --keyword=_ --keyword=N_ --keyword=tr_n:1,2

if [ "${1:-}" = --check ]; then
    msgcmp app/po/id.po "$pot"
else
    msgmerge --quiet --no-fuzzy-matching --no-location --no-wrap --output-file="$tmp/po" \
        app/po/id.po "$pot"
    msgattrib --no-obsolete --no-wrap --output-file=app/po/id.po "$tmp/po"
    msgfmt --statistics -o "$tmp/mo" app/po/id.po
fi
