#include "server/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    /** Tokens that are remembered: of more that are in use at a time, some have their address's turn. */
    REMEMBERED = 8192,
    /** Of a remembered token's word: the bits that are its turn. The others are the token's. */
    TURN_MASK = QUEUE_TURNS - 1,
};

/** The calls of the companies that share a turn. */
struct turn {
    struct call *first, *last;
    int waiting, running;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct turn turns[QUEUE_TURNS];
    /** A ring of the turns that have calls waiting, the next one first. */
    uint8_t order[QUEUE_TURNS];
    int first, n_order;
    int limit, share, waiting;
    /** Threads that wait in queue_take(). */
    int idle;
    bool is_stopping;
};

/* Whose turn. */

/** So that nobody can choose a company's name to share another one's turn. */
static uint64_t seed;

static void
make_seed(void)
{
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (uint64_t)call_now_us();
}

/** FNV-1a (Fowler, Noll, Vo), begun with the seed. */
static uint8_t
turn_of_text(const char *text)
{
    uint64_t hash = 14695981039346656037U ^ seed;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211U;
    return (uint8_t)((hash ^ hash >> 32) & TURN_MASK);
}

/** A word for each token remembered: of its SHA-256 all bits but the lowest, and its turn in these. */
static _Atomic uint64_t remembered[REMEMBERED];

static uint64_t
token_bits(const struct call *c, _Atomic uint64_t **place)
{
    uint64_t bits[2];
    memcpy(bits, c->token_sha256, sizeof bits);
    *place = &remembered[bits[1] % REMEMBERED];
    return bits[0] & ~(uint64_t)TURN_MASK;
}

void
queue_remember(const struct call *c)
{
    _Atomic uint64_t *place;
    uint64_t word = token_bits(c, &place) | turn_of_text(c->company);
    /* Mostly it is there already, and a line of memory that nobody writes is read faster. */
    if (atomic_load_explicit(place, memory_order_relaxed) != word)
        atomic_store_explicit(place, word, memory_order_relaxed);
}

static uint8_t
turn_of(const struct call *c)
{
    _Atomic uint64_t *place;
    uint64_t bits = token_bits(c, &place);
    uint64_t word = atomic_load_explicit(place, memory_order_relaxed);
    return c->has_token && (word & ~(uint64_t)TURN_MASK) == bits ? (uint8_t)(word & TURN_MASK)
                                                                 : turn_of_text(c->address);
}

/* The queue. */

struct queue *
queue_new(int limit, int share)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_seed);
    struct queue *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->ready, NULL);
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
    pthread_cond_destroy(&q->ready);
    free(q);
}

/** Puts a turn at the end of the order. */
static void
line_up(struct queue *q, uint8_t turn)
{
    q->order[(q->first + q->n_order++) % QUEUE_TURNS] = turn;
}

static uint8_t
next_turn(struct queue *q)
{
    uint8_t turn = q->order[q->first];
    q->first = (q->first + 1) % QUEUE_TURNS;
    q->n_order--;
    return turn;
}

enum queue_put
queue_put(struct queue *q, struct call *c)
{
    enum queue_put result = QUEUE_WAITS;
    c->turn = turn_of(c);
    c->next = NULL;
    pthread_mutex_lock(&q->lock);
    struct turn *t = &q->turns[c->turn];
    int room = q->limit - q->waiting;
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
        pthread_cond_signal(&q->ready);
    }
    pthread_mutex_unlock(&q->lock);
    return result;
}

/** The next call of the first turn that may run one more; NULL when there is none. */
static struct call *
pop(struct queue *q)
{
    for (int n = q->n_order; n > 0; n--) {
        uint8_t turn = next_turn(q);
        struct turn *t = &q->turns[turn];
        struct call *c = t->running < q->share ? t->first : NULL;
        if (c) {
            t->first = c->next;
            t->waiting--;
            t->running++;
            q->waiting--;
        }
        if (t->waiting > 0)
            line_up(q, turn);
        if (c)
            return c;
    }
    return NULL;
}

struct call *
queue_take(struct queue *q, bool wait)
{
    struct call *c = NULL;
    pthread_mutex_lock(&q->lock);
    if (!wait && q->waiting > q->idle)
        c = pop(q);
    while (wait && !(c = pop(q)) && !(q->is_stopping && q->waiting == 0)) {
        q->idle++;
        pthread_cond_wait(&q->ready, &q->lock);
        q->idle--;
    }
    pthread_mutex_unlock(&q->lock);
    return c;
}

void
queue_done(struct queue *q, const struct call *c)
{
    pthread_mutex_lock(&q->lock);
    struct turn *t = &q->turns[c->turn];
    /* One that waited because of its share can go now. */
    if (t->running-- == q->share && t->waiting > 0)
        pthread_cond_signal(&q->ready);
    pthread_mutex_unlock(&q->lock);
}

void
queue_stop(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->is_stopping = true;
    pthread_cond_broadcast(&q->ready);
    pthread_mutex_unlock(&q->lock);
}

void
queue_look(struct queue *q, struct queue_state *ret)
{
    pthread_mutex_lock(&q->lock);
    *ret = (struct queue_state){.waiting = q->waiting, .limit = q->limit, .idle = q->idle};
    pthread_mutex_unlock(&q->lock);
}
