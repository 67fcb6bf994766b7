/* The arena: limits, alignment, clean-ups, secrets. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"

static void
arena_gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = arena_alloc(a, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xaa, size);
    }
    arena_free(a);
}

static void
arena_alloc_stops_at_limit(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    assert_non_null(arena_alloc(a, 900));
    assert_null(arena_alloc(a, 200));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_alloc(a, SIZE_MAX - 8));
    assert_non_null(arena_alloc(a, 16));
    arena_free(a);
    arena_free(NULL);
}

static char order[8];

static void
note(void *what)
{
    strncat(order, what, 1);
}

static void
arena_free_cleans_up_latest_first(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    assert_int_equal(arena_defer(a, note, (void *)"a"), 0);
    assert_int_equal(arena_defer(a, note, (void *)"b"), 0);
    arena_free(a);
    assert_string_equal(order, "ba");
}

static void
arena_defer_without_room_cleans_up_now(void **state)
{
    (void)state;
    struct arena *a = arena_new(8);
    order[0] = 0;
    assert_int_equal(arena_defer(a, note, (void *)"c"), -1);
    assert_string_equal(order, "c");
    arena_free(a);
}

/** The linker has arena.c call this in free()'s place. */
void __real_free(void *p);
void __wrap_free(void *p);

static int freed, freed_with_secret;

void
__wrap_free(void *p)
{
    freed++;
    freed_with_secret += p && memmem(p, malloc_usable_size(p), "hunter2", 7) != NULL;
    __real_free(p);
}

static void
arena_free_wipes(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    assert_string_equal(arena_copy(a, "hunter2", 7), "hunter2");
    for (int i = 0; i < 500; i++)
        assert_non_null(arena_print(a, "Authorization: hunter2 %d", i));
    char *large = arena_alloc(a, 50000);
    memcpy(large + 49992, "hunter2", 8);
    freed = freed_with_secret = 0;
    arena_free(a);
    assert_true(freed > 3);
    assert_int_equal(freed_with_secret, 0);
}

static void
arena_print_and_copy(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    assert_string_equal(arena_print(a, "%s %d", "deal", 7), "deal 7");
    assert_string_equal(arena_copy(a, "abc", 2), "ab");
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(arena_alloc_stops_at_limit),
        cmocka_unit_test(arena_free_cleans_up_latest_first),
        cmocka_unit_test(arena_defer_without_room_cleans_up_now),
        cmocka_unit_test(arena_free_wipes),
        cmocka_unit_test(arena_print_and_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
