#!/usr/bin/env bats
# What partners have with each other on a terminal of 80 columns, in three languages: nothing is wider, and what it is looked
# at for is there.

load ../helper
load ../contracts

# narrow PROFILE WORDS…: as LANGUAGE, on 80 columns, each of which a line keeps to: a Chinese character takes two.
narrow() {
    local line
    terminal 80 "$LANGUAGE_HERE.UTF-8" "$@"
    output=$(sed 's/\x1b\[[0-9;]*m//g' <<<"$output")
    while IFS= read -r line; do
        [ "$(LC_ALL=C.UTF-8 wc -L <<<"$line")" -le 80 ] || complain "$LANGUAGE_HERE $2 $3: too wide: $line"
    done <<<"$output"
}

# Everything that is listed is of one vendor, whose names are long.
setup_file() {
    local contract lead
    world_open
    # shellcheck disable=SC2034
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    partner sierra
    contract=$("$JIAYI" --profile admin -o json contract draft sierra --title '华南地区独家代理合同及售后服务补充约定' --no HN-2026-01 \
        --to 2031-12-31 --file "$(prose)" --terms "$(terms '{"notice_days": 30,
            "clauses": [{"kind": "breach", "side": "vendor", "text": "Late delivery.", "penalty_percent": 0.5, "cure_days": 5}],
            "duties": [{"title": "华南地区推广方案及预算说明（第一季度）", "side": "vendor", "due": "2031-01-31", "standard": "Ten pages."}],
            "payments": [{"title": "首期款", "payer": "principal", "amount": 1250000.50, "currency": "CNY", "due": "2026-01-31"},
                {"title": "保证金", "payer": "vendor", "amount": 98765432.10, "currency": "EUR", "due": "2026-02-28"}]}')" | jq -er .id)
    propose admin "$contract" >&2
    both "$contract" sierra >&2
    echo "$contract" >"$BATS_FILE_TMPDIR/contract"
    sql 'SELECT jiayi.job_payments(0, now())'
    "$JIAYI" --profile admin tier define registered --name '注册合作伙伴（华南）' --position 1
    "$JIAYI" --profile admin tier define gold --name 'Partner i artë' --position 2
    "$JIAYI" --profile admin tier rule gold won_amount --over quarter --at-least 1000000 --currency CNY
    "$JIAYI" --profile admin tier set sierra registered --reason 'It has only begun.'
    lead=$("$JIAYI" --profile sierra -o json deal register '南山机场安检线改造二期' --customer '深圳市南山机场建设发展有限公司' --to acme \
        --amount 800000 --currency CNY | jq -r .id)
    echo "$lead" >"$BATS_FILE_TMPDIR/lead"
    "$JIAYI" --profile sierra -o json dispute open "$contract" --text '首期款逾期未付，影响进场。' | jq -r .id >"$BATS_FILE_TMPDIR/case"
}

@test "partners at 80 columns: contracts, payments, registrations, cases, tiers read well in three languages" {
    local contract lead case said
    contract=$(<"$BATS_FILE_TMPDIR/contract") lead=$(<"$BATS_FILE_TMPDIR/lead") case=$(<"$BATS_FILE_TMPDIR/case")
    # language, the state of a contract, of a payment, of a registration, of a case, what of a payment is to be done
    for said in 'C|active|due|pending|opened|payment' 'zh_CN|生效|待付款|待审|已提出|待付款' "sq_AL|aktiv|për t'u paguar|në pritje|hapur|për t'u paguar"; do
        IFS='|' read -r LANGUAGE_HERE active unpaid pending opened todo <<<"$said"
        narrow admin partner list
        says sierra
        says "$active"
        narrow admin partner show sierra
        says '华南地区独家代理合同'
        says "$opened"
        narrow admin contract list
        says '华南地区独家代理合同'
        says "$active"
        narrow admin contract show "$contract"
        says '98765432.10 EUR'
        says "$unpaid"
        narrow sierra contract history "$contract"
        narrow sierra contract clauses "$contract"
        narrow admin payment list
        says '1250000.50 CNY'
        says '98765432.10 EUR'
        says "$unpaid"
        narrow admin payment show 1
        says "$unpaid"
        narrow admin task list --on "contract/$contract"
        says '华南地区推广'
        narrow admin registration list
        says '南山机场'
        says "$pending"
        narrow sierra registration show "$lead"
        says '深圳市南山机场建设发展有限公司'
        narrow admin case list
        says "$opened"
        narrow admin case show "$case"
        says '首期款逾期未付，影响进场。'
        narrow admin tier list
        says '注册合作伙伴'
        narrow admin tier due
        says sierra
        narrow admin todo
        says "$todo"
        says '1250000.50 CNY'
    done
}
