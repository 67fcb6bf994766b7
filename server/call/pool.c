#include "server/call/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "server/base/metrics.h"

/** What a caller is told to wait when too many wait already. */
#define RETRY_AFTER_MS 1000

struct job {
    struct call *call;
    void (*work)(struct call *c);
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct job *jobs;
    int room, first, n;
    bool stopping;
    pthread_t *threads;
    int n_threads, n_busy;
};

static void *
work_off(void *data)
{
    struct pool *p = data;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->n == 0 && !p->stopping)
            pthread_cond_wait(&p->ready, &p->lock);
        if (p->n == 0)
            break;
        struct job job = p->jobs[p->first];
        p->first = (p->first + 1) % p->room;
        p->n--;
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
    if (p) {
        p->jobs = calloc((size_t)queue, sizeof *p->jobs);
        p->threads = calloc((size_t)workers, sizeof *p->threads);
        p->room = queue;
        pthread_mutex_init(&p->lock, NULL);
        pthread_cond_init(&p->ready, NULL);
    }
    while (p && p->jobs && p->threads && p->n_threads < workers &&
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
pool_submit(struct pool *p, struct call *c, void (*fn)(struct call *c))
{
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    if (p->n < p->room && !p->stopping) {
        p->jobs[(p->first + p->n++) % p->room] = (struct job){c, fn};
        pthread_cond_signal(&p->ready);
    } else {
        metrics_refused(METRICS_REFUSED_PASSWORD_QUEUE, c->address);
        rc = status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                        "too many people are signing in just now; try again in a moment");
        c->status.retry_after_ms = RETRY_AFTER_MS;
    }
    pthread_mutex_unlock(&p->lock);
    return rc;
}

void
pool_look(struct pool *p, struct pool_state *ret)
{
    pthread_mutex_lock(&p->lock);
    *ret = (struct pool_state){.workers = p->n_threads,
                               .busy = p->n_busy,
                               .waiting = p->n,
                               .limit = p->room};
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
    free(p->jobs);
    free(p->threads);
    free(p);
}
