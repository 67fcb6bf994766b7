#include "server/call/held.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/template.h"
#include "server/base/fault.h"
#include "server/base/metrics.h"
#include "server/call/lane.h"
#include "server/call/whose.h"
#include "server/database/errand.h"
#include "server/method/sqlstate.h"

enum {
    /** How often the database is asked whom something was told. */
    EVERY_MS = 250,
    /** How often it is looked whose deadline has come and who has gone. */
    SWEEP_EVERY = 4,
    /** How often a session is looked at whose call is held. */
    CHECK_S = 30,
    /** So long before its deadline a call is answered, so that the answer comes in time. */
    MARGIN_MS = 1000,
    /** How often a stream is run at least. */
    BEAT_MS = 30000,
    /** Calls of one session. */
    SESSION_LIMIT = 8,
    /** The part of all that one company may have. */
    COMPANY_PART = 4,
    /** Chains of the table. */
    BUCKETS = 4096,
    /** The longest request of a held call, in bytes; and what another number may add to it. */
    REQUEST_MAX = 256,
    NUMBER_MAX = 11,
    /** When who is one too many is to come again. */
    RETRY_AFTER_MS = 5000,
    DRAIN_RETRY_MS = 1000,
};

static const char sql_since[] =
    "SELECT newest, is_other, array_to_string(sessions, ' ') FROM jiayi.inbox_since($1::bigint)";
static const char sql_over[] =
    "SELECT string_agg(s::text, ' ') FROM jiayi.sessions_over($1::bigint[]) AS s";
enum since_column { NEWEST, IS_OTHER, SESSIONS };

/** A call that is held, or was and is run once more. */
struct held_call {
    struct held_call *next, *woken;
    /** Where the answer goes; NULL while it is run. And the same of one that is woken. */
    void *place, *woken_place;
    const struct call_door *door;
    const struct gate *gate;
    const struct method *method;
    const struct embed *language;
    int64_t session, deadline_us, checked_us;
    /** A stream, and when it ends; and one that is to be run as soon as what it told is read. */
    bool is_stream, is_behind;
    int64_t until_us;
    /** Its company, for the limit. */
    unsigned whose;
    bool has_request_id;
    uint8_t request_id[REQUEST_ID_BYTES];
    uint8_t token_sha256[SHA256_BYTES];
    /** The request. */
    size_t n;
    uint8_t packed[];
};

struct held {
    struct lanes *lanes;
    /** The poller's alone. */
    struct errand errand;
    unsigned ticks;

    pthread_mutex_t lock;
    struct held_call *buckets[BUCKETS];
    uint32_t of_company[WHOSE_NUMBERS];
    /** How many there are, and may be; and of them those that are behind. */
    int n, limit, n_behind;
    bool is_closed;
    /**
     * Up to where the database was asked; -1: not yet. And how often it had something to say: a
     * call that was run meanwhile may not have seen it.
     */
    int64_t last;
    uint64_t news;
};

/* The table. The lock is held. */

static struct held_call **
bucket(struct held *h, int64_t session)
{
    return &h->buckets[(uint64_t)session % BUCKETS];
}

static int
count_of_session(struct held *h, int64_t session)
{
    int n = 0;
    for (const struct held_call *one = *bucket(h, session); one; one = one->next)
        n += one->session == session;
    return n;
}

static void
unlink_call(struct held *h, struct held_call *one)
{
    struct held_call **at = bucket(h, one->session);
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
    h->n_behind -= one->is_behind;
    h->of_company[one->whose]--;
    h->n--;
}

/** Whether there is room for one more call of @c's; else says of it what there is too much of. */
static bool
has_room(struct held *h, struct call *c, unsigned whose)
{
    bool is_session = count_of_session(h, c->session) >= SESSION_LIMIT;
    bool is_all = h->n >= h->limit;
    if (!is_session && !is_all && h->of_company[whose] < (uint32_t)(h->limit / COMPANY_PART))
        return true;
    if (is_session)
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "%d calls of this session wait for news already; end one of them",
                   SESSION_LIMIT);
    else
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   is_all ? N_("too many calls wait for news just now; try again later")
                          : N_("too many calls of your company wait for news just now; try again "
                               "later"));
    c->status.retry_after_ms = is_session ? 0 : RETRY_AFTER_MS;
    return false;
}

