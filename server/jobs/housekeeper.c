#include "server/jobs/housekeeper.h"

#include <libpq-fe.h>
#include <stdlib.h>

#include "common/log.h"
#include "server/base/periodic.h"
#include "server/database/database.h"

enum { EVERY_MS = 3600 * 1000 };

struct housekeeper {
    const char *conninfo;
    struct periodic *periodic;
};

static void
clean(void *arg)
{
    const struct housekeeper *h = arg;
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

struct housekeeper *
housekeeper_start(const char *conninfo, struct status *e)
{
    struct housekeeper *h = calloc(1, sizeof *h);
    if (!h) {
        status_set(e, STATUS_INTERNAL, "no memory for the housekeeper");
        return NULL;
    }
    h->conninfo = conninfo;
    h->periodic = periodic_start("housekeeper", EVERY_MS, clean, h, e);
    if (h->periodic)
        return h;
    free(h);
    return NULL;
}

void
housekeeper_stop(struct housekeeper *h)
{
    if (!h)
        return;
    periodic_stop(h->periodic);
    free(h);
}
