#include "server/database/migrate.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/database/database.h"
#include "server/database/definitions.h"

#define OLDEST_SERVER 150000
/** SQLSTATE of what is there already. */
#define EXISTS "23505"

/* A number of our own that all servers lock while they migrate: "jiayi" in ASCII. */
/** How often a step is tried that PostgreSQL ends because of a deadlock. */
enum { DEADLOCK_TRIES = 5 };

static const char sql_begin[] = "BEGIN;"
                                "SET LOCAL statement_timeout = 0;"
                                "SET LOCAL lock_timeout = '60s';"
                                "SELECT pg_advisory_xact_lock(457034529129)";

/** Is this a database that we can use, and may its user do what is needed? */
static const char sql_look[] =
    "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
    " pg_encoding_to_char(d.encoding), current_user,"
    " r.rolsuper OR r.rolcreaterole"
    " OR (SELECT count(*) = 4 FROM pg_roles AS o"
    "     WHERE o.rolname IN ('jiayi_app', 'jiayi_login')"
    "     OR o.rolname IN ('jiayi_owner', 'jiayi_auth') AND pg_has_role(r.oid, o.oid, 'MEMBER')),"
    " has_database_privilege(d.oid, 'CREATE') OR to_regnamespace('jiayi') IS NOT NULL,"
    " to_regnamespace('jiayi') IS NOT NULL, to_regclass('jiayi.schema_migration') IS NOT NULL,"
    " current_database()"
    " FROM pg_database AS d, pg_roles AS r"
    " WHERE d.datname = current_database() AND r.rolname = current_user";
enum look_column {
    SERVER_NUMBER,
    SERVER_NAME,
    ENCODING,
    USER,
    MAY_ROLES,
    MAY_SCHEMA,
    HAS_SCHEMA,
    HAS_TABLE,
    DATABASE
};

static const char sql_as_owner[] = "SET LOCAL ROLE jiayi_owner";

/** What was applied: all of them, as each migration of a new database looks at those before it. */
static const char sql_applied[] =
    "SELECT version, sha256 FROM jiayi.schema_migration ORDER BY version";
enum applied_column { VERSION, SHA256 };

/** After the first migration, which makes the schema and its owner. */
static const char sql_table[] =
    "CREATE TABLE jiayi.schema_migration ("
    " version int PRIMARY KEY CHECK (version > 0),"
    " name text NOT NULL,"
    " sha256 text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now());"
    "COMMENT ON TABLE jiayi.schema_migration IS 'The migrations that this database has had; kept "
    "by jiayid, seen by the owner alone.';"
    "COMMENT ON COLUMN jiayi.schema_migration.version IS 'The number that the file''s name begins "
    "with.';"
    "COMMENT ON COLUMN jiayi.schema_migration.name IS 'The file''s name.';"
    "COMMENT ON COLUMN jiayi.schema_migration.sha256 IS 'The file''s SHA-256, in hexadecimal: a "
    "file that was applied must not change.';"
    "COMMENT ON COLUMN jiayi.schema_migration.applied_at IS 'When it was applied.';"
    "ALTER TABLE jiayi.schema_migration ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
    "CREATE POLICY owner ON jiayi.schema_migration TO jiayi_owner USING (true) WITH CHECK (true)";

static const char sql_note[] =
    "INSERT INTO jiayi.schema_migration (version, name, sha256)"
    " VALUES ($1::int, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))";

static const char sql_app_role[] =
    "SELECT rolsuper OR rolbypassrls FROM pg_roles"
    " WHERE rolname IN ('jiayi_app', 'jiayi_login', 'jiayi_job', 'jiayi_owner', 'jiayi_auth')"
    " ORDER BY 1 DESC LIMIT 1";

static const char sql_operator[] = "SELECT jiayi.create_operator($1, $2, $3)";

/** What the database was found to be. */
struct state {
    bool has_table;
    int version;
    /** The first migration that it lacks; its name is NULL when it lacks none. */
    const struct embed *next;
};

