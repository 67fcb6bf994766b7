#include "server/door/http2.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/clock.h"
#include "server/door/body.h"
#include "server/door/http2_budget.h"
#include "server/door/http2_head.h"
#include "server/door/http2_memory.h"
#include "server/door/pace.h"

enum {
    /** What a peer may send of a body, and of all bodies, before it is told to go on. */
    STREAM_WINDOW_BYTES = 256 << 10,
    WINDOW_BYTES = (1 << 20) + (64 << 10),
    /** Streams that the peer resets: at once, and a second. */
    RESETS_BURST = 200,
    RESETS_PER_S = 20,
    /** CONTINUATION frames of a head: 48 KiB of it is plenty. */
    CONTINUATIONS_MAX = 2,
    /** Acknowledgements that wait to be sent. */
    ACKS_MAX = 100,
    /** Frames that mean nothing, of one peer. */
    INVALID_MAX = 100,
    /** What nghttp2 takes for a stream, roughly. */
    STREAM_BYTES = 1280,
    /** What may come of a request that was answered already. */
    SWALLOW_BYTES = 64 << 10,
};

/** Trailers that wait for the body's end: the fields, and behind them their text. */
struct trailers {
    size_t n;
    struct http2_field fields[];
};

struct stream {
    LIST_ENTRY(stream) entry;
    int32_t id;
    /** What the owner made of it. */
    void *kept;
    /** The answer's body, as far as it waits; and up to where it has gone. */
    struct body out;
    size_t at;
    struct trailers *trailers;
    /** The head of the request is there. */
    bool has_head;
    /** The head of the answer was given; all of it was; the body waits for more of itself. */
    bool is_answered, is_finished, is_deferred;
    /** All of the request is there. */
    bool is_whole;
    /** More of the request must come at a pace. */
    bool is_expected;
    /** All of the answer was sent; so much of the request came since. */
    bool is_over;
    size_t swallowed;
    struct pace received, sent;
};

struct http2 {
    struct http2_options options;
    nghttp2_session *session;
    LIST_HEAD(, stream) streams;
    int n_streams;
    /** There is one at a time. */
    struct http2_head head;
    struct http2_budget budget;
    bool is_greeted;
    /** The peer was given the notice to go; has answered it; was told to go for good. */
    bool is_warned, has_heard, is_leaving;
    /** Not fine once the peer was told why the session ends. */
    enum http2_result ended;
    int invalid;
    /** No more of its heads is unpacked. */
    bool is_bombed;
    /** What the library gave to be sent, as far as it was not pulled. */
    const uint8_t *chunk;
    size_t chunk_bytes;
    /** Of answers' bodies. */
    size_t unsent, held;
    /** What the library takes; "short" also where we have none. */
    struct http2_memory memory;
};

/* Streams. */

static struct stream *
find(const struct http2 *h, int32_t id)
{
    return nghttp2_session_get_stream_user_data(h->session, id);
}

static void
drop_out(struct http2 *h, struct stream *s)
{
    h->unsent -= s->out.size - s->at;
    h->held -= s->out.capacity;
    body_free(&s->out); /* it may have a session's token */
    s->at = 0;
}

static void
reset(struct http2 *h, int32_t id, uint32_t why)
{
    if (nghttp2_submit_rst_stream(h->session, NGHTTP2_FLAG_NONE, id, why) == NGHTTP2_ERR_NOMEM)
        h->memory.is_short = true;
}

static bool
waits_for_reader(const struct stream *s)
{
    return s->out.size > s->at;
}

static bool
waits_for_request(const struct stream *s)
{
    return s->is_expected && !s->is_whole && (!s->is_answered || s->is_over);
}

