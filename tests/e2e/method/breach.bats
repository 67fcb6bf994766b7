#!/usr/bin/env bats
# Breaches of contracts: opened by a clause, made good in time or not, and what that costs, worked out and never booked.

load ../helper
load ../contracts

# day N: the day of acme's N days from today on.
day() {
    sql "SELECT jiayi.company_day(c.id, now()) + ($1) FROM jiayi.company AS c WHERE c.slug = 'acme'"
}

# late DAY: how many Mondays to Fridays have begun after it, today's among them.
late() {
    sql "SELECT count(*) FROM jiayi.company AS c, generate_series('$1'::date + 1, jiayi.company_day(c.id, now()), '1 day') AS d(day)
        WHERE c.slug = 'acme' AND extract(isodow FROM d.day) < 6"
}

# terms_of: one of each kind of clause; a duty and a payment that are late, others that are not.
terms_of() {
    cat <<END
{"clauses": [
   {"kind": "breach", "side": "vendor", "text": "Late work", "penalty_percent": 0.5, "cap_percent": 10, "cure_days": 5},
   {"kind": "breach", "text": "Anything else", "penalty_amount": 100, "penalty_currency": "EUR"},
   {"kind": "breach", "side": "principal", "text": "Late money", "penalty_percent": 0.05, "penalty_amount": 2, "penalty_currency": "CNY"},
   {"kind": "law", "text": "PRC"}],
 "duties": [{"title": "Plan", "side": "vendor", "due": "$(day -21)"}, {"title": "Survey", "side": "vendor", "due": "$(day 30)"},
   {"title": "Room", "side": "principal", "due": "$(day -14)"}],
 "payments": [{"payer": "principal", "amount": "1000.50", "currency": "CNY", "due": "$(day -28)", "title": "Advance"},
   {"payer": "principal", "amount": 5000, "currency": "CNY", "after_duty": 1, "days": 14, "title": "The plan"}]}
END
}

pay() { # PROFILE CONTRACT TITLE
    "$JIAYI" --profile "$1" -o json payment list "$2" | jq -r "[.payments[] | select(.title == \"$3\")][-1].id"
}

# opened PROFILE CONTRACT CLAUSE [FLAG…]: the case's number.
opened() {
    "$JIAYI" --profile "$1" -o json breach open "$2" --clause "$3" --text 'It is late' "${@:4}" | jq -er .id
}

# figures PROFILE CASE: what it costs, and why.
figures() {
    "$JIAYI" --profile "$1" -o json case show "$2" | jq -r '[.due, .made_good // "-", .days_late, .penalty] +
        [.penalties[]? | "\(.percent // "-") of \(.of.amount // "-"), \(.per_day.amount // "-") a day for \(.days), \(.at_most.amount // "-") at most: \(.amount.amount // "-") \(.amount.currency // "-")"] | join(" | ")'
}

# later CASE: its days for making good are over.
later() {
    sql "UPDATE jiayi.case_file SET cure_by = now() - interval '1 minute', answer_by = now() - interval '1 minute' WHERE id = $1;
        SELECT jiayi.job_cases(0, now())" >/dev/null
}

told() { # PROFILE KIND REF
    "$JIAYI" --profile "$1" -o json inbox list | jq -e "[.items[]? | select(.kind == \"$2\" and .on == \"$3\")] | length == 1"
}

