/**
 * Calls against a server that says what the test tells it to: answers, refusals, silence, and what
 * is sent again.
 */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/call/call.h"
#include "client/call/tls_engine.h"
#include "jiayi/v1/rpc.pb-c.h"
#include "server/folder/certs.h"

enum {
    MAX_STEPS = 8,
    /** Ends a test that hangs; decides nothing else. */
    HANG_MS = 60000,
};

/** What the server does with the next request. */
enum step {
    STEP_NONE,
    STEP_OK,
    STEP_STATUS,
    STEP_SILENCE,
    STEP_HANG_UP,
    STEP_GARBAGE,
    STEP_OTHER_ID,
    STEP_BAD_PAYLOAD
};

struct script {
    enum step step;
    Jiayi__V1__Code code;
    const char *message;
    uint32_t retry_after_ms;
    int32_t current_version;
};

static struct {
    nng_socket socket;
    pthread_t thread;
    pthread_mutex_t lock;
    struct script script[MAX_STEPS];
    /** How many requests came, and the ids of the first and the last. */
    unsigned n_requests;
    uint8_t first_id[CALL_ID_BYTES], last_id[CALL_ID_BYTES];
    uint32_t last_timeout_ms;
    nng_pipe last_pipe;
    char last_token[64], last_locale[64], last_client[64], last_method[100];
} server;

static struct arena *arena;
static char folder[] = "/tmp/test_call.XXXXXX";
static char *authority, address[64];

static char *
read_text(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "r");
    char *text = calloc(1, 65536);
    assert_non_null(in);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, in) > 0);
    fclose(in);
    unlink(path);
    return text;
}

/** Notes the request; returns the step of the script that it is answered by. */
static struct script
remember(const Jiayi__V1__RpcRequest *r)
{
    pthread_mutex_lock(&server.lock);
    memcpy(server.last_id, r->request_id.data, CALL_ID_BYTES);
    if (server.n_requests == 0)
        memcpy(server.first_id, r->request_id.data, CALL_ID_BYTES);
    server.last_timeout_ms = r->timeout_ms;
    snprintf(server.last_token, sizeof server.last_token, "%s", r->token ? r->token : "(none)");
    snprintf(server.last_locale, sizeof server.last_locale, "%s", r->locale ? r->locale : "(none)");
    snprintf(server.last_client, sizeof server.last_client, "%s", r->client ? r->client : "(none)");
    snprintf(server.last_method, sizeof server.last_method, "%s", r->method);
    unsigned at = server.n_requests++;
    struct script step = server.script[at < MAX_STEPS ? at : MAX_STEPS - 1];
    pthread_mutex_unlock(&server.lock);
    return step;
}

static nng_msg *
make_answer(const struct script *s, const Jiayi__V1__RpcRequest *request)
{
    static uint8_t garbage[] = {0xff, 0xff, 0xff};
    Jiayi__V1__RpcResponse r = JIAYI__V1__RPC_RESPONSE__INIT;
    uint8_t other[CALL_ID_BYTES] = {1};
    nng_msg *m;
    r.has_code = 1;
    r.code = s->step == STEP_STATUS ? s->code : JIAYI__V1__CODE__OK;
    r.message = (char *)s->message;
    r.has_retry_after_ms = s->retry_after_ms > 0;
    r.retry_after_ms = s->retry_after_ms;
    r.has_current_version = s->current_version > 0;
    r.current_version = s->current_version;
    r.has_request_id = 1;
    r.request_id = s->step == STEP_OTHER_ID ? (ProtobufCBinaryData){CALL_ID_BYTES, other}
                                            : request->request_id;
    r.has_payload = s->step == STEP_BAD_PAYLOAD;
    r.payload = (ProtobufCBinaryData){sizeof garbage, garbage};
    if (nng_msg_alloc(&m, jiayi__v1__rpc_response__get_packed_size(&r)) != 0)
        abort();
    jiayi__v1__rpc_response__pack(&r, nng_msg_body(m));
    if (s->step == STEP_GARBAGE)
        memset(nng_msg_body(m), 0xff, nng_msg_len(m));
    return m;
}

