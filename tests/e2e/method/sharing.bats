#!/usr/bin/env bats
# What is shared with a vendor of a deal, what stays with whom when another vendor gets it: acme's vendors beta and gamma.

load ../helper

setup_file() {
    world_open
    as admin partner invite gamma
    ok
    as gamma-admin partner accept acme
    ok
}

entries() { # PROFILE DEAL: what it reads of the log, the earliest first
    "$JIAYI" --profile "$1" -o json deal log-list "$2" | jq -r '[.activities // [] | reverse[].text] | join(" ")'
}

log() { # PROFILE DEAL TEXT [ARG…]
    as "$1" deal log "$2" --kind note --text "${@:3}"
    ok
}

@test "case 19: a vendor reads what was logged since the deal is shared with it, its own for good, nothing internal" {
    local deal
    deal=$(new_deal sales)
    log sales "$deal" alone
    as sales deal update "$deal" --vendor beta
    ok
    log sales "$deal" to-beta
    log sales "$deal" floor --internal
    log beta-vendor "$deal" offer
    json beta-vendor deal log "$deal" --kind note --text margin --internal
    is .internal true
    [ "$(entries sales "$deal")" = 'alone to-beta floor offer' ]
    [ "$(entries beta-vendor "$deal")" = 'to-beta offer margin' ]
    json beta-vendor deal show "$deal"
    is '[.activities[].text] | join(" ")' 'margin offer to-beta'
    is '[.activities[] | select(.internal).text] | join(" ")' margin

    as sales deal update "$deal" --vendor gamma
    ok
    log sales "$deal" to-gamma
    [ "$(entries gamma-admin "$deal")" = to-gamma ]
    [ "$(entries beta-vendor "$deal")" = 'offer margin' ]
    refused $NOT_FOUND "no deal $deal" beta-vendor deal show "$deal"
    refused $NOT_FOUND "no deal $deal" peer deal log-list "$deal"
    as sales deal update "$deal" --vendor beta
    ok
    [ "$(entries beta-vendor "$deal")" = 'offer margin' ]
}

@test "case H4: a rival learns neither the other vendor's people nor their addresses nor what they did" {
    local deal
    deal=$(new_deal sales --vendor beta)
    log beta-vendor "$deal" offer
    as beta-vendor deal move "$deal" lost --lost-reason price --reason 'beta was too dear'
    ok
    as manager deal update "$deal" --vendor gamma --reason 'another try'
    ok
    as gamma-admin -o json deal show "$deal"
    ok
    [[ $output != *beta* ]] || complain 'the deal names beta'
    json gamma-admin deal show "$deal"
    is .stage lost
    is .lost_reason null
    as gamma-admin -o json deal list
    ok
    [[ $output != *beta* ]] || complain 'the list names beta'
    as gamma-admin -o json deal history "$deal"
    ok
    [[ $output != *beta* ]] || complain 'the history names beta'
    json sales deal show "$deal"
    is .lost_reason 'beta was too dear'
}

@test "case 19: an internal reason of a move stays with the company of who gave it" {
    local deal
    deal=$(new_deal sales --vendor beta)
    as sales deal move "$deal" quoted --reason 'they are the second choice' --internal
    ok
    json beta-vendor deal move "$deal" lost --lost-reason price --reason 'no margin left' --internal
    is .lost_reason 'no margin left'
    json sales deal history "$deal"
    is '[.history[] | .reason // "-"] | join(", ")' '-, they are the second choice, -'
    is '[.history[] | .internal // false] | map(tostring) | join(" ")' 'false true false'
    json beta-vendor deal history "$deal"
    is '[.history[] | .reason // "-"] | join(", ")' '-, -, no margin left'
    json sales deal show "$deal"
    is .lost_reason null
    # Where the deal goes to the rival, beta keeps its own move; when the deal left the stage is not beta's to see.
    as manager deal update "$deal" --vendor gamma --reason 'another try'
    ok
    json beta-vendor deal history "$deal"
    is '[.history[] | .stage + " " + (.reason // "-")] | join(", ")' 'lost no margin left'
    refused $INVALID_ARGUMENT reason sales deal move "$(new_deal sales)" lost --internal
}

