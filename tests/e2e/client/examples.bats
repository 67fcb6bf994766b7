#!/usr/bin/env bats
# The examples of the help are run, each one: what they name is there.

load ../helper

# Who runs which example, in this order: later ones need what earlier ones made.
EXAMPLES='
operator server status
operator server jobs
operator company create
operator company list
operator company domain add
admin company show
admin company update
admin calendar set
admin calendar import
admin calendar list
admin rate set
admin rate list
admin rate convert
admin import
admin import list
admin import show
admin export list
admin export show
admin company domain list
admin company domain release
admin whoami
admin session list
peer passwd
junior token create
junior token list
junior token revoke
junior key add
junior key list
junior key revoke
junior session revoke
gamma-sales totp enable
gamma-sales totp confirm
gamma-sales totp verify
gamma-sales totp disable
admin role require-totp
admin member reset-totp
sales status list
admin role list
admin role show
admin role create
admin role grant
admin role revoke
admin role delete
admin member add
admin member list
admin member set-role
admin member set-manager
admin member update
admin member history
admin member set-password
admin member duties
admin member remove
sales deal create
sales deal list
sales deal show
sales deal update
sales customer create
sales customer list
sales customer show
sales customer update
sales contact add
sales contact list
sales contact show
sales customer log
sales resource add
sales resource update
sales resource show
sales resource list
sales contact update
manager customer duplicates
manager customer overlaps
manager customer assign
admin member handover
admin choice set
admin choice list-set
admin choice list
admin choice lists
manager customer tag
manager customer merge
sales deal tag
sales deal move
sales deal undo
sales deal log
sales deal next-done
sales deal due
sales deal need
sales milestone add
sales milestone list
sales deal log-list
sales deal log-show
sales deal history
sales comment add
sales comment list
sales comment show
sales search
sales file put
sales file list
sales file show
sales file get
sales follow
sales inbox following
sales unfollow
sales task create
manager task assign
sales task list
sales todo
sales task show
sales task update
sales task done
sales task reopen
sales task cancel
sales task deliver
manager task accept
manager task reject
admin checklist define
admin checklist update
admin checklist list
admin checklist show
sales checklist start
admin stage define
admin stage update
admin stage order
sales stage list
sales stage show
admin stage retire
admin play write
sales play list
sales play show
sales play suggest
admin play retire
manager lesson add
sales deal summarize
sales participant add
sales participant list
sales participant remove
manager deal assign
sales inbox list
sales inbox read
sales watch
admin audit list
manager kpi define
manager kpi target
beta-manager kpi record
manager kpi list
manager kpi show
manager kpi evaluate
manager kpi records
manager kpi targets
manager kpi evaluations
beta-vendor report submit
manager report list
manager report show
manager report return
manager report comments
manager report versions
manager link add
manager link list
manager link show
beta-vendor report resubmit
manager report show
manager report accept
admin partner invite
gamma-admin partner accept
admin partner list
admin partner show
admin partner assign
admin partner onboard
admin tier define
admin tier rule
admin tier list
admin tier set
admin tier due
admin contract list
admin contract show
admin contract text
admin partner suspend
admin partner resume
manager deal share
beta-vendor registration check
beta-vendor deal register
manager registration list
manager registration show
manager registration approve
manager registration extend
manager registration reject
beta-vendor registration withdraw
admin case target
admin case targets
sales complaint open
manager case assign
sales case handle
sales case close
sales case reopen
sales case list
sales case show
sales case bundle
sales suggestion make
sales case withdraw
beta-vendor support ask
beta-vendor conflict open
beta-vendor case answer
admin case decide
beta-admin dispute open
beta-admin case escalate
admin contract draft
admin contract edit
admin contract review
admin contract propose
admin contract clauses
admin contract sign
admin breach open
admin contract amend
admin contract history
admin contract withdraw
admin contract refuse
admin contract assign
admin payment list
admin payment show
admin payment paid
beta-admin payment confirm
beta-admin payment reject
beta-admin payment waive
admin contract suspend
admin contract resume
admin contract end
admin partner end
admin company link
admin company switch
admin company unlink
auditor logout'

