#!/usr/bin/env bats
# Deals.

load ../helper

@test "deal create: works, with what was said" {
    json sales deal create '深圳港口' --customer '深圳港务集团' --amount 120000.5 --currency CNY --vendor beta
    is .title 深圳港口
    is .customer 深圳港务集团
    is .stage new
    is .amount.amount 120000.50
    is .amount.currency CNY
    is .owner sales@acme.example
    is .vendor beta
    is .company acme
    is .version 1
    is '.created_at | test("^2[0-9]{3}-[0-9]{2}-[0-9]{2}T.*Z$")' true
    is '.created_at == .updated_at' true
}

@test "deal create: an amount is rounded to the currency's minor units, and never negative" {
    json sales deal create Yen --customer C --amount 1000 --currency JPY
    is .amount.amount 1000
    json sales deal create Zero --customer C --amount 0 --currency CNY
    is .amount.amount 0.00
    refused $INVALID_ARGUMENT amount sales deal create Bad --customer C --amount 1.234 --currency CNY
    refused $INVALID_ARGUMENT amount sales deal create Bad --customer C --amount 1.5 --currency JPY
    refused $INVALID_ARGUMENT amount sales deal create Bad --customer C --amount -5 --currency CNY
    refused $INVALID_ARGUMENT amount sales deal create Bad --customer C --amount 1e5 --currency CNY
    refused $INVALID_ARGUMENT amount sales deal create Bad --customer C --amount 12x --currency CNY
    refused $INVALID_ARGUMENT currency sales deal create Bad --customer C --amount 5 --currency XXQ
    refused $USAGE currency sales deal create Bad --customer C --amount 5
    json sales deal list --search Bad
    is '.deals // [] | length' 0
}

@test "deal create: for somebody else only as far as the role reaches" {
    refused $PERMISSION_DENIED '' sales deal create T --customer C --owner peer@acme.example
    refused $PERMISSION_DENIED '' manager deal create T --customer C --owner peer@acme.example
    json manager deal create 'For Sales' --customer C --owner sales@acme.example
    is .owner sales@acme.example
    json admin deal create 'For Peer' --customer C --owner peer@acme.example
    is .owner peer@acme.example
    as admin deal create T --customer C --owner sales@gamma.example
    [[ $status = "$NOT_FOUND" || $status = "$INVALID_ARGUMENT" ]] || complain "took a foreign owner"
}

@test "deal create: denied to an auditor; a vendor must be an active partner" {
    refused $PERMISSION_DENIED deal.create auditor deal create T --customer C
    # A company that is no partner and one that does not exist are told apart in nothing.
    refused $NOT_FOUND 'gamma is no partner of yours' sales deal create T --customer C --vendor gamma
    refused $NOT_FOUND 'nothing is no partner of yours' sales deal create T --customer C --vendor nothing
}

@test "deal show: mine, my team's, my company's; others are not there" {
    local mine below theirs shared
    mine=$(new_deal sales)
    below=$(new_deal junior)
    theirs=$(new_deal peer)
    shared=$(new_deal peer --vendor beta)
    as sales deal show "$mine"
    ok
    refused $NOT_FOUND "no deal $theirs" sales deal show "$theirs"
    # A team is all below, at any depth; a salesperson's role does not reach it.
    refused $NOT_FOUND "no deal $below" sales deal show "$below"
    as manager deal show "$below"
    ok
    refused $NOT_FOUND "no deal $theirs" manager deal show "$theirs"
    as admin deal show "$theirs"
    ok
    as auditor deal show "$theirs"
    ok
    as beta-vendor deal show "$shared"
    ok
    refused $NOT_FOUND "no deal $theirs" beta-vendor deal show "$theirs"
    refused $NOT_FOUND "no deal $theirs" beta-admin deal show "$theirs"
    refused $NOT_FOUND "no deal $shared" gamma-admin deal show "$shared"
    refused $NOT_FOUND "no deal 999999" admin deal show 999999
}

@test "deal show: absent and not mine are told in the same words" {
    local theirs absent=999999
    theirs=$(new_deal gamma-sales)
    as sales deal show "$theirs"
    local first=${stderr//$theirs/N}
    as sales deal show $absent
    [ "${stderr//$absent/N}" = "$first" ]
}

@test "deal show: with its follow-ups, the newest first" {
    local deal
    deal=$(new_deal sales)
    as sales deal log "$deal" --kind call --text 'first call'
    ok
    as sales deal log "$deal" --kind visit --text 'then a visit' --next 'send the offer' --due 2026-12-01
    ok
    json sales deal show "$deal"
    is '[.activities[].kind] | join(" ")' 'visit call'
    is '.activities[0].next' 'send the offer'
    is '.activities[0].due' 2026-12-01
    is '.activities[0].member' sales@acme.example
    as sales deal show "$deal"
    says 'then a visit'
}

@test "deal log-show: one follow-up, as it was answered and as the list has it; not there, not mine, internal" {
    local deal id logged
    deal=$(new_deal sales --vendor beta)
    json sales deal log "$deal" --kind call --text 'Rang them up' --next Visit --due 2026-12-01
    logged=$output
    id=$(jq -r .id <<<"$output")
    json sales deal log-show "$id"
    [ "$output" = "$logged" ] || complain "otherwise than: $logged"
    json sales deal log-list "$deal"
    is '.activities[0]' "$(jq . <<<"$logged")"
    json beta-vendor deal log-show "$id"
    is .member sales@acme.example
    is .member_company acme
    refused $NOT_FOUND "$id" peer deal log-show "$id"
    refused $NOT_FOUND 999999 sales deal log-show 999999
    json sales deal log "$deal" --kind note --text 'Among us' --internal
    id=$(jq -r .id <<<"$output")
    refused $NOT_FOUND "$id" beta-vendor deal log-show "$id"
}

@test "deal log-list: what I logged, what a member did, all of it; by kind and day" {
    local mine other customer first
    world_person admin logger salesperson >/dev/null
    mine=$(new_deal logger --vendor beta)
    other=$(new_deal logger)
    json logger deal log "$mine" --kind call --text One
    first=$(jq -r .id <<<"$output")
    json logger deal log "$other" --kind visit --text Two
    json beta-vendor deal log "$mine" --kind call --text Theirs
    json logger customer create 'Logged by a logger'
    customer=$(jq -r .id <<<"$output")
    json logger customer log "$customer" --kind note --text Three
    json logger deal log-list
    is '[.activities[].text] | join(" ")' 'Three Two One'
    is '[.activities[].about] | join(" | ")' 'Logged by a logger | Deal of logger | Deal of logger'
    json logger deal log-list --kind call
    is '[.activities[].text] | join(" ")' One
    json logger deal log-list "$mine"
    is '[.activities[].text] | join(" ")' 'Theirs One'
    json logger deal log-list "$mine" --member vendor@beta.example
    is '[.activities[].text] | join(" ")' Theirs
    json admin deal log-list --member logger@acme.example --since "$(day today)"
    is '[.activities[].text] | join(" ")' 'Three Two One'
    json admin deal log-list --member logger@acme.example --since "$(day tomorrow)"
    is '.activities // [] | length' 0
    json admin deal log-list --team --page-size 2
    is '[.activities[].text] | join(" ")' 'Three Theirs'
    json admin deal log-list --team --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.activities[].text] | join(" ")' 'Two One'
    # Of others only what one sees.
    json peer deal log-list --member logger@acme.example
    is '[.activities[].text] | join(" ")' Three
    json beta-vendor deal log-list
    is '.activities[0].text' Theirs
    refused $NOT_FOUND '' gamma-sales deal log-list --member logger@acme.example
    refused $NOT_FOUND "no deal $mine" gamma-sales deal log-list "$mine"
    refused $NOT_FOUND "no customer $customer" gamma-sales deal log-list --customer "$customer"
    as logger deal log-list "$mine" --team
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took a deal and a team"
}

@test "deal create, update, log --contact: who at the customer; another customer takes it away" {
    local deal customer contact other
    deal=$(new_deal sales)
    json sales customer create 'With a contact'
    customer=$(jq -r .id <<<"$output")
    json sales contact add "$customer" '刘工' --function decider
    contact=$(jq -r .id <<<"$output")
    json sales deal create Contacted --customer 'With a contact' --contact "$contact" --vendor beta
    deal=$(jq -r .id <<<"$output")
    json sales deal show "$deal"
    is .contact 刘工
    is .contact_id "$contact"
    json beta-vendor deal show "$deal"
    is .contact 刘工
    json sales deal log "$deal" --kind call --text 'Rang them' --contact "$contact"
    is .contact 刘工
    json sales customer create 'Without one'
    json sales deal update "$deal" --customer 'Without one'
    is .contact_id null
    refused $NOT_FOUND "no contact $contact" sales deal update "$deal" --contact "$contact"
    refused $NOT_FOUND "no contact $contact" sales deal log "$deal" --kind call --text x --contact "$contact"
    refused $NOT_FOUND 'no contact 999999' sales deal create X --customer 'With a contact' --contact 999999
    json sales deal update "$deal" --customer 'With a contact' --contact "$contact"
    is .contact 刘工
    json sales deal update "$deal" --no-contact
    is .contact null
}