@test "case 35: a vendor sees who became the owner since the deal is shared with it, and nothing from before" {
    local deal
    deal=$(new_deal sales)
    as manager deal assign "$deal" junior@acme.example --force
    ok
    as manager deal update "$deal" --vendor beta --force
    ok
    as manager deal assign "$deal" sales@acme.example --force
    ok
    json beta-vendor deal history "$deal"
    is '[.history[] | .owner + " " + .owner_company + " " + .member] | join(", ")' 'sales@acme.example acme manager@acme.example'
    as sales deal update "$deal" --vendor gamma --force
    ok
    as manager deal assign "$deal" junior@acme.example --force
    ok
    json gamma-admin deal history "$deal"
    is '[.history[].owner] | join(" ")' junior@acme.example
    refused $NOT_FOUND "no deal $deal" beta-vendor deal history "$deal"
    json manager deal history "$deal"
    is '[.history[].owner] | join(" ")' \
        'sales@acme.example junior@acme.example sales@acme.example junior@acme.example'
}

@test "case 8: deal log-list: pages through all that was logged" {
    local deal n
    deal=$(new_deal sales)
    for n in 1 2 3; do
        log sales "$deal" "entry $n"
    done
    json sales deal log-list "$deal" --page-size 2
    is '[.activities[].text] | join(", ")' 'entry 3, entry 2'
    json sales deal log-list "$deal" --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.activities[].text] | join(", ")' 'entry 1'
    is .next_page_token null
    json sales deal show "$deal"
    is .more_activities null
    sql "INSERT INTO jiayi.activity (deal_id, company_id, member_id, kind, text)
         SELECT id, company_id, owner_id, 'note', 'n' FROM jiayi.deal, generate_series(1, 98) WHERE id = $deal"
    json sales deal show "$deal"
    is '.activities | length' 100
    is .more_activities true
    json sales deal log-list "$deal" --page-size 1000
    is '.activities | length' 101
    refused $PERMISSION_DENIED deal.read operator deal log-list "$deal"
    refused $NOT_FOUND 'no deal 999999' sales deal log-list 999999
}

# told PROFILE METHOD JSON: a call; whoever of another company is in its answer has the company beside the address.
told() {
    local home=acme
    [[ $1 != beta-* ]] || home=beta
    api "$@"
    jq -r --arg home "$home" '
        [.. | objects | to_entries as $all | $all[]
         | select((.value | type) == "string" and (.value | test("^[a-z]+@[a-z]+[.]example$")))
         | {at: .key, company: (.value | capture("@(?<c>[a-z]+)").c), all: ($all | from_entries)}
         | select(.company != $home and .all[.at + "_company"] != .company)
         # The owner of a deal is of its company.
         | select((.at == "owner" and .all.company == .company) | not)] | .[] | .at' <<<"$output" >"$BATS_TEST_TMPDIR/bare"
    [ ! -s "$BATS_TEST_TMPDIR/bare" ] || complain "$2 has no company for $1 beside: $(cat "$BATS_TEST_TMPDIR/bare")"
    # Somebody of the other company was in it at all.
    ! jq -e '[.. | objects | keys[] | select(endswith("_company"))] | length > 0' <<<"$output" >/dev/null ||
        echo "${2#*/}" >>"$BATS_TEST_TMPDIR/named"
}

# For eventually: who did what to the vendor's things is told to it.
inbox_names_somebody() {
    told beta-vendor InboxService/ListInbox
    grep -qx ListInbox "$BATS_TEST_TMPDIR/named"
}

