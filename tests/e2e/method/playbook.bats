#!/usr/bin/env bats
# Playbooks: what to do and say at which stage with which kind of customer, what came of it, and what deals teach.

load ../helper

setup() {
    [ -z "${SHARED:-}" ] || world_again "$SHARED" >&2
    printf '## 价格异议\n\n先问：跟谁比？\n' >"$BATS_TEST_TMPDIR/play.md"
    printf '# They wanted it by June\n\nAsk for the date first.\n' >"$BATS_TEST_TMPDIR/lesson.md"
}

# write CODE ARG…: a play of that code.
write() {
    as admin play write "$1" --title "Play $1" --file "$BATS_TEST_TMPDIR/play.md" "${@:2}"
    ok
}

# closed STAGE [PLAY]: a deal that came through quoted, on which the play was used, and ended in that stage.
closed() {
    local deal
    deal=$("$JIAYI" --profile sales -o json deal create T --customer C --amount 5 --currency CNY | jq -r .id)
    "$JIAYI" --profile sales -o json deal move "$deal" quoted >/dev/null
    [ -z "${2:-}" ] || "$JIAYI" --profile sales -o json deal log "$deal" --kind call --text x --play "$2" >/dev/null
    if [ "$1" = lost ]; then
        "$JIAYI" --profile sales -o json deal move "$deal" lost --lost-reason price --reason x --yes --force >/dev/null
    else
        "$JIAYI" --profile sales -o json deal move "$deal" "$1" --yes --force >/dev/null
    fi
}

@test "play write, show, list, retire: texts in versions, each there for good" {
    json admin play write price-talk --kind script --title '价格异议应对' --stage 已报价 --type 反复比价 --sign '能不能便宜点' \
        --sign '别家更低' --file "$BATS_TEST_TMPDIR/play.md"
    is '[.code, .kind, .title, .customer_type, .customer_type_label, .stage, .version, .author] | join(" | ")' \
        'price-talk | script | 价格异议应对 | price_comparer | 反复比价 | quoted | 1 | admin@acme.example'
    json sales play show price-talk
    is '[.body, (.signs | join(",")), .uses, .closed, .won_share] | map(. // "-") | join(" | ")' \
        $'## 价格异议\n\n先问：跟谁比？\n | 能不能便宜点,别家更低 | 0 | 0 | -'
    is .sha256 "$(sha256sum "$BATS_TEST_TMPDIR/play.md" | cut -d' ' -f1)"
    refused $ALREADY_EXISTS 'there is a play price-talk already, at version 1' admin play write price-talk --title X --file "$BATS_TEST_TMPDIR/play.md"
    echo '先问预算。' >"$BATS_TEST_TMPDIR/play.md"
    json admin play write price-talk --file "$BATS_TEST_TMPDIR/play.md" --version 1
    is '[.title, .version] | join(" ")' '价格异议应对 2'
    refused $ABORTED 'is at version 2 by now, not 1' admin play write price-talk --title X --version 1
    json admin play write price-talk --title 'Price' --version 2
    json sales play show price-talk
    is '[.title, .body, .version] | join(" | ")' $'Price | 先问预算。\n | 3'
    [ "$(sql "SELECT string_agg(version::text, ',' ORDER BY version) FROM jiayi.revision WHERE on_kind = 19")" = 1,2 ]
    write other
    write visit --stage new --type hesitant --kind question_map
    json sales play list
    is '[.plays[] | .code] | join(",")' 'other,price-talk,visit'
    json sales play list --stage 新线索
    is '[.plays[] | .code] | join(",")' visit
    json sales play list --type price_comparer --kind script
    is '[.plays[] | .code] | join(",")' price-talk
    json sales play list --page-size 1
    json sales play list --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.plays[] | .code] | join(",")' price-talk
    # Scripts of a stage stand with it.
    json sales stage show quoted
    is '.scripts[] | [.code, .title, .customer_type] | join(" ")' 'price-talk Price price_comparer'
    json admin play retire price-talk
    is .retired true
    json sales play list
    is '[.plays[] | .code] | join(",")' 'other,visit'
    json sales play list --retired
    is '[.plays[] | .code] | join(",")' 'other,price-talk,visit'
    refused $NOT_FOUND 'there is no play price-talk' sales deal log "$(new_deal sales)" --kind call --text x --play price-talk
    json admin play write price-talk --title Again --version 4
    is '.retired // false' false
    json admin audit list --object playbook --id price-talk
    is '[.entries[] | .action] | unique | join(",")' 'insert,update'
    as sales play show price-talk
    ok
    says 先问预算。
}

