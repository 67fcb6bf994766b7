#include "client/output/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** A shell that cannot execute a program exits with this, or the next number. */
enum { NOT_EXECUTED = 126 };

/** The pager, and standard output as it was before; 0 and -1 while none runs. */
static pid_t pager;
static int terminal = -1;
/** How signals were taken before: while the pager has the terminal, ^C is its own. */
static struct sigaction interrupt_before, pipe_before;

static void
run_pager(const char *command, const int pipe_ends[2])
{
    dup2(pipe_ends[0], STDIN_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    setenv("LESS", "FRX", 0);
    setenv("LESSCHARSET", "utf-8", 0);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

void
pager_start(void)
{
    const char *command = getenv("PAGER");
    if (!command)
        command = access("/usr/bin/less", X_OK) == 0 ? "less" : "";
    int ends[2];
    if (!*command || strcmp(command, "cat") == 0 || pipe2(ends, O_CLOEXEC) < 0)
        return;
    fflush(stdout);
    pager = fork();
    if (pager == 0)
        run_pager(command, ends);
    close(ends[0]);
    if (pager > 0 && (terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0) {
        dup2(ends[1], STDOUT_FILENO);
        struct sigaction ignore = {.sa_handler = SIG_IGN};
        sigaction(SIGINT, &ignore, &interrupt_before);
        sigaction(SIGPIPE, &ignore, &pipe_before);
    }
    close(ends[1]);
}

int
pager_end(struct status *e)
{
    int how = 0;
    if (terminal < 0)
        return 0;
    fflush(stdout);
    /* What could not be handed over is not wanted any more. */
    __fpurge(stdout);
    clearerr(stdout);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    terminal = -1;
    while (waitpid(pager, &how, 0) < 0 && errno == EINTR)
        ;
    sigaction(SIGINT, &interrupt_before, NULL);
    sigaction(SIGPIPE, &pipe_before, NULL);
    if (!WIFEXITED(how) || WEXITSTATUS(how) < NOT_EXECUTED)
        return 0;
    return status_set(e, STATUS_FAILED_HERE, "%s",
                      _("$PAGER could not be started; --no-pager does without"));
}
