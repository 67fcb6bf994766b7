/**
 * The database's code: its functions, triggers, policies and rights, as they are now, from the
 * files of server/sql/definitions. Migrations make the tables; these say who sees what of them, and
 * what happens when they change.
 *
 * A file has two parts: functions, and from the line "---- Tables" on what hangs on tables: CALL
 * protect(), policies, rights, triggers. The first parts of all files run before the second ones,
 * so that a policy may use any function, whichever file has it.
 *
 * All of them run whenever one has changed, a trigger was switched off or a migration has run, for
 * that may have taken something away. Policies, triggers and rights of before go first, and so what
 * a file no longer has is gone; only a function has to be dropped by a migration. SECURITY DEFINER
 * functions become jiayi_auth's, all others are jiayi_owner's. jiayi.schema_definition notes what
 * was applied.
 */
#ifndef JIAYI_SERVER_DATABASE_DEFINITIONS_H
#define JIAYI_SERVER_DATABASE_DEFINITIONS_H

#include "common/embed.h"
#include "common/status.h"

struct pg_conn;

/**
 * definitions_apply() - give the database @definitions where it has others.
 *
 * @conn:    in a transaction that the caller commits, as jiayi_owner
 * @version: the schema's version, which is the newest: all migrations have run
 *
 * Calls of other servers wait until the transaction ends.
 * Returns how many files were applied, 0 where they were there already, or -1 with @e set.
 */
int definitions_apply(struct pg_conn *conn, const struct embed *definitions, int version,
                      struct status *e) MUST_CHECK;

/**
 * definitions_verify() - would definitions_apply() find nothing to do? Changes nothing.
 *
 * Returns 0, or -1 with @e naming what differs: STATUS_FAILED_PRECONDITION.
 */
int definitions_verify(struct pg_conn *conn, const struct embed *definitions, int version,
                       struct status *e) MUST_CHECK;

#endif