@test "play write: what is wrong, and who may" {
    local file=$BATS_TEST_TMPDIR/play.md
    refused $INVALID_ARGUMENT code admin play write 'No Code' --title X --file "$file"
    refused $INVALID_ARGUMENT 'needs a title' admin play write x --file "$file"
    refused $INVALID_ARGUMENT 'needs a text' admin play write x --title X
    refused $INVALID_ARGUMENT title admin play write x --title "$(printf 'x%.0s' {1..201})" --file "$file"
    refused $INVALID_ARGUMENT kind admin play write x --title X --kind lesson --file "$file"
    refused $INVALID_ARGUMENT 'no type of customer nobody; the types are budget_no_authority' admin play write x --title X --type nobody --file "$file"
    refused $NOT_FOUND 'there is no stage nowhere' admin play write x --title X --stage nowhere --file "$file"
    refused $NOT_FOUND 'there is no play x' admin play write x --title X --version 1
    refused $INVALID_ARGUMENT '' admin play write x --title X --shared --own --file "$file"
    refused $NOT_FOUND 'there is no play x' admin play retire x
    refused $NOT_FOUND 'there is no play x' sales play show x
    head -c 100001 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long.md"
    refused $INVALID_ARGUMENT file admin play write x --title X --file "$BATS_TEST_TMPDIR/long.md"
    refused $PERMISSION_DENIED playbook.manage sales play write x --title X --file "$file"
    refused $PERMISSION_DENIED playbook.manage sales play retire x
    write ours
    refused $PERMISSION_DENIED 'may see play ours but not change it' manager play write ours --title X --version 1
    refused $PERMISSION_DENIED 'may see play ours but not change it' manager play retire ours
    json manager play write mine --title "'; DROP TABLE playbook; --" --file "$file"
    is .title "'; DROP TABLE playbook; --"
    json admin play write mine --title Better --version 1
    is .version 2
    refused $NOT_FOUND 'there is no play ours' gamma-sales play show ours
    json gamma-sales play list
    is '.plays // [] | length' 0
}

@test "play suggest, deal log --play: what fits the stage and the customer, and what came of it" {
    local deal file=$BATS_TEST_TMPDIR/play.md
    write any
    write stage --stage quoted
    write type --type hesitant
    write both --stage quoted --type hesitant
    write both-better --stage quoted --type hesitant
    write elsewhere --stage deciding
    write other-type --type busy
    deal=$(new_deal sales)
    json sales play suggest "$deal"
    is '[.plays[] | .code] | join(",")' any
    as sales deal move "$deal" quoted
    ok
    as sales deal tag "$deal" customer_type=hesitant
    ok
    json sales play suggest "$deal"
    is '[.plays[] | .code] | join(",")' 'both,both-better,stage,type,any'
    for _ in 1 2 3 4; do
        closed won both-better
    done
    closed lost
    json sales play show both-better
    is '[.uses, .closed, .won_share] | map(. // "-") | join(" ")' '4 4 -'
    closed lost both-better
    json sales play show both-better
    is '[.uses, .closed, .won_share, .base_share] | map(. // "-") | join(" ")' '5 5 0.8 0.6667'
    json sales play suggest "$deal"
    is '[.plays[] | "\(.code) \(.won_share // "-") \(.base_share // "-")"] | join(",")' 'both-better 0.8 0.6667,both - -,stage - -,type - -,any - -'
    json sales deal log "$deal" --kind call --text 'used it' --play both
    is .play both
    json sales deal show "$deal"
    is '.activities[0].play' both
    refused $NOT_FOUND 'there is no play nothing' sales deal log "$deal" --kind call --text x --play nothing
    refused $NOT_FOUND 'there is no deal 999999999' sales play suggest 999999999
    refused $NOT_FOUND "there is no deal $deal" peer play suggest "$deal"
    as sales play suggest "$deal"
    ok
}

