#!/usr/bin/env bash
# Measures two builds in turn, each with its own statements against its own database, and prints what changed: the medians of
# both and of their ratios in the same round.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ $# -lt 2 ]; then
    cat >&2 <<'END'
usage: tests/bench/compare.sh BEFORE AFTER [--rounds N] [--json FILE] [BENCH-ARGUMENT...]

BEFORE and AFTER are build folders. BENCH-ARGUMENT goes to bench.sh (--most --half where there is none).
END
    exit 2
fi
before=$(realpath "$1") after=$(realpath "$2")
shift 2
rounds=3
json=
arguments=()
while [ $# -gt 0 ]; do
    case $1 in
    --rounds) rounds=$2 && shift ;;
    --json) json=$2 && shift ;;
    *) arguments+=("$1") ;;
    esac
    shift
done
[ ${#arguments[@]} -gt 0 ] || arguments=(--most --half)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Both are loaded by the newer load.
run() { # build name round
    echo "compare: round $3 of $rounds, $2" >&2
    BUILD=$1 LOAD=$after/tests/load tests/bench/bench.sh "${arguments[@]}" --rounds 1 --json |
        jq -c "{build: \"$2\", round: $3} + ." >>"$scratch/figures"
}

for ((round = 1; round <= rounds; round++)); do
    if [ $((round % 2)) -eq 1 ]; then
        run "$before" before "$round"
        run "$after" after "$round"
    else
        run "$after" after "$round"
        run "$before" before "$round"
    fi
done
[ -z "$json" ] || cp "$scratch/figures" "$json"

# One row for each figure of each round, then medians.
jq -r '
    . as $run
    | ((.rows // [])[] | ["\(.op) \(.callers) callers"] + (
        ["calls/s", .rate], ["of pgbench", .ratio], ["p50 ms", .p50_ms], ["p99 ms", .p99_ms], ["server cpu us", .cpu_us])),
      ((.pgbench // [])[] | ["\(.op) pgbench", "calls/s", .rate]),
      ((.shares // [])[] | ["\(.op) \(if .callers == 0 then "pgbench" else "\(.callers) callers" end)", "postgres cpu us", .postgres_us]),
      ((.half // [])[] | ["\(.op) half load"] + (["p99 ms", .p99_ms], ["p99 of pgbench", .p99_ratio])),
      ((.cli // empty) | ["jiayi"] + (["deal show ms", .jiayi_ms], ["whoami ms", .whoami_ms])),
      ((.idle // empty) | ["idle connection"] + (["KiB", .usual_kib], ["KiB after a large answer", .large_kib]))
    | [$run.build, $run.round] + . | @tsv' "$scratch/figures" |
    awk -F '\t' '
        function median(list,   v, n, i, j, t) {
            n = split(list, v, " ")
            for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j] + 0 < v[j-1] + 0; j--) { t = v[j]; v[j] = v[j-1]; v[j-1] = t }
            return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
        }
        {
            k = $3 FS $4
            if (!(k in known)) { known[k] = 1; order[++n] = k }
            all[$1, k] = all[$1, k] " " $5
            at[$1, $2, k] = $5
            if ($2 > rounds) rounds = $2
        }
        END {
            printf "%-24s %-24s %10s %10s %7s\n", "", "", "before", "after", "ratio"
            for (i = 1; i <= n; i++) {
                k = order[i]
                ratios = ""
                for (r = 1; r <= rounds; r++)
                    if (at["before", r, k] > 0) ratios = ratios " " at["after", r, k] / at["before", r, k]
                split(k, part, FS)
                printf "%-24s %-24s %10.5g %10.5g %7.3f\n", part[1], part[2], median(all["before", k]), median(all["after", k]), median(ratios)
            }
        }'
