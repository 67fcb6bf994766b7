#!/usr/bin/env bats
# Sessions of browsers: a cookie that no script reads and that counts for pages of this server alone. The numbers are
# the items of ASVS 5.0, chapters V3 (web frontend) and V7 (sessions); those about the page's own code are its tests'.
# The browser is curl: it keeps cookies as browsers do, and says what a browser would say of where a request comes from.

load ../helper

setup_file() {
    world_open
}

setup() {
    JAR=$BATS_TEST_TMPDIR/jar
    sql "DELETE FROM jiayi.throttle" >"$BATS_TEST_TMPDIR/set"
}

# send METHOD JSON [ARG…]: a POST of JSON; the answer's body, and its head in $HERE/head.
send() {
    curl -sS --max-time 60 --cacert "$CA" -D "$HERE/head" "https://$SERVER/jiayi.v1.$1" -H "content-type: ${TYPE:-application/json}" \
        -d "$2" "${@:3}"
}

# page METHOD JSON [ARG…]: what a page of this server asks. With JAR= it has no cookie.
page() {
    send "$1" "$2" ${JAR:+-b "$JAR" -c "$JAR"} -H 'connect-protocol-version: 1' -H 'sec-fetch-site: same-origin' "${@:3}"
}

# answers STATUS HOW METHOD JSON [ARG…]: with that status of HTTP; sets output.
answers() {
    run "${@:2}"
    ok
    grep -q "^HTTP/2 $1" "$HERE/head" || complain "$(head -n 1 "$HERE/head") instead of $1"
}

# signed_in WHO [ARG…]: WHO signs in on the page of this jar.
signed_in() {
    answers 200 page AuthService/SignIn "{\"email\": \"$(email "$1")\", \"password\": \"$(cat "$(password_file "$1")")\"}" \
        -H 'jiayi-session: cookie' "${@:2}"
}

# The token of the jar.
cookie() {
    awk '$6 == "__Host-jiayi" {print $7}' "$JAR"
}

head_of() {
    sed -n "s/\r//; s/^$1: //p" "$HERE/head"
}

@test "cookie, 3.3.1 to 3.3.5, 7.2.3: signing in on a page gives a cookie of this host alone, and no token in the body" {
    local set
    signed_in sales
    is 'has("token")' false
    is .email sales@acme.example
    set=$(head_of set-cookie)
    [[ $set =~ ^__Host-jiayi=[0-9a-f]{64}\;\ Path=/\;\ Secure\;\ HttpOnly\;\ SameSite=Strict\;\ Max-Age=([0-9]+)$ ]] ||
        complain "it says $set"
    # As long as the session may live: 30 days.
    [ "${BASH_REMATCH[1]}" -gt 2591900 ] && [ "${BASH_REMATCH[1]}" -le 2592001 ] || complain "$set"
    [[ $output != *"$(cookie)"* ]]
    # Packed as well.
    local proto=$ROOT/proto
    jq -r '"email: \"\(.[0])\" password: \"\(.[1])\""' <<<"[\"sales@acme.example\", \"$(cat "$(password_file sales)")\"]" |
        protoc -I "$proto" --encode=jiayi.v1.SignInRequest jiayi/v1/auth.proto >"$HERE/request"
    curl -sS --cacert "$CA" -D "$HERE/head" "https://$SERVER/jiayi.v1.AuthService/SignIn" -H 'content-type: application/proto' \
        -H 'connect-protocol-version: 1' -H 'sec-fetch-site: same-origin' -H 'jiayi-session: cookie' \
        --data-binary "@$HERE/request" -o "$HERE/answer"
    head_of set-cookie | grep -q '^__Host-jiayi='
    protoc -I "$proto" --decode=jiayi.v1.SignInResponse jiayi/v1/auth.proto <"$HERE/answer" >"$HERE/text"
    grep -q email "$HERE/text"
    [ -z "$(grep token "$HERE/text")" ]
    # Who asks for none has the token, as before.
    JAR='' answers 200 page AuthService/SignIn "{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}"
    is '.token | length' 64
    [ -z "$(head_of set-cookie)" ]
}

