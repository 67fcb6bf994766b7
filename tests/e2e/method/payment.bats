#!/usr/bin/env bats
# Payments of contracts: made of the terms, recorded by who pays, confirmed, rejected or waived by who is paid.

load ../helper
load ../contracts

TERMS='{
  "duties": [{"title": "Plan", "side": "vendor", "due": "2030-01-31"}, {"title": "Survey", "side": "vendor", "due": "2030-03-31"}],
  "payments": [
    {"payer": "principal", "amount": 1000.50, "currency": "CNY", "due": "2026-01-31", "title": "Advance"},
    {"payer": "vendor", "amount": "100", "currency": "EUR", "due": "2030-06-30", "title": "Licence"},
    {"payer": "principal", "amount": 5000, "currency": "CNY", "after_duty": 1, "days": 14, "title": "The plan"},
    {"payer": "principal", "amount": 7000, "currency": "CNY", "after_duty": 2, "title": "The survey"}
  ]
}'

# pay PROFILE CONTRACT TITLE: its number, of several that of the last.
pay() {
    "$JIAYI" --profile "$1" -o json payment list "$2" | jq -r "[.payments[] | select(.title == \"$3\")][-1].id"
}

# plan PROFILE CONTRACT: what is paid, and what has become of it.
plan() {
    "$JIAYI" --profile "$1" -o json payment list "$2" |
        jq -r '[.payments[]? | "\(.title) \(.amount.amount) \(.due // "-") \(.state)"] | join(", ")'
}

due_now() { # the job's slot, whatever the clock of the jobs says
    sql "SELECT jiayi.job_payments(0, now())" >/dev/null
}

@test "payment list, show, paid, confirm, reject, waive: one side pays, the other says that it came" {
    local id one rest plan
    partner papa
    id=$(signed papa "$TERMS")
    [ "$(plan papa "$id")" = 'Advance 1000.50 2026-01-31 planned, Licence 100 2030-06-30 planned, The plan 5000 - planned, The survey 7000 - planned' ]
    due_now
    one=$(pay admin "$id" Advance)
    json papa payment show "$one"
    is '[.contract, .contract_id, .payer, .payee, .payer_side, .state, .late, .amount.currency, .text_version] | map(tostring) | join(" ")' \
        "Agreement $id acme papa principal due true CNY 1"
    # In the contract too, on both sides, and on 80 columns.
    json admin contract show "$id"
    is '[.payments[] | "\(.due // "-") \(.payer) \(.amount.amount)"] | join(", ")' \
        '2026-01-31 acme 1000.50, 2030-06-30 papa 100, - acme 5000, - acme 7000'
    # Who is paid does not pay, who pays does not confirm, and nothing is confirmed that was not paid.
    refused $FAILED_PRECONDITION "payment $one is due; the payee cannot make it paid" papa payment paid "$one"
    refused $FAILED_PRECONDITION 'the payer cannot make it confirmed' admin payment confirm "$one" --force
    refused $FAILED_PRECONDITION 'the payee cannot make it confirmed' papa payment confirm "$one" --force
    refused $FAILED_PRECONDITION 'the payer cannot make it waived' admin payment waive "$one" --reason x --force
    refused $INVALID_ARGUMENT 'is still to come' admin payment paid "$one" --on 2099-01-01
    refused $INVALID_ARGUMENT 'is of 1000.50 CNY' admin payment paid "$one" --amount 1000.51
    refused $INVALID_ARGUMENT '' admin payment paid "$one" --amount 0
    refused $INVALID_ARGUMENT 'has 2 decimals' admin payment paid "$one" --amount 10.001
    # A part: the rest is a payment of its own.
    json admin payment paid "$one" --on 2026-02-03 --amount 600 --reference 'B 17' --force
    is '[.state, .amount.amount, .paid_on, .late, .reference, .paid_by, .version] | map(tostring) | join(" ")' \
        'paid 600.00 2026-02-03 true B 17 admin@acme.example 3'
    [ "$(plan papa "$id")" = 'Advance 600.00 2026-01-31 paid, Advance 400.50 2026-01-31 due, Licence 100 2030-06-30 planned, The plan 5000 - planned, The survey 7000 - planned' ]
    rest=$(pay papa "$id" Advance)
    json papa payment show "$rest"
    is '.rest_of' "$one"
    # It did not come; then it did.
    json papa payment reject "$one" --reason 'Nothing came.' --force
    is '[.state, .paid_on, .reason, .answered_by, .paid_by_company] | map(tostring) | join(" ")' 'due null Nothing came. papa@papa.example acme'
    as admin payment paid "$one" --force
    ok
    refused $ABORTED '' papa payment confirm "$one" --version 1
    json papa payment confirm "$one" --force
    is '[.state, .version] | map(tostring) | join(" ")' 'confirmed 6'
    refused $FAILED_PRECONDITION 'is confirmed' papa payment waive "$one" --reason x --force
    as papa payment waive "$rest" --reason 'As agreed.' --force
    ok
    # After a duty: so many days from its acceptance on.
    plan=$(duty papa "$id" Plan)
    duty papa "$id" Survey >/dev/null
    json admin payment show "$(pay admin "$id" 'The plan')"
    is '[.after_task, .after_days, .due] | map(tostring) | join(" ")' "$plan 14 null"
    as papa task deliver "$plan" --text 'Here.'
    ok
    as admin task accept "$plan" --force
    ok
    json admin payment show "$(pay admin "$id" 'The plan')"
    is ".due" "$(sql "SELECT (state_since AT TIME ZONE 'UTC')::date + 14 FROM jiayi.task WHERE id = $plan")"
    # What would be paid for what is owed no more is not paid; the rest stays owed.
    as papa contract end "$id" --reason Over
    ok
    [ "$(sql "SELECT string_agg(title || ' ' || state, ', ' ORDER BY id) FROM jiayi.payment WHERE contract_id = $id")" = \
        'Advance confirmed, Licence planned, The plan planned, The survey cancelled, Advance waived' ]
    as admin payment list "$id" --state cancelled
    says 'The survey'
    as papa payment paid "$(pay papa "$id" Licence)"
    ok
}

