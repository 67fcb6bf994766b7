/**
 * A request's head, while it comes, and for who reads it: see http2_head_get().
 *
 * A few bytes of HPACK stand for thousands. A head that is too long is unpacked to its end all the
 * same, so that the next one is understood; but not far, and not a second one.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP2_HEAD_H
#define JIAYI_SERVER_DOOR_HTTP2_HEAD_H

#include <stdbool.h>

#include "server/door/bytes.h"

enum {
    /** The longest head, as HPACK counts: 32 bytes for each field beside its text. */
    HTTP2_HEAD_BYTES = 16384,
};

/** A peer's heads, one after another. All zero at first. Its owner frees the text. */
struct http2_head {
    struct bytes text;
    /** As HPACK counts. */
    size_t counted;
    /** This one is too long, and has no text; of all that there were, so many. */
    bool is_long;
    int n_long;
};

/** What a field comes to. */
enum http2_head_result {
    HTTP2_HEAD_FINE,
    /** It may not be there, or there is no memory for it: the request is none. */
    HTTP2_HEAD_BAD,
    /** The peer's heads are to be unpacked no further. */
    HTTP2_HEAD_BOMB,
};

/** http2_head_add() - one more field. */
enum http2_head_result http2_head_add(struct http2_head *h, const uint8_t *name, size_t n_name,
                                      const uint8_t *value, size_t n_value);

/** http2_head_drop() - forget what is in it, for it has a token. */
void http2_head_drop(struct http2_head *h);

/** http2_head_get() - the value of a field, such as ":path"; NULL where there is none. */
const char *http2_head_get(const struct http2_head *h, const char *name);

/**
 * http2_head_next() - the same of a field that there may be several of: the one after @after, a
 * value that this returned, or the first one for NULL.
 */
const char *http2_head_next(const struct http2_head *h, const char *name, const char *after);

/** http2_head_is_double() - true where a request has the field more than once. */
bool http2_head_is_double(const struct http2_head *h, const char *name);

#endif
