#include "server/native.h"

#include "jiayi/v1/server.pb-c.h"
#include "server/server.h"

void
native_check(struct call *c)
{
    Jiayi__V1__HealthResponse *out = (Jiayi__V1__HealthResponse *)c->out;
    out->status = (char *)(server_is_draining(c->server) ? "DRAINING" : "SERVING");
}
