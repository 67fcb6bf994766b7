#!/usr/bin/env bats
# Files as spreadsheets and other programs write them, and what comes of them. The samples stand in import/.

load ../helper

sample() {
    echo "$ROOT/tests/e2e/client/import/$1"
}

# put PROFILE KIND SAMPLE [ARG…]: imports it; must succeed.
put() {
    json "$1" import "$2" "$(sample "$3")" "${@:4}"
}

# deal TITLE: the deal of that title.
deal() {
    json admin deal list --page-size 1000
    output=$(jq -e --arg title "$1" '.deals[] | select(.title == $title)' <<<"$output") || complain "no deal $1"
}

@test "import: a spreadsheet in Chinese, with a byte order mark, CRLF, quoted line breaks, names and amounts in 万元" {
    put admin deals shangji.csv
    is '[.state, .applied, .skipped, .failed] | map(tostring) | join(" ")' 'done 3 0 0'
    [ -z "$stderr" ] || complain "it said something"
    deal 深圳港口自动化
    is '[.customer, .stage, .amount.amount, .amount.currency, .owner] | join(" ")' \
        '深圳港务集团有限公司 quoted 3500000.00 CNY sales@acme.example'
    is .created_at 2026-10-08T12:00:00Z
    deal '盐田自动化 （二期）'
    is '[.amount.amount, .stage, .owner] | join(" ")' '12005000.00 new junior@acme.example'
    is .created_at 2026-11-02T09:30:00Z
    deal 蛇口改造
    is '[.customer, .stage, .owner, .closed_at] | join(" ")' '招商蛇口,港口事业部 won admin@acme.example 2026-09-01T12:00:00Z'
}

@test "import: GB18030 is found out, and said" {
    put admin deals shangji-gb18030.csv --source gb
    is .applied 3
    [ "$stderr" = 'read as GB18030' ] || complain "it did not say so"
    json admin deal list --search 深圳港口自动化
    is '.deals | length' 2
    # The same rows in another encoding are the same.
    put admin deals shangji.csv --source gb
    is '[.applied, .skipped] | map(tostring) | join(" ")' '0 3'
}

@test "import: what is neither UTF-8 nor surely GB18030 is not guessed" {
    refused $INVALID_ARGUMENT '--encoding' admin import deals "$(sample mundesi-1252.csv)"
    refused $USAGE 'not known' admin import deals "$(sample mundesi-1252.csv)" --encoding nothing
    put admin deals mundesi-1252.csv --encoding WINDOWS-1252
    deal 'Vjetër Robotë për Durrësin'
    printf '\xff\xfe' >"$BATS_TEST_TMPDIR/wide.csv"
    printf 'title,customer\nWide,C\n' | iconv -t UTF-16LE >>"$BATS_TEST_TMPDIR/wide.csv"
    json admin import deals "$BATS_TEST_TMPDIR/wide.csv"
    is .applied 1
}

@test "import: a well-known CRM's standard columns" {
    refused $INVALID_ARGUMENT 'Lead Source' admin import deals "$(sample crm-deals.csv)"
    put admin deals crm-deals.csv --ignore --source crm
    is '[.applied, .source] | map(tostring) | join(" ")' '2 crm'
    deal 'Robots for Northwind'
    is '[.customer, .stage, .amount.amount, .amount.currency, .owner] | join(" ")' \
        'Northwind, Ltd quoted 1234500.00 USD sales@acme.example'
    is .created_at 2026-11-13T09:30:00Z
    deal 'Service "gold"'
    is '[.stage, .amount.amount] | join(" ")' 'won 980.50'
    is .created_at 2026-10-02T16:05:00Z
}

@test "import: semicolons, 1.234,50 and 29.10.2026, as in Tirana" {
    put admin deals mundesi.csv
    [ "$stderr" = 'columns are separated by semicolons' ] || complain "it did not say so"
    deal 'Robotë për Durrësin'
    is '[.customer, .amount.amount, .amount.currency] | join(" ")' 'Porti i Durrësit; Terminali 1234500.50 EUR'
    is .created_at 2026-10-29T12:00:00Z
    deal Mirëmbajtje
    is '[.amount.amount, .created_at] | join(" ")' '980.50 2026-11-02T12:00:00Z'
}

@test "import: tabs, and days that one of the column decides" {
    put admin rates huilv.tsv
    [ "$stderr" = 'columns are separated by tabs' ] || complain "it did not say so"
    json admin rate list --from EUR --to CNY
    is '[.rates[0].rate, .rates[0].day] | join(" ")' '8.25 2026-11-02'
}

