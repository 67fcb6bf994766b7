/*
 * A load for tests/bench, on deals and on lists of what belongs to them: so many callers, each with
 * a session of its own and one call in flight, over TLS with the authority verified. Every answer
 * is checked. A closed loop: each caller calls again when its answer is here; or with --rate an
 * open one: calls begin when their time has come, wait where every caller is busy, and their
 * latency counts from that time. Or with --held, callers that wait for news, and what they cost the
 * server more than that they are there; with --idle, callers that are only there, and what they
 * cost the server.
 *
 * It relies on what data.sql loads: member u (1 to MEMBERS) has the address u<u>@bench.example, the
 * sessions whose tokens are u + MEMBERS * n in TOKEN_DIGITS digits (n from 0), and the deals u +
 * MEMBERS * n, of which the n-th begins in the stage n modulo 5. With --calls, a file says instead
 * what is asked and by whom: lines of TOKEN OWNER STAGE PAGE_TOKEN DEAL_ID, where - is nothing.
 * inbox, todo, tasks and comments are for what growth.sql loads: whole pages, all about deals.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/call/tls_engine.h"
#include "jiayi/v1/comment.pb-c.h"
#include "jiayi/v1/deal.pb-c.h"
#include "jiayi/v1/inbox.pb-c.h"
#include "jiayi/v1/rpc.pb-c.h"
#include "jiayi/v1/task.pb-c.h"

enum {
    MEMBERS = 200,
    DEALS_EACH = 500,
    STAGES = 5,
    PAGE = 50,
    TOKEN_DIGITS = 43,
    REQUEST_ID_BYTES = 16,
    TIMEOUT_MS = 10000,
    /** nng's limit for an answer; later than the server's own deadline. */
    GIVE_UP_MS = 20000,
    /** How long a caller waits for news. */
    HELD_MS = 300000,
    /** A caller that failed so often stops. */
    MAX_FAILED = 100,
    REQUEST_BYTES = 512,
    MAX_CALLERS = 20000,
    /** What --calls may hold at most, and the longest word in it. */
    MAX_LINES = 10000,
    WORD_BYTES = 64,
    /** Callers of an open loop of which none is free: intended times that can wait. */
    MAX_LATE = 1 << 20,
    /** Of a page that is a large answer: about 100 KB. */
    LARGE_PAGE = 500,
};

/** The open stages, in the order in which data.sql spreads the deals over them. */
static const char *const stages[STAGES] = {"new", "contacted", "quoted", "negotiating", "deciding"};

/** A reader of packed fields. */
struct wire {
    const uint8_t *at, *end;
};

/** One packed field: a number, or bytes. */
struct field {
    unsigned number;
    uint64_t value;
    struct wire bytes;
};

/** A line of --calls; what is absent is empty. */
struct line {
    char token[TOKEN_DIGITS + 1], owner[WORD_BYTES], stage[WORD_BYTES], page_token[WORD_BYTES];
    int64_t deal_id;
};

struct caller {
    int member;
    /** The next line of --calls. */
    int line;
    /** Rows that a page is asked for. */
    int page;
    /** The next caller that is free, in an open loop. */
    struct caller *next_free;
    nng_ctx ctx;
    nng_aio *send, *receive;
    char token[TOKEN_DIGITS + 1];
    char email[32];
    uint64_t random;
    /** Moves made so far: says which deal is next, and to which stage. */
    int moves;
    /** What the call in flight asked for. */
    uint8_t request_id[REQUEST_ID_BYTES];
    int64_t deal_id;
    char on[32];
    const char *stage;
    int64_t began_ns;
    /** Of the calls that ended well within the measured time, in milliseconds. */
    float *latencies_ms;
    size_t n, room;
    long failed;
};

/** An operation: what it asks, and whether an answer is right. */
struct op {
    const char *name;
    const char *method;
    /** Packs the next request's payload; returns its size. */
    size_t (*pack)(struct caller *c, uint8_t *to);
    bool (*is_right)(const struct caller *c, struct wire payload);
    /**
     * Of a list's rows: a field that each has, 0 where none is looked at, and what it begins with;
     * NULL: it is the reference that was asked for.
     */
    unsigned shown;
    const char *text;
};

