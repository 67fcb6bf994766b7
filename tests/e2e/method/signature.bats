#!/usr/bin/env bats
# Contracts signed with a key of the signer's own: what is signed, who may, and how anybody verifies it without this server.

load ../helper
load ../contracts

# key PROFILE NOTE: a new key of its own, in its profile.
key() {
    as "$1" key add --note "$2"
    ok
}

# proposed COMPANY: the number of a contract of acme's with it, which both sides have looked at.
proposed() {
    local id
    id=$(draft admin "$1")
    propose admin "$id" >&2
    review "$1" "$id" >&2
    echo "$id"
}

# with_key PROFILE ID NOTE
with_key() {
    as "$1" contract sign "$2" --sha256 "$(sum "$1" "$2")" --key "$3"
    ok
}

# verify PROFILE ID VERSION: what it is given holds, by openssl and sha256sum alone; the folder is DIR.
verify() {
    DIR=$BATS_TEST_TMPDIR/signed.$1.$2.$3
    as "$1" contract text "$2" "$3" --signed "$DIR"
    ok
    (cd "$DIR" && sh -e) <<<"$output" >"$BATS_TEST_TMPDIR/verified" 2>&1 || complain "$(cat "$BATS_TEST_TMPDIR/verified")"
}

# by_hand PROFILE ID VERSION SIDE COMPANY [AT]: the fields of SignContract, as another program makes them, with openssl alone.
by_hand() {
    local half pem=$BATS_TEST_TMPDIR/by_hand.pem note=$BATS_TEST_TMPDIR/by_hand.note
    half=$(jq -r .signing_key "$XDG_CONFIG_HOME/jiayi/profiles/$1")
    printf '302e020100300506032b657004220420%s' "$half" | sed 's/../\\x&/g' | xargs -0 printf '%b' | openssl pkey -inform DER -out "$pem"
    printf 'jiayi-signature/v1\ncontract/%s/%s\nsha256 %s\n%s %s\n%s\n' "$2" "$3" "$(sum "$1" "$2")" "$4" "$5" \
        "${6:-$(date -u +%FT%TZ)}" >"$note"
    openssl pkeyutl -sign -inkey "$pem" -rawin -in "$note" -out "$note.sig"
    jq -n --arg id "$2" --arg sum "$(sum "$1" "$2")" --rawfile note "$note" \
        --arg key "$(openssl pkey -in "$pem" -pubout -outform DER | tail -c 32 | od -An -tx1 | tr -d ' \n')" \
        --arg made "$(od -An -v -tx1 "$note.sig" | tr -d ' \n')" \
        '{contract_id: $id, sha256: $sum, public_key: $key, note: $note, signature: $made}'
}

@test "contract sign --key: the note is the text's, and anybody verifies it with openssl" {
    local id key
    partner kilo
    key admin office
    key kilo laptop
    id=$(proposed kilo)
    with_key admin "$id" office
    json kilo contract show "$id"
    is '[.state, .verify] | map(tostring) | join(" ")' "proposed jiayi contract text $id 1 --signed DIR"
    with_key kilo "$id" laptop
    json kilo contract show "$id"
    is '[.signatures[] | "\(.capacity) \(.key_id != null) \(.revoked_at)"] | join(", ")' 'principal true null, vendor true null'
    for who in admin kilo; do
        verify $who "$id" 1
        [ "$(grep -c 'Signature Verified Successfully' "$BATS_TEST_TMPDIR/verified")" = 2 ] || complain "$(cat "$BATS_TEST_TMPDIR/verified")"
        [ "$(sed -n 1,4p "$DIR/vendor.note")" = "$(printf 'jiayi-signature/v1\ncontract/%s/1\nsha256 %s\nvendor kilo' "$id" \
            "$(sha256sum <"$DIR/contract-$id-1.md" | cut -d' ' -f1)")" ] || complain "$(cat "$DIR/vendor.note")"
        # It is the key that its owner has, and of nothing else.
        [ "$(openssl pkey -pubin -in "$DIR/vendor.pem" -outform DER | tail -c 32 | od -An -tx1 | tr -d ' \n')" = \
            "$("$JIAYI" --profile kilo -o json key list | jq -r '.keys[0].public_key')" ]
        sed -i s/vendor/Vendor/ "$DIR/vendor.note"
        run openssl pkeyutl -verify -pubin -inkey "$DIR/vendor.pem" -rawin -in "$DIR/vendor.note" -sigfile "$DIR/vendor.sig"
        [ "$status" -ne 0 ] || complain 'another note passes'
    done
    as kilo contract text "$id" 1 --signed "$DIR"
    [ "$status" = $LOCAL ] || complain 'a folder that was there'
    # The ledger has it.
    key=$("$JIAYI" --profile kilo -o json key list | jq -r '.keys[0].public_key')
    [ "$(sql "SELECT convert_from(entry, 'UTF8')::jsonb ->> 'key' FROM jiayi.ledger_entry
        WHERE kind = 'signature' AND on_id = $id ORDER BY id DESC LIMIT 1")" = "$key" ]
    # Where it was signed without a key there is none.
    id=$(proposed kilo)
    sign admin "$id"
    json admin contract show "$id"
    is '[.verify, .signatures[0].key_id, .signatures[0].note] | map(tostring) | join(" ")' 'null null null'
    verify admin "$id" 1
    lacks openssl
    as admin contract withdraw "$id"
    ok
}

