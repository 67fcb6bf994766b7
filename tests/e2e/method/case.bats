#!/usr/bin/env bats
# Cases: opened, argued, decided, closed; in a conflict neither vendor learns who the other is before the decision says so.

load ../helper

# The rival, another vendor of acme's.
rival() {
    [ ! -e "$BATS_FILE_TMPDIR/rival" ] || return 0
    "$JIAYI" --profile operator company create rival --name Rival --admin rival@rival.example --admin-name Rival \
        --admin-password-file "$(password_file rival)"
    sign_in rival rival@rival.example
    "$JIAYI" --profile admin partner invite rival
    "$JIAYI" --profile rival partner accept acme
    touch "$BATS_FILE_TMPDIR/rival"
}

# complaint PROFILE [ARG…]: the number of a new one.
complaint() {
    new_deal "$1" >/dev/null
    "$JIAYI" --profile "$1" -o json complaint open --customer Customer --severity 2 --text 'It stopped' "${@:2}" | jq -er .id
}

# lacks_code ID: the last refusal calls case ID no case_file.
lacks_code() {
    case $stderr in *case_file* | *"file $1"*) complain "it says $stderr" ;; esac
}

# tells_of WHOM: the last answer says nothing of the other vendor.
blind() {
    case $output in *"$1"*) complain "it tells of $1" ;; esac
}

@test "complaint open, case assign, handle, close, reopen: who handles it, by when, and how content one was" {
    local id due
    id=$(complaint sales)
    due=$(sql "SELECT jiayi.add_working_days(c.id, jiayi.company_day(c.id, now()), 2) FROM jiayi.company AS c WHERE c.slug = 'acme'")
    json sales case show "$id"
    is '[.kind, .state, .title, .customer, .severity, .member] | join(" | ")' 'complaint | opened | It stopped | Customer | 2 | sales@acme.example'
    is '.answer_by[:10]' "$(date -u -d "$due + 1 day" +%F)"
    refused $FAILED_PRECONDITION 'is opened' sales case close "$id" --force
    json manager case assign "$id" sales@acme.example --version 1
    is '[.state, .handled_by, .version] | join(" ")' 'assigned sales@acme.example 2'
    # What people call it, in whatever language; never what its table is called.
    refused $ABORTED "case $id is at version 2 by now, not 1" manager case assign "$id" sales@acme.example --version 1
    lacks_code "$id"
    refused $FAILED_PRECONDITION "case $id is assigned; the opener cannot make it closed" sales case close "$id" --force
    lacks_code "$id"
    LC_ALL=sq_AL.UTF-8 refused $ABORTED "çështje $id" manager case assign "$id" sales@acme.example --version 1
    # What was said is answered at once.
    json sales case handle "$id" --text '已更换电源' --force
    is '[.state, (.statements[] | .text, .decision)] | join(" ")' 'handled 已更换电源 handled'
    json sales case close "$id" --score 9 --force
    is '[.state, .score] | join(" ")' 'closed 9'
    json sales case reopen "$id" --reason '又停机了'
    is '[.state, .score, .statements[-1].text] | join(" ")' 'reopened  又停机了'
    json manager case assign "$id" junior@acme.example --force
    is '[.state, .handled_by] | join(" ")' 'assigned junior@acme.example'
    json junior case show "$id"
    is '[.statements[].text] | join(",")' '已更换电源,又停机了'
    # Handled and nobody says more: closed.
    as junior case handle "$id" --text 'Again' --force
    ok
    sql "UPDATE jiayi.case_file SET answer_by = now() - interval '1 minute' WHERE id = $id; SELECT jiayi.job_cases(0, now())"
    json sales case show "$id"
    is .state closed
}

