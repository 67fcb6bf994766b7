#!/usr/bin/env bats
# Contracts: drafted, reviewed, proposed, signed by both sides, amended, suspended and ended.

load ../helper
load ../contracts

FULL='{
  "clauses": [
    {"kind": "right", "side": "vendor", "text": "To sell in the south."},
    {"kind": "breach", "side": "vendor", "text": "Late delivery.\n### No heading", "penalty_percent": 0.5, "cap_percent": "10", "cure_days": 5}
  ],
  "duties": [
    {"title": "Deliver the plan", "side": "vendor", "due": "2030-01-31", "standard": "Ten pages."},
    {"title": "Report stock", "side": "vendor", "every": "month"}
  ],
  "payments": [
    {"payer": "principal", "amount": 50000.50, "currency": "CNY", "after_duty": 1, "days": 14},
    {"payer": "vendor", "amount": "100", "currency": "EUR", "due": "2030-06-30"}
  ],
  "kpis": [{"code": "visits", "name": "Visits", "unit": "x", "period": "month", "target": 20, "weight": 40}],
  "notice_days": 30,
  "confirm_won": true
}'

@test "contract draft to sign: one text, its hash, two signatures; the framework is over" {
    local id one
    partner alpha
    id=$(draft manager alpha --terms "$(terms "$FULL")" --no K-1 --kind project --to 2031-12-31)
    json manager contract show "$id"
    is '[.state, .kind, .no, .version, .text_version, .text_state, .drafter, .valid_to, .owner] | map(tostring) | join(" ")' \
        'draft project K-1 null 1 draft acme 2031-12-31 manager@acme.example'
    is '[.points[] | "\(.position) \(.point) \(.answer)"] | join(", ")' '1 clear open, 2 fair open, 3 reasonable open, 4 legal open'
    # Nobody of the other side sees a draft, in the log either.
    refused $NOT_FOUND '' alpha contract show "$id"
    json alpha contract list
    is "[.contracts[]? | select(.id == \"$id\")] | length" 0
    [ "$(sql "SELECT count(*) FROM jiayi.audit_entries() AS l JOIN jiayi.company AS c ON c.id = l.company_id
        WHERE l.object LIKE 'contract%' AND split_part(l.object_id, '/', 1) = '$id' AND c.slug <> 'acme'")" = 0 ]
    refused $FAILED_PRECONDITION 'clear, fair, reasonable, legal' manager contract propose "$id"
    LC_ALL=zh_CN.UTF-8 refused $FAILED_PRECONDITION '公平、' manager contract propose "$id"
    as manager contract review "$id" clear --text 'Plain words.'
    ok
    as manager contract review "$id" 2 --text 'Too low.' --not-ok
    ok
    as manager contract review "$id" reasonable --text Yes
    ok
    as manager contract review "$id" legal --text '律师已看过。'
    ok
    refused $FAILED_PRECONDITION 'these points are open, or not as they should be: fair;' manager contract propose "$id"
    as manager contract review "$id" fair --text 'Talked about.'
    ok
    # Another text has to be looked at again.
    as manager contract edit "$id" --title 'Sales in the south'
    ok
    json manager contract show "$id"
    is '[.points[].answer] | unique | join(" ")' outdated
    refused $FAILED_PRECONDITION 'clear, fair, reasonable, legal' manager contract propose "$id"
    propose manager "$id"
    json alpha contract show "$id"
    is '[.state, .title, .text_state, .in_force] | map(tostring) | join(" ")' 'proposed Sales in the south proposed null'
    is '[.points[].answer] | unique | join(" ")' open
    one=$(sum alpha "$id")
    [ "$("$JIAYI" --profile alpha contract text "$id" | sha256sum)" = "$one  -" ]
    [ "$("$JIAYI" --profile manager contract text "$id" 1 | sha256sum)" = "$one  -" ]
    as alpha contract text "$id"
    says '双方同意。'
    says 'alpha (alpha)'
    says '0.5 %'
    says '50000.50 CNY'
    [ "$(grep -c '^### ' <<<"$output")" = 4 ] || complain 'a text passes for a heading'
    refused $FAILED_PRECONDITION 'clear, fair, reasonable, legal' alpha contract sign "$id" --sha256 "$one"
    review alpha "$id"
    refused $ABORTED 'the text changed since you read it' alpha contract sign "$id" --sha256 "${one//[0-9]/f}"
    refused $PERMISSION_DENIED contract.sign manager contract sign "$id" --sha256 "$one"
    sign alpha "$id"
    [ "$(state alpha "$id")" = proposed ]
    refused $FAILED_PRECONDITION 'signed by your side already' alpha contract sign "$id" --sha256 "$one"
    json admin partner show alpha
    is .shares true
    sign admin "$id"
    json admin contract show "$id"
    is '[.state, .version, .text_state, .in_force, .sha256] | map(tostring) | join(" ")' "active 1 executed true $one"
    is '[.signatures[] | "\(.capacity) \(.company)"] | join(", ")' 'vendor alpha, principal acme'
    is '.points | length' 0
    json admin contract list --with alpha
    is '[.contracts[] | "\(.kind) \(.state)"] | join(", ")' 'project active, framework superseded'
    json alpha contract clauses "$id"
    is '[.clauses[] | "\(.position) \(.kind) \(.side) \(.penalty_percent) \(.cap_percent) \(.cure_days)"] | join(", ")' \
        '1 right vendor null null null, 2 breach vendor 0.5 10 5'
    json admin contract history "$id"
    is '[.versions[] | "\(.version) \(.state) \(.ruling) \(.drafter)"] | join(", ")' '1 executed true acme'
    json admin status list contract
    is '[.transitions[] | select(.from == "proposed" and .to == "active") | .permission] | unique | join(" ")' contract.sign
}

