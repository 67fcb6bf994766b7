#!/usr/bin/env bats
# Searching: in everything that one sees, and nothing else; acme's vendors beta and gamma.

load ../helper

setup_file() {
    world_open
    as admin partner invite gamma
    ok
    as gamma-admin partner accept acme
    ok
}

# What PROFILE finds: the references, the newest first.
found() { # PROFILE TEXT [ARG…]
    "$JIAYI" --profile "$1" -o json search "${@:2}" | jq -r '[.found // [] | .[].ref] | join(" ")'
}

nothing_waits() {
    [ "$(sql 'SELECT count(*) FROM jiayi.search_todo')" = 0 ]
}

# All that was written is where searches look.
indexed() {
    eventually nothing_waits
}

# finds WHAT PROFILE TEXT [ARG…]: at once, and as well when it is in the index.
finds() {
    local want=$1 got i
    shift
    for i in waiting indexed; do
        got=$(found "$@")
        [ "$got" = "$want" ] || {
            echo "$i: $*: found '$got', not '$want'"
            return 1
        }
        indexed
    done
}

log() { # PROFILE DEAL TEXT [ARG…]: the follow-up's number
    "$JIAYI" --profile "$1" -o json deal log "$2" --kind note --text "${@:3}" | jq -er .id
}

@test "search: deals, customers, follow-ups, comments, tasks, reports, files and partners by their words, the newest first" {
    local deal log comment task report file
    deal=$("$JIAYI" --profile sales -o json deal create '盐田港口自动化' --customer '深圳港务集团' | jq -er .id)
    log=$(log sales "$deal" '客户想看港口的演示' --next '准备演示')
    comment=$("$JIAYI" --profile sales -o json comment add "deal/$deal" --text '对手也在谈港口项目' | jq -er .id)
    task=$("$JIAYI" --profile sales -o json task create '港口方案' --on "deal/$deal" | jq -er .id)
    echo '本周走访了港口。' >"$HERE/weekly"
    report=$("$JIAYI" --profile sales -o json report submit --kind weekly --period 2026-W47 --to acme --title '周报' \
        --file "$HERE/weekly" | jq -er .id)
    echo x >"$HERE/港口报价.txt"
    as sales file put "deal/$deal" "$HERE/港口报价.txt"
    ok
    file=$(sql "SELECT max(id) FROM jiayi.file")
    finds "file/$file report/$report task/$task comment/$comment activity/$log deal/$deal" sales 港口
    finds "activity/$log deal/$deal" sales 港口 --in deal --in activity
    finds "activity/$log" sales '港口 演示'
    finds "deal/$deal" sales '港务 盐田'
    [ "$(found sales 港务 --in customer)" = "customer/$(sql "SELECT max(id) FROM jiayi.customer")" ]
    [[ $(found sales beta --in partner) = partner/* ]]
    [[ $(found beta-admin acme --in partner) = partner/* ]]
    finds '' gamma-sales 港口
    json sales search 港口 --in activity
    is '.found[0] | "\(.on) \(.text) \(.match) \(.company)"' "deal/$deal 客户想看港口的演示 准备演示 港口 acme"
}

@test "search: case, width, accents, ß and traditional characters make no difference" {
    local a b c
    a=$("$JIAYI" --profile sales -o json deal create 'Ëndrra e Çmendur' --customer 'Straße 7' | jq -er .id)
    b=$("$JIAYI" --profile sales -o json deal create '臺灣機器人' --customer 'ＡＢＣ有限公司' | jq -er .id)
    c=$("$JIAYI" --profile sales -o json deal create '台湾机器' --customer 'B端 AI' | jq -er .id)
    local text
    for text in endrra ENDRRA 'ëndrra çmendur' strasse STRASSE stra 'ndrr'; do
        finds "deal/$a" sales "$text" --in deal
    done
    for text in 台湾机器人 臺灣機器人 ABC abc ａｂ; do
        finds "deal/$b" sales "$text" --in deal
    done
    finds "deal/$c deal/$b" sales 机器 --in deal
    finds "deal/$c" sales 'b端' --in deal
    finds "deal/$c" sales 'ai' --in deal
    finds "deal/$c deal/$b" sales '台' --in deal
    finds '' sales 人器 --in deal
    # One letter or two inside a word are in nearly everything.
    finds '' sales ｂｃ --in deal
    finds '' sales dr --in deal
}

@test "search: what is looked for has a letter or a digit, and is not too long" {
    refused $INVALID_ARGUMENT 'there is no letter and no digit in what you search for' sales search '…！%_'
    refused $INVALID_ARGUMENT 'there is no letter and no digit in what you search for' sales search '🙂'
    refused $INVALID_ARGUMENT 'TEXT: has 201 characters, at most 200 are allowed' sales search "$(printf '港%.0s' {1..201})"
    as sales search "$(printf '港%.0s' {1..200})"
    ok
    refused $INVALID_ARGUMENT '"rabbit" is none of: customer, contact, deal, ' sales search x --in rabbit
    refused $USAGE 'TEXT is missing' sales search
    local text
    for text in "' OR true --" '%' '.*' '\'; do
        "$JIAYI" --profile sales -o json search "$text" >"$HERE/out" 2>&1 || [ $? = $INVALID_ARGUMENT ]
        ! grep -q '"ref"' "$HERE/out"
    done
}

@test "search: a change of words, owner, customer or share is found so; a vendor finds what was shared while it was" {
    local deal a b c d
    deal=$("$JIAYI" --profile sales -o json deal create 'Zephyr lift' --customer 'Quokka' | jq -er .id)
    a=$(log sales "$deal" 'zephyr alone')
    finds "activity/$a deal/$deal" sales zephyr
    finds '' peer zephyr
    finds '' beta-vendor zephyr
    as sales deal update "$deal" --vendor beta
    ok
    b=$(log sales "$deal" 'zephyr to beta')
    c=$(log sales "$deal" 'zephyr floor' --internal)
    d=$(log beta-vendor "$deal" 'zephyr offer')
    e=$(log beta-vendor "$deal" 'zephyr margin' --internal)
    finds "activity/$d activity/$c activity/$b activity/$a deal/$deal" sales zephyr
    finds "activity/$d activity/$c activity/$b activity/$a deal/$deal" manager zephyr
    finds "activity/$e activity/$d activity/$b deal/$deal" beta-vendor zephyr
    finds '' gamma-admin zephyr
    as manager deal update "$deal" --vendor gamma
    ok
    finds "deal/$deal" gamma-admin zephyr
    finds "activity/$e activity/$d" beta-vendor zephyr
    as admin partner suspend gamma
    ok
    finds '' gamma-admin zephyr
    as admin partner resume gamma
    ok
    as admin deal assign "$deal" peer@acme.example
    ok
    as peer deal update "$deal" --title 'Yacht lift'
    ok
    finds '' sales zephyr
    finds '' sales yacht
    finds "deal/$deal" peer yacht
    finds "activity/$d activity/$c activity/$b activity/$a" peer zephyr
    finds "deal/$deal" gamma-admin yacht
    as admin participant add "deal/$deal" sales@acme.example --function helper
    ok
    finds "deal/$deal" sales yacht
    as admin participant remove "deal/$deal" sales@acme.example
    ok
    finds '' sales yacht
}

@test "search: pages go through all, once each" {
    for _ in 1 2 3 4 5; do
        new_deal sales --vendor beta >/dev/null
    done
    indexed
    "$JIAYI" --profile sales -o json search 'deal of sales' --in deal --page-size 2 --all | jq -r '.found[].ref' >"$HERE/pages"
    [ "$(sort -u "$HERE/pages" | wc -l)" = "$(wc -l <"$HERE/pages")" ]
    "$JIAYI" --profile sales -o json search 'deal of sales' --in deal | jq -r '.found[].ref' | cmp - "$HERE/pages"
}

@test "search: customers and their contacts; a vendor finds those of deals that are shared with it" {
    local deal customer contact
    customer=$("$JIAYI" --profile sales -o json customer create 'Wombat Logistics' | jq -er .id)
    contact=$("$JIAYI" --profile sales -o json contact add "$customer" 'Numbat Li' --email numbat@wombat.example | jq -er .id)
    finds "contact/$contact customer/$customer" sales wombat
    finds "contact/$contact customer/$customer" manager wombat
    finds '' beta-vendor wombat
    deal=$("$JIAYI" --profile sales -o json deal create Cranes --customer 'Wombat Logistics' --vendor beta | jq -er .id)
    indexed
    finds "deal/$deal contact/$contact customer/$customer" beta-vendor wombat
    finds "contact/$contact" beta-vendor numbat
    finds '' gamma-admin wombat
    as sales deal update "$deal" --no-vendor
    ok
    finds '' beta-vendor wombat
    as sales customer update "$customer" --name 'Bilby Logistics'
    ok
    indexed
    finds "deal/$deal customer/$customer" sales bilby
}

@test "search: plays, by title and text; a vendor finds those that are shared with partners" {
    local own shared
    echo 'Ask who signs, and walk the wallaby pier.' >"$HERE/play"
    as admin play write pier --title 'Dunnart walk' --file "$HERE/play"
    ok
    own=playbook/$(sql "SELECT id FROM jiayi.playbook WHERE code = 'pier'")
    as admin play write wallaby-call --title '沙袋鼠的电话' --file "$HERE/play" --shared
    ok
    shared=playbook/$(sql "SELECT id FROM jiayi.playbook WHERE code = 'wallaby-call'")
    finds "$shared $own" sales wallaby --in playbook
    finds "$shared $own" admin wallaby
    finds "$shared" sales 袋鼠
    finds "$shared" beta-vendor wallaby
    finds "$shared" beta-vendor 沙袋鼠 --in playbook
    finds "$own" manager dunnart
    finds '' beta-vendor dunnart
    as admin play write wallaby-call --title '沙袋鼠的拜访' --own --version 1
    ok
    finds "$shared" sales 鼠的拜访
    finds '' beta-vendor wallaby
    json sales search 鼠的拜访
    is '.found[0] | "\(.on) \(.match) \(.company)"' 'null 鼠的拜访 acme'
}
