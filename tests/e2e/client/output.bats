#!/usr/bin/env bats
# What the client prints: tables, CSV, JSON.

load ../helper

setup_file() {
    world_open
    "$JIAYI" --profile sales deal create '深圳港口自动化' --customer '港务集团' --amount 1200000.5 --currency CNY
    "$JIAYI" --profile sales deal create 'Magazina, "Durrës"' --customer 'Porti i Durrësit' --vendor beta
}

# The column, in terminal cells, at which $2 begins in line $1: a Chinese character is two cells wide.
cell() {
    local before=${1%%"$2"*} wide
    [ "$before" != "$1" ] || return 1
    wide=$(grep -oP '[\x{2E80}-\x{9FFF}\x{FF00}-\x{FF60}]' <<<"$before" | wc -l)
    echo $((${#before} + wide))
}

@test "table: a title line and aligned columns, Chinese being two cells wide" {
    as sales deal list
    ok
    local line cells=()
    while read -r line; do
        cells+=("$(cell "$line" sales@acme.example)")
    done < <(grep sales@acme.example <<<"$output")
    [ ${#cells[@]} -eq 2 ]
    [ "${cells[0]}" = "${cells[1]}" ] || complain "not aligned: ${cells[*]}"
    [[ ${lines[0]} = *[Tt][Ii][Tt][Ll][Ee]* ]] || complain "no titles"
}

@test "table: a pipe gets no colour and nothing is cut off" {
    local long
    long=$(printf '长%.0s' {1..150})
    as sales deal create "$long" --customer C
    ok
    as sales deal list
    says "$long"
    lacks $'\033'
    lacks …
}

@test "table: an empty list" {
    as gamma-sales deal list
    ok
    json gamma-sales deal list
    is '.deals // [] | length' 0
}

@test "csv: quoted where it must be, one line a row" {
    as sales -o csv deal list --search Durrës
    ok
    [ "${#lines[@]}" -eq 2 ] || complain "${#lines[@]} lines"
    says '"Magazina, ""Durrës"""'
    [[ ${lines[0]} = *title* ]] || complain "no header"
    [ "$(tr -cd , <<<"${lines[0]}" | wc -c)" -gt 3 ]
}

@test "json: the response with the .proto's field names" {
    json sales deal list --search 深圳
    is '.deals[0].amount.amount' 1200000.50
    is '.deals[0].created_at | type' string
    is '.deals[0].id | type' string
    is '.deals[0].version | type' number
    is '.deals[0] | has("createdAt")' false
    is '.deals[0] | has("vendor")' false
}

@test "json: an empty list is there as a list" {
    json gamma-sales deal list
    is '.deals | type' array
}

@test "show: one thing with all its fields" {
    as sales deal list --search 深圳
    json sales deal list --search 深圳
    local id
    id=$(jq -r '.deals[0].id' <<<"$output")
    as sales deal show "$id"
    says 深圳港口自动化
    says 1200000.50
    says CNY
    says sales@acme.example
}

@test "in the C locale nothing breaks" {
    run --separate-stderr env LC_ALL=C LANG=C "$JIAYI" --profile sales -o json deal list --search 深圳
    ok
    says 深圳港口自动化
    run --separate-stderr env LC_ALL=C LANG=C "$JIAYI" --profile sales deal list
    ok
    says Durr
}

@test "help: at every level" {
    run --separate-stderr "$JIAYI" --help
    ok
    says deal
    run --separate-stderr "$JIAYI" deal --help
    ok
    says move
    run --separate-stderr "$JIAYI" deal move --help
    ok
    says --reason
    says 'Why; needed when the deal is lost'
}
