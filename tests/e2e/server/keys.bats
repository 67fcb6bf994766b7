#!/usr/bin/env bats
# The keys in the server's folder, which seal secrets in its database.

load ../helper

export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup_file() {
    world_open
}

teardown_file() {
    world_close
}

try() {
    run --separate-stderr "$JIAYID" "$@"
}

# The keys' files, and what seals in the database.
key_ids() {
    find "$DATA/keys" -type f -printf '%f\n' | sort | xargs
}

@test "keys: the first start makes one, for the server's user alone; the database has its id" {
    [ "$(key_ids)" = "$(sql 'SELECT id FROM jiayi.server_key')" ]
    [ "$(stat -c %a "$DATA/keys" "$DATA/keys/$(key_ids)" | xargs)" = '700 600' ]
    [ "$(sql "SELECT count(*) FROM jiayi.server_key AS k WHERE position('$(cat "$DATA/keys/$(key_ids)")' IN k::text) > 0")" = 0 ]
}

@test "keys: a server whose folder lacks the key does not start, and says what to do; what is sealed stays readable" {
    local file=$HERE/exported id
    id=$(key_ids)
    json sales totp enable --password-file "$(password_file sales)"
    sql "UPDATE jiayi.member_totp SET confirmed_at = now()" >/dev/null
    server_stop "$DATA"
    try key export "$file" --data "$DATA"
    ok
    [ "$(stat -c %a "$file")" = 600 ]
    try key export "$file" --data "$DATA"
    [ "$status" -eq 1 ] || complain "an existing file is overwritten"
    mv "$DATA/keys" "$HERE/keys.away"
    try serve --data "$DATA" --listen "127.0.0.1:$(free_port)"
    [ "$status" -eq 1 ] || complain "started"
    [[ $stderr = *"the database needs the key $id, which $DATA/keys lacks"*"jiayid key export FILE"*"jiayid key import FILE --data $DATA"* ]] ||
        complain "does not say what to do"
    echo nonsense >"$HERE/nonsense"
    try key import "$HERE/nonsense" --data "$DATA"
    [ "$status" -eq 1 ] && [[ $stderr = *"is no file of jiayid key export"* ]] || complain "took nonsense"
    try key import "$file" --data "$DATA"
    ok
    [ "$(key_ids)" = "$id" ]
    server_start "$DATA"
    # It opens what was sealed before: a wrong code is wrong, and nothing is said of a key.
    as other login --server "$SERVER" --ca "$CA" --user sales@acme.example --password-file "$(password_file sales)" --otp 000000
    was_refused $UNAUTHENTICATED 'the code is wrong'
    rm -rf "$HERE/keys.away" "$file"
}

@test "keys: one that others can read, or that was changed, stops the start" {
    local key
    key=$DATA/keys/$(key_ids)
    server_stop "$DATA"
    chmod 644 "$key"
    try serve --data "$DATA" --listen "127.0.0.1:$(free_port)"
    [ "$status" -eq 1 ] && [[ $stderr = *"chmod 600 $key"* ]] || complain "started"
    chmod 600 "$key"
    sed -i 's/^./g/' "$key"
    try serve --data "$DATA" --listen "127.0.0.1:$(free_port)"
    [ "$status" -eq 1 ] && [[ $stderr = *"is no key of the server"* ]] || complain "started"
    cp -a "$WORLD/data/keys/${key##*/}" "$key"
    server_start "$DATA"
}
