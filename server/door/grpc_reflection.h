/**
 * grpc.reflection: the files of the schema, one by one, by what they declare. See struct
 * grpc_standard.
 */
#ifndef JIAYI_SERVER_DOOR_GRPC_REFLECTION_H
#define JIAYI_SERVER_DOOR_GRPC_REFLECTION_H

#include "server/door/grpc_ask.h"

/**
 * grpc_reflection_answer() - a question of ServerReflectionInfo. What is not there the answer says;
 * who asks for more than a network is given ends the call.
 */
int grpc_reflection_answer(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                           ProtobufCBinaryData *ret, struct status *e);

/** grpc_reflection_service_count() - how many services there are, those of gRPC's own with them. */
size_t grpc_reflection_service_count(void);

/** grpc_reflection_service() - the name of one, from 0: "jiayi.v1.DealService". */
const char *grpc_reflection_service(size_t i);

/** grpc_reflection_has_service() - is there a service of that name? */
bool grpc_reflection_has_service(const char *name);

#endif
