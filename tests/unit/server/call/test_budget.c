/* What a company may change: a burst, a rate, what is large, each for itself. */
#include "server/call/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>

enum { RATE = 100, BURST = 10, COST_MS = 1000 / RATE, NOW_US = 5000000, US = 1000 };

static int
new_budget(void **state)
{
    *state = budget_new(RATE, BURST);
    return *state ? 0 : -1;
}

static int
drop_budget(void **state)
{
    budget_free(*state);
    return 0;
}

static void
use_up(struct budget *b, unsigned whose)
{
    for (int i = 0; i < BURST; i++)
        assert_int_equal(budget_charge(b, whose, 0, NOW_US), 0);
}

static void
budget_charge_burst_and_rate(void **state)
{
    struct budget *b = *state;
    use_up(b, 7);
    assert_int_equal(budget_charge(b, 7, 0, NOW_US), COST_MS);
    assert_int_equal(budget_charge(b, 7, 0, NOW_US), COST_MS); /* refusing costs nothing */
    assert_int_equal(budget_charge(b, 7, 0, NOW_US + 4 * US), COST_MS - 4);
    assert_int_equal(budget_charge(b, 7, 0, NOW_US + COST_MS * US), 0);
    assert_int_equal(budget_charge(b, 7, 0, NOW_US + COST_MS * US), COST_MS);
    /* After a pause there is a burst again, and no more than one. */
    for (int i = 0; i < BURST; i++)
        assert_int_equal(budget_charge(b, 7, 0, NOW_US + 3600LL * 1000 * US), 0);
    assert_int_equal(budget_charge(b, 7, 0, NOW_US + 3600LL * 1000 * US), COST_MS);
}

static void
budget_charge_each_for_itself(void **state)
{
    struct budget *b = *state;
    use_up(b, 7);
    assert_int_not_equal(budget_charge(b, 7, 0, NOW_US), 0);
    use_up(b, 8);
}

static void
budget_charge_large(void **state)
{
    struct budget *b = *state;
    assert_int_equal(budget_charge(b, 7, 9 * BUDGET_STEP_BYTES - 1, NOW_US), 0);
    assert_int_equal(budget_charge(b, 7, BUDGET_STEP_BYTES, NOW_US), COST_MS);
    assert_int_equal(budget_charge(b, 7, BUDGET_STEP_BYTES - 1, NOW_US), 0);
    /* What is larger than all that there is costs all that there is. */
    assert_int_equal(budget_charge(b, 8, 1000 * BUDGET_STEP_BYTES, NOW_US), 0);
    assert_int_equal(budget_charge(b, 8, 0, NOW_US), COST_MS);
}

static void *
charge_many(void *budget)
{
    intptr_t n = 0;
    for (int i = 0; i < 2 * BURST * 1000; i++)
        n += budget_charge(budget, 7, 0, NOW_US) == 0;
    return (void *)n;
}

static void
budget_charge_by_several_threads(void **state)
{
    struct budget *b = budget_new(1000000, BURST * 1000);
    pthread_t other;
    void *theirs;
    (void)state;
    assert_non_null(b);
    assert_int_equal(pthread_create(&other, NULL, charge_many, b), 0);
    intptr_t ours = (intptr_t)charge_many(b);
    assert_int_equal(pthread_join(other, &theirs), 0);
    assert_int_equal(ours + (intptr_t)theirs, BURST * 1000);
    budget_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(budget_charge_burst_and_rate, new_budget, drop_budget),
        cmocka_unit_test_setup_teardown(budget_charge_each_for_itself, new_budget, drop_budget),
        cmocka_unit_test_setup_teardown(budget_charge_large, new_budget, drop_budget),
        cmocka_unit_test(budget_charge_by_several_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
