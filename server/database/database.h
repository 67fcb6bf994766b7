/**
 * How the server reaches its database: connection strings, and blocking connections for start-up.
 *
 * The lanes have connections of their own (server/call/lane.h); these here are for the short time
 * before the server listens: making the database, migrating it, looking at it.
 */
#ifndef JIAYI_SERVER_DATABASE_DATABASE_H
#define JIAYI_SERVER_DATABASE_DATABASE_H

#include <stdbool.h>

#include "common/status.h"

/* libpq's, so that a header need not include libpq's. */
struct pg_conn;
struct pg_result;

/** The role whose rights the calls have. It owns nothing and row-level security binds it. */
#define DATABASE_APP_ROLE "jiayi_app"

/** The role of the connections that sign people in: it has those functions alone, and no table. */
#define DATABASE_LOGIN_ROLE "jiayi_login"

/** The role of the connection that runs jobs: it has one function, and no table. */
#define DATABASE_JOB_ROLE "jiayi_job"

/**
 * Takes set_config() from everybody but those whose functions and programs need it: who can call it
 * in the middle of a statement can be any caller. For a superuser, in the database.
 */
#define DATABASE_SQL_HARDEN                                                                \
    "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC; "  \
    "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO jiayi_auth, " \
    "jiayi_owner"

/**
 * database_check_uri() - is @uri a connection string that libpq can read?
 *
 * @ret_has_password: set when the string holds a password.
 *
 * Does not connect. Returns 0, or -1 with @e set; the message never quotes the string, which may
 * hold a password.
 */
int database_check_uri(const char *uri, bool *ret_has_password, struct status *e) MUST_CHECK;

/**
 * database_conninfo() - complete a connection string with what every connection of the server
 * needs: the schema's search path, UTC, UTF-8, time limits, a primary when several hosts are given.
 *
 * @base:    a URI or key=value string, of the user or of the private cluster
 * @role:    the session's role, of which the user of @base must be a member; NULL: that user's own
 * @ret:     a malloced string; free it with wipe_free(), for it may hold a password
 */
int database_conninfo(const char *base, const char *role, char **ret, struct status *e) MUST_CHECK;

/**
 * database_service() - how @conn is connected, for PostgreSQL's own programs: as a service file
 * with the one service "jiayid", in memory.
 *
 * It may hold a password, which so stands neither on a command line nor in an environment nor on
 * the disk. Returns its descriptor, or -1 with @e set.
 */
int database_service(struct pg_conn *conn, struct status *e) MUST_CHECK;

/** database_connect() - open a blocking connection; close it with PQfinish(). NULL with @e set. */
struct pg_conn *database_connect(const char *conninfo, struct status *e) MUST_CHECK;

/**
 * database_run_file() - run the statements of a file inside a transaction, which they must not end.
 *
 * @what, @name: what failed, for the message: "<what> <name>, line 12: ..."
 * @text:        the statements
 * @line:        which line of the file the text begins with, from 1
 *
 * Returns 0, or -1 with @e set: STATUS_INTERNAL.
 */
int database_run_file(struct pg_conn *conn, const char *what, const char *name, const char *text,
                      int line, struct status *e) MUST_CHECK;

/**
 * database_run() - run statements without parameters, several with semicolons between.
 *
 * @what: what is being done, for the message: "cannot <what>: ..."
 */
int database_run(struct pg_conn *conn, const char *sql, const char *what,
                 struct status *e) MUST_CHECK;

/**
 * database_query() - run one statement with @n text parameters.
 *
 * Returns the result, to be freed with PQclear(), or NULL with @e set.
 */
struct pg_result *database_query(struct pg_conn *conn, const char *sql, int n,
                                 const char *const *values, const char *what,
                                 struct status *e) MUST_CHECK;

/**
 * database_fail() - set @e to "cannot <what>: <the error of @result, or of @conn if NULL>":
 * ABORTED where PostgreSQL gave way to another transaction (a deadlock), else UNAVAILABLE.
 * Returns -1.
 */
int database_fail(struct status *e, const char *what, struct pg_conn *conn,
                  struct pg_result *result);

#endif
