#include "server/database/definitions.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/database/database.h"

/** Where the second part of a file begins. */
static const char tables[] = "\n---- Tables\n";

/** Triggers that were switched off, or on again so that they can be gone round. */
static const char sql_off[] =
    "SELECT format('the trigger %s of %s is off', t.tgname, c.relname) FROM pg_trigger AS t"
    " JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid"
    " WHERE c.relnamespace = 'jiayi'::regnamespace AND NOT t.tgisinternal"
    " AND t.tgenabled <> CASE t.tgname WHEN 'audit_replicated' THEN 'R' ELSE 'A' END"
    " AND (t.tgenabled <> 'O'"
    "      OR p.proname IN ('audit', 'audit_added', 'keep_evidence', 'revision_guard', "
    "'comment_guard')"
    "      OR t.tgname = 'witness')"
    " ORDER BY 1";

static const char sql_noted[] = "SELECT name, sha256, version FROM jiayi.schema_definition";
enum noted_column { NAME, SHA256, VERSION };

/*
 * Every call begins with its session: once nobody is at that table, no call holds a lock on any
 * other, and the ACCESS EXCLUSIVE that a policy takes cannot end in a deadlock with one. Bodies are
 * checked at the end, when every function is there.
 */
static const char sql_begin[] = "LOCK TABLE jiayi.session IN ACCESS EXCLUSIVE MODE;"
                                "SET LOCAL search_path = jiayi, pg_catalog;"
                                "SET LOCAL check_function_bodies = off";

/*
 * Functions stay and are replaced: a call of another server may be in the middle of one. Their
 * owner has to be jiayi_owner meanwhile, for what is taken from jiayi_auth would be its own rights.
 */
static const char sql_clear[] =
    "DO $$ DECLARE statement text; BEGIN FOR statement IN"
    " SELECT format('DROP POLICY %I ON %s', p.polname, c.oid::regclass)"
    " FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid"
    " WHERE c.relnamespace = 'jiayi'::regnamespace"
    " UNION ALL SELECT format('DROP TRIGGER %I ON %s', t.tgname, c.oid::regclass)"
    " FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
    " WHERE c.relnamespace = 'jiayi'::regnamespace AND NOT t.tgisinternal"
    " UNION ALL SELECT format('ALTER ROUTINE %s OWNER TO jiayi_owner', p.oid::regprocedure)"
    " FROM pg_proc AS p WHERE p.pronamespace = 'jiayi'::regnamespace"
    " AND p.proowner <> 'jiayi_owner'::regrole"
    " LOOP EXECUTE statement; END LOOP; END $$;"
    "REVOKE ALL ON ALL TABLES IN SCHEMA jiayi FROM jiayi_app, jiayi_auth, jiayi_login, jiayi_job;"
    "REVOKE ALL ON ALL SEQUENCES IN SCHEMA jiayi FROM jiayi_app, jiayi_auth, jiayi_login, "
    "jiayi_job;"
    "REVOKE ALL ON ALL ROUTINES IN SCHEMA jiayi FROM jiayi_app, jiayi_auth, jiayi_login, jiayi_job";

static const char sql_give[] =
    "GRANT CREATE ON SCHEMA jiayi TO jiayi_auth;"
    "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT p.oid FROM pg_proc AS p"
    " WHERE p.pronamespace = 'jiayi'::regnamespace AND p.prosecdef"
    " LOOP EXECUTE format('ALTER ROUTINE %s OWNER TO jiayi_auth', f); END LOOP; END $$;"
    "REVOKE CREATE ON SCHEMA jiayi FROM jiayi_auth";

static const char sql_check[] =
    "SET LOCAL check_function_bodies = on;"
    "DO $$ DECLARE f record; BEGIN"
    " FOR f IN SELECT p.oid, p.oid::regprocedure AS name, l.lanname AS language"
    " FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang"
    " WHERE p.pronamespace = 'jiayi'::regnamespace LOOP"
    " IF f.language = 'sql' THEN PERFORM fmgr_sql_validator(f.oid);"
    " ELSE PERFORM plpgsql_validator(f.oid); END IF; END LOOP;"
    " EXCEPTION WHEN OTHERS THEN RAISE EXCEPTION '%: %', f.name, SQLERRM; END $$";

static const char sql_forget[] = "DELETE FROM jiayi.schema_definition";
static const char sql_note[] = "INSERT INTO jiayi.schema_definition (name, sha256, version)"
                               " VALUES ($1, $2, $3::int)";

/** What the database does not have as it is here: files, and triggers that are off. */
struct difference {
    int n;
    char first[160];
};

static void
count_difference(struct difference *d, const char *name)
{
    if (d->n++ == 0)
        snprintf(d->first, sizeof d->first, "%s", name);
}

