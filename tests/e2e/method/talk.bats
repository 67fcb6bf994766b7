#!/usr/bin/env bats
# What is said of contracts and registrations, and put on them: both sides read it, a rival nothing; of a draft its own side alone.

load ../helper
load ../contracts

# words PROFILE REF: the comments that it reads there.
words() {
    "$JIAYI" --profile "$1" -o json comment list "$2" | jq -r '[.comments[]?.text] | sort | join(", ")'
}

# names PROFILE REF: the files that it finds there.
names() {
    "$JIAYI" --profile "$1" -o json file list "$2" | jq -r '[.files[]?.name] | sort | join(", ")'
}

# put PROFILE REF NAME [FLAG…]
put() {
    echo "$3" >"$BATS_TEST_TMPDIR/$3"
    as "$1" file put "$2" "$BATS_TEST_TMPDIR/$3" "${@:4}"
    ok
}

# unseen WHO REF: nothing of it, whichever way.
unseen() {
    refused $NOT_FOUND '' "$1" comment add "$2" --text x
    refused $NOT_FOUND '' "$1" comment list "$2"
    refused $NOT_FOUND '' "$1" file list "$2"
    refused $NOT_FOUND '' "$1" file put "$2" "$BATS_TEST_TMPDIR/x"
    json "$1" comment list
    is "[.comments[]? | select(.on == \"$2\")] | length" 0
}

dispatched() {
    [ "$(sql "SELECT count(*) FROM jiayi.event WHERE on_kind = jiayi.kind('contract') AND on_id = $1 AND position IS NULL")" = 0 ]
}

@test "comment add, file put: on a registration: who registered and who decides; a rival, and who does not see it, nothing" {
    local id
    partner other
    echo x >"$BATS_TEST_TMPDIR/x"
    id=$("$JIAYI" --profile beta-vendor -o json deal register Lead --customer 'Talk Ltd' --to acme | jq -r .id)
    as beta-vendor comment add "registration/$id" --text 'Met them in March'
    ok
    put beta-vendor "registration/$id" minutes.txt
    as admin comment add "registration/$id" --text 'Which plant?'
    ok
    as admin comment add "registration/$id" --text 'We know them' --internal
    ok
    [ "$(words beta-vendor "registration/$id")" = 'Met them in March, Which plant?' ]
    [ "$(words beta-manager "registration/$id")" = 'Met them in March, Which plant?' ]
    [ "$(words manager "registration/$id")" = 'Met them in March, We know them, Which plant?' ]
    [ "$(names admin "registration/$id")" = minutes.txt ]
    for who in other gamma-admin beta-peer; do unseen $who "registration/$id"; done
    refused $PERMISSION_DENIED comment.add auditor comment add "registration/$id" --text x
    refused $NOT_FOUND '' admin comment add registration/999999 --text x
    as admin registration reject "$id" --reason 'Ours already'
    ok
    [ "$(words beta-vendor "registration/$id")" = 'Met them in March, Which plant?' ]
}

@test "comment add: on the draft of the vendor: the principal neither reads it nor is told" {
    local id
    echo x >"$BATS_TEST_TMPDIR/x"
    id=$(draft beta-admin acme --side principal)
    as beta-admin comment add "contract/$id" --text 'Ask @admin@acme.example for more'
    ok
    unseen admin "contract/$id"
    eventually dispatched "$id"
    json admin inbox list
    is "[.items[]? | select(.on == \"contract/$id\")] | length" 0
    [ "$(words beta-admin "contract/$id")" = 'Ask @admin@acme.example for more' ]
}

# The last one: it ends what acme and beta have.
@test "comment add, file put: on a contract: of a draft the drafting side alone, then both sides, but for what is internal" {
    local id seller=beta-vendor
    partner rival
    echo x >"$BATS_TEST_TMPDIR/x"
    id=$(draft admin beta)
    # Of the draft nobody else reads, not once it is proposed either, and not where --shared says so.
    as admin comment add "contract/$id" --text 'Offer 8 %, ask beta-admin@beta.example'
    ok
    json admin comment add "contract/$id" --text 'Up to 9 %, @admin@beta.example' --shared
    is .internal true
    put admin "contract/$id" sums.txt
    for who in beta-admin rival gamma-admin; do unseen $who "contract/$id"; done
    [ "$(names admin "contract/$id")" = sums.txt ]
    propose admin "$id"
    [ -z "$(words beta-admin "contract/$id")" ]
    [ -z "$(names beta-admin "contract/$id")" ]
    as beta-admin comment add "contract/$id" --text 'Why 30 days?'
    ok
    as beta-admin comment add "contract/$id" --text 'We would take 45' --internal
    ok
    as admin comment add "contract/$id" --text 'Because of the port'
    ok
    put admin "contract/$id" port.pdf
    put beta-admin "contract/$id" letter.pdf --internal
    [ "$(words admin "contract/$id")" = 'Because of the port, Offer 8 %, ask beta-admin@beta.example, Up to 9 %, @admin@beta.example, Why 30 days?' ]
    [ "$(words beta-admin "contract/$id")" = 'Because of the port, We would take 45, Why 30 days?' ]
    [ "$(names admin "contract/$id")" = 'port.pdf, sums.txt' ]
    [ "$(names beta-admin "contract/$id")" = 'letter.pdf, port.pdf' ]
    for who in rival gamma-admin; do unseen $who "contract/$id"; done
    # Within a side by who is responsible: whom it is given to reads what the company says of it, and writes.
    unseen $seller "contract/$id"
    both "$id" beta-admin
    as beta-admin contract assign "$id" vendor@beta.example
    ok
    as $seller comment add "contract/$id" --text 'I look after it'
    ok
    [ "$(words $seller "contract/$id")" = 'Because of the port, I look after it, We would take 45, Why 30 days?' ]
    # Both keep it when the contract is over.
    as beta-admin contract end "$id" --reason Over --yes
    ok
    [ "$(words admin "contract/$id")" = "$(words admin "contract/$id")" ]
    [ "$(words $seller "contract/$id")" = 'Because of the port, I look after it, We would take 45, Why 30 days?' ]
    # Whoever was named in a draft of the other side is told nothing.
    eventually dispatched "$id"
    json beta-admin inbox list
    is "[.items[]? | select(.on == \"contract/$id\" and .kind == \"comment.added\" and .member == \"admin@acme.example\")] | length" 1
    [ "$(sql "SELECT count(*) FROM jiayi.inbox AS i JOIN jiayi.event AS e ON e.id = i.event_id JOIN jiayi.member AS m ON m.id = i.member_id
        WHERE e.on_kind = jiayi.kind('contract') AND e.on_id = $id AND e.partner_id IS NULL AND m.email = 'admin@beta.example'
          AND e.company_id <> m.company_id")" = 0 ]
}