static struct {
    const char *server, *ca_path;
    const struct op *op;
    int callers, connections, pid;
    /** Calls a second that begin, of all callers together; 0: a closed loop. */
    double rate;
    bool idle, held;
    double warmup_s, seconds;
    struct line *lines;
    int n_lines;
} options = {.connections = MAX_CALLERS, .warmup_s = 0.5, .seconds = 3};

static int64_t from_ns, until_ns;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_done = PTHREAD_COND_INITIALIZER;
static int running;

/**
 * Of an open loop: who is free, and the intended times of the calls that wait for somebody to be; a
 * ring.
 */
static struct caller *first_free;
static int64_t *late;
static size_t first_late, n_late;

static int64_t
clock_ns(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? (int64_t)t.tv_sec * 1000000000 + t.tv_nsec : 0;
}

static int64_t
now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static void
sleep_until(int64_t ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        continue;
}

static void
fail(const char *what, int rv)
{
    fprintf(stderr, "load: %s: %s\n", what, nng_strerror(rv));
    exit(1);
}

long __sysconf(int name);

/**
 * In libc's place: nng makes two threads for each processor that this tells of, all on one queue,
 * and wakes one for every step of every message. With two in all they are awake already, and leave
 * the processors to the server.
 */
__attribute__((weak)) long
sysconf(int name)
{
    return name == _SC_NPROCESSORS_ONLN ? 1 : __sysconf(name);
}

/** xorshift64*: quick, and the same in every run. */
static uint64_t
next_random(struct caller *c)
{
    c->random ^= c->random >> 12;
    c->random ^= c->random << 25;
    c->random ^= c->random >> 27;
    return c->random * UINT64_C(2685821657736338717);
}

static int
below(struct caller *c, int n)
{
    return (int)((next_random(c) >> 33) % (unsigned)n);
}

/* Reading answers: just what is checked, without making objects of them. */

static bool
read_varint(struct wire *w, uint64_t *ret)
{
    *ret = 0;
    for (int shift = 0; w->at < w->end && shift < 64; shift += 7) {
        *ret |= (uint64_t)(*w->at & 0x7f) << shift;
        if (!(*w->at++ & 0x80))
            return true;
    }
    return false;
}

/** The next field; false at the end, and where the bytes are no message. */
static bool
read_field(struct wire *w, struct field *f)
{
    enum { VARINT = 0, BYTES = 2 };
    uint64_t key;
    if (!read_varint(w, &key) || !read_varint(w, &f->value))
        return false;
    f->number = (unsigned)(key >> 3);
    f->bytes = (struct wire){w->at, w->at};
    if ((key & 7) == VARINT)
        return true;
    if ((key & 7) != BYTES || f->value > (uint64_t)(w->end - w->at))
        return false;
    w->at += f->value;
    f->bytes.end = w->at;
    return true;
}

static bool
is_text(struct wire w, const char *text)
{
    size_t n = (size_t)(w.end - w.at);
    return n == strlen(text) && memcmp(w.at, text, n) == 0;
}

static bool
begins(struct wire w, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(w.end - w.at) >= n && memcmp(w.at, text, n) == 0;
}

/* The operations. */

static size_t
pack_get(struct caller *c, uint8_t *to)
{
    Jiayi__V1__GetDealRequest r = JIAYI__V1__GET_DEAL_REQUEST__INIT;
    c->deal_id = options.n_lines ? options.lines[c->line].deal_id
                                 : c->member + MEMBERS * below(c, DEALS_EACH);
    r.has_deal_id = 1;
    r.deal_id = c->deal_id;
    return jiayi__v1__get_deal_request__pack(&r, to);
}

static size_t
pack_list(struct caller *c, uint8_t *to)
{
    Jiayi__V1__ListDealsRequest r = JIAYI__V1__LIST_DEALS_REQUEST__INIT;
    c->stage = stages[below(c, STAGES)];
    r.stage = (char *)c->stage;
    r.owner = c->email;
    if (options.n_lines) {
        struct line *l = &options.lines[c->line];
        r.stage = *l->stage ? l->stage : NULL;
        r.owner = *l->owner ? l->owner : NULL;
        r.page_token = *l->page_token ? l->page_token : NULL;
    }
    if (c->page > PAGE)
        r.stage = NULL;
    r.has_page_size = 1;
    r.page_size = c->page;
    return jiayi__v1__list_deals_request__pack(&r, to);
}

