/*
 * HTTP/2's session against the library's own client: what streams come to, whose budget ends, who
 * is late, and how a peer is told to go.
 */
#include "server/door/http2.h"
#include "server/door/http2_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/door/http2_budget.h"

enum { STREAMS = 4, TIMEOUT_MS = 50 };

/** What the server's side saw. */
static struct {
    int begun, ended, closed;
    int32_t stream;
    size_t bytes;
    char path[40], token[40];
    bool is_double;
} seen;

/** What the client's side saw. */
static struct {
    size_t bytes;
    char status[8], trailer[8];
    int closed, goaways;
    /** GOAWAYs that came before the last PING. */
    int goaways_at_ping;
    uint32_t error, goaway_error;
    int32_t goaway_last;
} got;

static struct http2 *server;
static nghttp2_session *client;
/** begin() answers at once and keeps nothing; refuses; or keeps. */
static enum { KEEP, ANSWER, REFUSE } mode;

static void *
begin(void *owner, int32_t stream, const struct http2_head *h)
{
    static const struct http2_field field = {":status", "415"};
    const char *token = http2_head_get(h, "authorization");
    (void)owner;
    seen.begun++;
    seen.stream = stream;
    snprintf(seen.path, sizeof seen.path, "%s", http2_head_get(h, ":path"));
    snprintf(seen.token, sizeof seen.token, "%s", token ? token : "");
    seen.is_double = http2_head_is_double(h, "authorization");
    assert_null(http2_head_get(h, "nothing"));
    if (mode == ANSWER)
        http2_answer(server, stream, &field, 1, true);
    if (mode == REFUSE)
        http2_refuse(server, stream);
    return mode == KEEP ? &seen : NULL;
}

static void
take_data(void *owner, void *kept, const uint8_t *data, size_t n)
{
    (void)owner, (void)data;
    assert_ptr_equal(kept, &seen);
    seen.bytes += n;
}

static void
take_end(void *owner, void *kept)
{
    (void)owner, (void)kept;
    seen.ended++;
}

static void
take_close(void *owner, void *kept)
{
    (void)owner, (void)kept;
    seen.closed++;
}

/* The client. */

static int
on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t n_name,
          const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    (void)s, (void)f, (void)n_name, (void)n_value, (void)flags, (void)arg;
    if (strcmp((const char *)name, ":status") == 0)
        snprintf(got.status, sizeof got.status, "%s", (const char *)value);
    if (strcmp((const char *)name, "grpc-status") == 0)
        snprintf(got.trailer, sizeof got.trailer, "%s", (const char *)value);
    return 0;
}

static int
on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *data, size_t n, void *arg)
{
    (void)s, (void)flags, (void)id, (void)data, (void)arg;
    got.bytes += n;
    return 0;
}

static int
on_close(nghttp2_session *s, int32_t id, uint32_t error, void *arg)
{
    (void)s, (void)id, (void)arg;
    got.closed++;
    got.error = error;
    return 0;
}

static int
on_frame(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
    (void)s, (void)arg;
    if (f->hd.type == NGHTTP2_GOAWAY) {
        got.goaways++;
        got.goaway_last = f->goaway.last_stream_id;
        got.goaway_error = f->goaway.error_code;
    }
    if (f->hd.type == NGHTTP2_PING && !(f->hd.flags & NGHTTP2_FLAG_ACK))
        got.goaways_at_ping = got.goaways;
    return 0;
}

static ssize_t
give_body(nghttp2_session *s, int32_t id, uint8_t *to, size_t size, uint32_t *flags,
          nghttp2_data_source *source, void *arg)
{
    size_t *left = source->ptr, n = *left < size ? *left : size;
    (void)s, (void)id, (void)arg;
    memset(to, 'x', n);
    *left -= n;
    *flags = *left == 0 ? NGHTTP2_DATA_FLAG_EOF : 0;
    return (ssize_t)n;
}

static ssize_t
give_nothing(nghttp2_session *s, int32_t id, uint8_t *to, size_t size, uint32_t *flags,
             nghttp2_data_source *source, void *arg)
{
    (void)s, (void)id, (void)to, (void)size, (void)flags, (void)source, (void)arg;
    return NGHTTP2_ERR_DEFERRED;
}

