#!/usr/bin/env bats
# Customers and contacts: whose they are, under which names they are found, what is one, and who sees and changes them.

load ../helper

# The number of a new customer: new_customer PROFILE NAME [ARG…].
new_customer() {
    "$JIAYI" --profile "$1" -o json customer create "${@:2}" | jq -er .id
}

# deal_with PROFILE CUSTOMER [ARG…]: a new deal's number.
deal_with() {
    "$JIAYI" --profile "$1" -o json deal create "With $2" --customer "$2" "${@:3}" | jq -er .id
}

# names: of the list at hand.
names() {
    jq -r '[.customers[]?.name] | join(",")' <<<"$output"
}

@test "customer create, show, update, assign: as it goes" {
    local id
    json sales customer create '深圳市北辰自动化有限公司' --registration-no '9144 0300-MA5' --registration-country cn \
        --website beichen.example --address '南山区' --phone '+86 755 8600' --size 120 --tag intent=high
    id=$(jq -r .id <<<"$output")
    is '[.name, .owner, .state, .company, .registration_no, .registration_country, .website, .address, .phone, .size, .version] | join(" | ")' \
        '深圳市北辰自动化有限公司 | sales@acme.example | active | acme | 9144 0300-MA5 | CN | beichen.example | 南山区 | +86 755 8600 | 120 | 1'
    json sales customer show "$id"
    is '[.tags[] | .list + "=" + .code] | join(",")' intent=high
    json sales customer update "$id" --name '北辰自动化（深圳）有限公司' --size 130 --version 1
    is '[.name, .size, .version] | join(" ")' '北辰自动化（深圳）有限公司 130 2'
    refused $ABORTED 'at version 2 by now, not 1' sales customer update "$id" --size 1 --version 1
    # What changes nothing is no other version.
    json sales customer update "$id" --size 130
    is .version 2
    json manager customer assign "$id" junior@acme.example
    is '[.owner, .version] | join(" ")' 'junior@acme.example 3'
    refused $PERMISSION_DENIED "you may see customer $id but not change it" sales customer update "$id" --size 1 --force
    eventually junior_is_told "$id"
    json junior customer update "$id" --state inactive
    json junior customer list --owner me
    is '.customers // [] | length' 0
    json junior customer list --owner me --state inactive
    is '.customers[0].id' "$id"
    refused $INVALID_ARGUMENT 'is no country' sales customer create x --registration-country 1X
    refused $INVALID_ARGUMENT '"XX" is no country' sales customer create x --registration-country XX
    json sales customer create 'In Prishtina' --registration-country xk
    is .registration_country XK
    refused $INVALID_ARGUMENT 'should be the address of a site' sales customer create x --website 'javascript:alert(1)'
    refused $INVALID_ARGUMENT 'should be the address of a site' sales customer update "$id" --website 'data:text/html,x' --force
    refused $NOT_FOUND 'no member nobody@acme.example' sales customer create x --owner nobody@acme.example
    refused $PERMISSION_DENIED 'for yourself or your team only' sales customer create x --owner peer@acme.example
    refused $PERMISSION_DENIED 'within your team only' manager customer assign "$id" peer@acme.example --force
    refused $NOT_FOUND 'no member' admin customer assign "$id" vendor@beta.example
    json auditor audit list --object customer --id "$id" --all
    is '.entries | length' 4
}

junior_is_told() {
    "$JIAYI" --profile junior -o json inbox list | jq -e --arg on "customer/$1" '.items[]? | select(.on == $on and .kind == "customer.assigned")' >/dev/null
}

@test "customer: missing, empty, too long, of another type, hostile" {
    local id long
    id=$(new_customer sales 'Whole')
    long=$(printf 'x%.0s' {1..201})
    refused $USAGE name sales customer create
    refused $INVALID_ARGUMENT name sales customer create ''
    refused $INVALID_ARGUMENT name sales customer create "$long"
    refused $INVALID_ARGUMENT size sales customer update "$id" --size 0
    refused $USAGE size sales customer update "$id" --size many
    refused $INVALID_ARGUMENT website sales customer update "$id" --website "$long"
    refused $INVALID_ARGUMENT tag sales customer create x --tag intent
    refused $INVALID_ARGUMENT 'there is no list nothing' sales customer create x --tag nothing=high
    refused $INVALID_ARGUMENT 'the list intent has no code' sales customer tag "$id" intent=none
    refused $USAGE id sales customer show seven
    refused $NOT_FOUND 'there is no customer 999999' sales customer show 999999
    refused $NOT_FOUND '' sales customer show -- -1
    json sales customer create "Robert'); DROP TABLE customer;--"
    is .name "Robert'); DROP TABLE customer;--"
    json sales customer create '=HYPERLINK("x")'
    as sales -o csv customer list
    ok
    says $'"\'=HYPERLINK'
}

