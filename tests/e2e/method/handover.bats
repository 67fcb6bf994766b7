#!/usr/bin/env bats
# Handing over what a member is responsible for, and who may leave.

load ../helper

# person NAME [ARG…]: a salesperson of acme, who signs in.
person() {
    world_person admin "$1" salesperson "${@:2}" >/dev/null
}

# full NAME: gives somebody one of each that can be handed over, and what stays.
full() {
    local won
    CUSTOMER=$("$JIAYI" --profile "$1" -o json customer create "Customer of $1" | jq -r .id)
    DEAL=$("$JIAYI" --profile "$1" -o json deal create 'Open' --customer "Customer of $1" --amount 5 --currency EUR | jq -r .id)
    won=$("$JIAYI" --profile "$1" -o json deal create 'Won' --customer "Customer of $1" --amount 5 --currency EUR | jq -r .id)
    as admin deal move "$won" won --yes
    WON=$won
    TASK=$("$JIAYI" --profile "$1" -o json task create 'To do' | jq -r .id)
    as "$1" task done "$("$JIAYI" --profile "$1" -o json task create 'Done' | jq -r .id)"
    echo text >"$BATS_TEST_TMPDIR/report.md"
    REPORT=$("$JIAYI" --profile "$1" -o json report submit --kind weekly --period 2026-W47 --to acme --title 'Week 47' \
        --file "$BATS_TEST_TMPDIR/report.md" | jq -r .id)
    as admin report return "$REPORT" --comment 'Again.'
    as "$1" follow "deal/$DEAL"
    ok
}

# counts: what was handed over, of the output.
counts() {
    is '[.customers, .deals, .tasks, .reports, .following] | map(tostring) | join(" ")' "$1"
}

@test "member handover: everything at once, with a word on each, and one message" {
    person leaver --manager manager@acme.example
    full leaver
    json manager member handover leaver@acme.example junior@acme.example --note '他们在等报价。' --dry-run
    counts '1 1 1 1 1'
    is '[.dry_run, .id] | map(select(. != null)) | join(" ")' true
    json leaver deal show "$DEAL"
    is .owner leaver@acme.example
    json manager member handover leaver@acme.example junior@acme.example --note '他们在等报价。'
    counts '1 1 1 1 1'
    is '[.member, .owner] | join(" ")' 'leaver@acme.example junior@acme.example'
    json junior customer show "$CUSTOMER"
    is .owner junior@acme.example
    json junior deal show "$DEAL"
    is .owner junior@acme.example
    json admin deal show "$WON"
    is .owner leaver@acme.example
    json junior task show "$TASK"
    is .owner junior@acme.example
    # Of what came back there is a task; the report stays its author's.
    json junior task list --owner me
    is "[.tasks[] | select(.on == \"report/$REPORT\") | .title + \": \" + .text] | join(\",\")" 'Week 47: 他们在等报价。'
    json manager report show "$REPORT"
    is '[.author, .state] | join(" ")' 'leaver@acme.example returned'
    json junior comment list "deal/$DEAL"
    is '[.comments[] | .text + " " + .member + " " + (.internal | tostring)] | join(",")' '他们在等报价。 manager@acme.example true'
    json junior comment list "customer/$CUSTOMER"
    is '.comments | length' 1
    json junior inbox following
    is "[.following[]? | select(.on == \"deal/$DEAL\")] | length" 1
    eventually junior_is_told
    json junior inbox list --all
    is '[.items[] | select(.kind == "deal.assigned" or .kind == "comment.added" or .kind == "task.assigned")] | length' 0
    # Nothing is left, and the rest of what one leaves behind is no matter.
    json admin member duties leaver@acme.example
    is '.responsibilities[0] | [.customers, .deals, .tasks, .reports] | map(tostring) | join(" ")' '0 0 0 0'
    refused $FAILED_PRECONDITION 'has nothing to hand over' admin member handover leaver@acme.example junior@acme.example --note x
    as admin member remove leaver@acme.example --yes
    ok
    # Evidence.
    [ "$(sql "SELECT count(*) FROM jiayi.audit_entries() WHERE object = 'handover' AND member = 'manager@acme.example'")" = 1 ]
    run sql "DELETE FROM jiayi.handover"
    [ "$status" -ne 0 ]
}

junior_is_told() {
    "$JIAYI" --profile junior -o json inbox list | jq -e '.items[]? | select(.kind == "member.handed_over")' >/dev/null
}

@test "member handover: of some customers alone" {
    local other
    person some --manager manager@acme.example
    full some
    other=$("$JIAYI" --profile some -o json customer create 'Other of some' | jq -r .id)
    as some task create 'On the customer' --on "customer/$CUSTOMER"
    json manager member handover some@acme.example sales@acme.example --customer "$CUSTOMER" --note x
    counts '1 1 1 0 0'
    json manager customer show "$other"
    is .owner some@acme.example
    json manager task show "$TASK"
    is .owner some@acme.example
    refused $NOT_FOUND 'has nothing to do with a customer 999999' manager member handover some@acme.example sales@acme.example \
        --customer 999999 --note x
    refused $NOT_FOUND "has nothing to do with a customer $CUSTOMER" admin member handover peer@acme.example sales@acme.example \
        --customer "$CUSTOMER" --note x
}

