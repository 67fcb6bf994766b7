/**
 * Every method's request: the first two bytes choose the method, the rest is the payload of a call that is
 * otherwise in order.
 */
#include "tests/fuzz/gate.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t id[REQUEST_ID_BYTES] = {1};
    struct input in = {data, data + size};
    const struct schema_method *m = take_method(&in, gate.methods->schema);
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    r.method = (char *)m->name;
    r.token = (char *)"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    r.has_request_id = r.has_payload = true;
    r.request_id = (ProtobufCBinaryData){sizeof id, id};
    r.payload = (ProtobufCBinaryData){(size_t)(in.end - in.at), (uint8_t *)in.at};
    size_t packed = jiayi__v1__rpc_request__get_packed_size(&r);
    uint8_t *message = malloc(packed);
    require(message, "there is memory");
    jiayi__v1__rpc_request__pack(&r, message);
    try_message(message, packed);
    free(message);
    return 0;
}