@test "case 22: ten spellings make one customer" {
    local spelling first
    first=$(deal_with sales 'Northwind Ltd')
    for spelling in 'northwind ltd' 'NORTHWIND LTD' 'Northwind  Ltd' $'Northwind\u00a0Ltd' 'Ｎｏｒｔｈｗｉｎｄ　Ｌｔｄ' \
        'Northwind, Ltd.' 'Northwind Limited' '"Northwind" ltd' 'Northwind'; do
        as sales deal create "Another" --customer "$spelling"
        ok
    done
    # What nobody sees is refused, and makes none either.
    refused $INVALID_ARGUMENT customer sales deal create Another --customer $'North\u00adwind Ltd'
    refused $INVALID_ARGUMENT customer sales deal create Another --customer $'Northwind\tLtd'
    [ "$(sql "SELECT count(*) FROM jiayi.customer WHERE name_key = 'northwind'")" = 1 ]
    json sales deal list --search northwind
    is '[.deals[].customer] | unique | join(",")' 'Northwind Ltd'
    # Who makes a deal with a new customer has that.
    json sales customer list --search northwind
    is '[.customers[] | .name + " " + .owner] | join(",")' 'Northwind Ltd sales@acme.example'
    refused $ALREADY_EXISTS 'is customer' peer customer create 'NORTHWIND LIMITED'
    [[ $stderr = *sales@acme.example* ]]
    # Traditional characters, the place, the form.
    deal_with sales '深圳市華興電子設備有限公司'
    deal_with sales '华兴电子设备'
    deal_with sales 'Illyria Sh.p.k.'
    deal_with sales 'ILLYRIA SH.P.K'
    [ "$(sql "SELECT count(*) FROM jiayi.customer WHERE name_key IN ('华兴电子设备', 'illyria')")" = 2 ]
    # Names of other companies are no matter.
    json gamma-sales customer create 'Northwind'
    is .company gamma
    [ -n "$first" ]
}

@test "customer create: what is another one in spite of its key is said to be" {
    local one other
    one=$(new_customer sales '重庆长安汽车')
    refused $ALREADY_EXISTS "is customer $one" sales customer create '北京长安汽车'
    other=$(new_customer sales '北京长安汽车' --distinct)
    refused $ALREADY_EXISTS "is customer $other" sales customer create '北京长安汽车' --distinct
    # A deal finds each by its own name.
    json sales deal show "$(deal_with sales '北京长安汽车')"
    is .customer '北京长安汽车'
    json sales deal show "$(deal_with sales '长安汽车有限公司')"
    is .customer '重庆长安汽车'
    json manager customer duplicates
    is '[.duplicates[]? | select(.name == "北京长安汽车")] | length' 0
    refused $ALREADY_EXISTS "is customer $one" sales customer update "$other" --name '长安汽车'
    json sales customer update "$other" --name '长安汽车' --distinct
    # A role that does not see it learns that it is there, and no more.
    json admin role create narrow --grant customer.read:own --grant customer.create:own
    as admin member set-role peer@acme.example narrow
    refused $ALREADY_EXISTS 'your company has the customer' peer customer create '重庆长安汽车'
    [[ $stderr != *sales@acme.example* ]]
    as admin member set-role peer@acme.example salesperson
    ok
}

