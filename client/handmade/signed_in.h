/**
 * What becomes of a sign-in, however it came about: the profile has it, and the user is told.
 */
#ifndef JIAYI_CLIENT_HANDMADE_SIGNED_IN_H
#define JIAYI_CLIENT_HANDMADE_SIGNED_IN_H

#include "client/run/session.h"

/**
 * signed_in_ask() - have a request to sign in ask for a session that is kept on this device, where
 * the user does not say otherwise. 0, or -1 with @e set.
 */
int signed_in_ask(struct client *c, ProtobufCMessage *request, struct status *e) MUST_CHECK;

/**
 * signed_in_call() - call the command's method. Where the server says that it needs one more
 * secret, which most have no use for, and somebody is there to ask: ask, and call again.
 *
 * Returns the answer, or NULL with @e set as session_call() does.
 */
ProtobufCMessage *signed_in_call(struct client *c, ProtobufCMessage *request,
                                 struct status *e) MUST_CHECK;

/**
 * signed_in_tell() - say who is signed in as @p; the token is nobody's to read.
 *
 * @answer: has the name and the role: a SignInResponse or a WhoAmIResponse
 */
void signed_in_tell(struct client *c, const struct profile *p, const ProtobufCMessage *answer);

/**
 * signed_in_end() - end the session of @old, where it is one on @server: whose token nobody has any
 * more would stay open for a month. One that has ended already is as good, and so is a failure.
 */
void signed_in_end(const struct client *c, const struct profile *old, const char *server);

/**
 * signed_in_keep() - keep the session of a SignInResponse in the profile, and say who is signed in.
 *
 * @old:    the profile as it was; a session that it had on the same server ends, for nobody has its
 *          token any more
 * @new:    the profile to be; gets token, user and company from @answer
 *
 * Returns 0, or -1 with @e set; then the profile is the old one.
 */
int signed_in_keep(struct client *c, const struct profile *old, struct profile *new,
                   const ProtobufCMessage *answer, struct status *e) MUST_CHECK;

/**
 * signed_in_with() - the same with a token that is known otherwise; @answer is a SignInResponse or
 * a WhoAmIResponse.
 */
int signed_in_with(struct client *c, const struct profile *old, struct profile *new,
                   const char *token, const ProtobufCMessage *answer, struct status *e) MUST_CHECK;

#endif
