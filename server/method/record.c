#include "server/method/record.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "server/method/pg_type.h"
#include "server/method/sql_text.h"

/* The statement. */

const char *
record_statement(struct arena *a, const char *sql)
{
    const char *main = sql_text_main(sql);
    if (!main)
        return NULL;
    struct sql_text t = {.arena = a};
    sql_text_add(&t, sql, (size_t)(main - sql));
    sql_text_add_string(&t, RECORD_OF_ANSWER "(");
    sql_text_add_string(&t, main);
    sql_text_add_string(&t, ") AS answer");
    return t.is_short ? NULL : t.at;
}

const char *
record_columns(struct arena *a, const char *sql)
{
    static const char head[] = RECORD_OF_ANSWER;
    const char *main = sql_text_main(sql);
    if (!main || strncmp(main, head, sizeof head - 1) != 0)
        return NULL;
    struct sql_text t = {.arena = a};
    sql_text_add(&t, sql, (size_t)(main - sql));
    sql_text_add_string(&t, "SELECT answer.* FROM ");
    sql_text_add_string(&t, main + sizeof head - 1);
    return t.is_short ? NULL : t.at;
}

/* Its rows. */

static uint32_t
take_number(struct record *r)
{
    uint32_t n;
    memcpy(&n, r->at, 4);
    r->at += 4;
    return be32toh(n);
}

int
record_open(struct record *r, const PGresult *result, int row, int n)
{
    *r = (struct record){.result = result, .row = row, .n = n};
    if (PQftype(result, 0) != PG_TYPE_RECORD)
        return PQnfields(result) == n ? 0 : -1;
    int length = PQgetlength(result, row, 0);
    if (length < 4)
        return -1;
    r->at = PQgetvalue(result, row, 0);
    r->end = r->at + length;
    return take_number(r) == (uint32_t)n ? 0 : -1;
}

int
record_next_value(struct record *r, Oid type, struct record_value *ret)
{
    if (r->end - r->at < 8 || take_number(r) != type)
        return -1;
    int32_t length = (int32_t)take_number(r);
    *ret = (struct record_value){.at = length < 0 ? NULL : r->at, .length = length};
    if (length >= 0) {
        int bytes = pg_type_bytes(type);
        if (length > r->end - r->at || (bytes && length != bytes))
            return -1;
        r->at += length;
    }
    return ++r->column < r->n || r->at == r->end ? 0 : -1;
}
