/**
 * The exporter: a thread that makes the exports that were asked for
 * (server/sql/definitions/export.sql). It reads on one connection, in a transaction that sees one
 * moment and has no number, and puts
 * pieces away on another, each by itself: however large a company is, nobody waits for it, and
 * neither the server nor the database holds more of it than a piece. Of all servers on a database
 * one makes an export; what was begun when it ended is begun anew.
 */
#ifndef JIAYI_SERVER_JOBS_EXPORTER_H
#define JIAYI_SERVER_JOBS_EXPORTER_H

#include "common/status.h"

struct exporter;

/**
 * exporter_start() - start it. @conninfo: of DATABASE_JOB_ROLE; must outlive it.
 *
 * Returns NULL with @e set.
 */
struct exporter *exporter_start(const char *conninfo, struct status *e) MUST_CHECK;

/** exporter_stop() - end it and free it; what it makes is given up. NULL is allowed. */
void exporter_stop(struct exporter *x);

#endif
