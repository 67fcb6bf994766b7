/**
 * The processes of a PostgreSQL cluster, whoever started them: found by what they are, not by a
 * number in a file, which may by now be that of another process.
 */
#ifndef JIAYI_SERVER_CLUSTER_PG_FAMILY_H
#define JIAYI_SERVER_CLUSTER_PG_FAMILY_H

#include <stdbool.h>

#include "common/status.h"

/**
 * pg_family_is_there() - does a postgres run whose working folder is @folder, as that of all its
 * processes is?
 */
bool pg_family_is_there(const char *folder);

/**
 * pg_family_end() - end all processes of the cluster in @folder.
 *
 * Frozen ones are thawed. A fast shutdown first; where that takes too long an immediate one, then
 * force. Waits until none is left (up to about 40 seconds); ends at once where there is none.
 */
int pg_family_end(const char *folder, struct status *e) MUST_CHECK;

#endif
