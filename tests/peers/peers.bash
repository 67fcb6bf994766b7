# Other people's clients, made ready in $BUILD/peers: once, until what they are made of changes.
#
# peers_need js      node's, by npm: $PEERS/js has them, and client.js
# peers_need cc      gRPC's in C++: $PEERS/cc/client
# peers_need python  stubs for python3-grpcio: $PEERS/python

# shellcheck disable=SC2034
PEERS=${BUILD:-$ROOT/build}/peers

# Several tests may want the same at once.
peers_need() {
    mkdir -p "$PEERS"
    (flock 9 && "peers_make_$1") 9>"$PEERS/$1.lock"
}

# peer_is_new NAME FILE…: NAME was not made of these files. Who makes it says so with peer_is_made.
peer_is_new() {
    local name=$1
    PEER_SUM=$(sha256sum "${@:2}" | sha256sum)
    [ "$(cat "$PEERS/$name/made_of" 2>/dev/null)" != "$PEER_SUM" ] || return 1
    rm -rf "${PEERS:?}/$name"
    mkdir -p "$PEERS/$name"
}

peer_is_made() {
    echo "$PEER_SUM" >"$PEERS/$1/made_of"
}

peers_make_js() {
    local from=$ROOT/tests/peers/js
    peer_is_new js "$from"/package*.json "$from/client.js" || return 0
    cp "$from"/package*.json "$from/client.js" "$PEERS/js"
    # The lock says by its digests what is taken, not where it comes from.
    (cd "$PEERS/js" && npm ci --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved) >&2 || return 1
    peer_is_made js
}

peers_make_cc() {
    local from=$ROOT/tests/peers/cc proto=$ROOT/proto to=$PEERS/cc
    peer_is_new cc "$from/client.cc" "$proto"/jiayi/v1/*.proto || return 0
    local services=(auth deal inbox) files=() more
    services=("${services[@]/%/.proto}")
    more=$(printf 'jiayi/v1/%s\n' "${services[@]}")
    # With all that they import.
    while true; do
        mapfile -t files <<<"$more"
        more=$(cd "$proto" && { printf '%s\n' "${files[@]}" && grep -ho 'jiayi/v1/[a-z_]*\.proto' "${files[@]}"; } | sort -u)
        [ "$more" != "$(printf '%s\n' "${files[@]}")" ] || break
    done
    protoc -I "$proto" --cpp_out="$to" "${files[@]/#/$proto/}" || return 1
    protoc -I "$proto" --plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out="$to" "${services[@]/#/$proto/jiayi/v1/}" || return 1
    # shellcheck disable=SC2046
    g++ -std=c++17 -O0 -I "$to" "$from/client.cc" "$to"/jiayi/v1/*.cc -o "$to/client" $(pkg-config --cflags --libs grpc++ protobuf) || return 1
    peer_is_made cc
}

# The names of the standard services' files are those of the library itself: they get folders of their own.
peers_make_python() {
    local proto=$ROOT/proto to=$PEERS/python
    peer_is_new python "$proto"/*/*/*.proto "$proto"/grpc/*/*/*.proto || return 0
    mkdir -p "$to/grpc_health" "$to/reflection" "$to/google/rpc"
    protoc -I "$proto" --python_out="$to" --plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin --grpc_out="$to" \
        "$proto"/jiayi/v1/*.proto &&
        protoc -I "$proto" --python_out="$to" "$proto"/google/rpc/*.proto &&
        protoc -I "$proto/grpc/health/v1" --python_out="$to/grpc_health" "$proto/grpc/health/v1/health.proto" &&
        protoc -I "$proto/grpc/reflection/v1" --python_out="$to/reflection" "$proto/grpc/reflection/v1/reflection.proto" || return 1
    # google/ is a package of the library's, too.
    mv "$to/google" "$to/google_rpc"
    peer_is_made python
}
