#include "server/housekeeper.h"

#include <errno.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "common/log.h"
#include "server/database.h"

enum { EVERY_S = 3600 };

struct housekeeper {
    const char *conninfo;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
};

static void
clean(const struct housekeeper *h)
{
    struct status e = {0};
    PGconn *conn = database_connect(h->conninfo, &e);
    PGresult *r =
        conn ? database_query(conn, "SELECT calls, sessions, failures FROM jiayi.housekeeping()", 0,
                              NULL, "clean up", &e)
             : NULL;
    if (r)
        log_event(LOG_INFO, "housekeeping", log_text("calls", PQgetvalue(r, 0, 0)),
                  log_text("sessions", PQgetvalue(r, 0, 1)),
                  log_text("failures", PQgetvalue(r, 0, 2)));
    else
        log_event(LOG_WARN, "housekeeping", log_text("message", e.message),
                  log_text("detail", e.detail));
    PQclear(r);
    PQfinish(conn);
}

/** True when it is time again, false when it is time to stop. */
static bool
sleep_until_next(struct housekeeper *h)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += EVERY_S;
    pthread_mutex_lock(&h->lock);
    int rc = 0;
    while (!h->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&h->stop, &h->lock, &until);
    bool again = !h->stopping;
    pthread_mutex_unlock(&h->lock);
    return again;
}

static void *
run(void *data)
{
    struct housekeeper *h = data;
    do
        clean(h);
    while (sleep_until_next(h));
    return NULL;
}

struct housekeeper *
housekeeper_start(const char *conninfo, struct status *e)
{
    struct housekeeper *h = calloc(1, sizeof *h);
    pthread_condattr_t monotonic;
    if (h) {
        h->conninfo = conninfo;
        pthread_mutex_init(&h->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&h->stop, &monotonic);
        pthread_condattr_destroy(&monotonic);
        if (pthread_create(&h->thread, NULL, run, h) == 0)
            return h;
    }
    free(h);
    status_set(e, STATUS_INTERNAL, "cannot start the housekeeper's thread");
    return NULL;
}

void
housekeeper_stop(struct housekeeper *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->stopping = true;
    pthread_cond_signal(&h->stop);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    pthread_mutex_destroy(&h->lock);
    pthread_cond_destroy(&h->stop);
    free(h);
}
