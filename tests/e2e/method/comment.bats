#!/usr/bin/env bats
# Comments: on anything that one sees, and for whom.

load ../helper

@test "comment add: on a deal, a report; listed newest first, by thing and by topic" {
    local deal report id
    deal=$(new_deal sales)
    json sales comment add "deal/$deal" --text 'They also ask Northwind.' --topic competitor
    is '[.on, .topic, .member, .text] | join(" | ")' "deal/$deal | competitor | sales@acme.example | They also ask Northwind."
    is .internal true
    is '.digest | length' 64
    id=$(jq -r .id <<<"$output")
    json manager comment add "deal/$deal" --text 'Ask for the price.' --reply-to "$id"
    is .reply_to "$id"
    is .internal null
    json sales comment list "deal/$deal"
    is '[.comments[].text] | join(" | ")' 'Ask for the price. | They also ask Northwind.'
    json sales comment list --topic competitor
    is '.comments[0].on' "deal/$deal"
    json sales comment show "$id"
    is .text 'They also ask Northwind.'
    report=$(new_report sales acme)
    json sales comment add "report/$report" --text 'See the second page.'
    is .version 1
    as manager report accept "$report" --comment Fine
    ok
    json sales report comments "$report"
    is '[.comments[] | "\(.decision // "-") \(.text)"] | join(", ")' '- See the second page., accepted Fine'
    json sales comment list "report/$report" --topic review
    is '[.comments[] | "\(.decision) \(.topic)"] | join(", ")' 'accepted review'
}

@test "comment add: nothing on what one does not see, or what takes none, and no long threads" {
    local deal other id answer
    deal=$(new_deal sales)
    other=$(new_deal sales)
    refused $NOT_FOUND "there is no deal/$deal that you can see" gamma-admin comment add "deal/$deal" --text x
    refused $NOT_FOUND "there is no deal/999999999 that you can see" sales comment add deal/999999999 --text x
    refused $INVALID_ARGUMENT 'there is no such kind of thing; the kinds are customer, contact, deal, ' sales comment add rabbit/1 --text x
    refused $INVALID_ARGUMENT 'kind of thing and its number' sales comment add "deal" --text x
    refused $INVALID_ARGUMENT 'kind of thing and its number' sales comment add "deal/1;x" --text x
    refused $INVALID_ARGUMENT 'nothing can be said of member/' sales comment add "member/$(sql "SELECT id FROM jiayi.member WHERE email = 'sales@acme.example'")" --text x
    refused $INVALID_ARGUMENT text sales comment add "deal/$deal" --text ''
    refused $INVALID_ARGUMENT text sales comment add "deal/$deal" --text "$(printf 'x%.0s' {1..4001})"
    refused $INVALID_ARGUMENT 'internal' sales comment add "deal/$deal" --text x --internal --shared
    refused $PERMISSION_DENIED comment.add auditor comment add "deal/$deal" --text x
    json sales comment add "deal/$deal" --text First
    id=$(jq -r .id <<<"$output")
    refused $NOT_FOUND "there is no comment $id on deal/$other" sales comment add "deal/$other" --text x --reply-to "$id"
    json sales comment add "deal/$deal" --text Second --reply-to "$id"
    answer=$(jq -r .id <<<"$output")
    refused $INVALID_ARGUMENT "answer $id" sales comment add "deal/$deal" --text x --reply-to "$answer"
}

