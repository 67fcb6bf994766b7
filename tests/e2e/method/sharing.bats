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
    as beta-vendor deal move "$deal" lost --reason 'beta was too dear'
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
    json beta-vendor deal move "$deal" lost --reason 'no margin left' --internal
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
    told manager ParticipantService/RemoveParticipant "{\"on\": \"deal/$deal\", \"email\": \"vendor@beta.example\"}"
    told manager AuditService/ListAuditEntries '{"page_size": 1000}'
    eventually inbox_names_somebody
    # All methods were asked whose answers have such a field, and named somebody; but for those that name the caller alone.
    cat "$ROOT"/proto/jiayi/v1/*.proto | awk '
        $1 == "message" { m = $2 }
        $1 == "optional" && $3 ~ /_company$/ { has[m] = 1 }
        $1 == "repeated" && $3 ~ /^[a-z_]+$/ { part[m] = part[m] " " $2 }
        function named(m, parts, n, i) { n = split(part[m], parts, " "); for (i = 1; i <= n; i++) if (has[parts[i]]) return 1; return 0 }
        $1 == "rpc" { sub(/\(.*/, "", $2); answer[$2] = $0; sub(/.*returns \(/, "", answer[$2]); sub(/\).*/, "", answer[$2]) }
        END { for (r in answer) if (has[answer[r]] || (r ~ /^(Get|List)/ && named(answer[r]))) print r }' | grep -vxE 'AddComment|AddLink|CompleteFile|CreateFile|CreateTask|PutChunk|LogActivity|SubmitReport' | sort >"$BATS_TEST_TMPDIR/all"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/all")" -gt 15 ]
    diff "$BATS_TEST_TMPDIR/all" <(sort -u "$BATS_TEST_TMPDIR/named")
}