@test "import: follow-ups and tasks find the deal by its key; an apostrophe before a formula goes" {
    printf '编号,名称,客户\nSJ-001,船厂,C\n' >"$BATS_TEST_TMPDIR/one.csv"
    json admin import deals "$BATS_TEST_TMPDIR/one.csv" --source log --map 名称=title
    put admin followups genjin.csv --source log
    is .applied 2
    deal 船厂
    json admin deal show "$(jq -r .id <<<"$output")"
    is '[.activities[] | .text] | join("|")' '=SUM(A1) 是他们的报价公式|客户说：
要先看演示'
    is '[.activities[] | [.kind, .member, .happened_at // .at] | join(" ")] | join("|")' \
        'visit sales@acme.example 2026-11-05T10:00:00Z|call sales@acme.example 2026-11-03T15:05:00Z'
    put admin tasks renwu.csv --source log
    is .applied 2
    json sales task list --state done
    is '[.tasks[] | [.title, .owner, .done_at, .due] | join(" ")] | join("|")' \
        '寄样品 sales@acme.example 2026-11-02T15:30:00Z 2026-11-03'
    # Nobody is told of what is history.
    json sales inbox list
    lacks deal.
    lacks task.
}

@test "import: with whom a deal and a follow-up are, by the contact's key or name" {
    local file=$BATS_TEST_TMPDIR/x.csv
    printf '编号,客户名称\nK1,宁波港\nK2,舟山港\n' >"$file"
    json admin import customers "$file" --source with
    printf '编号,公司,姓名,手机\nP1,K1,李工,1\nP2,K1,周工,2\nP3,K1,周工,3\nP4,K2,李工,4\n' >"$file"
    json admin import contacts "$file" --source with
    is .applied 4
    printf '编号,商机名称,客户名称,联系人\nD1,按名字,宁波港,李工\nD2,按编号,宁波港,P3\nD3,没有,舟山港,\n' >"$file"
    json admin import deals "$file" --source with
    is .applied 3
    deal 按名字
    json admin deal show "$(jq -r .id <<<"$output")"
    is .contact 李工
    printf '商机,跟进内容,联系人\nD2,通了电话,李工\n' >"$file"
    json admin import followups "$file" --source with
    printf '客户,跟进内容,联系人\nK2,见了面,李工\n' >"$file"
    json admin import followups "$file" --source with
    is .applied 1
    # Beside a deal it says with whom that is.
    printf '客户,商机,跟进内容\n宁波港,D2,两个都写\n舟山港,,只写客户\n' >"$file"
    json admin import followups "$file" --source with
    is .applied 2
    [ "$(sql "SELECT string_agg(coalesce(d.title, c.name), ', ' ORDER BY a.id) FROM jiayi.activity AS a LEFT JOIN jiayi.deal AS d ON d.id = a.deal_id
        LEFT JOIN jiayi.customer AS c ON c.id = a.customer_id WHERE a.text IN ('两个都写', '只写客户')")" = '按编号, 舟山港' ] || complain 'of the deal, of the customer'
    printf '客户,商机,跟进内容\n舟山港,D2,对不上\n' >"$file"
    as admin import followups "$file" --source with
    [ "$status" -eq $INVALID_ARGUMENT ] || complain status
    [[ $stderr = *'line 2, 客户: the deal D2 is with 宁波港'* ]] || complain 'not which'
    [ "$(sql "SELECT string_agg(c.name || ' ' || k.phone, ', ' ORDER BY a.id) FROM jiayi.activity AS a JOIN jiayi.contact AS k ON k.id = a.contact_id
        JOIN jiayi.customer AS c ON c.id = k.customer_id WHERE a.text IN ('通了电话', '见了面')")" = '宁波港 1, 舟山港 4' ] || complain 'of the deal, of the customer'
    # Of another customer, of several, of nobody: said by line and column.
    printf 'title,customer,contact\nA,舟山港,周工\nB,宁波港,周工\nC,新客户,李工\n' >"$file"
    as admin import deals "$file" --source with --dry-run
    [ "$status" -eq $INVALID_ARGUMENT ] || complain status
    [[ $stderr = *'line 2, contact: no contact 周工'* && $stderr = *'line 3, contact: several contacts'* && $stderr = *'line 4, contact: no contact 李工'* ]] ||
        complain 'not by line'
}

@test "import: what was reached, of a KPI that is made with it" {
    put admin kpi_records zhibiao.csv
    is .applied 2
    json admin kpi list --period 2026-11
    is '[.kpis[] | select(.code == "import-visits") | [.name, .unit, .member, .actual] | join(" ")] | join("|")' \
        '拜访 次 sales@acme.example 15'
}