@test "deal list: filters by stage, owner, vendor and text" {
    local first second
    first=$(new_deal sales --vendor beta)
    second=$("$JIAYI" --profile sales -o json deal create 'Šah Mat 百分' --customer 'Ëndrra e Bukur' | jq -r .id)
    as sales deal move "$second" quoted
    ok
    json sales deal list --stage quoted
    is "[.deals[].stage] | unique | join(\" \")" quoted
    is "[.deals[].id] | index(\"$second\") != null" true
    json manager deal list --owner sales@acme.example
    is "[.deals[].owner] | unique | join(\" \")" sales@acme.example
    json sales deal list --vendor beta
    is "[.deals[].id] | index(\"$first\") != null" true
    is "[.deals[].vendor] | unique | join(\" \")" beta
    json sales deal list --search 'šAH'
    is "[.deals[].id] | join(\" \")" "$second"
    json sales deal list --search 'ËNDRRA'
    is "[.deals[].id] | join(\" \")" "$second"
    json sales deal list --search '百'
    is "[.deals[].id] | join(\" \")" "$second"
    # What means something to LIKE or to a regular expression is only text here.
    refused $INVALID_ARGUMENT 'there is no letter and no digit in what you search for' sales deal list --search '%'
    refused $INVALID_ARGUMENT 'there is no letter and no digit in what you search for' sales deal list --search '.*'
    json sales deal list --search "' OR true --"
    is '.deals // [] | length' 0
    refused $INVALID_ARGUMENT stage sales deal list --stage nowhere
}

# listed PROFILE ARG…: the numbers of the deals that this list has.
listed() {
    json "$1" deal list "${@:2}"
    jq -r '[.deals[]?.id] | join(" ")' <<<"$output"
}

@test "deal list --mine, --team: my own, those below me, those for which my company made me responsible" {
    local mine below shared
    mine=$(new_deal manager)
    below=$(new_deal junior)
    shared=$(new_deal peer --vendor beta)
    json manager deal list --mine
    is '[.deals[].owner] | unique | join(" ")' manager@acme.example
    is "[.deals[].id] | index(\"$mine\") != null" true
    json manager deal list --team
    is "[.deals[].id] | [index(\"$mine\"), index(\"$below\")] | map(. != null) | all" true
    is "[.deals[].owner] | index(\"peer@acme.example\")" null
    # A salesperson's role reaches nobody below.
    json sales deal list --team
    is '[.deals[].owner] | unique | join(" ")' sales@acme.example
    json beta-vendor deal list --mine
    is "[.deals[]?.id] | index(\"$shared\")" null
    json beta-admin deal assign "$shared" vendor@beta.example
    json beta-vendor deal list --mine
    is "[.deals[].id] | index(\"$shared\") != null" true
    json beta-vendor deal list --mine --stage new --vendor beta
    is "[.deals[].id] | index(\"$shared\") != null" true
    as manager deal list --mine --team
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took two owners"
}

@test "deal list --customer: of one customer, also what it had under another name, as far as I see it" {
    local first second customer twin shared
    json sales deal create First --customer 'Listed Ltd'
    first=$(jq -r .id <<<"$output")
    json sales customer list --search Listed
    customer=$(jq -r '.customers[0].id' <<<"$output")
    json admin deal create Second --customer 'Listed Ltd' --owner peer@acme.example
    second=$(jq -r .id <<<"$output")
    [ "$(listed admin --customer "$customer")" = "$second $first" ] || complain "another list"
    [ "$(listed admin --customer "$customer" --owner sales@acme.example)" = "$first" ] || complain "another owner"
    [ "$(listed admin --customer "$customer" --stage quoted)" = '' ] || complain "another stage"
    [ "$(listed sales --customer "$customer")" = "$first" ] || complain "somebody else's"
    json admin deal list --customer "$customer" --page-size 1
    [ "$(listed admin --customer "$customer" --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")")" = "$first" ]
    json admin customer create 'Listed Twin' --distinct
    twin=$(jq -r .id <<<"$output")
    as admin customer merge "$customer" "$twin" --reason same
    ok
    [ "$(listed admin --customer "$twin")" = "$second $first" ] || complain "not what was merged"
    refused $NOT_FOUND 'no customer 999999' admin deal list --customer 999999
    refused $NOT_FOUND "no customer $twin" gamma-admin deal list --customer "$twin"
    # A vendor lists what is shared with it of a principal's customer.
    refused $NOT_FOUND "no customer $twin" beta-vendor deal list --customer "$twin"
    json admin deal create Shared --customer 'Listed Twin' --vendor beta
    shared=$(jq -r .id <<<"$output")
    [ "$(listed beta-vendor --customer "$twin")" = "$shared" ] || complain "not what is shared"
}

@test "deal list --closing-by: open deals by the day on which they are expected to close" {
    local late soon closed theirs
    world_person admin closer salesperson >/dev/null
    late=$(new_deal closer --close-on 2031-05-03)
    soon=$(new_deal closer --close-on 2031-05-01)
    closed=$(new_deal closer --close-on 2031-05-01)
    as closer deal move "$closed" lost --lost-reason price --reason dear
    ok
    theirs=$(new_deal closer --close-on 2031-05-02 --vendor beta)
    [ "$(listed closer --closing-by 2031-05-03)" = "$soon $theirs $late" ] || complain "another order"
    [ "$(listed closer --closing-by 2031-05-02)" = "$soon $theirs" ] || complain "another day"
    json closer deal list --closing-by 2031-05-03 --page-size 2
    [ "$(listed closer --closing-by 2031-05-03 --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")")" = "$late" ]
    [ "$(listed beta-vendor --closing-by 2031-05-03 --owner closer@acme.example)" = "$theirs" ] || complain "not what is shared"
    [ "$(listed admin --closing-by 2031-05-03 --vendor beta --owner closer@acme.example)" = "$theirs" ] || complain "not of the vendor"
    [ "$(listed gamma-admin --closing-by 2031-05-03)" = '' ] || complain "a stranger's list"
    refused $INVALID_ARGUMENT closing_by sales deal list --closing-by someday
}

@test "deal list --outcome, --participant: what became of them, and where somebody takes part" {
    local won open
    world_person admin outcomer salesperson >/dev/null
    won=$(new_deal outcomer --amount 5 --currency EUR)
    open=$(new_deal outcomer)
    as outcomer deal move "$won" won
    ok
    [ "$(listed outcomer --outcome won)" = "$won" ] || complain "another outcome"
    [ "$(listed outcomer --outcome open)" = "$open" ] || complain "another outcome"
    [ "$(listed outcomer --outcome lost)" = '' ] || complain "nothing was lost"
    [ "$(listed outcomer --outcome won --stage new)" = '' ] || complain "new is not won"
    [ "$(listed outcomer --outcome open --search 'Deal of outcomer')" = "$open" ] || complain "not found"
    as outcomer deal list --outcome maybe
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took an unknown outcome"
    as admin participant add "deal/$open" vendor@beta.example --function technical
    ok
    as admin participant add "deal/$won" peer@acme.example --function helper
    ok
    [ "$(listed outcomer --participant vendor@beta.example)" = "$open" ] || complain "not where they take part"
    [ "$(listed beta-vendor --participant vendor@beta.example --owner outcomer@acme.example)" = "$open" ] || complain "not for themselves"
    [ "$(listed peer --participant peer@acme.example --outcome won --owner outcomer@acme.example)" = "$won" ] || complain "not peer's"
    [ "$(listed sales --participant peer@acme.example --outcome won)" = '' ] || complain "sales sees it not"
    [ "$(listed gamma-admin --participant peer@acme.example)" = '' ] || complain "a stranger's list"
}

