#include "server/jobs/worker.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/base/fault.h"
#include "server/base/metrics.h"
#include "server/base/periodic.h"
#include "server/database/database.h"

enum {
    /** How often it looks whether a job is due. */
    EVERY_MS = 1000,
    /** How soon a job that runs is given up when the server ends. */
    STEP_MS = 100,
};

/** A job that takes longer than that has failed. */
static const char sql_begin[] = "BEGIN; SET LOCAL statement_timeout = '10min'";
static const char sql_work[] = "SELECT name, company_id, slot, changed, error FROM jiayi.job_work()"
                               " WHERE name IS NOT NULL";
static const char sql_commit[] = "COMMIT";
enum work_column { NAME, COMPANY, SLOT, CHANGED, ERROR };

struct worker {
    const char *conninfo;
    PGconn *conn;
    struct periodic *periodic;
    atomic_bool is_stopping;
    /** That the database cannot be asked was said. */
    bool is_lost;
};

/** Waits until the next result is whole. False: it is given up, or lost. */
static bool
await_result(struct worker *w)
{
    struct pollfd fd = {.fd = PQsocket(w->conn), .events = POLLIN};
    while (PQisBusy(w->conn)) {
        if (atomic_load(&w->is_stopping))
            return false;
        if (poll(&fd, 1, STEP_MS) > 0 && PQconsumeInput(w->conn) != 1)
            return false;
    }
    return true;
}

/** The last result of @sql; NULL where a statement failed, or it was given up. */
static PGresult *
ask_worker(struct worker *w, const char *sql)
{
    PGresult *last = NULL;
    if (PQsendQuery(w->conn, sql) != 1)
        return NULL;
    while (await_result(w)) {
        PGresult *r = PQgetResult(w->conn);
        if (!r)
            return last;
        PQclear(last);
        last = r;
        ExecStatusType status = PQresultStatus(r);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            break;
    }
    PQclear(last);
    return NULL;
}

static bool
tell_worker(struct worker *w, const char *sql)
{
    PGresult *r = ask_worker(w, sql);
    PQclear(r);
    return r != NULL;
}

/** A line of the log, and a figure. */
static void
note_run(const PGresult *row, int64_t ms)
{
    bool failed = !PQgetisnull(row, 0, ERROR);
    metrics_count(failed ? METRICS_JOBS_FAILED : METRICS_JOBS_DONE);
    log_event(failed ? LOG_ERROR : LOG_INFO, "job", log_text("name", PQgetvalue(row, 0, NAME)),
              log_text("company", PQgetvalue(row, 0, COMPANY)),
              log_text("slot", PQgetvalue(row, 0, SLOT)),
              log_text("changed", PQgetvalue(row, 0, CHANGED)), log_number("ms", ms),
              log_text("detail", PQgetvalue(row, 0, ERROR)));
}

/**
 * Runs a slot that is due. Returns 1; 0 where none is; or -1 where the connection is no good any
 * more, or the work was given up.
 */
static int
run_slot(struct worker *w)
{
    int64_t began_us = clock_now_us();
    if (!tell_worker(w, sql_begin))
        return -1;
    PGresult *row = ask_worker(w, sql_work);
    bool is_run = PQntuples(row) == 1;
    if (is_run)
        fault_point("job_done");
    bool ok = row && tell_worker(w, sql_commit);
    if (ok && is_run) {
        fault_point("job_committed");
        note_run(row, (clock_now_us() - began_us) / 1000);
    }
    PQclear(row);
    return ok ? is_run : -1;
}

/** Says once that the jobs stand still. */
static void
lose_database(struct worker *w, const char *why)
{
    if (!w->is_lost && !atomic_load(&w->is_stopping))
        log_event(LOG_WARN, "jobs_lost", log_text("detail", why));
    w->is_lost = true;
    PQfinish(w->conn);
    w->conn = NULL;
}

static void
run_due_jobs(void *arg)
{
    struct worker *w = arg;
    struct status e = {0};
    int rc = 1;
    if (!w->conn && !(w->conn = database_connect(w->conninfo, &e))) {
        lose_database(w, e.message);
        return;
    }
    fault_point("job_look");
    while (rc > 0 && !atomic_load(&w->is_stopping))
        rc = run_slot(w);
    if (rc < 0)
        lose_database(w, PQerrorMessage(w->conn));
    else
        w->is_lost = false;
}

struct worker *
worker_start(const char *conninfo, struct status *e)
{
    struct worker *w = calloc(1, sizeof *w);
    if (!w) {
        status_set(e, STATUS_INTERNAL, "no memory for the worker");
        return NULL;
    }
    w->conninfo = conninfo;
    w->periodic = periodic_start("jobs", EVERY_MS, run_due_jobs, w, e);
    if (w->periodic)
        return w;
    free(w);
    return NULL;
}

void
worker_stop(struct worker *w)
{
    if (!w)
        return;
    atomic_store(&w->is_stopping, true);
    periodic_stop(w->periodic);
    PQfinish(w->conn);
    free(w);
}
