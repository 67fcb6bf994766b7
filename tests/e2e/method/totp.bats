#!/usr/bin/env bats
# The second factor: codes of an authenticator, recovery codes, roles that require it.

load ../helper
load ../contracts

setup() {
    # Time goes by: a step is used once, and wrong codes slow down.
    sql "UPDATE jiayi.member_totp SET last_step = 0; DELETE FROM jiayi.throttle" >"$BATS_TEST_TMPDIR/set"
}

# otp PROFILE [STEPS]: the code that the authenticator of PROFILE shows, or showed some steps of 30 s ago.
otp() {
    local key counter mac at
    key=$(base32 -d <"$BATS_FILE_TMPDIR/$1.secret" | od -An -tx1 | tr -d ' \n')
    counter=$(printf '%016x' $((EPOCHSECONDS / 30 + ${2:-0})) | sed 's/../\\x&/g')
    mac=$(printf "$counter" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= //')
    at=$((2 * (16#${mac:39:1})))
    printf '%06d' $(((16#${mac:at:8} & 16#7fffffff) % 1000000))
}

# enabled PROFILE [WHOSE]: has a second factor from now on, in this session as well; the password is that of WHOSE.
enabled() {
    [ ! -e "$BATS_FILE_TMPDIR/$1.secret" ] || return 0
    json "$1" totp enable --password-file "$(password_file "${2:-$1}")"
    jq -rj .secret <<<"$output" >"$BATS_FILE_TMPDIR/$1.secret"
    json "$1" totp confirm "$(otp "$1")"
    jq -r '.recovery_codes[]' <<<"$output" >"$BATS_FILE_TMPDIR/$1.codes"
}

# login PROFILE OF [ARG…]: signs OF in as PROFILE.
login() {
    as "$1" login --server "$SERVER" --ca "$CA" --user "$(email "$2")" --password-file "$(password_file "$2")" "${@:3}"
}

@test "totp enable, confirm: the secret and the recovery codes are shown once; then signing in asks for a code" {
    as sales totp enable --password-file "$(password_file admin)"
    was_refused $INVALID_ARGUMENT '--password-file: is not your password'
    json sales totp enable --password-file "$(password_file sales)"
    is '.secret | length' 32
    is '.uri | startswith("otpauth://totp/jiayi:sales%40acme.example%20acme?secret=")' true
    jq -rj .secret <<<"$output" >"$BATS_FILE_TMPDIR/sales.secret"
    # Nothing is asked for before a code was shown.
    login other sales
    ok
    refused $UNAUTHENTICATED 'the code is wrong' sales totp confirm 000000
    json sales totp confirm "$(otp sales)"
    is '.recovery_codes | length' 10
    is '[.recovery_codes[] | select(test("^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$"))] | unique | length' 10
    jq -r '.recovery_codes[]' <<<"$output" >"$BATS_FILE_TMPDIR/sales.codes"
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    json sales whoami
    is '.second_factor_at != null' true
    login other sales
    was_refused $UNAUTHENTICATED '--otp: a code of your authenticator is needed'
    login other sales --otp 000000
    was_refused $UNAUTHENTICATED 'the code is wrong'
    login other sales --otp "$(otp sales)"
    ok
    json other whoami
    is '.second_factor_at != null' true
    refused $ALREADY_EXISTS 'you have a second factor already' sales totp enable --password-file "$(password_file sales)"
    # Who does not know the password is not told that there is a second factor.
    as other login --server "$SERVER" --ca "$CA" --user sales@acme.example --password-file "$(password_file manager)"
    was_refused $UNAUTHENTICATED 'address, password or company is wrong'
}

@test "totp: a step is used once, and the one before and after count as well" {
    enabled junior
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    local code
    code=$(otp junior)
    login phone junior --otp "$code"
    ok
    login phone junior --otp "$code"
    was_refused $UNAUTHENTICATED 'the code is wrong or was used already'
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    login phone junior --otp "$(otp junior -1)"
    ok
    login phone junior --otp "$(otp junior -3)"
    was_refused $UNAUTHENTICATED 'the code is wrong'
}

@test "totp: a recovery code is good once, however it is typed" {
    enabled peer
    local code
    code=$(sed -n 1p "$BATS_FILE_TMPDIR/peer.codes")
    login phone peer --otp "${code,,}"
    ok
    login phone peer --otp "$code"
    was_refused $UNAUTHENTICATED 'the code is wrong or was used already'
    login phone peer --otp "$(sed -n 2p "$BATS_FILE_TMPDIR/peer.codes" | tr -d -)"
    ok
    login phone peer --otp AAAA-AAAA-AAAA-AAAA
    was_refused $UNAUTHENTICATED 'the code is wrong'
}

@test "totp: guesses slow down as wrong passwords do" {
    enabled auditor
    local nth
    for nth in 1 2 3 4 5; do
        login guess auditor --otp "00000$nth"
        was_refused $UNAUTHENTICATED ''
    done
    sql "UPDATE jiayi.throttle SET level = 12 WHERE budget = 'pair'"
    login guess auditor --otp "$(otp auditor)" --timeout 1
    was_refused $RESOURCE_EXHAUSTED 'too many wrong passwords'
    for nth in 1 2 3 4 5; do
        refused $UNAUTHENTICATED 'the code is wrong' auditor totp verify "00000$nth"
    done
    sql "UPDATE jiayi.throttle SET level = 12 WHERE budget = 'member'"
    refused $RESOURCE_EXHAUSTED 'too many wrong' auditor --timeout 1 totp verify 123456
}

@test "totp verify: shows it anew, and the old token is nobody's any more" {
    enabled junior
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    login tablet junior --otp "$(otp junior)"
    ok
    cp "$XDG_CONFIG_HOME/jiayi/profiles/tablet" "$XDG_CONFIG_HOME/jiayi/profiles/thief"
    sql "UPDATE jiayi.session SET second_factor_at = now() - interval '11 minutes' FROM jiayi.member AS m
            WHERE m.id = member_id AND m.email = 'junior@acme.example'; UPDATE jiayi.member_totp SET last_step = 0"
    refused $FAILED_PRECONDITION 'jiayi --profile tablet totp verify CODE' tablet token create x --permission deal.read:own \
        --expires "$(date -u -d '+7 days' +%F)"
    refused $FAILED_PRECONDITION 'show your second factor again' tablet totp disable
    refused $FAILED_PRECONDITION 'show your second factor again' tablet company switch beta
    refused $FAILED_PRECONDITION 'show your second factor again' tablet key add
    refused $FAILED_PRECONDITION 'you have no second factor' manager totp verify 123456
    as tablet totp verify "$(otp junior)"
    ok
    says 'signed in as junior@acme.example'
    as tablet token create x --permission deal.read:own --expires "$(date -u -d '+7 days' +%F)"
    ok
    refused $UNAUTHENTICATED 'sign in' thief whoami
}

@test "role require-totp: counts from the next call; until it is shown there is nothing but setting it up" {
    local words
    json admin role require-totp partner
    is .requires_totp true
    is .members_without 1
    refused $FAILED_PRECONDITION 'your role requires a second factor' partner deal list
    for words in 'session list' 'token list' 'totp disable' 'company switch beta'; do
        # shellcheck disable=SC2086
        refused $FAILED_PRECONDITION 'your role requires a second factor' partner $words
    done
    json partner whoami
    is .needs_second_factor true
    # Nor in a session that is opened now.
    login more partner
    ok
    refused $FAILED_PRECONDITION 'your role requires a second factor' more deal list
    enabled partner
    as partner deal list
    ok
    refused $FAILED_PRECONDITION 'your role requires a second factor' more deal list
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    as more totp verify "$(otp partner)"
    ok
    as more deal list
    ok
    refused $FAILED_PRECONDITION 'an admin decides' partner totp disable
    # Another role needs none, and this one again.
    as admin member set-role partner@acme.example salesperson
    ok
    sql "UPDATE jiayi.session SET second_factor_at = NULL FROM jiayi.member AS m WHERE m.id = member_id AND m.email = 'partner@acme.example'"
    as more deal list
    ok
    as admin member set-role partner@acme.example partner
    ok
    refused $FAILED_PRECONDITION 'your role requires a second factor' more deal list
    as admin role require-totp partner --off
    ok
    as more deal list
    ok
    refused $PERMISSION_DENIED role.manage manager role require-totp partner
    refused $NOT_FOUND 'no role flying' admin role require-totp flying
}

@test "member reset-totp: for who lost it; sessions end, and the password alone signs in" {
    enabled sales
    login other sales
    was_refused $UNAUTHENTICATED ''
    as admin member reset-totp sales@acme.example
    ok
    refused $UNAUTHENTICATED '' sales whoami
    login sales sales
    ok
    rm -f "$BATS_FILE_TMPDIR/sales.secret"
    refused $FAILED_PRECONDITION 'has no second factor' admin member reset-totp sales@acme.example
    refused $FAILED_PRECONDITION 'totp disable' admin member reset-totp admin@acme.example
    refused $PERMISSION_DENIED member.manage manager member reset-totp sales@acme.example
    refused $NOT_FOUND 'no member' admin member reset-totp vendor@beta.example
}

@test "totp disable: ends it" {
    enabled beta-peer
    as beta-peer totp disable
    ok
    json beta-peer whoami
    is .second_factor_at null
    login phone beta-peer
    ok
    refused $FAILED_PRECONDITION 'you have no second factor' beta-peer totp disable
    [ "$(sql "SELECT count(*) FROM jiayi.recovery_code AS r JOIN jiayi.member AS m ON m.id = r.member_id WHERE m.email = 'peer@beta.example'")" = 0 ]
}

@test "company switch: asks the second factor of where it goes; a reset there ends the link" {
    local profile
    for profile in manager gamma-sales; do
        as "$profile" passwd --old-password-file "$(password_file "$profile")" --new-password-file "$(password_file "own-$profile")"
        ok
    done
    enabled gamma-sales own-gamma-sales
    as manager company link gamma --user sales@gamma.example --password-file "$(password_file own-manager)" \
        --password-there-file "$(password_file own-gamma-sales)"
    was_refused $UNAUTHENTICATED '--otp: a code of your authenticator is needed'
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    as manager company link gamma --user sales@gamma.example --password-file "$(password_file own-manager)" \
        --password-there-file "$(password_file own-gamma-sales)" --otp "$(otp gamma-sales)"
    ok
    refused $UNAUTHENTICATED '--otp: a code of your authenticator is needed' manager company switch gamma
    refused $UNAUTHENTICATED 'the code is wrong' manager company switch gamma --otp 000000
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    as manager company switch gamma --otp "$(otp gamma-sales)"
    ok
    json manager whoami
    is '.second_factor_at != null' true
    cp "$XDG_CONFIG_HOME/jiayi/profiles/manager" "$XDG_CONFIG_HOME/jiayi/profiles/switched"
    as manager company switch acme
    ok
    # A link needs one's own as fresh.
    sql "UPDATE jiayi.session SET second_factor_at = now() - interval '11 minutes' FROM jiayi.member AS m
            WHERE m.id = member_id AND m.email = 'sales@gamma.example'"
    as gamma-sales company link acme --user manager@acme.example --password-file "$(password_file own-gamma-sales)" \
        --password-there-file "$(password_file own-manager)"
    was_refused $FAILED_PRECONDITION 'show your second factor again'
    as gamma-admin member reset-totp sales@gamma.example
    ok
    rm -f "$BATS_FILE_TMPDIR/gamma-sales.secret"
    refused $UNAUTHENTICATED '' switched whoami
    refused $NOT_FOUND 'you linked no company gamma' manager company switch gamma
}

@test "totp: a token shows none, and none of the secrets is in the database, the log or the audit" {
    local secret code
    enabled peer
    as peer token create reader --permission deal.read:own --expires "$(date -u -d '+7 days' +%F)" -o json
    ok
    (umask 077 && jq -r .token <<<"$output" >"$BATS_TEST_TMPDIR/token")
    as reader login --server "$SERVER" --ca "$CA" --token-file "$BATS_TEST_TMPDIR/token"
    ok
    refused $PERMISSION_DENIED 'a token cannot do that' reader totp enable --password-file "$(password_file peer)"
    refused $PERMISSION_DENIED 'a token cannot do that' reader totp verify 123456
    secret=$(cat "$BATS_FILE_TMPDIR/peer.secret")
    code=$(sed -n 3p "$BATS_FILE_TMPDIR/peer.codes" | tr -d -)
    run ! grep -qE "$secret|$code" "$DATA.log"
    local hex
    hex=$(base32 -d <<<"$secret" | od -An -tx1 | tr -d ' \n')
    [ "$(sql "SELECT count(*) FROM jiayi.member_totp WHERE position('$hex' IN encode(secret_sealed, 'hex')) > 0")" = 0 ]
    [ "$(sql "SELECT count(*) FROM jiayi.audit_log AS a WHERE to_jsonb(a)::text ~ '$secret|$hex|$code|secret_sealed|code_sha256'")" = 0 ]
}

@test "contract sign: who has a second factor shows it within ten minutes, others sign as before" {
    local id
    partner xray
    id=$(draft admin xray)
    propose admin "$id"
    review xray "$id"
    sign admin "$id"
    enabled xray
    as xray token create signer --permission contract.sign:company --expires "$(date -u -d '+7 days' +%F)" -o json
    ok
    (umask 077 && jq -r .token <<<"$output" >"$BATS_TEST_TMPDIR/token")
    as signer login --server "$SERVER" --ca "$CA" --token-file "$BATS_TEST_TMPDIR/token"
    ok
    refused $PERMISSION_DENIED 'a token cannot do that' signer contract sign "$id" --sha256 "$(sum xray "$id")"
    sql "UPDATE jiayi.session SET second_factor_at = now() - interval '11 minutes' FROM jiayi.member AS m
            WHERE m.id = member_id AND m.email = 'xray@xray.example'; UPDATE jiayi.member_totp SET last_step = 0"
    refused $FAILED_PRECONDITION 'show your second factor again' xray contract sign "$id" --sha256 "$(sum xray "$id")"
    [ "$(state admin "$id")" = proposed ]
    as xray totp verify "$(otp xray)"
    ok
    sign xray "$id"
    [ "$(state admin "$id")" = active ]
}

@test "login: on a terminal the code is asked for" {
    enabled beta-manager
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    local words
    words=$(printf '%q ' "$JIAYI" --profile typed login --server "$SERVER" --ca "$CA" --user manager@beta.example \
        --password-file "$(password_file beta-manager)")
    run bash -c "(sleep 1; echo $(otp beta-manager); sleep 0.5) | script -qec \"\$1\" /dev/null" _ "$words"
    says 'a code of your authenticator is needed'
    says 'signed in as manager@beta.example'
}

@test "jiayi join: who signs in at home shows the second factor there, and uses its code up" {
    local code pass=$BATS_TEST_TMPDIR/pass
    (umask 077 && echo joined-secret >"$pass")
    enabled junior
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    code=$("$JIAYI" --profile gamma-admin -o json member add junior@acme.example --name M --role salesperson | jq -r .code)
    joins() {
        as guest join "$code" --password-file "$pass" --home-password-file "$(password_file junior)" "$@"
    }
    joins
    was_refused $UNAUTHENTICATED '--otp: a code of your authenticator is needed'
    joins --otp 000000
    was_refused $UNAUTHENTICATED 'the code is wrong'
    # Who does not know the password is not told that there is a second factor.
    as guest join "$code" --password-file "$pass" --home-password-file "$pass"
    was_refused $UNAUTHENTICATED "the password of the company that has the address's domain is wrong"
    # Nothing of this used the code of the invitation up.
    joins --otp "$(head -n 1 "$BATS_FILE_TMPDIR/junior.codes")"
    ok
    json guest whoami
    is .company gamma
    code=$("$JIAYI" --profile gamma-admin -o json member set-password junior@acme.example | jq -r .code)
    as guest logout
    joins --otp "$(head -n 1 "$BATS_FILE_TMPDIR/junior.codes")"
    was_refused $UNAUTHENTICATED 'the code is wrong or was used already'
    joins --otp "$(otp junior)"
    ok
}
