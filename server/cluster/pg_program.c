#include "server/cluster/pg_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/** The folder of the programs on Debian, for a version. */
#define DEBIAN_FOLDER "/usr/lib/postgresql/%d/bin"

static bool
has_programs(const char *folder, const char *const *names)
{
    char path[PG_PROGRAM_BYTES];
    for (; *names; names++) {
        snprintf(path, sizeof path, "%s/%s", folder, *names);
        if (access(path, X_OK) < 0)
            return false;
    }
    return true;
}

static bool
ask_pg_config(char folder[PG_PROGRAM_FOLDER_BYTES])
{
    FILE *out = popen("pg_config --bindir 2>/dev/null", "re");
    bool found = out && fgets(folder, PG_PROGRAM_FOLDER_BYTES, out);
    if (out)
        pclose(out);
    if (found)
        folder[strcspn(folder, "\n")] = 0;
    return found;
}

static bool
search_path(const char *const *names, char folder[PG_PROGRAM_FOLDER_BYTES])
{
    const char *p = getenv("PATH");
    while (p && *p) {
        size_t n = strcspn(p, ":");
        snprintf(folder, PG_PROGRAM_FOLDER_BYTES, "%.*s", (int)n, p);
        if (n && has_programs(folder, names))
            return true;
        p += n + (p[n] == ':');
    }
    return false;
}

int
pg_program_find(int version, const char *const *names, char folder[PG_PROGRAM_FOLDER_BYTES],
                struct status *e)
{
    snprintf(folder, PG_PROGRAM_FOLDER_BYTES, DEBIAN_FOLDER, version);
    if (has_programs(folder, names) || (ask_pg_config(folder) && has_programs(folder, names)) ||
        search_path(names, folder))
        return 0;
    return status_set(e, STATUS_NOT_FOUND,
                      "PostgreSQL %d is not installed (no %s in " DEBIAN_FOLDER
                      "): apt install postgresql-%d, or use --database",
                      version, names[0], version, version);
}

/** The environment of a program: nothing of ours that could change what it does. */
struct environment {
    char home[1100];
    char passfile[1100];
    const char *list[8];
};

/** A file of passwords is found by these two. */
static void
make_environment(const struct pg_program_launch *launch, struct environment *env)
{
    const char *home = getenv("HOME");
    const char *passfile = getenv("PGPASSFILE");
    size_t n = 0;
    env->list[n++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    env->list[n++] = "LC_ALL=C.UTF-8";
    env->list[n++] = "TZ=UTC";
    snprintf(env->home, sizeof env->home, "HOME=%s", home ? home : "/");
    env->list[n++] = env->home;
    snprintf(env->passfile, sizeof env->passfile, "PGPASSFILE=%s", passfile ? passfile : "");
    if (passfile)
        env->list[n++] = env->passfile;
    if (launch->variable)
        env->list[n++] = launch->variable;
    env->list[n] = NULL;
}

/** In the child: closes every descriptor from 3 on but one. */
static void
close_others(int kept_fd)
{
    if (kept_fd < 3) {
        close_range(3, ~0U, 0);
        return;
    }
    if (kept_fd > 3)
        close_range(3, (unsigned)kept_fd - 1, 0);
    close_range((unsigned)kept_fd + 1, ~0U, 0);
    fcntl(kept_fd, F_SETFD, 0);
}

/** In the child: only calls that are safe after a fork of a process with threads. */
static void
become_program(const struct pg_program_launch *launch, const struct environment *env, pid_t parent)
{
    sigset_t none;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    int in = launch->input_fd >= 0 ? launch->input_fd : open("/dev/null", O_RDONLY);
    int out = launch->output_fd >= 0 ? launch->output_fd : launch->error_fd;
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &standard, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* A session of its own: Ctrl-C on the terminal is for this program, which then stops it. */
    setsid();
    prctl(PR_SET_PDEATHSIG, launch->death_signal);
    if (getppid() != parent)
        _exit(127);
    if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(launch->error_fd, 2) < 0)
        _exit(127);
    close_others(launch->kept_fd);
    execve(launch->argv[0], (char *const *)launch->argv, (char *const *)env->list);
    _exit(127);
}

pid_t
pg_program_start(const struct pg_program_launch *launch, struct status *e)
{
    struct environment env;
    make_environment(launch, &env);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become_program(launch, &env, parent);
    if (pid < 0)
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot start %s: %s", launch->argv[0],
                   strerror(errno));
    return pid;
}

int
pg_program_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

void
pg_program_describe_end(int status, char how[80])
{
    if (WIFSIGNALED(status))
        snprintf(how, 80, "killed by signal %d", WTERMSIG(status));
    else
        snprintf(how, 80, "exit status %d", WEXITSTATUS(status));
}

void
pg_program_reason(const char *path, char reason[PG_PROGRAM_REASON_BYTES])
{
    char line[PG_PROGRAM_REASON_BYTES];
    bool found = false;
    FILE *in = fopen(path, "re");
    snprintf(reason, PG_PROGRAM_REASON_BYTES, "it said nothing");
    while (in && fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = 0;
        char *fatal = strstr(line, "FATAL:");
        char *error = strstr(line, "error:");
        char *text = fatal ? fatal : error;
        if (!text && (found || !*line))
            continue;
        found = found || text;
        snprintf(reason, PG_PROGRAM_REASON_BYTES, "%s", text ? text : line);
    }
    if (in)
        fclose(in);
}