/** The deals in turn, each time to the stage after the one that it is in. */
static size_t
pack_move(struct caller *c, uint8_t *to)
{
    Jiayi__V1__MoveDealRequest r = JIAYI__V1__MOVE_DEAL_REQUEST__INIT;
    int n = c->moves % DEALS_EACH, round = c->moves / DEALS_EACH;
    c->moves++;
    c->deal_id = c->member + MEMBERS * n;
    c->stage = stages[(n + round + 1) % STAGES];
    r.has_deal_id = 1;
    r.deal_id = c->deal_id;
    r.stage = (char *)c->stage;
    return jiayi__v1__move_deal_request__pack(&r, to);
}

static size_t
pack_inbox(struct caller *c, uint8_t *to)
{
    Jiayi__V1__ListInboxRequest r = JIAYI__V1__LIST_INBOX_REQUEST__INIT;
    r.has_page_size = 1;
    r.page_size = c->page;
    return jiayi__v1__list_inbox_request__pack(&r, to);
}

/** What waits for the caller and for those below, if there are any. */
static size_t
pack_todo(struct caller *c, uint8_t *to)
{
    Jiayi__V1__ListTodoRequest r = JIAYI__V1__LIST_TODO_REQUEST__INIT;
    r.has_team = 1;
    r.team = 1;
    r.has_page_size = 1;
    r.page_size = c->page;
    return jiayi__v1__list_todo_request__pack(&r, to);
}

static size_t
pack_tasks(struct caller *c, uint8_t *to)
{
    Jiayi__V1__ListTasksRequest r = JIAYI__V1__LIST_TASKS_REQUEST__INIT;
    r.has_page_size = 1;
    r.page_size = c->page;
    return jiayi__v1__list_tasks_request__pack(&r, to);
}

/** On the deal of the line. */
static size_t
pack_comments(struct caller *c, uint8_t *to)
{
    Jiayi__V1__ListCommentsRequest r = JIAYI__V1__LIST_COMMENTS_REQUEST__INIT;
    c->deal_id = options.n_lines ? options.lines[c->line].deal_id : 0;
    snprintf(c->on, sizeof c->on, "deal/%" PRId64, c->deal_id);
    r.on = c->on;
    r.has_page_size = 1;
    r.page_size = c->page;
    return jiayi__v1__list_comments_request__pack(&r, to);
}

/** From the beginning: nobody was told anything. */
static size_t
pack_watch(struct caller *c, uint8_t *to)
{
    (void)c;
    Jiayi__V1__WatchInboxRequest r = JIAYI__V1__WATCH_INBOX_REQUEST__INIT;
    r.has_since = 1;
    return jiayi__v1__watch_inbox_request__pack(&r, to);
}

static bool
is_deal(struct wire payload, int64_t id, const char *stage)
{
    enum { ID = 1, STAGE = 4 };
    struct field f;
    bool same_id = false, same_stage = !stage;
    while (read_field(&payload, &f)) {
        same_id |= f.number == ID && (int64_t)f.value == id;
        same_stage |= f.number == STAGE && stage && is_text(f.bytes, stage);
    }
    return same_id && same_stage;
}

static bool
is_got(const struct caller *c, struct wire payload)
{
    return is_deal(payload, c->deal_id, NULL);
}

static bool
is_moved(const struct caller *c, struct wire payload)
{
    return is_deal(payload, c->deal_id, c->stage);
}

/** Whether a list has a whole page; its rows, each list's first field, have what is looked for. */
static bool
is_list(const struct caller *c, struct wire payload)
{
    enum { ROWS = 1 };
    const struct op *op = options.op;
    struct field row, f;
    int n = 0;
    while (read_field(&payload, &row)) {
        bool has = row.number != ROWS || !op->shown;
        while (!has && read_field(&row.bytes, &f))
            has = f.number == op->shown &&
                  (op->text ? begins(f.bytes, op->text) : is_text(f.bytes, c->on));
        if (!has)
            return false;
        n += row.number == ROWS;
    }
    return n == c->page;
}

