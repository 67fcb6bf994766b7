#include "server/backup/restorer.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/printed.h"
#include "server/database/database.h"

static const char sql_there[] =
    "SELECT FROM pg_catalog.pg_roles WHERE rolname = '" RESTORER_ROLE "'";

static const char sql_admit[] =
    "GRANT jiayi_owner, jiayi_auth, " DATABASE_JOB_ROLE " TO " RESTORER_ROLE ";"
    "GRANT " RESTORER_ROLE " TO CURRENT_USER";
static const char sql_admit_login[] =
    "GRANT " DATABASE_APP_ROLE ", " DATABASE_LOGIN_ROLE " TO " RESTORER_ROLE;

static const char sql_drop[] = "DROP OWNED BY " RESTORER_ROLE " CASCADE;"
                               "DROP ROLE " RESTORER_ROLE;

static int
check_new(PGconn *conn, struct status *e)
{
    PGresult *row = database_query(conn, sql_there, 0, NULL, "look at the roles", e);
    if (!row)
        return -1;
    bool is_there = PQntuples(row) > 0;
    PQclear(row);
    if (!is_there)
        return 0;
    return status_set(e, STATUS_ALREADY_EXISTS,
                      "the role " RESTORER_ROLE
                      " is there already, of another restore that runs or "
                      "was killed; where none runs: DROP OWNED BY " RESTORER_ROLE
                      "; DROP ROLE " RESTORER_ROLE);
}

/** What CREATE ROLE takes as no parameter is quoted by libpq. -1: out of memory. */
static int
print_make(FILE *out, PGconn *conn, const char *password)
{
    char *verifier = password ? PQencryptPasswordConn(conn, password, RESTORER_ROLE, NULL) : NULL;
    char *literal = verifier ? PQescapeLiteral(conn, verifier, strlen(verifier)) : NULL;
    char *database = PQescapeIdentifier(conn, PQdb(conn), strlen(PQdb(conn)));
    int rc = database && (literal || !password) ? 0 : -1;
    if (rc == 0)
        fprintf(out,
                "CREATE ROLE " RESTORER_ROLE " LOGIN%s%s;"
                "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %s TO " RESTORER_ROLE,
                literal ? " PASSWORD " : "", literal ? literal : "", database);
    PQfreemem(verifier);
    PQfreemem(literal);
    PQfreemem(database);
    return rc;
}

int
restorer_make(struct pg_conn *conn, const char *password, bool is_only, struct status *e)
{
    static const char what[] = "make the role that restores";
    struct printed make = {0};
    if (check_new(conn, e) < 0)
        return -1;
    FILE *out = printed_begin(&make);
    int printed = out ? print_make(out, conn, password) : 0;
    if (printed_end(&make, out, e) < 0)
        return -1;
    int rc = printed < 0 ? status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                         : database_run(conn, "BEGIN", what, e);
    if (rc == 0)
        rc = database_run(conn, make.text, what, e);
    free(make.text);
    if (rc == 0)
        rc = database_run(conn, sql_admit, what, e);
    if (rc == 0 && is_only)
        rc = database_run(conn, sql_admit_login, what, e);
    if (rc == 0)
        rc = database_run(conn, "COMMIT", what, e);
    struct status ignored;
    if (rc < 0)
        (void)!database_run(conn, "ROLLBACK", what, &ignored);
    return rc;
}

int
restorer_drop(struct pg_conn *conn, struct status *e)
{
    return database_run(conn, sql_drop, "drop the role that restores", e);
}

char *
restorer_conninfo(const char *conninfo, const char *password, struct status *e)
{
    char *text = NULL;
    /* Of a keyword that is there twice the last one counts. */
    if (asprintf(&text, "%s user='" RESTORER_ROLE "' password='%s'", conninfo, password) >= 0)
        return text;
    status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    return NULL;
}