static void *
serve(void *unused)
{
    (void)unused;
    nng_msg *m;
    while (nng_recvmsg(server.socket, &m, 0) == 0) {
        Jiayi__V1__RpcRequest *r =
            jiayi__v1__rpc_request__unpack(NULL, nng_msg_len(m), nng_msg_body(m));
        if (!r)
            break;
        struct script s = remember(r);
        server.last_pipe = nng_msg_get_pipe(m);
        if (s.step == STEP_HANG_UP)
            nng_pipe_close(nng_msg_get_pipe(m));
        else if (s.step != STEP_SILENCE)
            nng_sendmsg(server.socket, make_answer(&s, r), 0);
        jiayi__v1__rpc_request__free_unpacked(r, NULL);
        nng_msg_free(m);
    }
    return NULL;
}

static int
start_server(void **state)
{
    (void)state;
    struct status e = {0};
    nng_listener listener;
    nng_tls_config *tls;
    int port;
    if (!mkdtemp(folder) || certs_make(folder, NULL, 0, &e) < 0 || tls_engine_register() != 0)
        return -1;
    authority = read_text("ca.pem");
    char *certificate = read_text("server.pem"), *key = read_text("server.key");
    free(read_text("ca.key"));
    rmdir(folder);
    bool up = nng_rep0_open(&server.socket) == 0 &&
              nng_listener_create(&listener, server.socket, "tls+tcp://127.0.0.1:0") == 0 &&
              nng_tls_config_alloc(&tls, NNG_TLS_MODE_SERVER) == 0 &&
              nng_tls_config_own_cert(tls, certificate, key, NULL) == 0 &&
              nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, tls) == 0 &&
              nng_listener_start(listener, 0) == 0 &&
              nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port) == 0;
    free(certificate);
    free(key);
    snprintf(address, sizeof address, "localhost:%d", up ? port : 0);
    pthread_mutex_init(&server.lock, NULL);
    return up ? pthread_create(&server.thread, NULL, serve, NULL) : -1;
}

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    pthread_mutex_lock(&server.lock);
    memset(server.script, 0, sizeof server.script);
    server.n_requests = 0;
    pthread_mutex_unlock(&server.lock);
    return arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct profile
profile(void)
{
    return (struct profile){.name = "t", .server = address, .ca = authority, .token = "the-token"};
}

/** One call of @method with @json's worth of nothing; the outcome in @e. */
static bool
run_as(const char *method, const struct profile *p, int64_t timeout_ms, struct call *call,
       struct status *e)
{
    uint8_t id[CALL_ID_BYTES];
    const struct schema_method *m = schema_find_method(schema_embedded(), method);
    assert_non_null(m);
    call_new_id(id);
    *call = (struct call){.method = m,
                          .request = message_new(arena, m->in),
                          .request_id = id,
                          .timeout_ms = timeout_ms};
    struct caller *caller = call_new(p, e);
    assert_non_null(caller);
    bool answered = call_run(arena, caller, call, e) != NULL;
    assert_int_equal(answered, e->code == STATUS_OK);
    call->request_id = NULL;
    return answered;
}

static bool
run(const char *method, int64_t timeout_ms, struct status *e)
{
    struct call call;
    struct profile p = profile();
    *e = (struct status){0};
    return run_as(method, &p, timeout_ms, &call, e);
}

static void
script(size_t i, struct script step)
{
    pthread_mutex_lock(&server.lock);
    server.script[i] = step;
    pthread_mutex_unlock(&server.lock);
}