@test "contract text: its terms are in the language of who drafts it" {
    local id
    partner lima
    for want in "en|Party B: lima (lima)|1. Right, Party B: To sell|Penalty for each working day: 0.5 %, at most 10 %|1. Party A pays 50000.50 CNY, 14 days after acceptance of duty 1|A deal that party B wins counts once" \
        "zh|乙方：lima (lima)|1. 权利，乙方：To sell|每逾期一个工作日违约金：0.5 %，最高 10 %|甲方支付 50000.50 CNY，义务 1 验收后 14 天内|经甲方确认后" \
        "sq|Pala B: lima (lima)|1. E drejtë, Pala B: To sell|Gjobë për çdo ditë pune: 0.5 %, më së shumti 10 %|1. Pala A paguan 50000.50 CNY|vlen pasi ta konfirmojë"; do
        as lima company update --language "${want%%|*}"
        ok
        id=$(draft lima acme --terms "$(terms "$FULL")")
        as lima contract text "$id"
        IFS='|' read -ra lines <<<"${want#*|}"
        for line in "${lines[@]}"; do
            says "$line"
        done
        # On a narrow terminal too it is a contract that one can read.
        COLUMNS=80 as lima contract show "$id"
        ok
    done
}

@test "contract draft, by the vendor; refused, amended by the other side, signed; withdrawn" {
    local id
    partner bravo
    id=$(draft bravo acme)
    refused $NOT_FOUND '' admin contract show "$id"
    refused $FAILED_PRECONDITION 'is a draft' bravo contract sign "$id" --sha256 "$(sum bravo "$id")"
    refused $FAILED_PRECONDITION 'drafted by your side' bravo contract refuse "$id" --reason x
    propose bravo "$id"
    refused $FAILED_PRECONDITION 'what is proposed does not change' bravo contract edit "$id" --title T
    refused $FAILED_PRECONDITION 'proposed already' bravo contract propose "$id"
    refused $FAILED_PRECONDITION 'proposed by bravo' admin contract withdraw "$id"
    refused $FAILED_PRECONDITION 'being worked on' admin contract amend "$id" --title T --reason x
    as admin contract refuse "$id" --reason 'Too long.'
    ok
    [ "$(state bravo "$id")" = refused ]
    refused $FAILED_PRECONDITION 'is refused; to go on' bravo contract sign "$id" --sha256 "$(sum bravo "$id")"
    as admin contract amend "$id" --to 2029-12-31 --title 'A year' --reason Shorter
    ok
    # The text of the draft is acme's own; what was refused stays to be read.
    json bravo contract show "$id"
    is '[.state, .title, .text_version, .text_state] | map(tostring) | join(" ")' 'draft Agreement 1 refused'
    refused $NOT_FOUND '' bravo contract show "$id" 2
    refused $NOT_FOUND '' bravo contract text "$id" 2
    json bravo contract history "$id"
    is '[.versions[] | "\(.version) \(.state) \(.reason)"] | join(", ")' '1 refused Too long.'
    refused $FAILED_PRECONDITION 'nothing of contract' bravo contract propose "$id"
    propose admin "$id"
    both "$id" bravo
    json bravo contract show "$id"
    is '[.state, .version, .title, .valid_to] | map(tostring) | join(" ")' 'active 2 A year 2029-12-31'
    json bravo contract show "$id" 1
    is '[.text_state, .title] | map(tostring) | join(" ")' 'refused A year'

    id=$(draft admin bravo)
    as admin contract withdraw "$id" --reason 'Not yet.'
    ok
    [ "$(state admin "$id")" = withdrawn ]
    refused $NOT_FOUND '' bravo contract show "$id"
    as admin contract amend "$id" --title Anew --reason Now
    ok
    propose admin "$id"
    as admin contract withdraw "$id"
    ok
    [ "$(state bravo "$id")" = withdrawn ]
    # What was withdrawn before it was proposed stays the side's own.
    refused $NOT_FOUND "contract $id has no version 1 that you can see; you can see 2" bravo contract show "$id" 1
    refused $NOT_FOUND "contract $id has no version 1 that you can see; you can see 2" bravo contract text "$id" 1
}

