/**
 * `jiayid serve`: an initialised data folder, its database, and the server on it.
 */
#ifndef JIAYI_SERVER_COMMAND_SERVE_H
#define JIAYI_SERVER_COMMAND_SERVE_H

#include "common/status.h"
#include "server/command/runtime.h"

/**
 * serve_run() - serve until SIGTERM or SIGINT, then finish what runs.
 *
 * Prints "listening on tls+tcp://HOST:PORT" to standard output when it takes calls. SIGHUP has the
 * certificate read again. Returns 0, or -1 with @e set; nothing is left running.
 */
int serve_run(const struct runtime_options *o, struct status *e) MUST_CHECK;

#endif
