#include "server/secret/signature.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#include "common/hex.h"

bool
signature_holds(const char *public_key, const char *text, const char *signature)
{
    uint8_t half[SIGNATURE_KEY_DIGITS / 2], made[SIGNATURE_DIGITS / 2];
    if (!hex_read(public_key, half, sizeof half) || !hex_read(signature, made, sizeof made))
        return false;
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, half, sizeof half);
    EVP_MD_CTX *m = key ? EVP_MD_CTX_new() : NULL;
    bool holds = m && EVP_DigestVerifyInit(m, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(m, made, sizeof made, (const uint8_t *)text, strlen(text)) == 1;
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(key);
    return holds;
}
