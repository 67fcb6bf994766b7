#include "server/cluster/pg_family.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

/** How long each kind of shutdown may take before the next, harder one. */
#define FAST_MS      20000
#define IMMEDIATE_MS 8000
#define KILL_MS      10000
/** How often to look whether it is done. */
#define STEP_MS 20

/** Numbers of processes. */
struct family {
    int n;
    pid_t pids[512];
};

/** True when the process is a postgres whose working folder is the cluster, as that of all is. */
static bool
is_member(pid_t pid, const struct stat *cluster)
{
    char path[64];
    char exe[1024];
    struct stat cwd;
    snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
    if (stat(path, &cwd) < 0 || cwd.st_ino != cluster->st_ino || cwd.st_dev != cluster->st_dev)
        return false;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    ssize_t n = readlink(path, exe, sizeof exe - 1);
    if (n < 0)
        return false;
    exe[n] = 0;
    const char *name = strrchr(exe, '/');
    /* After an upgrade of the package it is "postgres (deleted)". */
    return name && strncmp(name, "/postgres", strlen("/postgres")) == 0;
}

static void
find_family(const char *folder, struct family *family)
{
    struct stat cluster;
    family->n = 0;
    DIR *proc = stat(folder, &cluster) == 0 ? opendir("/proc") : NULL;
    if (!proc)
        return;
    int room = (int)(sizeof family->pids / sizeof *family->pids);
    for (const struct dirent *entry; family->n < room && (entry = readdir(proc));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && pid != getpid() && is_member(pid, &cluster))
            family->pids[family->n++] = pid;
    }
    closedir(proc);
}

/**
 * Sends a signal to a process that is still the member it was: its number may have been taken
 * over.
 */
static void
signal_member(const char *folder, pid_t pid, int sig)
{
    struct stat cluster;
    int fd = pidfd_open(pid, 0);
    if (fd < 0)
        return;
    if (stat(folder, &cluster) == 0 && is_member(pid, &cluster))
        pidfd_send_signal(fd, sig, NULL, 0);
    close(fd);
}

static void
signal_family(const char *folder, const struct family *family, int sig)
{
    for (int i = 0; i < family->n; i++)
        signal_member(folder, family->pids[i], sig);
}

static pid_t
parent_of(pid_t pid)
{
    char path[64];
    char text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "re");
    if (!in)
        return 0;
    const char *end = fgets(text, sizeof text, in) ? strrchr(text, ')') : NULL;
    fclose(in);
    /* ") S 1234 ...": the state, then the parent. */
    return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

static bool
holds_member(const struct family *family, pid_t pid)
{
    for (int i = 0; i < family->n; i++)
        if (family->pids[i] == pid)
            return true;
    return false;
}

/** Signals those members that no other member started: the postmaster, or orphans. */
static void
signal_heads(const char *folder, const struct family *family, int sig)
{
    for (int i = 0; i < family->n; i++)
        if (!holds_member(family, parent_of(family->pids[i])))
            signal_member(folder, family->pids[i], sig);
}

/** Waits until the family is gone; false after @limit_ms. */
static bool
await_end(const char *folder, struct family *family, int64_t limit_ms)
{
    const struct timespec step = {0, STEP_MS * 1000000L};
    for (int64_t end = clock_now_ms() + limit_ms; clock_now_ms() < end;) {
        find_family(folder, family);
        if (family->n == 0)
            return true;
        nanosleep(&step, NULL);
    }
    return false;
}

/** One way to end the family, and how long it may take. */
struct ending {
    const char *name;
    int sig;
    /** To the postmaster alone, or to all. */
    bool all;
    int limit_ms;
};

/* Fast shutdown: roll back and write a checkpoint. Immediate: the next start recovers. */
static const struct ending endings[] = {
    {"fast", SIGINT, false, FAST_MS},
    {"immediate", SIGQUIT, true, IMMEDIATE_MS},
    {"kill", SIGKILL, true, KILL_MS},
};

int
pg_family_end(const char *folder, struct status *e)
{
    struct family family;
    find_family(folder, &family);
    for (size_t i = 0; i < sizeof endings / sizeof *endings && family.n > 0; i++) {
        const struct ending *ending = &endings[i];
        if (i > 0)
            log_event(LOG_WARN, "cluster_stop", log_text("mode", ending->name),
                      log_number("processes", family.n));
        /* A frozen process takes no signal but this one and SIGKILL. */
        signal_family(folder, &family, SIGCONT);
        (ending->all ? signal_family : signal_heads)(folder, &family, ending->sig);
        if (await_end(folder, &family, ending->limit_ms))
            return 0;
    }
    if (family.n > 0)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "process %d of the cluster in %s cannot be ended", (int)family.pids[0],
                          folder);
    return 0;
}

bool
pg_family_is_there(const char *folder)
{
    struct family family;
    find_family(folder, &family);
    return family.n > 0;
}
