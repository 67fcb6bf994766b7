#!/usr/bin/env bats
# The to-do list: what waits for somebody, from all that can wait, in one order.

load ../helper

new_task() {
    "$JIAYI" --profile "$1" -o json task create "${@:2}" | jq -er .id
}
# listed: what the list has, as "why title when".
listed() {
    is '[.items // [] | .[] | [.why, .title, .when] | join(" ")] | join(", ")' "$1"
}
day() {
    date -u -d "$1" +%F
}

@test "todo: tasks, next steps, reviews, returned reports, invitations, by when they are due" {
    local deal other report
    deal=$(new_deal sales)
    json sales todo
    listed ''
    new_task sales 'in a month' --due "$(day '+30 days')"
    new_task sales 'undated'
    new_task sales 'now' --due "$(day now)" --on "deal/$deal"
    new_task sales 'missed' --due "$(day '-2 days')"
    as sales task done "$(new_task sales 'is done')"
    ok
    as sales deal log "$deal" --kind call --text 'Spoke.' --next 'Send the offer' --due "$(day '-1 day')"
    ok
    json sales todo
    listed 'task missed overdue, follow_up Send the offer overdue, task now today, task in a month later, task undated '
    is '[.items[] | .on] | map(select(startswith("deal"))) | join(" ")' "deal/$deal"
    is '.items[1] | [.about, .owner, .due] | join(" | ")' "Deal of sales | sales@acme.example | $(day '-1 day')"
    is '.items[2].about' 'Deal of sales'
    # A later follow-up without a next step leaves it, for nobody said that it was done; one with another takes its place.
    as sales deal log "$deal" --kind call --text 'They rang.'
    ok
    json sales todo
    is '[.items[] | select(.why == "follow_up") | .title + " " + .when] | join(", ")' 'Send the offer overdue'
    as sales deal log "$deal" --kind call --text 'Done.' --next 'Visit' --due "$(day '+1 day')"
    json sales todo
    is '[.items[] | select(.why == "follow_up") | .title] | join(", ")' Visit
    is '[.items[] | select(.why == "follow_up") | .when] | inside(["soon"])' true
    # It goes with the deal to its owner, and ends with it.
    as manager deal assign "$deal" junior@acme.example
    ok
    json sales todo
    is '[.items[] | select(.why == "follow_up")] | length' 0
    json junior todo
    listed 'follow_up Visit soon'
    as manager deal move "$deal" lost --reason x --lost-reason other --yes
    ok
    json junior todo
    listed ''
    as manager deal undo "$deal"
    ok
    json junior todo
    listed 'follow_up Visit soon'
    as junior deal next-done "$deal" --text 'Nothing more.'
    ok
    json junior todo
    listed ''
    # Reports wait for who reviews them, then for their author.
    report=$(new_report sales acme)
    json manager todo
    is '[.items[] | [.why, .title, .about, .when, .owner] | join(" ")] | join(", ")' \
        'review Report of sales 2026-11-20 waiting sales@acme.example'
    json peer todo
    listed ''
    as manager report return "$report" --comment 'Again.'
    ok
    json manager todo
    listed ''
    json sales todo
    is '[.items[] | select(.why == "returned") | [.on, .when] | join(" ")] | join(", ")' "report/$report waiting"
    # What was delivered waits for who accepts it.
    other=$(new_task manager 'Draw the plan' --owner junior@acme.example --accept)
    json junior todo
    listed 'task Draw the plan '
    as junior task deliver "$other" --text 'Here.'
    ok
    json junior todo
    listed ''
    json manager todo
    listed 'acceptance Draw the plan '
    as manager task reject "$other" --text 'No.' --force
    ok
    json junior todo
    listed 'task Draw the plan '
    # Invitations wait for who may answer.
    as admin partner invite gamma
    ok
    json gamma-admin todo
    listed 'invitation acme waiting'
    json gamma-sales todo
    listed ''
}

@test "todo --team, --member: of those below, as far as the role sees" {
    new_task peer 'of a colleague'
    json manager todo --team
    is '[.items[] | .owner] | unique | join(" ")' 'junior@acme.example sales@acme.example'
    json sales todo --team
    is '[.items[] | .owner] | unique | join(" ")' sales@acme.example
    json admin todo --member peer@acme.example
    listed 'task of a colleague '
    json manager todo --member peer@acme.example
    listed ''
    refused $NOT_FOUND 'no member nobody@acme.example' manager todo --member nobody@acme.example
    refused $NOT_FOUND 'no member vendor@beta.example' manager todo --member vendor@beta.example
    refused $INVALID_ARGUMENT 'at most one' manager todo --team --member sales@acme.example
    refused $INVALID_ARGUMENT page-size manager todo --page-size 201
}

