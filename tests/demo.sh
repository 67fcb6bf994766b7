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
terminal=

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

# On a terminal the output of a command that succeeds has no line wider than 80 columns, of which a Chinese character takes two.
reads_well() {
    local line
    [ "$status" -eq 0 ] || return 0
    while IFS= read -r line; do
        [ "$(wc -L <<<"$line")" -le 80 ] || broken "a line of more than 80 columns: $line"
    done <<<"$output"
}

# Runs a command and leaves them in `output` and `status`.
play() {
    local profile=$1
    shift
    typed --profile "$profile" "$@"
    status=0
    if [ -n "$terminal" ]; then
        printf -v output '%q ' "$JIAYI" --profile "$profile" "$@"
        output=$(TERM=xterm PAGER=cat SHELL=/bin/sh script -qec "stty cols 80; $output" /dev/null </dev/null | sed 's/\x1b\[[0-9;]*m//g; s/\r//') || status=$?
        reads_well
    else
        output=$("$JIAYI" --profile "$profile" "$@" 2>&1) || status=$?
    fi
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

# The number of the deal, customer, report or task with this title or name, as PROFILE sees it.
deal_id() {
    "$JIAYI" --profile "$1" -o json deal list --search "$2" | jq -er '.deals[0].id'
}
customer_id() {
    "$JIAYI" --profile "$1" -o json customer list --search "$2" | jq -er '.customers[0].id'
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

    say "What a new partner needs is a checklist: each point is a task of one of the two, and both see how far they are."
    printf 'title,required,days,side\n发送价目表和产品手册,true,1,ours\nCakto personin e kontaktit,true,3,vendor\nDërgo licencën e biznesit,true,5,vendor\n' \
        >"$SCRATCH/onboarding.csv"
    run admin checklist define onboarding --name '乙方接入' --purpose onboarding --items "$SCRATCH/onboarding.csv"
    run admin partner onboard beta
    run beta-lei todo
    shows 'Dërgo licencën e biznesit'
    run beta-lei task done "$(task_id beta-lei 'Cakto personin e kontaktit')"
    run admin task done "$(task_id admin 发送价目表和产品手册)"
    run beta-lei partner show acme
    shows 'Dërgo licencën e biznesit'
    [[ $output != *'Cakto personin'* ]] || broken "what is done is still open"
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
    run beta-lei deal next-done "$port" --text '演示过了，他们要报价。' --outcome positive --next '跟进报价' --due 2026-12-04
    run beta-lei deal due --days 30
    run beta-lei deal log-list "$port"

    say "On the way to the signature the two sides move and log it in turns; who has not seen the other's last step looks first."
    run sales deal show "$port"
    run sales deal log "$port" --kind quote --text 'Dërgova ofertën me çmimin e ri.'
    printf '报价：1150000 CNY，含安装。\n' >"$SCRATCH/报价.txt"
    run sales file put "deal/$port" "$SCRATCH/报价.txt"
    run sales deal move "$port" quoted
    run sales deal update "$port" --amount 1150000 --currency CNY --close-on 2026-12-31 --kind project
    run sales milestone add "$port" 'Vinçi i parë punon' --due 2027-03-31 --goal '20 kontejnerë në orë'
    run sales milestone list "$port"
    run sales deal need "$port" --text 'Më pak aksidente në kalatë' --opportunity 'Edhe dy terminale'
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
    run sales deal move "$customs" lost --lost-reason price --reason 'Klienti zgjodhi një ofertë më të lirë.'
    run manager deal list
    shows 'Skanerë për doganën'
    run manager deal list --stage won
    shows 深圳港口自动化
    run manager deal history "$port"
    shows negotiating

    say "What partners are worth to each other shows in figures; a tier follows from rules over these, and is decided by people."
    run admin tier define registered --name '注册伙伴' --position 1
    run admin tier define gold --name '金牌伙伴' --position 2
    run admin tier rule gold won_amount --over quarter --at-least 1000000 --currency CNY
    run admin tier list
    run admin tier due
    run admin tier set beta registered --reason '刚完成接入，本季度的业绩下季度才计入'
    run admin partner show beta
    shows 1150000
    run beta-lei partner show acme
    shows registered
    [[ $output != *gold* ]] || broken "the vendor sees a rule of its principal"
}

pipeline() {
    local room
    say "The pipeline is the company's own: what each stage is for, and what has to be done before a deal goes on."
    printf 'title,required,criterion,days\n预订会议室,true,,2\n客户到场,true,true,\n' >"$SCRATCH/demo-points.csv"
    run admin checklist define demo-points --name '演示' --purpose stage --items "$SCRATCH/demo-points.csv"
    run admin stage define demo --title '演示' --goal '让客户看到实效。' --after contacted --checklist demo-points --max-days 10
    run sales stage list
    shows '让客户看到实效。'
    run sales deal move "$depot" '演示'
    must_fail 19 sales deal move "$depot" quoted
    run sales task list --on "deal/$depot"
    room=$("$JIAYI" --profile sales -o json task list --on "deal/$depot" | jq -r '.tasks[] | select(.title == "预订会议室") | .id')
    run sales task done "$room"
    must_fail 17 sales deal move "$depot" quoted --skip --reason 'E panë në panair.'
    run manager deal show "$depot"
    run manager deal move "$depot" quoted --skip --reason '客户在展会上看过。'
    run manager deal history "$depot"
    shows '客户到场'

    say "What works is written down as plays, by stage and type of customer; lost deals teach, too."
    printf '先问跟谁比，再谈价值。\n' >"$SCRATCH/play.md"
    run admin play write price-talk --kind script --title '比价客户的话术' --stage quoted --type price_comparer --file "$SCRATCH/play.md"
    run sales deal show "$depot"
    run sales deal tag "$depot" customer_type=price_comparer
    run sales play suggest "$depot"
    shows price-talk
    run sales deal log "$depot" --kind call --text 'E pyeta me kë po krahason.' --play price-talk
    printf 'Çmimi u krahasua vonë\n\nPyet për konkurrentin në takimin e parë.\n' >"$SCRATCH/lesson.md"
    run manager lesson add "$customs" --file "$SCRATCH/lesson.md"
    run sales play list --kind lesson
    shows 'Çmimi u krahasua vonë'
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

search() {
    say "Words are found in all that one sees, whatever it is: two Chinese characters are enough, accents make no difference."
    run sales search '港务'
    shows '深圳港务集团'
    run sales search 'durres' --in report
    shows 'Dita në Durrës'
    run beta-lei search 'durres'
    shows 'nothing to show'
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

    say "A milestone of a deal is measured by a KPI as well: by what the person responsible reaches in the period in which it is due."
    run manager kpi define containers --name '每小时箱量' --unit containers --period quarter
    run manager milestone add "$port" '第二台起重机投产' --due 2027-06-30 --owner arben.hoxha@acme.example --kpi containers --target 20
    run sales milestone list "$port"
    shows containers
}

# speak LANGUAGE: what the commands say from here on.
speak() {
    export LC_ALL=C.UTF-8 LANGUAGE=$1
}

week() {
    local offer drin
    say "A salesperson's week. Monday, in Albanian: what the last one left in a spreadsheet is brought in, and each step of the job can be read."
    speak sq
    cat >"$SCRATCH/mundesite.csv" <<'END'
Titulli;Klienti;Shuma;Monedha;Përgjegjësi;Krijuar më
Linja e paketimit;"Drini Alimente Sh.p.k.";42.500,00;EUR;arben.hoxha@acme.example;9.11.2026
Ftohje për depon;Agro Korça sh.a.;;EUR;arben.hoxha@acme.example;16.11.2026
END
    run admin import deals "$SCRATCH/mundesite.csv" --dry-run
    run admin import deals "$SCRATCH/mundesite.csv"
    run admin import deals "$SCRATCH/mundesite.csv"
    offer=$(deal_id sales 'Linja e paketimit')
    terminal=80
    run sales stage list
    run sales stage show contacted

    say "Tuesday: the customer is known already, however the name is written; there is somebody there who decides, and a talk to note."
    must_fail 16 sales customer create 'DRINI ALIMENTE SHPK'
    drin=$(customer_id sales Drini)
    run sales contact add "$drin" 'Ilir Drini' --function decider --phone '+355 69 123 4567'
    run sales deal log "$offer" --kind call --at dje --outcome reached --text 'Foli Ilir: buxheti është, vendos pronari.' \
        --next 'Dërgo ofertën' --due nesër
    run sales deal tag "$offer" intent=high
    run sales deal due --days 7
    shows 'Linja e paketimit'

    say "Wednesday: for a customer who hesitates the manager has written down what works; it is suggested, and used."
    printf 'Merrni me vete një klient që e ka blerë vitin e kaluar.\n' >"$SCRATCH/referenca.md"
    run manager play write reference --kind play --title 'Një klient që flet për ne' --type hesitant --stage contacted \
        --file "$SCRATCH/referenca.md"
    run sales deal tag "$offer" customer_type=hesitant
    run sales deal move "$offer" contacted
    run sales play suggest "$offer"
    shows reference
    run sales deal log "$offer" --kind visit --play reference --outcome positive --text 'Vizitë te një klient i yni në Shkodër.' \
        --next 'Dërgo ofertën' --due nesër
    run sales todo
    shows 'Dërgo ofertën'

    say "Thursday: the offer that was promised goes out. The manager wants an amount before a deal goes on; the refusal says what is missing."
    run sales deal next-done "$offer" --text 'Oferta u dërgua, 12 faqe.' --outcome positive --next 'Pyet si u duket oferta' --due pasnesër
    run sales deal move "$offer" quoted
    run admin stage update contacted --requires amount
    run sales deal move "$(deal_id sales 'Ftohje')" contacted
    must_fail 19 sales deal move "$(deal_id sales 'Ftohje')" quoted
    run sales deal update "$(deal_id sales 'Ftohje')" --amount '18 mijë' --currency EUR
    run sales deal move "$(deal_id sales 'Ftohje')" quoted

    say "Friday, in Chinese: the manager sees what waits, and what the week came to."
    speak zh_CN
    run manager deal due --team --days 7
    shows 'Pyet si'
    run manager deal log-list --team --since 周一
    shows '完成下一步'
    run manager deal show "$offer"
    run manager comment add "deal/$offer" --text '报价之后三天内回访，我可以一起去。'
    run manager deal list --owner arben.hoxha@acme.example
    shows 'Linja e paketimit'
    run manager customer show "$drin"
    shows '决策人'
    terminal=
    unset LC_ALL LANGUAGE
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

customers() {
    local port
    say "A customer is found however the name is written; somebody is responsible for each, and it has people."
    port=$(customer_id sales 深圳港务)
    run sales deal create '盐田冷库' --customer '深圳市港務集團有限公司'
    shows '深圳港务集团'
    must_fail 16 manager customer create '深圳港务集团有限公司'
    run sales customer create 'Illyria Sh.p.k.' --registration-no L12345678A --registration-country AL --tag intent=medium
    must_fail 16 manager customer create 'ILLYRIA SHPK'
    run sales contact add "$port" '刘工' --title '采购总监' --function budget --phone 13800138000
    run sales customer show "$port"
    shows 刘工
    run manager customer list --tag intent=medium
    shows Illyria
    say "The vendor sees the customer of the deal that is shared with it, and no other."
    run beta-lei customer list
    shows 深圳港务集团
    say "What was written as two is made one, and nothing is lost: two names with one number in the register are one company."
    run sales customer create 'Iliria Ndërtim' --registration-no 'L 12345678 A' --phone '+355 4 222 3333'
    run manager customer duplicates
    shows Illyria
    run manager customer merge "$(customer_id sales 'Iliria Nd')" "$(customer_id sales Illyria)" --reason '注册号相同，是同一家公司' --yes
    shows 'Illyria Sh.p.k.'
    shows '+355 4 222 3333'
}

registrations() {
    local lead
    say "A vendor brings a lead: the first who registers a customer is protected. A rival learns until when, and nothing else."
    run operator company create delta --name '德尔塔代理' \
        --admin zhou.min@delta.example --admin-name '周敏' --admin-password-file "$(password_file delta-admin)"
    login delta-admin zhou.min@delta.example
    run admin partner invite delta
    run delta-admin partner accept acme
    run beta-lei registration check --customer '南山机场' --to acme
    shows free
    run beta-lei deal register '南山机场安检线' --customer '南山机场有限公司' --to acme --amount 80万 --currency CNY --contact '刘工'
    must_fail 16 delta-admin deal register '安检线改造' --customer '南山機場' --to acme
    shows 'registered by another until'
    [[ $output != *beta* ]] || broken "a rival was told whose it is"
    run delta-admin registration check --customer '南山机场' --to acme
    shows taken

    say "The manager approves it; it is a deal of acme's in the same call, shared with the vendor who brought it."
    run manager todo
    shows 南山机场安检线
    lead=$("$JIAYI" --profile manager -o json registration list --state pending | jq -er '.registrations[0].id')
    run manager registration approve "$lead" --owner arben.hoxha@acme.example
    shows approved
    run beta-lei deal list
    shows 南山机场安检线
    run manager registration extend "$lead" --days 30 --reason '客户推迟招标'
}

cases() {
    local complaint conflict
    say "A customer complains: somebody handles it by a day that follows from how severe it is, and says what was done."
    run sales complaint open --customer '深圳港务集团' --severity 2 --text '扫描仪一周停机两次。'
    complaint=$("$JIAYI" --profile manager -o json case list --kind complaint | jq -er '.cases[0].id')
    run manager case assign "$complaint" arben.hoxha@acme.example
    run sales case handle "$complaint" --text 'U ndërrua furnizimi me energji.' --force
    run sales case close "$complaint" --score 9 --force
    run manager case show "$complaint"
    shows closed

    say "Two vendors want the same customer. Neither learns who the other is; the admin hears both, and decides."
    run delta-admin conflict open --to acme --text '南山机场我们跟了半年。'
    conflict=$("$JIAYI" --profile admin -o json case list --kind conflict | jq -er '.cases[0].id')
    run admin case assign "$conflict" --with beta
    run beta-admin case answer "$conflict" --text '我们先报备，有客户来函。'
    run delta-admin case show "$conflict"
    [[ $output != *beta* ]] || broken "one vendor learned who the other is"
    run admin case handle "$conflict" --state mediation --text '双方材料收到。' --force
    run admin case decide "$conflict" --decision '客户归先报备的一方。' --force --yes
    run delta-admin case show "$conflict"
    shows '客户归先报备的一方'
}

# looked_at PROFILE CONTRACT: each point of the review is answered.
looked_at() {
    local point
    for point in clear:条款清楚，无歧义。 fair:双方权责对等。 reasonable:指标做得到。 legal:法务看过，可以签。; do
        typed --profile "$1" contract review "$2" "${point%%:*}" --text "${point#*:}"
        "$JIAYI" --profile "$1" contract review "$2" "${point%%:*}" --text "${point#*:}" >/dev/null || broken "no review"
        steps=$((steps + 1))
    done
}

contracts() {
    local contract sum duty payment
    say "The framework is enough to begin with. Where money is to flow, the two sign a contract, in Chinese: first it is drafted, and looked at."
    speak zh_CN
    terminal=80
    printf '甲乙双方就华南地区的代理事宜，约定如下。\n' >"$SCRATCH/合同.md"
    cat >"$SCRATCH/条款.json" <<'END'
{
  "clauses": [
    {"kind": "right", "side": "vendor", "text": "乙方在华南地区代理甲方的自动化产品。"},
    {"kind": "breach", "side": "vendor", "text": "乙方逾期交付的，按日计违约金。",
     "penalty_percent": 0.5, "cap_percent": 10, "cure_days": 5}
  ],
  "duties": [
    {"title": "提交华南推广方案", "side": "vendor", "due": "2027-01-29", "standard": "不少于五页，附预算。"}
  ],
  "payments": [
    {"payer": "principal", "amount": 50000, "currency": "CNY", "after_duty": 1, "days": 0}
  ],
  "notice_days": 30
}
END
    run admin contract draft beta --title '华南代理合同' --no HN-2026-01 --file "$SCRATCH/合同.md" --terms "$SCRATCH/条款.json" --to 2027-12-31
    contract=$("$JIAYI" --profile admin -o json contract list --with beta --state draft | jq -er '.contracts[0].id')
    must_fail 19 admin contract propose "$contract"
    looked_at admin "$contract"
    run admin contract propose "$contract"
    looked_at beta-admin "$contract"

    say "Both read one text, whose hash each of them names in signing; the second signature puts it in force, in the framework's place."
    run beta-admin contract show "$contract"
    shows '提交华南推广方案'
    sum=$("$JIAYI" --profile beta-admin -o json contract show "$contract" | jq -er .sha256)
    run admin contract sign "$contract" --sha256 "$sum"
    run beta-admin contract sign "$contract" --sha256 "$sum"
    run admin contract list
    shows '华南代理合同'
    run beta-lei deal show "$port"

    say "The vendor delivers what it owes, the principal accepts it; that makes a payment due. Who pays says so, and who is paid says that it came."
    duty=$("$JIAYI" --profile beta-admin -o json task list --on "contract/$contract" | jq -er '.tasks[0].id')
    run beta-admin task deliver "$duty" --text '方案已上传，共八页。'
    run admin todo
    shows 提交华南推广方案
    run admin task show "$duty"
    run admin task accept "$duty" --text '预算清楚，同意。' --yes
    run admin payment list
    payment=$("$JIAYI" --profile admin -o json payment list "$contract" | jq -er '.payments[0].id')
    run admin todo
    run admin payment paid "$payment" --reference '招商银行 8832'
    run beta-admin todo
    run beta-admin payment confirm "$payment"
    run beta-admin payment show "$payment"
    run admin partner show beta
    terminal=
    unset LC_ALL LANGUAGE
}

leaving() {
    say "Nobody leaves with customers and deals: they are handed over, with a word, in one go."
    run admin customer assign "$(customer_id admin Illyria)" besa.kola@beta.example
    run admin member duties
    shows besa.kola@beta.example
    must_fail 19 admin member remove besa.kola@beta.example --yes
    run admin member handover besa.kola@beta.example wang.fang@acme.example --note '客户在等报价。' --dry-run
    run admin member remove besa.kola@beta.example --hand-to wang.fang@acme.example --note '客户在等报价。' --yes
    shows removed
    run manager customer list --owner me
    shows Illyria
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
    run auditor totp enable --password-file "$(password_file auditor)" -o json
    secret=$(jq -r .secret <<<"$output")
    run auditor totp confirm "$(otp "$secret")"
    run auditor audit list
    must_fail 26 auditor login --password-file "$(password_file auditor)"
}

story() {
    companies
    partnership
    deals
    customers
    registrations
    cases
    contracts
    pipeline
    reports
    tasks
    search
    kpis
    week
    roles
    audit
    identity
    tokens
    keys
    inbox
    second_factor
    leaving
    [ "$refused" -eq 23 ] || broken "$refused attempts were refused, it should have been 23"
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
