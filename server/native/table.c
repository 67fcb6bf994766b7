#include <string.h>

#include "server/native.h"

static const struct native natives[] = {
    {"AuthService/SignIn", native_sign_in, .is_quick = false},
    {"AuthService/ChangePassword", native_change_password, .is_quick = false},
    {"ServerService/Check", native_check, .is_quick = true},
    {"ServerService/GetSchema", native_get_schema, .is_quick = true},
    {"ServerService/GetServerStatus", native_server_status, .is_addition = true},
};

const struct native *
native_find(const char *short_name)
{
    for (size_t i = 0; i < sizeof natives / sizeof *natives; i++)
        if (strcmp(natives[i].method, short_name) == 0)
            return &natives[i];
    return NULL;
}