#define PAIR(name, value)                                                     \
    {                                                                         \
        (uint8_t *)(name), (uint8_t *)(value), strlen(name), strlen(value), 0 \
    }

/** A request; @body: NULL, its size, or (size_t *)1 for one that does not come. */
static int32_t
request(size_t *body)
{
    const nghttp2_nv fields[] = {PAIR(":method", "POST"), PAIR(":scheme", "https"),
                                 PAIR(":authority", "x"), PAIR(":path", "/a/b"),
                                 PAIR("authorization", "Bearer 1")};
    bool waits = body == (size_t *)1;
    nghttp2_data_provider p = {.source.ptr = body,
                               .read_callback = waits ? give_nothing : give_body};
    return nghttp2_submit_request(client, NULL, fields, 5, body ? &p : NULL, NULL);
}

/** Moves bytes to and fro until there are none. */
static enum http2_result
talk(void)
{
    bool moved = true;
    while (moved) {
        const uint8_t *data;
        ssize_t n = nghttp2_session_mem_send(client, &data);
        assert_true(n >= 0);
        enum http2_result r = n > 0 ? http2_take(server, data, (size_t)n) : HTTP2_FINE;
        moved = n > 0;
        uint8_t to[1000];
        size_t m;
        enum http2_result pulled;
        do {
            pulled = http2_pull(server, to, sizeof to, &m);
            moved = moved || m > 0;
            assert_true(m == 0 || nghttp2_session_mem_recv(client, to, m) == (ssize_t)m);
        } while (m > 0 && pulled == HTTP2_FINE);
        if (r != HTTP2_FINE || pulled != HTTP2_FINE)
            return r != HTTP2_FINE ? r : pulled;
    }
    return HTTP2_FINE;
}

static void
begin_talk(const nghttp2_settings_entry *settings, size_t n)
{
    nghttp2_session_callbacks *c;
    memset(&seen, 0, sizeof seen);
    memset(&got, 0, sizeof got);
    mode = KEEP;
    assert_int_equal(nghttp2_session_callbacks_new(&c), 0);
    nghttp2_session_callbacks_set_on_header_callback(c, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
    nghttp2_option *o;
    assert_int_equal(nghttp2_option_new(&o), 0);
    nghttp2_option_set_max_send_header_block_length(o, 1 << 20);
    assert_int_equal(nghttp2_session_client_new2(&client, c, NULL, o), 0);
    nghttp2_option_del(o);
    nghttp2_session_callbacks_del(c);
    static const struct http2_events events = {begin, take_data, take_end, take_close};
    server = http2_new(&(struct http2_options){.events = &events,
                                               .streams = STREAMS,
                                               .receive_timeout_ms = TIMEOUT_MS,
                                               .send_timeout_ms = TIMEOUT_MS});
    assert_non_null(server);
    assert_false(http2_is_greeted(server));
    assert_int_equal(nghttp2_submit_settings(client, 0, settings, n), 0);
}

static int
setup(void **state)
{
    (void)state;
    begin_talk(NULL, 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    nghttp2_session_del(client);
    http2_free(server);
    return 0;
}

/** Answers the last request with a body of @n bytes. */
static void
answer(size_t n)
{
    static const struct http2_field head = {":status", "200"}, tail = {"grpc-status", "0"};
    void *body = calloc(1, n);
    http2_answer(server, seen.stream, &head, 1, false);
    http2_send(server, seen.stream, body, n);
    http2_finish(server, seen.stream, &tail, 1);
    free(body);
}

static void
a_request_is_answered_with_trailers(void **state)
{
    size_t body = 100000;
    (void)state;
    request(&body);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_true(http2_is_greeted(server));
    assert_int_equal(seen.ended, 1);
    assert_int_equal(seen.bytes, 100000);
    assert_string_equal(seen.path, "/a/b");
    assert_string_equal(seen.token, "Bearer 1");
    assert_false(seen.is_double);
    answer(50000);
    assert_int_equal(http2_unsent(server), 50000);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(http2_unsent(server), 0);
    assert_int_equal(got.bytes, 50000);
    assert_string_equal(got.status, "200");
    assert_string_equal(got.trailer, "0");
    assert_int_equal(got.error, NGHTTP2_NO_ERROR);
    assert_int_equal(seen.closed, 1);
    assert_null(http2_kept(server, seen.stream));
    answer(10); /* nobody is there any more */
}

static void
a_body_may_come_bit_by_bit(void **state)
{
    static const struct http2_field head = {":status", "200"};
    (void)state;
    request(NULL);
    talk();
    http2_answer(server, seen.stream, &head, 1, false);
    for (size_t i = 1; i <= 3; i++) {
        http2_send(server, seen.stream, "abc", 3);
        talk();
        assert_int_equal(got.bytes, 3 * i);
    }
    http2_finish(server, seen.stream, NULL, 0);
    talk();
    assert_int_equal(got.closed, 1);
}

static void
what_is_answered_at_once_needs_no_body(void **state)
{
    (void)state;
    mode = ANSWER;
    request((size_t *)1);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_string_equal(got.status, "415");
    assert_int_equal(got.closed, 0); /* the request may end by itself */
    usleep((TIMEOUT_MS + 10) * 1000);
    assert_int_equal(http2_cut_late(server), 0);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.closed, 1);
    assert_int_equal(got.error, NGHTTP2_NO_ERROR);
    assert_int_equal(seen.closed, 0);
}

static void
what_is_answered_already_is_not_taken_for_long(void **state)
{
    size_t body = 200000;
    (void)state;
    mode = ANSWER;
    request(&body);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.closed, 1);
    assert_int_equal(got.error, NGHTTP2_NO_ERROR);
    assert_true(body > 0);
}

