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

# person ADDRESS NAME: one more salesperson of acme.
person() {
    "$JIAYI" --profile admin member add "$1@acme.example" --name "$2" --role salesperson \
        --manager manager@acme.example >/dev/null
}

@test "case 47: a person is named where only one has the name" {
    person zhang1 张伟
    person hoxha 'Arben Hoxha'
    json sales deal create 'Of Arben' --customer C
    local id
    id=$(jq -r .id <<<"$output")
    json manager deal assign "$id" 'arben hoxha'
    is .owner hoxha@acme.example
    [ "$stderr" = 'understood: hoxha@acme.example' ] || complain "not shown as understood"
    json manager deal list --owner 'Arben Hoxha'
    is '.deals | length' 1
    [ "$stderr" = 'understood: --owner hoxha@acme.example' ] || complain "not shown as understood"
    json manager deal create 'Of Zhang' --customer C --owner 张伟
    is .owner zhang1@acme.example
}

@test "case 47: of several with one name, their addresses are given to choose from" {
    local before
    person zhang2 张伟
    before=$(changes)
    refused $USAGE '--owner: several are called 张伟; give one of these: zhang1@acme.example, zhang2@acme.example' \
        manager deal create 'Whose' --customer C --owner 张伟
    [ "$(changes)" = "$before" ]
    # Who was removed is meant no more.
    as admin member remove zhang2@acme.example
    ok
    json manager deal create 'Of Zhang' --customer C --owner 张伟
    is .owner zhang1@acme.example
}

@test "case 47: a name that nobody has, or nobody that one sees, is none" {
    refused $INVALID_ARGUMENT owner sales deal list --owner 'No Body'
    refused $INVALID_ARGUMENT owner beta-vendor deal list --owner 'Arben Hoxha'
    refused $INVALID_ARGUMENT owner gamma-sales deal list --owner 张伟
}
