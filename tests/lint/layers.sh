#!/bin/sh
# Reads every #include line against the arrows between folders. A line of the table: FOLDER: what it may
# include of ours (folders; its own is always allowed), then after | the outside headers that this folder
# alone may include.
set -u
cd "$(dirname "$0")/../.."

table='
forms/base:
forms/expr: forms/base
forms/read: forms/base forms/expr
forms/model: forms/base forms/expr forms/read
forms/run: forms/base forms/expr forms/model
sync: forms/base
sync/io: forms/base sync
sync/crypt: forms/base sync
sync/store: forms/base sync sync/io sync/crypt
sync/bundle: forms/base sync sync/io sync/crypt sync/store
sync/merge: forms/base sync sync/io sync/crypt sync/store sync/bundle
sync/transport: forms/base sync sync/io sync/crypt sync/store sync/bundle
app: forms/base
app/flow: forms/* sync sync/io sync/crypt sync/store sync/bundle sync/merge sync/transport app
app/view: forms/base forms/expr forms/model forms/run sync/crypt sync/store sync app app/flow
app/ui: forms/base forms/expr forms/model forms/run sync sync/crypt sync/store app app/flow app/view
app/office: forms/* sync sync/* app app/flow app/export
app/export: forms/* sync sync/io sync/crypt sync/store app app/flow
app/report: forms/* sync sync/* app app/flow app/office
app/cmd: forms/* sync sync/* app app/*
'
# Outside headers with one home.
homes='
sqlite3.h sync/store/
sodium.h sync/crypt/
curl/curl.h sync/transport/
curses.h app/ui/term.c
ncurses.h app/ui/term.c
ncursesw/curses.h app/ui/term.c
xlsxwriter.h app/export/
readstat.h app/export/
'
faults=$(mktemp)
trap 'rm -f "$faults"' EXIT

allowed() { # allowed FROM TO
    [ "$1" = "$2" ] && return 0
    line=$(printf '%s' "$table" | grep "^$1:" | cut -d: -f2)
    for may in $line; do
        case $2 in
        $may) return 0 ;;
        esac
    done
    return 1
}

for file in $(git ls-files 'forms/*.[ch]' 'sync/*.[ch]' 'app/*.[ch]' 'forms/*.def' 'sync/*.def' 'app/*.def'); do
    from=$(dirname "$file")
    [ "$file" = app/main.c ] && from=app/cmd
    sed -n 's/^ *# *include *["<]\([^">]*\)[">].*/\1/p' "$file" | while read -r inc; do
        case $inc in
        forms/* | sync/* | app/*)
            allowed "$from" "$(dirname "$inc")" || echo "$file: may not include $inc"
            case $inc in
            *_i.h) [ "$from" = "$(dirname "$inc")" ] || echo "$file: $inc is private to its folder" ;;
            esac
            ;;
        tests/*) echo "$file: may not include $inc" ;;
        *)
            home=$(printf '%s' "$homes" | awk -v h="$inc" '$1 == h {print $2}')
            if [ -n "$home" ]; then
                case $file in
                "$home"*) ;;
                *) echo "$file: $inc belongs to $home alone" ;;
                esac
            fi
            ;;
        esac
    done
done >"$faults"
cat "$faults"
[ ! -s "$faults" ]
