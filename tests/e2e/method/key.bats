#!/usr/bin/env bats
# Keys by which members sign: made by the client, the private half in its profile alone.

load ../helper

@test "key add: the private half is in the profile alone; key list and revoke" {
    local profile=$XDG_CONFIG_HOME/jiayi/profiles/sales private id
    json sales key add --note laptop
    id=$(jq -r .id <<<"$output")
    is '.public_key | test("^[0-9a-f]{64}$")' true
    private=$(jq -r .signing_key "$profile")
    [ ${#private} = 64 ] && [ "$(stat -c %a "$profile")" = 600 ]
    lacks "$private"
    grep -q "$private" "$DATA.log" && complain "the log has it"
    # The two are one key.
    [ "$(printf '302e020100300506032b657004220420%s' "$private" | sed 's/../\\x&/g' | xargs -0 printf '%b' |
        openssl pkey -inform DER -pubout -outform DER | tail -c 32 | od -An -tx1 | tr -d ' \n')" = "$(jq -r .public_key <<<"$output")" ]
    json sales key list
    is '.keys[0].note' laptop
    is '.keys[0].revoked_at' null
    as sales completion bash -- --timeout 60 --profile sales key revoke ""
    [ "$(cut -f 1 <<<"$output")" = "$id" ] || complain "it is not completed"
    refused $NOT_FOUND "no key $id" manager key revoke "$id"
    json sales key revoke "$id"
    is '.revoked_at != null' true
    json sales key list
    is '.keys[0].revoked_at != null' true
    # Once more it says when that was.
    local at
    at=$(jq -r '.keys[0].revoked_at' <<<"$output")
    json sales key revoke "$id"
    is .revoked_at "$at"
    # Signing in again keeps it.
    as sales login --password-file "$(password_file sales)"
    ok
    [ "$(jq -r .signing_key "$profile")" = "$private" ]
}

@test "key add: a second one in a profile would lose the private half of the first, unless that was revoked" {
    local profile=$XDG_CONFIG_HOME/jiayi/profiles/manager private id
    json manager key add --note desk
    id=$(jq -r .id <<<"$output")
    private=$(jq -r .signing_key "$profile")
    as manager key add --note other
    was_refused $FAILED_PRECONDITION "has a key already, number $id; end that one first: jiayi --profile manager key revoke $id"
    [ "$(jq -r .signing_key "$profile")" = "$private" ] || complain 'the first one is gone'
    json manager key list
    is '.keys | length' 1
    LC_ALL=zh_CN.UTF-8 refused $FAILED_PRECONDITION "已有密钥（编号 $id）；请先吊销它：jiayi --profile manager key revoke $id" manager key add --note other
    as manager key revoke "$id" --yes
    json manager key add --note other
    is .note other
    [ "$(jq -r .signing_key "$profile")" != "$private" ] || complain 'it still has the first one'
}

@test "key add: what is no key, and one that is somebody's" {
    local key
    key=$(openssl rand -hex 32)
    api peer KeyService/AddKey "{\"public_key\": \"$key\"}"
    refused $ALREADY_EXISTS "somebody's already" junior api call KeyService/AddKey "{\"public_key\": \"$key\"}"
    refused $INVALID_ARGUMENT '64 hexadecimal digits' peer api call KeyService/AddKey '{"public_key": "abc"}'
    refused $INVALID_ARGUMENT 'public_key' peer api call KeyService/AddKey '{}'
}