@test "cookie, 7.2.1: the page calls with it, and the server looks at it each time" {
    signed_in sales
    answers 200 page AuthService/WhoAmI '{}'
    is .email sales@acme.example
    answers 200 page DealService/CreateDeal '{"title": "of the page", "customer": "C"}'
    is .owner sales@acme.example
    sql "UPDATE jiayi.session SET revoked_at = now() WHERE token_hash = sha256(convert_to('$(cookie)', 'UTF8'))"
    answers 401 page AuthService/WhoAmI '{}'
}

@test "cookie, 3.5.1, 3.5.2: it counts for nothing that another site can have a browser send" {
    signed_in sales
    local mine=(-b "$JAR") from
    # The browser says where it comes from; what does not, is taken by its origin.
    for from in cross-site same-site none ''; do
        answers 401 send AuthService/WhoAmI '{}' "${mine[@]}" -H 'connect-protocol-version: 1' -H "sec-fetch-site: $from" \
            -H 'origin: https://evil.example'
    done
    answers 401 send AuthService/WhoAmI '{}' "${mine[@]}" -H 'connect-protocol-version: 1'
    for from in https://evil.example "http://$SERVER" "https://$SERVER.evil.example" "https://${SERVER%:*}" null; do
        answers 401 send AuthService/WhoAmI '{}' "${mine[@]}" -H 'connect-protocol-version: 1' -H "origin: $from"
    done
    answers 200 send AuthService/WhoAmI '{}' "${mine[@]}" -H 'connect-protocol-version: 1' -H "origin: https://$SERVER"
    # What sec-fetch-site says counts more.
    answers 401 send AuthService/WhoAmI '{}' "${mine[@]}" -H 'connect-protocol-version: 1' -H "origin: https://$SERVER" \
        -H 'sec-fetch-site: cross-site'
    # A head that a form or an image cannot have.
    answers 401 send AuthService/WhoAmI '{}' "${mine[@]}" -H 'sec-fetch-site: same-origin'
    answers 401 send AuthService/WhoAmI '{}' "${mine[@]}" -H 'sec-fetch-site: same-origin' -H 'connect-protocol-version: 2'
    # Types that forms have are no call.
    local type
    for type in text/plain application/x-www-form-urlencoded 'multipart/form-data; boundary=x'; do
        TYPE=$type answers 415 page AuthService/WhoAmI '{}'
    done
}

@test "cookie: beside an authorization it does not count, nor where there are two, nor over gRPC" {
    signed_in sales
    answers 401 page AuthService/WhoAmI '{}' -H 'authorization: Bearer 00'
    answers 401 page AuthService/WhoAmI '{}' -H 'authorization: Basic YTpi'
    local mine
    mine=$(cookie)
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: __Host-jiayi=$mine; __Host-jiayi=$mine"
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: __Host-jiayi="
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: jiayi=$mine"
    JAR='' answers 200 page AuthService/WhoAmI '{}' -H "cookie: theme=dark; __Host-jiayi=$mine; a=b"
    # A message without fields.
    printf '\0\0\0\0\0' >"$HERE/empty"
    run curl -sS --cacert "$CA" -D "$HERE/head" "https://$SERVER/jiayi.v1.AuthService/WhoAmI" -H 'content-type: application/grpc' \
        -H 'te: trailers' -b "$JAR" -H 'connect-protocol-version: 1' -H 'sec-fetch-site: same-origin' --data-binary "@$HERE/empty"
    ok
    [ "$(head_of grpc-status)" = 16 ]
}

@test "cookie, 7.6.2: only a page of this server signs in with one, and only where it asks" {
    local who
    who="{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}"
    answers 403 send AuthService/SignIn "$who" -H 'jiayi-session: cookie'
    answers 403 send AuthService/SignIn "$who" -H 'jiayi-session: cookie' -H 'connect-protocol-version: 1' \
        -H 'sec-fetch-site: cross-site'
    answers 403 send AuthService/SignIn "$who" -H 'jiayi-session: cookie' -H 'connect-protocol-version: 1' \
        -H 'origin: https://evil.example'
    [ -z "$(head_of set-cookie)" ]
    answers 400 page AuthService/SignIn "$who" -H 'jiayi-session: token'
    # A wrong password gives none.
    answers 401 page AuthService/SignIn '{"email": "sales@acme.example", "password": "wrong"}' -H 'jiayi-session: cookie'
    [ -z "$(head_of set-cookie)" ]
}

