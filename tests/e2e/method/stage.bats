#!/usr/bin/env bats
# Stages: a company's own pipeline, what has to be done before a deal goes on, and what becomes of that.

# The commands have a word that is bash's, too.
# shellcheck disable=SC1010

load ../helper

# Each test has the pipeline as it was made.
setup() {
    [ -z "${SHARED:-}" ] || world_again "$SHARED" >&2
}

# checklist CODE [LINE…]: a checklist for stages with these points.
checklist() {
    printf '%s\n' 'title,required,days,side,criterion' "${@:2}" >"$BATS_TEST_TMPDIR/points.csv"
    as admin checklist define "$1" --name "$1" --purpose stage --items "$BATS_TEST_TMPDIR/points.csv"
    ok
}

# A stage that comes after contacted, with such a checklist: stage_with NAME LINE…
stage_with() {
    checklist "$1-points" "${@:2}"
    json admin stage define "$1" --title "$1" --after contacted --checklist "$1-points"
    is '.items | length' $(($# - 1))
}

# The tasks of a deal as who sees them: tasks_on PROFILE DEAL gives "TITLE STATE" in the order of their numbers.
tasks_on() {
    local state
    for state in open done cancelled; do
        "$JIAYI" --profile "$1" -o json task list --on "deal/$2" --state $state | jq -c '.tasks[]?'
    done | jq -rs 'sort_by(.id) | map("\(.title) \(.state)") | join(", ")'
}

# The number of the task of that title on a deal.
task_called() {
    "$JIAYI" --profile sales -o json task list --on "deal/$1" | jq -er --arg t "$2" '.tasks[] | select(.title == $t) | .id'
}

@test "stage list, show: what a new company begins with helps, and holds up nobody" {
    local deal
    json sales stage list
    is '[.stages[] | "\(.name) \(.title) \(.probability) \(.max_days // "-")"] | join(", ")' \
        'new 新线索 10 3, contacted 已联系 20 7, quoted 已报价 40 14, negotiating 商务谈判 60 21, deciding 客户决策 80 14, won 赢单 100 -, lost 丢单 0 -'
    json sales stage show 已报价
    is '[.name, .goal, .checklist, .outcome, .version] | join(" | ")' 'quoted | 让客户评估书面报价。 | quoted | open | 1'
    is '[.items[] | "\(.title) \(.required // "-") \(.criterion // "-")"] | join(", ")' \
        '发送书面报价并一起过一遍 - -, 客户对报价有明确反馈 - true'
    deal=$("$JIAYI" --profile sales -o json deal create T --customer C --amount 5 --currency CNY | jq -r .id)
    for stage in contacted quoted negotiating deciding won; do
        as sales deal move "$deal" $stage --yes
        ok
    done
    [ -z "$(tasks_on sales "$deal")" ]
    refused $NOT_FOUND 'there is no stage nowhere; the stages are new, contacted' sales stage show nowhere
    refused $PERMISSION_DENIED stage.read operator stage list
}

@test "stage list at 80 columns, in three languages" {
    local command
    for language in zh_CN.UTF-8 en_US.UTF-8 sq_AL.UTF-8; do
        printf -v command '%q ' env "LC_ALL=$language" PAGER=cat "$JIAYI" --profile sales stage list
        run env TERM=xterm SHELL=/bin/sh script -qec "stty cols 80; $command" /dev/null
        output=${output//$'\r'/}
        ok
        [ "$(wc -L <<<"$output")" -le 80 ] || complain "wider than the terminal"
    done
}

# begun COLUMN N: what a pipeline begins with, in a language.
begun() {
    sql "SELECT $1[$2] FROM jiayi.stage_begun()"
}

@test "stage list, show: what a pipeline begins with is read in the reader's language, what the company said in its own" {
    local n language word
    n=0
    for language in zh_CN.UTF-8 en_US.UTF-8 sq_AL.UTF-8; do
        n=$((n + 1))
        terminal 240 $language sales stage list
        while read -r word; do
            says "$word"
        done < <(begun titles $n; begun goals $n)
        terminal 80 $language sales stage show deciding
        says "$(begun titles $n | sed -n 5p)"
        says "$(begun goals $n | sed -n 5p)"
    done
    # Programs read what the company has.
    json sales stage show deciding
    is '.title' "$(sql "SELECT title FROM jiayi.stage AS s JOIN jiayi.company AS c ON c.id = s.company_id WHERE c.slug = 'acme' AND s.name = 'deciding'")"
    as admin stage update quoted --title '方案已递交' --goal '客户会看方案。' --force
    ok
    for language in zh_CN.UTF-8 en_US.UTF-8 sq_AL.UTF-8; do
        terminal 240 $language sales stage list
        says '方案已递交'
        says '客户会看方案。'
    done
}

# on_terminal PROFILE LANGUAGE WORDS…: what is read there, 80 columns wide.
on_terminal() {
    local command
    printf -v command '%q ' env "LC_ALL=$2" PAGER=cat "$JIAYI" --profile "$1" "${@:3}"
    run env TERM=xterm SHELL=/bin/sh script -qec "stty cols 80; $command" /dev/null
    output=${output//$'\r'/}
    ok
}

@test "case 40, 41: a stage is shown by the company's own words, else by those of the reader; who shares them reads them too" {
    local deal
    as admin stage define demo --title '现场演示' --after contacted
    ok
    deal=$(new_deal sales --vendor beta)
    as sales deal move "$deal" '现场演示'
    ok
    on_terminal sales sq_AL.UTF-8 deal show "$deal"
    says '现场演示 <demo>'
    on_terminal sales sq_AL.UTF-8 deal history "$deal"
    says '现场演示'
    says 'i ri'
    on_terminal beta-vendor en_US.UTF-8 deal list
    says '现场演示'
    on_terminal sales zh_CN.UTF-8 deal list --stage 现场演示
    says '现场演示'
    # Another company's stage of that code has other words, and programs read the code.
    as beta-admin stage define demo --title 'Ours'
    ok
    on_terminal beta-vendor en_US.UTF-8 deal show "$deal"
    says '现场演示 <demo>'
    as admin stage update quoted --title 'Offer made'
    ok
    as sales deal move "$deal" quoted --force
    ok
    on_terminal sales zh_CN.UTF-8 deal list
    says 'Offer made'
    json sales deal show "$deal"
    is .stage quoted
    json beta-vendor stage list --company acme
    is '.stages[] | select(.own_title) | [.name, .own_title] | join(" ")' $'demo 现场演示\nquoted Offer made'
    api beta-vendor StageService/ListStages '{"names": ["demo"]}'
    is '[.stages[] | "\(.company) \(.title)"] | sort | join(", ")' 'acme 现场演示, beta Ours'
}

@test "stage define, update, order: a pipeline in the company's own words" {
    json admin stage define demo --title '演示' --goal 'Show it at work.' --after contacted --max-days 10 --probability 30
    is '[.name, .title, .goal, .max_days, .probability, .outcome, .position, .version] | join(" ")' 'demo 演示 Show it at work. 10 30 open 3 1'
    json sales stage list
    is '[.stages[] | .name] | join(",")' 'new,contacted,demo,quoted,negotiating,deciding,won,lost'
    json admin stage define signed --title Signed --outcome won
    is '.position' 9
    json admin stage define pilot --title Pilot
    json sales stage list
    is '[.stages[] | .name] | join(",")' 'new,contacted,demo,quoted,negotiating,deciding,pilot,won,lost,signed'

    # Codes and titles are one another's names, however they are written.
    refused $ALREADY_EXISTS 'stage demo already' admin stage define demo --title Other
    refused $ALREADY_EXISTS 'stage demo is called so' admin stage define show --title 'DEMO'
    refused $ALREADY_EXISTS 'stage demo is called so' admin stage define show --title '演 示'
    refused $ALREADY_EXISTS 'stage pilot is called so' admin stage update demo --title 'ｐｉｌｏｔ'
    refused $ALREADY_EXISTS 'stage pilot is called so' admin stage define pi-lot --title Whatever

    json admin stage update 演示 --title 'Demo at work' --goal 'Seen it.' --requires amount --min-touches 2 --version 1
    is '.items // [] | length' 0
    is '[.title, .goal, (.requires | join(",")), .min_touches, .version] | join(" | ")' 'Demo at work | Seen it. | amount | 2 | 2'
    refused $ABORTED 'is at version 2 by now, not 1' admin stage update demo --title X --version 1
    json admin stage update demo --clear goal --clear requires --clear min_touches --clear probability --clear max_days
    is '[.goal, .requires[0], .min_touches, .probability, .max_days] | map(. // "-") | join(" ")' '- - - - -'
    json admin stage update demo --requires vendor --requires amount
    is '.requires | join(",")' 'vendor,amount'

    json admin stage order demo 已报价 new
    is '.stages | join(",")' 'demo,quoted,new,contacted,negotiating,deciding,pilot,won,lost,signed'
    refused $INVALID_ARGUMENT 'is there twice' admin stage order demo 'demo at work'
    json sales deal show "$(new_deal sales)"
    is .stage demo
    json admin audit list --object stage --id "$(sql "SELECT company_id || '/demo' FROM jiayi.stage WHERE name = 'demo'")"
    is '[.entries[] | .action] | unique | join(",")' 'insert,update'
}

@test "stage define, update, retire: what is wrong" {
    refused $INVALID_ARGUMENT name admin stage define 'Not a code' --title X
    refused $USAGE title admin stage define x
    refused $INVALID_ARGUMENT title admin stage define x --title "$(printf 'x%.0s' {1..101})"
    refused $INVALID_ARGUMENT goal admin stage define x --title X --goal "$(printf 'x%.0s' {1..501})"
    refused $INVALID_ARGUMENT probability admin stage define x --title X --probability 101
    refused $INVALID_ARGUMENT max-days admin stage define x --title X --max-days 0
    refused $INVALID_ARGUMENT min-touches admin stage define x --title X --min-touches 101
    refused $INVALID_ARGUMENT requires admin stage define x --title X --requires title
    refused $INVALID_ARGUMENT outcome admin stage define x --title X --outcome ended
    refused $NOT_FOUND 'no checklist none' admin stage define x --title X --checklist none
    refused $NOT_FOUND 'there is no stage none' admin stage define x --title X --after none
    printf 'title\nOne\n' >"$BATS_TEST_TMPDIR/points.csv"
    as admin checklist define handover --name Handover --purpose project --items "$BATS_TEST_TMPDIR/points.csv"
    ok
    refused $FAILED_PRECONDITION 'none for stages' admin stage define x --title X --checklist handover
    refused $NOT_FOUND 'there is no stage x' admin stage update x --title X
    refused $INVALID_ARGUMENT 'give at least one' admin stage update quoted
    refused $NOT_FOUND 'there is no stage x' admin stage retire x --yes
    refused $NOT_FOUND 'there is no stage x' admin stage order x
    refused $PERMISSION_DENIED stage.manage manager stage define x --title X
    refused $PERMISSION_DENIED stage.manage manager stage update quoted --title X
    refused $PERMISSION_DENIED stage.manage manager stage order quoted
    refused $PERMISSION_DENIED stage.manage manager stage retire quoted --yes
    # Text that means to be more.
    json admin stage define odd --title "'); DROP TABLE stage; --" --goal '%s %d {0}'
    is '[.title, .goal] | join(" ")' "'); DROP TABLE stage; -- %s %d {0}"
}

@test "stage retire: nothing comes in, what is in it stays or moves" {
    local one two
    as admin stage define demo --title Demo --after contacted
    ok
    one=$("$JIAYI" --profile sales -o json deal create T --customer C --amount 5 --currency CNY | jq -r .id)
    two=$(new_deal junior)
    as sales deal move "$one" demo
    ok
    as junior deal move "$two" Demo
    ok
    json admin stage retire demo --yes
    is '[.stage, .moved, .remaining] | map(. // "-") | join(" ")' 'demo - 2'
    refused $FAILED_PRECONDITION 'Demo is retired; no deal comes into it' sales deal move "$(new_deal sales)" demo
    refused $FAILED_PRECONDITION 'is retired already' admin stage retire demo --yes
    json sales stage list
    is '[.stages[] | .name] | join(",")' 'new,contacted,quoted,negotiating,deciding,won,lost'
    json sales stage list --retired
    is '.stages[] | select(.retired) | .name' demo
    json sales deal show "$one"
    is .stage demo
    # On with it.
    refused $FAILED_PRECONDITION 'is none of these' admin stage retire demo --to won --yes
    refused $INVALID_ARGUMENT 'to another one' admin stage retire demo --to demo --yes
    json admin stage retire demo --to quoted --reason 'no demos any more' --yes
    is '[.stage, .moved, .remaining] | map(. // "-") | join(" ")' 'demo 2 -'
    json sales deal history "$one"
    is '.history[-1] | [.stage, .member, .reason] | join(" ")' 'quoted admin@acme.example no demos any more'
    json admin stage update demo --restore
    is '.retired // false' false
    as sales deal move "$one" demo --force
    ok
    # What a pipeline cannot do without.
    refused $FAILED_PRECONDITION 'new deals begin in stage' admin stage retire new --yes
    refused $FAILED_PRECONDITION 'won in no stage but' admin stage retire won --yes
    refused $FAILED_PRECONDITION 'lost in no stage but' admin stage retire lost --yes
    as admin stage define signed --title Signed --outcome won
    ok
    as admin stage retire won --yes
    ok
    refused $FAILED_PRECONDITION 'won in no stage but Signed' admin stage retire signed --yes
    json sales deal move "$one" Signed --yes
    is '[.stage, (.closed_at | type)] | join(" ")' 'signed string'
}

@test "deal move: what is required is done first, forward only; the rest is dropped when the deal goes on" {
    local deal
    stage_with demo 'Book the room,true,2,,' 'The customer was there,true,,,true' 'Send thanks,,5,,' 'To be read,,,,'
    deal=$(new_deal sales)
    as manager deal move "$deal" demo
    ok
    as sales deal show "$deal"
    ok
    [ "$(tasks_on sales "$deal")" = 'Book the room open, The customer was there open, Send thanks open' ]
    json sales task list --on "deal/$deal"
    is '[.tasks[] | "\(.kind) \(.checklist) \(.owner) \(.creator)"] | unique | join(", ")' \
        'check demo-points sales@acme.example sales@acme.example'
    is '[.tasks[] | select(.due != null)] | length' 2
    refused $FAILED_PRECONDITION 'cannot leave stage demo yet: to be done first: task/' sales deal move "$deal" quoted
    says_stderr 'Book the room; not met: task/'
    says_stderr 'The customer was there'
    refused $FAILED_PRECONDITION 'not met' sales deal move "$deal" won --yes
    # Back, and away, is free.
    json sales deal move "$deal" contacted
    [ "$(tasks_on sales "$deal")" = 'Book the room cancelled, The customer was there cancelled, Send thanks cancelled' ]
    # Each stay anew.
    json sales deal move "$deal" demo
    as sales task done "$(task_called "$deal" 'Book the room')"
    ok
    refused $FAILED_PRECONDITION 'yet: not met: task/' sales deal move "$deal" quoted
    # A criterion is met, not called off.
    as sales task cancel "$(task_called "$deal" 'The customer was there')" --reason 'nobody came'
    ok
    refused $FAILED_PRECONDITION 'yet: not met: task/' sales deal move "$deal" quoted
    id=$("$JIAYI" --profile sales -o json task list --on "deal/$deal" --state cancelled | jq -r '[.tasks[] | select(.title == "The customer was there") | .id | tonumber] | max')
    as sales task reopen "$id" --reason 'they came'
    ok
    as sales task done "$id"
    ok
    json sales deal move "$deal" quoted
    is .stage quoted
    json sales task list --on "deal/$deal"
    is '.tasks // [] | length' 0
    # Why it was dropped stands in its history.
    id=$("$JIAYI" --profile sales -o json task list --on "deal/$deal" --state cancelled | jq -r '[.tasks[] | select(.title == "Send thanks") | .id | tonumber] | max')
    json sales comment list "task/$id"
    is '.comments[0] | [.decision, .text] | join(" ")' 'cancelled 商机已离开该阶段。'
}

says_stderr() {
    [[ $stderr == *"$1"* ]] || complain "does not say $1: $stderr"
}

@test "deal move --skip: by who may override, with a reason, and the history says what" {
    local deal
    stage_with demo 'Book the room,true,,,'
    as admin stage update demo --requires amount --min-touches 1
    ok
    deal=$("$JIAYI" --profile sales -o json deal create T --customer C | jq -r .id)
    as sales deal move "$deal" demo
    ok
    refused $PERMISSION_DENIED deal.override sales deal move "$deal" quoted --skip --reason x
    refused $INVALID_ARGUMENT 'needs a reason' manager deal move "$deal" quoted --skip
    json manager deal move "$deal" quoted --skip --reason 'they know it'
    is .stage quoted
    json sales deal history "$deal"
    is '.history[-1] | [.reason, (.skipped | map(sub("task/[0-9]+"; "task/N")) | join(","))] | join(" | ")' 'they know it | task/N Book the room,amount,touches'
    # One thing after the other.
    as sales deal move "$deal" contacted --force
    ok
    as sales deal move "$deal" demo
    ok
    as sales task done "$(task_called "$deal" 'Book the room')"
    ok
    refused $FAILED_PRECONDITION "deal update $deal --amount --currency" sales deal move "$deal" quoted
    as sales deal update "$deal" --amount 5 --currency CNY
    ok
    refused $FAILED_PRECONDITION 'of 1 follow-ups there are 0' sales deal move "$deal" quoted
    as sales deal log "$deal" --kind call --text 'rang them'
    ok
    as sales deal move "$deal" quoted
    ok
}

@test "deal undo: what the move started is cancelled, what it ended goes on" {
    local deal
    stage_with demo 'Book the room,true,,,' 'Send thanks,,5,,'
    stage_with trial 'Install it,true,,,' 'Ask how it goes,,5,,'
    as admin stage order new contacted demo trial
    ok
    deal=$(new_deal sales)
    as sales deal move "$deal" demo
    ok
    as sales task done "$(task_called "$deal" 'Book the room')"
    ok
    as sales deal move "$deal" trial
    ok
    [ "$(tasks_on sales "$deal")" = 'Book the room done, Send thanks cancelled, Install it open, Ask how it goes open' ]
    # What somebody took up goes on.
    as sales task update "$(task_called "$deal" 'Ask how it goes')" --text 'on monday'
    ok
    json sales deal undo "$deal"
    is .stage demo
    [ "$(tasks_on sales "$deal")" = 'Book the room done, Send thanks open, Install it cancelled, Ask how it goes open' ]
    id=$("$JIAYI" --profile sales -o json task list --on "deal/$deal" --state cancelled | jq -r '.tasks[0].id')
    json sales comment list "task/$id"
    is '.comments[0] | [.decision, .text] | join(" ")' 'cancelled 该阶段变更已撤回。'
    json sales comment list "task/$(task_called "$deal" 'Send thanks')"
    is '[.comments[] | .decision] | join(",")' 'open,cancelled'
    # It goes on from where it was.
    as sales deal move "$deal" trial
    ok
    refused $FAILED_PRECONDITION 'Install it' sales deal move "$deal" quoted
}

@test "deal assign: who becomes the owner has what the stage asks for" {
    local deal
    stage_with demo 'Book the room,true,,,'
    deal=$(new_deal sales)
    as sales deal move "$deal" demo
    ok
    as manager deal assign "$deal" junior@acme.example
    ok
    json junior task list
    is '[.tasks[] | .title] | join(",")' 'Book the room'
    as junior task done "$(jq -r '.tasks[0].id' <<<"$output")"
    ok
    as junior deal move "$deal" quoted
    ok
}

@test "a vendor moves through the principal's stages, and reads no more of them than is its own" {
    local deal
    stage_with demo 'Know our lowest price,true,,,' 'Show it,true,,vendor,'
    deal=$(new_deal sales --vendor beta)
    json beta-vendor deal move "$deal" DEMO
    is .stage demo
    [ "$(tasks_on sales "$deal")" = 'Know our lowest price open, Show it open' ]
    [ "$(tasks_on beta-vendor "$deal")" = 'Show it open' ]
    refused $FAILED_PRECONDITION 'Show it' beta-vendor deal move "$deal" quoted
    [[ $stderr != *lowest* ]] || complain "tells what is the principal's"
    as beta-vendor task done "$("$JIAYI" --profile beta-vendor -o json task list --on "deal/$deal" | jq -r '.tasks[0].id')"
    ok
    refused $FAILED_PRECONDITION 'people of acme have something to do first' beta-vendor deal move "$deal" quoted
    [[ $stderr != *lowest* ]] || complain "tells what is the principal's"
    refused $PERMISSION_DENIED deal.override beta-vendor deal move "$deal" quoted --skip --reason x
    json sales deal move "$deal" quoted --skip --reason x 2>/dev/null || as manager deal move "$deal" quoted --skip --reason x
    json beta-vendor deal history "$deal"
    is '.history[-1] | [.stage, .skipped[0]] | map(. // "-") | join(" ")' 'quoted -'
    # The principal's stages as a list.
    json beta-vendor stage list --company acme
    is '.stages[] | select(.name == "demo") | [.title, .company, .checklist] | map(. // "-") | join(" ")' 'demo acme -'
    json beta-vendor stage show demo --company acme
    is '[.name, .items[0]] | map(. // "-") | join(" ")' 'demo -'
    refused $NOT_FOUND 'there is no stage demo' beta-vendor stage show demo
    refused $NOT_FOUND 'is no partner of yours' sales stage list --company beta
    refused $NOT_FOUND 'is no partner of yours' sales stage list --company nobody
    # Of a principal's deal the principal's words.
    json beta-vendor deal list --stage demo
    is '.deals // [] | length' 0
}

@test "losing a deal: why by code, and to whom; undone and kept" {
    local deal
    deal=$(new_deal sales --vendor beta)
    refused $INVALID_ARGUMENT 'needs a reason; give one with --reason' sales deal move "$deal" lost --yes
    refused $INVALID_ARGUMENT 'give one with --lost-reason: price 价格, competitor 竞争对手' sales deal move "$deal" lost --reason x --yes
    refused $INVALID_ARGUMENT 'there is no reason of loss nothing; the reasons are price 价格' sales deal move "$deal" lost --reason x --lost-reason nothing --yes
    refused $INVALID_ARGUMENT 'only a deal that is lost' sales deal move "$deal" quoted --lost-to Rival
    refused $INVALID_ARGUMENT lost-to sales deal move "$deal" lost --reason x --lost-reason price --lost-to "$(printf 'x%.0s' {1..101})" --yes
    # A vendor has the principal's words.
    as admin choice set lost_reason taste --label '口味'
    ok
    json beta-vendor deal move "$deal" lost --reason 'they liked the other' --lost-reason 口味 --lost-to Rival --yes
    is '[.lost_code, .lost_label, .lost_to, .lost_reason] | join(" | ")' 'taste | 口味 | Rival | they liked the other'
    json sales deal show "$deal"
    is '[.lost_code, .lost_label, .lost_to, .lost_reason] | join(" | ")' 'taste | 口味 | Rival | they liked the other'
    json sales deal list --stage lost
    is '.deals[0] | [.lost_code, .lost_label, .lost_to] | join(" | ")' 'taste | 口味 | Rival'
    json beta-vendor deal undo "$deal"
    is '[.stage, .lost_code, .lost_to] | map(. // "-") | join(" ")' 'new - -'
    json sales deal history "$deal"
    is '[.history[] | [.stage, .lost_label, .lost_to] | map(. // "-") | join(" ")] | join(", ")' 'new - -, lost 口味 Rival, new - -'
    # Out of lost and back by undoing.
    json sales deal move "$deal" lost --reason x --lost-reason price --yes --force
    json manager deal move "$deal" quoted
    is '.lost_code // "-"' -
    json manager deal undo "$deal"
    is '[.stage, .lost_code] | join(" ")' 'lost price'
    as admin choice set lost_reason price --retire
    ok
    refused $INVALID_ARGUMENT 'no reason of loss price' sales deal move "$(new_deal sales)" lost --reason x --lost-reason price --yes
}

@test "checklists of stages: what they make begins and ends with their points" {
    local deal
    checklist demo-points 'Book the room,,,,'
    as admin stage define demo --title demo --after contacted --checklist demo-points
    ok
    deal=$(new_deal sales)
    as sales deal move "$deal" demo
    ok
    [ -z "$(tasks_on sales "$deal")" ]
    printf '%s\n' 'title,required' 'Book the room,true' >"$BATS_TEST_TMPDIR/points.csv"
    as admin checklist update demo-points --items "$BATS_TEST_TMPDIR/points.csv"
    ok
    # Who is in it already goes on as it was.
    as sales deal move "$deal" quoted
    ok
    deal=$(new_deal sales)
    as sales deal move "$deal" demo
    ok
    [ "$(tasks_on sales "$deal")" = 'Book the room open' ]
    as admin checklist update demo-points --active=false
    ok
    refused $FAILED_PRECONDITION 'Book the room' sales deal move "$deal" quoted
    deal=$(new_deal sales)
    as sales deal move "$deal" demo
    ok
    as sales deal move "$deal" quoted
    ok
}

@test "stage --requires close_on, contact, need: what a deal lacks is said" {
    local deal customer contact
    as gamma-admin stage update new --requires close_on --requires contact --requires need
    ok
    json gamma-sales customer create 'Asked much of'
    customer=$(jq -r .id <<<"$output")
    json gamma-sales contact add "$customer" 'Who decides'
    contact=$(jq -r .id <<<"$output")
    json gamma-sales deal create Asked --customer 'Asked much of'
    deal=$(jq -r .id <<<"$output")
    refused $FAILED_PRECONDITION "deal update $deal --close-on --contact" gamma-sales deal move "$deal" quoted
    as gamma-sales deal update "$deal" --close-on 2031-01-01 --contact "$contact"
    ok
    refused $FAILED_PRECONDITION "deal need $deal --text" gamma-sales deal move "$deal" quoted
    as gamma-sales deal need "$deal" --text 'Fewer accidents'
    ok
    as gamma-sales deal move "$deal" quoted
    ok
    as gamma-admin stage update new --clear requires
    ok
}
