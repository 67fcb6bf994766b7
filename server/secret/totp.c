#include "server/secret/totp.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int
totp_code(const uint8_t *secret, size_t n, int64_t step, int digits, char ret[12], struct status *e)
{
    uint8_t counter[8], mac[20];
    unsigned size = 0;
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    if (!HMAC(EVP_sha1(), secret, (int)n, counter, sizeof counter, mac, &size) || size != 20)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED,
                          "the server has no memory just now; try again");
    const uint8_t *at = mac + (mac[19] & 15);
    uint32_t number =
        (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    uint32_t modulus = 1;
    for (int i = 0; i < digits; i++)
        modulus *= 10;
    snprintf(ret, 12, "%0*u", digits, number % modulus);
    explicit_bzero(mac, sizeof mac);
    return 0;
}

int
totp_matches(const uint8_t *secret, size_t n, const char *code, int64_t now_s, int64_t after,
             int64_t *ret_step, struct status *e)
{
    int64_t now = now_s / TOTP_STEP_S;
    int found = 0;
    if (strlen(code) != TOTP_DIGITS)
        return 0;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        char right[12];
        if (totp_code(secret, n, step, TOTP_DIGITS, right, e) < 0)
            return -1;
        if (CRYPTO_memcmp(right, code, TOTP_DIGITS) == 0 && step > after && !found) {
            *ret_step = step;
            found = 1;
        }
        explicit_bzero(right, sizeof right);
    }
    return found;
}

void
totp_base32(const uint8_t *bytes, size_t n, char *ret)
{
    size_t at = 0;
    for (size_t bit = 0; bit < 8 * n; bit += 5) {
        unsigned two = (unsigned)bytes[bit / 8] << 8 | (bit / 8 + 1 < n ? bytes[bit / 8 + 1] : 0);
        ret[at++] = base32[two >> (11 - bit % 8) & 31];
    }
    ret[at] = 0;
}

static int
make_random(uint8_t *ret, int n, struct status *e)
{
    if (RAND_priv_bytes(ret, n) == 1)
        return 0;
    return status_set(e, STATUS_INTERNAL, "the server has no random numbers now; try again");
}

int
totp_make(uint8_t ret[TOTP_SECRET_BYTES], struct status *e)
{
    return make_random(ret, TOTP_SECRET_BYTES, e);
}

int
totp_recovery_make(char ret[TOTP_RECOVERY_TEXT], struct status *e)
{
    uint8_t bits[TOTP_RECOVERY_BYTES];
    if (make_random(bits, sizeof bits, e) < 0)
        return -1;
    totp_base32(bits, sizeof bits, ret);
    explicit_bzero(bits, sizeof bits);
    return 0;
}

int
totp_recovery_form(const char *typed, char ret[TOTP_RECOVERY_TEXT])
{
    size_t n = 0;
    for (; *typed; typed++) {
        int c = toupper((unsigned char)*typed);
        if (c == '-' || c == ' ')
            continue;
        if (n == TOTP_RECOVERY_TEXT - 1 || !strchr(base32, c))
            return 0;
        ret[n++] = (char)c;
    }
    ret[n] = 0;
    return n == TOTP_RECOVERY_TEXT - 1;
}
