#include "server/method/kept_answer.h"

#include <ctype.h>

#include "common/template.h"
#include "server/method/pg_type.h"
#include "server/method/sql_text.h"

/** Follows the CTE `answer`, the method's own statement; between the two is a row as it is kept. */
static const char keep_answer[] =
    "kept AS (INSERT INTO jiayi.call_record (member_id, request_id, method, request_sha256, answer)"
    " SELECT current_setting('jiayi.member_id')::bigint,"
    " decode(current_setting('jiayi.request_id'), 'hex'), current_setting('jiayi.method'),"
    " :request_sha256::bytea, jsonb_agg(to_jsonb(answer)";
static const char answer_is_kept[] = ") FROM answer HAVING count(*) > 0)"
                                     " SELECT * FROM answer";

static bool
is_secret(const struct schema_message *out, const char *column)
{
    const struct schema_field *f = schema_find_field(out, column);
    return f && f->option->secret;
}

/** Of a secret only that there was one. */
static void
leave_out_secrets(struct sql_text *t, const struct schema_message *out)
{
    for (unsigned i = 0; i < out->pb.n_fields; i++) {
        const char *name = out->fields[i].pb->name;
        if (!is_secret(out, name))
            continue;
        sql_text_add_string(t, " || CASE WHEN answer.");
        sql_text_add_string(t, name);
        sql_text_add_string(t, " IS NULL THEN '{}' ELSE '{\"");
        sql_text_add_string(t, name);
        sql_text_add_string(t, "\": \"\"}' END::jsonb");
    }
}

static bool
is_verb(const struct sql_text_token *t)
{
    static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "VALUES"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (sql_text_is_word(t, verbs[i]))
            return true;
    return false;
}

/** Where the main statement begins, behind the WITH list if there is one. */
static const char *
main_statement(const char *sql)
{
    int depth = 0;
    for (struct sql_text_token t = {.at = sql}; sql_text_next(&t);) {
        if (depth == 0 && is_verb(&t))
            return t.at;
        depth += (*t.at == '(') - (*t.at == ')');
    }
    return NULL;
}

static bool
begins_with_with(const char *sql)
{
    struct sql_text_token t = {.at = sql};
    return sql_text_next(&t) && sql_text_is_word(&t, "WITH");
}

const char *
kept_answer_with(struct arena *a, const char *sql, const struct schema_message *out)
{
    while (isspace((unsigned char)*sql))
        sql++;
    const char *verb = main_statement(sql);
    if (!verb)
        return NULL;
    struct sql_text t = {.arena = a};
    sql_text_add_string(&t, begins_with_with(sql) ? "" : "WITH ");
    sql_text_add(&t, sql, (size_t)(verb - sql));
    sql_text_cut(&t, "");
    sql_text_add_string(&t, verb == sql ? " answer AS (" : ", answer AS (");
    sql_text_add_string(&t, verb);
    sql_text_add_string(&t, "), ");
    sql_text_add_string(&t, keep_answer);
    leave_out_secrets(&t, out);
    sql_text_add_string(&t, answer_is_kept);
    return t.is_short ? NULL : t.at;
}

/** A column of the kept answer; where it was a secret, the call ends. */
static void
read_back(struct sql_text *t, const char *column, bool secret, bool follows)
{
    sql_text_add_string(t, follows ? ", " : "");
    sql_text_add_string(t, secret ? "CASE WHEN kept.\"" : "kept.\"");
    sql_text_add_string(t, column);
    if (!secret) {
        sql_text_add_string(t, "\"");
        return;
    }
    sql_text_add_string(t, "\" IS NOT NULL THEN jiayi.refuse('JY009', '");
    sql_text_add_string(t, N_("done; the %s was shown once: make a new one"));
    sql_text_add_string(t, "', ROW(jiayi.word('answer', '");
    sql_text_add_string(t, column);
    sql_text_add_string(t, "')))::text END AS \"");
    sql_text_add_string(t, column);
    sql_text_add_string(t, "\"");
}

const char *
kept_answer_replay(struct arena *a, const PGresult *d, const struct schema_message *out)
{
    struct sql_text t = {.arena = a};
    sql_text_add_string(&t, "SELECT ");
    for (int i = 0; i < PQnfields(d); i++)
        read_back(&t, PQfname(d, i), is_secret(out, PQfname(d, i)), i > 0);
    sql_text_add_string(&t, " FROM jiayi.call_record,"
                            " jsonb_to_recordset(call_record.answer) AS kept(");
    for (int i = 0; i < PQnfields(d); i++) {
        sql_text_add_string(&t, i ? ", \"" : "\"");
        sql_text_add_string(&t, PQfname(d, i));
        sql_text_add_string(&t, "\" ");
        sql_text_add_string(&t, pg_type_name(PQftype(d, i)));
    }
    sql_text_add_string(&t,
                        ") WHERE member_id = (SELECT current_setting('jiayi.member_id')::bigint)"
                        " AND request_id = $1");
    return t.is_short ? NULL : t.at;
}
