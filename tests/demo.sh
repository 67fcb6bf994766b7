#!/usr/bin/env bash
# The main job, played through the real command line: a principal, acme, and its vendor, beta.
#
#   demo.sh         starts a server in a scratch folder, plays, stops it; exit 0 only if every step did what it must
#   demo.sh story   plays against the server that SERVER, CA and SCRATCH name (./dev up)
#
# The story is written in four words:
#   say TEXT…                        what happens next
#   run PROFILE WORDS…               a command that must succeed
#   shows TEXT                       the output of the last command must have this text
#   must_fail STATUS PROFILE WORDS…  a command that must fail, with this exit status and one line of explanation
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/run.bash"
. "$(dirname "${BASH_SOURCE[0]}")/eventually.bash"

steps=0
refused=0
output=

say() {
    printf '\n\n== %s\n' "$*"
}

broken() {
    printf '\nThe demo went wrong: %s\n' "$1" >&2
    exit 1
}

# A command as one would type it.
typed() {
    local word
    printf '\n$ jiayi'
    for word in "$@"; do
        case $word in
        '' | *[!A-Za-z0-9_.,:/@+=-]*) printf " '%s'" "${word//\'/\'\\\'\'}" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
}

# Runs a command, prints it with its output and leaves them in `output` and `status`.
play() {
    local profile=$1
    shift
    typed --profile "$profile" "$@"
    status=0
    output=$("$JIAYI" --profile "$profile" "$@" 2>&1) || status=$?
    [ -z "$output" ] || printf '%s\n' "$output"
    steps=$((steps + 1))
}

run() {
    play "$@"
    [ "$status" -eq 0 ] || broken "exit status $status"
}

must_fail() {
    local want=$1
    shift
    play "$@"
    [ "$status" -eq "$want" ] || broken "exit status $status, it should have been $want"
    [ "$(wc -l <<<"$output")" -eq 1 ] || broken "more than one line of explanation"
    printf '(exit status %d, as it must be)\n' "$status"
    refused=$((refused + 1))
}

shows() {
    case $output in *"$1"*) ;; *) broken "the output lacks \"$1\"" ;; esac
}

# The number of the deal, report or task with this title, as PROFILE sees it.
deal_id() {
    "$JIAYI" --profile "$1" -o json deal list --search "$2" | jq -er '.deals[0].id'
}
report_id() {
    "$JIAYI" --profile "$1" -o json report list | jq -er --arg title "$2" '.reports[] | select(.title == $title).id'
}

task_id() {
    "$JIAYI" --profile "$1" -o json task list | jq -er --arg title "$2" '.tasks[] | select(.title == $title).id'
}

login() {
    run "$1" login --server "$SERVER" --ca "$CA" --user "$2" --password-file "$(password_file "$1")"
}

add_member() {
    local by=$1 profile=$2
    shift 2
    run "$by" member add "$@" --password-file "$(password_file "$profile")"
}

companies() {
    say "The operator signs in and makes two companies, each with its first admin."
    login operator "$OPERATOR"
    run operator company create acme --name '甲方 Acme 自动化' \
        --admin chen.jing@acme.example --admin-name '陈静' --admin-password-file "$(password_file admin)"
    run operator company create beta --name 'Beta Partnerë sh.p.k.' \
        --admin elira.gjoni@beta.example --admin-name 'Elira Gjoni' --admin-password-file "$(password_file beta-admin)"
    run operator company list
    shows 'Beta Partnerë sh.p.k.'

    say "Each admin says where the company is on the clock, and adds the people: acme a manager, a salesperson in Tirana and an auditor; beta two who work for the other side."
    login admin chen.jing@acme.example
    run admin company update --time-zone Asia/Shanghai --working-days 1,2,3,4,5
    shows Asia/Shanghai
    run admin calendar set 2026-10-10 --working --note '国庆节调休'
    shows 国庆节调休
    run admin rate set EUR CNY 8.1 --date 2026-11-02 --source PBoC
    run admin rate convert --amount 85000 --currency EUR CNY --date 2026-11-20
    shows 688500.00
    add_member admin manager wang.fang@acme.example --name 王芳 --role manager
    add_member admin sales arben.hoxha@acme.example --name 'Arben Hoxha' --role salesperson \
        --manager wang.fang@acme.example
    add_member admin auditor liu.yang@acme.example --name 刘洋 --role auditor
    run admin member list
    shows 王芳
    login beta-admin elira.gjoni@beta.example
    add_member beta-admin beta-lei zhao.lei@beta.example --name 赵磊 --role vendor
    for person in manager:wang.fang@acme sales:arben.hoxha@acme auditor:liu.yang@acme beta-lei:zhao.lei@beta; do
        login "${person%%:*}" "${person#*:}.example"
    done

    say "Nobody need know another's password: without one the answer is a code, and the new person types no more than that."
    run beta-admin member add besa.kola@beta.example --name 'Besa Kola' --role vendor
    shows code
    run beta-besa join "$(sed -n 's/^join code: *//p' <<<"$output")" --password-file "$(password_file beta-besa)"
    shows besa.kola@beta.example
    run sales whoami
    shows 'Arben Hoxha'
}