@test "cookie, 3.4: every answer says what a browser may do with it, and to none it allows other origins" {
    local what
    look() {
        [ "$(head_of strict-transport-security)" = 'max-age=31536000; includeSubDomains' ] || complain "3.4.1: $what"
        ! grep -qi '^access-control' "$HERE/head" || complain "3.4.2: $what"
        [[ $(head_of content-security-policy) = *"default-src 'none'"*"base-uri 'none'; object-src 'none'; frame-ancestors 'none'"* ]] ||
            complain "3.4.3, 3.4.6: $what"
        [ "$(head_of x-content-type-options)" = nosniff ] || complain "3.4.4: $what"
        [ "$(head_of referrer-policy)" = no-referrer ] || complain "3.4.5: $what"
        [ "$(head_of cross-origin-opener-policy)" = same-origin ] || complain "3.4.8: $what"
        [ "$(head_of cross-origin-resource-policy)" = same-origin ] || complain "3.5.8: $what"
        head_of content-type | grep -q . || complain "4.1.1: $what"
    }
    signed_in sales
    what='a session that was opened' look
    answers 200 page AuthService/WhoAmI '{}'
    what='an answer' look
    [ "$(head_of cache-control)" = no-store ]
    answers 404 page DealService/GetDeal '{"dealId": 999999}'
    what='a failure' look
    answers 401 send AuthService/WhoAmI '{}'
    what='a stranger' look
    answers 501 page DealService/Nothing '{}'
    what='no method' look
    answers 405 send AuthService/WhoAmI '{}' -X GET
    what='no call' look
    TYPE=text/plain answers 415 send AuthService/WhoAmI '{}'
    what='no type' look
    # What gRPC answers no browser shows.
    printf '\0\0\0\0\0' >"$HERE/empty"
    curl -sS --cacert "$CA" -D "$HERE/head" "https://$SERVER/jiayi.v1.AuthService/WhoAmI" -H 'content-type: application/grpc' \
        -H 'te: trailers' --data-binary "@$HERE/empty"
    [ "$(head_of strict-transport-security)" = 'max-age=31536000; includeSubDomains' ]
    [ "$(head_of x-content-type-options)" = nosniff ]
}

@test "cookie, 3.5.3, 3.2.1: nothing is there for methods that are safe, and no origin is asked in" {
    signed_in sales
    local method
    for method in GET OPTIONS PUT DELETE PATCH TRACE; do
        answers 405 page AuthService/WhoAmI '{}' -X "$method" -H 'origin: https://evil.example' \
            -H 'access-control-request-method: POST' -H 'access-control-request-headers: content-type,connect-protocol-version'
        [ -z "$(grep -i '^access-control' "$HERE/head")" ]
    done
    run curl -sSI --cacert "$CA" "https://$SERVER/jiayi.v1.AuthService/WhoAmI" -b "$JAR"
    says 'HTTP/2 405'
    # No address answers a script, and nothing of an address is a token or a callback (3.5.6, 3.5.7, 14.2.1).
    JAR='' answers 401 page "AuthService/WhoAmI?access_token=$(cookie)" '{}' || answers 501 page "AuthService/WhoAmI?callback=f" '{}'
}

@test "cookie, 7.2.4: signing in ends the session that the page had, whoever's it was" {
    local before
    signed_in sales
    before=$(cookie)
    signed_in sales
    [ "$(cookie)" != "$before" ]
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: __Host-jiayi=$before"
    before=$(cookie)
    # Of somebody else in the same company, and of another one: that one's log does not tell of it.
    signed_in manager
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: __Host-jiayi=$before"
    before=$(cookie)
    signed_in gamma-sales
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: __Host-jiayi=$before"
    [ "$(sql "SELECT revoked_at IS NULL AND expires_at <= now() FROM jiayi.session
              WHERE token_hash = sha256(convert_to('$before', 'UTF8'))")" = t ]
    # A wrong password ends nothing.
    answers 401 page AuthService/SignIn '{"email": "sales@gamma.example", "password": "wrong"}' -H 'jiayi-session: cookie'
    answers 200 page AuthService/WhoAmI '{}'
    # A token of a program is none of a page's.
    json sales token create robot --expires "$(date -d +7days +%F)" --permission deal.read:own
    local token
    token=$(jq -r .token <<<"$output")
    answers 200 send AuthService/SignIn "{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}" \
        -H "authorization: Bearer $token"
    answers 200 send DealService/ListDeals '{}' -H "authorization: Bearer $token"
}

