#!/usr/bin/env bats
# What must not get out: other companies' rows, secrets in files, arguments, environment, logs.

load ../helper

# The processes of this file's server: jiayid and its PostgreSQL.
server_processes() {
    processes_in "$HERE"
}

@test "another company's rows are absent in every method that names one" {
    local deal report
    deal=$(new_deal gamma-sales)
    report=$(new_report gamma-sales gamma)
    refused $NOT_FOUND "no deal $deal" admin deal show "$deal"
    refused $NOT_FOUND "no deal $deal" admin deal update "$deal" --title X
    refused $NOT_FOUND "no deal $deal" admin deal assign "$deal" sales@acme.example
    refused $NOT_FOUND "no deal $deal" admin deal move "$deal" quoted
    refused $NOT_FOUND "no deal $deal" admin deal log "$deal" --kind note --text x
    refused $NOT_FOUND "no deal $deal" admin deal history "$deal"
    refused $NOT_FOUND "no report $report" admin report show "$report"
    refused $NOT_FOUND "no report $report" admin report accept "$report"
    refused $NOT_FOUND "no report $report" admin report return "$report" --comment x
    json gamma-sales deal show "$deal"
    is .version 1
}

@test "profile: for its owner alone" {
    local file mode
    while read -r mode file; do
        case $mode in
        600) ;;
        *) complain "$file has mode $mode" ;;
        esac
    done < <(find "$XDG_CONFIG_HOME/jiayi" -type f -printf '%m %p\n')
    [ -n "$(find "$XDG_CONFIG_HOME/jiayi" -type f -print -quit)" ]
    [ -z "$(find "$XDG_CONFIG_HOME/jiayi" -type d -perm /077)" ]
}

@test "DIR: keys, sockets and data for the server's user alone" {
    [ -z "$(find "$DATA" -name '*.key' -perm /077)" ]
    [ -z "$(find "$DATA" -name '*key.pem' -perm /077)" ]
    [ -e "$DATA/tls/ca.pem" ]
    # Others cannot reach the database's socket.
    local socket dir open=1
    socket=$(find "$DATA" -type s -name '.s.PGSQL*' | head -n 1)
    [ -n "$socket" ]
    dir=$(dirname "$socket")
    while [ "$dir" != "$HERE" ]; do
        [ -n "$(find "$dir" -maxdepth 0 -perm /077)" ] || open=0
        dir=$(dirname "$dir")
    done
    [ "$open" -eq 0 ] || complain "others can reach $socket"
}

@test "case H6: a trigger that keeps evidence and was switched off is found by check" {
    local how
    for how in 'DISABLE TRIGGER evidence' 'ENABLE TRIGGER evidence' 'ENABLE REPLICA TRIGGER evidence'; do
        sql "ALTER TABLE jiayi.revision $how"
        run --separate-stderr "$JIAYID" check --data "$DATA"
        [ "$status" -eq 1 ] || complain "$how"
        [[ $stderr = *'the trigger evidence of revision is off'* ]] || complain "$how"
    done
    sql 'ALTER TABLE jiayi.revision ENABLE ALWAYS TRIGGER evidence'
    sql 'ALTER TABLE jiayi.deal_stage ENABLE TRIGGER witness'
    run --separate-stderr "$JIAYID" check --data "$DATA"
    [ "$status" -eq 1 ]
    [[ $stderr = *'the trigger witness of deal_stage is off'* ]] || complain 'witness'
    sql 'ALTER TABLE jiayi.deal_stage ENABLE ALWAYS TRIGGER witness'
    sql 'ALTER TABLE jiayi.deal DISABLE TRIGGER guard'
    run --separate-stderr "$JIAYID" check --data "$DATA"
    [[ $stderr = *'the trigger guard of deal is off'* ]] || complain ''
    sql 'ALTER TABLE jiayi.deal ENABLE TRIGGER guard'
    run --separate-stderr "$JIAYID" check --data "$DATA"
    ok
}

@test "started as root, the server is root no more" {
    [ "$(id -u)" -eq 0 ] || {
        # Not root: it stays who it was.
        [ "$(stat -c %u "/proc/$(cat "$DATA.pid")")" -eq "$(id -u)" ]
        return
    }
    local pid
    for pid in $(server_processes); do
        run grep -E '^(Uid|Gid|Groups):' "/proc/$pid/status"
        [[ ! $output =~ (Uid|Gid):.*[[:space:]]0([[:space:]]|$) ]] || complain "process $pid can be root"
        run grep '^CapEff:' "/proc/$pid/status"
        [[ $output = *0000000000000000 ]] || complain "process $pid has capabilities"
    done
}

