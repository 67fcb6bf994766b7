#!/usr/bin/env bash
# Attacks a server of its own in a scratch folder, each attack beside a well-behaved client, and prints what the
# client saw and what the server held before, meanwhile and after. Fails when a promise is broken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/run.bash

usage() {
    cat <<'END'
usage: ./dev attack [--seconds S] [--scale F] [--only NAME[,NAME...]] [--json] [--list]

  --seconds S  how long each attack lasts once it stands, and each calm before and after it (6)
  --scale F    multiplies the attackers' connections and rates (1)
  --only NAME  only these attacks
  --json       one JSON object for each attack instead of the table
  --list       lists the attacks
END
}

arguments=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --seconds | --scale | --only)
        [ $# -ge 2 ] || {
            usage >&2
            exit 2
        }
        shift
        ;;
    --json) ;;
    --list) exec "$BUILD/tests/attack" --list ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
    shift
done

scratch_make attack
server_init "$SCRATCH/data" >/dev/null
# Whoever is in one of these attacks, is there with as many descriptors as the system lets them have.
ulimit -Sn "$(ulimit -Hn)"
server_start "$SCRATCH/data"
cp tests/bench/data.sql tests/attack/log.sql "$SCRATCH"
server_psql "$SCRATCH/data" -q -f "$SCRATCH/data.sql" -f "$SCRATCH/log.sql"
status=0
"$BUILD/tests/attack" --server "$SERVER" --ca "$CA" --pid "$(cat "$SCRATCH/data.pid")" --log "$SCRATCH/data.log" \
    --password-file "$(password_file operator)" "${arguments[@]}" || status=$?
if [[ " ${arguments[*]-} " != *" --json "* ]]; then
    cat <<'END'

Good calls are GetDeal by 8 callers, half of them by gRPC, each on a connection of its own with 2 ms of pause after an answer; "open" is a new
connection with a full handshake, a call on it and one with a request of 150 kB, ten a second at most. A call counts for the phase in which it began; every error counts, also those outside
of the measured time. Calm is the mean of right before and right after. The attackers run at SCHED_IDLE, so that they
do not take the processors that they share with the server here; what the server does for them counts. "cores" says who used the
processors, calm and under attack: where others took the machine meanwhile their sum falls, and the ratio says nothing.
Kept are: ratio >= 0.5, beside frames of HTTP/2 >= 0.8, no errors, descriptors as before, RSS after <= base + 10 % + 8 MiB (the base is after a first round of the
same attack), log <= 128 KiB a second, no secrets in the log, a new connection works.
END
fi
server_stop "$SCRATCH/data"
exit $status
