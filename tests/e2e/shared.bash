# One server for several .bats files, one after the other: bats --setup-suite-file tests/e2e/shared.bash FILE…
# helper.bash gives each of them the world as it was made, whatever the one before it did.

. "$(dirname "${BASH_SOURCE[0]}")/../run.bash"

setup_suite() {
    export SHARED=$SCRATCH/shared
    world_start "$SHARED" >&2
    export HERE=$SHARED DATA=$SHARED/data
    world_keep "$SHARED" >&2
}

teardown_suite() {
    server_stop "$DATA" >&2
}