/* Holding. */

/** When a stream is to be run again that is run now. */
static int64_t
beat_us(int64_t until_us)
{
    int64_t us = clock_now_us() + BEAT_MS * INT64_C(1000);
    return us < until_us ? us : until_us;
}

/** What is kept of a call; NULL where there is too much, or no memory. */
static struct held_call *
keep(const struct call *c)
{
    size_t n = protobuf_c_message_get_packed_size(c->in);
    struct held_call *one = n <= REQUEST_MAX ? calloc(1, sizeof *one + n + NUMBER_MAX) : NULL;
    if (!one)
        return NULL;
    one->door = c->door;
    one->gate = c->gate;
    one->method = c->method;
    one->language = c->language;
    one->session = c->session;
    one->is_stream = c->is_stream;
    one->until_us = c->until_us;
    one->deadline_us = one->is_stream ? beat_us(one->until_us) : c->deadline_us;
    one->whose = whose_number(c);
    one->has_request_id = c->has_request_id;
    memcpy(one->request_id, c->request_id, sizeof one->request_id);
    memcpy(one->token_sha256, c->token_sha256, sizeof one->token_sha256);
    one->n = protobuf_c_message_pack(c->in, one->packed);
    return one;
}

/**
 * Gives a call that is to be held its row of the table. False: it is to be answered, with what its
 * status says.
 */
static bool
enter(struct held *h, struct call *c)
{
    struct held_call *one = keep(c);
    if (!one && c->is_stream)
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    if (!one)
        return false;
    pthread_mutex_lock(&h->lock);
    bool fits = !h->is_closed && has_room(h, c, one->whose);
    if (fits) {
        one->next = *bucket(h, one->session);
        *bucket(h, one->session) = one;
        h->of_company[one->whose]++;
        h->n++;
        c->held = one;
    }
    pthread_mutex_unlock(&h->lock);
    if (!fits)
        free(one);
    if (c->status.code != STATUS_OK)
        metrics_refused(METRICS_REFUSED_HELD_LIMIT, c->address);
    return fits;
}

/** A call is answered: its row, if it has one, is free for another. */
static void
finish(struct held *h, struct call *c)
{
    struct held_call *one = c->held;
    if (one) {
        pthread_mutex_lock(&h->lock);
        unlink_call(h, one);
        pthread_mutex_unlock(&h->lock);
        free(one);
    }
    c->finish(c);
}

static void
run(struct held *h, struct call *c)
{
    c->out = message_new(c->arena, c->method->schema->out);
    if (c->out) {
        held_begin(h, c);
        return;
    }
    status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    finish(h, c);
}

/** Nobody waits for a call that is held: it ends without an answer. Its row is out of the table. */
static void
drop(struct held_call *one, void *place)
{
    one->door->give_up(place);
    metrics_call(one->method->index, STATUS_CANCELLED, 0);
    free(one);
}

/** The call that @one is of, made anew in @place; NULL: for want of memory nobody waits now. */
static struct call *
take_up(struct held *h, struct held_call *one, void *place)
{
    struct call *c = one->door->take_up(place);
    if (!c) {
        pthread_mutex_lock(&h->lock);
        unlink_call(h, one);
        pthread_mutex_unlock(&h->lock);
        drop(one, place);
        return NULL;
    }
    c->gate = one->gate;
    c->method = one->method;
    c->language = one->language;
    c->is_stream = one->is_stream;
    c->until_us = one->until_us;
    c->deadline_us = one->is_stream ? beat_us(one->until_us) : one->deadline_us;
    c->has_request_id = one->has_request_id;
    memcpy(c->request_id, one->request_id, sizeof c->request_id);
    c->has_token = true;
    memcpy(c->token_sha256, one->token_sha256, sizeof c->token_sha256);
    c->session = one->session;
    c->held = one;
    c->in = message_unpack(c->arena, c->method->schema->in, one->packed, one->n, &c->status);
    return c;
}

/** Has a call that was held run once more, or answered where it has a status already. */
static void
resume(struct held *h, struct held_call *one, void *place)
{
    struct call *c = take_up(h, one, place);
    if (c && c->status.code == STATUS_OK)
        run(h, c);
    else if (c)
        finish(h, c);
}

