#!/usr/bin/env bats
# Goals and KPIs of members and vendors.

load ../helper

setup_file() {
    world_open
    "$JIAYI" --profile manager kpi define calls --name Calls --unit calls --period week
    "$JIAYI" --profile manager kpi define demos --name '演示' --unit demos --period month --direction up
}

@test "kpi define: works" {
    json manager kpi define complaints --name Ankesa --unit complaints --period quarter --direction down
    is .code complaints
    is .company acme
    is .direction down
    is .period quarter
}

@test "kpi define: denied, twice, malformed" {
    refused $PERMISSION_DENIED kpi.define sales kpi define mine --name M --unit m --period day
    refused $PERMISSION_DENIED kpi.define auditor kpi define mine --name M --unit m --period day
    refused $ALREADY_EXISTS calls manager kpi define calls --name Calls --unit calls --period week
    refused $INVALID_ARGUMENT code manager kpi define 'Two Words' --name M --unit m --period day
    as manager kpi define odd --name M --unit m --period fortnight
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took an unknown period"
}

@test "kpi target, record, evaluate: of a member" {
    json manager kpi target calls --period 2026-W47 --value 125 --member sales@acme.example
    is .target 125
    is .member sales@acme.example
    is .actual null
    is .attainment null
    json sales kpi record calls --period 2026-W47 --value 100
    is .actual 100
    is .attainment 0.8
    json sales kpi record calls --period 2026-W47 --value 110 --text 'ten more'
    is .actual 110
    is .attainment 0.88
    json manager kpi evaluate calls --period 2026-W47 --member sales@acme.example --comment 'mirë'
    is .evaluation mirë
    is .evaluated_by manager@acme.example
    json sales kpi list --period 2026-W47
    is '.kpis[] | select(.code == "calls") | [.company, .target, .actual, .attainment, .evaluation] | join(" ")' \
        'acme 125 110 0.88 mirë'
}

@test "kpi target, record, evaluate: of a vendor" {
    json manager kpi target demos --period 2026-11 --value 8 --vendor beta
    is .vendor beta
    json beta-vendor kpi record demos --period 2026-11 --value 6
    is .actual 6
    is .attainment 0.75
    is .recorded_by vendor@beta.example
    json manager kpi evaluate demos --period 2026-11 --vendor beta --comment '质量好'
    is .evaluation 质量好
    local who
    for who in manager admin auditor beta-vendor beta-admin beta-manager; do
        json $who kpi list --vendor beta --period 2026-11
        is '.kpis[] | select(.code == "demos") | .attainment' 0.75
    done
    # Neither side's strangers, nor a salesperson of the principal, whose reach is the own lines.
    json gamma-admin kpi list
    is '.kpis // [] | length' 0
    json sales kpi list --vendor beta
    is '.kpis // [] | length' 0
}

@test "kpi target: changes an earlier one" {
    json manager kpi target calls --period 2026-W40 --value 10 --member sales@acme.example
    json manager kpi target calls --period 2026-W40 --value 20 --member sales@acme.example
    is .target 20
    json sales kpi list --period 2026-W40
    is '.kpis | length' 1
}

@test "kpi target: denied, out of reach, not there, the wrong kind of period" {
    refused $PERMISSION_DENIED kpi.target sales kpi target calls --period 2026-W47 --value 1 --member sales@acme.example
    as manager kpi target calls --period 2026-W47 --value 1 --member peer@acme.example
    [[ $status = "$PERMISSION_DENIED" || $status = "$NOT_FOUND" ]] || complain "a target outside the team"
    as admin kpi target calls --period 2026-W47 --value 1 --member sales@gamma.example
    [[ $status = "$INVALID_ARGUMENT" || $status = "$NOT_FOUND" ]] || complain "a target for a stranger"
    refused $NOT_FOUND nothing manager kpi target nothing --period 2026-W47 --value 1 --member sales@acme.example
    refused $INVALID_ARGUMENT period manager kpi target calls --period 2026-11 --value 1 --member sales@acme.example
    refused $NOT_FOUND gamma manager kpi target demos --period 2026-11 --value 1 --vendor gamma
    as manager kpi target calls --period 2026-W47 --value 1
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "a target for nobody"
    as manager kpi target calls --period 2026-W47 --value 1 --member sales@acme.example --vendor beta
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "a target for two"
}

@test "kpi: malformed values and periods" {
    local value period
    for value in -1 1e3 ten ''; do
        refused $INVALID_ARGUMENT value sales kpi record calls --period 2026-W47 --value "$value"
    done
    for period in 2026-W54 2025-W53 2026-W00 2026-13 2026-Q5 2026-02-30 26 some-week ''; do
        refused $INVALID_ARGUMENT period sales kpi record calls --period "$period" --value 1
    done
    # 2026 has 53 weeks.
    as sales kpi record calls --period 2026-W53 --value 1
    ok
}

