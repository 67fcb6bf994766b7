#include "server/door/http_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "common/text.h"
#include "common/wipe.h"
#include "server/base/language.h"
#include "server/door/browser.h"
#include "server/door/connect.h"
#include "server/door/grpc.h"
#include "server/door/http2_head.h"

enum {
    /** What the gate looks at of a client's name; browsers' are longer. */
    CLIENT_MAX = 100,
    /** The longest language tag. */
    LOCALE_MAX = 35,
};

/** By which a caller names a call, the first of them that there is. */
static const char *const id_fields[] = {"jiayi-request-id", "idempotency-key"};

/* The request_id. */

static int
digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/** 32 hexadecimal digits, with or without the hyphens of a UUID. */
static bool
read_id(const char *text, uint8_t to[static REQUEST_ID_BYTES])
{
    size_t n = 0;
    for (; *text; text++) {
        int value = digit(*text);
        if (*text == '-' && (n == 8 || n == 12 || n == 16 || n == 20) && text[1] != '-')
            continue;
        if (value < 0 || n == 2 * REQUEST_ID_BYTES)
            return false;
        to[n / 2] = (uint8_t)(n % 2 ? to[n / 2] | value : value << 4);
        n++;
    }
    return n == 2 * REQUEST_ID_BYTES;
}

static void
take_id(struct http_request *r, const struct http2_head *h)
{
    for (size_t i = 0; i < sizeof id_fields / sizeof *id_fields; i++) {
        const char *text = http2_head_get(h, id_fields[i]);
        if (!text)
            continue;
        if (!read_id(text, r->id))
            status_field(&r->refused, "request_id", "has to be 32 hexadecimal digits");
        return;
    }
    /* Tools that know nothing of it can call all the same. So few bytes are always there. */
    (void)!getrandom(r->id, sizeof r->id, 0);
}

void
http_request_id(const uint8_t id[static REQUEST_ID_BYTES], char to[static HTTP_REQUEST_ID_CHARS])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < REQUEST_ID_BYTES; i++) {
        *to++ = digits[id[i] >> 4];
        *to++ = digits[id[i] & 15];
    }
    *to = '\0';
}

/* The rest. */

static void
take_timeout(struct http_request *r, const struct http2_head *h)
{
    bool is_grpc = r->manner.dialect == HTTP_GRPC;
    const char *text = http2_head_get(h, is_grpc ? "grpc-timeout" : "connect-timeout-ms");
    if (!text)
        return;
    r->has_timeout = true;
    if (is_grpc && !grpc_timeout(text, &r->timeout_ms))
        status_set(&r->refused, STATUS_INVALID_ARGUMENT,
                   "the deadline %.40s cannot be read; write it as 10S or 500m", text);
    if (!is_grpc && !connect_timeout(text, &r->timeout_ms))
        status_set(&r->refused, STATUS_INVALID_ARGUMENT,
                   "the deadline %.40s cannot be read; write it in milliseconds", text);
}

/** Of gRPC, and of streams, each message says by itself whether it is compressed. */
static void
refuse_compressed(struct http_request *r, const struct http2_head *h)
{
    const char *encoding = http2_head_get(h, "content-encoding");
    if (r->manner.dialect != HTTP_GRPC && !r->manner.is_stream && encoding &&
        strcasecmp(encoding, "identity") != 0)
        status_set(&r->refused, STATUS_UNIMPLEMENTED,
                   "the server takes no compressed messages; send them as they are");
}

/** The token of "Bearer TOKEN"; NULL where there is another thing, or nothing. */
static const char *
bearer(const struct http2_head *h)
{
    static const char scheme[] = "bearer ";
    const char *text = http2_head_get(h, "authorization");
    if (!text || strncasecmp(text, scheme, sizeof scheme - 1) != 0)
        return NULL;
    return text + sizeof scheme - 1 + strspn(text + sizeof scheme - 1, " ");
}

