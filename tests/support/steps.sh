# Steps of a script that drives the program: sourced, with $0 still the script's. Sets `cacah`, absolute. What a
# command says is in out.txt of the present folder.
cacah=${CACAH:-build/app/cacah}
case $cacah in
/*) ;;
*) cacah=$(pwd)/$cacah ;;
esac

fail() {
    echo "FAILED: $*" >&2
    sed 's/^/   /' out.txt >&2
    exit 1
}

# does CODE COMMAND…: runs it with its exit code expected.
does() {
    want=$1
    shift
    status=0
    "$cacah" "$@" >out.txt 2>&1 </dev/null || status=$?
    [ "$status" = "$want" ] || fail "cacah $* ended with $status, not $want"
}
says() { grep -q -- "$1" out.txt || fail "it does not say: $1"; }
silent_about() { ! grep -q -- "$1" out.txt || fail "it says: $1"; }
