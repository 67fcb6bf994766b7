/* The fair queue: turns, shares of the room, shares of the lanes, the end. */
#include "common/clock.h"
#include "server/call/queue.h"
#include "server/call/whose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 64 };

static struct call calls[4 * MANY];

/** Calls by somebody whose company the queue knows, each with a token of its own. */
static struct call *
call_of(const char *company, int i)
{
    struct call *c = &calls[i];
    memset(c, 0, sizeof *c);
    c->has_token = true;
    c->company = company;
    c->received_us = clock_now_us();
    snprintf((char *)c->token_sha256, sizeof c->token_sha256, "%d of %s", i, company);
    snprintf(c->address, sizeof c->address, "127.0.0.1");
    whose_remember(c);
    return c;
}

static int
new_queue(void **state)
{
    *state = queue_new(MANY, 2);
    return *state ? 0 : -1;
}

static int
free_queue(void **state)
{
    queue_free(*state);
    return 0;
}

static uint8_t
turn_of(struct queue *q, const char *company)
{
    struct call *c = call_of(company, 0);
    assert_int_equal(queue_put(q, c), QUEUE_WAITS);
    assert_ptr_equal(queue_take(q, true), c);
    queue_done(q, c, 1000);
    return c->turn;
}

/** A company with another turn: names are hashed with a seed of this process. */
static const char *
other_than(struct queue *q, const char *company)
{
    static char other[16];
    int i = 0;
    do
        snprintf(other, sizeof other, "other%d", i++);
    while (turn_of(q, other) == turn_of(q, company));
    return other;
}

static void
queue_companies_take_turns(void **state)
{
    struct queue *q = *state;
    const char *quiet = other_than(q, "noisy");
    for (int i = 0; i < 10; i++)
        assert_int_equal(queue_put(q, call_of("noisy", i)), QUEUE_WAITS);
    struct call *late = call_of(quiet, 10);
    assert_int_equal(queue_put(q, late), QUEUE_WAITS);
    struct call *first = queue_take(q, true);
    assert_ptr_equal(first, &calls[0]);
    assert_ptr_equal(queue_take(q, true), late);
    queue_done(q, first, 1000);
    queue_done(q, late, 1000);
    /* Within a company it is first come, first served. */
    for (int i = 1; i < 10; i++) {
        assert_ptr_equal(queue_take(q, true), &calls[i]);
        queue_done(q, &calls[i], 1000);
    }
    assert_null(queue_take(q, false));
}

/**
 * Has so many calls of @a and of @b wait, takes @n of all, each @us_a or @us_b long. Returns how
 * many were of @a.
 */
static int
taken_of(struct queue *q, const char *a, const char *b, int n, int64_t us_a, int64_t us_b)
{
    int of_a = 0;
    for (int i = 0; i < n; i++) {
        assert_int_equal(queue_put(q, call_of(a, i)), QUEUE_WAITS);
        assert_int_equal(queue_put(q, call_of(b, MANY + i)), QUEUE_WAITS);
    }
    for (int i = 0; i < n; i++) {
        struct call *c = queue_take(q, true);
        bool is_a = strcmp(c->company, a) == 0;
        of_a += is_a;
        queue_done(q, c, is_a ? us_a : us_b);
    }
    return of_a;
}

static void
queue_turns_are_time(void **state)
{
    struct queue *q = *state;
    const char *quick = other_than(q, "slow");
    /* Nine of ten milliseconds are not the slow one's because its calls take nine times as long. */
    int slow = taken_of(q, "slow", quick, 20, 9000, 1000);
    assert_in_range(slow, 1, 4);
}

static void
queue_limits_what_runs_where_several_want_it(void **state)
{
    struct queue *q = queue_new(MANY, 4 * MANY);
    (void)state;
    const char *quick = other_than(q, "slow");
    taken_of(q, "slow", quick, 20, 50000, 100);
    while (queue_take(q, false))
        continue; /* these run on */
    struct queue_state look;
    queue_look(q, &look);
    assert_true(look.waiting > 10); /* calls of the slow one, of which two run */
    assert_int_equal(queue_put(q, call_of(quick, 3 * MANY)), QUEUE_WAITS);
    assert_ptr_equal(queue_take(q, true), &calls[3 * MANY]);
    queue_free(q);
}

/** Who put much at once and is silent since is in the way of who calls now, however long ago. */
static void
queue_limits_what_was_put_long_ago(void **state)
{
    enum { SLOW = 10, LONG_US = 3000000 };
    struct queue *q = queue_new(MANY, 4 * MANY);
    (void)state;
    const char *quick = other_than(q, "slow");
    taken_of(q, "slow", quick, 20, 50000, 100);
    for (struct call *c; (c = queue_take(q, false));)
        queue_done(q, c, strcmp(c->company, "slow") == 0 ? 50000 : 100);
    for (int i = 0; i < SLOW; i++) {
        struct call *c = call_of("slow", i);
        c->received_us -= LONG_US;
        assert_int_equal(queue_put(q, c), QUEUE_WAITS);
    }
    struct call *early = call_of(quick, SLOW), *late = call_of(quick, SLOW + 1);
    early->received_us -= LONG_US;
    assert_int_equal(queue_put(q, early), QUEUE_WAITS);
    assert_int_equal(queue_put(q, late), QUEUE_WAITS);
    while (queue_take(q, false))
        continue; /* these run on */
    struct queue_state look;
    queue_look(q, &look);
    assert_int_equal(look.waiting, SLOW - 2);
    queue_free(q);
}

