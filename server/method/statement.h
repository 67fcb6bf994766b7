/**
 * A method's SQL file as statements with $n parameters, which server/method/bind.h fills and reads.
 *
 * - `:field` and `:field.sub` name request fields; `:me.member_id` and its like the caller, as
 *   authorize() set it in the same transaction; `:page.limit` and `:page.after` the page that is
 *   asked for.
 * - A line that ends in `--? field` is part of the statement only where the request has the field
 *   (`--? !field`: only where it has not; `--? field !other`: both): a variant for every
 *   combination is made when the program starts.
 * - From a line `-- for: field other` on it is the statement for requests that have one of these
 *   fields, with optional lines of its own; the last one that fits is run, with the same columns.
 *   So a filter that asks for another way through the data does not double what there was.
 * - A line `:part.filter` stands for lines that several places need: see server/method/sql_part.h.
 * - `-- rows: deals` makes each row an element of the response's field `deals`. A column `page.key`
 *   says where the next page begins, or, of a part of an answer, lets `more_deals` say that it was
 *   cut; then `:page.limit` is one row more than are answered.
 * - A column `call.refusal` that has a value ends the call with the refusal that it is, caught as
 *   server/method/sqlstate.h has it, while what the statement did stays done. Such an answer is not
 *   kept: who asks again, asks anew.
 * - A jsonb column, an array of objects, fills a repeated message field: so one statement, as a
 *   WRITE is, can answer with a list in it.
 */
#ifndef JIAYI_SERVER_METHOD_STATEMENT_H
#define JIAYI_SERVER_METHOD_STATEMENT_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "common/arena.h"
#include "common/schema.h"

enum {
    /** Optional fields of one form: 2^n variants are made. */
    STATEMENT_MAX_CONDITIONS = 6,
    /** Forms of one file. */
    STATEMENT_MAX_FORMS = 4,
    /** Fields that one form is for. */
    STATEMENT_MAX_ASKED = 8,
    /** Names in a dotted path. */
    STATEMENT_MAX_DEPTH = 3,
    /** Different parameters of one statement. */
    STATEMENT_MAX_PARAMS = 40,
};

/** Where a parameter's value comes from. */
enum statement_source {
    STATEMENT_FIELD,
    STATEMENT_PAGE_LIMIT,
    STATEMENT_PAGE_AFTER,
    STATEMENT_REQUEST_SHA256,
    /** From the names that a native method gives. */
    STATEMENT_NAMED,
};

/** One parameter. */
struct statement_param {
    enum statement_source source;
    /** As it stands in the file, without the colon. */
    const char *name;
    /** For STATEMENT_FIELD: the way from the request message to the field. */
    const struct schema_field *path[STATEMENT_MAX_DEPTH];
    int depth;
    /** PostgreSQL's type, from the check at boot. */
    Oid type;
};

/** The statement for one combination of optional fields. */
struct statement_variant {
    /** Counts all variants of the program from 0; names the prepared statement. */
    unsigned id;
    /** As it is sent. */
    const char *sql;
    struct statement_param *params;
    int n_params;
};

/** One column of the rows. */
struct statement_column {
    const struct schema_field *path[STATEMENT_MAX_DEPTH];
    int depth;
    Oid type;
};

/** What a file has for some requests: all of it, where it says nothing of `-- for:`. */
struct statement_form {
    /** The request's fields of which it takes one to have this form; none: any request has it. */
    const struct schema_field *asked[STATEMENT_MAX_ASKED];
    int n_asked;
    /** The optional fields; bit i of a variant's index says whether the request has the i-th. */
    const struct schema_field *conditions[STATEMENT_MAX_CONDITIONS];
    int n_conditions;
    /** Where its variants begin in those of the statement. */
    int first_variant;
};

/** What one SQL file has become. */
struct statement {
    /** The file's name, for messages. */
    const char *file;
    /** The request's and the response's type; NULL for the statements of native methods. */
    const struct schema_message *in, *out;
    /** The repeated field of the response that rows are added to; NULL: one row is the response. */
    const struct schema_field *rows;
    struct statement_form forms[STATEMENT_MAX_FORMS];
    int n_forms;
    /** Of all forms, one after the other. */
    struct statement_variant *variants;
    int n_variants;
    /** From the check at boot. */
    struct statement_column *columns;
    int n_columns;
    /** The column "page.key", or -1. */
    int page_key;
    /** The column "call.refusal", or -1. */
    int refusal;
    /**
     * With it: the response's field that says where to go on, next_page_token; of a part of an
     * answer that there is more, such as more_activities.
     */
    const struct schema_field *more;
    /** For a WRITE: reads back the kept answer to request_id $1. From the check at boot. */
    const char *replay_sql;
    /** Of the same count as the variants' ids; 0 where there is nothing to read back. */
    unsigned replay_id;
};

/**
 * statement_is_record() - the row that it answers is a record: server/method/record.h. Rows of a
 * list are not, nor those of native methods, who read them themselves.
 */
static inline bool
statement_is_record(const struct statement *s)
{
    return s->out && !s->rows;
}

/**
 * statement_compile() - make a statement of the SQL in @text.
 *
 * @a:       the program's arena, where the statement lives
 * @file:    its name, for messages; not copied
 * @rows:    the field that rows are added to, or NULL to take it from the file's `-- rows:`
 * @is_write: keep the answer with the call, for a repeated request
 * @next_id: counts variants; increased
 *
 * Returns it, or NULL with @e naming the file and what is wrong.
 */
struct statement *statement_compile(struct arena *a, const char *file, const char *text,
                                    const struct schema_message *in,
                                    const struct schema_message *out,
                                    const struct schema_field *rows, bool is_write,
                                    unsigned *next_id, struct status *e) MUST_CHECK;

/**
 * statement_describe() - take the types of parameters and columns from a prepared variant.
 *
 * @description: the result of PQdescribePrepared(), of the variant as it is sent, or where that
 *               answers records of record_columns() of it
 *
 * Returns 0, or -1 with @e naming the parameter or column that does not fit its field.
 */
int statement_describe(struct arena *a, struct statement *s, struct statement_variant *v,
                       const PGresult *description, struct status *e) MUST_CHECK;

#endif