@test "todo: page by page, each thing once" {
    local i all
    for i in {1..7}; do
        new_task partner "t$i" --due "$(day "+$((i % 3 + 40)) days")" >/dev/null
    done
    json partner todo
    all=$(jq -r '[.items[].title] | join(" ")' <<<"$output")
    [ "$(wc -w <<<"$all")" -eq 7 ] || complain "not all: $all"
    json partner todo --all --page-size 2
    is '[.items[].title] | join(" ")' "$all"
    refused $INVALID_ARGUMENT page-token partner todo --page-token AAAAAAAAAAAAAAAAAAAA
}

@test "todo: a partner's work, each side with its own next step" {
    local deal task who
    deal=$(new_deal sales --vendor beta)
    task=$(new_task sales 'Prepare a demo' --vendor beta --accept)
    # While nobody has it, it waits for each of them who may do it, and for nobody by name.
    for who in beta-vendor beta-manager beta-admin; do
        json "$who" todo
        listed 'task Prepare a demo '
        is '.items[0] | [.owner, .owner_company] | map(select(. != null)) | length' 0
    done
    json beta-manager todo --team
    listed 'task Prepare a demo '
    json beta-manager todo --member vendor@beta.example
    listed ''
    as admin partner suspend beta
    ok
    json beta-manager todo
    listed ''
    as admin partner resume beta
    ok
    as beta-manager task assign "$task" vendor@beta.example
    ok
    json beta-manager todo
    listed ''
    as beta-vendor deal log "$deal" --kind call --text 'Our own.' --next 'Ask for the price' --due "$(day '+1 day')" --internal
    ok
    json beta-vendor todo
    listed 'follow_up Ask for the price soon, task Prepare a demo '
    json sales todo
    is '[.items[] | select(.why == "follow_up")] | length' 0
    as beta-vendor task deliver "$task" --text 'On Friday.' --force
    ok
    json sales todo
    is '[.items[] | select(.why == "acceptance") | [.title, .owner, .owner_company] | join(" ")] | join(", ")' \
        'Prepare a demo vendor@beta.example beta'
    task=$(new_task sales 'Train them' --vendor beta --side ours --accept)
    as sales task deliver "$task" --text 'Two days.'
    ok
    json beta-vendor todo
    listed 'follow_up Ask for the price soon, acceptance Train them '
    # It goes with the sharing.
    as admin partner suspend beta
    ok
    json beta-vendor todo
    listed ''
    as admin partner resume beta
    ok
    as sales deal update "$deal" --no-vendor
    ok
    json beta-vendor todo
    listed 'acceptance Train them '
}

@test "todo: what a partner's people have not said who does is theirs who deliver it" {
    local task other
    task=$(new_task sales 'Send drawings' --vendor beta --accept)
    other=$(new_task sales 'Call back' --vendor beta)
    json beta-vendor task deliver "$task" --text 'Here.'
    is .owner vendor@beta.example
    json beta-vendor task done "$other"
    is .owner vendor@beta.example
    json beta-manager task show "$other"
    is .owner vendor@beta.example
    as sales task reject "$task" --text 'Not all.' --force
    ok
    json beta-vendor todo
    is '[.items[].title] | map(select(. == "Send drawings" or . == "Call back")) | join(", ")' 'Send drawings'
    json beta-manager todo
    is '[.items // [] | .[].title] | map(select(. == "Send drawings" or . == "Call back")) | join(", ")' ''
    # Who gave it may say that it is done, and has it no more than before.
    json sales task done "$(new_task sales 'Write to them' --vendor beta)"
    is '[.state, .owner, .done_by] | map(select(. != null)) | join(" ")' 'done sales@acme.example'
}

@test "todo: on a terminal, in three languages, 80 columns" {
    local language
    new_task sales 'Send the offer' --due "$(day '-1 day')"
    for language in C.UTF-8 zh_CN.UTF-8 sq_AL.UTF-8; do
        run env TERM=xterm script -qec "stty cols 80; LC_ALL=$language PAGER=cat '$JIAYI' --profile sales todo" /dev/null
        output=${output//$'\r'/}
        ok
        [ "$(wc -L <<<"$output")" -le 80 ] || complain "wider than the terminal"
        case $language in zh*) says 已逾期 ;; sq*) says 'me vonesë' ;; *) says overdue ;; esac
        says 'Send the offer'
        terminal 80 $language sales task list
        says 'Send the offer'
    done
}