@test "import: what may mean two things is refused, by line and column, until it is said" {
    as admin import deals "$(sample unclear.csv)"
    [ "$status" -eq $INVALID_ARGUMENT ] || complain status
    [[ $stderr = *'line 2, amount: '*'--decimal'* && $stderr = *'line 2, created: '*'--dates'* ]] || complain 'not by line'
    refused $USAGE 'dmy or mdy' admin import deals "$(sample unclear.csv)" --dates ymd
    put admin deals unclear.csv --dates mdy --decimal point
    deal One
    is '[.amount.amount, .created_at] | join(" ")' '1234.00 2026-03-04T12:00:00Z'
    printf 'title,customer,created\nA,C,13/04/2026\nB,C,04/13/2026\n' >"$BATS_TEST_TMPDIR/both.csv"
    as admin import deals "$BATS_TEST_TMPDIR/both.csv"
    [[ $status -eq $INVALID_ARGUMENT && $stderr = *'line 3, created: '*'another order'* ]] || complain 'both'
}

@test "import: every error has its line and its column, and nothing comes in" {
    local before
    before=$(sql 'SELECT count(*) FROM jiayi.deal')
    as admin import deals "$(sample wrong.csv)"
    [ "$status" -eq $INVALID_ARGUMENT ] || complain status
    [ "$(grep -o '^line [0-9]*, [a-z]*:' <<<"$stderr" | tr '\n' ' ')" = 'line 3, title: line 4, amount: line 5, created: ' ] ||
        complain 'what can be seen here'
    json admin import list
    lacks wrong.csv
    # A dry run asks the server about the others.
    as admin import deals "$(sample wrong.csv)" --dry-run
    [ "$status" -eq $INVALID_ARGUMENT ] || complain status
    [ "$(grep -o '^line [0-9]*, [a-z]*:' <<<"$stderr" | sort | tr '\n' ' ')" = \
        'line 3, title: line 4, amount: line 5, created: line 6, stage: line 7, owner: line 8, key: line 9, created: ' ] ||
        complain 'what the server sees'
    [ "$(sql 'SELECT count(*) FROM jiayi.deal')" = "$before" ] || complain 'something came in'
}

@test "import: countries that there are not, sites that are none and days of another age are told by line and column" {
    printf 'name,registration_country,website\nA,XX,\nB,cn,javascript:alert(1)\nC,XK,www.c.example/shop\n' >"$BATS_TEST_TMPDIR/odd.csv"
    as admin import customers "$BATS_TEST_TMPDIR/odd.csv"
    [ "$status" -eq $INVALID_ARGUMENT ] || complain status
    [ "$(grep -o '^line [0-9]*, [a-z_ ]*:' <<<"$stderr" | tr '\n' ' ')" = 'line 2, registration_country: line 3, website: ' ] || complain 'customers'
    printf 'title,customer,close_on\nA,C,9999-12-31\nB,C,1999-01-01\n' >"$BATS_TEST_TMPDIR/odd.csv"
    as admin import deals "$BATS_TEST_TMPDIR/odd.csv" --dry-run
    [ "$status" -eq $INVALID_ARGUMENT ] || complain status
    [ "$(grep -o '^line [0-9]*, [a-z_ ]*:' <<<"$stderr" | tr '\n' ' ')" = 'line 2, close_on: line 3, close_on: ' ] || complain 'deals'
}

@test "import --skip-errors: the others come in, and the numbers add up" {
    put admin deals wrong.csv --skip-errors
    is '[.total, .applied, .skipped, .failed] | map(tostring) | join(" ")' '9 2 0 7'
    deal Good
    deal 'Also good'
    put admin deals wrong.csv --skip-errors
    # Its key is known by now.
    is '[.total, .applied, .skipped, .failed] | map(tostring) | join(" ")' '9 0 3 6'
}