@test "member handover: to whom one may, from whom one may" {
    local who
    person outside
    person inside --manager manager@acme.example
    for who in outside inside; do
        as "$who" customer create "Customer of $who"
        ok
    done
    refused $PERMISSION_DENIED member.handover sales member handover inside@acme.example sales@acme.example --note x
    refused $PERMISSION_DENIED 'not hand over what is theirs' manager member handover outside@acme.example inside@acme.example --note x
    refused $PERMISSION_DENIED 'within your team only' manager member handover inside@acme.example outside@acme.example --note x
    refused $INVALID_ARGUMENT 'to themselves' manager member handover inside@acme.example inside@acme.example --note x
    refused $NOT_FOUND 'no member nobody@acme.example' admin member handover nobody@acme.example inside@acme.example --note x
    refused $NOT_FOUND 'no member nobody@acme.example' admin member handover inside@acme.example nobody@acme.example --note x
    refused $NOT_FOUND 'no member vendor@beta.example' admin member handover inside@acme.example vendor@beta.example --note x
    refused $NOT_FOUND 'no member inside@acme.example' beta-admin member handover inside@acme.example vendor@beta.example --note x
    refused $USAGE note admin member handover inside@acme.example outside@acme.example
    refused $INVALID_ARGUMENT note admin member handover inside@acme.example outside@acme.example --note ''
    refused $INVALID_ARGUMENT note admin member handover inside@acme.example outside@acme.example --note "$(printf 'x%.0s' {1..4001})"
    refused $INVALID_ARGUMENT email admin member handover @acme.example outside@acme.example --note x
    [ "$(sql "SELECT count(*) FROM jiayi.customer AS c JOIN jiayi.member AS m ON m.id = c.owner_id WHERE m.name IN ('Inside', 'Outside')")" = 2 ]
    # Who was removed gets nothing, and what they left before there was a rule is handed over.
    as admin member handover outside@acme.example inside@acme.example --note x
    ok
    sql "UPDATE jiayi.member SET state = 'removed' WHERE email = 'inside@acme.example'"
    refused $NOT_FOUND 'no member inside@acme.example' admin member handover sales@acme.example inside@acme.example --note x
    json admin member duties
    is '[.responsibilities[] | select(.member == "inside@acme.example") | .state + " " + (.customers | tostring)] | join("")' 'removed 2'
    json admin member handover inside@acme.example outside@acme.example --note '接手'
    is .customers 2
}

@test "case 46: nobody leaves with something, and who goes hands it over by the way" {
    person going --manager manager@acme.example
    person worker --manager going@acme.example
    full going
    refused $FAILED_PRECONDITION 'still responsible for 1 customers, 1 open deals, 1 tasks, 1 returned reports, 0 partnerships and 0 contracts' \
        admin member remove going@acme.example --yes
    [[ $stderr = *'member handover going@acme.example'* ]]
    refused $INVALID_ARGUMENT note admin member remove going@acme.example --yes --hand-to junior@acme.example
    refused $NOT_FOUND nobody admin member remove going@acme.example --yes --hand-to nobody@acme.example --note x
    json admin member list --all
    is '[.members[] | select(.email == "going@acme.example")] | length' 1
    json admin member remove going@acme.example --yes --hand-to junior@acme.example --note '她离职了'
    is .state removed
    json junior deal show "$DEAL"
    is .owner junior@acme.example
    # Those below come under the next one above, and are told.
    json admin member list --all
    is '[.members[] | select(.email == "worker@acme.example") | .manager] | join("")' manager@acme.example
    eventually worker_is_told
}

worker_is_told() {
    "$JIAYI" --profile worker -o json inbox list | jq -e '.items[]? | select(.kind == "member.moved")' >/dev/null
}

@test "member duties, customer overlaps: who has what, and where several meet" {
    local id
    id=$("$JIAYI" --profile sales -o json customer create 'Met by two' | jq -r .id)
    as junior deal create 'Junior with two' --customer 'Met by two'
    as sales deal create 'Sales with two' --customer 'Met by two'
    json manager customer overlaps
    is "[.overlaps[] | select(.id == \"$id\") | .owner, (.deal_owners | join(\"+\"))] | join(\" \")" \
        'sales@acme.example junior@acme.example+sales@acme.example'
    json manager customer overlaps --page-size 1
    is '.overlaps | length' 1
    # A salesperson sees the own, a manager the team's, an auditor all.
    json junior member duties
    is '[.responsibilities[].member] | join(" ")' junior@acme.example
    json manager member duties
    is '[.responsibilities[].member] | contains(["sales@acme.example"]) and (contains(["peer@acme.example"]) | not)' true
    json auditor member duties peer@acme.example
    is '[.responsibilities[].member] | join(" ")' peer@acme.example
    json manager member duties peer@acme.example
    is '.responsibilities // [] | length' 0
    refused $NOT_FOUND 'no member nobody' manager member duties nobody@acme.example
    json admin member duties --page-size 2
    json admin member duties --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.responsibilities | length' 2
}
