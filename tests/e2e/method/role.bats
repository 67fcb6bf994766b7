#!/usr/bin/env bats
# Roles: built in and the company's own.

load ../helper

@test "role list: those built in and the own, not another company's" {
    as gamma-admin role create secret-role --grant deal.read:own
    ok
    as admin role create open-role --grant deal.read:own
    ok
    refused $PERMISSION_DENIED role.read sales role list
    json manager role list
    is '[.roles[] | select(.builtin) | .name] | contains(["admin", "auditor", "manager", "partner", "salesperson", "vendor"])' true
    is '[.roles[].name] | index("open-role") != null' true
    is '[.roles[].name] | index("secret-role")' null
}

@test "role show: its permissions; another company's is not there" {
    json auditor role show salesperson
    is .builtin true
    is '.permissions | index("deal.create:own") != null' true
    as gamma-admin role create hidden --grant deal.read:own
    ok
    refused $NOT_FOUND 'no role hidden' admin role show hidden
    refused $NOT_FOUND 'no role nothing' admin role show nothing
}

@test "role create: felt at once by who gets it" {
    as admin role create reader --grant deal.read:company --grant audit.read:company
    ok
    world_person admin library reader >/dev/null
    as library deal list
    ok
    as library audit list
    ok
    refused $PERMISSION_DENIED 'your role reader lacks the permission deal.create' library deal create T --customer C
    as admin role grant reader deal.create:own
    ok
    as library deal create 'Felt at once' --customer C
    ok
    as admin role revoke reader deal.create
    ok
    refused $PERMISSION_DENIED deal.create library deal create T --customer C
}

@test "role grant: a wider scope is felt at once" {
    local mine theirs
    as admin role create narrow --grant deal.read:own --grant deal.create:own
    ok
    world_person admin narrow narrow >/dev/null
    theirs=$(new_deal peer)
    mine=$(new_deal narrow)
    as narrow deal show "$mine"
    ok
    refused $NOT_FOUND "no deal $theirs" narrow deal show "$theirs"
    as admin role grant narrow deal.read:company
    ok
    as narrow deal show "$theirs"
    ok
    as admin role grant narrow deal.read:own
    ok
    refused $NOT_FOUND "no deal $theirs" narrow deal show "$theirs"
}

@test "role create: denied, twice, a built-in name, malformed, unknown" {
    refused $PERMISSION_DENIED role.manage manager role create mine --grant deal.read:own
    as admin role create twice --grant deal.read:own
    ok
    refused $ALREADY_EXISTS twice admin role create twice --grant deal.read:own
    refused $ALREADY_EXISTS manager admin role create manager --grant deal.read:own
    refused $INVALID_ARGUMENT grant admin role create bad --grant deal.read
    refused $INVALID_ARGUMENT deal.fly admin role create bad --grant deal.fly:own
    refused $INVALID_ARGUMENT galaxy admin role create bad --grant deal.read:galaxy
    refused $INVALID_ARGUMENT role admin role create 'Bad Name' --grant deal.read:own
    refused $NOT_FOUND 'no role bad' admin role show bad
}

@test "role: nobody can give what they lack" {
    refused $PERMISSION_DENIED company.create admin role create op --grant company.create:company
    # Somebody with role.manage and little else.
    as admin role create keeper --grant role.manage:company --grant role.read:company --grant member.manage:company \
        --grant member.read:company --grant deal.read:own
    ok
    world_person admin keeper keeper >/dev/null
    as keeper role create small --grant deal.read:own
    ok
    refused $PERMISSION_DENIED deal.move keeper role create bigger --grant deal.move:own
    refused $PERMISSION_DENIED deal.read keeper role grant small deal.read:company
    refused $PERMISSION_DENIED '' keeper member set-role sales@acme.example manager
    refused $PERMISSION_DENIED '' keeper member set-role keeper@acme.example admin
    refused $PERMISSION_DENIED '' keeper member add big@acme.example --name Big --role admin \
        --password-file "$(password_file big)"
    as keeper member set-role sales@acme.example small
    ok
    as admin member set-role sales@acme.example salesperson
    ok
}

@test "role: those built in cannot be changed" {
    refused $FAILED_PRECONDITION 'built' admin role grant salesperson deal.assign:company
    refused $FAILED_PRECONDITION 'built' admin role revoke salesperson deal.create
    refused $FAILED_PRECONDITION 'built' admin role delete vendor
}

@test "role grant, revoke, delete: not there, somebody else's" {
    as gamma-admin role create theirs --grant deal.read:own
    ok
    refused $NOT_FOUND 'no role nothing' admin role grant nothing deal.read:own
    refused $NOT_FOUND 'no role theirs' admin role grant theirs deal.read:own
    refused $NOT_FOUND 'no role theirs' admin role revoke theirs deal.read
    refused $NOT_FOUND 'no role theirs' admin role delete theirs
    refused $PERMISSION_DENIED role.manage sales role delete theirs
    json gamma-admin role show theirs
    is '.permissions | join(" ")' deal.read:own
}

@test "role delete: only one that nobody has" {
    as admin role create brief --grant deal.read:own
    ok
    world_person admin brief brief >/dev/null
    refused $FAILED_PRECONDITION brief admin role delete brief
    as admin member set-role brief@acme.example auditor
    ok
    as admin role delete brief
    ok
    refused $NOT_FOUND 'no role brief' admin role show brief
}

@test "role list, show: which roles require a second factor, in this company alone" {
    as admin role create careful --grant deal.read:own
    ok
    json admin role show careful
    is .requires_totp false
    as admin role require-totp careful
    ok
    as admin role require-totp auditor
    ok
    json manager role list
    is '[.roles[] | select(.requires_totp) | .name] | join(" ")' 'auditor careful'
    is '[.roles[] | has("requires_totp")] | all' true
    json admin role show auditor
    is .requires_totp true
    # What is changed otherwise leaves it.
    json admin role grant careful deal.log:own
    is .requires_totp true
    json admin role revoke careful deal.log
    is .requires_totp true
    # A built-in role is every company's, and what one decided of it is its own.
    json gamma-admin role list
    is '[.roles[] | select(.requires_totp)] | length' 0
    json gamma-admin role show auditor
    is .requires_totp false
    json beta-admin role list
    is '[.roles[] | select(.requires_totp)] | length' 0
    as admin role list
    ok
    [[ ${lines[0]} = *"SECOND FACTOR"* ]] || complain "no column"
    as admin role require-totp auditor --off
    ok
    json admin role list
    is '[.roles[] | select(.requires_totp) | .name] | join(" ")' careful
}
