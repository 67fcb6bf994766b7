#include "server/authn.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

int
authn_sha256(const void *data, size_t n, uint8_t ret[32], struct status *e)
{
    if (SHA256(data, n, ret))
        return 0;
    return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server has no memory just now; try again");
}

/* What the header calls authn_digest is OpenSSL's context. */

struct authn_digest *
authn_digest_begin(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
        return (struct authn_digest *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

void
authn_digest_add(struct authn_digest *d, const void *data, size_t n)
{
    EVP_DigestUpdate((EVP_MD_CTX *)d, data, n);
}

void
authn_digest_end(struct authn_digest *d, char ret[AUTHN_DIGEST_TEXT])
{
    uint8_t digest[32] = {0};
    EVP_DigestFinal_ex((EVP_MD_CTX *)d, digest, NULL);
    EVP_MD_CTX_free((EVP_MD_CTX *)d);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

int
authn_token(char ret[AUTHN_TOKEN_TEXT], struct status *e)
{
    uint8_t bits[32];
    if (RAND_bytes(bits, sizeof bits) != 1)
        return status_set(e, STATUS_INTERNAL, "the server has no random numbers now; try again");
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(ret + 2 * i, 3, "%02x", bits[i]);
    explicit_bzero(bits, sizeof bits);
    return 0;
}
