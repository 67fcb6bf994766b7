#!/usr/bin/env bats
# Checklists: defined with their points, started on things, where the points become tasks.

load ../helper

# points [LINE…]: a file of points.
points() {
    printf '%s\n' 'title,required,days,side,criterion' "$@" >"$BATS_TEST_TMPDIR/points.csv"
    echo "$BATS_TEST_TMPDIR/points.csv"
}

@test "checklist define, show, list, update: points of CSV and JSON" {
    local file
    file=$(points 'Ask for the budget,true,2,,' '确认决策人,,5,,true' 'Thank them,,,,')
    json admin checklist define first-call --name 'First call' --purpose stage --items "$file"
    is '[.code, .name, .purpose, .points, .version] | join(" | ")' 'first-call | First call | stage | 3 | 1'
    json sales checklist show first-call
    is '[.items[] | "\(.position) \(.title) \(.required // "-") \(.days // "-") \(.side) \(.criterion // "-")"] | join(", ")' \
        '1 Ask for the budget true 2 ours -, 2 确认决策人 - 5 ours true, 3 Thank them - - ours -'
    echo '[{"title": "Only this", "text": "In full."}]' >"$BATS_TEST_TMPDIR/points.json"
    json admin checklist update first-call --items "$BATS_TEST_TMPDIR/points.json" --name 'The first call'
    is '[.name, .points, .version] | join(" | ")' 'The first call | 1 | 2'
    json sales checklist show first-call
    is '[.items[] | .text] | join(", ")' 'In full.'
    json admin checklist update first-call --active=false
    is .active false
    json sales checklist list
    is '[.checklists[] | select(.code | test("contacted|deciding|negotiating|new|quoted") | not)] | length' 0
    json sales checklist list --retired
    is '.checklists | map(select(.code == "first-call") | [.code, .points] | join(" ")) | join(", ")' 'first-call 1'
    refused $FAILED_PRECONDITION 'not used any more' sales checklist start first-call "deal/$(new_deal sales)"
    json admin audit list --object checklist --id first-call
    is '.entries | length' 3
    as sales checklist show first-call
    ok
    says 'Only this'
}

@test "checklist start: a task of each point, due in working days, once at a time" {
    local deal file
    deal=$(new_deal sales)
    file=$(points 'Ask for the budget,true,2,,true' 'Thank them,,,,')
    as admin checklist define visit --name Visit --purpose stage --items "$file"
    ok
    # 2027-01-08 is a Friday.
    json sales checklist start visit "deal/$deal" --start 2027-01-08
    is '[.checklist, .on, .tasks, .due] | join(" ")' "visit deal/$deal 2 2027-01-12"
    json sales task list --on "deal/$deal"
    is '[.tasks[] | "\(.title) \(.kind) \(.checklist) \(.owner) \(.due // "-") \(.required // "-") \(.criterion // "-")"] | join(", ")' \
        'Ask for the budget check visit sales@acme.example 2027-01-12 true true, Thank them check visit sales@acme.example - - -'
    refused $FAILED_PRECONDITION 'is being worked on' manager checklist start visit "deal/$deal"
    # What runs stays as it was.
    as admin checklist update visit --items "$(points 'Something else,,,,')"
    ok
    json sales task list --on "deal/$deal"
    is '[.tasks[] | .title] | join(", ")' 'Ask for the budget, Thank them'
    for id in $("$JIAYI" --profile sales -o json task list --on "deal/$deal" | jq -r '.tasks[].id'); do
        as sales task done "$id"
        ok
    done
    json manager checklist start visit "deal/$deal" --owner junior@acme.example
    is .tasks 1
    json junior todo
    is '[.items[] | [.why, .title] | join(" ")] | join(", ")' 'task Something else'
    # Who has a task on a deal does not see the deal by that.
    is '.items[0].about' null
}

