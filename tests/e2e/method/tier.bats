#!/usr/bin/env bats
# Tiers of vendors: their rules, what these give, and who is told why.

load ../helper

# won PROFILE TITLE AMOUNT CURRENCY: a deal that is shared with beta, and won.
won() {
    local deal
    deal=$("$JIAYI" --profile sales -o json deal create "$1" --customer C --vendor beta --amount "$2" --currency "$3" | jq -r .id)
    as sales deal move "$deal" won --yes
    ok
}

@test "tier define, rule, list: tiers of the own company" {
    as admin tier define copper --name Copper --position 11 --note 'who begins'
    ok
    json admin tier define tin --name 锡牌 --position 12
    is '[.code, .name, .position] | join(" ")' 'tin 锡牌 12'
    refused $ALREADY_EXISTS 'place 12 is that of the tier tin' admin tier define gold --name Gold --position 12
    refused $INVALID_ARGUMENT 'no tier gold yet' admin tier define gold --name Gold
    refused $INVALID_ARGUMENT code admin tier define 'No code' --name Gold --position 3
    refused $PERMISSION_DENIED tier.manage manager tier define gold --name Gold --position 3
    refused $PERMISSION_DENIED tier.manage manager tier rule tin won --over quarter --at-least 2
    json admin tier define tin --note 'two deals a quarter'
    is '[.name, .position, .note] | join(" ")' '锡牌 12 two deals a quarter'
    json admin tier rule tin won --over quarter --at-least 2
    is '.rules | map([.measure, .over, .at_least] | join(" ")) | join(", ")' 'won quarter 2'
    as admin tier rule tin won_amount --over year --at-least 1000 --currency cny
    ok
    json admin tier rule tin duty_on_time --over quarter --at-least 0.95
    is '.rules | map([.measure, .over, .at_least, .currency // ""] | join(" ")) | join(",")' \
        'duty_on_time quarter 0.95 ,won quarter 2 ,won_amount year 1000 CNY'
    refused $INVALID_ARGUMENT 'share from 0 to 1' admin tier rule tin duty_on_time --over quarter --at-least 95
    refused $INVALID_ARGUMENT 'more than 0' admin tier rule tin won --over quarter --at-least 0
    refused $INVALID_ARGUMENT 'currency' admin tier rule tin won_amount --over quarter --at-least 1
    refused $INVALID_ARGUMENT 'currency' admin tier rule tin won --over quarter --at-least 1 --currency CNY
    refused $NOT_FOUND 'no tier gold' admin tier rule gold won --over quarter --at-least 2
    json admin tier rule tin duty_on_time --over quarter --remove
    is '.rules | length' 2
    refused $NOT_FOUND 'no such rule' admin tier rule tin duty_on_time --over quarter --remove
    json sales tier list
    is '[.tiers[] | select(.position > 10) | [.position, .code, (.rules // [] | length)] | join(" ")] | join(", ")' '11 copper 0, 12 tin 2'
    # The rules are the principal's own.
    json beta-admin tier list
    is '.tiers // [] | length' 0
    refused $NOT_FOUND 'no tier tin' beta-admin tier rule tin won --over month --at-least 1
    as admin tier list
    ok
    says '锡牌'
}

