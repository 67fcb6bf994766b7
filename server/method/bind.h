/**
 * Binding: a request's fields become the values of a statement's parameters, the columns of its
 * rows the fields of the response.
 */
#ifndef JIAYI_SERVER_METHOD_BIND_H
#define JIAYI_SERVER_METHOD_BIND_H

#include <libpq-fe.h>

#include "common/message.h"
#include "server/method/statement.h"

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

/** bind_choose() - the variant for what the request has. */
const struct statement_variant *bind_choose(const struct statement *s,
                                            const ProtobufCMessage *request);

/**
 * bind_request() - the values of @v's parameters out of the request.
 *
 * @request_sha256: 32 bytes that a WRITE's answer is kept with
 *
 * Returns 0, or -1 with @e set: a bad page token, or no memory.
 */
int bind_request(struct arena *a, const struct statement_variant *v,
                 const ProtobufCMessage *request, const uint8_t *request_sha256,
                 struct bind_values *ret, struct status *e) MUST_CHECK;

/** bind_names() - the values of @v's parameters out of @n named values; what is missing is NULL. */
int bind_names(struct arena *a, const struct statement_variant *v, const struct bind_named *named,
               size_t n, struct bind_values *ret, struct status *e) MUST_CHECK;

/**
 * bind_result() - the rows of @result into the response.
 *
 * Strings are not copied: @result must live as long as the response.
 * Returns the number of rows taken, or -1 with @e set: what came is not what the statement answers,
 * or there is no memory.
 */
int bind_result(struct arena *a, const struct statement *s, const PGresult *result,
                const ProtobufCMessage *request, ProtobufCMessage *response,
                struct status *e) MUST_CHECK;

/**
 * bind_refusal() - the refusal that the first row has in its column "call.refusal"; NULL: none.
 *
 * @result: of one row at least, which bind_result() took
 */
const char *bind_refusal(const struct statement *s, const PGresult *result);

#endif
