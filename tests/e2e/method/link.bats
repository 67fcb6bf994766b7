#!/usr/bin/env bats
# Links: what refers to what, and who sees which end.

load ../helper

@test "link add: a report and a deal, seen from either" {
    local deal report id
    deal=$(new_deal sales)
    report=$(new_report sales acme)
    json sales link add "report/$report" "deal/$deal" --role about --note 'Second page'
    is '[.from, .role, .to, .to_title, .note, .member] | join(" | ")' \
        "report/$report | about | deal/$deal | Deal of sales | Second page | sales@acme.example"
    id=$(jq -r .id <<<"$output")
    json sales link list "deal/$deal"
    is '.links | length' 1
    is '.links[0].from' "report/$report"
    json manager link list "report/$report"
    is '.links[0].to' "deal/$deal"
    json manager link show "$id"
    is .note 'Second page'
    refused $ALREADY_EXISTS "report/$report is linked with deal/$deal so already" sales link add "report/$report" "deal/$deal" --role about
    as sales link add "report/$report" "deal/$deal" --role basis
    ok
}

@test "link add: neither end unseen, no thing with itself" {
    local deal
    deal=$(new_deal sales)
    refused $NOT_FOUND "there is no deal/$deal that you can see" gamma-admin link add "deal/$deal" "deal/$deal" --role about
    refused $NOT_FOUND 'there is no deal/999999999 that you can see' sales link add "deal/$deal" deal/999999999 --role about
    refused $INVALID_ARGUMENT 'a thing is not linked with itself' sales link add "deal/$deal" "deal/$deal" --role about
    refused $INVALID_ARGUMENT role sales link add "deal/$deal" "deal/$deal" --role friend
    refused $PERMISSION_DENIED link.add auditor link add "deal/$deal" "deal/$deal" --role about
    refused $NOT_FOUND 'there is no deal/999999999' sales link list deal/999999999
}

@test "case 19: a vendor sees the links that are shared with it, and of what it does not see the number alone" {
    local deal other
    other=$(new_deal sales)
    deal=$(new_deal sales --vendor beta)
    as sales link add "deal/$deal" "deal/$other" --role follows
    ok
    json beta-vendor link list "deal/$deal"
    is '.links // [] | length' 0
    as sales link add "deal/$deal" "deal/$other" --role basis --shared
    ok
    json beta-vendor link list "deal/$deal"
    is '[.links[] | .to, .to_title, .member_company] | map(. // "-") | join(" ")' "deal/$other - acme"
    refused $NOT_FOUND "there is no deal/$other" beta-vendor link list "deal/$other"
}
