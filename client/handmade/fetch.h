/**
 * Files that come with something else: an export's, a case's.
 */
#ifndef JIAYI_CLIENT_HANDMADE_FETCH_H
#define JIAYI_CLIENT_HANDMADE_FETCH_H

#include "client/run/session.h"

/**
 * fetch_file() - fetch the file @id into @folder, which is made; one that is whole there stays.
 *
 * *@ret_name is what it is called there, *@ret_file what the server says of it.
 *
 * Returns 0, or -1 with @e set: STATUS_NOT_FOUND where nobody here sees it.
 */
int fetch_file(struct client *c, int64_t id, const char *folder, const char **ret_name,
               const ProtobufCMessage **ret_file, struct status *e) MUST_CHECK;

#endif