@test "case target, targets: a company's own days, by kind and severity" {
    json sales case targets
    is '[.targets[] | [.kind, .severity // 0, .days, .usual // false | tostring] | join(" ")] | join(", ")' "complaint 1 1 true, complaint 2 2 true, complaint 3 5 true, \
complaint 4 10 true, support 1 1 true, support 2 2 true, support 3 5 true, support 4 10 true, conflict 0 5 true, breach 0 10 true, dispute 0 10 true, suggestion 0 20 true"
    json admin case target conflict --days 7
    is '[.kind, .severity // "-", .days, .usual // "-" | tostring] | join(" ")' 'conflict - 7 -'
    json admin case target support --severity 1 --days 3
    is '[.severity, .days] | join(" ")' '1 3'
    # Who asks has it from the one that is asked; nobody else's changes.
    json beta-vendor support ask --to acme --text Help --severity 1
    is '.answer_by[:10]' "$(sql "SELECT jiayi.add_working_days(c.id, jiayi.today(c.id), 3) + 1 FROM jiayi.company AS c WHERE c.slug = 'acme'")"
    json beta-admin case targets
    is '[.targets[] | select(.usual | not)] | length' 0
    json admin case target conflict --usual
    is '[.days, .usual | tostring] | join(" ")' '5 true'
    json admin case targets --page-size 5 --all
    is '[.targets[] | select(.usual | not) | [.kind, .severity, .days] | join(" ")] | join(", ")' 'support 1 3'
    refused $PERMISSION_DENIED company.manage manager case target dispute --days 3
    refused $INVALID_ARGUMENT 'of which severity' admin case target complaint --days 3
    refused $INVALID_ARGUMENT 'leave --severity away' admin case target dispute --severity 1 --days 3
    refused $INVALID_ARGUMENT days admin case target dispute --days 0
    refused $INVALID_ARGUMENT days admin case target dispute --days 251
    as admin case target dispute
    [ "$status" -ne 0 ] || complain 'neither days nor usual'
    refused $INVALID_ARGUMENT 'none of' admin case target quarrel --days 3
}

@test "cases are answered by working days of the company: holidays do not count, Saturdays that are worked on do" {
    local n day today due='' weekends=0 id
    today=$(sql "SELECT jiayi.today(c.id) FROM jiayi.company AS c WHERE c.slug = 'acme'")
    # Two weeks of a holiday, whose Saturdays and Sundays are worked on: the second of these is the second working day.
    for n in {1..14}; do
        day=$(date -u -d "$today + $n days" +%F)
        if [ "$(date -u -d "$day" +%u)" -ge 6 ]; then
            as admin calendar set "$day" --working --note 调休
            weekends=$((weekends + 1))
            [ $weekends -ne 2 ] || due=$(date -u -d "$day + 1 day" +%F)
        else
            as admin calendar set "$day" --holiday --note 春节
        fi
        ok
    done
    json sales case show "$(complaint sales)"
    is '.answer_by[:10]' "$due"
    # Whose turn it is has as long again.
    id=$(jq -r .id <<<"$output")
    json manager case assign "$id" sales@acme.example --force
    is '.answer_by[:10]' "$due"
}

