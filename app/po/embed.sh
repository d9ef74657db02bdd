#!/bin/sh
# Compiles a catalogue and writes its bytes as the inside of a C array: embed.sh FILE.po OUT.inc
set -eu
mo=$(mktemp)
trap 'rm -f "$mo"' EXIT
msgfmt --check --endianness=little --no-hash -o "$mo" "$1"
od -An -v -tu1 "$mo" | sed 's/ *\([0-9][0-9]*\)/\1,/g' >"$2"