@test "kpi record: for whom it may" {
    as sales kpi record calls --period 2026-W41 --value 1 --member peer@acme.example
    [[ $status = "$PERMISSION_DENIED" || $status = "$NOT_FOUND" ]] || complain "recorded for a colleague"
    json manager kpi record calls --period 2026-W41 --value 7 --member junior@acme.example
    is .member junior@acme.example
    is .recorded_by manager@acme.example
    refused $PERMISSION_DENIED kpi.record auditor kpi record calls --period 2026-W41 --value 1
    as gamma-sales kpi record calls --period 2026-W41 --value 1
    [ "$status" -eq $NOT_FOUND ] || complain "recorded on a stranger's KPI"
    refused $NOT_FOUND nothing sales kpi record nothing --period 2026-W41 --value 1
}

@test "kpi record: --to tells apart a code that two use" {
    as beta-manager kpi define calls --name 'Our calls' --unit calls --period week
    ok
    as admin kpi target calls --period 2026-W42 --value 50 --vendor beta
    ok
    as beta-manager kpi target calls --period 2026-W42 --value 30 --member vendor@beta.example
    ok
    refused $INVALID_ARGUMENT --to beta-vendor kpi record calls --period 2026-W42 --value 5
    json beta-vendor kpi record calls --period 2026-W42 --value 40 --to acme
    is .company acme
    is .vendor beta
    is .attainment 0.8
    json beta-vendor kpi record calls --period 2026-W42 --value 15 --to beta
    is .company beta
    is .member vendor@beta.example
    is .attainment 0.5
}

@test "kpi record: a vendor only where the principal set a target" {
    as beta-vendor kpi record demos --period 2027-01 --value 6
    [[ $status = "$NOT_FOUND" || $status = "$FAILED_PRECONDITION" ]] || complain "recorded without a target"
}

@test "kpi evaluate: denied, out of reach, not there, by the evaluated side" {
    as admin kpi target calls --period 2026-W43 --value 5 --member peer@acme.example
    ok
    as admin kpi target demos --period 2026-12 --value 5 --vendor beta
    ok
    refused $PERMISSION_DENIED kpi.evaluate sales kpi evaluate calls --period 2026-W43 --member peer@acme.example --comment x
    as manager kpi evaluate calls --period 2026-W43 --member peer@acme.example --comment x
    [[ $status = "$PERMISSION_DENIED" || $status = "$NOT_FOUND" ]] || complain "evaluated outside the team"
    refused $NOT_FOUND '' manager kpi evaluate calls --period 2026-W01 --member sales@acme.example --comment x
    as beta-admin kpi evaluate demos --period 2026-12 --vendor beta --comment 'we were great'
    [[ $status = "$PERMISSION_DENIED" || $status = "$NOT_FOUND" ]] || complain "a vendor evaluated itself"
    json admin kpi list --period 2026-12
    is '.kpis[] | select(.code == "demos") | .evaluation' null
}

@test "kpi list: own, team, company" {
    as admin kpi target calls --period 2026-W44 --value 5 --member peer@acme.example
    ok
    as admin kpi target calls --period 2026-W44 --value 6 --member junior@acme.example
    ok
    json peer kpi list --period 2026-W44
    is '[.kpis[].member] | join(" ")' peer@acme.example
    json manager kpi list --period 2026-W44
    is '[.kpis[].member] | join(" ")' junior@acme.example
    json admin kpi list --period 2026-W44
    is '[.kpis[].member] | sort | join(" ")' 'junior@acme.example peer@acme.example'
    json admin kpi list --period 2026-W44 --member peer@acme.example
    is '[.kpis[].target] | join(" ")' 5
}

@test "kpi show: one line, as it was answered and as the list has it; not there, not mine, one of two" {
    local line
    as manager kpi define shown --name Shown --unit u --period month
    as manager kpi target shown --period 2026-11 --value 8 --vendor beta
    json beta-vendor kpi record shown --period 2026-11 --value 6
    line=$output
    is .recorded_by_company null
    json beta-vendor kpi show shown --period 2026-11 --vendor beta --company acme
    [ "$output" = "$line" ] || complain "otherwise than: $line"
    json beta-vendor kpi list --period 2026-11
    is '.kpis[] | select(.code == "shown")' "$(jq . <<<"$line")"
    json manager kpi evaluate shown --period 2026-11 --vendor beta --comment Fair
    is .recorded_by_company beta
    is .evaluated_by_company null
    line=$output
    json manager kpi show shown --period 2026-11 --vendor beta
    [ "$output" = "$line" ] || complain "otherwise than: $line"
    refused $NOT_FOUND shown sales kpi show shown --period 2026-11 --vendor beta
    refused $NOT_FOUND shown beta-vendor kpi show shown --period 2026-11 --vendor beta
    refused $NOT_FOUND absent manager kpi show absent --period 2026-11 --vendor beta
    refused $INVALID_ARGUMENT 'exactly one' manager kpi show shown --period 2026-11
}