@test "contract amend: the old version goes on until the new one's day, and stays readable" {
    local id first second
    partner charlie
    id=$(draft admin charlie)
    propose admin "$id"
    both "$id" charlie
    first=$(sum charlie "$id")
    refused $INVALID_ARGUMENT reason charlie contract amend "$id" --title x --reason ''
    as charlie contract amend "$id" --from 2029-01-01 --to 2030-12-31 --title Second --reason 'Longer.'
    ok
    refused $FAILED_PRECONDITION 'being worked on' admin contract amend "$id" --title x --reason x
    json admin contract show "$id"
    is '[.text_version, .sha256] | join(" ")' "1 $first"
    propose charlie "$id"
    second=$(sum admin "$id")
    [ "$second" != "$first" ]
    json admin contract show "$id"
    is '[.state, .in_force, .version, .text_version, .text_state, .title] | map(tostring) | join(" ")' 'active true 1 2 proposed Agreement'
    review admin "$id"
    sign admin "$id"
    sign charlie "$id"
    json charlie contract show "$id"
    is '[.state, .in_force, .version, .text_version, .to] | map(tostring) | join(" ")' 'active true 2 2 2031-01-01T00:00:00Z'
    json charlie contract history "$id"
    is '[.versions[] | "\(.version) \(.state) \(.ruling)"] | join(", ")' '2 executed null, 1 executed true'
    for who in admin charlie; do
        [ "$("$JIAYI" --profile $who contract text "$id" 1 | sha256sum)" = "$first  -" ]
        [ "$("$JIAYI" --profile $who contract text "$id" 2 | sha256sum)" = "$second  -" ]
    done
    # One that begins after the contract has ended is another contract.
    as admin contract amend "$id" --from 2035-01-01 --no-end --reason x
    ok
    propose admin "$id"
    sign admin "$id"
    review charlie "$id"
    refused $FAILED_PRECONDITION 'ends before this version would begin' charlie contract sign "$id" --sha256 "$(sum charlie "$id")"
    # Nor is one signed, or proposed, that the end of the contract has overtaken; it is taken back, or refused.
    as charlie contract end "$id" --reason x --yes
    ok
    refused $FAILED_PRECONDITION 'is over' charlie contract sign "$id" --sha256 "$(sum charlie "$id")"
    as charlie contract refuse "$id" --reason Over --yes
    ok
    [ "$(sql "SELECT count(*) FROM jiayi.signature WHERE on_kind = 6 AND on_id = $id AND version = 3")" = 1 ]
}

