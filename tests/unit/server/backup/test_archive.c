#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "server/backup/manifest.h"

static int
new_file(void)
{
    int fd = memfd_create("archive", 0);
    assert_true(fd >= 0);
    return fd;
}

static void
add(struct archive *a, const char *name, const char *text, size_t n)
{
    struct status e = {0};
    assert_int_equal(archive_open_member(a, name, 0600, &e), 0);
    /* In two pieces, as it comes from a pipe. */
    assert_int_equal(archive_write(a, text, n / 2, &e), 0);
    assert_int_equal(archive_write(a, text + n / 2, n - n / 2, &e), 0);
    assert_int_equal(archive_close_member(a, &e), 0);
}

static const char block[512] = "a block of text that fills one exactly";

/** An archive with an empty member, one of a block and one of a byte more. */
static int
sample(struct archive *a)
{
    char longer[513];
    struct status e = {0};
    int fd = new_file();
    memset(longer, 'x', sizeof longer);
    archive_begin(a, fd, "sample");
    add(a, "empty", "", 0);
    add(a, "tls/block", block, sizeof block);
    add(a, "longer", longer, sizeof longer);
    assert_int_equal(archive_finish(a, &e), 0);
    return fd;
}

static void
archive_gives_back_what_was_written(void **state)
{
    struct archive written;
    struct archive a;
    struct status e = {0};
    int fd = sample(&written);
    (void)state;
    assert_int_equal(archive_read(&a, fd, "sample", &e), 0);
    assert_int_equal(a.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(a.members[i].name, written.members[i].name);
        assert_int_equal(a.members[i].offset, written.members[i].offset);
        assert_int_equal(a.members[i].size, written.members[i].size);
        assert_int_equal(a.members[i].mode, 0600);
    }
    char *text = archive_text(&a, archive_find(&a, "tls/block"), 512, &e);
    assert_memory_equal(text, block, sizeof block);
    free(text);
    text = archive_text(&a, archive_find(&a, "empty"), 0, &e);
    assert_string_equal(text, "");
    free(text);
    assert_null(archive_text(&a, archive_find(&a, "longer"), 512, &e));
    assert_non_null(strstr(e.message, "longer than 512 bytes"));
    assert_null(archive_find(&a, "none"));
    close(fd);
}

