#!/bin/sh
# Calls that have no place here, and comments that should not stay. Each line: where a pattern may not
# stand, the pattern, why.
set -u
cd "$(dirname "$0")/../.."
bad=0

refuse() { # refuse WHY PATTERN FILE…
    why=$1
    pattern=$2
    shift 2
    hits=$(git ls-files "$@" | xargs -r grep -nE "$pattern")
    [ -z "$hits" ] && return
    printf '%s\n' "$hits" | sed "s|\$|   <- $why|"
    bad=1
}

code="forms/*.c forms/*.h sync/*.c sync/*.h app/*.c app/*.h"
# shellcheck disable=SC2086
{
    refuse 'no bound' '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\(' $code
    refuse 'locale, no error: forms/base/num.h' '\b(atoi|atol|atof|strtod|strtof|strtold)\(' $code
    refuse 'use crypt_random or the host' '\b(rand|srand|drand48)\(' $code
    refuse 'secrets leak through time: sodium_memcmp' '\bmemcmp\([^)]*(secret|key|pass)' 'sync/crypt/*.c'
    refuse 'comments are /* */' '^[[:space:]]*//|[;{}][[:space:]]*//' $code
    refuse 'name an issue or mend it' '\b(TODO|FIXME|XXX)\b' $code
    refuse 'forms/ reads no clock and opens no file' \
        '\b(time|clock_gettime|gettimeofday|fopen|open|getenv|localtime|localtime_r)\(' \
        'forms/*.c' 'forms/*.h'
    refuse 'libraries do not print' '\b(printf|fprintf|puts|perror)\(' 'forms/*.c' 'sync/*.c'
    refuse 'libraries do not exit' '\bexit\(' 'forms/*.c' 'sync/*.c'
}
exit $bad
