#!/usr/bin/env bats
# What the server refuses with comes in the language of the caller; its log is English (case 29).

# Chinese has quotes of its own.
# shellcheck disable=SC1111
load ../helper

# says_so LOCALE STATUS TEXT PROFILE WORDS…: refused with that text, in the language of that locale.
says_so() {
    run --separate-stderr env LC_ALL="$1" "$JIAYI" --profile "$4" "${@:5}"
    was_refused "$2" "$3"
}

# in_three STATUS ENGLISH CHINESE ALBANIAN PROFILE WORDS…: the outcome is the same for everybody, the words are the reader's.
in_three() {
    says_so C.UTF-8 "$1" "$2" "${@:5}"
    says_so zh_CN.UTF-8 "$1" "$3" "${@:5}"
    says_so sq_AL.UTF-8 "$1" "$4" "${@:5}"
}

# call LOCALE METHOD REQUEST: a call of a method by name that is refused, and its line of the log: sets status, stderr and
# line.
call() {
    # shellcheck disable=SC2034
    local before method=$2
    # shellcheck disable=SC2034
    before=$(wc -l <"$DATA.log")
    run --separate-stderr env LC_ALL="$1" "$JIAYI" --profile sales api call "$2" "$3"
    eventually eval 'line=$(tail -n +$((before + 1)) "$DATA.log" | grep "method=$method status=")'
}

@test "29: who may not is told so in the own language" {
    in_three $PERMISSION_DENIED 'your role auditor lacks the permission deal.create' '您的角色 auditor 没有权限 deal.create' \
        'rolit tuaj auditor i mungon leja deal.create' auditor deal create T --customer C
}

@test "29: what is not there, a rule of a method and one of an empty answer" {
    in_three $NOT_FOUND 'there is no deal 999 that you can see' '没有您可见的商机 999' 'nuk ka mundësi shitjeje 999 që mund ta shihni' \
        sales deal show 999
    in_three $NOT_FOUND 'nowhere is no partner of yours' 'nowhere 不是您的合作伙伴' 'nowhere nuk është partner i juaji' \
        admin partner suspend nowhere
}

@test "29: a field that is wrong, by the schema and by a rule; its name stays" {
    in_three $INVALID_ARGUMENT '--period: "soon" should be a period' '--period: “soon”应为周期' '--period: "soon" duhet të jetë periudhë' \
        sales kpi list --period soon
    in_three $INVALID_ARGUMENT 'unknown currency XQZ' '未知货币 XQZ' 'monedhë e panjohur XQZ' \
        sales deal create T --customer C --amount 1 --currency XQZ
}

@test "29: a conflict; states, stages and kinds are the words of the reader's language" {
    local deal
    json sales deal create T --customer C
    deal=$(jq -r .id <<<"$output")
    in_three $ABORTED "deal $deal is at version 1 by now, not 7" "商机 $deal 已更新到版本 1，不再是版本 7" \
        "mundësi shitjeje $deal tashmë është në versionin 1, jo 7" sales deal update "$deal" --title U --version 7
    in_three $FAILED_PRECONDITION "deal $deal is in stage new already" "商机 $deal 已经处于“$(word zh_CN stage new)”阶段" \
        "mundësia e shitjes $deal është tashmë në fazën \"$(word sq stage new)\"" sales deal move "$deal" new
}

# word LANGUAGE LIST CODE: the word of the dictionary.
word() {
    msgcat --no-wrap "po/$1.po" | grep -A2 "^msgctxt \"$2\"" | grep -A1 "^msgid \"$3\"" | sed -n 's/^msgstr "\(.*\)"/\1/p'
}

@test "29: what a caller wrote is never a word or a template" {
    in_three $NOT_FOUND 'no member %1$s%n@acme.example' '没有成员 %1$s%n@acme.example' 'nuk ka anëtar %1$s%n@acme.example' \
        admin member set-role '%1$s%n@acme.example' salesperson
    in_three $NOT_FOUND 'no role won' '没有角色 won' 'nuk ka rol won' admin role show won
}

@test "29: wrong passwords in a row are told to wait, in the own language" {
    local n
    for n in {1..12}; do
        run --separate-stderr env LC_ALL=zh_CN.UTF-8 "$JIAYI" --profile stranger login --server "$SERVER" --ca "$CA" \
            --user peer@acme.example --password-file "$(password_file nobody)"
        [ "$status" -ne "$RESOURCE_EXHAUSTED" ] || break
        was_refused $UNAUTHENTICATED '地址、密码或公司有误'
    done
    was_refused $RESOURCE_EXHAUSTED '密码或验证码错误次数过多'
    run --separate-stderr env LC_ALL=sq_AL.UTF-8 "$JIAYI" --profile stranger login --server "$SERVER" --ca "$CA" \
        --user peer@acme.example --password-file "$(password_file nobody)"
    was_refused $RESOURCE_EXHAUSTED 'tepër fjalëkalime ose kode të gabuara'
}

@test "29: status and field are the same in JSON, and the log is English" {
    local locale
    for locale in C.UTF-8 zh_CN.UTF-8 sq_AL.UTF-8; do
        call $locale DealService/GetDeal '{"deal_id": "999"}'
        [ "$status" -eq $NOT_FOUND ] || complain "exit status $status"
        [[ $line = *'status=NOT_FOUND '*'message="there is no deal 999 that you can see"'* ]] || complain "the log says: $line"
        call $locale DealService/ListDeals '{"stage": "nowhere"}'
        [ "$status" -eq $INVALID_ARGUMENT ] || complain "exit status $status"
        [[ $line = *'status=INVALID_ARGUMENT '*'message="unknown stage nowhere; the stages are '* ]] || complain "the log says: $line"
    done
}

@test "29: a locale that is none is English, whatever it is" {
    local locale
    for locale in ../../zh_CN zh_TW.UTF-8 '%s%n' en_US.UTF-8 tlh "$(head -c 5000 /dev/zero | tr '\0' z)"; do
        says_so "$locale" $NOT_FOUND 'there is no deal 999 that you can see' sales deal show 999
    done
}

@test "29: many at once, each in the own language" {
    local n locale said=0
    local -A want=([C.UTF-8]='that you can see' [zh_CN.UTF-8]=没有您可见的商机 [sq_AL.UTF-8]='që mund ta shihni')
    for n in {1..8}; do
        for locale in "${!want[@]}"; do
            LC_ALL=$locale "$JIAYI" --profile sales deal show 999 2>"$BATS_TEST_TMPDIR/$locale.$n" >/dev/null || true &
        done
    done
    wait
    for n in {1..8}; do
        for locale in "${!want[@]}"; do
            grep -qF "${want[$locale]}" "$BATS_TEST_TMPDIR/$locale.$n" || complain "$locale: $(cat "$BATS_TEST_TMPDIR/$locale.$n")"
            said=$((said + 1))
        done
    done
    [ $said -eq 24 ]
}

@test "29: LANGUAGE, which gettext prefers, is that of the server's words too" {
    run --separate-stderr env LC_ALL=C.UTF-8 LANGUAGE=zh_CN:sq "$JIAYI" --profile sales deal show 999
    was_refused $NOT_FOUND '没有您可见的商机 999'
    run --separate-stderr env LC_ALL=C.UTF-8 LANGUAGE=xx:sq "$JIAYI" --profile sales deal show 999
    was_refused $NOT_FOUND 'nuk ka mundësi shitjeje 999 që mund ta shihni'
    run --separate-stderr env LC_ALL=C LANGUAGE=zh_CN "$JIAYI" --profile sales deal show 999
    was_refused $NOT_FOUND 'there is no deal 999 that you can see'
}
