#!/usr/bin/env bats
# The benchmarks that are small enough to be run as tests: that they run, and tell what does not depend on the machine.

load ../helper

@test "bench --policies and --search: each list for each caller, with rows, pages and the ratio; a page stays one" {
    run --separate-stderr "$ROOT/tests/bench/bench.sh" --policies 4000 --search --rounds 1 --json
    ok
    jq -e '.policies | .deals == 4000 and .companies == 40 and .rounds == 1 and (.rows | length) > 100
        and ([.rows[].who] | unique) == ["manager", "salesperson", "vendor"]
        and all(.rows[]; (.rows, .rows_read, .buffers, .ms | length) == 2 and .ratio > 0)' <<<"$output" || complain 'not so'
    # What one sees of deals: two of one's own, and a page of those below, or of those that twenty principals share.
    [ "$(jq -r '[.policies.rows[] | select(.list == "ListDeals") | "\(.who) \(.rows[0])"] | sort | join(", ")' <<<"$output")" = \
        'manager 51, salesperson 2, vendor 51' ] || complain 'other pages'
    # What words find that one deal of thirty has, with accents and without: the same.
    jq -e '.search | .deals == 4000 and (.rows | length) == 48 and all(.rows[]; .clock_ms > 0 and .buffers > 0)
        and ([.rows[] | select(.who == "admin" and (.words | test("^(çelësa|celesa)$"))) | .found] | length == 2 and .[0] == .[1] and .[0] > 0)
        and all(.rows[] | select(.common == "none"); .found == 0)' <<<"$output" || complain 'other finds'
}

@test "bench --sharing: what it costs to know who shares, of a vendor with twenty principals" {
    run --separate-stderr "$ROOT/tests/bench/bench.sh" --sharing 400 --rounds 1 --json
    ok
    jq -e '.sharing | .principals == 20 and .contracts == 400 and .runs == 1000
        and ([.rows[].what] == ["me_company()", "me_principals()", "me_reach()"])
        and all(.rows[]; (.us | length) == 3 and .us[1] > 0)' <<<"$output" || complain 'not so'
}
