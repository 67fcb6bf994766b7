/**
 * Calls over SP: each request of a peer is an RpcRequest, each reply an RpcResponse.
 */
#ifndef JIAYI_SERVER_DOOR_SP_CALLS_H
#define JIAYI_SERVER_DOOR_SP_CALLS_H

#include "server/door/protocol.h"

/** What nng's REQ sockets speak, without ALPN. */
extern const struct protocol sp_calls_protocol;

#endif
