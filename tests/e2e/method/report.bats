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
                                     FROM jiayi.report_version AS v WHERE report_id = $id")"
    is '.versions[0] | .digest == .sha256' false
    sql "INSERT INTO jiayi.report_version (report_id, version, title, body)
             SELECT $id, v, repeat('😀', 200), repeat('😀', 100000) FROM generate_series(2, 151) AS v;
         INSERT INTO jiayi.report_comment (report_id, version, member_id, decision, text)
             SELECT $id, v, author_id, 'returned', repeat('😀', 999) || v % 10 FROM jiayi.report, generate_series(1, 150) AS v
             WHERE id = $id;
         SET LOCAL session_replication_role = replica;
         UPDATE jiayi.report SET version = 151 WHERE id = $id"
    json manager report show "$id"
    is '.body | length' 100000
    is '.comments | length' 50
    is '.comments[-1].version' 150
    is .more_comments true
    is '.versions[-1].version' 151
    # A page that is asked for at once has as much as there is room for.
    json manager report comments "$id" --page-size 1000
    is '.comments | length > 100 and length < 150' true
    is '.comments[0].version' 1
    page=$(jq '.comments | length' <<<"$output")
    json manager report comments "$id" --page-size 1000 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.comments[].version] | [.[0], .[-1]] | tojson' "[$((page + 1)),150]"
    is .next_page_token null
    json manager report return "$id" --comment 'Shorter'
    is '.comments[-1].text' Shorter
    refused $NOT_FOUND "no report $id" peer report comments "$id"
    refused $PERMISSION_DENIED report.read operator report comments "$id"
}
