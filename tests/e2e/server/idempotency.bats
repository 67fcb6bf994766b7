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

@test "idempotency: it answers what it answered then, whatever came since" {
    local deal id=10112233445566778899aabbccddeeff first
    deal=$(new_deal sales)
    api sales DealService/MoveDeal "{\"deal_id\": \"$deal\", \"stage\": \"quoted\"}" --request-id $id
    first=$output
    as sales deal move "$deal" contacted
    ok
    api sales DealService/MoveDeal "{\"deal_id\": \"$deal\", \"stage\": \"quoted\"}" --request-id $id
    [ "$output" = "$first" ] || complain "another answer than: $first"
    json sales deal show "$deal"
    is .stage contacted
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
