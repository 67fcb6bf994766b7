/**
 * The page: files that the build made of web/, for browsers that come to the port.
 *
 * What a file is shows in its name, so that each but the first may be kept for ever. Every answer
 * says what the page may do in a browser: read its own files, and call where it came from.
 */
#ifndef JIAYI_SERVER_DOOR_PAGE_H
#define JIAYI_SERVER_DOOR_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "server/door/http2.h"

/** What is answered to who asks for a file. What the fields say is ours, or stands in it. */
struct page_answer {
    struct http2_field fields[HTTP2_FIELDS_MAX];
    size_t n_fields;
    const void *body;
    size_t size;
    /** What fields point to. */
    char length[24], etag[72];
};

/** page_is_asked() - true for a GET or HEAD of what is no method: page_find() answers it. */
bool page_is_asked(const struct http2_head *h);

/** page_find() - what a request for a file is answered; 404 where there is none. */
void page_find(const struct http2_head *h, struct page_answer *ret);

/** page_send() - give the answer to the session, all of it. */
void page_send(struct http2 *h, int32_t stream, const struct page_answer *a);

#endif
