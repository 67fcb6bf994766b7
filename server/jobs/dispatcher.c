#include "server/jobs/dispatcher.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/log.h"
#include "server/base/fault.h"
#include "server/base/metrics.h"
#include "server/database/errand.h"

/** How often it looks whether something waits. */
enum { EVERY_MS = 1000 };

/** So many events go in one transaction; where there are more, the next follows at once. */
#define MOST "1000"
/** A server that stands still in the middle holds up no other for longer than that. */
static const char sql_begin[] = "BEGIN; SET LOCAL statement_timeout = '1min';"
                                " SET LOCAL idle_in_transaction_session_timeout = '10s'";
static const char sql_dispatch[] = "SELECT events, told, late_ms FROM jiayi.dispatch(" MOST ")";
static const char sql_commit[] = "COMMIT";
enum dispatch_column { EVENTS, TOLD, LATE_MS };

struct dispatcher {
    struct errand errand;
    _Atomic int64_t late_ms;
};

static int64_t
number(const PGresult *row, int column)
{
    return strtoll(PQgetvalue(row, 0, column), NULL, 10);
}

/**
 * Tells of what waits, as far as goes into one transaction. Returns how many events these were; or
 * -1 where the connection is no good any more, or the work was given up.
 */
static int64_t
tell_some(struct dispatcher *d)
{
    if (!errand_tell(&d->errand, sql_begin))
        return -1;
    PGresult *row = errand_ask(&d->errand, sql_dispatch);
    int64_t events = row ? number(row, EVENTS) : -1;
    if (events > 0)
        fault_point("dispatch_told");
    if (row && !errand_tell(&d->errand, sql_commit))
        events = -1;
    if (events >= 0)
        atomic_store(&d->late_ms, number(row, LATE_MS));
    if (events > 0) {
        fault_point("dispatch_committed");
        metrics_count(METRICS_DISPATCHES);
        log_event(LOG_DEBUG, "dispatch", log_number("events", events),
                  log_number("told", number(row, TOLD)),
                  log_number("late_ms", number(row, LATE_MS)));
    }
    PQclear(row);
    return events;
}

static void
tell_all(void *arg)
{
    struct dispatcher *d = arg;
    int64_t events = 1;
    if (!errand_ready(&d->errand)) {
        atomic_store(&d->late_ms, -1);
        return;
    }
    fault_point("dispatch_look");
    while (events > 0 && !errand_is_over(&d->errand))
        events = tell_some(d);
    if (events < 0)
        atomic_store(&d->late_ms, -1);
    errand_done(&d->errand, events >= 0);
}

struct dispatcher *
dispatcher_start(const char *conninfo, struct status *e)
{
    struct dispatcher *d = calloc(1, sizeof *d);
    if (!d) {
        status_set(e, STATUS_INTERNAL, "no memory for the dispatcher");
        return NULL;
    }
    d->errand = (struct errand){.conninfo = conninfo, .lost = "dispatcher_lost"};
    atomic_store(&d->late_ms, -1);
    if (errand_start(&d->errand, "dispatcher", EVERY_MS, tell_all, d, e) == 0)
        return d;
    free(d);
    return NULL;
}

void
dispatcher_stop(struct dispatcher *d)
{
    if (d)
        errand_stop(&d->errand);
}

void
dispatcher_free(struct dispatcher *d)
{
    free(d);
}

int64_t
dispatcher_late_ms(const struct dispatcher *d)
{
    return d ? atomic_load(&d->late_ms) : -1;
}
