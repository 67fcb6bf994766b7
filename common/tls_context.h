/**
 * What both ends of our TLS have in common: versions, ciphers, sessions.
 */
#ifndef JIAYI_COMMON_TLS_CONTEXT_H
#define JIAYI_COMMON_TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdbool.h>

enum {
    /** For how long a session may be resumed, in seconds. */
    TLS_SESSION_LIFETIME_S = 24 * 60 * 60,
    /** The most plaintext in one record: with its overhead it fits nng's buffer of 16384 bytes. */
    TLS_RECORD_MAX = 16000,
};

/**
 * tls_context_new() - a context for TLS 1.3 alone, without renegotiation, compression or early
 * data.
 *
 * A client verifies the server's chain; a server asks for no certificate and keeps its sessions in
 * tickets. Lower the version with SSL_CTX_set_min_proto_version(), to TLS1_2_VERSION and not
 * further.
 *
 * Returns NULL without memory.
 */
SSL_CTX *tls_context_new(bool is_client);

#endif
