/**
 * What the targets share. A target is one program: libFuzzer calls LLVMFuzzerTestOneInput() with
 * bytes, and an abort, a sanitizer's complaint, a leak or a time-out is a find.
 *
 * Where a target needs a static function, it includes the .c; its object then stands in for the
 * library's.
 */
#ifndef JIAYI_TESTS_FUZZ_H
#define JIAYI_TESTS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/schema.h"
#include "common/status.h"
#include "common/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/** What the server gives a call unless told otherwise. */
enum { ARENA_BYTES = 8 << 20 };

/** Ends the program with @what when @holds is false: a find. */
static inline void
require(bool holds, const char *what)
{
    if (holds)
        return;
    dprintf(2, "violated: %s\n", what);
    abort();
}

/** What goes to a caller or a terminal must be one line of valid text. */
static inline void
require_told(const struct status *e)
{
    require(e->code != STATUS_OK, "a failure has a code");
    require(*e->message, "a failure says why");
    require(text_valid(e->message, strlen(e->message)), "a message is UTF-8");
    require(text_valid(e->field, strlen(e->field)), "a field's path is UTF-8");
    require(!strpbrk(e->message, "\r\n\033\177"), "a message is one line without controls");
}

/** Looks at every byte, so that AddressSanitizer does too. */
static inline void
touch(const void *data, size_t size)
{
    static volatile uint8_t sink;
    for (size_t i = 0; i < size; i++)
        sink = (uint8_t)(sink + ((const uint8_t *)data)[i]);
}

/** The input, taken from the front; what is missing reads as 0. */
struct input {
    const uint8_t *at, *end;
};

static inline uint8_t
take_byte(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static inline unsigned
take_two(struct input *in)
{
    unsigned high = take_byte(in);
    return high << 8 | take_byte(in);
}

/**
 * The two bytes by which an input names a method or a message type, for inputs that outlive changes
 * of the schema: a new name takes only what is nearest to it.
 */
static inline unsigned
fuzz_key(const char *name, uint8_t to[static 2])
{
    uint32_t hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    to[0] = (uint8_t)(hash >> 24);
    to[1] = (uint8_t)(hash >> 16);
    return (unsigned)to[0] << 8 | to[1];
}

/** How far the name's key is behind @key; the nearest one is meant. */
static inline unsigned
fuzz_distance(const char *name, unsigned key)
{
    uint8_t unused[2];
    return (fuzz_key(name, unused) - key) & 0xffff;
}

static inline const struct schema_method *
take_method(struct input *in, const struct schema *s)
{
    unsigned key = take_two(in);
    const struct schema_method *nearest = &s->methods[0];
    for (size_t i = 1; i < s->n_methods; i++)
        if (fuzz_distance(s->methods[i].name, key) < fuzz_distance(nearest->name, key))
            nearest = &s->methods[i];
    return nearest;
}

static inline const struct schema_message *
take_message_type(struct input *in, const struct schema *s)
{
    unsigned key = take_two(in);
    const struct schema_message *nearest = s->messages[0];
    for (size_t i = 1; i < s->n_messages; i++)
        if (fuzz_distance(s->messages[i]->pb.name, key) < fuzz_distance(nearest->pb.name, key))
            nearest = s->messages[i];
    return nearest;
}

/**
 * Standard output and error go nowhere: what is printed is of no interest. libFuzzer keeps its own.
 */
static inline void
drop_output(void)
{
    FILE *nowhere = fopen("/dev/null", "w");
    require(nowhere, "/dev/null can be opened");
    stdout = nowhere;
    stderr = nowhere;
}

#endif
