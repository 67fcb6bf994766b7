/**
 * A field as a person reads it: its title, and its value on one line.
 */
#ifndef JIAYI_CLIENT_OUTPUT_CELL_H
#define JIAYI_CLIENT_OUTPUT_CELL_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "client/output/labels.h"
#include "common/message.h"

/** Where and how to print. */
struct print {
    FILE *file;
    /**
     * A terminal: times as seen from now, words for codes, tables that fit its width. Else nothing
     * is left out, and codes are codes.
     */
    bool terminal;
    bool colour;
    /** The terminal's width. */
    size_t columns;
    /** The server's clock, or this machine's where the server did not tell. */
    time_t now;
    /** One thing is shown: exact times, whole texts. */
    bool full;
    /** The labels of values, which terminals show in their place; NULL for none. */
    const struct labels *labels;
    /** There is room for both: Arben Hoxha <arben@acme.example>. */
    bool both;
    /** Times in UTC instead of the machine's zone. */
    bool utc;
    /** CSV for programs: every value as the server gave it. */
    bool raw;
    /** CSV begins with a byte order mark, by which spreadsheets know UTF-8. */
    bool bom;
};

/**
 * cell_title() - a field's name for people, in their language: its column option, or its name in
 * words.
 */
const char *cell_title(struct arena *a, const struct schema_field *f);

/**
 * cell_text() - a field of @message for people, on one line and harmless; "" when it is not set.
 * On a terminal labels stand for values, and the field NAME_company in brackets behind NAME. NULL
 * when the arena is full.
 */
const char *cell_text(struct arena *a, const struct print *p, const ProtobufCMessage *message,
                      const struct schema_field *f);

/**
 * cell_is_number() - true for "120000.50", "-7", "+3" and, where @unit may follow, "120000.50 CNY".
 */
bool cell_is_number(const char *s, bool unit);

/**
 * cell_moment() - the time that a google.protobuf.Timestamp says.
 */
time_t cell_moment(const ProtobufCMessage *timestamp);

/** cell_put() - print what cell_text() gave; on a terminal it turns nothing beside it. */
void cell_put(const struct print *p, const char *text);

/** cell_bold(), cell_plain() - what follows is bold, or not any more, where there is colour. */
void cell_bold(const struct print *p);
void cell_plain(const struct print *p);

#endif