@test "contract sign: one that begins later takes the framework's place: sharing pauses until then, and it is said" {
    local id day
    partner yankee
    partner zulu
    day=$(sql "SELECT jiayi.company_day(c.id, now()) + 40 FROM jiayi.company AS c WHERE c.slug = 'acme'")
    id=$(draft admin yankee --from "$day")
    propose admin "$id"
    json yankee contract show "$id"
    is '.pauses' null
    both "$id" yankee
    for who in 'admin partner show yankee' 'yankee partner show acme' "yankee contract show $id"; do
        # shellcheck disable=SC2086
        json $who
        is '.pauses' until_then
        [ "$(sql "SELECT from_at = '$(jq -r .pauses_until <<<"$output")' FROM jiayi.contract WHERE id = $id")" = t ]
    done
    refused $FAILED_PRECONDITION "sharing with yankee pauses until $day, when contract $id begins" \
        sales deal create T --customer Customer --vendor yankee
    # Nobody else learns of it.
    refused $NOT_FOUND '' zulu contract show "$id"
    refused $NOT_FOUND 'is no partner of yours' zulu partner show yankee
    json zulu partner show acme
    is '[.shares, .pauses] | map(tostring) | join(" ")' 'true null'
    as admin contract end "$id" --reason x --yes
    ok
    json admin partner show yankee
    is '[.shares, .pauses] | map(tostring) | join(" ")' 'null null'
}

@test "contract suspend, resume, end: what is shared follows; notice" {
    local id deal
    partner delta
    deal=$(new_deal sales --vendor delta)
    id=$(draft admin delta --terms "$(terms '{"notice_days": 30}')")
    propose admin "$id"
    both "$id" delta
    as delta deal show "$deal"
    ok
    refused $FAILED_PRECONDITION 'the vendor cannot' delta contract suspend "$id" --reason x
    as admin contract suspend "$id" --reason 'An audit.'
    ok
    refused $NOT_FOUND '' delta deal show "$deal"
    json delta contract show "$id"
    is '[.state, .reason, .in_force, .pauses] | map(tostring) | join(" ")' 'suspended An audit. null until_resumed'
    refused $FAILED_PRECONDITION 'suspended already' admin contract suspend "$id" --reason x
    # Both read that it pauses, and who tries to share all the same is told why.
    json delta partner show acme
    is '[.shares, .pauses, .pauses_until] | map(tostring) | join(" ")' 'null until_resumed null'
    LC_ALL=zh_CN.UTF-8 as admin partner show delta
    ok
    says '共享暂停'
    refused $FAILED_PRECONDITION "sharing with delta pauses until contract $id, which is suspended, is resumed" \
        sales deal create T --customer Customer --vendor delta
    refused $FAILED_PRECONDITION "sharing with acme pauses until contract $id" delta support ask --to acme --text x
    as admin contract resume "$id"
    ok
    as delta deal show "$deal"
    ok
    json delta partner show acme
    is '[.shares, .pauses] | map(tostring) | join(" ")' 'true null'
    refused $FAILED_PRECONDITION '30 days of notice' delta contract end "$id" --reason x
    refused $FAILED_PRECONDITION '30 days of notice' delta contract end "$id" --reason x --on "$(date -u -d '+29 days' +%F)"
    as delta contract end "$id" --reason 'We move.' --on "$(date -u -d '+30 days' +%F)"
    ok
    json admin contract show "$id"
    is '[.state, .in_force, .reason, (.to | .[:10])] | map(tostring) | join(" ")' "active true We move. $(date -u -d '+31 days' +%F)"
    refused $FAILED_PRECONDITION 'ends before that day anyhow' admin contract end "$id" --reason x --on 2040-01-01
    json admin contract list --with delta --ends-by "$(date -u -d '+31 days' +%F)"
    is "[.contracts[].id] | contains([\"$id\"])" true
    json admin contract list --with delta --ends-by "$(date -u +%F)" --state active
    is '.contracts // [] | length' 0

    # Its last day is a whole one, today as well; one that is to end before it begins is over at once.
    id=$(signed delta '{}')
    json delta contract end "$id" --reason x --on "$(date -u +%F)" --yes
    is '[.state, .in_force, .to] | map(tostring) | join(" ")' "active true $(date -u -d '+1 day' +%F)T00:00:00Z"
    id=$(signed delta '{}' --from "$(date -u -d '+40 days' +%F)")
    json delta contract end "$id" --reason x --on "$(date -u -d '+10 days' +%F)" --yes
    is '[.state, .in_force] | map(tostring) | join(" ")' 'ended null'

    partner echo
    deal=$(new_deal sales --vendor echo)
    id=$(draft admin echo)
    propose admin "$id"
    both "$id" echo
    as echo deal show "$deal"
    ok
    refused $FAILED_PRECONDITION 'still runs; end it first' admin partner end echo
    as echo contract end "$id" --reason 'Enough.'
    ok
    refused $NOT_FOUND '' echo deal show "$deal"
    json echo contract show "$id"
    is '[.state, .reason] | join(" ")' 'ended Enough.'
    refused $FAILED_PRECONDITION 'is over' admin contract amend "$id" --title x --reason x
    refused $FAILED_PRECONDITION '' admin contract resume "$id"
    as admin partner end echo
    ok
    refused $FAILED_PRECONDITION 'the partnership with echo is ended' admin contract draft echo --title T --file "$(prose)"
}

