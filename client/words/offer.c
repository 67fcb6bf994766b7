#include "client/words/offer.h"

#include <string.h>

bool
offer_find(const struct schema *s, const char *of, struct offer *ret)
{
    for (size_t i = 0; of && i < s->n_methods; i++)
        for (size_t k = 0; k < s->methods[i].option->n_offers; k++) {
            *ret = (struct offer){&s->methods[i], s->methods[i].option->offers[k]};
            if (strcmp(ret->option->of, of) == 0) {
                schema_open(s, ret->method);
                return true;
            }
        }
    return false;
}