@test "kpi attainment: of a target of 0 there is none" {
    as manager kpi target calls --period 2026-W45 --value 0 --member sales@acme.example
    ok
    json sales kpi record calls --period 2026-W45 --value 3
    is .actual 3
    is .attainment null
}

@test "case 16: an evaluation names the figures that it judged, and is visibly out of date when they change" {
    json manager kpi target calls --period 2026-W30 --value 100000 --member sales@acme.example
    json sales kpi record calls --period 2026-W30 --value 98000
    json sales kpi record calls --period 2026-W30 --value 99000 --text 'almost'
    json manager kpi evaluate calls --period 2026-W30 --member sales@acme.example --comment 'nearly there'
    is '[.evaluated_target, .evaluated_actual, .evaluation_outdated] | map(tostring) | join(" ")' '100000 99000 null'
    json sales kpi record calls --period 2026-W30 --value 201000
    is .evaluation_outdated true
    json sales kpi list --period 2026-W30
    is '.kpis[0] | [.evaluation, .evaluated_actual, .actual, .evaluation_outdated] | map(tostring) | join(" ")' \
        'nearly there 99000 201000 true'
    json manager kpi evaluate calls --period 2026-W30 --member sales@acme.example --comment 'twice as much'
    is .evaluation_outdated null
    json manager kpi target calls --period 2026-W30 --value 300000 --member sales@acme.example
    is .evaluation_outdated true
    is .evaluated_target 100000
}

@test "case 16: records, targets and evaluations are lists, in pages" {
    as manager kpi target calls --period 2026-W31 --value 10 --member sales@acme.example
    as manager kpi target calls --period 2026-W31 --value 20 --member sales@acme.example
    as sales kpi record calls --period 2026-W31 --value 5 --text first
    as manager kpi evaluate calls --period 2026-W31 --member sales@acme.example --comment low
    as sales kpi record calls --period 2026-W31 --value 15 --text second
    as manager kpi evaluate calls --period 2026-W31 --member sales@acme.example --comment better
    ok
    local who
    for who in sales manager admin auditor; do
        json $who kpi records calls --period 2026-W31
        is '[.records[] | [.value, .text, .by] | join(" ")] | join("; ")' \
            '15 second sales@acme.example; 5 first sales@acme.example'
        json $who kpi targets calls --period 2026-W31
        is '[.targets[] | [.value, .by] | join(" ")] | join("; ")' '20 manager@acme.example; 10 manager@acme.example'
        json $who kpi evaluations calls --period 2026-W31
        is '[.evaluations[] | [.target, .actual, .attainment, .text, .by] | join(" ")] | join("; ")' \
            '20 15 0.75 better manager@acme.example; 20 5 0.25 low manager@acme.example'
    done
    json sales kpi records calls --period 2026-W31 --page-size 1
    is '[.records[].value] | join(" ")' 15
    json sales kpi records calls --period 2026-W31 --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.records[].value] | join(" ")' 5
    is .next_page_token null
    json peer kpi records calls --period 2026-W31
    is '.records // [] | length' 0
    json admin kpi records calls --period 2026-W31 --member junior@acme.example
    is '.records // [] | length' 0
    refused $NOT_FOUND 'no KPI nothing' sales kpi records nothing --period 2026-W31
    refused $NOT_FOUND 'no KPI calls' gamma-admin kpi evaluations calls --period 2026-W31
    refused $USAGE --period sales kpi targets calls
}

@test "case 17: attainment is never 1 below the target nor 0 above nothing; reached and direction are said" {
    as manager kpi define late --name Vonesa --unit days --period week --direction down
    as manager kpi target calls --period 2026-W32 --value 125000 --member sales@acme.example
    json sales kpi record calls --period 2026-W32 --value 124999
    is '[.attainment, .reached, .direction] | map(tostring) | join(" ")' '0.9999 false up'
    json sales kpi record calls --period 2026-W32 --value 125000
    is '[.attainment, .reached] | map(tostring) | join(" ")' '1 true'
    as manager kpi target calls --period 2026-W33 --value 1000000 --member sales@acme.example
    json sales kpi record calls --period 2026-W33 --value 1
    is .attainment 0.0001
    as manager kpi target late --period 2026-W32 --value 0 --member sales@acme.example
    json sales kpi record late --period 2026-W32 --value 9
    is '[.attainment, .reached, .direction] | map(tostring) | join(" ")' 'null false down'
    json sales kpi record late --period 2026-W32 --value 0
    is .reached true
    as sales kpi list --period 2026-W32
    says DIRECTION
    says REACHED
}