@test "contract sign: nobody signs for both" {
    local id
    partner foxtrot
    id=$(draft admin foxtrot)
    propose admin "$id"
    sign admin "$id"
    # The admin of acme is an admin of foxtrot as well, and has linked the two.
    sql "UPDATE jiayi.member SET person_id = (SELECT person_id FROM jiayi.member WHERE email = 'admin@acme.example')
         WHERE email = 'foxtrot@foxtrot.example'"
    review foxtrot "$id"
    refused $FAILED_PRECONDITION 'signed for the other side by you' foxtrot contract sign "$id" --sha256 "$(sum foxtrot "$id")"
    [ "$(state admin "$id")" = proposed ]
}

@test "contract, task: duties come with the signatures; one side delivers, the other accepts; an amendment drops what it does not repeat" {
    local id plan
    partner mike
    id=$(draft admin mike --terms "$(terms '{"duties": [
        {"title": "Plan", "side": "vendor", "due": "2030-01-31", "standard": "Ten pages."},
        {"title": "Prices", "side": "principal", "due": "2030-02-28"},
        {"title": "Stock", "side": "vendor", "every": "month"}]}')" --to 2031-12-31)
    propose admin "$id"
    [ -z "$(duty admin "$id" Plan)" ]
    both "$id" mike
    plan=$(duty mike "$id" Plan)
    json mike task show "$plan"
    is '[.kind, .state, .due, .text, .side, .acceptance] | map(tostring) | join(" ")' 'duty open 2030-01-31 Ten pages. vendor true'
    json admin task list --on "contract/$id" --kind duty
    is '[.tasks[] | "\(.title) \(.side)"] | sort | join(", ")' 'Plan vendor, Prices ours, Stock vendor'
    refused $FAILED_PRECONDITION 'changes with that' admin task update "$plan" --due 2030-03-01
    refused $FAILED_PRECONDITION 'changes with that' admin task cancel "$plan" --reason x
    refused $FAILED_PRECONDITION 'has to be accepted' mike task done "$plan"
    refused $FAILED_PRECONDITION '' admin task deliver "$plan" --text x
    refused $NOT_FOUND '' sales task deliver "$plan" --text x
    refused $NOT_FOUND '' beta-admin task deliver "$plan" --text x
    as mike task deliver "$plan" --text 'Here it is.'
    ok
    refused $PERMISSION_DENIED 'accepted by acme' mike task accept "$plan"
    as admin task reject "$plan" --force --text 'Nine pages.'
    ok
    as mike task deliver "$plan" --force --text 'Ten.'
    ok
    as admin task accept "$plan" --force
    ok
    # Another version repeats the prices, and no more.
    as mike contract amend "$id" --terms "$(terms '{"duties": [{"title": "Prices", "side": "principal", "due": "2030-02-28"}]}')" --reason Less
    ok
    propose mike "$id"
    review admin "$id"
    sign admin "$id"
    sign mike "$id"
    [ "$(sql "SELECT string_agg(title || ' ' || state, ', ' ORDER BY title, id) FROM jiayi.task WHERE kind = 'duty' AND on_id = $id")" = \
        'Plan accepted, Prices open, Stock cancelled' ]
    # What is owed after its end is owed no more, and all of it stays readable.
    as mike contract end "$id" --reason Over
    ok
    as mike task show "$plan"
    ok
    json mike task list --on "contract/$id" --state cancelled
    is '[.tasks[].title] | sort | join(", ")' 'Prices, Stock'
}

