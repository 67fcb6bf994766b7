#!/usr/bin/env bats
# Who may include whom (ARCHITECTURE.md), and where documents point. Each rule is a grep; a failing one names the files.

bats_require_minimum_version 1.5.0
cd "$BATS_TEST_DIRNAME/.." || exit 1

# users HEADER: the files whose #include names HEADER (a regular expression).
users() {
    grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1" common server client --include='*.[ch]' | sort
}

# only HEADER FILE...: nobody but these includes HEADER, and every one of them does, so that the list stays true.
only() {
    local header=$1 found allowed
    shift
    found=$(users "$header")
    allowed=$(printf '%s\n' "$@" | sort)
    diff <(echo "$allowed") <(echo "$found") | sed -n 's/^</not any more:/p; s/^>/not allowed:/p'
    [ "$found" = "$allowed" ]
}

# nowhere PATTERN PATH...
nowhere() {
    local pattern=$1
    shift
    run grep -rnE "$pattern" "$@" --include='*.[ch]'
    echo "$output"
    [ "$status" -eq 1 ]
}

@test "layers: a room includes what ARCHITECTURE.md says, and includes run down" {
    run perl -we '
        use strict;
        my (@rooms, %row, %may, %used, @wrong);
        open my $table, "<", "ARCHITECTURE.md" or die;
        while (<$table>) {
            (/^\| room \| includes \|/ .. /^$/) && /^\| `([^`]*)` \| ([^|]*)\|/ or next;
            my ($room, $below) = ($1, $2);
            push @rooms, $room;
            $row{$room} = @rooms;
            $may{$room} = { map { $_ => 1 } $below =~ /`([^`]+)`/g };
        }
        for my $room (@rooms) {
            push @wrong, "ARCHITECTURE.md: there is no $room" unless -e $room;
            for my $below (sort keys %{$may{$room}}) {
                push @wrong, "ARCHITECTURE.md: $room names $below, which does not stand below it"
                    unless ($row{$below} // 0) > $row{$room};
            }
        }
        for my $file (split /\n/, `find common server client -name "*.[ch]"`) {
            my $room = $row{$file} ? $file : $file =~ s|/[^/]*$||r;
            push @wrong, "$file: the table has no room $room" unless $row{$room};
            open my $source, "<", $file or die;
            while (<$source>) {
                m{^\s*#\s*include\s*"((?:common|server|client)[^"]*)/[^"/]*"} or next;
                next if $1 eq $room;
                $used{$room}{$1} = 1;
                push @wrong, "$file:$.: $room may not include $1" unless $may{$room}{$1};
            }
        }
        for my $room (@rooms) {
            push @wrong, map { "ARCHITECTURE.md: nothing in $room includes $_ any more" }
                grep { !$used{$room}{$_} } sort keys %{$may{$room}};
        }
        print map { "$_\n" } @wrong;
        exit(@rooms < 20 || @wrong > 0);
    '
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "layers: no files include one another in a circle" {
    run perl -we '
        use strict;
        my (%to, %line, %state, $found);
        for my $file (split /\n/, `find common server client -name "*.[ch]" | sort`) {
            my $unit = $file =~ s/\.[ch]$//r;
            open my $source, "<", $file or die;
            while (<$source>) {
                m{^\s*#\s*include\s*"((?:common|server|client)/[^"]*)\.h"} or next;
                next if $1 eq $unit;
                $to{$unit}{$1} = 1;
                $line{$unit}{$1} = "$file:$.";
            }
        }
        sub visit {
            my ($unit, @way) = @_;
            $state{$unit} = "on the way";
            for my $next (sort keys %{$to{$unit} // {}}) {
                if (($state{$next} // "") eq "on the way") {
                    $found = 1;
                    print "$line{$unit}{$next}: closes the circle ", join(" -> ", @way, $unit, $next), "\n";
                } elsif (!$state{$next}) {
                    visit($next, @way, $unit);
                }
            }
            $state{$unit} = "done";
        }
        visit($_) for grep { !$state{$_} } sort keys %to;
        exit($found || keys %to < 50);
    '
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "layers: an include names its folder, so that these greps see it" {
    local file header missing=
    while IFS=: read -r file header; do
        # Generated headers stand in the build folder.
        case $header in jiayi/v1/* | google/protobuf/* | google/rpc/* | grpc/*) continue ;; esac
        [ -e "$header" ] || missing+="$file includes \"$header\""$'\n'
    done < <(grep -rHoP '^\s*#\s*include\s*"\K[^"]+' common server client --include='*.[ch]')
    echo "$missing"
    [ -z "$missing" ]
}

@test "layers: libpq" {
    only libpq server/command/backup.c server/command/check.c server/method/bind.h server/method/boot_check.c server/database/database.c server/database/definitions.c server/backup/dump.c server/backup/restorer.c server/backup/shape.c server/call/flight.h \
        server/database/errand.h server/backup/inventory.c server/method/kept_answer.h server/call/lane.c server/cluster/local_pg.c \
        server/database/migrate.c server/native/change_password.c server/native/new_session.c server/command/operator.c server/command/server_keys.c server/method/pg_type.h \
        server/monitor/probe.c server/command/restore.c server/method/record.h server/method/statement.h
}

@test "layers: OpenSSL" {
    only openssl/ client/base/signing_key.c client/call/authority.c client/call/tls_config.c client/call/tls_config.h client/call/tls_engine.c client/call/tls_session.c \
        client/call/tls_session.h common/base64.c common/sha256.c common/tls_context.c common/tls_context.h server/secret/digest.c server/secret/keyring.c server/secret/signature.c server/secret/totp.c server/folder/certs.c \
        server/door/connection.c server/door/connection.h server/door/connection_base.h server/door/listener.c server/door/receiving.c server/door/sending.c server/door/tls_pipe.c server/door/tls_pipe.h \
        server/monitor/self_check.c
}

@test "layers: nng" {
    only nng/ client/call/call.c client/call/dial.c client/call/dial.h client/call/tls_config.h client/call/tls_engine.c \
        client/call/tls_engine.h server/door/connection.h server/door/connection_base.h server/door/listener.c
}

@test "layers: HTTP/2" {
    only nghttp2/ server/door/http2.c
}

@test "layers: Unicode's tables" {
    only utf8proc common/unicode.c
}

@test "layers: jansson" {
    only jansson.h client/base/profile.c client/handmade/api.c client/handmade/profiles.c client/handmade/signed_in.c client/run/json_rows.c common/json.h \
        server/method/sqlstate.c
}

@test "layers: argon2" {
    only argon2 server/secret/password.c
}

@test "layers: systemd" {
    only systemd/ server/base/supervisor.c
}

@test "layers: HTTP" {
    only microhttpd server/monitor/monitor.c
}

@test "layers: the configuration file's parser" {
    only ini.h server/folder/config.c
}

@test "layers: SQL is never assembled from text" {
    local file hits=
    while read -r file; do
        hits+=$(perl -0ne '
            while (/\b(?:v?a?sn?printf|strcat|strncat|strlcat|open_memstream)\s*\([^;]*?"[^"]*\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|ALTER|CREATE|DROP|GRANT|SET ROLE)\b/g) {
                my $line = 1 + (substr($_, 0, $-[0]) =~ tr/\n//);
                print "$ARGV:$line\n";
            }' "$file")
    done < <(find server -name '*.c')
    echo "$hits"
    [ -z "$hits" ]
}

@test "layers: the server writes nothing unbounded into a buffer" {
    nowhere '\b(sprintf|vsprintf|strcat|gets)[[:space:]]*\(' server
}

@test "layers: no line of the sources is wider than 100 columns" {
    run bash -c "find common server client -name '*.[ch]' -exec perl -CSD -ne '
        chomp; print \"\$ARGV:\$.: \" . length . \" columns\\n\" if length > 100; close ARGV if eof' {} +"
    echo "$output"
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "layers: foo.c exports foo_* only" {
    local source object stem prefix wrong=
    while read -r source; do
        stem=$(basename "$source" .c)
        # Two stand in for functions of the C library; native methods have their room's name before their own.
        case $source in
        */main.c) prefix='main$' ;;
        server/base/libc.c) prefix='(listen|sysconf)$' ;;
        client/call/tls_engine.c) prefix='(tls_engine_|sendmsg$)' ;;
        server/native/natives.c) prefix='natives$' ;;
        server/native/new_session.c | server/native/device.c | server/native/factor.c) prefix="${stem}_" ;;
        server/native/*) prefix="native_$stem\$" ;;
        client/handmade/*) prefix="(handmade_|${stem}_)" ;;
        *) prefix="${stem}s?(_|\$)" ;;
        esac
        object=$(find "${BUILD:-build}/CMakeFiles" -path "*.dir/$source.o" | head -n 1)
        [ -n "$object" ] || wrong+="$source is in no program"$'\n'
        wrong+=$(nm --defined-only --extern-only "$object" 2>/dev/null |
            awk -v prefix="^$prefix" -v source="$source" 'NF == 3 && $3 !~ prefix && $3 !~ /^__/ { print source ": " $3; }')
    done < <(find common server client -name '*.c')
    echo "$wrong"
    [ -z "$wrong" ]
}

@test "layers: every method of the schema has its SQL or its native function" {
    local service rpc missing=
    while read -r service rpc; do
        [ -e "server/sql/methods/$service/$rpc.sql" ] || grep -rq "$service/$rpc" server/native ||
            missing+="$service/$rpc"$'\n'
    done < <(awk '/^service /{ s = $2 } /^  rpc /{ sub(/\(.*/, "", $2); print s, $2 }' proto/jiayi/v1/*.proto)
    echo "$missing"
    [ -z "$missing" ]
}

