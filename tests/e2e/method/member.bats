#!/usr/bin/env bats
# Members: who acts for a company, in which role, under whom.

load ../helper

# add PROFILE ROLE [ARG…]: a member of acme who signs in.
add() {
    world_person admin "$1" "$2" "${@:3}" >/dev/null
}

@test "member add: works" {
    as admin member add new@acme.example --name '新人' --role salesperson --manager manager@acme.example \
        --password-file "$(password_file new)"
    ok
    json admin member list
    is '.members[] | select(.email == "new@acme.example") | [.name, .role, .manager, .state] | join(" ")' \
        '新人 salesperson manager@acme.example active'
    sign_in new new@acme.example
}

@test "member add: denied without member.manage" {
    local before who
    before=$(changes)
    for who in operator manager sales partner auditor; do
        refused $PERMISSION_DENIED member.manage $who member add x@acme.example --name X --role salesperson \
            --password-file "$(password_file x)"
    done
    [ "$(changes)" = "$before" ]
}

@test "member add: twice" {
    refused $ALREADY_EXISTS sales@acme.example admin member add sales@acme.example --name Sales --role salesperson
}

@test "member add: a new person needs a password; one with an account does not" {
    refused $FAILED_PRECONDITION --password-file admin member add nopass@acme.example --name X --role salesperson
    as gamma-admin member add peer@acme.example --name 'Peer at Gamma' --role auditor
    ok
}

@test "member add: an unknown role or manager" {
    refused $NOT_FOUND 'no role emperor' admin member add y@acme.example --name Y --role emperor \
        --password-file "$(password_file y)"
    # A manager of another company is no manager here.
    as admin member add y@acme.example --name Y --role salesperson --manager manager@beta.example \
        --password-file "$(password_file y)"
    [[ $status = "$INVALID_ARGUMENT" || $status = "$NOT_FOUND" ]] || complain "took a foreign manager"
    json admin member list
    is '[.members[] | select(.email == "y@acme.example")] | length' 0
}

@test "member add: nobody can give the operator's role" {
    as admin member add z@acme.example --name Z --role operator --password-file "$(password_file z)"
    [ "$status" -ge 10 ] || complain "made an operator"
    json admin member list
    is '[.members[] | select(.email == "z@acme.example")] | length' 0
}

@test "member list: only the own company's" {
    json sales member list
    is '[.members[].email | select(endswith("@acme.example") | not)] | length' 0
    json beta-vendor member list
    is '[.members[].email | select(endswith("@beta.example") | not)] | length' 0
}

@test "member set-role: counts from the very next call" {
    add riser salesperson
    refused $PERMISSION_DENIED kpi.define riser kpi define risen --name R --unit r --period day
    as admin member set-role riser@acme.example manager
    ok
    as riser kpi define risen --name R --unit r --period day
    ok
    as admin member set-role riser@acme.example auditor
    ok
    refused $PERMISSION_DENIED deal.create riser deal create T --customer C
}

@test "member set-role: not there, unknown, somebody else's" {
    refused $NOT_FOUND nobody@acme.example admin member set-role nobody@acme.example manager
    refused $NOT_FOUND sales@gamma.example admin member set-role sales@gamma.example manager
    refused $NOT_FOUND 'no role emperor' admin member set-role sales@acme.example emperor
    refused $PERMISSION_DENIED member.manage manager member set-role sales@acme.example manager
}

@test "member set-role: the last admin stays" {
    refused $FAILED_PRECONDITION admin gamma-admin member set-role admin@gamma.example manager
    refused $FAILED_PRECONDITION admin gamma-admin member remove admin@gamma.example
    world_person gamma-admin gamma-second admin >/dev/null
    as gamma-second member set-role admin@gamma.example manager
    ok
    as gamma-second member set-role admin@gamma.example admin
    ok
}

