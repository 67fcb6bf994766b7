#!/usr/bin/env bats
# Which sign-in counts, and hints that sign into no other.

load ../helper

setup() {
    unset JIAYI_PROFILE
    rm -f "$XDG_CONFIG_HOME/jiayi/profile"
}

# Without --profile.
plain() {
    run --separate-stderr "$JIAYI" "$@"
}

# A sign-in as PROFILE whose session is over by now.
over() {
    "$JIAYI" --profile "$1" login --server "$SERVER" --ca "$CA" --user sales@acme.example \
        --password-file "$(password_file sales)"
    sql "UPDATE jiayi.session SET created_at = now() - interval '31 days', expires_at = now() - interval '1 minute'
        WHERE id = $("$JIAYI" --profile "$1" -o json whoami | jq .session_id -r)"
}

@test "case 39: --profile counts before JIAYI_PROFILE, and that before the one that was chosen" {
    plain profile use sales
    ok
    plain -o json whoami
    is .email sales@acme.example
    JIAYI_PROFILE="admin" plain -o json whoami
    is .email admin@acme.example
    JIAYI_PROFILE="admin" plain --profile manager -o json whoami
    is .email manager@acme.example
    JIAYI_PROFILE='' plain -o json whoami
    is .email sales@acme.example
}

@test "case 39: profile list tells which sign-ins there are, and which one is used" {
    plain profile use sales
    plain -o json profile list
    ok
    is '.profiles[] | select(.profile == "sales") | .current' true
    is '.profiles[] | select(.profile == "admin") | .current' false
    is '.profiles[] | select(.profile == "admin") | .email' admin@acme.example
    is '.profiles | map(select(.profile | contains("."))) | length' 0
    plain profile list
    [[ $(grep '^sales ' <<<"$output") = *'sales@acme.example'*acme*'signed in; used now' ]] || complain "no row of sales"
    [[ $(grep '^admin ' <<<"$output") = *'signed in' ]] || complain "no row of admin"
    plain -o csv profile list
    says "sales,sales@acme.example,acme,$SERVER,true,true"
}

@test "case 39: profile use refuses what is none" {
    plain profile use nobody-there
    was_refused $USAGE 'there is no profile nobody-there'
    plain profile use ../sales
    was_refused $USAGE 'is no name for a profile'
    JIAYI_PROFILE=../sales plain whoami
    was_refused $USAGE 'is no name for a profile'
    [[ $stderr != *--profile* ]] || complain "names a flag that nobody typed"
}

@test "case 39: a hint is the whole command, whatever chose the profile" {
    over gone
    refused $UNAUTHENTICATED 'sign in again: jiayi --profile gone login' gone deal list
    JIAYI_PROFILE=gone plain deal list
    was_refused $UNAUTHENTICATED 'sign in again: jiayi --profile gone login'
    plain profile use gone
    plain deal list
    was_refused $UNAUTHENTICATED 'sign in again: jiayi --profile gone login'
    # Followed to the letter it signs in the one that it was about: nothing else has to be said.
    run --separate-stderr "$JIAYI" --profile gone login --password-file "$(password_file sales)"
    ok
    plain -o json whoami
    is .email sales@acme.example
    plain logout
    plain whoami
    was_refused $UNAUTHENTICATED 'sign in first: jiayi --profile gone login'
}

@test "case 39: a hint of the server's names the profile too" {
    local deal
    deal=$(new_deal sales)
    refused $FAILED_PRECONDITION "jiayi --profile sales deal update --amount --currency" sales deal move "$deal" won
}

@test "case 39: nobody chose, nobody is named" {
    plain whoami
    was_refused $UNAUTHENTICATED 'sign in first: jiayi login --server'
}