static void
what_is_refused_was_not_begun(void **state)
{
    (void)state;
    mode = REFUSE;
    request(NULL);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.error, NGHTTP2_REFUSED_STREAM);
}

static void
streams_beyond_the_limit_wait_with_the_client(void **state)
{
    (void)state;
    talk();
    for (int i = 0; i < STREAMS + 3; i++)
        request(NULL);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(seen.begun, STREAMS);
    assert_int_equal(got.closed, 0);
}

static void
who_opens_no_window_is_late(void **state)
{
    const nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    (void)state;
    teardown(state);
    begin_talk(&none, 1);
    request(NULL);
    talk();
    assert_true(http2_due_us(server) == INT64_MAX);
    answer(1000);
    talk();
    assert_int_equal(http2_unsent(server), 1000);
    assert_true(http2_due_us(server) != INT64_MAX);
    assert_int_equal(http2_cut_late(server), 0);
    usleep((TIMEOUT_MS + 10) * 1000);
    assert_int_equal(http2_cut_late(server), 1);
    assert_int_equal(http2_unsent(server), 0);
    talk();
    assert_int_equal(got.error, NGHTTP2_CANCEL);
    assert_int_equal(seen.closed, 1);
}

static void
whose_body_does_not_come_is_late(void **state)
{
    (void)state;
    request((size_t *)1);
    talk();
    assert_true(http2_due_us(server) != INT64_MAX);
    http2_expect(server, seen.stream, false);
    assert_true(http2_due_us(server) == INT64_MAX);
    http2_expect(server, seen.stream, true);
    usleep((TIMEOUT_MS + 10) * 1000);
    assert_int_equal(http2_cut_late(server), 0); /* it is none who does not read */
    talk();
    assert_int_equal(got.error, NGHTTP2_CANCEL);
}

static void
a_peer_is_told_to_go_twice(void **state)
{
    (void)state;
    request(NULL);
    talk();
    http2_go_away(server, false);
    talk();
    assert_int_equal(got.goaways, 1);
    assert_int_equal(got.goaway_last, INT32_MAX);
    http2_go_away(server, true);
    http2_go_away(server, true);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.goaways, 2);
    assert_int_equal(got.goaway_last, seen.stream);
    /* What it has begun is answered. */
    answer(10);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.bytes, 10);
}

