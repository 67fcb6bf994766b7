#include "tests/attack/link_http2.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

enum {
    READ_BYTES = 16384,
    /** Of a message, in a body with prefixes: how long it is, after a byte of flags. */
    PREFIX_BYTES = 5,
    /** What the server may send before it is told to go on: more than all answers. */
    WINDOW_BYTES = 64 << 20,
    /** A call without its body, in JSON: an answer's begins so, where it is a deal. */
    HEAD_BYTES = 64,
};

/** A call that is out, or whose answer waits to be read. */
struct ask {
    TAILQ_ENTRY(ask) entry;
    int32_t id;
    uint8_t *body;
    size_t size, at;
    /** Of the answer: where it is in its current message, and the beginning of that. */
    uint8_t prefix[PREFIX_BYTES], head[HEAD_BYTES];
    size_t n_prefix, n_head, left, bytes;
    int http_status, grpc_status;
    char message[160];
    int messages;
    bool is_over;
};

struct link_http2 {
    nghttp2_session *session;
    TAILQ_HEAD(asks, ask) asks;
    enum link_way way;
};

static void
drop(struct link_http2 *h, struct ask *a)
{
    TAILQ_REMOVE(&h->asks, a, entry);
    free(a->body);
    free(a);
}

/* What nghttp2 calls. */

static struct ask *
find(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

static ssize_t
give_body(nghttp2_session *session, int32_t id, uint8_t *to, size_t size, uint32_t *flags,
          nghttp2_data_source *source, void *arg)
{
    struct ask *a = source->ptr;
    size_t n = a->size - a->at < size ? a->size - a->at : size;
    (void)session, (void)id, (void)arg;
    memcpy(to, a->body + a->at, n);
    a->at += n;
    if (a->at == a->size)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t n_name,
          const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    struct ask *a = find(session, frame->hd.stream_id);
    char text[160];
    (void)flags, (void)arg, (void)n_name;
    if (!a)
        return 0;
    snprintf(text, sizeof text, "%.*s", (int)n_value, (const char *)value);
    if (strcmp((const char *)name, ":status") == 0)
        a->http_status = atoi(text);
    else if (strcmp((const char *)name, "grpc-status") == 0)
        a->grpc_status = atoi(text);
    else if (strcmp((const char *)name, "grpc-message") == 0)
        memcpy(a->message, text, sizeof text);
    return 0;
}

/** Keeps the beginning of a message. */
static void
keep(struct ask *a, const uint8_t *data, size_t n)
{
    size_t room = sizeof a->head - a->n_head, some = n < room ? n : room;
    memcpy(a->head + a->n_head, data, some);
    a->n_head += some;
}

/** Bodies with prefixes. */
static void
take_messages(struct ask *a, const uint8_t *data, size_t n)
{
    while (n > 0) {
        size_t part = n < a->left ? n : a->left;
        if (a->left > 0) {
            keep(a, data, part);
            a->left -= part;
            a->messages += a->left == 0;
        } else {
            part = sizeof a->prefix - a->n_prefix < n ? sizeof a->prefix - a->n_prefix : n;
            memcpy(a->prefix + a->n_prefix, data, part);
            a->n_prefix += part;
            if (a->n_prefix == sizeof a->prefix) {
                const uint8_t *p = a->prefix;
                a->left = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
                a->messages += a->left == 0;
                a->n_prefix = a->n_head = 0;
            }
        }
        data += part;
        n -= part;
    }
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t n,
        void *arg)
{
    const struct link_http2 *h = arg;
    struct ask *a = find(session, id);
    (void)flags;
    if (!a)
        return 0;
    a->bytes += n;
    if (h->way == LINK_GRPC)
        take_messages(a, data, n);
    else
        keep(a, data, n);
    return 0;
}

static int
on_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
    struct ask *a = find(session, id);
    (void)error, (void)arg;
    if (a)
        a->is_over = true;
    return 0;
}

/* Bytes. */

static int
flush(struct link *l)
{
    const uint8_t *data;
    ssize_t n;
    while ((n = nghttp2_session_mem_send(l->http2->session, &data)) > 0)
        if (link_write(l, data, (size_t)n) < 0)
            return -1;
    return n < 0 ? -1 : 0;
}

/** Takes what the server sends next. Returns 0, or -1 when it is gone or its time is out. */
static int
take(struct link *l)
{
    uint8_t data[READ_BYTES];
    int n = SSL_read(l->ssl, data, sizeof data);
    if (n <= 0 || nghttp2_session_mem_recv(l->http2->session, data, (size_t)n) < 0)
        return -1;
    return flush(l);
}

static struct link_http2 *
new_session(enum link_way way)
{
    struct link_http2 *h = calloc(1, sizeof *h);
    nghttp2_session_callbacks *c;
    if (!h || nghttp2_session_callbacks_new(&c) != 0)
        abort();
    TAILQ_INIT(&h->asks);
    h->way = way;
    nghttp2_session_callbacks_set_on_header_callback(c, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, on_close);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_BYTES},
                                               {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    if (nghttp2_session_client_new(&h->session, c, h) != 0 ||
        nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, settings, 2) != 0 ||
        nghttp2_session_set_local_window_size(h->session, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES) != 0)
        abort();
    nghttp2_session_callbacks_del(c);
    return h;
}

int
link_http2_open(struct link *l)
{
    l->http2 = new_session(l->way);
    /* What the server allows comes first: who begins more streams than that is refused some. */
    if (flush(l) == 0 && take(l) == 0)
        return 0;
    link_close(l);
    return -1;
}

