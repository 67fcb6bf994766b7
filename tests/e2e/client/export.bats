#!/usr/bin/env bats
# What a company has goes out, and comes in elsewhere as it was.

load ../helper

sample() {
    echo "$ROOT/tests/e2e/client/import/$1"
}

# What is in acme for the rest of this file: from files, and made by hand.
fill() {
    local deal
    "$JIAYI" --profile admin import deals "$(sample shangji.csv)" --source a
    "$JIAYI" --profile admin import deals "$(sample crm-deals.csv)" --source a --ignore
    "$JIAYI" --profile admin import deals "$(sample mundesi.csv)" --source a
    "$JIAYI" --profile admin import followups "$(sample genjin.csv)" --source a
    "$JIAYI" --profile admin import tasks "$(sample renwu.csv)" --source a
    "$JIAYI" --profile admin import kpi_records "$(sample zhibiao.csv)"
    "$JIAYI" --profile admin import rates "$(sample huilv.tsv)"
    printf '姓名,公司,手机,邮箱,角色,备注\n王总,盐田港股份有限公司,13800000000,w@x.test,decider,"=1+1 is ""his"" joke\nof two lines"\n' \
        >"$BATS_FILE_TMPDIR/people.csv"
    "$JIAYI" --profile admin import contacts "$BATS_FILE_TMPDIR/people.csv"
    printf '编号,商机名称,客户名称,联系人\nL1,有联系人的商机,盐田港股份有限公司,王总\n' >"$BATS_FILE_TMPDIR/spoken.csv"
    "$JIAYI" --profile admin import deals "$BATS_FILE_TMPDIR/spoken.csv" --source a
    printf '商机,跟进内容,联系人\nL1,王总要样品,王总\n' >"$BATS_FILE_TMPDIR/said.csv"
    "$JIAYI" --profile admin import followups "$BATS_FILE_TMPDIR/said.csv" --source a
    deal=$("$JIAYI" --profile sales -o json deal create "'=lost; \"and\" gone" --customer '@home' --amount 5 --currency EUR | jq -r .id)
    "$JIAYI" --profile sales deal log "$deal" --kind visit --text $'-3 apples\n\nand "more"' --next 'Call' --due 2026-12-01 --internal
    "$JIAYI" --profile sales deal move "$deal" lost --reason ' -too much' --lost-reason price --yes
    "$JIAYI" --profile sales deal create 'Shared by a principal' --customer C --vendor beta
}

# For eventually: the export is made.
made() {
    [ "$("$JIAYI" --profile admin -o json export show "$1" | jq -r .state)" = done ]
}

setup_file() {
    world_open
    fill >&2
}

@test "export: what was exported comes in elsewhere, and goes out again as it was, byte for byte" {
    local kind dir=$BATS_TEST_TMPDIR/out person
    as admin export "$dir"
    ok
    [ "$output" = "$dir" ] || complain 'it does not say where'
    # Who asked is told, and nobody else.
    told() { json admin inbox list --unread && jq -e '[.items[] | .kind + " " + .on] | any(startswith("export.done member/"))' <<<"$output" >/dev/null; }
    eventually told
    [ "$(sql "SELECT count(*) FROM jiayi.inbox WHERE kind = 'export.done'")" = 1 ] || complain 'others are told'
    # Into a company that has nothing but the people, and the vendor. Addresses are of another domain there.
    mkdir "$dir.moved"
    for kind in "$dir"/*.csv "$dir"/*.json; do
        sed 's/acme\.example/gamma.example/g' "$kind" >"$dir.moved/${kind##*/}"
    done
    for person in manager junior; do
        as gamma-admin member add "$person@gamma.example" --name "$person" --role salesperson --password-file "$(password_file "$person")"
        ok
    done
    as gamma-admin partner invite beta
    ok
    as beta-admin partner accept gamma
    ok
    while read -r kind; do
        json gamma-admin import "$kind" "$dir.moved/$kind.csv" --source jiayi
        is '[.failed, .skipped, .applied == .total] | map(tostring) | join(" ")' '0 0 true'
        # The JSON is the same rows.
        json gamma-admin import "$kind" "$dir.moved/$kind.json" --source jiayi
        is '[.failed, .applied, .skipped == .total] | map(tostring) | join(" ")' '0 0 true'
    done < <(jq -r '.import[]' "$dir/manifest.json")
    as gamma-admin export "$dir.again"
    ok
    for kind in customers contacts deals followups tasks kpi_records rates; do
        cmp "$dir.moved/$kind.csv" "$dir.again/$kind.csv" || complain "$kind.csv differs"
        cmp "$dir.moved/$kind.json" "$dir.again/$kind.json" || complain "$kind.json differs"
        [ "$(jq length "$dir.again/$kind.json")" -gt 0 ] || complain "$kind is empty"
    done
    for kind in deals followups; do
        [ "$(jq '[.[] | select(.contact)] | length' "$dir.again/$kind.json")" = 1 ] || complain "the contact of $kind is lost"
    done
    # What came out of here is known here.
    json admin import deals "$dir/deals.csv" --source jiayi
    is '[.applied, .failed] | map(tostring) | join(" ")' '0 0'
}

