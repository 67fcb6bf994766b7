#include "server/lane.h"

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

#include "common/log.h"
#include "server/fault.h"
#include "server/metrics.h"
#include "server/queue.h"

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
    /** Room for the name of a prepared statement. */
    NAME_BYTES = 16,
};

/** What the next result on a connection belongs to. */
enum expect {
    EXPECT_PREPARE,
    EXPECT_AUTHORIZE,
    EXPECT_FIRST,
    EXPECT_MORE,
    EXPECT_REPLAY,
    EXPECT_SYNC
};

struct flight {
    struct call *call;
    /** The results still to come for this call, first to last. */
    enum expect expected[32];
    int n_expected, at;
    /** Which of the further statements the next EXPECT_MORE is for. */
    int next_more;
    /** The first error of the transaction, if any; and whether it says that the call was done before. */
    bool failed, replay;
    /** This transaction reads the kept answer. */
    bool is_replay;
    /** The first statement gave no row. */
    bool is_empty;
};

struct lane {
    struct lanes *all;
    struct queue *queue;
    pthread_t thread;
    bool has_thread;
    PGconn *conn;
    /** By variant id: the connection knows the statement. */
    bool *prepared;
    bool knows_authorize, knows_public;
    /** A prepared statement is not what it was (the schema changed): connect anew. */
    bool is_stale;
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
    /** For all calls but the HEAVY ones, and for these. */
    struct queue *queues[2];
    struct lane *lanes;
    int n;
    /** Nothing is waited for any more. */
    atomic_bool aborting;
};

/** The statements that begin a transaction. */
static const char authorize_name[] = "authorize", public_name[] = "public";
static const char authorize_sql[] = "SELECT member, company FROM jiayi.authorize($1::bytea, "
                                    "$2::text, $3::bytea, $4::bytea, $5::text,"
                                    " $6::integer, $7::text)";
static const char public_sql[] = "SELECT jiayi.authorize_public($1::text, $2::bytea, $3::integer)";

int64_t
call_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
call_left_ms(const struct call *c)
{
    int64_t left = (c->deadline_us - call_now_us()) / 1000;
    return left > 0 ? left : 0;
}

bool
call_is_abandoned(const struct call *c)
{
    return c->is_abandoned && atomic_load(c->is_abandoned);
}

/* The queue. */

