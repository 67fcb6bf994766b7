/*
 * The certificate maker: what it writes, what it refuses, and what it leaves alone.
 */
#include <dirent.h>
#include <limits.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/status.h"
#include "server/folder/certs.h"

static const char *const file_names[] = {"ca.key", "ca.pem", "server.key", "server.pem"};

enum { FILES = sizeof(file_names) / sizeof(file_names[0]) };

/*
 * ------------------------------------------------------------------ a scratch directory per test
 */

static int
set_up(void **state)
{
    char *dir = strdup("/tmp/test_certs-XXXXXX");
    *state = dir;
    return dir && mkdtemp(dir) ? 0 : -1;
}

static int
tear_down(void **state)
{
    char path[PATH_MAX];
    char *dir = *state;
    DIR *all = opendir(dir);
    for (struct dirent *entry; all && (entry = readdir(all));) {
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        unlink(path);
    }
    if (all)
        closedir(all);
    rmdir(dir);
    free(dir);
    return 0;
}

static const char *
path_of(const char *dir, const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static int
count_files(const char *dir)
{
    int n = -2; /* "." and ".." */
    DIR *all = opendir(dir);
    assert_non_null(all);
    while (readdir(all))
        n++;
    closedir(all);
    return n;
}

/** The @at-th certificate in a file, from 0; NULL past the last. */
static X509 *
read_certificate(const char *dir, const char *name, int at)
{
    FILE *in = fopen(path_of(dir, name), "r");
    assert_non_null(in);
    X509 *x = NULL;
    for (int i = 0; i <= at; i++) {
        X509_free(x);
        x = PEM_read_X509(in, NULL, NULL, NULL);
    }
    fclose(in);
    return x;
}

static EVP_PKEY *
read_key(const char *dir, const char *name)
{
    FILE *in = fopen(path_of(dir, name), "r");
    assert_non_null(in);
    EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    fclose(in);
    assert_non_null(key);
    return key;
}

static char *
read_file(const char *dir, const char *name)
{
    char *text = calloc(1, 16384);
    FILE *in = fopen(path_of(dir, name), "r");
    assert_non_null(in);
    assert_non_null(text);
    assert_true(fread(text, 1, 16383, in) > 0);
    fclose(in);
    return text;
}

static void
make(const char *dir, const char *const *names, size_t n)
{
    struct status e = {0};
    if (certs_make(dir, names, n, &e) != 0)
        fail_msg("%s", e.message);
}

/* ------------------------------------------------------------------ what is made */

static void
make_writes_four_files_with_their_modes(void **state)
{
    static const mode_t modes[FILES] = {0600, 0644, 0600, 0644};
    mode_t before = umask(0077);
    make(*state, NULL, 0);
    umask(before);
    for (int i = 0; i < FILES; i++) {
        struct stat st;
        assert_int_equal(lstat(path_of(*state, file_names[i]), &st), 0);
        assert_true(S_ISREG(st.st_mode));
        assert_int_equal(st.st_mode & 07777, modes[i]);
    }
    assert_int_equal(count_files(*state), FILES);
}

static bool
verifies(X509 *ca, X509 *server, const char *host, const char *address)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_add_cert(store, ca), 1);
    X509_STORE_set_flags(store, X509_V_FLAG_X509_STRICT);
    assert_int_equal(X509_STORE_CTX_init(check, store, server, NULL), 1);
    assert_int_equal(X509_STORE_CTX_set_default(check, "ssl_server"), 1);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(check);
    if (host)
        assert_int_equal(X509_VERIFY_PARAM_set1_host(param, host, 0), 1);
    if (address)
        assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(param, address), 1);
    bool ok = X509_verify_cert(check) == 1;
    X509_STORE_CTX_free(check);
    X509_STORE_free(store);
    return ok;
}