@test "checklist start: points of a partner are that partner's" {
    local deal
    as admin checklist define onboard --name Onboarding --purpose onboarding \
        --items "$(points 'Send papers,true,1,,' 'Name a contact,true,3,vendor,')"
    ok
    deal=$(new_deal sales)
    refused $INVALID_ARGUMENT 'has points for a partner' sales checklist start onboard "deal/$deal"
    json sales checklist start onboard "deal/$deal" --vendor beta
    is .tasks 2
    json beta-vendor task list
    is '[.tasks[] | "\(.title) \(.kind) \(.side)"] | join(", ")' 'Name a contact onboarding vendor'
    json beta-vendor todo
    is '[.items[] | [.why, .title] | join(" ")] | join(", ")' 'task Name a contact'
    deal=$(new_deal sales --vendor beta)
    json sales checklist start onboard "deal/$deal"
    is .tasks 2
    refused $NOT_FOUND 'gamma is no partner' sales checklist start onboard "deal/$(new_deal sales)" --vendor gamma
    as admin checklist define alone --name Alone --purpose review --items "$(points 'Look,,,,')"
    ok
    refused $INVALID_ARGUMENT 'leave --vendor away' sales checklist start alone "deal/$(new_deal sales)" --vendor beta
}

@test "checklist: bad input, and what is not there" {
    local deal file
    deal=$(new_deal sales)
    file=$(points 'One,,,,')
    as admin checklist define once --name Once --purpose project --items "$file"
    ok
    refused $ALREADY_EXISTS 'there is a checklist of that code' admin checklist define once --name Once --purpose project --items "$file"
    refused $USAGE items admin checklist define other --name Other --purpose project
    refused $INVALID_ARGUMENT code admin checklist define 'Other One' --name Other --purpose project --items "$file"
    refused $INVALID_ARGUMENT 'none of' admin checklist define other --name Other --purpose party --items "$file"
    refused $INVALID_ARGUMENT title admin checklist define other --name Other --purpose project --items "$(points ',true,,,')"
    refused $INVALID_ARGUMENT days admin checklist define other --name Other --purpose project --items "$(points 'One,,-1,,')"
    refused $INVALID_ARGUMENT days admin checklist define other --name Other --purpose project --items "$(points 'One,,367,,')"
    refused $INVALID_ARGUMENT side admin checklist define other --name Other --purpose project --items "$(points 'One,,,theirs,')"
    refused $INVALID_ARGUMENT 'colour' admin checklist define other --name Other --purpose project --items <(echo 'title,colour')
    refused $INVALID_ARGUMENT 'items' admin checklist define other --name Other --purpose project --items <(echo title)
    refused $INVALID_ARGUMENT 'at most 100' admin checklist define other --name Other --purpose project --items <(echo title; seq 101)
    refused $INVALID_ARGUMENT 'at least one' admin checklist update once
    refused $ABORTED 'at version 1 by now, not 2' admin checklist update once --name x --version 2
    points 'One,,,,'
    refused $PERMISSION_DENIED checklist.manage manager checklist define other --name Other --purpose project --items "$file"
    refused $PERMISSION_DENIED checklist.manage sales checklist update once --name x
    refused $NOT_FOUND 'no checklist nothing' sales checklist show nothing
    refused $NOT_FOUND 'no checklist nothing' sales checklist start nothing "deal/$deal"
    refused $NOT_FOUND 'no checklist once' gamma-sales checklist show once
    refused $NOT_FOUND 'no checklist once' gamma-admin checklist update once --name x
    refused $NOT_FOUND 'there is no deal/999999999' sales checklist start once deal/999999999
    refused $NOT_FOUND "there is no deal/$deal" peer checklist start once "deal/$deal"
    refused $PERMISSION_DENIED 'for yourself or your team only' sales checklist start once "deal/$deal" --owner manager@acme.example
    refused $PERMISSION_DENIED task.create auditor checklist start once "deal/$deal"
    json gamma-admin checklist list --retired
    is '[.checklists[] | select(.code | test("contacted|deciding|negotiating|new|quoted") | not)] | length' 0
}