/* What nghttp2 calls. */

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct http2 *h = arg;
    http2_head_drop(&h->head);
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    /* Of what is too late GOAWAY says so too, but that may wait to be sent. */
    bool fits = h->n_streams < h->options.streams && !h->is_leaving;
    struct stream *s = fits ? calloc(1, sizeof *s) : NULL;
    if (!s) {
        /* It was not begun: a client may send it again. */
        reset(h, frame->hd.stream_id, NGHTTP2_REFUSED_STREAM);
        return 0;
    }
    s->id = frame->hd.stream_id;
    s->is_expected = true;
    pace_begin(&s->received, h->options.receive_timeout_ms);
    LIST_INSERT_HEAD(&h->streams, s, entry);
    h->n_streams++;
    nghttp2_session_set_stream_user_data(session, s->id, s);
    return 0;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t n_name,
          const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    struct http2 *h = arg;
    (void)session, (void)flags;
    /* Trailers, and heads of streams that were refused, are unpacked too. */
    enum http2_head_result r = http2_head_add(&h->head, name, n_name, value, n_value);
    h->is_bombed = r == HTTP2_HEAD_BOMB;
    if (h->is_bombed)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    bool is_wanted = frame->headers.cat == NGHTTP2_HCAT_REQUEST && find(h, frame->hd.stream_id);
    return is_wanted && r == HTTP2_HEAD_BAD ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
}

/** The head is there. */
static void
begin(struct http2 *h, struct stream *s)
{
    s->has_head = true;
    if (!h->head.is_long)
        s->kept = h->options.events->begin(h->options.owner, s->id, &h->head);
    http2_head_drop(&h->head);
    if (!s->kept && !s->is_answered)
        reset(h, s->id, NGHTTP2_INTERNAL_ERROR);
}

static int
on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct http2 *h = arg;
    (void)session;
    if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK))
        h->is_greeted = true;
    if (frame->hd.type == NGHTTP2_PING && frame->hd.flags & NGHTTP2_FLAG_ACK)
        h->has_heard = h->is_warned;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    struct stream *s = find(h, frame->hd.stream_id);
    if (!s)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        begin(h, s);
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM && !s->is_whole) {
        s->is_whole = true;
        if (s->kept)
            h->options.events->end(h->options.owner, s->kept);
    }
    return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t n,
        void *arg)
{
    struct http2 *h = arg;
    struct stream *s = find(h, id);
    (void)session, (void)flags;
    if (!s)
        return 0;
    pace_move(&s->received, n, h->options.receive_timeout_ms);
    if (s->is_over && s->swallowed <= SWALLOW_BYTES && (s->swallowed += n) > SWALLOW_BYTES)
        reset(h, id, NGHTTP2_NO_ERROR);
    if (s->kept)
        h->options.events->data(h->options.owner, s->kept, data, n);
    return 0;
}

/** The library has found out that it is of no use to go on. */
static enum http2_result
why_ended(uint32_t error)
{
    /* So it calls a flood of resets. */
    bool is_flood = error == NGHTTP2_ENHANCE_YOUR_CALM || error == NGHTTP2_INTERNAL_ERROR;
    return error == NGHTTP2_NO_ERROR ? HTTP2_FINE : is_flood ? HTTP2_TOO_MUCH : HTTP2_BAD;
}

/**
 * What is answered before all of it was there is of no interest any more. It may end by itself:
 * some clients take a reset at this moment for a failure.
 */
static int
on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct http2 *h = arg;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        h->ended = why_ended(frame->goaway.error_code);
        /* Behind the notice, and not with it: the library has pings overtake. */
        if (h->ended == HTTP2_FINE && !h->is_leaving &&
            nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, NULL) != 0)
            h->memory.is_short = true;
    }
    bool is_last = (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
                   frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    struct stream *s = is_last ? find(h, frame->hd.stream_id) : NULL;
    if (s && !s->is_whole) {
        s->is_over = s->is_expected = true;
        pace_begin(&s->received, h->options.receive_timeout_ms);
    }
    return 0;
}

static int
on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error, void *arg)
{
    struct http2 *h = arg;
    (void)session, (void)frame;
    /* Who is only eager is told of too many streams so too. */
    if (error != NGHTTP2_ERR_REFUSED_STREAM)
        h->invalid++;
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
    struct http2 *h = arg;
    struct stream *s = find(h, id);
    (void)session, (void)error;
    if (!s)
        return 0;
    if (s->kept)
        h->options.events->close(h->options.owner, s->kept);
    drop_out(h, s);
    free(s->trailers);
    LIST_REMOVE(s, entry);
    h->n_streams--;
    free(s);
    return 0;
}

/* Beginning and ending. */

static nghttp2_option *
new_option(void)
{
    nghttp2_option *o;
    if (nghttp2_option_new(&o) != 0)
        return NULL;
    nghttp2_option_set_no_closed_streams(o, 1);
    nghttp2_option_set_max_outbound_ack(o, ACKS_MAX);
    nghttp2_option_set_stream_reset_rate_limit(o, RESETS_BURST, RESETS_PER_S);
    nghttp2_option_set_max_continuations(o, CONTINUATIONS_MAX);
    return o;
}

