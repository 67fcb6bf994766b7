/**
 * What a call came to, as any protocol says it: the packed answer, or a message for the caller.
 */
#ifndef JIAYI_SERVER_DOOR_OUTCOME_H
#define JIAYI_SERVER_DOOR_OUTCOME_H

#include "server/call/call.h"

enum {
    /** Room for a message. */
    OUTCOME_MESSAGE_BYTES = 600,
};

/**
 * outcome_pack() - pack what the method answered, in the call's arena.
 *
 * @limit_bytes: the most bytes of it; where it has more, or there is no memory, c->status becomes
 *               STATUS_RESOURCE_EXHAUSTED
 *
 * Returns false with nothing in @ret where the call failed, by itself or by that, or has no answer.
 */
bool outcome_pack(struct call *c, int limit_bytes, ProtobufCBinaryData *ret);

/**
 * outcome_message() - why a call failed, in the caller's language; what a fault of the server says
 * ends in the request_id.
 */
void outcome_message(const struct call *c, char to[static OUTCOME_MESSAGE_BYTES]);

#endif
