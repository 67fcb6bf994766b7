#!/usr/bin/env bats
# What the shells complete: real ones, with words that the schema, this machine and the server know.

load ../helper

setup_file() {
    world_open
    "$JIAYI" --profile sales deal create 'Porti i Durrësit' --customer '港务集团' --vendor beta
    "$JIAYI" --profile sales deal create '$(touch pwned)`touch pwned`;"'\'' %B \x' --customer C
    "$JIAYI" --profile admin role create closer --grant deal.read:team
    "$JIAYI" --profile manager kpi define demos --name Demos --unit pieces --period month
    "$JIAYI" --profile manager kpi target demos --period 2026-11 --value 8 --vendor beta
    "$JIAYI" --profile manager kpi target demos --period 2026-12 --value 8 --vendor beta
}

setup() {
    export PATH=$BUILD:$PATH
    unset JIAYI_PROFILE
    cd "$BATS_TEST_TMPDIR" || return 1
}

# Where the server is asked it has time to answer: what is tested is not how busy the machine is.

# completes WORD…: sets lines to what the last of the words may become, as jiayi answers its scripts; silently.
completes() {
    run --separate-stderr "$JIAYI" completion bash -- "$@"
    ok
    [ -z "$stderr" ] || complain "it is not silent"
}

# values WORD…: the values of the last `completes` are these.
values() {
    local want=$*
    # shellcheck disable=SC2154
    [ "$(cut -f 1 <<<"$output" | tr '\n' ' ')" = "$want${want:+ }" ] || [ -z "$want$output" ] || complain "not: $want"
}

# in_bash LINE: sets output to what bash makes of the line when TAB is pressed at its end, a word in each line.
in_bash() {
    run --separate-stderr bash --norc -c '
        source <(jiayi completion bash)
        COMP_LINE=$1 COMP_POINT=${#1}
        # As readline takes lines apart.
        mapfile -t COMP_WORDS < <(perl -e '\''
            my $line = shift;
            my @words = $line =~ /"[^"]*"?|[=:@]+|[^\s=:@"]+/g;
            push @words, "" if $line =~ /\s$/;
            print map { "$_\n" } @words'\'' "$1")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        compopt() { [ "$2" != default ] || echo FILE; }
        _jiayi jiayi "" ""
        printf "%s\n" "${COMPREPLY[@]}"' bash "$1"
    ok
    [ -z "$stderr" ] || complain "it is not silent"
}

@test "case 44: commands, flags and choices, without a server" {
    export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
    completes "deal" "un"
    values undo
    completes "de"
    values deal
    completes "partner" "li"
    values list
    completes deal log 7 --ki
    values --kind
    completes deal log 7 --kind m
    values meeting message
    completes deal log 7 --kind=m
    values --kind=meeting --kind=message
    completes deal log 7 --kind call --k
    values
    completes -o ""
    values table json csv
    completes completion ""
    values bash zsh fish
    completes deal move 7 w
    values won
    completes api show DealService/Mo
    values DealService/MoveDeal
    completes report submit --file ""
    [ "$output" = $'\tfile' ]
    completes no such command ""
    values
}

