#include "server/method/sqlstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    status_set(e, row->code, "%s", row->text);
    if (row->code == STATUS_UNAVAILABLE || row->code == STATUS_RESOURCE_EXHAUSTED)
        e->retry_after_ms = 500;
    return status_detail(e, "%s %s%s%s", sqlstate, constraint ? constraint : "",
                         constraint ? ": " : "", message ? message : "");
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