@test "breach open: of a duty: days to make good, then so much a day, at most a part; shown with its figures, booked nowhere" {
    local id plan case n due rows
    partner papa
    id=$(signed papa "$(terms_of)")
    plan=$(duty admin "$id" Plan)
    due=$(day -21)
    n=$(late "$due")
    json admin breach open "$id" --clause 1 --on "task/$plan" --text $'The plan is late\nBy weeks' --evidence "contract/$id"
    case=$(jq -r .id <<<"$output")
    is '[.kind, .state, .title, .company, .vendor, .contract_id, .contract_version, .clause, .on, .amount.amount, .amount.currency] | map(tostring) | join(" ")' \
        "breach opened The plan is late acme papa $id 1 1 task/$plan 5000 CNY"
    # Five working days to make it good, and to answer.
    [ "$(sql "SELECT c.cure_by = c.answer_by AND c.cure_by = jiayi.day_ends(c.company_id, jiayi.add_working_days(c.company_id,
        jiayi.company_day(c.company_id, c.created_at), 5)) FROM jiayi.case_file AS c WHERE c.id = $case")" = t ]
    # A day costs 0.5 % of what is paid after the duty: 25; what is over 10 % is cut.
    [ "$(figures admin "$case")" = "$due | - | $n | not_yet | 0.5 of 5000, 25 a day for $n, 500.00 at most: $((25 * n)).00 CNY" ]
    [ "$(figures papa "$case")" = "$(figures admin "$case")" ]
    json papa todo
    is "[.items[] | select(.on == \"case/$case\") | .why, .title, .about] | join(\" | \")" 'case | The plan is late | Agreement'
    json admin todo
    is "[.items[]? | select(.on == \"case/$case\")] | length" 0
    eventually told papa case.opened "case/$case"
    refused $ALREADY_EXISTS "case $case is open about it already" admin breach open "$id" --clause 1 --on "task/$plan" --text x
    json papa contract show "$id"
    is '[.breaches[] | .case_id, .clause, .on, .state, .days_late, .penalty, .comes_to] | map(tostring) | join(" ")' \
        "$case 1 task/$plan opened $n not_yet $((25 * n)).00 CNY"
    # The days go by: both are told, once, and it is who opened it who goes on.
    later "$case"
    eventually told papa case.overdue "case/$case"
    eventually told admin case.overdue "case/$case"
    sql "SELECT jiayi.job_cases(0, now())"
    [ "$(sql "SELECT count(*) FROM jiayi.event WHERE kind = 'case.overdue' AND on_id = $case")" = 2 ]
    [[ $(figures admin "$case") = "$due | - | $n | due | "* ]]
    json admin todo
    is "[.items[] | select(.on == \"case/$case\") | .when] | join(\" \")" overdue
    # At most ten percent, however long it takes.
    sql "UPDATE jiayi.task SET due_on = due_on - 70 WHERE id = $plan"
    [[ $(figures admin "$case") = *' at most: 500.00 CNY' ]]
    sql "UPDATE jiayi.task SET due_on = due_on + 70 WHERE id = $plan"
    # Made good, too late: it counts to the day on which it was delivered.
    as papa task deliver "$plan" --text 'Here.'
    ok
    [[ $(figures admin "$case") = "$due | - | "* ]]
    as admin task accept "$plan" --force
    ok
    [ "$(figures admin "$case")" = "$due | $(day 0) | $n | due | 0.5 of 5000, 25 a day for $n, 500.00 at most: $((25 * n)).00 CNY" ]
    # Answered, proposed, agreed on; nothing of it is in any payment.
    rows=$(sql "SELECT md5(string_agg(p::text, ' ' ORDER BY p.id)) FROM jiayi.payment AS p WHERE p.contract_id = $id")
    as papa case answer "$case" --text 'The survey took long'
    ok
    json admin case decide "$case" --decision 'Half of it' --yes --force
    is '[.state, .proposing] | join(" ")' 'answered acme'
    json papa case decide "$case" --accept --yes --force
    is .state resolved
    as admin case close "$case" --force
    ok
    [ "$(figures papa "$case")" = "$due | $(day 0) | $n | due | 0.5 of 5000, 25 a day for $n, 500.00 at most: $((25 * n)).00 CNY" ]
    [ "$rows" = "$(sql "SELECT md5(string_agg(p::text, ' ' ORDER BY p.id)) FROM jiayi.payment AS p WHERE p.contract_id = $id")" ]
    json admin case list --kind breach
    is "[.cases[] | select(.id == \"$case\")] | length" 1
}

@test "breach open: of a payment, made good in time: it costs nothing, and nobody is told that days are over" {
    local id advance case n due
    partner quebec
    id=$(signed quebec "$(terms_of)")
    advance=$(pay quebec "$id" Advance)
    due=$(day -28)
    n=$(late "$due")
    # The principal's clause gives no days: it is due at once. 0.05 % of 1000.50 and 2 more, of the cent half up.
    case=$(opened quebec "$id" 3 --on "payment/$advance")
    [ "$(figures quebec "$case")" = "$due | - | $n | due | 0.05 of 1000.50, 2.50025 a day for $n, - at most: $(sql "SELECT round(2.50025 * $n, 2)") CNY" ]
    # Paid in part, a rest is still owed; what it was of stays what it was.
    sql "SELECT jiayi.job_payments(0, now())" >/dev/null
    as admin payment paid "$advance" --amount 600 --on "$(day -7)" --force
    ok
    [[ $(figures admin "$case") = "$due | - | $n | due | 0.05 of 1000.50, "* ]]
    as admin payment paid "$(pay admin "$id" Advance)" --on "$(day -3)" --force
    ok
    [[ $(figures admin "$case") = "$due | $(day -3) | "* ]]
    as quebec case withdraw "$case" --yes --force
    ok
    json admin contract show "$id"
    is '.breaches // [] | length' 0
    # Within the days that the clause gives for that.
    case=$(opened admin "$id" 1 --on "task/$(duty admin "$id" Plan)" --amount 80 --currency EUR)
    as quebec task deliver "$(duty admin "$id" Plan)" --text 'Here.'
    ok
    as admin task accept "$(duty admin "$id" Plan)" --force
    ok
    [[ $(figures quebec "$case") = "$(day -21) | $(day 0) | "*" | none | 0.5 of 80.00, 0.4 a day for "*", 8.00 at most: 0.00 EUR" ]]
    sql "SELECT jiayi.job_cases(0, now() + interval '30 days')" >/dev/null
    [ "$(sql "SELECT cure_over FROM jiayi.case_file WHERE id = $case")" = t ]
    [ "$(sql "SELECT count(*) FROM jiayi.event WHERE kind = 'case.overdue' AND on_id = $case")" = 0 ]
    # About no duty or payment: from the day on which it was opened.
    case=$(opened quebec "$id" 2)
    [ "$(figures admin "$case")" = "$(day 0) | - | 0 | due | - of -, 100 a day for 0, - at most: 0.00 EUR" ]
}