@test "contract sign --key: amendments; what was revoked signs no more, and what it signed stays" {
    local id
    partner uniform
    key uniform one
    id=$(proposed uniform)
    sign admin "$id"
    with_key uniform "$id" one
    as admin contract amend "$id" --title Longer --to 2031-12-31 --reason Longer
    ok
    propose admin "$id"
    review uniform "$id"
    refused $ABORTED 'the text changed since you read it' uniform contract sign "$id" --key one --sha256 "$(printf 'f%.0s' {1..64})"
    with_key uniform "$id" one
    sign admin "$id"
    as uniform key revoke "$("$JIAYI" --profile uniform -o json key list | jq -r '.keys[0].id')" --yes
    ok
    for version in 1 2; do
        verify admin "$id" $version
        says 'openssl pkeyutl'
        grep -q "contract/$id/$version" "$DIR/vendor.note"
        json admin contract show "$id" $version
        is '.signatures[] | select(.key_id) | .revoked_at > .at' true
    done
    id=$(proposed uniform)
    refused $FAILED_PRECONDITION 'is revoked and signs no more' uniform contract sign "$id" --key one --sha256 "$(sum uniform "$id")"
    [ "$(state admin "$id")" = proposed ]
}

@test "contract sign --key: no key, another's, another note, another time, another text" {
    local id other
    partner victor
    partner whiskey
    key victor mine
    key whiskey theirs
    id=$(proposed victor)
    other=$(proposed whiskey)
    refused $NOT_FOUND 'you have no key none' victor contract sign "$id" --key none --sha256 "$(sum victor "$id")"
    # The private half is elsewhere.
    jq 'del(.signing_key)' "$XDG_CONFIG_HOME/jiayi/profiles/victor" >"$BATS_TEST_TMPDIR/profile"
    cp -p "$XDG_CONFIG_HOME/jiayi/profiles/victor" "$BATS_TEST_TMPDIR/kept"
    cat "$BATS_TEST_TMPDIR/profile" >"$XDG_CONFIG_HOME/jiayi/profiles/victor"
    refused $LOCAL 'is not in this profile' victor contract sign "$id" --key mine --sha256 "$(sum victor "$id")"
    cp -p "$BATS_TEST_TMPDIR/kept" "$XDG_CONFIG_HOME/jiayi/profiles/victor"
    by_hand victor "$id" 1 vendor victor >"$BATS_TEST_TMPDIR/fine"
    signed_by() { # FILTER
        jq -c "$1" "$BATS_TEST_TMPDIR/fine"
    }
    for without in public_key note signature; do
        refused $INVALID_ARGUMENT "$without" victor api call ContractService/SignContract "$(signed_by "del(.$without)")"
    done
    refused $INVALID_ARGUMENT 'is not what the key makes of the note' victor api call ContractService/SignContract \
        "$(signed_by '.note |= sub("vendor"; "Vendor")')"
    refused $INVALID_ARGUMENT 'is not what the key makes of the note' victor api call ContractService/SignContract \
        "$(signed_by '.signature |= "00" + .[2:]')"
    for words in "$id 2 vendor victor" "$other 1 vendor victor" "$id 1 principal victor" "$id 1 vendor acme"; do
        # shellcheck disable=SC2086
        refused $INVALID_ARGUMENT 'what the key signed is not version 1' victor api call ContractService/SignContract \
            "$(by_hand victor $words | jq -c ".contract_id = \"$id\" | .sha256 = \"$(sum victor "$id")\"")"
    done
    refused $FAILED_PRECONDITION 'says that it was at' victor api call ContractService/SignContract \
        "$(by_hand victor "$id" 1 vendor victor 2020-01-01T00:00:00Z)"
    # Whoever has read the note of another's cannot put it under their own name.
    refused $NOT_FOUND 'no key of yours' victor api call ContractService/SignContract \
        "$(by_hand whiskey "$other" 1 vendor whiskey | jq -c ".contract_id = \"$id\" | .sha256 = \"$(sum victor "$id")\"")"
    refused $UNAUTHENTICATED '' stranger api call ContractService/SignContract "$(signed_by .)"
    [ "$(sql "SELECT count(*) FROM jiayi.signature WHERE on_kind = 6 AND on_id IN ($id, $other)")" = 0 ]
    # As any program makes it.
    api victor ContractService/SignContract "$(by_hand victor "$id" 1 vendor victor)"
    verify admin "$id" 1
    says 'openssl pkeyutl'
}