@test "deal list: in pages, each deal once, the newest first" {
    local ids=() seen=() token="" i
    world_person admin pager salesperson >/dev/null
    for i in {1..7}; do
        ids=("$(new_deal pager)" "${ids[@]}")
    done
    # Two that a partner shares, in the same list.
    while :; do
        json pager deal list --page-size 3 ${token:+--page-token "$token"}
        is '.deals | length <= 3' true
        mapfile -t -O ${#seen[@]} seen < <(jq -r '.deals[].id' <<<"$output")
        token=$(jq -r '.next_page_token // empty' <<<"$output")
        [ -n "$token" ] || break
    done
    [ "${seen[*]}" = "${ids[*]}" ] || complain "${seen[*]} instead of ${ids[*]}"
    refused $INVALID_ARGUMENT page_token pager deal list --page-token 'not a token!'
    refused $INVALID_ARGUMENT page_size pager deal list --page-size 0
    refused $INVALID_ARGUMENT page_size pager deal list --page-size 1001
}

@test "deal list: own and shared deals merge into one list in pages" {
    local first second third
    first=$(new_deal beta-vendor)
    second=$(new_deal sales --vendor beta)
    third=$(new_deal beta-vendor)
    json beta-vendor deal list --page-size 2
    is '[.deals[].id] | join(" ")' "$third $second"
    json beta-vendor deal list --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.deals[0].id' "$first"
}

@test "deal update: works, and counts the version" {
    local deal
    deal=$(new_deal sales)
    json sales deal update "$deal" --title '新标题' --amount 99.9 --currency EUR
    is .title 新标题
    is .amount.amount 99.90
    is .version 2
    is .customer Customer
    json sales deal update "$deal" --vendor beta --version 2
    is .vendor beta
    is .title 新标题
    is .version 3
    json sales deal update "$deal" --no-vendor
    is .vendor null
}

@test "deal update: a stale version is refused with the current one" {
    local deal before
    deal=$(new_deal sales)
    as sales deal update "$deal" --title Second
    ok
    before=$(changes)
    refused $ABORTED 2 sales deal update "$deal" --title Third --version 1
    refused $ABORTED 2 sales deal move "$deal" quoted --version 1
    [ "$(changes)" = "$before" ]
    json sales deal show "$deal"
    is .title Second
    is .version 2
}

@test "deal update: of many at the same moment with the same version one wins" {
    local deal i won
    deal=$(new_deal sales)
    for i in {1..8}; do
        "$JIAYI" --profile sales deal update "$deal" --title "Writer $i" --version 1 >/dev/null 2>&1 &&
            touch "$BATS_TEST_TMPDIR/won$i" &
    done
    wait
    won=$(find "$BATS_TEST_TMPDIR" -name 'won*' | wc -l)
    [ "$won" -eq 1 ] || complain "$won writers won"
    json sales deal show "$deal"
    is .version 2
}

@test "deal update: denied, not there, somebody else's, nothing to change" {
    local mine theirs shared
    mine=$(new_deal sales)
    theirs=$(new_deal peer)
    shared=$(new_deal sales --vendor beta)
    refused $PERMISSION_DENIED deal.update auditor deal update "$mine" --title X
    refused $NOT_FOUND "no deal $theirs" sales deal update "$theirs" --title X
    refused $NOT_FOUND "no deal 999999" sales deal update 999999 --title X
    # The vendor sees it, may move it and log on it, and changes nothing else.
    refused $PERMISSION_DENIED '' beta-vendor deal update "$shared" --title X
    as sales deal update "$mine"
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "an update of nothing"
    json sales deal show "$mine"
    is .version 1
}

@test "deal assign: within reach" {
    local deal
    deal=$(new_deal sales)
    refused $PERMISSION_DENIED deal.assign sales deal assign "$deal" junior@acme.example
    json manager deal assign "$deal" junior@acme.example
    is .owner junior@acme.example
    refused $NOT_FOUND "no deal $deal" sales deal show "$deal"
    as junior deal show "$deal"
    ok
    as admin deal assign "$deal" peer@acme.example
    ok
    refused $NOT_FOUND "no deal $deal" manager deal assign "$deal" sales@acme.example
    refused $NOT_FOUND "no deal 999999" admin deal assign 999999 sales@acme.example
    refused $NOT_FOUND 'no member vendor@beta.example' admin deal assign "$deal" vendor@beta.example
    json admin deal show "$deal"
    is .owner peer@acme.example
}

@test "deal assign: to a removed member" {
    local deal
    deal=$(new_deal sales)
    world_person admin gone salesperson >/dev/null
    as admin member remove gone@acme.example
    ok
    as admin deal assign "$deal" gone@acme.example
    [ "$status" -ge 10 ] || complain "assigned to a removed member"
}

@test "case 35: the history has who owned a deal, from when to when, and who assigned it" {
    local deal
    deal=$(new_deal sales)
    as sales deal move "$deal" contacted
    ok
    as manager deal assign "$deal" junior@acme.example
    ok
    # What the move is that can be taken back, an assignment does not change.
    as admin deal assign "$deal" sales@acme.example
    ok
    json sales deal undo "$deal" --force
    is .stage new
    json sales deal history "$deal"
    is '[.history[] | .owner // "-"] | join(" ")' \
        'sales@acme.example - junior@acme.example sales@acme.example -'
    is '[.history[] | .stage] | join(" ")' 'new contacted contacted contacted new'
    is '.history[2].member' manager@acme.example
    is '.history[3].member' admin@acme.example
    # Each owner until the next one; stages go on meanwhile.
    is '.history | [.[0].owner_until == .[2].entered_at, .[2].owner_until == .[3].entered_at] | all' true
    is '.history[3].owner_until' null
    is '.history | [.[0].left_at == .[1].entered_at, .[1].left_at == .[4].entered_at] | all' true
    is '.history[2].left_at' null
    is '.history[0].owner_company' null
    as sales deal history "$deal"
    says junior@acme.example
    # A page knows what is on the next one.
    json sales deal history "$deal" --page-size 1
    is '.history[0].owner_until != null' true
}

@test "deal move: any stage to any other, with history" {
    local deal
    deal=$(new_deal sales)
    as sales deal move "$deal" deciding
    ok
    as sales deal move "$deal" contacted --reason 'back to the start'
    ok
    json sales deal history "$deal"
    is '[.history[].stage] | join(" ")' 'new deciding contacted'
    is '.history[2].reason' 'back to the start'
    is '.history[2].left_at' null
    is '[.history[:2][].left_at != null] | all' true
    is '.history[1].member' sales@acme.example
    refused $NOT_FOUND "no deal $deal" peer deal history "$deal"
    refused $NOT_FOUND "no deal 999999" sales deal history 999999
}

@test "deal move: losing needs a reason, winning an amount, and out of either deal.reopen" {
    local deal
    deal=$(new_deal sales)
    refused $INVALID_ARGUMENT reason sales deal move "$deal" lost
    refused $FAILED_PRECONDITION amount sales deal move "$deal" won
    json sales deal move "$deal" lost --lost-reason price --reason 'too dear'
    is .lost_reason 'too dear'
    is '.closed_at != null' true
    refused $PERMISSION_DENIED deal.reopen sales deal move "$deal" quoted
    as manager deal move "$deal" quoted
    ok
    json sales deal show "$deal"
    as sales deal update "$deal" --amount 5 --currency EUR
    ok
    as sales deal move "$deal" won
    ok
    refused $PERMISSION_DENIED deal.reopen sales deal move "$deal" lost --lost-reason other --reason x
    json sales deal show "$deal"
    is .stage won
}

@test "deal move: to the same stage, to no stage, denied, not there" {
    local deal theirs
    deal=$(new_deal sales)
    theirs=$(new_deal peer)
    refused $FAILED_PRECONDITION new sales deal move "$deal" new
    refused $INVALID_ARGUMENT negotiating sales deal move "$deal" nowhere
    refused $PERMISSION_DENIED deal.move auditor deal move "$deal" quoted
    refused $NOT_FOUND "no deal $theirs" sales deal move "$theirs" quoted
    refused $NOT_FOUND "no deal 999999" sales deal move 999999 quoted
    json sales deal show "$deal"
    is .version 1
}

@test "deal move, log: the vendor may on a shared deal" {
    local deal
    deal=$(new_deal sales --vendor beta)
    json beta-vendor deal move "$deal" contacted
    is .stage contacted
    as beta-vendor deal log "$deal" --kind presentation --text '介绍了方案'
    ok
    json sales deal show "$deal"
    is '.activities[0].member' vendor@beta.example
    is '.activities[0].text' 介绍了方案
    refused $PERMISSION_DENIED deal.assign beta-vendor deal assign "$deal" peer@beta.example
}

@test "deal log: denied, not there, bad kind, bad date, a due date without a next step" {
    local deal theirs
    deal=$(new_deal sales)
    theirs=$(new_deal peer)
    refused $PERMISSION_DENIED deal.log auditor deal log "$deal" --kind call --text x
    refused $NOT_FOUND "no deal $theirs" sales deal log "$theirs" --kind call --text x
    refused $NOT_FOUND "no deal 999999" sales deal log 999999 --kind call --text x
    as sales deal log "$deal" --kind gossip --text x
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took an unknown kind"
    refused $INVALID_ARGUMENT due sales deal log "$deal" --kind call --text x --next y --due 2026-02-30
    refused $INVALID_ARGUMENT due sales deal log "$deal" --kind call --text x --next y --due someday
    refused $INVALID_ARGUMENT next sales deal log "$deal" --kind call --text x --due 2026-12-01
    json sales deal show "$deal"
    is '.activities // [] | length' 0
}

# day WORDS: of the company, which is in UTC here.
day() {
    date -u -d "$1" +%F
}

@test "deal log --at, --outcome: when it happened and what came of it; what comes too late counts when it comes" {
    local deal
    deal=$(new_deal sales)
    json sales deal log "$deal" --kind call --text 'Rang them' --at "$(day yesterday)T09:30Z" --outcome positive
    is .happened_at "$(day yesterday)T09:30:00Z"
    is .outcome positive
    is '.at > .happened_at' true
    is '.late // false' false
    json sales deal log "$deal" --kind thanks --text 'Thanked them' --at "$(day '-7 days')"
    is '[.kind, (.late // false)] | map(tostring) | join(" ")' 'thanks false'
    json sales deal log "$deal" --kind visit --text 'Long ago' --at "$(day '-8 days')"
    is .late true
    is .happened_at "$(day '-8 days')T12:00:00Z"
    output=$(sql "SELECT string_agg((a.counted_on - jiayi.today(a.company_id))::text, ' ' ORDER BY a.id) FROM jiayi.activity AS a
                WHERE a.deal_id = $deal")
    [ "$output" = '-1 -7 0' ] || complain "counted on other days"
    as admin company update --backdate-days 30
    ok
    json sales deal log "$deal" --kind visit --text 'Long ago' --at "$(day '-30 days')"
    is '.late // false' false
    json admin company show
    is .backdate_days 30
    refused $INVALID_ARGUMENT backdate-days admin company update --backdate-days 367
    refused $INVALID_ARGUMENT backdate-days admin company update --backdate-days -1
    as admin company update --backdate-days 7
    ok
    refused $INVALID_ARGUMENT at sales deal log "$deal" --kind call --text x --at "$(day tomorrow)"
    refused $INVALID_ARGUMENT at sales deal log "$deal" --kind call --text x --at "$(day today)T23:59:59-14:00"
    refused $INVALID_ARGUMENT at sales deal log "$deal" --kind call --text x --at 2026-02-30
    refused $INVALID_ARGUMENT at sales deal log "$deal" --kind call --text x --at 2026-11-21T24:00
    refused $INVALID_ARGUMENT at sales deal log "$deal" --kind call --text x --at soon
    refused $INVALID_ARGUMENT at sales deal log "$deal" --kind call --text x --at ''
    as sales deal log "$deal" --kind call --text x --outcome superb
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took an unknown outcome"
    as sales deal log "$deal" --kind done --text x
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took a kind that is not logged"
    # Where the company is says what day it is; what people type is on their own clock.
    json sales deal log "$deal" --kind call --text 'Rang' --at 'yesterday 9:30'
    is .happened_at "$(date -u -d "$(date -d yesterday +%F) 9:30" +%FT%TZ)"
    says_understood "--at $(date -d yesterday +%F)T09:30"
    json sales deal log-list "$deal"
    is '[.activities[].outcome] | map(select(. != null)) | join(" ")' positive
}
says_understood() {
    [[ $stderr = *"understood: $1"* ]] || complain "does not say what it understood: $1"
}

@test "deal next-done: the next step was done, by whom and when; so it is in no to-do list" {
    local deal step
    deal=$(new_deal sales --vendor beta)
    refused $FAILED_PRECONDITION "deal $deal has no next step" sales deal next-done "$deal"
    json sales deal log "$deal" --kind call --text 'They want a demo' --next 'Prepare the demo' --due "$(day '-1 day')"
    step=$(jq -r .id <<<"$output")
    json sales todo
    is '[.items[] | select(.on == "deal/'"$deal"'") | .title] | join(", ")' 'Prepare the demo'
    # A side does its own.
    refused $FAILED_PRECONDITION "deal $deal has no next step" beta-vendor deal next-done "$deal"
    json manager deal next-done "$deal"
    is '[.kind, .text, .done, .member] | join(" | ")' 'done | Prepare the demo | Prepare the demo | manager@acme.example'
    json sales todo
    is '[.items // [] | .[] | select(.on == "deal/'"$deal"'")] | length' 0
    json sales deal log-show "$step"
    is .next_done_by manager@acme.example
    is '.next_done_at >= .at' true
    json beta-vendor deal log-show "$step"
    is '[.next_done_by, .next_done_by_company] | join(" ")' 'manager@acme.example acme'
    json sales deal show "$deal"
    is '[.activities[] | .next_done_by // "-"] | join(" ")' '- manager@acme.example'
    refused $FAILED_PRECONDITION "deal $deal has no next step" sales deal next-done "$deal"
    # With what came of it, and the next one.
    as sales deal log "$deal" --kind call --text 'Again' --next 'Send the offer'
    ok
    json sales deal next-done "$deal" --text 'Sent it, 12 pages' --outcome positive --next 'Ask them' --due "$(day '+2 days')" --at "$(day yesterday)"
    is '[.text, .done, .outcome, .next, .due] | join(" | ")' "Sent it, 12 pages | Send the offer | positive | Ask them | $(day '+2 days')"
    json sales todo
    is '[.items[] | select(.on == "deal/'"$deal"'") | .title] | join(", ")' 'Ask them'
    # What was internal stays so.
    as sales deal log "$deal" --kind note --text 'Floor price' --next 'Ask the boss' --internal
    ok
    json sales deal next-done "$deal"
    is .internal true
    json beta-vendor deal log-list "$deal"
    is '[.activities[].text] | map(select(test("boss|Floor"))) | length' 0
    refused $PERMISSION_DENIED deal.log auditor deal next-done "$deal"
    refused $NOT_FOUND "no deal 999999" sales deal next-done 999999
    refused $NOT_FOUND 'no deal' peer deal next-done "$deal"
    as sales deal log "$deal" --kind note --text x --next y
    ok
    refused $INVALID_ARGUMENT next sales deal next-done "$deal" --due 2026-12-01
    refused $INVALID_ARGUMENT text sales deal next-done "$deal" --text ''
    refused $INVALID_ARGUMENT at sales deal next-done "$deal" --at "$(day tomorrow)"
    refused $INVALID_ARGUMENT internal sales deal next-done "$deal" --internal --shared
    # Two at once do it once.
    hold "SELECT FROM jiayi.deal_pulse WHERE deal_id = $deal FOR UPDATE"
    "$JIAYI" --profile sales deal next-done "$deal" --text one >/dev/null 2>"$BATS_TEST_TMPDIR/one" &
    "$JIAYI" --profile manager deal next-done "$deal" --text two >/dev/null 2>"$BATS_TEST_TMPDIR/two" &
    eventually hold_is_felt
    sleep 0.3
    release
    wait
    json sales deal log-list "$deal"
    is '[.activities[] | select(.text == "one" or .text == "two")] | length' 1
    grep -q 'somebody has done that next step already' "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two" || complain "nobody was told"
}

@test "deal due: what is due, overdue and forgotten; mine, a member's, the team's; what is shared" {
    local due over forgotten later below theirs shared
    due=$(new_deal partner)
    over=$(new_deal partner)
    forgotten=$(new_deal partner --amount 5 --currency EUR)
    later=$(new_deal partner)
    as partner deal log "$due" --kind call --text x --next 'Send it' --due "$(day today)"
    as partner deal log "$over" --kind call --text x --next 'Visit' --due "$(day '-3 days')"
    as partner deal log "$forgotten" --kind call --text x --at "$(day '-5 days')"
    as partner deal log "$later" --kind call --text x --next 'Wait'
    ok
    json partner deal due
    is '[.deals[] | [.deal_id, .when, .touch_until] | join(" ")] | join(", ")' \
        "$over overdue $(day '-3 days'), $forgotten forgotten $(day '-2 days'), $due today $(day today)"
    is '.deals[0] | [.title, .customer, .stage, .next, .due, .touched, .touches, .member, .company] | map(tostring) | join(" | ")' \
        "Deal of partner | Customer | new | Visit | $(day '-3 days') | $(day today) | 1 | partner@acme.example | acme"
    is '.deals[1] | [.stage_since, .stay_until, .next, .due] | map(. // "-") | join(" ")' "$(day today) $(day '+3 days') - -"
    json partner deal due --days 3
    is '[.deals[] | [.deal_id, .when] | join(" ")] | last' "$later soon"
    json partner deal due --page-size 1 --all
    is '[.deals[].deal_id] | join(" ")' "$over $forgotten $due"
    # In the to-do list what was forgotten stands with the rest.
    json partner todo
    is '[.items[] | [.on, .title, .about, .when, .due] | join(" ")] | join(", ")' \
        "deal/$over Visit Deal of partner overdue $(day '-3 days'), deal/$forgotten Deal of partner Customer forgotten $(day '-2 days'), deal/$due Send it Deal of partner today $(day today)"
    json admin deal due --member partner@acme.example
    is '[.deals[].deal_id] | join(" ")' "$over $forgotten $due"
    # What has ended waits for nothing; a move begins anew, not what was done.
    as partner deal move "$forgotten" lost --reason x --lost-reason price --yes
    as partner deal move "$over" quoted
    ok
    json partner deal due
    is '[.deals[].deal_id] | join(" ")' "$over $due"

    below=$(new_deal junior)
    theirs=$(new_deal peer)
    shared=$(new_deal peer --vendor beta)
    for deal in "$below" "$theirs" "$shared"; do
        as admin deal log "$deal" --kind call --text x --next n --due "$(day '-1 day')"
        ok
    done
    json sales deal due --team
    is "[.deals // [] | .[].deal_id | select(. == \"$below\" or . == \"$theirs\")] | length" 0
    json manager deal due --team
    is "[.deals[].deal_id | select(. == \"$below\" or . == \"$theirs\")] | join(\" \")" "$below"
    json admin deal due --team
    is "[.deals[].deal_id | select(. == \"$below\" or . == \"$theirs\")] | join(\" \")" "$below $theirs"
    # Across the line it is the vendor's own: what comes next at acme is none of it.
    json beta-vendor deal due --team --days 3
    is "[.deals[] | select(.deal_id == \"$shared\") | [.company, .next, .due, .member, .touches] | map(. // \"-\" | tostring) | join(\" \")] | join(\", \")" \
        'acme - - - 1'
    as beta-vendor deal log "$shared" --kind call --text y --next 'Our step' --due "$(day today)"
    ok
    json beta-vendor deal due
    is "[.deals[] | [.deal_id, .next, .member] | join(\" \")] | join(\", \")" "$shared Our step vendor@beta.example"
    json gamma-sales deal due --team --days 366
    is "[.deals // [] | .[].deal_id | select(. == \"$below\" or . == \"$theirs\" or . == \"$shared\")] | length" 0

    refused $PERMISSION_DENIED deal.read operator deal due
    refused $NOT_FOUND 'no member' manager deal due --member nobody@acme.example
    refused $NOT_FOUND 'no member' manager deal due --member vendor@beta.example
    refused $INVALID_ARGUMENT 'at most one' manager deal due --team --member sales@acme.example
    refused $INVALID_ARGUMENT days manager deal due --days 367
    refused $INVALID_ARGUMENT days manager deal due --days -1
    refused $INVALID_ARGUMENT page-token manager deal due --page-token AAAAAAAAAAAAAAAAAAAA
    refused $INVALID_ARGUMENT page-size manager deal due --page-size 1001
}

@test "deal due, log-list: on a terminal, in three languages, 80 columns" {
    local deal language
    deal=$(new_deal sales)
    as sales deal log "$deal" --kind call --text 'They asked for the price' --at "$(day '-6 days')" --outcome not_reached
    as sales deal log "$deal" --kind visit --text 'Saw them' --next 'Send the offer' --due "$(day '-1 day')"
    ok
    for language in C.UTF-8 zh_CN.UTF-8 sq_AL.UTF-8; do
        run env TERM=xterm script -qec "stty cols 80; LC_ALL=$language PAGER=cat '$JIAYI' --profile sales deal due" /dev/null
        output=${output//$'\r'/}
        ok
        [ "$(wc -L <<<"$output")" -le 80 ] || complain "wider than the terminal"
        case $language in zh*) says 已逾期 ;; sq*) says 'me vonesë' ;; *) says overdue ;; esac
        run env TERM=xterm script -qec "stty cols 80; LC_ALL=$language PAGER=cat '$JIAYI' --profile sales deal log-list $deal" /dev/null
        output=${output//$'\r'/}
        ok
        [ "$(wc -L <<<"$output")" -le 80 ] || complain "wider than the terminal"
        says "$(day '-1 day')"
        case $language in zh*) says 未联系上 ;; sq*) says 'nuk u arrit' ;; *) says not_reached ;; esac
    done
}

