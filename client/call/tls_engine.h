/**
 * OpenSSL 3 as nng's TLS library: TLS 1.3 and one TLS record per message.
 *
 * Call tls_engine_register() at the start; everything after it goes through nng's own functions
 * (nng/supplemental/tls/tls.h). What this engine makes of them:
 *  - versions: TLS 1.3 alone. nng_tls_config_version() lowers the minimum to TLS 1.2, not further.
 *  - a client verifies the server's chain and its name or IP address (subjectAltName only). One
 *    that has no server name to verify cannot connect: nng sets the URL's host only in the
 *    configuration that it makes itself, so set it in yours.
 *  - a server asks for no client certificate unless nng_tls_config_auth_mode() says so; one that
 *    does gives out no session tickets, so that every connection is verified anew.
 *  - PEM texts may hold several certificates: the leaf first in own_cert, any order in ca_chain.
 *    A revocation list, once given, must cover the leaf's issuer.
 *  - wrong material is refused with NNG_ECRYPTO.
 */
#ifndef JIAYI_CLIENT_CALL_TLS_ENGINE_H
#define JIAYI_CLIENT_CALL_TLS_ENGINE_H

#include <nng/nng.h>
#include <stddef.h>
#include <stdint.h>

/** What became of the handshakes of one role since the process started. */
struct tls_engine_counts {
    /** Finished with certificates. */
    uint64_t full;
    /** Finished by resuming an earlier session. */
    uint64_t resumed;
    /** Ended by a TLS failure; a peer that merely goes away is not counted. */
    uint64_t failed;
};

/** All handshakes of this process, by the role it played in them. */
struct tls_engine_stats {
    struct tls_engine_counts client;
    struct tls_engine_counts server;
};

/**
 * tls_engine_register() - make every TLS configuration made from now on use OpenSSL.
 *
 * Starts nng first, because nng's own start resets the engine. Again after nng_fini().
 * Returns 0, or nng's error number. Any thread may call, any number of times.
 */
int tls_engine_register(void) __attribute__((warn_unused_result));

/**
 * tls_engine_last_error() - why this process's last client connection failed, in words.
 *
 * @buf: gets one line such as "certificate verify failed: certificate has expired"; "" when TLS
 *       never failed (the peer may still have gone away).
 *
 * Returns the line's length. Any thread may call.
 */
size_t tls_engine_last_error(char *buf, size_t n);

/** tls_engine_get_stats() - the counts as they are now. Any thread may call. */
void tls_engine_get_stats(struct tls_engine_stats *ret_stats);

#endif
