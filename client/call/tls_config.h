/**
 * What nng asks of a TLS configuration, by OpenSSL: whom to trust, under which name, with which
 * certificate of one's own. tls_engine.h says what nng's functions make of it.
 */
#ifndef JIAYI_CLIENT_CALL_TLS_CONFIG_H
#define JIAYI_CLIENT_CALL_TLS_CONFIG_H

#include <nng/nng.h>
#include <nng/supplemental/tls/engine.h>
#include <openssl/ssl.h>
#include <stdbool.h>

/** A configuration; connections only read it. */
struct nng_tls_engine_config {
    /** NULL before tls_config_make(). */
    SSL_CTX *context;
    /** The name or address that the server must prove, NULL when none was set. */
    char *server_name;
    bool is_client;
    bool is_address;
    nng_tls_auth_mode auth_mode;
};

/** The operations. Not const because nng's header has pointers to plain structures. */
extern nng_tls_engine_config_ops tls_config_ops;

/**
 * Makes the context where there is none yet. nng makes a configuration for each dialer that is
 * given another one at once: such a one has none.
 */
bool tls_config_make(struct nng_tls_engine_config *config);

#endif
