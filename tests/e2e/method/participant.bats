#!/usr/bin/env bats
# Participants: who takes part in a deal or a task sees it, whatever the scope of their role, logs on it, and changes nothing.

load ../helper

@test "participant add, list, remove: a colleague sees the deal, with all that was done on it" {
    local deal id
    deal=$(new_deal sales)
    as sales deal log "$deal" --kind call --text 'Before.'
    ok
    refused $NOT_FOUND "there is no deal/$deal" peer comment list "deal/$deal"
    json sales participant add "deal/$deal" peer@acme.example --function technical
    is '[.on, .member, .function, .added_by] | join(" ")' "deal/$deal peer@acme.example technical sales@acme.example"
    json peer deal show "$deal"
    is '[.title, .customer, .activities[0].text] | join(" | ")' 'Deal of sales | Customer | Before.'
    json peer deal list
    is '.deals | map(.id) | join(",")' "$deal"
    json peer deal list --owner sales@acme.example
    is '.deals | map(.id) | join(",")' "$deal"
    json peer deal list --owner junior@acme.example
    is '.deals // [] | length' 0
    json peer deal history "$deal"
    is '.history | length' 1
    json peer comment add "deal/$deal" --text 'I help.'
    json sales comment list "deal/$deal"
    is '.comments[0].text' 'I help.'
    # Sight is no change.
    refused $PERMISSION_DENIED 'but not change it' peer deal update "$deal" --title x
    refused $PERMISSION_DENIED 'but not move it' peer deal move "$deal" quoted
    as peer deal log "$deal" --kind call --text 'I asked for the drawing.'
    ok
    refused $PERMISSION_DENIED 'but not choose who takes part' peer participant add "deal/$deal" partner@acme.example --function helper
    refused $ALREADY_EXISTS 'takes part already' sales participant add "deal/$deal" peer@acme.example --function sales
    json manager participant add "deal/$deal" partner@acme.example --function helper
    json sales participant list "deal/$deal" --page-size 1
    is '.participants[0].member' peer@acme.example
    json sales participant list "deal/$deal" --all
    is '[.participants[].member] | sort | join(" ")' 'partner@acme.example peer@acme.example'
    json sales participant remove "deal/$deal" peer@acme.example
    is .member peer@acme.example
    refused $NOT_FOUND "there is no deal $deal that you can see" peer deal show "$deal"
    json peer deal list
    is '.deals // [] | length' 0
    refused $NOT_FOUND participant sales participant remove "deal/$deal" peer@acme.example
    json auditor audit list --all
    is '[.entries[] | select(.object == "participant")] | length' 3
}

@test "participant: a partner's people, from then on, while the partnership is active" {
    local deal
    deal=$(new_deal sales)
    as sales comment add "deal/$deal" --text 'Floor price 80'
    ok
    as sales deal log "$deal" --kind call --text 'Before.'
    ok
    json sales participant add "deal/$deal" vendor@beta.example --function service
    is '[.member, .member_company] | join(" ")' 'vendor@beta.example beta'
    as sales comment add "deal/$deal" --text 'Welcome'
    ok
    as sales comment add "deal/$deal" --text 'Not for them' --internal
    ok
    as sales deal log "$deal" --kind call --text 'Since.'
    ok
    json beta-vendor deal show "$deal"
    is '[.title, .customer, .owner, .company, (.activities | map(.text) | join("+"))] | join(" | ")' \
        'Deal of sales | Customer | sales@acme.example | acme | Since.'
    json beta-vendor deal list
    is '.deals | map([.id, .customer] | join(" ")) | join(",")' "$deal Customer"
    json beta-vendor comment list "deal/$deal"
    is '[.comments[].text] | join(", ")' Welcome
    json beta-vendor participant list "deal/$deal"
    is '[.participants[] | [.member, .added_by, .added_by_company] | join(" ")] | join(", ")' 'vendor@beta.example sales@acme.example acme'
    # Others of that company do not take part.
    refused $NOT_FOUND "there is no deal $deal" beta-manager deal show "$deal"
    refused $PERMISSION_DENIED 'but not move it' beta-vendor deal move "$deal" quoted
    as beta-vendor deal log "$deal" --kind visit --text 'Looked at the machine.'
    ok
    refused $PERMISSION_DENIED 'is of acme, whose people choose' beta-vendor participant add "deal/$deal" manager@beta.example --function sales
    as beta-vendor comment add "deal/$deal" --text 'Our offer'
    ok
    as admin partner suspend beta
    ok
    refused $NOT_FOUND "there is no deal $deal" beta-vendor deal show "$deal"
    json beta-vendor deal list
    is '.deals // [] | length' 0
    refused $NOT_FOUND 'no member peer@beta.example' sales participant add "deal/$deal" peer@beta.example --function sales
    refused $FAILED_PRECONDITION suspended sales participant add "deal/$deal" peer@beta.example --function sales --company beta
    as admin partner resume beta
    ok
    as beta-vendor deal show "$deal"
    ok
    # Who goes keeps what they said, and who comes again begins again.
    as sales participant remove "deal/$deal" vendor@beta.example
    ok
    json beta-vendor comment list "deal/$deal"
    is '[.comments[].text] | join(", ")' 'Our offer'
    as sales participant add "deal/$deal" vendor@beta.example --function service
    ok
    json beta-vendor comment list "deal/$deal"
    is '[.comments[].text] | join(", ")' 'Our offer'
}