static void
a_peer_says_that_it_has_heard_the_notice(void **state)
{
    (void)state;
    nghttp2_submit_ping(client, 0, NULL);
    request(NULL); /* without one the library hangs up at the notice, and answers no more */
    talk();
    http2_go_away(server, false);
    assert_false(http2_has_heard(server));
    talk();
    assert_true(http2_has_heard(server));
    assert_int_equal(got.goaways, 1);
    assert_int_equal(got.goaways_at_ping, 1);
    http2_go_away(server, false);
    talk();
    assert_int_equal(got.goaways, 1);
}

/** What comes between the last word and its leaving is either begun or not, for both sides. */
static void
what_comes_behind_the_last_word_is_not_begun(void **state)
{
    const uint8_t *data;
    (void)state;
    request(NULL);
    talk();
    http2_go_away(server, true);
    request(NULL);
    ssize_t n = nghttp2_session_mem_send(client, &data);
    assert_true(n > 0);
    assert_int_equal(http2_take(server, data, (size_t)n), HTTP2_FINE);
    assert_int_equal(seen.begun, 1);
    assert_int_equal(seen.closed, 0);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.goaway_last, seen.stream);
    assert_int_equal(got.error, NGHTTP2_REFUSED_STREAM);
    answer(10);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.bytes, 10);
}

/** A request whose head has a field of 1,000 bytes so often: HPACK names it, and sends it once. */
static void
request_with(int times)
{
    static char value[1001];
    nghttp2_nv fields[204] = {PAIR(":method", "POST"), PAIR(":scheme", "https"),
                              PAIR(":authority", "x"), PAIR(":path", "/a/b")};
    memset(value, 'y', sizeof value - 1);
    for (int i = 0; i < times; i++)
        fields[4 + i] = (nghttp2_nv)PAIR("x", value);
    assert_true(nghttp2_submit_request(client, NULL, fields, (size_t)(4 + times), NULL, NULL) > 0);
}

