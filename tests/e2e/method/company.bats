#!/usr/bin/env bats
# Companies.

load ../helper

@test "company create: works, and the first admin can sign in" {
    as operator company create delta --name 'Delta 三角洲' --admin boss@delta.example --admin-name 'First Admin' \
        --admin-password-file "$(password_file delta)"
    ok
    sign_in delta boss@delta.example
    json delta whoami
    is .company delta
    is .company_name 'Delta 三角洲'
    is .role admin
    is .name 'First Admin'
}

@test "company create: denied to everybody but the operator" {
    local before who
    before=$(changes)
    for who in admin manager sales partner auditor beta-vendor; do
        refused $PERMISSION_DENIED company.create $who company create epsilon --name Epsilon \
            --admin a@epsilon.example --admin-name 'First Admin' --admin-password-file "$(password_file delta)"
    done
    [ "$(changes)" = "$before" ]
}

@test "company create: a short name that is taken" {
    refused $ALREADY_EXISTS acme operator company create acme --name Other --admin a@other.example --admin-name 'First Admin' \
        --admin-password-file "$(password_file delta)"
}

@test "case 47: company create: the first admin has a name" {
    refused $USAGE '--admin-name is missing' operator company create other --name Other --admin a@other.example
}

@test "company create: malformed" {
    local slug
    for slug in '9lives' 'with space' 'a_b' ''; do
        refused $INVALID_ARGUMENT slug operator company create "$slug" --name Other --admin a@other.example --admin-name 'First Admin' \
            --admin-password-file "$(password_file delta)"
    done
    refused $INVALID_ARGUMENT admin operator company create other --name Other --admin nobody --admin-name 'First Admin' \
        --admin-password-file "$(password_file delta)"
    json operator company list
    is '[.companies[] | select(.slug == "other")] | length' 0
}

@test "company create: without a password a code for the first admin" {
    local code
    code=$("$JIAYI" --profile operator -o json company create zeta --name Zeta --admin chief@zeta.example --admin-name 'First Admin' | jq -r .code)
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

@test "case 1: a domain keeps other companies from making up its people" {
    local code own=$SCRATCH/passwords/away-own
    (umask 077 && echo away-secret >"$own")
    json admin company domain list
    is '[.domains[] | .domain + " " + .company] | join(",")' 'acme.example acme'
    # The same for somebody who is there and for nobody: the domain decides.
    for who in manager nobody; do
        refused $FAILED_PRECONDITION 'addresses in acme.example join by invitation: leave out --password-file' beta-admin \
            member add $who@acme.example --name M --role manager --password-file "$(password_file sales)"
        [[ $stderr != *acme\ * ]] || complain "names the company"
        # With a code alone nobody becomes an acme: only who signs in there.
        code=$("$JIAYI" --profile beta-admin -o json member add $who@acme.example --name M --role manager | jq -r .code)
        as forger join "$code" --password-file "$own"
        was_refused $INVALID_ARGUMENT 'home password'
        as forger join "$code" --password-file "$own" --home-password-file "$own"
        was_refused $UNAUTHENTICATED "the password of the company that has the address's domain is wrong"
    done
    refused $FAILED_PRECONDITION 'join by invitation' beta-admin member set-password manager@acme.example \
        --password-file "$own"
    refused $FAILED_PRECONDITION 'join by invitation' beta-admin member update peer@beta.example --email boss@acme.example
    refused $FAILED_PRECONDITION 'join by invitation' operator company create eta --name Eta --admin x@acme.example --admin-name 'First Admin' \
        --admin-password-file "$own"
    code=$("$JIAYI" --profile beta-admin -o json member set-password manager@acme.example | jq -r .code)
    as away join "$code" --password-file "$own" --home-password-file "$(password_file manager)"
    ok
    json away whoami
    is .company beta
    # Who linked the two is one person: nobody accepts the own report by the other membership.
    local id
    id=$(new_report away acme)
    refused $FAILED_PRECONDITION 'somebody else has to review it' manager report accept "$id"
    # Signing in without a company, the domain decides.
    as home login --server "$SERVER" --ca "$CA" --user manager@acme.example --password-file "$(password_file manager)"
    ok
    says 'of acme'
    # A link ends when somebody else sets the password.
    json beta-admin member set-password manager@acme.example
    [ "$(sql "SELECT count(DISTINCT person_id) FROM jiayi.member WHERE email = 'manager@acme.example'")" = 2 ]
}

@test "company domain: the operator adds, the owner releases" {
    refused $PERMISSION_DENIED company.create admin company domain add acme.shop --company acme
    json operator company domain add Acme.Shop --company acme
    is .domain acme.shop
    refused $ALREADY_EXISTS 'acme has acme.shop already' operator company domain add acme.shop --company beta
    refused $FAILED_PRECONDITION "no company's own" operator company domain add gmail.com --company acme
    refused $NOT_FOUND 'no company nowhere' operator company domain add x.example --company nowhere
    refused $INVALID_ARGUMENT domain operator company domain add 'x@y.example' --company acme
    json operator company domain list
    is '[.domains[].domain] | contains(["acme.example", "acme.shop", "beta.example"])' true
    refused $NOT_FOUND acme.shop beta-admin company domain release acme.shop
    refused $PERMISSION_DENIED company.domain manager company domain release acme.shop
    json admin company domain release acme.shop
    refused $NOT_FOUND acme.shop admin company domain release acme.shop
    # Nobody's own at first either.
    json operator company create theta --name Theta --admin theta@gmail.com --admin-name 'First Admin' --admin-password-file "$(password_file theta)"
    json operator company domain list
    is '[.domains[] | select(.company == "theta")] | length' 0
}
