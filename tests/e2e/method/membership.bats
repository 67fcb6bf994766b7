#!/usr/bin/env bats
# One person's memberships in several companies: linking them, switching between them, and what ends that.

load ../helper

# The person of these tests is peer@acme.example and sales@gamma.example.

# Nobody is linked, and everybody is signed in by the password that is theirs now.
setup() {
    local profile
    sql 'SELECT jiayi.person_apart(id) FROM jiayi.member WHERE linked_at IS NOT NULL; DELETE FROM jiayi.throttle' >"$BATS_TEST_TMPDIR/apart"
    for profile in peer gamma-sales; do
        [ ! -e "$BATS_FILE_TMPDIR/$profile" ] || signed_in "$profile"
    done
}

# signed_in PROFILE [ADDRESS [PASSWORD-OF]]
signed_in() {
    as "$1" login --server "$SERVER" --ca "$CA" --user "${2:-$(email "$1")}" --password-file "$(password_file "${3:-own-$1}")"
    ok
}

# chosen PROFILE: its password, which an admin set, is replaced by one of the own; the profile's session stays.
chosen() {
    [ ! -e "$BATS_FILE_TMPDIR/$1" ] || return 0
    as "$1" passwd --old-password-file "$(password_file "$1")" --new-password-file "$(password_file "own-$1")"
    ok
    touch "$BATS_FILE_TMPDIR/$1"
}

# link PROFILE COMPANY OTHER-PROFILE: by both own passwords.
link() {
    as "$1" company link "$2" --user "$(email "$3")" --password-file "$(password_file "own-$1")" \
        --password-there-file "$(password_file "own-$3")"
}

both_chosen() {
    chosen peer
    chosen gamma-sales
}

linked() {
    both_chosen
    link peer gamma gamma-sales
    ok
}

# opens_none PROFILE COMPANY: nothing is reached any more from there.
opens_none() {
    refused $NOT_FOUND "you linked no company $2 with yours" "$1" company switch "$2"
    json "$1" whoami
    is '.companies | length' 0
}

@test "company link: by both passwords; then company switch goes there and back, and whoami says where" {
    both_chosen
    json peer whoami
    is '.companies | length' 0
    link peer gamma gamma-sales
    ok
    says 'signed in as peer@acme.example, salesperson of acme'
    json peer whoami
    is '.companies | join(",")' gamma
    as peer completion bash -- --timeout 60 --profile peer company switch ""
    [ "$output" = gamma ] || complain "it is not completed"
    json peer company switch gamma
    is .company gamma
    is .email sales@gamma.example
    is '.token' null
    json peer deal create 'Of gamma' --customer C
    json gamma-sales deal list
    is '.deals[0].title' 'Of gamma'
    is '.deals[0].owner' sales@gamma.example
    json peer whoami
    is .company gamma
    is '.companies | join(",")' acme
    as peer company switch acme
    ok
    says 'signed in as peer@acme.example, salesperson of acme'
    json peer deal list
    is '.deals | length' 0
    # From the other side as well, where one signs in anew.
    signed_in gamma-sales
    json gamma-sales company switch acme
    is .email peer@acme.example
    # Signing in again means the membership whose password it is.
    signed_in gamma-sales
    json gamma-sales whoami
    is .company gamma
}

@test "company switch: what it opened goes with logout, a new password, and the session that it came from" {
    linked
    local from
    cp "$XDG_CONFIG_HOME/jiayi/profiles/peer" "$XDG_CONFIG_HOME/jiayi/profiles/copy"
    as peer company switch gamma
    ok
    cp "$XDG_CONFIG_HOME/jiayi/profiles/peer" "$XDG_CONFIG_HOME/jiayi/profiles/switched"
    from=$("$JIAYI" --profile copy -o json whoami | jq -r .session_id)
    as copy session revoke "$from"
    ok
    refused $UNAUTHENTICATED 'has expired' switched whoami
    as gamma-sales whoami
    ok
    signed_in peer
    as peer company switch gamma
    ok
    cp "$XDG_CONFIG_HOME/jiayi/profiles/peer" "$XDG_CONFIG_HOME/jiayi/profiles/switched"
    as peer logout
    ok
    refused $UNAUTHENTICATED '' switched whoami
    refused $UNAUTHENTICATED '' peer company switch acme
}