@test "secrets are in no argument and no environment" {
    local pid secret=secret-of-
    for pid in $(server_processes); do
        ! tr '\0' '\n' <"/proc/$pid/cmdline" | grep -q "$secret" || complain "in the arguments of $pid"
        ! tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -q "$secret" || complain "in the environment of $pid"
    done
    # No flag takes a password.
    refused $USAGE password sales login --server "$SERVER" --ca "$CA" --user sales@acme.example --password x
}

@test "secrets are in no log" {
    local token
    sign_in logged sales@acme.example 2>/dev/null || true
    as wrong login --server "$SERVER" --ca "$CA" --user sales@acme.example --password-file "$(password_file wrong)"
    as admin member add logged@acme.example --name Logged --role salesperson --password-file "$(password_file logged)"
    run --separate-stderr "$JIAYI" --profile admin api call MemberService/AddMember - \
        <<<'{"email": "bad", "name": "X", "role": "salesperson", "password": "secret-of-the-call"}'
    was_refused $INVALID_ARGUMENT email
    # As an argument, others could see it.
    refused $USAGE secret admin api call MemberService/AddMember \
        '{"email": "a@acme.example", "name": "X", "role": "salesperson", "password": "secret-of-the-call"}'
    for token in $(grep -rhoE '[A-Za-z0-9_-]{40,}' "$XDG_CONFIG_HOME"/jiayi/ | sort -u | head -n 40); do
        ! grep -qF -e "$token" "$DATA.log" || complain "a token is in the log"
    done
    ! grep -q secret-of- "$DATA.log" || complain "a password is in the log"
    ! grep -q argon2 "$DATA.log" || complain "a hash is in the log"
    ! grep -rq -e secret-of- "$DATA" || complain "a password is in DIR"
}

@test "tokens and passwords are in the database as hashes only" {
    local token
    while read -r token; do
        [ "$(sql "SELECT count(*) FROM jiayi.session WHERE token_hash = convert_to('$token', 'UTF8')")" = 0 ]
    done < <(grep -rhoE '[A-Za-z0-9_-]{40,}' "$XDG_CONFIG_HOME"/jiayi/ | sort -u | head -n 20)
    [ "$(sql "SELECT count(*) FROM jiayi.credential WHERE phc NOT LIKE '\$argon2id\$v=19\$m=19456,t=2,p=1\$%'")" = 0 ]
    [ "$(sql 'SELECT count(*) FROM jiayi.session WHERE length(token_hash) <> 32')" = 0 ]
    # What calls leave for their repetition has no secrets either.
    [ "$(sql "SELECT count(*) FROM jiayi.call_record WHERE answer::text ~ 'argon2|secret-of-'")" = 0 ]
}

# newer_log_has FIRST-LINE TEXT
newer_log_has() {
    tail -n +"$1" "$DATA.log" | grep -q "$2"
}

@test "the log: one line a call, structured" {
    local before
    before=$(wc -l <"$DATA.log")
    as sales deal list
    ok
    as sales deal show 999999
    eventually newer_log_has $((before + 1)) GetDeal
    run tail -n +$((before + 1)) "$DATA.log"
    [ "$(grep -c ListDeals <<<"$output")" -eq 1 ] || complain "not one line for ListDeals"
    [ "$(grep -c GetDeal <<<"$output")" -eq 1 ] || complain "not one line for GetDeal"
    says NOT_FOUND
    says sales@acme.example
}

@test "the app role owns nothing, bypasses nothing, and every table forces row-level security" {
    [ "$(sql "SELECT count(*) FROM pg_class WHERE relowner = 'jiayi_app'::regrole")" = 0 ]
    [ "$(sql "SELECT count(*) FROM pg_roles WHERE rolname IN ('jiayi_app', 'jiayi_auth', 'jiayi_owner')
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)")" = 0 ]
    run sql "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'jiayi' AND c.relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)"
    [ -z "$output" ] || complain "without forced row-level security: $output"
}

@test "a session without settings sees no row" {
    local table
    new_deal sales
    for table in deal report revision activity kpi_line member session audit_log; do
        run server_psql "$DATA" -XAtq -c 'SET ROLE jiayi_app' -c "SELECT count(*) FROM jiayi.$table"
        [[ $status -ne 0 || $output = 0 ]] || complain "$table shows $output rows"
    done
}

