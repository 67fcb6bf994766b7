/* One-time codes: RFC 6238's test vectors, which steps count, and the codes on paper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/secret/totp.h"

static const uint8_t secret[] = "12345678901234567890";
enum { SECRET_BYTES = sizeof secret - 1 };

static void
totp_rfc_6238_vectors(void **state)
{
    (void)state;
    /* Appendix B, the rows of SHA-1. */
    static const struct {
        int64_t at_s;
        const char *code;
    } vectors[] = {
        {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
        {1234567890, "89005924"}, {2000000000, "69279037"}, {INT64_C(20000000000), "65353130"},
    };
    struct status e = {0};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char code[12];
        assert_int_equal(totp_code(secret, SECRET_BYTES, vectors[i].at_s / TOTP_STEP_S, 8, code,
                                   &e),
                         0);
        assert_string_equal(code, vectors[i].code);
    }
}

static void
totp_matches_one_step_around_once(void **state)
{
    (void)state;
    struct status e = {0};
    int64_t step = 0, now_s = 1111111109, now = now_s / TOTP_STEP_S;
    for (int64_t d = -2; d <= 2; d++) {
        char code[12];
        assert_int_equal(totp_code(secret, SECRET_BYTES, now + d, TOTP_DIGITS, code, &e), 0);
        int right = totp_matches(secret, SECRET_BYTES, code, now_s, 0, &step, &e);
        assert_int_equal(right, d >= -1 && d <= 1);
        if (right)
            assert_int_equal(step, now + d);
        /* One that was used, or one of before, counts no more. */
        assert_int_equal(totp_matches(secret, SECRET_BYTES, code, now_s, now + d, &step, &e), 0);
        assert_int_equal(totp_matches(secret, SECRET_BYTES, code, now_s, now + 1, &step, &e), 0);
    }
    assert_int_equal(totp_matches(secret, SECRET_BYTES, "", now_s, 0, &step, &e), 0);
    assert_int_equal(totp_matches(secret, SECRET_BYTES, "0814050471", now_s, 0, &step, &e), 0);
}

static void
totp_base32_vectors(void **state)
{
    (void)state;
    /* RFC 4648, without the padding. */
    static const char *const vectors[][2] = {
        {"f", "MY"},         {"fo", "MZXQ"},        {"foo", "MZXW6"},
        {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char text[20];
        totp_base32((const uint8_t *)vectors[i][0], strlen(vectors[i][0]), text);
        assert_string_equal(text, vectors[i][1]);
    }
}

static void
totp_recovery_form_takes_what_people_type(void **state)
{
    (void)state;
    char form[TOTP_RECOVERY_TEXT];
    assert_true(totp_recovery_form("abcd-efgh ijkl-2345", form));
    assert_string_equal(form, "ABCDEFGHIJKL2345");
    static const char *const none[] = {"",
                                       "123456",
                                       "ABCD-EFGH-IJKL-234",
                                       "ABCD-EFGH-IJKL-23456",
                                       "ABCD-EFGH-IJKL-234!",
                                       "ABCD-EFGH-IJKL-2341"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(totp_recovery_form(none[i], form));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totp_rfc_6238_vectors),
        cmocka_unit_test(totp_matches_one_step_around_once),
        cmocka_unit_test(totp_base32_vectors),
        cmocka_unit_test(totp_recovery_form_takes_what_people_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
