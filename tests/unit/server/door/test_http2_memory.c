/*
 * HTTP/2's session without memory: each allocation, the library's and ours, fails once. What it was for ends in a
 * failure that both sides see; nothing crashes, and nothing is left.
 */
#include "server/door/http2.h"
#include "server/door/http2_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

enum { BODY = 1000, ANSWER = 40000, TOO_MANY = 10000 };

/* The linker has the server's allocations come here (CMakeLists.txt); the client's do not. */

/** Which allocation fails; 0: none. What is there. */
static int failing, n_allocations;
static long there;

static bool
fails(void)
{
    return failing > 0 && ++n_allocations == failing;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

void *
__wrap_malloc(size_t n)
{
    void *p = fails() ? NULL : __real_malloc(n);
    there += p != NULL;
    return p;
}

void *
__wrap_calloc(size_t n, size_t size)
{
    void *p = fails() ? NULL : __real_calloc(n, size);
    there += p != NULL;
    return p;
}

void *
__wrap_realloc(void *p, size_t n)
{
    void *moved = fails() ? NULL : __real_realloc(p, n);
    there += moved && !p;
    return moved;
}

void
__wrap_free(void *p)
{
    there -= p != NULL;
    __real_free(p);
}

static struct http2 *server;
static nghttp2_session *client;
/** What the client saw of its two requests. */
static struct {
    size_t bytes;
    int ended, closed, broken, goaways;
} got;

static void *
begin(void *owner, int32_t stream, const struct http2_head *h)
{
    static int32_t streams[2];
    (void)owner;
    assert_string_equal(http2_head_get(h, ":path"), "/a/b");
    streams[stream / 2 % 2] = stream;
    return &streams[stream / 2 % 2];
}

static void
take_data(void *owner, void *kept, const uint8_t *data, size_t n)
{
    (void)owner, (void)kept, (void)data, (void)n;
}

static void
take_end(void *owner, void *kept)
{
    static const struct http2_field head = {":status", "200"};
    static const struct http2_field tail[] = {{"grpc-status", "0"}, {"grpc-message", "fine"}};
    static const char body[ANSWER];
    int32_t stream = *(int32_t *)kept;
    (void)owner;
    http2_answer(server, stream, &head, 1, false);
    http2_send(server, stream, body, sizeof body / 2);
    http2_send(server, stream, body, sizeof body / 2);
    http2_finish(server, stream, tail, 2);
    http2_credit(server);
}

static void
take_close(void *owner, void *kept)
{
    (void)owner, (void)kept;
}

static int
on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *data, size_t n, void *arg)
{
    (void)s, (void)flags, (void)id, (void)data, (void)arg;
    got.bytes += n;
    return 0;
}

static int
on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t n_name,
          const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    (void)s, (void)f, (void)n_name, (void)value, (void)n_value, (void)flags, (void)arg;
    got.ended += strcmp((const char *)name, "grpc-message") == 0;
    return 0;
}

static int
on_close(nghttp2_session *s, int32_t id, uint32_t error, void *arg)
{
    (void)s, (void)id, (void)arg;
    got.closed++;
    got.broken += error != 0;
    return 0;
}

static int
on_frame(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
    (void)s, (void)arg;
    got.goaways += f->hd.type == NGHTTP2_GOAWAY;
    return 0;
}

static ssize_t
give_body(nghttp2_session *s, int32_t id, uint8_t *to, size_t size, uint32_t *flags,
          nghttp2_data_source *source, void *arg)
{
    (void)s, (void)id, (void)source, (void)arg;
    assert_true(size >= BODY);
    memset(to, 'x', BODY);
    *flags = NGHTTP2_DATA_FLAG_EOF;
    return BODY;
}

#define PAIR(name, value)                                                     \
    {                                                                         \
        (uint8_t *)(name), (uint8_t *)(value), strlen(name), strlen(value), 0 \
    }

static void
request(void)
{
    const nghttp2_nv fields[] = {PAIR(":method", "POST"), PAIR(":scheme", "https"),
                                 PAIR(":authority", "x"), PAIR(":path", "/a/b"),
                                 PAIR("x-name", "a field that HPACK's table keeps")};
    const nghttp2_data_provider body = {.read_callback = give_body};
    assert_true(nghttp2_submit_request(client, NULL, fields, 5, &body, NULL) > 0);
}

static void
begin_client(void)
{
    nghttp2_session_callbacks *c;
    memset(&got, 0, sizeof got);
    assert_int_equal(nghttp2_session_callbacks_new(&c), 0);
    nghttp2_session_callbacks_set_on_header_callback(c, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
    assert_int_equal(nghttp2_session_client_new(&client, c, NULL), 0);
    nghttp2_session_callbacks_del(c);
    assert_int_equal(nghttp2_submit_settings(client, 0, NULL, 0), 0);
}

/** Moves bytes to and fro until there are none, or the server's side hangs up. */
static enum http2_result
talk(void)
{
    enum http2_result r = HTTP2_FINE;
    for (bool moved = true; moved && r == HTTP2_FINE;) {
        const uint8_t *data;
        uint8_t to[4096];
        size_t m = 1;
        ssize_t n = nghttp2_session_mem_send(client, &data);
        assert_true(n >= 0);
        moved = n > 0;
        r = n > 0 ? http2_take(server, data, (size_t)n) : HTTP2_FINE;
        while (r == HTTP2_FINE && m > 0) {
            r = http2_pull(server, to, sizeof to, &m);
            moved = moved || m > 0;
            assert_true(nghttp2_session_mem_recv(client, to, m) == (ssize_t)m);
        }
    }
    return r;
}

/** What both sides do; what it came to. */
static enum http2_result
play(void)
{
    static const struct http2_events events = {begin, take_data, take_end, take_close};
    server = http2_new(&(struct http2_options){
        .events = &events, .streams = 4, .receive_timeout_ms = 10000, .send_timeout_ms = 10000});
    if (!server)
        return HTTP2_NO_MEMORY;
    request();
    enum http2_result r = talk();
    if (r == HTTP2_FINE) {
        request();
        r = talk();
    }
    if (r == HTTP2_FINE) {
        http2_go_away(server, false);
        r = talk();
    }
    if (r == HTTP2_FINE) {
        http2_go_away(server, true);
        r = talk();
    }
    return r;
}

static void
each_allocation_fails_once(void **state)
{
    int n = 1, without_memory = 0;
    bool has_failed = true;
    (void)state;
    for (; has_failed && n < TOO_MANY; n++) {
        begin_client();
        failing = n;
        n_allocations = 0;
        enum http2_result r = play();
        has_failed = n_allocations >= n;
        failing = 0;
        http2_free(server);
        server = NULL;
        nghttp2_session_del(client);
        assert_int_equal(there, 0);
        without_memory += r == HTTP2_NO_MEMORY;
        /* Whoever's connection goes on knows what became of the call. */
        if (r == HTTP2_FINE || r == HTTP2_OVER) {
            assert_int_equal(got.closed, 2);
            assert_int_equal(got.ended + got.broken, 2);
            assert_in_range(got.bytes, (size_t)(2 - got.broken) * ANSWER, 2 * ANSWER);
        }
    }
    /* The last round was whole. */
    assert_false(has_failed);
    assert_int_equal(got.ended, 2);
    assert_in_range(got.goaways, 1, 2);
    assert_in_range(without_memory, 10, n);
    print_message("%d allocations, %d ended the session\n", n - 2, without_memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails_once)};
    return cmocka_run_group_tests_name("http2_memory", tests, NULL, NULL);
}
