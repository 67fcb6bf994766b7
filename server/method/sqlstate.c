#include "server/method/sqlstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/template.h"

struct sqlstate_row {
    const char *key;
    enum status_code code;
    const char *text;
};

static const struct sqlstate_row by_constraint[] = {
#define CONSTRAINT(name, code, text) {name, STATUS_##code, text},
#include "server/method/sqlstate.def"
#undef CONSTRAINT
    {NULL, STATUS_OK, NULL},
};

static const struct sqlstate_row by_prefix[] = {
#define SQLSTATE(prefix, code, text) {prefix, STATUS_##code, text},
#include "server/method/sqlstate.def"
#undef SQLSTATE
};

/** An argument of a message as refuse() wrote it: a text, null, or a word, which is an object. */
static struct template_arg
take_arg(const json_t *value)
{
    const json_t *code = json_object_get(value, "code");
    return (struct template_arg){
        .text = json_string_value(code ? code : value),
        .list = json_string_value(json_object_get(value, "list")),
    };
}

/** An error that refuse() made: the message is its template, the detail a JSON object. */
static int
from_own_class(struct status *e, const char *sqlstate, const char *template, const char *details)
{
    enum status_code code = (enum status_code)atoi(sqlstate + 2);
    json_t *more = details && *details ? json_loads(details, 0, NULL) : NULL;
    struct template_arg args[TEMPLATE_ARGS];
    size_t n = 0;
    const json_t *list = json_object_get(more, "args");
    while (n < json_array_size(list) && n < TEMPLATE_ARGS) {
        args[n] = take_arg(json_array_get(list, n));
        n++;
    }
    status_set_args(e, code, template, args, n);
    const char *field = json_string_value(json_object_get(more, "field"));
    snprintf(e->field, sizeof e->field, "%s", field ? field : "");
    e->current_version = (int32_t)json_integer_value(json_object_get(more, "current_version"));
    e->retry_after_ms = (uint32_t)json_integer_value(json_object_get(more, "retry_after_ms"));
    json_decref(more);
    return -1;
}

int
sqlstate_to_status(struct status *e, const char *sqlstate, const char *message, const char *details,
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
    status_set_args(e, row->code, row->text, NULL, 0);
    if (row->code == STATUS_UNAVAILABLE || row->code == STATUS_RESOURCE_EXHAUSTED)
        e->retry_after_ms = 500;
    return status_detail(e, "%s %s%s%s", sqlstate, constraint ? constraint : "",
                         constraint ? ": " : "", message ? message : "");
}

int
sqlstate_caught(struct status *e, const char *caught)
{
    json_t *o = json_loads(caught, 0, NULL);
    const char *sqlstate = json_string_value(json_object_get(o, "sqlstate"));
    sqlstate_to_status(e, sqlstate ? sqlstate : "XX000",
                       json_string_value(json_object_get(o, "message")),
                       json_string_value(json_object_get(o, "detail")),
                       json_string_value(json_object_get(o, "constraint")));
    json_decref(o);
    return -1;
}

int
sqlstate_deadline(struct status *e)
{
    return sqlstate_to_status(e, "57014", NULL, NULL, NULL); /* query_canceled */
}

bool
sqlstate_is_replay(const char *sqlstate, const char *constraint)
{
    if (!sqlstate)
        return false;
    /* Two copies of one call at the same moment: the slower one finds the faster one's record. */
    return strcmp(sqlstate, "JY000") == 0 || (strcmp(sqlstate, "23505") == 0 && constraint &&
                                              strcmp(constraint, "call_record_once") == 0);
}
