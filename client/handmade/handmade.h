/**
 * The commands that are more than one call, or none. One file each in client/handmade/.
 */
#ifndef JIAYI_CLIENT_HANDMADE_HANDMADE_H
#define JIAYI_CLIENT_HANDMADE_HANDMADE_H

#include "client/words/command.h"

/** The table of them, for command_list(). */
extern const struct handmade handmade_commands[];

int login_run(struct client *c, struct status *e);
int export_run(struct client *c, struct status *e);
int import_run(struct client *c, struct status *e);
int join_run(struct client *c, struct status *e);
int companies_link(struct client *c, struct status *e);
int companies_switch(struct client *c, struct status *e);
int key_add(struct client *c, struct status *e);
int logout_run(struct client *c, struct status *e);
int api_list(struct client *c, struct status *e);
int api_show(struct client *c, struct status *e);
int api_call(struct client *c, struct status *e);
int completion_run(struct client *c, struct status *e);
int cases_bundle(struct client *c, struct status *e);
int contracts_sign(struct client *c, struct status *e);
int contracts_text(struct client *c, struct status *e);
int fetch_run(struct client *c, struct status *e);
int files_put(struct client *c, struct status *e);
int profiles_list(struct client *c, struct status *e);
int profiles_use(struct client *c, struct status *e);
int man_run(struct client *c, struct status *e);
int reports_submit(struct client *c, struct status *e);
int totp_verify(struct client *c, struct status *e);
int watch_run(struct client *c, struct status *e);
int version_run(struct client *c, struct status *e);

#endif
