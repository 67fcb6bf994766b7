# What an import costs, beside the same INSERTs by hand. Sourced by bench.sh.

# A table of $1 rows: deals, of which five have a customer that is not there yet.
import_table() {
    seq "$1" | awk -v tag="$2" 'BEGIN { print "key,title,customer,amount,currency,stage,owner,created" }
        { printf "%s-%d,Deal %s %d,Customer %s %d,%d.50,EUR,quoted,u%d@bench.example,2026-03-%02d\n",
            tag, $1, tag, $1, tag, $1 / 5, $1, 5 + $1 % 16, $1 % 28 + 1 }'
}

# By hand: the customers, then the deals, 500 in a transaction, under the triggers and constraints that an import has.
import_by_hand() {
    cat <<END
SET search_path = jiayi, pg_catalog;
PREPARE firms AS INSERT INTO customer (company_id, name, owner_id)
SELECT m.company_id, 'Customer $2 ' || i, m.id FROM generate_series(\$1::int, \$2::int) AS i, member AS m WHERE m.email = 'u1@bench.example';
PREPARE deals AS INSERT INTO deal (company_id, title, customer_id, amount, currency, owner_id, stage, created_at)
SELECT m.company_id, 'Deal $2 ' || i, c.id, i + 0.5, 'EUR', m.id, 'quoted', '2026-03-01 12:00Z'
FROM generate_series(\$1::int, \$2::int) AS i JOIN member AS m ON m.email = 'u' || 5 + i % 16 || '@bench.example'
JOIN customer AS c ON c.company_id = m.company_id AND c.name = 'Customer $2 ' || i / 5 ORDER BY i;
END
    seq 1 500 "$1" | awk -v last="$1" '{ to = $1 + 499 < last ? $1 + 499 : last
        printf "BEGIN; EXECUTE firms(%d, %d); EXECUTE deals(%d, %d); COMMIT;\n", $1 == 1 ? 0 : int(($1 - 1) / 5) + 1, int(to / 5), $1, to }'
}

# used COMMAND...: prints how long it took, and the CPU of PostgreSQL, of the server and of the command itself, in seconds.
import_used() {
    local before after
    local TIMEFORMAT='%R %U %S'
    wait_quiet
    mapfile -t before < <(cpu_ticks)
    { time "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; } 2>"$SCRATCH/time" || {
        say "failed: $*"
        tail -n 20 "$SCRATCH/err" >&2
        return 1
    }
    mapfile -t after < <(cpu_ticks)
    awk -v hz="$TICKS_PER_S" -v postgres=$((after[1] - before[1])) -v server=$((after[2] - before[2])) \
        '{ print $1, postgres / hz, server / hz, $2 + $3 }' "$SCRATCH/time"
}

part_import() {
    local i
    "$JIAYI" --profile bench login --server "$SERVER" --ca "$CA" --user u1@bench.example --password-file "$(password_file operator)" >/dev/null
    : >"$SCRATCH/imports"
    for ((i = 0; i < ROUNDS; i++)); do
        import_table "$ROWS" "i$i" >"$SCRATCH/table.csv"
        import_by_hand "$ROWS" "h$i" >"$SCRATCH/hand.sql"
        echo "import $(import_used "$JIAYI" --profile bench import deals "$SCRATCH/table.csv" --source bench)" >>"$SCRATCH/imports"
        echo "hand $(import_used sql -q -f "$SCRATCH/hand.sql")" >>"$SCRATCH/imports"
    done
    [ "$(sql -Atc "SELECT count(*) FROM jiayi.deal WHERE title ~ '^Deal [ih][0-9]'")" = $((2 * ROUNDS * ROWS)) ] || {
        say "rows are missing"
        return 1
    }
    awk "$AWK_MEDIAN"'
        { wall[$1] = wall[$1] " " $2; postgres[$1] = postgres[$1] " " $3; server[$1] = server[$1] " " $4; client[$1] = client[$1] " " $5
          all[$1] = $3 + $4 }
        $1 == "hand" { ratio = ratio " " all["import"] / all["hand"] }
        END {
            printf "{\"rows\":%d,\"seconds\":%.1f,\"postgres_s\":%.1f,\"server_s\":%.1f,\"client_s\":%.1f,\"hand_s\":%.1f,\"ratio\":%.2f}\n",
                rows, median(wall["import"]), median(postgres["import"]), median(server["import"]), median(client["import"]),
                median(postgres["hand"]), median(ratio)
        }' rows="$ROWS" "$SCRATCH/imports" >"$SCRATCH/import.json"
}

print_import() {
    jq -r '"An import of \(.rows) deals, a customer for each five: \(.seconds) s; CPU: PostgreSQL \(.postgres_s) s, server \(.server_s) s, client \(.client_s) s. The same
INSERTs by hand take PostgreSQL \(.hand_s) s; ratio of PostgreSQL and server to that: \(.ratio)."' "$1"
}