@test "deal move: what a vendor wins waits for its owner, where the contract says so" {
    local id deal task
    partner november
    id=$(draft admin november --terms "$(terms '{"confirm_won": true}')")
    propose admin "$id"
    both "$id" november
    deal=$(new_deal sales --vendor november --amount 100 --currency EUR)
    json november deal move "$deal" won --yes
    is .stage new
    refused $FAILED_PRECONDITION 'waits already' november deal move "$deal" won --yes
    json sales task list --kind confirm --on "deal/$deal"
    is '[.tasks[] | "\(.state) \(.owner) \(.creator_company)"] | join(" ")' 'open sales@acme.example november'
    task=$(jq -r '.tasks[0].id' <<<"$output")
    refused $FAILED_PRECONDITION 'confirmed by winning it' sales task done "$task"
    as sales task cancel "$task" --reason 'Not signed yet.'
    ok
    as november deal move "$deal" won --yes
    ok
    json sales deal move "$deal" won --yes
    is .stage won
    json sales task list --kind confirm --on "deal/$deal" --state done
    is '.tasks | length' 1
    # Without it nobody waits.
    as admin contract end "$id" --reason x
    ok
}

@test "contract assign: whose it is sees it" {
    local id
    partner golf
    id=$(draft admin golf)
    refused $NOT_FOUND '' sales contract show "$id"
    refused $PERMISSION_DENIED contract.assign manager contract assign "$id" sales@acme.example
    as admin contract assign "$id" sales@acme.example
    ok
    json sales contract show "$id"
    is .owner sales@acme.example
    json sales contract list
    is "[.contracts[].id] | contains([\"$id\"])" true
    as manager contract show "$id"
    ok
    propose admin "$id"
    json golf contract show "$id"
    is '[.owner, .vendor_owner] | map(tostring) | join(" ")' 'sales@acme.example null'
    refused $NOT_FOUND '' admin contract assign "$id" golf@golf.example
    refused $NOT_FOUND '' admin contract assign 999999 sales@acme.example
    refused $INVALID_ARGUMENT email admin contract assign "$id" @x
    json golf contract assign "$id" golf@golf.example
    is '[.owner, .vendor_owner] | join(" ")' 'sales@acme.example golf@golf.example'
}

@test "contract draft: the terms are checked to the last field, and the line is named" {
    local want given
    while IFS='|' read -r want given; do
        refused $INVALID_ARGUMENT "$want" admin contract draft beta --title T --file "$(prose)" --terms "$(terms "$(printf '%b' "$given")")"
    done <<'END'
line 2: this is no JSON|{"clauses": [\n nope]}
line 1: this is to be one object|[1]
line 3: there is no dutys; there are|{"duties": [],\n\n"dutys": []}
line 2: duties is to be a list|{\n"duties": {}}
line 3: clauses 2 is to be an object|{"clauses": [\n{"kind": "law", "text": "x"},\n7]}
line 3: clauses 1 has no field sort|{"clauses": [\n{"text": "x",\n"sort": "law"}]}
line 2: clauses 1 lacks kind|{"clauses": [\n{"text": "x"}]}
line 2: clauses 1: kind is to be one of right|{"clauses": [\n{"text": "x", "kind": "wish"}]}
line 1: clauses 1: text is to be a text|{"clauses": [{"text": 5, "kind": "law"}]}
line 2: notice_days is to be|{\n"notice_days": -1}
line 1: confirm_won is to be true or false|{"confirm_won": "yes"}
line 1: notice_days is given twice|{"notice_days": 1,\n"notice_days": 2}
line 1: title is given twice|{"duties": [{"title": "a",\n"title": "b", "side": "vendor", "due": "2030-01-01"}]}
line 1: duties 1: due is to be a day|{"duties": [{"title": "a", "side": "vendor", "due": "2030-02-30"}]}
line 1: a duty has either due|{"duties": [{"title": "a", "side": "vendor"}]}
line 1: payments 1: currency is to be a currency|{"payments": [{"payer": "vendor", "amount": 1, "currency": "XQQ", "due": "2030-01-01"}]}
line 1: payments 1: amount is to be a number|{"payments": [{"payer": "vendor", "amount": -1, "currency": "CNY", "due": "2030-01-01"}]}
line 2: a payment has either due|{"payments": [\n{"payer": "vendor", "amount": 1, "currency": "CNY"}]}
line 1: there is no duty 2|{"duties": [{"title": "a", "side": "vendor", "due": "2030-01-01"}], "payments": [{"payer": "vendor", "amount": 1, "currency": "CNY", "after_duty": 2}]}
line 1: only a clause of kind breach|{"clauses": [{"kind": "law", "text": "x", "cure_days": 1}]}
line 1: give penalty_amount and penalty_currency|{"clauses": [{"kind": "breach", "text": "x", "penalty_amount": 1}]}
END
    [ "$(sql "SELECT count(*) FROM jiayi.contract WHERE title = 'T'")" = 0 ]
}