void
lanes_submit(struct lanes *l, struct call *c)
{
    call_lap(c, CALL_WORK);
    switch (queue_put(l->queues[c->method->kind == JIAYI__V1__KIND__HEAVY], c)) {
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

/** A call leaves the lane, whatever became of it; @took_us as for queue_done(). */
static void
leave(struct lane *l, struct call *c, int64_t took_us)
{
    queue_done(l->queue, c, took_us);
    c->work.done(c);
}

/** What the call in front took the lane: since it came, or since the one before it left. */
static int64_t
time_taken(struct lane *l, const struct call *c)
{
    int64_t now_us = call_now_us(), from_us = l->left_us > c->taken_us ? l->left_us : c->taken_us;
    l->left_us = now_us;
    return now_us > from_us ? now_us - from_us : 1;
}

/* Sending. */

static struct flight *
flight_at(struct lane *l, int i)
{
    return &l->flights[(l->first + i) % l->all->options.batch];
}

static void
expect(struct flight *f, enum expect what)
{
    f->expected[f->n_expected++] = what;
}

static void
statement_name(char name[NAME_BYTES], unsigned id)
{
    snprintf(name, NAME_BYTES, "s%u", id);
}

/** Prepares what the call needs and this connection does not know; before authorize, which may fail. */
static int
send_prepare(struct lane *l, struct flight *f, unsigned id, const char *sql,
             const struct statement_variant *v)
{
    char name[NAME_BYTES];
    Oid types[STATEMENT_MAX_PARAMS];
    int n = v ? v->n_params : 0;
    if (l->prepared[id])
        return 0;
    for (int i = 0; i < n; i++)
        types[i] = v->params[i].type;
    statement_name(name, id);
    expect(f, EXPECT_PREPARE);
    l->prepared[id] = true;
    return PQsendPrepare(l->conn, name, sql, n, types) == 1 ? 0 : -1;
}

/** Prepares a statement that begins a transaction, where this connection does not know it. */
static int
send_begin_prepare(struct lane *l, struct flight *f, const char *name, const char *sql,
                   bool *is_known)
{
    if (*is_known)
        return 0;
    expect(f, EXPECT_PREPARE);
    *is_known = true;
    return PQsendPrepare(l->conn, name, sql, 0, NULL) == 1 ? 0 : -1;
}

static int
send_authorize(struct lane *l, struct flight *f)
{
    struct call *c = f->call;
    char timeout[24];
    if ((c->work.authorize
             ? send_begin_prepare(l, f, authorize_name, authorize_sql, &l->knows_authorize)
             : send_begin_prepare(l, f, public_name, public_sql, &l->knows_public)) < 0)
        return -1;
    const char *request_id = c->has_request_id ? (const char *)c->request_id : NULL;
    snprintf(timeout, sizeof timeout, "%lld", (long long)call_left_ms(c) + 1);
    expect(f, EXPECT_AUTHORIZE);
    if (!c->work.authorize) {
        const char *values[] = {c->method->schema->short_name, request_id, timeout};
        const int lengths[] = {0, REQUEST_ID_BYTES, 0}, formats[] = {0, 1, 0};
        return PQsendQueryPrepared(l->conn, public_name, 3, values, lengths, formats, 0) == 1 ? 0
                                                                                              : -1;
    }
    const char *sha256 = c->work.once && !f->is_replay ? (const char *)c->request_sha256 : NULL;
    const char *values[] = {(const char *)c->token_sha256,
                            c->method->permission,
                            request_id,
                            sha256,
                            c->method->schema->short_name,
                            timeout,
                            c->address};
    const int lengths[] = {SHA256_BYTES, 0, REQUEST_ID_BYTES, SHA256_BYTES, 0, 0, 0};
    const int formats[] = {1, 0, 1, 1, 0, 0, 0};
    return PQsendQueryPrepared(l->conn, authorize_name, 7, values, lengths, formats, 0) == 1 ? 0
                                                                                             : -1;
}

static int
send_statement(struct lane *l, struct flight *f, const struct statement_variant *v,
               enum expect what)
{
    struct call *c = f->call;
    struct bind_values b;
    char name[NAME_BYTES];
    int rc = c->method->native
                 ? bind_names(c->arena, v, c->work.named, c->work.n_named, &b, &c->status)
                 : bind_request(c->arena, v, c->in, c->request_sha256, &b, &c->status);
    if (rc < 0)
        return 0; /* the call's fault: the lane goes on, and the call ends with its Sync */
    statement_name(name, v->id);
    expect(f, what);
    /* A native method reads its rows as text. */
    int format = c->method->native == NULL;
    return PQsendQueryPrepared(l->conn, name, b.n, b.values, b.lengths, b.formats, format) == 1
               ? 0
               : -1;
}

static int
send_replay(struct lane *l, struct flight *f)
{
    const struct statement *s = f->call->work.statement;
    const char *values[] = {(const char *)f->call->request_id};
    const int lengths[] = {REQUEST_ID_BYTES}, formats[] = {1};
    char name[NAME_BYTES];
    if (send_prepare(l, f, s->replay_id, s->replay_sql, NULL) < 0 || send_authorize(l, f) < 0)
        return -1;
    statement_name(name, s->replay_id);
    expect(f, EXPECT_REPLAY);
    return PQsendQueryPrepared(l->conn, name, 1, values, lengths, formats, 1) == 1 ? 0 : -1;
}

static int
send_statements(struct lane *l, struct flight *f)
{
    struct call_work *w = &f->call->work;
    const struct statement_variant *chosen[32];
    int n = 0;
    if (w->statement)
        chosen[n++] = bind_choose(w->statement, f->call->in);
    for (int i = 0; i < w->n_more; i++)
        chosen[n++] = bind_choose(w->more[i], f->call->in);
    for (int i = 0; i < n; i++)
        if (send_prepare(l, f, chosen[i]->id, chosen[i]->sql, chosen[i]) < 0)
            return -1;
    if (send_authorize(l, f) < 0)
        return -1;
    for (int i = 0; i < n && f->call->status.code == STATUS_OK; i++)
        if (send_statement(l, f, chosen[i], i == 0 && w->statement ? EXPECT_FIRST : EXPECT_MORE) <
            0)
            return -1;
    return 0;
}

/** Sends a call's whole transaction. -1: the connection is broken. */
static int
send_call(struct lane *l, struct flight *f)
{
    f->n_expected = f->at = f->next_more = 0;
    f->failed = f->replay = f->is_empty = false;
    if ((f->is_replay ? send_replay(l, f) : send_statements(l, f)) < 0)
        return -1;
    expect(f, EXPECT_SYNC);
    return PQpipelineSync(l->conn) == 1 ? 0 : -1;
}

/* Receiving. */

/** Who was refused, for the log: authorize() says it in the error's detail, "caller=EMAIL COMPANY". */
static void
take_refused_caller(struct call *c, const char *detail)
{
    static const char key[] = "caller=";
    if (!detail || strncmp(detail, key, sizeof key - 1) != 0)
        return;
    const char *member = detail + sizeof key - 1, *company = strchr(member, ' ');
    char *copy = company ? arena_copy(c->arena, member, strlen(member)) : NULL;
    if (copy) {
        copy[company - member] = 0;
        c->member = copy;
        c->company = copy + (company - member) + 1;
    }
}

static void
take_error(struct lane *l, struct flight *f, const PGresult *r)
{
    const char *sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
    if (f->failed)
        return;
    f->failed = true;
    /* invalid_sql_statement_name; feature_not_supported: "cached plan must not change result type". */
    l->is_stale = f->expected[f->at] == EXPECT_PREPARE ||
                  (sqlstate && (strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "0A000") == 0));
    f->replay = status_is_replay(sqlstate, constraint);
    take_refused_caller(f->call, PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL));
    if (!f->replay && f->call->status.code == STATUS_OK)
        status_from_sql(&f->call->status, sqlstate, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY),
                        PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL), constraint);
}

