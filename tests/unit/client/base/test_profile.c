/**
 * Profiles on disk: what is kept, and which files are not trusted.
 */
#include <fcntl.h>
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

#include "client/base/private_file.h"
#include "client/base/profile.h"

static struct arena *arena;
static char home[64];

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    strcpy(home, "/tmp/test_profile.XXXXXX");
    if (!arena || !mkdtemp(home))
        return -1;
    return setenv("XDG_CONFIG_HOME", home, 1);
}

static int
teardown(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", home);
    arena_free(arena);
    return system(command);
}

static struct profile
load(const char *name)
{
    struct profile p;
    struct status e = {0};
    if (profile_load(arena, name, &p, &e) < 0)
        fail_msg("%s", e.message);
    return p;
}

static void
save(const char *name)
{
    struct status e = {0};
    struct profile p = load(name);
    p.server = "localhost:7443";
    p.ca = "-----BEGIN CERTIFICATE-----\nMII\n";
    p.token = "secret-token";
    p.user = "vera@beta.example";
    p.company = "beta";
    if (profile_save(arena, &p, &e) < 0)
        fail_msg("%s", e.message);
}

static void
assert_load_fails(const char *name, int exit_status, const char *part)
{
    struct profile p;
    struct status e = {0};
    assert_int_equal(profile_load(arena, name, &p, &e), -1);
    assert_int_equal(failure_exit(&e), exit_status);
    if (!strstr(e.message, part))
        fail_msg("the message is \"%s\", without \"%s\"", e.message, part);
}

static mode_t
mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void
profile_save_and_load_agree(void **state)
{
    (void)state;
    umask(0);
    assert_null(load("vera").token);
    save("vera");
    struct profile p = load("vera");
    assert_string_equal(p.server, "localhost:7443");
    assert_string_equal(p.ca, "-----BEGIN CERTIFICATE-----\nMII\n");
    assert_string_equal(p.token, "secret-token");
    assert_string_equal(p.user, "vera@beta.example");
    assert_string_equal(p.company, "beta");
    assert_int_equal(mode_of(p.path), 0600);
    char folder[100];
    snprintf(folder, sizeof folder, "%s/jiayi", home);
    assert_int_equal(mode_of(folder), 0700);
    snprintf(folder, sizeof folder, "%s/jiayi/profiles", home);
    assert_int_equal(mode_of(folder), 0700);
    /* Another one is another one. */
    assert_null(load("default").server);
}

static void
profile_load_refuses_files_open_to_others(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0604, 0660, 0602, 0610, 0601, 0666};
    save("a");
    struct profile p = load("a");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(p.path, modes[i]), 0);
        assert_load_fails("a", 1, "chmod 600");
    }
    assert_int_equal(chmod(p.path, 0400), 0);
    load("a");
}

static void
profile_load_refuses_links_folders_and_pipes(void **state)
{
    (void)state;
    save("a");
    struct profile a = load("a"), b = load("b");
    assert_int_equal(symlink(a.path, b.path), 0);
    assert_load_fails("b", 1, "symbolic link");
    assert_int_equal(unlink(b.path), 0);
    assert_int_equal(mkdir(b.path, 0700), 0);
    assert_load_fails("b", 1, "not a regular file");
    assert_int_equal(rmdir(b.path), 0);
    /* Nobody writes to it: this must not wait. */
    assert_int_equal(mkfifo(b.path, 0600), 0);
    assert_load_fails("b", 1, "not a regular file");
}

static void
profile_load_refuses_files_of_others(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    save("a");
    assert_int_equal(chown(load("a").path, 12345, 12345), 0);
    assert_load_fails("a", 1, "another user");
}

static void
profile_load_refuses_malformed_files(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "{", "[]", "{\"token\":7}", "{\"server\":\"a\",\"server\":\"b\"}", "\xff"};
    save("a");
    struct status e = {0};
    const char *path = load("a").path;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(private_file_write(path, texts[i], strlen(texts[i]), false, &e), 0);
        assert_load_fails("a", 1, "malformed");
    }
}

static void
profile_check_name_refuses_paths(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      ".",    "..",
                                      "../a",  "a/b",  "/etc/passwd",
                                      "a.tls", "a b",  "-a",
                                      "ä",     "a\nb", "01234567890123456789012345678901234567890"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_load_fails(bad[i], 2, "is no name for a profile");
    load("A-1_b");
}

static void
profile_save_keeps_the_old_one_when_it_fails(void **state)
{
    (void)state;
    save("a");
    struct profile p = load("a");
    struct status e = {0};
    char path[200];
    snprintf(path, sizeof path, "%s", p.path);
    p.token = "another";
    /* A folder in the way of the new file's name. */
    snprintf(path, sizeof path, "%s/jiayi/profiles/folder", home);
    assert_int_equal(mkdir(path, 0700), 0);
    p.path = path;
    assert_int_equal(profile_save(arena, &p, &e), -1);
    assert_int_equal(failure_exit(&e), 1);
    assert_string_equal(load("a").token, "secret-token");
    assert_int_equal(rmdir(path), 0);
}

static void
profile_ticket_is_private(void **state)
{
    (void)state;
    uint8_t buf[100];
    save("a");
    struct profile p = load("a");
    assert_int_equal(profile_load_ticket(&p, buf, sizeof buf), 0);
    profile_save_ticket(&p, (const uint8_t *)"ti\0cket", 7);
    assert_int_equal(profile_load_ticket(&p, buf, sizeof buf), 7);
    assert_memory_equal(buf, "ti\0cket", 7);
    char path[200];
    snprintf(path, sizeof path, "%s.tls", p.path);
    assert_int_equal(mode_of(path), 0600);
    /* Too large for the buffer, or open to others: as if it were not there. */
    assert_int_equal(profile_load_ticket(&p, buf, 6), 0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(profile_load_ticket(&p, buf, sizeof buf), 0);
    profile_forget_ticket(&p);
    assert_int_equal(access(path, F_OK), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(profile_save_and_load_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(profile_load_refuses_files_open_to_others, setup, teardown),
        cmocka_unit_test_setup_teardown(profile_load_refuses_links_folders_and_pipes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(profile_load_refuses_files_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(profile_load_refuses_malformed_files, setup, teardown),
        cmocka_unit_test_setup_teardown(profile_check_name_refuses_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(profile_save_keeps_the_old_one_when_it_fails, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(profile_ticket_is_private, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