@test "cookie, 7.2.4: showing the second factor gives the page another cookie" {
    signed_in junior
    answers 200 page TotpService/EnableTotp "{\"password\": \"$(cat "$(password_file junior)")\"}"
    local key before code
    key=$(jq -rj .secret <<<"$output" | base32 -d | od -An -tx1 | tr -d ' \n')
    code=$(totp_code "$key")
    answers 200 page TotpService/ConfirmTotp "{\"code\": \"$code\"}"
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    before=$(cookie)
    answers 200 page TotpService/VerifyTotp "{\"code\": \"$(totp_code "$key")\"}" -H 'jiayi-session: cookie'
    is 'has("token")' false
    [ "$(cookie)" != "$before" ]
    answers 200 page AuthService/WhoAmI '{}'
    is '.second_factor_at != null' true
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: __Host-jiayi=$before"
    # The page may also be an origin that tells no site, and ask to have a code at once.
    sql "UPDATE jiayi.member_totp SET last_step = 0"
    JAR=$BATS_TEST_TMPDIR/other
    answers 401 page AuthService/SignIn "{\"email\": \"junior@acme.example\", \"password\": \"$(cat "$(password_file junior)")\"}" \
        -H 'jiayi-session: cookie'
    [ -z "$(head_of set-cookie)" ]
    sql "DELETE FROM jiayi.recovery_code; DELETE FROM jiayi.member_totp"
}

