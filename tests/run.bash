# Scratch servers for the demo, the tests and ./dev up. Sourced, never run.
#
# scratch_make NAME [ROOT] a folder of our own, in ROOT or /tmp, as SCRATCH; on exit, whatever way, it goes with every process
#                          that works in it
# scratch_root             where there is memory to spare, a ROOT in memory: a cluster waits for the disk often
# server_init DIR          makes DIR with jiayid init; the operator is $OPERATOR, with the password of `password_file operator`
# server_start DIR [ARG…]  starts jiayid serve on a free port and waits for it; sets SERVER (HOST:PORT) and CA. With
#                          DETACH=setsid it outlives the terminal
# server_stop DIR          stops it as an operator would; fails where it ended badly or a sanitizer complained
# server_psql DIR …        psql as the superuser of DIR's private cluster
# password_file WHO        the path of a 0600 file with the password of WHO, made at first use
# sign_in PROFILE EMAIL    signs EMAIL in as a profile of that name; further words go to jiayi login

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$ROOT/build}
JIAYI=$BUILD/jiayi
JIAYID=$BUILD/jiayid
OPERATOR=operator@jiayi.example
export NO_COLOR=1 LC_ALL=C.UTF-8
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:check_initialization_order=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$ROOT/tests/tsan.supp}

