#include "client/output/labels.h"

#include <stdio.h>
#include <string.h>

int
labels_add(struct arena *a, struct labels *l, const char *value, const char *text,
           const char *company)
{
    if (l->n == l->room) {
        size_t room = l->room ? 2 * l->room : 64;
        struct label *more = arena_alloc(a, room * sizeof *more);
        if (!more)
            return -1;
        if (l->n)
            memcpy(more, l->all, l->n * sizeof *more);
        l->all = more;
        l->room = room;
    }
    l->all[l->n++] = (struct label){value, text, company};
    return 0;
}

/** True where both are of one company, or of none that is known. */
static bool
is_same_company(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/** Whose the value of the field @f is. */
static const char *
company_of(const struct labels *l, const ProtobufCMessage *message, const struct schema_field *f)
{
    char name[100];
    const struct schema_field *g;
    snprintf(name, sizeof name, "%s_company", f->pb->name);
    if ((g = schema_find_field(schema_of(message), name)))
        return message_has(message, g) ? message_string(message, g) : l->company;
    const char *company = (g = schema_find_field(schema_of(message), "company")) &&
                                  g->pb->type == PROTOBUF_C_TYPE_STRING
                              ? message_string(message, g)
                              : NULL;
    return company ? company : l->company;
}

bool
labels_apply(const struct labels *l, const ProtobufCMessage *message, const struct schema_field *f)
{
    return is_same_company(company_of(l, message, f), l->company);
}

/** True for a label of that company's values. */
static bool
is_of(const struct labels *l, const struct label *one, const char *company)
{
    return is_same_company(one->company ? one->company : l->company, company);
}

const char *
labels_find(const struct labels *l, const ProtobufCMessage *message, const struct schema_field *f,
            const char *value)
{
    const char *company = company_of(l, message, f);
    size_t at = 0;
    while (at < l->n && !(is_of(l, &l->all[at], company) && strcmp(l->all[at].value, value) == 0))
        at++;
    if (at == l->n)
        return NULL;
    for (size_t i = 0; i < l->n; i++)
        if (is_of(l, &l->all[i], company) && strcmp(l->all[i].text, l->all[at].text) == 0 &&
            strcmp(l->all[i].value, value) != 0)
            return NULL;
    return l->all[at].text;
}
