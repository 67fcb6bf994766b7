#!/usr/bin/env bats
# Lists of words, and deals that are tagged with them.

load ../helper

@test "choice set, list: a list's codes in their order" {
    json sales choice list intent
    is '[.choices[] | .code + " " + .label + " " + .tag] | join(",")' 'high 高 intent=high,medium 中 intent=medium,low 低 intent=low'
    json admin choice set need robots --label 机器人
    is '.list + " " + .code + " " + .label + " " + (.position | tostring) + " " + (.active | tostring)' 'need robots 机器人 1 true'
    as admin choice set need vision --label 视觉检测 --position 0
    ok
    json sales choice list need
    is '[.choices[].code] | join(",")' 'vision,robots'
    json admin choice set need vision --retire
    is .active false
    json admin choice set need vision --restore
    is '.active and .label == "视觉检测"' true
    json sales choice list intent --page-size 2
    json sales choice list intent --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.choices[0].tag' intent=low
    json sales choice list --all
    is '.choices | length' 24
    json beta-vendor choice list need
    is '.choices | length' 0
}

@test "choice list-set, lists: lists of one's own" {
    json admin choice list-set region --title 区域 --each one --codes listed
    is '.list + " " + .title + " " + (.single | tostring) + " " + (.closed | tostring)' 'region 区域 true true'
    json admin choice list-set region --title 大区
    is '.single and .closed' true
    json sales choice lists
    is '[.lists[].list] | join(",")' 'competitor,customer_type,industry,intent,lost_reason,need,region,source'
    refused $NOT_FOUND '' gamma-sales deal show 999999
    json gamma-sales choice lists
    is '[.lists[].list] | contains(["region"])' false
}

@test "choice set: denied and malformed" {
    local who
    for who in operator manager sales auditor beta-vendor; do
        refused $PERMISSION_DENIED choice.manage $who choice set need x --label X
        refused $PERMISSION_DENIED choice.manage $who choice list-set more --title More
    done
    refused $INVALID_ARGUMENT 'there is no list nowhere' admin choice set nowhere x --label X
    refused $INVALID_ARGUMENT 'needs a label' admin choice set need fresh
    refused $INVALID_ARGUMENT 'needs a title' admin choice list-set fresh
    refused $INVALID_ARGUMENT code admin choice set need '高' --label X
    refused $INVALID_ARGUMENT code admin choice set need "$(printf 'x%.0s' {1..41})" --label X
    refused $INVALID_ARGUMENT label admin choice set need x --label "$(printf '标%.0s' {1..101})"
    refused $INVALID_ARGUMENT label admin choice set need x --label ''
    refused $INVALID_ARGUMENT position admin choice set need x --label X --position -1
    refused $INVALID_ARGUMENT 'at most one of' admin choice set need x --label X --retire --restore
    refused $INVALID_ARGUMENT each admin choice list-set region --each two
    refused $INVALID_ARGUMENT 'there is no list nowhere' sales choice list nowhere
}