@test "customer list: page by page, by owner, tags, state, without a deal, untouched" {
    local a b c page
    sql 'DELETE FROM jiayi.tag'
    a=$(new_customer sales 'A one' --tag intent=high)
    b=$(new_customer sales 'B two' --tag intent=low --tag need=robots)
    c=$(new_customer junior 'C three' --tag intent=high --tag need=robots)
    json manager customer list --tag intent=high
    is '[.customers[].name] | join(",")' 'C three,A one'
    json manager customer list --tag intent=high --tag intent=low
    is '[.customers[].name] | join(",")' 'C three,B two,A one'
    json manager customer list --tag intent=high --tag intent=low --tag need=robots
    is '[.customers[].name] | join(",")' 'C three,B two'
    json manager customer list --tag need=robots --owner sales@acme.example
    is '[.customers[].name] | join(",")' 'B two'
    json sales customer list --owner junior@acme.example --search THREE
    is '[.customers[].name] | join(",")' 'C three'
    json sales customer list --page-size 2
    page=$(jq -r .next_page_token <<<"$output")
    is '[.customers[].name] | join(",")' 'C three,B two'
    json sales customer list --page-size 2 --page-token "$page"
    is '.customers[0].name' 'A one'
    # Of another list.
    refused $INVALID_ARGUMENT page-token sales customer list --owner sales@acme.example --page-size 2 --page-token "$page"
    as sales deal create D --customer 'A one'
    json sales customer list --without-deal --owner sales@acme.example
    is '[.customers[].name] | contains(["B two"]) and (contains(["A one"]) | not)' true
    sql "UPDATE jiayi.customer SET created_at = now() - interval '40 days' WHERE id IN ($a, $b)"
    json sales customer list --untouched-days 30
    is '[.customers[].name] | join(",")' 'B two'
    json sales customer list --untouched-days 41
    is '.customers // [] | length' 0
    [ -n "$c" ]
}

@test "contact add, list, show, update: who works there, and who did" {
    local id k
    id=$(new_customer sales 'With people')
    json sales contact add "$id" '刘工' --title '采购总监' --function budget --email Liu@Customer.Example --phone 13800138000 \
        --wechat liu --note '有预算，没决策权'
    k=$(jq -r .id <<<"$output")
    is '[.name, .title, .function, .email, .phone, .wechat, .note, .state, .version] | join(" | ")' \
        '刘工 | 采购总监 | budget | liu@customer.example | 13800138000 | liu | 有预算，没决策权 | active | 1'
    json sales contact add "$id" 'Second'
    is .function other
    json peer contact list "$id"
    is '[.contacts[].name] | join(",")' 'Second,刘工'
    json peer contact list "$id" --page-size 1
    is '.contacts[0].name' Second
    json peer contact list "$id" --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.contacts[0].name' '刘工'
    json sales contact update "$k" --function decider --version 1
    is '[.function, .version] | join(" ")' 'decider 2'
    refused $ABORTED 'at version 2' sales contact update "$k" --title x --version 1
    json sales contact update "$k" --state left
    json sales customer show "$id"
    is '[.contacts[].name] | join(",")' Second
    json sales contact list "$id" --state left
    is '[.contacts[].name] | join(",")' '刘工'
    refused $PERMISSION_DENIED "you may see customer $id but not change it" peer contact add "$id" x
    refused $PERMISSION_DENIED "you may see customer $id but not change it" peer contact update "$k" --title x --force
    refused $NOT_FOUND 'there is no customer 999999' sales contact list 999999
    refused $NOT_FOUND 'no customer 999999' sales contact add 999999 x
    refused $NOT_FOUND '' sales contact update 999999 --title x
    refused $INVALID_ARGUMENT email sales contact add "$id" x --email nobody
    refused $INVALID_ARGUMENT function sales contact add "$id" x --function boss
    refused $INVALID_ARGUMENT name sales contact add "$id" ''
    refused $INVALID_ARGUMENT note sales contact add "$id" x --note "$(printf 'x%.0s' {1..1001})"
}

@test "customer: comments, files, links, tasks and those who follow" {
    local id
    id=$(new_customer sales 'With words')
    json sales comment add "customer/$id" --text '他们要看演示'
    is .on "customer/$id"
    echo plan >"$BATS_TEST_TMPDIR/plan.txt"
    as sales file put "customer/$id" "$BATS_TEST_TMPDIR/plan.txt"
    ok
    as sales link add "customer/$id" "deal/$(deal_with sales 'With words')" --role about
    ok
    json sales task create 'Call them' --on "customer/$id"
    is .on_title 'With words'
    as peer follow "customer/$id"
    ok
    json peer comment list "customer/$id"
    is '.comments | length' 1
    json peer file list "customer/$id"
    is '.files | length' 1
    json peer link list "customer/$id"
    is '.links | length' 1
    json peer task list --on "customer/$id"
    is '.tasks | length' 1
}

