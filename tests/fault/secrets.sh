#!/bin/sh
# An attacker on the same account beside a running interview: what has been typed, and the passphrase, stand in
# no file (store, log, temporary files, what is left after a crash), in no argument and in no environment; the
# process leaves no core and lets nobody attach.
set -eu
cacah=${CACAH:-build/app/cacah}
here=$(cd "$(dirname "$0")/../.." && pwd)
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-secrets.XXXXXX")
pid=
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
mkdir tmp state
chmod 1777 tmp
export TMPDIR="$work/tmp" XDG_STATE_HOME="$work/state"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# As root, somebody without rights is asked to look: root may read everything.
as=
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    as='setpriv --reuid 65534 --regid 65534 --clear-groups'
    chmod 755 "$work"
    mkdir home
    chown 65534:65534 home state
    cp "$cacah" program && cacah=$work/program
    cp "$here/forms/tabalong/governance.md" "$here/forms/tabalong/wilayah.csv" .
else
    mkdir home
    cp "$here/forms/tabalong/governance.md" "$here/forms/tabalong/wilayah.csv" .
fi
echo 'frasa kantor untuk latihan' >office.pass
echo 'pitakonan rahasia sekali' >laptop.pass
chmod 644 ./*.pass
run() { $as "$cacah" "$@" >home/out.txt 2>&1 </dev/null || { cat home/out.txt >&2; fail "cacah $1"; }; }
chmod 1777 home
run office init --store home/office.cacah --passphrase-file office.pass --paper-to home/paper.txt --form governance.md
run office kit --store home/office.cacah --passphrase-file office.pass --label L -o home/kit --code-to home/code.txt
run join home/kit --store home/laptop.cacah --passphrase-file laptop.pass --code-file home/code.txt --user 'Rina Marlina'
rm home/paper.txt home/code.txt

mkfifo typed
chmod 666 typed
ulimit -c unlimited 2>/dev/null || true
# shellcheck disable=SC2086
$as "$cacah" interview dampak_gov --linear --store home/laptop.cacah --passphrase-file laptop.pass \
    <typed >screen.txt 2>&1 &
pid=$!
exec 3>typed
head -n 12 "$here/tests/circle.answers" | sed 's/^Ibu Sri$/Ibu Kanthi/; s/^081234567890$/081299988877/' >&3
for i in $(seq 100); do
    # the question behind the telephone number is on the screen: the answer is taken
    grep -q '^13\.' screen.txt && break
    [ "$i" = 100 ] && { cat screen.txt >&2; fail 'the interview does not come to its question'; }
    sleep 0.1
done
run status --store home/laptop.cacah --passphrase-file laptop.pass # only looks: beside the one who writes
grep -q draft home/out.txt || fail 'the draft is not seen beside the interview'
grep -q 'Max core file size *0 *0 ' "/proc/$pid/limits" || fail 'a core may be written'
[ -s home/laptop.cacah-wal ] || fail 'there is no log to look at'
if [ -n "$as" ]; then
    if $as cat "/proc/$pid/environ" >/dev/null 2>&1; then fail 'somebody of the same account reads its environment'; fi
    if $as cat "/proc/$pid/maps" >/dev/null 2>&1; then fail 'somebody of the same account reads its memory map'; fi
fi

secrets='pitakonan rahasia|Ibu Kanthi|081299988877|Rina Marlina|Lapat Kaka Kia'
look() {
    if grep -rlaE "$secrets" home tmp state 2>/dev/null | grep -v 'home/out.txt'; then fail "$1"; fi
}
look 'in the clear while it runs'
for f in cmdline environ; do
    if tr '\0' '\n' <"/proc/$pid/$f" 2>/dev/null | grep -qaE "$secrets"; then fail "in /proc/PID/$f"; fi
done
kill -ABRT "$pid"
wait "$pid" 2>/dev/null || true
pid=
exec 3>&-
look 'in the clear after a crash'
[ -z "$(find . -name 'core*')" ] || fail 'there is a core'
[ -z "$(ls tmp)" ] || fail 'temporary files are left'
run verify home/laptop.cacah --passphrase-file laptop.pass
run status --store home/laptop.cacah --passphrase-file laptop.pass
grep -q draft home/out.txt || fail 'the draft is not there'
echo 'Nothing typed and no passphrase is found beside it.'
