#include "client/base/signing_key.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "common/base64.h"

enum { HALF_BYTES = 32, SIGNATURE_BYTES = 64 };

static void
print_hex(const uint8_t *bytes, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

int
signing_key_make(char private_half[SIGNING_KEY_TEXT], char public_half[SIGNING_KEY_TEXT],
                 struct status *e)
{
    uint8_t secret[HALF_BYTES], open[HALF_BYTES];
    size_t n_secret = sizeof secret, n_open = sizeof open;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    int rc = -1;
    if (key && EVP_PKEY_get_raw_private_key(key, secret, &n_secret) == 1 &&
        EVP_PKEY_get_raw_public_key(key, open, &n_open) == 1) {
        print_hex(secret, sizeof secret, private_half);
        print_hex(open, sizeof open, public_half);
        rc = 0;
    }
    EVP_PKEY_free(key);
    explicit_bzero(secret, sizeof secret);
    return rc == 0 ? 0 : status_set(e, STATUS_FAILED_HERE, "%s", _("no key could be made"));
}

bool
signing_key_read(const char *text, size_t n, uint8_t *ret)
{
    static const char digits[] = "0123456789abcdef";
    if (!text || strlen(text) != n || strspn(text, digits) != n)
        return false;
    for (size_t i = 0; i < n; i += 2)
        ret[i / 2] = (uint8_t)((strchr(digits, text[i]) - digits) << 4 |
                               (strchr(digits, text[i + 1]) - digits));
    return true;
}

/** What the key of these bytes makes of the text, and its public half. */
static bool
sign(const uint8_t secret[HALF_BYTES], const char *text, uint8_t made[SIGNATURE_BYTES],
     uint8_t open[HALF_BYTES])
{
    size_t n_made = SIGNATURE_BYTES, n_open = HALF_BYTES;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, HALF_BYTES);
    EVP_MD_CTX *m = key ? EVP_MD_CTX_new() : NULL;
    bool fine = m && EVP_PKEY_get_raw_public_key(key, open, &n_open) == 1 &&
                EVP_DigestSignInit(m, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(m, made, &n_made, (const uint8_t *)text, strlen(text)) == 1;
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(key);
    return fine;
}

int
signing_key_sign(const char *private_half, const char *text, char signature[SIGNING_KEY_SIGNATURE],
                 char public_half[SIGNING_KEY_TEXT], struct status *e)
{
    uint8_t secret[HALF_BYTES], open[HALF_BYTES], made[SIGNATURE_BYTES];
    bool fine = signing_key_read(private_half, SIGNING_KEY_TEXT - 1, secret) &&
                sign(secret, text, made, open);
    explicit_bzero(secret, sizeof secret);
    if (!fine)
        return status_set(e, STATUS_FAILED_HERE, "%s", _("the key could not sign"));
    print_hex(made, sizeof made, signature);
    print_hex(open, sizeof open, public_half);
    return 0;
}

char *
signing_key_pem(struct arena *a, const char *public_half)
{
    /* A SubjectPublicKeyInfo of Ed25519 (RFC 8410), up to the key's own bytes. */
    uint8_t der[12 + HALF_BYTES] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                    0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    if (!signing_key_read(public_half, SIGNING_KEY_TEXT - 1, der + 12))
        return NULL;
    char *text = base64_encode(a, der, sizeof der);
    return text ? arena_print(a, "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", text)
                : NULL;
}
