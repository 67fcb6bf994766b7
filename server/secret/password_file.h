/**
 * A password from a file or standard input, for commands: never from the command line.
 */
#ifndef JIAYI_SERVER_SECRET_PASSWORD_FILE_H
#define JIAYI_SERVER_SECRET_PASSWORD_FILE_H

#include "common/status.h"

/** Bounds of a password, in characters; the schema has the same (proto/jiayi/v1/auth.proto). */
#define PASSWORD_FILE_MIN 8
#define PASSWORD_FILE_MAX 256
/** Room for a password's bytes, a line end and a NUL. */
#define PASSWORD_FILE_BYTES (4 * PASSWORD_FILE_MAX + 8)

/**
 * password_file_read() - read the first line of @file; "-" is standard input.
 *
 * The caller wipes @password, also after a failure. Returns 0, or -1 with @e set.
 */
int password_file_read(const char *file, char password[PASSWORD_FILE_BYTES],
                       struct status *e) MUST_CHECK;

#endif