/** The server ends it: nothing was told. */
static bool
is_watched(const struct caller *c, struct wire payload)
{
    (void)c;
    (void)payload;
    return true;
}

enum { OP_GET, OP_LIST, OP_MOVE, OP_INBOX, OP_TODO, OP_TASKS, OP_COMMENTS, OP_WATCH };

static const struct op ops[] = {
    [OP_GET] = {"get", "jiayi.v1.DealService/GetDeal", pack_get, is_got},
    [OP_LIST] = {"list", "jiayi.v1.DealService/ListDeals", pack_list, is_list},
    [OP_MOVE] = {"move", "jiayi.v1.DealService/MoveDeal", pack_move, is_moved},
    /* What happened; whose it is; what it is about, by its title; what was commented on. */
    [OP_INBOX] = {"inbox", "jiayi.v1.InboxService/ListInbox", pack_inbox, is_list, 3, "deal."},
    [OP_TODO] = {"todo", "jiayi.v1.TaskService/ListTodo", pack_todo, is_list, 8, "p"},
    [OP_TASKS] = {"tasks", "jiayi.v1.TaskService/ListTasks", pack_tasks, is_list, 6, "Deal "},
    [OP_COMMENTS] = {"comments", "jiayi.v1.CommentService/ListComments", pack_comments, is_list, 2},
    [OP_WATCH] = {"watch", "jiayi.v1.InboxService/WatchInbox", pack_watch, is_watched},
};

/* A call. */

static nng_msg *
next_request(struct caller *c)
{
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    uint8_t payload[REQUEST_BYTES];
    uint64_t id[REQUEST_ID_BYTES / sizeof(uint64_t)];
    for (size_t i = 0; i < sizeof id / sizeof *id; i++)
        id[i] = next_random(c);
    memcpy(c->request_id, id, REQUEST_ID_BYTES);
    r.method = (char *)options.op->method;
    r.has_payload = 1;
    r.payload = (ProtobufCBinaryData){options.op->pack(c, payload), payload};
    r.token = options.n_lines ? options.lines[c->line].token : c->token;
    r.has_timeout_ms = 1;
    r.timeout_ms = options.held ? HELD_MS : TIMEOUT_MS;
    r.has_request_id = 1;
    r.request_id = (ProtobufCBinaryData){REQUEST_ID_BYTES, c->request_id};
    r.client = (char *)"load";
    nng_msg *msg;
    int rv = nng_msg_alloc(&msg, jiayi__v1__rpc_request__get_packed_size(&r));
    if (rv != 0)
        fail("no memory", rv);
    jiayi__v1__rpc_request__pack(&r, nng_msg_body(msg));
    return msg;
}

/** Prints the first failure; the others are counted. */
static void
tell(struct wire message, int rv)
{
    static bool told;
    pthread_mutex_lock(&lock);
    if (!told)
        fprintf(stderr, "load: %s: %.*s\n", options.op->name,
                rv ? 100 : (int)(message.end - message.at),
                rv ? nng_strerror(rv) : (const char *)message.at);
    told = true;
    pthread_mutex_unlock(&lock);
}

/** Whether the answer is OK, to this request, and what was asked for. */
static bool
is_right(const struct caller *c, const nng_msg *msg)
{
    enum { CODE = 1, MESSAGE = 2, PAYLOAD = 6, REQUEST_ID = 7 };
    const uint8_t *body = nng_msg_body((nng_msg *)msg);
    struct wire all = {body, body + nng_msg_len(msg)}, payload = {body, body}, why = payload;
    struct field f;
    bool ok = true, mine = false;
    while (read_field(&all, &f)) {
        ok &= f.number != CODE || f.value == 0;
        mine |= f.number == REQUEST_ID && f.value == REQUEST_ID_BYTES &&
                memcmp(f.bytes.at, c->request_id, REQUEST_ID_BYTES) == 0;
        if (f.number == MESSAGE)
            why = f.bytes;
        if (f.number == PAYLOAD)
            payload = f.bytes;
    }
    if (ok && mine && all.at == all.end && options.op->is_right(c, payload))
        return true;
    static const char wrong[] = "not the answer to what was asked";
    tell(ok ? (struct wire){(const uint8_t *)wrong, (const uint8_t *)wrong + sizeof wrong - 1}
            : why,
         0);
    return false;
}

