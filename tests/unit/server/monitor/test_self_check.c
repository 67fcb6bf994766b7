/**
 * Tests of server/monitor/self_check: what the service manager hears when nobody is let in, and
 * afterwards.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/base/metrics.h"
#include "server/monitor/self_check.h"

/** The service manager's socket, in the abstract namespace. */
static int
be_manager(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char name[64];
    snprintf(name, sizeof name, "@test_self_check.%d", (int)getpid());
    memcpy(a.sun_path + 1, name + 1, strlen(name) - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    /* A check every ten milliseconds. */
    setenv("WATCHDOG_USEC", "20000", 1);
    return fd;
}

/** Waits for a message that begins with @want; what comes before it must not begin with @never. */
static void
hear(int manager, const char *want, const char *never)
{
    char text[200];
    do {
        ssize_t n = recv(manager, text, sizeof text - 1, 0);
        assert_true(n > 0);
        text[n] = 0;
        assert_true(strncmp(text, never, strlen(never)) != 0);
    } while (strncmp(text, want, strlen(want)) != 0);
}

static void
manager_hears_of_ill_and_well(void **state)
{
    (void)state;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    char url[40], well[80];
    struct status e;
    signal(SIGPIPE, SIG_IGN); /* as the server has it */
    int manager = be_manager(), door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Bound but not listening: who connects is refused. */
    assert_int_equal(bind(door, (struct sockaddr *)&a, n), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&a, &n), 0);
    snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%d", ntohs(a.sin_port));
    snprintf(well, sizeof well, "STATUS=listening on %s", url);
    struct self_check *s = self_check_start(url, "", &e);
    assert_non_null(s);
    hear(manager, "STATUS=unwell: the server lets nobody in", "WATCHDOG=1");
    /* Taken and turned away, which is well. */
    assert_int_equal(listen(door, 8), 0);
    int peer = accept(door, NULL, NULL);
    assert_true(peer >= 0);
    metrics_count(METRICS_CONNECTIONS_ACCEPTED);
    close(peer);
    hear(manager, "WATCHDOG=1", "STATUS=listening");
    hear(manager, well, "STATUS=unwell");
    close(door);
    self_check_stop(s);
    close(manager);
}

/** Where who connects from here has to bring a proxy's header, the server does so itself. */
static void
a_proxys_header_comes_before_the_handshake(void **state)
{
    static const uint8_t local[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0\x16\x03"; /* and TLS */
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    char url[40];
    uint8_t got[sizeof local - 1];
    struct status e;
    (void)state;
    int manager = be_manager(), door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(door, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(door, 8), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&a, &n), 0);
    snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%d", ntohs(a.sin_port));
    struct self_check *s = self_check_start(url, "10.0.0.0/8, 127.0.0.0/8", &e);
    assert_non_null(s);
    int peer = accept(door, NULL, NULL);
    assert_int_equal(recv(peer, got, sizeof got, MSG_WAITALL), sizeof got);
    assert_memory_equal(got, local, sizeof got);
    close(peer);
    close(door);
    self_check_stop(s);
    close(manager);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manager_hears_of_ill_and_well),
        cmocka_unit_test(a_proxys_header_comes_before_the_handshake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