static nghttp2_session_callbacks *
new_callbacks(void)
{
    nghttp2_session_callbacks *c;
    if (nghttp2_session_callbacks_new(&c) != 0)
        return NULL;
    nghttp2_session_callbacks_set_on_begin_headers_callback(c, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(c, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(c, on_frame_send);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(c, on_invalid_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, on_stream_close);
    return c;
}

static bool
greet(struct http2 *h)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, (uint32_t)h->options.streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP2_HEAD_BYTES},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    return nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, settings,
                                   sizeof settings / sizeof *settings) == 0 &&
           nghttp2_session_set_local_window_size(h->session, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES) ==
               0;
}

struct http2 *
http2_new(const struct http2_options *o)
{
    struct http2 *h = calloc(1, sizeof *h);
    nghttp2_option *option = new_option();
    nghttp2_session_callbacks *callbacks = new_callbacks();
    nghttp2_mem memory = {h ? &h->memory : NULL, http2_memory_allocate, http2_memory_free,
                          http2_memory_zeroed, http2_memory_reallocate};
    bool is_made = h && option && callbacks &&
                   nghttp2_session_server_new3(&h->session, callbacks, h, option, &memory) == 0;
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    if (is_made) {
        h->options = *o;
        if (h->options.streams > HTTP2_STREAMS_MAX)
            h->options.streams = HTTP2_STREAMS_MAX;
        http2_budget_begin(&h->budget);
    }
    if (is_made && greet(h))
        return h;
    http2_free(h);
    return NULL;
}

void
http2_free(struct http2 *h)
{
    if (!h)
        return;
    /* The library forgets its streams without telling. */
    while (!LIST_EMPTY(&h->streams))
        on_stream_close(h->session, LIST_FIRST(&h->streams)->id, NGHTTP2_CANCEL, h);
    if (h->session)
        nghttp2_session_del(h->session);
    http2_head_drop(&h->head);
    bytes_free(&h->head.text);
    free(h);
}

/* Bytes. */

enum http2_result
http2_take(struct http2 *h, const uint8_t *data, size_t n)
{
    bool is_within = http2_budget_charge(&h->budget, data, n);
    ssize_t used = nghttp2_session_mem_recv(h->session, data, n);
    if (used == NGHTTP2_ERR_NOMEM || h->memory.is_short)
        return HTTP2_NO_MEMORY;
    if (used >= 0 && is_within && h->invalid <= INVALID_MAX)
        return HTTP2_FINE;
    bool is_flood = used == NGHTTP2_ERR_FLOODED || used >= 0 || h->is_bombed;
    nghttp2_session_terminate_session(h->session, is_flood ? NGHTTP2_ENHANCE_YOUR_CALM
                                                           : NGHTTP2_PROTOCOL_ERROR);
    return is_flood ? HTTP2_TOO_MUCH : HTTP2_BAD;
}

/** The next bytes that the library has; false where there are none. */
static bool
next_chunk(struct http2 *h)
{
    if (h->chunk_bytes > 0)
        return true;
    ssize_t n = nghttp2_session_mem_send(h->session, &h->chunk);
    if (n < 0)
        h->memory.is_short = true;
    h->chunk_bytes = n > 0 ? (size_t)n : 0;
    return n > 0;
}

enum http2_result
http2_pull(struct http2 *h, uint8_t *to, size_t size, size_t *ret_n)
{
    size_t n = 0;
    while (n < size && next_chunk(h)) {
        size_t part = h->chunk_bytes < size - n ? h->chunk_bytes : size - n;
        memcpy(to + n, h->chunk, part);
        h->chunk += part;
        h->chunk_bytes -= part;
        n += part;
    }
    http2_budget_sent(&h->budget, n);
    *ret_n = n;
    if (h->memory.is_short)
        return HTTP2_NO_MEMORY;
    if (h->ended != HTTP2_FINE || nghttp2_session_want_read(h->session) || h->is_leaving)
        return h->ended;
    return nghttp2_session_want_write(h->session) ? HTTP2_FINE : HTTP2_OVER;
}

