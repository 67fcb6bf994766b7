#!/usr/bin/env bats
# Every method by name, from the server's own reflection.

load ../helper

@test "api list: every method, with permission and kind" {
    json sales api list
    is '[.methods[] | select(.method | endswith("DealService/MoveDeal"))] | length' 1
    as sales api list
    says DealService/MoveDeal
    says deal.move
    [ "$(jq '.methods | length' <<<"$("$JIAYI" --profile sales -o json api list)")" -eq \
        "$(cat "$ROOT"/proto/jiayi/v1/*.proto | grep -c '^  rpc ')" ]
}

# How many bytes of schema the server gives for a known_sha256 in base64, "" for none.
given() {
    "$JIAYI" --profile sales api call ServerService/GetSchema "{\"known_sha256\": \"$1\"}" |
        jq -r '.file_descriptor_set // ""' | base64 -d | wc -c
}

@test "api: case L7: the schema is asked for once, and kept with the profile" {
    local kept=$XDG_CONFIG_HOME/jiayi/profiles/sales.schema sha
    rm -f "$kept"
    as sales api show DealService/MoveDeal
    ok
    [ "$(stat -c %a "$kept")" = 600 ]
    sha=$(tail -c +33 "$kept" | sha256sum | cut -c 1-64)
    [ "$(head -c 32 "$kept" | od -An -tx1 | tr -d ' \n')" = "$sha" ]
    # Who has it is told no more than that.
    [ "$(given "$(head -c 32 "$kept" | base64)")" -eq 0 ]
    [ "$(given "$(head -c 32 /dev/zero | base64)")" -gt 100000 ]
    [ "$(given "$(head -c 31 "$kept" | base64)")" -gt 100000 ]
    refused $INVALID_ARGUMENT known_sha256 sales api call ServerService/GetSchema "{\"known_sha256\": \"$(head -c 33 "$kept" | base64)\"}"
    # What is kept is what is used; what is not fit is fetched anew.
    sed 's/Losing needs a reason/LOSING NEEDS A REASON/' "$kept" >"$kept.new"
    cat "$kept.new" >"$kept"
    as sales api show DealService/MoveDeal
    says 'LOSING NEEDS A REASON'
    truncate -s 50 "$kept"
    as sales api show DealService/MoveDeal
    ok
    says 'Losing needs a reason'
    [ "$(tail -c +33 "$kept" | sha256sum | cut -c 1-64)" = "$sha" ]
    # Nor does it stop anybody that it cannot be kept.
    chmod 644 "$kept"
    as sales api show DealService/MoveDeal
    ok
    rm -f "$kept" "$kept.new"
}

@test "api show: fields, comments, permission" {
    as sales api show DealService/MoveDeal
    ok
    says deal_id
    says deal.move
    says 'Losing needs a reason'
    as sales api show DealService/Fly
    [[ $status = "$UNIMPLEMENTED" || $status = "$USAGE" || $status = "$NOT_FOUND" ]] || complain "an unknown method"
}

@test "api call: works as the command does, JSON from the word or standard input" {
    local deal
    deal=$(new_deal sales)
    api sales DealService/GetDeal "{\"deal_id\": \"$deal\"}"
    is .id "$deal"
    # A number for an int64 does as well.
    api sales DealService/GetDeal "{\"deal_id\": $deal}"
    is .id "$deal"
    run --separate-stderr "$JIAYI" --profile sales api call DealService/GetDeal - <<<"{\"deal_id\": \"$deal\"}"
    ok
    is .id "$deal"
    api sales jiayi.v1.DealService/GetDeal "{\"deal_id\": \"$deal\"}"
    is .id "$deal"
    api sales AuthService/WhoAmI
    is .email sales@acme.example
}

@test "api call: a method, field or JSON that is none" {
    as sales api call DealService/Fly '{}'
    [[ $status = "$UNIMPLEMENTED" || $status = "$USAGE" || $status = "$NOT_FOUND" ]] || complain "an unknown method"
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
    local body
    for body in '{"deal_id": "1"' '[]' '{"nothing": 1}' '{"deal_id": "x"}' '{"deal_id": 1.5}' \
        '{"deal_id": "99999999999999999999"}'; do
        as sales api call DealService/GetDeal "$body"
        [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took $body"
        [ "$(wc -l <<<"$stderr")" -eq 1 ] || complain "not one line"
        [ -z "$output" ] || complain "there is output"
        run --separate-stderr "$JIAYI" --profile sales -o json api call DealService/GetDeal - <<<"$body"
        [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took $body on standard input"
        [ -z "$output" ] || complain "there is output"
    done
    refused $INVALID_ARGUMENT deal_id sales api call DealService/GetDeal '{}'
}

@test "api call: public methods need no session" {
    run --separate-stderr "$JIAYI" --profile sales -o json api call ServerService/Check
    ok
    is .status SERVING
}
