/**
 * The envelope of calls over SP: RpcRequest and RpcResponse.
 */
#ifndef JIAYI_SERVER_DOOR_ENVELOPE_H
#define JIAYI_SERVER_DOOR_ENVELOPE_H

#include "jiayi/v1/rpc.pb-c.h"
#include "server/call/gate.h"
#include "server/door/outcome.h"

/**
 * envelope_open() - take the packed RpcRequest @data apart, in the call's arena.
 *
 * Returns 0, or -1 with c->status set; @ret is empty then, and gate_enter() refuses the call by
 * that.
 */
int envelope_open(struct call *c, const struct schema *schema, const uint8_t *data, size_t size,
                  struct gate_request *ret);

/**
 * A reply that is being made. It points into itself and into the call: neither copy it nor let it
 * outlive the call.
 */
struct envelope_reply {
    Jiayi__V1__RpcResponse response;
    Jiayi__V1__FieldViolation violation, *violations[1];
    Google__Protobuf__Timestamp now;
    /** The message in the caller's language. */
    char message[OUTCOME_MESSAGE_BYTES];
};

/**
 * envelope_make() - make the reply of an ended call.
 *
 * @limit_bytes: the most bytes of a packed answer; a larger one becomes STATUS_RESOURCE_EXHAUSTED
 *
 * Changes c->status when the answer is larger than the limit or there is no memory for it; what a
 * fault of the server says ends in the request_id. Never fails.
 *
 * Returns the bytes that envelope_pack() will write.
 */
size_t envelope_make(struct envelope_reply *r, int limit_bytes, struct call *c) MUST_CHECK;

/**
 * envelope_pack() - write the reply to @to, which has room for the bytes that envelope_make() told.
 */
void envelope_pack(const struct envelope_reply *r, void *to);

#endif
