/**
 * The probe: a thread with a database connection of its own that asks every second whether the
 * database answers and which schema it has. So whoever wants to know is told at once, however long
 * the database takes.
 */
#ifndef JIAYI_SERVER_MONITOR_PROBE_H
#define JIAYI_SERVER_MONITOR_PROBE_H

#include <stdbool.h>

#include "common/status.h"

struct probe;

/** What the probe last found. */
struct probe_state {
    bool is_up;
    /** How long the answer took. */
    double answer_s;
    /** As of the last answer; 0 before the first. */
    int schema_version;
    /** Why it is not up: for people and the log, one line. */
    char why[200];
};

/**
 * probe_start() - ask once, then every second from a thread.
 *
 * @conninfo: of the app role; must outlive the probe
 */
struct probe *probe_start(const char *conninfo, struct status *e) MUST_CHECK;

/**
 * probe_look() - what was found last. A database that did not answer for two seconds is not up. Any
 * thread.
 */
void probe_look(struct probe *p, struct probe_state *ret);

/** probe_stop() - end the thread, within two seconds. NULL is allowed. */
void probe_stop(struct probe *p);

#endif