# totp_code KEY: what an authenticator shows now.
totp_code() {
    local counter mac at
    counter=$(printf '%016x' $((EPOCHSECONDS / 30)) | sed 's/../\\x&/g')
    # shellcheck disable=SC2059
    mac=$(printf "$counter" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$1" | sed 's/.*= //')
    at=$((2 * (16#${mac:39:1})))
    printf '%06d' $(((16#${mac:at:8} & 16#7fffffff) % 1000000))
}

@test "cookie: joining and switching answer one as signing in does" {
    api admin MemberService/AddMember '{"email": "cookie@acme.example", "name": "Cookie", "role": "salesperson"}'
    local code
    code=$(jq -r .code <<<"$output")
    answers 200 page AuthService/Join "{\"code\": \"$code\", \"password\": \"a password of the page\"}" -H 'jiayi-session: cookie'
    is 'has("token")' false
    answers 200 page AuthService/WhoAmI '{}'
    is .email cookie@acme.example
    # Linked by both passwords, it switches: in a cookie's place comes another.
    "$JIAYI" --profile gamma-sales passwd --old-password-file "$(password_file gamma-sales)" \
        --new-password-file <(echo "another password")
    answers 200 page AuthService/LinkCompany '{"company": "gamma", "email": "sales@gamma.example",
        "password": "a password of the page", "passwordThere": "another password"}' -H 'jiayi-session: cookie'
    is 'has("token")' false
    answers 200 page AuthService/SwitchCompany '{"company": "gamma"}' -H 'jiayi-session: cookie'
    is 'has("token")' false
    answers 200 page AuthService/WhoAmI '{}'
    is .company gamma
    # Signing in again ends what it switched from as well, for nobody has that any more.
    signed_in sales
    [ "$(sql "SELECT count(*) FROM jiayi.session AS s JOIN jiayi.member AS m ON m.id = s.member_id
              WHERE m.email IN ('cookie@acme.example', 'sales@gamma.example') AND s.client LIKE 'curl%' AND s.via_id IS NOT NULL
                AND s.revoked_at IS NULL AND s.expires_at > now()")" = 0 ]
}

@test "cookie, 7.4.1, 14.3.1: signing out ends the session, takes the cookie, and has the browser forget what it kept" {
    signed_in sales
    local before
    before=$(cookie)
    answers 200 page AuthService/SignOut '{}'
    [ "$(head_of set-cookie)" = '__Host-jiayi=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0' ]
    [ "$(head_of clear-site-data)" = '"cookies", "storage", "cache"' ]
    [ -z "$(cookie)" ]
    JAR='' answers 401 page AuthService/WhoAmI '{}' -H "cookie: __Host-jiayi=$before"
    # Also where it had ended before.
    JAR='' answers 401 page AuthService/SignOut '{}' -H "cookie: __Host-jiayi=$before"
    [ "$(head_of clear-site-data)" = '"cookies", "storage", "cache"' ]
    # A session that ended by itself takes no draft along, nor does another site's request to sign out.
    JAR='' answers 401 page DealService/ListDeals '{}' -H "cookie: __Host-jiayi=$before"
    [ -z "$(head_of clear-site-data)" ]
    # Who has a token is told nothing of cookies.
    local token
    token=$(send AuthService/SignIn "{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}" | jq -r .token)
    answers 200 send AuthService/SignOut '{}' -H "authorization: Bearer $token"
    [ -z "$(head_of set-cookie)$(head_of clear-site-data)" ]
}

@test "cookie, 3.5.1: another site signs nobody out" {
    signed_in sales
    answers 401 send AuthService/SignOut '{}' -b "$JAR" -H 'connect-protocol-version: 1' -H 'sec-fetch-site: cross-site'
    [ -z "$(head_of set-cookie)$(head_of clear-site-data)" ]
    answers 200 page AuthService/WhoAmI '{}'
}

@test "cookie, 7.5.2, 7.4.3: a page lists its member's sessions, and ends all others at once" {
    local other=$BATS_TEST_TMPDIR/other here
    JAR=$other signed_in junior
    signed_in junior
    answers 200 page AuthService/ListSessions '{"pageSize": 1000}'
    here=$(jq -r '.sessions[] | select(.current) | .id' <<<"$output")
    is '.sessions | length > 1' true
    answers 200 page AuthService/RevokeSession '{"all": true}'
    is "[.sessions[].id] | index(\"$here\")" null
    JAR=$other answers 401 page AuthService/WhoAmI '{}'
    answers 200 page AuthService/WhoAmI '{}'
    answers 200 page AuthService/SignOut '{}'
    [ "$(sql "SELECT count(*) FROM jiayi.session AS s JOIN jiayi.member AS m ON m.id = s.member_id
              WHERE m.email = 'junior@acme.example' AND s.revoked_at IS NULL AND s.expires_at > now()")" = 0 ]
}

@test "cookie, 7.3.1, 7.3.2: it ends unused, and at its time" {
    signed_in sales
    sql "UPDATE jiayi.session SET last_seen_at = now() - idle_timeout WHERE token_hash = sha256(convert_to('$(cookie)', 'UTF8'))"
    answers 401 page AuthService/WhoAmI '{}'
    signed_in sales
    sql "UPDATE jiayi.session SET expires_at = now() WHERE token_hash = sha256(convert_to('$(cookie)', 'UTF8'))"
    answers 401 page AuthService/WhoAmI '{}'
}

@test "cookie, 7.4.2, 7.4.5, 7.5.1: an admin ends it with the member; a new password needs the old one" {
    "$JIAYI" --profile admin member add gone@acme.example --name Gone --role salesperson --password-file <(echo "first password")
    JAR=$BATS_TEST_TMPDIR/gone answers 200 page AuthService/SignIn '{"email": "gone@acme.example", "password": "first password"}' \
        -H 'jiayi-session: cookie'
    JAR=$BATS_TEST_TMPDIR/gone answers 400 page AuthService/ChangePassword '{"oldPassword": "wrong", "newPassword": "something new"}'
    JAR=$BATS_TEST_TMPDIR/gone answers 400 page TotpService/EnableTotp '{"password": "wrong"}'
    JAR=$BATS_TEST_TMPDIR/gone answers 200 page AuthService/WhoAmI '{}'
    "$JIAYI" --profile admin member remove gone@acme.example
    JAR=$BATS_TEST_TMPDIR/gone answers 401 page AuthService/WhoAmI '{}'
}
