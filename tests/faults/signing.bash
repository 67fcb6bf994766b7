# shellcheck shell=bash disable=SC2034
# Both sides sign contracts, and what they sign with is killed. Read by run.

# contracts_come N: so many contracts that acme proposes and beta has looked at: each signs them all, however often it has to ask.
contracts_come() {
    local i id who
    printf 'title,required\nFair,true\n' >"$DIR/points.csv"
    printf 'We sell, you pay. 双方同意。\n' >"$DIR/prose.md"
    echo '{"payments": [{"payer": "principal", "amount": 1, "currency": "CNY", "due": "2030-01-31"}],
        "duties": [{"title": "Plan", "side": "vendor", "due": "2030-01-31"}]}' >"$DIR/terms.json"
    for who in admin beta-admin; do
        cli $who checklist define contract --name Review --purpose review --items "$DIR/points.csv" >/dev/null
    done
    for ((i = 0; i < $1; i++)); do
        id=$(cli admin -o json contract draft beta --title "Contract $i" --file "$DIR/prose.md" --terms "$DIR/terms.json" | jq -er .id)
        cli admin contract review "$id" 1 --text Yes >/dev/null
        cli admin contract propose "$id" >/dev/null
        cli beta-admin contract review "$id" 1 --text Yes >/dev/null
        echo "$id $(cli admin contract text "$id" | sha256sum | cut -d ' ' -f 1)" >>"$DIR/contracts"
    done
    SIGNING=$1
}

signers_up() {
    local who
    for who in admin beta-admin; do
        signer $who 3>&- &
        SIGNERS+=($!)
    done
}

signer() {
    local id sum
    while read -r id sum <&4; do
        until cli "$1" contract sign "$id" --sha256 "$sum" --timeout 2 >/dev/null 2>"$DIR/refusal.$1"; do
            # Asked before, and never answered.
            ! grep -q 'signed by your side already\|it is active' "$DIR/refusal.$1" || break
            sleep 0.1
        done
        echo "$id" >>"$DIR/signed.$1"
    done 4<"$DIR/contracts"
}

# At this very moment, whatever was killed: each contract is signed by none, by one side, or by both and holds.
signing_is_whole() {
    local found
    sql -f tests/faults/signing.sql >/dev/null
    found=$(sql -c 'SELECT what FROM faults.signing LIMIT 5')
    [ -z "$found" ] || fail "in mid-signature: $found"
}

# What each was told that it signed is there; and in the end all holds.
check_signing() {
    local who company id missing=
    for who in admin beta-admin; do
        company=acme
        [ $who = admin ] || company=beta
        while read -r id; do
            [ "$(sql -c "SELECT count(*) FROM jiayi.signature AS s JOIN jiayi.company AS c ON c.id = s.company_id
                WHERE s.on_kind = jiayi.kind('contract') AND s.on_id = $id AND c.slug = '$company'")" = 1 ] ||
                missing+="$who $id "
        done <"$DIR/signed.$who"
    done
    [ -z "$missing" ] || fail "signed and lost: $missing"
    id=$(sql -c "SELECT count(*) FROM jiayi.contract_version AS v JOIN jiayi.contract AS c ON c.id = v.contract_id
        WHERE v.state = 'executed' AND c.kind <> 'framework' AND c.state = 'active'")
    [ "$id" -eq "$SIGNING" ] || fail "of $SIGNING contracts $id hold in the end"
    NOTE+="$SIGNING contracts; "
}

# Until both have signed all.
signed_all() {
    local tries
    for ((tries = 0; tries < 900; tries++)); do
        [ "$(cat "$DIR"/signed.* 2>/dev/null | wc -l)" -lt $((2 * SIGNING)) ] || return 0
        sleep 0.1
    done
    fail "the signers get nothing done any more: $(cat "$DIR"/refusal.*)"
}

# The server is killed at each named point of a SignContract, the N-th that comes there.
fault_kill-signing() {
    local point
    JIAYID=$KILLABLE
    begin
    contracts_come 24
    server_stops
    signers_up
    for point in after_decode after_authorize after_statement sync_sent after_sync before_reply; do
        chosen 1 3
        SERVER_ENV=("JIAYI_FAULT=$point@ContractService/SignContract:$N")
        server_up
        server_ends 60 || fail "the server never came to $point number $N"
        [ "$STATUS" -eq 137 ] || fail "the server ended with $STATUS"
        NOTE+="$point $N; "
        signing_is_whole
    done
    SERVER_ENV=()
    server_up
    signed_all
    more 60
}

# PostgreSQL is stopped at once while a signature is written, while the second one has the contract hold, and while that commits.
fault_postgres-signing() {
    local where
    begin
    contracts_come 12
    sql <<'END'
CREATE FUNCTION public.linger() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $f$;
END
    signers_up
    for where in 'TRIGGER linger AFTER INSERT ON jiayi.signature' 'TRIGGER linger AFTER UPDATE ON jiayi.contract_version' \
        'CONSTRAINT TRIGGER linger AFTER INSERT ON jiayi.signature DEFERRABLE INITIALLY DEFERRED'; do
        sql -c "CREATE $where FOR EACH ROW EXECUTE FUNCTION public.linger()"
        lingers
        "${AS_POSTGRES[@]}" "$PG_BIN/pg_ctl" -D "$DIR/data/pg" -m immediate stop >/dev/null
        wait "$PG_PID" || true
        pg_up || fail "PostgreSQL did not start"
        signing_is_whole
        where=${where#*ON }
        sql -c "DROP TRIGGER linger ON ${where%% *}"
    done
    signed_all
    more 60
}

# Until somebody is in the middle of it.
lingers() {
    local tries
    for ((tries = 0; tries < 3000; tries++)); do
        [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jiayid' AND wait_event = 'PgSleep'")" -eq 0 ] || return 0
        sleep 0.02
    done
    fail "nobody signs"
}
