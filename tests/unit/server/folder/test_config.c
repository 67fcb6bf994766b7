/** Tests of server/folder/config: the table, the file, the bounds, and what error messages say. */
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

#include "server/folder/config.h"

static char path[] = "/tmp/test_config.XXXXXX";

static int
make_file(void **state)
{
    (void)state;
    strcpy(path, "/tmp/test_config.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int
remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

/** Reads a file of @n bytes; the message starts with the file's name, which @e then lacks. */
static int
read_bytes(struct config *config, const char *text, size_t n, struct status *e)
{
    FILE *out = fopen(path, "w");
    fwrite(text, 1, n, out);
    fclose(out);
    config_default(config);
    memset(e, 0, sizeof *e);
    int rc = config_read(config, path, e);
    if (strncmp(e->message, path, strlen(path)) == 0)
        memmove(e->message, e->message + strlen(path), strlen(e->message + strlen(path)) + 1);
    return rc;
}

static void
assert_refused(const char *text, const char *message)
{
    struct config config;
    struct status e;
    assert_int_equal(read_bytes(&config, text, strlen(text), &e), -1);
    assert_string_equal(e.message, message);
}

static const struct config_key *
key(const char *flag)
{
    return config_key_by_flag(flag, strlen(flag));
}

static void
config_defaults_are_those_of_the_table(void **state)
{
    (void)state;
    struct config config;
    struct status e;
    config_default(&config);
    assert_string_equal(config.listen, "127.0.0.1:7443");
    assert_string_equal(config.database, "");
    assert_string_equal(config.tls_min_version, "1.3");
    assert_int_equal(config.lanes, 4);
    assert_int_equal(config.max_timeout_ms, 300000);
    assert_int_equal(config_check(&config, &e), 0);
}

static void
config_table_is_complete(void **state)
{
    (void)state;
    for (const struct config_key *k = config_keys(); k->name; k++) {
        assert_non_null(k->value_name);
        assert_true(strlen(k->doc) > 10 && k->doc[strlen(k->doc) - 1] != '.');
        assert_true(k->commands & CONFIG_SERVE);
        assert_true(k->size || k->maximum > k->minimum);
        for (const struct config_key *other = config_keys(); other < k; other++)
            assert_true(strcmp(other->name, k->name) != 0 &&
                        (other->offset != k->offset || other->size != k->size));
    }
}

static void
config_file_sets_keys(void **state)
{
    (void)state;
    struct config config;
    struct status e;
    const char text[] =
        "# a comment\r\n\n  lanes = 6\n; another\nlisten=[::1]:0\nlog_level : debug\n"
        "database = postgresql://jiayi@db.example/jiayi?application_name=a;b #c\n"
        "queue_limit = 10";
    int rc = read_bytes(&config, text, strlen(text), &e);
    assert_string_equal(e.message, "");
    assert_int_equal(rc, 0);
    assert_int_equal(config.lanes, 6);
    assert_int_equal(config.queue_limit, 10);
    assert_string_equal(config.listen, "[::1]:0");
    assert_string_equal(config.log_level, "debug");
    assert_string_equal(config.database,
                        "postgresql://jiayi@db.example/jiayi?application_name=a;b #c");
}

static void
config_file_errors_name_the_line(void **state)
{
    (void)state;
    assert_refused("# x\nlane = 4\n",
                   ":2: unknown key 'lane'; 'jiayid serve --help' lists the keys");
    assert_refused("lanes = 4\nlanes = 5\n", ":2: lanes is set a second time");
    assert_refused("lanes = 4\n\nnonsense\n", ":3: must be of the form key = value");
    assert_refused("[server]\nlanes = 4\n", ":2: sections such as [server] are not used here");
    assert_refused("lanes = 0\nlane = 1\n", ":1: lanes: must be a number from 1 to 64");
    assert_refused("lanes =\n", ":1: lanes: must be a number from 1 to 64");
    assert_refused("lanes = 4 # many\n", ":1: lanes: must be a number from 1 to 64");
    assert_refused("log_level = loud\n", ":1: log_level: must be one of error|warn|info|debug");
    assert_refused("log_level = error|warn\n",
                   ":1: log_level: must be one of error|warn|info|debug");
}

static void
config_file_with_long_lines(void **state)
{
    (void)state;
    struct config config;
    struct status e;
    char text[20000] = "lanes = 4\ndatabase = postgresql://u@h/d?application_name=";
    size_t n = strlen(text);
    memset(text + n, 'x', 3000);
    strcpy(text + n + 3000, "\nbatch = 7\nlane = 2\n");
    assert_int_equal(read_bytes(&config, text, strlen(text), &e), -1);
    assert_string_equal(e.message, ":4: unknown key 'lane'; 'jiayid serve --help' lists the keys");
    assert_int_equal(config.batch, 7);
    assert_int_equal(strlen(config.database), n - strlen("lanes = 4\ndatabase = ") + 3000);
    memset(text + n, 'x', 15000);
    assert_int_equal(read_bytes(&config, text, n + 15000, &e), -1);
}

static void
config_file_that_is_no_text(void **state)
{
    (void)state;
    struct config config;
    struct status e;
    assert_int_equal(read_bytes(&config, "lanes = 4\0\n", 11, &e), -1);
    assert_string_equal(e.message, " is not UTF-8 text");
    assert_int_equal(read_bytes(&config, "# \xff\n", 4, &e), -1);
    assert_string_equal(e.message, " is not UTF-8 text");
    assert_int_equal(config_read(&config, "/nonexistent/jiayid.conf", &e), -1);
    assert_string_equal(e.message,
                        "cannot read /nonexistent/jiayid.conf: No such file or directory");
    assert_int_equal(config_read(&config, "/tmp", &e), -1);
}

static void
config_password_in_a_file_that_others_read(void **state)
{
    (void)state;
    static const char *const names[] = {"database", "database_app", "database_login",
                                        "database_job"};
    struct config config;
    struct status e;
    char text[100];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct config_key *key = config_keys();
        while (strcmp(key->name, names[i]) != 0)
            key++;
        assert_true(config_is_database(key));
        snprintf(text, sizeof text, "%s = postgresql://jiayi:s3cret@db.example/jiayi\n", names[i]);
        chmod(path, 0644);
        assert_int_equal(read_bytes(&config, text, strlen(text), &e), -1);
        assert_non_null(strstr(e.message, "chmod 600"));
        assert_null(strstr(e.message, "s3cret"));
        chmod(path, 0600);
        assert_int_equal(read_bytes(&config, text, strlen(text), &e), 0);
        config_wipe(&config);
        assert_string_equal((const char *)&config + key->offset, "");
    }
}

static void
config_broken_uri_is_not_quoted(void **state)
{
    (void)state;
    assert_refused("database = postgresql://jiayi:s3%zzcret@db.example/jiayi\n",
                   ":1: database: is no PostgreSQL URI; write it as "
                   "postgresql://USER@HOST:PORT/DATABASE");
    assert_refused("database = s3cret\n", ":1: database: is no PostgreSQL URI; write it as "
                                          "postgresql://USER@HOST:PORT/DATABASE");
}

static void
config_listen_addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1:7443", "0.0.0.0:0",
                                       "[::1]:7443",     "[::]:65535",
                                       "localhost:1",    "server-1.example.com:7443"};
    static const char *const bad[] = {"",
                                      "7443",
                                      "127.0.0.1",
                                      ":7443",
                                      "*:7443",
                                      "::1:7443",
                                      "[::1]",
                                      "[::1]7443",
                                      "[127.0.0.1]:1",
                                      "[fe80::1%lo]:1",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:",
                                      "1.2.3:7",
                                      "a b:1",
                                      "a/b:1",
                                      "127.0.0.1: 1",
                                      "[]:1",
                                      "a:1\n"};
    struct config config;
    struct status e;
    config_default(&config);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char url[CONFIG_LISTEN_BYTES + 16];
        assert_int_equal(config_set(&config, key("listen"), good[i], &e), 0);
        config_listen_url(&config, url);
        assert_string_equal(url + strlen("tls+tcp://"), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (config_set(&config, key("listen"), bad[i], &e) == 0)
            fail_msg("'%s' was taken", bad[i]);
    assert_string_equal(config.listen, good[5]);
}