@test "contract amend: payments that are repeated stay as they are, others are cancelled" {
    local id rows
    partner quebec
    id=$(signed quebec "$TERMS")
    due_now
    as admin payment paid "$(pay admin "$id" Advance)" --amount 600 --force
    ok
    as quebec contract amend "$id" --reason Less --terms "$(terms '{
        "duties": [{"title": "Plan", "side": "vendor", "due": "2030-01-31"}],
        "payments": [{"payer": "principal", "amount": "1000.50", "currency": "CNY", "due": "2026-01-31", "title": "Advance"},
            {"payer": "principal", "amount": 5000, "currency": "CNY", "after_duty": 1, "days": 14, "title": "The plan"},
            {"payer": "vendor", "amount": 200, "currency": "EUR", "due": "2030-06-30", "title": "Licence"}]}')"
    ok
    propose quebec "$id"
    review admin "$id"
    sign admin "$id"
    sign quebec "$id"
    rows=$(sql "SELECT string_agg(concat_ws(' ', title, amount, contract_version, state), ', ' ORDER BY id)
        FROM jiayi.payment WHERE contract_id = $id")
    echo "$rows"
    [ "$rows" = \
        'Advance 600.00 1 paid, Licence 100 1 cancelled, The plan 5000 1 planned, The survey 7000 1 cancelled, Advance 400.50 1 due, Licence 200 2 planned' ]
}