partnership() {
    say "acme invites beta; from the moment beta accepts, the two can share work."
    run admin partner invite beta
    shows invited
    run beta-admin partner accept acme
    shows active
    run admin partner list
    shows active
}

deals() {
    say "The salesperson brings in three deals, and shares one with the vendor."
    run sales deal create '深圳港口自动化' --customer '深圳港务集团' --amount 1200000.50 --currency CNY --vendor beta
    run sales deal create 'Magazina e Durrësit' --customer 'Porti i Durrësit' --amount 85000 --currency EUR
    run sales deal create 'Skanerë për doganën' --customer 'Dogana e Shqipërisë'
    port=$(deal_id sales 深圳港口)
    depot=$(deal_id sales 'Magazina')
    customs=$(deal_id sales 'Skanerë')

    say "What is likely is tagged, with words of the company's own, and found by them."
    run sales deal tag "$port" intent=high
    run sales deal list --tag intent=high
    shows 深圳港口自动化

    say "The vendor sees the shared deal, works on it, and sees nothing else of the principal's."
    run beta-lei deal list
    shows 深圳港口自动化
    [[ $output != *Magazina* ]] || broken "the vendor sees a deal that is not shared"
    run beta-lei deal log "$port" --kind visit --text '拜访了码头运营部，他们要看演示。' \
        --next '准备演示' --due 2026-12-01
    run beta-lei deal move "$port" contacted
    must_fail 15 beta-lei deal show "$depot"

    say "On the way to the signature the two sides move and log it in turns; who has not seen the other's last step looks first."
    run sales deal show "$port"
    run sales deal log "$port" --kind quote --text 'Dërgova ofertën me çmimin e ri.'
    printf '报价：1150000 CNY，含安装。\n' >"$SCRATCH/报价.txt"
    run sales file put "deal/$port" "$SCRATCH/报价.txt"
    run sales deal move "$port" quoted
    run sales deal update "$port" --amount 1150000 --currency CNY
    must_fail 20 beta-lei deal move "$port" negotiating
    run beta-lei deal show "$port"
    run beta-lei file list "deal/$port"
    shows 报价.txt
    run beta-lei file get "$("$JIAYI" --profile beta-lei -o json file list "deal/$port" | jq -r '.files[0].id')" -
    shows '1150000 CNY'
    run beta-lei deal move "$port" negotiating
    run sales deal show "$port"
    shows '拜访了码头运营部'
    shows 'Dërgova ofertën'
    shows 1150000.00

    say "An edit that started from an old version is refused, so that nobody overwrites what the other wrote."
    must_fail 20 sales deal update "$port" --title '深圳港口自动化二期' --version 1

    say "One deal is won; one is lost, and that needs a reason."
    run sales deal move "$port" won
    must_fail 13 sales deal move "$customs" lost
    run sales deal move "$customs" lost --reason 'Klienti zgjodhi një ofertë më të lirë.'
    run manager deal list
    shows 'Skanerë për doganën'
    run manager deal list --stage won
    shows 深圳港口自动化
    run manager deal history "$port"
    shows negotiating
}

