#include "server/method/kept_answer.h"

#include <ctype.h>
#include <string.h>

#include "common/template.h"
#include "server/method/pg_type.h"
#include "server/method/record.h"
#include "server/method/sql_text.h"

/** Follows the CTE `answer`, the method's own statement; between the two is a row as it is kept. */
static const char keep_answer[] =
    "kept AS (INSERT INTO jiayi.call_record (member_id, request_id, method, request_sha256, answer)"
    " SELECT current_setting('jiayi.member_id')::bigint,"
    " decode(current_setting('jiayi.request_id'), 'hex'), current_setting('jiayi.method'),"
    " :request_sha256::bytea, ";
/** Of one row and of many; an aggregate costs a third of a kept answer. */
/** Follows where the statement may refuse the call: then there is no answer to keep. */
static const char unless_refused[] = " WHERE answer.\"" KEPT_ANSWER_REFUSAL "\" IS NULL";
static const char keep_row[] = "jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(",
                  row_is_kept[] = "))) FROM answer",
                  keep_rows[] = "jsonb_agg(jsonb_strip_nulls(jsonb_build_object(",
                  rows_are_kept[] = "))) FROM answer HAVING count(*) > 0", answer_is_kept[] = ") ";

/** What becomes of an answer's column when it is kept. */
enum fate {
    DROPPED,
    KEPT,
    /** A secret: only that there was one. */
    NOTED,
};

static enum fate
fate_of(const struct schema_field *f)
{
    return f && f->option->secret ? NOTED : f && f->option->replay ? KEPT : DROPPED;
}

static void
add_all(struct sql_text *t, const char *const *parts)
{
    while (*parts)
        sql_text_add_string(t, *parts++);
}

/** The pairs of name and value that a row is kept as. */
static void
add_kept(struct sql_text *t, const struct schema_message *out)
{
    const char *comma = "";
    for (unsigned i = 0; i < out->pb.n_fields; i++) {
        enum fate fate = fate_of(&out->fields[i]);
        const char *name = out->fields[i].pb->name;
        if (fate == DROPPED)
            continue;
        const char *kept[] = {comma, "'", name, "', answer.\"", name, "\"", NULL};
        const char *noted[] = {comma, "'",
                               name,  "', CASE WHEN answer.\"",
                               name,  "\" IS NOT NULL THEN '' END",
                               NULL};
        add_all(t, fate == KEPT ? kept : noted);
        comma = ", ";
    }
}

static bool
begins_with_with(const char *sql)
{
    struct sql_text_token t = {.at = sql};
    return sql_text_next(&t) && sql_text_is_word(&t, "WITH");
}

const char *
kept_answer_with(struct arena *a, const char *sql, const struct schema_message *out, bool is_list)
{
    while (isspace((unsigned char)*sql))
        sql++;
    const char *verb = sql_text_main(sql);
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
    sql_text_add_string(&t, is_list ? keep_rows : keep_row);
    add_kept(&t, out);
    sql_text_add_string(&t, is_list ? rows_are_kept : row_is_kept);
    if (!is_list && strstr(verb, "\"" KEPT_ANSWER_REFUSAL "\""))
        sql_text_add_string(&t, unless_refused);
    sql_text_add_string(&t, answer_is_kept);
    sql_text_add_string(&t, is_list ? "SELECT * FROM answer" : RECORD_OF_ANSWER "answer");
    return t.is_short ? NULL : t.at;
}

/** An expression for the column; where it was a secret, the call ends. */
static void
read_back(struct sql_text *t, const char *column, const char *type, enum fate fate)
{
    const char *dropped[] = {"NULL::", type, NULL};
    const char *kept[] = {"kept.\"", column, "\"", NULL};
    const char *noted[] = {"CASE WHEN kept.\"",
                           column,
                           "\" IS NOT NULL THEN jiayi.refuse('JY009', '",
                           N_("done; the %s was shown once: make a new one"),
                           "', ROW(jiayi.word('answer', '",
                           column,
                           "')))::text END",
                           NULL};
    add_all(t, fate == DROPPED ? dropped : fate == KEPT ? kept : noted);
}

const char *
kept_answer_replay(struct arena *a, const PGresult *d, const struct schema_message *out,
                   bool is_list)
{
    struct sql_text t = {.arena = a}, types = {.arena = a};
    sql_text_add_string(&t, is_list ? "SELECT " : "SELECT ROW(");
    for (int i = 0; i < PQnfields(d); i++) {
        const char *column = PQfname(d, i), *type = pg_type_name(PQftype(d, i));
        enum fate fate = fate_of(schema_find_field(out, column));
        sql_text_add_string(&t, i ? ", " : "");
        read_back(&t, column, type, fate);
        if (fate != DROPPED)
            add_all(&types, (const char *[]){types.n ? ", \"" : "\"", column, "\" ", type, NULL});
    }
    sql_text_add(&types, "", 0);
    sql_text_add_string(&t, is_list ? "" : ")");
    sql_text_add_string(&t, " FROM jiayi.call_record,"
                            " jsonb_to_recordset(call_record.answer) AS kept(");
    sql_text_add_string(&t, types.is_short ? "" : types.at);
    sql_text_add_string(&t,
                        ") WHERE member_id = (SELECT current_setting('jiayi.member_id')::bigint)"
                        " AND request_id = $1");
    return t.is_short || types.is_short ? NULL : t.at;
}
