#include "server/call/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/template.h"
#include "server/base/metrics.h"

/** What a caller is told to wait when too many wait already. */
#define RETRY_AFTER_MS 1000

struct job {
    struct call *call;
    void (*work)(struct call *c);
};

/** A ring. */
struct waiting {
    struct job *jobs;
    int first, n;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct waiting queues[POOL_KINDS];
    /** Jobs that a queue has room for. */
    int room;
    /** The kind whose turn it is. */
    unsigned turn;
    bool stopping;
    pthread_t *threads;
    int n_threads, n_busy;
};

const char *const pool_kinds[POOL_KINDS] = {
    [POOL_SIGN_IN] = "sign_in",
    [POOL_SET_PASSWORD] = "set_password",
};

/** The next job: of the kind whose turn it is, where one of it waits. */
static bool
take_job(struct pool *p, struct job *ret)
{
    for (unsigned i = 0; i < POOL_KINDS; i++) {
        unsigned kind = (p->turn + i) % POOL_KINDS;
        struct waiting *q = &p->queues[kind];
        if (q->n == 0)
            continue;
        *ret = q->jobs[q->first];
        q->first = (q->first + 1) % p->room;
        q->n--;
        p->turn = (kind + 1) % POOL_KINDS;
        return true;
    }
    return false;
}

static void *
work_off(void *data)
{
    struct pool *p = data;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        struct job job;
        bool has_job;
        while (!(has_job = take_job(p, &job)) && !p->stopping)
            pthread_cond_wait(&p->ready, &p->lock);
        if (!has_job)
            break;
        p->n_busy++;
        pthread_mutex_unlock(&p->lock);
        call_lap(job.call, CALL_POOL);
        job.work(job.call);
        pthread_mutex_lock(&p->lock);
        p->n_busy--;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *
pool_start(int workers, int queue, struct status *e)
{
    struct pool *p = calloc(1, sizeof *p);
    bool has_room = p != NULL;
    for (int i = 0; p && i < POOL_KINDS; i++)
        has_room &= (p->queues[i].jobs = calloc((size_t)queue, sizeof *p->queues[i].jobs)) != NULL;
    if (p) {
        p->threads = calloc((size_t)workers, sizeof *p->threads);
        p->room = queue;
        pthread_mutex_init(&p->lock, NULL);
        pthread_cond_init(&p->ready, NULL);
    }
    while (has_room && p->threads && p->n_threads < workers &&
           pthread_create(&p->threads[p->n_threads], NULL, work_off, p) == 0)
        p->n_threads++;
    if (p && p->n_threads == workers)
        return p;
    pool_stop(p);
    pool_free(p);
    status_set(e, STATUS_INTERNAL, "cannot start the threads for passwords");
    return NULL;
}

int
pool_submit(struct pool *p, enum pool_kind kind, struct call *c, void (*fn)(struct call *c))
{
    struct waiting *q = &p->queues[kind];
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    if (q->n < p->room && !p->stopping) {
        q->jobs[(q->first + q->n++) % p->room] = (struct job){c, fn};
        pthread_cond_signal(&p->ready);
    } else {
        metrics_refused(METRICS_REFUSED_PASSWORD_QUEUE, c->address);
        rc = status_set(
            &c->status, STATUS_RESOURCE_EXHAUSTED,
            kind == POOL_SIGN_IN
                ? N_("too many people are signing in just now; try again in a moment")
                : N_("too many passwords are being set just now; try again in a moment"));
        c->status.retry_after_ms = RETRY_AFTER_MS;
    }
    pthread_mutex_unlock(&p->lock);
    return rc;
}

void
pool_look(struct pool *p, struct pool_state *ret)
{
    pthread_mutex_lock(&p->lock);
    *ret = (struct pool_state){.workers = p->n_threads, .busy = p->n_busy, .limit = p->room};
    for (int i = 0; i < POOL_KINDS; i++)
        ret->waiting[i] = p->queues[i].n;
    pthread_mutex_unlock(&p->lock);
}

void
pool_stop(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->ready);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_threads; i++)
        pthread_join(p->threads[i], NULL);
}

void
pool_free(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->ready);
    for (int i = 0; i < POOL_KINDS; i++)
        free(p->queues[i].jobs);
    free(p->threads);
    free(p);
}