@test "company link: nothing tells whether a company or an address exists" {
    both_chosen
    local first who
    as peer company link gamma --user sales@gamma.example --password-file "$(password_file own-peer)" \
        --password-there-file "$(password_file own-peer)"
    was_refused $INVALID_ARGUMENT 'address, password or company is wrong; if your address is another one there, add --user'
    first=$stderr
    for who in 'gamma --user nobody@gamma.example' 'nowhere --user sales@gamma.example' gamma 'beta --user sales@gamma.example'; do
        # shellcheck disable=SC2086
        as peer company link $who --password-file "$(password_file own-peer)" \
            --password-there-file "$(password_file own-gamma-sales)"
        was_refused $INVALID_ARGUMENT ''
        [ "$stderr" = "$first" ] || complain "$who is told apart from: $first"
    done
    refused $NOT_FOUND 'you linked no company gamma with yours' peer company switch gamma
    refused $NOT_FOUND 'you linked no company nowhere with yours' peer company switch nowhere
    # Wrong ones slow down who sends them, as at sign-in.
    sql "UPDATE jiayi.throttle SET level = 12 WHERE budget = 'pair'"
    as peer --timeout 1 company link gamma --user sales@gamma.example --password-file "$(password_file own-peer)" \
        --password-there-file "$(password_file own-gamma-sales)"
    was_refused $RESOURCE_EXHAUSTED 'too many wrong passwords'
}

@test "company link: a session alone is not enough, and neither is one of the passwords" {
    both_chosen
    as peer company link gamma --user sales@gamma.example --password-file "$(password_file own-gamma-sales)" \
        --password-there-file "$(password_file own-gamma-sales)"
    was_refused $INVALID_ARGUMENT '--password-file: is not your password'
    as peer company link acme --password-file "$(password_file own-peer)" --password-there-file "$(password_file own-peer)"
    was_refused $INVALID_ARGUMENT 'that is how you are signed in'
    [ "$(sql 'SELECT count(*) - count(DISTINCT person_id) FROM jiayi.member')" = 0 ]
}

@test "case H3: whose password an admin chose links nothing, for the admin could switch as well" {
    as manager company link gamma --user admin@gamma.example --password-file "$(password_file manager)" \
        --password-there-file "$(password_file gamma-admin)"
    was_refused $FAILED_PRECONDITION 'somebody else chose your password at acme'
    chosen peer
    as peer company link gamma --user admin@gamma.example --password-file "$(password_file own-peer)" \
        --password-there-file "$(password_file gamma-admin)"
    was_refused $FAILED_PRECONDITION 'somebody else chose your password at gamma'
}

@test "case H3: a session from before the link does not switch, nor one that was opened by switching" {
    both_chosen
    signed_in before peer@acme.example own-peer
    link peer gamma gamma-sales
    ok
    refused $FAILED_PRECONDITION 'you signed in before gamma was linked; sign in again: jiayi --profile before login' \
        before company switch gamma
    refused $FAILED_PRECONDITION 'you signed in before acme was linked' gamma-sales company switch acme
    as peer company switch gamma
    ok
    refused $FAILED_PRECONDITION 'opened by switching' peer api call AuthService/SwitchCompany '{"company": "acme"}'
}

# What an admin tries: way ADMIN ADDRESS, of one's own company.
way_of_password() {
    as "$1" member set-password "$2" --password-file "$(password_file guessed)"
}
way_of_code() {
    as "$1" member set-password "$2"
}
way_of_address() {
    as "$1" member update "$2" --email "other-${2}"
}
way_of_removing() {
    as "$1" member remove "$2" --hand-to "$(email "$1")" --note 'Leaves'
}
way_of_adding_again() {
    as "$1" member remove "$2" --hand-to "$(email "$1")" --note 'Leaves' && as "$1" member add "$2" --name Again --role salesperson \
        --password-file "$(password_file guessed)"
}

# attack ADMIN VICTIM OTHER OTHER-COMPANY: the admin of VICTIM's company tries each way to come into the OTHER's.
attack() {
    local admin=$1 victim=$2 other=$3 company=$4 way log
    for way in password code address removing adding_again; do
        own_again "$victim" # who was attacked chose a password again
        as "$victim" company switch "$company"
        ok
        cp "$XDG_CONFIG_HOME/jiayi/profiles/$victim" "$XDG_CONFIG_HOME/jiayi/profiles/switched"
        log=$(sql "SELECT count(*) FROM jiayi.audit_log AS a JOIN jiayi.company AS c ON c.id = a.company_id WHERE c.slug = '$company'")
        way_of_$way "$admin" "$(email "$victim")"
        ok
        refused $UNAUTHENTICATED '' switched whoami
        # Whoever signs in there now reaches nothing.
        if [ "$way" != removing ] && [ "$way" != code ]; then
            local address word=guessed
            address=$(email "$victim")
            [ $way != address ] || address=other-$address word=own-$victim
            signed_in thief "$address" "$word"
            opens_none thief "$company"
        fi
        # The other company's own session goes on, it reaches nothing either, and its log knows nothing.
        json "$other" whoami
        is '.companies | length' 0
        [ "$(sql "SELECT count(*) FROM jiayi.audit_log AS a JOIN jiayi.company AS c ON c.id = a.company_id WHERE c.slug = '$company'")" = "$log" ] ||
            complain "$way left a trace at $company"
        world_back "$admin" "$victim" "$other" "$company"
    done
}

