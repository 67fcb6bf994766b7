#include "server/call/lane.h"

#include <errno.h>
#include <libpq-fe.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/base/fault.h"
#include "server/base/metrics.h"
#include "server/call/flight.h"
#include "server/call/queue.h"
#include "server/method/sqlstate.h"

enum {
    /** How long past a deadline a lane waits for PostgreSQL to stop the statement by itself. */
    GRACE_MS = 500,
    /** How long at most a lane waits for PostgreSQL without looking up. */
    LOOK_UP_MS = 250,
    /** How long a lane tries to connect at a time. */
    CONNECT_MS = 10000,
    /** Between attempts to connect. */
    BACKOFF_MS = 50,
    BACKOFF_MAX_MS = 2000,
    /** How often a call is begun again after a lost connection. */
    MAX_RETRIES = 3,
    /** What a caller is told to wait. */
    RETRY_AFTER_MS = 500,
    /** Behind a call that takes longer nobody is taken on board. */
    SLOW_US = 5000,
};

struct lane {
    struct lanes *all;
    struct queue *queue;
    pthread_t thread;
    bool has_thread;
    struct flight_session session;
    /** A ring of batch entries. */
    struct flight *flights;
    int first, n;
    /** When the last call left. */
    int64_t left_us;
    int backoff_ms;
    /** For lanes_look(). */
    atomic_bool is_connected;
};

struct lanes {
    struct lanes_options options;
    struct queue *queues[CALL_LANES];
    struct lane *lanes;
    int n;
    /** Nothing is waited for any more. */
    atomic_bool aborting;
};

/* The queue. */

void
lanes_submit(struct lanes *l, struct call *c)
{
    call_lap(c, CALL_WORK);
    switch (queue_put(l->queues[c->lanes], c)) {
    case QUEUE_WAITS: return;
    case QUEUE_FULL:
        metrics_refused(METRICS_REFUSED_QUEUE_FULL, c->address);
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "the server has too much to do just now; try again");
        break;
    case QUEUE_SHARE_FULL:
        metrics_refused(METRICS_REFUSED_COMPANY_SHARE, c->address);
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "too many calls of your company wait just now; try again");
    }
    c->status.retry_after_ms = RETRY_AFTER_MS;
    c->work.done(c);
}

static void
wake_waiting(struct call *c)
{
    sem_post(c->work.wake);
}

int
lanes_run(struct lanes *l, struct call *c, const char *step, const struct bind_named *named,
          size_t n_named)
{
    sem_t done;
    sem_init(&done, 0, 0);
    c->work = (struct call_work){.statement = step ? method_step(c->method, step) : NULL,
                                 .named = named,
                                 .n_named = n_named,
                                 .authorize = !c->method->is_public,
                                 .wake = &done,
                                 .done = wake_waiting};
    lanes_submit(l, c);
    while (sem_wait(&done) < 0 && errno == EINTR)
        ;
    sem_destroy(&done);
    return c->status.code == STATUS_OK ? 0 : -1;
}

/** A call leaves the lane, whatever became of it; @took_us as for queue_done(). */
static void
leave(struct lane *l, struct call *c, int64_t took_us)
{
    queue_done(l->queue, c, took_us);
    if (c->is_limited && c->status.code == STATUS_DEADLINE_EXCEEDED)
        status_set(&c->status, STATUS_DEADLINE_EXCEEDED,
                   "the search took too long; search for more of the text, or narrow it by other "
                   "conditions");
    c->work.done(c);
}

/** What the call in front took the lane: since it came, or since the one before it left. */
static int64_t
time_taken(struct lane *l, const struct call *c)
{
    int64_t now_us = clock_now_us(), from_us = l->left_us > c->taken_us ? l->left_us : c->taken_us;
    l->left_us = now_us;
    return now_us > from_us ? now_us - from_us : 1;
}

/* What is in flight. */

static struct flight *
flight_at(struct lane *l, int i)
{
    return &l->flights[(l->first + i) % l->all->options.batch];
}

/** Answers the call in front: its transaction has ended. */
static void
finish_front(struct lane *l)
{
    struct flight *f = flight_at(l, 0);
    struct call *c = f->call;
    l->first = (l->first + 1) % l->all->options.batch;
    l->n--;
    flight_end(f);
    leave(l, c, time_taken(l, c));
}

/** The Sync of the call in front: what was sent is now committed or rolled back. */
static int
take_sync(struct lane *l)
{
    struct flight *f = flight_at(l, 0);
    fault_point_of("after_sync", f->call->method->schema->short_name);
    if (!f->replay || f->is_replay) {
        finish_front(l);
        return 0;
    }
    /* Done before: the call goes behind the others once more, to read the kept answer. */
    struct flight again = {.call = f->call, .is_replay = true};
    l->first = (l->first + 1) % l->all->options.batch;
    *flight_at(l, l->n - 1) = again;
    return flight_send(&l->session, flight_at(l, l->n - 1));
}

