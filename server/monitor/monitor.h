/**
 * The monitor: a small HTTP server, apart from the one for calls, that says how the server is.
 *
 *   /metrics  everything, in Prometheus's text format /healthz  200 as long as the process answers
 *   /readyz   200 when calls can be done now; 503 with the parts that stand in the way
 *
 * Nobody signs in there and nothing is encrypted, so it listens on the loopback unless that is
 * given up by name. It tells figures and names of methods, nothing of companies or people.
 *
 * Peers are not trusted to behave: each request has a connection of its own that lives ten seconds
 * at most; of many the oldest goes, so that those who hold connections open keep nobody out.
 */
#ifndef JIAYI_SERVER_MONITOR_MONITOR_H
#define JIAYI_SERVER_MONITOR_MONITOR_H

#include <stdbool.h>

#include "common/status.h"

struct monitor;
struct state_sources;

/**
 * monitor_start() - listen, with one thread.
 *
 * @listen: a literal address and a port: "127.0.0.1:9464", "[::1]:0"
 *
 * @sources: outlives the monitor
 *
 * Returns NULL with @e set: the address is taken or no address.
 */
struct monitor *monitor_start(const char *listen, const struct state_sources *sources,
                              struct status *e) MUST_CHECK;

/** monitor_port() - the port, also when the system chose it. */
int monitor_port(const struct monitor *m);

/** monitor_stop() - stop listening and end the thread, soon. NULL is allowed. */
void monitor_stop(struct monitor *m);

#endif
