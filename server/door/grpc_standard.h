/**
 * What gRPC's clients and tools expect of any server, and what is answered here: health and
 * reflection. Open to everybody; nothing of a company is in it.
 */
#ifndef JIAYI_SERVER_DOOR_GRPC_STANDARD_H
#define JIAYI_SERVER_DOOR_GRPC_STANDARD_H

#include "server/door/grpc_ask.h"

/** A method that is answered here: a message is asked, a message is the answer. */
struct grpc_standard {
    /** "grpc.health.v1.Health/Check". */
    const char *method;
    /** Any number of messages is asked in one call, and each is answered. */
    bool is_dialog;
    /** The call stays, and is answered once more when the server goes down. */
    bool is_watch;
    /**
     * Answers the packed message @in with @ret, in the arena. Returns -1 with @e set: the call ends
     * with that. Any thread, waits for nothing.
     */
    int (*answer)(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                  ProtobufCBinaryData *ret, struct status *e);
    /** The same of JSON, for who asks by Connect; NULL: that is not answered. */
    int (*answer_json)(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                       ProtobufCBinaryData *ret, struct status *e);
};

/** grpc_standard_find() - the method of that name, such as "grpc.health.v1.Health/Check"; NULL. */
const struct grpc_standard *grpc_standard_find(const char *method);

#endif
