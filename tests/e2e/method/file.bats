#!/usr/bin/env bats
# Files: put on anything that takes them, in chunks, for whom, and fetched again.

load ../helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# some BYTES NAME: a file that no other test has.
some() {
    head -c "$1" /dev/urandom >"$2"
}

# raw PROFILE METHOD JSON: a call of FileService whose refusal is to be looked at; the request comes on standard input, for
# a chunk is longer than a command line may be.
raw() {
    printf '%s' "$3" >request
    run --separate-stderr bash -c "'$JIAYI' --profile $1 -o json api call FileService/$2 - <request"
}

# begun PROFILE FILE REF: the number of an upload of the file that has no chunk yet.
begun() {
    raw "$1" CreateFile "{\"on\": \"$3\", \"name\": \"$2\", \"bytes\": \"$(stat -c %s "$2")\",
        \"sha256\": \"$(sha256sum <"$2" | cut -d' ' -f1)\"}"
    ok
    id=$(jq -r .id <<<"$output")
}

# chunk PROFILE ID SEQ FILE
chunk() {
    raw "$1" PutChunk "{\"file_id\": \"$2\", \"seq\": $3, \"data\": \"$(base64 -w0 <"$4")\"}"
}

@test "file put: comes back as it was, whatever its length; listed, shown, in the log" {
    local deal bytes id
    deal=$(new_deal sales)
    for bytes in 1 262143 262144 262145 1000000; do
        some $bytes "f $bytes.bin"
        json sales file put "deal/$deal" "f $bytes.bin"
        is '[.name, .bytes, .state, .chunks, .sha256] | join(",")' \
            "f $bytes.bin,$bytes,complete,$(((bytes + 262143) / 262144)),$(sha256sum <"f $bytes.bin" | cut -d' ' -f1)"
        [ -z "$stderr" ] || complain "a bar where there is no terminal"
        id=$(jq -r .id <<<"$output")
        as manager file get "$id" "got $bytes"
        ok
        [ "$output" = "got $bytes" ] && [ -z "$stderr" ] || complain "says more than where it is"
        cmp "f $bytes.bin" "got $bytes"
        "$JIAYI" --profile sales file get "$id" - | cmp - "f $bytes.bin"
    done
    json sales file list "deal/$deal"
    is '[.files[].bytes] | join(",")' 1000000,262145,262144,262143,1
    is '[.files[].member] | unique | join(",")' sales@acme.example
    json sales file show "$id"
    is .on "deal/$deal"
    json admin audit list --object file --id "$id"
    is '[.entries[].action] | join(",")' update,insert
    [ "$(sql "SELECT count(*) FROM jiayi.call_record WHERE length(answer::text) > 100 AND method LIKE 'FileService/%'")" = 0 ] ||
        complain "kept answers hold more than a number"
    [ -z "$(find . -maxdepth 1 -name '.jiayi*')" ] || complain "something unfinished is left"
}

@test "file put: 10 MiB go, a byte more does not, and an empty file neither" {
    local deal
    deal=$(new_deal sales)
    some 10485760 large
    json sales file put "deal/$deal" large --name 'Offer 10.pdf' --internal
    is '[.name, .bytes, .chunks, .internal] | join(",")' 'Offer 10.pdf,10485760,40,true'
    as sales file get "$(jq -r .id <<<"$output")"
    ok
    cmp large 'Offer 10.pdf'
    echo >>large
    refused $INVALID_ARGUMENT 'must be at most 10485760' sales file put "deal/$deal" large
    : >empty
    refused $LOCAL 'empty is empty' sales file put "deal/$deal" empty
    mkfifo pipe
    refused $LOCAL 'pipe is not a regular file' sales file put "deal/$deal" pipe
    refused $LOCAL 'cannot read absent' sales file put "deal/$deal" absent
}

@test "file put: once is enough; what changed is another file" {
    local deal id
    deal=$(new_deal sales)
    some 3000 f
    json sales file put "deal/$deal" f
    id=$(jq -r .id <<<"$output")
    json sales file put "deal/$deal" f
    is .id "$id"
    json sales file put "deal/$deal" f --name g
    json sales file put "deal/$deal" f --internal
    json manager file put "deal/$deal" f
    echo >>f
    json sales file put "deal/$deal" f
    json sales file list "deal/$deal"
    is '[.files[].id] | unique | length' 5
}

