/**
 * A field as a person reads it: its title, and its value on one line.
 */
#ifndef JIAYI_CLIENT_OUTPUT_CELL_H
#define JIAYI_CLIENT_OUTPUT_CELL_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "common/message.h"

/** Where and how to print. */
struct print {
    FILE *file;
    /** A terminal: times relative to now, tables cut to its width. Else nothing is left out. */
    bool terminal;
    bool colour;
    /** The terminal's width. */
    size_t columns;
    time_t now;
};

/**
 * cell_title() - a field's name for people, in their language: its column option, or its name in
 * words.
 */
const char *cell_title(struct arena *a, const struct schema_field *f);

/**
 * cell_text() - a field of @message for people, on one line and harmless; "" when it is not set.
 * NULL when the arena is full.
 */
const char *cell_text(struct arena *a, const struct print *p, const ProtobufCMessage *message,
                      const struct schema_field *f);

#endif
