/**
 * The reply: a call's outcome as a packed RpcResponse, and as a line of the log.
 *
 * Knows no transport: who sends the reply asks for its size, gives the memory and has it packed there.
 */
#ifndef JIAYI_SERVER_REPLY_H
#define JIAYI_SERVER_REPLY_H

#include "jiayi/v1/rpc.pb-c.h"
#include "server/call.h"

struct reply_options {
    /** The most bytes of a packed answer; a larger one becomes STATUS_RESOURCE_EXHAUSTED. */
    int message_limit_bytes;
    /** A call that takes this long is logged as slow; 0: none is. */
    int slow_call_ms;
};

/** A reply that is being made. It points into itself and into the call: neither copy it nor let it outlive the call. */
struct reply {
    Jiayi__V1__RpcResponse response;
    Jiayi__V1__FieldViolation violation, *violations[1];
    Google__Protobuf__Timestamp now;
};

/**
 * reply_make() - make the reply of an ended call.
 *
 * Changes c->status when the answer is larger than the limit or there is no memory for it; a fault of the server gets
 * the request_id into its message. Never fails.
 *
 * Returns the bytes that reply_pack() will write.
 */
size_t reply_make(struct reply *r, const struct reply_options *o, struct call *c) MUST_CHECK;

/** reply_pack() - write the reply to @to, which has room for the bytes that reply_make() told. */
void reply_pack(const struct reply *r, void *to);

/** reply_log() - count the call and write its line, as grave as its outcome. After reply_make(), before the arena goes. */
void reply_log(const struct reply_options *o, const struct call *c);

#endif
