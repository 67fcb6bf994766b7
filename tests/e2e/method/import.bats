#!/usr/bin/env bats
# Imports, call by call: what comes in, what is known already, what is refused, and to whom.

load ../helper

SHA=$(printf 'a%.0s' {1..64})

# begin PROFILE KIND [JSON]: the number of a new import.
begin() {
    "$JIAYI" --profile "$1" -o json api call ImportService/BeginImport \
        "{\"kind\": \"$2\", \"name\": \"x.csv\", \"sha256\": \"${SHA:0:60}$(printf '%04x' $RANDOM)\", \"total\": 9${3:+, $3}}" |
        jq -er .id
}

# rows PROFILE IMPORT JSON: puts rows.
rows() {
    as "$1" -o json api call ImportService/PutRows "{\"import_id\": \"$2\", $3}"
}

@test "put rows: what a row says, under its owner, and told to nobody" {
    local import
    import=$(begin admin deals '"source": "crm"')
    rows admin "$import" '"deals": [
        {"line": 2, "key": "1", "title": "Old", "customer": "C", "amount": "10", "stage": "lost", "reason": "price",
         "owner": "sales@acme.example", "created": "2025-01-02T08:00+08:00", "closed": "2025-02-03", "vendor": "beta"},
        {"line": 3, "title": "New", "customer": "C"}]'
    ok
    is '[.applied, .skipped] | map(tostring) | join(" ")' '2 0'
    is '.errors // [] | length' 0
    json admin deal list --search Old
    is '[.deals[0] | .owner, .stage, .lost_reason, .vendor, .amount.amount, .amount.currency] | join(" ")' \
        'sales@acme.example lost price beta 10.00 CNY'
    is '[.deals[0] | .created_at, .closed_at, .updated_at] | join(" ")' \
        '2025-01-02T00:00:00Z 2025-02-03T12:00:00Z 2025-02-03T12:00:00Z'
    json admin deal history "$(jq -r '.deals[0].id' <<<"$output")"
    is '[.history[] | .stage, .entered_at, .member] | join(" ")' 'lost 2025-02-03T12:00:00Z admin@acme.example'
    [ "$(sql "SELECT count(*) FROM jiayi.event WHERE kind LIKE 'deal.%'")" = 0 ] || complain 'somebody is told'
    # What was done is in the log, with who did it.
    [ "$(sql "SELECT count(*) FROM jiayi.audit_log WHERE object = 'deal' AND method LIKE '%/PutRows'
        AND member = 'admin@acme.example'")" = 2 ] || complain 'not in the log'
}

