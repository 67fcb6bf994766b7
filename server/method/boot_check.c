#include "server/method/boot_check.h"

#include <libpq-fe.h>
#include <string.h>

#include "server/method/record.h"

/** Room for the text of a statement that is described. */
enum { VARIANT_BYTES = 1 << 20 };

/** What has been found so far. */
struct checking {
    struct methods *m;
    /** As the app role, as the one that signs people in, and that of the two which is used now. */
    PGconn *app, *login, *conn;
    FILE *out;
    struct status *e;
    int statements, faults;
};

/** Notes a fault that @now tells of; the first one is the outcome. */
static void
fault(struct checking *c, const struct status *now)
{
    if (c->out)
        fprintf(c->out, "%s%s%s\n", now->message, *now->detail ? ": " : "", now->detail);
    if (c->faults++ == 0)
        *c->e = *now;
}

static void
check_variant(struct checking *c, const char *file, struct statement *s,
              struct statement_variant *v)
{
    struct status now = {0};
    struct arena *a = arena_new(VARIANT_BYTES);
    const char *sql = !statement_is_record(s) ? v->sql : a ? record_columns(a, v->sql) : NULL;
    PGresult *prepared = sql ? PQprepare(c->conn, "", sql, 0, NULL) : NULL;
    PGresult *described = NULL;
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK) {
        status_set(&now, STATUS_INTERNAL, "%s does not prepare", file);
        status_detail(&now, "%s",
                      PQresultErrorField(prepared, PG_DIAG_MESSAGE_PRIMARY)
                          ? PQresultErrorField(prepared, PG_DIAG_MESSAGE_PRIMARY)
                          : PQerrorMessage(c->conn));
    } else {
        described = PQdescribePrepared(c->conn, "");
        if (PQresultStatus(described) != PGRES_COMMAND_OK)
            status_set(&now, STATUS_INTERNAL, "%s cannot be described", file);
        else if (statement_describe(c->m->arena, s, v, described, &now) == 0)
            c->statements++;
    }
    PQclear(prepared);
    PQclear(described);
    arena_free(a);
    if (now.code != STATUS_OK)
        fault(c, &now);
}

static void
check_statement(struct checking *c, const struct statement *s)
{
    struct statement *own = (struct statement *)s;
    int before = c->faults;
    for (int i = 0; i < s->n_variants && c->faults == before; i++)
        check_variant(c, s->file, own, &own->variants[i]);
}

/** Words that are no permissions of a role, and the numbers by which authorize() knows them. */
static const struct {
    const char *word, *no;
} words_for_all[] = {{"public", "1"}, {"session", "1"}, {"account", "2"}, {"entry", "3"}};

/** Asks for the number of a method's permission, by which authorize() knows it. */
static void
find_permission(struct checking *c, struct method *m)
{
    for (size_t i = 0; i < sizeof words_for_all / sizeof *words_for_all; i++)
        if (strcmp(m->permission, words_for_all[i].word) == 0) {
            m->permission_no = words_for_all[i].no;
            return;
        }
    const char *values[] = {m->permission};
    PGresult *r = PQexecParams(c->conn, "SELECT no FROM jiayi.permission WHERE name = $1", 1, NULL,
                               values, NULL, NULL, 0);
    struct status now = {0};
    if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
        status_set(&now, STATUS_INTERNAL, "%s: there is no permission %s", m->schema->name,
                   m->permission);
    else if (!(m->permission_no =
                   arena_copy(c->m->arena, PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0))))
        status_set(&now, STATUS_INTERNAL, "%s: no memory", m->schema->name);
    PQclear(r);
    if (now.code != STATUS_OK)
        fault(c, &now);
}

/** Whether the method's option `answers` names the field. */
static bool
says_answers(const struct method *m, const char *name)
{
    const Jiayi__V1__MethodOption *o = m->schema->option;
    for (size_t i = 0; i < o->n_answers; i++)
        if (strcmp(o->answers[i], name) == 0)
            return true;
    return false;
}

static bool
has_column(const struct statement *s, const char *name)
{
    for (int i = 0; i < s->n_columns; i++)
        if (s->columns[i].depth && strcmp(s->columns[i].path[0]->pb->name, name) == 0)
            return true;
    return false;
}

