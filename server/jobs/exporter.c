#include "server/jobs/exporter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/base/fault.h"
#include "server/database/errand.h"

enum {
    /** How often it looks whether an export was asked for. */
    EVERY_MS = 1000,
    /** The most digits of a number, and a NUL. */
    DIGITS = 24,
};

/** A piece that takes longer than that, and a server that stands still, are given up. */
static const char sql_begin[] =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '10min';"
    " SET LOCAL idle_in_transaction_session_timeout = '1min'";
/** What is lost of an export is made anew: only its end has to last. */
static const char sql_quick[] = "SET synchronous_commit = off";
static const char sql_lasting[] = "SET synchronous_commit = on";
static const char sql_take[] = "SELECT jiayi.export_take()";
static const char sql_files[] = "SELECT no, name, kind, columns, now() FROM jiayi.export_files()";
static const char sql_open[] = "SELECT jiayi.export_open($1, $2)";
static const char sql_read[] = "SELECT data, n FROM jiayi.export_read()";
static const char sql_file[] = "SELECT jiayi.export_begin($1, $2, $3, $4, $5, $6)";
static const char sql_put[] = "SELECT jiayi.export_put($1, $2, $3, $4, $5)";
static const char sql_name[] = "SELECT jiayi.export_name($1, $2, $3)";
static const char sql_give_back[] = "SELECT pg_advisory_unlock_all()";
static const char sql_end[] = "SELECT jiayi.export_end($1)";
enum file_column { NO, NAME, KIND, COLUMNS, MOMENT, N_FILE_COLUMNS };
enum piece_column { DATA, ROWS };

struct exporter {
    /** Puts away, and holds the export: it is another's when this connection ends. */
    struct errand errand;
    /** Reads; connected while an export is made. */
    struct errand reader;
};

static bool
tell(struct errand *r, const char *sql, int n, const char *const *values)
{
    PGresult *result = errand_query(r, sql, n, values);
    PQclear(result);
    return result != NULL;
}

/** A cell as a parameter: NULL for NULL. */
static const char *
cell(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

/** Puts the next piece away; 1, 0 at the end of the file, or -1. */
static int
move_piece(struct exporter *x, const char *id, const char *no, int seq)
{
    char at[DIGITS];
    PGresult *piece = errand_ask(&x->reader, sql_read);
    int rc = !piece ? -1 : strcmp(PQgetvalue(piece, 0, ROWS), "0") != 0;
    snprintf(at, sizeof at, "%d", seq);
    if (rc > 0) {
        const char *values[] = {id, no, at, cell(piece, 0, DATA), cell(piece, 0, ROWS)};
        rc = tell(&x->errand, sql_put, 5, values) ? 1 : -1;
        fault_point("export_piece");
    }
    PQclear(piece);
    return rc;
}

static int
move_file(struct exporter *x, const char *id, const PGresult *files, int row)
{
    const char *no = cell(files, row, NO), *name = cell(files, row, NAME);
    const char *begun[] = {
        id, no, name, cell(files, row, KIND), cell(files, row, COLUMNS), cell(files, row, MOMENT)};
    const char *opened[] = {id, name};
    int rc = 1;
    if (!tell(&x->errand, sql_file, 1 + N_FILE_COLUMNS, begun) ||
        !tell(&x->reader, sql_open, 2, opened))
        return -1;
    for (int seq = 0; rc > 0; seq++)
        rc = move_piece(x, id, no, seq);
    return rc;
}

/** Keeps the keys that things of a kind were given. */
static int
keep_keys(struct exporter *x, const char *id, const char *kind)
{
    char after[DIGITS] = "0";
    for (bool more = true; more;) {
        const char *values[] = {id, kind, after};
        PGresult *last = errand_query(&x->errand, sql_name, 3, values);
        if (!last)
            return -1;
        if ((more = !PQgetisnull(last, 0, 0)))
            snprintf(after, sizeof after, "%s", PQgetvalue(last, 0, 0));
        PQclear(last);
    }
    return 0;
}

/** All files, as they are at the moment of the reader's transaction. */
static int
move_files(struct exporter *x, const char *id)
{
    PGresult *files = errand_ask(&x->reader, sql_files);
    int n = files ? PQntuples(files) : 0, rc = files ? 0 : -1;
    for (int i = 0; rc == 0 && i < n; i++)
        rc = move_file(x, id, files, i);
    for (int i = 0; rc == 0 && i < n; i++)
        if (!PQgetisnull(files, i, KIND))
            rc = keep_keys(x, id, PQgetvalue(files, i, KIND));
    PQclear(files);
    return rc;
}

static int
make(struct exporter *x, const char *id)
{
    const char *values[] = {id};
    int64_t began_us = clock_now_us();
    int rc = errand_tell(&x->errand, sql_quick) && errand_ready(&x->reader) &&
                     errand_tell(&x->reader, sql_begin)
                 ? 0
                 : -1;
    if (rc == 0)
        rc = move_files(x, id);
    if (rc < 0 && x->reader.conn && !errand_is_over(&x->errand))
        log_event(LOG_ERROR, "export_failed", log_text("export", id),
                  log_text("detail", PQerrorMessage(x->reader.conn)));
    PQfinish(x->reader.conn);
    x->reader.conn = NULL;
    if (rc == 0 && (!errand_tell(&x->errand, sql_lasting) || !tell(&x->errand, sql_end, 1, values)))
        rc = -1;
    if (rc == 0)
        log_event(LOG_INFO, "export", log_text("export", id),
                  log_number("ms", (clock_now_us() - began_us) / 1000));
    return rc;
}

/** Makes one that was asked for: 1; 0 where none was, or it is to be tried again later; -1. */
static int
make_next(struct exporter *x)
{
    PGresult *taken = errand_ask(&x->errand, sql_take);
    int rc = !taken ? -1 : !PQgetisnull(taken, 0, 0);
    if (rc > 0 && make(x, PQgetvalue(taken, 0, 0)) < 0)
        rc = errand_tell(&x->errand, sql_give_back) ? 0 : -1;
    PQclear(taken);
    return rc;
}

static void
make_all(void *arg)
{
    struct exporter *x = arg;
    int rc = 1;
    if (!errand_ready(&x->errand))
        return;
    while (rc > 0 && !errand_is_over(&x->errand))
        rc = make_next(x);
    errand_done(&x->errand, rc >= 0);
}

struct exporter *
exporter_start(const char *conninfo, struct status *e)
{
    struct exporter *x = calloc(1, sizeof *x);
    if (!x) {
        status_set(e, STATUS_INTERNAL, "no memory for the exporter");
        return NULL;
    }
    x->errand = (struct errand){.conninfo = conninfo, .lost = "exporter_lost"};
    x->reader = (struct errand){.conninfo = conninfo, .lost = "exporter_lost"};
    if (errand_start(&x->errand, "exporter", EVERY_MS, make_all, x, e) == 0)
        return x;
    free(x);
    return NULL;
}

void
exporter_stop(struct exporter *x)
{
    if (!x)
        return;
    atomic_store(&x->reader.is_stopping, true);
    errand_stop(&x->errand);
    free(x);
}
