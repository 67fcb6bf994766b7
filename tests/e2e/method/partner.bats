#!/usr/bin/env bats
# Partnerships, and sharing that follows them.

load ../helper

# company SLUG: one more company, whose admin's profile is the slug.
company() {
    "$JIAYI" --profile operator company create "$1" --name "$1" --admin "$1@$1.example" --admin-name "$1" \
        --admin-password-file "$(password_file "$1")" && sign_in "$1" "$1@$1.example"
}

@test "partner invite, accept: invited, then active, on both sides" {
    company inn
    as admin partner invite inn
    ok
    json admin partner list
    is '.partners[] | select(.company == "inn") | .state' invited
    json inn partner list
    is '.partners[] | select(.company == "acme") | [.state, .side] | join(" ")' 'invited principal'
    as inn partner accept acme
    ok
    json admin partner list
    is '.partners[] | select(.company == "inn") | [.state, .side] | join(" ")' 'active vendor'
}

@test "partner invite: denied, unknown, oneself, twice" {
    refused $PERMISSION_DENIED partner.manage manager partner invite gamma
    refused $INVALID_ARGUMENT '' admin partner invite acme
    refused $ALREADY_EXISTS beta admin partner invite beta
    refused $INVALID_ARGUMENT company admin partner invite 'No Slug'
}

@test "case 21: partner invite tells nothing of which companies there are" {
    local known unknown who
    company hidden
    json admin partner invite hidden
    known=$(jq -S 'del(.created_at, .updated_at)' <<<"${output//hidden/SLUG}")
    json admin partner invite madeup
    unknown=$(jq -S 'del(.created_at, .updated_at)' <<<"${output//madeup/SLUG}")
    [ "$known" = "$unknown" ] || complain "told apart: $known $unknown"
    json admin partner list
    is '[.partners[] | select(.company == "hidden" or .company == "madeup") | .name] | unique | length' 1
    is '.partners[] | select(.company == "hidden") | .name' null
    json admin company list
    is '[.companies[] | select(.slug == "hidden")] | length' 0
    refused $ALREADY_EXISTS 'hidden is invited already' admin partner invite hidden
    refused $ALREADY_EXISTS 'madeup is invited already' admin partner invite madeup
    refused $FAILED_PRECONDITION 'the partnership is invited' admin partner suspend hidden
    refused $FAILED_PRECONDITION 'the partnership is invited' admin partner suspend madeup
    as admin kpi define visits --name Visits --unit x --period month
    ok
    for who in gamma nowhere; do
        refused $NOT_FOUND "$who is no partner of yours" admin partner suspend $who
        refused $NOT_FOUND "$who is no partner of yours" admin partner end $who
        refused $NOT_FOUND "$who is no partner of yours" admin partner accept $who
        refused $NOT_FOUND "$who is no partner of yours" sales deal create T --customer C --vendor $who
        refused $NOT_FOUND "$who is no partner of yours" admin kpi target visits --period 2026-11 --value 1 --vendor $who
    done
    # Once it accepts its name is known.
    as hidden partner accept acme
    ok
    json admin partner list
    is '.partners[] | select(.company == "hidden") | .name' hidden
    as admin partner end madeup
    ok
    # The company that comes later to have the name finds what it was invited to.
    as admin partner invite later
    ok
    company later
    as later partner accept acme
    ok
}

@test "partner accept: only who was invited, and only once" {
    company ann
    refused $NOT_FOUND acme ann partner accept acme
    as admin partner invite ann
    ok
    # The principal cannot accept for the vendor.
    as admin partner accept ann
    [ "$status" -ge 10 ] || complain "accepted its own invitation"
    refused $NOT_FOUND '' gamma-admin partner accept acme
    as ann partner accept acme
    ok
    refused $FAILED_PRECONDITION active ann partner accept acme
    refused $PERMISSION_DENIED partner.manage beta-vendor partner accept acme
}

