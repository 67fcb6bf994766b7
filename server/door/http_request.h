/**
 * A call's request as a head of HTTP tells it: method, token, deadline, name, language.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP_REQUEST_H
#define JIAYI_SERVER_DOOR_HTTP_REQUEST_H

#include "server/call/gate.h"
#include "server/door/http2.h"

enum {
    /** Room for a request_id in hexadecimal digits. */
    HTTP_REQUEST_ID_CHARS = 2 * REQUEST_ID_BYTES + 1,
};

/** How a call is written over HTTP. */
enum http_dialect { HTTP_GRPC, HTTP_CONNECT, HTTP_CONNECT_JSON };

/** How a call is to be answered. */
struct http_manner {
    enum http_dialect dialect;
    /** Many answers: of Connect its streams' content-type says so, of gRPC the method. */
    bool is_stream;
    /** A page wants the session as a cookie; and has one that counts. */
    bool wants_cookie, has_cookie;
};

struct http_request {
    struct http_manner manner;
    /** "jiayi.v1.DealService/GetDeal", as it was asked for. */
    char *method;
    /** NULL where there is none. */
    char *token, *client, *locale;
    /** The caller's, or one made here. */
    uint8_t id[REQUEST_ID_BYTES];
    bool has_timeout;
    uint32_t timeout_ms;
    /** Not OK where the head is wrong: what the call is to be refused with. */
    struct status refused;
};

/** http_request_manner() - what a head's content-type names; false where it names none. */
bool http_request_manner(const struct http2_head *h, struct http_manner *ret);

/** http_request_new() - read a head. NULL without memory. */
struct http_request *http_request_new(const struct http2_head *h, const struct http_manner *manner);

/** http_request_free() - wipe it, and free it. NULL is allowed. */
void http_request_free(struct http_request *r);

/** http_request_id() - a request_id in hexadecimal digits. */
void http_request_id(const uint8_t id[static REQUEST_ID_BYTES],
                     char to[static HTTP_REQUEST_ID_CHARS]);

#endif
