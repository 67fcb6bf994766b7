#!/usr/bin/env bats
# Tokens of programs, and ending all sessions.

load ../helper

day() {
    date -u -d "$1" +%F
}

# new_token PROFILE NAME ARG…: makes one that is good for a week; its number is left in ID, and it is signed in as profile NAME.
new_token() {
    local by=$1 name=$2
    shift 2
    json "$by" token create "$name" --expires "$(day '+7 days')" "$@"
    ID=$(jq -r .id <<<"$output")
    (umask 077 && jq -r .token <<<"$output" >"$BATS_TEST_TMPDIR/token")
    as "$name" login --server "$SERVER" --ca "$CA" --token-file "$BATS_TEST_TMPDIR/token"
    ok
    lacks "$(cat "$BATS_TEST_TMPDIR/token")"
}

@test "token create: shown once; it may do what was chosen, and says who it is" {
    local deal
    deal=$(new_deal sales)
    new_token sales reader --permission deal.read:own --permission deal.log:own
    says 'signed in as sales@acme.example, salesperson of acme'
    json reader whoami
    is .token reader
    is '.permissions | join(" ")' 'deal.log:own deal.read:own'
    is .company acme
    json reader deal show "$deal"
    as reader deal log "$deal" --kind note --text 'By a program'
    ok
    refused $PERMISSION_DENIED 'or the token lacks the permission deal.update' reader deal update "$deal" --title Other
    refused $PERMISSION_DENIED 'or the token lacks the permission report.read' reader report list
    json sales token list
    is '.tokens[0].name' reader
    is '.tokens[0].token' null
    is '.tokens[0].permissions | join(" ")' 'deal.read:own deal.log:own'
    json sales session list
    is "[.sessions[] | select(.id == \"$ID\")] | length" 0
    ! grep -q "$(cat "$BATS_TEST_TMPDIR/token")" "$DATA.log"
}

@test "token: it reaches no further than role and token, each as it is at the call" {
    local theirs
    theirs=$(new_deal junior)
    new_token manager narrow --permission deal.read:own --permission deal.move:team
    refused $NOT_FOUND 'no deal' narrow deal show "$theirs"
    # What may be changed may be seen, during that call.
    as narrow deal move "$theirs" contacted
    ok
    json narrow deal list
    is '.deals | length' 0
    as admin member set-role manager@acme.example auditor
    ok
    refused $PERMISSION_DENIED 'lacks the permission deal.move' narrow deal move "$theirs" quoted
    json narrow whoami
    is '.permissions | join(" ")' deal.read:own
    as admin member set-role manager@acme.example manager
    ok
    as narrow deal move "$theirs" quoted
    ok
}

@test "token: it gives nobody more than it has itself" {
    new_token admin clerk --permission member.manage:company --permission role.manage:company --permission role.read:company
    refused $PERMISSION_DENIED 'you cannot give the role admin' clerk member add evil@acme.example --name Evil --role admin
    refused $PERMISSION_DENIED 'you cannot change how manager@acme.example signs in' clerk member set-password manager@acme.example
    refused $PERMISSION_DENIED 'you cannot grant deal.read:company' clerk role create wide --grant deal.read:company
}

@test "token create: nothing beyond one's own, a day within 366 days, a name of its own" {
    local far
    refused $PERMISSION_DENIED 'you cannot give a token deal.read:company' sales token create x --permission deal.read:company \
        --expires "$(day '+7 days')"
    refused $PERMISSION_DENIED 'you cannot give a token member.manage:own' sales token create x --permission member.manage:own \
        --expires "$(day '+7 days')"
    far=$(day '+367 days')
    refused $INVALID_ARGUMENT 'a token ends within 366 days' sales token create x --permission deal.read:own --expires "$far"
    refused $INVALID_ARGUMENT 'a token ends within' sales token create x --permission deal.read:own --expires "$(day '-1 day')"
    refused $INVALID_ARGUMENT 'unknown permission deal.fly' sales token create x --permission deal.fly:own --expires "$(day '+7 days')"
    refused $INVALID_ARGUMENT 'unknown scope far' sales token create x --permission deal.read:far --expires "$(day '+7 days')"
    refused $USAGE --permission sales token create x --expires "$(day '+7 days')"
    json sales token create x --permission deal.read:own --expires "$(day '+366 days')"
    refused $ALREADY_EXISTS 'you have a token x already' sales token create x --permission deal.read:own --expires "$(day '+7 days')"
}

