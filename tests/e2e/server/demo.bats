# The tour that README begins with: `./dev demo`, on a server of its own.
# Run with: bats tests/e2e/server/demo.bats

bats_require_minimum_version 1.5.0
ROOT=$(cd "$(dirname "$BATS_TEST_FILENAME")/../../.." && pwd)

@test "demo: every command of the tour does what it must" {
    run env -u XDG_CONFIG_HOME -u SCRATCH "$ROOT/tests/demo.sh"
    echo "$output" | tail -n 20
    [ "$status" -eq 0 ]
    [[ $output = *'commands did what they must'* ]]
}
