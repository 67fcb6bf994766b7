#!/usr/bin/env bats
# Signing in and out, the password, sessions.

load ../helper

login() {
    as "$1" login --server "$SERVER" --ca "$CA" --user "$2" --password-file "$3" "${@:4}"
}

@test "whoami: says who, for which company, in which role" {
    json sales whoami
    is .email sales@acme.example
    is .company acme
    is .role salesperson
    is .manager manager@acme.example
    is '.permissions | index("deal.create:own") != null' true
    is '.permissions | map(select(startswith("company.create"))) | length' 0
}

@test "whoami: a profile without a session is told to sign in" {
    refused $UNAUTHENTICATED 'login --server' nobody whoami
}

# The client keeps the TLS session that a full handshake gives it; one that was resumed gives it nothing new to keep.
@test "whoami: the second connection resumes the TLS session of the first" {
    login tls sales@acme.example "$(password_file sales)"
    ok
    local kept first again
    kept=$(find "$XDG_CONFIG_HOME" -name tls.tls)
    [ -s "$kept" ] || complain "no TLS session is kept beside the profile"
    first=$(sha256sum <"$kept")
    json tls whoami
    again=$(sha256sum <"$kept")
    [ "$first" = "$again" ] || complain "a full handshake, although a session was kept"
    : >"$kept"
    json tls whoami
    [ -s "$kept" ] || complain "a full handshake left no session"
    [ "$(sha256sum <"$kept")" != "$first" ] || complain "the server gave the same session twice"
}

@test "case 6: a profile's new session replaces its own" {
    login replaced sales@acme.example "$(password_file sales)"
    ok
    json replaced whoami
    local id
    id=$(jq -r .session_id <<<"$output")
    login replaced sales@acme.example "$(password_file sales)"
    ok
    json sales session list
    is "[.sessions[] | select(.id == \"$id\")] | length" 0
    # Whoever's it was.
    login replaced manager@acme.example "$(password_file manager)"
    ok
    [ "$(sql "SELECT count(*) FROM jiayi.session s JOIN jiayi.member m ON m.id = s.member_id
        WHERE m.email = 'sales@acme.example' AND s.revoked_at IS NULL AND s.id >= $id")" = 0 ]
    # One that failed leaves it as it is.
    login replaced sales@acme.example "$(password_file manager)"
    was_refused $UNAUTHENTICATED 'is wrong'
    as replaced whoami
    ok
    as replaced logout
    ok
}

@test "login: a second session beside the first" {
    login second sales@acme.example "$(password_file sales)"
    ok
    json second whoami
    is .email sales@acme.example
    json sales whoami
    is .email sales@acme.example
}

@test "login: the password from standard input" {
    run --separate-stderr "$JIAYI" --profile stdin login --server "$SERVER" --ca "$CA" \
        --user sales@acme.example --password-file - <"$(password_file sales)"
    ok
    json stdin whoami
    is .email sales@acme.example
}

@test "case 3: a password is the same however it is typed" {
    local nfc=$BATS_TEST_TMPDIR/nfc nfd=$BATS_TEST_TMPDIR/nfd marked=$BATS_TEST_TMPDIR/marked file
    (umask 077 && printf 'p\xc3\xa4sse wort\n' >"$nfc" && printf 'pa\xcc\x88sse\xc2\xa0wort\n' >"$nfd" &&
        printf '\xef\xbb\xbfp\xc3\xa4sse wort\r\n' >"$marked")
    json admin member add typed@acme.example --name Typed --role salesperson --password-file "$marked"
    for file in "$nfc" "$nfd" "$marked"; do
        login typed typed@acme.example "$file"
        ok
    done
    run --separate-stderr "$JIAYI" --profile typed login --server "$SERVER" --ca "$CA" --user typed@acme.example \
        --password-file - <"$marked"
    ok
    json typed passwd --old-password-file "$nfd" --new-password-file "$nfd"
    login typed typed@acme.example "$nfc"
    ok
}

@test "login: the address is not case-sensitive" {
    login upper SALES@ACME.example "$(password_file sales)"
    ok
    json upper whoami
    is .email sales@acme.example
}