# misplaced FILE...: what migrations do that is for the definitions to do. They make tables, which nobody but the owner
# sees: not forced, so that the next migration sees what is in them; protect() does the rest.
misplaced() {
    perl -0777 -ne '
        my $name = $ARGV =~ s|.*/||r;
        s/--.*//g;
        for my $what ("CREATE (?:OR REPLACE )?(?:TRIGGER|PROCEDURE)", "(?:CREATE|ALTER) POLICY", "GRANT(?!.* TO CURRENT_USER)", "REVOKE", "CALL", "FORCE ROW") {
            print "$name: $1\n" while /^\s*(.*\b$what\b.*)/mg;
        }
        while (/\bCREATE TABLE (\w+)/g) {
            print "$name: $1 is open\n" unless /ALTER TABLE $1 ENABLE ROW LEVEL SECURITY/;
        }' "$@"
}

@test "database: migrations from 0011 on leave its code to the definitions" {
    local found newer
    newer=$(find server/sql/migrations -name '*.sql' | sort | sed -n '/0011_/,$p')
    [ -n "$newer" ]
    # shellcheck disable=SC2086
    found=$(misplaced $newer)
    echo "$found"
    [ -z "$found" ]
    # Those before do it.
    found=$(misplaced server/sql/migrations/0003_*.sql)
    [ "$(wc -l <<<"$found")" -eq 15 ]
    [[ $found = *"0003_partnership.sql: partnership is open" ]]
}