# What the triggers of one deal write, of many at once: each beside its own row, in their order.
@test "put rows: each of many deals has its own history, entry of the ledger, and day, for both sides" {
    local import
    import=$(begin admin deals '"source": "many"')
    rows admin "$import" '"deals": [
        {"line": 9, "title": "many won", "customer": "M 3", "amount": "30", "stage": "won", "created": "2025-03-01", "closed": "2025-04-03"},
        {"line": 3, "title": "many lost", "customer": "M 1", "amount": "10", "currency": "JPY", "stage": "lost", "reason": "too dear",
         "lost_to": "Rival", "created": "2025-03-01", "closed": "2025-04-01T23:30+08:00", "vendor": "beta"},
        {"line": 5, "title": "many open", "customer": "M 2", "stage": "quoted", "owner": "sales@acme.example", "created": "2025-04-02",
         "vendor": "beta"},
        {"line": 4, "title": "many other", "customer": " m 1", "amount": "20", "created": "2025-04-05"}]'
    ok
    is .applied 4
    run sql "SELECT d.title, d.customer_name, s.seq, s.stage, s.outcome, s.reason, s.lost_to, s.amount, s.currency, s.counted_on,
            s.entered_at = d.updated_at, s.closed_at IS NOT DISTINCT FROM d.closed_at, s.owner_id = d.owner_id,
            s.vendor_id IS NOT DISTINCT FROM d.vendor_id, (SELECT count(*) FROM jiayi.ledger_entry AS l
                WHERE l.kind = 'stage' AND l.on_id = d.id AND l.version = 1 AND convert_from(l.entry, 'UTF8')::jsonb ->> 'stage' = s.stage)
        FROM jiayi.deal AS d JOIN jiayi.deal_stage AS s ON s.deal_id = d.id WHERE d.title LIKE 'many %' ORDER BY d.id"
    [ "$output" = "many lost|M 1|1|lost|lost|too dear|Rival|10|JPY|2025-04-01|t|t|t|t|1
many other|M 1|1|new|open|||20.00|CNY|2025-04-05|t|t|t|t|1
many open|M 2|1|quoted|open|||||2025-04-02|t|t|t|t|1
many won|M 3|1|won|won|||30.00|CNY|2025-04-03|t|t|t|t|1" ] || complain "histories: $output"
    run sql "SELECT d.title, c.slug, m.email, p.open, p.stage_on, p.touch_by - p.stage_on, p.shared_span = d.shared_span
        FROM jiayi.deal AS d JOIN jiayi.deal_pulse AS p ON p.deal_id = d.id JOIN jiayi.company AS c ON c.id = p.company_id
        LEFT JOIN jiayi.member AS m ON m.id = p.member_id WHERE d.title LIKE 'many %' ORDER BY d.id, c.slug"
    [ "$output" = "many lost|acme|admin@acme.example|f|2025-04-01|14|t
many lost|beta||f|2025-04-01|14|t
many other|acme|admin@acme.example|t|2025-04-05|3|
many open|acme|sales@acme.example|t|2025-04-02|14|t
many open|beta||t|2025-04-02|14|t
many won|acme|admin@acme.example|f|2025-04-03|14|" ] || complain "days: $output"
    [ "$(sql "SELECT string_agg(concat_ws(' ', d.title, p.customer_id IS NOT DISTINCT FROM CASE p.company_id WHEN d.company_id THEN c.id END,
            p.customer_owner_id IS NOT DISTINCT FROM CASE p.company_id WHEN d.company_id THEN coalesce(c.owner_id, 0) END), ', ')
        FROM jiayi.deal AS d JOIN jiayi.customer AS c ON c.id = d.customer_id JOIN jiayi.deal_pulse AS p ON p.deal_id = d.id
        WHERE d.title LIKE 'many %'" | grep -c ' f')" = 0 ] || complain 'whose customers they are'
    # Afterwards deals are made as ever.
    json admin deal create 'many after' --customer 'M 4'
    json admin deal history "$(jq -r .id <<<"$output")"
    is '.history | length' 1
    [ "$(sql "SELECT count(*) FROM jiayi.deal_pulse AS p JOIN jiayi.deal AS d ON d.id = p.deal_id WHERE d.title = 'many after'")" = 1 ] ||
        complain 'nobody looks after it'
}

@test "put rows: what is known by its key, or came once as it is, is skipped" {
    local import again
    import=$(begin admin deals '"source": "twice"')
    rows admin "$import" '"deals": [{"line": 2, "key": "1", "title": "Twice A", "customer": "C"}, {"line": 3, "title": "Twice B", "customer": "C"}]'
    ok
    again=$(begin admin deals '"source": "twice"')
    [ "$import" != "$again" ] || complain 'another file is another import'
    rows admin "$again" '"deals": [{"line": 5, "key": "1", "title": "A changed", "customer": "C"},
        {"line": 6, "title": "Twice B", "customer": "C"}, {"line": 7, "title": "Twice B", "customer": "D"}]'
    ok
    is '[.applied, .skipped] | map(tostring) | join(" ")' '1 2'
    json admin deal list --search Twice
    is '[.deals[].title] | sort | join(", ")' 'Twice A, Twice B, Twice B'
    # Keys are of a source.
    again=$(begin admin deals '"source": "other"')
    rows admin "$again" '"deals": [{"line": 2, "key": "1", "title": "C", "customer": "C"}]'
    is .applied 1
}