@test "import: what is said with --map is remembered for the kind and the source" {
    printf '甲方项目,甲方,备用\nX,C,1\n' >"$BATS_TEST_TMPDIR/own.csv"
    refused $INVALID_ARGUMENT '甲方项目, 甲方, 备用' admin import deals "$BATS_TEST_TMPDIR/own.csv"
    refused $USAGE 'no heading' admin import deals "$BATS_TEST_TMPDIR/own.csv" --map 乙方=customer
    refused $USAGE 'no column' admin import deals "$BATS_TEST_TMPDIR/own.csv" --map 甲方=client
    json admin import deals "$BATS_TEST_TMPDIR/own.csv" --map 甲方项目=title --map 甲方=customer --map 备用=
    is .applied 1
    printf '甲方项目,甲方,备用\nY,C,1\n' >"$BATS_TEST_TMPDIR/own.csv"
    json admin import deals "$BATS_TEST_TMPDIR/own.csv"
    is .applied 1
    [[ $stderr = *'as remembered: 甲方项目=title'* ]] || complain 'it did not say so'
    refused $INVALID_ARGUMENT '甲方项目' admin import deals "$BATS_TEST_TMPDIR/own.csv" --source crm
    printf 'title,商机名称,customer\nY,Z,C\n' >"$BATS_TEST_TMPDIR/own.csv"
    refused $INVALID_ARGUMENT 'both title' admin import deals "$BATS_TEST_TMPDIR/own.csv"
}

@test "import: files that are no tables" {
    refused $LOCAL 'no such file' admin import deals "$BATS_TEST_TMPDIR/none.csv"
    : >"$BATS_TEST_TMPDIR/empty.csv"
    refused $INVALID_ARGUMENT 'no rows' admin import deals "$BATS_TEST_TMPDIR/empty.csv"
    printf 'title,customer\n' >"$BATS_TEST_TMPDIR/head.csv"
    refused $INVALID_ARGUMENT 'no rows' admin import deals "$BATS_TEST_TMPDIR/head.csv"
    printf 'title,customer\n"X,C\n' >"$BATS_TEST_TMPDIR/open.csv"
    refused $INVALID_ARGUMENT 'line 2' admin import deals "$BATS_TEST_TMPDIR/open.csv"
    printf 'title,customer\nX,C,D\n' >"$BATS_TEST_TMPDIR/more.csv"
    refused $INVALID_ARGUMENT 'line 2 has more cells' admin import deals "$BATS_TEST_TMPDIR/more.csv"
    printf 'title,customer\nX\0,C\n' >"$BATS_TEST_TMPDIR/nul.csv"
    refused $INVALID_ARGUMENT 'no text' admin import deals "$BATS_TEST_TMPDIR/nul.csv"
    refused $USAGE 'kpi_records' admin import people "$BATS_TEST_TMPDIR/head.csv"
}

@test "import: hostile files end with what is wrong, in which line" {
    local file=$BATS_TEST_TMPDIR/hostile.csv
    hostile() { # what is printed
        as admin import deals "$file" --source hostile
        [ "$status" -eq $INVALID_ARGUMENT ] || complain status
        [[ $stderr = *"$1"* ]] || complain "not: $1"
    }
    { printf 'title,customer\n"A,C\n' && yes x,y | head -n 500000 && printf '"\n'; } >"$file"
    hostile 'line 2 has a cell of more than 1 MiB; is a quote not closed there?'
    printf 'title,customer\n"A,C\nx,y\n' >"$file"
    hostile 'line 2 is no line of CSV'
    printf 'title,customer\nA\0B,C\n' >"$file"
    hostile 'the file is no text'
    printf 'title,customer\n\xef\xbb\xbfA,C\n' >"$file"
    hostile 'line 2, title: has a character that cannot be seen, U+FEFF'
    { printf 'title,customer\n甲,乙\n' && printf '丙,丁\n' | iconv -t GB18030; } >"$file"
    hostile 'the file is no UTF-8'
    { seq -s, 201 && echo; } >"$file"
    hostile 'line 1 has more than 200 columns'
    # Forty million cells, nearly all empty.
    { seq -s, 200 && yes x | head -n 200000; } >"$file"
    as admin import deals "$file" --source hostile
    [ "$status" -eq 1 ] || complain status
    [[ $stderr = *'hostile.csv has more cells than there is memory for; leave out columns'* ]] || complain 'what to do'
    # Thirty million empty lines are none; what looks like a formula is a text, and goes out as one.
    { printf 'title,customer\n' && head -c 30000000 /dev/zero | tr '\0' '\n' && printf "=cmd|'/C calc'!A0,C\n"; } >"$file"
    json admin import deals "$file" --source hostile
    is .applied 1
    as admin deal list --search cmd -o csv
    [[ $output = *"'=cmd|"* ]] || complain 'a formula for a spreadsheet'
}

