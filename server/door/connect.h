/**
 * Connect (connectrpc.com/docs/protocol). Its unary calls: a request and an answer of plain HTTP,
 * as JSON or packed; an error is JSON with a status of HTTP. Its streams: messages with a prefix,
 * and at the end one of JSON that says whether there was an error.
 */
#ifndef JIAYI_SERVER_DOOR_CONNECT_H
#define JIAYI_SERVER_DOOR_CONNECT_H

#include "server/door/http2.h"
#include "server/door/rpc_status.h"

/**
 * connect_is_spoken() - is this content-type Connect's, and JSON or packed, and a stream's? NULL is
 * allowed.
 */
bool connect_is_spoken(const char *content_type, bool *ret_json, bool *ret_stream);

/** connect_type() - the content-type of an answer. */
const char *connect_type(bool is_json, bool is_stream);

/** connect_timeout() - a connect-timeout-ms of up to ten digits. False where it is none. */
bool connect_timeout(const char *text, uint32_t *ret_ms);

/** connect_status() - the status of HTTP for a code, such as "404". */
const char *connect_status(enum status_code code);

/**
 * connect_error() - the body of an answer to a call that failed, as JSON in its arena. Nothing
 * without memory.
 *
 * @message: in the caller's language
 */
ProtobufCBinaryData connect_error(const struct call *c, const char *message);

enum {
    /** Before each message of a stream: a byte of flags, its length, big-endian; as gRPC's. */
    CONNECT_PREFIX_BYTES = 5,
};

/**
 * connect_end() - what a stream ends with, with its prefix, in the call's arena: an object that has
 * the @error, of connect_error(), where there is one. Nothing without memory.
 */
ProtobufCBinaryData connect_end(struct arena *a, ProtobufCBinaryData error);

#endif