# What passwd and member set-password ask for is typed on a terminal by people.
typed_by_hand() {
    case $1 in
    'company link') echo "--password-file '$(password_file of-admin)' --password-there-file '$(password_file there)'" ;;
    'totp enable') echo "--password-file '$(password_file gamma-sales)'" ;;
    passwd) echo "--old-password-file '$(password_file peer)' --new-password-file '$(password_file new-of-peer)'" ;;
    esac
}

# The admin is a member of gamma as well.
prepare_link() {
    local code
    as admin passwd --old-password-file "$(password_file admin)" --new-password-file "$(password_file of-admin)"
    ok
    code=$("$JIAYI" --profile gamma-admin -o json member add admin@acme.example --name A --role auditor | jq -r .code)
    as there join "$code" --password-file "$(password_file there)" --home-password-file "$(password_file of-admin)"
    ok
}

# The code that the authenticator of gamma-sales shows.
code() {
    local key counter mac at
    sql "UPDATE jiayi.member_totp SET last_step = 0" >/dev/null
    key=$(base32 -d <<<"${SECRET:-}" | od -An -tx1 | tr -d ' \n')
    counter=$(printf '%016x' $((EPOCHSECONDS / 30)) | sed 's/../\\x&/g')
    # shellcheck disable=SC2059
    mac=$(printf "$counter" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= //')
    at=$((2 * 16#${mac:39:1}))
    printf '%06d' $(((16#${mac:at:8} & 16#7fffffff) % 1000000))
}

# Somebody of acme has a second factor.
prepare_reset() {
    sql "INSERT INTO jiayi.member_totp (member_id, key_id, secret_sealed, confirmed_at)
        SELECT m.id, k.id, sha256(''), now() FROM jiayi.member AS m, jiayi.server_key AS k
        WHERE m.email = 'junior@acme.example'"
}

# There is something to reject once more.
deliver_again() {
    DUTY=$("$JIAYI" --profile sales -o json task create 'Draw the plan again' --accept | jq -r .id)
    as sales task deliver "$DUTY" --text 'Here.'
    ok
}

# A deal that teaches something.
prepare_lesson() {
    LOST=$(new_deal sales)
    as sales deal move "$LOST" lost --lost-reason price --reason 'too dear' --yes
    ok
}

# The conflict was heard, and is mediated; nobody answered the dispute in time.
prepare_conflict() {
    sql "UPDATE jiayi.case_file SET answer_by = now() - interval '1 day' WHERE id = $CASE"
    as admin case handle "$CASE" --state heard --text 'Nobody else.' --force
    ok
    as admin case handle "$CASE" --state mediation --text 'We talk.' --force
    ok
}

# What a new vendor has to do.
prepare_onboarding() {
    as admin checklist define start --name Start --purpose onboarding --items points.csv
    ok
}

# Two more registrations.
prepare_registrations() {
    as beta-vendor deal register T --customer 'Second customer' --to acme
    ok
    as beta-vendor deal register T --customer 'Third customer' --to acme
    ok
}

# looked_at PROFILE CONTRACT: all points of the review are answered.
looked_at() {
    local point
    for point in clear fair reasonable legal; do
        as "$1" contract review "$2" $point --text Fine
        ok
    done
}

# with_payments: the contract that was drafted has two, and a clause about breaches.
with_payments() {
    echo '{"clauses": [{"kind": "breach", "text": "Late", "penalty_percent": 0.1, "cure_days": 5}], "payments": [{"payer": "principal", "amount": 1, "currency": "CNY", "due": "2026-01-31"},
        {"payer": "principal", "amount": 2, "currency": "CNY", "due": "2026-02-28"}]}' >terms.json
    as admin contract edit "$CONTRACT" --terms terms.json
    ok
}

# paid_again: the second payment of the contract, which is the one at hand from then on.
paid_again() {
    PAYMENT=$("$JIAYI" --profile admin -o json payment list "$CONTRACT" | jq -r '.payments[1].id')
    as admin payment paid "$PAYMENT"
    ok
}

prepare_contract() {
    case $1 in
    propose) looked_at admin "$CONTRACT" ;;
    sign)
        looked_at beta-admin "$CONTRACT"
        SUM=$("$JIAYI" --profile beta-admin -o json contract show "$CONTRACT" | jq -r .sha256)
        as beta-admin contract sign "$CONTRACT" --sha256 "$SUM"
        ok
        ;;
    withdraw) DROPPED=$("$JIAYI" --profile admin -o json contract draft beta --title Dropped --file terms.md | jq -r .id) ;;
    refuse)
        OFFER=$("$JIAYI" --profile beta-admin -o json contract draft acme --title Offer --file terms.md --side principal | jq -r .id)
        looked_at beta-admin "$OFFER"
        as beta-admin contract propose "$OFFER"
        ok
        ;;
    esac
}

