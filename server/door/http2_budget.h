/**
 * What a peer of HTTP/2 may send beside the bodies of requests: heads, settings, windows, pings,
 * resets, and what nobody knows yet. Calls that come to something, and bytes that are sent, give
 * back; so does time. Who calls stays far within it.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP2_BUDGET_H
#define JIAYI_SERVER_DOOR_HTTP2_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /** What there may be at once; each second gives so much, each such call so much. */
    HTTP2_BUDGET_BYTES = 64 << 10,
    HTTP2_BUDGET_PER_S = 16 << 10,
    HTTP2_BUDGET_PER_CALL = 2 << 10,
    /** Sent bytes give one for so many: who reads tells of its windows. */
    HTTP2_BUDGET_SENT_PART = 64,
};

struct http2_budget {
    /** What there is left, and when that was reckoned. */
    int64_t left, at_us;
    /** Where the peer's bytes are: the preface, a frame's head as far as it came, its body. */
    size_t preface, body;
    bool is_data;
    uint8_t head[9];
    size_t n_head;
};

/** http2_budget_begin() - all of it is there. */
void http2_budget_begin(struct http2_budget *b);

/**
 * http2_budget_charge() - the next @n bytes of the peer, from its first on, have come. False once
 * there were too many that are no body of a request.
 */
bool http2_budget_charge(struct http2_budget *b, const uint8_t *data, size_t n);

/** http2_budget_credit() - a call was answered that came to something. */
void http2_budget_credit(struct http2_budget *b);

/** http2_budget_sent() - @n bytes were sent. */
void http2_budget_sent(struct http2_budget *b, size_t n);

#endif
