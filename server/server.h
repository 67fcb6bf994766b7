/**
 * The running server: methods, lanes, password pool, gate and listener put together.
 */
#ifndef JIAYI_SERVER_SERVER_H
#define JIAYI_SERVER_SERVER_H

#include <stdio.h>

#include "server/call.h"
#include "server/config.h"

#include "server/lane.h"
#include "server/pool.h"
#include "server/probe.h"

struct server;
struct gate;

struct server_options {
    const struct config *config;
    /** Connection strings of the app role and of the role that migrates. */
    const char *app_conninfo;
    const char *admin_conninfo;
    /** Files: the server's certificate with its chain, and its key. */
    const char *cert_pem_path;
    const char *key_pem_path;
    /** The data folder, whose file system is looked at. */
    const char *data_path;
};

/** How the server is, all that goes up and down: a look at one moment. */
struct server_state {
    int64_t started_at_s;
    bool draining;
    /** Why the server should get no calls just now, part by part, in lines; "" when it should. */
    char not_ready[400];
    /** Those for calls of kind HEAVY second. */
    struct lanes_state lanes[2];
    struct pool_state passwords;
    struct probe_state database;
    /** The schema version that this program brings. */
    int schema_wanted;
    int64_t calls_in_flight, connections_open;
    /** The most of each; 0 for connections while the server does not listen yet. */
    int calls_limit, connections_limit;
    /** Of the file system with the data folder; 0 when not known. */
    uint64_t data_size_bytes, data_free_bytes;
};

/**
 * server_check() - check every method against the live database.
 *
 * Each has its SQL or native function and a permission that exists, every parameter and column
 * exists with a type that fits, every statement prepares.
 *
 * @print_method: print this method's statements as they are sent (to @out); NULL: print a summary
 *
 * Returns 0, or -1 with @e naming the first method that is wrong; @out then lists all of them.
 */
int server_check(const char *app_conninfo, const char *print_method, FILE *out,
                 struct status *e) MUST_CHECK;

/** server_start() - check the methods, start everything and listen. */
int server_start(const struct server_options *o, struct server **ret, struct status *e) MUST_CHECK;

/** server_url() - where it listens, with the real port: "tls+tcp://127.0.0.1:7443". */
const char *server_url(const struct server *s);

/** server_monitor_port() - the port of the monitor; 0 when there is none. */
int server_monitor_port(const struct server *s);

/** server_reload_tls() - take the certificate and key from their files again, for new connections. */
int server_reload_tls(struct server *s, struct status *e) MUST_CHECK;

/**
 * server_drain() - refuse new calls with UNAVAILABLE, finish what runs, end every connection and free the server.
 *
 * What runs longer than @drain_timeout_s is answered UNAVAILABLE, and so is what still runs when @hurry_fd becomes
 * readable.
 */
void server_drain(struct server *s, int drain_timeout_s, int hurry_fd);

/** server_is_draining() - true once server_drain() began. */
bool server_is_draining(const struct server *s);

/** server_look() - how the server is. Waits for nothing but short locks. Any thread. */
void server_look(struct server *s, struct server_state *ret);

/** server_gate() - the gate, for calls that come back to it. */
const struct gate *server_gate(const struct server *s);

/**
 * server_run() - for a native method: have one transaction done and wait for it.
 *
 * @step:  the statement's name ("find"); NULL: only authorize the caller
 * @named: the statement's parameters
 *
 * Only on threads of the password pool. Returns 0 with the rows in c->work.rows, or -1 with c->status set.
 */
int server_run(struct call *c, const char *step, const struct bind_named *named,
               size_t n_named) MUST_CHECK;

#endif