@test "deal create, update --close-on: an open deal is not expected to close long ago, nor in another age" {
    local deal
    refused $INVALID_ARGUMENT 'more than a month before' sales deal create Late --customer C --close-on 1999-01-01
    refused $INVALID_ARGUMENT "an open deal is not expected to close on $(day '-40 days')" sales deal create Late --customer C --close-on "$(day '-40 days')"
    refused $INVALID_ARGUMENT '9999-12-31 is more than 30 years away' sales deal create Never --customer C --close-on 9999-12-31
    LC_ALL=zh_CN.UTF-8 refused $INVALID_ARGUMENT '距今超过 30 年' sales deal create Never --customer C --close-on 9999-12-31
    # Who writes down late what was agreed on has a month.
    deal=$("$JIAYI" --profile sales -o json deal create Late --customer C --close-on "$(day '-20 days')" --amount 1 --currency EUR | jq -er .id)
    refused $INVALID_ARGUMENT 'not expected to close' sales deal update "$deal" --close-on "$(day '-40 days')"
    # What was said stays, and is of no matter once the deal is closed.
    as sales deal update "$deal" --title Later
    ok
    as sales deal move "$deal" lost --reason x --lost-reason other --yes
    as sales deal update "$deal" --close-on "$(day '-40 days')"
    ok
}