@test "conflict: neither vendor learns who the other is, or what it said, until the decision names it" {
    local id deal lead
    rival
    deal=$(new_deal sales --vendor beta)
    json beta-vendor conflict open --about "deal/$deal" --text 'We of beta were first'
    id=$(jq -r .id <<<"$output")
    is '[.kind, .state, .vendor, .other, .on] | join(" ")' "conflict opened beta  deal/$deal"
    refused $ALREADY_EXISTS 'is open about it already' beta-admin conflict open --about "deal/$deal" --text again
    refused $INVALID_ARGUMENT 'leave --with away' beta-admin conflict open --to acme --with rival --text again
    refused $NOT_FOUND case rival case show "$id"
    json admin case assign "$id" --with rival
    is .other rival
    json rival case show "$id"
    is '[.vendor, .other, .member_company] | join(" ")' 'rival another_partner another_partner'
    is '[.title, .text, .member, .on] | map(. // "-") | join("")' '----'
    blind beta
    as rival case answer "$id" --text 'We of rival have a letter'
    ok
    json beta-vendor case show "$id"
    is '[.state, .other] | join(" ")' 'heard another_partner'
    blind rival
    for who in rival:beta beta-vendor:rival; do
        for words in "case list" "case bundle $id" "comment list case/$id" "inbox list" "audit list"; do
            # shellcheck disable=SC2086
            as "${who%:*}" -o json $words
            blind "${who#*:}@" && blind "of ${who#*:}"
        done
    done
    refused $PERMISSION_DENIED case.decide manager case decide "$id" --decision x --yes
    refused $FAILED_PRECONDITION 'is heard' admin case decide "$id" --decision x --yes --force
    as admin case handle "$id" --state mediation --text 'Let us talk' --force
    ok
    json admin case decide "$id" --decision 'It stays' --yes --force
    is .state decided
    json rival case show "$id"
    is '[.state, .resolution, .other] | join(" ")' 'decided It stays another_partner'
    blind beta
    # Who opened it does not close it before the other one has said whether it appeals.
    refused $FAILED_PRECONDITION "acme closes case $id" beta-vendor case close "$id" --force
    json admin case list --with rival
    is "[.cases[].id] | contains([\"$id\"])" true
    json rival case list --with beta
    is '.cases // [] | length' 0
    # Appealed, once; now it names both, and is applied in the same call.
    lead=$("$JIAYI" --profile beta-vendor -o json deal register L --customer 'Conflict Ltd' --to acme | jq -r .id)
    json rival case reopen "$id" --reason 'Look again'
    is .state appealed
    json admin case decide "$id" --decision 'It goes to the other' --share "$deal=rival" --expire "$lead" --name --yes --force
    json rival deal show "$deal"
    is .vendor rival
    json beta-vendor registration show "$lead"
    is .state expired
    json rival case show "$id"
    is '[.other, .text] | join(" ")' 'beta We of beta were first'
    json beta-vendor case show "$id"
    is '[.statements[] | select(.member_company == "rival") | .text] | join(",")' 'We of rival have a letter,Look again'
    refused $FAILED_PRECONDITION 'appealed once already' rival case reopen "$id" --reason more
    json admin case close "$id" --force
    is .state closed
}

@test "conflict: who does not see it reads nothing of it, and nobody is told what the other vendor does" {
    local id deal
    rival
    deal=$(new_deal sales --vendor beta)
    id=$("$JIAYI" --profile beta-vendor -o json conflict open --about "deal/$deal" --text 'We of beta were first' | jq -r .id)
    as admin case assign "$id" admin@acme.example --with rival --force
    ok
    as beta-vendor case answer "$id" --text 'Our own words' --evidence "deal/$deal"
    ok
    as beta-vendor file put "case/$id" "$0"
    ok
    # Who opened it, and those above, read it; their colleagues do not, also not their company's own words.
    for who in beta-peer:unseen beta-manager:seen beta-admin:seen; do
        if [ "${who#*:}" = seen ]; then
            json "${who%:*}" comment list "case/$id"
            is '[.comments[].text] | join(",")' 'Our own words'
        else
            refused $NOT_FOUND "no case/$id" "${who%:*}" comment list "case/$id"
            refused $NOT_FOUND "no case/$id" "${who%:*}" file list "case/$id"
            json "${who%:*}" comment list
            is "[.comments[]? | select(.on == \"case/$id\")] | length" 0
        fi
    done
    # What rival says and puts there tells beta nothing, though beta follows it and is named; what the principal says tells both.
    as beta-vendor follow "case/$id"
    ok
    as rival case answer "$id" --text 'Hello @vendor@beta.example'
    ok
    as rival file put "case/$id" "$0"
    ok
    as admin case handle "$id" --text 'We look at it' --force
    ok
    for who in beta-vendor rival; do
        eventually heard_of $who "$id" comment.added admin@acme.example
        json $who inbox list --page-size 1000
        is "[.items[] | select(.on == \"case/$id\" and .kind != \"case.opened\") | [.kind, .member // \"-\"] | join(\" \")] | unique | join(\", \")" 'comment.added admin@acme.example'
    done
    # Also where the two know each other otherwise, it is not said who appealed.
    as beta-admin partner invite rival
    ok
    as rival partner accept beta
    ok
    as admin case handle "$id" --state mediation --text 'Let us talk' --force
    ok
    as admin case decide "$id" --decision 'It stays' --yes --force
    ok
    as rival case reopen "$id" --reason 'Look again'
    ok
    eventually heard_of beta-vendor "$id" case.reopened
    json beta-vendor inbox list --page-size 1000
    is "[.items[] | select(.on == \"case/$id\" and .kind == \"case.reopened\") | .member, .member_company] | map(. // \"-\") | join(\" \")" '- -'
    # Evidence that the principal hands over does not say whose the deal is; handed over later, it is as it is then.
    as admin case answer "$id" --text 'The deal' --evidence "deal/$deal"
    ok
    as admin deal update "$deal" --title 'Another title' --force
    ok
    as admin case answer "$id" --text 'The deal now' --evidence "deal/$deal"
    ok
    refused $ALREADY_EXISTS 'linked' admin case answer "$id" --text again --evidence "deal/$deal"
    json rival case bundle "$id"
    is '[.evidence[].version] | join(",")' 1,2
    is '[.evidence[].text | split("\n")[1]] | join(",")' 'Deal of sales,Another title'
    is '[.evidence[].text | select(contains("beta"))] | length' 0
}

