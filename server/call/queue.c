#include "server/call/queue.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "common/clock.h"
#include "server/call/whose.h"

enum {
    /** The first turns are for strangers, who together count as one company. */
    STRANGERS = 16,
    /** For so long after two turns had calls they are in each other's way. */
    CONTENDED_US = 1000000,
    /**
     * What a turn may have running then, by what its calls usually take; but so many calls at
     * least.
     */
    WINDOW_US = 5000,
    WINDOW_CALLS = 2,
    /**
     * What a call is taken to cost before any was seen; the least; and the share of the newest in
     * the average.
     */
    FIRST_COST_US = 1000,
    LEAST_COST_US = 50,
    NEWEST = 8,
    /** A turn that had more than the others makes up for so much of it at most. */
    DEBT_US = 1000000,
};

/** The calls of the companies that share a turn. */
struct turn {
    struct call *first, *last;
    int waiting, running;
    /** The lanes' time that it had, or had to forgo by not asking for it. */
    int64_t spent_us;
    /** What its calls took of late; 0 before the first. */
    int64_t usual_us;
};

/** A thread that waits for a call; on its stack. It has what it waited for once it is woken. */
struct seat {
    struct seat *below;
    sem_t ready;
    /** NULL: the queue has stopped, and is empty. */
    struct call *call;
};

struct queue {
    pthread_mutex_t lock;
    struct turn turns[QUEUE_TURNS];
    /** The turns that have calls waiting; how many of these are strangers'. */
    uint8_t order[QUEUE_TURNS];
    int n_order, n_strangers;
    int limit, share, waiting, running;
    /** What the turn had spent that was taken from last: who comes now has had as much. */
    int64_t clock_us;
    /** Until when several turns are taken to be in use; the turn of the last call. */
    int64_t contended_until_us;
    uint8_t newest;
    /**
     * Threads that wait in queue_take(), who came last on top: what that one needs, and its backend
     * of the database, is in the processor's caches still.
     */
    struct seat *seats;
    int idle;
    bool is_stopping;
};

/* Whose turn. */

static uint8_t
turn_of(const struct call *c)
{
    unsigned number = whose_number(c);
    return (uint8_t)(number < WHOSE_ADDRESSES ? number % STRANGERS
                                              : STRANGERS + number % (QUEUE_TURNS - STRANGERS));
}

/* The queue. */

struct queue *
queue_new(int limit, int share)
{
    struct queue *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    pthread_mutex_init(&q->lock, NULL);
    q->limit = limit;
    q->share = share;
    return q;
}

void
queue_free(struct queue *q)
{
    if (!q)
        return;
    pthread_mutex_destroy(&q->lock);
    free(q);
}

/** A turn has calls waiting. */
static void
line_up(struct queue *q, uint8_t turn)
{
    struct turn *t = &q->turns[turn];
    if (t->running == 0 && t->spent_us < q->clock_us)
        t->spent_us = q->clock_us;
    q->order[q->n_order++] = turn;
    q->n_strangers += turn < STRANGERS;
}

/** The turn at @at of the order has none any more. */
static void
step_out(struct queue *q, int at)
{
    q->n_strangers -= q->order[at] < STRANGERS;
    q->order[at] = q->order[--q->n_order];
}

static int64_t
usual_cost(const struct turn *t)
{
    return t->usual_us > LEAST_COST_US ? t->usual_us : t->usual_us ? LEAST_COST_US : FIRST_COST_US;
}

/** How many strangers' turns @turn shares one turn with. */
static int
sharers(const struct queue *q, uint8_t turn)
{
    return turn < STRANGERS && q->n_strangers > 1 ? q->n_strangers : 1;
}

/**
 * How many calls of the turn may run. Alone it has all the lanes; but what others have running is
 * what a call waits for, once it has its turn: where several want the lanes, each has a few
 * milliseconds' work in them.
 */
static int
may_run(const struct queue *q, uint8_t turn, int64_t now_us)
{
    if (now_us >= q->contended_until_us)
        return q->share;
    int n = (int)(WINDOW_US / usual_cost(&q->turns[turn]));
    n = (n > WINDOW_CALLS ? n : WINDOW_CALLS) / sharers(q, turn);
    n = n > 0 ? n : 1;
    return n < q->share ? n : q->share;
}

static void
charge(struct queue *q, uint8_t turn, int64_t us)
{
    struct turn *t = &q->turns[turn];
    t->spent_us += us * sharers(q, turn);
    if (t->spent_us > q->clock_us + DEBT_US)
        t->spent_us = q->clock_us + DEBT_US;
}

/**
 * The place in the order of the turn that had least and may run one more; -1 when there is none.
 */
static int
next_turn(const struct queue *q)
{
    int64_t now_us = clock_now_us();
    int best = -1;
    for (int i = 0; i < q->n_order; i++) {
        const struct turn *t = &q->turns[q->order[i]];
        if (t->running < may_run(q, q->order[i], now_us) &&
            (best < 0 || t->spent_us < q->turns[q->order[best]].spent_us))
            best = i;
    }
    return best;
}