@test "database: definitions are functions, and then what hangs on tables" {
    local found
    found=$(perl -0777 -ne '
        my ($functions, $tables) = split /^---- Tables$/m;
        print "$ARGV: above \"---- Tables\": $1\n" while $functions =~ /^((?:CREATE (?:OR REPLACE )?(?:POLICY|TRIGGER)|CALL) .*)/mg;
        print "$ARGV: below \"---- Tables\": $1\n" while ($tables // "") =~ /^(CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) .*)/mg;
        print "$ARGV: must replace: $1\n" while $functions =~ /^(CREATE (?:FUNCTION|PROCEDURE) .*)/mg;
        ' server/sql/definitions/*.sql)
    echo "$found"
    [ -z "$found" ]
}

@test "database: every change of a definition comes with a migration" {
    local sql=$BATS_TEST_TMPDIR/sql newest line
    cp -r server/sql "$sql"
    newest=$(find "$sql/migrations" -name '*.sql' | sort | tail -n 1)
    cmake -DSQL="$sql" -P cmake/definitions.cmake
    echo '-- changed' >>"$sql/definitions/deal.sql"
    run cmake -DSQL="$sql" -P cmake/definitions.cmake
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output = *"Put this line into $(basename "$newest")"* ]]
    line="-- definitions: $(cd "$sql/definitions" && sha256sum ./*.sql | sed 's|\./||' | sha256sum | cut -c 1-64)"
    [[ $output = *"$line"* ]]
    # As it says: into a new migration.
    echo "$line" >"$sql/migrations/9999_next.sql"
    cmake -DSQL="$sql" -P cmake/definitions.cmake
}

