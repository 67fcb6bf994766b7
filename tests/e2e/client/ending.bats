#!/usr/bin/env bats
# Before something ends, the client shows what it is about and asks: on a terminal alone.

load ../helper

# on_terminal ANSWER PROFILE WORDS…: runs jiayi on a terminal of its own, where somebody types ANSWER when asked; output
# has what the terminal showed.
on_terminal() {
    local words
    words=$(printf '%q ' "$JIAYI" --profile "${@:2}")
    # The answer comes when the question is there; what is typed before is not lost either.
    run bash -c "(sleep 0.3; printf '%s\n' \"\$1\"; sleep 0.2) | script -qec \"\$2\" /dev/null" _ "$1" "$words"
}

@test "case 45: winning and losing a deal shows it and asks; no is no" {
    local deal
    deal=$(new_deal sales --amount 1200000 --currency CNY)
    on_terminal n sales deal move "$deal" won
    [ "$status" -eq 1 ] || complain "went on"
    says 'Deal of sales'
    says '1200000.00 CNY'
    says "jiayi deal move $deal won: go on? [y/N]"
    says 'nothing was done'
    json sales deal show "$deal"
    is .stage new
    on_terminal '' sales deal move "$deal" lost --reason x --lost-reason other
    [ "$status" -eq 1 ] || complain "took an empty answer for yes"
    on_terminal y sales deal move "$deal" won
    [ "$status" -eq 0 ] || complain "did not go on"
    json sales deal show "$deal"
    is .stage won
}

@test "case 45: a step on the way asks nothing, and --yes asks nothing" {
    local deal
    deal=$(new_deal sales --amount 5 --currency CNY)
    on_terminal n sales deal move "$deal" quoted
    [ "$status" -eq 0 ] || complain "asked"
    lacks 'go on?'
    on_terminal n sales deal move "$deal" won --yes
    [ "$status" -eq 0 ] || complain "asked in spite of --yes"
    lacks 'go on?'
}

@test "case 45: where there is no terminal nothing asks" {
    local deal
    deal=$(new_deal sales --amount 5 --currency CNY)
    json sales deal move "$deal" won
    is .stage won
    [ -z "$stderr" ] || complain "said something"
}

@test "case 45: a partnership, a member, a session, a role: each is shown before it ends" {
    on_terminal n admin partner end beta
    [ "$status" -eq 1 ]
    says 'Beta'
    says 'jiayi partner end beta: go on? [y/N]'
    on_terminal n admin member remove peer@acme.example
    [ "$status" -eq 1 ]
    says 'peer@acme.example'
    says 'salesperson'
    "$JIAYI" --profile admin role create temp --grant deal.read:own
    on_terminal n admin role revoke temp deal.read
    [ "$status" -eq 1 ]
    says 'temp'
    on_terminal 好 admin role delete temp
    [ "$status" -eq 0 ] || complain "did not understand yes in Chinese"
    on_terminal n admin company domain release acme.example
    [ "$status" -eq 1 ]
    says 'acme.example'
    says 'go on? [y/N]'
    local session
    session=$("$JIAYI" --profile peer -o json whoami | jq -r .session_id)
    on_terminal n peer session revoke "$session"
    [ "$status" -eq 1 ]
    says 'jiayi/'
    json admin partner list
    is '.partners[] | select(.company == "beta") | .state' active
}

@test "case 45: what cannot be seen is not asked about" {
    on_terminal y sales deal move 999999 won
    [ "$status" -eq $NOT_FOUND ]
    lacks 'go on?'
}