reports() {
    say "The vendor reports to the principal; the manager returns it with a comment, then accepts the second version."
    cat >"$SCRATCH/report.md" <<-'END'
	## 进展
	演示已经完成，客户同意试用。
	END
    cat >"$SCRATCH/report-2.md" <<-'END'
	## 进展
	演示已经完成，客户同意试用三周，从 12 月 1 日起。
	## 下一步
	安排工程师到现场。
	END
    run beta-lei report submit --kind weekly --period 2026-W47 --to acme --title '第47周周报' \
        --file "$SCRATCH/report.md" --deal "$port"
    weekly=$(report_id beta-lei '第47周周报')
    run manager report list --state submitted
    shows '第47周周报'
    run manager report return "$weekly" --comment '请写明试用多久、从哪天开始。'
    run beta-lei report show "$weekly"
    shows 请写明试用多久
    printf '12月1日至21日：现场试用。\n' >"$SCRATCH/试用计划.txt"
    run beta-lei report resubmit "$weekly" --file "$SCRATCH/report-2.md" --attach "$SCRATCH/试用计划.txt"
    run manager file list "report/$weekly"
    shows 试用计划.txt
    must_fail 20 manager report accept "$weekly"
    run manager report show "$weekly"
    run manager report accept "$weekly" --comment '很好，谢谢。'
    run manager report show "$weekly"
    shows accepted
    shows 试用三周

    say "The salesperson reports to the own company, from standard input."
    typed --profile sales report submit --kind daily --period 2026-11-20 --to acme --title 'Dita në Durrës' --file -
    printf 'Takova drejtorin e portit. Nesër dërgoj ofertën.\n' |
        "$JIAYI" --profile sales report submit --kind daily --period 2026-11-20 --to acme --title 'Dita në Durrës' --file - ||
        broken "a report from standard input"
    steps=$((steps + 1))
    run manager report list --author arben.hoxha@acme.example
    shows 'Dita në Durrës'
}

tasks() {
    local sheet rooms
    say "A colleague of the vendor takes part in a deal that is not shared: sees it from then on, and no more than that."
    must_fail 15 beta-lei deal show "$depot"
    run sales participant add "deal/$depot" zhao.lei@beta.example --function technical
    run beta-lei deal show "$depot"
    shows 'Magazina e Durrësit'
    must_fail 17 beta-lei deal move "$depot" contacted
    run sales participant remove "deal/$depot" zhao.lei@beta.example

    say "The manager gives the salesperson a task on the deal, and the vendor one that has to be accepted."
    run manager task create '回访港务集团' --on "deal/$port" --owner arben.hoxha@acme.example --due 2027-01-15
    rooms=$(task_id manager 回访港务集团)
    run manager task create '提交安装方案' --on "deal/$port" --vendor beta --accept --due 2027-01-20
    sheet=$(task_id manager 提交安装方案)
    run sales todo
    shows 回访港务集团
    run sales task 'done' "$rooms" --text 'U takova me drejtorin; janë të kënaqur.'
    run beta-lei task list
    shows 提交安装方案
    run beta-lei task deliver "$sheet" --text '方案已放在共享文件夹。'
    must_fail 17 beta-lei task accept "$sheet"
    run manager task reject "$sheet" --text '缺第二页。' --force
    run beta-lei task deliver "$sheet" --text '已补上第二页。' --force
    run manager task accept "$sheet" --force
    run beta-lei comment list "task/$sheet"
    shows 缺第二页
    run manager comment list --since 2026-01-01
    shows 缺第二页

    say "What is done each time is a checklist; started on a deal, its points become tasks, due in working days."
    printf 'title,required,days,side\n确认验收标准,true,3,ours\nEmëroni një kontakt,,5,vendor\n' >"$SCRATCH/points.csv"
    run admin checklist define handover --name '项目交接' --purpose project --items "$SCRATCH/points.csv"
    run sales checklist start handover "deal/$port"
    run manager task list --on "deal/$port"
    shows 确认验收标准
}

kpis() {
    say "The manager defines what is counted, sets targets for a member and for the vendor, and evaluates what they record."
    run manager kpi define calls --name '电话数' --unit calls --period week
    run manager kpi define demos --name 'Prezantime' --unit presentations --period month
    run manager kpi target calls --period 2026-W47 --value 125 --member arben.hoxha@acme.example
    run manager kpi target demos --period 2026-11 --value 8 --vendor beta
    run sales kpi record calls --period 2026-W47 --value 110
    run beta-besa kpi record demos --period 2026-11 --value 6 --text 'Gjashtë prezantime, dy mbeten.'
    run beta-besa kpi list
    shows 0.75
    run manager kpi evaluate demos --period 2026-11 --vendor beta --comment '质量好，数量还差两次。'
    run manager kpi list
    shows 0.88
    run beta-admin kpi list --period 2026-11
    shows 质量好
}

roles() {
    say "A salesperson may not take a deal out of won. The admin makes a role that may, and it counts at once, in the open session."
    must_fail 17 sales deal move "$port" negotiating
    run admin role create closer --grant deal.read:own+shared --grant deal.create:own --grant deal.update:own \
        --grant deal.move:own+shared --grant deal.log:own+shared --grant deal.reopen:own \
        --grant kpi.read:own --grant kpi.record:own --grant report.read:own --grant report.submit:own
    run admin member set-role arben.hoxha@acme.example closer
    run sales deal move "$port" negotiating --reason 'Klienti do ndryshime në kontratë.'
    run sales deal move "$port" won
    run admin role show closer
    shows deal.reopen
}

