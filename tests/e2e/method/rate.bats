#!/usr/bin/env bats
# Rates of exchange.

load ../helper

@test "rate set, list, convert: the rate of the day" {
    json admin rate set usd CNY 7.1 --date 2026-11-02 --source 'PBoC 中国人民银行'
    is '.from + .to + " " + .rate + " " + .day + " " + .source + " " + .member' 'USDCNY 7.1 2026-11-02 PBoC 中国人民银行 admin@acme.example'
    as admin rate set USD CNY 7.2 --date 2026-11-02
    ok
    as admin rate set EUR CNY 8 --date 2026/11/01
    ok
    json sales rate list
    is '[.rates[] | .day + .from + .rate] | join(",")' '2026-11-02USD7.2,2026-11-02USD7.1,2026-11-01EUR8'
    json sales rate list --page-size 1
    json sales rate list --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.rates[0].rate' 7.1
    json sales rate list --from EUR --to CNY
    is '.rates | length' 1
    json sales rate list --since 2026-11-03
    is '.rates | length' 0
    json beta-vendor rate list
    is '.rates | length' 0
    json sales rate convert --amount 100 --currency USD CNY --date 2026-11-02
    is '.converted.amount + " " + .converted.currency + " " + .rate_day' '720.00 CNY 2026-11-02'
    json sales rate convert --amount 100 --currency CNY USD --date 2026-11-03
    is '.converted.amount + " " + .converted.currency + " " + .rate_day' '13.89 USD 2026-11-02'
    json sales rate convert --amount 100 --currency USD EUR --date 2026-11-02
    is '.converted.amount + " " + .rate_day' '90.00 2026-11-01'
    json sales rate convert --amount 100 --currency USD USD
    is '.converted.amount + " " + (.rate_day // "")' '100.00 '
    refused $FAILED_PRECONDITION 'no rate USD→CNY for 2026-01-01; give one: jiayi --profile sales rate set USD CNY RATE --date 2026-01-01' \
        sales rate convert --amount 1 --currency USD CNY --date 2026-01-01
}

@test "rate set: denied and malformed" {
    local who
    for who in operator manager sales auditor beta-vendor; do
        refused $PERMISSION_DENIED rate.manage $who rate set USD CNY 7
    done
    refused $PERMISSION_DENIED rate.read operator rate list
    for rate in 0 -1 abc 1e3 7. 1234567890 7.1234567890123; do
        refused $INVALID_ARGUMENT rate admin rate set USD CNY -- "$rate"
    done
    refused $INVALID_ARGUMENT 'at most 12 digits' admin rate set USD CNY 123456789.1234
    refused $INVALID_ARGUMENT from admin rate set DOLLAR CNY 7
    refused $INVALID_ARGUMENT 'unknown currency' admin rate set XYZ CNY 7
    refused $INVALID_ARGUMENT 'between two currencies' admin rate set USD USD 1
    refused $INVALID_ARGUMENT date admin rate set USD CNY 7 --date 2026-02-30
    refused $INVALID_ARGUMENT source admin rate set USD CNY 7 --source "$(printf 'x%.0s' {1..101})"
    refused $FAILED_PRECONDITION 'rates are given for days until tomorrow' admin rate set USD CNY 7 --date 2999-01-01
    refused $INVALID_ARGUMENT 'USD has 2 decimals' sales rate convert --amount 1.234 --currency USD CNY
    refused $INVALID_ARGUMENT since sales rate list --since someday
}