bool
http2_is_greeted(const struct http2 *h)
{
    return h->is_greeted;
}

void *
http2_kept(const struct http2 *h, int32_t id)
{
    const struct stream *s = find(h, id);
    return s ? s->kept : NULL;
}

/* Answers. */

static size_t
to_pairs(const struct http2_field *fields, size_t n, nghttp2_nv to[static HTTP2_FIELDS_MAX])
{
    if (n > HTTP2_FIELDS_MAX)
        n = HTTP2_FIELDS_MAX;
    for (size_t i = 0; i < n; i++)
        to[i] = (nghttp2_nv){(uint8_t *)fields[i].name, (uint8_t *)fields[i].value,
                             strlen(fields[i].name), strlen(fields[i].value),
                             NGHTTP2_NV_FLAG_NO_COPY_NAME |
                                 (fields[i].is_unique ? NGHTTP2_NV_FLAG_NO_INDEX : 0)};
    return n;
}

/** All of the body has gone: now its trailers, or nothing. */
static void
end_body(struct http2 *h, struct stream *s, uint32_t *flags)
{
    nghttp2_nv pairs[HTTP2_FIELDS_MAX];
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!s->trailers)
        return;
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    if (nghttp2_submit_trailer(h->session, s->id, pairs,
                               to_pairs(s->trailers->fields, s->trailers->n, pairs)) != 0)
        h->memory.is_short = true;
}

static ssize_t
read_body(nghttp2_session *session, int32_t id, uint8_t *to, size_t size, uint32_t *flags,
          nghttp2_data_source *source, void *arg)
{
    struct http2 *h = arg;
    struct stream *s = source->ptr;
    size_t left = s->out.size - s->at, n = size < left ? size : left;
    (void)session, (void)id;
    if (n > 0)
        memcpy(to, s->out.bytes + s->at, n);
    s->at += n;
    h->unsent -= n;
    pace_move(&s->sent, n, h->options.send_timeout_ms);
    if (s->at == s->out.size) {
        drop_out(h, s);
        if (s->is_finished)
            end_body(h, s, flags);
    }
    s->is_deferred = n == 0 && !s->is_finished;
    return s->is_deferred ? NGHTTP2_ERR_DEFERRED : (ssize_t)n;
}

void
http2_answer(struct http2 *h, int32_t id, const struct http2_field *fields, size_t n, bool is_all)
{
    nghttp2_nv pairs[HTTP2_FIELDS_MAX];
    struct stream *s = find(h, id);
    if (!s || s->is_answered)
        return;
    s->is_answered = true;
    s->is_finished = is_all;
    nghttp2_data_provider body = {.source.ptr = s, .read_callback = read_body};
    if (nghttp2_submit_response(h->session, id, pairs, to_pairs(fields, n, pairs),
                                is_all ? NULL : &body) == NGHTTP2_ERR_NOMEM)
        h->memory.is_short = true;
}

/** The body has more, or its end, that it waited for. */
static void
go_on(struct http2 *h, struct stream *s)
{
    if (s->is_deferred && nghttp2_session_resume_data(h->session, s->id) == NGHTTP2_ERR_NOMEM)
        h->memory.is_short = true;
    s->is_deferred = false;
}

void
http2_send(struct http2 *h, int32_t id, const void *data, size_t n)
{
    struct stream *s = find(h, id);
    if (!s || !s->is_answered || s->is_finished || n == 0)
        return;
    bool waits = waits_for_reader(s);
    size_t capacity = s->out.capacity;
    if (!body_append(&s->out, data, n, 0)) {
        reset(h, id, NGHTTP2_INTERNAL_ERROR);
        return;
    }
    h->held += s->out.capacity - capacity;
    if (!waits)
        pace_begin(&s->sent, h->options.send_timeout_ms);
    h->unsent += n;
    go_on(h, s);
}

static struct trailers *
copy_trailers(const struct http2_field *fields, size_t n)
{
    size_t room = 0;
    n = n < HTTP2_FIELDS_MAX ? n : HTTP2_FIELDS_MAX;
    for (size_t i = 0; i < n; i++)
        room += strlen(fields[i].value) + 1;
    struct trailers *t = malloc(sizeof *t + n * sizeof *fields + room);
    if (!t)
        return NULL;
    char *at = (char *)(t->fields + n);
    t->n = n;
    for (size_t i = 0; i < n; i++) {
        t->fields[i] = fields[i];
        t->fields[i].value = at;
        at = stpcpy(at, fields[i].value) + 1;
    }
    return t;
}