@test "deal create, update --close-on, --kind: set, changed and cleared; they are nothing that counted" {
    local deal
    json sales deal create 'Harbour' --customer C --close-on 2027-03-31 --kind project
    is '[.close_on, .kind] | join(" ")' '2027-03-31 project'
    deal=$(jq -r .id <<<"$output")
    json sales deal update "$deal" --close-on 2027-04-30
    is '[.close_on, .kind] | join(" ")' '2027-04-30 project'
    json sales deal update "$deal" --kind sale --no-close-on
    is '[.close_on // "-", .kind] | join(" ")' '- sale'
    json manager deal show "$deal"
    is '[.close_on // "-", .kind] | join(" ")' '- sale'
    json sales deal update "$deal" --amount 5 --currency EUR --close-on 2027-01-01
    is .close_on 2027-01-01
    json sales deal move "$deal" won --yes
    is .won_on "$(day today)"
    # What counted is fixed, the rest is not; reopened, it is not won.
    json sales deal update "$deal" --close-on 2027-02-01
    is .close_on 2027-02-01
    refused $PERMISSION_DENIED deal.reopen sales deal update "$deal" --close-on 2027-03-01 --title Other
    json manager deal move "$deal" quoted --yes --force
    is '.won_on // "-"' -
    json admin audit list --object deal --id "$deal"
    is '[.entries[] | select(.after | test("close_on")?)] | length > 0' true
    refused $INVALID_ARGUMENT close-on sales deal update "$deal" --close-on 2027-02-30 --force
    refused $INVALID_ARGUMENT 'a day or none' sales deal update "$deal" --close-on 2027-02-01 --no-close-on --force
    refused $INVALID_ARGUMENT close-on sales deal create Bad --customer C --close-on soon
    as sales deal create Bad --customer C --kind dream
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took an unknown kind"
}

@test "deal assign: a vendor says who of its people is responsible; either side chooses its own" {
    local deal
    deal=$(new_deal sales --vendor beta)
    json beta-manager deal assign "$deal" vendor@beta.example
    is '[.owner, .vendor, .vendor_owner] | join(" ")' 'sales@acme.example beta vendor@beta.example'
    json sales deal show "$deal"
    is .vendor_owner vendor@beta.example
    # It is theirs to look after, whoever logs on it, and they are told.
    as beta-admin deal log "$deal" --kind call --text x --next 'Ask' --due "$(day today)"
    ok
    json beta-vendor deal due
    is "[.deals[].deal_id | select(. == \"$deal\")] | length" 1
    eventually told_of beta-vendor "$deal"
    refused $PERMISSION_DENIED deal.assign beta-vendor deal assign "$deal" vendor@beta.example
    refused $PERMISSION_DENIED 'within your team' beta-manager deal assign "$deal" admin@beta.example
    refused $INVALID_ARGUMENT 'who of acme is responsible its people say' beta-manager deal assign "$deal" sales@acme.example
    refused $INVALID_ARGUMENT 'who of beta is responsible its people say' manager deal assign "$deal" vendor@beta.example
    refused $INVALID_ARGUMENT 'who of beta is responsible its people say' manager deal assign "$deal" nobody@beta.example
    refused $NOT_FOUND 'no member nobody@acme.example' manager deal assign "$deal" nobody@acme.example
    refused $NOT_FOUND 'no member vendor@gamma.example' manager deal assign "$deal" vendor@gamma.example
    # The rest of the deal a vendor does not change.
    refused $PERMISSION_DENIED '' beta-admin deal update "$deal" --title Ours
    # It goes with the sharing, and stays when the owner changes.
    json manager deal assign "$deal" junior@acme.example
    is '[.owner, .vendor_owner] | join(" ")' 'junior@acme.example vendor@beta.example'
    as admin deal update "$deal" --no-vendor
    ok
    json admin deal update "$deal" --vendor beta
    is '.vendor_owner // "-"' -
    as admin partner suspend beta
    ok
    refused $NOT_FOUND "no deal $deal" beta-manager deal assign "$deal" vendor@beta.example
    as admin partner resume beta
    ok
}
told_of() {
    "$JIAYI" --profile "$1" -o json inbox list | jq -e --arg on "deal/$2" '[.items[] | select(.kind == "deal.assigned" and .on == $on)] | length == 1' >/dev/null
}

