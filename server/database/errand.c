#include "server/database/errand.h"

#include <poll.h>

#include "common/log.h"
#include "server/base/periodic.h"
#include "server/database/database.h"

/** How soon what runs is given up when the server ends. */
enum { STEP_MS = 100 };

int
errand_start(struct errand *r, const char *name, int every_ms, void (*work)(void *arg), void *arg,
             struct status *e)
{
    r->periodic = periodic_start(name, every_ms, work, arg, e);
    return r->periodic ? 0 : -1;
}

void
errand_stop(struct errand *r)
{
    atomic_store(&r->is_stopping, true);
    periodic_stop(r->periodic);
    PQfinish(r->conn);
}

bool
errand_is_over(const struct errand *r)
{
    return atomic_load(&r->is_stopping);
}

/** Waits until the next result is whole. False: it is given up, or lost. */
static bool
await_result(struct errand *r)
{
    struct pollfd fd = {.fd = PQsocket(r->conn), .events = POLLIN};
    while (PQisBusy(r->conn)) {
        if (errand_is_over(r))
            return false;
        if (poll(&fd, 1, STEP_MS) > 0 && PQconsumeInput(r->conn) != 1)
            return false;
    }
    return true;
}

/** The last result of what was sent. */
static PGresult *
take_last(struct errand *r)
{
    PGresult *last = NULL;
    while (await_result(r)) {
        PGresult *one = PQgetResult(r->conn);
        if (!one)
            return last;
        PQclear(last);
        last = one;
        ExecStatusType status = PQresultStatus(one);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            break;
    }
    PQclear(last);
    return NULL;
}

PGresult *
errand_ask(struct errand *r, const char *sql)
{
    return PQsendQuery(r->conn, sql) == 1 ? take_last(r) : NULL;
}

PGresult *
errand_query(struct errand *r, const char *sql, int n, const char *const *values)
{
    return PQsendQueryParams(r->conn, sql, n, NULL, values, NULL, NULL, 0) == 1 ? take_last(r)
                                                                                : NULL;
}

bool
errand_tell(struct errand *r, const char *sql)
{
    PGresult *result = errand_ask(r, sql);
    PQclear(result);
    return result != NULL;
}

/** Says once that the work stands still. */
static void
lose(struct errand *r, const char *why)
{
    if (!r->is_lost && !errand_is_over(r))
        log_event(LOG_WARN, r->lost, log_text("detail", why));
    r->is_lost = true;
    PQfinish(r->conn);
    r->conn = NULL;
}

bool
errand_ready(struct errand *r)
{
    struct status e = {0};
    if (!r->conn && !(r->conn = database_connect(r->conninfo, &e)))
        lose(r, e.message);
    return r->conn != NULL;
}

void
errand_done(struct errand *r, bool ok)
{
    if (ok)
        r->is_lost = false;
    else
        lose(r, PQerrorMessage(r->conn));
}