@test "case 44: stages, people, roles, numbers, partners, KPIs and tokens as the server has them" {
    local token
    token=$("$JIAYI" --profile sales -o json token create nightly --permission deal.read:own --expires tomorrow)
    completes --timeout 60 --profile sales deal show ""
    values 2 1
    [ "${lines[1]}" = $'1\tPorti i Durrësit' ] || complain "the title is missing"
    completes --timeout 60 --profile sales deal list --owner jun
    values junior@acme.example
    [ "${lines[0]}" = $'junior@acme.example\tJunior' ] || complain "the name is missing"
    completes --timeout 60 --profile sales deal list --owner=jun
    values --owner=junior@acme.example
    completes --timeout 60 --profile admin member set-role junior@acme.example clo
    values closer
    completes --timeout 60 --profile manager partner suspend ""
    values beta
    completes --timeout 60 --profile manager kpi record dem
    values demos
    completes --timeout 60 --profile admin role grant closer deal.reo
    values deal.reopen:partners
    completes --timeout 60 --profile sales deal move 1 neg
    values negotiating
    completes --timeout 60 --profile admin member history jun
    values junior@acme.example
    completes --timeout 60 --profile admin role require-totp clo
    values closer
    completes --timeout 60 --profile sales token create nightly --permission deal.read
    values deal.read:own+shared
    completes --timeout 60 --profile sales token revoke ""
    values "$(jq -r .id <<<"$token")"
    [ "${lines[0]}" = "$(jq -r .id <<<"$token")"$'\t''nightly' ] || complain "the name is missing"
    JIAYI_PROFILE="sales" completes --timeout 60 deal show 1
    values 1
    completes --profile be
    values beta-admin beta-manager beta-peer beta-vendor
    # Nobody is told of what they do not see.
    completes --timeout 60 --profile gamma-sales deal show ""
    values
    completes --timeout 60 --profile beta-vendor deal show ""
    values 1
}

@test "case 44: in bash, words of = and @ too, and names of files" {
    export JIAYI_PROFILE=sales
    in_bash 'jiayi --timeout 60 deal mo'
    [ "$output" = move ]
    in_bash 'jiayi --timeout 60 deal show '
    [ "$output" = $'2\n1' ]
    in_bash 'jiayi --timeout 60 deal list --owner jun'
    [ "$output" = junior@acme.example ]
    in_bash 'jiayi --timeout 60 deal list --owner junior@ac'
    [ "$output" = acme.example ]
    in_bash 'jiayi --timeout 60 deal list --owner=junior@ac'
    [ "$output" = acme.example ]
    in_bash 'jiayi --timeout 60 deal list --owner=jun'
    [ "$output" = junior@acme.example ]
    in_bash 'jiayi --timeout 60 deal list --owner="jun'
    [ "$output" = junior@acme.example ]
    in_bash 'jiayi --timeout 60 deal update 1 --title "a b c" --own'
    [ -z "$output" ]
    in_bash 'jiayi --timeout 60 deal update 1 --title "a b c" --cust'
    [ "$output" = --customer ]
    in_bash 'jiayi --timeout 60 report submit --file '
    [[ $output = FILE* ]]
}

