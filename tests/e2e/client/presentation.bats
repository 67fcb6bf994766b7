#!/usr/bin/env bats
# What people and programs see: on a terminal, in a pipe, in three languages, row after row.

load ../helper

setup_file() {
    world_open
    "$JIAYI" --profile sales deal create 'C:\xampp 🫨' --customer '港务集团' --amount 1200000.5 --currency CNY
    "$JIAYI" --profile sales deal create '=HYPERLINK("x")' --customer '@sum' --vendor beta
    "$JIAYI" --profile sales deal move 1 quoted
}

@test "case 7: CSV and JSON say when there is more, and --all is all" {
    local format
    for format in csv json; do
        as sales -o $format deal list --page-size 1
        ok
        [[ $stderr = *"--all"* ]] || complain "$format says nothing"
        as sales -o $format deal list --page-size 1 --all
        ok
        [ -z "$stderr" ] || complain "$format says something"
        says HYPERLINK
        says xampp
    done
    is '.deals | length' 2
    local whole=$output
    as sales -o json deal list
    [ "$output" = "$whole" ] || complain "--all prints otherwise"
    as sales -o csv deal list --all --page-size 1
    [ "${#lines[@]}" -eq 3 ] || complain "${#lines[@]} lines"
    as sales deal list --all --page-size 1
    [ "${#lines[@]}" -eq 3 ] || complain "${#lines[@]} lines"
    json gamma-sales deal list --all
    is '.deals | length' 0
}

# peak_of STAGE BYTES: sets peak to what jiayi needed, in KiB, when so many bytes of the deals in that stage were read.
peak_of() {
    local fifo=$BATS_TEST_TMPDIR/rows pid
    rm -f "$fifo"
    mkfifo "$fifo"
    "$JIAYI" --profile gamma-sales -o json deal list --all --stage "$1" >"$fifo" &
    pid=$!
    exec 8<"$fifo"
    head -c "$2" <&8 >/dev/null
    peak=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status")
    cat <&8 >/dev/null
    exec 8<&-
    wait "$pid"
}

@test "case 7: memory does not grow with the pages" {
    [ -z "${SANITIZED:-}" ] || skip "the $SANITIZED sanitizer keeps what is freed"
    local few many peak
    new_deal gamma-sales >/dev/null
    # Rows without their triggers, which are not what is tested.
    sql "SET session_replication_role = replica;
        INSERT INTO jiayi.deal (company_id, title, customer_id, stage, outcome, owner_id)
        SELECT company_id, repeat('x', 160), customer_id, CASE WHEN g <= 2000 THEN 'contacted' ELSE 'quoted' END, outcome, owner_id
        FROM jiayi.deal, generate_series(1, 30000) g WHERE title = 'Deal of gamma-sales'" >/dev/null
    peak_of contacted 800000
    few=$peak
    peak_of quoted 14000000
    many=$peak
    echo "few: $few KiB, many: $many KiB"
    [ "$many" -lt $((few + 4096)) ]
}

# walk FORMAT: reads the beginning of a long list, ends the session, and reads what comes.
walk() {
    local fifo=$BATS_TEST_TMPDIR/rows pid
    rm -f "$fifo"
    mkfifo "$fifo"
    sign_in gamma-sales sales@gamma.example >&2
    "$JIAYI" --profile gamma-sales -o "$1" deal list --all >"$fifo" 2>"$fifo.said" &
    pid=$!
    exec 8<"$fifo"
    head -c 100 <&8 >"$fifo.begin"
    sql "UPDATE jiayi.session SET revoked_at = now() WHERE revoked_at IS NULL AND member_id =
        (SELECT id FROM jiayi.member WHERE email = 'sales@gamma.example')" >/dev/null
    cat "$fifo.begin" - <&8 >"$fifo.all"
    exec 8<&-
    status=0
    wait "$pid" || status=$?
    stderr=$(<"$fifo.said")
    sign_in gamma-sales sales@gamma.example >&2
    [ "$status" -eq $UNAUTHENTICATED ] || complain "exit status $status"
}

@test "case 7: a walk that fails says where it goes on, and what is there is whole" {
    local token rows rest all
    all=$("$JIAYI" --profile gamma-sales -o csv deal list --all | wc -l)
    [ "$all" -gt 4000 ] || complain "the test before has left no long list"
    walk json
    token=$(jq -er .next_page_token "$BATS_TEST_TMPDIR/rows.all")
    [[ $stderr = *"--page-token $token"* ]] || complain "does not say how to go on"
    rows=$(jq '.deals | length' "$BATS_TEST_TMPDIR/rows.all")
    [[ $stderr = *"after $rows rows"* ]] || complain "not after $rows rows"
    rest=$("$JIAYI" --profile gamma-sales -o json deal list --all --page-token "$token" | jq '.deals | length')
    [ $((rows + rest + 1)) -eq "$all" ] || complain "$rows and $rest rows are not $all"
    walk csv
    [[ $stderr = *"after $(($(wc -l <"$BATS_TEST_TMPDIR/rows.all") - 1)) rows"* ]] || complain "not as many rows as it says"
    # Where there is no first page, there is nothing.
    refused $UNAUTHENTICATED 'sign in' nobody -o json deal list --all
}