# heard_of PROFILE CASE KIND [BY]: for eventually.
heard_of() {
    "$JIAYI" --profile "$1" -o json inbox list --page-size 1000 |
        jq -e --arg on "case/$2" --arg kind "$3" --arg by "${4:-}" '[.items[]? | select(.on == $on and .kind == $kind and ($by == "" or .member == $by))] | length > 0'
}

@test "dispute: answered, negotiated, resolved by both; or taken further" {
    local id contract
    contract=$("$JIAYI" --profile beta-admin -o json contract list --with acme | jq -r '.contracts[0].id')
    json beta-admin dispute open "$contract" --text 'Paid late' --amount 500 --currency EUR --evidence "contract/$contract"
    id=$(jq -r .id <<<"$output")
    is '[.state, .contract_id, .contract_version, .amount.amount] | join(" ")' "opened $contract 1 500.00"
    refused $FAILED_PRECONDITION 'to answer' beta-admin case escalate "$id" --venue litigation --text x --yes
    refused $FAILED_PRECONDITION 'is opened' beta-admin case decide "$id" --decision half --yes --force
    as admin case answer "$id" --text 'It was paid'
    ok
    as beta-admin case answer "$id" --text 'Not all'
    ok
    refused $FAILED_PRECONDITION 'proposes nothing' admin case decide "$id" --accept --yes --force
    json beta-admin case decide "$id" --decision 'Half each' --yes --force
    is '[.state, .resolution, .proposing] | join(" ")' 'negotiation Half each beta'
    refused $FAILED_PRECONDITION 'proposes nothing' beta-admin case decide "$id" --accept --yes --force
    json admin case decide "$id" --accept --yes --force
    is '[.state, .resolution, .decided_by] | join(" ")' 'resolved Half each admin@acme.example'
    # What was handed over is there as it was, with its SHA-256.
    json admin case bundle "$id"
    [ "$(jq -jr '.evidence[0].text' <<<"$output" | sha256sum | cut -d' ' -f1)" = "$(jq -r '.evidence[0].sha256' <<<"$output")" ]
    is '.evidence[0].text | startswith("contract/")' true
    is '[.statements[].text] | join(",")' 'It was paid,Not all,Half each,Half each'

    json beta-admin dispute open "$contract" --text 'Once more'
    id=$(jq -r .id <<<"$output")
    sql "UPDATE jiayi.case_file SET answer_by = now() - interval '1 minute' WHERE id = $id"
    json admin case list --overdue --kind dispute
    is "[.cases[].id] | contains([\"$id\"])" true
    json beta-admin case escalate "$id" --venue arbitration --text 'Nobody answers' --yes
    is '[.state, .venue] | join(" ")' 'arbitration arbitration'
    json beta-admin case decide "$id" --decision 'Award 12/2026' --yes --force
    is .state resolved
}

@test "support ask, suggestion make, case withdraw" {
    local id
    json beta-vendor support ask --to acme --text 'Need the manual' --severity 1
    id=$(jq -r .id <<<"$output")
    is '[.kind, .company, .vendor] | join(" ")' 'support acme beta'
    json manager case assign "$id" sales@acme.example
    as sales case handle "$id" --text 'Sent it' --force
    ok
    json beta-vendor case close "$id" --force
    is .state closed
    refused $FAILED_PRECONDITION 'is closed' beta-vendor case withdraw "$id" --yes --force
    json sales suggestion make '报价模板加上交货期'
    id=$(jq -r .id <<<"$output")
    json peer case show "$id"
    is .title '报价模板加上交货期'
    as admin case handle "$id" --text 'Good' --force
    ok
    json admin case handle "$id" --state adopted --text 'Done soon' --force
    is .state adopted
    id=$(complaint sales)
    json sales case withdraw "$id" --yes
    is .state withdrawn
}

