#include "common/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

struct sqlstate_row {
    const char *key;
    enum status_code code;
    const char *text;
};

static const struct sqlstate_row by_constraint[] = {
#define CONSTRAINT(name, code, text) {name, STATUS_##code, text},
#include "common/status.def"
#undef CONSTRAINT
    {NULL, STATUS_OK, NULL},
};

static const struct sqlstate_row by_prefix[] = {
#define SQLSTATE(prefix, code, text) {prefix, STATUS_##code, text},
#include "common/status.def"
#undef SQLSTATE
};

const char *
status_name(enum status_code code)
{
    switch (code) {
#define STATUS(name, number) \
    case STATUS_##name:      \
        return #name;
#include "common/status.def"
#undef STATUS
    }
    return "UNKNOWN";
}

/** Takes out the bytes that are no characters: a precision such as %.80s may have cut one. */
static void
drop_broken(char *text)
{
    if (text_valid(text, strlen(text)))
        return;
    char *to = text;
    for (const char *from = text; *from;) {
        size_t n = 1, left = strlen(from);
        while (n <= 4 && n <= left && !text_valid(from, n))
            n++;
        if (n <= 4 && n <= left) {
            memmove(to, from, n);
            to += n;
            from += n;
        } else
            from++;
    }
    *to = 0;
}

/** Prints one line that fits: cut at a character's boundary, control characters replaced. */
static void
print_line(char *to, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(to, size, format, args);
    if (n < 0)
        to[0] = 0;
    else if ((size_t)n >= size)
        to[text_fit(to, size - 1)] = 0;
    drop_broken(to);
    for (char *p = to; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
}

int
status_set(struct status *e, enum status_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *e = (struct status){.code = code};
    print_line(e->message, sizeof e->message, format, args);
    va_end(args);
    return -1;
}

int
status_detail(struct status *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(e->detail, sizeof e->detail, format, args);
    va_end(args);
    return -1;
}

int
status_field(struct status *e, const char *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *e = (struct status){.code = STATUS_INVALID_ARGUMENT};
    snprintf(e->field, sizeof e->field, "%s", field);
    int n = snprintf(e->message, sizeof e->message, "%s: ", e->field);
    print_line(e->message + n, sizeof e->message - (size_t)n, format, args);
    va_end(args);
    return -1;
}

/** Reads `name=value` out of an error's detail; NULL when it is not there. */
static const char *
detail_value(const char *details, const char *name)
{
    size_t n = strlen(name);
    if (details && strncmp(details, name, n) == 0 && details[n] == '=')
        return details + n + 1;
    return NULL;
}

static int
from_own_class(struct status *e, const char *sqlstate, const char *message, const char *details)
{
    status_set(e, (enum status_code)atoi(sqlstate + 2), "%s", message ? message : "refused");
    const char *value;
    if ((value = detail_value(details, "field")))
        snprintf(e->field, sizeof e->field, "%s", value);
    if ((value = detail_value(details, "current_version")))
        e->current_version = atoi(value);
    if ((value = detail_value(details, "retry_after_ms")))
        e->retry_after_ms = (uint32_t)strtoul(value, NULL, 10);
    return -1;
}

int
status_from_sql(struct status *e, const char *sqlstate, const char *message, const char *details,
                const char *constraint)
{
    if (!sqlstate)
        sqlstate = "08006";
    if (strncmp(sqlstate, "JY", 2) == 0)
        return from_own_class(e, sqlstate, message, details);
    const struct sqlstate_row *row = by_constraint;
    while (row->key && !(constraint && strcmp(row->key, constraint) == 0))
        row++;
    if (!row->key)
        for (row = by_prefix; strncmp(row->key, sqlstate, strlen(row->key)) != 0;)
            row++;
    status_set(e, row->code, "%s", row->text);
    if (row->code == STATUS_UNAVAILABLE || row->code == STATUS_RESOURCE_EXHAUSTED)
        e->retry_after_ms = 500;
    return status_detail(e, "%s %s%s%s", sqlstate, constraint ? constraint : "",
                         constraint ? ": " : "", message ? message : "");
}

int
status_deadline(struct status *e)
{
    return status_from_sql(e, "57014", NULL, NULL, NULL); /* query_canceled */
}

int
status_is_replay(const char *sqlstate, const char *constraint)
{
    if (!sqlstate)
        return 0;
    /* Two copies of one call at the same moment: the slower one finds the faster one's record. */
    return strcmp(sqlstate, "JY000") == 0 || (strcmp(sqlstate, "23505") == 0 && constraint &&
                                              strcmp(constraint, "call_record_once") == 0);
}