# What two make at once of the same customers is there once, and nothing gets lost.
@test "import: imports side by side, and who creates the same customers, make none twice" {
    local seed=${RACE_SEED:-$RANDOM} round n dir=$BATS_TEST_TMPDIR pid pids
    echo "# seed $seed" >&3
    for round in 1 2 3 4 5; do
        pids=()
        for n in 1 2 3; do
            { echo 编号,商机名称,客户名称 && seq 60 | shuf --random-source=<(yes "$seed $round $n") |
                awk -v n="$n" -v round="$round" '{ printf "K%d,race %d,%s Race %d-%d\n", $1, $1, n == 2 ? "  " : "", round, $1 % 30 }'; } >"$dir/$n.csv"
        done
        # Two of different sources, and one that two send at the same time.
        "$JIAYI" --profile admin import deals "$dir/1.csv" --source "a$round" --timeout 60 >"$dir/o1" 2>&1 & pids+=($!)
        "$JIAYI" --profile admin import deals "$dir/2.csv" --source "b$round" --timeout 60 >"$dir/o2" 2>&1 & pids+=($!)
        "$JIAYI" --profile admin import deals "$dir/3.csv" --source "a$round" --timeout 60 >"$dir/o3" 2>&1 & pids+=($!)
        for n in 4 8 12; do
            "$JIAYI" --profile sales customer create "RACE $round-$n" >"$dir/c$n" 2>&1 & pids+=($!)
        done
        for pid in "${pids[@]}"; do
            wait "$pid" || true
        done
        # What was refused since somebody else was faster, the same command does.
        for n in 1 2 3; do
            json admin import deals "$dir/$n.csv" --source "$([ $n = 2 ] && echo b || echo a)$round" --timeout 60
            is .state 'done'
        done
        run sql "SELECT count(*) || ' ' || count(DISTINCT c.name_key) FROM jiayi.customer AS c WHERE c.name_key LIKE 'race$round%'"
        [ "$output" = '30 30' ] || complain "round $round of seed $seed: customers and their keys: $output"
        run sql "SELECT count(*) || ' ' || count(DISTINCT r.on_id) FROM jiayi.external_ref AS r WHERE r.source IN ('a$round', 'b$round')"
        [ "$output" = '120 120' ] || complain "round $round of seed $seed: deals: $output"
    done
    [ "$(sql "SELECT count(*) FROM jiayi.deal WHERE title LIKE 'race %'")" = 600 ] || complain 'deals without a key, or lost'
}

@test "import list and show: words of their own behind import" {
    put admin deals mundesi.csv --source list
    local id
    id=$(jq -r .id <<<"$output")
    json admin import list
    is '.imports[0].name' mundesi.csv
    json admin import show "$id"
    is '[.kind, .state] | join(" ")' 'deals done'
}

@test "import: JSON, as an export writes it and as another program does" {
    local file=$BATS_TEST_TMPDIR/x.json
    # What is in JSON is as it was meant: an apostrophe is one, a number has a point.
    cat >"$file" <<'END'
[
{"key": "1", "title": "'=one", "customer": "JSON 公司", "amount": "1.234", "currency": "KWD", "close_on": "2027-01-31"},
{"title": "two", "负责人": "sales@acme.example", "customer": "JSON 公司", "amount": 350000.1, "currency": "CNY", "reason": null},

{"title": "", "customer": ""}
]
END
    json admin import deals "$file" --source json
    is '[.total, .applied] | map(tostring) | join(" ")' '2 2'
    json admin deal list --search JSON
    is '[.deals | sort_by(.id | tonumber)[] | .title, .amount.amount, .owner, .close_on // "-"] | join(" ")' \
        "'=one 1.234 admin@acme.example 2027-01-31 two 350000.10 sales@acme.example -"
    json admin import deals "$file" --source json
    is '[.applied // 0, .skipped] | map(tostring) | join(" ")' '0 2'
    # What is wrong is told by the line in which the object begins.
    printf '[{"title": "a", "customer": "C"},\n\n {"customer": "C",\n "title": "b", "stage": "soon"}]' >"$file"
    refused_rows 'line 3, stage: unknown stage soon' "$file"
    printf '[{"title": "a", "customer": "C"}\n {"title": "b", "customer": "C"}]' >"$file"
    refused_rows 'line 2: there should be an array of objects' "$file"
    printf '[{"title": "a", "customer": {"name": "C"}}]' >"$file"
    refused_rows 'line 1, customer: there should be a text or a number' "$file"
    printf '[]' >"$file"
    refused_rows 'has no rows' "$file"
    printf '[{"title": "a"' >"$file"
    refused_rows 'line 1: there should be an array of objects' "$file"
}

# refused_rows TEXT FILE: nothing of it comes in, and TEXT is told.
refused_rows() {
    as admin import deals "$2" --source json
    [ "$status" -eq $INVALID_ARGUMENT ] || complain "exit status $status"
    [[ $stderr = *"$1"* ]] || complain "it does not say: $1"
}
