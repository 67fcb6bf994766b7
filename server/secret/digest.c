#include "server/secret/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

int
digest_sha256(const void *data, size_t n, uint8_t ret[32], struct status *e)
{
    if (SHA256(data, n, ret))
        return 0;
    return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server has no memory just now; try again");
}

int
digest_bytea(const char *text, char ret[DIGEST_BYTEA], struct status *e)
{
    uint8_t digest[32];
    if (digest_sha256(text, strlen(text), digest, e) < 0)
        return -1;
    strcpy(ret, "\\x");
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(ret + 2 + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

/* What the header calls digest_digest is OpenSSL's context. */

struct digest *
digest_begin(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
        return (struct digest *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

void
digest_add(struct digest *d, const void *data, size_t n)
{
    EVP_DigestUpdate((EVP_MD_CTX *)d, data, n);
}

void
digest_end(struct digest *d, char ret[DIGEST_TEXT])
{
    uint8_t digest[32] = {0};
    EVP_DigestFinal_ex((EVP_MD_CTX *)d, digest, NULL);
    EVP_MD_CTX_free((EVP_MD_CTX *)d);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

int
digest_token(char ret[DIGEST_TOKEN_TEXT], struct status *e)
{
    uint8_t bits[32];
    if (RAND_bytes(bits, sizeof bits) != 1)
        return status_set(e, STATUS_INTERNAL, "the server has no random numbers now; try again");
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(ret + 2 * i, 3, "%02x", bits[i]);
    explicit_bzero(bits, sizeof bits);
    return 0;
}
