#include "server/base/periodic.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/clock.h"

struct periodic {
    void (*work)(void *arg);
    void *arg;
    int every_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
};

/** True when it is time again, false when it is time to stop. */
static bool
sleep_until_next(struct periodic *p)
{
    int64_t until_us = clock_now_us() + (int64_t)p->every_ms * 1000;
    struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&p->stop, &p->lock, &until);
    bool again = !p->stopping;
    pthread_mutex_unlock(&p->lock);
    return again;
}

static void *
run_periodically(void *data)
{
    struct periodic *p = data;
    do
        p->work(p->arg);
    while (sleep_until_next(p));
    return NULL;
}

static void
destroy(struct periodic *p)
{
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->stop);
    free(p);
}

struct periodic *
periodic_start(const char *name, int every_ms, void (*work)(void *arg), void *arg, struct status *e)
{
    struct periodic *p = calloc(1, sizeof *p);
    pthread_condattr_t monotonic;
    if (p) {
        p->work = work;
        p->arg = arg;
        p->every_ms = every_ms;
        pthread_mutex_init(&p->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&p->stop, &monotonic);
        pthread_condattr_destroy(&monotonic);
        if (pthread_create(&p->thread, NULL, run_periodically, p) == 0) {
            pthread_setname_np(p->thread, name);
            return p;
        }
        destroy(p);
    }
    status_set(e, STATUS_INTERNAL, "cannot start the thread \"%s\"", name);
    return NULL;
}

void
periodic_stop(struct periodic *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->stop);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    destroy(p);
}
