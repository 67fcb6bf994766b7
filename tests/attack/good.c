#include "tests/attack/good.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/status.h"
#include "jiayi/v1/deal.pb-c.h"
#include "jiayi/v1/rpc.pb-c.h"

enum {
    /**
     * Its people: the members of company c2 in tests/bench/data.sql, whose n-th deal is u + MEMBERS
     * * n.
     */
    FIRST_MEMBER = 21,
    MEMBERS = 200,
    DEALS = 10,
    /** Before it connects again after a failure. */
    RECONNECT_MS = 20,
    /** A long request, as a report is. */
    LARGE_BYTES = 150000,
};

#define SOURCE 0x7f000001u /* 127.0.0.1 */

static struct good *g;
/** By SP, and by gRPC. */
static const struct link_target *targets[2];

static double
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
keep(struct good_samples *s, double ms)
{
    long at = atomic_fetch_add(&s->n, 1);
    if (at < GOOD_SAMPLES)
        s->ms[at] = (float)ms;
}

static void
note_error(int phase, const char *what, const struct link_answer *a, double ms)
{
    atomic_fetch_add(&g->errors[phase], 1);
    if (!atomic_exchange(&g->has_error, true))
        snprintf(g->error, sizeof g->error, "%s: code %d %s after %.0f ms%s", what, a->code,
                 a->message, ms, phase == GOOD_ATTACK ? "" : ", outside the attack's time");
}

/**
 * Puts a field that no method knows after the @n bytes of a payload, so that it is @size bytes
 * long.
 */
static size_t
lengthen(uint8_t *payload, size_t n, size_t size)
{
    static const uint8_t key[] = {0xfa, 0x3e}; /* field 1007, bytes */
    size_t rest = size - n - sizeof key - 4;
    memcpy(payload + n, key, sizeof key);
    n += sizeof key;
    for (int i = 0; i < 4; i++)
        payload[n++] = (uint8_t)((rest >> 7 * i & 0x7f) | (i < 3 ? 0x80 : 0));
    memset(payload + n, 'x', rest);
    return size;
}

/**
 * Asks for a deal of the member, in a request that is longer than need be where @size says so;
 * whether it came.
 */
static bool
ask_for_deal(struct link *l, int member, unsigned turn, size_t size, struct link_answer *a)
{
    Jiayi__V1__GetDealRequest r = JIAYI__V1__GET_DEAL_REQUEST__INIT;
    uint8_t payload[LARGE_BYTES];
    char token[LINK_TOKEN_DIGITS + 1];
    r.has_deal_id = 1;
    r.deal_id = member + MEMBERS * (int64_t)(turn % DEALS);
    size_t n = jiayi__v1__get_deal_request__pack(&r, payload);
    link_token(token, member);
    const struct link_call c = {.method = "DealService/GetDeal",
                                .token = token,
                                .payload = payload,
                                .payload_bytes = size > n ? lengthen(payload, n, size) : n,
                                .timeout_ms = GOOD_PATIENCE_MS};
    return link_ask(l, &c, a) == 0 && a->code == 0 && a->id == l->last_id &&
           a->deal_id == r.deal_id;
}

/**
 * As ask_for_deal(). Where the server says that its memory is short and to come again, that is
 * done, as by any client, for the caller's patience: what others hold is theirs until they are cut
 * off.
 */
static bool
get_deal(struct link *l, int member, unsigned turn, size_t size, struct link_answer *a)
{
    double began = now_ms();
    while (!ask_for_deal(l, member, turn, size, a)) {
        if (a->code != STATUS_RESOURCE_EXHAUSTED || !strstr(a->message, "memory") ||
            now_ms() - began > GOOD_PATIENCE_MS)
            return false;
        *a = (struct link_answer){.code = -1};
        usleep(RECONNECT_MS * 1000);
    }
    return true;
}

/**
 * Opens a connection as any client does: one that does not come about is tried again, for the
 * caller's patience. On a slow machine the server's time for a handshake may run out by the
 * machine alone; what an attack adds is in the time that it took.
 */
static int
open_patiently(struct link *l, const struct link_target *t)
{
    double began = now_ms();
    while (link_open(l, t, SOURCE) < 0) {
        if (now_ms() - began > GOOD_PATIENCE_MS)
            return -1;
        usleep(RECONNECT_MS * 1000);
    }
    return 0;
}

/** One call on the caller's own connection, which is made where there is none. */
static void
call_once(struct link *l, int member, unsigned turn)
{
    const struct link_target *target = targets[member % 2];
    struct link_answer a = {.code = -1};
    int phase = atomic_load(&g->phase);
    double began = now_ms();
    if (l->fd < 0 && open_patiently(l, target) < 0) {
        note_error(phase, "no connection", &a, now_ms() - began);
        return;
    }
    bool fine = get_deal(l, member, turn, 0, &a);
    double took = now_ms() - began;
    if (fine) {
        keep(&g->calls[phase], took);
    } else {
        note_error(phase, a.code < 0 ? "no answer" : "a wrong answer", &a, took);
        if (a.code < 0)
            link_close(l);
    }
}

static void *
call_all_the_time(void *data)
{
    int member = *(int *)data;
    struct link l = {.fd = -1};
    for (unsigned turn = 0; !atomic_load(&g->stop); turn++) {
        call_once(&l, member, turn);
        if (turn == 0)
            atomic_fetch_add(&g->ready, 1);
        usleep(GOOD_PAUSE_MS * 1000);
    }
    link_close(&l);
    return NULL;
}

/** New connections, a call and one with a long request on each. */
static void
open_all_the_time(void)
{
    for (unsigned turn = 0; !atomic_load(&g->stop); turn++) {
        struct link l = {.fd = -1};
        struct link_answer a = {.code = -1};
        int phase = atomic_load(&g->phase);
        double began = now_ms();
        if (open_patiently(&l, targets[turn % 2]) < 0)
            note_error(phase, "no new connection", &a, now_ms() - began);
        else if (!get_deal(&l, FIRST_MEMBER + GOOD_CALLERS, turn, 0, &a))
            note_error(phase, "no answer on a new connection", &a, now_ms() - began);
        else if (!get_deal(&l, FIRST_MEMBER + GOOD_CALLERS, turn, LARGE_BYTES, &a))
            note_error(phase, "no answer to a long request", &a, now_ms() - began);
        else
            keep(&g->opens[phase], now_ms() - began);
        link_close(&l);
        usleep(GOOD_OPEN_PAUSE_MS * 1000);
    }
}

static void
run(void)
{
    pthread_t threads[GOOD_CALLERS];
    int members[GOOD_CALLERS];
    for (int i = 0; i < GOOD_CALLERS; i++) {
        members[i] = FIRST_MEMBER + i;
        if (pthread_create(&threads[i], NULL, call_all_the_time, &members[i]) != 0)
            _exit(2);
    }
    open_all_the_time();
    for (int i = 0; i < GOOD_CALLERS; i++)
        pthread_join(threads[i], NULL);
    _exit(0);
}

pid_t
good_start(struct good *good, const struct link_target *sp, const struct link_target *http2)
{
    g = good;
    targets[0] = sp;
    targets[1] = http2;
    pid_t pid = fork();
    if (pid == 0)
        run();
    if (pid < 0) {
        perror("attack: fork");
        exit(2);
    }
    while (atomic_load(&g->ready) < GOOD_CALLERS && waitpid(pid, NULL, WNOHANG) == 0)
        usleep(10000);
    return pid;
}

void
good_stop(struct good *good, pid_t pid)
{
    atomic_store(&good->stop, true);
    waitpid(pid, NULL, 0);
}
