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

# code_of PROFILE WORDS…: what a command answers as the code.
code_of() {
    "$JIAYI" --profile "$1" -o json "${@:2}" | jq -er .code
}

# join PROFILE CODE: with a password of that profile's name.
join() {
    as "$1" join "$2" --password-file "$(password_file "$1")" "${@:3}"
}

@test "member add: without a password a code, by which the person joins, once (case 52)" {
    local code
    code=$(code_of admin member add coded@acme.example --name Coded --role salesperson)
    # Nobody signs in before.
    as coded login --server "$SERVER" --ca "$CA" --user coded@acme.example --password-file "$(password_file coded)"
    was_refused $UNAUTHENTICATED 'is wrong'
    # The code is all that is needed: it says where the server is, and which authority vouches for it.
    join coded "$code"
    ok
    says 'signed in as coded@acme.example, salesperson of acme'
    json coded whoami
    is .company acme
    sign_in coded coded@acme.example
    join coded-again "$code"
    was_refused $UNAUTHENTICATED 'ask for a new one'
    join sales "$code"
    was_refused $USAGE 'is signed in as sales@acme.example'
    join coded-again "${code:0:60}"
    was_refused $USAGE 'no code'
    # What is kept of the call has no code, nor has the log.
    [ "$(sql "SELECT count(*) FROM jiayi.call_record WHERE answer::text ~ '\"code\": \"[^\"]'")" = 0 ]
    [ "$(sql "SELECT count(*) FROM jiayi.join_code WHERE code_sha256 IS NULL OR length(code_sha256) <> 32")" = 0 ]
}

@test "member add: a code of another authority is not believed" {
    local code
    code=$(code_of admin member add wary@acme.example --name Wary --role salesperson)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$BATS_TEST_TMPDIR/key" \
        -out "$BATS_TEST_TMPDIR/cert" -subj /CN=fake -addext subjectAltName=IP:127.0.0.1 -days 2 2>/dev/null
    local port=$((20000 + RANDOM % 12000))
    openssl s_server -accept "127.0.0.1:$port" -cert "$BATS_TEST_TMPDIR/cert" -key "$BATS_TEST_TMPDIR/key" -quiet \
        >/dev/null 2>&1 3>&- &
    local fake=$!
    eventually bash -c ": </dev/tcp/127.0.0.1/$port"
    join wary "$code" --server "127.0.0.1:$port"
    kill $fake
    was_refused $UNAVAILABLE 'does not show the authority'
    join wary "$code"
    ok
}

@test "member add: sent again, the code is not shown again" {
    local id=00112233445566778899aabbccddeeff
    json admin member add again@acme.example --name Again --role salesperson --request-id $id
    refused $FAILED_PRECONDITION 'done; the code was shown once: make a new one' admin member add again@acme.example \
        --name Again --role salesperson --request-id $id
    # With a password there is nothing to hide.
    json admin member add again2@acme.example --name Again --role salesperson --request-id ${id/00/01} \
        --password-file "$(password_file again)"
    json admin member add again2@acme.example --name Again --role salesperson --request-id ${id/00/01} \
        --password-file "$(password_file again)"
    is .email again2@acme.example
}

@test "member add: another company's people are like nobody's (case M1, H3)" {
    local known unknown
    json gamma-admin member add peer@acme.example --name Same --role auditor
    known=$(jq -S 'del(.id, .code, .created_at, .code_expires_at) | .email = "X"' <<<"$output")
    json gamma-admin member add nobody@nowhere.example --name Same --role auditor
    unknown=$(jq -S 'del(.id, .code, .created_at, .code_expires_at) | .email = "X"' <<<"$output")
    [ "$known" = "$unknown" ] || complain "told apart: $known $unknown"
    # The password of the one company opens nothing in the other, and the person at home notices nothing.
    as hijack login --server "$SERVER" --ca "$CA" --user peer@acme.example --company gamma \
        --password-file "$(password_file peer)"
    was_refused $UNAUTHENTICATED 'is wrong'
    as peer whoami
    ok
    [ "$(sql "SELECT count(*) FROM jiayi.audit_log a JOIN jiayi.company c ON c.id = a.company_id
        WHERE c.slug = 'acme' AND a.member = 'admin@gamma.example'")" = 0 ]
}