@test "cases: denied, invalid, not found, of another company nothing" {
    local id
    id=$(complaint sales)
    refused $PERMISSION_DENIED case.open auditor suggestion make x
    refused $PERMISSION_DENIED case.read operator case list
    for who in gamma-admin beta-admin; do
        refused $NOT_FOUND case $who case show "$id"
        refused $NOT_FOUND case $who case bundle "$id"
        refused $NOT_FOUND case $who case answer "$id" --text x
        json $who case list
        is "[.cases[]? | select(.id == \"$id\")] | length" 0
    done
    refused $NOT_FOUND 'no customer' sales complaint open --customer Nobody --severity 1 --text x
    refused $INVALID_ARGUMENT severity sales complaint open --customer Customer --severity 5 --text x
    refused $INVALID_ARGUMENT 'deal, a registration or a customer' admin conflict open --about "contract/$("$JIAYI" --profile admin -o json contract list | jq -r '.contracts[0].id')" --text x
    refused $INVALID_ARGUMENT 'of a principal' admin support ask --to acme --text x
    refused $NOT_FOUND 'gamma is no partner' beta-admin support ask --to gamma --text x
    refused $NOT_FOUND '' beta-admin dispute open 999999 --text x
    refused $NOT_FOUND 'that you can see' sales case answer "$id" --text x --evidence deal/999999
    refused $INVALID_ARGUMENT 'only a conflict' admin case assign "$id" --with beta
    refused $ABORTED 'at version 1' admin case assign "$id" sales@acme.example --version 7
}

@test "case list --on: what is about one thing, as far as one sees it" {
    local deal other id
    deal=$(new_deal sales --vendor beta)
    other=$(new_deal sales --vendor beta)
    id=$("$JIAYI" --profile beta-vendor -o json support ask --to acme --on "deal/$deal" --text 'Which crane?' | jq -r .id)
    "$JIAYI" --profile beta-vendor support ask --to acme --on "deal/$other" --text 'And this one?'
    for who in admin beta-vendor beta-admin; do
        json $who case list --on "deal/$deal"
        is '[.cases[] | .id] | join(",")' "$id"
    done
    json admin case list --on "deal/$deal" --kind complaint
    is '.cases // [] | length' 0
    # Whoever sees the deal does not see its cases by that.
    json sales case list --on "deal/$deal"
    is '.cases // [] | length' 0
    refused $NOT_FOUND "no deal/$deal" gamma-admin case list --on "deal/$deal"
    refused $INVALID_ARGUMENT on admin case list --on nothing
}

