#include "client/output/labels.h"

#include <stdio.h>
#include <string.h>

int
labels_add(struct arena *a, struct labels *l, const char *value, const char *text)
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
    l->all[l->n++] = (struct label){value, text};
    return 0;
}

bool
labels_apply(const struct labels *l, const ProtobufCMessage *message, const struct schema_field *f)
{
    char name[100];
    const struct schema_field *g;
    snprintf(name, sizeof name, "%s_company", f->pb->name);
    if ((g = schema_find_field(schema_of(message), name)))
        return !message_has(message, g);
    const char *company = (g = schema_find_field(schema_of(message), "company")) &&
                                  g->pb->type == PROTOBUF_C_TYPE_STRING
                              ? message_string(message, g)
                              : NULL;
    return !company || (l->company && strcmp(company, l->company) == 0);
}

const char *
labels_find(const struct labels *l, const char *value)
{
    size_t at = 0;
    while (at < l->n && strcmp(l->all[at].value, value) != 0)
        at++;
    if (at == l->n)
        return NULL;
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->all[i].text, l->all[at].text) == 0 && strcmp(l->all[i].value, value) != 0)
            return NULL;
    return l->all[at].text;
}