@test "case 19: a comment is the other side's while it is shared, and an internal one never" {
    local deal
    deal=$(new_deal sales)
    as sales comment add "deal/$deal" --text 'Floor price 80'
    ok
    as sales deal update "$deal" --vendor beta
    ok
    json beta-vendor comment list "deal/$deal"
    is '.comments // [] | length' 0
    as sales comment add "deal/$deal" --text 'For both of us'
    ok
    as sales comment add "deal/$deal" --text 'Not for them' --internal
    ok
    json beta-vendor comment add "deal/$deal" --text 'Our offer is 95'
    is .member_company null
    as beta-vendor comment add "deal/$deal" --text 'We can go to 90' --internal
    ok
    json beta-vendor comment list "deal/$deal"
    is '[.comments[].text] | sort | join(", ")' 'For both of us, Our offer is 95, We can go to 90'
    json sales comment list "deal/$deal"
    is '[.comments[].text] | sort | join(", ")' 'Floor price 80, For both of us, Not for them, Our offer is 95'
    is '[.comments[] | select(.text == "Our offer is 95") | .member_company] | join("")' beta
    # An answer tells of no comment that its reader does not see.
    json sales comment add "deal/$deal" --text 'See above' --shared \
        --reply-to "$(jq -r '.comments[] | select(.text == "Floor price 80") | .id' <<<"$output")"
    is '.reply_to != null' true
    json beta-vendor comment list "deal/$deal"
    is '[.comments[] | select(.text == "See above") | .reply_to] | join("")' ''
    # What a vendor said is its own for good, and nothing is said any more.
    as sales deal update "$deal" --no-vendor
    ok
    json beta-vendor comment list "deal/$deal"
    is '[.comments[].text] | sort | join(", ")' 'Our offer is 95, We can go to 90'
    refused $NOT_FOUND "there is no deal/$deal" beta-vendor comment add "deal/$deal" --text x
    # In the principal's log stands what was shared, without the words.
    json admin audit list --all
    lacks 'We can go to 90'
    lacks 'Our offer is 95'
}

@test "comment list: of all that is the company's and by its people elsewhere, by topic and day, in pages" {
    local deal mine token
    deal=$(new_deal sales)
    as sales deal update "$deal" --vendor beta
    ok
    for mine in One Two Three; do
        as sales comment add "deal/$deal" --text "$mine of $deal" --topic market --shared
        ok
    done
    as beta-vendor comment add "deal/$deal" --text "Theirs of $deal" --topic market --shared
    ok
    as beta-vendor comment add "deal/$deal" --text "Hidden of $deal" --topic market --internal
    ok
    as sales comment add "deal/$deal" --text "Plain of $deal"
    ok
    json manager comment list --page-size 5
    is "[.comments[] | select(.on == \"deal/$deal\") | .text | split(\" \")[0]] | join(\" \")" 'Plain Theirs Three Two One'
    json manager comment list --topic market --page-size 2
    is '[.comments[].text | split(" ")[0]] | join(" ")' 'Theirs Three'
    token=$(jq -r .next_page_token <<<"$output")
    json manager comment list --topic market --page-size 2 --page-token "$token"
    is '[.comments[].text | split(" ")[0]] | join(" ")' 'Two One'
    refused $INVALID_ARGUMENT page-token manager comment list --page-size 2 --page-token "$token"
    json manager comment list --topic comment
    is '.comments[0].text' "Plain of $deal"
    # The vendor: what its people said. Others' are listed with the thing.
    json beta-vendor comment list --topic market
    is "[.comments[] | select(.on == \"deal/$deal\") | .text | split(\" \")[0]] | join(\" \")" 'Hidden Theirs'
    json gamma-admin comment list
    lacks "\"deal/$deal\""
    # Days are those of the company.
    json manager comment list --since "$(sql "SELECT jiayi.company_day(id, now()) FROM jiayi.company WHERE slug = 'acme'")"
    is '.comments[0].text' "Plain of $deal"
    json manager comment list --since "$(sql "SELECT jiayi.company_day(id, now()) + 1 FROM jiayi.company WHERE slug = 'acme'")"
    is '.comments // [] | length' 0
    json manager comment list "deal/$deal" --since 2100-01-01
    is '.comments // [] | length' 0
    refused $INVALID_ARGUMENT since manager comment list --since never
    refused $INVALID_ARGUMENT since manager comment list --since 2026-02-30
}
