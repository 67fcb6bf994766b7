#!/usr/bin/env bats
# Refusals speak of what was typed: flags by their names, and none that nobody typed.

load ../helper

@test "case 53: what belongs together is said in flags" {
    local deal
    deal=$(new_deal sales)
    refused $INVALID_ARGUMENT 'jiayi: give at least one of: --title, --customer, --amount, --currency, --vendor, --no-vendor' \
        sales deal update "$deal"
    refused $INVALID_ARGUMENT 'jiayi: give all of these or none: --object, --id' manager audit list --object deal
    [[ $stderr != *_* ]] || complain "names a field"
    # Who calls by name means fields.
    refused $INVALID_ARGUMENT 'none of: object, object_id' manager api call AuditService/ListAuditEntries '{"object": "deal"}'
}

@test "case 53: a password that was asked for is no flag" {
    local words
    words=$(printf '%q ' "$JIAYI" --profile peer passwd)
    run bash -c "(sleep 0.4; cat '$(password_file peer)'; sleep 0.4; echo short; sleep 0.4; echo short; sleep 0.4) |
        script -qec \"\$1\" /dev/null" _ "$words"
    [ "$status" -eq $INVALID_ARGUMENT ] || complain "took a short password"
    says 'new password: must have at least 8 characters'
    lacks --new-password-file
    # Who typed the flag reads it.
    echo short >"$BATS_TEST_TMPDIR/short"
    refused $INVALID_ARGUMENT '--new-password-file: must have at least 8' peer passwd --old-password-file "$(password_file peer)" \
        --new-password-file "$BATS_TEST_TMPDIR/short"
}

@test "case 30: a year says how many weeks it has" {
    run --separate-stderr "$JIAYI" --profile sales report submit --kind weekly --period 2025-W53 --to acme --title T --file - <<<x
    was_refused $INVALID_ARGUMENT 'jiayi: --period: 2025 has 52 weeks'
    run --separate-stderr "$JIAYI" --profile sales report submit --kind weekly --period 2026-W53 --to acme --title T --file - <<<x
    ok
}

@test "case 31: a vendor and no vendor contradict one another" {
    local deal
    deal=$(new_deal sales --vendor beta)
    refused $INVALID_ARGUMENT 'jiayi: give at most one of: --vendor, --no-vendor' sales deal update "$deal" --vendor beta --no-vendor
    refused $INVALID_ARGUMENT 'at most one of: vendor, no_vendor' sales api call DealService/UpdateDeal \
        "{\"deal_id\": \"$deal\", \"vendor\": \"beta\", \"no_vendor\": true}"
    json sales deal show "$deal"
    is .vendor beta
}