/* sha256sum of nothing and of 513 times "x". */
static void
archive_tells_the_digest(void **state)
{
    struct archive a;
    int fd = sample(&a);
    (void)state;
    assert_string_equal(a.members[0].sha256,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(strlen(a.members[2].sha256), 64);
    close(fd);
}

/* Wherever it is cut off before its end mark, that is noticed. */
static void
archive_notices_a_missing_end(void **state)
{
    struct archive a;
    struct status e;
    int fd = sample(&a);
    off_t size = lseek(fd, 0, SEEK_END);
    (void)state;
    for (off_t n = size - 1025; n >= 0; n--) {
        assert_int_equal(ftruncate(fd, n), 0);
        memset(&e, 0, sizeof e);
        assert_int_equal(archive_read(&a, fd, "sample", &e), -1);
        assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
    }
    close(fd);
}

/* Every byte of a header counts, for its sum is in it. */
static void
archive_notices_a_damaged_header(void **state)
{
    struct archive a;
    struct status e;
    int fd = sample(&a);
    (void)state;
    for (off_t at = 0; at < 500; at++) {
        char old;
        char changed;
        assert_int_equal(pread(fd, &old, 1, at), 1);
        changed = (char)(old ^ 1);
        assert_int_equal(pwrite(fd, &changed, 1, at), 1);
        memset(&e, 0, sizeof e);
        int rc = archive_read(&a, fd, "sample", &e);
        /* Blank or zero, the byte after the sum's digits ends them all the same. */
        assert_true(rc == -1 || (at >= 148 && at < 156));
        assert_int_equal(pwrite(fd, &old, 1, at), 1);
    }
    close(fd);
}

static void
archive_is_bounded(void **state)
{
    struct archive a;
    struct status e = {0};
    char name[ARCHIVE_NAME_BYTES + 1];
    int fd = new_file();
    (void)state;
    archive_begin(&a, fd, "sample");
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    assert_int_equal(archive_open_member(&a, name, 0600, &e), -1);
    for (int i = 0; i < ARCHIVE_MEMBERS; i++)
        add(&a, "member", "x", 1);
    assert_int_equal(archive_open_member(&a, "more", 0600, &e), -1);
    close(fd);
}

/* --- The manifest */

static struct inventory_table told_tables[] = {{"deal", 7, "-36863430589211491603"},
                                               {"team", 0, "0"}};
static const struct manifest told = {
    .program = "1.2.3",
    .made = "2026-11-21T23:30:00Z",
    .postgresql = 15,
    .schema = 9,
    .inventory = {.n = 2, .tables = told_tables},
};

/** The archive above with its manifest; returns the manifest's text. */
static char *
with_manifest(struct archive *a, int *fd)
{
    char *text = NULL;
    size_t n = 0;
    struct status e = {0};
    archive_begin(a, *fd = new_file(), "sample");
    add(a, "database.dump", "dump", 4);
    FILE *out = open_memstream(&text, &n);
    manifest_print(&told, a, out);
    fclose(out);
    add(a, MANIFEST_NAME, text, n);
    assert_int_equal(archive_finish(a, &e), 0);
    return text;
}

static void
manifest_gives_back_what_was_told(void **state)
{
    struct archive a;
    struct manifest m;
    struct status e = {0};
    int fd;
    char *text = with_manifest(&a, &fd);
    (void)state;
    assert_int_equal(manifest_parse(&m, text, &a, &e), 0);
    assert_string_equal(m.program, told.program);
    assert_string_equal(m.made, told.made);
    assert_int_equal(m.postgresql, 15);
    assert_int_equal(m.schema, 9);
    assert_int_equal(inventory_compare(&m.inventory, &told.inventory, &e), 0);
    assert_int_equal(inventory_rows(&m.inventory), 7);
    assert_string_equal(manifest_sha256(&m, "database.dump"), a.members[0].sha256);
    assert_null(manifest_sha256(&m, "manifest"));
    inventory_free(&m.inventory);
    assert_int_equal(m.inventory.n, 0);
    free(text);
    close(fd);
}

/** manifest_parse() of @text must fail, or must not. */
static void
parses(const struct archive *a, const char *text, bool fine)
{
    static struct manifest m;
    struct status e = {0};
    char *copy = strdup(text);
    int rc = manifest_parse(&m, copy, a, &e);
    if ((rc == 0) != fine)
        fail_msg("%s: %s", text, e.message);
    inventory_free(&m.inventory);
    free(copy);
}

static void
manifest_must_fit_the_archive(void **state)
{
    struct archive a;
    int fd;
    char text[2048];
    char *whole = with_manifest(&a, &fd);
    const char *head = "jiayi-backup 1\nprogram 1\nmade x\npostgresql 15\nschema 9\n";
    (void)state;
    parses(&a, whole, true);
    /* Of a later program. */
    snprintf(text, sizeof text, "%snew thing 7\n", whole);
    parses(&a, text, true);
    parses(&a, "", false);
    parses(&a, "jiayi-backup\n", false);
    parses(&a, "jiayi-backup 2\n", false);
    parses(&a, head, false);
    snprintf(text, sizeof text, "%sfile %s 4 other\n", head, a.members[0].sha256);
    parses(&a, text, false);
    snprintf(text, sizeof text, "%sfile %s 5 database.dump\n", head, a.members[0].sha256);
    parses(&a, text, false);
    snprintf(text, sizeof text, "%stable seven 1 deal\n", whole);
    parses(&a, text, false);
    snprintf(text, sizeof text, "%sfile\n", whole);
    parses(&a, text, true);
    snprintf(text, sizeof text, "%sfile \n", whole);
    parses(&a, text, false);
    free(whole);
    close(fd);
}

/* There is no number of tables that is too many. */
static void
manifest_has_room_for_every_table(void **state)
{
    enum { TABLES = 5000 };
    struct archive a = {.path = "sample"};
    struct manifest m, many = {.program = "1", .made = "x", .postgresql = 15, .schema = 9};
    struct status e = {0};
    char *text = NULL;
    size_t n = 0;
    (void)state;
    for (int i = 0; i < TABLES; i++) {
        struct inventory_table table = {.rows = i, .digest = "-36863430589211491603"};
        snprintf(table.name, sizeof table.name, "table_%d", i);
        assert_int_equal(inventory_add(&many.inventory, &table, &e), 0);
    }
    FILE *out = open_memstream(&text, &n);
    manifest_print(&many, &a, out);
    fclose(out);
    assert_true(n < MANIFEST_LIMIT_BYTES);
    a.n = 1; /* the manifest itself */
    assert_int_equal(manifest_parse(&m, text, &a, &e), 0);
    assert_int_equal(m.inventory.n, TABLES);
    assert_int_equal(inventory_compare(&m.inventory, &many.inventory, &e), 0);
    assert_int_equal(inventory_rows(&m.inventory), TABLES * (TABLES - 1) / 2);
    inventory_free(&m.inventory);
    inventory_free(&many.inventory);
    free(text);
}

/** The tables that were told of, for a test to change. */
static struct inventory
inventory_told(void)
{
    struct inventory copy = {0};
    struct status e;
    for (size_t i = 0; i < told.inventory.n; i++)
        assert_int_equal(inventory_add(&copy, &told.inventory.tables[i], &e), 0);
    return copy;
}

static void
inventory_names_what_differs(void **state)
{
    struct inventory there = inventory_told();
    struct status e = {0};
    (void)state;
    assert_int_equal(inventory_compare(&there, &told.inventory, &e), 0);
    there.tables[0].rows = 6;
    assert_int_equal(inventory_compare(&there, &told.inventory, &e), -1);
    assert_string_equal(e.message, "the table deal has 6 rows instead of 7");
    there.tables[0].rows = 7;
    there.tables[1].digest[0] = '1';
    assert_int_equal(inventory_compare(&there, &told.inventory, &e), -1);
    assert_string_equal(e.message, "the rows of the table team are not the same");
    there.tables[1].digest[0] = '0';
    there.n = 1;
    assert_int_equal(inventory_compare(&there, &told.inventory, &e), -1);
    assert_string_equal(e.message, "the table team is missing");
    assert_int_equal(inventory_compare(&told.inventory, &there, &e), -1);
    assert_string_equal(e.message, "there is a table team too many");
    inventory_free(&there);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archive_gives_back_what_was_written),
        cmocka_unit_test(archive_tells_the_digest),
        cmocka_unit_test(archive_notices_a_missing_end),
        cmocka_unit_test(archive_notices_a_damaged_header),
        cmocka_unit_test(archive_is_bounded),
        cmocka_unit_test(manifest_gives_back_what_was_told),
        cmocka_unit_test(manifest_must_fit_the_archive),
        cmocka_unit_test(manifest_has_room_for_every_table),
        cmocka_unit_test(inventory_names_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