static void
clear(void *result)
{
    PQclear(result);
}

/** Says of a call that nobody waits for any more that it is one. */
static bool
is_for_nobody(struct call *c)
{
    if (!call_is_abandoned(c))
        return false;
    status_set(&c->status, STATUS_CANCELLED, "the caller has gone away");
    return true;
}

/** Takes the rows of a statement; the result goes with the call's arena, for strings point into it. */
static void
take_rows(struct flight *f, const struct statement *s, PGresult *r)
{
    struct call *c = f->call;
    if (arena_defer(c->arena, clear, r) < 0) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
        return;
    }
    if (c->method->native) {
        c->work.rows = r;
        return;
    }
    /* A page is costly to make. What a WRITE came to is said all the same: it is done. */
    if (!c->work.once && is_for_nobody(c))
        return;
    int n = bind_result(c->arena, s, r, c->in, c->out, &c->status);
    if (n == 0 && s == c->work.statement && !s->rows)
        f->is_empty = true;
}

/** Who called, for the log: from authorize(). */
static void
take_caller(struct call *c, const PGresult *r)
{
    if (!c->work.authorize || PQntuples(r) != 1 || PQnfields(r) != 2)
        return;
    c->member = arena_copy(c->arena, PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0));
    c->company = arena_copy(c->arena, PQgetvalue(r, 0, 1), (size_t)PQgetlength(r, 0, 1));
    if (!c->member || !c->company) {
        c->member = c->company = "";
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
        return;
    }
    queue_remember(c);
}

