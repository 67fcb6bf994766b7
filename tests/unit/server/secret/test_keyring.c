/* The server's keys: their files, and what they seal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/secret/keyring.h"

static const uint8_t text[] = "a secret of twenty b";
enum { TEXT_BYTES = sizeof text - 1, SEALED_BYTES = TEXT_BYTES + KEYRING_SEAL_BYTES };

static void
keyring_opens_what_it_sealed_and_nothing_else(void **state)
{
    (void)state;
    struct keyring k = {0};
    struct status e = {0};
    uint8_t sealed[SEALED_BYTES], again[SEALED_BYTES], opened[TEXT_BYTES];
    const struct keyring_key *key = keyring_make(&k, &e), *other = keyring_make(&k, &e);
    assert_non_null(key);
    assert_non_null(other);
    assert_int_equal(keyring_seal(key, "totp:7", text, TEXT_BYTES, sealed, &e), 0);
    assert_int_equal(keyring_seal(key, "totp:7", text, TEXT_BYTES, again, &e), 0);
    assert_memory_not_equal(sealed, again, SEALED_BYTES);
    assert_int_equal(keyring_open(key, "totp:7", sealed, SEALED_BYTES, opened, &e), 0);
    assert_memory_equal(opened, text, TEXT_BYTES);
    assert_int_equal(keyring_open(key, "totp:8", sealed, SEALED_BYTES, opened, &e), -1);
    assert_int_equal(keyring_open(other, "totp:7", sealed, SEALED_BYTES, opened, &e), -1);
    assert_int_equal(keyring_open(key, "totp:7", sealed, KEYRING_SEAL_BYTES - 1, opened, &e), -1);
    for (size_t i = 0; i < SEALED_BYTES; i++) {
        sealed[i] ^= 1;
        assert_int_equal(keyring_open(key, "totp:7", sealed, SEALED_BYTES, opened, &e), -1);
        sealed[i] ^= 1;
    }
    keyring_wipe(&k);
}

static void
keyring_files_are_kept_and_checked(void **state)
{
    (void)state;
    struct keyring k = {0}, read;
    struct status e = {0};
    char folder[] = "/tmp/test_keyring.XXXXXX", keys[64], path[128];
    assert_non_null(mkdtemp(folder));
    snprintf(keys, sizeof keys, "%s/keys", folder);
    assert_int_equal(keyring_load(keys, &read, &e), 0);
    assert_int_equal(read.n, 0);
    const struct keyring_key *key = keyring_make(&k, &e);
    assert_non_null(key);
    assert_int_equal(keyring_store(keys, key, &e), 0);
    assert_int_equal(keyring_load(keys, &read, &e), 0);
    assert_int_equal(read.n, 1);
    assert_memory_equal(keyring_find(&read, key->id)->bytes, key->bytes, KEYRING_KEY_BYTES);
    assert_null(keyring_find(&read, "0123456789abcdef"));
    snprintf(path, sizeof path, "%s/%s", keys, key->id);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(keyring_load(keys, &read, &e), -1);
    assert_non_null(strstr(e.message, "chmod 600"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 60), 0);
    assert_int_equal(keyring_load(keys, &read, &e), -1);
    assert_non_null(strstr(e.message, "is no key of the server"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(keys), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_null(keyring_add(&k, "not a key", &e));
    keyring_wipe(&k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyring_opens_what_it_sealed_and_nothing_else),
        cmocka_unit_test(keyring_files_are_kept_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