@test "file put: not on what one does not see or what takes none; names are those of files in a folder" {
    local deal name
    deal=$(new_deal sales)
    some 10 f
    refused $NOT_FOUND "there is no deal/$deal that you can see" gamma-admin file put "deal/$deal" f
    refused $NOT_FOUND "there is no deal/999999999 that you can see" sales file put deal/999999999 f
    refused $INVALID_ARGUMENT 'there is no such kind of thing' sales file put rabbit/1 f
    refused $INVALID_ARGUMENT 'kind of thing and its number' sales file put "deal" f
    refused $INVALID_ARGUMENT 'no file can be put on member/' sales file put "member/$(sql "SELECT id FROM jiayi.member WHERE email = 'sales@acme.example'")" f
    refused $PERMISSION_DENIED file.add auditor file put "deal/$deal" f
    refused $INVALID_ARGUMENT 'internal' sales file put "deal/$deal" f --internal --shared
    for name in . .. ../f a/b /etc/passwd $'a\nb' $'a\eb' ''; do
        refused $INVALID_ARGUMENT name sales file put "deal/$deal" f --name "$name"
    done
    refused $INVALID_ARGUMENT 'cannot be seen, U+202E' sales file put "deal/$deal" f --name $'a\u202efdp.exe'
    refused $INVALID_ARGUMENT '300 bytes' sales file put "deal/$deal" f --name "$(printf '长%.0s' {1..100})"
    refused $INVALID_ARGUMENT 'at most 200' sales file put "deal/$deal" f --name "$(printf 'x%.0s' {1..201})"
    json sales file list "deal/$deal"
    is '.files | length' 0
    refused $NOT_FOUND "there is no deal/$deal" gamma-admin file list "deal/$deal"
    refused $NOT_FOUND 'there is no file 999999999 that you can see' sales file show 999999999
    refused $NOT_FOUND 'there is no file 999999999 that you can see' sales file get 999999999
}

@test "file put: each field of its calls is checked" {
    local deal
    deal=$(new_deal sales)
    some 300000 f
    bad() { # TEXT METHOD JSON
        raw sales "$2" "$3"
        was_refused $INVALID_ARGUMENT "$1"
    }
    local sha good='"name": "f", "bytes": "300000"'
    sha=$(sha256sum <f | cut -d' ' -f1)
    bad on CreateFile "{$good, \"sha256\": \"$sha\"}"
    bad name CreateFile "{\"on\": \"deal/$deal\", \"bytes\": \"1\", \"sha256\": \"$sha\"}"
    bad bytes CreateFile "{\"on\": \"deal/$deal\", \"name\": \"f\", \"sha256\": \"$sha\"}"
    bad bytes CreateFile "{\"on\": \"deal/$deal\", \"name\": \"f\", \"bytes\": \"0\", \"sha256\": \"$sha\"}"
    bad sha256 CreateFile "{\"on\": \"deal/$deal\", $good}"
    bad 'at least 64' CreateFile "{\"on\": \"deal/$deal\", $good, \"sha256\": \"${sha:1}\"}"
    bad hexadecimal CreateFile "{\"on\": \"deal/$deal\", $good, \"sha256\": \"${sha/[0-9a-f]/X}\"}"
    begun sales f "deal/$deal"
    bad file_id PutChunk '{"seq": 0, "data": "AAAA"}'
    bad seq PutChunk "{\"file_id\": \"$id\", \"data\": \"AAAA\"}"
    bad data PutChunk "{\"file_id\": \"$id\", \"seq\": 0}"
    bad 'must be at most 39' PutChunk "{\"file_id\": \"$id\", \"seq\": 40, \"data\": \"AAAA\"}"
    bad 'there is no chunk 2' PutChunk "{\"file_id\": \"$id\", \"seq\": 2, \"data\": \"AAAA\"}"
    bad '262144 bytes, not 3' PutChunk "{\"file_id\": \"$id\", \"seq\": 0, \"data\": \"AAAA\"}"
    bad '37856 bytes, not 3' PutChunk "{\"file_id\": \"$id\", \"seq\": 1, \"data\": \"AAAA\"}"
    head -c 262145 f >chunk
    chunk sales "$id" 0 chunk
    was_refused $INVALID_ARGUMENT 'at most 262144'
    bad file_id CompleteFile '{}'
    bad file_id GetFile '{}'
    bad file_id GetChunk '{"seq": 0}'
    bad seq GetChunk "{\"file_id\": \"$id\", \"seq\": -1}"
}