@test "contract draft, edit, review, propose, withdraw, refuse, sign, amend: denied, invalid, not found, others' unseen" {
    local id sum
    partner hotel
    partner rival
    id=$(draft admin hotel)
    sum=$(sum admin "$id")
    refused $PERMISSION_DENIED contract.draft sales contract draft hotel --title T --file "$(prose)"
    refused $NOT_FOUND 'nowhere is no partner of yours' admin contract draft nowhere --title T --file "$(prose)"
    refused $NOT_FOUND 'gamma is no partner of yours' admin contract draft gamma --title T --file "$(prose)"
    refused $NOT_FOUND 'rival is no partner of yours' hotel contract draft rival --title T --file "$(prose)"
    refused $INVALID_ARGUMENT title admin contract draft hotel --title '' --file "$(prose)"
    refused $INVALID_ARGUMENT kind admin contract draft hotel --title T --file "$(prose)" --kind framework
    refused $INVALID_ARGUMENT from admin contract draft hotel --title T --file "$(prose)" --from 2026-13-01
    refused $INVALID_ARGUMENT '' admin contract draft hotel --title T --file "$(prose)" --from 2030-01-02 --to 2030-01-01
    refused $ABORTED 'changed since you read it' admin contract edit "$id" --title x --sha256 "${sum//[0-9]/f}"
    as admin contract edit "$id" --title x --sha256 "$sum"
    ok
    sum=$(sum admin "$id")
    as admin contract edit "$id"
    [ "$status" -ne 0 ] || complain 'nothing to change'
    refused $INVALID_ARGUMENT point admin contract review "$id" beauty --text x
    # Neither the other side, while it is a draft, nor another vendor, ever.
    for who in hotel rival beta-admin gamma-admin; do
        refused $NOT_FOUND '' $who contract edit "$id" --title y
        refused $NOT_FOUND '' $who contract review "$id" clear --text y
        refused $NOT_FOUND '' $who contract propose "$id"
        refused $NOT_FOUND '' $who contract withdraw "$id"
        refused $NOT_FOUND '' $who contract amend "$id" --title y --reason y
    done
    propose admin "$id"
    for who in rival beta-admin gamma-admin; do
        refused $NOT_FOUND '' $who contract show "$id"
        refused $NOT_FOUND '' $who contract refuse "$id" --reason y
        refused $NOT_FOUND '' $who contract sign "$id" --sha256 "$sum"
        refused $NOT_FOUND '' $who contract suspend "$id" --reason y
        refused $NOT_FOUND '' $who contract resume "$id"
        refused $NOT_FOUND '' $who contract end "$id" --reason y
        as $who -o json contract history "$id"
        ok
        lacks '"version"'
    done
    for words in 'edit 999999 --title x' 'review 999999 clear --text x' 'propose 999999' 'withdraw 999999' 'refuse 999999 --reason x' \
        "sign 999999 --sha256 $sum" 'amend 999999 --title x --reason x' 'suspend 999999 --reason x' 'resume 999999' \
        'end 999999 --reason x'; do
        # shellcheck disable=SC2086
        refused $NOT_FOUND '' admin contract $words
    done
    refused $PERMISSION_DENIED contract.review sales contract review "$id" clear --text x
    refused $PERMISSION_DENIED contract.sign manager contract refuse "$id" --reason x
    refused $PERMISSION_DENIED contract.end manager contract end "$id" --reason x
    refused $PERMISSION_DENIED contract.end manager contract suspend "$id" --reason x
    refused $INVALID_ARGUMENT sha256 admin contract sign "$id" --sha256 abc
    refused $USAGE sha256 admin contract sign "$id"
    # The framework is signed by inviting and accepting alone.
    id=$("$JIAYI" --profile admin -o json contract list --with hotel | jq -r '.contracts[] | select(.kind == "framework").id')
    refused $FAILED_PRECONDITION 'what the partnership began with' admin contract amend "$id" --title x --reason x
    refused $FAILED_PRECONDITION 'what the partnership began with' admin contract end "$id" --reason x
}