own_again() {
    sql "UPDATE jiayi.credential AS k SET own = true FROM jiayi.member AS m WHERE m.id = k.member_id AND m.email = '$(email "$1")'"
}

# As it was: the person of both is linked again.
world_back() {
    sql "UPDATE jiayi.member SET email = replace(email, 'other-', ''), state = 'active' WHERE email IN ('$(email "$2")', 'other-$(email "$2")');
        DELETE FROM jiayi.throttle"
    as "$1" member set-password "$(email "$2")" --password-file "$(password_file "own-$2")"
    ok
    own_again "$2"
    signed_in "$2"
    link "$2" "$4" "$3"
    ok
}

@test "case H3, attack: the admin of one side gets nowhere, whatever is done to the membership there" {
    linked
    attack admin peer gamma-sales gamma
}

@test "case H3, attack: nor does the admin of the other side" {
    both_chosen
    link gamma-sales acme peer
    ok
    attack gamma-admin gamma-sales peer acme
}

@test "case H3, attack: the admin's log tells nothing of other companies" {
    linked
    as peer company switch gamma
    ok
    as peer deal create 'Of gamma' --customer C
    ok
    as admin -o json audit list --all
    ok
    lacks gamma
    lacks linked
    lacks '"via'
}

@test "company unlink: the person ends it, and what was opened by it" {
    linked
    refused $FAILED_PRECONDITION 'you linked no other company with this one' manager company unlink
    as peer company switch gamma
    ok
    cp "$XDG_CONFIG_HOME/jiayi/profiles/peer" "$XDG_CONFIG_HOME/jiayi/profiles/switched"
    as peer company switch acme
    ok
    json peer company unlink
    is '.companies | join(",")' gamma
    refused $UNAUTHENTICATED '' switched whoami
    opens_none peer gamma
}

@test "jiayi join: who is at home in another company links both, and switches where the password there is their own" {
    local code
    chosen peer
    code=$("$JIAYI" --profile gamma-admin -o json member add peer@acme.example --name Peer --role salesperson | jq -r .code)
    as guest join "$code" --password-file "$(password_file guest)"
    was_refused $INVALID_ARGUMENT 'home password: the address'
    as guest join "$code" --password-file "$(password_file guest)" --home-password-file "$(password_file own-peer)"
    ok
    json guest whoami
    is '.companies | join(",")' acme
    json guest company switch acme
    is .email peer@acme.example
    # Whose password at home somebody else chose is one person all the same, and switches nowhere.
    code=$("$JIAYI" --profile gamma-admin -o json member add sales@acme.example --name Sales --role salesperson | jq -r .code)
    as guest2 join "$code" --password-file "$(password_file guest)" --home-password-file "$(password_file sales)"
    ok
    opens_none guest2 acme
    [ "$(sql "SELECT count(DISTINCT person_id) FROM jiayi.member WHERE email = 'sales@acme.example'")" = 1 ]
}

@test "jiayi join: on a terminal it asks for the password at home where that is needed" {
    local code words
    code=$("$JIAYI" --profile gamma-admin -o json member add auditor@acme.example --name A --role salesperson | jq -r .code)
    printf -v words '%q ' "$JIAYI" --profile typed join "$code"
    run bash -c "(sleep 0.3; for word in new-password new-password '$(cat "$(password_file auditor)")'; do
        echo \"\$word\"; sleep 1; done; sleep 3) | script -qec \"\$1\" /dev/null" _ "$words"
    says 'the password that you have there as well'
    says 'signed in as auditor@acme.example, salesperson of gamma'
    json typed whoami
    is .company gamma
}

@test "company link, switch: neither company's log tells more than that its member signed in" {
    [ "$(sql "SELECT count(*) FROM jiayi.session WHERE via_id IS NOT NULL")" -gt 0 ]
    [ "$(sql "SELECT string_agg(DISTINCT method, ' ') FROM jiayi.audit_log WHERE action = 'insert' AND object = 'session'
        AND method ~ 'Link|Switch'")" = '' ]
}