/** Begins the next call of a caller; its latency counts from @began_ns. */
static void
start_call(struct caller *c, int64_t began_ns)
{
    nng_msg *unsent;
    nng_aio_wait(c->send); /* it has ended: its answer is here */
    if ((unsent = nng_aio_get_msg(c->send)))
        nng_msg_free(unsent);
    if (options.n_lines)
        c->line = (c->line + options.callers) % options.n_lines;
    nng_aio_set_msg(c->send, next_request(c));
    c->began_ns = began_ns;
    nng_ctx_send(c->ctx, c->send);
    nng_ctx_recv(c->ctx, c->receive);
}

static void
keep_latency(struct caller *c, int64_t ns)
{
    if (c->n == c->room) {
        c->room = c->room ? 2 * c->room : 4096;
        c->latencies_ms = realloc(c->latencies_ms, c->room * sizeof *c->latencies_ms);
        if (!c->latencies_ms)
            fail("no memory", NNG_ENOMEM);
    }
    c->latencies_ms[c->n++] = (float)ns / 1e6F;
}

/** The caller has nothing more to do, or in an open loop takes the call that waits longest. */
static void
rest(struct caller *c)
{
    int64_t intended_ns = 0;
    pthread_mutex_lock(&lock);
    if (n_late > 0 && c->failed < MAX_FAILED) {
        intended_ns = late[first_late];
        first_late = (first_late + 1) % MAX_LATE;
        n_late--;
    } else {
        c->next_free = first_free;
        first_free = c;
        if (--running == 0)
            pthread_cond_signal(&all_done);
    }
    pthread_mutex_unlock(&lock);
    if (intended_ns)
        start_call(c, intended_ns);
}

static void
on_answer(void *arg)
{
    struct caller *c = arg;
    int64_t now = now_ns();
    int rv = nng_aio_result(c->receive);
    bool good = false;
    if (rv == 0) {
        nng_msg *msg = nng_aio_get_msg(c->receive);
        good = is_right(c, msg);
        nng_msg_free(msg);
    } else {
        tell((struct wire){0}, rv);
    }
    if (!good)
        c->failed++;
    else if (options.rate > 0 ? c->began_ns >= from_ns : now >= from_ns && now < until_ns)
        keep_latency(c, now - c->began_ns);
    if (options.rate <= 0 && now < until_ns && c->failed < MAX_FAILED)
        start_call(c, now);
    else
        rest(c);
}

/* The open loop. */

/** A call's time has come. */
static void
arrive(int64_t intended_ns)
{
    pthread_mutex_lock(&lock);
    struct caller *c = first_free;
    if (c) {
        first_free = c->next_free;
        running++;
    } else if (n_late < MAX_LATE) {
        late[(first_late + n_late++) % MAX_LATE] = intended_ns;
    }
    pthread_mutex_unlock(&lock);
    if (c)
        start_call(c, intended_ns);
}

/** Calls at random times, as of many who know nothing of one another, until the end. */
static void
arrive_all(struct caller *callers)
{
    struct caller *dice = &callers[0];
    double at_ns = (double)now_ns();
    for (int i = options.callers - 1; i >= 0; i--) {
        callers[i].next_free = first_free;
        first_free = &callers[i];
    }
    while ((int64_t)at_ns < until_ns) {
        double u = (double)(next_random(dice) >> 11) / 9007199254740992.0;
        at_ns -= log(1 - u) / options.rate * 1e9;
        if ((int64_t)at_ns > now_ns())
            sleep_until((int64_t)at_ns);
        arrive((int64_t)at_ns);
    }
}

/* Connections. */

static char *
read_file(const char *path)
{
    char *text = NULL;
    size_t room = 0;
    FILE *in = fopen(path, "re");
    if (!in || getdelim(&text, &room, 0, in) < 0) {
        fprintf(stderr, "load: cannot read %s: %s\n", path, strerror(errno));
        exit(1);
    }
    fclose(in);
    return text;
}