# dead_links DIR: the relative links of the documents below it that lead nowhere: to no file, or to no heading of it.
dead_links() {
    (cd "$1" && find . \( -name .git -o -name 'build*' \) -prune -o -name '*.md' -print0 | xargs -0 perl -CSD -0777 -ne '
        sub headings { map { my $h = lc; $h =~ s/[^\w -]//g; $h =~ tr/ /-/; $h => 1 } $_[0] =~ /^#+ +(.+?) *$/mg }
        my ($dir, $text) = ($ARGV =~ s|[^/]*$||r, $_);
        while ($text =~ /\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?\)/g) {
            my ($path, $heading) = ($1, $2);
            my $there = $path eq "" || -e "$dir$path";
            if ($there && defined $heading) {
                my $target = $path eq "" ? $text : do { open my $f, "<", "$dir$path" or die; <$f> };
                $there = { headings($target) }->{$heading};
            }
            print "$ARGV: $path", defined $heading ? "#$heading" : "", "\n" unless $there;
        }')
}

@test "matrix: every cell is what the model works out, and every method has the rows of what it is about" {
    run tests/matrix/model/check
    echo "$output"
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

# planted SED-SCRIPT MESSAGE: with the cells of DealService so changed, the model finds that, and nothing else.
planted() {
    cp tests/matrix/*.tsv "$BATS_TEST_TMPDIR"
    sed -E -i "$1" "$BATS_TEST_TMPDIR/DealService.tsv"
    run tests/matrix/model/check "$BATS_TEST_TMPDIR"
    echo "$output"
    [ "$status" -eq 1 ] && [ "$output" = "$2" ]
}

@test "matrix: the model finds a cell, a row and a method that are not as it says" {
    planted '/^GetDeal\t/,/^$/s/(rival.*)NOT_FOUND/\1OK/' "DealService/GetDeal rival, auditor: is OK, and the model has NOT_FOUND"
    planted '/^GetDeal\t/,/^$/s/(vendor\tDENIED\t)OK/\1NOT_FOUND/' \
        "DealService/GetDeal vendor, admin: is NOT_FOUND, and the model has OK"
    planted '/^MoveDeal\t/,/^$/s/(team\tDENIED\tOK\t)OK/\1DENIED/' \
        "DealService/MoveDeal team, manager: is DENIED, and the model has OK"
    planted '/^ListDeals/,/^$/s/(own\t.*\tseen.*)seen/\1unseen/' "DealService/ListDeals own, auditor: is unseen, and the model has seen"
    planted '/^GetDeal/,/^$/{/rival/d}' "DealService/GetDeal: has no row rival"
    planted '/^GetDeal\t/,/^$/s/rival/internal/' $'DealService/GetDeal: the model has no row internal\nDealService/GetDeal: has no row rival'
    planted '$a\\n\nBuryDeal\t{}\n\t-\tOK' "DealService/BuryDeal: has no line in the model"
    planted '/^UndoDeal/,$d' "DealService/UndoDeal: has a line in the model and no cells"
}

@test "documents: every link between them leads somewhere, in the repository and installed" {
    local dead at=$BATS_TEST_TMPDIR/usr
    cmake --install "${BUILD:-build}" --prefix "$at" >/dev/null
    dead=$(
        dead_links .
        dead_links "$at"
        # The unit names one of them too.
        sed -n 's|^Documentation=file:/usr/local/||p' deploy/jiayid.service | while read -r path; do
            [ -e "$at/$path" ] || echo "jiayid.service: $path"
        done
    )
    echo "$dead"
    [ -n "$(find "$at" -name OPERATIONS.md)" ]
    [ -z "$dead" ]
}

@test "ASVS: each requirement of V3 and V7 is answered, and each test that it names is there" {
    run perl -we '
        use strict;
        my %asked = map { $_ => 1 } "3.1.1", map({ "3.2.$_" } 1 .. 3), map({ "3.3.$_" } 1 .. 5), map({ "3.4.$_" } 1 .. 8),
            map({ "3.5.$_" } 1 .. 8), "3.6.1", map({ "3.7.$_" } 1 .. 5), map({ "7.1.$_" } 1 .. 3), map({ "7.2.$_" } 1 .. 4),
            "7.3.1", "7.3.2", map({ "7.4.$_" } 1 .. 5), map({ "7.5.$_" } 1 .. 3), "7.6.1", "7.6.2";
        my (%answered, %tests, @wrong);
        open my $list, "<", "docs/ASVS.md" or die;
        while (<$list>) {
            my ($number, $tests) = /^\| (\d[\d.]*) \| \d \|.*\| ([^|]*) \|$/ or next;
            push @wrong, "$number: there is no such requirement, or it is there twice" if !$asked{$number} || $answered{$number}++;
            push @wrong, "$number: names no test" unless $tests =~ /`/;
            while ($tests =~ /`([^`:]+): ([^`]+)`/g) {
                my ($file, $name) = ($1, $2);
                $file =~ s|^web/(.*)|tests/web/cases/$1.mjs| or $file = "tests/$file.bats";
                $tests{$file} //= do { local ($/, @ARGV) = (undef, $file); -e $file ? <> : "" };
                push @wrong, "$number: $file has no test that begins with \"$name\"" unless $tests{$file} =~ /^(?:\@test |test\()"\Q$name\E/m;
            }
        }
        push @wrong, map { "$_: is not answered" } grep { !$answered{$_} } sort keys %asked;
        print map { "$_\n" } @wrong;
        exit(@wrong > 0);
    '
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "words: the log's kinds of things have words, one for each table that is logged" {
    local logged said
    # Of those that have another name by now, the log still has the old one.
    logged=$({
        grep -hE "^CALL protect\\('[a-z_]+', '" server/sql/definitions/*.sql | sed -E "s/^CALL protect\\('([a-z_]+)'.*/\\1/"
        # What is its own entry.
        sed -nE -e "s/^CALL logged\('([a-z_]+)'.*/\1/p" -e "s/^CREATE OR REPLACE FUNCTION ([a-z_]+)_log\(.*/\1/p" server/sql/definitions/*.sql
        awk -F'\t' '$2 ~ /^>/ { print $1 }' tests/upgrade/changed.tsv
    } | sort)
    said=$(sed -nE 's/.*WORD\("object", "([a-z_]+)"\).*/\1/p' client/words/dictionary.c | sort)
    diff <(echo "$logged") <(echo "$said")
}

@test "29: all that the server refuses with is collected, and translated" {
    local found=$BATS_TEST_TMPDIR/found.pot po
    # list_refusals fails where a template is no literal; nothing else refuses a call.
    po/collect "${BUILD:-build}" >"$found"
    run grep -rnE "ERRCODE = 'JY(0?[1-9]|[0-9][1-9])" server/sql/definitions server/sql/methods
    echo "not made by refuse(): $output"
    [ -z "$output" ]
    echo "what differs: run po/update, and translate what is new"
    diff <(msgcat --no-wrap "$found" | grep '^msg') <(msgcat --no-wrap po/jiayi.pot | grep '^msg')
    for po in po/*.po; do
        msgfmt --check --check-format -o /dev/null "$po"
        msgcmp "$po" "$found"
    done
}

# said_in FILE PATTERN: what translations say that has it, each as one line.
said_in() {
    msgcat --no-wrap "$1" | sed -n '/^msgstr/,/^$/p' | grep -nP "$2"
}

@test "words: translations say what a sales manager says" {
    local said=0
    said_in po/zh_CN.po '收件方|自从|对我方而言|由谁(?!拍板)|(?<!客户)经理|持有者|运营者|简称|关闭时间|实际|记录人|"决定"|"截止"|越多越好|越少越好|移到|谈单|待决策|成交|流失|多了一个词|期限已过|抢先|负荷过大|可显示的|单词命令|双词命令' && said=1
    # Beside Chinese stand Chinese marks.
    said_in po/zh_CN.po '[\x{4e00}-\x{9fff}”][,;:?!]|[,;:][\x{4e00}-\x{9fff}]' && said=1
    said_in po/sq.po '\bpost[aë]s?\b|[Mm]akin|[Tt]hirrj|ndjekj|arrëveshj|urnitor|rrjedh|seanc|\bshenj|redaktor|Shtyp|afati kaloi|korsi|kujtes|\bhyri\b|\bdoli\b' && said=1
    [ $said -eq 0 ]
}
