#include "server/password.h"

#include <argon2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "server/call.h"
#include "server/metrics.h"

enum {
    MEMORY_KIB = 19456,
    PASSES = 2,
    LANES = 1,
    SALT_BYTES = 16,
    HASH_BYTES = 32,
    /** What a caller is told to wait when too many wait already. */
    RETRY_AFTER_MS = 1000,
};

struct job {
    struct call *call;
    void (*work)(struct call *c);
};

struct password_pool {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct job *jobs;
    int room, first, n;
    bool stopping;
    pthread_t *threads;
    int n_threads, n_busy;
};

int
password_hash(const char *password, char phc[PASSWORD_PHC_MAX], struct status *e)
{
    uint8_t salt[SALT_BYTES];
    if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt)
        return status_set(e, STATUS_INTERNAL, "the server has no random numbers now; try again");
    int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt,
                                   sizeof salt, HASH_BYTES, phc, PASSWORD_PHC_MAX);
    if (rc != ARGON2_OK) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server cannot take passwords now; try again");
        return status_detail(e, "argon2: %s", argon2_error_message(rc));
    }
    return 0;
}

/** What stands in for an unknown account's; made at the first need, and again where that failed. */
static int
need_dummy(char phc[PASSWORD_PHC_MAX], struct status *e)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char made[PASSWORD_PHC_MAX];
    char fresh[PASSWORD_PHC_MAX];
    int rc = 0;
    pthread_mutex_lock(&lock);
    if (!*made && (rc = password_hash("no account has this password", fresh, e)) == 0)
        memcpy(made, fresh, sizeof made);
    memcpy(phc, made, sizeof made);
    pthread_mutex_unlock(&lock);
    return rc;
}

int
password_matches(const char *phc, const char *password, struct status *e)
{
    char dummy[PASSWORD_PHC_MAX];
    if (need_dummy(dummy, e) < 0)
        return -1;
    int rc = argon2id_verify(phc ? phc : dummy, password, strlen(password));
    if (rc == ARGON2_MEMORY_ALLOCATION_ERROR || rc == ARGON2_THREAD_FAIL) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server cannot take passwords now; try again");
        return status_detail(e, "argon2: %s", argon2_error_message(rc));
    }
    return rc == ARGON2_OK && phc;
}

static void *
work(void *data)
{
    struct password_pool *p = data;
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

struct password_pool *
password_pool_start(int workers, int queue, struct status *e)
{
    struct password_pool *p = calloc(1, sizeof *p);
    if (p) {
        p->jobs = calloc((size_t)queue, sizeof *p->jobs);
        p->threads = calloc((size_t)workers, sizeof *p->threads);
        p->room = queue;
        pthread_mutex_init(&p->lock, NULL);
        pthread_cond_init(&p->ready, NULL);
    }
    while (p && p->jobs && p->threads && p->n_threads < workers &&
           pthread_create(&p->threads[p->n_threads], NULL, work, p) == 0)
        p->n_threads++;
    if (p && p->n_threads == workers)
        return p;
    password_pool_stop(p);
    password_pool_free(p);
    status_set(e, STATUS_INTERNAL, "cannot start the threads for passwords");
    return NULL;
}

int
password_pool_submit(struct password_pool *p, struct call *c, void (*fn)(struct call *c))
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
password_pool_look(struct password_pool *p, struct password_pool_state *ret)
{
    pthread_mutex_lock(&p->lock);
    *ret = (struct password_pool_state){.workers = p->n_threads,
                                        .busy = p->n_busy,
                                        .waiting = p->n,
                                        .limit = p->room};
    pthread_mutex_unlock(&p->lock);
}

void
password_pool_stop(struct password_pool *p)
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
password_pool_free(struct password_pool *p)
{
    if (!p)
        return;
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->ready);
    free(p->jobs);
    free(p->threads);
    free(p);
}
