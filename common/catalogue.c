#include "common/catalogue.h"

#include <stdio.h>
#include <string.h>

/** The head of a .mo file. */
struct head {
    uint32_t magic, revision, n_texts;
    /** Where the tables of struct text are: of the originals, sorted, and of their translations. */
    uint32_t originals, translations;
};

enum { MAGIC = 0x950412de };

struct text {
    uint32_t length, offset;
};

static const char *
text_at(const struct embed *catalogue, uint32_t table, uint32_t i)
{
    struct text t;
    memcpy(&t, catalogue->data + table + i * sizeof t, sizeof t);
    return (const char *)catalogue->data + t.offset;
}

const char *
catalogue_find(const struct embed *catalogue, const char *context, const char *text)
{
    char key[500];
    struct head h;
    int n =
        snprintf(key, sizeof key, "%s%s%s", context ? context : "", context ? "\004" : "", text);
    if (!catalogue || catalogue->size < sizeof h || !*text || n < 0 || (size_t)n >= sizeof key)
        return NULL;
    memcpy(&h, catalogue->data, sizeof h);
    if (h.magic != MAGIC)
        return NULL;
    for (uint32_t low = 0, high = h.n_texts; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(key, text_at(catalogue, h.originals, middle));
        if (order == 0)
            return text_at(catalogue, h.translations, middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