@test "customer merge: nothing is lost, and the old number leads to the one that stays" {
    local a b c k deal won
    a=$(new_customer sales '远望机电' --tag industry=machines --tag need=robots --phone 123)
    b=$(new_customer junior '远望' --tag industry=energy)
    c=$(new_customer sales '远望精工')
    deal=$(deal_with sales '远望机电' --amount 5 --currency EUR)
    won=$(deal_with sales '远望机电' --amount 5 --currency EUR)
    as sales deal move "$won" won
    ok
    k=$("$JIAYI" --profile sales -o json contact add "$a" 'Somebody' | jq -r .id)
    as sales comment add "customer/$a" --text 'said before'
    echo plan >"$BATS_TEST_TMPDIR/plan.txt"
    as sales file put "customer/$a" "$BATS_TEST_TMPDIR/plan.txt"
    as sales link add "customer/$a" "deal/$deal" --role about
    as sales task create 'Call them' --on "customer/$a"
    as peer follow "customer/$a"
    refused $PERMISSION_DENIED '' sales customer merge "$a" "$b" --reason x
    refused $INVALID_ARGUMENT itself manager customer merge "$a" "$a" --reason x
    refused $USAGE reason manager customer merge "$a" "$b"
    refused $NOT_FOUND 999999 manager customer merge 999999 "$b" --reason x
    refused $NOT_FOUND 999999 manager customer merge "$a" 999999 --reason x
    refused $ABORTED 'not 7' manager customer merge "$a" "$b" --reason x --version 7
    json manager customer merge "$a" "$b" --reason '一家公司，写了两次' --version 1
    is '[.id, .name, .owner, .phone, .version] | map(tostring) | join(" ")' "$b 远望 junior@acme.example 123 2"
    json sales customer show "$a"
    is .id "$b"
    is '[.tags[] | .list + "=" + .code] | join(",")' 'industry=energy,need=robots'
    is '[.contacts[].id] | join(",")' "$k"
    is '[.deals[].id] | join(",")' "$deal"
    json sales deal show "$won"
    is .customer '远望'
    json sales comment list "customer/$b"
    is '[.comments[].text] | join(",")' 'said before'
    json sales comment list "customer/$a"
    is '.comments | length' 1
    json sales file list "customer/$b"
    is '.files | length' 1
    json sales link list "customer/$b"
    is '.links | length' 1
    json sales task list --on "customer/$b"
    is '.tasks | length' 1
    json peer inbox following
    is "[.following[]? | select(.on == \"customer/$b\")] | length" 1
    refused $FAILED_PRECONDITION "it is a part of customer $b" manager customer merge "$a" "$c" --reason x
    refused $FAILED_PRECONDITION "it is a part of customer $b" manager customer update "$a" --size 1 --force
    refused $FAILED_PRECONDITION "it is a part of customer $b" manager customer tag "$a" intent=high
    # A name that was merged away leads there as well, and what is added to the old number is the other's.
    json sales deal show "$(deal_with sales '远望机电有限公司')"
    is .customer '远望'
    json junior contact add "$a" 'Another'
    is .customer_id "$b"
    json sales comment add "customer/$a" --text 'said after'
    is .on "customer/$b"
    # Chains are none.
    as manager customer merge "$b" "$c" --reason 'And again.'
    ok
    json sales customer show "$a"
    is .id "$c"
    json sales comment list "customer/$c"
    is '[.comments[].text] | join(",")' 'said after,said before'
    [ "$(sql "SELECT count(*) FROM jiayi.customer AS c JOIN jiayi.customer AS i ON i.id = c.merged_into WHERE i.merged_into IS NOT NULL")" = 0 ]
    # Whoever gets it gets what became a part of it.
    as manager customer assign "$c" junior@acme.example
    ok
    [ "$(sql "SELECT count(DISTINCT owner_id) FROM jiayi.customer WHERE $c IN (id, merged_into)")" = 1 ]
    # Evidence, which says what gave way.
    [ "$(sql "SELECT counts ->> 'tags_left_out' FROM jiayi.customer_merge WHERE from_id = $a")" = industry=machines ]
    run sql "UPDATE jiayi.customer_merge SET reason = 'x'"
    [ "$status" -ne 0 ]
}