@test "deal tag, show, list --tag: tags are given, taken, shown and found" {
    local one two shared
    one=$(new_deal sales)
    two=$(new_deal sales)
    shared=$(new_deal sales --vendor beta)
    as sales deal tag "$one" intent=low need=arms
    ok
    json sales deal tag "$one" intent=high
    is .id "$one"
    is '[.tags[] | .list + "=" + .code] | join(",")' intent=high,need=arms
    json sales deal show "$one"
    is '[.tags[] | .list + "=" + .code + " " + (.label // "-") + " " + (.internal | tostring)] | join(",")' \
        'intent=high 高 true,need=arms - true'
    as sales deal tag "$two" intent=medium need=arms
    ok
    as sales deal tag "$shared" intent=high
    ok
    json sales deal list --tag intent=high
    is '[.deals[].id] | join(",")' "$shared,$one"
    json sales deal list --tag intent=high --tag need=arms
    is '[.deals[].id] | join(",")' "$one"
    json manager deal list --tag intent=high --tag intent=medium --tag need=arms
    is '[.deals[].id] | join(",")' "$two,$one"
    json admin deal list --tag intent=high --tag intent=medium --page-size 2
    is '[.deals[].id] | join(",")' "$shared,$two"
    json admin deal list --tag intent=high --tag intent=medium --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.deals[].id] | join(",")' "$one"
    is .next_page_token null
    json admin deal list --tag intent=high --stage new --owner sales@acme.example --search "Deal of sales"
    is '[.deals[].id] | join(",")' "$shared,$one"
    json admin deal list --tag intent=high --owner peer@acme.example
    is '.deals | length' 0
    # Inside, unless it is said otherwise.
    json beta-vendor deal show "$shared"
    is '.tags | length' 0
    json beta-vendor deal list --tag intent=high
    is '.deals | length' 0
    as sales deal tag "$shared" intent=high --shared
    ok
    json beta-vendor deal show "$shared"
    is '.tags[0].label' 高
    json beta-vendor deal list --tag intent=high
    is '[.deals[].id] | join(",")' "$shared"
    as sales deal tag "$one" --remove need=arms
    ok
    json sales deal show "$one"
    is '[.tags[].list] | join(",")' intent
    json admin audit list --object tag --id "3/$one/need"
    is '[.entries[].action] | join(",")' 'delete,insert'
    as gamma-sales deal list --tag intent=high
    ok
    refused $NOT_FOUND "deal $one" peer deal tag "$one" intent=low
    refused $NOT_FOUND "deal $one" gamma-sales deal tag "$one" intent=low
    refused $PERMISSION_DENIED 'not tag it' beta-vendor deal tag "$shared" intent=low
    refused $PERMISSION_DENIED deal.update auditor deal tag "$one" intent=low
}

@test "deal tag: malformed" {
    local id
    id=$(new_deal sales)
    refused $INVALID_ARGUMENT tags sales deal tag "$id" intent
    refused $INVALID_ARGUMENT tags sales deal tag "$id" 'intent=高'
    refused $INVALID_ARGUMENT tags sales deal tag "$id" "need='; DROP TABLE tag"
    refused $INVALID_ARGUMENT 'the list intent has no code huge; its codes are high, medium, low' sales deal tag "$id" intent=huge
    refused $INVALID_ARGUMENT 'there is no list colour' sales deal tag "$id" colour=red
    refused $INVALID_ARGUMENT 'of the list intent one code' sales deal tag "$id" intent=high intent=low
    refused $INVALID_ARGUMENT 'at least one of' sales deal tag "$id"
    refused $NOT_FOUND 'has no tag intent=low' sales deal tag "$id" --remove intent=low
    refused $INVALID_ARGUMENT 'at most one of' sales deal tag "$id" intent=low --shared --internal
    refused $NOT_FOUND 'deal 999999' sales deal tag 999999 intent=low
    refused $INVALID_ARGUMENT 'the list intent has no code huge' sales deal list --tag intent=huge
    refused $INVALID_ARGUMENT 'there is no list colour' sales deal list --tag colour=red
    refused $INVALID_ARGUMENT 'a list and one of its codes' sales deal list --tag red
    # A retired code is given to nothing else.
    as admin choice set need old --label 旧
    ok
    as sales deal tag "$id" need=old
    ok
    as admin choice set need old --retire
    ok
    json sales deal show "$id"
    is '.tags[0].label' 旧
    refused $FAILED_PRECONDITION 'is retired' sales deal tag "$(new_deal sales)" need=old
}

@test "deal tag: of a list that is single there is one, also where two tag at once" {
    local id
    id=$(new_deal sales)
    for _ in 1 2 3 4; do
        "$JIAYI" --profile sales deal tag "$id" intent=high >/dev/null &
        "$JIAYI" --profile admin deal tag "$id" intent=low >/dev/null &
    done
    wait
    [ "$(sql "SELECT count(*) FROM jiayi.tag WHERE on_id = $id AND list = 'intent'")" = 1 ] || complain "there are others"
}
