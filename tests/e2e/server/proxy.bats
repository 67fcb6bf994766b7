#!/usr/bin/env bats
# Behind a proxy: the caller's own address comes by a PROXY header, from whom it may come, and from nobody else. The proxy is
# haproxy of Debian; what it would not do tests/peers/h2_peer.py does. On this machine addresses tell who is who:
# 127.0.0.2 is the proxy, 127.0.0.1 is anybody else.

load ../helper

setup_file() {
    world_open --proxy-from '127.0.0.2/32, fd00::/8' --connections-per-address 4 --handshake-timeout-ms 2000
}

h2_peer() {
    timeout 60 /usr/bin/python3 "$ROOT/tests/peers/h2_peer.py" "$SERVER" "$CA" "$@"
}

peer() {
    run h2_peer "$@"
    ok
}

called_from() {
    eventually grep -q "event=call method=ServerService/Check status=OK .* peer=$1\$" "$DATA.log"
}

@test "proxy: who calls through it is known by the own address, by either door" {
    peer --source 127.0.0.2 --proxy 203.0.113.7 check
    called_from 203.0.113.7
    peer --source 127.0.0.2 --proxy 2001:db8::7 check
    called_from 2001:db8::7
    peer --source 127.0.0.2 --proxy 203.0.113.7 sp
    # The proxy for itself.
    peer --source 127.0.0.2 --proxy local check
    called_from 127.0.0.2
}

@test "proxy: a real one, with jiayi behind it" {
    local port
    port=$(free_port)
    cat >"$HERE/haproxy.cfg" <<END
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
frontend calls
    bind 127.0.0.1:$port
    default_backend jiayi
backend jiayi
    source 127.0.0.2
    server one $SERVER send-proxy-v2
END
    haproxy -db -f "$HERE/haproxy.cfg" >"$HERE/haproxy.log" 2>&1 3>&- &
    local proxy=$!
    eventually eval "(: <'/dev/tcp/127.0.0.1/$port') 2>/dev/null"
    cp -a "$XDG_CONFIG_HOME" "$HERE/proxied"
    find "$HERE/proxied" -type f -exec sed -i "s|$SERVER|127.0.0.1:$port|g" {} +
    XDG_CONFIG_HOME=$HERE/proxied json sales whoami
    is .email sales@acme.example
    run curl -sS --cacert "$CA" "https://127.0.0.1:$port/jiayi.v1.ServerService/Check" -H 'content-type: application/json' -d '{}'
    ok
    is .status SERVING
    kill "$proxy"
    called_from 127.0.0.1
}

@test "proxy: without a header, with a bad one or half of one nobody is let in" {
    peer --source 127.0.0.2 refused
    peer --source 127.0.0.2 --proxy v1 refused
    peer --source 127.0.0.2 --proxy udp refused
    peer --source 127.0.0.2 --proxy long refused
    peer --source 127.0.0.2 --proxy half refused
}

@test "proxy: from elsewhere a header is forged, and breaks the handshake" {
    peer --proxy 203.0.113.66 refused
    peer check
    called_from 127.0.0.1
    run grep -c 203.0.113.66 "$DATA.log"
    [ "$output" = 0 ]
}

@test "proxy: limits are each caller's, not the proxy's" {
    peer --source 127.0.0.2 --proxy 203.0.113.8 crowd 6
    is_said 4
    # All at once, all of the proxy's.
    for caller in 1 2 3; do
        h2_peer --source 127.0.0.2 --proxy 203.0.113.2$caller crowd 4 >"$HERE/crowd$caller" 3>&- &
    done
    wait
    [ "$(cat "$HERE"/crowd[123])" = $'4\n4\n4' ] || complain "$(cat "$HERE"/crowd[123])"
    grep -q 'event=refused cause=connections_per_address.*last_peer=203.0.113.8' "$DATA.log"
}

is_said() {
    [ "$output" = "$1" ] || complain "$output instead of $1"
}

# A certificate of the proxy's own, for the address that it listens on.
proxy_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=proxy -addext 'subjectAltName = IP:127.0.0.1' \
        -keyout "$HERE/proxy.key" -out "$HERE/proxy.pem" 2>/dev/null
    cat "$HERE/proxy.pem" "$HERE/proxy.key" >"$HERE/proxy.both"
}