@test "customer duplicates: by name, number, telephone and e-mail address" {
    local a b c d
    a=$(new_customer sales 'Registered One' --registration-no 'AB-1')
    b=$(new_customer sales 'Registered Two' --registration-no 'ab 1')
    c=$(new_customer junior 'Called')
    d=$(new_customer peer 'Called Otherwise')
    as sales contact add "$a" X --phone '+86 138 0013 9000'
    as junior contact add "$c" Y --phone 13800139000 --email y@z.example
    as peer contact add "$d" Z --email Y@z.example
    # As before there were keys: an upgrade leaves what is there.
    sql "INSERT INTO jiayi.customer (company_id, name, twin) SELECT c.company_id, 'CALLED', 'before' FROM jiayi.customer AS c WHERE c.id = $c"
    json admin customer duplicates
    is "[.duplicates[] | select(.id == \"$b\") | .other_id, (.why | join(\"+\"))] | join(\" \")" "$a registration"
    is "[.duplicates[] | select(.id == \"$c\") | .other_id, (.why | join(\"+\"))] | join(\" \")" "$a phone"
    is "[.duplicates[] | select(.id == \"$d\") | .other_id, (.why | join(\"+\"))] | join(\" \")" "$c email"
    is '[.duplicates[] | select(.name == "CALLED") | .other_name, (.why | join("+"))] | join(" ")' 'Called name'
    json admin customer duplicates --page-size 2
    is '.duplicates | length' 2
    json admin customer duplicates --page-size 2 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '[.duplicates[] | .id] | length > 0' true
    refused $PERMISSION_DENIED '' sales customer duplicates
    as admin customer merge "$(sql "SELECT id FROM jiayi.customer WHERE name = 'CALLED'")" "$c" --reason one
    ok
    json admin customer duplicates
    is '[.duplicates[] | select(.name == "CALLED")] | length' 0
}

@test "customer: a vendor sees those of deals that are shared with it, and no other vendor's words" {
    local id other deal
    id=$(new_customer sales 'Shared with beta')
    other=$(new_customer sales 'Not shared')
    as sales contact add "$id" 'Somebody'
    as sales comment add "customer/$id" --text 'ours'
    refused $NOT_FOUND '' beta-vendor customer show "$id"
    deal=$(deal_with sales 'Shared with beta' --vendor beta)
    json beta-vendor customer show "$id"
    is '[.name, .company, .owner] | join(" ")' 'Shared with beta acme sales@acme.example'
    is '[.contacts[].name, .deals[].id] | join(" ")' "Somebody $deal"
    json beta-vendor customer list
    is '[.customers[].name] | join(",")' 'Shared with beta'
    json beta-vendor comment list "customer/$id"
    is '.comments // [] | length' 0
    as beta-vendor comment add "customer/$id" --text 'theirs'
    ok
    json beta-vendor comment list "customer/$id"
    is '[.comments[].text] | join(",")' theirs
    json sales comment list "customer/$id"
    is '.comments | length' 2
    refused $PERMISSION_DENIED 'but not change it' beta-vendor customer update "$id" --size 1
    refused $PERMISSION_DENIED 'not tag it' beta-vendor customer tag "$id" intent=high
    refused $PERMISSION_DENIED '' beta-vendor contact add "$id" x
    refused $PERMISSION_DENIED 'but not merge it' beta-manager customer merge "$(new_customer beta-manager Own)" "$id" --reason x
    refused $NOT_FOUND '' beta-vendor customer show "$other"
    refused $NOT_FOUND '' gamma-sales customer show "$id"
    refused $NOT_FOUND '' gamma-sales comment list "customer/$id"
    as sales deal update "$deal" --no-vendor
    ok
    refused $NOT_FOUND '' beta-vendor customer show "$id"
    json beta-vendor customer list
    is '[.customers[].name] | join(",")' Own
}

