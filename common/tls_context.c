#include "common/tls_context.h"

#include <openssl/x509v3.h>

/** Names this program's sessions; a server that verifies clients may resume none without it. */
static const unsigned char session_context[] = "jiayi";

static void
set_sessions(SSL_CTX *context, bool is_client)
{
    /*
     * Servers keep no sessions, they are in the ticket; clients keep them in a store of their own.
     */
    SSL_CTX_set_session_cache_mode(context, is_client ? SSL_SESS_CACHE_CLIENT |
                                                            SSL_SESS_CACHE_NO_INTERNAL_STORE
                                                      : SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(context, TLS_SESSION_LIFETIME_S);
    SSL_CTX_set_num_tickets(context, 1);
}

SSL_CTX *
tls_context_new(bool is_client)
{
    SSL_CTX *context = SSL_CTX_new(is_client ? TLS_client_method() : TLS_server_method());
    if (!context)
        return NULL;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* A read for each record instead of one for its head and one for its body. */
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_verify(context, is_client ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(context),
                                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set_sessions(context, is_client);
    if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
        SSL_CTX_set_max_proto_version(context, 0) == 1 &&
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
        SSL_CTX_set_max_send_fragment(context, TLS_RECORD_MAX) == 1 &&
        SSL_CTX_set_max_early_data(context, 0) == 1 &&
        SSL_CTX_set_recv_max_early_data(context, 0) == 1 &&
        SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}
