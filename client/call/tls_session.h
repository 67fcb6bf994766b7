/**
 * TLS sessions of clients, kept between runs: a handshake that resumes one is cheap.
 */
#ifndef JIAYI_CLIENT_CALL_TLS_SESSION_H
#define JIAYI_CLIENT_CALL_TLS_SESSION_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/** What a connection knows of its session: the application data of its SSL, zeroed at first. */
struct tls_session {
    /** When the session that was offered was issued; 0 without one. */
    time_t issued_at;
    bool is_saved;
};

/**
 * tls_session_set_store() - keep clients' sessions between runs: cheaper handshakes.
 *
 * @load: copies the session kept into @buf (@cap bytes); returns its length, 0 when there is none.
 *        Called when a client connection starts.
 * @save: keeps the @n bytes at @der instead. They are a secret: whoever has them can pass for the
 *        server. Called once a connection at most, and only for a session worth keeping.
 * @arg:  given to both.
 *
 * Call before dialing; NULL for both forgets the store. They run on nng's threads and must not call
 * nng. A session is resumed only if its certificate verifies for that connection as a full
 * handshake's would: chain, name and time. Anything else in the store is ignored.
 */
void tls_session_set_store(int (*load)(void *arg, uint8_t *buf, size_t cap),
                           void (*save)(void *arg, const uint8_t *der, size_t n), void *arg);

/** tls_session_offer() - offer the session kept in the store, where there is one to be trusted. */
void tls_session_offer(SSL *ssl);

/**
 * tls_session_arrived() - keep the session that the server gave: OpenSSL's callback for clients.
 *
 * Returns 0: the reference stays OpenSSL's.
 */
int tls_session_arrived(SSL *ssl, SSL_SESSION *session);

#endif