/** One result of the call in front; @r is the lane's to clear unless it is kept (returns true). */
static bool
take_result(struct lane *l, struct flight *f, PGresult *r)
{
    enum expect what = f->expected[f->at];
    struct call_work *w = &f->call->work;
    ExecStatusType status = PQresultStatus(r);
    if (f->at == 0)
        call_lap(f->call, CALL_DATABASE);
    if (status == PGRES_PIPELINE_ABORTED)
        return false;
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        take_error(l, f, r);
        return false;
    }
    if (what == EXPECT_FIRST || what == EXPECT_MORE)
        fault_point("after_statement");
    switch (what) {
    case EXPECT_AUTHORIZE:
        fault_point("after_authorize");
        take_caller(f->call, r);
        return false;
    case EXPECT_FIRST:
    case EXPECT_REPLAY: take_rows(f, w->statement, r); return true;
    case EXPECT_MORE: take_rows(f, w->more[f->next_more++], r); return true;
    default: return false;
    }
}

/** Answers the call in front: its transaction has ended. */
static void
finish_front(struct lane *l)
{
    struct flight *f = flight_at(l, 0);
    struct call *c = f->call;
    l->first = (l->first + 1) % l->all->options.batch;
    l->n--;
    c->replayed = f->is_replay;
    call_lap(c, CALL_RESULTS);
    if (f->is_empty && c->status.code == STATUS_OK) {
        const struct schema_field *s = c->method->subject;
        const char *text = s ? message_text(c->arena, c->in, s) : NULL;
        status_set(&c->status, STATUS_NOT_FOUND, "there is no %s%s%s that you can see",
                   c->method->noun, text ? " " : "", text ? text : "");
    }
    leave(l, c, time_taken(l, c));
}

/** The Sync of the call in front: what was sent is now committed or rolled back. */
static int
take_sync(struct lane *l)
{
    struct flight *f = flight_at(l, 0);
    fault_point("after_sync");
    if (!f->replay || f->is_replay) {
        finish_front(l);
        return 0;
    }
    /* Done before: the call goes behind the others once more, to read the kept answer. */
    struct flight again = {.call = f->call, .is_replay = true};
    l->first = (l->first + 1) % l->all->options.batch;
    *flight_at(l, l->n - 1) = again;
    return send_call(l, flight_at(l, l->n - 1));
}

/**
 * True for a Sync before its time, and for something else in its place: without memory libpq gives an error of its own
 * for it, and the next results would pass for this call's. An error with an SQLSTATE is the transaction's end.
 */
static bool
is_out_of_step(const struct flight *f, const PGresult *r)
{
    if (PQresultStatus(r) == PGRES_PIPELINE_SYNC)
        return f->at < f->n_expected - 1;
    return f->at >= f->n_expected ||
           (f->expected[f->at] == EXPECT_SYNC && !PQresultErrorField(r, PG_DIAG_SQLSTATE));
}

