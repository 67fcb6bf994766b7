#include "server/monitor/probe.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/base/periodic.h"

enum {
    /** Between the end of one question and the next. */
    EVERY_MS = 1000,
    /** How long the database may take to answer, with a connection to be made first. */
    PATIENCE_MS = 2000,
};

static const char question[] = "SELECT jiayi.schema_version()";

struct probe {
    const char *conninfo;
    PGconn *conn;
    struct periodic *periodic;
    /** Guards the state. */
    pthread_mutex_t lock;
    struct probe_state state;
};

/** Waits for the socket until @until_us. False: the time is over. */
static bool
wait_for_database(const PGconn *conn, short events, int64_t until_us)
{
    int64_t left_ms = (until_us - clock_now_us() + 999) / 1000;
    struct pollfd p = {PQsocket(conn), events, 0};
    if (left_ms <= 0)
        return false;
    int rc = poll(&p, 1, (int)left_ms);
    return rc > 0 || (rc < 0 && errno == EINTR);
}

/** One line of @text, for the state. */
static void
say_why(struct probe_state *s, const char *text)
{
    snprintf(s->why, sizeof s->why, "%.*s", (int)strcspn(text, "\n"), text);
}

static bool
connect_by(struct probe *p, int64_t until_us, struct probe_state *s)
{
    p->conn = PQconnectStart(p->conninfo);
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    if (!p->conn || PQstatus(p->conn) == CONNECTION_BAD)
        next = PGRES_POLLING_FAILED;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
        if (!wait_for_database(p->conn, next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                               until_us)) {
            say_why(s, "the database did not answer in time");
            return false;
        }
        next = PQconnectPoll(p->conn);
    }
    if (next == PGRES_POLLING_OK && PQsetnonblocking(p->conn, 1) == 0)
        return true;
    say_why(s, p->conn ? PQerrorMessage(p->conn) : "out of memory");
    return false;
}

/** The answer's one row, or NULL with the reason said. */
static PGresult *
read_by(struct probe *p, int64_t until_us, struct probe_state *s)
{
    PGresult *row = NULL;
    for (;;) {
        int unsent = PQflush(p->conn);
        if (unsent < 0 || PQconsumeInput(p->conn) != 1)
            break;
        if (!PQisBusy(p->conn)) {
            PGresult *r = PQgetResult(p->conn);
            if (!r)
                return row;
            PQclear(row);
            row = r;
        } else if (!wait_for_database(p->conn, (short)(POLLIN | (unsent ? POLLOUT : 0)),
                                      until_us)) {
            say_why(s, "the database did not answer in time");
            PQclear(row);
            return NULL;
        }
    }
    say_why(s, PQerrorMessage(p->conn));
    PQclear(row);
    return NULL;
}

static bool
ask(struct probe *p, struct probe_state *s)
{
    int64_t until_us = clock_now_us() + PATIENCE_MS * 1000;
    if (!p->conn && !connect_by(p, until_us, s))
        return false;
    if (PQsendQuery(p->conn, question) != 1) {
        say_why(s, PQerrorMessage(p->conn));
        return false;
    }
    PGresult *row = read_by(p, until_us, s);
    bool ok = PQresultStatus(row) == PGRES_TUPLES_OK && PQntuples(row) == 1;
    if (ok)
        s->schema_version = atoi(PQgetvalue(row, 0, 0));
    else if (row)
        say_why(s, PQresultErrorMessage(row));
    PQclear(row);
    return ok;
}

/** Asks, on the kept connection first and then, where that one was lost, on a new one. */
static void
probe(struct probe *p)
{
    struct probe_state s = {.schema_version = p->state.schema_version};
    int64_t began_us = clock_now_us();
    bool had = p->conn != NULL;
    for (int tries = had ? 2 : 1; tries > 0 && !s.is_up; tries--) {
        s.is_up = ask(p, &s);
        if (!s.is_up) {
            PQfinish(p->conn);
            p->conn = NULL;
        }
        if (clock_now_us() - began_us >= PATIENCE_MS * 1000)
            break;
    }
    s.answer_s = (double)(clock_now_us() - began_us) / 1e6;
    if (s.is_up)
        s.why[0] = 0;
    bool was_up = p->state.is_up;
    pthread_mutex_lock(&p->lock);
    p->state = s;
    pthread_mutex_unlock(&p->lock);
    if (was_up && !s.is_up)
        log_event(LOG_WARN, "database_down", log_text("detail", s.why));
    else if (!was_up && s.is_up)
        log_event(LOG_INFO, "database_up", log_number("schema", s.schema_version));
}

static void
run_query(void *data)
{
    probe(data);
}

struct probe *
probe_start(const char *conninfo, struct status *e)
{
    struct probe *p = calloc(1, sizeof *p);
    if (!p) {
        status_set(e, STATUS_INTERNAL, "no memory for the probe");
        return NULL;
    }
    p->conninfo = conninfo;
    pthread_mutex_init(&p->lock, NULL);
    probe(p);
    p->periodic = periodic_start("probe", EVERY_MS, run_query, p, e);
    if (p->periodic)
        return p;
    probe_stop(p);
    return NULL;
}

void
probe_look(struct probe *p, struct probe_state *ret)
{
    pthread_mutex_lock(&p->lock);
    *ret = p->state;
    pthread_mutex_unlock(&p->lock);
}

void
probe_stop(struct probe *p)
{
    if (!p)
        return;
    periodic_stop(p->periodic);
    PQfinish(p->conn);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
