/**
 * `jiayid serve` and `jiayid check`: an initialised data folder, its database, and the server on
 * it.
 */
#ifndef JIAYI_SERVER_SERVE_H
#define JIAYI_SERVER_SERVE_H

#include <stddef.h>

#include "common/status.h"
#include "server/config.h"
#include "server/data_dir.h"

struct serve_options {
    const char *data;
    /** The user to run as, for root; NULL for the default. */
    const char *user;
    /** For check: the method whose statements to print, or NULL. */
    const char *print_method;
    /** Flags, which count more than DIR/jiayid.conf. */
    const struct config_flag *flags;
    size_t n_flags;
};

/**
 * serve_run() - serve until SIGTERM or SIGINT, then finish what runs.
 *
 * Prints "listening on tls+tcp://HOST:PORT" to standard output when it takes calls. SIGHUP has the
 * certificate read again. Returns 0, or -1 with @e set; nothing is left running.
 */
int serve_run(const struct serve_options *o, struct status *e) MUST_CHECK;

/**
 * serve_check() - check every method against the database, of the running server or started for
 * it.
 */
int serve_check(const struct serve_options *o, struct status *e) MUST_CHECK;

/** An initialised data folder whose database runs. */
struct serve_visit {
    const struct data_dir *dir;
    const struct config *config;
    /** Connection strings of the role that migrates, and of the app role. */
    const char *admin_conninfo;
    const char *app_conninfo;
    /** Readable when the work is to be given up. */
    int stop_fd;
};

/**
 * serve_visit() - give up root, see to it that the database of a data folder runs, and @work on it.
 *
 * @doing: for others that want the folder meanwhile: "checked"
 *
 * Where a server runs its cluster is used, else it is started for the time. Returns what @work
 * returned, or -1 with @e set.
 */
int serve_visit(const struct serve_options *o, const char *doing,
                int (*work)(const struct serve_visit *visit, void *arg, struct status *e),
                void *arg, struct status *e) MUST_CHECK;

#endif
