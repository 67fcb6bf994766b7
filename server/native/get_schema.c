#include "jiayi/v1/server.pb-c.h"
#include "server/call/call.h"
#include "server/native/natives.h"

void
native_get_schema(struct call *c)
{
    Jiayi__V1__GetSchemaResponse *out = (Jiayi__V1__GetSchemaResponse *)c->out;
    const struct schema *s = schema_embedded();
    out->has_file_descriptor_set = 1;
    out->file_descriptor_set = (ProtobufCBinaryData){s->set_size, (uint8_t *)s->set};
}
