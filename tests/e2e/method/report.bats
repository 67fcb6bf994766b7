#!/usr/bin/env bats
# Written reports: submitted, returned, resubmitted, accepted; never changed.

load ../helper

@test "report submit: to the own company" {
    local file=$BATS_TEST_TMPDIR/report.md
    printf '# Dita\n\nTakova klientin. 很好。\n' >"$file"
    json sales report submit --kind daily --period 2026-11-20 --to acme --title 'Dita ime' --file "$file"
    is .state submitted
    is .version 1
    is .author sales@acme.example
    is .to acme
    is .kind daily
    local id
    id=$(jq -r .id <<<"$output")
    json manager report show "$id"
    is .body "$(cat "$file")"
    is .title 'Dita ime'
}

@test "report submit, resubmit --attach: the files are on it, and nothing is sent where one cannot be" {
    cd "$BATS_TEST_TMPDIR"
    local id before name
    head -c 300000 /dev/urandom >photo.jpg
    echo 'offer' >'报价 2.pdf'
    echo text >report.md
    local new=(report submit --kind daily --period 2026-11-20 --to acme --title Attached --file report.md)
    json sales "${new[@]}" --attach photo.jpg --attach '报价 2.pdf'
    is .title Attached
    [ -z "$stderr" ] || complain "a bar where there is no terminal"
    id=$(jq -r .id <<<"$output")
    json manager file list "report/$id"
    is '[.files[] | "\(.name) \(.version) \(.state)"] | sort | join(", ")' 'photo.jpg 1 complete, 报价 2.pdf 1 complete'
    "$JIAYI" --profile manager file get "$(jq -r '.files[] | select(.name == "photo.jpg") | .id' <<<"$output")" - | cmp - photo.jpg
    as manager report return "$id" --comment 'Which offer?'
    ok
    echo 'another' >'报价 2.pdf'
    as sales report resubmit "$id" --file report.md --attach '报价 2.pdf'
    ok
    json manager file list "report/$id"
    is '[.files[] | "\(.name) \(.version)"] | join(", ")' '报价 2.pdf 2, 报价 2.pdf 1, photo.jpg 1'
    # What cannot be sent is told before anything is.
    before=$(changes)
    : >empty
    mkfifo pipe
    head -c 10485761 /dev/zero >large
    refused $LOCAL 'cannot read absent' sales "${new[@]}" --attach photo.jpg --attach absent
    refused $LOCAL 'empty is empty' sales "${new[@]}" --attach empty
    refused $LOCAL 'pipe is not a regular file' sales "${new[@]}" --attach pipe
    refused $LOCAL 'large is longer than 10485760 bytes' sales "${new[@]}" --attach large
    for name in $'a\eb' "$(printf 'x%.0s' {1..201})"; do
        echo x >"$name"
        refused $LOCAL 'has a name that cannot be kept' sales "${new[@]}" --attach "$name"
    done
    refused $LOCAL 'cannot read absent' sales report resubmit "$id" --file report.md --attach absent
    [ "$(changes)" = "$before" ] || complain "something was sent"
    refused $NOT_FOUND 'there is no report 999999999' sales report resubmit 999999999 --file report.md --attach photo.jpg
}

@test "report submit: the text is kept byte by byte" {
    local id hash
    printf 'no line end\ttab \r\n\xe2\x80\x8b end' >"$BATS_TEST_TMPDIR/odd"
    json sales report submit --kind daily --period 2026-11-20 --to acme --title Odd --file "$BATS_TEST_TMPDIR/odd"
    id=$(jq -r .id <<<"$output")
    hash=$(sha256sum <"$BATS_TEST_TMPDIR/odd" | cut -d' ' -f1)
    json sales report show "$id"
    [ "$(jq -j .body <<<"$output" | sha256sum | cut -d' ' -f1)" = "$hash" ]
    is '.versions[0].sha256' "$hash"
}

@test "case H6: a version has the digest of all that decides; one from before has its text's alone" {
    local id
    id=$(new_report sales acme)
    json sales report show "$id"
    is '.versions[0].digest' "$(sql "SELECT encode(jiayi.report_digest(v), 'hex')
                                     FROM jiayi.revision AS v WHERE on_kind = 5 AND on_id = $id")"
    is '.versions[0] | .digest == .sha256' false
    sql "ALTER TABLE jiayi.revision DISABLE TRIGGER evidence;
         UPDATE jiayi.revision SET digest = NULL WHERE on_kind = 5 AND on_id = $id;
         ALTER TABLE jiayi.revision ENABLE ALWAYS TRIGGER evidence"
    json sales report show "$id"
    is '.versions[0] | has("digest")' false
    is '.versions[0].sha256' "$(echo 'Text of sales' | sha256sum | cut -d' ' -f1)"
}

