#!/usr/bin/env bats
# What peers may do to TLS (tests/tools/tls_peer.c): the same for both protocols that are spoken inside it.

load ../helper

setup_file() {
    world_open --tls-min-version 1.2
}

# part NAME: by both doors; and the server goes on.
part() {
    local protocol
    for protocol in sp h2; do
        run --separate-stderr timeout 90 "$BUILD/tests/tls_peer" "$SERVER" "$CA" "$protocol" "$1"
        [ "$status" -eq 0 ] || complain "$1 by $protocol: $stderr"
        run --separate-stderr timeout 90 "$BUILD/tests/tls_peer" "$SERVER" "$CA" "$protocol" call
        [ "$status" -eq 0 ] || complain "after $1 by $protocol: $stderr"
    done
}

@test "tls: records of one byte are read like others, and empty ones count for nothing" {
    part tiny
    part empty
}

@test "tls: keys may be changed at any place, but not for nothing" {
    part keys
    part keys-for-nothing
}

@test "tls: nobody renegotiates" {
    part renegotiate
}

@test "tls: who says goodbye, or half of it, is let go" {
    part half-close
}

@test "tls: no early data is allowed, and who sends some all the same is cut off" {
    part early
}

@test "tls: of what a peer offers the server takes what it speaks, or ends the handshake" {
    part offers
}
