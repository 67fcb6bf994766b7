#include "server/door/grpc_standard.h"

#include <string.h>

#include "server/door/grpc_health.h"
#include "server/door/grpc_reflection.h"

static const struct grpc_standard all[] = {
    {"grpc.health.v1.Health/Check", false, false, grpc_health_check, grpc_health_check_json},
    {"grpc.health.v1.Health/List", false, false, grpc_health_list, NULL},
    {"grpc.health.v1.Health/Watch", false, true, grpc_health_watch, NULL},
    {"grpc.reflection.v1.ServerReflection/ServerReflectionInfo", true, false,
     grpc_reflection_answer, NULL},
    /* The same messages: tools know one or the other. */
    {"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", true, false,
     grpc_reflection_answer, NULL},
};

const struct grpc_standard *
grpc_standard_find(const char *method)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].method, method) == 0)
            return &all[i];
    return NULL;
}
