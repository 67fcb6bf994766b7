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
    json sales deal list --search '%'
    is '.deals // [] | length' 0
    json sales deal list --search '.*'
    is '.deals // [] | length' 0
    json sales deal list --search "' OR true --"
    is '.deals // [] | length' 0
    refused $INVALID_ARGUMENT stage sales deal list --stage nowhere
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
    as admin deal assign "$deal" vendor@beta.example
    [[ $status = "$NOT_FOUND" || $status = "$INVALID_ARGUMENT" ]] || complain "assigned to another company's member"
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
    json sales deal move "$deal" lost --reason 'too dear'
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
    refused $PERMISSION_DENIED deal.reopen sales deal move "$deal" lost --reason x
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
    json sales deal move "$lost" lost --reason 'too dear'
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
    json sales deal move "$deal" lost --reason 'too dear'
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
