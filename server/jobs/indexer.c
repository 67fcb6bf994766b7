#include "server/jobs/indexer.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/log.h"
#include "server/base/fault.h"
#include "server/database/errand.h"

/** How often it looks whether something waits. */
enum { EVERY_MS = 1000 };

/** So many texts go in one transaction; where there are more, the next follows at once. */
#define MOST "200"
/** A server that stands still in the middle holds up no other for longer than that. */
static const char sql_begin[] = "BEGIN; SET LOCAL statement_timeout = '1min';"
                                " SET LOCAL idle_in_transaction_session_timeout = '10s'";
static const char sql_keep[] = "SELECT kept, late_ms FROM jiayi.search_keep(" MOST ")";
static const char sql_commit[] = "COMMIT";
enum keep_column { KEPT, LATE_MS };

struct indexer {
    struct errand errand;
    _Atomic int64_t late_ms;
};

/** One transaction; returns how many texts these were, or -1 where it failed or was given up. */
static int64_t
keep_some(struct indexer *x)
{
    if (!errand_tell(&x->errand, sql_begin))
        return -1;
    PGresult *row = errand_ask(&x->errand, sql_keep);
    int64_t kept = row ? strtoll(PQgetvalue(row, 0, KEPT), NULL, 10) : -1;
    int64_t late_ms = row ? strtoll(PQgetvalue(row, 0, LATE_MS), NULL, 10) : -1;
    if (kept > 0)
        fault_point("index_kept");
    if (row && !errand_tell(&x->errand, sql_commit))
        kept = -1;
    if (kept > 0)
        fault_point("index_committed");
    if (kept >= 0)
        atomic_store(&x->late_ms, late_ms);
    if (kept > 0)
        log_event(LOG_DEBUG, "indexed", log_number("texts", kept), log_number("late_ms", late_ms));
    PQclear(row);
    return kept;
}

static void
keep_all(void *arg)
{
    struct indexer *x = arg;
    int64_t kept = 1;
    if (!errand_ready(&x->errand)) {
        atomic_store(&x->late_ms, -1);
        return;
    }
    fault_point("index_look");
    while (kept > 0 && !errand_is_over(&x->errand))
        kept = keep_some(x);
    if (kept < 0)
        atomic_store(&x->late_ms, -1);
    errand_done(&x->errand, kept >= 0);
}

struct indexer *
indexer_start(const char *conninfo, struct status *e)
{
    struct indexer *x = calloc(1, sizeof *x);
    if (!x) {
        status_set(e, STATUS_INTERNAL, "no memory for the indexer");
        return NULL;
    }
    x->errand = (struct errand){.conninfo = conninfo, .lost = "indexer_lost"};
    atomic_store(&x->late_ms, -1);
    if (errand_start(&x->errand, "indexer", EVERY_MS, keep_all, x, e) == 0)
        return x;
    free(x);
    return NULL;
}

void
indexer_stop(struct indexer *x)
{
    if (x)
        errand_stop(&x->errand);
}

void
indexer_free(struct indexer *x)
{
    free(x);
}

int64_t
indexer_late_ms(const struct indexer *x)
{
    return x ? atomic_load(&x->late_ms) : -1;
}
