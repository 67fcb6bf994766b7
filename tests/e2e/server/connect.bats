#!/usr/bin/env bats
# Connect: a call is a POST of JSON or of a packed message. The client is curl.

load ../helper

setup_file() {
    world_open
    TOKEN=$(post AuthService/SignIn "{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}" |
        jq -r .token)
    export TOKEN
}

# post METHOD JSON [ARG...]: the answer's body; its head goes to $HERE/head.
post() {
    curl -sS --max-time 60 --cacert "$CA" -D "$HERE/head" "https://$SERVER/jiayi.v1.$1" -H "content-type: ${TYPE:-application/json}" \
        ${TOKEN:+-H "authorization: Bearer $TOKEN"} -d "$2" "${@:3}"
}

# answers STATUS METHOD JSON [ARG...]: with that status of HTTP; sets output.
answers() {
    run post "${@:2}"
    ok
    grep -q "^HTTP/2 $1" "$HERE/head" || complain "$(head -n 1 "$HERE/head") instead of $1"
}

head_has() {
    grep -qix "$1.\?" "$HERE/head" || complain "the head lacks $1: $(cat "$HERE/head")"
}

@test "connect: the main job" {
    local id
    answers 200 DealService/CreateDeal '{"title": "港口", "customer": "深圳港务集团", "amount": {"amount": "5", "currency": "CNY"}}'
    head_has 'content-type: application/json'
    id=$(jq -r .id <<<"$output")
    answers 200 DealService/ListDeals '{"pageSize": 1000}'
    is ".deals | map(select(.id == \"$id\")) | length" 1
    # Both names of a field are known, and numbers may be texts.
    answers 200 DealService/MoveDeal "{\"dealId\": \"$id\", \"stage\": \"quoted\"}"
    answers 200 DealService/GetDeal "{\"deal_id\": $id}"
    is .stage quoted
    is .title 港口
    head_has 'cache-control: no-store'
    head_has 'x-content-type-options: nosniff'
    # It is what the command line prints.
    local by_post=$output
    json sales deal show "$id"
    [ "$(jq -S . <<<"$by_post")" = "$(jq -S . <<<"$output")" ]
}

@test "connect: errors are JSON with a status of HTTP, in the caller's language" {
    answers 404 DealService/GetDeal '{"dealId": 999999}' -H 'accept-language: zh-CN'
    is .code not_found
    is '.message | test("[\u4e00-\u9fff]")' true
    is '[.details[].type] | index("google.rpc.RequestInfo") != null' true
    answers 400 DealService/CreateDeal '{"customer": "C"}'
    is .code invalid_argument
    is '.details[0].type' google.rpc.BadRequest
    # The field and the text stand in the detail as protobuf packs them.
    jq -r '.details[0].value + "=="' <<<"$output" | base64 -di 2>/dev/null | grep -aq title
    TOKEN='' answers 401 DealService/GetDeal '{"dealId": 1}'
    is .code unauthenticated
    head_has 'www-authenticate: Bearer'
    answers 403 MemberService/AddMember '{"email": "x@acme.example", "name": "X", "role": "salesperson"}'
    is .code permission_denied
    answers 501 DealService/Nothing '{}'
    is .code unimplemented
}

@test "connect: what is no JSON, or not of the type, is refused by name" {
    answers 400 DealService/GetDeal ''
    answers 400 DealService/GetDeal '{"dealId":'
    answers 400 DealService/GetDeal '{"dealId": 1, "deal_id": 2}'
    is '.message | test("twice")' true
    answers 400 DealService/GetDeal '{"no_such_field": 1}'
    is '.message | test("no_such_field")' true
    answers 400 DealService/GetDeal '[]'
    head -c 1100000 /dev/zero | tr '\0' ' ' >"$HERE/long"
    answers 429 DealService/GetDeal "@$HERE/long"
    is .code resource_exhausted
    answers 501 DealService/GetDeal '{}' -H 'content-encoding: gzip'
    TYPE=application/connect+json answers 415 DealService/GetDeal '{}'
    TYPE=text/plain answers 415 DealService/GetDeal '{}'
    head_has 'accept-post: application/grpc, application/json, application/proto'
    answers 405 DealService/GetDeal '{}' -X GET
}

