#!/usr/bin/env bats
# The files that browsers get at /. What they do there, tests/web plays. The client is curl.

load ../helper

setup_file() {
    world_open
}

# A server that was built without the page has none of its files (-DJIAYI_PAGE=OFF).
setup() {
    [ -d "$BUILD/page" ] || [[ $BATS_TEST_DESCRIPTION = *'without the page'* ]] || skip 'this build has no page'
}

# get PATH [ARG...]: the body in $HERE/body, the head in $HERE/head.
get() {
    run curl -sS --max-time 20 --cacert "$CA" -D "$HERE/head" -o "$HERE/body" "https://$SERVER$1" "${@:2}"
    ok
}

answered() {
    grep -q "^HTTP/2 $1" "$HERE/head" || complain "$(head -n 1 "$HERE/head") instead of $1"
}

head_has() {
    grep -qix "$1.\?" "$HERE/head" || complain "the head lacks $1: $(cat "$HERE/head")"
}

value_of() {
    sed -n "s/^$1: \(.*\)\r/\1/pI" "$HERE/head"
}

@test "page: the first file is asked for each time, and not sent again" {
    local etag
    get /
    answered 200
    head_has 'content-type: text/html; charset=utf-8'
    head_has 'cache-control: no-cache'
    head_has 'vary: accept-encoding'
    grep -q '<div id="page">' "$HERE/body"
    etag=$(value_of etag)
    rm "$HERE/body"
    get / -H "if-none-match: $etag"
    answered 304
    [ ! -s "$HERE/body" ]
    get / -H 'if-none-match: "another", W/"one"'
    answered 200
}

@test "page: what it names is there, for ever, packed for who takes that" {
    local name plain list
    get /
    grep -q '/[a-z]*\.[0-9a-f]*\.js' "$HERE/body"
    for name in $(grep -o '/[a-z]*\.[0-9a-f]*\.[a-z]*' "$HERE/body"); do
        get "$name" -H 'accept-encoding: identity'
        answered 200
        head_has 'cache-control: public, max-age=31536000, immutable'
        plain=$(sha256sum <"$HERE/body")
        get "$name" -H 'accept-encoding: br, gzip;q=0.5'
        head_has 'content-encoding: gzip'
        [ "$(gzip -dc "$HERE/body" | sha256sum)" = "$plain" ]
        for list in 'gzip;q=0' 'br, gzip; q=0.0'; do
            get "$name" -H "accept-encoding: $list"
            [ -z "$(value_of content-encoding)" ]
            [ "$(sha256sum <"$HERE/body")" = "$plain" ]
        done
    done
}

@test "page: every answer has the rules for browsers, and allows no script but the page's own" {
    local path
    for path in / /nothing /jiayi.v1.DealService/GetDeal; do
        get "$path"
        grep -qi "^content-security-policy: .*default-src 'none'.*require-trusted-types-for 'script'" "$HERE/head"
        [ -z "$(grep -i 'unsafe' "$HERE/head")" ]
        head_has 'x-content-type-options: nosniff'
        head_has 'referrer-policy: no-referrer'
        head_has 'cross-origin-opener-policy: same-origin'
        grep -qi '^strict-transport-security: max-age=' "$HERE/head"
        [ -z "$(grep -i '^access-control' "$HERE/head")" ]
    done
}

@test "page: what is not there is 404, whatever it is asked for" {
    local path
    for path in /index.html /nothing '/?x=1' '/page.js' '/%2e%2e' '/../dev' '//' '/index.html.gz' '/*'; do
        get "$path" --path-as-is
        grep -qE '^HTTP/2 (404|405)' "$HERE/head" || complain "$path: $(head -n 1 "$HERE/head")"
    done
    get /jiayi.v1.DealService/GetDeal
    answered 405
    get / -X PUT
    answered 405
    get / -I
    answered 200
    [ ! -s "$HERE/body" ] || ! grep -q '<div' "$HERE/body"
    [ "$(value_of content-length)" -gt 100 ]
}

@test "page: who fetches it again and again on one connection is answered, and calls go on beside" {
    local n=200 urls=()
    while [ "$n" -gt 0 ]; do
        urls+=("https://$SERVER/")
        n=$((n - 1))
    done
    run curl -sS --max-time 30 --cacert "$CA" -o /dev/null -w '%{http_code}\n' --parallel --parallel-max 20 "${urls[@]}"
    ok
    json sales whoami
    is .company acme
}

@test "page: a server without the page has nothing there, and takes calls" {
    [ ! -d "$BUILD/page" ] || skip 'this build has the page'
    get /
    answered 404
    get /jiayi.v1.AuthService/WhoAmI -H 'content-type: application/json' -d '{}'
    answered 401
}
