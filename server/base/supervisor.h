/**
 * The service manager (systemd) that started the server, where there is one: tells it how we are.
 *
 * All do nothing where NOTIFY_SOCKET is not set. Any thread may call.
 */
#ifndef JIAYI_SERVER_BASE_SUPERVISOR_H
#define JIAYI_SERVER_BASE_SUPERVISOR_H

/** supervisor_starting() - what the start is at, for `systemctl status`: "migrating". */
void supervisor_starting(const char *what);

/** supervisor_extend_start() - the start goes on: do not give it up within the next @ms. */
void supervisor_extend_start(int ms);

/** supervisor_ready() - calls are taken, at @url. */
void supervisor_ready(const char *url);

/** supervisor_reloading() - SIGHUP is being heeded; supervisor_ready() ends it. */
void supervisor_reloading(void);

/** supervisor_stopping() - the server drains, for up to @timeout_s. */
void supervisor_stopping(int timeout_s);

/**
 * supervisor_watchdog_ms() - how often to call supervisor_watchdog(): half of what the manager
 * waits; 0: never, it does not ask for it.
 */
int supervisor_watchdog_ms(void);

/** supervisor_watchdog() - the self-check was fine just now. */
void supervisor_watchdog(void);

/**
 * supervisor_unwell() - the self-check failed: @why is shown by `systemctl status`, until
 * supervisor_well().
 */
void supervisor_unwell(const char *why);

/** supervisor_well() - the self-check is fine again, at @url. */
void supervisor_well(const char *url);

#endif