@test "deal show: tags, team, what is to be done, next step, links; what is cut says so" {
    local deal i
    deal=$(new_deal sales --vendor beta)
    json sales deal show "$deal"
    is '[.tags, .team, .tasks, .links, .next] | map(. // [] | length) | add' 0
    is .touch_until "$(day '+3 days')"
    as sales deal log "$deal" --kind call --text x --next 'Send the offer' --due "$(day '+1 day')"
    as sales deal tag "$deal" intent=high
    as sales participant add "deal/$deal" junior@acme.example --function technical
    as sales link add "deal/$deal" "deal/$(new_deal sales)" --role follows
    as sales task create 'In two days' --on "deal/$deal" --due "$(day '+2 days')"
    as sales task create 'Is late' --on "deal/$deal" --due "$(day '-2 days')"
    as sales task done "$("$JIAYI" --profile sales -o json task create 'Is done' --on "deal/$deal" | jq -r .id)"
    ok
    json sales deal show "$deal"
    is '[.next, .next_due, .touch_until] | join(" | ")' "Send the offer | $(day '+1 day') | $(day '+1 day')"
    is '[.tags[] | .list + "=" + .code] | join(" ")' intent=high
    is '[.team[] | .member + " " + .function] | join(", ")' 'junior@acme.example technical'
    is '[.tasks[] | [.title, .due, (.late // false | tostring)] | join(" ")] | join(", ")' \
        "Is late $(day '-2 days') true, In two days $(day '+2 days') false"
    is '[.links, .more_team // false, .more_tasks // false] | map(tostring) | join(" ")' '1 false false'
    # Across the line nothing of it, but what is theirs.
    json beta-vendor deal show "$deal"
    is '[.team, .tasks, .links, .next, .tags] | map(. // [] | length) | add' 0
    for i in {1..20}; do
        sql "INSERT INTO jiayi.task (company_id, on_kind, on_id, title, assignee_id, created_by)
             SELECT d.company_id, 3, d.id, 'T$i', d.owner_id, d.owner_id FROM jiayi.deal AS d WHERE d.id = $deal" >/dev/null
    done
    json sales deal show "$deal"
    is '[(.tasks | length), .more_tasks] | map(tostring) | join(" ")' '20 true'
    json sales task list --on "deal/$deal" --all
    is '.tasks | length' 22
    as sales deal show "$deal"
    says 'Send the offer'
}

@test "milestone add --kpi: measured by what who is responsible reaches in the period in which it is due" {
    local deal due=2031-05-15
    deal=$(new_deal sales --kind project)
    as admin kpi define boxes --name Boxes --unit boxes --period quarter
    json manager milestone add "$deal" 'Crane runs' --due $due --owner sales@acme.example --kpi boxes --target 20
    is '[.kind, .due] | join(" ")' "milestone $due"
    as sales kpi record boxes --period 2031-Q2 --value 12.5
    json sales milestone list "$deal"
    is '.milestones[0] | [.title, .kpi, .target, .actual] | join(" ")' 'Crane runs boxes 20 12.5'
    json manager kpi list --period 2031-Q2
    is '[.kpis[] | select(.code == "boxes") | .member, .target, .actual] | join(" ")' 'sales@acme.example 20 12.5'
    # Another one of the same period has the target that there is; nobody is given another one by it.
    json sales milestone add "$deal" 'Second crane' --due 2031-06-30 --kpi boxes
    json sales milestone list "$deal"
    is '[.milestones[] | [.title, .kpi, .target] | join(" ")] | join(", ")' 'Crane runs boxes 20, Second crane boxes 20'
    refused $FAILED_PRECONDITION 'is 20; leave out --target' manager milestone add "$deal" Third --due $due --owner sales@acme.example --kpi boxes --target 21
    refused $PERMISSION_DENIED 'set targets of sales@acme.example' sales milestone add "$deal" Third --due $due --kpi boxes --target 20
    refused $INVALID_ARGUMENT kpi manager milestone add "$deal" Third --due $due --target 20
    refused $INVALID_ARGUMENT due manager milestone add "$deal" Third --kpi boxes
    refused $NOT_FOUND 'no KPI crates' manager milestone add "$deal" Third --due $due --kpi crates
    refused $INVALID_ARGUMENT target manager milestone add "$deal" Third --due $due --kpi boxes --target much
    json sales milestone list "$deal"
    is '.milestones | length' 2
    is "[.milestones[0].id] | length" 1
    json sales link list "task/$(jq -r '.milestones[0].id' <<<"$output")"
    is '.links[0].role' measures
    # To those who do not see the line, the milestone is one without a KPI.
    json partner milestone list "$(new_deal partner)"
    is '.milestones // [] | length' 0
}

@test "deal create --tag: tagged from the beginning; with a code that is not there no deal is made" {
    local deal
    json sales deal create 'Tagged at once' --customer Tagged --tag intent=high --tag source=exhibition
    is '[.tags[] | "\(.list)=\(.code)"] | join(" ")' 'intent=high source=exhibition'
    deal=$(jq -r .id <<<"$output")
    json sales deal list --tag intent=high --tag source=exhibition --customer "$(sql "SELECT customer_id FROM jiayi.deal WHERE id = $deal")"
    is '.deals[].id' "$deal"
    json sales deal create 'Not tagged' --customer Tagged
    is '.tags // [] | length' 0
    refused $INVALID_ARGUMENT intent sales deal create 'Never made' --customer Tagged --tag intent=whatever
    refused $INVALID_ARGUMENT tag sales deal create 'Never made' --customer Tagged --tag intent
    json sales deal list --search 'Never made'
    is '.deals // [] | length' 0
}

@test "milestone add, list: done once its parts are; how much is done, how late it is" {
    local deal first part
    deal=$(new_deal sales --kind project --vendor beta)
    json sales milestone add "$deal" 'Plant runs' --due "$(day '-3 days')" --goal '20 an hour'
    is '[.kind, .on, .title, .text, .due, .owner] | join(" | ")' \
        "milestone | deal/$deal | Plant runs | 20 an hour | $(day '-3 days') | sales@acme.example"
    first=$(jq -r .id <<<"$output")
    as sales milestone add "$deal" 'Handed over' --due "$(day '+9 days')" --owner sales@acme.example
    ok
    part=$("$JIAYI" --profile sales -o json task create 'Build it' --on "task/$first" | jq -r .id)
    as sales task done "$("$JIAYI" --profile sales -o json task create 'Plan it' --on "task/$first" | jq -r .id)"
    ok
    as sales task cancel "$("$JIAYI" --profile sales -o json task create 'Paint it' --on "task/$first" | jq -r .id)" --reason x --yes
    ok
    refused $FAILED_PRECONDITION "task/$part Build it" sales task done "$first"
    json sales milestone list "$deal"
    is '[.milestones[] | [.title, .state, .done, .total, .late_days // 0] | map(tostring) | join(" ")] | join(", ")' \
        'Plant runs open 1 2 3, Handed over open 0 0 0'
    is '.milestones[0].goal' '20 an hour'
    as sales task done "$part"
    ok
    as sales task done "$first"
    ok
    json sales milestone list "$deal" --page-size 1 --all
    is '[.milestones[] | [.title, .state, .done, .total] | map(tostring) | join(" ")] | join(", ")' \
        'Plant runs done 2 2, Handed over open 0 0'
    # A vendor sees what is its own of the tasks: none of these.
    json beta-vendor milestone list "$deal"
    is '.milestones // [] | length' 0
    refused $PERMISSION_DENIED "you may see deal $deal but not change it" beta-admin milestone add "$deal" Ours
    refused $PERMISSION_DENIED deal.update auditor milestone add "$deal" x
    refused $NOT_FOUND "no deal $deal" peer milestone list "$deal"
    as peer milestone add "$deal" x
    [ "$status" -eq "$NOT_FOUND" ] || complain "added to somebody else's"
    refused $PERMISSION_DENIED '' sales milestone add "$deal" x --owner peer@acme.example
    refused $INVALID_ARGUMENT due sales milestone add "$deal" x --due 2026-02-30
    refused $INVALID_ARGUMENT title sales milestone add "$deal" ''
    refused $INVALID_ARGUMENT goal sales milestone add "$deal" x --goal ''
}