@test "an upload: its author's alone until it is complete, in any order, each chunk as often as one likes; then it stays" {
    local deal
    deal=$(new_deal sales)
    some 600000 f
    split -b 262144 -d -a1 f part
    begun sales f "deal/$deal"
    is .next_chunk 0
    chunk sales "$id" 2 part2
    is .next_chunk 0
    chunk sales "$id" 0 part0
    is .next_chunk 1
    chunk sales "$id" 0 part0
    is .next_chunk 1
    raw sales CompleteFile "{\"file_id\": \"$id\"}"
    was_refused $FAILED_PRECONDITION "chunk 1 of file $id has not arrived"
    # Begun again, it goes on.
    local first=$id
    begun sales f "deal/$deal"
    is .next_chunk 1
    [ "$id" = "$first" ]
    refused $NOT_FOUND "there is no file $id that you can see" admin file show "$id"
    raw admin GetChunk "{\"file_id\": \"$id\", \"seq\": 0}"
    was_refused $NOT_FOUND ''
    chunk manager "$id" 1 part1
    was_refused $NOT_FOUND "there is no"
    raw manager CompleteFile "{\"file_id\": \"$id\"}"
    was_refused $NOT_FOUND "there is no file $id"
    json admin file list "deal/$deal"
    is '.files | length' 0
    chunk sales "$id" 1 part1
    ok
    is .next_chunk null
    raw sales CompleteFile "{\"file_id\": \"$id\"}"
    ok
    is .state complete
    as admin file get "$id" got
    ok
    cmp f got
    chunk sales "$id" 1 part1
    was_refused $FAILED_PRECONDITION "file $id is complete"
    raw sales CompleteFile "{\"file_id\": \"$id\"}"
    was_refused $FAILED_PRECONDITION 'is complete already'
}

@test "an upload whose bytes are not those of its SHA-256 is not kept" {
    local deal
    deal=$(new_deal sales)
    some 1000 f
    some 1000 other
    begun sales f "deal/$deal"
    chunk sales "$id" 0 other
    ok
    raw sales CompleteFile "{\"file_id\": \"$id\"}"
    was_refused $INVALID_ARGUMENT 'does not have the SHA-256 that it should have, and was not kept'
    [ "$(sql "SELECT count(*) FROM jiayi.file WHERE id = $id")" = 0 ]
    [ "$(sql "SELECT count(*) FROM jiayi.file_chunk WHERE file_id = $id")" = 0 ]
    as sales file put "deal/$deal" f
    ok
}

@test "an upload that nobody goes on with is given up after a day; what is complete stays" {
    local deal young
    deal=$(new_deal sales)
    some 1000 f
    some 1000 g
    json sales file put "deal/$deal" g
    local whole
    whole=$(jq -r .id <<<"$output")
    begun sales f "deal/$deal"
    chunk sales "$id" 0 f
    young=$id
    sql 'SELECT jiayi.job_housekeeping(0, now())' >/dev/null
    [ "$(sql "SELECT count(*) FROM jiayi.file_chunk WHERE file_id = $young")" = 1 ]
    sql "UPDATE jiayi.file SET begun_at = now() - interval '25 hours' WHERE id = $young" >/dev/null
    sql 'SELECT jiayi.job_housekeeping(0, now())' >/dev/null
    [ "$(sql "SELECT count(*) FROM jiayi.file WHERE id IN ($young, $whole)")" = 1 ]
    [ "$(sql "SELECT count(*) FROM jiayi.file_chunk WHERE file_id IN ($young, $whole)")" = 1 ]
}

