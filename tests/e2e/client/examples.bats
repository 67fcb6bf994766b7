#!/usr/bin/env bats
# The examples of the help are run, each one: what they name is there.

load ../helper

# Who runs which example, in this order: later ones need what earlier ones made.
EXAMPLES='
operator server status
operator company create
operator company list
operator company domain add
admin company domain list
admin company domain release
admin whoami
admin session list
peer passwd
junior session revoke
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
admin member set-password
admin member remove
sales deal create
sales deal list
sales deal show
sales deal update
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
manager deal assign
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
auditor logout'

# What passwd and member set-password ask for is typed on a terminal by people.
typed_by_hand() {
    case $1 in
    passwd) echo "--old-password-file '$(password_file peer)' --new-password-file '$(password_file new-of-peer)'" ;;
    esac
}

# example COMMAND: the option of the method, in words that name what is here.
example() {
    local words
    words=$(jq -r --arg command "$1" '.methods[] | select(.command == $command) | .example // ""' "$BATS_TEST_TMPDIR/methods")
    case $1 in
    deal\ * | audit\ *) words=${words/ 7/ $DEAL} ;;
    report\ *) words=${words/ 3/ $REPORT} ;;
    comment\ show) words=${words/ 3/ $COMMENT} ;;
    file\ show | file\ get) words=${words/ 3/ $FILE} ;;
    link\ show) words=${words/ 3/ $LINK} ;;
    session\ revoke) words=${words/ 3/ $SESSION} ;;
    esac
    words=${words/deal\/7/deal/$DEAL}
    echo "${words/report\/3/report/$REPORT}"
}

@test "case 44: the example of each command does what it says" {
    local who command words
    cd "$BATS_TEST_TMPDIR"
    "$JIAYI" --profile admin -o json api list >methods
    echo 'This week: three visits.' >report.md
    echo 'We offer this.' >offer.pdf
    DEAL=$(new_deal sales)
    SESSION=$("$JIAYI" --profile junior -o json whoami | jq -r .session_id)
    while read -r who command; do
        [ -n "$who" ] || continue
        words=$(example "$command")
        [[ "$words " = "$command "* ]] || complain "no example for $command, or another's: $words"
        run --separate-stderr bash -c "'$JIAYI' --profile $who -o json $words $(typed_by_hand "$command")" </dev/null
        [ "$status" -eq 0 ] || complain "fails: $words"
        case $command in
        'report submit') REPORT=$(jq -r .id <<<"$output") ;;
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
