#!/usr/bin/env bats
# Registrations: a vendor brings a lead, is the first and is protected; a rival learns a day and nothing else.

load ../helper

# The rival, another vendor of acme's.
rival() {
    "$JIAYI" --profile admin company update --checks-per-day 100000 --force
    [ ! -e "$BATS_FILE_TMPDIR/rival" ] || return 0
    "$JIAYI" --profile operator company create rival --name Rival --admin rival@rival.example --admin-name Rival \
        --admin-password-file "$(password_file rival)"
    sign_in rival rival@rival.example
    "$JIAYI" --profile admin partner invite rival
    "$JIAYI" --profile rival partner accept acme
    touch "$BATS_FILE_TMPDIR/rival"
}

# register PROFILE CUSTOMER [ARG…]: the number of a new registration.
register() {
    "$JIAYI" --profile "$1" -o json deal register "Lead of $1" --customer "$2" --to acme "${@:3}" | jq -er .id
}

# verdict PROFILE CUSTOMER [ARG…]
verdict() {
    "$JIAYI" --profile "$1" -o json registration check --customer "$2" --to acme "${@:3}" | jq -r '[.verdict, .until] | join(" ")'
}

# day N: the day in so many days where acme is.
day() {
    sql "SELECT jiayi.company_day(c.id, now()) + $1 FROM jiayi.company AS c WHERE c.slug = 'acme'"
}