@test "report submit: by a vendor to its principal, about a shared deal" {
    local deal id
    deal=$(new_deal sales --vendor beta)
    id=$(new_report beta-vendor acme --deal "$deal")
    json manager report show "$id"
    is .deal_id "$deal"
    is .company beta
    # Not every salesperson of the principal reads what vendors write.
    json gamma-admin report list
    is "[.reports[]? | select(.id == \"$id\")] | length" 0
}

@test "report submit: denied, to whom it may not, malformed, about what is not mine to see" {
    local theirs
    theirs=$(new_deal peer)
    submit() {
        run --separate-stderr "$JIAYI" --profile "$1" report submit --kind daily --period 2026-11-20 --title T \
            --file - "${@:2}" <<<text
    }
    submit auditor --to acme
    was_refused $PERMISSION_DENIED report.submit
    submit sales --to gamma
    [[ $status = "$FAILED_PRECONDITION" || $status = "$NOT_FOUND" ]] || complain "reported to a stranger"
    # A vendor reports to its principal, not the other way round.
    submit sales --to beta
    [[ $status = "$FAILED_PRECONDITION" || $status = "$NOT_FOUND" ]] || complain "reported to a vendor"
    submit sales --to nothing
    [[ $status = "$FAILED_PRECONDITION" || $status = "$NOT_FOUND" ]] || complain "reported to nobody"
    submit sales --to acme --deal "$theirs"
    was_refused $NOT_FOUND "no deal $theirs"
    submit sales --to acme --deal 999999
    was_refused $NOT_FOUND 'no deal 999999'
    run --separate-stderr "$JIAYI" --profile sales report submit --kind weekly --period 2026-11-20 --to acme --title T \
        --file - <<<text
    was_refused $INVALID_ARGUMENT period
    run --separate-stderr "$JIAYI" --profile sales report submit --kind daily --period 2026-11-20 --to acme --title T \
        --file - </dev/null
    was_refused $INVALID_ARGUMENT --file
    run --separate-stderr "$JIAYI" --profile sales report submit --kind daily --period 2026-11-20 --to acme --title T \
        --file "$BATS_TEST_TMPDIR/missing"
    was_refused $LOCAL missing
}

@test "report show: who reads it" {
    local own vendors
    own=$(new_report sales acme)
    vendors=$(new_report beta-vendor acme)
    local who
    for who in sales manager admin auditor; do
        as $who report show "$own"
        ok
    done
    for who in beta-vendor beta-manager beta-admin manager admin auditor; do
        as $who report show "$vendors"
        ok
    done
    # The vendor does not see the principal's reports, and colleagues not each other's.
    for who in beta-vendor beta-admin gamma-admin peer; do
        refused $NOT_FOUND "no report $own" $who report show "$own"
    done
    refused $NOT_FOUND "no report $vendors" gamma-admin report show "$vendors"
    refused $NOT_FOUND "no report 999999" admin report show 999999
    refused $PERMISSION_DENIED report.read operator report show "$own"
}

@test "report return, resubmit, accept: both versions stay readable" {
    local id
    id=$(new_report beta-vendor acme)
    json manager report return "$id" --comment '请补充'
    is .state returned
    run --separate-stderr "$JIAYI" --profile beta-vendor -o json report resubmit "$id" --file - <<<'second text'
    ok
    is .state submitted
    is .version 2
    json manager report show "$id"
    json manager report accept "$id" --comment '好'
    is .state accepted
    json beta-vendor report show "$id"
    is .version 2
    is .body 'second text'
    is '[.versions[].version] | join(" ")' '1 2'
    is '.versions[0].body' 'Text of beta-vendor'
    is '[.comments[] | [.version, .decision, .text, .member] | map(tostring) | join(" ")] | join("; ")' \
        '1 returned 请补充 manager@acme.example; 2 accepted 好 manager@acme.example'
    as manager api call ReportService/GetReport "{\"report_id\": \"$id\", \"version\": 1}"
    ok
    says 'Text of beta-vendor'
}