@test "login: every failure reads the same" {
    local first
    login wrong auditor@acme.example "$(password_file sales)"
    was_refused $UNAUTHENTICATED 'address, password or company is wrong; if you act for several, add --company'
    first=$stderr
    for who in nobody@acme.example 'auditor@acme.example --company gamma' 'auditor@acme.example --company nowhere' \
        'nobody@nowhere.example --company nowhere'; do
        # shellcheck disable=SC2086
        login wrong ${who%% *} "$(password_file auditor)" ${who#"${who%% *}"}
        was_refused $UNAUTHENTICATED ''
        [ "$stderr" = "$first" ] || complain "$who is told apart from: $first"
    done
}

@test "login: a member of two companies has a role and a password in each" {
    (umask 077 && echo other-secret >"$SCRATCH/passwords/partner-gamma")
    as partner-gamma join "$("$JIAYI" --profile gamma-admin -o json member add partner@acme.example --name Partner \
        --role manager | jq -r .code)" --password-file "$(password_file partner-gamma)" \
        --home-password-file "$(password_file partner)"
    ok
    # Without a company it is the one that has the address's domain.
    login both partner@acme.example "$(password_file partner)"
    ok
    json both whoami
    is .company acme
    login both partner@acme.example "$(password_file partner-gamma)"
    was_refused $UNAUTHENTICATED 'add --company'
    login both partner@acme.example "$(password_file partner-gamma)" --company gamma
    ok
    json both whoami
    is .company gamma
    is .role manager
    json partner whoami
    is .company acme
    is .role partner
}

@test "login: as a member of a company that one does not belong to" {
    login foreign sales@acme.example "$(password_file sales)" --company gamma
    [ "$status" -ge 10 ] || complain "signed in"
    [ -z "$output" ]
}

@test "logout: the session is over at once" {
    login leaving sales@acme.example "$(password_file sales)"
    ok
    json leaving whoami
    local id
    id=$(jq -r .session_id <<<"$output")
    as leaving logout
    ok
    refused $UNAUTHENTICATED 'jiayi --profile leaving login' leaving whoami
    json sales session list
    is "[.sessions[] | select(.id == \"$id\")] | length" 0
}

@test "session list: mine, and which one this is" {
    json manager session list
    is '.sessions | length' 1
    is '.sessions[0].current' true
    is '.sessions[0].company' acme
}

@test "session revoke: counts from the very next call" {
    login phone auditor@acme.example "$(password_file auditor)"
    ok
    json phone whoami
    local id
    id=$(jq -r .session_id <<<"$output")
    as auditor session revoke "$id"
    ok
    refused $UNAUTHENTICATED 'sign in' phone deal list
    as auditor deal list
    ok
}

@test "session revoke: somebody else's is not there" {
    json beta-admin whoami
    local id
    id=$(jq -r .session_id <<<"$output")
    refused $NOT_FOUND "no session $id" sales session revoke "$id"
    refused $NOT_FOUND 'no session 999999' sales session revoke 999999
    as beta-admin whoami
    ok
}

@test "session: past its absolute end" {
    login old sales@acme.example "$(password_file sales)"
    ok
    json old whoami
    sql "UPDATE jiayi.session SET created_at = created_at - interval '1 year', expires_at = now() - interval '1 second'
         WHERE id = $(jq -r .session_id <<<"$output")"
    refused $UNAUTHENTICATED 'sign in again' old whoami
}

@test "session: unused for too long" {
    login idle sales@acme.example "$(password_file sales)"
    ok
    json idle whoami
    sql "UPDATE jiayi.session SET created_at = created_at - interval '1 year', last_seen_at = last_seen_at - interval '60 days'
         WHERE id = $(jq -r .session_id <<<"$output")"
    refused $UNAUTHENTICATED 'sign in again' idle whoami
}

@test "passwd: the new password counts, the old does not, other sessions end" {
    local new=$BATS_TEST_TMPDIR/new
    (umask 077 && echo 'a new password' >"$new")
    login other peer@beta.example "$(password_file beta-peer)"
    ok
    as beta-peer passwd --old-password-file "$(password_file beta-peer)" --new-password-file "$new"
    ok
    as beta-peer whoami
    ok
    refused $UNAUTHENTICATED 'sign in' other whoami
    login other peer@beta.example "$(password_file beta-peer)"
    was_refused $UNAUTHENTICATED password
    login other peer@beta.example "$new"
    ok
}

@test "passwd: needs the old password and a new one of 8 characters" {
    local new=$BATS_TEST_TMPDIR/new short=$BATS_TEST_TMPDIR/short
    (umask 077 && echo 'a new password' >"$new" && echo 'seven77' >"$short")
    as manager passwd --old-password-file "$new" --new-password-file "$new"
    [ "$status" -ge 10 ] || complain "took a wrong password"
    refused $INVALID_ARGUMENT new_password manager passwd \
        --old-password-file "$(password_file manager)" --new-password-file "$short"
    login again manager@acme.example "$(password_file manager)"
    ok
}

# wrong_passwords N EMAIL: so many at once from a client that the server does not know, each one wrong.
wrong_passwords() {
    for _ in $(seq "$1"); do
        login stranger "$2" "$(password_file sales)"
        was_refused $UNAUTHENTICATED password
    done
}

# time_goes_by INTERVAL: since the wrong passwords, as far as the server can tell.
time_goes_by() {
    sql "UPDATE jiayi.throttle SET at = at - interval '$1'"
}

@test "case 5, M2: wrong passwords slow down who sends them; a known device and another company do not notice" {
    login laptop junior@acme.example "$(password_file junior)"
    ok
    wrong_passwords 5 junior@acme.example
    sql "UPDATE jiayi.throttle SET level = 12 WHERE budget = 'pair' AND key LIKE 'junior@acme.example %'"
    # The right password has to wait as well where nobody knows the device; the time is told, and longer than the deadline.
    login stranger junior@acme.example "$(password_file junior)"
    was_refused $RESOURCE_EXHAUSTED 'too many wrong passwords or codes; try again in'
    login laptop junior@acme.example "$(password_file junior)"
    ok
    login stranger junior@acme.example "$(password_file junior)" --company beta
    was_refused $UNAUTHENTICATED password
    login stranger auditor@acme.example "$(password_file auditor)"
    ok
    as junior whoami
    ok
    time_goes_by '1 hour'
    login stranger junior@acme.example "$(password_file junior)"
    ok
}

@test "case 5: the client waits by itself as long as the server asks for, within its deadline" {
    wrong_passwords 6 auditor@acme.example
    as stranger --timeout 60 login --server "$SERVER" --ca "$CA" --user auditor@acme.example \
        --password-file "$(password_file auditor)"
    ok
    # A right password forgets the wrong ones from there.
    [ "$(sql "SELECT count(*) FROM jiayi.throttle WHERE budget = 'pair' AND key = 'auditor@acme.example  127.0.0.0/24'")" = 0 ]
}

@test "case M2: an address without an account is slowed down like one with one" {
    local who
    wrong_passwords 7 nobody@acme.example
    login stranger nobody@acme.example "$(password_file sales)" --timeout 1
    was_refused $RESOURCE_EXHAUSTED 'too many wrong passwords or codes; try again in'
    wrong_passwords 7 vendor@beta.example
    login stranger vendor@beta.example "$(password_file sales)" --timeout 1
    was_refused $RESOURCE_EXHAUSTED 'too many wrong passwords or codes; try again in'
}

@test "case 5: a device's secret is in its profile alone, for the address that it came for" {
    local file=$XDG_CONFIG_HOME/jiayi/profiles/tablet device
    login tablet sales@acme.example "$(password_file sales)"
    ok
    [[ $output != *device* ]]
    device=$(jq -r .device "$file")
    [ ${#device} = 64 ]
    [ "$(sql "SELECT count(*) FROM jiayi.device WHERE secret_sha256 = sha256('$device')")" = 1 ]
    login tablet sales@acme.example "$(password_file sales)"
    as tablet logout
    ok
    [ "$(jq -r .device "$file")" = "$device" ] || complain "another secret for a device that is known"
    login tablet auditor@acme.example "$(password_file auditor)"
    ok
    [ "$(jq -r .device "$file")" != "$device" ] || complain "one secret for two people"
    run ! grep -q "$device" "$DATA.log"
    as tablet login --help
    lacks --device
}

# The days from now until the end of the session of PROFILE, unused.
days_left() {
    local end
    end=$("$JIAYI" --profile "$1" -o json whoami | jq -r .ends_at)
    echo $((($(date -d "$end" +%s) - $(date +%s) + 43200) / 86400))
}

@test "case 38: a session that is kept on a device may be unused for 30 days, and says when it ends" {
    login kept sales@acme.example "$(password_file sales)"
    ok
    [ "$(days_left kept)" = 30 ]
    local session
    session=$("$JIAYI" --profile kept -o json whoami | jq -r .session_id)
    sql "UPDATE jiayi.session SET last_seen_at = now() - interval '13 hours' WHERE id = $session"
    json kept whoami
    sql "UPDATE jiayi.session SET last_seen_at = now() - interval '29 days', created_at = now() - interval '29 days' WHERE id = $session"
    json kept session list
    is '.sessions[] | select(.current) | .ends_at <= .expires_at' true
    as kept whoami
    says 'ends unused'
}

@test "case 38: on a machine that others use it ends after 12 hours, and the end that is shown is the real one" {
    login shared sales@acme.example "$(password_file sales)" --keep=false
    ok
    local session
    json shared whoami
    is '(.ends_at | sub("\\.[0-9]+"; "") | fromdate) - now | . > 42000 and . < 43300' true
    session=$(jq -r .session_id <<<"$output")
    sql "UPDATE jiayi.session SET last_seen_at = now() - interval '13 hours' WHERE id = $session"
    refused $UNAUTHENTICATED 'the session has expired' shared whoami
}

@test "case 38: a program that does not ask for it gets 12 hours" {
    run --separate-stderr "$JIAYI" --profile sales api call AuthService/SignIn - \
        <<<"{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}"
    ok
    [ "$(sql "SELECT idle_timeout FROM jiayi.session ORDER BY id DESC LIMIT 1")" = 12:00:00 ]
}