static void
make_signs_the_server_for_its_names(void **state)
{
    static const char *const names[] = {"crm.acme.example", "192.0.2.7", "2001:db8::7",
                                        "*.wild.example",   "localhost", "127.0.0.1"};
    make(*state, names, sizeof(names) / sizeof(names[0]));
    X509 *ca = read_certificate(*state, "ca.pem", 0);
    X509 *server = read_certificate(*state, "server.pem", 0);
    assert_true(verifies(ca, server, "localhost", NULL));
    assert_true(verifies(ca, server, NULL, "127.0.0.1"));
    assert_true(verifies(ca, server, NULL, "::1"));
    assert_true(verifies(ca, server, "crm.acme.example", NULL));
    assert_true(verifies(ca, server, "a.wild.example", NULL));
    assert_true(verifies(ca, server, NULL, "192.0.2.7"));
    assert_true(verifies(ca, server, NULL, "2001:db8::7"));
    assert_false(verifies(ca, server, "beta.example", NULL));
    assert_false(verifies(ca, server, "jiayid", NULL));
    assert_false(verifies(ca, server, NULL, "192.0.2.8"));

    GENERAL_NAMES *all = X509_get_ext_d2i(server, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(sk_GENERAL_NAME_num(all), 7); /* each once */
    GENERAL_NAMES_free(all);
    X509_free(server);
    X509_free(ca);
}

static void
make_gives_the_chain_with_the_server(void **state)
{
    make(*state, NULL, 0);
    X509 *ca = read_certificate(*state, "ca.pem", 0);
    X509 *second = read_certificate(*state, "server.pem", 1);
    X509 *third = read_certificate(*state, "server.pem", 2);
    assert_int_equal(X509_cmp(ca, second), 0);
    assert_null(third);
    X509_free(second);
    X509_free(ca);
}

static void
check_key(const char *dir, const char *key_name, const char *certificate_name)
{
    char group[32] = "";
    EVP_PKEY *key = read_key(dir, key_name);
    X509 *x = read_certificate(dir, certificate_name, 0);
    assert_int_equal(X509_check_private_key(x, key), 1);
    assert_int_equal(EVP_PKEY_get_group_name(key, group, sizeof(group), NULL), 1);
    assert_string_equal(group, "prime256v1");
    assert_int_equal(X509_get_signature_nid(x), NID_ecdsa_with_SHA256);
    EVP_PKEY_free(key);
    X509_free(x);
}

static void
make_uses_p256_keys(void **state)
{
    make(*state, NULL, 0);
    check_key(*state, "ca.key", "ca.pem");
    check_key(*state, "server.key", "server.pem");
}

/** The days from now to the end of a certificate that has begun. */
static int
days_left(const char *dir, const char *name)
{
    int days = 0, seconds = 0;
    X509 *x = read_certificate(dir, name, 0);
    assert_true(X509_cmp_current_time(X509_get0_notBefore(x)) < 0);
    assert_int_equal(ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)), 1);
    X509_free(x);
    return days + (seconds > 43200);
}

static void
make_dates_the_certificates(void **state)
{
    make(*state, NULL, 0);
    assert_int_equal(days_left(*state, "ca.pem"), 3650);
    assert_int_equal(days_left(*state, "server.pem"), 825);
}

static void
make_limits_what_each_may_do(void **state)
{
    make(*state, NULL, 0);
    X509 *ca = read_certificate(*state, "ca.pem", 0);
    X509 *server = read_certificate(*state, "server.pem", 0);
    assert_int_equal(X509_check_ca(ca), 1);
    assert_int_equal(X509_get_pathlen(ca), 0);
    assert_int_equal(X509_get_key_usage(ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    assert_int_equal(X509_check_ca(server), 0);
    assert_int_equal(X509_get_key_usage(server), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_get_extended_key_usage(server), XKU_SSL_SERVER);
    assert_int_equal(X509_check_purpose(server, X509_PURPOSE_SSL_CLIENT, 0), 0);
    assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(ca),
                                          X509_get0_serialNumber(server)),
                         0);
    X509_free(server);
    X509_free(ca);
}