# typed KEYS: what is on the terminal when these keys were pressed in a bash of its own.
typed() {
    local rc=$BATS_TEST_TMPDIR/rc
    # shellcheck disable=SC2016
    printf '%s\n' 'source <(jiayi completion bash)' 'PS1="> "' 'bind "set bell-style none"' >"$rc"
    output=$( (
        sleep 1
        printf '%b' "$1"
        sleep 2
        printf '\nexit\n'
    ) | TERM=dumb script -qec "bash --rcfile $rc -i" /dev/null 2>&1)
    output=${output//$'\r'/}
}

@test "case 44: at a terminal of bash" {
    export JIAYI_PROFILE=sales
    typed 'echo jiayi; jiayi --timeout 60 deal hist\t1 -o js\t | tr a-z A-Z'
    says '"HISTORY": ['
}

@test "case 44: what a server has is not run, and breaks no line" {
    export JIAYI_PROFILE=sales
    local shell hostile
    # Of things that the server lets through, and of those that it does not.
    hostile='$(touch pwned)`touch pwned`;touch pwned'
    sql "SET session_replication_role = replica;
        ALTER TABLE jiayi.kpi DROP CONSTRAINT kpi_code_check;
        UPDATE jiayi.kpi SET code = '$hostile' WHERE code = 'demos';
        UPDATE jiayi.deal SET title = E'a\\nb\\tc\\u001b[2Jd \$(touch pwned)\`touch pwned\`' WHERE id = 1;
        INSERT INTO jiayi.kpi (company_id, code, name, unit, period) SELECT company_id, 'x y', name, unit, period FROM jiayi.kpi" >/dev/null
    completes --timeout 60 --profile manager kpi record ""
    values
    completes --timeout 60 deal show 1
    [ "$output" = $'1\ta b c<U+001B>[2Jd $(touch pwned)`touch pwned`' ] || complain "not in one harmless line"
    in_bash 'jiayi --timeout 60 deal show '
    [ "$output" = $'2\n1' ]
    typed 'jiayi --timeout 60 deal show \t\t1\n'
    says touch
    # What somebody has typed so far is not run either.
    in_bash 'jiayi --timeout 60 deal $(touch pwned) `touch pwned` '
    in_bash 'jiayi --timeout 60 deal show "$(touch pwned)'
    for shell in zsh fish; do
        in_$shell "jiayi --timeout 60 deal show "
        says '$(touch pwned)`touch pwned`'
        [ "${#lines[@]}" -eq 2 ] || complain "not two lines"
        in_$shell "jiayi --timeout 60 deal show \$(touch pwned) "
    done
    [ ! -e pwned ] || complain "it was run"
    sql "ALTER TABLE jiayi.kpi ADD CONSTRAINT kpi_code_check CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}\$') NOT VALID" >/dev/null
}

# in_zsh LINE: what zsh is given to choose from, with its meaning.
in_zsh() {
    # shellcheck disable=SC2016
    run zsh -f -c '
        compdef() { :; }
        source <(jiayi completion zsh)
        compadd() { print -rl -- "${labels[@]}"; }
        words=(${(z)1}) CURRENT=$(( ${#words} + 1 )) PREFIX=
        [[ $1 = *" " ]] || { PREFIX=${words[-1]} CURRENT=${#words}; }
        _jiayi' zsh "$1"
    ok
}

in_fish() {
    run fish --no-config -c 'jiayi completion fish | source; complete -C $argv[1]' "$1"
    ok
}

@test "case 44: in zsh and fish, with what it means" {
    export JIAYI_PROFILE=sales
    in_zsh 'jiayi --timeout 60 deal list --owner jun'
    [ "$output" = 'junior@acme.example  Junior' ]
    in_zsh 'jiayi --timeout 60 deal list --owner=jun'
    [ "$output" = '--owner=junior@acme.example  Junior' ]
    in_zsh 'jiayi --timeout 60 deal log 1 --ki'
    [ "$output" = '--kind  What kind of follow-up it was.' ]
    in_fish 'jiayi --timeout 60 deal list --owner jun'
    [ "$output" = $'junior@acme.example\tJunior' ]
    in_fish 'jiayi --timeout 60 deal list --owner=jun'
    [ "$output" = $'--owner=junior@acme.example\tJunior' ]
    in_fish 'jiayi --timeout 60 deal log 1 --ki'
    [ "$output" = $'--kind\tWhat kind of follow-up it was.' ]
    touch report.md
    in_fish 'jiayi --timeout 60 report submit --file rep'
    says report.md
}

@test "case 44: silent without a sign-in, without a server, and where that is slow" {
    local pid
    export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
    mkdir -p "$XDG_CONFIG_HOME"
    completes deal show ""
    values
    cp -r "$HERE/config/jiayi" "$XDG_CONFIG_HOME/"
    # Nobody listens.
    sed -i 's/127.0.0.1:[0-9]*/127.0.0.1:1/g' "$XDG_CONFIG_HOME"/jiayi/profiles/sales
    completes --profile sales deal show ""
    values
    completes --profile sales deal move 1 neg
    values negotiating
    # Somebody listens, and says nothing.
    coproc perl -MIO::Socket::INET -e '$| = 1; my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1");
        print $s->sockport, "\n"; sleep 60'
    # shellcheck disable=SC2153
    pid=$COPROC_PID
    read -r -u "${COPROC[0]}" port
    sed -i "s/127.0.0.1:[0-9]*/127.0.0.1:$port/g" "$XDG_CONFIG_HOME"/jiayi/profiles/sales
    completes --profile sales deal show ""
    values
    kill "$pid"
    # The session is over.
    cp -r "$HERE/config/jiayi" "$XDG_CONFIG_HOME/"
    sql "UPDATE jiayi.session SET revoked_at = clock_timestamp() WHERE revoked_at IS NULL" >/dev/null
    completes --profile sales deal show ""
    values
}
