#include "client/run/json_rows.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

/** As many digits of a number as it has for certain. */
enum { DIGITS = 15 };

bool
json_rows_are(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '[';
}

struct json_rows
json_rows_begin(const char *text, size_t size)
{
    return (struct json_rows){.at = text, .end = text + size, .line = 1};
}

/** Goes on to @to, and counts the lines. */
static void
go(struct json_rows *j, const char *to)
{
    for (; j->at < to; j->at++)
        j->line += *j->at == '\n';
}

static void
skip_blanks(struct json_rows *j)
{
    go(j, j->at + strspn(j->at, " \t\r\n"));
}

/** Goes on to the object that is next; false where there is none. */
static bool
find_object(struct json_rows *j)
{
    skip_blanks(j);
    if (*j->at != (j->is_begun ? ',' : '['))
        return false;
    go(j, j->at + 1);
    skip_blanks(j);
    j->is_begun = true;
    return *j->at == '{';
}

/** True where nothing is left but the array's end. */
static bool
is_end(struct json_rows *j)
{
    if (*j->at != ']')
        return false;
    go(j, j->at + 1);
    skip_blanks(j);
    return j->at == j->end;
}

static int
take_member(struct json_rows *j, const char *name, json_t *value,
            int (*take)(void *arg, const char *name, const char *text), void *arg)
{
    char number[64];
    if (json_is_null(value))
        return 0;
    if (json_is_string(value))
        return take(arg, name, json_string_value(value));
    if (json_is_boolean(value))
        return take(arg, name, json_is_true(value) ? "true" : "false");
    if (json_is_number(value)) {
        size_t n = json_dumpb(value, number, sizeof number - 1,
                              JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS));
        number[n < sizeof number ? n : 0] = 0;
        return take(arg, name, number);
    }
    char *whole = j->takes_nested ? json_dumps(value, JSON_COMPACT) : NULL;
    if (whole) {
        int rc = take(arg, name, whole);
        free(whole);
        return rc;
    }
    if (!*j->wrong)
        snprintf(j->wrong, sizeof j->wrong, "%s", name);
    return 0;
}

enum json_rows_found
json_rows_next(struct json_rows *j, int (*take)(void *arg, const char *name, const char *value),
               void *arg)
{
    json_error_t where;
    const char *name;
    json_t *value;
    int rc = 0;
    *j->wrong = 0;
    if (!find_object(j))
        return is_end(j) ? JSON_ROWS_END : JSON_ROWS_BROKEN;
    j->row_line = j->line;
    json_begin();
    json_t *object = json_loadb(j->at, (size_t)(j->end - j->at),
                                JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &where);
    if (!object)
        return json_is_short() ? JSON_ROWS_SHORT : JSON_ROWS_BROKEN;
    json_object_foreach(object, name, value) if (rc == 0) rc =
        take_member(j, name, value, take, arg);
    json_decref(object);
    go(j, j->at + where.position);
    return rc == 0 ? JSON_ROWS_ROW : JSON_ROWS_SHORT;
}