static void
config_monitor_stays_on_this_machine(void **state)
{
    (void)state;
    static const char *const good[] = {"", "127.0.0.1:9464", "127.1.2.3:0", "[::1]:9464"};
    static const char *const open[] = {"0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464",
                                       "[::ffff:127.0.0.1]:9464", "[2001:db8::1]:1"};
    static const char *const bad[] = {"9464",       "localhost:9464",  "127.0.0.1",
                                      "127.0.0.1:", "127.0.0.1:65536", "::1:9464",
                                      "[::1]",      "[127.0.0.1]:1",   "127.0.0.1:1x",
                                      "[::1:9464",  ":9464",           "127.0.0.1]:9464"};
    struct config config;
    struct status e;
    config_default(&config);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (config_set(&config, key("monitor-listen"), bad[i], &e) == 0)
            fail_msg("'%s' was taken", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(config_set(&config, key("monitor-listen"), good[i], &e), 0);
        assert_int_equal(config_check(&config, &e), 0);
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        assert_int_equal(config_set(&config, key("monitor-public"), "no", &e), 0);
        assert_int_equal(config_set(&config, key("monitor-listen"), open[i], &e), 0);
        assert_int_equal(config_check(&config, &e), -1);
        assert_non_null(strstr(e.message, "monitor_public = yes"));
        assert_int_equal(config_set(&config, key("monitor-public"), "yes", &e), 0);
        assert_int_equal(config_check(&config, &e), 0);
    }
}

