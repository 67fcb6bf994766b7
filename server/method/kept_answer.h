/**
 * Of a WRITE's answer the fields with the option `replay` are kept beside the change that it tells
 * of, in the same statement, and read back when the request comes again; the caller reads the rest.
 * They are kept under the caller and the request_id, as authorize() set them in the transaction.
 * Secrets are not kept: they are shown once, and a request that comes again for one fails.
 */
#ifndef JIAYI_SERVER_METHOD_KEPT_ANSWER_H
#define JIAYI_SERVER_METHOD_KEPT_ANSWER_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "common/arena.h"
#include "common/schema.h"

/** The column of a statement that refuses the call: server/method/statement.h. */
#define KEPT_ANSWER_REFUSAL "call.refusal"

/**
 * kept_answer_with() - the statement @sql that also keeps what a replay needs of its rows; of
 * one row it answers a record, see server/method/record.h.
 *
 * @sql: without comments; in the result :request_sha256 names the digest of the request
 * @out: the answer's type, which says what is kept and what is secret; @sql has columns for both
 * @is_list: whether it answers more rows than one
 *
 * A statement with a column KEPT_ANSWER_REFUSAL keeps nothing where that has a value.
 * Returns it, or NULL when @sql holds no statement, or without memory.
 */
const char *kept_answer_with(struct arena *a, const char *sql, const struct schema_message *out,
                             bool is_list);

/**
 * kept_answer_replay() - the statement that reads a kept answer back, with the same columns, NULL
 * where they are not kept; $1 is the request_id. Of one row it answers a record.
 *
 * @description: what PQdescribePrepared() says of the columns of the statement that keeps it
 * @out:         the answer's type
 *
 * Returns it, or NULL without memory.
 */
const char *kept_answer_replay(struct arena *a, const PGresult *description,
                               const struct schema_message *out, bool is_list);

#endif
