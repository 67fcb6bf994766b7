/**
 * A question that health or reflection is asked.
 */
#ifndef JIAYI_SERVER_DOOR_GRPC_ASK_H
#define JIAYI_SERVER_DOOR_GRPC_ASK_H

#include "server/call/gate.h"

/** Who asks, and of whom. */
struct grpc_ask {
    const struct gate *gate;
    const char *address;
    /** The server takes no new calls. */
    bool is_leaving;
};

#endif