static void
config_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   "0",  "65",  "-1",  "+1",
                                      " 1", "1 ", "1.0", "0x8", "99999999999999999999",
                                      "1e1"};
    struct config config;
    struct status e;
    config_default(&config);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (config_set(&config, key("lanes"), bad[i], &e) == 0)
            fail_msg("'%s' was taken", bad[i]);
    assert_string_equal(e.message, "must be a number from 1 to 64");
    assert_int_equal(config.lanes, 4);
    assert_int_equal(config_set(&config, key("lanes"), "64", &e), 0);
    assert_int_equal(config.lanes, 64);
}

static void
config_limits_that_do_not_fit(void **state)
{
    (void)state;
    struct config config;
    struct status e;
    config_default(&config);
    config.default_timeout_ms = 400000;
    assert_int_equal(config_check(&config, &e), -1);
    config_default(&config);
    config.arena_limit_bytes = 65536;
    assert_int_equal(config_check(&config, &e), -1);
}

static void
config_flags_have_hyphens(void **state)
{
    (void)state;
    char flag[64];
    assert_non_null(key("queue-limit"));
    assert_null(key("queue_limit"));
    assert_null(key("queue"));
    config_print_flag(key("queue-limit"), flag);
    assert_string_equal(flag, "--queue-limit");
}

static void
config_printed_file_reads_back(void **state)
{
    (void)state;
    struct config config;
    struct status e;
    FILE *out = fopen(path, "w");
    config_print_file(out, "postgresql://jiayi@db.example/jiayi");
    fclose(out);
    config_default(&config);
    assert_int_equal(config_read(&config, path, &e), 0);
    assert_string_equal(config.database, "postgresql://jiayi@db.example/jiayi");
    assert_int_equal(config.lanes, 4);
    /* A value that would begin another line is no value. */
    assert_int_equal(config_set(&config, key("database"), "host=a\nlanes=1", &e), -1);
}

static void
config_readme_has_every_row(void **state)
{
    (void)state;
    char *readme = NULL;
    size_t n = 0;
    FILE *in = fopen(SOURCE_DIR "/README.md", "r");
    assert_non_null(in);
    assert_true(getdelim(&readme, &n, 0, in) > 0);
    fclose(in);
    for (const struct config_key *k = config_keys(); k->name; k++) {
        char row[1024];
        FILE *out = fmemopen(row, sizeof row, "w");
        config_print_row(out, k);
        fclose(out);
        if (!strstr(readme, row))
            fail_msg("README.md's configuration table lacks this row:\n%s", row);
    }
    free(readme);
}

#define CONFIG_TEST(name) cmocka_unit_test_setup_teardown(name, make_file, remove_file)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONFIG_TEST(config_defaults_are_those_of_the_table),
        CONFIG_TEST(config_table_is_complete),
        CONFIG_TEST(config_file_sets_keys),
        CONFIG_TEST(config_file_errors_name_the_line),
        CONFIG_TEST(config_file_with_long_lines),
        CONFIG_TEST(config_file_that_is_no_text),
        CONFIG_TEST(config_password_in_a_file_that_others_read),
        CONFIG_TEST(config_broken_uri_is_not_quoted),
        CONFIG_TEST(config_listen_addresses),
        CONFIG_TEST(config_monitor_stays_on_this_machine),
        CONFIG_TEST(config_numbers),
        CONFIG_TEST(config_limits_that_do_not_fit),
        CONFIG_TEST(config_flags_have_hyphens),
        CONFIG_TEST(config_printed_file_reads_back),
        CONFIG_TEST(config_readme_has_every_row),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