/** Whose call it is: that is said by a token, or by a page's cookie. False without memory. */
static bool
take_token(struct http_request *r, const struct http2_head *h)
{
    const char *token = bearer(h);
    if (token)
        return (r->token = strdup(token)) != NULL;
    enum browser_cookie found = BROWSER_NO_COOKIE;
    if (r->manner.dialect != HTTP_GRPC)
        found = browser_token(h, &r->token);
    r->manner.has_cookie = found == BROWSER_COOKIE;
    return found != BROWSER_NO_MEMORY;
}

/** How a page says that it wants its session as a cookie. */
static void
take_wish(struct http_request *r, const struct http2_head *h)
{
    const char *text = http2_head_get(h, "jiayi-session");
    if (!text)
        return;
    r->manner.wants_cookie = strcmp(text, "cookie") == 0;
    if (!r->manner.wants_cookie)
        status_field(&r->refused, "jiayi-session", "has to be cookie");
    else if (r->manner.dialect == HTTP_GRPC || !browser_is_here(h))
        status_set(&r->refused, STATUS_PERMISSION_DENIED,
                   "a session as a cookie is for pages of this server alone; leave jiayi-session "
                   "out, and keep the token");
}

static char *
copy_client(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    if (n == 0 || !text_valid(text, n))
        return NULL;
    return strndup(text, text_fit(text, n < CLIENT_MAX ? n : CLIENT_MAX));
}

/** The first language of an accept-language that the server speaks; NULL: English. */
static char *
choose_locale(const char *text)
{
    while (text && *text) {
        char tag[LOCALE_MAX + 1];
        size_t n = strcspn(text, ",; ");
        snprintf(tag, sizeof tag, "%.*s", (int)(n < LOCALE_MAX ? n : LOCALE_MAX), text);
        if (strncasecmp(tag, "en", 2) == 0 && (!tag[2] || tag[2] == '-'))
            return NULL;
        if (language_of(tag))
            return strdup(tag);
        text += strcspn(text, ",");
        text += strspn(text, ", ");
    }
    return NULL;
}

/** What may only be said once: two who read the request may take different ones. */
static void
refuse_doubles(struct http_request *r, const struct http2_head *h)
{
    static const char *const once[] = {"authorization",      "content-type",     "grpc-timeout",
                                       "connect-timeout-ms", "jiayi-request-id", "idempotency-key",
                                       "jiayi-session"};
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        if (http2_head_is_double(h, once[i]))
            status_set(&r->refused, STATUS_INVALID_ARGUMENT, "the request says %s twice", once[i]);
}

bool
http_request_manner(const struct http2_head *h, struct http_manner *ret)
{
    const char *type = http2_head_get(h, "content-type");
    bool is_json = false, is_stream = false;
    bool is_connect = connect_is_spoken(type, &is_json, &is_stream);
    *ret = (struct http_manner){.dialect = is_json      ? HTTP_CONNECT_JSON
                                           : is_connect ? HTTP_CONNECT
                                                        : HTTP_GRPC,
                                .is_stream = is_stream};
    return is_connect || grpc_is_spoken(type);
}

struct http_request *
http_request_new(const struct http2_head *h, const struct http_manner *manner)
{
    const char *path = http2_head_get(h, ":path");
    struct http_request *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->manner = *manner;
    r->method = strdup(path && *path == '/' ? path + 1 : "");
    r->client = copy_client(http2_head_get(h, "user-agent"));
    r->locale = choose_locale(http2_head_get(h, "accept-language"));
    bool is_taken = take_token(r, h);
    take_timeout(r, h);
    take_id(r, h);
    refuse_compressed(r, h);
    take_wish(r, h);
    refuse_doubles(r, h);
    if (r->method && is_taken)
        return r;
    http_request_free(r);
    return NULL;
}

void
http_request_free(struct http_request *r)
{
    if (!r)
        return;
    wipe_free(r->token);
    free(r->method);
    free(r->client);
    free(r->locale);
    free(r);
}