static bool
is_closed(struct held *h)
{
    pthread_mutex_lock(&h->lock);
    bool is = h->is_closed;
    pthread_mutex_unlock(&h->lock);
    return is;
}

/** There is something to tell the caller. */
static bool
has_news(const struct call *c)
{
    const struct method *m = c->method;
    return !message_has(c->in, m->since) ||
           message_integer(c->in, m->since, 0) != message_integer(c->out, m->cursor, 0);
}

/** There is nothing to tell the caller, and time to wait. */
static bool
may_wait(struct held *h, const struct call *c)
{
    int64_t left_us =
        (c->held && c->is_stream ? c->held->deadline_us : c->deadline_us) - clock_now_us();
    return !is_closed(h) && c->status.code == STATUS_OK && c->door && c->out && !has_news(c) &&
           left_us > MARGIN_MS * INT64_C(1000) && !call_is_abandoned(c);
}

/** The lock is held. */
static void
set_behind(struct held *h, struct held_call *one, bool is_behind)
{
    h->n_behind += is_behind - one->is_behind;
    one->is_behind = is_behind;
}

/** Puts a call by that has its row of the table, until there is something to tell, or to do. */
static void
put_by(struct held *h, struct call *c, bool is_behind)
{
    struct held_call *one = c->held;
    uint64_t news = c->news;
    const struct call_door *d = c->door;
    void *place = d->put_by(c);
    if (!place) {
        finish(h, c);
        return;
    }
    bool is_read = !one->is_stream || d->is_read(place);
    pthread_mutex_lock(&h->lock);
    one->checked_us = clock_now_us();
    /* What came while it was run it may not have seen. */
    is_behind = is_behind || h->news != news;
    bool stays = !h->is_closed && !(is_behind && is_read);
    if (stays) {
        one->place = place;
        set_behind(h, one, is_behind);
    }
    pthread_mutex_unlock(&h->lock);
    if (!stays)
        resume(h, one, place);
}

/** Why a stream that ran well goes on no more; true where it does. */
static bool
is_over(struct held *h, struct call *c)
{
    if (is_closed(h)) {
        /* What it has not told is there for who asks with the last cursor. */
        status_set(&c->status, STATUS_UNAVAILABLE, "the server is going down; try again");
        c->status.retry_after_ms = DRAIN_RETRY_MS;
    } else if (c->until_us - clock_now_us() <= MARGIN_MS * INT64_C(1000)) {
        sqlstate_deadline(&c->status);
    }
    return c->status.code != STATUS_OK || !c->out || call_is_abandoned(c);
}

/** From what it told a stream goes on. False without memory. */
static bool
move_on(struct call *c)
{
    struct held_call *one = c->held;
    const struct method *m = c->method;
    if (message_put_integer(c->arena, c->in, m->since, message_integer(c->out, m->cursor, 0)) < 0)
        return false;
    one->n = protobuf_c_message_pack(c->in, one->packed);
    one->deadline_us = beat_us(one->until_us);
    return true;
}

/** A stream has something to tell, or that there is nothing. */
static void
tell(struct held *h, struct call *c)
{
    bool is_behind = has_news(c);
    if (is_over(h, c) || (!c->held && !enter(h, c)) || !c->door->tell(c))
        finish(h, c);
    else if (!move_on(c)) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
        finish(h, c);
    } else {
        put_by(h, c, is_behind);
    }
}

/** A call has run: it is held, or answered. */
static void
end(struct held *h, struct call *c)
{
    bool waits = may_wait(h, c);
    if (waits && (c->held || enter(h, c)))
        put_by(h, c, false);
    else if (!waits && c->is_stream && c->status.code == STATUS_OK)
        tell(h, c);
    else {
        if (c->held)
            fault_point("watch_answer");
        finish(h, c);
    }
}

/** On the lane's thread: the call has run. */
static void
end_run(struct call *c)
{
    end(c->holder, c);
}

void
held_begin(struct held *h, struct call *c)
{
    const struct method *m = c->method;
    c->holder = h;
    c->work = (struct call_work){.statement = m->statement,
                                 .more = m->more,
                                 .n_more = m->n_more,
                                 .authorize = true,
                                 .done = end_run};
    pthread_mutex_lock(&h->lock);
    c->news = h->news;
    pthread_mutex_unlock(&h->lock);
    lanes_submit(h->lanes, c);
}

