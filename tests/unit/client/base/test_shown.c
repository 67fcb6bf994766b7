/**
 * What was shown last: kept for one sign-in, bounded, and never in the way.
 */
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

#include "client/base/shown.h"

static struct arena *arena;
static char folder[64];
static struct profile me;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(64 << 20);
    strcpy(folder, "/tmp/test_shown.XXXXXX");
    if (!arena || !mkdtemp(folder))
        return -1;
    me = (struct profile){
        .server = "localhost:7443",
        .user = "vera@beta.example",
        .company = "beta",
        .token = "t",
        .path = arena_print(arena, "%s/default", folder),
    };
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    arena_free(arena);
    return system(command);
}

static void
remember(const char *what, int64_t version)
{
    shown_remember(arena, &me, &(struct shown){what, version}, 1);
}

static off_t
size_of_file(void)
{
    struct stat st;
    return stat(arena_print(arena, "%s.shown", me.path), &st) < 0 ? -1 : st.st_size;
}

static void
shown_gives_the_last_one(void **state)
{
    (void)state;
    assert_int_equal(shown_version(arena, &me, "deal 7"), -1);
    remember("deal 7", 3);
    remember("deal 77", 9);
    remember("report 7", 1);
    assert_int_equal(shown_version(arena, &me, "deal 7"), 3);
    assert_int_equal(shown_version(arena, &me, "deal"), -1);
    assert_int_equal(shown_version(arena, &me, "7"), -1);
    remember("deal 7", 2); /* an older version that was asked for */
    assert_int_equal(shown_version(arena, &me, "deal 7"), 2);
    struct stat st;
    assert_int_equal(stat(arena_print(arena, "%s.shown", me.path), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void
shown_is_of_one_sign_in(void **state)
{
    (void)state;
    remember("deal 7", 3);
    me.user = "vito@beta.example";
    assert_int_equal(shown_version(arena, &me, "deal 7"), -1);
    remember("deal 8", 1);
    assert_int_equal(shown_version(arena, &me, "deal 8"), 1);
    me.user = "vera@beta.example";
    assert_int_equal(shown_version(arena, &me, "deal 7"), -1);
    me.token = NULL;
    remember("deal 9", 1);
    me.token = "t";
    assert_int_equal(shown_version(arena, &me, "deal 9"), -1);
}

static void
shown_is_bounded(void **state)
{
    (void)state;
    off_t most = 0;
    for (int i = 0; i < 12000; i++) {
        remember(arena_print(arena, "deal %d", i % 3000), i);
        if (size_of_file() > most)
            most = size_of_file();
        if (i % 1000 == 0) {
            arena_free(arena);
            arena = arena_new(512 << 20);
            me.path = arena_print(arena, "%s/default", folder);
        }
    }
    assert_true(most > 0 && most < 80000);
    assert_int_equal(shown_version(arena, &me, "deal 2999"), 11999);
    assert_int_equal(shown_version(arena, &me, "deal 2500"), 11500);
    remember("deal 2500", 1);
    assert_int_equal(shown_version(arena, &me, "deal 2500"), 1);
}

static void
shown_is_never_in_the_way(void **state)
{
    (void)state;
    char *path = arena_print(arena, "%s.shown", me.path);
    FILE *f = fopen(path, "w");
    fputs("localhost:7443 vera@beta.example beta\nno number\n\n \ndeal 7 x\n99", f);
    fclose(f);
    chmod(path, 0600);
    assert_int_equal(shown_version(arena, &me, "deal 8"), -1);
    remember("deal 8", 5);
    chmod(path, 0644); /* others may have written it */
    assert_int_equal(shown_version(arena, &me, "deal 8"), -1);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    remember("deal 8", 5);
    assert_int_equal(shown_version(arena, &me, "deal 8"), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shown_gives_the_last_one, setup, teardown),
        cmocka_unit_test_setup_teardown(shown_is_of_one_sign_in, setup, teardown),
        cmocka_unit_test_setup_teardown(shown_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(shown_is_never_in_the_way, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
