/**
 * A file that is written and has its name only once it is whole, and its SHA-256. Until then it is
 * beside its place, with .part behind the name.
 */
#ifndef JIAYI_CLIENT_HANDMADE_WRITTEN_H
#define JIAYI_CLIENT_HANDMADE_WRITTEN_H

#include <stdbool.h>
#include <stdio.h>

#include "common/arena.h"
#include "common/sha256.h"
#include "common/status.h"

struct written {
    FILE *file;
    const char *path, *part;
    struct sha256 *sha256;
    /** Of what is there, after written_end(). */
    char digest[SHA256_TEXT];
};

/** written_begin() - begin the file @path, which has to live as long; in *@ret what to end. */
int written_begin(struct arena *a, const char *path, struct written *ret,
                  struct status *e) MUST_CHECK;

/** written_add() - write @text; what fails is told at the end. */
void written_add(struct written *o, const char *text);

/** written_end() - end the file, if it began; where it is @whole, it gets its name. */
int written_end(struct written *o, bool whole, struct status *e) MUST_CHECK;

/** written_find() - the SHA-256 of a file that is whole already: 1; 0 where there is none; -1. */
int written_find(const char *path, char digest[SHA256_TEXT], struct status *e) MUST_CHECK;

#endif
