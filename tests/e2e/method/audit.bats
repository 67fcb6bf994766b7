#!/usr/bin/env bats
# The log of every change.

load ../helper

@test "audit list: who did what, through which call, before and after" {
    local deal
    deal=$(new_deal sales)
    as sales deal update "$deal" --title 'Second title'
    ok
    json auditor audit list --object deal --id "$deal"
    is '[.entries[] | [.action, .member] | join(" ")] | join("; ")' \
        'update sales@acme.example; insert sales@acme.example'
    is '.entries[0].method | endswith("DealService/UpdateDeal")' true
    is '.entries[0].before | fromjson | .title' 'Deal of sales'
    is '.entries[0].after | fromjson | .title' 'Second title'
    is '.entries[0].request_id | test("^[0-9a-f]{32}$")' true
}

@test "audit list: denied without audit.read; nothing of other companies" {
    refused $PERMISSION_DENIED audit.read sales audit list
    refused $PERMISSION_DENIED audit.read operator audit list
    new_deal gamma-sales
    json auditor audit list --page-size 1000
    lacks gamma.example
    json gamma-admin audit list --page-size 1000
    is '[.entries[] | select(.object == "deal")] | length > 0' true
    lacks acme.example
}

@test "audit list: a manager's team" {
    new_deal peer
    new_deal junior
    json manager audit list --page-size 1000
    is '[.entries[].member] | index("junior@acme.example") != null' true
    is '[.entries[].member] | index("peer@acme.example")' null
}

@test "audit list: a vendor's act on a shared deal is in the principal's log" {
    local deal
    deal=$(new_deal sales --vendor beta)
    as beta-vendor deal move "$deal" contacted
    ok
    json auditor audit list --object deal --id "$deal"
    is '.entries[0].member' vendor@beta.example
}

@test "audit list: by member and day, in pages" {
    new_deal sales
    json admin audit list --member sales@acme.example
    is '[.entries[].member] | unique | join(" ")' sales@acme.example
    json admin audit list --since "$(date -u +%F)"
    is '.entries | length > 0' true
    json admin audit list --since 2999-01-01
    is '.entries // [] | length' 0
    json admin audit list --page-size 2
    is '.entries | length' 2
    local first
    first=$(jq -r '.entries[1].id' <<<"$output")
    json admin audit list --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is ".entries[0].id | tonumber < $first" true
    refused $INVALID_ARGUMENT since admin audit list --since someday
    refused $INVALID_ARGUMENT since admin audit list --since 2026-13-01
    as admin audit list --object deal
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "--object without --id"
}

@test "audit: every table with data has the trigger, or rows that are entries themselves" {
    run sql "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'jiayi' AND c.relkind IN ('r', 'p')
        AND c.relname NOT IN ('audit_log', 'call_record', 'comment_reach', 'deal_pulse', 'device', 'event', 'export_file', 'export_piece', 'external_ref', 'file_chunk', 'inbox', 'job', 'job_run', 'ledger_entry', 'log_mark', 'member_span', 'registration_key', 'search_doc', 'search_fill', 'search_todo', 'subscription', 'team',
            'team_span', 'throttle')
        AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE t.tgrelid = c.oid AND p.proname LIKE '%audit%')
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'log_id')
        ORDER BY 1"
    # Tables that only migrations fill.
    [ -z "$(grep -vE '^(currency|permission|object_kind|transition|schema_migration|schema_definition)$' <<<"$output")" ] ||
        complain "without an audit trigger: $output"
}

@test "audit: no secrets in it" {
    sign_in again sales@acme.example 2>/dev/null || true
    run sql "SELECT count(*) FROM jiayi.audit_log
        WHERE (before::text || after::text || coalesce(before::text, after::text, '')) ~ 'argon2|token_hash'"
    [ "$output" = 0 ]
}

@test "case 10: whoever sees a deal sees its whole log" {
    local deal theirs
    deal=$(new_deal sales --vendor beta)
    json beta-vendor deal move "$deal" contacted
    json admin deal update "$deal" --title 'By the admin'
    json manager audit list --object deal --id "$deal"
    is '[.entries[].member] | join(" ")' 'admin@acme.example vendor@beta.example sales@acme.example'
    theirs=$(new_deal peer)
    json manager audit list --object deal --id "$theirs"
    is '.entries // [] | length' 0
    json manager audit list --page-size 1000
    is "[.entries[] | select(.object == \"deal\" and .object_id == \"$deal\")] | length" 3
    is "[.entries[] | select(.object_id == \"$theirs\" and .object == \"deal\")] | length" 0
}

@test "case 36, 51: the log tells names and a difference that a person can read" {
    local deal
    deal=$(new_deal sales --amount 5 --currency EUR)
    json manager deal assign "$deal" junior@acme.example
    json admin audit list --object deal --id "$deal"
    is '.entries[0] | [.name, .change] | join(" | ")' \
        'Deal of sales | owner: sales@acme.example → junior@acme.example'
    is '.entries[1].change | contains("customer: Customer; ") and contains("owner: sales@acme.example")' true
    json admin member set-manager peer@acme.example manager@acme.example
    json admin audit list --object member --id peer@acme.example
    is '.entries[0] | [.name, .change] | join(" | ")' 'peer@acme.example | manager: - → manager@acme.example'
    json admin member set-manager peer@acme.example --none
    json manager audit list --object member --id sales@acme.example
    is '.entries | length > 0' true
    json manager audit list --object member --id partner@acme.example
    is '[.entries[]? | select(.member != "manager@acme.example")] | length' 0
    json admin audit list --object partnership --id beta
    is '.entries[0].name' beta
    json admin audit list --object role --id salesperson
    refused $NOT_FOUND 'no member nobody@acme.example' admin audit list --object member --id nobody@acme.example
    as admin audit list --object deal --id "$deal"
    says CHANGE
    lacks '{"'
}