@test "breach open: denied, invalid, not found; of another company, and to a rival, nothing" {
    local id plan case
    partner romeo
    partner rival
    id=$(signed romeo "$(terms_of)")
    plan=$(duty admin "$id" Plan)
    refused $PERMISSION_DENIED case.open auditor breach open "$id" --clause 1 --text x
    refused $INVALID_ARGUMENT 'has no clause 9' admin breach open "$id" --clause 9 --text x
    refused $INVALID_ARGUMENT 'has no clause 4' admin breach open "$id" --clause 4 --text x
    # What costs the own side, who breaks it does not claim.
    refused $INVALID_ARGUMENT 'has no clause 3' admin breach open "$id" --clause 3 --text x
    refused $INVALID_ARGUMENT 'has no clause 1' romeo breach open "$id" --clause 1 --text x
    refused $INVALID_ARGUMENT 'is no duty or payment that the other side' romeo breach open "$id" --clause 2 --on "task/$plan" --text x
    refused $INVALID_ARGUMENT 'is no duty or payment' admin breach open "$id" --clause 1 --on "payment/$(pay admin "$id" Advance)" --text x
    refused $INVALID_ARGUMENT 'is no duty or payment' admin breach open "$id" --clause 1 --on "contract/$id" --text x
    refused $FAILED_PRECONDITION 'is not late yet' admin breach open "$id" --clause 1 --on "task/$(duty admin "$id" Survey)" --text x
    refused $FAILED_PRECONDITION 'is not late yet' romeo breach open "$id" --clause 2 --on "payment/$(pay romeo "$id" 'The plan')" --text x
    refused $INVALID_ARGUMENT clause admin breach open "$id" --clause 0 --text x
    refused $NOT_FOUND '' admin breach open 999999 --clause 1 --text x
    refused $NOT_FOUND '' admin breach open "$id" --clause 1 --on task/999999 --text x
    refused $FAILED_PRECONDITION 'is not signed by both sides yet' admin breach open "$(draft admin romeo --terms "$(terms "$(terms_of)")")" --clause 1 --text x
    case=$(opened admin "$id" 1 --on "task/$plan")
    for who in rival gamma-admin beta-admin; do
        refused $NOT_FOUND '' $who breach open "$id" --clause 1 --text x
        refused $NOT_FOUND '' $who case show "$case"
        refused $NOT_FOUND '' $who contract show "$id"
        json $who case list --kind breach
        is "[.cases[]? | select(.id == \"$case\")] | length" 0
        json $who todo
        is "[.items[]? | select(.on == \"case/$case\")] | length" 0
    done
    refused $FAILED_PRECONDITION 'to answer' admin case escalate "$case" --venue litigation --text x --yes
}

@test "breach: case show and contract show in three languages, at 80 columns" {
    local id case language
    partner sierra
    id=$(signed sierra "$(terms_of)")
    case=$(opened admin "$id" 1 --on "task/$(duty admin "$id" Plan)")
    for language in C:'COMES TO' zh_CN:合计 sq_AL:GJITHSEJ; do
        run env TERM=xterm SHELL=/bin/sh script -qec \
            "stty cols 80; export LC_ALL=${language%:*}.UTF-8 PAGER=cat; $JIAYI --profile sierra case show $case; \
             $JIAYI --profile sierra contract show $id" /dev/null
        ok
        output=${output//$'\r'/}
        [ "$(grep -c "${language#*:}" <<<"$output")" = 2 ] || complain "it is not there twice: ${language#*:}"
        # A digest is not cut, whatever the terminal.
        [ "$(grep -v SHA-256 <<<"$output" | wc -L)" -le 80 ] || complain 'wider than the terminal'
    done
}
