/**
 * The second door: what a stranger's bytes inside TLS come to, from frames to requests. Every way
 * of cutting them has the same end; streams that begin are closed, once; what is made of a head is
 * text; and nothing is held any more when the peer is gone.
 *
 * The first byte says how requests are answered, whether the peer greets as every one does, and
 * whether it reads; the second how the rest is cut.
 */
#include "server/door/http2.h"

#include "server/call/budget.h"
#include "server/door/connect.h"
#include "server/door/grpc.h"
#include "server/door/grpc_standard.h"
#include "server/door/http_answer.h"
#include "server/door/http_request.h"
#include "tests/fuzz/fuzz.h"

enum {
    GREETS = 1,
    READS = 2,
    ANSWERS = 4,
    REFUSES = 8,
    LIMIT = 4096,
    STREAMS = 8,
    MANY = 100,
};

/** A peer, and what there was of it. */
struct peer {
    struct http2 *session;
    unsigned flags;
    int open, begun, ended;
    uint64_t digest;
    enum http2_result last;
};

struct request {
    struct http_request *head;
    const struct grpc_standard *standard;
    struct grpc_reader reader;
    int32_t stream;
    bool is_over;
};

static struct gate gate;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    gate.strangers = budget_new(INT32_MAX, 1);
    require(gate.strangers, "there is memory");
    return 0;
}

static void
digest(struct peer *p, const void *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p->digest = (p->digest ^ ((const uint8_t *)data)[i]) * 1099511628211u;
}

static void
check_text(struct peer *p, const char *text)
{
    if (!text)
        return;
    require(text_valid(text, strlen(text)), "what a head says is UTF-8");
    digest(p, text, strlen(text) + 1);
}

static void *
begin(void *owner, int32_t stream, const struct http2_head *h)
{
    struct peer *p = owner;
    struct http_manner manner = {0};
    if (p->flags & REFUSES) {
        http2_refuse(p->session, stream);
        return NULL;
    }
    struct request *r = http_request_manner(h, &manner) ? calloc(1, sizeof *r) : NULL;
    if (!r) {
        static const struct http2_field field = {":status", "415"};
        http2_answer(p->session, stream, &field, 1, true);
        return NULL;
    }
    r->head = http_request_new(h, &manner);
    require(r->head, "there is memory");
    r->stream = stream;
    r->standard = grpc_standard_find(r->head->method);
    check_text(p, r->head->client);
    check_text(p, r->head->locale);
    digest(p, r->head->method, strlen(r->head->method));
    if (r->head->refused.code != STATUS_OK)
        require_told(&r->head->refused);
    p->begun++;
    p->open++;
    return r;
}

static void
ask(struct peer *p, struct request *r)
{
    struct arena *a = arena_new(ARENA_BYTES);
    struct status e = {0};
    ProtobufCBinaryData out = {0};
    const struct grpc_ask q = {&gate, "192.0.2.1", false};
    ProtobufCBinaryData in = {r->reader.body.size, r->reader.body.bytes};
    require(a, "there is memory");
    if (r->standard->answer(&q, a, in, &out, &e) < 0) {
        require_told(&e);
    } else {
        http_answer_tell(p->session, r->stream,
                         &(struct http_answer){.manner = r->head->manner, .body = out});
    }
    arena_free(a);
}

static void
take_data(void *owner, void *kept, const uint8_t *data, size_t n)
{
    struct peer *p = owner;
    struct request *r = kept;
    digest(p, data, n);
    for (size_t used = 0; n > 0 && !r->is_over; data += used, n -= used) {
        enum grpc_event event = grpc_read(&r->reader, data, n, LIMIT, &used);
        require(used <= n && (used > 0 || event > GRPC_MESSAGE), "reading goes on");
        require(r->reader.body.size <= LIMIT, "a message keeps to the limit");
        r->is_over = event > GRPC_MESSAGE;
        if (event == GRPC_MESSAGE && r->standard)
            ask(p, r);
    }
}

static void
take_end(void *owner, void *kept)
{
    struct peer *p = owner;
    struct request *r = kept;
    p->ended++;
    if (!(p->flags & ANSWERS))
        return;
    const struct http_answer answer = {.manner = r->head->manner,
                                       .is_done = true,
                                       .body = {5, (uint8_t *)"hello"},
                                       .status = {{{"grpc-status", "0"}}, 1, "0", ""},
                                       .http_status = "200",
                                       .length = "5"};
    http_answer_send(p->session, r->stream, &answer);
    http2_credit(p->session);
}

static void
take_close(void *owner, void *kept)
{
    struct peer *p = owner;
    struct request *r = kept;
    p->open--;
    http_request_free(r->head);
    grpc_free(&r->reader);
    free(r);
}

/** Sends what there is to be sent, as far as the peer reads. */
static bool
pull(struct peer *p)
{
    uint8_t to[1000];
    size_t n;
    enum http2_result r;
    do {
        r = http2_pull(p->session, to, sizeof to, &n);
        require(n <= sizeof to, "no more is sent than there is room for");
        touch(to, n);
    } while (n > 0 && r == HTTP2_FINE);
    return r == HTTP2_FINE;
}

static struct peer
play(unsigned flags, const uint8_t *data, size_t size, size_t piece)
{
    static const struct http2_events events = {begin, take_data, take_end, take_close};
    static const uint8_t greeting[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    struct peer p = {.flags = flags, .digest = 14695981039346656037u};
    p.session = http2_new(&(struct http2_options){&events, &p, STREAMS, 10000, 10000});
    require(p.session, "there is memory");
    bool going =
        !(flags & GREETS) || http2_take(p.session, greeting, sizeof greeting - 1) == HTTP2_FINE;
    for (size_t at = 0, n; going && at < size; at += n) {
        n = piece && piece < size - at ? piece : size - at;
        /* A copy of its own, so that reading past the piece is seen. */
        uint8_t *copy = malloc(n);
        require(copy, "there is memory");
        memcpy(copy, data + at, n);
        p.last = http2_take(p.session, copy, n);
        require(p.last != HTTP2_NO_MEMORY, "there is memory");
        free(copy);
        going = p.last == HTTP2_FINE && (!(flags & READS) || pull(&p));
        require(p.open <= STREAMS, "there are no more streams than there may be");
    }
    (void)http2_due_us(p.session);
    (void)http2_cut_late(p.session);
    http2_go_away(p.session, false);
    http2_go_away(p.session, true);
    pull(&p);
    http2_free(p.session);
    require(p.open == 0, "what begins is closed");
    p.session = NULL;
    return p;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    unsigned flags = take_byte(&in);
    size_t piece = take_byte(&in), n = (size_t)(in.end - in.at);
    struct peer whole = play(flags, in.at, n, 0), cut = play(flags, in.at, n, 1 + piece);
    /*
     * Who does not read is told nothing meanwhile. What is too much is noticed after some bytes or
     * after others, and the library's own limit of resets goes by the clock.
     */
    bool is_much = whole.last == HTTP2_TOO_MUCH || cut.last == HTTP2_TOO_MUCH;
    if (!(flags & READS) && !is_much && whole.begun <= MANY)
        require(whole.digest == cut.digest && whole.begun == cut.begun && whole.ended == cut.ended,
                "how the bytes come changes nothing");
    return 0;
}
