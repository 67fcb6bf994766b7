#include "server/secret/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/hex.h"

static EVP_MD *sha256;

/** SHA256() looks it up each time, which takes as long as a token's digest itself. */
static void
find_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

int
digest_sha256(const void *data, size_t n, uint8_t ret[32], struct status *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_sha256);
    if (sha256 && EVP_Digest(data, n, ret, NULL, sha256, NULL) == 1)
        return 0;
    return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server has no memory just now; try again");
}

int
digest_bytea(const char *text, char ret[DIGEST_BYTEA], struct status *e)
{
    uint8_t digest[32] = {0};
    if (digest_sha256(text, strlen(text), digest, e) < 0)
        return -1;
    strcpy(ret, "\\x");
    hex_print(digest, sizeof digest, ret + 2);
    return 0;
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
