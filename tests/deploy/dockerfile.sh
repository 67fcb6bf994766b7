#!/usr/bin/env bash
# Tries the steps of deploy/Dockerfile in clean Debian 12 roots, without Docker: its own RUN, COPY, ENV, WORKDIR, USER and CMD
# lines, and the health check; then a server is made and served in the last one, and somebody signs in. As root.
#
# usage: tests/deploy/dockerfile.sh [ROOT]      ROOT: a clean root by debootstrap --variant=minbase; without one it is made
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/deploy/root.bash
WORK=
MOUNTED=()

die() {
    echo "dockerfile.sh: $*" >&2
    exit 1
}

say() {
    printf '\n== %s\n' "$*"
}

sweep() {
    local status=$? at
    cd /
    if [ -n "${SERVED:-}" ] && kill -0 "$SERVED" 2>/dev/null; then
        kill "$SERVED"
        wait "$SERVED" || true
    fi
    for ((at = ${#MOUNTED[@]} - 1; at >= 0; at--)); do
        umount -l "${MOUNTED[at]}" || true
    done
    [ -z "$WORK" ] || rm -rf --one-file-system "$WORK"
    exit "$status"
}

# base DIR: a clean root with the kernel's file systems.
base() {
    local what
    clean_root "$1" "${GIVEN:-}"
    for what in proc sys dev; do
        mkdir -p "$1/$what"
        mount --rbind "/$what" "$1/$what"
        mount --make-rslave "$1/$what"
        MOUNTED+=("$1/$what")
    done
}

# inside WORDS…: runs them in the root of the stage, with its environment, folder and user.
inside() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${ENVIRONMENT[@]}" \
        chroot ${USER_IS:+--userspec="$USER_IS:$USER_IS"} "$HERE" \
        /bin/sh -c 'cd "$0" && exec "$@"' "${FOLDER:-/}" "$@"
}

# json_words ["a", "b"]: the words, one a line.
json_words() {
    grep -o '"[^"]*"' <<<"$1" | tr -d '"'
}

# step INSTRUCTION REST
step() {
    local words last
    case $1 in
    FROM)
        NUMBER=$((NUMBER + 1))
        HERE=$WORK/stage-$NUMBER
        FOLDER=/ USER_IS='' ENVIRONMENT=()
        [[ ${2%% *} = debian:12* ]] || die "this only knows debian:12, not ${2%% *}"
        case $2 in *" AS "*) STAGE[${2##* }]=$HERE ;; esac
        base "$HERE"
        ;;
    ENV) ENVIRONMENT+=("$2") ;;
    WORKDIR) FOLDER=$2 && mkdir -p "$HERE$2" ;;
    RUN) inside env "${FETCHING[@]}" /bin/sh -c "$2" ;;
    COPY)
        read -ra words <<<"$2"
        last=${words[-1]}
        if [[ ${words[0]} = --from=* ]]; then
            mkdir -p "$HERE$last"
            cp -a "${STAGE[${words[0]#--from=}]}${words[1]}/." "$HERE$last"
        else
            mkdir -p "$HERE$last"
            # What .dockerignore leaves: what git knows, and what is new.
            git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$HERE$last"
        fi
        ;;
    USER) USER_IS=$2 ;;
    HEALTHCHECK) HEALTH=${2##*CMD } ;;
    ENTRYPOINT) ENTRYPOINT=$2 ;;
    CMD) COMMAND=$2 ;;
    VOLUME | EXPOSE | STOPSIGNAL) ;;
    *) die "unknown instruction $1" ;;
    esac
}

[ "$(id -u)" -eq 0 ] || die "this needs root"
GIVEN=${1:-}
[ -n "$GIVEN" ] || command -v debootstrap >/dev/null || die "this needs debootstrap"
trap sweep EXIT
trap 'exit 130' INT TERM
WORK=$(mktemp -d /var/tmp/jiayi-docker.XXXXXX)
declare -A STAGE
NUMBER=0
mapfile -t FETCHING < <(fetching)

# Lines that end in a backslash go on; comments are none of it.
while IFS= read -r line; do
    [ -n "$line" ] || continue
    say "$(cut -c 1-110 <<<"$line")"
    step "${line%% *}" "${line#* }" >"$WORK/output" 2>&1 || {
        tail -n 40 "$WORK/output"
        die "failed: $line"
    }
done < <(grep -v '^[[:space:]]*#' deploy/Dockerfile | sed -e ':again' -e '/\\$/{N;s/[[:space:]]*\\\n[[:space:]]*/ /;b again' -e '}')

say "no root, no build tools, both programs"
[ "$USER_IS" = jiayi ]
[ ! -e "$HERE/usr/bin/gcc" ] && [ ! -e "$HERE/src" ]
inside jiayid --version
inside jiayi --version
du -sh --one-file-system "$HERE" | cut -f 1

say "init"
install -d -m 700 "$HERE/var/lib/jiayi/secrets"
(umask 077 && echo 'secret of the operator' >"$HERE/var/lib/jiayi/secrets/operator")
inside chown --version >/dev/null
chroot "$HERE" chown -R jiayi:jiayi /var/lib/jiayi/secrets
inside jiayid init --data /var/lib/jiayi/data --operator operator@jiayi.example --password-file /var/lib/jiayi/secrets/operator \
    --hostname jiayi.example

say "serve: ENTRYPOINT and CMD, on another port"
mapfile -t words < <(json_words "$ENTRYPOINT")
mapfile -t more < <(json_words "$COMMAND")
PORT=$((20000 + RANDOM % 10000))
more[-1]=127.0.0.1:$PORT
inside "${words[@]}" "${more[@]}" >"$WORK/out" 2>"$WORK/err" &
SERVED=$!
until grep -q '^listening' "$WORK/out"; do
    kill -0 "$SERVED" || { cat "$WORK/err"; die "does not serve"; }
    sleep 0.1
done
cat "$WORK/out"

say "the health check"
mapfile -t words < <(json_words "$HEALTH")
inside "${words[@]//:7443/:$PORT}"

say "login, whoami, backup"
inside env HOME=/var/lib/jiayi jiayi login --server "127.0.0.1:$PORT" --ca /var/lib/jiayi/data/tls/ca.pem \
    --user operator@jiayi.example --password-file /var/lib/jiayi/secrets/operator
inside env HOME=/var/lib/jiayi jiayi whoami
inside env TMPDIR=/var/lib/jiayi jiayid backup /var/lib/jiayi/backup --data /var/lib/jiayi/data --verify

say "SIGTERM"
kill "$(pgrep -P "$SERVED" -x jiayid || echo "$SERVED")"
wait "$SERVED"
SERVED=
say "every step of deploy/Dockerfile works"
