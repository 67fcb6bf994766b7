# Waiting for what a test expects. Sourced.

# eventually COMMAND…: waits, PATIENCE_S seconds or a minute at most, until the command succeeds.
eventually() {
    local left=$((${PATIENCE_S:-60} * 20))
    while [ $((left -= 1)) -gt 0 ]; do
        ! "$@" || return 0
        sleep 0.05
    done
    echo "never came true: $*"
    return 1
}