@test "customer: one that comes with a deal is of the deal's owner, whoever brings the deal in" {
    json manager deal create 'For somebody else' --customer 'Comes with a deal' --owner sales@acme.example
    json sales customer list --search 'Comes with a deal'
    is '[.customers[].owner] | join(" ")' sales@acme.example
    printf 'title,customer,owner\nBrought in,Comes with a table,sales@acme.example\n' >"$BATS_TEST_TMPDIR/deals.csv"
    as admin import deals "$BATS_TEST_TMPDIR/deals.csv"
    ok
    json sales customer list --search 'Comes with a table'
    is '[.customers[].owner] | join(" ")' sales@acme.example
    json sales customer list --search 'Comes with a table'
    local id
    id=$(jq -r '.customers[0].id' <<<"$output")
    as sales customer update "$id" --website https://table.example
    ok
}

@test "customer log: a follow-up without a deal, shown with the customer and listed; it touches the customer" {
    local customer contact id
    json sales customer create 'Cold Call Ltd'
    customer=$(jq -r .id <<<"$output")
    json sales contact add "$customer" 'Li Gong' --function budget
    contact=$(jq -r .id <<<"$output")
    json sales customer log "$customer" --kind call --text 'They plan a terminal' --outcome positive --contact "$contact" --at yesterday
    id=$(jq -r .id <<<"$output")
    is .customer_id "$customer"
    is .deal_id null
    is .contact 'Li Gong'
    is .internal true
    json sales deal log-show "$id"
    is .text 'They plan a terminal'
    json sales customer log "$customer" --kind note --text 'Second'
    json sales customer show "$customer"
    is '[.activities[].text] | join(", ")' 'Second, They plan a terminal'
    is '.touched_at != null' true
    json sales deal log-list --customer "$customer" --page-size 1
    is '.activities[0].text' Second
    json sales deal log-list --customer "$customer" --page-size 1 --page-token "$(jq -r .next_page_token <<<"$output")"
    is '.activities[0].text' 'They plan a terminal'
    json sales deal log-list --customer "$customer" --kind call
    is '[.activities[].id] | join(" ")' "$id"
    as sales customer show "$customer"
    says 'They plan a terminal'
    # Searches find it at the customer.
    eventually_found() { "$JIAYI" --profile sales -o json search "plan a terminal" | jq -e --arg ref "activity/$id" ".found[]? | select(.ref == \$ref)" >/dev/null; }
    eventually eventually_found
}

@test "customer log: denied, somebody else's, not there, a principal's, invalid, another's contact" {
    local customer theirs twin contact
    json peer customer create 'Of a peer alone'
    theirs=$(jq -r .id <<<"$output")
    json sales customer create 'Logged on'
    customer=$(jq -r .id <<<"$output")
    refused $PERMISSION_DENIED deal.log auditor customer log "$customer" --kind call --text x
    refused $NOT_FOUND '' gamma-sales customer log "$customer" --kind call --text x
    refused $NOT_FOUND '' sales customer log 999999 --kind call --text x
    as sales customer log "$theirs" --kind call --text x
    [[ $status = "$PERMISSION_DENIED" || $status = "$NOT_FOUND" ]] || complain "logged on a colleague's customer"
    as sales customer log "$customer" --kind gossip --text x
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took an unknown kind"
    refused $INVALID_ARGUMENT at sales customer log "$customer" --kind call --text x --at 2099-01-01
    json sales customer create 'Another one'
    twin=$(jq -r .id <<<"$output")
    json sales contact add "$twin" 'Of another'
    contact=$(jq -r .id <<<"$output")
    refused $NOT_FOUND "no contact $contact" sales customer log "$customer" --kind call --text x --contact "$contact"
    # A vendor sees a principal's customer with whom a deal is shared, and logs on the deal; what is said of the customer it never reads.
    json sales deal create Shared --customer 'Logged on' --vendor beta
    json sales customer log "$customer" --kind note --text 'Among us'
    refused $PERMISSION_DENIED 'deal log' beta-vendor customer log "$customer" --kind call --text x
    json beta-vendor customer show "$customer"
    is '.activities // [] | length' 0
    json beta-vendor deal log-list --customer "$customer"
    is '.activities // [] | length' 0
}

@test "customer log: who has the customer is told" {
    local customer
    json sales customer create 'Told of'
    customer=$(jq -r .id <<<"$output")
    json admin customer log "$customer" --kind visit --text 'Met them at the fair'
    told() { "$JIAYI" --profile sales -o json inbox list | jq -e '.items[]? | select(.kind == "customer.logged" and .on == "customer/'"$customer"'")' >/dev/null; }
    eventually told
}