static void
call_run_sends_the_envelope(void **state)
{
    (void)state;
    struct status e;
    script(0, (struct script){.step = STEP_OK});
    script(1, (struct script){.step = STEP_OK});
    assert_true(run("AuthService/WhoAmI", HANG_MS, &e));
    assert_string_equal(server.last_method, "jiayi.v1.AuthService/WhoAmI");
    assert_string_equal(server.last_token, "the-token");
    assert_string_equal(server.last_locale, "en");
    assert_string_equal(server.last_client, "jiayi/" JIAYI_VERSION);
    assert_in_range(server.last_timeout_ms, 1, HANG_MS);
    /* Who calls a public method need not say who it is. */
    assert_true(run("ServerService/Check", HANG_MS, &e));
    assert_string_equal(server.last_token, "(none)");
}

static void
call_run_passes_the_servers_status_on(void **state)
{
    (void)state;
    struct status e;
    script(0, (struct script){.step = STEP_STATUS,
                              .code = JIAYI__V1__CODE__ABORTED,
                              .message = "deal 7 is at version 5",
                              .current_version = 5});
    assert_false(run("DealService/MoveDeal", HANG_MS, &e));
    assert_int_equal(e.code, STATUS_ABORTED);
    assert_int_equal(e.current_version, 5);
    assert_string_equal(e.message, "deal 7 is at version 5");
    assert_int_equal(failure_exit(&e), 20);
    assert_int_equal(server.n_requests, 1);
}

static void
call_run_maps_unknown_codes(void **state)
{
    (void)state;
    struct status e;
    script(0, (struct script){.step = STEP_STATUS, .code = (Jiayi__V1__Code)200});
    assert_false(run("DealService/GetDeal", HANG_MS, &e));
    assert_int_equal(e.code, STATUS_UNKNOWN);
    assert_string_equal(e.message, "UNKNOWN");
}

/** A busy server is asked again with the same id, and what it said before is forgotten. */
static void
call_run_repeats_busy_calls_with_the_same_id(void **state)
{
    (void)state;
    static const char *const methods[] = {"DealService/GetDeal", "DealService/MoveDeal"};
    for (size_t i = 0; i < 2; i++) {
        struct status e;
        setup(NULL);
        script(0, (struct script){.step = STEP_STATUS,
                                  .code = JIAYI__V1__CODE__UNAVAILABLE,
                                  .message = "draining"});
        script(1, (struct script){.step = STEP_STATUS,
                                  .code = JIAYI__V1__CODE__RESOURCE_EXHAUSTED,
                                  .message = "full",
                                  .retry_after_ms = 1});
        script(2, (struct script){.step = STEP_OK});
        assert_true(run(methods[i], HANG_MS, &e));
        assert_int_equal(server.n_requests, 3);
        assert_memory_equal(server.first_id, server.last_id, CALL_ID_BYTES);
        assert_string_equal(e.message, "");
    }
}

static void
call_run_repeats_after_a_lost_connection(void **state)
{
    (void)state;
    struct status e;
    struct call call;
    struct profile p = profile();
    script(0, (struct script){.step = STEP_HANG_UP});
    script(1, (struct script){.step = STEP_HANG_UP});
    script(2, (struct script){.step = STEP_OK});
    assert_true(run_as("DealService/MoveDeal", &p, HANG_MS, &call, &e));
    assert_int_equal(server.n_requests, 3);
    assert_memory_equal(server.first_id, server.last_id, CALL_ID_BYTES);
    assert_int_equal(call.sent, 3);
    assert_int_equal(call.unanswered, 2);
}

/** The second attempt's refusal says nothing of the first, which may have been applied. */
static void
call_run_remembers_what_was_never_answered(void **state)
{
    (void)state;
    struct status e = {0};
    struct call call;
    struct profile p = profile();
    script(0, (struct script){.step = STEP_HANG_UP});
    script(1, (struct script){.step = STEP_STATUS, .code = JIAYI__V1__CODE__UNAVAILABLE});
    script(2, (struct script){.step = STEP_STATUS, .code = JIAYI__V1__CODE__INTERNAL});
    assert_false(run_as("DealService/MoveDeal", &p, HANG_MS, &call, &e));
    assert_int_equal(e.code, STATUS_INTERNAL);
    assert_int_equal(call.sent, 3);
    assert_int_equal(call.unanswered, 1);
}

