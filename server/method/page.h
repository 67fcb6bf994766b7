/**
 * Pages of a list: page_size and page_token of the request, next_page_token of the response.
 * A token is the key of the last row behind a digest of the request, in URL-safe base64, opaque to
 * callers. It is good for the list, and the conditions, of the request that it was an answer to: a
 * key of other rows would skip some without a word. The digest keeps mistakes away, nobody is
 * trusted by it: what a caller sees is the same with any key.
 */
#ifndef JIAYI_SERVER_METHOD_PAGE_H
#define JIAYI_SERVER_METHOD_PAGE_H

#include "common/message.h"

enum {
    PAGE_SIZE_DEFAULT = 50,
    /** Rows of a part of an answer, such as a deal's activities: its request has no page_size. */
    PAGE_SIZE_PART = 100,
    /** What a page's values may have in all; what is more is on the next page. */
    PAGE_BYTES = 524288,
    /** The most characters of a token: of a key of 254 characters, which an address may have. */
    PAGE_TOKEN_MAX = 1600,
};

/**
 * page_size() - how many rows the request asks for; PAGE_SIZE_DEFAULT when it does not say,
 * PAGE_SIZE_PART when it cannot.
 */
int64_t page_size(const ProtobufCMessage *request);

/**
 * page_after() - the key that the page begins after; *ret_key is NULL for the first page.
 *
 * Returns 0, or -1 with @e set: the token is not one that page_token() made for such a request, or
 * there is no memory.
 */
int page_after(struct arena *a, const ProtobufCMessage *request, const char **ret_key,
               struct status *e) MUST_CHECK;

/** page_refuse() - say that a page token is none of this list. Returns -1. */
int page_refuse(struct status *e);

/**
 * page_token() - the token with which the list of @request goes on after @key; NULL when the arena
 * is full.
 */
const char *page_token(struct arena *a, const ProtobufCMessage *request, const char *key);

#endif