@test "file get: never over another file, never out of the folder, and only what fits" {
    local deal id name
    deal=$(new_deal sales)
    some 3000 f
    json sales file put "deal/$deal" f
    id=$(jq -r .id <<<"$output")
    mkdir here
    echo mine >here/f
    refused $LOCAL 'here/f is there already; --force' sales file get "$id" here
    [ "$(cat here/f)" = mine ]
    ln -s ../elsewhere here/link
    refused $LOCAL 'is there already' sales file get "$id" here/link
    [ ! -e elsewhere ]
    as sales file get "$id" here --force
    ok
    cmp f here/f
    [ "$(stat -c %a here/f)" = "$(printf '%o' $((0666 & ~$(umask))))" ]
    # What a server might say.
    sql 'ALTER TABLE jiayi.file DROP CONSTRAINT file_name' >/dev/null
    for name in ../out .bashrc .. "$PWD/out" $'a\u202eb'; do
        sql "ALTER TABLE jiayi.file DISABLE TRIGGER guard; UPDATE jiayi.file SET name = '$name' WHERE id = $id;
            ALTER TABLE jiayi.file ENABLE ALWAYS TRIGGER guard" >/dev/null
        refused $LOCAL 'is not taken for the name of a file' sales file get "$id" here
    done
    as sales file get "$id" named
    ok
    cmp f named
    [ "$(ls -A here | tr '\n' ' ')" = 'f link ' ]
    sql "ALTER TABLE jiayi.file_chunk DISABLE TRIGGER guard; UPDATE jiayi.file_chunk SET data = 'x' || substr(data, 2) WHERE file_id = $id;
        ALTER TABLE jiayi.file_chunk ENABLE ALWAYS TRIGGER guard" >/dev/null
    refused $LOCAL "does not have the file's SHA-256" sales file get "$id" broken
    [ -z "$(find . -maxdepth 1 -name '*broken*' -o -maxdepth 1 -name '.jiayi*')" ] || complain "what does not fit is kept"
}

@test "case 19: a file is the other side's while the deal is shared, and an internal one never" {
    local deal other
    deal=$(new_deal sales)
    for f in floor both ours theirs secret; do some 100 "$f"; done
    as sales file put "deal/$deal" floor
    ok
    as sales deal update "$deal" --vendor beta
    ok
    json beta-vendor file list "deal/$deal"
    is '.files | length' 0
    # Put once more it is another file, for those who see it now.
    json sales file put "deal/$deal" floor
    json sales file put "deal/$deal" both
    json sales file put "deal/$deal" ours --internal
    other=$(jq -r .id <<<"$output")
    json beta-vendor file put "deal/$deal" theirs
    json beta-vendor file put "deal/$deal" secret --internal
    json beta-vendor file list "deal/$deal"
    is '[.files[].name] | sort | join(",")' both,floor,secret,theirs
    is '[.files[] | select(.name == "both") | .member_company] | join("")' acme
    refused $NOT_FOUND "there is no file $other" beta-vendor file get "$other" x
    json sales file list "deal/$deal"
    is '[.files[].name] | sort | join(",")' both,floor,floor,ours,theirs
    as sales deal update "$deal" --no-vendor
    ok
    json beta-vendor file list "deal/$deal"
    is '[.files[].name] | sort | join(",")' secret,theirs
    as beta-vendor file get "$(jq -r '.files[0].id' <<<"$output")" got
    ok
    refused $NOT_FOUND "there is no deal/$deal" beta-vendor file put "deal/$deal" both
    json admin audit list --all
    lacks '"secret"'
}

@test "an upload on what one no longer sees stays what it is: nobody's but its author's" {
    local deal
    deal=$(new_deal sales --vendor beta)
    some 100 f
    begun beta-vendor f "deal/$deal"
    chunk beta-vendor "$id" 0 f
    ok
    as sales deal update "$deal" --no-vendor
    ok
    raw beta-vendor CompleteFile "{\"file_id\": \"$id\"}"
    was_refused $NOT_FOUND "there is no deal/$deal that you can see"
    json sales file list "deal/$deal"
    is '.files | length' 0
}

@test "a company's files have a quota" {
    local deal
    deal=$(new_deal sales)
    some 100 f
    sql "CREATE OR REPLACE FUNCTION jiayi.file_quota(company bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 100000'" >/dev/null
    # The sum of what there is counts, of each file 64 KiB at least; others' files do not.
    as gamma-admin deal create D --customer C
    json gamma-admin deal list
    local strange
    strange=$(jq -r '.deals[0].id' <<<"$output")
    json gamma-admin file put "deal/$strange" f
    refused $RESOURCE_EXHAUSTED "your company's files may take 0 MiB in all; there is no room for g" gamma-admin file put "deal/$strange" f --name g
    json gamma-admin file put "deal/$strange" f
    json gamma-admin file list "deal/$strange"
    is '.files | length' 1
    sql "CREATE OR REPLACE FUNCTION jiayi.file_quota(company bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 10737418240'" >/dev/null
}