# call N WHAT PROFILE ARG…: one of the calls of run N, at about the time of the others; how it ended is left in a file.
call() {
    local n=$1 what=$2 pause=0.0$((RANDOM % 3))$((RANDOM % 10)) ended=0
    shift 2
    (
        sleep "$pause"
        "$JIAYI" --profile "$1" -o json "${@:2}" >"$BATS_TEST_TMPDIR/$n.$what.out" 2>"$BATS_TEST_TMPDIR/$n.$what.err" || ended=$?
        echo "$ended" >"$BATS_TEST_TMPDIR/$n.$what"
    ) &
}

# Run N: two customers are merged, each into the other, while something is done with both.
merge_race() {
    local n=$1 a b deal import names=()
    RANDOM=$2
    a=$(new_customer sales "Race $n left")
    b=$(new_customer sales "Race $n right")
    deal=$(deal_with sales "Race $n left")
    case $((n % 6)) in
    0 | 1) call "$n" two admin customer merge "$b" "$a" --reason x --force ;;
    2) call "$n" two admin customer assign "$b" junior@acme.example ;;
    3)
        as admin customer assign "$a" race@acme.example
        as admin customer assign "$b" race@acme.example
        call "$n" two admin member handover race@acme.example sales@acme.example --note x
        ;;
    4) call "$n" same sales customer create "RACE $n LEFT Ltd" ;;
    5) call "$n" same admin deal update "$deal" --customer "Race $n right" --force ;;
    esac
    call "$n" one admin customer merge "$a" "$b" --reason x --force
    call "$n" deal sales deal create "Deal $n" --customer "race $n left ltd"
    call "$n" contact admin contact add "$a" "Contact $n"
    call "$n" task admin task create "Task $n" --on "customer/$a"
    call "$n" tag admin customer tag "$a" industry=energy
    call "$n" change admin deal update "$deal" --title "Changed $n" --force
    if ((n % 2)); then
        import=$("$JIAYI" --profile admin -o json api call ImportService/BeginImport \
            "{\"kind\": \"deals\", \"name\": \"x.csv\", \"sha256\": \"$(sha256sum <<<"$n $2" | cut -d' ' -f1)\", \"total\": 9}" | jq -er .id)
        names=(left right)
        ((RANDOM % 2)) || names=(right left)
        call "$n" import admin api call ImportService/PutRows "{\"import_id\": \"$import\", \"deals\": [
            {\"line\": 2, \"title\": \"Import $n\", \"customer\": \"Race $n ${names[0]}\"},
            {\"line\": 3, \"title\": \"Import $n\", \"customer\": \"Race $n ${names[1]}\"}]}"
    fi
    wait
}

@test "customer merge: of what races with it nothing is lost, nothing stays behind, and nobody is told of a deadlock" {
    local seed=$RANDOM n k what ended
    echo "# seed $seed" >&3
    as admin member add race@acme.example --name race --role salesperson --password-file "$(password_file race)"
    ok
    for ((n = 1; n <= 60; n += 3)); do
        for k in 0 1 2; do
            merge_race $((n + k)) $((seed + n + k)) 3>&- &
        done
        wait
    done
    for n in {1..60}; do
        for what in one two same deal contact task tag change import; do
            [ -e "$BATS_TEST_TMPDIR/$n.$what" ] || continue
            ended=$(cat "$BATS_TEST_TMPDIR/$n.$what")
            case $what:$ended in
            one:0 | two:0 | deal:0 | contact:0 | task:0 | tag:0 | change:0 | import:0) ;;
            # It is a part of the other one by now; there is one of that key; there is nothing more to hand over.
            one:"$FAILED_PRECONDITION" | two:"$FAILED_PRECONDITION" | tag:"$FAILED_PRECONDITION") ;;
            same:"$ALREADY_EXISTS") ((n % 6 == 4)) ;;
            same:0) ((n % 6 == 5)) ;;
            *) status=0 output=$(cat "$BATS_TEST_TMPDIR/$n.$what."*) stderr='' complain "run $n of seed $seed: $what ended with $ended" ;;
            esac
        done
        # Of two that merge each into the other one does.
        ((n % 6 > 1)) || [ "$(cat "$BATS_TEST_TMPDIR/$n.one") $(cat "$BATS_TEST_TMPDIR/$n.two")" = "0 $FAILED_PRECONDITION" ] ||
            [ "$(cat "$BATS_TEST_TMPDIR/$n.one") $(cat "$BATS_TEST_TMPDIR/$n.two")" = "$FAILED_PRECONDITION 0" ] ||
            complain "run $n of seed $seed: both merged, or neither did"
    done
    [ "$(sql "SELECT count(*) FROM jiayi.customer AS c WHERE c.name ~* '^race [0-9]+ ' AND c.state = 'merged'")" = 60 ]
    [ "$(sql "SELECT count(*) FROM jiayi.customer AS c JOIN jiayi.customer AS i ON i.id = c.merged_into WHERE i.merged_into IS NOT NULL")" = 0 ]
    [ "$(sql "SELECT count(*) || ' ' || count(*) FILTER (WHERE c.state = 'merged' OR d.customer_name <> c.name)
        FROM jiayi.deal AS d JOIN jiayi.customer AS c ON c.id = d.customer_id
        WHERE d.title ~ '^(Deal|Import|Changed) [0-9]+$'")" = '180 0' ] || complain "seed $seed: deals"
    [ "$(sql "SELECT count(*) || ' ' || count(*) FILTER (WHERE c.state = 'merged')
        FROM jiayi.contact AS k JOIN jiayi.customer AS c ON c.id = k.customer_id WHERE k.name ~ '^Contact [0-9]+$'")" = '60 0' ] ||
        complain "seed $seed: contacts"
    [ "$(sql "SELECT count(*) || ' ' || count(*) FILTER (WHERE c.state = 'merged')
        FROM jiayi.task AS t JOIN jiayi.customer AS c ON c.id = t.on_id WHERE t.on_kind = 1 AND t.title ~ '^Task [0-9]+$'")" = '60 0' ] ||
        complain "seed $seed: tasks"
    [ "$(sql "SELECT count(*) FROM jiayi.tag AS t JOIN jiayi.customer AS c ON c.id = t.on_id
        WHERE t.on_kind = 1 AND c.state = 'merged'")" = 0 ] || complain "seed $seed: tags"
}