scratch_make() {
    SCRATCH=$(mktemp -d "${2:-/tmp}/jiayi-$1.XXXXXX")
    chmod 755 "$SCRATCH" # the server's user has to pass through it
    export SCRATCH XDG_CONFIG_HOME=$SCRATCH/config
    mkdir -m 700 "$XDG_CONFIG_HOME"
    trap scratch_sweep EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

scratch_root() {
    local free=0
    [ ! -w /dev/shm ] || free=$(df --output=avail -k /dev/shm | tail -n 1)
    if [ "$free" -gt 4000000 ]; then echo /dev/shm; else echo /tmp; fi
}

# The ids of the processes whose command line names the folder $1.
processes_in() {
    local proc words
    # A set-up that failed early has no folder to name; without one, everybody's processes would be meant.
    [ -n "$1" ] || return 0
    for proc in /proc/[0-9]*; do
        [ "${proc#/proc/}" != $$ ] || continue
        mapfile -d '' -t words 2>/dev/null <"$proc/cmdline" || continue
        case "${words[*]}" in *jiayi*"$1"/* | *postgres*"$1"/*) echo "${proc#/proc/}" ;; esac
    done
}

# Ends every process that works in the folder $1: asks, waits up to 5 s, then kills.
processes_end() {
    local pids tries
    mapfile -t pids < <(processes_in "$1")
    [ ${#pids[@]} -gt 0 ] || return 0
    kill "${pids[@]}" 2>/dev/null
    for ((tries = 0; tries < 50; tries++)); do
        mapfile -t pids < <(processes_in "$1")
        [ ${#pids[@]} -gt 0 ] || return 0
        sleep 0.1
    done
    kill -KILL "${pids[@]}" 2>/dev/null
    sleep 0.1
}

# scratch_sweep [STATUS]
scratch_sweep() {
    local status=${1:-$?}
    trap - EXIT
    trap '' HUP INT TERM # nothing stops the cleaning
    cd /
    processes_end "$SCRATCH"
    if [ "$status" -ne 0 ] && [ -n "${KEEP:-}" ]; then
        echo "kept: $SCRATCH" >&2
    else
        rm -rf "$SCRATCH"
    fi
    exit "$status"
}

password_file() {
    local file=$SCRATCH/passwords/$1
    if [ ! -e "$file" ]; then
        [ -d "${file%/*}" ] || mkdir -m 700 "${file%/*}"
        (umask 077 && echo "secret-of-$1" >"$file")
    fi
    echo "$file"
}

server_init() {
    local dir=$1
    shift
    "$JIAYID" init --data "$dir" --operator "$OPERATOR" --password-file "$(password_file operator)" "$@"
}

# A port of the loopback that nobody listens on, below those that the kernel gives out. It is this shell's as long as that
# lives, whether somebody listens meanwhile or not: a link that names the shell keeps others from taking it.
free_port() {
    local port taken=/tmp/jiayi-ports holder
    [ -d "$taken" ] || mkdir -m 1777 "$taken" 2>/dev/null || true
    while :; do
        port=$((20000 + SRANDOM % 12000))
        holder=$(readlink "$taken/$port") && [ ! -e "/proc/$holder" ] && rm -f "$taken/$port"
        ln -s "$$" "$taken/$port" 2>/dev/null || continue
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# The last words of a server that did not start.
server_failed() {
    echo "jiayid serve: $1" >&2
    tail -n 20 "$2" >&2
}

server_start() {
    local dir=$1 log=$1.log out=$1.out pid attempt wait
    shift
    for attempt in 1 2 3 4 5; do
        SERVER=127.0.0.1:$(free_port)
        CA=$dir/tls/ca.pem
        : >"$out"
        ${DETACH:-} "$JIAYID" serve --data "$dir" --listen "$SERVER" "$@" </dev/null >"$out" 2>>"$log" 3>&- &
        pid=$!
        echo "$pid" >"$dir.pid"
        for ((wait = 0; wait < 1500; wait++)); do
            if grep -q "^listening on tls+tcp://$SERVER" "$out"; then
                export SERVER CA
                return 0
            fi
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.02
        done
        kill -0 "$pid" 2>/dev/null && break
        grep -qiE 'in use' "$log" || break # somebody else took the port meanwhile: try another
    done
    server_failed "did not listen (attempt $attempt)" "$log"
    return 1
}

server_stop() {
    local dir=$1 pid status=0 wait
    pid=$(cat "$dir.pid")
    kill -TERM "$pid" 2>/dev/null
    # Where it was started by another shell, it is no child of ours and can only be watched.
    for ((wait = 0; wait < 1500; wait++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.02
    done
    wait "$pid" 2>/dev/null || status=$?
    [ "$status" -ne 127 ] || status=0
    if kill -0 "$pid" 2>/dev/null; then
        server_failed "does not stop" "$dir.log"
        processes_end "${dir%/*}"
        return 1
    fi
    if [ "$status" -ne 0 ]; then
        server_failed "ended with status $status" "$dir.log"
        return 1
    fi
    if grep -qE 'Sanitizer|runtime error:' "$dir.log"; then
        grep -E -A 30 'Sanitizer|runtime error:' "$dir.log" >&2
        return 1
    fi
}


# Runs a command as the user that servers run as: only it may connect to their database.
as_server_user() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

# with_psql DIR COMMAND…: COMMAND with the environment by which psql connects as the superuser of DIR's cluster.
with_psql() {
    local dir=$1
    shift
    (cd / && as_server_user env PGHOST="$dir/run" PGUSER=postgres PGDATABASE=jiayi PSQLRC=/dev/null "$@")
}

server_psql() {
    local dir=$1
    shift
    with_psql "$dir" psql "$@"
}

# sign_in PROFILE EMAIL [ARG…]
sign_in() {
    local profile=$1 email=$2
    shift 2
    "$JIAYI" --profile "$profile" login --server "$SERVER" --ca "$CA" --user "$email" \
        --password-file "$(password_file "$profile")" "$@"
}

# --- The world of the end-to-end tests: three companies whose people are signed in, made once and copied.
#
#   acme   admin manager sales (under manager) junior (under sales) peer (a salesperson under nobody) partner auditor
#   beta   beta-admin beta-manager beta-vendor (under beta-manager) beta-peer; a vendor of acme
#   gamma  gamma-admin gamma-sales; has to do with nobody
#
# A profile is named like the person; the address of `sales` is sales@acme.example, of `beta-vendor` vendor@beta.example.

# email PROFILE
email() {
    case $1 in
    operator) echo "$OPERATOR" ;;
    beta-* | gamma-*) echo "${1#*-}@${1%%-*}.example" ;;
    *) echo "$1@acme.example" ;;
    esac
}

# world_person BY PROFILE ROLE [ARG…]: the admin BY adds a member, who signs in.
world_person() {
    local by=$1 profile=$2 role=$3
    shift 3
    "$JIAYI" --profile "$by" member add "$(email "$profile")" --name "${profile^}" --role "$role" \
        --password-file "$(password_file "$profile")" "$@" &&
        sign_in "$profile" "$(email "$profile")"
}

# world_company SLUG ADMIN-PROFILE
world_company() {
    "$JIAYI" --profile operator company create "$1" --name "${1^}" --admin "$(email "$2")" --admin-name "${2^}" \
        --admin-password-file "$(password_file "$2")" &&
        sign_in "$2" "$(email "$2")"
}

world_people() {
    sign_in operator "$OPERATOR" &&
        world_company acme admin && world_company beta beta-admin && world_company gamma gamma-admin &&
        world_person admin manager manager &&
        world_person admin sales salesperson --manager manager@acme.example &&
        world_person admin junior salesperson --manager sales@acme.example &&
        world_person admin peer salesperson &&
        world_person admin partner partner &&
        world_person admin auditor auditor &&
        world_person beta-admin beta-manager manager &&
        world_person beta-admin beta-vendor vendor --manager manager@beta.example &&
        world_person beta-admin beta-peer vendor &&
        world_person gamma-admin gamma-sales salesperson &&
        "$JIAYI" --profile admin partner invite beta &&
        "$JIAYI" --profile beta-admin partner accept acme
}

# world_make [DIR]: the template, in DIR or $SCRATCH/world. A server that another process copies must not run.
world_make() {
    export WORLD=${1:-$SCRATCH/world}
    mkdir -m 755 "$WORLD"
    server_init "$WORLD/data" >"$WORLD/log" && server_start "$WORLD/data" &&
        world_people >>"$WORLD/log" && server_stop "$WORLD/data" || {
        cat "$WORLD/log" >&2
        return 1
    }
    cp -a "$XDG_CONFIG_HOME" "$WORLD/config"
    printf '%s\n' "$SERVER" >"$WORLD/server"
}

# world_make_once DIR: the same, where several processes want the same one.
world_make_once() {
    export WORLD=$1
    (
        flock 9
        [ -e "$WORLD/server" ] || world_make "$WORLD" 9>&-
    ) 9>"$WORLD.lock"
}

# world_start DIR [ARG…]: a copy of the template in DIR, running with these flags; sets SERVER, CA and XDG_CONFIG_HOME.
world_start() {
    local dir=$1
    shift
    mkdir -m 755 "$dir"
    cp -a "$WORLD/data" "$dir/data"
    cp -a "$WORLD/config" "$dir/config"
    export XDG_CONFIG_HOME=$dir/config
    server_start "$dir/data" --log-level debug "$@" || return 1
    # The profiles name the server and the CA that they were made with.
    find "$dir/config" -type f -exec sed -i \
        -e "s|$(cat "$WORLD/server")|$SERVER|g" -e "s|$WORLD/data/|$dir/data/|g" {} +
}

# world_keep DIR: remembers the rows and profiles of the server in DIR, for world_again.
world_keep() {
    cp -a "$1/config" "$1/config.kept"
    server_psql "$1/data" -XAtq -v ON_ERROR_STOP=1 <<'END'
CREATE SCHEMA kept;
SELECT format('CREATE TABLE kept.%1$I AS TABLE jiayi.%1$I', relname)
FROM pg_class WHERE relnamespace = 'jiayi'::regnamespace AND relkind = 'r' AND relname !~ '^schema_' \gexec
CREATE TABLE public.kept_sequences AS SELECT * FROM pg_sequences WHERE schemaname = 'jiayi';
CREATE TABLE public.kept_triggers AS SELECT tgrelid, tgname FROM pg_trigger WHERE tgenabled = 'A';
END
}

# world_again DIR: takes back all that calls did since, while the server runs; which schema it is nobody changes, and who
# asked for that just when a table was emptied would see none.
world_again() {
    server_psql "$1/data" -XAtq -v ON_ERROR_STOP=1 >/dev/null <<'END'
BEGIN;
SET LOCAL session_replication_role = replica; -- no foreign keys, and no triggers but those that always fire
SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) FROM public.kept_triggers \gexec
SELECT 'TRUNCATE ' || string_agg(format('jiayi.%I', relname), ', ')
FROM pg_class WHERE relnamespace = 'jiayi'::regnamespace AND relkind = 'r' AND relname !~ '^schema_' \gexec
SELECT format('INSERT INTO jiayi.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM kept.%1$I', relname,
    string_agg(quote_ident(attname), ', '))
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'jiayi'::regnamespace AND relkind = 'r' AND relname !~ '^schema_' AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
GROUP BY relname \gexec
SELECT setval(format('jiayi.%I', sequencename), coalesce(last_value, start_value), last_value IS NOT NULL)
FROM public.kept_sequences;
SELECT format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', tgrelid::regclass, tgname) FROM public.kept_triggers \gexec
COMMIT;
END
    rm -rf "$1/config"
    cp -a "$1/config.kept" "$1/config"
}