/* Waking. */

/** The held calls that are to be woken, as a list; each is the caller's from now on. */
struct waking {
    struct held_call *first;
};

/** The lock is held. */
static void
wake(struct held *h, struct waking *w, struct held_call *one)
{
    set_behind(h, one, false);
    one->woken = w->first;
    one->woken_place = one->place;
    one->place = NULL;
    w->first = one;
}

/** What is in the list is run once more. */
static void
run_woken(struct held *h, struct waking *w)
{
    for (struct held_call *one = w->first, *next; one; one = next) {
        next = one->woken;
        resume(h, one, one->woken_place);
    }
}

/** Wakes a call for which there is news: a stream once its peer is ready. The lock is held. */
static void
wake_ready(struct held *h, struct waking *w, struct held_call *one)
{
    if (!one->is_stream || one->door->is_read(one->place))
        wake(h, w, one);
    else
        set_behind(h, one, true);
}

/** Wakes the calls of the sessions whose numbers stand in @list. The lock is held. */
static void
wake_sessions(struct held *h, struct waking *w, const char *list,
              void (*how)(struct held *, struct waking *, struct held_call *))
{
    for (char *end; *list; list = end + (*end == ' ')) {
        int64_t session = strtoll(list, &end, 10);
        if (end == list)
            return;
        for (struct held_call *one = *bucket(h, session); one; one = one->next)
            if (one->session == session && one->place)
                how(h, w, one);
    }
}

/** The lock is held. */
static void
wake_all(struct held *h, struct waking *w,
         void (*how)(struct held *, struct waking *, struct held_call *))
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct held_call *one = h->buckets[i]; one; one = one->next)
            if (one->place)
                how(h, w, one);
}

/** Wakes the streams that are behind, and whose peers have caught up. */
static void
wake_behind(struct held *h)
{
    struct waking w = {NULL};
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; h->n_behind > 0 && i < BUCKETS; i++)
        for (struct held_call *one = h->buckets[i]; one; one = one->next)
            if (one->place && one->is_behind)
                wake_ready(h, &w, one);
    pthread_mutex_unlock(&h->lock);
    run_woken(h, &w);
}

/* The poller. */

/** The one row that @sql gives for @value; NULL where the database cannot be asked. */
static PGresult *
ask(struct held *h, const char *sql, const char *value)
{
    if (!errand_ready(&h->errand))
        return NULL;
    PGresult *r = errand_query(&h->errand, sql, 1, &value);
    errand_done(&h->errand, r != NULL);
    return r;
}

/** Asks whom something was told since the last time, and wakes their calls. */
static void
look_for_news(struct held *h)
{
    char last[24];
    struct waking w = {NULL};
    snprintf(last, sizeof last, "%lld", (long long)h->last);
    PGresult *r = ask(h, sql_since, h->last < 0 ? NULL : last);
    if (!r)
        return;
    bool is_other = *PQgetvalue(r, 0, IS_OTHER) == 't';
    const char *sessions = PQgetvalue(r, 0, SESSIONS);
    pthread_mutex_lock(&h->lock);
    h->last = strtoll(PQgetvalue(r, 0, NEWEST), NULL, 10);
    if (is_other || *sessions)
        h->news++;
    if (is_other)
        wake_all(h, &w, wake_ready);
    else
        wake_sessions(h, &w, sessions, wake_ready);
    pthread_mutex_unlock(&h->lock);
    PQclear(r);
    if (w.first)
        fault_point("watch_woken");
    run_woken(h, &w);
}

/** The sessions that have to be looked at, as PostgreSQL's array; malloced, or NULL. */
static char *
list_unchecked(struct held *h, int64_t now_us)
{
    char *list = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&list, &n);
    const char *comma = "{";
    if (!out)
        return NULL;
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct held_call *one = h->buckets[i]; one; one = one->next)
            if (one->place && now_us - one->checked_us > CHECK_S * INT64_C(1000000)) {
                fprintf(out, "%s%lld", comma, (long long)one->session);
                one->checked_us = now_us;
                comma = ",";
            }
    pthread_mutex_unlock(&h->lock);
    fputc('}', out);
    bool ok = fclose(out) == 0 && *comma == ',';
    if (!ok)
        free(list);
    return ok ? list : NULL;
}

