/**
 * grpc.health.v1: every service is as the server is. See struct grpc_standard.
 */
#ifndef JIAYI_SERVER_DOOR_GRPC_HEALTH_H
#define JIAYI_SERVER_DOOR_GRPC_HEALTH_H

#include "server/door/grpc_ask.h"

/** grpc_health_check() - how a service is; NOT_FOUND for one that is not here. */
int grpc_health_check(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                      ProtobufCBinaryData *ret, struct status *e);

/** grpc_health_check_json() - the same in JSON. */
int grpc_health_check_json(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                           ProtobufCBinaryData *ret, struct status *e);

/** grpc_health_list() - how all are. */
int grpc_health_list(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                     ProtobufCBinaryData *ret, struct status *e);

/** grpc_health_watch() - as Check; of a service that is not here it says that. */
int grpc_health_watch(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                      ProtobufCBinaryData *ret, struct status *e);

#endif
