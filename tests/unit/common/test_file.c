/* Files that are read and written whole, and memory that is wiped. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/file.h"
#include "common/wipe.h"

/** The linker has file.c and wipe.c call this in free()'s place. */
void __real_free(void *p);
void __wrap_free(void *p);

static int freed, freed_with_secret;

void
__wrap_free(void *p)
{
    freed += p != NULL;
    freed_with_secret += p && memmem(p, malloc_usable_size(p), "hunter2", 7) != NULL;
    __real_free(p);
}

/** The tests' folder is the working folder. */
static char folder[] = "/tmp/test_file-XXXXXX";

static int
make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int
remove_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/** The file at @path holds @wanted and nothing else, and has this mode. */
static void
assert_file(const char *path, const char *wanted, mode_t mode)
{
    struct stat st;
    struct status e;
    char *text = file_load_regular(path, 1 << 20, &st, &e);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    assert_int_equal(st.st_size, strlen(wanted));
    assert_int_equal(st.st_mode & 07777, mode);
    wipe_free(text);
}

/** What goes through a pipe: much more than it holds. */
struct stream {
    int fd;
    const char *data;
    size_t n;
    int rc;
};

static void *
pour(void *data)
{
    struct stream *s = data;
    s->rc = file_write_all(s->fd, s->data, s->n);
    close(s->fd);
    return NULL;
}

static void
a_pipe_is_written_and_read_to_its_end(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 1000000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i], got = 1;
        char *data = malloc(n + 1);
        int ends[2];
        pthread_t thread;
        memset(data, 'x', n);
        assert_int_equal(pipe(ends), 0);
        struct stream s = {.fd = ends[1], .data = data, .n = n, .rc = -1};
        assert_int_equal(pthread_create(&thread, NULL, pour, &s), 0);
        char *text = file_load(ends[0], n, &got);
        pthread_join(thread, NULL);
        assert_int_equal(s.rc, 0);
        assert_non_null(text);
        assert_int_equal(got, n);
        assert_memory_equal(text, data, n);
        assert_int_equal(text[n], 0);
        wipe_free(text);
        free(data);
        close(ends[0]);
    }
}

static void
reading_ends_where_the_file_does(void **state)
{
    char to[8] = "";
    int fd = memfd_create("short", 0);
    (void)state;
    assert_int_equal(file_write_all(fd, "12345", 5), 0);
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(file_read_all(fd, to, 3), 3);
    assert_int_equal(file_read_all(fd, to + 3, 5), 2);
    assert_string_equal(to, "12345");
    assert_int_equal(file_read_all(fd, to, 1), 0);
    close(fd);
    assert_int_equal(file_read_all(fd, to, 1), -1);
    assert_int_equal(file_write_all(fd, to, 1), -1);
    assert_int_equal(errno, EBADF);
}

static void
file_load_is_bounded(void **state)
{
    size_t n;
    int fd = memfd_create("long", 0);
    (void)state;
    assert_int_equal(ftruncate(fd, 10000), 0);
    assert_null(file_load(fd, 9999, &n));
    assert_int_equal(errno, EFBIG);
    lseek(fd, 0, SEEK_SET);
    char *text = file_load(fd, 10000, &n);
    assert_non_null(text);
    wipe_free(text);
    close(fd);
}

static void
what_was_read_is_wiped(void **state)
{
    size_t n;
    int fd = memfd_create("secrets", 0);
    (void)state;
    for (int i = 0; i < 3000; i++)
        assert_int_equal(file_write_all(fd, "hunter2 ", 8), 0);
    lseek(fd, 0, SEEK_SET);
    freed = freed_with_secret = 0;
    char *text = file_load(fd, 1 << 20, &n);
    assert_int_equal(n, 24000);
    wipe_free(text);
    assert_int_equal(freed, 4); /* 4, 8 and 16 KiB were outgrown */
    lseek(fd, 0, SEEK_SET);
    assert_null(file_load(fd, 5000, &n));
    assert_int_equal(freed, 6);
    assert_int_equal(freed_with_secret, 0);
    wipe_free(NULL);
    close(fd);
}

