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
admin member remove
sales deal create
sales deal list
sales deal show
sales deal update
admin choice set
admin choice list-set
admin choice list
admin choice lists
sales deal tag
sales deal move
sales deal undo
sales deal log
sales deal log-list
sales deal log-show
sales deal history
sales comment add
sales comment list
sales comment show
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
admin partner suspend
admin partner resume
admin partner end
admin company link
admin company switch
admin company unlink
auditor logout'

# What passwd and member set-password ask for is typed on a terminal by people.
typed_by_hand() {
    case $1 in
    'company link') echo "--password-file '$(password_file of-admin)' --password-there-file '$(password_file there)'" ;;
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

# example COMMAND: the option of the method, in words that name what is here.
example() {
    local words
    words=$(jq -r --arg command "$1" '.methods[] | select(.command == $command) | .example // ""' "$BATS_TEST_TMPDIR/methods")
    case $1 in
    deal\ * | audit\ *) words=${words/ 7/ $DEAL} ;;
    report\ *) words=${words/ 3/ $REPORT} ;;
    task\ *) words=${words/ 7/ $TASK} && words=${words/ 8/ $DUTY} ;;
    comment\ show) words=${words/ 3/ $COMMENT} ;;
    file\ show | file\ get) words=${words/ 3/ $FILE} ;;
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
    printf 'title,required,days\nCall the customer,true,2\n' >points.csv
    printf 'day,note\n2026-10-01,国庆节\n' >holidays.csv
    DEAL=$(new_deal sales)
    DUTY=$("$JIAYI" --profile sales -o json task create 'Draw the plan' --accept | jq -r .id)
    SESSION=$("$JIAYI" --profile junior -o json whoami | jq -r .session_id)
    prepare_link
    while read -r who command; do
        [ -n "$who" ] || continue
        [ "$command" != 'member reset-totp' ] || prepare_reset
        [ "$command" != 'task reject' ] || deliver_again
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
        'report submit') REPORT=$(jq -r .id <<<"$output") ;;
        'task create') TASK=$(jq -r .id <<<"$output") ;;
        'comment add') COMMENT=$(jq -r .id <<<"$output") ;;
        'file put') FILE=$(jq -r .id <<<"$output") && mkdir got && cd got ;;
        'file get') cmp offer.pdf ../offer.pdf && cd .. ;;
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