/** What else only a READ answers, a change says that it does: clients complete an answer by it. */
static void
check_answers(struct checking *c, const struct method *m)
{
    const struct schema_message *out = m->schema->out;
    struct status now = {0};
    if (m->kind != JIAYI__V1__KIND__WRITE || !m->statement || c->faults)
        return;
    for (unsigned i = 0; i < out->pb.n_fields && now.code == STATUS_OK; i++) {
        const char *name = out->fields[i].pb->name;
        bool says = says_answers(m, name);
        if (has_column(m->statement, name) ? out->fields[i].option->only_read && !says : says)
            status_set(
                &now, STATUS_INTERNAL,
                says ? "%s: the option answers names %s, which its statement does not answer"
                     : "%s answers %s, which only a READ does, but for who has the option answers",
                m->schema->name, name);
    }
    if (now.code != STATUS_OK)
        fault(c, &now);
}

static void
check_method(struct checking *c, struct method *m)
{
    c->conn = c->app;
    find_permission(c, m);
    if (m->native && m->native->is_login)
        c->conn = c->login;
    if (m->statement)
        check_statement(c, m->statement);
    for (int i = 0; i < m->n_more; i++)
        check_statement(c, m->more[i]);
    for (int i = 0; i < m->n_steps; i++)
        check_statement(c, m->steps[i].statement);
    check_answers(c, m);
}

int
boot_check_methods(struct methods *m, const char *app, const char *login, FILE *out,
                   struct status *e)
{
    struct checking c = {
        .m = m, .out = out, .e = e, .app = PQconnectdb(app), .login = PQconnectdb(login)};
    if (PQstatus(c.app) == CONNECTION_OK && PQstatus(c.login) == CONNECTION_OK) {
        for (size_t i = 0; i < m->n; i++)
            check_method(&c, &m->all[i]);
        if (out)
            fprintf(out, "%zu methods, %d statements, %d faults\n", m->n, c.statements, c.faults);
    } else {
        c.faults = 1;
        status_set(e, STATUS_UNAVAILABLE, "the database cannot be reached");
        status_detail(e, "%s", PQerrorMessage(PQstatus(c.app) == CONNECTION_OK ? c.login : c.app));
    }
    PQfinish(c.app);
    PQfinish(c.login);
    return c.faults ? -1 : 0;
}

/** Prints a form of a statement, each variant with the fields that it is for. */
static void
print_form(const struct statement *s, const struct statement_form *form, FILE *out)
{
    for (int k = 0; k < 1 << form->n_conditions; k++) {
        const struct statement_variant *v = &s->variants[form->first_variant + k];
        fprintf(out, "-- %s", s->file);
        for (int i = 0; i < form->n_asked; i++)
            fprintf(out, " %s%s", i == 0 ? "for " : "| ", form->asked[i]->pb->name);
        for (int bit = 0; bit < form->n_conditions; bit++)
            if (k >> bit & 1)
                fprintf(out, " +%s", form->conditions[bit]->pb->name);
        for (int p = 0; p < v->n_params; p++)
            fprintf(out, "%s $%d=%s", p ? "" : " --", p + 1, v->params[p].name);
        fprintf(out, "\n%s;\n", v->sql);
    }
}

static int
print_statements(const struct methods *m, const char *name, FILE *out, struct status *e)
{
    const struct method *found = methods_find(m, name);
    if (!found)
        return status_set(e, STATUS_NOT_FOUND, "there is no method %s", name);
    const struct statement *all[16];
    int n = 0;
    if (found->statement)
        all[n++] = found->statement;
    for (int i = 0; i < found->n_more; i++)
        all[n++] = found->more[i];
    for (int i = 0; i < found->n_steps; i++)
        all[n++] = found->steps[i].statement;
    for (int i = 0; i < n; i++)
        for (int f = 0; f < all[i]->n_forms; f++)
            print_form(all[i], &all[i]->forms[f], out);
    return 0;
}

int
boot_check(const struct native *natives, const char *app, const char *login,
           const char *print_method, FILE *out, struct status *e)
{
    struct methods *m = methods_load(natives, e);
    if (!m)
        return -1;
    int rc = print_method ? print_statements(m, print_method, out, e)
                          : boot_check_methods(m, app, login, out, e);
    methods_free(m);
    return rc;
}
