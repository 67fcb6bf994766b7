/**
 * The names of people for their addresses, and other labels for values, as far as they are known:
 * terminals show them.
 */
#ifndef JIAYI_CLIENT_OUTPUT_LABELS_H
#define JIAYI_CLIENT_OUTPUT_LABELS_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/message.h"

/** A value and its label; of which company it is, NULL for the reader's. */
struct label {
    const char *value, *text, *company;
};

/** All that are known. */
struct labels {
    struct label *all;
    size_t n, room;
    /** The reader's company, whose values they are; NULL where it is not known. */
    const char *company;
};

/**
 * labels_add() - one more, of the values of @company or, where that is NULL, of the reader's; all
 * texts must last. Returns 0, or -1 when the arena is full.
 */
int labels_add(struct arena *a, struct labels *l, const char *value, const char *text,
               const char *company) MUST_CHECK;

/**
 * labels_apply() - false where what the field @f has in @message is another company's: the field
 * NAME_company says so, or where the type has none the field company.
 */
bool labels_apply(const struct labels *l, const ProtobufCMessage *message,
                  const struct schema_field *f);

/**
 * labels_find() - the label of @value, which the field @f has in @message; NULL where its company
 * has none that is known, or others of that have the same.
 */
const char *labels_find(const struct labels *l, const ProtobufCMessage *message,
                        const struct schema_field *f, const char *value);

#endif
