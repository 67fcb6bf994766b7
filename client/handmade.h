/**
 * The commands that are more than one call, or none. One file each in client/handmade/.
 */
#ifndef JIAYI_CLIENT_HANDMADE_H
#define JIAYI_CLIENT_HANDMADE_H

#include "client/command.h"

/** A row of the table: a command made by hand. */
struct handmade {
    const char *name;
    /** NULL takes the method's comment. */
    const char *comment;
    /** The method whose request fields are arguments too; NULL for none. */
    const char *method;
    /** The client's own arguments, positionals first; ended by a name of NULL. May be NULL. */
    const struct argument *arguments;
    int (*run)(struct client *c, struct status *e);
};

/** All of them; ended by a name of NULL. */
extern const struct handmade handmade_commands[];

int login_run(struct client *c, struct status *e);
int logout_run(struct client *c, struct status *e);
int api_list(struct client *c, struct status *e);
int api_show(struct client *c, struct status *e);
int api_call(struct client *c, struct status *e);
int completion_run(struct client *c, struct status *e);
int man_run(struct client *c, struct status *e);
int version_run(struct client *c, struct status *e);

#endif
