#!/usr/bin/env bats
# Clients that nobody here wrote play the main job: gRPC's own in C++ (Debian's libgrpc++), @grpc/grpc-js, and `buf curl`,
# which knows of the methods what reflection tells. python3-grpcio: grpc.bats.

load ../helper
. "$ROOT/tests/peers/peers.bash"

setup_file() {
    world_open
    peers_need js
    peers_need cc
}

# plays COMMAND…: the job, done by sales; the manager moves the deal. What it printed is the deal.
plays() {
    run --separate-stderr timeout 120 "$@" sales@acme.example "$(password_file sales)" manager@acme.example "$(password_file manager)"
    ok
    json sales deal show "$output"
    is .stage quoted
    is .title 深圳港口自动化
}

@test "peers: grpc++" {
    plays "$PEERS/cc/client" "$SERVER" "$CA"
}

@test "peers: @grpc/grpc-js" {
    plays node "$PEERS/js/client.js" "$ROOT/proto" "$SERVER" "$CA" main_job
}

# buf_curl PROTOCOL REFLECTION METHOD JSON [ARG…]: with a cache of its own, for it keeps nothing that the test should find.
buf_curl() {
    run --separate-stderr timeout "${PATIENCE:-60}" env HOME="$BATS_TEST_TMPDIR" "$PEERS/js/node_modules/.bin/buf" curl --protocol "$1" \
        --reflect-protocol "$2" --cacert "$CA" -d "$4" ${TOKEN:+-H "authorization: Bearer $TOKEN"} "${@:5}" "https://$SERVER/jiayi.v1.$3"
}

# buf_plays PROTOCOL REFLECTION
buf_plays() {
    local id
    TOKEN='' buf_curl "$1" "$2" AuthService/SignIn "{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}"
    ok
    TOKEN=$(jq -r .token <<<"$output")
    buf_curl "$1" "$2" AuthService/WhoAmI '{}'
    ok
    is .email sales@acme.example
    buf_curl "$1" "$2" DealService/CreateDeal '{"title": "深圳港口自动化", "customer": "深圳港务集团", "amount": {"amount": "3500000", "currency": "CNY"}}'
    ok
    id=$(jq -r .id <<<"$output")
    buf_curl "$1" "$2" DealService/ListDeals '{"pageSize": 1000}'
    ok
    is "[.deals[].id] | index(\"$id\") != null" true
    buf_curl "$1" "$2" DealService/MoveDeal "{\"dealId\": \"$id\", \"stage\": \"quoted\"}" -H 'idempotency-key: 00112233-4455-6677-8899-aabbccddee'"$3"
    ok
    buf_curl "$1" "$2" DealService/GetDeal "{\"dealId\": \"$id\"}"
    ok
    is .stage quoted
    # What fails says so with its code and details.
    buf_curl "$1" "$2" DealService/GetDeal '{"dealId": "999999"}'
    [ "$status" -ne 0 ]
    grep -q '"code": *"not_found"' <<<"$stderr" || complain 'no code'
    grep -q RequestInfo <<<"$stderr" || complain 'no details'
    # A stream, for some seconds.
    PATIENCE=5 buf_curl "$1" "$2" InboxService/WatchInbox '{}'
    is '.cursor != null' true
}

@test "peers: buf curl by gRPC, with reflection v1 and v1alpha" {
    buf_plays grpc grpc-v1 01
    buf_plays grpc grpc-v1alpha 02
}

@test "peers: buf curl by Connect" {
    buf_plays connect grpc-v1 03
}
