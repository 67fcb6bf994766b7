# Runs the parts of a test run side by side, and adds up what they say in TAP. Sourced by ./dev after run.bash.
#
# part NAME COMMAND…   adds a part: a command, or a function of ./dev, that prints TAP. NAME's first word is the runner that
#                      it is counted with. Its SCRATCH is a folder of its own below that of the run
# parts_run            runs them, in the order in which they were added, one more at a time than there are cores, as each
#                      of them waits now and then; and more, up to three for a core, while the cores rest all the same. What
#                      a part printed is shown when it ends (of one alone, at once); at the end, what failed. Fails where
#                      something did, and where nothing was run at all

parts_names=() parts_commands=()
declare -gA parts_running=() # the number of a part by its process, which leads a process group of its own
declare -gA parts_good=() parts_bad=() parts_seconds=()
parts_failures=

part() {
    local name=$1
    shift
    parts_names+=("$name")
    parts_commands+=("$(printf '%q ' "$@")")
}

# parts_start NUMBER
parts_start() {
    local scratch=$SCRATCH/$1
    mkdir -m 755 "$scratch"
    mkdir -m 700 "$scratch/config"
    date +%s >"$scratch/began"
    : >"$scratch.tap"
    # With job control the part gets its process group; no terminal sends it a signal of its own.
    set -m
    (
        set +em
        export SCRATCH=$scratch XDG_CONFIG_HOME=$scratch/config
        eval "${parts_commands[$1]}"
    ) </dev/null >>"$scratch.tap" 2>&1 &
    set +m
    parts_running[$!]=$1
}

# parts_counted NAME STATUS FILE SECONDS: counts a part's TAP lines. One that failed without saying where counts as one
# failure, and so does one that ran nothing unless a filter was given.
parts_counted() {
    local name=$1 status=$2 runner=${1%% *} good bad
    good=$(grep -cE '^([0-9]+: )?[[:space:]]*ok [0-9]' "$3" || true)
    bad=$(grep -cE '^([0-9]+: )?[[:space:]]*not ok [0-9]' "$3" || true)
    [ "$bad" -eq 0 ] || parts_failures+=$(grep -E '^([0-9]+: )?[[:space:]]*not ok [0-9]' "$3" | sed "s|^|$name: |")$'\n'
    if [ "$bad" -eq 0 ] && [ "$status" -ne 0 ]; then
        bad=1
        parts_failures+="$name: ended with status $status"$'\n'
    elif [ $((good + bad)) -eq 0 ] && [ -z "$filter" ]; then
        bad=1
        parts_failures+="$name: ran nothing"$'\n'
    fi
    parts_good[$runner]=$((${parts_good[$runner]:-0} + good))
    parts_bad[$runner]=$((${parts_bad[$runner]:-0} + bad))
    parts_seconds[$runner]=$((${parts_seconds[$runner]:-0} + $4))
}

# parts_rest: sets `rest` to the share of the cores' time, in percent, in which they had nothing to do since it was last called.
parts_cores=(0 0) # that time, and all of it, in ticks, as of then
parts_rest() {
    local words idle all=0 n
    read -ra words </proc/stat # cpu user nice system idle iowait irq softirq steal
    for n in "${words[@]:1:8}"; do all=$((all + n)); done
    idle=${words[4]}
    rest=$((100 * (idle - parts_cores[0]) / (all - parts_cores[1] + 1)))
    parts_cores=("$idle" "$all")
}

# Whether there is room for one more.
parts_room() {
    local rest cores
    cores=$(nproc)
    parts_rest
    [ ${#parts_running[@]} -le "$cores" ] || { [ "$rest" -ge 25 ] && [ ${#parts_running[@]} -lt $((3 * cores)) ]; }
}

# Waits for the end of one of them, shows and counts it; with a number, for so many seconds at most.
parts_wait() {
    local pid number status=0 seconds tick=
    [ -z "${1:-}" ] || { sleep "$1" >/dev/null 2>&1 & tick=$!; }
    wait -n -p pid "${!parts_running[@]}" $tick || status=$?
    [ "$pid" != "$tick" ] || return 0
    [ -z "$tick" ] || kill "$tick" 2>/dev/null || true
    number=${parts_running[$pid]}
    unset "parts_running[$pid]"
    seconds=$(($(date +%s) - $(<"$SCRATCH/$number/began")))
    if [ ${#parts_names[@]} -gt 1 ]; then
        echo "--- ${parts_names[number]}, $seconds s"
        cat "$SCRATCH/$number.tap"
    fi
    parts_counted "${parts_names[number]}" "$status" "$SCRATCH/$number.tap" "$seconds"
    [ "$status" -ne 0 ] || rm -rf "${SCRATCH:?}/$number"
}

# Ends those that run still: asks, waits up to 10 s for what they have to tidy up, then kills.
parts_end() {
    local groups tries
    [ ${#parts_running[@]} -gt 0 ] || return 0
    mapfile -t groups < <(printf -- '-%s\n' "${!parts_running[@]}")
    kill -TERM -- "${groups[@]}" 2>/dev/null || true
    for ((tries = 0; tries < 100; tries++)); do
        kill -0 -- "${groups[@]}" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "${groups[@]}" 2>/dev/null || true
}

# The sums, a line a runner.
parts_summary() {
    local runner good=0 bad=0
    printf '\n%s' "$parts_failures"
    for runner in $(printf '%s\n' "${parts_names[@]%% *}" | awk '!seen[$0]++'); do
        printf '%-8s %4d passed, %d failed, %d s\n' "$runner" "${parts_good[$runner]}" "${parts_bad[$runner]}" \
            "${parts_seconds[$runner]}"
        good=$((good + parts_good[$runner]))
        bad=$((bad + parts_bad[$runner]))
    done
    echo "$good passed, $bad failed, $SECONDS s"
    [ "$bad" -eq 0 ] && [ "$good" -gt 0 ]
}

parts_run() {
    local number
    trap 'parts_status=$?; parts_end; scratch_sweep "$parts_status"' EXIT
    for number in "${!parts_names[@]}"; do
        until parts_room; do parts_wait 4; done
        parts_start "$number"
    done
    [ ${#parts_names[@]} -gt 1 ] || tail -n +1 -f -s 0.1 --pid=$! "$SCRATCH/0.tap"
    while [ ${#parts_running[@]} -gt 0 ]; do parts_wait; done
    parts_summary
}
