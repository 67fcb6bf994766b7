/**
 * Files that go with a change of another kind: opened before it is made, and put on what it made.
 */
#ifndef JIAYI_CLIENT_HANDMADE_FILES_H
#define JIAYI_CLIENT_HANDMADE_FILES_H

#include "client/run/session.h"

struct attachment;

/** Files that are open here. */
struct attachments {
    struct attachment *all;
    size_t n;
};

/**
 * files_open() - open files, and refuse those that cannot be read or that no server would take.
 *
 * Nothing is sent. Returns 0, or -1 with @e set: STATUS_FAILED_HERE.
 */
int files_open(struct client *c, const struct values *paths, struct attachments *ret,
               struct status *e) MUST_CHECK;

/**
 * files_attach() - put them on @on, such as report/3, which is there.
 *
 * Returns 0, or -1 with @e set, which says that @on is there all the same; the client's go_on has
 * the commands that put the rest on it.
 */
int files_attach(struct client *c, const struct attachments *a, const char *on,
                 struct status *e) MUST_CHECK;

#endif