/* ------------------------------------------------------------------ what is there already */

static void
make_again_changes_nothing(void **state)
{
    char *before[FILES];
    struct status e = {0};
    make(*state, NULL, 0);
    for (int i = 0; i < FILES; i++)
        before[i] = read_file(*state, file_names[i]);
    assert_int_equal(certs_make(*state, NULL, 0, &e), -1);
    assert_int_equal(e.code, STATUS_ALREADY_EXISTS);
    for (int i = 0; i < FILES; i++) {
        char *after = read_file(*state, file_names[i]);
        assert_string_equal(before[i], after);
        free(after);
        free(before[i]);
    }
}

static void
make_renews_the_server_with_the_same_authority(void **state)
{
    static const char *const names[] = {"new.example"};
    make(*state, NULL, 0);
    char *ca_before = read_file(*state, "ca.pem");
    char *key_before = read_file(*state, "server.key");
    unlink(path_of(*state, "server.pem"));
    make(*state, names, 1);
    char *ca_after = read_file(*state, "ca.pem");
    char *key_after = read_file(*state, "server.key");
    assert_string_equal(ca_before, ca_after);
    assert_string_not_equal(key_before, key_after);
    X509 *ca = read_certificate(*state, "ca.pem", 0);
    X509 *server = read_certificate(*state, "server.pem", 0);
    assert_true(verifies(ca, server, "new.example", NULL));
    check_key(*state, "server.key", "server.pem");
    X509_free(ca);
    X509_free(server);
    free(ca_before);
    free(ca_after);
    free(key_before);
    free(key_after);
}

/** Whatever prefix of its writes a killed start has left, the next one completes it. */
static void
make_completes_what_was_cut_short(void **state)
{
    for (int written = 0; written < FILES; written++) {
        for (int i = 0; i < FILES; i++)
            unlink(path_of(*state, file_names[i]));
        make(*state, NULL, 0);
        for (int i = written; i < FILES; i++)
            unlink(path_of(*state, file_names[i]));
        make(*state, NULL, 0);
        check_key(*state, "ca.key", "ca.pem");
        check_key(*state, "server.key", "server.pem");
        X509 *ca = read_certificate(*state, "ca.pem", 0);
        X509 *server = read_certificate(*state, "server.pem", 0);
        assert_true(verifies(ca, server, "localhost", NULL));
        X509_free(ca);
        X509_free(server);
    }
}

