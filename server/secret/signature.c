#include "server/secret/signature.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

static int
digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/** The bytes of @n digits, no more and no fewer; false where they are none. */
static bool
read_hex(const char *text, size_t n, uint8_t *ret)
{
    if (strlen(text) != n)
        return false;
    for (size_t i = 0; i < n; i += 2) {
        int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool
signature_holds(const char *public_key, const char *text, const char *signature)
{
    uint8_t half[SIGNATURE_KEY_DIGITS / 2], made[SIGNATURE_DIGITS / 2];
    if (!read_hex(public_key, SIGNATURE_KEY_DIGITS, half) ||
        !read_hex(signature, SIGNATURE_DIGITS, made))
        return false;
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, half, sizeof half);
    EVP_MD_CTX *m = key ? EVP_MD_CTX_new() : NULL;
    bool holds = m && EVP_DigestVerifyInit(m, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(m, made, sizeof made, (const uint8_t *)text, strlen(text)) == 1;
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(key);
    return holds;
}
