#include "common/sha256.h"

#include <openssl/evp.h>
#include <stdint.h>

#include "common/hex.h"

/* What the header calls struct sha256 is OpenSSL's context. */

struct sha256 *
sha256_begin(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
        return (struct sha256 *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

void
sha256_add(struct sha256 *s, const void *data, size_t n)
{
    EVP_DigestUpdate((EVP_MD_CTX *)s, data, n);
}

void
sha256_end(struct sha256 *s, char ret[SHA256_TEXT])
{
    uint8_t digest[32] = {0};
    EVP_DigestFinal_ex((EVP_MD_CTX *)s, digest, NULL);
    EVP_MD_CTX_free((EVP_MD_CTX *)s);
    hex_print(digest, sizeof digest, ret);
}