# example COMMAND: the option of the method, in words that name what is here.
example() {
    local words
    words=$(jq -r --arg command "$1" '.methods[] | select(.command == $command) | .example // ""' "$BATS_TEST_TMPDIR/methods")
    case $1 in
    deal\ summarize) words=${words/ 7/ ${LOST:-}} ;;
    deal\ * | milestone\ * | resource\ add | resource\ list | audit\ * | play\ *) words=${words/ 7/ $DEAL} ;;
    customer\ *) words=${words/ 7/ $CUSTOMER} && words=${words/ 8/ $TWIN} ;;
    contact\ add | contact\ list) words=${words/ 7/ $CUSTOMER} ;;
    resource\ *) words=${words/ 7/ $RESOURCE} ;;
    contact\ *) words=${words/ 7/ $CONTACT} ;;
    case\ assign | case\ answer | case\ handle | case\ escalate | case\ decide | case\ reopen | case\ close | case\ withdraw | case\ show | case\ bundle)
        words=${words/ 7/ ${CASE:-}}
        ;;
    report\ *) words=${words/ 3/ $REPORT} ;;
    lesson\ *) words=${words/ 7/ ${LOST:-}} ;;
    task\ *) words=${words/ 7/ $TASK} && words=${words/ 8/ $DUTY} ;;
    contract\ sign) words="contract sign ${CONTRACT:-} --sha256 ${SUM:-}" ;;
    contract\ withdraw) words=${words/ 3/ ${DROPPED:-}} ;;
    contract\ refuse) words=${words/ 4/ ${OFFER:-}} ;;
    breach\ open) words=${words/ 1 / ${CONTRACT:-} } ;;
    contract\ * | payment\ list) words=${words/ 2/ ${CONTRACT:-}} ;;
    payment\ *) words=${words/ [123]/ ${PAYMENT:-}} ;;
    comment\ show) words=${words/ 3/ $COMMENT} ;;
    file\ show | file\ get) words=${words/ 3/ $FILE} ;;
    import\ show) words=${words/ 3/ $IMPORT} ;;
    export\ show) words=${words/ 3/ $EXPORT} ;;
    link\ show) words=${words/ 3/ $LINK} ;;
    session\ revoke) words=${words/ 3/ $SESSION} ;;
    totp\ *) words=${words/123456/$(code)} ;;
    token\ create) words=${words/2027-06-30/$(date -u -d '+30 days' +%F)} ;;
    key\ revoke) words=${words/ 3/ $KEY} ;;
    token\ revoke) words=${words/ 12/ $TOKEN} ;;
    esac
    words=${words/deal\/7/deal/$DEAL}
    echo "${words/report\/3/report/$REPORT}"
}

