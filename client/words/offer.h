/**
 * What fields name: a field `refers` to what some method `offers`, each with a value for programs
 * and a label for people.
 */
#ifndef JIAYI_CLIENT_WORDS_OFFER_H
#define JIAYI_CLIENT_WORDS_OFFER_H

#include <stdbool.h>

#include "common/schema.h"

/** Where the things of a kind are to be had. */
struct offer {
    /** The list to call; its option says what else there is. */
    const struct schema_method *method;
    const Jiayi__V1__Offer *option;
};

/** offer_find() - who offers what is called @of. Returns false when nobody does, and for NULL. */
bool offer_find(const struct schema *s, const char *of, struct offer *ret);

#endif
