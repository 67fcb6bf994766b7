#include "server/backup/inventory.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/database/database.h"

static const char sql_tables[] =
    "SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.relkind = 'r'"
    " AND c.relnamespace = 'jiayi'::regnamespace ORDER BY c.relname COLLATE \"C\"";

/** Texts of values must not depend on whose session it is. */
static const char sql_settings[] = "SET LOCAL bytea_output = 'hex';"
                                   "SET LOCAL intervalstyle = 'postgres';"
                                   "SET LOCAL datestyle = 'ISO';"
                                   "SET LOCAL timezone = 'UTC';"
                                   "SET LOCAL extra_float_digits = 1;"
                                   "SET LOCAL statement_timeout = 0";

/* A table's name cannot be a parameter; this function runs a statement that has it inside. */
static const char sql_table[] =
    "SELECT (regexp_match(x, '<n>([0-9]+)</n>'))[1], (regexp_match(x, '<d>(-?[0-9]+)</d>'))[1]"
    " FROM (SELECT query_to_xml(format('SELECT count(*) AS n,"
    " coalesce(sum((''x'' || left(md5(t::text), 16))::bit(64)::bigint), 0) AS d"
    " FROM jiayi.%I AS t', $1::text), true, false, '')::text) AS y(x)";

int
inventory_add(struct inventory *inventory, const struct inventory_table *table, struct status *e)
{
    if (inventory->n == inventory->room) {
        size_t room = inventory->room ? 2 * inventory->room : 64;
        struct inventory_table *tables = realloc(inventory->tables, room * sizeof *tables);
        if (!tables)
            return status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        inventory->tables = tables;
        inventory->room = room;
    }
    inventory->tables[inventory->n++] = *table;
    return 0;
}

void
inventory_free(struct inventory *inventory)
{
    free(inventory->tables);
    *inventory = (struct inventory){0};
}

/** Looks at the table @name, and adds it. */
static int
count_table(PGconn *conn, const char *name, struct inventory *ret, struct status *e)
{
    const char *const values[] = {name};
    struct inventory_table table = {0};
    PGresult *row = database_query(conn, sql_table, 1, values, "count the rows", e);
    if (!row)
        return -1;
    snprintf(table.name, sizeof table.name, "%s", name);
    table.rows = strtoll(PQgetvalue(row, 0, 0), NULL, 10);
    snprintf(table.digest, sizeof table.digest, "%s", PQgetvalue(row, 0, 1));
    PQclear(row);
    return inventory_add(ret, &table, e);
}

static int
check_stop(int stop_fd, struct status *e)
{
    struct pollfd fd = {.fd = stop_fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1 ? status_set(e, STATUS_CANCELLED, "interrupted") : 0;
}

int
inventory_take(struct pg_conn *conn, int stop_fd, struct inventory *ret, struct status *e)
{
    if (database_run(conn, sql_settings, "set up the count", e) < 0)
        return -1;
    PGresult *names = database_query(conn, sql_tables, 0, NULL, "find the tables", e);
    if (!names)
        return -1;
    int rc = 0;
    for (int i = 0; rc == 0 && i < PQntuples(names); i++) {
        rc = check_stop(stop_fd, e);
        if (rc == 0)
            rc = count_table(conn, PQgetvalue(names, i, 0), ret, e);
    }
    PQclear(names);
    return rc;
}

int
inventory_compare(const struct inventory *there, const struct inventory *wanted, struct status *e)
{
    for (size_t i = 0; i < wanted->n; i++) {
        const struct inventory_table *w = &wanted->tables[i];
        const struct inventory_table *t = &there->tables[i];
        if (i >= there->n || strcmp(t->name, w->name) != 0)
            return status_set(e, STATUS_INTERNAL, "the table %s is missing", w->name);
        if (t->rows != w->rows)
            return status_set(e, STATUS_INTERNAL, "the table %s has %lld rows instead of %lld",
                              w->name, (long long)t->rows, (long long)w->rows);
        if (strcmp(t->digest, w->digest) != 0)
            return status_set(e, STATUS_INTERNAL, "the rows of the table %s are not the same",
                              w->name);
    }
    if (there->n > wanted->n)
        return status_set(e, STATUS_INTERNAL, "there is a table %s too many",
                          there->tables[wanted->n].name);
    return 0;
}

int64_t
inventory_rows(const struct inventory *inventory)
{
    int64_t rows = 0;
    for (size_t i = 0; i < inventory->n; i++)
        rows += inventory->tables[i].rows;
    return rows;
}
