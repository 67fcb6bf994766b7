#!/usr/bin/env bats
# Statuses: the dictionary of what comes into which, and who brings it there.

load ../helper

@test "status list: who brings what into which" {
    json sales status list report
    is '[.transitions[] | "\(.from)>\(.to) \(.side) \(.permission) \(.needs)"] | sort | join(", ")' \
        'returned>submitted author report.submit none, submitted>accepted reviewer report.review none, submitted>returned reviewer report.review comment'
    json sales status list --all
    is '[.transitions[].object] | unique | contains(["invitation", "member", "partnership", "report"])' true
    json sales status list rabbit
    is '.transitions // [] | length' 0
    refused $INVALID_ARGUMENT object sales status list 'Re port'
}

@test "status list: case 41: its words are the reader's, whatever it is the status of" {
    run bash -c 'LANGUAGE=zh_CN script -qec "$1" /dev/null </dev/null' _ "$(printf '%q ' "$JIAYI" --profile sales status list report)"
    says 已提交
    says 已通过
    run bash -c 'LANGUAGE=zh_CN script -qec "$1" /dev/null </dev/null' _ "$(printf '%q ' "$JIAYI" --profile sales status list 汇报)"
    says 已提交
}

@test "status list: page by page" {
    json sales status list --page-size 3
    is '.transitions | length' 3
    local next
    next=$(jq -r .next_page_token <<<"$output")
    json sales status list --page-size 1000 --page-token "$next"
    is '.transitions[0].object != null' true
    json sales status list --all
    is '[.transitions[] | "\(.object) \(.variant) \(.from) \(.to) \(.side)"] | length >= 12 and length == (unique | length)' true
}
