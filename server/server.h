/**
 * The running server: methods, lanes, password pool, gate and listener put together.
 */
#ifndef JIAYI_SERVER_SERVER_H
#define JIAYI_SERVER_SERVER_H

#include "server/folder/config.h"

struct server;
struct keyring;

struct server_options {
    const struct config *config;
    /**
     * Connection strings of the app role, of those that sign in and run jobs, and of that which
     * migrates.
     */
    const char *app_conninfo;
    const char *login_conninfo;
    const char *job_conninfo;
    const char *admin_conninfo;
    /** Files: the server's certificate with its chain, and its key. */
    const char *cert_pem_path;
    const char *key_pem_path;
    /** The data folder, whose file system is looked at. */
    const char *data_path;
    /** The keys that seal secrets. */
    const struct keyring *keys;
};

/** server_start() - check the methods, start everything and listen. */
int server_start(const struct server_options *o, struct server **ret, struct status *e) MUST_CHECK;

/** server_url() - where it listens, with the real port: "tls+tcp://127.0.0.1:7443". */
const char *server_url(const struct server *s);

/** server_monitor_port() - the port of the monitor; 0 when there is none. */
int server_monitor_port(const struct server *s);

/**
 * server_reload_tls() - take the certificate and key from their files again, for new connections.
 */
int server_reload_tls(struct server *s, struct status *e) MUST_CHECK;

/**
 * server_drain() - tell peers who can be told to go elsewhere, refuse new calls with UNAVAILABLE,
 * finish what runs, end every connection and free the server.
 *
 * What runs longer than @drain_timeout_s is answered UNAVAILABLE, and so is what still runs when
 * @hurry_fd becomes readable.
 */
void server_drain(struct server *s, int drain_timeout_s, int hurry_fd);

#endif
