/**
 * HTTP/1.1: is answered that HTTP/2 is spoken here.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP1_H
#define JIAYI_SERVER_DOOR_HTTP1_H

#include "server/door/protocol.h"

/** For peers that offer nothing newer. */
extern const struct protocol http1_protocol;

#endif
