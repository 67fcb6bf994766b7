#include "server/jobs/worker.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/base/fault.h"
#include "server/base/metrics.h"
#include "server/database/errand.h"

/** How often it looks whether a job is due. */
enum { EVERY_MS = 1000 };

/** A job that takes longer than that has failed. */
static const char sql_begin[] = "BEGIN; SET LOCAL statement_timeout = '10min'";
static const char sql_work[] = "SELECT name, company_id, slot, changed, error FROM jiayi.job_work()"
                               " WHERE name IS NOT NULL";
static const char sql_commit[] = "COMMIT";
enum work_column { NAME, COMPANY, SLOT, CHANGED, ERROR };

struct worker {
    struct errand errand;
};

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
    if (!errand_tell(&w->errand, sql_begin))
        return -1;
    PGresult *row = errand_ask(&w->errand, sql_work);
    bool is_run = PQntuples(row) == 1;
    if (is_run)
        fault_point("job_done");
    bool ok = row && errand_tell(&w->errand, sql_commit);
    if (ok && is_run) {
        fault_point("job_committed");
        note_run(row, (clock_now_us() - began_us) / 1000);
    }
    PQclear(row);
    return ok ? is_run : -1;
}

static void
run_due_jobs(void *arg)
{
    struct worker *w = arg;
    int rc = 1;
    if (!errand_ready(&w->errand))
        return;
    fault_point("job_look");
    while (rc > 0 && !errand_is_over(&w->errand))
        rc = run_slot(w);
    errand_done(&w->errand, rc >= 0);
}

struct worker *
worker_start(const char *conninfo, struct status *e)
{
    struct worker *w = calloc(1, sizeof *w);
    if (!w) {
        status_set(e, STATUS_INTERNAL, "no memory for the worker");
        return NULL;
    }
    w->errand = (struct errand){.conninfo = conninfo, .lost = "jobs_lost"};
    if (errand_start(&w->errand, "jobs", EVERY_MS, run_due_jobs, w, e) == 0)
        return w;
    free(w);
    return NULL;
}

void
worker_stop(struct worker *w)
{
    if (!w)
        return;
    errand_stop(&w->errand);
    free(w);
}
