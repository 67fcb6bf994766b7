#include "server/command/check.h"

#include <libpq-fe.h>
#include <string.h>

#include "server/database/database.h"
#include "server/database/migrate.h"
#include "server/method/boot_check.h"
#include "server/native/natives.h"

/** What is passed through runtime_visit(). */
struct question {
    const char *print_method;
    FILE *out;
};

/* What a statement that slipped into a call could do in a database that is not ours to harden. */
static const char sql_exposed[] =
    "SELECT has_function_privilege(current_user, 'pg_catalog.set_config(text, text, boolean)',"
    " 'EXECUTE'), session_user, (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname)"
    " FROM pg_roles AS r WHERE r.rolname NOT IN (current_user, session_user)"
    " AND pg_has_role(session_user, r.oid, 'MEMBER')), current_user";
static const char open_settings[] =
    "warning: every role of this database may call set_config(), by which SQL that slipped into a "
    "call could act as any caller; its superuser should run, in it:\n  " DATABASE_SQL_HARDEN "\n";

/** Warns where who connects for calls could become somebody who can do more. */
static void
warn_of_roles(const PGresult *row, const char *key, FILE *out)
{
    const char *user = PQgetvalue(row, 0, 1), *role = PQgetvalue(row, 0, 3);
    if (!PQgetisnull(row, 0, 2))
        fprintf(out,
                "warning: calls connect as %s, who can also be %s; name in %s a role that is a "
                "member of %s alone\n",
                user, PQgetvalue(row, 0, 2), key, role);
}

/** Warns of what makes a database of somebody else's weaker than a private cluster. */
static int
warn_of_exposure(const char *conninfo, const char *key, FILE *out, struct status *e)
{
    PGconn *conn = database_connect(conninfo, e);
    PGresult *row =
        conn ? database_query(conn, sql_exposed, 0, NULL, "look at the roles", e) : NULL;
    int rc = row ? 0 : -1;
    if (row) {
        warn_of_roles(row, key, out);
        if (strcmp(PQgetvalue(row, 0, 0), "t") == 0 && strcmp(key, "database_app") == 0)
            fputs(open_settings, out);
    }
    PQclear(row);
    PQfinish(conn);
    return rc;
}

/** Addresses of one company that look the same, of before that was refused. */
static const char sql_alike[] =
    "SELECT c.slug, string_agg(m.email, ' and ' ORDER BY m.id) FROM jiayi.member AS m"
    " JOIN jiayi.company AS c ON c.id = m.company_id"
    " GROUP BY c.slug, jiayi.address_skeleton(m.email) HAVING count(*) > 1 ORDER BY 1, 2";

/** Tells of them; they are no fault of the server's. */
static int
list_alike(const char *conninfo, FILE *out, struct status *e)
{
    PGconn *conn = database_connect(conninfo, e);
    PGresult *rows = NULL;
    if (conn && database_run(conn, "SET ROLE jiayi_owner", "act as the schema's owner", e) == 0)
        rows = database_query(conn, sql_alike, 0, NULL, "look for addresses that look alike", e);
    for (int i = 0; rows && i < PQntuples(rows); i++)
        fprintf(out, "addresses in %s that look the same: %s\n", PQgetvalue(rows, i, 0),
                PQgetvalue(rows, i, 1));
    int rc = rows ? 0 : -1;
    PQclear(rows);
    PQfinish(conn);
    return rc;
}

static int
check_database_and_methods(const struct runtime *rt, void *arg, struct status *e)
{
    const struct question *q = arg;
    struct migrate_result result;
    if (migrate_verify(rt->admin_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    if (warn_of_exposure(rt->app_conninfo, "database_app", q->out, e) < 0 ||
        warn_of_exposure(rt->login_conninfo, "database_login", q->out, e) < 0)
        return -1;
    if (!q->print_method && list_alike(rt->admin_conninfo, q->out, e) < 0)
        return -1;
    return boot_check(natives, rt->app_conninfo, rt->login_conninfo, q->print_method, q->out, e);
}

int
check_run(const struct check_options *o, FILE *out, struct status *e)
{
    struct question q = {.print_method = o->print_method, .out = out};
    return runtime_visit(&o->runtime, "checked", check_database_and_methods, &q, e);
}