@test "case 44: the example of each command does what it says" {
    local who command words limit=
    cd "$BATS_TEST_TMPDIR"
    "$JIAYI" --profile admin -o json api list >methods
    echo 'This week: three visits.' >report.md
    echo 'We offer this.' >offer.pdf
    echo '先问：跟谁比？' >play.md
    echo 'Ask for the date first.' >lesson.md
    echo 'We sell, you pay.' >terms.md
    printf 'title,required,days\nCall the customer,true,2\n' >points.csv
    printf '商机名称,甲方\n深圳港口自动化,深圳港务集团\n' >商机.csv
    printf 'day,note\n2026-10-01,国庆节\n' >holidays.csv
    DEAL=$(new_deal sales)
    DUTY=$("$JIAYI" --profile sales -o json task create 'Draw the plan' --accept | jq -r .id)
    SESSION=$("$JIAYI" --profile junior -o json whoami | jq -r .session_id)
    prepare_link
    while read -r who command; do
        [ -n "$who" ] || continue
        [ "$command" != 'member reset-totp' ] || prepare_reset
        [ "$command" != 'lesson add' ] || prepare_lesson
        [ "$command" != 'case decide' ] || prepare_conflict
        [ "$command" != 'conflict open' ] || as manager deal update "$DEAL" --vendor beta --force
        [ "$command" != 'case escalate' ] || sql "UPDATE jiayi.case_file SET answer_by = now() - interval '1 day' WHERE id = $CASE"
        [ "$command" != 'registration reject' ] || prepare_registrations
        [[ $command != 'contract '* ]] || prepare_contract "${command#* }"
        [ "$command" != 'task reject' ] || deliver_again
        [ "$command" != 'payment reject' ] || paid_again
        [ "$command" != 'partner onboard' ] || prepare_onboarding
        # There is something to hand over.
        [ "$command" != 'member handover' ] || as admin customer create 'Of peer' --owner peer@acme.example
        words=$(example "$command")
        [[ "$words " = "$command "* ]] || complain "no example for $command, or another's: $words"
        [ "$command" != watch ] || limit='timeout 2' # it has no end of its own
        run --separate-stderr bash -c "${limit:-} '$JIAYI' --profile $who -o json $words $(typed_by_hand "$command")" </dev/null
        [ "$status" -eq 0 ] || [ "$status${limit:-}" = "124timeout 2" ] || complain "fails: $words"
        limit=
        case $command in
        'totp enable') SECRET=$(jq -r .secret <<<"$output") ;;
        'key add') KEY=$(jq -r .id <<<"$output") ;;
        'token create') TOKEN=$(jq -r .id <<<"$output") ;;
        'complaint open' | 'suggestion make' | 'conflict open' | 'dispute open') CASE=$(jq -r .id <<<"$output") ;;
        'report submit') REPORT=$(jq -r .id <<<"$output") ;;
        'task create') TASK=$(jq -r .id <<<"$output") ;;
        'customer create') CUSTOMER=$(jq -r .id <<<"$output") && TWIN=$("$JIAYI" --profile sales -o json customer create Twin | jq -r .id) ;;
        'resource add') RESOURCE=$(jq -r .id <<<"$output") ;;
        'contact add') CONTACT=$(jq -r .id <<<"$output") ;;
        'contract draft')
            CONTRACT=$(jq -r .id <<<"$output")
            with_payments
            ;;
        'payment list') PAYMENT=$(jq -r '.payments[0].id' <<<"$output") ;;
        'comment add') COMMENT=$(jq -r .id <<<"$output") ;;
        'file put') FILE=$(jq -r .id <<<"$output") && mkdir got && cd got ;;
        'file get') cmp offer.pdf ../offer.pdf && cd .. ;;
        import) IMPORT=$(jq -r .id <<<"$output") ;;
        'export list') api admin ExportService/StartExport '{}' && EXPORT=$(jq -r .id <<<"$output") ;;
        'link add') LINK=$(jq -r .id <<<"$output") ;;
        esac
    done <<<"$EXAMPLES"
}

@test "case 44: every command has an example, and each is run here" {
    local command
    "$JIAYI" --profile manager -o json api list >"$BATS_TEST_TMPDIR/methods"
    while read -r command; do
        [ -n "$(example "$command")" ] || { echo "no example: $command"; return 1; }
        grep -qE "^[a-z-]+ $command\$" <<<"$EXAMPLES" || { echo "not run: $command"; return 1; }
    done < <(jq -r '.methods[].command // empty' "$BATS_TEST_TMPDIR/methods" | grep .)
}

@test "case 44: help begins with the example, and repeats no flags of every command" {
    as sales deal move --help
    ok
    says $'Example:\n  jiayi deal move 7 quoted\n\nUsage: jiayi deal move ID STAGE'
    lacks '--profile'
    lacks 'Exit status'
    says 'jiayi --help'
    as sales --help
    says '--profile NAME'
    says 'Exit status'
}