@test "put rows: lines that came in are passed over, whoever sends them, however often" {
    local import
    import=$(begin admin rates)
    local some='"rates": [{"line": 2, "from": "USD", "to": "CNY", "rate": "7.1", "day": "2026-11-02"}]'
    rows admin "$import" "$some"
    is .applied 1
    rows admin "$import" "$some"
    ok
    is '[.applied, .skipped] | map(tostring) | join(" ")' '0 0'
    json admin import show "$import"
    is '[.applied, .skipped, .last_line] | map(tostring) | join(" ")' '1 0 2'
    # The same call once more is answered as it was.
    local id
    id=$(printf '%032x' $RANDOM)
    as admin -o json api call ImportService/PutRows --request-id "$id" "{\"import_id\": \"$import\", \"rates\":
        [{\"line\": 3, \"from\": \"USD\", \"to\": \"CNX\", \"rate\": \"7.1\", \"day\": \"2026-11-02\"}]}"
    is '.errors[0].line' 3
    local said=$output
    as admin -o json api call ImportService/PutRows --request-id "$id" "{\"import_id\": \"$import\", \"rates\":
        [{\"line\": 3, \"from\": \"USD\", \"to\": \"CNX\", \"rate\": \"7.1\", \"day\": \"2026-11-02\"}]}"
    [ "$said" = "$output" ] || complain 'another answer'
}

@test "put rows: one that is wrong keeps all out, and each says what is wrong" {
    local import
    import=$(begin admin deals)
    rows admin "$import" '"deals": [{"line": 2, "title": "A", "customer": "C"},
        {"line": 3, "title": "B", "customer": "C", "stage": "nowhere"},
        {"line": 4, "title": "B", "customer": "C", "stage": "lost"},
        {"line": 5, "title": "B", "customer": "C", "stage": "won"},
        {"line": 6, "title": "B", "customer": "C", "amount": "1", "currency": "XXZ"},
        {"line": 7, "title": "B", "customer": "C", "owner": "Nobody"},
        {"line": 8, "title": "B", "customer": "C", "vendor": "gamma"},
        {"line": 9, "title": "B", "customer": "C", "closed": "2026-11-02"},
        {"line": 10, "title": "B", "customer": "C", "created": "2999-01-01"},
        {"line": 11, "key": "k", "title": "B", "customer": "C"}, {"line": 12, "key": "k", "title": "C", "customer": "C"},
        {"line": 13, "title": "B", "customer": "C", "close_on": "1999-01-01"}, {"line": 14, "title": "B", "customer": "C", "created": "2026-03-02", "close_on": "2026-01-02"},
        {"line": 15, "title": "D", "customer": "C", "created": "2026-03-02", "close_on": "2026-03-01"}, {"line": 16, "title": "D", "customer": "C", "stage": "lost", "reason": "x", "lost_code": "other", "close_on": "1999-01-01"}]'
    ok
    is .applied 0
    is '[.errors[] | [.line, .field // ""] | map(tostring) | join(" ")] | join(", ")' \
        '3 stage, 4 reason, 5 amount, 6 amount.currency, 7 owner, 8 , 9 closed, 10 created, 12 key, 13 close_on, 14 close_on'
    is '.errors[0].message | contains("nowhere")' true
    is '.errors[5].message' 'gamma is no partner of yours'
    [ "$(sql "SELECT count(*) FROM jiayi.deal WHERE title = 'B'")" = 0 ] || complain 'one came in'
    json admin import show "$import"
    is '.last_line // 0' 0
    [ "$(sql "SELECT count(*) FROM jiayi.external_ref WHERE import_id = $import")" = 0 ] || complain 'a key is kept'
}

@test "put rows: messages are in the caller's language" {
    local import
    import=$(begin admin deals)
    LANGUAGE=zh_CN rows admin "$import" '"deals": [{"line": 3, "title": "B", "customer": "C", "stage": "nowhere"}]'
    is '.errors[0].message | contains("未知阶段")' true
}

@test "begin import: the same file that was cut off is gone on with; one that is done is not" {
    local one two
    as admin -o json api call ImportService/BeginImport "{\"kind\": \"rates\", \"name\": \"x\", \"sha256\": \"$SHA\", \"total\": 1}"
    ok
    one=$(jq -r .id <<<"$output")
    as admin -o json api call ImportService/BeginImport "{\"kind\": \"rates\", \"name\": \"x\", \"sha256\": \"$SHA\", \"total\": 1}"
    two=$(jq -r .id <<<"$output")
    [ "$one" = "$two" ] || complain 'it began anew'
    api admin ImportService/FinishImport "{\"import_id\": \"$one\", \"failed\": 2}"
    is '[.state, .failed] | map(tostring) | join(" ")' 'done 2'
    api admin ImportService/FinishImport "{\"import_id\": \"$one\"}"
    is .state 'done'
    rows admin "$one" '"rates": [{"line": 2, "from": "USD", "to": "CNY", "rate": "7.1", "day": "2026-11-02"}]'
    was_refused $FAILED_PRECONDITION 'is done'
    as admin -o json api call ImportService/BeginImport "{\"kind\": \"rates\", \"name\": \"x\", \"sha256\": \"$SHA\", \"total\": 1}"
    two=$(jq -r .id <<<"$output")
    [ "$one" != "$two" ] || complain 'it went on with what is done'
}

@test "begin import: a dry run leaves nothing" {
    local import
    import=$(begin admin deals '"dry_run": true')
    rows admin "$import" '"deals": [{"line": 2, "title": "A", "customer": "Dry"}]'
    is .applied 1
    [ "$(sql "SELECT count(*) FROM jiayi.customer WHERE name = 'Dry'")" = 0 ] || complain 'it stayed'
    json admin import show "$import"
    is '[.applied, .dry_run] | map(tostring) | join(" ")' '1 true'
}

@test "import: follow-ups and tasks of others, on deals by key, title and number; not of removed members" {
    local import deal
    import=$(begin admin deals)
    rows admin "$import" '"deals": [{"line": 2, "key": "D", "title": "Keyed", "customer": "C"}, {"line": 3, "title": "Titled", "customer": "C"}]'
    deal=$(new_deal sales)
    import=$(begin admin followups)
    rows admin "$import" "\"followups\": [{\"line\": 2, \"deal\": \"D\", \"text\": \"a\", \"member\": \"sales@acme.example\", \"at\": \"2026-11-02\"},
        {\"line\": 3, \"deal\": \"Titled\", \"text\": \"b\", \"kind\": \"visit\", \"internal\": true},
        {\"line\": 4, \"deal\": \"deal/$deal\", \"text\": \"c\", \"next\": \"d\", \"due\": \"2026-12-01\"}]"
    is .applied 3
    rows admin "$import" '"followups": [{"line": 5, "deal": "None", "text": "a"}, {"line": 6, "deal": "D", "text": "a", "due": "2026-12-01"},
        {"line": 7, "deal": "D", "text": "a", "at": "2999-01-01"}]'
    is '[.errors[] | [.line, .field] | map(tostring) | join(" ")] | join(", ")' '5 deal, 6 due, 7 at'
    as admin member add gone@acme.example --name Gone --role salesperson --password-file "$(password_file gone)"
    as admin member remove gone@acme.example --yes
    ok
    import=$(begin admin tasks)
    rows admin "$import" '"tasks": [{"line": 2, "title": "T", "owner": "gone@acme.example"}, {"line": 3, "title": "T", "done": "2026-11-02", "state": "open"},
        {"line": 4, "title": "T", "deal": "Keyed", "state": "done"}]'
    is '[.errors[] | [.line, .field] | map(tostring) | join(" ")] | join(", ")' '2 owner, 3 done'
}

@test "import: of follow-ups the newest says what comes next, in whatever order they come; what was said here stays" {
    local import deal
    deal=$(new_deal sales)
    next() {
        json sales deal show "$deal"
        is '[.next // "-", .next_due // "-"] | join(" ")' "$1"
    }
    import=$(begin admin followups)
    rows admin "$import" "\"followups\": [{\"line\": 2, \"deal\": \"deal/$deal\", \"text\": \"a\", \"at\": \"2026-03-02\", \"next\": \"second\", \"due\": \"2026-03-09\"},
        {\"line\": 3, \"deal\": \"deal/$deal\", \"text\": \"b\", \"at\": \"2026-03-01\", \"next\": \"first\", \"due\": \"2026-03-08\"}]"
    next 'second 2026-03-09'
    # A history says nowhere that something was done: whoever had something else to log later had nothing to do any more.
    rows admin "$import" "\"followups\": [{\"line\": 4, \"deal\": \"deal/$deal\", \"text\": \"c\", \"at\": \"2026-03-10\"}]"
    next '- -'
    rows admin "$import" "\"followups\": [{\"line\": 5, \"deal\": \"deal/$deal\", \"text\": \"d\", \"at\": \"2026-02-10\", \"next\": \"old\"}]"
    next '- -'
    as sales deal log "$deal" --kind call --text x --next 'Ours' --due 2026-12-01
    ok
    rows admin "$import" "\"followups\": [{\"line\": 6, \"deal\": \"deal/$deal\", \"text\": \"e\"}]"
    next 'Ours 2026-12-01'
}

@test "import: another company's import, deals and people are not there" {
    local import deal
    import=$(begin admin deals)
    rows gamma-admin "$import" '"deals": [{"line": 2, "title": "A", "customer": "C"}]'
    was_refused $NOT_FOUND 'that you can see'
    as gamma-admin import show "$import"
    was_refused $NOT_FOUND ''
    json gamma-admin import list
    is '.imports // [] | length' 0
    deal=$(new_deal sales --vendor beta)
    import=$(begin beta-admin followups)
    rows beta-admin "$import" "\"followups\": [{\"line\": 2, \"deal\": \"deal/$deal\", \"text\": \"a\"}, {\"line\": 3, \"deal\": \"Deal of sales\", \"text\": \"a\"}]"
    is '[.errors[] | .field] | join(", ")' 'deal, deal'
    import=$(begin beta-admin deals)
    rows beta-admin "$import" '"deals": [{"line": 2, "title": "A", "customer": "C", "owner": "sales@acme.example"}]'
    is '.errors[0].field' owner
}

@test "import: denied without data.import, and where the role lacks what the rows need" {
    refused $PERMISSION_DENIED data.import sales import list
    refused $PERMISSION_DENIED data.import operator import list
    as admin role create importer --grant data.import:company deal.create:own deal.read:own
    ok
    as admin member set-role peer@acme.example importer
    ok
    as peer -o json api call ImportService/BeginImport "{\"kind\": \"deals\", \"name\": \"x\", \"sha256\": \"$SHA\", \"total\": 1}"
    was_refused $PERMISSION_DENIED 'deal.create'
}

@test "import: invalid requests" {
    local import field
    import=$(begin admin deals)
    for field in '"kind": "people"' '"sha256": "00"' '"total": 0' '"source": "No Code"' '"name": ""'; do
        as admin -o json api call ImportService/BeginImport \
            "$(jq -n --arg sha "$SHA" "{kind: \"deals\", name: \"x\", sha256: \$sha, total: 1} + {$field}")"
        was_refused $INVALID_ARGUMENT "$(cut -d'"' -f2 <<<"$field")"
    done
    rows admin "$import" '"rates": [{"line": 2, "from": "USD", "to": "CNY", "rate": "7.1", "day": "2026-11-02"}]'
    was_refused $INVALID_ARGUMENT rates
    rows admin "$import" '"last_line": 3'
    was_refused $INVALID_ARGUMENT deals
    for field in '"title": ""' '"line": 0' '"amount": "1e3"' '"created": "yesterday"' '"currency": "yuan"' '"vendor": "B B"' \
        "\"title\": \"$(printf 'x%.0s' {1..201})\"" '"title": "a\nb"'; do
        rows admin "$import" "\"deals\": [$(jq -cn "{line: 2, title: \"A\", customer: \"C\"} + {$field}")]"
        was_refused $INVALID_ARGUMENT "$(cut -d'"' -f2 <<<"$field")"
    done
    rows admin 999999 '"deals": [{"line": 2, "title": "A", "customer": "C"}]'
    was_refused $NOT_FOUND 'that you can see'
    as admin api call ImportService/FinishImport '{"import_id": "999999"}'
    was_refused $NOT_FOUND 999999
    as admin import show 999999
    was_refused $NOT_FOUND 999999
}
