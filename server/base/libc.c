/*
 * Functions of the C library that nng calls, where it offers no other way to have them do something
 * else: the dynamic linker binds libnng's calls to the program's own. So this file is of the
 * program, not of the library that the tests link.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h> /* __sysconf() */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    /**
     * Connections that the kernel keeps until they are accepted; it lowers the number to
     * net.core.somaxconn.
     */
    BACKLOG = 4096,
    /**
     * A peer that says nothing is asked after so many seconds, and again, so often; then it is
     * gone.
     */
    KEEPALIVE_IDLE_S = 60,
    KEEPALIVE_INTERVAL_S = 15,
    KEEPALIVE_COUNT = 4,
    /** Sent bytes that are not acknowledged for so long: the peer is gone. */
    USER_TIMEOUT_MS = 30000,
};

/**
 * listen() in place of the C library's: the dynamic linker binds libnng's call to the program's own
 * function. nng offers neither a deeper backlog nor TCP's timeouts; accepted connections inherit
 * the latter.
 */
int
listen(int fd, int backlog)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                   sizeof options[i].value); /* not for a socket that is not TCP */
    return (int)syscall(SYS_listen, fd, backlog < BACKLOG ? BACKLOG : backlog);
}

/**
 * sysconf() in the C library's place: nng makes two threads for each processor that this tells of,
 * all on one queue, and wakes one for every step. Two in all are awake already when there is much
 * to do, and do not wait for each other's locks: a tenth of what a call costs. TSan asks it before
 * it can watch anything.
 */
__attribute__((no_sanitize("thread"))) long
sysconf(int name)
{
    return name == _SC_NPROCESSORS_ONLN ? 1 : __sysconf(name);
}