@test "TLS 1.3 only" {
    run bash -c "openssl s_client -connect '$SERVER' -CAfile '$CA' -tls1_2 </dev/null 2>&1"
    [ "$status" -ne 0 ] || complain "spoke TLS 1.2"
    run bash -c "openssl s_client -connect '$SERVER' -CAfile '$CA' -verify_return_error -tls1_3 </dev/null 2>&1"
    says 'TLSv1.3'
    says 'Verify return code: 0'
}

@test "a password that one company sets opens nothing in another" {
    local evil=$HERE/evil good=$HERE/good
    (umask 077 && echo evil-password >"$evil" && echo good-password >"$good")
    json gamma-admin member add chief@x.example --name X --role salesperson --password-file "$evil"
    json admin member add chief@x.example --name Chief --role admin --password-file "$good"
    as chief login --server "$SERVER" --ca "$CA" --user chief@x.example --company acme --password-file "$evil"
    was_refused "$UNAUTHENTICATED" wrong
    as chief login --server "$SERVER" --ca "$CA" --user chief@x.example --company acme --password-file "$good"
    ok
    json chief whoami
    is .company acme
    as fake login --server "$SERVER" --ca "$CA" --user chief@x.example --company gamma --password-file "$evil"
    ok
    json fake whoami
    is .company gamma
    json fake session list
    is '.sessions | length' 1
}

@test "case M7: a password that is the same in two companies is two passwords" {
    local same=$HERE/same new=$HERE/new company
    (umask 077 && echo same-password >"$same" && echo newer-password >"$new")
    for company in gamma-admin admin; do
        json $company member add both@x.example --name Both --role salesperson --password-file "$same"
    done
    for company in acme gamma; do
        as "both-$company" login --server "$SERVER" --ca "$CA" --user both@x.example --company "$company" \
            --password-file "$same"
        ok
    done
    json both-acme passwd --old-password-file "$same" --new-password-file "$new"
    is .sessions_ended 0
    as both-gamma whoami
    ok
    as both-gamma login --server "$SERVER" --ca "$CA" --user both@x.example --company gamma --password-file "$same"
    ok
    [ "$(sql "SELECT count(*) FROM jiayi.audit_log a JOIN jiayi.company c ON c.id = a.company_id
        WHERE c.slug = 'gamma' AND a.object = 'credential' AND a.action = 'update'")" = 0 ]
}

@test "case H1: a company's member of somebody else's address is not that person" {
    local same=$HERE/pair id
    (umask 077 && echo pair-password >"$same")
    json beta-admin member add pair@x.example --name Pair --role vendor --password-file "$same"
    json admin member add pair@x.example --name Pair --role manager --password-file "$same"
    for company in acme beta; do
        as "pair-$company" login --server "$SERVER" --ca "$CA" --user pair@x.example --company "$company" \
            --password-file "$same"
        ok
    done
    # What the one writes is not the other's own.
    id=$(new_report pair-beta acme)
    json pair-acme report accept "$id"
}

@test "case M3: signing in takes one hash, whatever is wrong and however many passwords an address has" {
    local company before after
    for company in gamma-admin admin beta-admin; do
        json $company member add many@x.example --name Many --role salesperson --password-file "$(password_file "many-$company")"
    done
    # cpu USER: the server's own processor time for five sign-ins that fail, in hundredths of a second.
    cpu() {
        local pid
        pid=$(cat "$DATA.pid")
        before=$(awk '{ print $14 }' "/proc/$pid/stat")
        for _ in 1 2 3 4 5; do
            as nobody login --server "$SERVER" --ca "$CA" --user "$1" --password-file "$(password_file wrong)"
            was_refused $UNAUTHENTICATED 'is wrong'
        done
        after=$(awk '{ print $14 }' "/proc/$pid/stat")
        cost=$((after - before))
    }
    local cost many none
    cpu many@x.example && many=$cost
    cpu none@x.example && none=$cost
    # Three hashes would be three times as much.
    [ $((many * 10)) -lt $((none * 20 + 20)) ] || complain "many passwords: $many, none: $none"
    [ $((none * 10)) -lt $((many * 20 + 20)) ] || complain "many passwords: $many, none: $none"
}

@test "a server whose key others can read does not start" {
    server_stop "$DATA" >&2
    chmod 644 "$DATA/tls/server.key"
    run --separate-stderr timeout 60 "$JIAYID" serve --data "$DATA" --listen 127.0.0.1:0
    chmod 600 "$DATA/tls/server.key"
    server_start "$DATA" >&2
    [ "$status" -eq 1 ]
    [[ $stderr == *"chmod 600"* ]]
}