@test "case 2: addresses that look the same, and what nobody sees" {
    local address
    for address in $'s\u0430les@acme.example' $'\uff53ales@acme.example' sa1es@acme.example; do
        refused $ALREADY_EXISTS 'looks like sales@acme.example' admin member add "$address" --name X --role salesperson
        refused $ALREADY_EXISTS 'looks like sales@acme.example' admin member update peer@acme.example --email "$address"
    done
    for address in $'sales\u200b@acme.example' $'sa\u00adles@acme.example' $'\u202esales@acme.example' \
        $'\U000e0041sales@acme.example' sales@acme.example. $'sales\u0378@acme.example'; do
        refused $INVALID_ARGUMENT email admin member add "$address" --name X --role salesperson
    done
    refused $INVALID_ARGUMENT 'cannot be seen, U+200B' admin member add seen@acme.example --name $'\u200b' --role salesperson
    refused $INVALID_ARGUMENT 'cannot be seen, U+202E' sales deal create $'a\u202eb' --customer C
    # What another company has is nothing to look like.
    json gamma-admin member add $'s\u0430les@other.example' --name X --role salesperson
    # What is written in two ways is one.
    json sales deal create $'Ame\u0301lie' --customer C
    is .title $'Am\u00e9lie'
    json admin member add $'ame\u0301lie@acme.example' --name A --role salesperson
    is .email $'am\u00e9lie@acme.example'
    # Texts of many lines stay as they were written.
    local deal
    deal=$(new_deal sales)
    json sales deal log "$deal" --kind note --text $'\U0001f468\u200d\U0001f4bb e\u0301'
    is .text $'\U0001f468\u200d\U0001f4bb e\u0301'
}

@test "case 4: member set-password and update keep all else" {
    local deal code
    add forgets manager --manager manager@acme.example
    add follower salesperson --manager forgets@acme.example
    deal=$(new_deal forgets)
    code=$(code_of admin member set-password forgets@acme.example)
    refused $UNAUTHENTICATED 'sign in' forgets whoami
    as forgets logout
    (umask 077 && echo another-secret >"$SCRATCH/passwords/remembers")
    join remembers "$code"
    ok
    json remembers deal show "$deal"
    is .owner forgets@acme.example
    json admin member list
    is '.members[] | select(.email == "follower@acme.example").manager' forgets@acme.example
    json admin member update forgets@acme.example --name 'Remembers 记得' --email remembers@acme.example
    is .name 'Remembers 记得'
    is .manager manager@acme.example
    json remembers whoami
    is .email remembers@acme.example
    json admin deal show "$deal"
    is .owner remembers@acme.example
    as old login --server "$SERVER" --ca "$CA" --user forgets@acme.example --password-file "$(password_file remembers)"
    was_refused $UNAUTHENTICATED 'is wrong'
    sign_in remembers remembers@acme.example
}

