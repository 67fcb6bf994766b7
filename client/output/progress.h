/**
 * How far something is that takes a while: a bar on the terminal, on standard error. Where that is
 * no terminal there is none.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PROGRESS_H
#define JIAYI_CLIENT_OUTPUT_PROGRESS_H

#include <stdint.h>

#include "common/arena.h"

/** A bar. */
struct progress {
    struct arena *arena;
    /** What it is the bar of: shown before it. */
    const char *label;
    /** Bytes: those that are done, and all. */
    int64_t done, total;
};

/** progress_show() - draw the bar, in place of the one before. */
void progress_show(const struct progress *p);

/** progress_wait() - say in the bar's place what it waits for, until it is drawn again. */
void progress_wait(const struct progress *p, const char *why);

/** progress_end() - take the bar away. */
void progress_end(const struct progress *p);

#endif
