#include "client/base/signing_key.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"

enum { HALF_BYTES = 32 };

static void
print_half(const uint8_t half[HALF_BYTES], char ret[SIGNING_KEY_TEXT])
{
    for (int i = 0; i < HALF_BYTES; i++)
        snprintf(ret + 2 * i, 3, "%02x", half[i]);
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
        print_half(secret, private_half);
        print_half(open, public_half);
        rc = 0;
    }
    EVP_PKEY_free(key);
    explicit_bzero(secret, sizeof secret);
    return rc == 0 ? 0 : status_set(e, STATUS_FAILED_HERE, "%s", _("no key could be made"));
}