/** Takes every result that has arrived. -1: the connection is broken, or out of step. */
static int
receive(struct lane *l)
{
    while (l->n > 0 && !PQisBusy(l->conn)) {
        struct flight *f = flight_at(l, 0);
        PGresult *r = PQgetResult(l->conn);
        if (!r) { /* the end of one statement's results */
            if (PQstatus(l->conn) == CONNECTION_BAD || f->at >= f->n_expected)
                return -1;
            f->at++;
            continue;
        }
        ExecStatusType status = PQresultStatus(r);
        if ((status == PGRES_FATAL_ERROR && PQstatus(l->conn) == CONNECTION_BAD) ||
            is_out_of_step(f, r)) {
            PQclear(r);
            return -1;
        }
        if (status == PGRES_PIPELINE_SYNC) {
            PQclear(r);
            if (take_sync(l) < 0)
                return -1;
        } else if (!take_result(l, f, r)) {
            PQclear(r);
        }
        if (l->is_stale)
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

/** Answers a call that nobody waits for any more, or that came too late. */
static bool
is_over(struct lane *l, struct call *c)
{
    if (!is_for_nobody(c)) {
        if (call_left_ms(c) > 0)
            return false;
        status_deadline(&c->status);
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
 * Waits until libpq can go on with connecting. -1: there is no point any more, for it takes too long, nobody waits for
 * it by now, or the server is going down. Calls that wait are taken on board meanwhile, so that their deadlines are kept.
 */
static int
await_connecting(struct lane *l, PostgresPollingStatusType next, int64_t until_us)
{
    bool was_awaited = l->n > 0;
    struct pollfd p = {PQsocket(l->conn), next == PGRES_POLLING_READING ? POLLIN : POLLOUT, 0};
    int ready;
    while ((ready = poll(&p, 1, LOOK_UP_MS)) <= 0) {
        fail_flights(l, NULL); /* those whose deadline has passed meanwhile */
        while (was_awaited && l->n < l->all->options.batch && take_aboard(l, false))
            continue;
        if (call_now_us() > until_us || (was_awaited && l->n == 0) ||
            (ready < 0 && errno != EINTR) || atomic_load(&l->all->aborting))
            return -1;
    }
    return 0;
}

/** Never waits for longer than a deadline lasts: a database that stands still answers nothing at all. */
static int
connect_lane(struct lane *l, struct status *e)
{
    const struct lanes_options *o = &l->all->options;
    int64_t until_us = call_now_us() + CONNECT_MS * 1000;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    note_connected(l, false);
    PQfinish(l->conn);
    l->is_stale = l->knows_authorize = l->knows_public = false;
    memset(l->prepared, 0, o->methods->n_variants * sizeof *l->prepared);
    l->conn = PQconnectStart(o->conninfo);
    if (PQstatus(l->conn) == CONNECTION_BAD)
        next = PGRES_POLLING_FAILED;
    while ((next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) &&
           await_connecting(l, next, until_us) == 0)
        next = PQconnectPoll(l->conn);
    if (next != PGRES_POLLING_OK || PQsetnonblocking(l->conn, 1) != 0 ||
        PQenterPipelineMode(l->conn) != 1) {
        status_set(e, STATUS_UNAVAILABLE, "the database cannot be reached now; try again");
        e->retry_after_ms = RETRY_AFTER_MS;
        return status_detail(e, "%s",
                             next == PGRES_POLLING_FAILED ? PQerrorMessage(l->conn)
                                                          : "it does not answer");
    }
    PQsetNoticeReceiver(l->conn, ignore_notice, NULL);
    note_connected(l, true);
    return 0;
}

/** Forgets what a transaction gave so far, so that it can be begun again; or for the first time, where none was. */
static void
begin_again(struct flight *f)
{
    struct call *c = f->call;
    if (f->n_expected == 0)
        return;
    memset(&c->status, 0, sizeof c->status);
    if (c->method->native)
        c->work.rows = NULL;
    else
        c->out = message_new(c->arena, c->method->schema->out);
    c->retries++;
    metrics_count(METRICS_CALL_RETRIES);
    if (!c->method->native && !c->out)
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
}

/** Ends calls in flight that cannot go on: all, or those whose deadline has passed or that had their tries. */
static void
fail_flights(struct lane *l, const struct status *why)
{
    for (int left = l->n; left > 0; left--) {
        struct flight f = *flight_at(l, 0);
        bool expired = call_left_ms(f.call) == 0;
        if (why || expired || f.call->retries >= MAX_RETRIES) {
            f.is_empty = false;
            if (expired)
                status_deadline(&f.call->status);
            else if (why)
                f.call->status = *why;
            else
                status_from_sql(&f.call->status, NULL, NULL, NULL, NULL);
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
        PQfinish(l->conn); /* with the results that nobody waits for any more */
        l->conn = NULL;
        fail_flights(l, &e);
        return;
    }
    if (l->n == 0) { /* the next call connects: then somebody's deadline is known */
        note_connected(l, false);
        PQfinish(l->conn);
        l->conn = NULL;
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
        begin_again(flight_at(l, i));
        if (send_call(l, flight_at(l, i)) < 0)
            return; /* the next round finds it broken */
    }
}

/* The thread. */

/** Takes what waits on board; waits itself only when nothing is in flight. */
static int
board(struct lane *l)
{
    while (l->n < l->all->options.batch && take_aboard(l, l->n == 0))
        if (PQstatus(l->conn) != CONNECTION_OK || send_call(l, flight_at(l, l->n - 1)) < 0)
            return -1;
    return 0;
}

/** True when a call in flight is past its deadline and the grace: PostgreSQL did not stop it by itself. */
static bool
is_stuck(struct lane *l)
{
    int64_t limit_us = call_now_us() - GRACE_MS * 1000;
    for (int i = 0; i < l->n; i++)
        if (flight_at(l, i)->call->deadline_us < limit_us)
            return true;
    return false;
}

/** Waits for the socket. -1: broken, or PostgreSQL did not answer by a deadline. */
static int
exchange(struct lane *l)
{
    int unsent = PQflush(l->conn);
    if (unsent < 0)
        return -1;
    fault_point("sync_sent");
    struct pollfd p = {PQsocket(l->conn), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0};
    int ready = poll(&p, 1, LOOK_UP_MS);
    if (ready <= 0)
        return is_stuck(l) || atomic_load(&l->all->aborting) ? -1 : 0;
    if ((p.revents & (POLLIN | POLLERR | POLLHUP)) && PQconsumeInput(l->conn) != 1)
        return -1;
    return receive(l);
}

static void *
run(void *data)
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

static int
lane_start(struct lanes *all, struct lane *l, struct status *e)
{
    const struct lanes_options *o = &all->options;
    l->all = all;
    l->queue = all->queues[all->n >= o->n_lanes];
    l->backoff_ms = BACKOFF_MS;
    l->flights = calloc((size_t)o->batch, sizeof *l->flights);
    l->prepared = calloc(o->methods->n_variants + 1, sizeof *l->prepared);
    if (!l->flights || !l->prepared)
        return status_set(e, STATUS_INTERNAL, "no memory for the lanes");
    if (connect_lane(l, e) < 0)
        return -1;
    if (pthread_create(&l->thread, NULL, run, l) != 0)
        return status_set(e, STATUS_INTERNAL, "cannot start the lanes' threads");
    l->has_thread = true;
    return 0;
}

struct lanes *
lanes_start(const struct lanes_options *o, struct status *e)
{
    struct lanes *l = calloc(1, sizeof *l);
    if (l)
        l->lanes = calloc((size_t)o->n_lanes + (size_t)o->n_heavy_lanes, sizeof *l->lanes);
    if (!l || !l->lanes) {
        free(l);
        status_set(e, STATUS_INTERNAL, "no memory for the lanes");
        return NULL;
    }
    l->options = *o;
    l->queues[0] = queue_new(o->queue_limit, INT_MAX);
    /* A heavy call may take minutes: no company has all the lanes for them. */
    l->queues[1] = queue_new(o->queue_limit, o->n_heavy_lanes > 1 ? o->n_heavy_lanes / 2 : 1);
    if (!l->queues[0] || !l->queues[1]) {
        status_set(e, STATUS_INTERNAL, "no memory for the lanes");
        lanes_stop(l);
        return NULL;
    }
    for (; l->n < o->n_lanes + o->n_heavy_lanes; l->n++)
        if (lane_start(l, &l->lanes[l->n], e) < 0) {
            l->n++;
            lanes_stop(l);
            return NULL;
        }
    return l;
}

void
lanes_look(struct lanes *l, bool heavy, struct lanes_state *ret)
{
    struct queue *q = l->queues[heavy];
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
    if (!l)
        return;
    for (int i = 0; i < 2; i++)
        if (l->queues[i])
            queue_stop(l->queues[i]);
    for (int i = 0; i < l->n; i++) {
        if (l->lanes[i].has_thread)
            pthread_join(l->lanes[i].thread, NULL);
        PQfinish(l->lanes[i].conn);
        free(l->lanes[i].flights);
        free(l->lanes[i].prepared);
    }
    queue_free(l->queues[0]);
    queue_free(l->queues[1]);
    free(l->lanes);
    free(l);
}
