#!/bin/sh
# Everything `./dev lint` looks at. usage: run.sh BUILD. Every check says what is wrong and where; the
# last line is a verdict.
set -u
build=$1
cd "$(dirname "$0")/../.."
faults=0

check() { # check NAME COMMAND…
    name=$1
    shift
    if out=$("$@" 2>&1); then
        echo "ok   $name"
    else
        echo "FAIL $name"
        printf '%s\n' "$out" | head -60
        faults=$((faults + 1))
    fi
}

sources() { git ls-files '*.c' '*.h'; }

formatted() {
    sources | xargs clang-format --dry-run --Werror
}

tidy() {
    git ls-files 'forms/*.c' 'sync/*.c' 'app/*.c' |
        xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" 2>/dev/null | grep -E 'error:|warning:' &&
        return 1
    return 0
}

check 'format (clang-format 14)' formatted
check 'translations' sh app/po/update.sh --check
check 'arrows between folders' sh tests/lint/layers.sh
check 'banned calls and comments' sh tests/lint/banned.sh
check 'sizes of files and functions' python3 tests/lint/sizes.py
for script in tests/lint/*.py; do
    case $script in
    */sizes.py) ;;
    *) check "$(basename "$script" .py)" python3 "$script" ;;
    esac
done
check 'static analysis (clang-tidy)' tidy

[ "$faults" = 0 ] && echo 'lint: nothing to mend' || echo "lint: $faults checks failed"
[ "$faults" = 0 ]