audit() {
    say "The auditor reads who did what, when and through which call."
    run auditor audit list --object deal --id "$port"
    shows MoveDeal
    run auditor deal list
    shows 'Magazina e Durrësit'

    say "What a script reads."
    run sales -o json deal show "$depot"
    shows '"Magazina e Durrësit"'
    run manager -o csv deal list --stage won
    shows 深圳港口自动化
}

identity() {
    say "Besa acts for acme as well: she joins by signing in at home, and from then on goes from one company to the other."
    run admin member add besa.kola@beta.example --name 'Besa Kola' --role salesperson
    run besa join "$(sed -n 's/^join code: *//p' <<<"$output")" --password-file "$(password_file besa)" \
        --home-password-file "$(password_file beta-besa)"
    shows 'salesperson of acme'
    run besa company switch beta
    shows 'vendor of beta'
    run besa whoami
    shows acme
    run besa company switch acme

    say "What an admin does to one of her memberships opens nothing in the other company."
    run admin member set-password besa.kola@beta.example
    must_fail 26 besa company switch beta
}

tokens() {
    say "A program calls with a token, which may do no more than was chosen, and is shown once."
    run sales token create nightly-export --permission deal.read:own --expires "$(date -u -d '+90 days' +%F)" -o json
    (umask 077 && jq -r .token <<<"$output" >"$SCRATCH/passwords/export-token")
    run export login --server "$SERVER" --ca "$CA" --token-file "$SCRATCH/passwords/export-token"
    run export deal list
    shows 'Magazina e Durrësit'
    must_fail 17 export deal update "$depot" --title 'Magazina'
    must_fail 17 export token list
}

# otp SECRET: what an authenticator shows now.
otp() {
    local key counter mac at
    key=$(base32 -d <<<"$1" | od -An -tx1 | tr -d ' \n')
    counter=$(printf '%016x' $((EPOCHSECONDS / 30)) | sed 's/../\\x&/g')
    # shellcheck disable=SC2059
    mac=$(printf "$counter" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= //')
    at=$((2 * 16#${mac:39:1}))
    printf '%06d' $(((16#${mac:at:8} & 16#7fffffff) % 1000000))
}

keys() {
    say "A salesperson makes a key to sign by; the private half stays in the profile."
    run sales key add --note laptop
    run sales key list
    shows laptop
}

inbox() {
    say "Everybody is told of what others do on their deals, and on what they follow."
    run sales follow deal/1
    run sales inbox following
    shows deal/1
    eventually told sales
    run sales inbox list --unread
    printf '\n$ jiayi --profile sales watch --since 0\n'
    timeout 2 "$JIAYI" --profile sales watch --since 0 || [ $? -eq 124 ]
    run sales inbox read --all
    run sales unfollow deal/1
}

# told PROFILE: for eventually: something is in the inbox.
told() {
    [ "$("$JIAYI" --profile "$1" -o json inbox list --unread | jq '.items // [] | length')" -gt 0 ]
}

second_factor() {
    local secret
    say "The admin has auditors need a second factor; it counts at once, and until it is shown they can only set one up."
    run admin role require-totp auditor
    must_fail 19 auditor audit list
    run auditor totp enable -o json
    secret=$(jq -r .secret <<<"$output")
    run auditor totp confirm "$(otp "$secret")"
    run auditor audit list
    must_fail 26 auditor login --password-file "$(password_file auditor)"
}

story() {
    companies
    partnership
    deals
    reports
    tasks
    kpis
    roles
    audit
    identity
    tokens
    keys
    inbox
    second_factor
    [ "$refused" -eq 14 ] || broken "$refused attempts were refused, it should have been 14"
}

case ${1:-} in
story) story ;;
'')
    scratch_make demo
    say "A server in a scratch folder: its own PostgreSQL, its own certificates."
    server_init "$SCRATCH/data"
    server_start "$SCRATCH/data"
    cat "$SCRATCH/data.out"
    story
    say "The server stops."
    server_stop "$SCRATCH/data"
    printf '\nThe demo is done: %d commands did what they must, %d of them were refused as they must be.\n' \
        "$steps" "$refused"
    ;;
*)
    echo "usage: demo.sh [story]" >&2
    exit 2
    ;;
esac
