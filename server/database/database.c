#include "server/database/database.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/printed.h"

/** A setting that a connection gets. */
struct setting {
    const char *key;
    const char *value;
    /** Only where the string says nothing about it. */
    bool weak;
};

static const struct setting settings[] = {
    {"application_name", "jiayid", true}, {"client_encoding", "UTF8", false},
    {"connect_timeout", "10", true},      {"tcp_user_timeout", "20000", true},
    {"keepalives_idle", "30", true},      {"target_session_attrs", "read-write", true},
};

/**
 * Options of the session; they are appended to those of the string, and the later ones win.
 * Statements name their index by their order and conditions, whatever the values: to plan one anew
 * for each call would cost more than to run it. The keepalives are PostgreSQL's: of a server that
 * vanished in the middle of a call it would hold the locks for hours.
 */
static const char session_options[] = "-c search_path=jiayi,pg_catalog -c timezone=UTC "
                                      "-c datestyle=ISO -c jit=off "
                                      "-c plan_cache_mode=force_generic_plan "
                                      "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 "
                                      "-c tcp_keepalives_count=3";

static const char *
keyword_value(const PQconninfoOption *options, const char *key)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, key) == 0)
            return options->val;
    return NULL;
}

static PQconninfoOption *
parse_uri(const char *uri, struct status *e)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(uri, &why);
    if (!options && !why)
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    else if (!options) /* libpq's own message quotes the string, and with it perhaps the password */
        status_set(e, STATUS_INVALID_ARGUMENT,
                   "is no PostgreSQL URI; write it as postgresql://USER@HOST:PORT/DATABASE");
    if (why)
        explicit_bzero(why, strlen(why));
    PQfreemem(why);
    return options;
}

static void
free_options(PQconninfoOption *options)
{
    static const char *const secrets[] = {"password", "sslpassword"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const char *value = keyword_value(options, secrets[i]);
        if (value)
            explicit_bzero((char *)value, strlen(value));
    }
    PQconninfoFree(options);
}

int
database_check_uri(const char *uri, bool *ret_has_password, struct status *e)
{
    PQconninfoOption *options = parse_uri(uri, e);
    if (!options)
        return -1;
    *ret_has_password = keyword_value(options, "password") || keyword_value(options, "sslpassword");
    free_options(options);
    return 0;
}

/** Writes ` key='value'` with quotes and backslashes escaped. */
static void
print_pair(FILE *out, const char *key, const char *value)
{
    fprintf(out, "%s='", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            fputc('\\', out);
        fputc(*value, out);
    }
    fputs("' ", out);
}

static bool
is_setting(const char *key, const char *value)
{
    if (strcmp(key, "options") == 0)
        return true;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcmp(settings[i].key, key) == 0)
            return !(settings[i].weak && value);
    return false;
}

static void
print_conninfo(FILE *out, const PQconninfoOption *options, const char *role)
{
    for (const PQconninfoOption *o = options; o->keyword; o++)
        if (o->val && !is_setting(o->keyword, o->val))
            print_pair(out, o->keyword, o->val);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (!settings[i].weak || !keyword_value(options, settings[i].key))
            print_pair(out, settings[i].key, settings[i].value);
    const char *given = keyword_value(options, "options");
    char all[1024];
    snprintf(all, sizeof all, "%s%s%s%s%s", given ? given : "", given ? " " : "", session_options,
             role ? " -c role=" : "", role ? role : "");
    print_pair(out, "options", all);
}

int
database_conninfo(const char *base, const char *role, char **ret, struct status *e)
{
    PQconninfoOption *options = parse_uri(base, e);
    if (!options)
        return -1;
    const char *given = keyword_value(options, "options");
    struct printed p = {0};
    int rc;
    if (given && strlen(given) > 700) {
        rc = status_set(e, STATUS_INVALID_ARGUMENT, "the database URI's options are too long");
    } else {
        FILE *out = printed_begin(&p);
        if (out)
            print_conninfo(out, options, role);
        rc = printed_end(&p, out, e);
    }
    free_options(options);
    *ret = p.text;
    return rc;
}

/** Where there are several hosts, the one that we are connected to. */
static const char *
effective(PGconn *conn, const PQconninfoOption *o)
{
    if (strcmp(o->keyword, "host") == 0)
        return PQhost(conn);
    if (strcmp(o->keyword, "port") == 0)
        return PQport(conn);
    if (strcmp(o->keyword, "hostaddr") == 0 && strchr(o->val, ','))
        return NULL;
    /* Only the server itself may go by this name. */
    if (strcmp(o->keyword, "service") == 0 || strcmp(o->keyword, "application_name") == 0)
        return NULL;
    return o->val;
}