@test "deal need: what a customer needs, expects, and what chance there is; inside, or shared" {
    local deal
    deal=$(new_deal sales --vendor beta)
    json sales deal need "$deal" --text 'Fewer accidents' --expectation 'Half of them' --opportunity 'Two more terminals'
    is '[.topic, .text] | join(" | ")' 'need | Fewer accidents'
    json sales comment list "deal/$deal"
    is '[.comments[] | .topic + " " + .text] | sort | join(", ")' 'expectation Half of them, need Fewer accidents, opportunity Two more terminals'
    json beta-vendor comment list "deal/$deal"
    is '.comments // [] | length' 0
    json beta-vendor deal need "$deal" --text 'Cheaper' --shared
    json sales comment list "deal/$deal"
    is '[.comments[] | select(.text == "Cheaper") | .member_company] | join(" ")' beta
    refused $USAGE text sales deal need "$deal" --expectation x
    refused $INVALID_ARGUMENT opportunity sales deal need "$deal" --text x --opportunity ''
    refused $INVALID_ARGUMENT internal sales deal need "$deal" --text x --internal --shared
    refused $PERMISSION_DENIED deal.log auditor deal need "$deal" --text x
    refused $NOT_FOUND "no deal $deal" peer deal need "$deal" --text x
    refused $NOT_FOUND 'no deal 999999' sales deal need 999999 --text x
}

# backwards DEAL: how many stages and log entries of it are older than the one before.
backwards() {
    sql "SELECT count(*) FROM (
             SELECT entered_at < lag(entered_at) OVER (ORDER BY seq) AS is_older
             FROM jiayi.deal_stage WHERE deal_id = $1
             UNION ALL
             SELECT at < lag(at) OVER (ORDER BY id) FROM jiayi.audit_entries()
             WHERE object IN ('deal', 'deal_stage') AND split_part(object_id, '/', 1) = '$1') AS t
         WHERE is_older"
}

@test "case M14: who began first and moved last is later in the history and in the log" {
    local deal
    deal=$(new_deal sales)
    hold "SELECT now()"
    as sales deal move "$deal" quoted
    ok
    echo "UPDATE jiayi.deal SET stage = 'negotiating' WHERE id = $deal;" >&"${LOCK[1]}"
    release
    wait "$LOCK_PID" || true
    json sales deal history "$deal"
    is '[.history[].stage] | join(" ")' 'new quoted negotiating'
    [ "$(backwards "$deal")" -eq 0 ]
}

@test "case M14: times do not run backwards under moves at the same moment" {
    local deal
    deal=$(new_deal sales)
    cat >"$BATS_TEST_TMPDIR/move" <<END
UPDATE jiayi.deal SET stage = CASE stage WHEN 'quoted' THEN 'contacted' ELSE 'quoted' END WHERE id = $deal;
END
    with_psql "$DATA" pgbench --no-vacuum --client 8 --transactions 60 --file - <"$BATS_TEST_TMPDIR/move" >/dev/null
    [ "$(sql "SELECT count(*) FROM jiayi.deal_stage WHERE deal_id = $deal")" -eq 481 ]
    [ "$(backwards "$deal")" -eq 0 ]
    [ "$(sql "SELECT updated_at = (SELECT max(entered_at) FROM jiayi.deal_stage WHERE deal_id = d.id)
              FROM jiayi.deal AS d WHERE id = $deal")" = t ]
}

@test "case 18: two people: who saw an older version of a deal does not overwrite the newer one" {
    local deal before
    deal=$(new_deal sales)
    json manager deal show "$deal"
    as sales deal update "$deal" --title 'By sales'
    ok
    before=$(changes)
    refused $ABORTED "deal $deal is at version 2 by now, not 1; look at it again: jiayi --profile manager deal show $deal" \
        manager deal update "$deal" --title 'By the manager'
    refused $ABORTED 'at version 2' manager deal move "$deal" quoted
    refused $ABORTED 'at version 2' manager deal assign "$deal" junior@acme.example
    [ "$(changes)" = "$before" ]
    json manager deal show "$deal"
    is .title 'By sales'
    json manager deal update "$deal" --title 'By the manager'
    # What an answer of one's own shows counts, and so does the row of a list.
    json manager deal update "$deal" --amount 5 --currency EUR
    json sales deal list
    json sales deal update "$deal" --title 'By sales again'
    is .version 5
}

@test "case 18: a stale profile goes on with --force; another profile of the same person remembers by itself" {
    local deal
    deal=$(new_deal sales)
    "$JIAYI" --profile sales-laptop login --server "$SERVER" --ca "$CA" --user sales@acme.example \
        --password-file "$(password_file sales)" 2>/dev/null
    json sales-laptop deal show "$deal"
    json sales deal update "$deal" --title 'At the office'
    refused $ABORTED 'at version 2' sales-laptop deal update "$deal" --title 'On the laptop'
    json sales deal update "$deal" --title 'At the office again'
    json sales-laptop deal update "$deal" --title 'On the laptop' --force
    is .version 4
    [ "$(stat -c %a "$XDG_CONFIG_HOME/jiayi/profiles/sales-laptop.shown")" = 600 ]
    # What was shown is only a help: without it the command goes on as before.
    chmod 644 "$XDG_CONFIG_HOME/jiayi/profiles/sales.shown"
    json sales deal update "$deal" --title 'Unreadable'
    rm -f "$XDG_CONFIG_HOME/jiayi/profiles/sales.shown"
    mkdir "$XDG_CONFIG_HOME/jiayi/profiles/sales.shown"
    json sales deal update "$deal" --title 'Unwritable'
    rmdir "$XDG_CONFIG_HOME/jiayi/profiles/sales.shown"
}

@test "case 18: a change that is sent again under its id is the same request, whatever was shown meanwhile" {
    local deal id=00112233445566778899aabbccddeeff
    deal=$(new_deal sales)
    json sales deal update "$deal" --title Once --request-id $id
    is .version 2
    json sales deal show "$deal"
    json sales deal update "$deal" --title Once --request-id $id
    is .version 2
    json sales deal show "$deal"
    is .version 2
}

@test "case 1: a person of another company is shown with the company" {
    local deal
    deal=$(new_deal sales --vendor beta)
    as beta-vendor deal log "$deal" --kind note --text 'From beta'
    ok
    as beta-vendor deal move "$deal" contacted
    ok
    json sales deal show "$deal"
    is '.activities[0] | .member + " " + .member_company' 'vendor@beta.example beta'
    json sales deal history "$deal"
    is '[.history[] | .member_company] | map(. // "-") | join(" ")' '- beta'
    json beta-vendor deal history "$deal"
    is '[.history[] | .member_company] | map(. // "-") | join(" ")' 'acme -'
    json admin audit list --object deal --id "$deal"
    is '[.entries[] | .member_company // "-"] | unique | join(" ")' '- beta'
    run script -qec "stty cols 120; '$JIAYI' --profile sales deal history $deal" /dev/null
    says 'vendor@beta.example (beta)'
    lacks '(acme)'
    sleep 1.1 # what all rows have, a table shows once: they are not of one second
    # Nor is it cut where something else gives: when it was left, which the next line says, and texts.
    as beta-vendor deal move "$deal" quoted --reason 'They want it by spring, and all of it' --force
    ok
    as manager deal assign "$deal" junior@acme.example --force
    ok
    run script -qec "stty cols 80; '$JIAYI' --profile manager deal history $deal" /dev/null
    says 'vendor@beta.example (beta)'
    says …
    lacks LEFT
    run script -qec "stty cols 100; '$JIAYI' --profile manager deal history $deal" /dev/null
    says 'vendor@beta.example (beta)'
    says OWNER
    lacks LEFT
}

@test "case 15: what counted of a won deal is fixed, or changed under deal.reopen with a reason that the history shows" {
    local deal lost what
    deal=$(new_deal sales --amount 100 --currency EUR)
    json sales deal move "$deal" won
    for what in '--amount 200 --currency EUR' '--title Other' '--customer Other' '--vendor beta'; do
        # shellcheck disable=SC2086
        refused $PERMISSION_DENIED deal.reopen sales deal update "$deal" $what --reason 'a slip'
    done
    json manager deal show "$deal"
    refused $INVALID_ARGUMENT --reason manager deal update "$deal" --amount 200 --currency EUR
    refused $FAILED_PRECONDITION 'cannot become 0' manager deal update "$deal" --amount 0 --currency EUR --reason x
    json manager deal update "$deal" --amount 200 --currency EUR --vendor beta --reason 'the contract says so'
    is .amount.amount 200.00
    is .stage won
    json sales deal history "$deal"
    is '[.history[].stage] | join(" ")' 'new won won'
    is '.history[2] | [.change, .reason, .member] | join(" | ")' \
        'amount: 100.00 EUR → 200.00 EUR; vendor: - → beta | the contract says so | manager@acme.example'
    # Left when it is left, not when it was changed.
    is '[.history[].left_at == null] | map(tostring) | join(" ")' 'false true true'
    # Which vendors it had is not for vendors.
    json beta-vendor deal history "$deal"
    is '.history[] | select(.change != null) | .change' 'amount: 100.00 EUR → 200.00 EUR'
    # A lost one too.
    lost=$(new_deal sales --amount 7 --currency EUR)
    json sales deal move "$lost" lost --lost-reason price --reason 'too dear'
    refused $PERMISSION_DENIED deal.reopen sales deal update "$lost" --title Other --reason x
    json manager deal update "$lost" --title Other --reason 'the right name' --force
    is .lost_reason 'too dear'
}

