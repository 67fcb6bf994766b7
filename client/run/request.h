/**
 * The request of a command: its values, with the files, passwords and texts that they name.
 */
#ifndef JIAYI_CLIENT_RUN_REQUEST_H
#define JIAYI_CLIENT_RUN_REQUEST_H

#include "client/run/session.h"

/**
 * request_make() - the request message of the parsed command, with what its words say.
 *
 * Nothing is read or asked yet. Returns it in the client's arena; NULL with @e set: STATUS_USAGE
 * for values that the types do not have.
 */
ProtobufCMessage *request_make(struct client *c, struct status *e) MUST_CHECK;

/**
 * request_check() - refuse a request whose fields do not go together, as the server would, but in
 * the words of the command line.
 *
 * Returns 0, or -1 with @e set: STATUS_INVALID_ARGUMENT.
 */
int request_check(struct client *c, const ProtobufCMessage *request, struct status *e) MUST_CHECK;

/**
 * request_read_secret() - a password or token out of a file: its one line. From standard input,
 * "-", one line is taken, so that two passwords fit.
 *
 * Returns 0 with *@text, in the arena, and *@size; or -1 with @e set: STATUS_FAILED_HERE.
 */
int request_read_secret(struct client *c, const char *path, char **text, size_t *size,
                        struct status *e) MUST_CHECK;

/** request_question() - what a password is asked for by: the field's name in words, translated. */
const char *request_question(struct client *c, const struct schema_field *f);

/**
 * request_complete() - add what stands in files, is asked for, or written in the editor.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE for files and the terminal, STATUS_USAGE where
 * there is no terminal to ask on; as session_call() when the text to edit cannot be had.
 */
int request_complete(struct client *c, ProtobufCMessage *request, struct status *e) MUST_CHECK;

#endif