static nng_tls_config *
make_tls(void)
{
    nng_tls_config *tls;
    char *ca = read_file(options.ca_path), *host = strdup(options.server);
    char *colon = host ? strrchr(host, ':') : NULL;
    int rv = colon ? tls_engine_register() : NNG_EADDRINVAL;
    if (colon)
        *colon = 0;
    if (rv == 0)
        rv = nng_tls_config_alloc(&tls, NNG_TLS_MODE_CLIENT);
    if (rv == 0)
        rv = nng_tls_config_auth_mode(tls, NNG_TLS_AUTH_MODE_REQUIRED);
    if (rv == 0)
        rv = nng_tls_config_server_name(tls, host);
    if (rv == 0)
        rv = nng_tls_config_ca_chain(tls, ca, NULL);
    if (rv != 0)
        fail("TLS", rv);
    free(ca);
    free(host);
    return tls;
}

static nng_socket
connect_one(nng_tls_config *tls)
{
    nng_socket socket;
    nng_dialer dialer;
    char url[300];
    snprintf(url, sizeof url, "tls+tcp://%s", options.server);
    int rv = nng_req0_open(&socket);
    if (rv == 0)
        rv = nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    if (rv == 0)
        rv = nng_dialer_create(&dialer, socket, url);
    if (rv == 0)
        rv = nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, tls);
    if (rv == 0)
        rv = nng_dialer_start(dialer, 0);
    if (rv != 0)
        fail(url, rv);
    return socket;
}

/** Callers share the connections in turn; their members are spread over companies and roles. */
static void
open_callers(struct caller *callers, const nng_socket *sockets)
{
    for (int i = 0; i < options.callers; i++) {
        struct caller *c = &callers[i];
        c->member = 1 + (7 + 3 * i) % MEMBERS;
        c->line = options.n_lines ? i % options.n_lines : 0;
        c->page = PAGE;
        c->random = (uint64_t)now_ns() * 2 + (uint64_t)i * 1000003 + 1;
        snprintf(c->token, sizeof c->token, "%0*d", TOKEN_DIGITS,
                 c->member + i / MEMBERS * MEMBERS);
        snprintf(c->email, sizeof c->email, "u%d@bench.example", c->member);
        int rv = nng_ctx_open(&c->ctx, sockets[i % options.connections]);
        if (rv == 0)
            rv = nng_aio_alloc(&c->send, NULL, NULL);
        if (rv == 0)
            rv = nng_aio_alloc(&c->receive, on_answer, c);
        if (rv != 0)
            fail("cannot open a caller", rv);
        nng_aio_set_timeout(c->receive, options.held ? HELD_MS : GIVE_UP_MS);
    }
}

/* The measurement. */

/** The server's CPU time so far; 0 without --pid. */
static int64_t
server_cpu_ns(void)
{
    clockid_t clock;
    return options.pid && clock_getcpuclockid(options.pid, &clock) == 0 ? clock_ns(clock) : 0;
}

static void
wait_all(void)
{
    pthread_mutex_lock(&lock);
    while (running > 0)
        pthread_cond_wait(&all_done, &lock);
    pthread_mutex_unlock(&lock);
}

static void *
run_arrivals(void *callers)
{
    arrive_all(callers);
    return NULL;
}

/** Runs the load; returns the server's CPU time in the measured time. */
static int64_t
run(struct caller *callers)
{
    from_ns = now_ns() + (int64_t)(options.warmup_s * 1e9);
    until_ns = from_ns + (int64_t)(options.seconds * 1e9);
    pthread_t arrivals;
    if (options.rate > 0) {
        if (pthread_create(&arrivals, NULL, run_arrivals, callers) != 0)
            fail("cannot start a thread", NNG_ENOMEM);
    } else {
        running = options.callers;
        for (int i = 0; i < options.callers; i++)
            start_call(&callers[i], now_ns());
    }
    sleep_until(from_ns);
    int64_t before = server_cpu_ns();
    sleep_until(until_ns);
    int64_t used = server_cpu_ns() - before;
    if (options.rate > 0)
        pthread_join(arrivals, NULL);
    wait_all();
    return used;
}

/* Connections that are only there. */

/** What the server's memory is, in KiB; 0 where it cannot be read. */
static long
server_pss_kib(void)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", options.pid);
    FILE *in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "Pss: %ld", &kib) == 1)
            break;
    if (in)
        fclose(in);
    return kib;
}

