#!/usr/bin/env bats
# A WRITE is applied once for each request_id.

load ../helper

@test "idempotency: a WRITE sent twice is applied once and answers the same" {
    local id=00112233445566778899aabbccddeeff first before
    api sales DealService/CreateDeal '{"title": "Once", "customer": "C", "amount": {"amount": "5", "currency": "EUR"}}' \
        --request-id $id
    first=$output
    before=$(changes)
    api sales DealService/CreateDeal '{"title": "Once", "customer": "C", "amount": {"amount": "5", "currency": "EUR"}}' \
        --request-id $id
    [ "$output" = "$first" ] || complain "another answer than: $first"
    [ "$(changes)" = "$before" ]
    json sales deal list --search Once
    is '.deals | length' 1
}

@test "idempotency: which version it made is answered as then, whatever came since; the rest is as it is now" {
    local deal id=10112233445566778899aabbccddeeff first
    deal=$(new_deal sales)
    api sales DealService/MoveDeal "{\"deal_id\": \"$deal\", \"stage\": \"quoted\"}" --request-id $id
    first=$(jq -c '[.id, .version, .stage]' <<<"$output")
    as sales deal update "$deal" --title 'Renamed since'
    ok
    as sales deal move "$deal" contacted
    ok
    api sales DealService/MoveDeal "{\"deal_id\": \"$deal\", \"stage\": \"quoted\"}" --request-id $id
    [ "$(jq -c '[.id, .version, .stage]' <<<"$output")" = "$first" ] || complain "another answer than: $first"
    is .title 'Renamed since'
    json sales deal show "$deal"
    is .stage contacted
}

# twice PROFILE ARG…: a change that is sent again under its id prints the same.
twice() {
    local id first
    printf -v id 'aa%030x' $((BATS_TEST_NUMBER * 1000 + ++TWICE))
    json "$@" --request-id "$id"
    first=$output
    json "$@" --request-id "$id"
    [ "$output" = "$first" ] || complain "another answer than: $first"
    [ -z "$stderr" ] || complain "something on standard error"
}

@test "case M10: of an answer is kept what a replay must say; whoever lost it sees all of it all the same" {
    local deal report body
    body=$BATS_TEST_TMPDIR/report.md
    printf 'the-long-text of the report\n' >"$body"
    as admin kpi define replayed --name Replayed --unit u --period month
    ok
    twice sales deal create 'the-long-title' --customer 'the-customer' --amount 5 --currency EUR
    deal=$(jq -r .id <<<"$output")
    is .title the-long-title
    is .amount.amount 5.00
    twice sales deal update "$deal" --title 'the-long-title 2' --version 1
    twice sales deal log "$deal" --kind note --text 'the-long-note' --next 'the-next-step' --due 2026-12-01 --internal
    is .text the-long-note
    is .internal true
    twice sales deal move "$deal" lost --yes --lost-reason price --reason 'the-reason'
    is .lost_reason the-reason
    twice sales report submit --kind daily --period 2026-11-20 --to acme --title the-long-title --file "$body"
    report=$(jq -r .id <<<"$output")
    is .body $'the-long-text of the report'
    twice manager report return "$report" --comment 'the-comment' --version 1
    is '.comments[0].text' the-comment
    is '.versions | length' 0
    twice sales report resubmit "$report" --file "$body"
    is .version 2
    twice manager kpi target replayed --period 2026-11 --value 8 --member sales@acme.example
    twice sales kpi record replayed --period 2026-11 --value 6 --text the-remark
    is .text the-remark
    twice manager kpi evaluate replayed --period 2026-11 --member sales@acme.example --comment the-evaluation
    is .evaluation the-evaluation
    twice admin role create replayed-role --grant deal.read:own
    is '.permissions[0]' deal.read:own
    twice admin role grant replayed-role deal.log:own
    [ "$(sql "SELECT count(*) FROM jiayi.call_record WHERE answer::text ~ 'the-|deal.read'")" = 0 ] ||
        complain "kept: $(sql "SELECT answer FROM jiayi.call_record WHERE answer::text ~ 'the-|deal.read'")"
    [ "$(sql "SELECT DISTINCT answer -> 0 FROM jiayi.call_record WHERE method LIKE '%/MoveDeal' AND (answer -> 0 ->> 'id')::int = $deal")" \
        = "{\"id\": $deal, \"stage\": \"lost\", \"version\": 3}" ]
}