@test "customer show: how content it was, by the scores of its complaints, with how many they are" {
    local id other case
    id=$(new_customer sales 'Content Ltd')
    other=$(new_customer sales 'Discontent Ltd')
    json sales customer show "$id"
    is '[.satisfaction, .satisfaction_scores, .satisfaction_for] | map(tostring) | join(" ")' 'null null null'
    closed() { # CUSTOMER [--score N]
        case=$("$JIAYI" --profile sales -o json complaint open --customer "$1" --severity 2 --text x | jq -er .id)
        as manager case assign "$case" sales@acme.example --force
        as sales case handle "$case" --text y --force
        as sales case close "$case" "${@:2}" --force
        ok
    }
    closed 'Content Ltd' --score 9
    closed 'Content Ltd'
    json sales customer show "$id"
    is '[.satisfaction, .satisfaction_scores, .satisfaction_for] | map(tostring) | join(" ")' '9.0 1 complaint'
    closed 'Content Ltd' --score 6
    closed 'Discontent Ltd' --score 6
    json manager customer show "$id"
    is '[.satisfaction, .satisfaction_scores] | map(tostring) | join(" ")' '7.5 2'
    # What was of another one counts for the one that it became a part of.
    as manager customer merge "$other" "$id" --reason 'One firm.' --yes
    ok
    json admin customer show "$id"
    is '[.satisfaction, .satisfaction_scores] | map(tostring) | join(" ")' '7.0 3'
    # Who does not see the complaints, a vendor with whom there is a deal for one, sees no figure.
    as sales deal create X --customer 'Content Ltd' --vendor beta
    ok
    json beta-vendor customer show "$id"
    is '.satisfaction // "-"' -
    # Opened again it has no score any more.
    as sales case reopen "$case" --reason z
    ok
    json admin customer show "$id"
    is '[.satisfaction, .satisfaction_scores] | map(tostring) | join(" ")' '7.5 2'
    terminal 100 zh_CN.UTF-8 admin customer show "$id"
    says 满意度
    says 投诉
}
