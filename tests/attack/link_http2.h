#pragma once
/*
 * What a link does where HTTP/2 is spoken: nghttp2's side of a client, its frames over the link's
 * TLS. What is asked of it stands in link.h.
 */
#include "tests/attack/link.h"

struct link_http2;

/** link_http2_open() - says what a client says first. Returns 0, or -1 with the link closed. */
int link_http2_open(struct link *l);

/** link_http2_free() - forgets its streams. NULL is allowed. */
void link_http2_free(struct link_http2 *h);

/** link_http2_send(), _read(), _read_message() - as link_send(), link_read(), … say. */
int link_http2_send(struct link *l, const struct link_call *c);
int link_http2_read(struct link *l, struct link_answer *ret);
int link_http2_read_message(struct link *l);

/** link_deal_id() - the number of a packed deal, which is its first field; 0 where there is none. */
int64_t link_deal_id(const uint8_t *payload, size_t n);