@test "case bundle: texts, evidence, files and log in one tar, with their SHA-256; the same bytes each time" {
    local id contract name
    contract=$("$JIAYI" --profile beta-admin -o json contract list --with acme | jq -r '.contracts[0].id')
    id=$("$JIAYI" --profile beta-admin -o json dispute open "$contract" --text $'Paid late\nagain' --evidence "contract/$contract" | jq -r .id)
    as admin case answer "$id" --text '已付款'
    ok
    as beta-admin case decide "$id" --decision 'Half each' --yes --force
    ok
    local n
    mkdir "$BATS_TEST_TMPDIR/bundle"
    cd "$BATS_TEST_TMPDIR/bundle"
    head -c 300000 /dev/urandom >scan.pdf
    as admin file put "case/$id" scan.pdf
    ok
    name=$(printf '%0120d.txt' 7)
    echo long >"$name"
    as beta-admin file put "case/$id" "$name"
    ok
    mkdir got
    cd got
    as admin case bundle "$id"
    ok
    [ "$output" = "case-$id.tar" ]
    [ "$(ls -A)" = "case-$id.tar" ]
    run tar -tf "case-$id.tar"
    ok
    [ "$(sed -E 's/[0-9]+\/(scan.pdf|file)$/N\/\1/' <<<"$output")" = "case-$id/README.txt
case-$id/case.json
case-$id/text.txt
case-$id/decision.txt
case-$id/contract.txt
case-$id/statements/0001.txt
case-$id/statements/0002.txt
case-$id/statements/0001.lines.txt
case-$id/statements/0002.lines.txt
case-$id/evidence/0001-contract-$contract.txt
case-$id/files/N/scan.pdf
case-$id/files/N/file
case-$id/log.jsonl
case-$id/SHA256SUMS" ]
    tar -xf "case-$id.tar"
    (cd "case-$id" && sha256sum -c --quiet SHA256SUMS)
    [ "$(wc -l <"case-$id/SHA256SUMS")" = 13 ]
    [ "$(cat "case-$id/text.txt")" = $'Paid late\nagain' ]
    [ "$(cat "case-$id/statements/0001.txt")" = 已付款 ]
    cmp ../scan.pdf "case-$id"/files/*/scan.pdf
    # As the README says: what was said has the digest that each side reads, the contract is what was signed, and so is what was
    # handed over of it.
    for n in 1 2; do
        [ "$(openssl dgst -sha256 -r "case-$id/statements/000$n.lines.txt" | cut -d' ' -f1)" = "$("$JIAYI" --profile beta-admin -o json comment list "case/$id" |
            jq -r "[.comments[].digest] | reverse | .[$n - 1]")" ]
        [ "$(sed '1,/^$/d' "case-$id/statements/000$n.lines.txt")" = "$(cat "case-$id/statements/000$n.txt")" ]
    done
    json beta-admin contract show "$contract"
    is .sha256 "$(sha256sum <"case-$id/contract.txt" | cut -d' ' -f1)"
    is .sha256 "$(tail -n +4 "case-$id/evidence/0001-contract-$contract.txt" | sha256sum | cut -d' ' -f1)"
    [ "$(jq -r '[.signatures[].company] | sort | join(" ")' "case-$id/case.json")" = 'acme beta' ]
    grep -q '^case/.*（acme）：如何核对本文件夹$' "case-$id/README.txt"
    [ "$(sha256sum <"case-$id/evidence/0001-contract-$contract.txt" | cut -d' ' -f1)" = "$(jq -r '.evidence[0].sha256' "case-$id/case.json")" ]
    [ "$(jq -r 'select(.action == "insert") | .object' "case-$id/log.jsonl")" = case_file ]
    # In the company's language, whoever asks.
    for n in 'en:case/* (acme): how to check' 'sq:case/* (acme): si kontrollohet'; do
        as admin company update --language "${n%%:*}" --force
        ok
        json beta-admin case bundle "$id"
        # shellcheck disable=SC2254
        case $(jq -r .readme <<<"$output") in ${n#*:}*) ;; *) complain "the README is not in ${n%%:*}" ;; esac
    done
    as admin company update --language zh --force
    ok
    # It is there already; and once more it is the same.
    as admin case bundle "$id"
    was_refused $LOCAL 'is there already'
    as admin case bundle "$id" again.tar
    ok
    cmp "case-$id.tar" again.tar
    as admin case bundle "$id" again.tar --force
    ok
    cmp "case-$id.tar" again.tar
    as admin case answer "$id" --text more
    ok
    as admin case bundle "$id" again.tar --force
    ok
    ! cmp -s "case-$id.tar" again.tar || complain 'something was said, and it is the same'
    # The log is the principal's; what the other side reads has none of it.
    as beta-admin case bundle "$id" theirs.tar
    ok
    [ "$(tar -tf theirs.tar | grep -c 'files/')" = 2 ]
    [ "$(tar -tf theirs.tar | grep -c log)" = 0 ]
    for who in gamma-admin beta-peer; do
        refused $NOT_FOUND '' $who case bundle "$id" none.tar
        [ ! -e none.tar ]
    done
    refused $LOCAL 'cannot write' admin case bundle "$id" nowhere/at/all.tar
    [ "$(find . -maxdepth 1 -name '*.tar*' | sort | xargs)" = "./again.tar ./case-$id.tar ./theirs.tar" ]
}