static void
queue_strangers_are_as_one(void **state)
{
    enum { ADDRESSES = 40 };
    struct queue *q = queue_new(4 * MANY, 4 * MANY);
    (void)state;
    for (int i = 0; i < ADDRESSES; i++) {
        struct call *c = call_of("stranger", i);
        c->has_token = false;
        snprintf(c->address, sizeof c->address, "192.0.2.%d", i);
        assert_int_equal(queue_put(q, c), QUEUE_WAITS);
        assert_int_equal(queue_put(q, call_of("known", MANY + i)), QUEUE_WAITS);
    }
    int known = 0;
    for (int i = 0; i < ADDRESSES; i++) {
        struct call *c = queue_take(q, true);
        known += c->has_token;
        queue_done(q, c, 1000);
    }
    assert_in_range(known, ADDRESSES / 3, ADDRESSES);
    queue_free(q);
}

static void
queue_leaves_room_for_another(void **state)
{
    struct queue *q = *state;
    const char *quiet = other_than(q, "noisy");
    int put = 0;
    while (queue_put(q, call_of("noisy", put)) == QUEUE_WAITS)
        put++;
    assert_int_equal(put, MANY / 2);
    assert_int_equal(queue_put(q, call_of("noisy", put)), QUEUE_SHARE_FULL);
    int other = 0;
    while (queue_put(q, call_of(quiet, MANY + other)) == QUEUE_WAITS)
        other++;
    assert_int_equal(other, MANY / 4);
}

static void
queue_limits_what_runs(void **state)
{
    struct queue *q = *state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(queue_put(q, call_of("one", i)), QUEUE_WAITS);
    struct call *first = queue_take(q, true);
    assert_non_null(first);
    assert_non_null(queue_take(q, true));
    assert_null(queue_take(q, false)); /* the share is 2 */
    struct queue_state look;
    queue_look(q, &look);
    assert_int_equal(look.waiting, 1);
    queue_done(q, first, 1000);
    assert_non_null(queue_take(q, false));
}

static void
queue_strangers_share_their_address(void **state)
{
    struct queue *q = *state;
    struct call *a = call_of("known", 0), *b = call_of("known", 1);
    memset(a->token_sha256, 0xaa, sizeof a->token_sha256);
    b->has_token = false;
    assert_int_equal(queue_put(q, a), QUEUE_WAITS);
    assert_int_equal(queue_put(q, b), QUEUE_WAITS);
    assert_int_equal(a->turn, b->turn);
}

static void *
take_one(void *arg)
{
    return queue_take(arg, true);
}

/** Returns once so many threads wait for a call. */
static void
await_waiting(struct queue *q, int n)
{
    struct queue_state now = {0};
    while (now.idle != n) {
        sched_yield();
        queue_look(q, &now);
    }
}

static void
queue_serves_who_came_last(void **state)
{
    struct queue *q = *state;
    struct call *c = call_of("acme", 0);
    pthread_t early, late;
    void *taken_early = q, *taken_late = NULL;
    assert_int_equal(pthread_create(&early, NULL, take_one, q), 0);
    await_waiting(q, 1);
    assert_int_equal(pthread_create(&late, NULL, take_one, q), 0);
    await_waiting(q, 2);
    assert_int_equal(queue_put(q, c), QUEUE_WAITS);
    await_waiting(q, 1); /* it has the call by now, whether it runs yet or not */
    assert_null(queue_take(q, false));
    pthread_join(late, &taken_late);
    assert_ptr_equal(taken_late, c);
    queue_done(q, c, 1);
    queue_stop(q);
    pthread_join(early, &taken_early);
    assert_null(taken_early);
}

static void
queue_stops(void **state)
{
    struct queue *q = *state;
    pthread_t taker;
    void *taken = q;
    assert_int_equal(pthread_create(&taker, NULL, take_one, q), 0);
    queue_stop(q);
    pthread_join(taker, &taken);
    assert_null(taken);
    assert_int_equal(queue_put(q, call_of("late", 0)), QUEUE_FULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queue_companies_take_turns, new_queue, free_queue),
        cmocka_unit_test_setup_teardown(queue_turns_are_time, new_queue, free_queue),
        cmocka_unit_test(queue_limits_what_runs_where_several_want_it),
        cmocka_unit_test(queue_limits_what_was_put_long_ago),
        cmocka_unit_test(queue_strangers_are_as_one),
        cmocka_unit_test_setup_teardown(queue_leaves_room_for_another, new_queue, free_queue),
        cmocka_unit_test_setup_teardown(queue_limits_what_runs, new_queue, free_queue),
        cmocka_unit_test_setup_teardown(queue_strangers_share_their_address, new_queue, free_queue),
        cmocka_unit_test_setup_teardown(queue_serves_who_came_last, new_queue, free_queue),
        cmocka_unit_test_setup_teardown(queue_stops, new_queue, free_queue),
    };
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
