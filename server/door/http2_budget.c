#include "server/door/http2_budget.h"

#include <string.h>

#include "common/clock.h"

enum {
    /** "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", before the first frame. */
    PREFACE_BYTES = 24,
    /** The type of a frame's head, and the type of bodies. */
    TYPE_AT = 3,
    TYPE_DATA = 0,
};

static void
give(struct http2_budget *b, int64_t bytes)
{
    b->left += bytes;
    if (b->left > HTTP2_BUDGET_BYTES)
        b->left = HTTP2_BUDGET_BYTES;
}

void
http2_budget_begin(struct http2_budget *b)
{
    *b = (struct http2_budget){.left = HTTP2_BUDGET_BYTES,
                               .at_us = clock_now_us(),
                               .preface = PREFACE_BYTES};
}

/** A frame's head is there: how long its body is, and whether that is a request's. */
static void
read_head(struct http2_budget *b)
{
    b->body = (size_t)b->head[0] << 16 | (size_t)b->head[1] << 8 | b->head[2];
    b->is_data = b->head[TYPE_AT] == TYPE_DATA;
    b->n_head = 0;
}

/** How many of the bytes belong to bodies of requests. */
static size_t
count_data(struct http2_budget *b, const uint8_t *data, size_t n)
{
    size_t skip = n < b->preface ? n : b->preface, found = 0;
    b->preface -= skip;
    for (size_t at = skip, part; at < n; at += part) {
        if (b->body > 0) {
            part = n - at < b->body ? n - at : b->body;
            b->body -= part;
            found += b->is_data ? part : 0;
            continue;
        }
        size_t missing = sizeof b->head - b->n_head;
        part = n - at < missing ? n - at : missing;
        memcpy(b->head + b->n_head, data + at, part);
        b->n_head += part;
        if (b->n_head == sizeof b->head)
            read_head(b);
    }
    return found;
}

bool
http2_budget_charge(struct http2_budget *b, const uint8_t *data, size_t n)
{
    int64_t now_us = clock_now_us();
    /* Whole bytes alone: the rest of the time counts the next time. */
    int64_t bytes = (now_us - b->at_us) * HTTP2_BUDGET_PER_S / 1000000;
    b->at_us += bytes * 1000000 / HTTP2_BUDGET_PER_S;
    give(b, bytes);
    b->left -= (int64_t)(n - count_data(b, data, n));
    return b->left >= 0;
}

void
http2_budget_credit(struct http2_budget *b)
{
    give(b, HTTP2_BUDGET_PER_CALL);
}

void
http2_budget_sent(struct http2_budget *b, size_t n)
{
    give(b, (int64_t)(n / HTTP2_BUDGET_SENT_PART));
}