@test "report return, accept: denied, not there, one's own, the wrong state, the wrong side" {
    local id own
    id=$(new_report beta-vendor acme)
    refused $PERMISSION_DENIED report.review sales report return "$id" --comment x
    refused $PERMISSION_DENIED report.review beta-vendor report accept "$id"
    # The author's own manager does not judge what is addressed to the principal.
    as beta-manager report accept "$id"
    [ "$status" -ge 10 ] || complain "the vendor accepted its own report"
    refused $NOT_FOUND "no report $id" gamma-admin report accept "$id"
    refused $NOT_FOUND 'no report 999999' manager report accept 999999
    refused $NOT_FOUND 'no report 999999' manager report return 999999 --comment x
    as manager report accept "$id"
    ok
    refused $FAILED_PRECONDITION accepted manager report accept "$id"
    refused $FAILED_PRECONDITION accepted manager report return "$id" --comment x
    own=$(new_report manager acme)
    refused $FAILED_PRECONDITION own manager report accept "$own"
    refused $FAILED_PRECONDITION own manager report return "$own" --comment x
    as admin report accept "$own"
    ok
}

@test "report resubmit: only what was returned, only by the author" {
    local id theirs
    resubmit() {
        run --separate-stderr "$JIAYI" --profile "$1" report resubmit "$2" --file - <<<again
    }
    id=$(new_report sales acme)
    resubmit sales "$id"
    was_refused $FAILED_PRECONDITION submitted
    as manager report return "$id" --comment x
    ok
    resubmit manager "$id"
    [ "$status" -ge 10 ] || complain "somebody else resubmitted"
    resubmit admin "$id"
    [ "$status" -ge 10 ] || complain "somebody else resubmitted"
    resubmit peer "$id"
    was_refused $NOT_FOUND "no report $id"
    resubmit sales 999999
    was_refused $NOT_FOUND 'no report 999999'
    resubmit sales "$id"
    ok
    json sales report show "$id"
    is .version 2
    is .author sales@acme.example
}

@test "report resubmit: two at the same moment make one version" {
    local id i
    id=$(new_report sales acme)
    as manager report return "$id" --comment x
    ok
    for i in 1 2 3 4; do
        "$JIAYI" --profile sales report resubmit "$id" --file - <<<"text $i" >/dev/null 2>&1 &
    done
    wait
    json sales report show "$id"
    is .version 2
    is '.versions | length' 2
}

@test "report: a submitted version cannot be changed or deleted by SQL of the app role" {
    local id statement
    id=$(new_report sales acme)
    for statement in \
        "UPDATE jiayi.revision SET body = 'forged'" \
        "DELETE FROM jiayi.revision" \
        "DELETE FROM jiayi.report" \
        "TRUNCATE jiayi.revision" \
        "UPDATE jiayi.audit_log SET member = 'nobody@acme.example'" \
        "DELETE FROM jiayi.audit_log" \
        "ALTER TABLE jiayi.revision DISABLE TRIGGER ALL" \
        "ALTER TABLE jiayi.revision DISABLE ROW LEVEL SECURITY"; do
        run server_psql "$DATA" -XAtq -v ON_ERROR_STOP=1 -c 'SET ROLE jiayi_app' -c "$statement"
        [ "$status" -ne 0 ] || complain "allowed: $statement"
    done
    # Nor by its owner's UPDATE, which the table's trigger refuses.
    json sales report show "$id"
    is .body 'Text of sales'
}

@test "report list: by state and author, in pages" {
    local id
    id=$(new_report junior acme)
    as manager report accept "$id"
    ok
    json manager report list --state accepted
    is '[.reports[].state] | unique | join(" ")' accepted
    is "[.reports[].id] | index(\"$id\") != null" true
    json manager report list --author junior@acme.example
    is '[.reports[].author] | unique | join(" ")' junior@acme.example
    json manager report list --page-size 1
    is '.reports | length' 1
    json manager report list --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.reports | length' 1
    json peer report list
    is '.reports // [] | length' 0
}

@test "case 12: a decision names the version that was read; a newer one refuses it" {
    local id before decision
    id=$(new_report beta-vendor acme)
    api manager ReportService/ReturnReport "{\"report_id\": \"$id\", \"comment\": \"more\", \"version\": 1}"
    run --separate-stderr "$JIAYI" --profile beta-vendor report resubmit "$id" --file - <<<'second text'
    ok
    before=$(changes)
    for decision in AcceptReport ReturnReport; do
        refused $ABORTED "report $id is at version 2 by now, not 1" \
            manager api call ReportService/$decision "{\"report_id\": \"$id\", \"comment\": \"x\", \"version\": 1}"
    done
    [ "$(changes)" = "$before" ]
    api manager ReportService/AcceptReport "{\"report_id\": \"$id\", \"version\": 2}"
    is .state accepted
}

