#include "client/call/authority.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "common/address.h"
#include "common/tls_context.h"

static int
certificate_fingerprint(const X509 *certificate, uint8_t ret[AUTHORITY_FINGERPRINT_BYTES])
{
    uint8_t sha256[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (X509_digest(certificate, EVP_sha256(), sha256, &n) != 1 || n < AUTHORITY_FINGERPRINT_BYTES)
        return -1;
    memcpy(ret, sha256, AUTHORITY_FINGERPRINT_BYTES);
    return 0;
}

int
authority_fingerprint(const char *pem, uint8_t ret[AUTHORITY_FINGERPRINT_BYTES])
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *first = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    int rc = first ? certificate_fingerprint(first, ret) : -1;
    X509_free(first);
    BIO_free(in);
    ERR_clear_error();
    return rc;
}

/** A connection to the first address that takes one; -1. */
static int
connect_to(const struct address *address, int timeout_ms)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *all = NULL;
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    char port[8];
    int fd = -1;
    snprintf(port, sizeof port, "%u", (unsigned)address->port);
    if (getaddrinfo(address->host, port, &hints, &all) != 0)
        return -1;
    for (struct addrinfo *one = all; one && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ||
                        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
                        connect(fd, one->ai_addr, one->ai_addrlen) < 0)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(all);
    return fd;
}

/** The certificate's PEM in the arena; NULL without memory. */
static const char *
certificate_pem(struct arena *a, X509 *certificate)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    const char *pem = NULL;
    if (out && PEM_write_bio_X509(out, certificate) == 1) {
        long n = BIO_get_mem_data(out, &text);
        pem = n > 0 ? arena_copy(a, text, (size_t)n) : NULL;
    }
    BIO_free(out);
    return pem;
}

/** Looks for the authority among the certificates that the server shows; NULL. */
static const char *
find_shown(struct arena *a, SSL *tls, const uint8_t fingerprint[AUTHORITY_FINGERPRINT_BYTES])
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(tls);
    for (int i = 0; i < sk_X509_num(chain); i++) {
        uint8_t shown[AUTHORITY_FINGERPRINT_BYTES];
        X509 *one = sk_X509_value(chain, i);
        if (certificate_fingerprint(one, shown) == 0 &&
            memcmp(shown, fingerprint, sizeof shown) == 0)
            return certificate_pem(a, one);
    }
    return NULL;
}

const char *
authority_fetch(struct arena *a, const char *server, int timeout_ms,
                const uint8_t fingerprint[AUTHORITY_FINGERPRINT_BYTES], struct status *e)
{
    struct address address;
    if (address_split(server, &address) != ADDRESS_IS_FINE || address.port == 0) {
        status_set(e, STATUS_USAGE,
                   _("--server: \"%s\" should be HOST:PORT, such as localhost:7443"), server);
        return NULL;
    }
    int fd = connect_to(&address, timeout_ms);
    SSL_CTX *context = tls_context_new(true);
    SSL *tls = context ? SSL_new(context) : NULL;
    const char *pem = NULL;
    /* Nobody is verified: what is looked for is known by its fingerprint. */
    if (tls)
        SSL_set_verify(tls, SSL_VERIFY_NONE, NULL);
    bool shook = fd >= 0 && tls && SSL_set_fd(tls, fd) == 1 && SSL_connect(tls) == 1;
    if (shook)
        pem = find_shown(a, tls, fingerprint);
    if (!shook)
        status_set(e, STATUS_UNAVAILABLE, _("%s cannot be reached; is it a jiayid?"), server);
    else if (!pem)
        status_set(e, STATUS_UNAVAILABLE,
                   _("%s does not show the authority that the code names: it is another server, or "
                     "somebody is in between; ask who gave you the code"),
                   server);
    SSL_free(tls);
    SSL_CTX_free(context);
    if (fd >= 0)
        close(fd);
    ERR_clear_error();
    return pem;
}
