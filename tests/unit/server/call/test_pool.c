/* The pool: turns between those who sign in and those who set passwords, and room for each. */
#include "server/call/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

enum { ROOM = 4 };

static struct call calls[2 * ROOM + 1];
/** What was done, in its order: 's' a sign-in, 'p' a password. */
static char done[2 * ROOM + 2];
static size_t n_done;
static sem_t begun, go_on;

/** Keeps the only thread until the queues are as the test wants them. */
static void
wait_for_test(struct call *c)
{
    (void)c;
    sem_post(&begun);
    sem_wait(&go_on);
}

static void
note_sign_in(struct call *c)
{
    (void)c;
    done[n_done++] = 's';
}

static void
note_password(struct call *c)
{
    (void)c;
    done[n_done++] = 'p';
}

static int
new_pool(void **state)
{
    struct status e = {0};
    memset(calls, 0, sizeof calls);
    memset(done, 0, sizeof done);
    n_done = 0;
    sem_init(&begun, 0, 0);
    sem_init(&go_on, 0, 0);
    struct pool *p = pool_start(1, ROOM, &e);
    *state = p;
    if (!p || pool_submit(p, POOL_SIGN_IN, &calls[2 * ROOM], wait_for_test) < 0)
        return -1;
    sem_wait(&begun);
    return 0;
}

static int
free_pool(void **state)
{
    pool_free(*state);
    return 0;
}

static void
passwords_leave_sign_ins_their_turn(void **state)
{
    struct pool *p = *state;
    struct pool_state s;
    for (int i = 0; i < ROOM; i++)
        assert_int_equal(pool_submit(p, POOL_SET_PASSWORD, &calls[i], note_password), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pool_submit(p, POOL_SIGN_IN, &calls[ROOM + i], note_sign_in), 0);
    pool_look(p, &s);
    assert_int_equal(s.waiting[POOL_SET_PASSWORD], ROOM);
    assert_int_equal(s.waiting[POOL_SIGN_IN], 2);
    sem_post(&go_on);
    pool_stop(p);
    /* A sign-in waits behind one password, however many there were before it. */
    assert_string_equal(done, "pspspp");
}

static void
passwords_leave_sign_ins_their_room(void **state)
{
    struct pool *p = *state;
    for (int i = 0; i < ROOM; i++)
        assert_int_equal(pool_submit(p, POOL_SET_PASSWORD, &calls[i], note_password), 0);
    assert_int_equal(pool_submit(p, POOL_SET_PASSWORD, &calls[ROOM], note_password), -1);
    assert_int_equal(calls[ROOM].status.code, STATUS_RESOURCE_EXHAUSTED);
    assert_true(calls[ROOM].status.retry_after_ms > 0);
    assert_int_equal(pool_submit(p, POOL_SIGN_IN, &calls[ROOM + 1], note_sign_in), 0);
    sem_post(&go_on);
    pool_stop(p);
    assert_string_equal(done, "psppp");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(passwords_leave_sign_ins_their_turn, new_pool, free_pool),
        cmocka_unit_test_setup_teardown(passwords_leave_sign_ins_their_room, new_pool, free_pool),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