@test "case 12, 18: the client sends the version of a report that it showed last, --force does not" {
    local id
    id=$(new_report beta-vendor acme)
    json manager report show "$id"
    as admin report return "$id" --comment 'more'
    ok
    run --separate-stderr "$JIAYI" --profile beta-vendor report resubmit "$id" --file - <<<'second text'
    ok
    # A list does not show what is decided on.
    json manager report list
    refused $ABORTED "report show $id" manager report accept "$id"
    refused $ABORTED "report show $id" manager report return "$id" --comment x
    json manager report show "$id" --version 1
    refused $ABORTED 'is at version 2 by now, not 1' manager report accept "$id"
    refused $USAGE '--force' manager report accept "$id" --version 2 --force
    json manager report accept "$id" --force
    is .version 2
    is .state accepted
}

@test "case 13: a report accepted without words shows by whom and when" {
    local id
    id=$(new_report beta-vendor acme)
    json manager report accept "$id"
    is '.comments[0] | [.version, .decision, .member, .text] | map(tostring) | join(" ")' \
        '1 accepted manager@acme.example null'
    json beta-vendor report show "$id"
    is '.comments[0] | [.decision, .member, (.at != null)] | map(tostring) | join(" ")' \
        'accepted manager@acme.example true'
    is '.versions[0] | [.state, .decided_by, (.decided_at != null)] | map(tostring) | join(" ")' \
        'accepted manager@acme.example true'
}

@test "case 14: each version of a report has its own state" {
    local id
    id=$(new_report sales acme)
    as manager report return "$id" --comment more
    ok
    run --separate-stderr "$JIAYI" --profile sales report resubmit "$id" --file - <<<'second text'
    ok
    json manager report show "$id" --version 1
    is '[.version, .state] | map(tostring) | join(" ")' '1 returned'
    is '[.versions[].state] | join(" ")' 'returned submitted'
    is '[.versions[].decided_by] | map(tostring) | join(" ")' 'manager@acme.example null'
    json manager report accept "$id" --version 2
    json manager report show "$id" --version 1
    is .state returned
    json manager report show "$id"
    is .state accepted
    is '[.versions[].state] | join(" ")' 'returned accepted'
}

@test "case L2: a report of very long texts and comments can be read, and says what it leaves out" {
    local id page
    id=$(new_report sales acme)
    sql "INSERT INTO jiayi.revision (on_kind, on_id, version, member_id, title, body)
             SELECT 5, $id, v, author_id, repeat('😀', 200), repeat('😀', 100000)
             FROM jiayi.report, generate_series(2, 151) AS v WHERE id = $id;
         INSERT INTO jiayi.comment (on_kind, on_id, version, member_id, topic, decision, text)
             SELECT 5, $id, v, author_id, 'review', 'returned', repeat('😀', 999) || v % 10 FROM jiayi.report, generate_series(1, 150) AS v
             WHERE id = $id;
         SET LOCAL session_replication_role = replica;
         UPDATE jiayi.report SET version = 151 WHERE id = $id"
    json manager report show "$id"
    is '.body | length' 100000
    is '.comments | length' 50
    is '.comments[-1].version' 150
    is .more_comments true
    is '[.versions[].version] | [.[0], .[-1]] | tojson' '[52,151]'
    is .more_versions true
    as manager report show "$id"
    says 'more versions'
    # A page that is asked for at once has as much as there is room for.
    json manager report comments "$id" --page-size 1000
    is '.comments | length > 100 and length < 150' true
    is '.comments[0].version' 1
    page=$(jq '.comments | length' <<<"$output")
    json manager report comments "$id" --page-size 1000 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.comments[].version] | [.[0], .[-1]] | tojson' "[$((page + 1)),150]"
    is .next_page_token null
    json manager report versions "$id"
    is '[.versions[].version] | [.[0], .[-1]] | tojson' '[1,50]'
    is '.versions[0].state' returned
    is '.versions[0] | has("body")' false
    json manager report versions "$id" --all
    is '.versions | length' 151
    is '.versions[-1].state' submitted
    refused $NOT_FOUND "no report $id" peer report versions "$id"
    refused $PERMISSION_DENIED report.read operator report versions "$id"
    # The answer to a change is cut as well, and says so.
    json manager report return "$id" --comment 'Shorter'
    is '.comments[-1].text' Shorter
    is .more_comments true
    json manager report show "$(new_report sales acme)"
    is .more_comments null
    is .more_versions null
    refused $NOT_FOUND "no report $id" peer report comments "$id"
    refused $PERMISSION_DENIED report.read operator report comments "$id"
}
