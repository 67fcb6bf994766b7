#!/usr/bin/env bats
# The server itself, asked over its methods.

load ../helper

@test "server status: the operator sees how the server is" {
    json operator server status
    is .state READY
    is .database UP
    is .version "$("$JIAYI" --version | grep -oE '[0-9.]+')"
    is .schema_version "$(sql 'SELECT max(version) FROM jiayi.schema_migration')"
    is '.lanes | map(.kind) | join(" ")' "normal write heavy search login"
    is '.lanes[0].connected' 4
    is '(.connections | tonumber) >= 1' true
    is '(.memory_bytes | tonumber) > 1000000' true
    is '.certificate_expires_at | length > 0' true
    local calls
    calls=$(jq -r .calls <<<"$output")
    json operator server status
    is .calls $((calls + 1))
    as operator server status
    ok
    says "READY"
    says "QUEUE LIMIT"
    refused "$PERMISSION_DENIED" "server.read" admin server status
    refused "$PERMISSION_DENIED" "server.read" auditor server status
}
