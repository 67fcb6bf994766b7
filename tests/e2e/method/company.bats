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

@test "company show, update: what holds for the company as a whole" {
    json admin company show
    is '.slug + " " + .time_zone + " " + .currency + " " + .working_days + " " + .default_audience' 'acme UTC CNY 1,2,3,4,5 usual'
    is .idle_days 30
    as admin company update --time-zone asia/shanghai --currency eur --working-days 6,1,2,3,4,5 --language sq --name 'Acme 甲方'
    ok
    json sales company show
    is '.name + " " + .time_zone + " " + .currency + " " + .working_days + " " + .language' \
        'Acme 甲方 Asia/Shanghai EUR 1,2,3,4,5,6 sq'
    # A partner sees where it is, its money and its language.
    json beta-vendor company show acme
    is '.time_zone + " " + .currency + " " + .language' 'Asia/Shanghai EUR sq'
    is 'has("working_days") or has("idle_days") or has("default_audience") or has("version")' false
    refused $NOT_FOUND '' gamma-sales company show acme
    refused $NOT_FOUND '' admin company show nowhere
}

@test "company update: denied to all but admins, and malformed" {
    local who zone
    for who in operator manager sales auditor beta-vendor; do
        refused $PERMISSION_DENIED company.manage $who company update --idle-days 7
    done
    for zone in '' 'Asia Shanghai' "Asia/'; DROP TABLE" 亚洲/上海 +8 "$(printf 'A%.0s' {1..61})"; do
        refused $INVALID_ARGUMENT time_zone admin company update --time-zone "$zone"
    done
    refused $INVALID_ARGUMENT 'such as Asia/Shanghai' admin company update --time-zone Asia/Atlantis
    refused $INVALID_ARGUMENT "days of the week" admin company update --working-days mon-fri
    refused $INVALID_ARGUMENT "days of the week" admin company update --working-days 1,8
    refused $INVALID_ARGUMENT "unknown currency XYZ" admin company update --currency XYZ
    refused $INVALID_ARGUMENT idle_days admin company update --idle-days 31
    refused $INVALID_ARGUMENT idle_days admin company update --idle-days 0
    refused $INVALID_ARGUMENT language admin company update --language fr
    refused $INVALID_ARGUMENT default_audience admin company update --default-audience all
    refused $INVALID_ARGUMENT name admin company update --name ''
    refused $INVALID_ARGUMENT 'at least one of' admin company update
    refused $ABORTED 'look at it again' admin company update --idle-days 7 --version 999
}

@test "company create: with a time zone and a language" {
    as operator company create kappa --name Kappa --admin boss@kappa.example --admin-name 'First Admin' --time-zone Europe/Tirane --language sq
    ok
    json operator company show kappa
    is '.time_zone + " " + .language' 'Europe/Tirane sq'
    refused $INVALID_ARGUMENT 'there is no time zone' operator company create lambda --name Lambda --admin boss@lambda.example --admin-name 'First Admin' \
        --time-zone Europe/Atlantis
    refused $NOT_FOUND '' operator company show lambda
}

@test "case 33: a day is the company's, not that of UTC" {
    local today
    # Where it is a day later or earlier than in UTC now.
    for zone in Pacific/Kiritimati Pacific/Niue; do
        as admin company update --time-zone $zone
        ok
        today=$(TZ=$zone date +%F)
        json admin audit list --since "$today"
        is '.entries[0].method | endswith("UpdateCompany")' true
        json admin audit list --since "$(TZ=$zone date -d tomorrow +%F)"
        is '.entries | length' 0
        # What ends with a day does so at its midnight.
        json sales token create "$zone" --permission deal.read:own --expires "$today"
        [ "$(TZ=$zone date -d "$(jq -r .expires_at <<<"$output")" '+%F %T')" = "$(TZ=$zone date -d tomorrow +%F) 00:00:00" ] ||
            complain "ends at another time"
    done
    as admin company update --time-zone UTC
    ok
}

@test "case 38: the company's own limit ends sessions that nobody uses" {
    json admin company update --idle-days 3
    is .idle_days 3
    as idler login --server "$SERVER" --ca "$CA" --user peer@acme.example --password-file "$(password_file peer)"
    ok
    json idler whoami
    [ $(($(date -d "$(jq -r .ends_at <<<"$output")" +%s) - EPOCHSECONDS)) -le $((3 * 86400)) ] || complain "ends later"
    [ $(($(date -d "$(jq -r .ends_at <<<"$output")" +%s) - EPOCHSECONDS)) -gt $((3 * 86400 - 600)) ] || complain "ends earlier"
    # It counts at once.
    as admin company update --idle-days 1
    ok
    sql "UPDATE jiayi.session AS s SET last_seen_at = now() - interval '25 hours' FROM jiayi.member AS m
        WHERE m.id = s.member_id AND m.email = 'peer@acme.example'" >/dev/null
    refused $UNAUTHENTICATED 'the session has expired' idler whoami
    as admin company update --idle-days 30
    ok
    refused $UNAUTHENTICATED 'the session has expired' idler whoami
}

@test "company update: who sees what is written where nobody says" {
    local id
    as admin company update --default-audience internal
    ok
    id=$(new_deal sales --vendor beta)
    json sales deal log "$id" --kind call --text 'For us'
    is .internal true
    json sales deal log "$id" --kind call --text 'For both' --shared
    is .internal null
    json sales comment add "deal/$id" --text 'For us'
    is .internal true
    as sales deal move "$id" contacted --reason 'For us'
    ok
    as sales deal move "$id" quoted --reason 'For both' --shared
    ok
    json beta-vendor deal log-list "$id"
    is '[.activities[].text] | join(",")' 'For both'
    json beta-vendor deal history "$id"
    is '[.history[].reason | values] | join(",")' 'For both'
    # It is the writer's company that says so.
    json beta-vendor deal log "$id" --kind call --text 'From them'
    is .internal null
    refused $INVALID_ARGUMENT 'at most one of' sales deal log "$id" --kind call --text x --shared --internal
    as admin company update --default-audience usual
    ok
}
