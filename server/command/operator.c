#include "server/command/operator.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "server/base/child.h"
#include "server/base/privilege.h"
#include "server/database/database.h"
#include "server/database/migrate.h"
#include "server/secret/password.h"
#include "server/secret/password_file.h"

/** The longest e-mail address, in characters, as in the schema. */
#define EMAIL_MAX 200

/** The longest name of a person, in characters, as in the schema. */
#define NAME_MAX_LENGTH 100

/** What the child tells. */
struct report {
    bool made;
    int sessions_ended;
};

/** What the child needs; the report is its own. */
struct work {
    const struct operator_options *options;
    char password[PASSWORD_FILE_BYTES];
    struct report *report;
};

int
operator_check_email(const char *email, struct status *e)
{
    const char *at = strchr(email, '@');
    bool fine = text_valid(email, strlen(email)) && text_length(email) <= EMAIL_MAX && at &&
                at > email && at[1] && !strchr(at + 1, '@');
    for (const char *p = email; *p; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7f)
            fine = false;
    if (!fine)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the operator must be an e-mail address, such as operator@example.com");
    return 0;
}

int
operator_check_name(const char *name, struct status *e)
{
    if (name && (!text_valid(name, strlen(name)) || text_length(name) > NAME_MAX_LENGTH ||
                 text_is_blank(name) || strpbrk(name, "\t\r\n")))
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the operator's name must be 1 to %d characters on one line",
                          NAME_MAX_LENGTH);
    return 0;
}

/** The operator's number, where there is one of that address, after the change. */
static const char sql_change[] =
    "WITH who AS (SELECT m.id FROM jiayi.member AS m JOIN jiayi.company AS c ON c.id = m.company_id"
    " WHERE c.is_system AND m.state = 'active' AND m.email = lower($1)),"
    " given AS (UPDATE jiayi.credential AS k SET phc = $2, changed_at = now(), set_by = NULL,"
    " own = false, once = false, spent_at = NULL FROM who"
    " WHERE k.member_id = who.id RETURNING k.member_id),"
    " apart AS (SELECT jiayi.person_apart(who.id) FROM who),"
    " ended AS (UPDATE jiayi.session AS s SET revoked_at = now() FROM who"
    " WHERE s.member_id = who.id AND s.revoked_at IS NULL RETURNING s.id),"
    " calm AS (DELETE FROM jiayi.throttle AS t"
    " WHERE t.budget IN ('account', 'pair') AND starts_with(t.key, lower($1) || ' '))"
    " SELECT (SELECT count(*) FROM given), (SELECT count(*) FROM ended),"
    " (SELECT count(*) FROM apart)";

static int
change_password(PGconn *conn, const char *email, const char *phc, struct report *report,
                struct status *e)
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
change_or_make(const struct runtime *rt, const struct operator_options *o, const char *phc,
               struct report *report, struct status *e)
{
    const char *email = o->email, *name = o->name ? o->name : OPERATOR_NAME;
    struct migrate_result result;
    if (migrate_verify(rt->admin_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    PGconn *conn = database_connect(rt->admin_conninfo, e);
    if (!conn)
        return -1;
    int rc = database_run(conn, "SET ROLE jiayi_owner", "act as the schema's owner", e);
    if (rc == 0)
        rc = change_password(conn, email, phc, report, e);
    PQfinish(conn);
    bool created = false;
    if (rc == 0 && report->made)
        rc = migrate_create_operator(rt->admin_conninfo, email, name, phc, &created, e);
    if (rc == 0 && report->made && !created)
        rc = status_set(e, STATUS_FAILED_PRECONDITION,
                        "%s was an operator and was removed; choose another address", email);
    return rc;
}

static int
hash_and_change(const struct runtime *rt, void *arg, struct status *e)
{
    struct work *w = arg;
    char phc[PASSWORD_PHC_MAX];
    child_follow();
    int rc = password_hash(w->password, phc, e);
    explicit_bzero(w->password, sizeof w->password);
    if (rc == 0)
        rc = change_or_make(rt, w->options, phc, w->report, e);
    explicit_bzero(phc, sizeof phc);
    return rc;
}

static int
change_as_server_user(void *arg, void *ret, struct status *e)
{
    struct work *w = arg;
    w->report = ret;
    return runtime_visit(&w->options->runtime, "changed", hash_and_change, w, e);
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
        rc = child_run(change_as_server_user, &w, &report, sizeof report, e);
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