static void
make_keeps_an_authority_without_its_key(void **state)
{
    struct status e = {0};
    make(*state, NULL, 0);
    char *before = read_file(*state, "ca.pem");
    unlink(path_of(*state, "ca.key"));
    unlink(path_of(*state, "server.pem"));
    assert_int_equal(certs_make(*state, NULL, 0, &e), -1);
    assert_int_equal(e.code, STATUS_FAILED_PRECONDITION);
    char *after = read_file(*state, "ca.pem");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void
make_refuses_an_authority_of_two_halves(void **state)
{
    struct status e = {0};
    make(*state, NULL, 0);
    char other[PATH_MAX];
    snprintf(other, sizeof(other), "%s/server.key", (char *)*state);
    assert_int_equal(rename(other, path_of(*state, "ca.key")), 0);
    assert_int_equal(certs_make(*state, NULL, 0, &e), -1);
    assert_int_equal(e.code, STATUS_INTERNAL);
    assert_non_null(strstr(e.message, "do not belong together"));
}

static void
make_does_not_follow_links(void **state)
{
    char outside[] = "/tmp/test_certs-outside-XXXXXX";
    struct stat st;
    int fd = mkstemp(outside);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(symlink(outside, path_of(*state, "server.key")), 0);
    make(*state, NULL, 0);
    assert_int_equal(stat(outside, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(lstat(path_of(*state, "server.key"), &st), 0);
    assert_true(S_ISREG(st.st_mode));
    unlink(outside);
}

static void
make_says_which_file_fails(void **state)
{
    struct status e = {0};
    char missing[PATH_MAX];
    snprintf(missing, sizeof(missing), "%s/missing", (char *)*state);
    assert_int_equal(certs_make(missing, NULL, 0, &e), -1);
    assert_int_equal(e.code, STATUS_INTERNAL);
    assert_string_equal(e.message, "cannot write the TLS file ca.key: No such file or directory");
}

static void
make_leaves_no_temporary_file_when_it_fails(void **state)
{
    struct status e = {0};
    assert_int_equal(mkdir(path_of(*state, "ca.key"), 0700), 0); /* rename() cannot replace it */
    assert_int_equal(certs_make(*state, NULL, 0, &e), -1);
    assert_int_equal(e.code, STATUS_INTERNAL);
    assert_int_equal(count_files(*state), 1);
    rmdir(path_of(*state, "ca.key"));
}

/* ------------------------------------------------------------------ names */

static void
name_good_is_taken(void **state)
{
    (void)state;
    static const char *const good[] = {"localhost",        "a",
                                       "crm.acme.example", "xn--fiq228c.example",
                                       "node_1",           "*.acme.test",
                                       "10.0.0.1",         "::1",
                                       "2001:db8::1",      "1a.2b",
                                       "A-B.example",      "3com.test4",
                                       "255.255.255.255",  "::ffff:10.1.2.3"};
    struct status e = {0};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (certs_check_name(good[i], &e) != 0)
            fail_msg("%s: %s", good[i], e.message);
}

static void
name_bad_is_refused(void **state)
{
    static const char *const bad[] = {
        "",          " ",     "a b",      "a/b",       "/",        "https://a.test",
        "a.test:80", "a..b",  ".a",       "a.",        "-a.test",  "a-.test",
        "*",         "*.",    "a.*.test", "**.test",   "1.2.3",    "256.1.1.1",
        "1.2.3.4.5", "[::1]", ":::",      "fe80::1%2", "a\nb",     "a\tb",
        "中国.test", "a,b",   "DNS:a",    "a;b",       "a@b.test", "1",
    };
    struct status e = {0};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&e, 0, sizeof(e));
        if (certs_check_name(bad[i], &e) == 0)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
        assert_int_equal(certs_make(*state, &bad[i], 1, &e), -1);
        assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
    }
    assert_int_equal(count_files(*state), 0);
}

static void
name_length_is_limited(void **state)
{
    (void)state;
    char name[300];
    struct status e = {0};
    memset(name, 'a', sizeof(name));
    for (int i = 50; i < 300; i += 51)
        name[i] = '.';
    name[253] = 0;
    assert_int_equal(certs_check_name(name, &e), 0);
    name[253] = 'a';
    name[254] = 0;
    assert_int_equal(certs_check_name(name, &e), -1);
    memset(name, 'a', 64);
    name[63] = 0;
    assert_int_equal(certs_check_name(name, &e), 0);
    name[63] = 'a';
    name[64] = 0;
    assert_int_equal(certs_check_name(name, &e), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(make_writes_four_files_with_their_modes),
        TEST(make_signs_the_server_for_its_names),
        TEST(make_gives_the_chain_with_the_server),
        TEST(make_uses_p256_keys),
        TEST(make_dates_the_certificates),
        TEST(make_limits_what_each_may_do),
        TEST(make_again_changes_nothing),
        TEST(make_renews_the_server_with_the_same_authority),
        TEST(make_completes_what_was_cut_short),
        TEST(make_keeps_an_authority_without_its_key),
        TEST(make_refuses_an_authority_of_two_halves),
        TEST(make_does_not_follow_links),
        TEST(make_says_which_file_fails),
        TEST(make_leaves_no_temporary_file_when_it_fails),
        TEST(name_good_is_taken),
        TEST(name_bad_is_refused),
        TEST(name_length_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
