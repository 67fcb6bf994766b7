#!/usr/bin/env bats
# Tasks: with and without acceptance, on things and on none, ours and a partner's.

# The commands have a word that is bash's, too.
# shellcheck disable=SC1010

load ../helper

# The number of a new task: new_task PROFILE TITLE [ARG…].
new_task() {
    "$JIAYI" --profile "$1" -o json task create "${@:2}" | jq -er .id
}

# terminal LANGUAGE WORDS…: what sales reads, 80 columns wide.
terminal() {
    local command
    printf -v command '%q ' env "LC_ALL=$1" PAGER=cat "$JIAYI" --profile sales "${@:2}"
    run env TERM=xterm SHELL=/bin/sh script -qec "stty cols 80; $command" /dev/null
    output=${output//$'\r'/}
    ok
    [ "$(wc -L <<<"$output")" -le 80 ] || complain "wider than the terminal"
}

@test "task list: by when it is due, page by page, of one state, kind or owner" {
    local page
    new_task sales 'third' --due 2027-03-01
    new_task sales 'first' --due 2027-01-01 --kind action
    new_task sales 'never'
    new_task sales 'second' --due 2027-02-01
    new_task manager 'for junior' --owner junior@acme.example --due 2027-01-15
    as sales task done "$(new_task sales 'is done' --due 2027-01-01)"
    ok
    json sales task list
    is '.tasks | map(.title) | join(",")' 'first,second,third,never'
    json sales task list --owner me --page-size 2
    is '.tasks | map(.title) | join(",")' 'first,second'
    page=$(jq -r .next_page_token <<<"$output")
    json sales task list --owner me --page-size 2 --page-token "$page"
    is '.tasks | map(.title) | join(",")' 'third,never'
    refused $INVALID_ARGUMENT page-token sales task list --page-size 2 --page-token "$page"
    json manager task list --all
    is '.tasks | map(.title) | join(",")' 'first,for junior,second,third,never'
    json sales task list --kind action
    is '.tasks | map(.title) | join(",")' first
    json sales task list --state done
    is '.tasks | map(.title) | join(",")' 'is done'
    json manager task list --due-by 2027-01-15
    is '.tasks | map(.title) | join(",")' 'first,for junior'
    json admin task list --owner junior@acme.example
    is '.tasks | map(.title) | join(",")' 'for junior'
    json admin task list --owner nobody@acme.example
    is '.tasks // [] | length' 0
}

@test "task create, list, show, update, assign: as it goes" {
    local deal id
    deal=$(new_deal sales)
    json sales task create 'Send the offer' --on "deal/$deal" --due 2027-01-15 --text 'Two pages.'
    id=$(jq -r .id <<<"$output")
    is '[.title, .kind, .state, .on, .on_title, .owner, .creator, .due, .company, .version] | join(" | ")' \
        "Send the offer | todo | open | deal/$deal | Deal of sales | sales@acme.example | sales@acme.example | 2027-01-15 | acme | 1"
    is '[.late, .acceptance, .required, .vendor, .side, .owner_company, .creator_company] | map(select(. != null)) | length' 0
    json sales task show "$id"
    is .text 'Two pages.'
    json sales task update "$id" --title 'Send the offer again' --due 2020-01-15 --required
    is '[.title, .due, .late, .required, .version] | join(" | ")' 'Send the offer again | 2020-01-15 | true | true | 2'
    json sales task update "$id" --no-due
    is '[.due, .late] | map(select(. != null)) | length' 0
    json manager task assign "$id" junior@acme.example
    is .owner junior@acme.example
    # Who gave it sees it, who has it, who is above, and who sees what it is about; a colleague does not.
    json junior task list --owner me
    is '.tasks | map(.title) | join(",")' 'for junior,Send the offer again'
    json sales task list --owner junior@acme.example
    is '.tasks | map(.id) | join(",")' "$id"
    json manager task list --on "deal/$deal"
    is '.tasks | map(.id) | join(",")' "$id"
    refused $NOT_FOUND "there is no task $id that you can see" peer task show "$id"
    refused $NOT_FOUND "there is no deal/$deal" peer task list --on "deal/$deal"
    # What one sees only for its deal is listed with the deal.
    new_task manager 'Ask the bank' --on "deal/$deal"
    json sales task list --on "deal/$deal"
    is '[.tasks[].title] | contains(["Ask the bank"])' true
    json sales task list
    is '[.tasks[].title] | contains(["Ask the bank"])' false
    json auditor audit list --object task --id "$id" --all
    is '.entries | length' 4
    # What changes nothing is no other version, and no entry.
    json sales task update "$id" --title 'Send the offer again' --no-due
    is .version 4
    json manager task assign "$id" junior@acme.example
    is .version 4
    json auditor audit list --object task --id "$id" --all
    is '.entries | length' 4
    refused $ABORTED 'at version 4 by now, not 2' sales task update "$id" --title x --version 2
}

@test "task done, cancel, reopen: each says who and why, in comments" {
    local id
    id=$(new_task sales 'Call them')
    json sales task done "$id" --text 'They were out.'
    is '[.state, .done_by] | join(" ")' 'done sales@acme.example'
    refused $FAILED_PRECONDITION 'is done already' sales task done "$id"
    refused $FAILED_PRECONDITION 'stays what it was then' sales task update "$id" --title x
    refused $FAILED_PRECONDITION 'stays what it was then' manager task assign "$id" junior@acme.example
    json manager task reopen "$id" --reason 'Call again.'
    is '[.state, .done_by, .done_at] | map(select(. != null)) | join(" ")' open
    json sales task cancel "$id" --reason 'They bought elsewhere.' --force
    is .state cancelled
    refused $FAILED_PRECONDITION 'task' sales task done "$id"
    json sales comment list "task/$id"
    is '[.comments[] | "\(.topic) \(.decision) v\(.version) \(.text)"] | join(", ")' \
        'review cancelled v4 They bought elsewhere., review open v3 Call again., delivery done v2 They were out.'
    json manager task reopen "$id" --reason 'After all.' --force
    json sales task done "$id" --force
    json sales comment list "task/$id" --page-size 1
    is '[.comments[] | "\(.decision) \(.text // "-")"] | join(", ")' 'done -'
    refused $FAILED_PRECONDITION 'needs no acceptance' sales task deliver "$id" --text x
}

@test "task: what has to be accepted is delivered, and nobody accepts own work" {
    local id
    id=$(new_task sales 'Draw the plan' --accept)
    refused $FAILED_PRECONDITION "task deliver $id" sales task done "$id"
    refused $FAILED_PRECONDITION 'is open' manager task accept "$id"
    json sales task deliver "$id" --text 'Here.'
    is '[.state, .first_time, .done_by] | map(select(. != null)) | join(" ")' 'delivered sales@acme.example'
    refused $FAILED_PRECONDITION 'is your own work' sales task accept "$id"
    refused $USAGE text manager task reject "$id"
    json manager task reject "$id" --text 'The second sheet is missing.'
    is '[.state, .first_time] | join(" ")' 'rejected false'
    refused $FAILED_PRECONDITION "has to deliver it first: jiayi --profile manager task deliver $id --text" manager task accept "$id"
    json manager task deliver "$id" --text 'The second sheet.'
    # Whose task it is does not accept either, whoever delivered it.
    refused $FAILED_PRECONDITION 'is your own work' sales task accept "$id" --force
    refused $FAILED_PRECONDITION 'is your own work' manager task accept "$id"
    refused $ABORTED 'not 2' admin task accept "$id" --version 2
    json admin task accept "$id" --version 4
    is '[.state, .first_time] | join(" ")' 'accepted false'
    refused $FAILED_PRECONDITION 'is accepted' manager task reopen "$id" --reason x --force
    json sales comment list "task/$id"
    is '[.comments[] | "\(.decision) \(.text // "-")"] | join(", ")' \
        'accepted -, delivered The second sheet., rejected The second sheet is missing., delivered Here.'
    id=$(new_task sales 'Once more' --accept)
    as sales task deliver "$id" --text 'Here.'
    ok
    json manager task accept "$id"
    is .first_time true
}

@test "task: a partner's is theirs to do and ours to accept, or the other way round" {
    local deal id
    deal=$(new_deal sales --vendor beta)
    json sales task create 'Prepare a demo' --vendor beta --accept --on "deal/$deal" --due 2027-01-15
    id=$(jq -r .id <<<"$output")
    is '[.vendor, .side, .owner] | map(select(. != null)) | join(" ")' 'beta vendor'
    json beta-vendor task list
    is '.tasks[0] | [.id, .creator, .creator_company, .company] | join(" ")' "$id sales@acme.example acme acme"
    refused $PERMISSION_DENIED 'given by acme' beta-vendor task update "$id" --title x
    refused $PERMISSION_DENIED 'done by people of beta' manager task assign "$id" junior@acme.example
    refused $PERMISSION_DENIED task.assign beta-vendor task assign "$id" vendor@beta.example
    json beta-manager task assign "$id" vendor@beta.example
    is .owner vendor@beta.example
    refused $PERMISSION_DENIED 'within your team' beta-manager task assign "$id" peer@beta.example
    json sales task list --owner vendor@beta.example
    is '.tasks[0] | [.owner, .owner_company] | join(" ")' 'vendor@beta.example beta'
    refused $FAILED_PRECONDITION 'the owner cannot make it delivered' sales task deliver "$id" --text x
    refused $ABORTED 'is at version 2 by now, not 1' beta-vendor task deliver "$id" --text 'On Friday at nine.'
    json beta-vendor task deliver "$id" --text 'On Friday at nine.' --force
    refused $PERMISSION_DENIED 'is accepted by acme' beta-manager task accept "$id" --force
    json sales task accept "$id" --text 'Good.' --force
    is '[.state, .done_by, .done_by_company, .first_time] | join(" ")' 'accepted vendor@beta.example beta true'
    json beta-vendor comment list "task/$id"
    is '[.comments[] | "\(.member_company // "-") \(.decision)"] | join(", ")' 'acme accepted, - delivered'
    # The other way round: we do it, they accept.
    id=$(new_task sales 'Train them' --vendor beta --side ours --accept)
    as sales task deliver "$id" --text 'Two days.'
    ok
    refused $PERMISSION_DENIED 'is accepted by beta' manager task accept "$id"
    json beta-vendor task reject "$id" --text 'One day was left out.'
    is '[.state, .owner, .owner_company] | join(" ")' 'rejected sales@acme.example acme'
    refused $FAILED_PRECONDITION 'the vendor cannot make it cancelled' beta-vendor task cancel "$id" --reason x
    # Sharing ends with the partnership; so does giving them tasks.
    refused $NOT_FOUND "there is no task $id" gamma-admin task show "$id"
    as admin partner suspend beta
    ok
    refused $NOT_FOUND "there is no task $id" beta-vendor task show "$id"
    json beta-vendor task list
    is '.tasks // [] | length' 0
    refused $FAILED_PRECONDITION 'suspended' sales task create x --vendor beta
}

@test "task: parts of a task are done before it" {
    local whole part
    whole=$(new_task sales 'Open the branch')
    part=$(new_task manager 'Rent rooms' --on "task/$whole" --required)
    new_task manager 'Flowers' --on "task/$whole"
    json sales task list --on "task/$whole"
    is '.tasks | map(.title) | join(",")' 'Rent rooms,Flowers'
    refused $FAILED_PRECONDITION "before its parts: task/$part Rent rooms" sales task done "$whole"
    refused $INVALID_ARGUMENT "is a part of task $whole" sales task create x --on "task/$part"
    as manager task done "$part"
    ok
    json sales task done "$whole"
    refused $FAILED_PRECONDITION 'no further parts' sales task create x --on "task/$whole"
}

@test "task: bad input, and what is not there" {
    local id other
    id=$(new_task sales 'A task')
    other=$(new_task gamma-sales 'Theirs')
    refused $INVALID_ARGUMENT title sales task create ''
    refused $INVALID_ARGUMENT title sales task create "$(printf 'x%.0s' {1..201})"
    refused $INVALID_ARGUMENT text sales task create x --text "$(printf 'x%.0s' {1..4001})"
    refused $INVALID_ARGUMENT 'none of' sales task create x --kind duty
    refused $INVALID_ARGUMENT 'kind of thing and its number' sales task create x --on deal
    refused $NOT_FOUND 'there is no deal/999999999' sales task create x --on deal/999999999
    refused $NOT_FOUND "there is no task/$other" sales task create x --on "task/$other"
    refused $INVALID_ARGUMENT 'there is no day 2027-02-30' sales task create x --due 2027-02-30
    refused $NOT_FOUND 'no member nobody@acme.example' sales task create x --owner nobody@acme.example
    refused $NOT_FOUND 'no member vendor@beta.example' manager task create x --owner vendor@beta.example
    refused $PERMISSION_DENIED 'for yourself or your team only' sales task create x --owner manager@acme.example
    refused $NOT_FOUND 'gamma is no partner of yours' sales task create x --vendor gamma
    refused $INVALID_ARGUMENT 'say which partner does it with --vendor' sales task create x --side vendor
    refused $NOT_FOUND 'acme is your principal' beta-manager task create x --vendor acme
    refused $NOT_FOUND 'nowhere is no partner of yours' sales task create x --vendor nowhere
    refused $INVALID_ARGUMENT 'leave --owner away' sales task create x --vendor beta --owner sales@acme.example
    refused $INVALID_ARGUMENT 'at least one' sales task update "$id"
    refused $INVALID_ARGUMENT 'at most one' sales task update "$id" --due 2027-01-01 --no-due
    refused $INVALID_ARGUMENT 'none of' sales task list --state overdue
    refused $PERMISSION_DENIED task.create auditor task create x
    refused $PERMISSION_DENIED 'within your team' manager task assign "$id" peer@acme.example
    refused $USAGE reason sales task cancel "$id"
    refused $INVALID_ARGUMENT reason sales task reopen "$id" --reason "$(printf 'x%.0s' {1..501})"
    for what in 'show' 'done' 'update --title x' 'cancel --reason x' 'reopen --reason x' 'deliver --text x' 'accept' 'reject --text x'; do
        # shellcheck disable=SC2086
        refused $NOT_FOUND "there is no task $other that you can see" sales task ${what%% *} "$other" ${what#"${what%% *}"}
    done
    refused $NOT_FOUND "there is no task $other that you can see" manager task assign "$other" junior@acme.example
    # Texts stay as they were written.
    json sales task create '发报价 <script>; DROP TABLE task; -- ë' --text $'a\nb'
    is .title '发报价 <script>; DROP TABLE task; -- ë'
}

@test "task: the words of the reader, and a list that fits" {
    new_task sales 'Send the offer' --due 2027-01-15
    as sales task done "$(new_task sales 'Call them')"
    ok
    terminal zh_CN.UTF-8 task list
    says 待办
    says 负责人
    terminal sq_AL.UTF-8 task list --state done
    says kryer
    terminal zh_CN.UTF-8 comment show "$(sql 'SELECT max(id) FROM jiayi.comment')"
    says 已完成
}
