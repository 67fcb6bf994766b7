/**
 * The self-check: the server calls its own door from outside, so that it is noticed when nobody is
 * let in any more.
 *
 * What is found is told by /metrics and by `jiayi server status`. The supervisor hears of each
 * check that was well, and when it hears nothing for long enough (systemd: WatchdogSec) it starts
 * the server anew.
 */
#ifndef JIAYI_SERVER_MONITOR_SELF_CHECK_H
#define JIAYI_SERVER_MONITOR_SELF_CHECK_H

#include "common/status.h"

struct self_check;

/**
 * self_check_start() - connect every ten seconds, or as often as the supervisor asks.
 *
 * @url:        where the server listens, with the real port; it outlasts the self-check
 * @proxy_from: networks from which a PROXY header has to come, for network_read()
 *
 * A connection that is let in and shakes hands is well, and so is one that is turned away because
 * there are too many: whoever fills the server with connections must not have it started anew.
 */
struct self_check *self_check_start(const char *url, const char *proxy_from,
                                    struct status *e) MUST_CHECK;

/**
 * self_check_stop() - end it, within the time that one check may take: five seconds. NULL is
 * allowed.
 */
void self_check_stop(struct self_check *s);

#endif
