/* Hexadecimal digits, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/hex.h"

static void
hex_gives_back_every_byte(void **state)
{
    (void)state;
    uint8_t bytes[256], read[256];
    char text[513];
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    hex_print(bytes, sizeof bytes, text);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102030405060708090a0b", 24);
    assert_string_equal(text + 508, "feff");
    assert_true(hex_read(text, read, sizeof read));
    assert_memory_equal(read, bytes, sizeof bytes);
    hex_print(bytes, 0, text);
    assert_string_equal(text, "");
}

static void
hex_read_takes_so_many_digits_in_lower_case(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",     "0",    "000",  "00000", "000000", "0G00",
                                        "00 0", " 000", "+000", "0x00",  "00FF",   "00\xc3\xa9"};
    uint8_t read[3] = {1, 1, 7};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(hex_read(wrong[i], read, 2));
    assert_false(hex_read(NULL, read, 2));
    assert_true(hex_read("00ff", read, 2));
    assert_memory_equal(read, "\0\xff\7", 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_gives_back_every_byte),
        cmocka_unit_test(hex_read_takes_so_many_digits_in_lower_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