void
link_http2_free(struct link_http2 *h)
{
    if (!h)
        return;
    nghttp2_session_del(h->session);
    while (!TAILQ_EMPTY(&h->asks))
        drop(h, TAILQ_FIRST(&h->asks));
    free(h);
}

/* Calls. */

static const char *
type_of(enum link_way way, bool is_stream)
{
    if (way == LINK_GRPC)
        return "application/grpc";
    if (way == LINK_CONNECT)
        return is_stream ? "application/connect+proto" : "application/proto";
    return is_stream ? "application/connect+json" : "application/json";
}

static struct ask *
new_ask(struct link_http2 *h, const struct link_call *c)
{
    struct ask *a = calloc(1, sizeof *a);
    size_t n = c->payload_bytes, prefix = h->way == LINK_GRPC || c->is_stream ? PREFIX_BYTES : 0;
    if (!a || !(a->body = malloc(prefix + n + 1)))
        abort();
    const uint8_t head[PREFIX_BYTES] = {0, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
                                        (uint8_t)(n >> 8), (uint8_t)n};
    memcpy(a->body, head, prefix);
    if (n > 0)
        memcpy(a->body + prefix, c->payload, n);
    a->size = prefix + n;
    a->grpc_status = -1;
    TAILQ_INSERT_TAIL(&h->asks, a, entry);
    return a;
}

#define PAIR(name, value)                                                                        \
    (nghttp2_nv)                                                                                 \
    {                                                                                            \
        (uint8_t *)(name), (uint8_t *)(value), strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE \
    }

int
link_http2_send(struct link *l, const struct link_call *c)
{
    struct link_http2 *h = l->http2;
    struct ask *a = new_ask(h, c);
    char path[120], token[640], timeout[24];
    nghttp2_data_provider body = {.source.ptr = a, .read_callback = give_body};
    nghttp2_nv pairs[9];
    size_t n = 0;
    snprintf(path, sizeof path, "/jiayi.v1.%s", c->method);
    pairs[n++] = PAIR(":method", "POST");
    pairs[n++] = PAIR(":scheme", "https");
    pairs[n++] = PAIR(":authority", "localhost");
    pairs[n++] = PAIR(":path", path);
    pairs[n++] = PAIR("content-type", type_of(h->way, c->is_stream));
    if (h->way == LINK_GRPC)
        pairs[n++] = PAIR("te", "trailers");
    if (c->token) {
        snprintf(token, sizeof token, "Bearer %s", c->token);
        pairs[n++] = PAIR("authorization", token);
    }
    if (c->timeout_ms > 0) {
        snprintf(timeout, sizeof timeout, h->way == LINK_GRPC ? "%um" : "%u", c->timeout_ms);
        pairs[n++] = PAIR(h->way == LINK_GRPC ? "grpc-timeout" : "connect-timeout-ms", timeout);
    }
    a->id = nghttp2_submit_request(h->session, NULL, pairs, n, &body, a);
    if (a->id < 0 || flush(l) < 0) {
        drop(h, a);
        return -1;
    }
    l->last_id = (uint32_t)a->id;
    /* The rest goes when the server opens its window; it may also answer before that. */
    while (a->at < a->size && !a->is_over)
        if (take(l) < 0)
            return -1;
    return 0;
}

/** Of JSON: {"id": "7", …}. */
static int64_t
json_deal_id(const struct ask *a)
{
    char text[HEAD_BYTES + 1];
    long long id = 0;
    memcpy(text, a->head, a->n_head);
    text[a->n_head] = 0;
    return sscanf(text, "{\"id\": \"%lld\"", &id) == 1 || sscanf(text, "{\"id\":\"%lld\"", &id) == 1
               ? id
               : 0;
}

static void
tell(const struct link_http2 *h, const struct ask *a, struct link_answer *ret)
{
    static const struct {
        int http, code;
    } codes[] = {{200, 0}, {429, 8}, {401, 16}, {400, 3}, {403, 7}, {404, 5}, {504, 4}, {503, 14}};
    *ret = (struct link_answer){.id = (uint32_t)a->id, .code = -a->http_status, .bytes = a->bytes};
    memcpy(ret->message, a->message, sizeof ret->message);
    if (h->way == LINK_GRPC) {
        if (a->grpc_status >= 0)
            ret->code = a->grpc_status;
        ret->deal_id = link_deal_id(a->head, a->n_head);
        return;
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].http == a->http_status)
            ret->code = codes[i].code;
    if (ret->code != 0)
        snprintf(ret->message, sizeof ret->message, "%.*s", (int)a->n_head, (const char *)a->head);
    else if (h->way == LINK_CONNECT)
        ret->deal_id = link_deal_id(a->head, a->n_head);
    else
        ret->deal_id = json_deal_id(a);
}

int
link_http2_read(struct link *l, struct link_answer *ret)
{
    struct link_http2 *h = l->http2;
    struct ask *a;
    *ret = (struct link_answer){.code = -1};
    for (;;) {
        TAILQ_FOREACH(a, &h->asks, entry)
        if (a->is_over) {
            /* Without one it was reset, or refused before it was begun. */
            bool is_answered = a->http_status != 0;
            tell(h, a, ret);
            drop(h, a);
            return is_answered ? 0 : -1;
        }
        if (take(l) < 0)
            return -1;
    }
}

int
link_http2_read_message(struct link *l)
{
    struct ask *a = TAILQ_LAST(&l->http2->asks, asks);
    while (a && a->messages == 0)
        if (a->is_over || take(l) < 0)
            return -1;
    if (!a)
        return -1;
    a->messages--;
    return 0;
}