@test "case M9: who sets another's password ends what was open, and the person is told until it is changed" {
    local own=$SCRATCH/passwords/told-own
    add told salesperson
    (umask 077 && echo given-by-admin >"$SCRATCH/passwords/told-2" && echo my-own-secret >"$own")
    json admin member set-password told@acme.example --password-file "$SCRATCH/passwords/told-2"
    refused $UNAUTHENTICATED 'sign in' told whoami
    as told login --server "$SERVER" --ca "$CA" --user told@acme.example --password-file "$(password_file told-2)"
    ok
    says 'admin@acme.example set your password'
    json told login --server "$SERVER" --ca "$CA" --user told@acme.example --password-file "$(password_file told-2)"
    is .password_set_by admin@acme.example
    json told passwd --old-password-file "$(password_file told-2)" --new-password-file "$own"
    as told login --server "$SERVER" --ca "$CA" --user told@acme.example --password-file "$own"
    ok
    lacks 'set your password'
    refused $FAILED_PRECONDITION 'change your own password' admin member set-password admin@acme.example
    refused $PERMISSION_DENIED member.manage manager member set-password sales@acme.example
    refused $PERMISSION_DENIED member.manage manager member update sales@acme.example --name X
    refused $NOT_FOUND sales@gamma.example admin member set-password sales@gamma.example
    refused $NOT_FOUND sales@gamma.example admin member update sales@gamma.example --name X
    refused $INVALID_ARGUMENT name admin member update sales@acme.example
    refused $ALREADY_EXISTS 'a member already' admin member update sales@acme.example --email peer@acme.example
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

@test "member remove: signed out at once; what was won stays; the people move up" {
    local deal
    add boss manager --manager manager@acme.example
    add worker salesperson --manager boss@acme.example
    deal=$(new_deal boss)
    refused $FAILED_PRECONDITION 'hand them over first' admin member remove boss@acme.example
    as admin deal update "$deal" --amount 5 --currency EUR
    as admin deal move "$deal" won --yes
    as admin member remove boss@acme.example --hand-to worker@acme.example --note 'Customers.'
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
    # Somebody who was removed can come back, with a new password.
    as admin member add boss@acme.example --name Boss --role salesperson
    ok
    as boss login --server "$SERVER" --ca "$CA" --user boss@acme.example --password-file "$(password_file boss)"
    was_refused $UNAUTHENTICATED 'is wrong'
}

@test "member remove: denied, not there, somebody else's" {
    refused $PERMISSION_DENIED member.manage manager member remove sales@acme.example
    refused $NOT_FOUND nobody@acme.example admin member remove nobody@acme.example
    refused $NOT_FOUND sales@gamma.example admin member remove sales@gamma.example
    as gamma-sales whoami
    ok
}

@test "case 9: a list goes on after an address of any length; a token of another list or filter is refused" {
    local long token
    long=$(printf 'ё%.0s' {1..60})@$(printf 'ё%.0s' {1..50}).$(printf 'ё%.0s' {1..50}).example
    json admin member add "$long" --name Long --role salesperson --password-file "$(password_file sales)"
    json admin member add "ё$long" --name Last --role salesperson --password-file "$(password_file sales)"
    json admin member list --page-size 1000
    local place
    place=$(jq "[.members[].email] | index(\"$long\") + 1" <<<"$output")
    json admin member list --page-size "$place"
    token=$(jq -r .next_page_token <<<"$output")
    [ ${#token} -gt 400 ] || complain "a short token"
    json admin member list --page-token "$token"
    is '.members[0].email' "ё$long"
    json sales deal list --page-size 1
    new_deal sales >/dev/null
    new_deal sales >/dev/null
    json sales deal list --page-size 1
    token=$(jq -r .next_page_token <<<"$output")
    json sales deal list --page-size 5 --page-token "$token"
    refused $INVALID_ARGUMENT page_token sales deal list --stage new --page-token "$token"
    refused $INVALID_ARGUMENT page_token sales report list --page-token "$token"
    as admin member remove "$long"
    as admin member remove "ё$long"
}

@test "member history: role, manager, in and out, each from when to when and by whom" {
    world_person admin history-arben salesperson --manager manager@acme.example >/dev/null
    as admin member set-role history-arben@acme.example manager
    ok
    as admin member set-manager history-arben@acme.example --none
    ok
    as admin member update history-arben@acme.example --name 'Arben H'
    ok
    as admin member remove history-arben@acme.example
    ok
    json admin member history history-arben@acme.example
    is '[.spans[] | "\(.state) \(.role) \(.manager // "-") \(.by) \(.to != null)"] | join(", ")' \
        'removed manager - admin@acme.example false, active manager - admin@acme.example true, active manager manager@acme.example admin@acme.example true, active salesperson manager@acme.example admin@acme.example true'
    is '[.spans[] | .from] | . == (sort | reverse)' true
    json sales member history manager@acme.example
    is '.spans | length > 0' true
    refused $NOT_FOUND 'no member nobody@acme.example' sales member history nobody@acme.example
    refused $NOT_FOUND 'no member sales@acme.example' gamma-admin member history sales@acme.example
    # The end is set once, and nothing else.
    run sql "UPDATE jiayi.member_span SET role = 'admin'"
    [ "$status" -ne 0 ]
    run sql "UPDATE jiayi.member_span SET to_at = now() WHERE to_at IS NOT NULL"
    [ "$status" -ne 0 ]
    run sql "DELETE FROM jiayi.member_span"
    [ "$status" -ne 0 ]
}
