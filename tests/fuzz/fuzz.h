/**
 * What the targets share. A target is one program: libFuzzer calls LLVMFuzzerTestOneInput() with bytes, and an
 * abort, a sanitizer's complaint, a leak or a time-out is a find.
 *
 * Where a target needs a static function, it includes the .c; its object then stands in for the library's.
 */
#ifndef JIAYI_TESTS_FUZZ_H
#define JIAYI_TESTS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
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

/** Standard output and error go nowhere: what is printed is of no interest. libFuzzer keeps its own. */
static inline void
drop_output(void)
{
    FILE *nowhere = fopen("/dev/null", "w");
    require(nowhere, "/dev/null can be opened");
    stdout = nowhere;
    stderr = nowhere;
}

#endif
