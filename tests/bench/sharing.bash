# What it costs a vendor's call to know who shares with it. Sourced by bench.sh.

part_sharing() {
    "$PG_BIN/createdb" sharing
    server_init "$SCRATCH/sharing" --database "postgresql:///sharing?host=$SCRATCH&port=$PG_PORT&user=postgres" >/dev/null
    sql -q -At -d sharing -v contracts="$SHARING" -v runs=$((ROUNDS * 1000)) -f tests/bench/sharing.sql >"$SCRATCH/sharing.json"
}

print_sharing() {
    jq -r '
        "A vendor with \(.principals) principals and \(.contracts) contracts: µs of a call in a transaction of its own, \(.runs) of each, in turn.\n",
        (["function", "a tenth", "median", "nine tenths"] | @tsv), (.rows[] | [.what] + .us | @tsv)' "$1" |
        awk -F '\t' 'NF < 2 { print; next } { printf "%-16s %10s %10s %12s\n", $1, $2, $3, $4 }'
    cat <<END

me_company() is what any function costs; me_principals() is what policies of what partners share ask in a statement, me_reach() what
those of deals and tasks ask once in a call.
END
}