@test "participant: on a task" {
    local id
    id=$("$JIAYI" --profile sales -o json task create 'Draw the plan' | jq -r .id)
    refused $NOT_FOUND "there is no task $id" peer task show "$id"
    as sales comment add "task/$id" --text 'Before.'
    ok
    as sales participant add "task/$id" peer@acme.example --function reviewer
    ok
    as sales participant add "task/$id" vendor@beta.example --function helper
    ok
    as sales comment add "task/$id" --text 'Since.'
    ok
    json peer task list
    is '.tasks | map(.id) | join(",")' "$id"
    json peer comment list "task/$id"
    is '[.comments[].text] | join(", ")' 'Since., Before.'
    json beta-vendor task list
    is '.tasks | map(.id) | join(",")' "$id"
    json beta-vendor comment list "task/$id"
    is '[.comments[].text] | join(", ")' 'Since.'
    refused $PERMISSION_DENIED 'but not change it' peer task done "$id"
    refused $PERMISSION_DENIED 'but not change it' beta-vendor task done "$id" --force
    refused $PERMISSION_DENIED 'but not change it' beta-vendor task update "$id" --title x --force
}

@test "participant: bad input, and what is not there" {
    local deal report
    deal=$(new_deal sales)
    report=$(new_report sales acme)
    refused $USAGE function sales participant add "deal/$deal" peer@acme.example
    refused $INVALID_ARGUMENT 'none of' sales participant add "deal/$deal" peer@acme.example --function mediator
    refused $INVALID_ARGUMENT 'kind of thing and its number' sales participant add "$deal" peer@acme.example --function sales
    refused $INVALID_ARGUMENT 'nobody takes part in report/' sales participant add "report/$report" peer@acme.example --function sales
    refused $INVALID_ARGUMENT 'e-mail address' sales participant add "deal/$deal" peer@ --function sales
    refused $NOT_FOUND 'no member nobody@acme.example' sales participant add "deal/$deal" nobody@acme.example --function sales
    refused $NOT_FOUND 'no member sales@gamma.example' sales participant add "deal/$deal" sales@gamma.example --function sales
    refused $NOT_FOUND 'gamma is no partner of yours' sales participant add "deal/$deal" sales@gamma.example --function sales --company gamma
    refused $NOT_FOUND 'no member nobody@beta.example' sales participant add "deal/$deal" nobody@beta.example --function sales --company beta
    refused $NOT_FOUND "there is no deal/$deal" gamma-admin participant add "deal/$deal" admin@gamma.example --function sales
    refused $NOT_FOUND "there is no deal/$deal" peer participant list "deal/$deal"
    refused $NOT_FOUND "there is no deal/$deal" gamma-admin participant remove "deal/$deal" sales@acme.example
    refused $PERMISSION_DENIED participant.manage auditor participant add "deal/$deal" peer@acme.example --function sales
    refused $NOT_FOUND "there is no deal/$deal" beta-vendor participant list "deal/$deal"
}
