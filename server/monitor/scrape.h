/**
 * The scrape: everything that is counted and every level, as Prometheus reads it.
 */
#ifndef JIAYI_SERVER_MONITOR_SCRAPE_H
#define JIAYI_SERVER_MONITOR_SCRAPE_H

#include <stdio.h>

#include "server/method/method.h"
#include "server/monitor/state.h"

/**
 * scrape_print() - all of it in Prometheus's text format 0.0.4. @methods: have the names; @state:
 * of state_look()
 */
void scrape_print(FILE *out, const struct methods *methods, const struct state *state);

#endif
