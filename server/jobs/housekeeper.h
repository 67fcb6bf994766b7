/**
 * The housekeeper: a thread that deletes what nobody needs any more (jiayi.housekeeping() in the
 * database): records of old calls, dead sessions, old failures to sign in. At the start, then every
 * hour.
 */
#ifndef JIAYI_SERVER_JOBS_HOUSEKEEPER_H
#define JIAYI_SERVER_JOBS_HOUSEKEEPER_H

#include "common/status.h"

struct housekeeper;

/**
 * housekeeper_start() - start it. @conninfo: of the app role; must outlive it. NULL with @e set.
 */
struct housekeeper *housekeeper_start(const char *conninfo, struct status *e) MUST_CHECK;

/** housekeeper_stop() - end it, after what it is doing. NULL is allowed. */
void housekeeper_stop(struct housekeeper *h);

#endif
