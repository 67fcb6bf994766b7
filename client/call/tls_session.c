#include "client/call/tls_session.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdbool.h>

#include "common/tls_context.h"

/** Room for a stored session: secret, ticket and the server's certificate. */
enum { SESSION_SIZE_MAX = 16384 };

/** The process's store, see tls_session_set_store(). */
static struct {
    pthread_mutex_t lock;
    int (*load)(void *arg, uint8_t *buf, size_t cap);
    void (*save)(void *arg, const uint8_t *der, size_t n);
    void *arg;
} store = {.lock = PTHREAD_MUTEX_INITIALIZER};

void
tls_session_set_store(int (*load)(void *arg, uint8_t *buf, size_t cap),
                      void (*save)(void *arg, const uint8_t *der, size_t n), void *arg)
{
    pthread_mutex_lock(&store.lock);
    store.load = load;
    store.save = save;
    store.arg = arg;
    pthread_mutex_unlock(&store.lock);
}

/**
 * A resumed handshake shows no certificate, so the one in the session is verified as if it had come
 * now: the CA, the server's name or the clock may be others than when the session was kept.
 */
static bool
session_verifies(SSL *ssl, SSL_SESSION *session)
{
    bool ok = false;
    X509 *peer = SSL_SESSION_get0_peer(session);
    X509_STORE *trusted = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    if (check && peer && X509_STORE_CTX_init(check, trusted, peer, NULL) == 1 &&
        X509_STORE_CTX_set_default(check, "ssl_server") == 1 &&
        X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(check), SSL_get0_param(ssl)) == 1)
        ok = X509_verify_cert(check) == 1;
    X509_STORE_CTX_free(check);
    return ok;
}

void
tls_session_offer(SSL *ssl)
{
    struct tls_session *own = SSL_get_app_data(ssl);
    pthread_mutex_lock(&store.lock);
    int (*load)(void *, uint8_t *, size_t) = store.load;
    void *arg = store.arg;
    pthread_mutex_unlock(&store.lock);
    uint8_t *der = load ? OPENSSL_malloc(SESSION_SIZE_MAX) : NULL;
    if (!der)
        return;

    int n = load(arg, der, SESSION_SIZE_MAX);
    const uint8_t *at = der;
    SSL_SESSION *session = NULL;
    if (n > 0 && n <= SESSION_SIZE_MAX)
        session = d2i_SSL_SESSION(NULL, &at, n);
    if (session && session_verifies(ssl, session) && SSL_set_session(ssl, session) == 1)
        own->issued_at = (time_t)SSL_SESSION_get_time(session);
    SSL_SESSION_free(session);
    OPENSSL_clear_free(der, SESSION_SIZE_MAX);
    ERR_clear_error();
}

int
tls_session_arrived(SSL *ssl, SSL_SESSION *session)
{
    struct tls_session *own = SSL_get_app_data(ssl);
    /* A server sends one with every handshake; while the one kept has half its life before it,
     * writing the next is not worth a file. */
    bool fresh =
        SSL_session_reused(ssl) && time(NULL) - own->issued_at < TLS_SESSION_LIFETIME_S / 2;
    if (fresh || own->is_saved)
        return 0;
    pthread_mutex_lock(&store.lock);
    void (*save)(void *, const uint8_t *, size_t) = store.save;
    void *arg = store.arg;
    pthread_mutex_unlock(&store.lock);

    uint8_t *der = NULL;
    int n = save ? i2d_SSL_SESSION(session, &der) : 0;
    if (n > 0 && n <= SESSION_SIZE_MAX) {
        own->is_saved = true;
        save(arg, der, (size_t)n);
    }
    if (der)
        OPENSSL_clear_free(der, (size_t)n);
    return 0;
}
