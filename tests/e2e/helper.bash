# What the end-to-end tests share. A .bats file that loads this gets a server with the companies and people of world_make
# (tests/run.bash), for itself or, where shared.bash has begun one, with that as if it were for itself: it finds the world
# as it was made. Files that stop their server, or look at all that it did, stand in e2e/server and have their own.
#
# as PROFILE WORDS…             runs jiayi as PROFILE; sets status, output (stdout), lines of it that are not empty, and stderr
# json PROFILE WORDS…           the same with -o json, and it must succeed
# refused STATUS TEXT PROFILE…  must fail with this exit status, say TEXT (in whatever case) in one line on stderr, and
#                               print nothing else
# is FILTER VALUE               jq's FILTER on the output of the last command gives VALUE
# says TEXT | lacks TEXT        the output of the last command has, or has not, TEXT
# api PROFILE METHOD [JSON]     a call of a method by name, as JSON; must succeed

bats_require_minimum_version 1.5.0
# Where a test plays a terminal, nothing waits for somebody to read on; a test of the pager names one.
export PAGER=cat
. "$(dirname "${BASH_SOURCE[0]}")/../run.bash"
. "$(dirname "${BASH_SOURCE[0]}")/../eventually.bash"

# Exit statuses of the client: 10 + the code.
# shellcheck disable=SC2034
{
INVALID_ARGUMENT=13
DEADLINE_EXCEEDED=14
NOT_FOUND=15
ALREADY_EXISTS=16
PERMISSION_DENIED=17
RESOURCE_EXHAUSTED=18
FAILED_PRECONDITION=19
ABORTED=20
UNIMPLEMENTED=22
UNAVAILABLE=24
UNAUTHENTICATED=26
USAGE=2
LOCAL=1
}

# jq takes a fortieth of a second to begin, and is asked some thousand times; where there is gojq, that speaks the same at once.
# It has keys sorted without being told.
! type -P gojq >/dev/null || jq() {
    [ "$1" != -S ] || shift
    gojq "$@"
}

setup_file() {
    world_open
}

teardown_file() {
    world_close
}

# world_open [ARG…]: the server of this file, with these flags. ./dev test makes the template for all files; a file run by
# hand makes its own.
# shellcheck disable=SC2120
world_open() {
    if [ -n "${SHARED:-}" ]; then
        world_again "$SHARED" >&2
        return
    fi
    if [ -z "${WORLD:-}" ]; then
        SCRATCH=$(mktemp -d "$(scratch_root)/jiayi-e2e.XXXXXX")
        chmod 755 "$SCRATCH"
        export SCRATCH OWN_SCRATCH=$SCRATCH XDG_CONFIG_HOME=$SCRATCH/config
        mkdir -m 700 "$XDG_CONFIG_HOME"
        world_make >&2
    fi
    HERE=$(basename "${BATS_TEST_FILENAME%/*}")-$(basename "$BATS_TEST_FILENAME" .bats)
    HERE=$SCRATCH/$HERE
    export HERE DATA=$HERE/data
    world_start "$HERE" "$@" >&2
}

world_close() {
    local status=0
    [ -z "${SHARED:-}" ] || return 0
    server_stop "$DATA" >&2 || status=1
    if [ -n "${OWN_SCRATCH:-}" ]; then
        processes_end "$OWN_SCRATCH"
        rm -rf "$OWN_SCRATCH"
    elif [ $status -eq 0 ]; then
        rm -rf "$HERE"
    fi
    return $status
}

# What bats's `run --separate-stderr` does in twice the time, as long as jiayi itself takes.
as() {
    local - IFS=$'\n' profile=$1 said=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/said
    shift
    status=0
    output=$("$JIAYI" --profile "$profile" "$@" 2>"$said") || status=$?
    stderr=$(<"$said")
    set -f
    # shellcheck disable=SC2034,SC2206 # tests look at them; as words, a line each
    lines=($output)
}

json() {
    as "$1" -o json "${@:2}"
    ok
}

ok() {
    [ "$status" -eq 0 ] || complain "exit status $status instead of 0"
}

refused() {
    local want=$1 text=$2
    shift 2
    as "$@"
    was_refused "$want" "$text"
}