@test "case 24: CSV begins no formula, but for programs" {
    as sales -o csv deal list
    says "\"'=HYPERLINK(\"\"x\"\")\",'@sum"
    as sales -o csv --raw deal list
    says '"=HYPERLINK(""x"")",@sum'
    as sales -o csv --bom deal list
    [ "${output:0:1}" = $'\ufeff' ] || complain "no byte order mark"
}

@test "case 25: text is shown as it was written" {
    as sales deal list
    says ' C:\xampp 🫨 '
    terminal 120 C.UTF-8 sales deal list
    says ' C:\xampp 🫨 '
}

@test "case 26: a byte order mark is no part of a report" {
    local id
    id=$(printf '\ufeffWeek' | "$JIAYI" --profile sales -o json report submit --kind weekly --period 2026-W47 --to acme \
        --title T --file - | jq -er .id)
    json sales report show "$id"
    is .body Week
    is '.versions[0].sha256' "$(printf Week | sha256sum | cut -d' ' -f1)"
}

@test "case 27: in Turkey a title is no TİTLE" {
    localedef -i tr_TR -f UTF-8 "$BATS_TEST_TMPDIR/tr_TR.UTF-8" || [ $? -eq 1 ]
    run env LOCPATH="$BATS_TEST_TMPDIR" LC_ALL=tr_TR.UTF-8 "$JIAYI" --profile sales deal list
    ok
    says TITLE
}

@test "case 28: times are as seen from the server's clock" {
    [ -z "${SANITIZED:-}" ] || skip "the $SANITIZED sanitizer wants to be loaded first, as faketime does"
    local words library
    # Without the wrapper, whose semaphores of processes that were killed stand in the way of later ones.
    library=$(find /usr/lib -name libfaketimeMT.so.1 | head -1)
    new_deal sales >/dev/null
    printf -v words '%q ' env LD_PRELOAD="$library" FAKETIME=+5h "$JIAYI" --profile sales deal list
    run env TERM=xterm SHELL=/bin/sh script -qec "stty cols 120; $words" /dev/null
    ok
    says 'just now'
    lacks '5 h ago'
}

@test "case 41: words on a terminal, codes for programs" {
    terminal 120 zh_CN.UTF-8 sales deal list
    says 已报价
    terminal 120 sq_AL.UTF-8 sales deal list
    says ofertuar
    terminal 120 C.UTF-8 sales deal list
    says quoted
    local language
    for language in zh_CN.UTF-8 sq_AL.UTF-8; do
        run env LC_ALL=$language "$JIAYI" --profile sales deal list
        says quoted
        run env LC_ALL=$language "$JIAYI" --profile sales -o json deal list
        says '"quoted"'
        run env LC_ALL=$language "$JIAYI" --profile sales -o csv deal list
        says ,quoted,
    done
}

@test "case 41: words are taken as they are read" {
    json sales deal list --stage 已报价
    is '.deals | length' 1
    json sales deal list --stage Ofertuar
    is '.deals | length' 1
    json sales deal move 2 'në negociim'
    is .stage negotiating
    json sales deal log 2 --kind 电话 --text T
    is .kind call
}

@test "case 42: at 80 columns nothing is wider, and money is whole" {
    terminal 80 C.UTF-8 sales deal list
    says '1200000.50 CNY'
    says 'in all rows:'
    local line
    while read -r line; do
        line=$(sed 's/\x1b\[[0-9;]*m//g' <<<"$line")
        [ "$(cell "$line|" '|')" -le 80 ] || complain "too wide: $line"
    done <<<"$output"
    terminal 24 C.UTF-8 sales deal list
    says 'stage:'
}

