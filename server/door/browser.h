/**
 * Browsers: what they are told with every answer of HTTP, and the session that a page has as a
 * cookie, which no script can read.
 *
 * The cookie goes with whatever a browser sends here, whoever made it do so. So it counts for what
 * only a page of this server can send: a POST of a type that no form has, with Connect's version in
 * its head, of which the browser itself says that it comes from here.
 */
#ifndef JIAYI_SERVER_DOOR_BROWSER_H
#define JIAYI_SERVER_DOOR_BROWSER_H

#include "common/arena.h"
#include "server/door/http2.h"

enum {
    /** The fields that every answer has. */
    BROWSER_FIELDS = 6,
    /** Those of them for what is nothing to be shown: answers of gRPC. */
    BROWSER_FIELDS_OF_CALLS = 2,
};

/** The fields that every answer has, those of calls first. */
extern const struct http2_field browser_fields[BROWSER_FIELDS];

/** browser_is_here() - true for what a page of this server asks; a browser says so. */
bool browser_is_here(const struct http2_head *h);

/** What browser_token() found. */
enum browser_cookie {
    /** There is none that counts. */
    BROWSER_NO_COOKIE,
    BROWSER_COOKIE,
    BROWSER_NO_MEMORY,
};

/** browser_token() - the token of the cookie that comes along, if it counts; malloced. */
enum browser_cookie browser_token(const struct http2_head *h, char **ret);

/** browser_set_cookie() - the cookie for a token, for so many seconds. NULL without memory. */
char *browser_set_cookie(struct arena *a, const char *token, int64_t age_s);

/** What takes the cookie away, and all that a page has kept. */
extern const struct http2_field browser_farewell[2];

#endif