void
http2_finish(struct http2 *h, int32_t id, const struct http2_field *fields, size_t n)
{
    struct stream *s = find(h, id);
    if (!s || !s->is_answered || s->is_finished)
        return;
    if (n > 0) {
        s->trailers = copy_trailers(fields, n);
        if (!s->trailers) {
            reset(h, id, NGHTTP2_INTERNAL_ERROR);
            return;
        }
    }
    s->is_finished = true;
    go_on(h, s);
}

void
http2_refuse(struct http2 *h, int32_t id)
{
    struct stream *s = find(h, id);
    s->is_answered = true;
    reset(h, id, NGHTTP2_REFUSED_STREAM);
}

void
http2_each(const struct http2 *h, void (*f)(void *kept))
{
    const struct stream *s;
    LIST_FOREACH(s, &h->streams, entry)
    if (s->kept)
        f(s->kept);
}

void
http2_reset(struct http2 *h, int32_t id)
{
    if (find(h, id))
        reset(h, id, NGHTTP2_CANCEL);
}

void
http2_expect(struct http2 *h, int32_t id, bool is_expected)
{
    struct stream *s = find(h, id);
    if (!s)
        return;
    if (is_expected && !s->is_expected)
        pace_begin(&s->received, h->options.receive_timeout_ms);
    s->is_expected = is_expected;
}

/* Budgets, memory, time. */

void
http2_credit(struct http2 *h)
{
    http2_budget_credit(&h->budget);
}

size_t
http2_unsent(const struct http2 *h)
{
    return h->unsent;
}

bool
http2_is_read(const struct http2 *h, int32_t id)
{
    const struct stream *s = find(h, id);
    return !s || !waits_for_reader(s);
}

size_t
http2_held(const struct http2 *h)
{
    return HTTP2_SESSION_BYTES + h->head.text.capacity + h->held +
           (size_t)h->n_streams * (sizeof(struct stream) + STREAM_BYTES);
}

void
http2_rest(struct http2 *h)
{
    if (h->head.text.size == 0)
        bytes_free(&h->head.text);
    if (h->chunk_bytes == 0 && !nghttp2_session_want_write(h->session))
        http2_memory_rest(&h->memory);
}

int64_t
http2_due_us(const struct http2 *h)
{
    int64_t due = INT64_MAX;
    const struct stream *s;
    LIST_FOREACH(s, &h->streams, entry)
    {
        if (waits_for_reader(s) && s->sent.until_us < due)
            due = s->sent.until_us;
        if (waits_for_request(s) && s->received.until_us < due)
            due = s->received.until_us;
    }
    return due;
}

int
http2_cut_late(struct http2 *h)
{
    int64_t now_us = clock_now_us();
    int unread = 0;
    struct stream *s;
    LIST_FOREACH(s, &h->streams, entry)
    {
        bool is_unread = waits_for_reader(s) && s->sent.until_us <= now_us;
        if (!is_unread && !(waits_for_request(s) && s->received.until_us <= now_us))
            continue;
        unread += is_unread;
        s->is_expected = false;
        drop_out(h, s);
        reset(h, s->id, s->is_over ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
    }
    return unread;
}

void
http2_go_away(struct http2 *h, bool is_final)
{
    int rv = 0;
    if (!is_final && !h->is_warned)
        rv = nghttp2_submit_shutdown_notice(h->session);
    else if (is_final && !h->is_leaving)
        rv = nghttp2_submit_goaway(h->session, NGHTTP2_FLAG_NONE,
                                   nghttp2_session_get_last_proc_stream_id(h->session),
                                   NGHTTP2_NO_ERROR, NULL, 0);
    h->is_warned = true;
    h->is_leaving = h->is_leaving || is_final;
    if (rv == NGHTTP2_ERR_NOMEM)
        h->memory.is_short = true;
}

bool
http2_has_heard(const struct http2 *h)
{
    return h->has_heard;
}

bool
http2_is_hearing(const struct http2 *h)
{
    const struct stream *s;
    LIST_FOREACH(s, &h->streams, entry)
    if (!s->has_head)
        return true;
    return false;
}
