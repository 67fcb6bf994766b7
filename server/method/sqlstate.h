/**
 * PostgreSQL's errors as outcomes: one table, server/method/sqlstate.def.
 */
#ifndef JIAYI_SERVER_METHOD_SQLSTATE_H
#define JIAYI_SERVER_METHOD_SQLSTATE_H

#include <stdbool.h>

#include "common/status.h"

/**
 * sqlstate_to_status() - say what an error of PostgreSQL means to a caller.
 *
 * @sqlstate:   five characters, or NULL when there is none (the connection is gone)
 * @message:    the error's primary message: of class JY the template of what is shown, else it goes
 *              to the detail
 * @details:    the error's detail: of class JY the JSON object that refuse() made, with args,
 *              field, current_version, retry_after_ms
 * @constraint: the violated constraint's name, or NULL
 *
 * Returns -1.
 */
int sqlstate_to_status(struct status *e, const char *sqlstate, const char *message,
                       const char *details, const char *constraint);

/**
 * sqlstate_caught() - the same of an error that a statement caught and kept as a JSON object with
 * sqlstate, message, detail and constraint. Returns -1.
 */
int sqlstate_caught(struct status *e, const char *caught);

/**
 * sqlstate_deadline() - STATUS_DEADLINE_EXCEEDED, as PostgreSQL's cancelled statement is told.
 * Returns -1.
 */
int sqlstate_deadline(struct status *e);

/**
 * sqlstate_is_replay() - true for the SQLSTATE by which authorize() says that the call was done
 * before.
 */
bool sqlstate_is_replay(const char *sqlstate, const char *constraint);

#endif
