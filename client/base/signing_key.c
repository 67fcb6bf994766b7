#include "client/base/signing_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <string.h>

#include "client/base/i18n.h"
#include "common/hex.h"

enum { HALF_BYTES = 32, SIGNATURE_BYTES = 64 };

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
        hex_print(secret, sizeof secret, private_half);
        hex_print(open, sizeof open, public_half);
        rc = 0;
    }
    EVP_PKEY_free(key);
    explicit_bzero(secret, sizeof secret);
    return rc == 0 ? 0 : status_set(e, STATUS_FAILED_HERE, "%s", _("no key could be made"));
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
    bool fine = hex_read(private_half, secret, sizeof secret) && sign(secret, text, made, open);
    explicit_bzero(secret, sizeof secret);
    if (!fine)
        return status_set(e, STATUS_FAILED_HERE, "%s", _("the key could not sign"));
    hex_print(made, sizeof made, signature);
    hex_print(open, sizeof open, public_half);
    return 0;
}

const char *
signing_key_pem(struct arena *a, const char *public_half)
{
    uint8_t open[HALF_BYTES];
    if (!hex_read(public_half, open, sizeof open))
        return NULL;
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, open, sizeof open);
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    const char *pem = NULL;
    if (key && out && PEM_write_bio_PUBKEY(out, key) == 1) {
        long n = BIO_get_mem_data(out, &text);
        pem = n > 0 ? arena_copy(a, text, (size_t)n) : NULL;
    }
    BIO_free(out);
    EVP_PKEY_free(key);
    return pem;
}
