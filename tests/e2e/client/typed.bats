#!/usr/bin/env bats
# What people type is understood, in three languages, and shown as understood; what programs send is taken as it is.

load ../helper

# understood TEXT: the last command worked, and said so.
understood() {
    ok
    [ "$stderr" = "understood: $1" ] || complain "does not say what it understood"
}

@test "case 40: dates as people write them" {
    local deal typed tomorrow
    deal=$(new_deal sales)
    tomorrow=$(date -d tomorrow +%F)
    for typed in tomorrow 明天 nesër Tomorrow "$(date -d tomorrow +%m-%d)" "$(date -d tomorrow +%Y/%m/%d)" \
        "$(date -d tomorrow +%-m月%-d日)" "$(date -d tomorrow +%d.%m.%Y)"; do
        as sales -o json deal log "$deal" --kind note --text "$typed" --next call --due "$typed"
        understood "--due $tomorrow"
        is .due "$tomorrow"
    done
    as sales -o json deal log "$deal" --kind note --text x --next call --due "$tomorrow"
    ok
    [ -z "$stderr" ] || complain "there was nothing to understand"
}

@test "case 40: periods as people say them" {
    local typed i=0
    for typed in today 今天 sot; do
        i=$((i + 1))
        run --separate-stderr "$JIAYI" --profile sales -o json report submit --kind daily --period "$typed" --to acme \
            --title "Report $typed" --file - <<<"Text $typed"
        understood "--period $(date +%F)"
        is .period "$(date +%F)"
    done
    for typed in this-week 本周 'këtë javë' "W$(date +%V)"; do
        run --separate-stderr "$JIAYI" --profile sales -o json report submit --kind weekly --period "$typed" --to acme \
            --title "Report $typed" --file - <<<"Text $typed"
        understood "--period $(date +%G-W%V)"
        is .period "$(date +%G-W%V)"
    done
}

@test "case 40: me" {
    new_deal sales
    local typed
    for typed in me 我 unë; do
        as sales -o json deal list --owner "$typed"
        understood '--owner sales@acme.example'
        is '[.deals[].owner] | unique | join(" ")' sales@acme.example
    done
}

@test "case 40: amounts and currencies" {
    local typed
    for typed in 3,500,000 350万 '3 500 000' 3.5m 3.500.000; do
        as sales -o json deal create "Deal $typed" --customer C --amount "$typed" --currency cny
        understood '--amount 3500000 --currency CNY'
        is .amount.amount 3500000.00
        is .amount.currency CNY
    done
}

@test "case 40: stages by their titles, in capitals or not" {
    local deal typed
    for typed in Quoted 已报价 QUOTED; do
        deal=$(new_deal sales)
        as sales -o json deal move "#$deal" "$typed"
        understood "$deal quoted"
        is .stage quoted
    done
}

@test "case 40: what is not understood is refused as before, and a program's request is taken as it is" {
    local deal
    deal=$(new_deal sales)
    refused $INVALID_ARGUMENT due sales deal log "$deal" --kind call --text x --next y --due someday
    refused $INVALID_ARGUMENT currency sales api call DealService/CreateDeal \
        '{"title": "T", "customer": "C", "amount": {"amount": "5", "currency": "cny"}}'
}

@test "case 40: shown as understood in the reader's language" {
    run --separate-stderr env LC_ALL=zh_CN.UTF-8 "$JIAYI" --profile sales deal list --owner 我
    [ "$stderr" = '已理解为：--owner sales@acme.example' ] || complain "not in Chinese"
    run --separate-stderr env LC_ALL=sq_AL.UTF-8 "$JIAYI" --profile sales deal list --owner unë
    [ "$stderr" = 'u kuptua: --owner sales@acme.example' ] || complain "not in Albanian"
}