/** Every caller calls once, some at a time so that none waits long for the others. */
static void
call_once(struct caller *callers)
{
    enum { AT_A_TIME = 16 };
    until_ns = 0; /* nobody calls again by itself */
    for (int i = 0; i < options.callers; i += AT_A_TIME) {
        int n = options.callers - i < AT_A_TIME ? options.callers - i : AT_A_TIME;
        running = n;
        for (int k = i; k < i + n; k++)
            start_call(&callers[k], now_ns());
        wait_all();
    }
}

/**
 * The server's memory: without them; signed in, each with a call behind it; and each with a large
 * answer behind it.
 */
static int
run_idle(struct caller *callers, nng_socket *sockets, nng_tls_config *tls)
{
    enum { SETTLE_NS = 2000000000 };
    long failed = 0, before = server_pss_kib();
    for (int i = 0; i < options.connections; i++)
        sockets[i] = connect_one(tls);
    open_callers(callers, sockets);
    call_once(callers);
    sleep_until(now_ns() + SETTLE_NS);
    long usual = server_pss_kib();
    options.op = &ops[OP_LIST];
    for (int i = 0; i < options.callers; i++)
        callers[i].page = LARGE_PAGE;
    call_once(callers);
    sleep_until(now_ns() + SETTLE_NS);
    long large = server_pss_kib();
    for (int i = 0; i < options.callers; i++)
        failed += callers[i].failed;
    printf("%d %ld %ld %ld %ld\n", options.connections, before, usual, large, failed);
    return failed ? 1 : 0;
}

/**
 * The server's memory: without them; signed in, each with a call behind it; and each waiting for
 * news. And its CPU time in the measured time in which there is none, which lies between the lines
 * "begin" and "end".
 */
static int
run_held(struct caller *callers, nng_socket *sockets, nng_tls_config *tls)
{
    enum { SETTLE_NS = 2000000000, PAUSE_NS = 50000000 };
    long failed = 0, before = server_pss_kib();
    for (int i = 0; i < options.connections; i++)
        sockets[i] = connect_one(tls);
    open_callers(callers, sockets);
    call_once(callers);
    sleep_until(now_ns() + SETTLE_NS);
    long usual = server_pss_kib();
    options.op = &ops[OP_WATCH];
    for (int i = 0; i < options.callers; i++) {
        start_call(&callers[i], now_ns());
        if (i % 16 == 15) /* none is refused for all that begin with it */
            sleep_until(now_ns() + PAUSE_NS);
    }
    sleep_until(now_ns() + SETTLE_NS * INT64_C(3));
    long held = server_pss_kib();
    puts("begin");
    fflush(stdout);
    int64_t cpu_ns = server_cpu_ns();
    sleep_until(now_ns() + (int64_t)(options.seconds * 1e9));
    cpu_ns = server_cpu_ns() - cpu_ns;
    for (int i = 0; i < options.callers; i++)
        failed += callers[i].failed;
    printf("end %d %ld %ld %ld %.0f %ld\n", options.connections, before, usual, held,
           (double)cpu_ns / 1e6, failed);
    fflush(stdout);
    _exit(failed ? 1 : 0); /* the calls are still out */
}

static int
compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double
quantile(const float *sorted, size_t n, double q)
{
    return n ? (double)sorted[(size_t)(q * (double)(n - 1))] : 0;
}

static int
report(const struct caller *callers, int64_t cpu_ns)
{
    size_t n = 0, at = 0;
    long failed = 0;
    for (int i = 0; i < options.callers; i++) {
        n += callers[i].n;
        failed += callers[i].failed;
    }
    float *all = malloc((n + 1) * sizeof *all);
    if (!all)
        fail("no memory", NNG_ENOMEM);
    for (int i = 0; i < options.callers; at += callers[i++].n)
        if (callers[i].n)
            memcpy(all + at, callers[i].latencies_ms, callers[i].n * sizeof *all);
    qsort(all, n, sizeof *all, compare);
    printf("%zu %.1f %.3f %.3f %.2f %ld\n", n, (double)n / options.seconds, quantile(all, n, 0.50),
           quantile(all, n, 0.99), n ? (double)cpu_ns / 1e3 / (double)n : 0, failed);
    free(all);
    return failed || n == 0 ? 1 : 0;
}