@test "case 15: an amount of 0 cannot be won" {
    local deal
    deal=$(new_deal sales --amount 0 --currency EUR)
    refused $FAILED_PRECONDITION 'is 0' sales deal move "$deal" won
    json sales deal show "$deal"
    is .stage new
}

@test "case 45: one's own last move can be taken back within ten minutes, also out of won" {
    local deal
    deal=$(new_deal sales --amount 5 --currency EUR)
    refused $FAILED_PRECONDITION 'has not been moved' sales deal undo "$deal"
    json sales deal move "$deal" negotiating
    json sales deal move "$deal" won
    refused $PERMISSION_DENIED 'not yours' manager deal undo "$deal"
    json sales deal undo "$deal"
    is .stage negotiating
    is .closed_at null
    is .version 4
    refused $FAILED_PRECONDITION 'taken back already' sales deal undo "$deal"
    json sales deal history "$deal"
    is '[.history[] | .stage + (if .undo then "*" else "" end)] | join(" ")' 'new negotiating won negotiating*'
    refused $NOT_FOUND "no deal $deal" peer deal undo "$deal"
    refused $NOT_FOUND 'no deal 999999' sales deal undo 999999
    # A reopening is taken back with the time and the reason of the end.
    json sales deal move "$deal" lost --lost-reason price --reason 'too dear'
    local closed
    closed=$(jq -r .closed_at <<<"$output")
    json manager deal show "$deal"
    json manager deal move "$deal" quoted
    json manager deal undo "$deal"
    is .stage lost
    is .lost_reason 'too dear'
    is .closed_at "$closed"
}

@test "case 45: a move of more than ten minutes ago, or that somebody saw otherwise, is not taken back" {
    local deal
    deal=$(new_deal sales --amount 5 --currency EUR)
    json sales deal move "$deal" won
    sql "ALTER TABLE jiayi.deal_stage DISABLE TRIGGER USER" >/dev/null
    sql "UPDATE jiayi.deal_stage SET entered_at = entered_at - interval '10 minutes 1 second' WHERE deal_id = $deal" >/dev/null
    sql "ALTER TABLE jiayi.deal_stage ENABLE TRIGGER USER" >/dev/null
    refused $FAILED_PRECONDITION 'ten minutes' sales deal undo "$deal"
    deal=$(new_deal sales --vendor beta)
    json sales deal move "$deal" quoted
    json beta-vendor deal show "$deal"
    json beta-vendor deal move "$deal" deciding
    refused $ABORTED 'at version 3' sales deal undo "$deal"
    refused $PERMISSION_DENIED 'not yours' sales deal undo "$deal" --force
    json beta-vendor deal undo "$deal"
    is .stage quoted
}

@test "resource add, update, list: what a deal takes; inside the company, but for what is shared" {
    local deal id shared
    deal=$(new_deal sales)
    json sales resource add "$deal" 'Welding robot' --side outside --quantity 2.50 --unit pieces --amount 5000 --currency EUR \
        --from 2027-01-01 --to 2027-03-31 --provider 'Robots Ltd'
    id=$(jq -r .id <<<"$output")
    is '[.what, .side, .quantity, .unit, .amount.amount, .from_on, .to_on, .provider, .state, .internal, .member] | map(tostring) | join(" ")' \
        'Welding robot outside 2.5 pieces 5000.00 2027-01-01 2027-03-31 Robots Ltd planned true sales@acme.example'
    json sales resource update "$id" --state committed --quantity 3
    is '[.state, .quantity, .version] | map(tostring) | join(" ")' 'committed 3 2'
    refused $ABORTED 2 sales resource update "$id" --quantity 4 --version 1
    json sales resource update "$id" --quantity 3
    is .version 2
    json sales resource add "$deal" 'An engineer' --side inside
    shared=$(jq -r .id <<<"$output")
    json sales resource list "$deal"
    is '[.resources[].what] | join(", ")' 'An engineer, Welding robot'
    json sales resource list "$deal" --state committed
    is '[.resources[].id] | join(" ")' "$id"
    as sales deal update "$deal" --vendor beta
    ok
    # The vendor reads what is shared, from when it is.
    refused $NOT_FOUND '' beta-vendor resource show "$id"
    json beta-vendor resource list "$deal"
    is '.resources // [] | length' 0
    as sales resource update "$shared" --shared
    ok
    json beta-vendor resource list "$deal"
    is '[.resources[].id] | join(" ")' "$shared"
    refused $PERMISSION_DENIED 'not change it' beta-vendor resource update "$shared" --state released
    refused $NOT_FOUND '' gamma-admin resource show "$shared"
    refused $NOT_FOUND "no deal $deal" gamma-admin resource list "$deal"
}

@test "resource add, update: denied, not there, somebody else's, invalid" {
    local deal theirs id
    deal=$(new_deal sales)
    theirs=$(new_deal peer)
    refused $PERMISSION_DENIED deal.update auditor resource add "$deal" x --side inside
    refused $NOT_FOUND "no deal $theirs" sales resource add "$theirs" x --side inside
    refused $NOT_FOUND 'no deal 999999' sales resource add 999999 x --side inside
    as sales resource add "$deal" x --side beside
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took an unknown side"
    refused $INVALID_ARGUMENT 'which is before' sales resource add "$deal" x --side inside --from 2027-02-01 --to 2027-01-01
    refused $INVALID_ARGUMENT 'a unit needs a quantity' sales resource add "$deal" x --side inside --unit days
    refused $INVALID_ARGUMENT 'more than 0' sales resource add "$deal" x --side inside --quantity 0
    json sales resource add "$deal" x --side inside
    id=$(jq -r .id <<<"$output")
    as sales resource update "$id" --state released
    ok
    refused $FAILED_PRECONDITION '' sales resource update "$id" --state committed
    refused $NOT_FOUND '' sales resource update 999999 --state released
    refused $NOT_FOUND '' peer resource update "$id" --state released
}

@test "deal summarize: once it is won or lost, a report of it, linked with it" {
    local deal theirs report
    deal=$(new_deal sales --amount 5 --currency EUR --vendor beta)
    theirs=$(new_deal peer)
    echo 'We listened first.' >"$BATS_TEST_TMPDIR/sum.md"
    refused $FAILED_PRECONDITION 'once it is won or lost' sales deal summarize "$deal" --file "$BATS_TEST_TMPDIR/sum.md"
    as sales deal move "$deal" won
    ok
    json sales deal summarize "$deal" --file "$BATS_TEST_TMPDIR/sum.md"
    report=$(jq -r .id <<<"$output")
    is '[.kind, .title, .deal_id, .to, .period] | join(" ")' "closing Deal of sales $deal acme $(date -u +%F)"
    json manager report show "$report"
    is .body 'We listened first.'
    json sales link list "report/$report"
    is '.links[0].to' "deal/$deal"
    refused $NOT_FOUND '' beta-vendor report show "$report"
    refused $PERMISSION_DENIED '' beta-vendor deal summarize "$deal" --file "$BATS_TEST_TMPDIR/sum.md"
    refused $PERMISSION_DENIED deal.update auditor deal summarize "$deal" --file "$BATS_TEST_TMPDIR/sum.md"
    refused $NOT_FOUND "no deal $theirs" sales deal summarize "$theirs" --file "$BATS_TEST_TMPDIR/sum.md"
    refused $NOT_FOUND 'no deal 999999' sales deal summarize 999999 --file "$BATS_TEST_TMPDIR/sum.md"
    as manager report accept "$report"
    ok
}

@test "case 18: deal need says a comment, whose version is not that of the deal with its number" {
    local deal other
    deal=$(new_deal sales)
    as sales deal move "$deal" contacted
    ok
    sql "ALTER TABLE jiayi.deal ALTER COLUMN id RESTART WITH 900001; ALTER TABLE jiayi.comment ALTER COLUMN id RESTART WITH 900001" >/dev/null
    other=$(new_deal sales)
    json sales deal need "$deal" --text 'Fewer accidents'
    is "[.id, .version] | join(\" \")" "$other 2"
    as sales deal move "$other" contacted
    ok
}