static void
only_a_regular_file_is_loaded_by_its_path(void **state)
{
    struct stat st;
    struct status e = {0};
    (void)state;
    assert_null(file_load_regular("none", 10, &st, &e));
    assert_int_equal(e.code, STATUS_NOT_FOUND);
    assert_string_equal(e.message, "cannot read none: No such file or directory");
    assert_null(file_load_regular("/", 10, &st, &e));
    assert_string_equal(e.message, "/ must be a file of at most 10 bytes");
    /* Nobody writes to it: to open it, or to read it, would take for ever. */
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_null(file_load_regular("pipe", 10, &st, &e));
    assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
    unlink("pipe");
    assert_int_equal(file_store("eleven", O_EXCL, 0600, "12345678901", 11, &e), 0);
    assert_null(file_load_regular("eleven", 10, &st, &e));
    assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
    unlink("eleven");
}

/* Files of /proc have more in them than they say. */
static void
a_file_that_is_not_as_long_as_it_says_is_refused(void **state)
{
    struct stat st;
    struct status e = {0};
    (void)state;
    assert_null(file_load_regular("/proc/self/stat", 1 << 20, &st, &e));
    assert_int_equal(e.code, STATUS_UNAVAILABLE);
    assert_string_equal(e.message, "/proc/self/stat changed while it was read");
}

static void
file_store_does_as_its_flags_say(void **state)
{
    struct status e = {0};
    (void)state;
    assert_int_equal(file_store("mine", O_EXCL, 0644, "one", 3, &e), 0);
    assert_file("mine", "one", 0644);
    assert_int_equal(file_store("mine", O_EXCL, 0600, "two", 3, &e), -1);
    assert_int_equal(e.code, STATUS_FAILED_PRECONDITION);
    assert_string_equal(e.message, "cannot write mine: File exists");
    assert_file("mine", "one", 0644);
    assert_int_equal(file_store("mine", O_APPEND, 0600, ", two", 5, &e), 0);
    assert_file("mine", "one, two", 0600);
    assert_int_equal(file_store("mine", O_TRUNC, 0600, "3", 1, &e), 0);
    assert_file("mine", "3", 0600);
    assert_int_equal(symlink("mine", "link"), 0);
    assert_int_equal(file_store("link", O_TRUNC, 0600, "4", 1, &e), -1);
    assert_file("mine", "3", 0600);
    unlink("link");
    unlink("mine");
}

static void
file_replace_is_whole_or_nothing(void **state)
{
    char absolute[64];
    (void)state;
    assert_int_equal(file_replace("mine", 0644, "one", 3, true), 0);
    assert_file("mine", "one", 0644);
    snprintf(absolute, sizeof absolute, "%s/mine", folder);
    assert_int_equal(file_replace(absolute, 0600, "two", 3, false), 0);
    assert_file("mine", "two", 0600);
    unlink("mine");
    /* A folder is in the way; what was begun is gone, or remove_folder() fails. */
    assert_int_equal(mkdir("mine", 0700), 0);
    assert_int_equal(file_replace("mine", 0600, "three", 5, true), -1);
    assert_int_equal(errno, EISDIR);
    rmdir("mine");
    assert_int_equal(file_replace("none/mine", 0600, "four", 4, true), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(file_sync_folder_of("none/mine"), -1);
    assert_int_equal(file_sync_folder_of("anything"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_is_written_and_read_to_its_end),
        cmocka_unit_test(reading_ends_where_the_file_does),
        cmocka_unit_test(file_load_is_bounded),
        cmocka_unit_test(what_was_read_is_wiped),
        cmocka_unit_test(only_a_regular_file_is_loaded_by_its_path),
        cmocka_unit_test(a_file_that_is_not_as_long_as_it_says_is_refused),
        cmocka_unit_test(file_store_does_as_its_flags_say),
        cmocka_unit_test(file_replace_is_whole_or_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
