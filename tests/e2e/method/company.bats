#!/usr/bin/env bats
# Companies.

load ../helper

@test "company create: works, and the first admin can sign in" {
    as operator company create delta --name 'Delta 三角洲' --admin boss@delta.example \
        --admin-password-file "$(password_file delta)"
    ok
    sign_in delta boss@delta.example
    json delta whoami
    is .company delta
    is .company_name 'Delta 三角洲'
    is .role admin
}

@test "company create: denied to everybody but the operator" {
    local before who
    before=$(changes)
    for who in admin manager sales partner auditor beta-vendor; do
        refused $PERMISSION_DENIED company.create $who company create epsilon --name Epsilon \
            --admin a@epsilon.example --admin-password-file "$(password_file delta)"
    done
    [ "$(changes)" = "$before" ]
}

@test "company create: a short name that is taken" {
    refused $ALREADY_EXISTS acme operator company create acme --name Other --admin a@other.example \
        --admin-password-file "$(password_file delta)"
}

@test "company create: malformed" {
    local slug
    for slug in Acme '9lives' 'with space' 'a_b' ''; do
        refused $INVALID_ARGUMENT slug operator company create "$slug" --name Other --admin a@other.example \
            --admin-password-file "$(password_file delta)"
    done
    refused $INVALID_ARGUMENT admin operator company create other --name Other --admin nobody \
        --admin-password-file "$(password_file delta)"
    json operator company list
    is '[.companies[] | select(.slug == "other")] | length' 0
}

@test "company create: without a password a code for the first admin" {
    local code
    code=$("$JIAYI" --profile operator -o json company create zeta --name Zeta --admin chief@zeta.example | jq -r .code)
    as zeta join "$code" --password-file "$(password_file zeta)"
    ok
    json zeta whoami
    is .company zeta
    is .role admin
}

@test "company list: the operator sees all, others theirs and their partners" {
    json operator company list
    is '[.companies[].slug] | contains(["acme", "beta", "gamma"])' true
    json sales company list
    is '[.companies[].slug] | sort | join(" ")' 'acme beta'
    json gamma-sales company list
    is '[.companies[].slug] | join(" ")' gamma
}

@test "company list: in pages" {
    json operator company list --page-size 2
    is '.companies | length' 2
    local token seen
    seen=$(jq -r '.companies[].slug' <<<"$output")
    token=$(jq -r .next_page_token <<<"$output")
    while [ "$token" != null ]; do
        json operator company list --page-size 2 --page-token "$token"
        seen+=$'\n'$(jq -r '.companies[].slug' <<<"$output")
        token=$(jq -r .next_page_token <<<"$output")
    done
    json operator company list
    is '.companies | length' "$(wc -l <<<"$seen")"
    [ "$(sort -u <<<"$seen" | wc -l)" = "$(wc -l <<<"$seen")" ]
}

@test "operator: reads no business data" {
    refused $PERMISSION_DENIED deal.read operator deal list
    refused $PERMISSION_DENIED report.read operator report list
    refused $PERMISSION_DENIED kpi.read operator kpi list
    refused $PERMISSION_DENIED audit.read operator audit list
    json operator company list
    lacks @acme.example
}
