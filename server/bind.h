/**
 * The binder: a method's SQL file becomes statements with $n parameters; request fields become the
 * parameters' values, result columns the fields of the response.
 *
 * In a file, `:field` and `:field.sub` name request fields; `:me.member_id` and its like the caller, as
 * authorize() set it in the same transaction; `:page.limit` and `:page.after` the page that is asked for.
 * A line that ends in `--? field` is part of the statement only where the request has the field (`--? !field`:
 * only where it has not): a variant for every combination is made when the program starts.
 * `-- rows: deals` makes each row an element of the response's field `deals`. A jsonb column, an array of objects,
 * fills a repeated message field: so one statement, as a WRITE is, can answer with a list in it.
 */
#ifndef JIAYI_SERVER_BIND_H
#define JIAYI_SERVER_BIND_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "common/message.h"

enum {
    /** Optional fields in one file: 2^n variants are made. */
    BIND_MAX_CONDITIONS = 6,
    /** Names in a dotted path. */
    BIND_MAX_DEPTH = 3,
    /** Different parameters of one statement. */
    BIND_MAX_PARAMS = 40,
};

/** Where a parameter's value comes from. */
enum bind_source {
    BIND_FIELD,
    BIND_PAGE_LIMIT,
    BIND_PAGE_AFTER,
    BIND_REQUEST_SHA256,
    /** From the names that a native method gives. */
    BIND_NAMED,
};

/** One parameter. */
struct bind_param {
    enum bind_source source;
    /** As it stands in the file, without the colon. */
    const char *name;
    /** For BIND_FIELD: the way from the request message to the field. */
    const struct schema_field *path[BIND_MAX_DEPTH];
    int depth;
    /** PostgreSQL's type, from the check at boot. */
    Oid type;
};

/** The statement for one combination of optional fields. */
struct bind_variant {
    /** Counts all variants of the program from 0; names the prepared statement. */
    unsigned id;
    const char *sql;
    struct bind_param *params;
    int n_params;
};

/** One column of the result. */
struct bind_column {
    const struct schema_field *path[BIND_MAX_DEPTH];
    int depth;
    Oid type;
};

/** What one SQL file has become. */
struct bind_statement {
    /** The file's name, for messages. */
    const char *file;
    /** The request's and the response's type; NULL for the statements of native methods. */
    const struct schema_message *in, *out;
    /** The repeated field of the response that rows are added to; NULL: one row is the response. */
    const struct schema_field *rows;
    /** The optional fields; bit i of a variant's index says whether the request has the i-th. */
    const struct schema_field *conditions[BIND_MAX_CONDITIONS];
    int n_conditions;
    struct bind_variant *variants;
    int n_variants;
    /** From the check at boot. */
    struct bind_column *columns;
    int n_columns;
    /** The column "page.key", or -1. */
    int page_key;
    /** For a WRITE: gives the kept answer of the call of this request_id ($1, $2: member... see bind.c); else NULL. */
    const char *replay_sql;
    unsigned replay_id;
};

/** A value that a native method gives to its statement, as text; NULL is NULL. */
struct bind_named {
    const char *name;
    const char *value;
};

/** What a bound statement sends, in the arrays that libpq takes. */
struct bind_values {
    int n;
    const char **values;
    int *lengths;
    int *formats;
};

/**
 * bind_compile() - make a statement of the SQL in @text.
 *
 * @a:       the program's arena, where the statement lives
 * @rows:    the field that rows are added to, or NULL to take it from the file's `-- rows:`
 * @is_write: keep the answer with the call, for a repeated request
 * @next_id: counts variants; increased
 *
 * Returns it, or NULL with @e naming the file and what is wrong.
 */
struct bind_statement *bind_compile(struct arena *a, const char *file, const char *text,
                                    const struct schema_message *in,
                                    const struct schema_message *out,
                                    const struct schema_field *rows, bool is_write,
                                    unsigned *next_id, struct status *e) MUST_CHECK;

/**
 * bind_describe() - take the types of parameters and columns from a prepared variant.
 *
 * @description: the result of PQdescribePrepared()
 *
 * Returns 0, or -1 with @e naming the parameter or column that does not fit its field.
 */
int bind_describe(struct arena *a, struct bind_statement *s, struct bind_variant *v,
                  const PGresult *description, struct status *e) MUST_CHECK;

/** bind_choose() - the variant for what the request has. */
const struct bind_variant *bind_choose(const struct bind_statement *s,
                                       const ProtobufCMessage *request);

/**
 * bind_request() - the values of @v's parameters out of the request.
 *
 * @request_sha256: 32 bytes that a WRITE's answer is kept with
 *
 * Returns 0, or -1 with @e set: a bad page token, or no memory.
 */
int bind_request(struct arena *a, const struct bind_variant *v, const ProtobufCMessage *request,
                 const uint8_t *request_sha256, struct bind_values *ret,
                 struct status *e) MUST_CHECK;

/** bind_names() - the values of @v's parameters out of @n named values; a name that is missing is NULL. */
int bind_names(struct arena *a, const struct bind_variant *v, const struct bind_named *named,
               size_t n, struct bind_values *ret, struct status *e) MUST_CHECK;

/**
 * bind_result() - the rows of @result into the response.
 *
 * Strings are not copied: @result must live as long as the response.
 * Returns the number of rows taken, or -1 with @e set.
 */
int bind_result(struct arena *a, const struct bind_statement *s, const PGresult *result,
                const ProtobufCMessage *request, ProtobufCMessage *response,
                struct status *e) MUST_CHECK;

#endif