@test "partner suspend, resume: by the principal alone, in the right state" {
    company sus
    as admin partner invite sus
    ok
    as admin partner suspend sus
    [ "$status" -eq $FAILED_PRECONDITION ] || complain "suspended an invitation"
    as sus partner accept acme
    ok
    as sus partner suspend acme
    [ "$status" -ge 10 ] || complain "a vendor suspended"
    refused $FAILED_PRECONDITION active admin partner resume sus
    as admin partner suspend sus
    ok
    refused $FAILED_PRECONDITION suspended admin partner suspend sus
    as sus partner resume acme
    [ "$status" -ge 10 ] || complain "a vendor resumed"
    as admin partner resume sus
    ok
    refused $NOT_FOUND gamma admin partner suspend gamma
    refused $PERMISSION_DENIED partner.manage auditor partner suspend sus
}

@test "partner end: from either side; it can be invited again" {
    company end
    as admin partner invite end
    ok
    as end partner accept acme
    ok
    as end partner end acme
    ok
    json admin partner list
    is '.partners[] | select(.company == "end") | .state' ended
    refused $FAILED_PRECONDITION ended admin partner end end
    as admin partner invite end
    ok
    as end partner accept acme
    ok
    as admin partner end end
    ok
    refused $NOT_FOUND gamma admin partner end gamma
}

@test "partner list: of strangers nothing" {
    refused $PERMISSION_DENIED partner.read gamma-sales partner list
    json gamma-admin partner list
    is '.partners // [] | length' 0
}

# What beta sees of what acme shares, as three words.
seen() {
    local deal=$1 words=
    "$JIAYI" --profile beta-vendor deal show "$deal" >/dev/null 2>&1 && words+=deal
    [ "$("$JIAYI" --profile beta-vendor -o json deal list | jq "[.deals[]? | select(.id == \"$deal\")] | length")" = 1 ] &&
        words+=' list'
    [ "$("$JIAYI" --profile beta-vendor -o json kpi list | jq '[.kpis[]? | select(.code == "shared")] | length')" = 1 ] &&
        words+=' kpi'
    echo "$words"
}

@test "sharing: stops at once when suspended or ended, and is back when active again" {
    local deal
    deal=$(new_deal sales --vendor beta)
    as admin kpi define shared --name Shared --unit x --period month
    ok
    as admin kpi target shared --period 2026-11 --value 10 --vendor beta
    ok
    [ "$(seen "$deal")" = 'deal list kpi' ]

    as admin partner suspend beta
    ok
    [ "$(seen "$deal")" = '' ]
    refused $NOT_FOUND "no deal $deal" beta-vendor deal move "$deal" contacted
    refused $NOT_FOUND "no deal $deal" beta-vendor deal log "$deal" --kind note --text x
    as beta-vendor kpi record shared --period 2026-11 --value 1
    [ "$status" -eq $NOT_FOUND ] || complain "recorded for a suspended partnership"
    refused $FAILED_PRECONDITION beta admin deal create T --customer C --vendor beta
    refused $FAILED_PRECONDITION beta admin kpi target shared --period 2026-12 --value 1 --vendor beta
    run --separate-stderr "$JIAYI" --profile beta-vendor report submit --kind daily --period 2026-11-20 --to acme \
        --title T --file - <<<x
    was_refused $FAILED_PRECONDITION acme

    as admin partner resume beta
    ok
    [ "$(seen "$deal")" = 'deal list kpi' ]
    as beta-vendor deal move "$deal" contacted
    ok

    as beta-admin partner end acme
    ok
    [ "$(seen "$deal")" = '' ]
    as admin partner invite beta
    ok
    [ "$(seen "$deal")" = '' ]
    as beta-admin partner accept acme
    ok
    [ "$(seen "$deal")" = 'deal list kpi' ]
}

@test "sharing: a submitted report stays readable to both sides" {
    local report
    report=$(new_report beta-vendor acme)
    as admin partner suspend beta
    ok
    as manager report show "$report"
    ok
    as beta-vendor report show "$report"
    ok
    as admin partner resume beta
    ok
}