@test "case 1: every answer that has a person of another company has the company, changes' as well" {
    local deal id comment link file task other report who line='{"code": "told", "period": "2026-11", "vendor": "beta"' text='"body": "Text"'
    as manager kpi define told --name Told --unit u --period month
    deal=$(new_deal sales --vendor beta)
    told beta-vendor DealService/LogActivity "{\"deal_id\": \"$deal\", \"kind\": \"note\", \"text\": \"T\"}"
    id=$(jq -r .id <<<"$output")
    told sales DealService/LogActivity "{\"deal_id\": \"$deal\", \"kind\": \"note\", \"text\": \"T\"}"
    told beta-vendor DealService/GetActivity "{\"activity_id\": \"$(jq -r .id <<<"$output")\"}"
    told beta-vendor CommentService/AddComment "{\"on\": \"deal/$deal\", \"text\": \"T\"}"
    comment=$(jq -r .id <<<"$output")
    told beta-vendor LinkService/AddLink "{\"from\": \"deal/$deal\", \"to\": \"activity/$id\", \"role\": \"about\", \"shared\": true}"
    link=$(jq -r .id <<<"$output")
    told beta-vendor FileService/CreateFile "{\"on\": \"deal/$deal\", \"name\": \"x\", \"bytes\": \"1\", \"sha256\": \"$(printf x | sha256sum | cut -c 1-64)\"}"
    file=$(jq -r .id <<<"$output")
    told beta-vendor FileService/PutChunk "{\"file_id\": \"$file\", \"seq\": 0, \"data\": \"eA==\"}"
    told beta-vendor FileService/CompleteFile "{\"file_id\": \"$file\"}"
    told beta-vendor DealService/MoveDeal "{\"deal_id\": \"$deal\", \"stage\": \"contacted\"}"
    told beta-vendor DealService/UndoDeal "{\"deal_id\": \"$deal\"}"
    told manager DealService/AssignDeal "{\"deal_id\": \"$deal\", \"owner\": \"junior@acme.example\"}"
    told manager KpiService/SetKpiTarget "$line, \"value\": \"8\"}"
    told beta-vendor KpiService/RecordKpi '{"code": "told", "period": "2026-11", "value": "6", "to": "acme"}'
    told manager KpiService/EvaluateKpi "$line, \"comment\": \"Fair\"}"
    told beta-vendor KpiService/RecordKpi '{"code": "told", "period": "2026-11", "value": "7", "to": "acme"}'
    told manager KpiService/SetKpiTarget "$line, \"value\": \"9\"}"
    told beta-vendor ReportService/SubmitReport \
        "{\"kind\": \"daily\", \"period\": \"2026-11-20\", \"to\": \"acme\", \"title\": \"T\", $text}"
    report="\"report_id\": \"$(jq -r .id <<<"$output")\""
    told manager ReportService/ReturnReport "{$report, \"comment\": \"Again\"}"
    told beta-vendor ReportService/ResubmitReport "{$report, $text}"
    told manager ReportService/AcceptReport "{$report}"
    told manager TaskService/CreateTask '{"title": "T", "vendor": "beta", "acceptance": true}'
    task="\"task_id\": \"$(jq -r .id <<<"$output")\""
    told beta-manager TaskService/AssignTask "{$task, \"owner\": \"vendor@beta.example\"}"
    told beta-vendor TaskService/DeliverTask "{$task, \"text\": \"T\"}"
    told manager TaskService/ListTodo
    told manager TaskService/RejectTask "{$task, \"text\": \"T\"}"
    told beta-vendor TaskService/DeliverTask "{$task, \"text\": \"T\"}"
    told manager TaskService/AcceptTask "{$task}"
    told manager TaskService/CreateTask '{"title": "T", "vendor": "beta"}'
    other="\"task_id\": \"$(jq -r .id <<<"$output")\""
    told beta-manager TaskService/AssignTask "{$other, \"owner\": \"vendor@beta.example\"}"
    told manager TaskService/CreateTask "{\"title\": \"T\", \"kind\": \"milestone\", \"on\": \"deal/$deal\", \"vendor\": \"beta\"}"
    told beta-manager TaskService/AssignTask "{\"task_id\": \"$(jq -r .id <<<"$output")\", \"owner\": \"vendor@beta.example\"}"
    told manager DealService/ListMilestones "{\"deal_id\": \"$deal\"}"
    told beta-vendor TaskService/CompleteTask "{$other}"
    told manager TaskService/ReopenTask "{$other, \"reason\": \"T\"}"
    told manager TaskService/UpdateTask "{$other, \"text\": \"T\"}"
    told manager TaskService/CancelTask "{$other, \"reason\": \"T\"}"
    told manager ParticipantService/AddParticipant "{\"on\": \"deal/$deal\", \"email\": \"vendor@beta.example\", \"function\": \"sales\"}"
    for who in manager beta-vendor; do
        told $who ParticipantService/ListParticipants "{\"on\": \"deal/$deal\"}"
        told $who TaskService/GetTask "{$task}"
        told $who TaskService/ListTasks '{"state": "accepted"}'
        told $who DealService/GetDeal "{\"deal_id\": \"$deal\"}"
        told $who DealService/GetActivity "{\"activity_id\": \"$id\"}"
        told $who CommentService/GetComment "{\"comment_id\": \"$comment\"}"
        told $who CommentService/ListComments "{\"on\": \"deal/$deal\"}"
        told $who LinkService/GetLink "{\"link_id\": \"$link\"}"
        told $who LinkService/ListLinks "{\"on\": \"deal/$deal\"}"
        told $who FileService/GetFile "{\"file_id\": \"$file\"}"
        told $who FileService/ListFiles "{\"on\": \"deal/$deal\"}"
        told $who DealService/ListDeals
        told $who DealService/ListActivities "{\"deal_id\": \"$deal\"}"
        told $who DealService/ListDealHistory "{\"deal_id\": \"$deal\"}"
        told $who ReportService/GetReport "{$report}"
        told $who ReportService/ListReports
        told $who ReportService/ListReportComments "{$report}"
        told $who ReportService/ListReportVersions "{$report}"
        told $who KpiService/ListKpis
        told $who KpiService/GetKpi "$line, \"company\": \"acme\"}"
        told $who KpiService/ListKpiRecords "${line%, *}}"
        told $who KpiService/ListKpiTargets "${line%, *}}"
        told $who KpiService/ListKpiEvaluations "${line%, *}}"
    done
    told manager DealService/AddResource "{\"deal_id\": \"$deal\", \"what\": \"T\", \"side\": \"inside\", \"shared\": true}"
    told beta-vendor DealService/GetResource "{\"resource_id\": \"$(jq -r .id <<<"$output")\"}"
    told beta-vendor DealService/ListResources "{\"deal_id\": \"$deal\"}"
    # What a vendor registers, and who decided.
    local -a leads=() cases=()
    for who in Aye Nay Off; do
        told beta-vendor RegistrationService/RegisterDeal "{\"title\": \"T\", \"customer\": \"Told $who\", \"to\": \"acme\"}"
        leads+=("\"registration_id\": \"$(jq -r .id <<<"$output")\"")
    done
    told admin RegistrationService/ApproveRegistration "{${leads[0]}}"
    told admin RegistrationService/ExtendRegistration "{${leads[0]}, \"days\": 5, \"reason\": \"T\"}"
    told admin RegistrationService/RejectRegistration "{${leads[1]}, \"reason\": \"T\"}"
    told beta-vendor RegistrationService/WithdrawRegistration "{${leads[2]}}"
    for who in admin beta-vendor; do
        told $who RegistrationService/GetRegistration "{${leads[1]}}"
        told $who RegistrationService/ListRegistrations
    done
    # What one side of a contract pays, and what the other says of it.
    local contract pays
    contract=$(sql "INSERT INTO jiayi.contract (company_id, vendor_id, kind, title, state, version, from_at)
        SELECT company_id, vendor_id, 'sales', 'Told', 'active', 1, now() FROM jiayi.contract WHERE title = 'acme - beta' RETURNING id")
    contract=${contract%%[!0-9]*}
    sql "INSERT INTO jiayi.contract_version (contract_id, version, company_id, vendor_id, author_company_id, state, title, prose, terms, sha256, from_at)
        SELECT id, 1, company_id, vendor_id, company_id, 'executed', title, 'T', '{}', sha256('x'), now() FROM jiayi.contract WHERE id = $contract"
    sql "INSERT INTO jiayi.payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, amount, currency, due_on)
        SELECT company_id, vendor_id, id, 1, n, n, 'principal', 1, 'CNY', '2026-01-31' FROM jiayi.contract, generate_series(1, 2) AS n WHERE id = $contract"
    pays=$(sql "SELECT min(id) FROM jiayi.payment WHERE contract_id = $contract")
    told admin PaymentService/MarkPaid "{\"payment_id\": \"$pays\"}"
    told beta-admin PaymentService/RejectPayment "{\"payment_id\": \"$pays\", \"reason\": \"T\"}"
    told admin PaymentService/MarkPaid "{\"payment_id\": \"$pays\"}"
    told beta-admin PaymentService/ConfirmPayment "{\"payment_id\": \"$pays\"}"
    told admin PaymentService/MarkPaid "{\"payment_id\": \"$((pays + 1))\"}"
    told beta-admin PaymentService/RejectPayment "{\"payment_id\": \"$((pays + 1))\", \"reason\": \"T\"}"
    told beta-admin PaymentService/WaivePayment "{\"payment_id\": \"$((pays + 1))\", \"reason\": \"T\"}"
    for who in admin beta-admin; do
        told $who PaymentService/GetPayment "{\"payment_id\": \"$pays\"}"
        told $who PaymentService/ListPayments "{\"contract_id\": \"$contract\"}"
    done
    sql "UPDATE jiayi.contract SET state = 'ended', to_at = now() WHERE id = $contract"
    # Cases of both sides: what a vendor asks, and what it does not agree with.
    told beta-vendor CaseService/AskSupport '{"to": "acme", "text": "T", "severity": 1}'
    cases+=("\"case_id\": \"$(jq -r .id <<<"$output")\"")
    told admin CaseService/AssignCase "{${cases[0]}, \"email\": \"sales@acme.example\"}"
    told sales CaseService/HandleCase "{${cases[0]}, \"text\": \"T\"}"
    told beta-vendor CaseService/ReopenCase "{${cases[0]}, \"reason\": \"T\"}"
    told admin CaseService/AssignCase "{${cases[0]}, \"email\": \"sales@acme.example\"}"
    told sales CaseService/HandleCase "{${cases[0]}, \"text\": \"T\"}"
    told beta-vendor CaseService/CloseCase "{${cases[0]}}"
    id=$(api beta-admin ContractService/ListContracts '{"with": "acme"}' >/dev/null && jq -r '.contracts[0].id' <<<"$output")
    for who in 1 2; do
        told beta-admin CaseService/OpenDispute "{\"contract_id\": \"$id\", \"text\": \"T\"}"
        cases+=("\"case_id\": \"$(jq -r .id <<<"$output")\"")
        told admin CaseService/AddStatement "{${cases[who]}, \"text\": \"T\"}"
    done
    told admin CaseService/DecideCase "{${cases[1]}, \"resolution\": \"T\"}"
    told admin CaseService/EscalateCase "{${cases[2]}, \"venue\": \"litigation\", \"text\": \"T\"}"
    for who in admin beta-admin; do
        told $who CaseService/GetCase "{${cases[1]}}"
        told $who CaseService/GetCaseFile "{${cases[1]}}"
        told $who CaseService/ListCases
    done
    told manager ParticipantService/RemoveParticipant "{\"on\": \"deal/$deal\", \"email\": \"vendor@beta.example\"}"
    id=$(api manager ContractService/ListContracts '{"with": "beta"}' >/dev/null && jq -r '.contracts[-1].id' <<<"$output")
    told manager ContractService/GetContract "{\"contract_id\": \"$id\"}"
    told manager ContractService/GetContractText "{\"contract_id\": \"$id\"}"
    told manager AuditService/ListAuditEntries '{"page_size": 1000}'
    eventually inbox_names_somebody
    # All methods were asked whose answers have such a field, and named somebody; but for those that name the caller's company alone.
    local own='AddComment|AddLink|AddResource|AnalyzeNeed|AskSupport|CloseProject|CompleteFile|CompleteNextStep|CreateFile|CreateMilestone|CreateTask|GetCustomer'
    own+='|LogActivity|LogCustomer|MakeSuggestion|Open(Breach|Complaint|Conflict|Dispute)|PutChunk|RegisterDeal|SubmitReport|UpdateResource|Withdraw(Case|Registration)'
    cat "$ROOT"/proto/jiayi/v1/*.proto | awk '
        $1 == "message" { m = $2 }
        $1 == "optional" && $3 ~ /_company$/ { has[m] = 1 }
        $1 == "repeated" && $3 ~ /^[a-z_]+$/ { part[m] = part[m] " " $2 }
        function named(m, parts, n, i) { n = split(part[m], parts, " "); for (i = 1; i <= n; i++) if (has[parts[i]]) return 1; return 0 }
        $1 == "rpc" { sub(/\(.*/, "", $2); answer[$2] = $0; sub(/.*returns \(/, "", answer[$2]); sub(/\).*/, "", answer[$2]) }
        END { for (r in answer) if (has[answer[r]] || (r ~ /^(Get|List)/ && named(answer[r]))) print r }' | grep -vxE "$own" | sort >"$BATS_TEST_TMPDIR/all"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/all")" -gt 15 ]
    diff "$BATS_TEST_TMPDIR/all" <(sort -u "$BATS_TEST_TMPDIR/named")
}