/** The next call; NULL when there is none. */
static struct call *
pop(struct queue *q)
{
    int at = next_turn(q);
    if (at < 0)
        return NULL;
    uint8_t turn = q->order[at];
    struct turn *t = &q->turns[turn];
    struct call *c = t->first;
    t->first = c->next;
    t->running++;
    q->running++;
    q->waiting--;
    q->clock_us = t->spent_us > q->clock_us ? t->spent_us : q->clock_us;
    c->charged_us = usual_cost(t);
    charge(q, turn, c->charged_us);
    if (--t->waiting == 0)
        step_out(q, at);
    return c;
}

/* Threads that wait. */

/**
 * Who waits on top gets a call, where there is one that may run. Returns who is to be woken, once
 * the lock is let go: woken before, the first that one did would be to wait for the lock.
 */
static struct seat *
serve(struct queue *q)
{
    struct seat *s = q->seats;
    if (!s || !(s->call = pop(q)))
        return NULL;
    q->seats = s->below;
    q->idle--;
    s->below = NULL;
    return s;
}

/** Once the queue has stopped and is empty, nobody waits any more. Returns who is to be woken. */
static struct seat *
dismiss(struct queue *q)
{
    struct seat *all = q->seats;
    if (!q->is_stopping || q->waiting > 0)
        return NULL;
    q->seats = NULL;
    q->idle = 0;
    return all;
}

static void
wake(struct seat *s)
{
    while (s) {
        struct seat *below = s->below; /* who is woken takes the seat away */
        sem_post(&s->ready);
        s = below;
    }
}

/** Others have calls here as well, or had a moment ago: who put much before need not come again. */
static bool
is_contended(const struct queue *q, const struct call *c)
{
    const struct turn *t = &q->turns[c->turn];
    return c->turn != q->newest || q->waiting + q->running > t->waiting + t->running;
}

enum queue_put
queue_put(struct queue *q, struct call *c)
{
    enum queue_put result = QUEUE_WAITS;
    struct seat *served = NULL;
    c->turn = turn_of(c);
    c->next = NULL;
    pthread_mutex_lock(&q->lock);
    struct turn *t = &q->turns[c->turn];
    /* Strangers leave half of it to those who are known. */
    int room = (c->turn < STRANGERS ? q->limit / 2 : q->limit) - q->waiting;
    if (is_contended(q, c))
        q->contended_until_us = c->received_us + CONTENDED_US;
    q->newest = c->turn;
    if (room <= 0 || q->is_stopping) {
        result = QUEUE_FULL;
    } else if (t->waiting >= room) {
        result = QUEUE_SHARE_FULL;
    } else {
        if (t->first)
            t->last->next = c;
        else
            t->first = c;
        t->last = c;
        if (t->waiting++ == 0)
            line_up(q, c->turn);
        q->waiting++;
        served = serve(q);
    }
    pthread_mutex_unlock(&q->lock);
    wake(served);
    return result;
}

struct call *
queue_take(struct queue *q, bool wait)
{
    struct seat mine = {.below = NULL};
    pthread_mutex_lock(&q->lock);
    struct call *c = pop(q);
    bool has_seat = !c && wait && !(q->is_stopping && q->waiting == 0);
    if (has_seat) {
        sem_init(&mine.ready, 0, 0);
        mine.below = q->seats;
        /* cppcheck-suppress autoVariables; it stays there until the seat is taken off */
        q->seats = &mine;
        q->idle++;
    }
    pthread_mutex_unlock(&q->lock);
    if (!has_seat)
        return c;
    while (sem_wait(&mine.ready) < 0 && errno == EINTR)
        ;
    sem_destroy(&mine.ready);
    return mine.call;
}

void
queue_done(struct queue *q, const struct call *c, int64_t took_us)
{
    pthread_mutex_lock(&q->lock);
    struct turn *t = &q->turns[c->turn];
    t->running--;
    q->running--;
    charge(q, c->turn, took_us - c->charged_us);
    if (took_us > 0)
        t->usual_us = t->usual_us ? t->usual_us + (took_us - t->usual_us) / NEWEST : took_us;
    /* One that waited because of its share can go now. */
    struct seat *woken = q->waiting > 0 ? serve(q) : dismiss(q);
    pthread_mutex_unlock(&q->lock);
    wake(woken);
}

void
queue_stop(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->is_stopping = true;
    struct seat *woken = dismiss(q);
    pthread_mutex_unlock(&q->lock);
    wake(woken);
}

void
queue_look(struct queue *q, struct queue_state *ret)
{
    pthread_mutex_lock(&q->lock);
    *ret = (struct queue_state){.waiting = q->waiting, .limit = q->limit, .idle = q->idle};
    pthread_mutex_unlock(&q->lock);
}