@test "audit list: each number is a name, whatever its column is called; what one column holds is told one by one" {
    local deal id
    as admin member add leaving@acme.example --name Leaving --role salesperson --password-file "$(password_file leaving)"
    as admin deal create 'Handed over' --customer 'Of who leaves' --owner leaving@acme.example
    as admin member handover leaving@acme.example sales@acme.example --note 'The offer is out'
    id=$(sql 'SELECT max(id) FROM jiayi.handover')
    json admin audit list --object handover --id "$id"
    is '.entries[0].change' 'customers: 1; deals: 1; from: leaving@acme.example; member: admin@acme.example; note: The offer is out; to: sales@acme.example'
    deal=$(new_deal sales --vendor beta)
    as beta-admin deal assign "$deal" vendor@beta.example
    as sales task create 'Call' --on "deal/$deal" --due 2031-01-31
    json admin audit list --object deal --id "$deal"
    is '.entries[0].change' 'vendor owner: - → vendor@beta.example'
    json admin audit list --object task --id "$(sql 'SELECT max(id) FROM jiayi.task')"
    is ".entries[0].change | contains(\"on: deal/$deal; \")" true
    # Two are one: the number is a customer's here.
    as admin customer create 'Written once'
    as admin customer create 'Written twice'
    as admin customer merge "$(sql "SELECT id FROM jiayi.customer WHERE name = 'Written twice'")" \
        "$(sql "SELECT id FROM jiayi.customer WHERE name = 'Written once'")" --reason same --yes
    json admin audit list --object customer_merge --id "$(sql 'SELECT max(id) FROM jiayi.customer_merge')"
    is '.entries[0].change' 'from: Written twice; from name: Written twice; member: admin@acme.example; reason: same; to: Written once'
    # Moments are those of the company's clocks.
    as sales deal move "$deal" lost --lost-reason other --reason 'no budget' --force
    json admin audit list --object deal --id "$deal"
    is '.entries[0].change | test("closed at: - → [-0-9]{10} [:0-9]{8}; ")' true
}

@test "audit list: whatever column the log may name has a word" {
    sql "SELECT DISTINCT replace(regexp_replace(a.attname, '_id\$', ''), '_', ' ') FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
          AND (EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname LIKE 'audit%')
               OR EXISTS (SELECT FROM pg_attribute AS l WHERE l.attrelid = c.oid AND l.attname = 'log_id'))
          AND a.attname !~ '^(id|at|version|created_at|updated_at|search_key|customer_name|method|request_id|log_.*|.*_kind|.*_key|.*hash|.*sha256|grants|sights|wider|sealed|secret|salt|phc|bits|span|n|caller|shareable|commentable|attachable|noun_no|reads|whole|rows|key|via_id|attempts|closed_version|from_version|to_version|stage_.*|entered_at|figures|snapshot|from_stage|from_outcome|from_closed_at|from_on|to_on|twin|n_rows|secret_sealed|to_manager)\$'
        ORDER BY 1" >"$BATS_TEST_TMPDIR/columns"
    sed -n 's/.*WORD("column", "\(.*\)").*/\1/p' "$ROOT/client/words/dictionary.c" | LC_ALL=C sort >"$BATS_TEST_TMPDIR/words"
    output=$(LC_ALL=C sort "$BATS_TEST_TMPDIR/columns" | LC_ALL=C comm -13 "$BATS_TEST_TMPDIR/words" -)
    [ -z "$output" ] || complain "these have none"
}

@test "case 10, 19: what a vendor keeps inside is not in its principal's log" {
    local deal
    deal=$(new_deal sales --vendor beta)
    json beta-vendor deal log "$deal" --kind note --text 'our margin' --internal
    json beta-vendor deal log "$deal" --kind note --text 'our offer'
    json beta-vendor deal move "$deal" lost --lost-reason other --reason 'our own fault' --internal
    json sales deal log "$deal" --kind note --text 'our floor' --internal
    local who
    for who in admin auditor manager; do
        json $who audit list --page-size 1000
        says 'our offer'
        says 'our floor'
        lacks 'our margin'
        lacks 'our own fault'
    done
}

@test "audit list: on a terminal columns and states have the reader's words; of what is due on no day nothing is said" {
    local task language
    task=$("$JIAYI" --profile sales -o json task create 'Call; owner: nobody' | jq -er .id)
    as sales task done "$task"
    ok
    json auditor audit list --object task --id "$task"
    is '[.entries[].change | test("due at|infinity")] | any' false
    is '.entries[0].change | contains("state: open → done")' true
    for language in C.UTF-8 zh_CN.UTF-8 sq_AL.UTF-8; do
        run env TERM=xterm script -qec "stty cols 80; LC_ALL=$language PAGER=cat '$JIAYI' --profile auditor audit list --object task --id $task" /dev/null
        output=${output//$'\r'/}
        ok
        [ "$(wc -L <<<"$output")" -le 80 ] || complain "wider than the terminal"
        output=$(tr -d '\n ' <<<"$output")
        case $language in
        zh*) says '状态：待办→已完成；' && says '完成人：' && lacks 'doneby' ;;
        sq*) says 'gjendja:' && says 'kryernga:' && lacks 'doneby' ;;
        *) says 'state:' && says 'doneby:' ;;
        esac
        says 'Call;'
    done
}
