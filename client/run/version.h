/**
 * Changes name the version of their object that the user saw last, so that nobody decides on, or
 * overwrites, what they did not see: the request's field `version` is filled in with what this
 * profile was shown, and what an answer shows is remembered. --force leaves the field out.
 */
#ifndef JIAYI_CLIENT_RUN_VERSION_H
#define JIAYI_CLIENT_RUN_VERSION_H

#include "client/run/session.h"

/**
 * version_fill() - put the version that was last shown of what the request changes into it, where
 * it has a place for it and the user gave none.
 *
 * With --request-id it is the one that went out with that id, so that the request is the same.
 * Returns 0, or -1 with @e set: STATUS_USAGE for --version beside --force, or without memory.
 */
int version_fill(struct client *c, ProtobufCMessage *request, struct status *e) MUST_CHECK;

/** version_keep() - remember what went out with the id of the call, which may be sent again. */
void version_keep(struct client *c, const ProtobufCMessage *request, const uint8_t *request_id);

/**
 * version_note() - remember the versions that a method's answer shows: of one object, or of each
 * row of a list. Rows that leave out what is decided on (option brief_rows) do not count; nor does
 * what neither is what the command's @request (or NULL) names nor of its noun.
 */
void version_note(struct client *c, const struct schema_method *method,
                  const ProtobufCMessage *request, const ProtobufCMessage *answer);

/** version_advise() - where a version that was filled in is old by now, say how to go on. */
void version_advise(struct client *c, const ProtobufCMessage *request, struct status *e);

#endif
