/* Base64 of both alphabets, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base64.h"

static const struct {
    const char *data, *text, *url;
} vectors[] = {
    /* RFC 4648, section 10 */
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    /* where the alphabets differ */
    {"\xfb\xef\xbe\xff\xff\xff", "++++////", "----____"},
    {"~~\x7f?", "fn5/Pw==", "fn5_Pw"},
};

/** @text stands for @data, and for nothing else. */
static void
assert_decodes(struct arena *a, const char *text, const char *data)
{
    uint8_t *bytes;
    assert_int_equal(base64_decode(a, text, strlen(text), &bytes), strlen(data));
    assert_string_equal(bytes, data);
}

static void
base64_of_the_vectors(void **state)
{
    struct arena *a = arena_new(1 << 16);
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const char *data = vectors[i].data;
        assert_string_equal(base64_encode(a, data, strlen(data)), vectors[i].text);
        assert_string_equal(base64_encode_url(a, data, strlen(data)), vectors[i].url);
        assert_decodes(a, vectors[i].text, data);
        assert_decodes(a, vectors[i].url, data);
    }
    arena_free(a);
}

static void
base64_gives_back_any_bytes(void **state)
{
    (void)state;
    srand(7);
    for (size_t n = 0; n < 300; n++) {
        struct arena *a = arena_new(1 << 16);
        uint8_t data[300], *bytes;
        for (size_t i = 0; i < n; i++)
            data[i] = (uint8_t)rand();
        const char *text = base64_encode(a, data, n), *url = base64_encode_url(a, data, n);
        assert_int_equal(strlen(text), (n + 2) / 3 * 4);
        assert_int_equal(strcspn(url, "+/="), strlen(url));
        assert_int_equal(base64_decode(a, text, strlen(text), &bytes), n);
        assert_memory_equal(bytes, data, n);
        assert_int_equal(base64_decode(a, url, strlen(url), &bytes), n);
        assert_memory_equal(bytes, data, n);
        assert_int_equal(bytes[n], 0);
        arena_free(a);
    }
}

static void
base64_refuses_what_is_none(void **state)
{
    static const char *const texts[] = {
        "A",    "AAAAA", "A===",  "====", "=",       "AA=",  "AA=A", "AAA==", "AAAA=",
        "AA A", " AAAA", "AAA\n", "AAA.", "AAA\x80", "AB==", "AAB=", "AB",    "AAB",
    };
    struct arena *a = arena_new(1 << 16);
    uint8_t *bytes;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (base64_decode(a, texts[i], strlen(texts[i]), &bytes) != -1)
            fail_msg("%s", texts[i]);
    assert_int_equal(base64_decode(a, "AAA\0", 4, &bytes), -1);
    arena_free(a);
}

static void
base64_without_memory(void **state)
{
    char data[1000] = "";
    struct arena *a = arena_new(500);
    uint8_t *bytes = (uint8_t *)data;
    (void)state;
    memset(data, 'A', sizeof data);
    assert_null(base64_encode(a, data, sizeof data));
    assert_null(base64_encode_url(a, data, sizeof data));
    assert_int_equal(base64_decode(a, data, sizeof data, &bytes), -1);
    assert_null(bytes);
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_of_the_vectors),
        cmocka_unit_test(base64_gives_back_any_bytes),
        cmocka_unit_test(base64_refuses_what_is_none),
        cmocka_unit_test(base64_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
