/**
 * Labels for values: people are shown by their names, and named by them.
 *
 * Both ask the method that `offers` what the fields refer to, as whoever is signed in: nobody
 * learns a name that they could not list.
 */
#ifndef JIAYI_CLIENT_RUN_LABEL_H
#define JIAYI_CLIENT_RUN_LABEL_H

#include "client/run/session.h"

/**
 * label_resolve() - put the value for each label that was typed in its place in the request, and
 * say what was understood: the address for a name.
 *
 * What nobody has is left as it is, for the server to refuse. Returns 0, or -1 with @e set:
 * STATUS_USAGE for a label that several have.
 */
int label_resolve(struct client *c, ProtobufCMessage *request, struct status *e) MUST_CHECK;

/**
 * label_learn() - where @answer goes to a terminal, find out the labels of what is in it, for
 * pages_options(). Without them, whyever, values are shown.
 */
void label_learn(struct client *c, const ProtobufCMessage *answer);

#endif
