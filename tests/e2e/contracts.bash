# For tests of what contracts bring: partners of acme's, and contracts with them that both have signed.

# partner SLUG: one more company, a vendor of acme's; its admin's profile is the slug.
partner() {
    "$JIAYI" --profile operator company create "$1" --name "$1" --admin "$1@$1.example" --admin-name "$1" \
        --admin-password-file "$(password_file "$1")" && sign_in "$1" "$1@$1.example"
    as admin partner invite "$1" && ok
    as "$1" partner accept acme && ok
}

# terms JSON: a file with it.
terms() {
    printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/terms.json"
    echo "$BATS_TEST_TMPDIR/terms.json"
}

prose() {
    printf '# Agreement\n\nWe sell, you pay. 双方同意。\n' >"$BATS_TEST_TMPDIR/prose.md"
    echo "$BATS_TEST_TMPDIR/prose.md"
}

# draft PROFILE COMPANY [FLAG…]: its number.
draft() {
    "$JIAYI" --profile "$1" -o json contract draft "$2" --title Agreement --file "$(prose)" "${@:3}" | jq -r .id
}

# review PROFILE ID: all is fine.
review() {
    local point
    for point in clear fair reasonable legal; do
        as "$1" contract review "$2" $point --text 'Looked at.'
        ok
    done
}

sum() { # PROFILE ID
    "$JIAYI" --profile "$1" -o json contract show "$2" | jq -r .sha256
}

propose() { # PROFILE ID
    review "$1" "$2"
    as "$1" contract propose "$2"
    ok
}

sign() { # PROFILE ID
    as "$1" contract sign "$2" --sha256 "$(sum "$1" "$2")"
    ok
}

# both ID OTHER: reviewed and signed by acme, who proposed it, and by the other.
both() {
    sign admin "$1"
    review "$2" "$1"
    sign "$2" "$1"
}

state() { # PROFILE ID
    "$JIAYI" --profile "$1" -o json contract show "$2" | jq -r .state
}

# duty PROFILE CONTRACT TITLE: its number.
duty() {
    "$JIAYI" --profile "$1" -o json task list --on "contract/$2" --kind duty | jq -r ".tasks[] | select(.title == \"$3\").id"
}

# signed OTHER TERMS [FLAG…]: the number of a contract of acme's with it that both have signed.
signed() {
    local id
    id=$(draft admin "$1" --terms "$(terms "$2")" "${@:3}")
    propose admin "$id" >&2
    both "$id" "$1" >&2
    echo "$id"
}
