#!/usr/bin/env bats
# The inbox: who is told what, and what they see of it.

load ../helper

# told PROFILE FILTER: for eventually: the inbox of PROFILE has an item that FILTER (jq) fits.
told() {
    "$JIAYI" --profile "$1" -o json inbox list | jq -e ".items // [] | any($2)" >/dev/null
}

@test "inbox list: what others do with one's deal, in words of the reader" {
    local deal
    deal=$(new_deal sales)
    as manager deal move "$deal" quoted
    ok
    eventually told sales ".on == \"deal/$deal\" and .kind == \"deal.moved\""
    json sales inbox list --unread
    is ".items[] | select(.on == \"deal/$deal\") | [.kind, .title, .from, .to, .member, .read_at] | map(. // \"-\") | join(\" \")" \
        'deal.moved Deal of sales new quoted manager@acme.example -'
    LC_ALL=C.UTF-8 LANGUAGE=zh_CN as sales inbox list
    ok
    says "deal/$deal"
    # Whoever did it is not told.
    json manager inbox list
    is "[.items // [] | .[] | select(.on == \"deal/$deal\")] | length" 0
}

@test "inbox read: one, all, and what is not there" {
    local deal id
    deal=$(new_deal sales)
    as manager deal move "$deal" quoted
    eventually told sales ".on == \"deal/$deal\""
    id=$("$JIAYI" --profile sales -o json inbox list | jq -r "first(.items[] | select(.on == \"deal/$deal\")).id")
    json sales inbox read "$id"
    is .read 1
    json sales inbox read "$id"
    is .read 0
    json sales inbox list --unread
    is "[.items // [] | .[] | select(.id == \"$id\")] | length" 0
    json sales inbox list
    is ".items[] | select(.id == \"$id\") | .read_at != null" true
    json sales inbox read --all
    json sales inbox list --unread
    is '.items // [] | length' 0
    refused $NOT_FOUND "nothing in your inbox has the number $id" manager inbox read "$id"
    refused $NOT_FOUND 'nothing in your inbox has the number 999999999' sales inbox read 999999999
    refused $INVALID_ARGUMENT '' sales api call InboxService/MarkRead '{}'
    refused $INVALID_ARGUMENT '' sales api call InboxService/MarkRead '{"item_id": "-1"}'
    refused $USAGE '' sales inbox read x
    refused $INVALID_ARGUMENT '' sales api call InboxService/MarkRead "{\"item_id\": \"$id\", \"all\": true}"
}

@test "inbox list: pages, the newest first" {
    local deal first
    deal=$(new_deal sales)
    for stage in contacted quoted deciding; do as manager deal move "$deal" $stage; done
    eventually told sales ".on == \"deal/$deal\" and .to == \"deciding\""
    json sales inbox list --page-size 2
    is '[.items[].to] | join(" ")' 'deciding quoted'
    first=$(jq -r .next_page_token <<<"$output")
    json sales inbox list --page-size 1 --page-token "$first"
    is '.items[0].to' contacted
    refused $INVALID_ARGUMENT page_token sales inbox list --page-token x
}

@test "follow: one is told of what one sees, and of what one does not see any more by number alone" {
    local deal
    deal=$(new_deal sales --vendor beta)
    json beta-vendor follow "deal/$deal"
    is .on "deal/$deal"
    refused $ALREADY_EXISTS "you follow deal/$deal already" beta-vendor follow "deal/$deal"
    json beta-vendor inbox following
    is '[.following[] | .on, .title] | join(" ")' "deal/$deal Deal of sales"
    as sales deal move "$deal" contacted
    eventually told beta-vendor ".on == \"deal/$deal\" and .kind == \"deal.moved\" and .member_company == \"acme\""
    as admin deal update "$deal" --no-vendor
    ok
    as sales deal move "$deal" quoted
    as sales follow "deal/$deal"
    as manager deal move "$deal" deciding
    eventually told sales ".on == \"deal/$deal\" and .to == \"deciding\""
    json beta-vendor inbox list
    is "[.items[] | select(.on == \"deal/$deal\")] | length" 1
    is ".items[] | select(.on == \"deal/$deal\") | keys | join(\" \")" 'at id on'
    json beta-vendor inbox following
    is '.following[0] | keys | join(" ")' 'on since'
    json beta-vendor unfollow "deal/$deal"
    is .on "deal/$deal"
    refused $NOT_FOUND "you do not follow deal/$deal" beta-vendor unfollow "deal/$deal"
}

@test "follow: nothing that is not seen, nor what is no thing" {
    local deal
    deal=$(new_deal sales)
    refused $NOT_FOUND "there is no deal/$deal that you can see" gamma-admin follow "deal/$deal"
    refused $NOT_FOUND "you do not follow deal/$deal" gamma-admin unfollow "deal/$deal"
    refused $INVALID_ARGUMENT 'there is no such kind of thing' sales follow rabbit/1
    refused $NOT_FOUND 'you do not follow rabbit/1' sales unfollow rabbit/1
    refused $INVALID_ARGUMENT 'should be a kind of thing and its number' sales follow 7
    refused $INVALID_ARGUMENT 'should be a kind of thing and its number' sales unfollow "deal/1;"
    refused $INVALID_ARGUMENT on sales api call InboxService/Follow '{}'
}

@test "follow: sent again under its request_id it is done once, and answers the same" {
    local deal id=00112233445566778899aabbccddeeff
    deal=$(new_deal sales)
    as sales --request-id $id follow "deal/$deal"
    ok
    as sales --request-id $id follow "deal/$deal"
    ok
    json sales inbox following
    is "[.following[] | select(.on == \"deal/$deal\")] | length" 1
}