@test "deal register, registration check: the first has it, and a rival is told until when" {
    local id until
    rival
    until=$(day 100)
    [ "$(verdict beta-vendor '南山机场有限公司')" = 'free ' ]
    json beta-vendor deal register '安检线' --customer '南山机场有限公司' --to acme --amount 80万 --currency CNY \
        --registration-no '9144 0300' --phone 13800138001 --contact '刘工' --text '明年三月招标'
    id=$(jq -r .id <<<"$output")
    is '[.title, .customer, .state, .company, .vendor, .amount.amount, .amount.currency, .contact, .member, .version] | join(" | ")' \
        "安检线 | 南山机场有限公司 | pending | acme | beta | 800000.00 | CNY | 刘工 | vendor@beta.example | 1"
    is .member_company null
    [ "$(verdict beta-vendor '南山机场')" = 'yours ' ]
    [ "$(verdict beta-admin ' 南山 機場 有限公司')" = 'yours ' ]
    [ "$(verdict rival '南山机场')" = "taken $until" ]
    # By any of its keys.
    [ "$(verdict rival 'Another' --registration-no 91440300)" = "taken $until" ]
    [ "$(verdict rival 'Another' --phone '+86 138 0013 8001')" = "taken $until" ]
    [ "$(verdict rival 'Another')" = 'free ' ]
    refused $ALREADY_EXISTS "registered by another until $until" rival deal register X --customer '南山機場' --to acme
    # The day is told, and may have the digits of the number.
    case ${stderr//"$until"/} in *beta* | *vendor@* | *安检* | *"$id"* | *刘工*) complain 'it told whose it is' ;; esac
    refused $ALREADY_EXISTS 'your company has' beta-admin deal register X --customer '南山机场' --to acme
    json rival registration list
    is '.registrations // [] | length' 0
    refused $NOT_FOUND registration rival registration show "$id"
    json manager registration list --state pending --with beta
    is '[.registrations[] | select(.customer == "南山机场有限公司") | .member_company] | join(" ")' beta
    as manager registration show "$id"
    ok
    says 刘工
}

@test "registration approve: makes the deal in the same call, shared with the vendor" {
    local id deal
    rival
    id=$(register beta-vendor 'Illyria Ujëra Sh.p.k.' --amount 5000 --currency EUR --registration-no L99 --phone 0691234567)
    json beta-vendor registration show "$id"
    is .state pending
    json manager registration approve "$id" --version 1
    deal=$(jq -r .deal_id <<<"$output")
    is '[.state, .version, .decided_by, .owner] | join(" ")' 'approved 2 manager@acme.example manager@acme.example'
    json beta-vendor deal show "$deal"
    is '[.title, .customer, .company, .vendor, .owner, .amount.amount] | join(" | ")' \
        'Lead of beta-vendor | Illyria Ujëra Sh.p.k. | acme | beta | manager@acme.example | 5000.00'
    json manager customer list --search Illyria
    is '.customers[0].registration_no' L99
    as beta-vendor deal log "$deal" --kind call --text hi
    ok
    # While it is open it is protected, and so long after.
    [ "$(verdict rival 'ILLYRIA UJERA')" = "taken $(day 90)" ]
    [ "$(verdict beta-vendor 'ILLYRIA UJERA')" = 'yours ' ]
}

@test "customer merge: not of two that different partners registered" {
    local one two mine
    mine=$(register beta-vendor 'Kroi Ujë sh.p.k.')
    register rival 'Burimi Kroi sh.a.' >/dev/null
    one=$("$JIAYI" --profile admin -o json customer create 'Kroi Ujë' | jq -r .id)
    two=$("$JIAYI" --profile admin -o json customer create 'Burimi Kroi' | jq -r .id)
    refused $FAILED_PRECONDITION 'registered by different partners' admin customer merge "$two" "$one" --reason same --yes
    as beta-vendor registration withdraw "$mine" --yes
    ok
    json admin customer merge "$two" "$one" --reason same --yes
    is .name 'Kroi Ujë'
}

@test "registration list: each side sees its own, page by page" {
    local first second
    rival
    first=$(register beta-vendor 'Page One')
    second=$(register beta-admin 'Page Two')
    json beta-vendor registration list
    is "[.registrations[].id] | (contains([\"$first\"]) and (contains([\"$second\"]) | not))" true
    json beta-admin registration list --page-size 1 --all
    is '[.registrations[].id] | (. == (sort_by(tonumber) | reverse))' true
    is "[.registrations[].id] | contains([\"$first\", \"$second\"])" true
    # Of the principal those who look after what nobody has; a salesperson none until one is theirs.
    json manager registration list --page-size 1000
    is "[.registrations[].id] | contains([\"$first\", \"$second\"])" true
    refused $NOT_FOUND registration sales registration show "$first"
    as manager registration approve "$first" --owner sales@acme.example
    ok
    as sales registration show "$first"
    ok
    json sales registration list --state approved
    is "[.registrations[].id] | contains([\"$first\"])" true
    for who in gamma-admin rival; do
        refused $NOT_FOUND registration $who registration show "$first"
        json $who registration list
        is "[.registrations[]? | select(.id == \"$first\")] | length" 0
    done
    json auditor registration show "$first"
    is .state approved
}

@test "registration reject, withdraw: the customer is free again" {
    local id
    rival
    id=$(register beta-vendor 'Reject Ltd')
    refused $PERMISSION_DENIED registration.decide beta-vendor registration reject "$id" --reason mine --yes
    refused $PERMISSION_DENIED 'not decide on it' beta-admin registration reject "$id" --reason mine --yes
    json manager registration reject "$id" --reason '我们已在跟进' --yes --version 1
    is '[.state, .version] | join(" ")' 'rejected 2'
    json beta-vendor registration show "$id"
    is '[.state, .reason, .decided_by, .decided_by_company] | join(" ")' 'rejected 我们已在跟进 manager@acme.example acme'
    [ "$(verdict rival 'REJECT')" = 'free ' ]
    refused $FAILED_PRECONDITION 'is rejected' manager registration approve "$id" --force
    refused $FAILED_PRECONDITION 'is rejected' beta-vendor registration withdraw "$id" --yes --force
    refused $ABORTED 'at version 2' manager registration approve "$id" --version 1

    id=$(register rival 'Reject Ltd')
    refused $PERMISSION_DENIED registration.decide sales registration approve "$id"
    refused $PERMISSION_DENIED 'not withdraw it' admin registration withdraw "$id" --yes
    json rival registration withdraw "$id" --yes
    is .state withdrawn
    [ "$(verdict beta-vendor 'Reject')" = 'free ' ]
}

@test "registration extend: twice at most, from where it ends" {
    local id
    rival
    id=$(register beta-vendor 'Extend Ltd')
    refused $FAILED_PRECONDITION 'is pending' manager registration extend "$id" --days 10 --reason early
    as manager registration approve "$id" --days 10
    ok
    json manager registration extend "$id" --days 100 --reason '客户推迟招标' --force
    is '[.extended, .reason] | join(" ")' '1 客户推迟招标'
    [ "$(verdict rival 'Extend')" = "taken $(day 110)" ]
    as manager registration extend "$id" --days 20 --reason again --force
    ok
    [ "$(verdict rival 'Extend')" = "taken $(day 130)" ]
    refused $FAILED_PRECONDITION 'twice already' manager registration extend "$id" --days 1 --reason more --force
    as manager registration extend "$id" --days 1 --force
    [ "$status" -ne 0 ] || complain 'without a reason'
}

@test "registration: over by the clock, whether the job has come or not; open deals hold, and so does a touch" {
    local id deal
    rival
    id=$(register beta-vendor 'Clock Ltd')
    sql "ALTER TABLE jiayi.registration DISABLE TRIGGER USER;
         UPDATE jiayi.registration SET protected_until = now() - interval '1 second' WHERE id = $id;
         ALTER TABLE jiayi.registration ENABLE TRIGGER USER; ALTER TABLE jiayi.registration ENABLE ALWAYS TRIGGER audit"
    [ "$(verdict rival 'Clock')" = 'free ' ]
    refused $FAILED_PRECONDITION 'is over since' manager registration approve "$id"
    register rival 'Clock' >"$BATS_TEST_TMPDIR/id"
    json beta-vendor registration show "$id"
    is .state expired
    as rival registration withdraw "$(cat "$BATS_TEST_TMPDIR/id")" --yes
    ok

    id=$(register beta-vendor 'Held Ltd')
    deal=$("$JIAYI" --profile manager -o json registration approve "$id" --days 1 | jq -r .deal_id)
    sql "ALTER TABLE jiayi.registration DISABLE TRIGGER USER;
         UPDATE jiayi.registration SET protected_until = now() - interval '1 day', due_at = now() - interval '1 day' WHERE id = $id;
         ALTER TABLE jiayi.registration ENABLE TRIGGER USER; ALTER TABLE jiayi.registration ENABLE ALWAYS TRIGGER audit"
    [ "$(verdict rival 'Held')" = "taken $(day 90)" ]
    as manager deal move "$deal" lost --lost-reason no_budget --reason 'no money' --yes
    ok
    [ "$(verdict rival 'Held')" = "taken $(day 90)" ]
    sql "UPDATE jiayi.deal_pulse SET stage_on = stage_on - 80 WHERE deal_id = $deal"
    [ "$(verdict rival 'Held')" = "taken $(day 10)" ]
    sql "UPDATE jiayi.deal_pulse SET stage_on = stage_on - 11 WHERE deal_id = $deal"
    [ "$(verdict rival 'Held')" = 'free ' ]
    # The job says so too, and tells.
    sql "UPDATE jiayi.registration SET due_at = now() WHERE id = $id; SELECT jiayi.job_registrations(0, now())"
    json beta-vendor registration show "$id"
    is .state expired
    eventually told beta-vendor registration.expired
    eventually told manager registration.expired
}

# told PROFILE KIND: for eventually.
told() {
    "$JIAYI" --profile "$1" -o json inbox list --page-size 1000 | jq -e --arg kind "$2" '[.items[]? | select(.kind == $kind)] | length > 0'
}

@test "registration: own customers look like anybody's; old ones are free" {
    local deal
    rival
    deal=$("$JIAYI" --profile sales -o json deal create 'Own' --customer 'Own Ltd' | jq -r .id)
    [ "$(verdict rival 'OWN')" = "taken $(day 90)" ]
    refused $ALREADY_EXISTS "registered by another until $(day 90)" rival deal register X --customer 'own ltd' --to acme
    as sales deal move "$deal" lost --lost-reason no_budget --reason 'no money' --yes
    ok
    sql "UPDATE jiayi.deal_pulse SET stage_on = stage_on - 91 WHERE deal_id = $deal"
    [ "$(verdict rival 'OWN')" = 'free ' ]
    # One that the vendor has is its own.
    as sales deal create 'Given' --customer 'Given Ltd' --vendor beta
    ok
    [ "$(verdict beta-vendor 'given')" = 'yours ' ]
    [ "$(verdict rival 'given')" = "taken $(day 90)" ]
}

@test "registration check, deal register: so many a day, refused ones too, until midnight there" {
    rival
    company=$(sql "SELECT count(*) FROM jiayi.registration_check AS x JOIN jiayi.company AS c ON c.id = x.vendor_id WHERE c.slug = 'rival'")
    as admin company update --checks-per-day $((company + 3)) --force
    ok
    as rival registration check --customer One --to acme
    ok
    refused $ALREADY_EXISTS registered rival deal register X --customer 'Given Ltd' --to acme
    as rival deal register X --customer 'Limit Ltd' --to acme
    ok
    refused $RESOURCE_EXHAUSTED 'go on after midnight there' rival registration check --customer Three --to acme --timeout 5
    refused $RESOURCE_EXHAUSTED "about $((company + 3)) customers today" rival deal register X --customer Three --to acme --timeout 5
    # Of each vendor its own.
    as admin company update --checks-per-day 100000 --force
    ok
    refused $INVALID_ARGUMENT checks-per-day admin company update --checks-per-day 0 --force
}

@test "registration: denied, invalid, not found" {
    rival
    refused $PERMISSION_DENIED registration.create auditor registration check --customer X --to acme
    refused $PERMISSION_DENIED registration.read operator registration list
    refused $NOT_FOUND 'gamma is no partner of yours' beta-vendor registration check --customer X --to gamma
    refused $NOT_FOUND 'acme is no partner of yours' gamma-admin deal register T --customer X --to acme
    refused $INVALID_ARGUMENT 'registers nothing with itself' sales deal register T --customer X --to acme
    refused $NOT_FOUND 'beta is no partner of yours' sales deal register T --customer X --to beta
    refused $INVALID_ARGUMENT to beta-vendor registration check --customer X --to 'No Slug'
    refused $INVALID_ARGUMENT customer beta-vendor registration check --customer '' --to acme
    refused $INVALID_ARGUMENT state admin registration list --state new
    refused $INVALID_ARGUMENT days admin registration approve 1 --days 0
    refused $NOT_FOUND registration admin registration show 999999
    refused $NOT_FOUND registration admin registration approve 999999
    refused $NOT_FOUND registration admin registration extend 999999 --days 1 --reason x
    refused $NOT_FOUND registration beta-vendor registration withdraw 999999 --yes
}

# race N: both register customer N, in spellings and an order that follow from the seed; who got what is left in a file.
race() {
    local first=beta-vendor second=rival one=0 two=0 a b pause=0.00$((RANDOM % 10))
    local names=("Race %d Ltd" "RACE %d" "race  %d ltd." "Ｒａｃｅ %d")
    # shellcheck disable=SC2059
    printf -v a "${names[RANDOM % 4]}" "$1"
    # shellcheck disable=SC2059
    printf -v b "${names[RANDOM % 4]}" "$1"
    ((RANDOM % 2)) || { first=rival second=beta-vendor; }
    "$JIAYI" --profile $first -o json deal register X --customer "$a" --to acme >/dev/null 2>"$BATS_TEST_TMPDIR/$1.first" &
    sleep "$pause"
    "$JIAYI" --profile $second -o json deal register X --customer "$b" --to acme >/dev/null 2>"$BATS_TEST_TMPDIR/$1.second" || two=$?
    wait $! || one=$?
    echo "$one $two" >"$BATS_TEST_TMPDIR/$1"
}

@test "two vendors register one customer at once, 200 times: exactly one wins" {
    local seed=${SEED:-$((EPOCHSECONDS % 30000))} n k until
    rival
    until=$(day 100)
    echo "seed $seed (SEED=$seed repeats it)"
    for n in {1..200..5}; do
        for k in {0..4}; do
            (RANDOM=$((seed + n + k)) && race $((n + k))) 3>&- &
        done
        wait
    done
    for n in {1..200}; do
        case $(cat "$BATS_TEST_TMPDIR/$n") in
        "0 $ALREADY_EXISTS" | "$ALREADY_EXISTS 0") ;;
        *) status=0 output=$(cat "$BATS_TEST_TMPDIR/$n"*) stderr='' complain "run $n of seed $seed" ;;
        esac
        grep -q "registered by another until $until" "$BATS_TEST_TMPDIR/$n".* || complain "run $n of seed $seed: the loser was told otherwise"
    done
    [ "$(sql "SELECT count(*), count(DISTINCT k.key) FROM jiayi.registration_key AS k
        WHERE k.live AND k.key_kind = 'name' AND k.key ~ '^race[0-9]+$'")" = '200|200' ]
}