/** Between two calls the server may have gone away and come back. */
static void
call_run_connects_again_when_the_server_was_gone(void **state)
{
    (void)state;
    uint8_t id[CALL_ID_BYTES];
    struct status e = {0};
    struct profile p = profile();
    const struct schema_method *m = schema_find_method(schema_embedded(), "AuthService/SignIn");
    struct caller *caller = call_new(&p, &e);
    for (size_t i = 0; i < 2; i++) {
        call_new_id(id);
        struct call call = {.method = m,
                            .request = message_new(arena, m->in),
                            .request_id = id,
                            .timeout_ms = HANG_MS};
        script(i, (struct script){.step = STEP_OK});
        assert_non_null(call_run(arena, caller, &call, &e));
        nng_pipe_close(server.last_pipe);
        /* Until the client knows: without this even a client that looks could be too early. */
        usleep(300 * 1000);
    }
    assert_int_equal(server.n_requests, 2);
}

/** More than is there, said without a time to come again, is no reason to ask again. */
static void
call_run_does_not_repeat_what_will_not_help(void **state)
{
    (void)state;
    struct status e;
    script(0, (struct script){.step = STEP_STATUS,
                              .code = JIAYI__V1__CODE__RESOURCE_EXHAUSTED,
                              .message = "too large"});
    assert_false(run("DealService/GetDeal", HANG_MS, &e));
    assert_int_equal(e.code, STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(server.n_requests, 1);
    /* Nor is a time past the deadline. */
    setup(NULL);
    script(0, (struct script){.step = STEP_STATUS,
                              .code = JIAYI__V1__CODE__UNAVAILABLE,
                              .message = "later",
                              .retry_after_ms = 10 * HANG_MS});
    assert_false(run("DealService/GetDeal", HANG_MS, &e));
    assert_int_equal(e.code, STATUS_UNAVAILABLE);
    assert_int_equal(server.n_requests, 1);
}

/**
 * Signing in has no request_id that guards it: sent again only where the server says that it did
 * nothing, and no earlier than it says.
 */
static void
call_run_repeats_signing_in_when_told_to_wait(void **state)
{
    (void)state;
    struct status e;
    script(0, (struct script){.step = STEP_HANG_UP});
    assert_false(run("AuthService/SignIn", HANG_MS, &e));
    assert_int_equal(e.code, STATUS_UNAVAILABLE);
    assert_int_equal(server.n_requests, 1);
    setup(NULL);
    script(0, (struct script){.step = STEP_STATUS,
                              .code = JIAYI__V1__CODE__RESOURCE_EXHAUSTED,
                              .message = "too many",
                              .retry_after_ms = 1});
    script(1, (struct script){.step = STEP_OK});
    assert_true(run("AuthService/SignIn", HANG_MS, &e));
    assert_int_equal(server.n_requests, 2);
}

static void
call_run_ends_at_the_deadline(void **state)
{
    (void)state;
    struct call call;
    struct status e = {0};
    struct profile p = profile();
    struct timespec before, after;
    script(0, (struct script){.step = STEP_SILENCE});
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_false(run_as("DealService/MoveDeal", &p, 2000, &call, &e));
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_int_equal(e.code, STATUS_DEADLINE_EXCEEDED);
    assert_true(call.unanswered);
    int64_t took_ms =
        (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    assert_in_range(took_ms, 1990, HANG_MS);
    pthread_mutex_lock(&server.lock); /* no answer says that the request was noted */
    uint32_t timeout_ms = server.last_timeout_ms;
    pthread_mutex_unlock(&server.lock);
    assert_in_range(timeout_ms, 1, 2000);
}

static void
call_run_refuses_malformed_answers(void **state)
{
    (void)state;
    static const enum step steps[] = {STEP_GARBAGE, STEP_OTHER_ID, STEP_BAD_PAYLOAD};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct status e;
        setup(NULL);
        script(0, (struct script){.step = steps[i]});
        assert_false(run("DealService/GetDeal", HANG_MS, &e));
        assert_int_equal(e.code, STATUS_INTERNAL);
        assert_int_equal(server.n_requests, 1);
    }
}

static void
call_run_refuses_large_requests_before_sending(void **state)
{
    (void)state;
    uint8_t id[CALL_ID_BYTES] = {0};
    struct status e = {0};
    struct profile p = profile();
    const struct schema_method *m =
        schema_find_method(schema_embedded(), "ReportService/SubmitReport");
    ProtobufCMessage *request = message_new(arena, m->in);
    char *body = arena_alloc(arena, CALL_MAX_BYTES + 1);
    memset(body, 'x', CALL_MAX_BYTES);
    assert_int_equal(message_put(arena, request, schema_find_field(m->in, "body"), &body), 0);
    struct call call = {.method = m, .request = request, .request_id = id, .timeout_ms = HANG_MS};
    assert_null(call_run(arena, call_new(&p, &e), &call, &e));
    assert_int_equal(failure_exit(&e), 13);
    assert_non_null(strstr(e.message, "at most 1048576"));
    assert_int_equal(server.n_requests, 0);
    assert_false(call.unanswered);
}

static void
call_run_tells_unreachable_from_untrusted(void **state)
{
    (void)state;
    char *strangers;
    struct status e = {0};
    struct call call;
    strcpy(folder, "/tmp/test_call.XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(certs_make(folder, NULL, 0, &e), 0);
    strangers = read_text("ca.pem");
    free(read_text("ca.key"));
    free(read_text("server.key"));
    free(read_text("server.pem"));
    rmdir(folder);
    const struct {
        struct profile profile;
        const char *part;
    } cases[] = {
        {{.server = address, .ca = strangers}, "wrong CA"},
        {{.server = "localhost:1", .ca = authority}, "connection refused"},
        {{.server = "nowhere.invalid:7443", .ca = authority}, "is not known"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        e = (struct status){0};
        assert_false(run_as("ServerService/Check", &cases[i].profile, HANG_MS, &call, &e));
        assert_int_equal(failure_exit(&e), 24);
        if (!strstr(e.message, cases[i].part))
            fail_msg("\"%s\" is not said in: %s", cases[i].part, e.message);
        assert_false(call.unanswered);
    }
    assert_int_equal(server.n_requests, 0);
    free(strangers);
}

static void
call_new_refuses_bad_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "localhost",
                                      "localhost:",
                                      ":7443",
                                      "localhost:0",
                                      "localhost:65536",
                                      "localhost:7443x",
                                      "::1:7443",
                                      "[::1]",
                                      "[]:7443",
                                      "a:b:7443"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct status e = {0};
        struct profile p = {.server = bad[i], .ca = authority};
        if (call_new(&p, &e))
            fail_msg("\"%s\" is taken", bad[i]);
        assert_int_equal(failure_exit(&e), 2);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(call_run_sends_the_envelope, setup, teardown),
        cmocka_unit_test_setup_teardown(call_run_passes_the_servers_status_on, setup, teardown),
        cmocka_unit_test_setup_teardown(call_run_maps_unknown_codes, setup, teardown),
        cmocka_unit_test_setup_teardown(call_run_repeats_busy_calls_with_the_same_id, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(call_run_repeats_after_a_lost_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(call_run_remembers_what_was_never_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(call_run_connects_again_when_the_server_was_gone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(call_run_does_not_repeat_what_will_not_help, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(call_run_repeats_signing_in_when_told_to_wait, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(call_run_ends_at_the_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(call_run_refuses_malformed_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(call_run_refuses_large_requests_before_sending, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(call_run_tells_unreachable_from_untrusted, setup, teardown),
        cmocka_unit_test_setup_teardown(call_new_refuses_bad_addresses, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, start_server, NULL);
    /* Callers have no end but the process's; nng's threads are still at work. */
    fflush(NULL);
    _exit(failed ? 1 : 0);
}