/* The command line. */

static void
usage(void)
{
    fputs("usage: load --server HOST:PORT --ca FILE --callers N\n"
          "            --op get|list|move|inbox|todo|tasks|comments\n"
          "            [--connections N] [--warmup S] [--seconds S] [--pid PID] [--rate R] "
          "[--calls FILE]\n"
          "prints: calls calls/s p50_ms p99_ms cpu_us failed\n"
          "cpu_us is the CPU time of the process PID for one call.\n"
          "   or: load --server HOST:PORT --ca FILE --idle --callers N --pid PID\n"
          "   or: load --server HOST:PORT --ca FILE --held --callers N --pid PID --seconds S\n"
          "prints: connections and PID's memory in KiB: without them, with them, with them after a "
          "large answer;\n"
          "failed\n",
          stderr);
    exit(2);
}

static void
read_lines(const char *path)
{
    FILE *in = fopen(path, "re");
    char line[4 * WORD_BYTES + 64];
    options.lines = calloc(MAX_LINES, sizeof *options.lines);
    while (in && options.lines && options.n_lines < MAX_LINES && fgets(line, sizeof line, in)) {
        struct line *l = &options.lines[options.n_lines];
        char *const words[] = {l->token, l->owner, l->stage, l->page_token};
        if (sscanf(line, "%43s %63s %63s %63s %" SCNd64, l->token, l->owner, l->stage,
                   l->page_token, &l->deal_id) != 5)
            break;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strcmp(words[i], "-") == 0)
                *words[i] = 0;
        options.n_lines++;
    }
    if (options.n_lines == 0) {
        fprintf(stderr, "load: nothing to call in %s\n", path);
        exit(1);
    }
    fclose(in);
}

static void
read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"server", required_argument, NULL, 's'},
        {"ca", required_argument, NULL, 'a'},
        {"op", required_argument, NULL, 'o'},
        {"callers", required_argument, NULL, 'c'},
        {"warmup", required_argument, NULL, 'w'},
        {"connections", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 't'},
        {"pid", required_argument, NULL, 'p'},
        {"rate", required_argument, NULL, 'r'},
        {"calls", required_argument, NULL, 'l'},
        {"idle", no_argument, NULL, 'i'},
        {"held", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int o;
    while ((o = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (o) {
        case 's': options.server = optarg; break;
        case 'a': options.ca_path = optarg; break;
        case 'o':
            for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
                if (strcmp(ops[i].name, optarg) == 0)
                    options.op = &ops[i];
            break;
        case 'c': options.callers = atoi(optarg); break;
        case 'n': options.connections = atoi(optarg); break;
        case 'w': options.warmup_s = atof(optarg); break;
        case 't': options.seconds = atof(optarg); break;
        case 'p': options.pid = atoi(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 'l': read_lines(optarg); break;
        case 'i':
            options.idle = true;
            options.op = &ops[OP_GET];
            break;
        case 'h':
            options.held = true;
            options.op = &ops[OP_GET];
            break;
        default: usage();
        }
    if (options.connections > options.callers)
        options.connections = options.callers;
    if (!options.server || !options.ca_path || !options.op || options.callers < 1 ||
        options.callers > MAX_CALLERS || options.connections < 1 || options.seconds <= 0 ||
        optind != argc)
        usage();
}

int
main(int argc, char **argv)
{
    read_options(argc, argv);
    struct caller *callers = calloc((size_t)options.callers, sizeof *callers);
    nng_socket *sockets = calloc((size_t)options.connections, sizeof *sockets);
    late = calloc(MAX_LATE, sizeof *late);
    if (!callers || !sockets || !late)
        fail("no memory", NNG_ENOMEM);
    nng_tls_config *tls = make_tls();
    if (options.held)
        return run_held(callers, sockets, tls);
    if (options.idle)
        return run_idle(callers, sockets, tls);
    for (int i = 0; i < options.connections; i++)
        sockets[i] = connect_one(tls);
    open_callers(callers, sockets);
    int64_t cpu_ns = run(callers);
    int status = report(callers, cpu_ns);
    for (int i = 0; i < options.connections; i++)
        nng_close(sockets[i]);
    nng_tls_config_free(tls);
    return status;
}