# serves_pages PORT [ARG…]: Connect by HTTP/2 and by HTTP/1.1, a stream, and a page's cookie, through a proxy that ends TLS.
serves_pages() {
    local through=(curl -sS --max-time 20 --cacert "$HERE/proxy.pem") version sign_in
    for version in --http2 --http1.1; do
        run "${through[@]}" "$version" "https://127.0.0.1:$1/jiayi.v1.ServerService/Check" -H 'content-type: application/json' -d '{}'
        ok
        is .status SERVING
    done
    sign_in="{\"email\": \"sales@acme.example\", \"password\": \"$(cat "$(password_file sales)")\"}"
    run "${through[@]}" "https://127.0.0.1:$1/jiayi.v1.AuthService/SignIn" -c "$HERE/jar" -H 'content-type: application/json' \
        -H 'connect-protocol-version: 1' -H "origin: https://127.0.0.1:$1" -H 'jiayi-session: cookie' -d "$sign_in"
    ok
    is 'has("token")' false
    run "${through[@]}" "https://127.0.0.1:$1/jiayi.v1.AuthService/WhoAmI" -b "$HERE/jar" -H 'content-type: application/json' \
        -H 'connect-protocol-version: 1' -H "origin: https://127.0.0.1:$1" -d '{}'
    ok
    is .email sales@acme.example
    # Each message comes when it is told, not when the stream is over.
    printf '\0\0\0\0\2{}' >"$HERE/request"
    "${through[@]}" -N "https://127.0.0.1:$1/jiayi.v1.InboxService/WatchInbox" -b "$HERE/jar" -H 'content-type: application/connect+json' \
        -H 'connect-protocol-version: 1' -H "origin: https://127.0.0.1:$1" --data-binary "@$HERE/request" >"$HERE/told" 2>/dev/null 3>&- &
    local watcher=$!
    eventually grep -a -q cursor "$HERE/told"
    kill "$watcher"
}

@test "proxy: haproxy that ends TLS speaks HTTP/2 to the server, and says who calls" {
    local port
    port=$(free_port)
    proxy_certificate
    cat >"$HERE/haproxy.cfg" <<END
defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
frontend calls
    bind 127.0.0.1:$port ssl crt $HERE/proxy.both alpn h2,http/1.1
    default_backend jiayi
backend jiayi
    source 127.0.0.2
    server one $SERVER ssl verify required ca-file $CA alpn h2 send-proxy-v2
END
    haproxy -db -f "$HERE/haproxy.cfg" >"$HERE/haproxy.log" 2>&1 3>&- &
    local proxy=$!
    eventually eval "(: <'/dev/tcp/127.0.0.1/$port') 2>/dev/null"
    serves_pages "$port"
    called_from 127.0.0.1
    kill "$proxy"
}

@test "proxy: nginx that ends TLS speaks HTTP/2 to the server" {
    local port
    port=$(free_port)
    proxy_certificate
    mkdir -p "$HERE/nginx"
    cat >"$HERE/nginx.conf" <<END
daemon off;
pid $HERE/nginx/pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path $HERE/nginx/body;
    proxy_temp_path $HERE/nginx/proxy;
    fastcgi_temp_path $HERE/nginx/fastcgi;
    uwsgi_temp_path $HERE/nginx/uwsgi;
    scgi_temp_path $HERE/nginx/scgi;
    server {
        listen 127.0.0.1:$port ssl http2;
        ssl_certificate $HERE/proxy.pem;
        ssl_certificate_key $HERE/proxy.key;
        location / {
            grpc_pass grpcs://$SERVER;
            grpc_set_header Host \$http_host;
            grpc_ssl_protocols TLSv1.3;
            grpc_ssl_verify on;
            grpc_ssl_trusted_certificate $CA;
            grpc_ssl_name localhost;
            grpc_read_timeout 1h;
            client_max_body_size 1m;
        }
    }
}
END
    nginx -e stderr -c "$HERE/nginx.conf" >"$HERE/nginx.log" 2>&1 3>&- &
    local proxy=$!
    eventually eval "(: <'/dev/tcp/127.0.0.1/$port') 2>/dev/null"
    serves_pages "$port" || complain "$(cat "$HERE/nginx.log")"
    kill "$proxy"
}