/** Wakes the calls of sessions that have ended: they are refused then. */
static void
check_sessions(struct held *h)
{
    char *list = list_unchecked(h, clock_now_us());
    struct waking w = {NULL};
    PGresult *r = list ? ask(h, sql_over, list) : NULL;
    free(list);
    if (!r)
        return;
    pthread_mutex_lock(&h->lock);
    wake_sessions(h, &w, PQgetvalue(r, 0, 0), wake);
    pthread_mutex_unlock(&h->lock);
    PQclear(r);
    run_woken(h, &w);
}

/** Wakes whose deadline has come, and drops whose peer has gone. */
static void
sweep(struct held *h)
{
    struct waking due = {NULL}, gone = {NULL};
    int64_t limit_us = clock_now_us() + MARGIN_MS * INT64_C(1000);
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct held_call *one = h->buckets[i], *next; one; one = next) {
            next = one->next;
            if (one->place && one->door->is_gone(one->place)) {
                unlink_call(h, one);
                one->is_behind = false;
                wake(h, &gone, one);
            } else if (one->place && one->deadline_us <= limit_us) {
                wake_ready(h, &due, one);
            }
        }
    pthread_mutex_unlock(&h->lock);
    for (struct held_call *one = gone.first, *next; one; one = next) {
        next = one->woken;
        drop(one, one->woken_place);
    }
    run_woken(h, &due);
}

static void
poll_database(void *arg)
{
    struct held *h = arg;
    pthread_mutex_lock(&h->lock);
    bool is_empty = h->n == 0;
    if (is_empty)
        h->last = -1; /* who comes next looks once more */
    pthread_mutex_unlock(&h->lock);
    if (is_empty)
        return;
    look_for_news(h);
    wake_behind(h);
    if (h->ticks++ % SWEEP_EVERY == 0) {
        sweep(h);
        check_sessions(h);
    }
}

/* Beginning and ending. */

struct held *
held_start(const char *conninfo, struct lanes *lanes, int limit, struct status *e)
{
    struct held *h = calloc(1, sizeof *h);
    if (!h) {
        status_set(e, STATUS_INTERNAL, "no memory for held calls");
        return NULL;
    }
    h->errand = (struct errand){.conninfo = conninfo, .lost = "held_lost"};
    h->lanes = lanes;
    h->limit = limit;
    h->last = -1;
    pthread_mutex_init(&h->lock, NULL);
    if (errand_start(&h->errand, "held", EVERY_MS, poll_database, h, e) == 0)
        return h;
    held_free(h);
    return NULL;
}

void
held_close(struct held *h)
{
    struct waking w = {NULL};
    pthread_mutex_lock(&h->lock);
    h->is_closed = true;
    wake_all(h, &w, wake);
    for (struct held_call *one = w.first; one; one = one->woken)
        unlink_call(h, one);
    pthread_mutex_unlock(&h->lock);
    for (struct held_call *one = w.first, *next; one; one = next) {
        next = one->woken;
        struct call *c = one->door->take_up(one->woken_place);
        if (!c) {
            drop(one, one->woken_place);
            continue;
        }
        c->gate = one->gate;
        c->method = one->method;
        c->language = one->language;
        c->has_request_id = one->has_request_id;
        memcpy(c->request_id, one->request_id, sizeof c->request_id);
        status_set(&c->status, STATUS_UNAVAILABLE, "the server is going down; try again");
        c->status.retry_after_ms = DRAIN_RETRY_MS;
        c->finish(c);
        free(one);
    }
}

void
held_look(struct held *h, struct held_state *ret)
{
    pthread_mutex_lock(&h->lock);
    *ret = (struct held_state){.held = h->n, .limit = h->limit};
    pthread_mutex_unlock(&h->lock);
}

void
held_stop(struct held *h)
{
    held_close(h);
    errand_stop(&h->errand);
}

void
held_free(struct held *h)
{
    if (!h)
        return;
    pthread_mutex_destroy(&h->lock);
    free(h);
}