@test "lesson add: what a deal teaches that was won or lost" {
    local deal
    deal=$("$JIAYI" --profile sales -o json deal create T --customer C --amount 5 --currency CNY | jq -r .id)
    as sales deal tag "$deal" customer_type=busy
    ok
    refused $FAILED_PRECONDITION "deal $deal is open" manager lesson add "$deal" --file "$BATS_TEST_TMPDIR/lesson.md"
    as sales deal move "$deal" deciding
    ok
    as sales deal move "$deal" lost --lost-reason timing --reason 'too late' --yes
    ok
    refused $PERMISSION_DENIED playbook.manage sales lesson add "$deal" --file "$BATS_TEST_TMPDIR/lesson.md"
    json manager lesson add "$deal" --file "$BATS_TEST_TMPDIR/lesson.md"
    is '[.code, .kind, .title, .outcome, .stage, .customer_type, .deal_id] | map(tostring) | join(" | ")' \
        "lesson-$deal | lesson | They wanted it by June | lost | deciding | busy | $deal"
    refused $ALREADY_EXISTS "lesson of deal $deal already" manager lesson add "$deal" --file "$BATS_TEST_TMPDIR/lesson.md"
    refused $INVALID_ARGUMENT 'stays one' manager play write "lesson-$deal" --kind play --version 1
    json manager play write "lesson-$deal" --title 'Ask for the date' --version 1
    json junior play list --kind lesson
    is '[.plays[] | .title] | join(",")' 'Ask for the date'
    refused $NOT_FOUND 'there is no deal 999999999' manager lesson add 999999999 --file "$BATS_TEST_TMPDIR/lesson.md"
    refused $INVALID_ARGUMENT 'no type of customer' manager lesson add "$deal" --type x --file "$BATS_TEST_TMPDIR/lesson.md"
    # A deal alike has it suggested.
    deal=$(new_deal junior)
    as junior deal tag "$deal" customer_type=busy
    ok
    as junior deal move "$deal" deciding
    ok
    json junior play suggest "$deal"
    is '[.plays[] | .title] | join(",")' 'Ask for the date'
}

@test "plays that are shared: partners read what counts, use it, and see nothing else" {
    local deal
    write secret --stage quoted
    write ours --stage quoted --shared
    as sales comment add "playbook/$(sql "SELECT id FROM jiayi.playbook WHERE code = 'ours'")" --text 'we know why'
    ok
    json beta-vendor play list --company acme
    is '[.plays[] | "\(.code) \(.company) \(.author // "-")"] | join(",")' 'ours acme -'
    json beta-vendor play show ours --company acme
    is '[.title, .uses] | map(. // "-") | join(" ")' 'Play ours -'
    refused $NOT_FOUND 'there is no play secret' beta-vendor play show secret --company acme
    refused $NOT_FOUND 'there is no play ours' beta-vendor play show ours
    refused $NOT_FOUND 'is no partner of yours' beta-vendor play list --company nobody
    deal=$(new_deal sales --vendor beta)
    as sales deal move "$deal" quoted
    ok
    json beta-vendor play suggest "$deal"
    is '[.plays[] | "\(.code) \(.company)"] | join(",")' 'ours acme'
    json beta-vendor deal log "$deal" --kind call --text x --play ours
    is .play ours
    refused $NOT_FOUND 'there is no play secret' beta-vendor deal log "$deal" --kind call --text x --play secret
    json sales play show ours
    is .uses 1
    # What the principal's people used and did not share is not told.
    as sales deal log "$deal" --kind call --text y --play secret
    ok
    json beta-vendor deal log-list "$deal"
    is '[.activities[] | .play // "-"] | join(",")' '-,ours'
    as admin play write ours --own --version 1
    ok
    json beta-vendor play list --company acme
    is '.plays // [] | length' 0
    as admin play write ours --shared --version 2
    ok
    as admin partner suspend beta
    ok
    refused $FAILED_PRECONDITION 'not active' beta-vendor play list --company acme
}