# The same of a command that has run already.
was_refused() {
    [ "$status" -eq "$1" ] || complain "exit status $status instead of $1"
    [ -z "$output" ] || complain "a failure printed something on stdout"
    [ "$(wc -l <<<"$stderr")" -eq 1 ] || complain "not one line of explanation"
    # A field is TITLE among the words, --page-token among the flags and page_token in JSON.
    local said=${stderr,,} text=${2,,}
    said=${said//_/-} text=${text//_/-}
    [[ $said = *"$text"* ]] || complain "the explanation lacks \"$2\""
}

# terminal COLUMNS LANGUAGE PROFILE WORDS…: runs jiayi on a terminal of its own; PAGING is the pager that it has.
terminal() {
    local columns=$1 language=$2 command
    printf -v command '%q ' env "LC_ALL=$language" ${PAGING:+"$PAGING"} "$JIAYI" --profile "${@:3}"
    run env TERM=xterm SHELL=/bin/sh script -qec "stty cols $columns; $command" /dev/null
    output=${output//$'\r'/}
    ok
}

# hold SQL: keeps the locks that a statement takes, in a session of PostgreSQL's own, until release.
hold() {
    local line=
    coproc LOCK { server_psql "$DATA" -XAtq -v ON_ERROR_STOP=1 2>&1; }
    echo "BEGIN; $1; SELECT 'held';" >&"${LOCK[1]}"
    while [ "$line" != held ]; do
        read -r -t 60 -u "${LOCK[0]}" line || complain "no lock: $1: $line"
    done
}

# hold_deal ID
hold_deal() {
    hold "SELECT FROM jiayi.deal WHERE id = $1 FOR UPDATE"
}

release() {
    echo "COMMIT; \\q" >&"${LOCK[1]}"
}

# For eventually: something waits for a lock.
hold_is_felt() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")" != 0 ]
}

# Nothing does: the server has ended what waited.
hold_is_over() {
    ! hold_is_felt
}

# second [ARG…]: one more server on the same database, at SECOND_SERVER and in the folder SECOND, until second_close; the
# profiles of SECOND_CONFIG reach it. For files whose server is their own.
second() {
    local first=$SERVER ca=$CA
    SECOND=$HERE/second SECOND_CONFIG=$HERE/second-config
    [ -d "$SECOND" ] || { cp -a "$DATA" "$SECOND" && rm -rf "$SECOND/pg"; }
    DETACH=${DETACH:-} server_start "$SECOND" --database "host=$DATA/run dbname=jiayi user=postgres" "$@" >&2
    SECOND_SERVER=$SERVER
    export SERVER=$first CA=$ca
    cp -a "$XDG_CONFIG_HOME" "$SECOND_CONFIG"
    find "$SECOND_CONFIG" -type f -exec sed -i "s|$SERVER|$SECOND_SERVER|g" {} +
}

second_close() {
    local status=0
    [ -n "${SECOND:-}" ] || return 0
    server_stop "$SECOND" || status=1
    rm -rf "$SECOND" "$SECOND_CONFIG"
    return $status
}

complain() {
    printf '%s\nstatus: %s\nstdout: %s\nstderr: %s\n' "$1" "$status" "$output" "${stderr:-}"
    return 1
}

is() {
    local value
    value=$(jq -r "$1" <<<"$output") || complain "jq $1"
    [ "$value" = "$2" ] || complain "$1 is \"$value\" instead of \"$2\""
}

says() {
    case $output in *"$1"*) ;; *) complain "the output lacks \"$1\"" ;; esac
}

lacks() {
    case $output in *"$1"*) complain "the output has \"$1\"" ;; esac
}

api() {
    json "$1" api call "${@:2}"
}

# The number of a new deal: new_deal PROFILE [ARG…].
new_deal() {
    "$JIAYI" --profile "$1" -o json deal create "Deal of $1" --customer Customer "${@:2}" | jq -er .id
}

# The number of a new report of a day: new_report PROFILE TO [ARG…].
new_report() {
    echo "Text of $1" | "$JIAYI" --profile "$1" -o json report submit --kind daily --period 2026-11-20 --to "$2" \
        --title "Report of $1" --file - "${@:3}" | jq -er .id
}

# The one value that a query of the superuser gives.
sql() {
    server_psql "$DATA" -XAtqc "$1"
}

# How many changes the audit log has: what did nothing adds none.
changes() {
    sql 'SELECT count(*) FROM jiayi.audit_entries()'
}
