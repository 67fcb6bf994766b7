#include "server/operator.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "server/child.h"
#include "server/database.h"
#include "server/init.h"
#include "server/migrate.h"
#include "server/password.h"
#include "server/password_file.h"
#include "server/privilege.h"

/** What the child needs, and what it tells. */
struct work {
    const struct operator_options *options;
    char password[PASSWORD_FILE_BYTES];
};

struct report {
    bool made;
    int sessions_ended;
};

/** The operator's number, where there is one of that address, after the change. */
static const char sql_change[] =
    "WITH who AS (SELECT m.id FROM jiayi.member AS m JOIN jiayi.company AS c ON c.id = m.company_id"
    " WHERE c.is_system AND m.state = 'active' AND m.email = lower($1)),"
    " given AS (UPDATE jiayi.credential AS k SET phc = $2, changed_at = now() FROM who"
    " WHERE k.member_id = who.id RETURNING k.member_id),"
    " ended AS (UPDATE jiayi.session AS s SET revoked_at = now() FROM who"
    " WHERE s.member_id = who.id AND s.revoked_at IS NULL RETURNING s.id),"
    " calm AS (DELETE FROM jiayi.login_failure AS f WHERE f.email = lower($1))"
    " SELECT (SELECT count(*) FROM given), (SELECT count(*) FROM ended)";

static int
change(PGconn *conn, const char *email, const char *phc, struct report *report, struct status *e)
{
    const char *const values[] = {email, phc};
    PGresult *row = database_query(conn, sql_change, 2, values, "change the password", e);
    if (!row)
        return -1;
    report->made = strcmp(PQgetvalue(row, 0, 0), "0") == 0;
    report->sessions_ended = (int)strtol(PQgetvalue(row, 0, 1), NULL, 10);
    PQclear(row);
    return 0;
}

static int
change_or_make(const struct serve_visit *visit, const char *email, const char *phc,
               struct report *report, struct status *e)
{
    struct migrate_result result;
    if (migrate_verify(visit->admin_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    PGconn *conn = database_connect(visit->admin_conninfo, e);
    if (!conn)
        return -1;
    int rc = database_run(conn, "SET ROLE jiayi_owner", "act as the schema's owner", e);
    if (rc == 0)
        rc = change(conn, email, phc, report, e);
    PQfinish(conn);
    bool created = false;
    if (rc == 0 && report->made)
        rc = migrate_create_operator(visit->admin_conninfo, email, phc, &created, e);
    if (rc == 0 && report->made && !created)
        rc = status_set(e, STATUS_FAILED_PRECONDITION,
                        "%s was an operator and was removed; choose another address", email);
    return rc;
}

/** Where the two are passed through serve_visit(). */
struct passed {
    struct work *work;
    struct report *report;
};

static int
work_on(const struct serve_visit *visit, void *arg, struct status *e)
{
    struct passed *p = arg;
    char phc[PASSWORD_PHC_MAX];
    child_follow();
    int rc = password_hash(p->work->password, phc, e);
    explicit_bzero(p->work->password, sizeof p->work->password);
    if (rc == 0)
        rc = change_or_make(visit, p->work->options->email, phc, p->report, e);
    explicit_bzero(phc, sizeof phc);
    return rc;
}

static int
visit(void *arg, void *ret, struct status *e)
{
    struct work *w = arg;
    struct passed passed = {w, ret};
    return serve_visit(&w->options->serve, "changed", work_on, &passed, e);
}

int
operator_run(const struct operator_options *o, FILE *out, struct status *e)
{
    struct work w = {.options = o};
    struct report report = {0};
    privilege_harden();
    if (child_hold_signals(e) < 0)
        return -1;
    int rc = password_file_read(o->password_file, w.password, e);
    if (rc == 0)
        rc = child_run(visit, &w, &report, sizeof report, e);
    explicit_bzero(w.password, sizeof w.password);
    if (rc < 0)
        return -1;
    if (report.made)
        fprintf(out, "%s is an operator now\n", o->email);
    else
        fprintf(out, "%s has a new password; sessions ended: %d\n", o->email,
                report.sessions_ended);
    return 0;
}
