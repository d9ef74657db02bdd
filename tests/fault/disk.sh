#!/bin/sh
# Disks as they are in the field: full, read-only, a quota used up. On a small disk of its own: a tmpfs in a
# mount namespace, which needs the right to make one; where there is none, this is skipped (77) and says why.
# Each time: a clear sentence and exit code 3; nothing lost; the interview goes on once there is room.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/support/steps.sh"
if [ -z "${CACAH_DISK_INSIDE:-}" ]; then
    for how in '-m' '-rm'; do
        # shellcheck disable=SC2086
        if unshare $how sh -c 'd=$(mktemp -d) && mount -t tmpfs -o size=1m none "$d"' 2>/dev/null; then
            CACAH_DISK_INSIDE=1 CACAH=$cacah exec unshare $how sh "$0"
        fi
    done
    echo 'skipped: no right to mount a tmpfs in a namespace (unshare -m, unshare -rm)'
    exit 77
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/cacah-disk.XXXXXX")
disk=$work/disk
mkdir "$disk"
mount -t tmpfs -o size=8m none "$disk"
trap 'umount "$disk" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"

says() { grep -qi -- "$1" out.txt || fail "it does not say: $1"; }

echo 'frasa kantor untuk latihan' >office.pass
echo 'frasa laptop untuk latihan' >laptop.pass
field="--store $disk/laptop.cacah --passphrase-file laptop.pass"
does 0 office init --store office.cacah --passphrase-file office.pass --paper-to paper.txt \
    --form "$here/forms/tabalong/governance.md"
does 0 office kit --store office.cacah --passphrase-file office.pass --label 'Laptop 3' -o laptop.kit --code-to code.txt
does 0 join laptop.kit $field --code-file code.txt --user Rina

answered() { # how many answers the draft holds
    "$cacah" status $field --json >status.json 2>/dev/null || fail 'status'
    grep -c '"state": "draft"' status.json || true
}
interview() { # interview WANT ANSWERS [FORM]
    status=0
    # shellcheck disable=SC2086
    "$cacah" interview ${3:-} --lang en --linear $field <"$2" >out.txt 2>&1 || status=$?
    [ "$status" = "$1" ] || fail "the interview ended with $status, not $1"
}
fill() { dd if=/dev/zero of="$disk/filler" bs=4096 2>/dev/null || true; }

# ---- full: before an interview, and in the middle of one ----
head -n 4 "$here/tests/circle.answers" >first.answers
echo :quit >>first.answers
interview 0 first.answers dampak_gov
[ "$(answered)" = 1 ] || fail 'a draft'
fill
tail -n +5 "$here/tests/circle.answers" >rest.answers
interview 3 rest.answers
says 'disk is full'
[ "$(grep -c 'disk is full' out.txt)" = 1 ] || fail 'it goes on with answers to other questions'
interview 3 first.answers dampak_gov
says 'disk is full'
does 0 status $field # what only looks needs no room
says 'drafts:  1'
does 1 doctor $field
says 'free space in .*: 0 MiB'
rm "$disk/filler"
does 0 verify "$disk/laptop.cacah" --passphrase-file laptop.pass
interview 0 rest.answers # the same draft, from where it was
does 0 status $field
says 'records: 1'
[ "$(answered)" = 0 ] || fail 'the interview was not finished'

# ---- full all at once, and nobody there to make room: what follows would answer other questions ----
mkfifo lines
"$cacah" interview dampak_gov --lang en --linear $field <lines >out.txt 2>&1 &
pid=$!
exec 3>lines
head -n 4 "$here/tests/circle.answers" >&3
for i in $(seq 300); do
    [ "$(grep -c '^> ' out.txt)" -lt 4 ] || break
    [ "$i" != 300 ] || fail 'the answers are not taken'
    sleep 0.1
done
fill
cat rest.answers >&3 2>/dev/null || true
exec 3>&-
status=0
wait "$pid" || status=$?
[ "$status" = 3 ] || fail "a disk that is full ends the interview with $status, not 3"
says 'disk is full'
rm "$disk/filler" lines
[ "$(answered)" = 1 ] || fail 'the draft is not there'
does 0 verify "$disk/laptop.cacah" --passphrase-file laptop.pass

# ---- nearly full: a copy, a bundle ----
fill
truncate -s -400K "$disk/filler"
does 3 backup "$disk/copy" $field
says 'room enough'
[ ! -e "$disk/copy" ] && [ ! -e "$disk/copy.part" ] || fail 'half a backup is there'
fill
does 3 bundle $field -o "$disk/one.bundle"
[ ! -e "$disk/one.bundle" ] || fail 'half a bundle is there'
rm -f "$disk/filler"
does 0 bundle $field -o "$disk/one.bundle"
does 0 verify "$disk/laptop.cacah" --passphrase-file laptop.pass

# ---- read-only ----
mount -o remount,ro "$disk"
interview 3 first.answers dampak_gov
says 'cannot be written'
does 3 passwd $field --new-passphrase-file office.pass
says 'cannot be written'
does 3 user add Budi $field --new-passphrase-file office.pass
says 'cannot be written'
does 0 status $field # what only looks goes on
says 'records: 1'
does 0 user list $field
does 0 verify "$disk/laptop.cacah" --passphrase-file laptop.pass
does 1 doctor $field
says 'read-only'
mount -o remount,rw "$disk"
does 0 verify "$disk/laptop.cacah" --passphrase-file laptop.pass

# ---- read-only, and killed before: the log cannot be looked at there, and nobody acts as if there was none ----
mkfifo typed
"$cacah" interview dampak_gov --lang en --linear $field <typed >out.txt 2>&1 &
pid=$!
exec 3>typed
head -n 4 "$here/tests/circle.answers" >&3
for i in $(seq 300); do
    [ ! -s "$disk/laptop.cacah-wal" ] || break
    [ "$i" != 300 ] || fail 'no answer comes to the log'
    sleep 0.1
done
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
exec 3>&-
mount -o remount,ro "$disk"
does 3 status $field
says 'was not closed'
does 3 verify "$disk/laptop.cacah" --passphrase-file laptop.pass
says 'was not closed'
mount -o remount,rw "$disk"
does 0 verify "$disk/laptop.cacah" --passphrase-file laptop.pass

# ---- a quota: the limit of a file's size stands for it (what the system says differs, EDQUOT and ENOSPC are
# both tried by the fault loop) ----
(
    ulimit -f 200
    interview 3 first.answers dampak_gov
)
interview 0 first.answers dampak_gov
does 0 verify "$disk/laptop.cacah" --passphrase-file laptop.pass

# ---- a backup on a medium that cannot be written to ----
does 0 backup "$disk/stick.backup" $field
mount -o remount,ro "$disk"
does 0 verify "$disk/stick.backup" --passphrase-file laptop.pass
does 0 restore "$disk/stick.backup" --store again.cacah --passphrase-file laptop.pass
does 0 verify again.cacah --passphrase-file laptop.pass
echo 'Full, read-only, limited: nothing lost, and it goes on.'