@test "contract history, clauses: invalid, not found, page by page" {
    local id
    partner india
    id=$(draft admin india --terms "$(terms "$FULL")")
    propose admin "$id"
    json india contract clauses "$id" --page-size 1 --all
    is '[.clauses[].position] | join(" ")' '1 2'
    json india contract clauses "$id" 2
    is '.clauses // [] | length' 0
    for what in history clauses; do
        refused $PERMISSION_DENIED contract.read operator contract $what "$id"
        refused $INVALID_ARGUMENT page_size admin contract $what "$id" --page-size 0
        as beta-admin -o json contract $what "$id"
        lacks '"version"'
    done
}

@test "contract: both sides are told, and a draft is nobody's news" {
    local id
    partner juliett
    id=$(draft manager juliett)
    propose manager "$id"
    eventually told juliett contract.proposed "$id"
    sign admin "$id"
    eventually told juliett contract.signed "$id"
    review juliett "$id"
    sign juliett "$id"
    eventually told manager contract.executed "$id"
    as admin contract assign "$id" sales@acme.example
    ok
    eventually told sales contract.assigned "$id"
    as juliett contract end "$id" --reason x
    ok
    eventually told sales contract.ended "$id"
}

# told PROFILE KIND ID
told() {
    [ "$("$JIAYI" --profile "$1" -o json inbox list | jq "[.items[]? | select(.kind == \"$2\" and .on == \"contract/$3\")] | length")" = 1 ]
}

@test "deal create, update --contract: under one with its vendor that is in force, and stays so; who sees the contract says it" {
    local id other deal under
    partner kilo
    id=$(signed kilo '{"notice_days": 0}')
    as admin contract assign "$id" manager@acme.example
    ok
    json manager deal create Under --customer C --contract "$id"
    is '[.contract_id, .vendor] | join(" ")' "$id kilo"
    under=$(jq -r .id <<<"$output")
    json kilo deal show "$under"
    is .contract_id "$id"
    # Who does not see it cannot name it; another company's and the other side's is none.
    refused $NOT_FOUND "no contract $id that you can see" sales deal create X --customer C --contract "$id"
    refused $NOT_FOUND "no contract $id that you can see" gamma-admin deal create X --customer C --contract "$id"
    refused $NOT_FOUND 'no contract 999999 that you can see' manager deal create X --customer C --contract 999999
    refused $INVALID_ARGUMENT "the principal of contract $id is acme" kilo deal create X --customer C --contract "$id"
    refused $INVALID_ARGUMENT "contract $id is with kilo" manager deal create X --customer C --vendor beta --contract "$id"
    refused $PERMISSION_DENIED deal.create auditor deal create X --customer C --contract "$id"
    other=$(draft manager kilo)
    refused $FAILED_PRECONDITION "contract $other is draft" manager deal create X --customer C --contract "$other"
    other=$(signed kilo '{}' --from 2031-01-01)
    refused $FAILED_PRECONDITION "contract $other begins on 2031-01-01" admin deal create X --customer C --contract "$other"

    deal=$(new_deal manager --amount 10 --currency EUR)
    json manager deal update "$deal" --contract "$id"
    is '[.contract_id, .vendor] | join(" ")' "$id kilo"
    json manager deal update "$deal" --vendor beta
    is '[.contract_id, .vendor] | map(tostring) | join(" ")' 'null beta'
    refused $INVALID_ARGUMENT "contract $id is with kilo" manager deal update "$deal" --contract "$id"
    json manager deal update "$deal" --vendor kilo --contract "$id"
    is '[.contract_id, .vendor] | join(" ")' "$id kilo"
    json manager deal update "$deal" --no-contract
    is '[.contract_id, .vendor] | map(tostring) | join(" ")' 'null kilo'
    # Of a won deal it is one of the things that counted.
    as manager deal move "$deal" won --yes
    ok
    refused $INVALID_ARGUMENT 'changing what counted needs a reason' manager deal update "$deal" --contract "$id"
    as manager deal update "$deal" --contract "$id" --reason 'It was forgotten.'
    ok
    json manager deal history "$deal"
    is '[.history[].change // empty] | join(", ")' "contract: - → $id"
    json kilo deal history "$deal"
    is '[.history[].change // empty] | join(", ")' ''

    as admin contract suspend "$id" --reason x
    ok
    refused $FAILED_PRECONDITION "contract $id is suspended" manager deal create X --customer C --contract "$id"
    as admin contract resume "$id"
    as admin contract end "$id" --reason x --yes
    ok
    refused $FAILED_PRECONDITION "contract $id is ended" manager deal create X --customer C --contract "$id"
    json manager deal show "$under"
    is .contract_id "$id"
}