@test "export: every table for reading, by names and not by numbers; the manifest has each file's SHA-256" {
    local dir=$BATS_TEST_TMPDIR/out deal
    deal=$(new_deal sales)
    head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/报价 \"2\".bin"
    as sales file put "deal/$deal" "$BATS_TEST_TMPDIR/报价 \"2\".bin"
    ok
    as beta-admin deal log "$(new_deal sales --vendor beta)" --kind note --text 'Beta keeps this' --internal
    ok
    as admin export "$dir"
    ok
    jq -r '.files[] | "\(.sha256)  \(.file)"' "$dir/manifest.json" | (cd "$dir" && sha256sum --quiet -c) || complain 'the manifest has other sums'
    [ "$(cd "$dir" && find . -type f ! -name manifest.json | wc -l)" = "$(jq '.files | length' "$dir/manifest.json")" ] || complain 'files are missing'
    [ "$(jq -r '[.files[] | select(.kind)] | length' "$dir/manifest.json")" = 14 ] || complain 'kinds are missing'
    # What was put on things is there as it was put there.
    cmp "$BATS_TEST_TMPDIR/报价 \"2\".bin" "$dir"/files/*/报价*.bin || complain 'the file is not in it'
    [ "$(jq -r '.company, (.import | join(" "))' "$dir/manifest.json")" = \
        $'acme\ncustomers contacts deals followups tasks kpi_records rates' ] || complain 'the manifest is another'
    [ ! -e "$dir.part" ] || complain 'the part is left'
    # What can be imported has keys, and no numbers; what is for reading has people by their addresses.
    ! grep -q '"id"\|deal/' "$dir"/*.json || complain 'numbers'
    jq -e --arg d "$deal" '.[] | select(.id == ($d | tonumber)) | .owner == "sales@acme.example" and .company == "acme"' "$dir/tables/deal.json" ||
        complain 'the deal is not in it'
    # Each row of CSV has as many cells as there are columns, and there are as many as JSON has.
    python3 - "$dir" <<'END' || complain 'CSV and JSON differ'
import csv, glob, json, sys
for name in glob.glob(sys.argv[1] + '/**/*.csv', recursive=True):
    rows = list(csv.reader(open(name, newline='')))
    assert len({len(r) for r in rows}) == 1 and len(rows) - 1 == len(json.load(open(name[:-3] + 'json'))), name
END
    # What stays behind, and why; nothing of a password anywhere.
    [ "$(jq -r '.[] | select(.name == "credential") | .reason' "$dir/tables/left_out.json")" = 'secret: passwords' ] || complain 'left_out'
    ! grep -rq 'argon2id\|Beta keeps this' "$dir" || complain 'something is in it that is not acme'"'"'s'
    run grep -hE '(^|,)"?[=@]' "$dir"/*.csv "$dir"/tables/*.csv
    [ -z "$output" ] || complain 'a formula'
    [ "$(jq -r '.[] | select(.title == "'"'"'=lost; \"and\" gone") | .reason' "$dir/deals.json")" = ' -too much' ] || complain reason
    # The principal's deals are not the vendor's; what its people wrote on them is.
    as beta-admin export "$BATS_TEST_TMPDIR/vendor"
    ok
    ! grep -rq 'Shared by' "$BATS_TEST_TMPDIR"/vendor || complain 'the vendor has it'
    grep -q 'Beta keeps this' "$BATS_TEST_TMPDIR/vendor/tables/activity.json" || complain 'its own words are missing'
    [ "$(jq length "$BATS_TEST_TMPDIR/vendor/deals.json")" = 0 ] || complain 'deals'
}

@test "export: the folder is there whole or not at all; what was cut off is gone on with" {
    local dir=$BATS_TEST_TMPDIR/out part=$BATS_TEST_TMPDIR/out.part id
    as admin export "$dir/"
    ok
    id=$(jq -r .export "$dir/manifest.json")
    cp -r "$dir" "$dir.whole"
    refused $LOCAL 'is there already' admin export "$dir"
    # As if it had been cut off in the middle: the same export is gone on with.
    mv "$dir" "$part"
    rm "$part/manifest.json" "$part/customers.json" "$part/tables/deal.csv"
    echo half >"$part/customers.json.part"
    echo "$id" >"$part/.jiayi-export"
    as sales deal create 'Not in it' --customer C
    ok
    as admin export "$dir"
    ok
    rm -f "$dir"/*.part
    diff -r "$dir" "$dir.whole" || complain 'it differs'
    # Where the server has that one no more, another is made.
    mv "$dir" "$part"
    echo 999999 >"$part/.jiayi-export"
    echo old >"$part/tables/gone.csv"
    mkdir -p "$part/files/999"
    echo old >"$part/files/999/gone.bin"
    as admin export "$dir"
    ok
    [ ! -e "$dir/tables/gone.csv" ] && [ ! -e "$dir/files/999" ] || complain 'what was old is left'
    grep -q 'Not in it' "$dir/deals.csv" || complain 'it is the old one'
    refused $LOCAL 'cannot write' admin export /proc/none
    as admin export list
    ok
    says done
    as admin export show "$id"
    ok
    says customers
}

@test "export: a full disk is said, and nothing is taken for whole" {
    local dir=$BATS_TEST_TMPDIR/disk
    mkdir "$dir"
    mount -t tmpfs -o size=64k tmpfs "$dir" 2>/dev/null || skip 'nothing can be mounted here'
    as admin export "$dir/out"
    [ ! -e "$dir/out" ] || complain 'there is a folder'
    umount -l "$dir"
    was_refused $LOCAL 'No space left on device'
}

@test "export: denied without data.export, and to who does not see all; other companies' are not found" {
    local id
    refused $PERMISSION_DENIED data.export sales export "$BATS_TEST_TMPDIR/out"
    refused $PERMISSION_DENIED data.export operator export "$BATS_TEST_TMPDIR/out"
    [ ! -e "$BATS_TEST_TMPDIR/out.part" ] || complain 'something is left'
    as admin role create exporter --grant data.export:company --grant deal.read:own
    ok
    as admin member add exporter@acme.example --name Exporter --role exporter --password-file "$(password_file exporter)"
    ok
    as exporter login --server "$SERVER" --ca "$CA" --user exporter@acme.example --password-file "$(password_file exporter)"
    ok
    refused $PERMISSION_DENIED 'for the whole company' exporter export "$BATS_TEST_TMPDIR/out"
    api admin ExportService/StartExport '{}'
    id=$(jq -r .id <<<"$output")
    as gamma-admin -o json api call ExportService/GetExport "{\"export_id\": \"$id\"}"
    was_refused $NOT_FOUND
    eventually made "$id"
    as gamma-admin -o json api call ExportService/GetExportPiece "{\"export_id\": \"$id\", \"no\": 3, \"seq\": 0}"
    was_refused $NOT_FOUND
    as beta-admin -o json api call ExportService/GetExportPiece "{\"export_id\": \"$id\", \"no\": 3, \"seq\": 0}"
    was_refused $NOT_FOUND
    api admin ExportService/GetExportPiece "{\"export_id\": \"$id\", \"no\": 3, \"seq\": 0}"
    says sales@acme.example
    as admin -o json api call ExportService/GetExportPiece "{\"export_id\": \"$id\", \"no\": 3, \"seq\": 999}"
    was_refused $NOT_FOUND
    as admin -o json api call ExportService/GetExportPiece "{\"export_id\": \"$id\", \"no\": 0, \"seq\": 0}"
    was_refused $INVALID_ARGUMENT no
    as admin -o json api call ExportService/GetExport '{}'
    was_refused $INVALID_ARGUMENT export_id
    api gamma-admin ExportService/ListExports '{}'
    lacks "\"id\": \"$id\""
}

@test "list exports: in pages; one that is not fetched is there for a day, the last two of a company" {
    local id token
    for _ in 1 2 3; do
        api admin ExportService/StartExport '{}'
        id=$(jq -r .id <<<"$output")
        eventually made "$id"
    done
    api admin ExportService/ListExports '{"page_size": 2}'
    is '[.exports[].state] | join(" ")' 'done done'
    token=$(jq -r .next_page_token <<<"$output")
    api admin ExportService/ListExports "{\"page_size\": 2, \"page_token\": \"$token\"}"
    is '.exports[0].state' expired
    api admin ExportService/GetExport "{\"export_id\": \"$id\"}"
    is '.files | length > 50' true
    is '[.files[] | select(.kind).kind] | join(" ")' 'customers contacts deals followups tasks kpi_records rates'
    sql "UPDATE jiayi.export SET expires_at = now() - interval '1 second' WHERE id = $id;
        SELECT jiayi.job_housekeeping(NULL, now())"
    api admin ExportService/GetExport "{\"export_id\": \"$id\"}"
    is .state expired
}
