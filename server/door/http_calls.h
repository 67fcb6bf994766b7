/**
 * Calls over HTTP/2, by gRPC or Connect.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP_CALLS_H
#define JIAYI_SERVER_DOOR_HTTP_CALLS_H

#include "server/door/protocol.h"

/** What peers speak that offer "h2". */
extern const struct protocol http_calls_protocol;

#endif