@test "connect: a deadline of the caller's, and none that can be read" {
    answers 504 DealService/GetDeal '{"dealId": 1}' -H 'connect-timeout-ms: 0'
    is .code deadline_exceeded
    answers 400 DealService/GetDeal '{"dealId": 1}' -H 'connect-timeout-ms: 1.5'
    answers 400 DealService/GetDeal '{"dealId": 1}' -H 'connect-timeout-ms: 12345678901'
}

@test "connect: a change is done once for each request_id, however its JSON is written" {
    local id=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 first
    answers 200 DealService/CreateDeal '{"title": "once", "customer": "C"}' -H "idempotency-key: $id"
    head_has "jiayi-request-id: ${id//-/}"
    first=$(jq -r .id <<<"$output")
    answers 200 DealService/CreateDeal '{ "customer":"C", "title":"once" }' -H "idempotency-key: $id"
    head_has 'jiayi-replayed: 1'
    is .id "$first"
    answers 409 DealService/CreateDeal '{"title": "twice", "customer": "C"}' -H "idempotency-key: $id"
}

@test "connect: health, as any load balancer asks for it" {
    # health JSON
    health() {
        run curl -sS --cacert "$CA" -D "$HERE/head" "https://$SERVER/grpc.health.v1.Health/Check" -H 'content-type: application/json' -d "$1"
        ok
    }
    health '{}'
    grep -q '^HTTP/2 200' "$HERE/head"
    [ "$output" = '{"status":"SERVING"}' ]
    health '{"service": "jiayi.v1.DealService"}'
    is .status SERVING
    health '{"service": "jiayi.v1.Nothing"}'
    grep -q '^HTTP/2 404' "$HERE/head"
    is .code not_found
    local wrong
    for wrong in '' '[]' '{"service": 7}' '{"other": ""}' '{'; do
        health "$wrong"
        grep -q '^HTTP/2 400' "$HERE/head" || complain "$wrong: $output"
        is .code invalid_argument
    done
    health "{\"service\": \"$(printf %020000d 0)\"}"
    is .code resource_exhausted
    # Packed: field 1 is 1, SERVING.
    : >"$HERE/request"
    curl -sS --cacert "$CA" "https://$SERVER/grpc.health.v1.Health/Check" -H 'content-type: application/proto' --data-binary "@$HERE/request" |
        cmp - <(printf '\x08\x01')
    # What has no JSON is no method there.
    run curl -sS --cacert "$CA" "https://$SERVER/grpc.health.v1.Health/List" -H 'content-type: application/json' -d '{}'
    is .code unimplemented
}

@test "connect: packed messages" {
    local proto=$ROOT/proto
    echo 'title: "packed" customer: "C"' | protoc -I "$proto" --encode=jiayi.v1.CreateDealRequest jiayi/v1/deal.proto >"$HERE/request"
    curl -sS --cacert "$CA" -D "$HERE/head" "https://$SERVER/jiayi.v1.DealService/CreateDeal" -H 'content-type: application/proto' \
        -H "authorization: Bearer $TOKEN" --data-binary "@$HERE/request" -o "$HERE/answer"
    head_has 'content-type: application/proto'
    protoc -I "$proto" --decode=jiayi.v1.Deal jiayi/v1/deal.proto <"$HERE/answer" | grep -q 'title: "packed"'
    # An error is JSON all the same.
    : >"$HERE/request"
    run curl -sS --cacert "$CA" -D "$HERE/head" "https://$SERVER/jiayi.v1.DealService/CreateDeal" -H 'content-type: application/proto' \
        -H "authorization: Bearer $TOKEN" --data-binary "@$HERE/request"
    ok
    is .code invalid_argument
    head_has 'content-type: application/json'
}
