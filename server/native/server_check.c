#include "server/native/natives.h"

#include "jiayi/v1/server.pb-c.h"
#include "server/call/gate.h"

void
native_server_check(struct call *c)
{
    Jiayi__V1__HealthResponse *out = (Jiayi__V1__HealthResponse *)c->out;
    out->status = (char *)(gate_is_closed(c->gate) ? "DRAINING" : "SERVING");
}