static int
number_of(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

/** The number that the name begins with. */
static int
version_of(const struct embed *migration)
{
    return number_of(migration->name);
}

static bool
is_true(const PGresult *result, int column)
{
    return strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

/** Says what makes the database unusable, from the row of sql_look. */
static int
judge(const PGresult *row, struct status *e)
{
    if (number_of(PQgetvalue(row, 0, SERVER_NUMBER)) < OLDEST_SERVER)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the database runs PostgreSQL %s; version 15 or newer is needed",
                          PQgetvalue(row, 0, SERVER_NAME));
    if (strcmp(PQgetvalue(row, 0, ENCODING), "UTF8") != 0)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the database %s is in %s; create one with ENCODING 'UTF8'",
                          PQgetvalue(row, 0, DATABASE), PQgetvalue(row, 0, ENCODING));
    if (!is_true(row, MAY_ROLES))
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the database's user %s may not create roles: ALTER ROLE %s CREATEROLE",
                          PQgetvalue(row, 0, USER), PQgetvalue(row, 0, USER));
    if (!is_true(row, MAY_SCHEMA))
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the user %s may not create a schema in the database %s: make it the "
                          "database's owner",
                          PQgetvalue(row, 0, USER), PQgetvalue(row, 0, DATABASE));
    if (is_true(row, HAS_SCHEMA) && !is_true(row, HAS_TABLE))
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the database %s has a schema jiayi that is not of this program; name "
                          "another database",
                          PQgetvalue(row, 0, DATABASE));
    return 0;
}

static int
look(PGconn *conn, struct state *state, struct status *e)
{
    PGresult *row = database_query(conn, sql_look, 0, NULL, "look at the database", e);
    if (!row)
        return -1;
    int rc = judge(row, e);
    state->has_table = is_true(row, HAS_TABLE);
    PQclear(row);
    return rc;
}

/** Is @migration, which is not newer than the database, what was applied at @row of sql_applied? */
static int
compare_migration(const PGresult *applied, int row, const struct embed *migration, struct status *e)
{
    if (number_of(PQgetvalue(applied, row, VERSION)) != version_of(migration))
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the database never had the migration %s, but has had later ones; it was "
                          "made by another program",
                          migration->name);
    if (strcmp(PQgetvalue(applied, row, SHA256), migration->sha256) != 0)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the migration %s has changed since it was applied to the database; use "
                          "the program that the database was made with, or a newer release",
                          migration->name);
    return 0;
}

/** Sets @state's version and next migration, where @applied is the result of sql_applied. */
static int
compare_migrations(const PGresult *applied, const struct embed *migrations, struct state *state,
                   struct status *e)
{
    int newest = 0, row = 0, last = PQntuples(applied) - 1;
    state->version = last >= 0 ? number_of(PQgetvalue(applied, last, VERSION)) : 0;
    state->next = migrations;
    for (; state->next->name && version_of(state->next) <= state->version; state->next++) {
        newest = version_of(state->next);
        while (row < last && number_of(PQgetvalue(applied, row, VERSION)) < newest)
            row++;
        if (compare_migration(applied, row, state->next, e) < 0)
            return -1;
    }
    if (state->version > newest)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the database is at schema version %d, newer than this program (%d); "
                          "install a newer jiayid",
                          state->version, newest);
    return 0;
}

/**
 * Compares what was applied with what there is; acts as the schema's owner from then on, where
 * there is one.
 */
static int
find_next(PGconn *conn, const struct embed *migrations, struct state *state, struct status *e)
{
    if (look(conn, state, e) < 0)
        return -1;
    state->version = 0;
    state->next = migrations;
    if (!state->has_table)
        return 0;
    if (database_run(conn, sql_as_owner, "act as the schema's owner", e) < 0)
        return -1;
    PGresult *applied = database_query(conn, sql_applied, 0, NULL, "compare the migrations", e);
    int rc = applied ? compare_migrations(applied, migrations, state, e) : -1;
    PQclear(applied);
    return rc;
}

static int
note_migration(PGconn *conn, const struct embed *migration, bool has_table, struct status *e)
{
    char version[16];
    snprintf(version, sizeof version, "%d", version_of(migration));
    const char *const values[] = {version, migration->name, (const char *)migration->data};
    if (database_run(conn, "RESET ROLE", "give the owner's role back", e) < 0 ||
        database_run(conn, sql_as_owner, "act as the schema's owner", e) < 0)
        return -1;
    if (!has_table && database_run(conn, sql_table, "make the table of migrations", e) < 0)
        return -1;
    PGresult *result = database_query(conn, sql_note, 3, values, "note a migration", e);
    PQclear(result);
    return result ? 0 : -1;
}

/** Runs @migration as who connected. */
static int
apply(PGconn *conn, const struct embed *migration, bool has_table, struct status *e)
{
    if (database_run(conn, "RESET ROLE", "give the owner's role back", e) < 0 ||
        database_run_file(conn, "migration", migration->name, (const char *)migration->data, 1, e) <
            0)
        return -1;
    return note_migration(conn, migration, has_table, e);
}

/**
 * One transaction: the next migration; where there is none, @definitions. Returns 1 when it applied
 * a migration, 0 when nothing is left to do, -1.
 */
