/**
 * Lists of many pages: --all.
 */
#ifndef JIAYI_CLIENT_RUN_PAGES_H
#define JIAYI_CLIENT_RUN_PAGES_H

#include "client/output/print.h"
#include "client/run/session.h"

/** pages_options() - how the command line wants its answers printed. */
struct print_options pages_options(const struct client *c);

/** pages_wanted() - true when all pages of a list are asked for: --all. */
bool pages_wanted(const struct client *c);

/**
 * pages_run() - call @method for page after page, and print them: JSON and CSV as they come, in the
 * memory of one page; a table once all are there.
 *
 * While it goes on, standard error, where it is a terminal, says how many rows there are. Returns
 * 0, or -1 with @e set. Where a page cannot be had, JSON that was begun is ended with the
 * next_page_token of the page before, so that it is the answer as far as it came; @e says how to go
 * on.
 */
int pages_run(struct client *c, const struct schema_method *method, ProtobufCMessage *request,
              struct status *e) MUST_CHECK;

#endif
