#include "server/native/natives.h"

const struct native natives[] = {
    {"AuthService/SignIn", native_sign_in, .is_login = true},
    {"AuthService/Join", native_join, .is_login = true},
    {"AuthService/ChangePassword", native_change_password, .is_login = true},
    {"AuthService/LinkCompany", native_link_company, .is_login = true},
    {"AuthService/SwitchCompany", native_switch_company, .is_login = true},
    {"TokenService/CreateToken", native_create_token, .is_login = true},
    {"TotpService/EnableTotp", native_enable_totp, .is_login = true},
    {"TotpService/ConfirmTotp", native_confirm_totp, .is_login = true},
    {"TotpService/VerifyTotp", native_verify_totp, .is_login = true},
    {"ContractService/SignContract", native_check_signature, .is_check = true},
    {"ServerService/Check", native_server_check, .is_quick = true},
    {"ServerService/GetSchema", native_get_schema, .is_quick = true},
    {"ServerService/GetServerStatus", native_server_status, .is_addition = true},
    {NULL},
};