static int
print_service(PGconn *conn, FILE *out, struct status *e)
{
    PQconninfoOption *options = PQconninfo(conn);
    int rc = options ? 0 : status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    fputs("[jiayid]\n", out);
    for (const PQconninfoOption *o = options; o && rc == 0 && o->keyword; o++) {
        const char *value = o->val && *o->val ? effective(conn, o) : NULL;
        if (value && strpbrk(value, "\r\n"))
            rc = status_set(e, STATUS_INVALID_ARGUMENT,
                            "the database's %s must be one line for PostgreSQL's programs",
                            o->keyword);
        else if (value)
            fprintf(out, "%s=%s\n", o->keyword, value);
    }
    if (options)
        free_options(options);
    return rc;
}

int
database_service(struct pg_conn *conn, struct status *e)
{
    int fd = memfd_create("jiayid-service", MFD_CLOEXEC);
    FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "w");
    int rc = out ? print_service(conn, out, e)
                 : status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    if (out)
        fclose(out);
    if (rc == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/** The code of what PostgreSQL rolled back because others were at the same rows and locks. */
static enum status_code
code_of(const PGresult *result, enum status_code otherwise)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    return state && strncmp(state, "40", 2) == 0 ? STATUS_ABORTED : otherwise;
}

int
database_fail(struct status *e, const char *what, struct pg_conn *conn, struct pg_result *result)
{
    const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    char line[300];
    size_t n = 0;
    if (!text)
        text = conn ? PQerrorMessage(conn) : "out of memory";
    /* libpq's messages have several lines. */
    for (const char *p = text; *p && n < sizeof line - 3; p++) {
        if (*p == '\n' && p[1]) {
            line[n++] = ';';
            line[n++] = ' ';
        } else if (*p != '\n' && *p != '\t')
            line[n++] = *p;
    }
    line[n] = 0;
    return status_set(e, code_of(result, STATUS_UNAVAILABLE), "cannot %s: %s", what, line);
}

/** The notices of CREATE ... IF NOT EXISTS and the like are no news. */
static void
drop_notice(void *unused, const PGresult *result)
{
    (void)unused;
    (void)result;
}

struct pg_conn *
database_connect(const char *conninfo, struct status *e)
{
    PGconn *conn = PQconnectdb(conninfo);
    if (conn && PQstatus(conn) == CONNECTION_OK) {
        PQsetNoticeReceiver(conn, drop_notice, NULL);
        return conn;
    }
    database_fail(e, "connect to the database", conn, NULL);
    PQfinish(conn);
    return NULL;
}

static bool
succeeded(PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

int
database_run(struct pg_conn *conn, const char *sql, const char *what, struct status *e)
{
    PGresult *result = PQexec(conn, sql);
    int rc = succeeded(result) ? 0 : database_fail(e, what, conn, result);
    PQclear(result);
    return rc;
}

/** The line of the character at @position, which PostgreSQL counts from 1. */
static int
line_of(const char *text, int position)
{
    int line = 0;
    for (int i = 1; i < position && *text; text++) {
        line += *text == '\n';
        i += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return line;
}

static int
fail_file(const char *what, const char *name, const char *text, int line, PGconn *conn,
          const PGresult *result, struct status *e)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    char where[32] = "";
    if (position)
        snprintf(where, sizeof where, ", line %d",
                 line + line_of(text, (int)strtol(position, NULL, 10)));
    status_set(e, code_of(result, STATUS_INTERNAL), "%s %s%s: %s", what, name, where,
               message ? message : PQerrorMessage(conn));
    if (context)
        status_detail(e, "%s", context);
    return -1;
}

int
database_run_file(struct pg_conn *conn, const char *what, const char *name, const char *text,
                  int line, struct status *e)
{
    PGresult *result = PQexec(conn, text);
    int rc = 0;
    if (!succeeded(result))
        rc = fail_file(what, name, text, line, conn, result, e);
    else if (PQtransactionStatus(conn) != PQTRANS_INTRANS)
        rc = status_set(e, STATUS_INTERNAL, "%s %s ends its transaction", what, name);
    PQclear(result);
    return rc;
}

struct pg_result *
database_query(struct pg_conn *conn, const char *sql, int n, const char *const *values,
               const char *what, struct status *e)
{
    PGresult *result = PQexecParams(conn, sql, n, NULL, values, NULL, NULL, 0);
    if (succeeded(result))
        return result;
    database_fail(e, what, conn, result);
    PQclear(result);
    return NULL;
}
