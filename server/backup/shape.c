#include "server/backup/shape.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/printed.h"
#include "server/backup/dump.h"
#include "server/database/database.h"

/** Longest part of a line in a message, in bytes. */
#define QUOTED_BYTES 100

/** What does not stand in the schema, and so in no dump of it: a line each. */
static const char sql_outside[] =
    "SELECT format('objects that %s owns: %s', r.rolname, count(*))"
    " FROM pg_catalog.pg_shdepend AS d JOIN pg_catalog.pg_roles AS r ON r.oid = d.refobjid"
    " JOIN pg_catalog.pg_database AS b ON b.oid = d.dbid"
    " WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.deptype = 'o'"
    " AND b.datname = pg_catalog.current_database()"
    " AND r.rolname IN ('jiayi_owner', 'jiayi_auth', 'jiayi_app', 'jiayi_login', 'jiayi_job')"
    " GROUP BY r.rolname"
    " UNION ALL SELECT format('casts: %s', count(*)) FROM pg_catalog.pg_cast"
    " UNION ALL SELECT format('rights of what %s makes: %s', defaclrole::regrole, defaclacl)"
    " FROM pg_catalog.pg_default_acl WHERE defaclrole::regrole::text LIKE 'jiayi%'"
    " UNION ALL SELECT format('settings of %s: %s', s.setrole::regrole, s.setconfig)"
    " FROM pg_catalog.pg_db_role_setting AS s WHERE s.setrole::regrole::text LIKE 'jiayi%'"
    " ORDER BY 1";

static int
print_outside(PGconn *conn, FILE *out, struct status *e)
{
    PGresult *rows = database_query(conn, sql_outside, 0, NULL, "look at the database", e);
    if (!rows)
        return -1;
    for (int i = 0; i < PQntuples(rows); i++)
        fprintf(out, "%s\n", PQgetvalue(rows, i, 0));
    PQclear(rows);
    return 0;
}

int
shape_take(struct pg_conn *conn, int stop_fd, char **ret, struct status *e)
{
    struct printed shape = {0};
    struct status ignored;
    FILE *out = printed_begin(&shape);
    int rc = out ? dump_shape(conn, stop_fd, out, e) : 0;
    if (rc == 0 && out)
        rc = print_outside(conn, out, e);
    if (printed_end(&shape, out, rc < 0 ? &ignored : e) < 0 || rc < 0) {
        free(shape.text);
        return -1;
    }
    *ret = shape.text;
    return 0;
}

/** What pg_dump says of itself; `\restrict` has another number each time. */
static bool
is_passed_over(const char *line)
{
    static const char *const starts[] = {"-- Dumped ", "\\restrict ", "\\unrestrict "};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(line, starts[i], strlen(starts[i])) == 0)
            return true;
    return *line == '\n';
}

/** The next line that counts, from @text on; "" at the end. */
static const char *
find_line(const char *text)
{
    while (*text && is_passed_over(text)) {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return text;
}

int
shape_compare(const char *there, const char *wanted, struct status *e)
{
    for (;;) {
        there = find_line(there);
        wanted = find_line(wanted);
        size_t n = strcspn(there, "\n");
        size_t m = strcspn(wanted, "\n");
        if (n != m || memcmp(there, wanted, n) != 0) {
            const char *line = n > 0 ? there : wanted;
            int quoted = (int)((n > 0 ? n : m) < QUOTED_BYTES ? (n > 0 ? n : m) : QUOTED_BYTES);
            return status_set(e, STATUS_FAILED_PRECONDITION, "%s: %.*s",
                              n > 0 ? "there is" : "there is no longer", quoted, line);
        }
        if (n == 0)
            return 0;
        there += n;
        wanted += n;
    }
}