@test "token: what is about the own sign-in is closed to it, so that it makes no other" {
    local words
    new_token peer closed --permission deal.read:own
    for words in 'token list' 'token revoke 1' "token create y --permission deal.read:own --expires $(day '+7 days')" 'session list' \
        'session revoke --all' 'company switch gamma' 'company unlink' \
        "company link gamma --password-file $(password_file peer) --password-there-file $(password_file peer)" \
        "passwd --old-password-file $(password_file peer) --new-password-file $(password_file other)"; do
        # shellcheck disable=SC2086
        refused $PERMISSION_DENIED 'a token cannot do that; sign in with your password' closed $words
    done
    as closed whoami
    ok
}

@test "token revoke: counts from the very next call; somebody else's is not there" {
    new_token sales gone --permission deal.read:own
    refused $NOT_FOUND "no token $ID" manager token revoke "$ID"
    as gone deal list
    ok
    json sales token revoke "$ID"
    local at
    at=$(jq -r .revoked_at <<<"$output")
    refused $UNAUTHENTICATED 'sign in' gone deal list
    # Once more it says when that was.
    json sales token revoke "$ID"
    is .revoked_at "$at"
    # A session is none.
    refused $NOT_FOUND 'no token' sales token revoke "$("$JIAYI" --profile sales -o json whoami | jq -r .session_id)"
}

@test "token: logging out forgets it here and does not end it" {
    new_token sales shared --permission deal.read:own
    as shared logout
    ok
    refused $UNAUTHENTICATED 'sign in' shared deal list
    as shared login --token-file "$BATS_TEST_TMPDIR/token"
    ok
    as shared deal list
    ok
    refused $FAILED_PRECONDITION 'token revoke' shared api call AuthService/SignOut
}

@test "token: it ends with its day, and is used without rest before" {
    new_token sales aging --permission deal.read:own
    sql "UPDATE jiayi.session SET created_at = created_at - interval '90 days', last_seen_at = last_seen_at - interval '90 days' WHERE id = $ID"
    as aging deal list
    ok
    sql "UPDATE jiayi.session SET expires_at = now() - interval '1 second' WHERE id = $ID"
    refused $UNAUTHENTICATED 'has expired' aging deal list
}

@test "login --token-file: a token that is none, and one beside a password" {
    local none=$BATS_TEST_TMPDIR/none
    (umask 077 && echo nonsense >"$none")
    as wrong login --server "$SERVER" --ca "$CA" --token-file "$none"
    was_refused $UNAUTHENTICATED 'sign in'
    as wrong login --server "$SERVER" --ca "$CA" --token-file "$none" --user sales@acme.example
    was_refused $USAGE 'leave out --user'
    as wrong login --server "$SERVER" --ca "$CA" --token-file "$BATS_TEST_TMPDIR/missing"
    was_refused 1 'cannot open'
}

@test "session revoke --all: ends all other sessions and all tokens" {
    new_token junior program --permission deal.read:own
    as phone login --server "$SERVER" --ca "$CA" --user junior@acme.example --password-file "$(password_file junior)"
    ok
    json junior session revoke --all
    is '.sessions | length' 2
    is '[.sessions[].token] | map(select(. == "program")) | length' 1
    refused $UNAUTHENTICATED '' phone whoami
    refused $UNAUTHENTICATED '' program whoami
    as junior whoami
    ok
    refused $INVALID_ARGUMENT 'give exactly one of' junior session revoke
    refused $INVALID_ARGUMENT 'give exactly one of' junior session revoke 1 --all
}

@test "passwd: a new password ends tokens too" {
    new_token auditor reading --permission deal.read:company
    as auditor passwd --old-password-file "$(password_file auditor)" --new-password-file "$(password_file auditor-new)"
    ok
    refused $UNAUTHENTICATED '' reading whoami
}

@test "token: what is the member's alone it does not change, and until it is used nobody used it" {
    json sales token create lone --permission deal.read:own --expires "$(date -u -d '+7 days' +%F)"
    (umask 077 && jq -r .token <<<"$output" >"$BATS_TEST_TMPDIR/token")
    json sales token list
    is '.tokens[] | select(.name == "lone") | [.last_seen_at, .last_address] | map(. == null) | all' true
    as lone login --server "$SERVER" --ca "$CA" --token-file "$BATS_TEST_TMPDIR/token"
    ok
    refused $PERMISSION_DENIED 'a token cannot do that' lone inbox read --all
    refused $PERMISSION_DENIED 'a token cannot do that' lone follow "deal/$(new_deal sales)"
}
