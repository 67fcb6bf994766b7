/**
 * One-time codes of an authenticator: RFC 6238 with SHA-1, 30 s and six digits, which every
 * authenticator has; and the codes on paper for who lost it. Any thread may call.
 */
#ifndef JIAYI_SERVER_SECRET_TOTP_H
#define JIAYI_SERVER_SECRET_TOTP_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

enum {
    TOTP_SECRET_BYTES = 20,
    TOTP_DIGITS = 6,
    TOTP_STEP_S = 30,
    /** How many codes on paper somebody gets, and the bytes of one. */
    TOTP_RECOVERY_CODES = 10,
    TOTP_RECOVERY_BYTES = 10,
    /** Base32 of a secret and of a recovery code, and the NUL. */
    TOTP_SECRET_TEXT = 33,
    TOTP_RECOVERY_TEXT = 17,
};

/**
 * totp_code() - the code of one step, as so many decimal digits: HOTP (RFC 4226) of @secret.
 *
 * Returns 0, or -1 with @e set: STATUS_RESOURCE_EXHAUSTED.
 */
int totp_code(const uint8_t *secret, size_t n, int64_t step, int digits, char ret[12],
              struct status *e) MUST_CHECK;

/**
 * totp_matches() - is @code that of now, or of the step before or after, for clocks differ?
 *
 * @after: the last step that was used; it and those before count no more
 *
 * Returns 1 with the step in *@ret_step, 0, or -1 with @e set.
 */
int totp_matches(const uint8_t *secret, size_t n, const char *code, int64_t now_s, int64_t after,
                 int64_t *ret_step, struct status *e) MUST_CHECK;

/** totp_base32() - @n bytes in base32 (RFC 4648) without padding: (8n + 4) / 5 letters, a NUL. */
void totp_base32(const uint8_t *bytes, size_t n, char *ret);

/** totp_recovery_make() - a new recovery code. 0, or -1 with @e set. */
int totp_recovery_make(char ret[TOTP_RECOVERY_TEXT], struct status *e) MUST_CHECK;

/** totp_make() - a new secret. 0, or -1 with @e set. */
int totp_make(uint8_t ret[TOTP_SECRET_BYTES], struct status *e) MUST_CHECK;

/**
 * totp_recovery_form() - a recovery code in the one form that is hashed: capitals, without what
 * people put between. Returns false for what is none.
 */
int totp_recovery_form(const char *typed, char ret[TOTP_RECOVERY_TEXT]);

#endif