static int
apply_next(PGconn *conn, const struct embed *migrations, const struct embed *definitions,
           struct state *state, int *ret_definitions, struct status *e)
{
    if (database_run(conn, sql_begin, "begin a migration", e) < 0 ||
        find_next(conn, migrations, state, e) < 0)
        return -1;
    bool pending = state->next->name != NULL;
    if (pending && apply(conn, state->next, state->has_table, e) < 0)
        return -1;
    if (!pending && definitions) {
        *ret_definitions = definitions_apply(conn, definitions, state->version, e);
        if (*ret_definitions < 0)
            return -1;
    }
    if (database_run(conn, "COMMIT", "commit a migration", e) < 0)
        return -1;
    return pending;
}

/**
 * As apply_next(), anew where that ended in a deadlock: servers that run meanwhile have jobs, and
 * PostgreSQL's own housekeeping calls the functions of indexes, whose tables are locked here.
 */
static int
apply_next_anew(PGconn *conn, const struct embed *migrations, const struct embed *definitions,
                struct state *state, int *ret_definitions, struct status *e)
{
    for (int tries = 1;; tries++) {
        int rc = apply_next(conn, migrations, definitions, state, ret_definitions, e);
        if (rc >= 0 || e->code != STATUS_ABORTED || tries == DEADLOCK_TRIES)
            return rc;
        if (database_run(conn, "ROLLBACK", "give a migration up", e) < 0)
            return -1;
    }
}

/** Row-level security would not bind such a role. */
static int
check_app_role(PGconn *conn, struct status *e)
{
    PGresult *row = database_query(conn, sql_app_role, 0, NULL, "look at the roles", e);
    if (!row)
        return -1;
    bool fine = PQntuples(row) == 1 && !is_true(row, 0);
    PQclear(row);
    if (!fine)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "a role jiayi_app, jiayi_login, jiayi_job, jiayi_auth or jiayi_owner is "
                          "SUPERUSER or BYPASSRLS; "
                          "take that from it with ALTER ROLE");
    return 0;
}

int
migrate_run(const char *admin_conninfo, const struct embed *migrations,
            const struct embed *definitions, struct migrate_result *ret, struct status *e)
{
    struct state state;
    int rc;
    PGconn *conn = database_connect(admin_conninfo, e);
    if (!conn)
        return -1;
    *ret = (struct migrate_result){.from_version = -1};
    while ((rc = apply_next_anew(conn, migrations, definitions, &state, &ret->definitions, e)) >=
           0) {
        if (ret->from_version < 0)
            ret->from_version = state.version;
        if (rc == 0)
            break;
    }
    ret->to_version = rc == 0 ? state.version : -1;
    if (rc == 0)
        rc = check_app_role(conn, e);
    PQfinish(conn);
    return rc;
}

int
migrate_newest(const struct embed *migrations)
{
    int newest = 0;
    for (; migrations->name; migrations++)
        newest = version_of(migrations);
    return newest;
}

int
migrate_verify(const char *admin_conninfo, const struct embed *migrations,
               const struct embed *definitions, struct migrate_result *ret, struct status *e)
{
    struct state state;
    PGconn *conn = database_connect(admin_conninfo, e);
    if (!conn)
        return -1;
    int rc = database_run(conn, "BEGIN READ ONLY", "begin to look", e);
    if (rc == 0)
        rc = find_next(conn, migrations, &state, e);
    if (rc == 0 && state.next->name)
        rc = status_set(e, STATUS_FAILED_PRECONDITION,
                        "the database is at schema version %d and lacks %s; 'jiayid serve' "
                        "migrates it",
                        state.version, state.next->name);
    if (rc == 0)
        rc = definitions_verify(conn, definitions, state.version, e);
    if (rc == 0)
        *ret = (struct migrate_result){state.version, state.version, 0};
    PQfinish(conn);
    return rc;
}

int
migrate_create_operator(const char *admin_conninfo, const char *email, const char *name,
                        const char *phc, bool *ret_created, struct status *e)
{
    const char *const values[] = {email, name, phc};
    int rc = 0;
    PGconn *conn = database_connect(admin_conninfo, e);
    if (!conn)
        return -1;
    if (database_run(conn, "SET ROLE jiayi_owner", "act as the schema's owner", e) < 0) {
        PQfinish(conn);
        return -1;
    }
    PGresult *result = PQexecParams(conn, sql_operator, 3, NULL, values, NULL, NULL, 0);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    *ret_created = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!*ret_created && !(state && strcmp(state, EXISTS) == 0))
        rc = database_fail(e, "create the operator", conn, result);
    PQclear(result);
    PQfinish(conn);
    return rc;
}
