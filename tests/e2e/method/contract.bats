#!/usr/bin/env bats
# Contracts: what accepting an invitation signs, and what two companies share by it.

load ../helper

# company SLUG: one more company, whose admin's profile is the slug.
company() {
    "$JIAYI" --profile operator company create "$1" --name "$1" --admin "$1@$1.example" --admin-name "$1" \
        --admin-password-file "$(password_file "$1")" && sign_in "$1" "$1@$1.example"
}

# framework PROFILE COMPANY: the number of the newest contract with it.
framework() {
    "$JIAYI" --profile "$1" -o json contract list --with "$2" | jq -r '.contracts[0].id'
}

# ids PROFILE: the titles of the deals that it sees of others' companies.
shared() {
    "$JIAYI" --profile "$1" -o json deal list | jq -r '[.deals[]? | select(.company == "acme").id] | sort | join(" ")'
}

@test "partner invite, show, accept: both sides sign one text, which both read before and after" {
    local sum id
    company one
    printf '# Terms\n\nTen per cent. 百分之十。\n' >"$BATS_TEST_TMPDIR/terms.md"
    sum=$(sha256sum <"$BATS_TEST_TMPDIR/terms.md" | cut -d' ' -f1)
    as admin partner invite one --terms "$BATS_TEST_TMPDIR/terms.md"
    ok
    for who in admin:one one:acme; do
        json "${who%:*}" partner show "${who#*:}"
        is .terms_sha256 "$sum"
        is .state invited
        is .shares null
        is .name null
    done
    refused $ABORTED 'are others by now' one partner accept acme --sha256 "${sum//[0-9]/f}"
    json one partner accept acme --sha256 "$sum"
    is .shares true
    id=$(framework one acme)
    json one contract show "$id"
    is '[.kind, .state, .in_force, .principal, .vendor, .version] | join(" ")' 'framework active true acme one 1'
    is .sha256 "$sum"
    is .to null
    is '[.signatures[] | "\(.capacity) \(.company) \(.member) \(.member_company)"] | join(", ")' \
        'principal acme admin@acme.example acme, vendor one one@one.example null'
    for who in admin one; do
        [ "$("$JIAYI" --profile $who contract text "$id" | sha256sum)" = "$sum  -" ] || complain "$who reads another text"
    done
    "$JIAYI" --profile one contract text "$id" 1 | cmp - "$BATS_TEST_TMPDIR/terms.md"
    json one contract text "$id"
    is '[.sha256, .version] | join(" ")' "$sum 1"
    json admin partner show one
    is .terms_sha256 "$sum"
}

@test "partner invite: what is written of its own says what is shared, in the company's language" {
    company two
    company zwei
    as admin company update --language zh
    ok
    as admin partner invite two
    ok
    json two partner show acme
    is '.terms | split("\n")[0]' '合作框架协议'
    as admin company update --language sq
    ok
    as admin partner invite zwei
    ok
    json zwei partner show acme
    is '.terms | split("\n")[0]' 'Kontratë kuadër'
    as admin company update --language en
    ok
    # What was signed stays.
    json two partner show acme
    is '.terms | split("\n")[0]' '合作框架协议'
}

@test "partner invite --no-framework: shares nothing before a contract is signed" {
    local deal
    deal=$(new_deal sales)
    company three
    as admin partner invite three --no-framework
    ok
    json three partner show acme
    is .terms null
    json three partner accept acme
    is '[.state, .shares] | join(" ")' 'active '
    json three contract list
    is '.contracts // [] | length' 0
    refused $FAILED_PRECONDITION 'no contract with three is in force' sales deal update "$deal" --vendor three
    refused $FAILED_PRECONDITION 'no contract with three is in force' sales deal share "$deal" --vendor three
    refused $FAILED_PRECONDITION 'no contract with three is in force' sales task create T --vendor three
    refused $FAILED_PRECONDITION 'no contract with acme is in force' three report submit --kind daily --period 2026-11-20 --to acme --title T --file "$BATS_TEST_FILENAME"
}

@test "partner invite, accept: invalid" {
    local long
    company four
    refused $INVALID_ARGUMENT terms admin partner invite four --terms /dev/null
    long=$BATS_TEST_TMPDIR/long
    printf 'x%.0s' {1..100001} >"$long"
    refused $INVALID_ARGUMENT terms admin partner invite four --terms "$long"
    printf 'a\xff' >"$long"
    as admin partner invite four --terms "$long"
    [ "$status" -ne 0 ] || complain 'text that is none'
    as admin partner invite four --terms "$BATS_TEST_FILENAME" --no-framework
    [ "$status" -ne 0 ] || complain 'terms and none'
    as admin partner invite four
    ok
    refused $INVALID_ARGUMENT sha256 four partner accept acme --sha256 abc
    refused $INVALID_ARGUMENT sha256 four partner accept acme --sha256 "$(printf 'g%.0s' {1..64})"
    refused $INVALID_ARGUMENT sha256 four partner accept acme --sha256 ''
}

