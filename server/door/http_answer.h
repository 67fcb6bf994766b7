/**
 * The answer to a call over HTTP/2, as gRPC or Connect writes it.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP_ANSWER_H
#define JIAYI_SERVER_DOOR_HTTP_ANSWER_H

#include "server/call/call.h"
#include "server/door/grpc.h"
#include "server/door/http_request.h"

/** An answer that is being made, in the call's arena. */
struct http_answer {
    struct http_manner manner;
    /** The call was done: the body is what it answers. */
    bool is_done, is_replayed;
    ProtobufCBinaryData body;
    /** What a stream of Connect ends with. */
    ProtobufCBinaryData end;
    struct grpc_status status;
    const char *http_status;
    /** A session that was opened, as a page keeps it; NULL: none. And one has ended. */
    const char *cookie;
    bool is_farewell;
    char id[HTTP_REQUEST_ID_CHARS], length[24], retry_after[12];
};

/**
 * http_answer_pack() - pack what the call answers, if it was done. A session's token that a page
 * wants as a cookie is no part of it.
 *
 * @limit_bytes: the most bytes; where it has more, or there is no memory, the call's status says so
 */
void http_answer_pack(struct call *c, const struct http_manner *manner, int limit_bytes,
                      struct http_answer *ret);

/** http_answer_complete() - add what the call's status says; of a failure nothing is packed. */
void http_answer_complete(struct call *c, struct http_answer *r);

/** http_answer_send() - give it to the session, all of it; of a stream its end. */
void http_answer_send(struct http2 *h, int32_t stream, const struct http_answer *r);

/* Streams. */

/** http_answer_begin() - the head of a stream, where it was not sent. */
void http_answer_begin(struct http2 *h, int32_t stream, const struct http_manner *manner);

/** http_answer_tell() - the answer as one of many, of a call that was done. */
void http_answer_tell(struct http2 *h, int32_t stream, const struct http_answer *r);

#endif
