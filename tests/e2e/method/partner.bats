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
    json gamma-sales partner list
    is '.partners // [] | length' 0
    json gamma-admin partner list
    is '.partners // [] | length' 0
}

@test "partner list, show: with whom they share salespeople and a vendor's people see" {
    local who
    for who in sales manager auditor; do
        json $who partner list
        is '.partners[] | select(.company == "beta") | [.side, .state] | join(" ")' 'vendor active'
    done
    for who in beta-vendor beta-manager; do
        json $who partner show acme
        is '[.company, .side, .owner, .vendor_owner] | join(" ")' \
            'acme principal admin@acme.example admin@beta.example'
    done
    # Of contracts everybody sees their own.
    json beta-vendor partner show acme
    is '.contracts | length' 0
    json beta-admin partner show acme
    is '[.contracts[] | .kind] | join(",")' framework
    refused $NOT_FOUND 'gamma is no partner of yours' sales partner show gamma
}

@test "partner invite, accept, assign: who looks after it, on either side" {
    company look
    refused $NOT_FOUND 'no member' admin partner invite look --responsible nobody@acme.example
    as admin partner invite look --responsible manager@acme.example
    ok
    json admin partner show look
    is .owner manager@acme.example
    # Whose people these are shows when the invitation was accepted.
    json look partner show acme
    is .owner null
    json look partner accept acme
    is '[.owner, .vendor_owner] | join(" ")' 'manager@acme.example look@look.example'
    json admin partner assign look admin@acme.example
    is '[.owner, .vendor_owner] | join(" ")' 'admin@acme.example look@look.example'
    refused $NOT_FOUND 'no member' look partner assign acme admin@acme.example
    refused $PERMISSION_DENIED partner.manage manager partner assign look manager@acme.example
    refused $NOT_FOUND 'gamma is no partner of yours' admin partner assign gamma manager@acme.example
    as admin partner assign look manager@acme.example
    ok
    eventually told_of manager partner.assigned
    as admin partner end look
    ok
    refused $FAILED_PRECONDITION ended admin partner assign look admin@acme.example
}

# told_of PROFILE KIND: whether the inbox has something of it.
told_of() {
    "$JIAYI" --profile "$1" -o json inbox list | jq -e --arg kind "$2" 'any(.items[]?; .kind == $kind)' >/dev/null
}

@test "partner show: open cases, as far as each side sees them" {
    local id
    id=$("$JIAYI" --profile beta-vendor -o json support ask --to acme --text 'The crane stands still.' | jq -r .id)
    json admin partner show beta
    is "[.cases[] | select(.case_id == \"$id\") | .title] | join(\",\")" 'The crane stands still.'
    json beta-vendor partner show acme
    is "[.cases[] | select(.case_id == \"$id\") | .state] | join(\",\")" opened
    as beta-vendor case withdraw "$id"
    ok
    json admin partner show beta
    is "[.cases[]? | select(.case_id == \"$id\")] | length" 0
}

# points [LINE…]: a file of points of a checklist.
points() {
    printf '%s\n' 'title,required,days,side' "$@" >"$BATS_TEST_TMPDIR/points.csv"
    echo "$BATS_TEST_TMPDIR/points.csv"
}

# onboarded PROFILE COMPANY: how far the onboarding is.
onboarded() {
    json "$1" partner show "$2"
    jq -r '.onboarding[] | "\(.done) of \(.points), \(.principal_open) and \(.vendor_open) open"' <<<"$output"
}

# point PROFILE COMPANY TITLE: the number of the task.
point() {
    "$JIAYI" --profile "$1" -o json partner show "$2" | jq -r --arg title "$3" '.points[] | select(.title == $title) | .task_id'
}