@test "partner show: denied, invalid, not found, of strangers and rivals nothing" {
    refused $NOT_FOUND 'acme is no partner of yours' gamma-sales partner show acme
    refused $NOT_FOUND 'gamma is no partner of yours' admin partner show gamma
    refused $NOT_FOUND 'nowhere is no partner of yours' admin partner show nowhere
    refused $INVALID_ARGUMENT company admin partner show 'No Slug'
    refused $INVALID_ARGUMENT side admin partner show beta --side both
    company rival
    as admin partner invite rival
    ok
    as rival partner accept acme
    ok
    refused $NOT_FOUND 'beta is no partner of yours' rival partner show beta
    json admin partner show beta --side vendor
    is .state active
    refused $NOT_FOUND 'beta is no partner of yours' admin partner show beta --side principal
}

@test "contract list, show, text: who sees them; denied, invalid, not found, of another company nothing" {
    local id
    id=$(framework beta-admin acme)
    for who in admin manager auditor beta-admin beta-manager; do
        as $who contract show "$id"
        ok
    done
    # Whose contract.read reaches no further than what is their own sees none.
    for who in sales beta-vendor gamma-admin rival; do
        refused $NOT_FOUND contract $who contract show "$id"
        refused $NOT_FOUND contract $who contract text "$id"
        json $who contract list
        is "[.contracts[]? | select(.id == \"$id\")] | length" 0
    done
    refused $PERMISSION_DENIED contract.read operator contract list
    refused $PERMISSION_DENIED contract.read operator contract show "$id"
    refused $PERMISSION_DENIED contract.read operator contract text "$id"
    refused $NOT_FOUND '' admin contract show 999999
    refused $NOT_FOUND "contract $id has no version 2 that you can see; you can see 1" admin contract text "$id" 2
    refused $NOT_FOUND "contract $id has no version 7 that you can see; you can see 1" admin contract show "$id" 7
    refused $INVALID_ARGUMENT version admin contract text "$id" 0
    as admin contract show nine
    [ "$status" -ne 0 ] || complain 'a number that is none'
    as admin contract show
    [ "$status" -eq $USAGE ] || complain 'without a number'
    refused $INVALID_ARGUMENT with admin contract list --with 'No Slug'
    refused $INVALID_ARGUMENT state admin contract list --state signed
    refused $INVALID_ARGUMENT page_size admin contract list --page-size 0
    json admin contract list --with nowhere
    is '.contracts // [] | length' 0
    json admin contract list --with beta --state ended
    is '.contracts // [] | length' 0
    json admin contract list --page-size 1 --all
    is '[.contracts[].id] | (. == (sort_by(tonumber) | reverse))' true
}

@test "case 20: after an end nothing comes back by itself; deal share gives it anew, from then on" {
    local deal other
    company five
    as admin partner invite five
    ok
    as five partner accept acme
    ok
    deal=$(new_deal sales --vendor five)
    other=$(new_deal sales --vendor five)
    as sales deal log "$deal" --kind note --text first
    ok
    [ "$(shared five)" = "$deal $other" ]
    as admin partner suspend five
    ok
    [ "$(shared five)" = '' ]
    json five partner show acme
    is .shares null
    as admin partner resume five
    ok
    [ "$(shared five)" = "$deal $other" ] || complain 'a suspension took something away'
    json five deal log-list "$deal"
    is '[.activities[].text] | join(" ")' first

    as five partner end acme
    ok
    json admin contract list --with five
    is '[.contracts[].state] | join(" ")' ended
    as sales deal log "$deal" --kind note --text 'they are too dear'
    ok
    as admin partner invite five
    ok
    as five partner accept acme
    ok
    [ "$(shared five)" = '' ] || complain 'it came back'
    as sales deal log "$deal" --kind note --text still
    ok
    as sales deal share "$other" --vendor five
    ok
    [ "$(shared five)" = "$other" ]
    json sales deal share --all --vendor five
    is '[.shared, .left] | join(" ")' '1 '
    [ "$(shared five)" = "$deal $other" ]
    as sales deal log "$deal" --kind note --text anew
    ok
    json five deal log-list "$deal"
    is '[.activities[].text] | join(" ")' anew
    json sales deal share --all --vendor five
    is .shared 0
    # The contract that has ended stays readable to both.
    for who in admin five; do
        as $who contract show "$("$JIAYI" --profile $who -o json contract list --state ended | jq -r '.contracts[0].id')"
        ok
    done
}

@test "deal share: denied, invalid, not found, and what the caller may not change is not given" {
    local deal theirs
    deal=$(new_deal sales)
    theirs=$(new_deal beta-vendor)
    refused $PERMISSION_DENIED deal.update auditor deal share "$deal" --vendor beta
    refused $NOT_FOUND '' sales deal share "$theirs" --vendor beta
    refused $NOT_FOUND '' sales deal share 999999 --vendor beta
    refused $NOT_FOUND 'gamma is no partner of yours' sales deal share "$deal" --vendor gamma
    refused $INVALID_ARGUMENT vendor sales deal share "$deal" --vendor 'No Slug'
    as sales deal share "$deal"
    [ "$status" -ne 0 ] || complain 'to nobody'
    as sales deal share "$deal" --all --vendor beta
    [ "$status" -ne 0 ] || complain 'one and all'
    as sales deal share --vendor beta
    [ "$status" -ne 0 ] || complain 'neither'
    # Of a vendor's people: what is shared with them they do not give on.
    as sales deal share "$deal" --vendor beta
    ok
    as beta-vendor deal share "$deal" --vendor beta
    [ "$status" -ge 10 ] || complain 'a vendor gave it on'
}