/** Was @file applied as it is, after the last migration? */
static bool
is_noted(const PGresult *noted, const struct embed *file, int version)
{
    for (int i = 0; i < PQntuples(noted); i++)
        if (strcmp(PQgetvalue(noted, i, NAME), file->name) == 0)
            return strcmp(PQgetvalue(noted, i, SHA256), file->sha256) == 0 &&
                   strtol(PQgetvalue(noted, i, VERSION), NULL, 10) == version;
    return false;
}

static bool
is_there(const struct embed *definitions, const char *name)
{
    for (; definitions->name; definitions++)
        if (strcmp(definitions->name, name) == 0)
            return true;
    return false;
}

static int
compare_definitions(PGconn *conn, const struct embed *definitions, int version,
                    struct difference *ret, struct status *e)
{
    PGresult *noted = database_query(conn, sql_noted, 0, NULL, "compare the definitions", e);
    if (!noted)
        return -1;
    *ret = (struct difference){.n = 0};
    for (const struct embed *file = definitions; file->name; file++)
        if (!is_noted(noted, file, version))
            count_difference(ret, file->name);
    for (int i = 0; i < PQntuples(noted); i++)
        if (!is_there(definitions, PQgetvalue(noted, i, NAME)))
            count_difference(ret, PQgetvalue(noted, i, NAME));
    PQclear(noted);
    /* Where a file is to be applied, they all come with it. */
    if (ret->n > 0)
        return 0;
    PGresult *off = database_query(conn, sql_off, 0, NULL, "look at the triggers", e);
    for (int i = 0; off && i < PQntuples(off); i++)
        count_difference(ret, PQgetvalue(off, i, 0));
    PQclear(off);
    return off ? 0 : -1;
}

static int
run_functions(PGconn *conn, const struct embed *file, struct status *e)
{
    const char *text = (const char *)file->data, *end = strstr(text, tables);
    char *part = end ? strndup(text, (size_t)(end - text)) : strdup(text);
    int rc = part ? database_run_file(conn, "definitions", file->name, part, 1, e)
                  : status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    free(part);
    return rc;
}

static int
run_tables(PGconn *conn, const struct embed *file, struct status *e)
{
    const char *text = (const char *)file->data, *part = strstr(text, tables);
    int line = 1;
    for (const char *p = text; part && p < part; p++)
        line += *p == '\n';
    return part ? database_run_file(conn, "definitions", file->name, part, line, e) : 0;
}

static int
run_all(PGconn *conn, const struct embed *definitions, struct status *e)
{
    if (database_run(conn, sql_begin, "wait for the calls that run", e) < 0 ||
        database_run(conn, sql_clear, "take old definitions away", e) < 0)
        return -1;
    for (const struct embed *file = definitions; file->name; file++)
        if (run_functions(conn, file, e) < 0)
            return -1;
    for (const struct embed *file = definitions; file->name; file++)
        if (run_tables(conn, file, e) < 0)
            return -1;
    if (database_run(conn, sql_give, "give functions their owner", e) < 0)
        return -1;
    return database_run(conn, sql_check, "use what the definitions have", e);
}

static int
note_definition(PGconn *conn, const struct embed *definitions, int version, struct status *e)
{
    char number[16];
    snprintf(number, sizeof number, "%d", version);
    if (database_run(conn, sql_forget, "note the definitions", e) < 0)
        return -1;
    for (const struct embed *file = definitions; file->name; file++) {
        const char *const values[] = {file->name, file->sha256, number};
        PGresult *result = database_query(conn, sql_note, 3, values, "note the definitions", e);
        if (!result)
            return -1;
        PQclear(result);
    }
    return 0;
}

int
definitions_apply(struct pg_conn *conn, const struct embed *definitions, int version,
                  struct status *e)
{
    struct difference d;
    int n = 0;
    if (compare_definitions(conn, definitions, version, &d, e) < 0)
        return -1;
    if (d.n == 0)
        return 0;
    if (run_all(conn, definitions, e) < 0 || note_definition(conn, definitions, version, e) < 0)
        return -1;
    while (definitions[n].name)
        n++;
    return n;
}

int
definitions_verify(struct pg_conn *conn, const struct embed *definitions, int version,
                   struct status *e)
{
    struct difference d;
    char more[32] = "";
    if (compare_definitions(conn, definitions, version, &d, e) < 0)
        return -1;
    if (d.n == 0)
        return 0;
    if (d.n > 1)
        snprintf(more, sizeof more, " and %d more", d.n - 1);
    return status_set(e, STATUS_FAILED_PRECONDITION,
                      "the database's definitions are not those of this program: %s%s; 'jiayid "
                      "serve' applies them",
                      d.first, more);
}