@test "partner onboard: tasks of both sides, which both see and each does its own" {
    local ours theirs who
    company fresh
    as admin partner invite fresh --responsible manager@acme.example
    ok
    refused $NOT_FOUND 'fresh is no partner of yours' admin partner onboard fresh
    as fresh partner accept acme
    ok
    "$JIAYI" --profile fresh member add seller@fresh.example --name Seller --role vendor \
        --password-file "$(password_file fresh-seller)"
    sign_in fresh-seller seller@fresh.example
    refused $FAILED_PRECONDITION 'no checklist for onboarding' admin partner onboard fresh
    as admin checklist define plain --name Plain --purpose stage --items "$(points 'One,,,')"
    ok
    refused $INVALID_ARGUMENT 'not for onboarding' admin partner onboard fresh --checklist plain
    as admin checklist define welcome --name Welcome --purpose onboarding \
        --items "$(points 'Send the price list,true,1,' 'Name a contact,true,2,vendor' 'Send the licence,true,5,vendor')"
    ok
    refused $PERMISSION_DENIED partner.manage manager partner onboard fresh
    refused $NOT_FOUND 'gamma is no partner of yours' admin partner onboard gamma
    refused $NOT_FOUND 'acme is your principal' fresh partner onboard acme
    json admin partner onboard fresh
    is '[.company, .state, .onboarding[0].points, (.points | length)] | join(" ")' 'fresh active 3 3'
    refused $FAILED_PRECONDITION 'fresh is being onboarded already, by the checklist welcome' admin partner onboard fresh
    [ "$(onboarded admin fresh)" = '0 of 3, 1 and 2 open' ]
    [ "$(onboarded fresh-seller acme)" = '0 of 3, 1 and 2 open' ]
    json fresh-seller partner show acme
    is '[.points[] | "\(.title) \(.company) \(.owner // "-")"] | join(", ")' \
        'Send the price list acme manager@acme.example, Name a contact fresh -, Send the licence fresh -'
    # What is theirs waits for the vendor's people, what is ours for who looks after the partnership.
    json fresh-seller todo
    is '[.items[] | .title] | sort | join(", ")' 'Name a contact, Send the licence'
    json manager todo
    is '[.items[] | .title | select(. == "Send the price list")] | length' 1
    eventually told_of fresh task.assigned
    ours=$(point admin fresh 'Send the price list')
    theirs=$(point admin fresh 'Name a contact')
    refused $FAILED_PRECONDITION 'the vendor cannot make it done' fresh-seller task done "$ours"
    refused $FAILED_PRECONDITION 'the principal cannot make it done' admin task done "$theirs"
    as manager task done "$ours"
    ok
    as fresh-seller task done "$theirs"
    ok
    [ "$(onboarded admin fresh)" = '2 of 3, 0 and 1 open' ]
    # Another vendor of the principal learns nothing of it.
    refused $NOT_FOUND '' beta-admin task show "$theirs"
    for who in "admin fresh" "fresh-seller acme"; do
        as ${who% *} partner show ${who#* }
        ok
        says 'Send the licence'
        lacks 'Name a contact'
    done
    # While it rests the vendor sees nothing of it, and nobody begins another one.
    as admin partner suspend fresh
    ok
    json fresh-seller partner show acme
    is '.onboarding // [] | length' 0
    refused $FAILED_PRECONDITION 'the partnership with fresh is suspended' admin partner onboard fresh
    as admin partner resume fresh
    ok
    as fresh-seller task done "$(point admin fresh 'Send the licence')"
    ok
    [ "$(onboarded fresh-seller acme)" = '3 of 3, 0 and 0 open' ]
    refused $FAILED_PRECONDITION 'fresh was onboarded already' admin partner onboard fresh
    as admin checklist define second --name Second --purpose onboarding --items "$(points 'Meet,,,vendor')"
    ok
    refused $INVALID_ARGUMENT 'say which with --checklist: second, welcome' admin partner onboard fresh
    json admin partner onboard fresh --checklist second
    is '[.onboarding[] | [.checklist, .points] | join(" ")] | join(", ")' 'welcome 3, second 1'
    # What is open when the partnership ends is not done any more.
    theirs=$(point admin fresh Meet)
    as admin partner end fresh
    ok
    json admin task show "$theirs"
    is .state cancelled
    refused $FAILED_PRECONDITION 'the partnership with fresh is ended' admin partner onboard fresh
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

@test "sharing: stops at once when suspended or ended, and is back when resumed" {
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
    # Case 20: what was shared comes back by being shared.
    [ "$(seen "$deal")" = '' ]
    as admin deal share --all --vendor beta
    ok
    as admin kpi target shared --period 2026-11 --value 10 --vendor beta
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
