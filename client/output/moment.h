/**
 * Times for people: as seen from now, or exactly, with the zone.
 *
 * The zone is the machine's (TZ), or UTC where @utc says so. Each returns a text in the arena; NULL
 * when it is full.
 */
#ifndef JIAYI_CLIENT_OUTPUT_MOMENT_H
#define JIAYI_CLIENT_OUTPUT_MOMENT_H

#include <stdbool.h>
#include <time.h>

#include "common/arena.h"

/** moment_ago() - @at as seen at @now: "3 h ago", "in 2 d"; the date when it is far. */
const char *moment_ago(struct arena *a, time_t at, time_t now);

/** moment_exact() - to the second, to be read: "2026-11-21 20:16:03 +08". */
const char *moment_exact(struct arena *a, time_t at, bool utc);

/** moment_iso() - ISO 8601, to the second: "2026-11-21T20:16:03+08:00", "2026-11-21T12:16:03Z". */
const char *moment_iso(struct arena *a, time_t at, bool utc);

#endif
