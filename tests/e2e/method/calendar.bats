#!/usr/bin/env bats
# The calendar: holidays, and working days that the week does not have.

load ../helper

@test "calendar set, list: holidays and working Saturdays" {
    json admin calendar set 2026-10-10 --working --note '国庆节调休'
    is '.day + " " + (.working | tostring) + " " + .note' '2026-10-10 true 国庆节调休'
    json admin calendar set 2026/10/01 --holiday
    is '.day + " " + (.working | tostring)' '2026-10-01 false'
    json admin calendar set 2026-10-01 --holiday --note 国庆节
    json admin calendar set 2025-12-31 --holiday
    json sales calendar list --year 2026
    is '[.days[] | .day + " " + (.note // "")] | join(",")' '2026-10-01 国庆节,2026-10-10 国庆节调休'
    json sales calendar list --page-size 1
    is '.days[0].day' 2025-12-31
    json sales calendar list --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.days[0].day' 2026-10-01
    json sales calendar list --all
    is '.days | length' 3
    json beta-vendor calendar list
    is '.days | length' 0
}

@test "calendar set: denied and malformed" {
    local who
    for who in operator manager sales auditor beta-vendor; do
        refused $PERMISSION_DENIED company.manage $who calendar set 2026-10-01 --holiday
    done
    refused $INVALID_ARGUMENT day admin calendar set 2026-02-30 --holiday
    refused $INVALID_ARGUMENT day admin calendar set someday --holiday
    refused $INVALID_ARGUMENT 'exactly one of' admin calendar set 2026-10-01
    refused $INVALID_ARGUMENT 'exactly one of' admin calendar set 2026-10-01 --holiday --working
    refused $INVALID_ARGUMENT note admin calendar set 2026-10-01 --holiday --note "$(printf '假%.0s' {1..101})"
    refused $INVALID_ARGUMENT year admin calendar list --year 0
}

@test "calendar import: CSV and JSON, all or none" {
    local file=$BATS_TEST_TMPDIR/days.csv
    printf '\xef\xbb\xbfday,note,working\r\n2027-01-01,"元旦, ""新年""",\r\n2027/1/2,,true\r\n\r\n' >"$file"
    json admin calendar import "$file"
    is .days 2
    json sales calendar list --year 2027
    is '[.days[] | .day + " " + (.working | tostring) + " " + (.note // "")] | join(";")' '2027-01-01 false 元旦, "新年";2027-01-02 true '
    echo '[{"day": "2027-02-05", "note": "春节"}, {"day": "2027-02-06", "working": false}]' >"$file"
    json admin calendar import "$file"
    is .days 2
    as admin calendar import - <<<$'day\n2027-02-07'
    ok
    # Nothing of what is wrong anywhere.
    printf 'day,working\n2027-05-01,false\n2027-05-32,false\n' >"$file"
    refused $INVALID_ARGUMENT 'days[1].day' admin calendar import "$file"
    printf 'day,working\n2027-05-01,false\n2027-05-02,maybe\n' >"$file"
    refused $INVALID_ARGUMENT 'line 3, working' admin calendar import "$file"
    printf 'date,working\n2027-05-01,false\n' >"$file"
    refused $INVALID_ARGUMENT 'there is no column "date"; line 1 names some of: day, working, note' admin calendar import "$file"
    printf 'day\n2027-05-01,false\n' >"$file"
    refused $INVALID_ARGUMENT 'line 2 has more cells' admin calendar import "$file"
    printf 'day,note\n2027-05-01,"open\n' >"$file"
    refused $INVALID_ARGUMENT 'no line of CSV' admin calendar import "$file"
    printf 'day\n2027-05-01\n2027-05-01\n' >"$file"
    refused $INVALID_ARGUMENT 'the day 2027-05-01 is there twice' admin calendar import "$file"
    echo '[{"day": "2027-05-01", "work": true}]' >"$file"
    refused $INVALID_ARGUMENT work admin calendar import "$file"
    printf 'day\n2027-05-01\0' >"$file"
    refused $INVALID_ARGUMENT '' admin calendar import "$file"
    printf 'day\n' >"$file"
    refused $INVALID_ARGUMENT 'is needed' admin calendar import "$file"
    { echo day; for i in {1..501}; do date -d "2030-01-01 +$i days" +%F; done; } >"$file"
    refused $INVALID_ARGUMENT 'at most 500' admin calendar import "$file"
    refused $PERMISSION_DENIED company.manage sales calendar import - <<<$'day\n2027-05-01'
    json sales calendar list --year 2027
    is '.days | length' 5
    is '[.days[] | select(.day | startswith("2027-05"))] | length' 0
}
