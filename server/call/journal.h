/**
 * The journal: every answered call is counted, and has a line of the log.
 */
#ifndef JIAYI_SERVER_CALL_JOURNAL_H
#define JIAYI_SERVER_CALL_JOURNAL_H

#include "server/call/call.h"

/**
 * journal_write() - count the call and write its line, as grave as its outcome. When its answer is
 * made, before the arena goes.
 *
 * @slow_call_ms: a call that takes this long is logged as slow; 0: none is
 */
void journal_write(const struct call *c, int slow_call_ms);

#endif