/** Takes every result that has arrived. -1: the connection is broken, or out of step. */
static int
receive(struct lane *l)
{
    while (l->n > 0 && !PQisBusy(l->session.pg)) {
        struct flight *f = flight_at(l, 0);
        PGresult *r = PQgetResult(l->session.pg);
        if (!r) { /* the end of one statement's results */
            if (PQstatus(l->session.pg) == CONNECTION_BAD || f->at >= f->n_expected)
                return -1;
            f->at++;
            continue;
        }
        ExecStatusType status = PQresultStatus(r);
        if ((status == PGRES_FATAL_ERROR && PQstatus(l->session.pg) == CONNECTION_BAD) ||
            flight_is_out_of_step(f, r)) {
            PQclear(r);
            return -1;
        }
        if (status == PGRES_PIPELINE_SYNC) {
            PQclear(r);
            if (take_sync(l) < 0)
                return -1;
        } else if (!flight_take(&l->session, f, r)) {
            PQclear(r);
        }
        if (l->session.is_stale)
            return -1;
    }
    return 0;
}

/* The connection. */

static void
ignore_notice(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

static void
note_connected(struct lane *l, bool connected)
{
    if (atomic_exchange(&l->is_connected, connected) != connected)
        metrics_count(connected ? METRICS_LANES_CONNECTED : METRICS_LANES_LOST);
}

/** Has a call wait with its door until its peer has read more of what it was answered before. */
static void
put_off(struct lane *l, struct call *c)
{
    metrics_count(METRICS_CALLS_PUT_OFF);
    queue_done(l->queue, c, 0);
    /* From here on it is the door's, and may be in the queue again. */
    if (!c->reader->keep(c->reader, c))
        lanes_submit(l->all, c);
}

/** Has done with a call that nobody waits for any more, that came too late, or that has to wait. */
static bool
is_over(struct lane *l, struct call *c)
{
    if (!call_drop_abandoned(c)) {
        if (call_left_ms(c) == 0) {
            sqlstate_deadline(&c->status);
        } else if (call_has_to_wait(c)) {
            put_off(l, c);
            return true;
        } else {
            return false;
        }
    }
    leave(l, c, 0);
    return true;
}

/** Takes the next call from the queue; waits for one if need be. False: there is none. */
static bool
take_aboard(struct lane *l, bool wait)
{
    struct call *c;
    do {
        if (!(c = queue_take(l->queue, wait)))
            return false;
        call_lap(c, CALL_QUEUE);
    } while (is_over(l, c));
    c->taken_us = c->lap_us;
    *flight_at(l, l->n++) = (struct flight){.call = c};
    metrics_batch(l->n);
    return true;
}

static void fail_flights(struct lane *l, const struct status *why);

/**
 * Waits until libpq can go on with connecting. -1: there is no point any more, for it takes too
 * long, nobody waits for it by now, or the server is going down. Calls that wait are taken on board
 * meanwhile, so that their deadlines are kept.
 */
static int
await_connecting(struct lane *l, PostgresPollingStatusType next, int64_t until_us)
{
    bool was_awaited = l->n > 0;
    struct pollfd p = {PQsocket(l->session.pg), next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                       0};
    int ready;
    while ((ready = poll(&p, 1, LOOK_UP_MS)) <= 0) {
        fail_flights(l, NULL); /* those whose deadline has passed meanwhile */
        while (was_awaited && l->n < l->all->options.batch && take_aboard(l, false))
            continue;
        if (clock_now_us() > until_us || (was_awaited && l->n == 0) ||
            (ready < 0 && errno != EINTR) || atomic_load(&l->all->aborting))
            return -1;
    }
    return 0;
}

/**
 * Never waits for longer than a deadline lasts: a database that stands still answers nothing at
 * all.
 */
static int
connect_lane(struct lane *l, struct status *e)
{
    const struct lanes_options *o = &l->all->options;
    int64_t until_us = clock_now_us() + CONNECT_MS * 1000;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    note_connected(l, false);
    PQfinish(l->session.pg);
    l->session.is_stale = l->session.knows_authorize = l->session.knows_public = false;
    memset(l->session.prepared, 0, o->methods->n_variants * sizeof *l->session.prepared);
    l->session.pg = PQconnectStart(l->queue == l->all->queues[CALL_LANES_LOGIN] ? o->login_conninfo
                                                                                : o->conninfo);
    if (PQstatus(l->session.pg) == CONNECTION_BAD)
        next = PGRES_POLLING_FAILED;
    while ((next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) &&
           await_connecting(l, next, until_us) == 0)
        next = PQconnectPoll(l->session.pg);
    if (next != PGRES_POLLING_OK || PQsetnonblocking(l->session.pg, 1) != 0 ||
        PQenterPipelineMode(l->session.pg) != 1) {
        status_set(e, STATUS_UNAVAILABLE, "the database cannot be reached now; try again");
        e->retry_after_ms = RETRY_AFTER_MS;
        return status_detail(e, "%s",
                             next == PGRES_POLLING_FAILED ? PQerrorMessage(l->session.pg)
                                                          : "it does not answer");
    }
    PQsetNoticeReceiver(l->session.pg, ignore_notice, NULL);
    note_connected(l, true);
    return 0;
}

/**
 * Ends calls in flight that cannot go on: all, or those whose deadline has passed or that had their
 * tries.
 */
static void
fail_flights(struct lane *l, const struct status *why)
{
    for (int left = l->n; left > 0; left--) {
        struct flight f = *flight_at(l, 0);
        bool expired = call_left_ms(f.call) == 0;
        if (why || expired || f.call->retries >= MAX_RETRIES) {
            f.is_empty = false;
            if (expired)
                sqlstate_deadline(&f.call->status);
            else if (why)
                f.call->status = *why;
            else
                sqlstate_to_status(&f.call->status, NULL, NULL, NULL, NULL);
            *flight_at(l, 0) = f;
            finish_front(l);
        } else {
            l->first = (l->first + 1) % l->all->options.batch;
            *flight_at(l, l->n - 1) = f;
        }
    }
}

/** Makes the connection again and sends again what was in flight. */
static void
reconnect(struct lane *l)
{
    struct status e = {0};
    fail_flights(l, NULL);
    if (atomic_load(&l->all->aborting)) {
        status_set(&e, STATUS_UNAVAILABLE, "the server is going down; try again");
        e.retry_after_ms = RETRY_AFTER_MS;
        PQfinish(l->session.pg); /* with the results that nobody waits for any more */
        l->session.pg = NULL;
        fail_flights(l, &e);
        return;
    }
    if (l->n == 0) { /* the next call connects: then somebody's deadline is known */
        note_connected(l, false);
        PQfinish(l->session.pg);
        l->session.pg = NULL;
        return;
    }
    if (connect_lane(l, &e) < 0) {
        log_event(LOG_WARN, "database_lost", log_text("detail", e.detail),
                  log_number("calls", l->n), log_number("retry_ms", l->backoff_ms));
        fail_flights(l, &e);
        struct timespec pause = {l->backoff_ms / 1000, l->backoff_ms % 1000 * 1000000L};
        nanosleep(&pause, NULL);
        l->backoff_ms = l->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : l->backoff_ms * 2;
        return;
    }
    l->backoff_ms = BACKOFF_MS;
    for (int i = 0; i < l->n; i++) {
        flight_begin_again(flight_at(l, i));
        if (flight_send(&l->session, flight_at(l, i)) < 0)
            return; /* the next round finds it broken */
    }
}

/* The thread. */

/**
 * Nobody should have to wait behind what is on board: the call in front has had the connection for
 * long, or the last one is of who usually has it for long.
 */
static bool
is_slow(struct lane *l)
{
    if (l->n == 0)
        return false;
    int64_t taken_us = flight_at(l, 0)->call->taken_us;
    return flight_at(l, l->n - 1)->call->charged_us > SLOW_US ||
           clock_now_us() - (l->left_us > taken_us ? l->left_us : taken_us) > SLOW_US;
}

/** Takes what waits on board; waits itself only when nothing is in flight. */
static int
board(struct lane *l)
{
    while (l->n < l->all->options.batch && !is_slow(l) && take_aboard(l, l->n == 0))
        if (PQstatus(l->session.pg) != CONNECTION_OK ||
            flight_send(&l->session, flight_at(l, l->n - 1)) < 0)
            return -1;
    return 0;
}

/**
 * True when a call in flight is past its deadline and the grace: PostgreSQL did not stop it by
 * itself.
 */
static bool
is_stuck(struct lane *l)
{
    int64_t limit_us = clock_now_us() - GRACE_MS * 1000;
    for (int i = 0; i < l->n; i++)
        if (flight_at(l, i)->call->deadline_us < limit_us)
            return true;
    return false;
}

/** Waits for the socket. -1: broken, or PostgreSQL did not answer by a deadline. */
static int
exchange(struct lane *l)
{
    int unsent = PQflush(l->session.pg);
    if (unsent < 0)
        return -1;
    fault_point_of("sync_sent",
                   l->n > 0 ? flight_at(l, 0)->call->method->schema->short_name : NULL);
    struct pollfd p = {PQsocket(l->session.pg), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0};
    int ready = poll(&p, 1, LOOK_UP_MS);
    if (ready <= 0)
        return is_stuck(l) || atomic_load(&l->all->aborting) ? -1 : 0;
    if ((p.revents & (POLLIN | POLLERR | POLLHUP)) && PQconsumeInput(l->session.pg) != 1)
        return -1;
    return receive(l);
}

static void *
fly(void *data)
{
    struct lane *l = data;
    for (;;) {
        int rc = board(l);
        if (rc == 0 && l->n == 0)
            break; /* stopping, and nothing waits */
        if (rc == 0)
            rc = exchange(l);
        if (rc < 0)
            reconnect(l);
    }
    return NULL;
}

/* Start and stop. */

/** Which lanes the @i-th is of. */
static enum call_lanes
lanes_of(const struct lanes_options *o, int i)
{
    int kind = 0;
    while (i >= o->n_lanes[kind])
        i -= o->n_lanes[kind++];
    return (enum call_lanes)kind;
}

/** Of lanes for what takes long: no company has all of them. */
static int
share_of(const struct lanes_options *o, enum call_lanes kind)
{
    if (kind == CALL_LANES_NORMAL || kind == CALL_LANES_WRITE || kind == CALL_LANES_LOGIN)
        return INT_MAX;
    return o->n_lanes[kind] > 1 ? o->n_lanes[kind] / 2 : 1;
}

static int
lane_start(struct lanes *all, struct lane *l, struct status *e)
{
    const struct lanes_options *o = &all->options;
    l->all = all;
    l->queue = all->queues[lanes_of(o, all->n)];
    l->backoff_ms = BACKOFF_MS;
    l->flights = calloc((size_t)o->batch, sizeof *l->flights);
    l->session.prepared = calloc(o->methods->n_variants + 1, sizeof *l->session.prepared);
    if (!l->flights || !l->session.prepared)
        return status_set(e, STATUS_INTERNAL, "no memory for the lanes");
    if (connect_lane(l, e) < 0)
        return -1;
    if (pthread_create(&l->thread, NULL, fly, l) != 0)
        return status_set(e, STATUS_INTERNAL, "cannot start the lanes' threads");
    l->has_thread = true;
    return 0;
}

struct lanes *
lanes_start(const struct lanes_options *o, struct status *e)
{
    struct lanes *l = calloc(1, sizeof *l);
    int rc = 0, wanted = 0;
    for (int kind = 0; kind < CALL_LANES; kind++)
        wanted += o->n_lanes[kind];
    if (l)
        l->lanes = calloc((size_t)wanted, sizeof *l->lanes);
    if (!l || !l->lanes) {
        free(l);
        status_set(e, STATUS_INTERNAL, "no memory for the lanes");
        return NULL;
    }
    l->options = *o;
    for (int kind = 0; rc == 0 && kind < CALL_LANES; kind++)
        if (!(l->queues[kind] = queue_new(o->queue_limit, share_of(o, (enum call_lanes)kind))))
            rc = status_set(e, STATUS_INTERNAL, "no memory for the lanes");
    for (; rc == 0 && l->n < wanted; l->n++)
        rc = lane_start(l, &l->lanes[l->n], e);
    if (rc == 0)
        return l;
    lanes_stop(l);
    lanes_free(l);
    return NULL;
}

void
lanes_look(struct lanes *l, enum call_lanes kind, struct lanes_state *ret)
{
    struct queue *q = l->queues[kind];
    struct queue_state state;
    queue_look(q, &state);
    *ret = (struct lanes_state){.waiting = state.waiting, .limit = state.limit, .idle = state.idle};
    ret->busy = -ret->idle;
    for (int i = 0; i < l->n; i++)
        if (l->lanes[i].queue == q) {
            ret->busy++;
            ret->connected += atomic_load(&l->lanes[i].is_connected);
        }
}

void
lanes_abort(struct lanes *l)
{
    atomic_store(&l->aborting, true);
}

void
lanes_stop(struct lanes *l)
{
    for (int i = 0; i < CALL_LANES; i++)
        if (l->queues[i])
            queue_stop(l->queues[i]);
    for (int i = 0; i < l->n; i++)
        if (l->lanes[i].has_thread)
            pthread_join(l->lanes[i].thread, NULL);
}

void
lanes_free(struct lanes *l)
{
    for (int i = 0; i < l->n; i++) {
        PQfinish(l->lanes[i].session.pg);
        free(l->lanes[i].flights);
        free(l->lanes[i].session.prepared);
    }
    for (int i = 0; i < CALL_LANES; i++)
        queue_free(l->queues[i]);
    free(l->lanes);
    free(l);
}
