/**
 * A row as one column: a statement that answers one row of many columns answers it as a record.
 *
 * With every answer to N columns PostgreSQL looks up and sends the name and type of each, and libpq
 * takes all of that apart and copies it, with each value: for a description that is known since the
 * check at boot. A record has the types alone, and its values are read where they stand. Rows of a
 * list stay columns: to make a record of a row costs PostgreSQL more than one of its columns does,
 * and a list has one description for all of its rows.
 *
 * A record's binary form, all numbers in network order: int32 count of the columns; of each its
 * type as uint32, the length of its value as int32 (-1: NULL) and the value, as the type's own
 * binary form. Types are the built-in ones of server/method/pg_type.h, whose numbers begin with a
 * zero byte: so each value has a NUL behind it, the next one's type or libpq's, and a text is a
 * string as it stands.
 */
#ifndef JIAYI_SERVER_METHOD_RECORD_H
#define JIAYI_SERVER_METHOD_RECORD_H

#include <libpq-fe.h>

#include "common/arena.h"
#include "common/status.h"

/** What makes a record of the columns of `answer`, a table of the statement; follows it. */
#define RECORD_OF_ANSWER "SELECT (answer.*)::record FROM "

/** A row that is read, from the first column to the last: a record, or columns. */
struct record {
    const PGresult *result;
    int row;
    /** The next column, and how many there are. */
    int column, n;
    /** What is left of a record; of columns NULL. */
    const char *at, *end;
};

/** A column's value in a row; NULL is NULL, and has no length. */
struct record_value {
    const char *at;
    int length;
};

/**
 * record_statement() - the statement @sql, a SELECT, that answers a record for each row.
 *
 * @sql: without comments
 *
 * The planner takes a simple @sql up into what is around it; one with an order, a limit or a UNION
 * has one node more. Returns it, or NULL when @sql holds no statement, or without memory.
 */
const char *record_statement(struct arena *a, const char *sql);

/**
 * record_columns() - the statement @sql with the columns that its records are made of, for
 * PQdescribePrepared().
 *
 * @sql: the answer of record_statement() or kept_answer_with()
 *
 * Returns it, or NULL when @sql answers no records, or without memory.
 */
const char *record_columns(struct arena *a, const char *sql);

/**
 * record_open() - begin to read a row of @n columns: a record in column 0, or columns of @result.
 *
 * Returns 0, or -1 when it is none of @n columns.
 */
int record_open(struct record *r, const PGresult *result, int row, int n) MUST_CHECK;

/** record_next_value() - record_next() of a record that has one more column. */
int record_next_value(struct record *r, Oid type, struct record_value *ret) MUST_CHECK;

/**
 * record_next() - the next column's value, which must be of the type; where it stands, not copied.
 *
 * Returns 0, or -1: there is none, or in a record it is of another type, of no length that the type
 * has, or, being the last one, does not end where the record does. Then nothing read before may be
 * used.
 */
static inline MUST_CHECK int
record_next(struct record *r, Oid type, struct record_value *ret)
{
    if (r->column >= r->n)
        return -1;
    if (r->at)
        return record_next_value(r, type, ret);
    int i = r->column++;
    if (PQgetisnull(r->result, r->row, i)) {
        ret->at = NULL;
        return 0;
    }
    ret->at = PQgetvalue(r->result, r->row, i);
    ret->length = PQgetlength(r->result, r->row, i);
    return 0;
}

#endif