@test "case M10: the lists that a change answers come back with the rest" {
    local deal customer
    deal=$(new_deal sales)
    twice sales deal tag "$deal" intent=high
    is '[.tags[] | .list + "=" + .code] | join(",")' intent=high
    twice sales customer create 'Lists Ltd' --tag intent=low
    customer=$(jq -r .id <<<"$output")
    is '[.tags[] | .list + "=" + .code] | join(",")' intent=low
    twice sales customer tag "$customer" intent=high
    is '[.tags[] | .list + "=" + .code] | join(",")' intent=high
    as sales customer create 'Others AG' --tag intent=medium
    ok
    twice manager customer merge "$customer" "$((customer + 1))" --reason 'One firm.' --yes
    is '[.tags[] | .list + "=" + .code] | join(",")' intent=medium
    printf 'title\nLook\n' >"$BATS_TEST_TMPDIR/points.csv"
    twice admin checklist define lists --name Lists --purpose review --items "$BATS_TEST_TMPDIR/points.csv"
    is '[.items[].title] | join(",")' Look
    printf 'title\nLook twice\n' >"$BATS_TEST_TMPDIR/points.csv"
    twice admin checklist update lists --items "$BATS_TEST_TMPDIR/points.csv"
    is '[.items[].title] | join(",")' 'Look twice'
}

@test "case M10: what is kept whole comes back whole" {
    twice admin member add whole@acme.example --name Whole --role salesperson --password-file "$(password_file whole)"
    twice admin member set-role whole@acme.example vendor
    twice admin member remove whole@acme.example --yes
    is .state removed
}

@test "case M10: who may change and not read learns that it was done" {
    local id=60112233445566778899aabbccddeeff
    as admin role create blind --grant deal.create:own
    ok
    as admin member set-role peer@acme.example blind
    ok
    json peer deal create 'Blindly' --customer C --request-id $id
    json peer deal create 'Blindly' --customer C --request-id $id
    is .version 1
    is .title null
    [[ $stderr = *'it was done; the rest of the answer cannot be read: '*deal.read* ]] || complain "does not say why"
    as admin member set-role peer@acme.example salesperson
    ok
}

@test "idempotency: the same id for another request is refused" {
    local id=20112233445566778899aabbccddeeff
    api sales DealService/CreateDeal '{"title": "One", "customer": "C"}' --request-id $id
    refused $ALREADY_EXISTS request_id sales api call DealService/CreateDeal '{"title": "Two", "customer": "C"}' --request-id $id
    refused $ALREADY_EXISTS request_id sales api call DealService/LogActivity \
        '{"deal_id": "1", "kind": "note", "text": "x"}' --request-id $id
    json sales deal list --search Two
    is '.deals // [] | length' 0
}

@test "idempotency: ids are each member's own" {
    local id=30112233445566778899aabbccddeeff
    api sales DealService/CreateDeal '{"title": "Mine", "customer": "C"}' --request-id $id
    api peer DealService/CreateDeal '{"title": "Mine", "customer": "C"}' --request-id $id
    is .owner peer@acme.example
}

@test "idempotency: what failed is not remembered" {
    local deal id=40112233445566778899aabbccddeeff body
    deal=$(new_deal sales)
    body="{\"deal_id\": \"$deal\", \"stage\": \"won\"}"
    refused $FAILED_PRECONDITION amount sales api call DealService/MoveDeal "$body" --request-id $id
    as sales deal update "$deal" --amount 5 --currency EUR
    ok
    api sales DealService/MoveDeal "$body" --request-id $id
    is .stage won
}

@test "idempotency: eight at the same moment are applied once" {
    local id=50112233445566778899aabbccddeeff i
    for i in {1..8}; do
        "$JIAYI" --profile sales api call DealService/CreateDeal '{"title": "Eightfold", "customer": "C"}' \
            --request-id $id >"$BATS_TEST_TMPDIR/$i" 2>&1 &
    done
    wait
    json sales deal list --search Eightfold
    is '.deals | length' 1
    # Each answer is the one answer; a call that ran into another in flight may be told to try again.
    [ "$(jq -rs '[.[].id] | unique | length' <(for i in {1..8}; do grep -h '^[{} ]' "$BATS_TEST_TMPDIR/$i" || true; done))" -eq 1 ]
}

@test "idempotency: a request id is 16 bytes in hexadecimal" {
    local id
    for id in 00 zz112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff00; do
        as sales api call AuthService/WhoAmI '{}' --request-id $id
        [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took the id $id"
    done
}
