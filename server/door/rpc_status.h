/**
 * What a call failed with, as google.rpc.Status: how clients of gRPC and Connect know details.
 */
#ifndef JIAYI_SERVER_DOOR_RPC_STATUS_H
#define JIAYI_SERVER_DOOR_RPC_STATUS_H

#include "server/call/call.h"

enum { RPC_STATUS_DETAILS_MAX = 4 };

/** The details that there are: each a message of google.rpc, packed, in the call's arena. */
struct rpc_status_details {
    struct {
        /** "google.rpc.BadRequest". */
        const char *type;
        ProtobufCBinaryData packed;
    } all[RPC_STATUS_DETAILS_MAX];
    size_t n;
};

/**
 * rpc_status_details() - of a call that failed: BadRequest for the field that is wrong, RetryInfo
 * for when to come again, ErrorInfo for the version that is there, RequestInfo for what the log
 * knows the call by.
 *
 * @message: in the caller's language
 *
 * What there is no memory for is left out.
 */
void rpc_status_details(const struct call *c, const char *message, struct rpc_status_details *ret);

/**
 * rpc_status_pack() - the packed google.rpc.Status of a call that failed, with these details, in
 * its arena. Nothing without memory.
 */
ProtobufCBinaryData rpc_status_pack(const struct call *c, const char *message);

#endif