@test "payment: who is responsible for the contract records; both sides are told, and find it in their to-do lists" {
    local id one
    partner romeo
    id=$(signed romeo "$TERMS")
    one=$(pay admin "$id" Advance)
    refused $NOT_FOUND '' sales payment show "$one"
    refused $NOT_FOUND '' sales payment paid "$one"
    as admin contract assign "$id" sales@acme.example
    ok
    due_now
    json sales todo
    is "[.items[] | select(.on == \"payment/$one\") | .why, .when, .title, .about, .due] | join(\" \")" 'payment overdue 1000.50 CNY Advance Agreement 2026-01-31'
    json romeo todo
    is "[.items[]? | select(.on == \"payment/$one\")] | length" 0
    as sales payment paid "$one"
    ok
    json sales todo
    is "[.items[]? | select(.on == \"payment/$one\")] | length" 0
    # Of romeo's nobody is responsible: it waits for whoever may for all of the company.
    json romeo todo
    is "[.items[] | select(.on == \"payment/$one\") | .why, .when] | join(\" \")" 'confirmation waiting'
    eventually told romeo payment.paid "$one"
    as romeo payment confirm "$one"
    ok
    eventually told sales payment.confirmed "$one"
    json sales payment list --with romeo
    is '[.payments[].title] | join(", ")' 'Licence, The plan, The survey'
    json sales payment list --with romeo --state confirmed
    is '[.payments[].id] | join(" ")' "$one"
    json romeo payment list --due-by 2030-06-30
    is "[.payments[] | select(.contract_id == \"$id\").title] | join(\", \")" Licence
    # Page by page.
    "$JIAYI" --profile romeo -o json payment list "$id" --page-size 1 --all | jq -s 'length' | grep -q .
    [ "$("$JIAYI" --profile romeo -o json payment list "$id" --page-size 1 --all | jq -r '.payments[].title' | wc -l)" = 4 ]
    # A slip is put on it, and both see it.
    echo slip >"$BATS_TEST_TMPDIR/slip.txt"
    as romeo file put "payment/$one" "$BATS_TEST_TMPDIR/slip.txt"
    ok
    json sales file list "payment/$one"
    is '.files | length' 1
    as sales comment add "payment/$one" --text 'Received?'
    ok
    json romeo comment list "payment/$one"
    is '[.comments[].text] | join(" ")' 'Received?'
}

# told PROFILE KIND ID
told() {
    [ "$("$JIAYI" --profile "$1" -o json inbox list | jq "[.items[]? | select(.kind == \"$2\" and .on == \"payment/$3\")] | length")" = 1 ]
}

@test "payment list, show, paid, confirm, reject, waive: denied, invalid, not found, others' unseen" {
    local id one
    partner sierra
    id=$(signed sierra "$TERMS")
    one=$(pay admin "$id" Advance)
    for who in gamma-admin beta-admin beta-vendor; do
        refused $NOT_FOUND '' $who payment show "$one"
        refused $NOT_FOUND '' $who payment paid "$one"
        refused $NOT_FOUND '' $who payment confirm "$one"
        refused $NOT_FOUND '' $who payment reject "$one" --reason x
        refused $NOT_FOUND '' $who payment waive "$one" --reason x
        refused $NOT_FOUND '' $who payment list "$id"
        json $who payment list
        is "[.payments[]? | select(.id == \"$one\")] | length" 0
    done
    refused $PERMISSION_DENIED '' auditor payment paid "$one"
    as auditor payment show "$one"
    ok
    refused $NOT_FOUND '' admin payment show 999999
    refused $NOT_FOUND '' admin payment paid 999999
    refused $INVALID_ARGUMENT '' admin payment list --state gone
    refused $INVALID_ARGUMENT '' admin payment paid "$one" --amount x
}

@test "member handover, remove: nobody leaves with a contract; it goes along with its payments" {
    local id
    partner tango
    id=$(signed tango "$TERMS")
    world_person admin leaver salesperson
    as admin contract assign "$id" leaver@acme.example
    ok
    json admin member duties leaver@acme.example
    is '.responsibilities[0].contracts' 1
    refused $FAILED_PRECONDITION '0 partnerships and 1 contracts' admin member remove leaver@acme.example --yes
    json admin member remove leaver@acme.example --yes --hand-to sales@acme.example --note Gone
    is .state removed
    json sales contract show "$id"
    is .owner sales@acme.example
    json sales payment list --with tango
    is '.payments | length' 4
    # One word of it all, none of each contract.
    json sales inbox list
    is "[.items[]? | select(.on == \"contract/$id\" and .kind == \"contract.assigned\")] | length" 0
}