@test "tier due, set: what the rules give, and what is decided with a reason" {
    as admin tier define bronze --name Bronze --position 1
    as admin tier define silver --name Silver --position 2
    as admin tier rule silver won --over quarter --at-least 2
    ok
    # Whoever has come to nothing is due no tier above the lowest.
    json admin tier due beta
    is '.partners[0] | [.company, .tier // "-", .due, .differs] | join(" ")' 'beta - bronze true'
    is '.partners[0].figures[] | select(.tier == "silver") | [.value, .at_least, .holds // false] | join(" ")' '0 2 false'
    json admin tier set beta bronze --reason 'they begin'
    is '[.company, .tier] | join(" ")' 'beta bronze'
    refused $FAILED_PRECONDITION 'beta is in the tier bronze already' admin tier set beta bronze --reason again
    refused $USAGE reason admin tier set beta silver
    refused $NOT_FOUND 'no tier gold' admin tier set beta gold --reason x
    refused $NOT_FOUND 'gamma is no partner of yours' admin tier set gamma silver --reason x
    refused $NOT_FOUND 'acme is no partner of yours' beta-admin tier set acme silver --reason x
    refused $PERMISSION_DENIED tier.manage manager tier set beta silver --reason x
    json beta-admin partner show acme
    is '[.tier, .tier_name] | join(" ")' 'bronze Bronze'
    is '.tier_figures // [] | length' 0
    json admin partner list
    is '.partners[] | select(.company == "beta") | .tier' bronze
    # What counts is what was won in the last full quarter: deals of this one do not.
    won One 500 CNY
    won Two 700 CNY
    json admin partner show beta
    is '[.figures[] | select(.measure != "duty_on_time") | [.measure, .value, .currency // ""] | join(" ")] | join(",")' \
        'won 2 ,won_amount 1200.00 CNY'
    json admin tier due beta
    is '.partners[0].due' bronze
    sql "ALTER TABLE jiayi.deal_stage DISABLE TRIGGER evidence; UPDATE jiayi.deal_stage SET counted_on = counted_on - interval '3 months',
        closed_at = closed_at - interval '3 months' WHERE outcome = 'won'; ALTER TABLE jiayi.deal_stage ENABLE ALWAYS TRIGGER evidence" >/dev/null
    json admin tier due beta
    is '.partners[0] | [.tier, .due, .differs] | join(" ")' 'bronze silver true'
    # A salesperson, who sees some deals, is told no sums of all.
    json sales tier due
    is '.partners // [] | length' 0
    json sales partner show beta
    is '.figures // [] | length' 0
    json admin tier set beta silver --reason 'two deals in a quarter'
    is .tier silver
    sql "SELECT figures ->> 0 FROM jiayi.tier_span ORDER BY id DESC LIMIT 1" | grep -q '"value": "2"'
    eventually told_of beta-admin tier.changed
    json beta-vendor partner show acme
    is .tier silver
    json beta-vendor tier due
    is '.partners // [] | length' 0
    # Whoever comes back begins without one.
    as admin partner end beta
    as admin partner invite beta
    as beta-admin partner accept acme
    ok
    json admin partner show beta
    is '.tier // "none"' none
    refused $NOT_FOUND 'gamma is no partner of yours' admin tier due gamma
}

# told_of PROFILE KIND: whether the inbox has something of it.
told_of() {
    "$JIAYI" --profile "$1" -o json inbox list | jq -e --arg kind "$2" 'any(.items[]?; .kind == $kind)' >/dev/null
}

# run_job SLOT: what the job tiers did, as of that moment.
run_job() {
    sql "SELECT jiayi.job_tiers(c.id, '$1') FROM jiayi.company AS c WHERE c.slug = 'acme'"
}

@test "tiers are proposed on the first working day of a quarter, where the company is, and changed by nobody else" {
    local task
    as admin tier define bronze --name Bronze --position 1
    as admin partner assign beta manager@acme.example
    as admin company update --time-zone Asia/Shanghai
    ok
    # 2027-01-01 is a holiday; the 4th is a Monday, which begins in Shanghai at 16:00 the day before.
    as admin calendar set 2027-01-01 --holiday --note 元旦
    ok
    [ "$(run_job '2026-12-31T16:05Z')" = 0 ]
    [ "$(run_job '2027-01-03T15:05Z')" = 0 ]
    [ "$(run_job '2027-01-03T16:05Z')" = 1 ]
    # Asked again there is one that waits.
    [ "$(run_job '2027-01-03T16:05Z')" = 0 ]
    json admin partner show beta
    is '.tier // "none"' none
    json manager task list --kind tier
    is '[.tasks[] | [.title, .on, .due] | join(" ")] | join(", ")' 'beta: bronze partner/1 2027-01-18'
    task=$(jq -r '.tasks[0].id' <<<"$output")
    refused $FAILED_PRECONDITION 'tier set beta' manager task done "$task"
    as admin tier set beta bronze --reason 'as proposed'
    ok
    json manager task show "$task"
    is .state done
    # What the rules give already is not proposed.
    [ "$(run_job '2027-04-01T00:05Z')" = 0 ]
    [ "$(sql "SELECT count(*) FROM jiayi.job WHERE name = 'tiers' AND catch_up")" = 1 ]
}
