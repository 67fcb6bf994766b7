/* Signatures by members' keys: RFC 8032's test vectors, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/secret/signature.h"

/* Section 7.1, TEST 2: its message is the letter r. */
#define KEY "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define MADE                                                           \
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" \
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"

static void
signature_rfc_8032_vector(void **state)
{
    (void)state;
    assert_true(signature_holds(KEY, "r", MADE));
    assert_false(signature_holds(KEY, "s", MADE));
    assert_false(signature_holds(KEY, "", MADE));
}

static void
signature_of_anything_else(void **state)
{
    (void)state;
    char other[sizeof MADE];
    memcpy(other, MADE, sizeof other);
    for (size_t i = 0; i < SIGNATURE_DIGITS; i++) {
        other[i] = MADE[i] == '0' ? '1' : '0';
        assert_false(signature_holds(KEY, "r", other));
        other[i] = MADE[i];
    }
    assert_true(signature_holds(KEY, "r", other));
    assert_false(signature_holds("", "r", MADE));
    assert_false(signature_holds(KEY "00", "r", MADE));
    assert_false(signature_holds(KEY, "r", ""));
    assert_false(signature_holds(KEY, "r", MADE "00"));
    other[0] = 'g';
    assert_false(signature_holds(KEY, "r", other));
    /* A point of small order, with which anything could be said to be signed. */
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000"
                                "0000000000000000000000000000000000000000000000000000000000000000";
    assert_false(signature_holds(zeros + SIGNATURE_KEY_DIGITS, "r", zeros));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signature_rfc_8032_vector),
        cmocka_unit_test(signature_of_anything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
