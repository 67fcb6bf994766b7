#!/usr/bin/env bats
# The benchmarks that are small enough to be run as tests: that they run, and tell what does not depend on the machine.

load ../helper

@test "bench --policies: each list for each caller, with rows, pages and the ratio; a page stays one" {
    run --separate-stderr "$ROOT/tests/bench/bench.sh" --policies 4000 --rounds 1 --json
    ok
    jq -e '.policies | .deals == 4000 and .companies == 40 and .rounds == 1 and (.rows | length) > 100
        and ([.rows[].who] | unique) == ["manager", "salesperson", "vendor"]
        and all(.rows[]; (.rows, .rows_read, .buffers, .ms | length) == 2 and .ratio > 0)' <<<"$output" || complain 'not so'
    # What one sees of deals: two of one's own, and a page of those below, or of those that twenty principals share.
    [ "$(jq -r '[.policies.rows[] | select(.list == "ListDeals") | "\(.who) \(.rows[0])"] | sort | join(", ")' <<<"$output")" = \
        'manager 51, salesperson 2, vendor 51' ] || complain 'other pages'
}