# As in output.bats: the column at which $2 begins in line $1.
cell() {
    local before=${1%%"$2"*} wide
    wide=$(grep -oP '[\x{2E80}-\x{9FFF}\x{FF00}-\x{FF60}\x{1F000}-\x{1FAFF}]' <<<"$before" | wc -l)
    echo $((${#before} + wide))
}

# told PROFILE CONDITION: true once its inbox has such an item.
told() {
    "$JIAYI" --profile "$1" -o json inbox list | jq -e ".items // [] | any($2)" >/dev/null
}

@test "case 42: at 80 columns a list keeps what it is read for" {
    local language task word
    # What is of one moment needs no column for it, and leaves more room: here it is to be of two.
    sleep 1.1
    task=$("$JIAYI" --profile manager -o json task create 'Measure the berths' --owner sales@acme.example |
        jq -r .id)
    eventually told sales ".kind == \"task.assigned\" and .on == \"task/$task\""
    for language in C zh_CN sq_AL; do
        terminal 80 $language.UTF-8 sales inbox list
        says 'Measure the berths'
        # A change too long for a column makes records of rows; the call's method is then there as well.
        terminal 80 $language.UTF-8 auditor audit list --page-size 5
        says 'Measure the berths'
        says TaskService/CreateTask
        lacks …
    done
    # The two kinds of task have statuses of their own.
    for word in C:acceptance zh_CN:需验收 'sq_AL:me pranim'; do
        terminal 80 "${word%%:*}.UTF-8" sales status list task
        says "${word#*:}"
    done
}

@test "case 43: exact where it is evidence, with the zone; UTC by flag" {
    export TZ=CST-8
    new_deal sales >/dev/null
    terminal 120 C.UTF-8 sales deal list
    says 'just now'
    terminal 120 C.UTF-8 sales deal show 1
    grep -qE '20[0-9-]{8} [0-9:]{8} \+08' <<<"$output" || complain "no exact time"
    terminal 120 C.UTF-8 sales deal history 1
    grep -qE '20[0-9-]{8} [0-9:]{8} \+08' <<<"$output" || complain "no exact time"
    as sales deal list
    grep -qE '20[0-9-]{8}T[0-9:]{8}\+08:00' <<<"$output" || complain "no zone"
    as sales --utc -o csv deal list
    grep -qE '20[0-9-]{8}T[0-9:]{8}Z' <<<"$output" || complain "not UTC"
}

@test "case 44: a pager on a terminal, none in a pipe" {
    PAGING='PAGER=sed s/^/paged:/' terminal 80 C.UTF-8 sales deal list
    says paged:
    PAGING='PAGER=sed s/^/paged:/' terminal 80 C.UTF-8 sales --no-pager deal list
    lacks paged:
    PAGER='sed s/^/paged:/' as sales deal list
    lacks paged:
    # Help as well.
    PAGING='PAGER=sed s/^/paged:/' terminal 80 C.UTF-8 sales deal --help
    says 'paged:Usage: jiayi deal'
    PAGING='PAGER=sed s/^/paged:/' terminal 80 C.UTF-8 sales
    says 'paged:Usage: jiayi '
    PAGING='PAGER=sed s/^/paged:/' terminal 80 C.UTF-8 sales --no-pager deal --help
    lacks paged:
    PAGER='sed s/^/paged:/' as sales deal --help
    lacks paged:
    # Who leaves it early has read enough.
    PAGING='PAGER=head -1' terminal 80 C.UTF-8 sales deal list
    lacks jiayi:
    # shellcheck disable=SC2034
    PAGING=PAGER=/nowhere/pager
    run terminal 80 C.UTF-8 sales deal list
    [[ $output = *"--no-pager"* ]] || complain "nobody says why nothing is shown"
}

@test "case 47: names on a terminal where they are known, addresses for programs" {
    local format
    terminal 120 C.UTF-8 manager deal list
    says ' Sales '
    lacks sales@acme.example
    terminal 120 C.UTF-8 manager deal show 1
    says 'Sales <sales@acme.example>'
    terminal 120 C.UTF-8 admin member list
    says ' Manager '
    for format in table csv json; do
        as manager -o $format deal list
        says sales@acme.example
    done
    # Of another company's people one knows what they wrote, not who they are.
    terminal 120 C.UTF-8 beta-vendor deal list
    says sales@acme.example
    lacks ' Sales '
    # Nor is somebody of the same address here meant.
    sql "SET session_replication_role = replica;
        UPDATE jiayi.member SET email = 'sales@acme.example' WHERE email = 'peer@beta.example'" >/dev/null
    terminal 120 C.UTF-8 beta-vendor deal list
    lacks ' Beta-peer '
    # Of two with one name the address says which one it is.
    as admin member add other@acme.example --name Sales --role salesperson
    ok
    terminal 120 C.UTF-8 manager deal list
    says sales@acme.example
}

@test "case L6: marks of direction are isolated on a terminal, and what hides is seen" {
    new_deal sales >/dev/null
    # As it may be there from before such titles were refused.
    sql "SET session_replication_role = replica;
        UPDATE jiayi.deal SET title = CASE id WHEN 1 THEN E'a\\u202Eb\\u200Bc' ELSE 'שלום' END" >/dev/null
    terminal 120 C.UTF-8 sales deal list
    says $'\u2068שלום\u2069'
    says 'a<U+202E>b<U+200B>c'
    as sales deal list
    lacks $'\u2068'
}

@test "a file on its way has a bar on a terminal, and nowhere else" {
    cd "$BATS_TEST_TMPDIR"
    head -c 600000 /dev/zero >large
    terminal 80 C.UTF-8 sales file put deal/1 large
    says '[......'
    says '0.6 MiB  large'
    says 'complete'
    terminal 80 zh_CN.UTF-8 sales file get "$(sql 'SELECT max(id) FROM jiayi.file')" got
    says '0.6 MiB  got'
    as sales file get "$(sql 'SELECT max(id) FROM jiayi.file')" again
    [ -z "$stderr" ] && [ "$output" = again ] || complain "a bar in a pipe"
}
