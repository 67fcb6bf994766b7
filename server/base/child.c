#include "server/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"

/** How a child ended; what it wrote for its parent follows. */
struct ending {
    struct status status;
    bool failed;
};

static sigset_t
stop_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

int
child_hold_signals(struct status *e)
{
    sigset_t set = stop_signals();
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (fd < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot begin: %s", strerror(errno));
    return fd;
}

void
child_follow(void)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/** Waits for the child; passes signals that ask for an end on to it. */
static int
await_child(pid_t child)
{
    sigset_t set = stop_signals();
    int status = 0;
    sigaddset(&set, SIGCHLD);
    for (;;) {
        pid_t got = waitpid(child, &status, WNOHANG);
        if (got == child)
            return status;
        int sig = sigwaitinfo(&set, NULL);
        if (sig > 0 && sig != SIGCHLD)
            kill(child, SIGTERM);
    }
}

int
child_run(int (*step)(void *arg, void *ret, struct status *e), void *arg, void *ret, size_t n_ret,
          struct status *e)
{
    struct ending ending = {0};
    int ends[2];
    memset(ret, 0, n_ret);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot begin: %s", strerror(errno));
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        child_follow();
        ending.failed = step(arg, ret, &ending.status) < 0;
        fflush(NULL);
        bool told = file_write_all(ends[1], &ending, sizeof ending) == 0 &&
                    file_write_all(ends[1], ret, n_ret) == 0;
        _exit(told ? 0 : 1);
    }
    close(ends[1]);
    int status = child < 0 ? -1 : await_child(child);
    bool told = file_read_all(ends[0], &ending, sizeof ending) == (ssize_t)sizeof ending &&
                file_read_all(ends[0], ret, n_ret) == (ssize_t)n_ret;
    close(ends[0]);
    if (!told)
        return status_set(e, STATUS_INTERNAL, "the work ended early (status %d)", status);
    if (ending.failed)
        *e = ending.status;
    return ending.failed ? -1 : 0;
}