@test "member set-role: two admins who demote each other at the same moment leave one" {
    local round who admins
    world_person gamma-admin gamma-third admin >/dev/null
    for who in $(sql "SELECT m.email FROM jiayi.member m JOIN jiayi.role r ON r.id = m.role_id
            JOIN jiayi.company c ON c.id = m.company_id
            WHERE c.slug = 'gamma' AND r.name = 'admin' AND m.state = 'active'"); do
        case $who in
        admin@* | third@*) ;;
        *) "$JIAYI" --profile gamma-admin member set-role "$who" salesperson >/dev/null ;;
        esac
    done
    for round in 1 2 3; do
        "$JIAYI" --profile gamma-admin member set-role third@gamma.example manager >/dev/null 2>&1 &
        "$JIAYI" --profile gamma-third member set-role admin@gamma.example manager >/dev/null 2>&1 &
        wait
        json gamma-sales member list
        admins=$(jq -r '[.members[] | select(.role == "admin") | .email] | join(" ")' <<<"$output")
        case $admins in
        admin@gamma.example) as gamma-admin member set-role third@gamma.example admin ;;
        third@gamma.example) as gamma-third member set-role admin@gamma.example admin ;;
        *) complain "admins after round $round: $admins" ;;
        esac
        ok
    done
}

@test "member set-manager: at most one, no cycles, --none takes it away" {
    add above manager
    add below salesperson --manager above@acme.example
    refused $FAILED_PRECONDITION below@acme.example admin member set-manager above@acme.example below@acme.example
    as admin member set-manager above@acme.example above@acme.example
    [ "$status" -ge 10 ] || complain "manages oneself"
    as admin member set-manager below@acme.example manager@acme.example
    ok
    json admin member list
    is '.members[] | select(.email == "below@acme.example").manager' manager@acme.example
    as admin member set-manager below@acme.example --none
    ok
    json admin member list
    is '.members[] | select(.email == "below@acme.example").manager' null
    refused $NOT_FOUND nobody@acme.example admin member set-manager nobody@acme.example manager@acme.example
    refused $PERMISSION_DENIED member.manage manager member set-manager sales@acme.example manager@acme.example
}

@test "member set-manager: a whole branch moves with its head" {
    local deal
    add head manager
    add middle manager
    add leaf salesperson --manager middle@acme.example
    deal=$(new_deal leaf)
    refused $NOT_FOUND "no deal $deal" head deal show "$deal"
    as admin member set-manager middle@acme.example head@acme.example
    ok
    as head deal show "$deal"
    ok
    as admin member set-manager middle@acme.example --none
    ok
    refused $NOT_FOUND "no deal $deal" head deal show "$deal"
}

@test "member remove: signed out at once; deals stay; the people move up" {
    local deal
    add boss manager --manager manager@acme.example
    add worker salesperson --manager boss@acme.example
    deal=$(new_deal boss)
    as admin member remove boss@acme.example
    ok
    refused $UNAUTHENTICATED 'sign in' boss whoami
    as boss login --server "$SERVER" --ca "$CA" --user boss@acme.example --password-file "$(password_file boss)"
    [ "$status" -ge 10 ] || complain "signed in"
    json admin member list
    is '[.members[] | select(.email == "boss@acme.example")] | length' 0
    is '.members[] | select(.email == "worker@acme.example").manager' manager@acme.example
    json admin deal show "$deal"
    is .owner boss@acme.example
    as admin deal assign "$deal" worker@acme.example
    ok
    # Somebody who was removed can come back.
    as admin member add boss@acme.example --name Boss --role salesperson
    ok
    sign_in boss boss@acme.example
}

@test "member remove: denied, not there, somebody else's" {
    refused $PERMISSION_DENIED member.manage manager member remove sales@acme.example
    refused $NOT_FOUND nobody@acme.example admin member remove nobody@acme.example
    refused $NOT_FOUND sales@gamma.example admin member remove sales@gamma.example
    as gamma-sales whoami
    ok
}