static void
a_head_that_is_too_long_is_no_request(void **state)
{
    (void)state;
    request_with(20);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(seen.begun, 0);
    assert_int_equal(got.error, NGHTTP2_INTERNAL_ERROR);
    /* What comes behind it is understood. */
    request_with(10);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(seen.begun, 1);
    assert_string_equal(seen.path, "/a/b");
    request_with(20);
    assert_int_equal(talk(), HTTP2_TOO_MUCH);
    assert_int_equal(got.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void
a_head_is_not_unpacked_for_ever(void **state)
{
    (void)state;
    request_with(100);
    assert_int_equal(talk(), HTTP2_TOO_MUCH);
    assert_int_equal(got.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_int_equal(seen.begun, 0);
}

static void
trailers_are_heads_too(void **state)
{
    static char value[1001];
    nghttp2_nv fields[100];
    (void)state;
    request((size_t *)1);
    assert_int_equal(talk(), HTTP2_FINE);
    memset(value, 'y', sizeof value - 1);
    for (int i = 0; i < 100; i++)
        fields[i] = (nghttp2_nv)PAIR("x", value);
    assert_int_equal(nghttp2_submit_headers(client, NGHTTP2_FLAG_END_STREAM, seen.stream, NULL,
                                            fields, 100, NULL),
                     0);
    assert_int_equal(talk(), HTTP2_TOO_MUCH);
    assert_int_equal(seen.ended, 0);
}

/** A stream counts as begun from the first bytes of its head. */
static void
half_a_head_is_waited_for(void **state)
{
    const uint8_t *data;
    uint8_t head[256];
    (void)state;
    talk();
    request(NULL);
    ssize_t n = nghttp2_session_mem_send(client, &data);
    assert_in_range(n, 20, sizeof head);
    memcpy(head, data, (size_t)n);
    assert_false(http2_is_hearing(server));
    assert_int_equal(http2_take(server, head, (size_t)n - 5), HTTP2_FINE);
    assert_int_equal(seen.begun, 0);
    assert_true(http2_is_hearing(server));
    http2_go_away(server, true);
    assert_int_equal(http2_take(server, head + n - 5, 5), HTTP2_FINE);
    assert_false(http2_is_hearing(server));
    assert_int_equal(seen.begun, 1);
    talk();
    assert_int_equal(got.goaway_last, seen.stream);
    answer(10);
    assert_int_equal(talk(), HTTP2_FINE);
    assert_int_equal(got.bytes, 10);
}

static void
pings_for_nothing_end_the_session(void **state)
{
    (void)state;
    enum http2_result r = talk();
    int n = 0;
    for (; r == HTTP2_FINE && n < 10000; n++) {
        nghttp2_submit_ping(client, 0, NULL);
        r = talk();
    }
    assert_int_equal(r, HTTP2_TOO_MUCH);
    assert_int_equal(got.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_in_range(n, HTTP2_BUDGET_BYTES / 17 / 2, HTTP2_BUDGET_BYTES / 17 * 2);
}

static void
calls_that_are_answered_pay_for_themselves(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++) {
        request(NULL);
        assert_int_equal(talk(), HTTP2_FINE);
        answer(10);
        http2_credit(server);
        assert_int_equal(talk(), HTTP2_FINE);
    }
    assert_int_equal(got.closed, 3000);
}

/** Whatever it is in the middle of: what it gives back is of no more use. */
static void
a_session_that_rests_goes_on(void **state)
{
    (void)state;
    http2_rest(server);
    for (int i = 1; i <= 3; i++) {
        request(NULL);
        assert_int_equal(talk(), HTTP2_FINE);
        http2_rest(server);
        answer(40000);
        http2_rest(server);
        assert_int_equal(talk(), HTTP2_FINE);
        assert_int_equal(got.closed, i);
        assert_int_equal(got.bytes, 40000 * (size_t)i);
        http2_rest(server);
    }
}

static void
what_is_no_http2_ends_the_session(void **state)
{
    static const uint8_t text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    (void)state;
    assert_int_equal(http2_take(server, text, sizeof text - 1), HTTP2_BAD);
}

static void
the_budget_leaves_bodies_out(void **state)
{
    static const uint8_t preface[24], data[9] = {0, 1, 0, 0}, ping[9] = {0, 0, 8, 6};
    static uint8_t body[256];
    struct http2_budget b;
    (void)state;
    http2_budget_begin(&b);
    assert_true(http2_budget_charge(&b, preface, sizeof preface));
    for (int i = 0; i < 1000; i++) {
        /* In pieces of whatever size. */
        assert_true(http2_budget_charge(&b, data, 4));
        assert_true(http2_budget_charge(&b, data + 4, 5));
        assert_true(http2_budget_charge(&b, body, 100));
        assert_true(http2_budget_charge(&b, body, 156));
    }
    int n = 0;
    while (http2_budget_charge(&b, ping, sizeof ping) && http2_budget_charge(&b, body, 8))
        n++;
    assert_in_range(n, 3000, 4000);
    http2_budget_credit(&b);
    assert_true(http2_budget_charge(&b, ping, sizeof ping));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_answered_with_trailers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_may_come_bit_by_bit, setup, teardown),
        cmocka_unit_test_setup_teardown(a_session_that_rests_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_answered_at_once_needs_no_body, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_answered_already_is_not_taken_for_long, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_refused_was_not_begun, setup, teardown),
        cmocka_unit_test_setup_teardown(streams_beyond_the_limit_wait_with_the_client, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_opens_no_window_is_late, setup, teardown),
        cmocka_unit_test_setup_teardown(whose_body_does_not_come_is_late, setup, teardown),
        cmocka_unit_test_setup_teardown(a_peer_is_told_to_go_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(a_peer_says_that_it_has_heard_the_notice, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_behind_the_last_word_is_not_begun, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_head_that_is_too_long_is_no_request, setup, teardown),
        cmocka_unit_test_setup_teardown(a_head_is_not_unpacked_for_ever, setup, teardown),
        cmocka_unit_test_setup_teardown(trailers_are_heads_too, setup, teardown),
        cmocka_unit_test_setup_teardown(half_a_head_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(pings_for_nothing_end_the_session, setup, teardown),
        cmocka_unit_test_setup_teardown(calls_that_are_answered_pay_for_themselves, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_no_http2_ends_the_session, setup, teardown),
        cmocka_unit_test(the_budget_leaves_bodies_out),
    };
    return cmocka_run_group_tests_name("http2", tests, NULL, NULL);
}
