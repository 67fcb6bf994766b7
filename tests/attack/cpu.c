#include "tests/attack/cpu.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROCESSES_MAX = 4096 };

/** A process of the machine's. */
struct process {
    pid_t pid, parent;
    double used_s;
};

/** Reads /proc/PID/stat; false where it is gone. */
static bool
read_process(pid_t pid, struct process *ret)
{
    char path[64], text[512];
    int parent;
    unsigned long user, kernel;
    long children_user, children_kernel;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *in = fopen(path, "re");
    if (!in)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[n] = 0;
    const char *at = strrchr(text, ')'); /* behind the name, which may have anything in it */
    if (!at || sscanf(at, ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &parent,
                      &user, &kernel, &children_user, &children_kernel) != 5)
        return false;
    double ticks = (double)user + (double)kernel + (double)children_user + (double)children_kernel;
    *ret = (struct process){pid, parent, ticks / (double)sysconf(_SC_CLK_TCK)};
    return true;
}

static size_t
read_processes(struct process *to, size_t room)
{
    size_t n = 0;
    DIR *dir = opendir("/proc");
    for (struct dirent *d; dir && n < room && (d = readdir(dir));)
        if (isdigit((unsigned char)d->d_name[0]))
            n += read_process(atoi(d->d_name), &to[n]);
    if (dir)
        closedir(dir);
    return n;
}

/** What the children of a process have used, and theirs. */
static double
used_below(const struct process *all, size_t n, pid_t pid)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (all[i].parent == pid)
            sum += all[i].used_s + used_below(all, n, all[i].pid);
    return sum;
}

static double
used_by(pid_t pid)
{
    struct process p;
    return pid > 0 && read_process(pid, &p) ? p.used_s : 0;
}

struct cpu
cpu_look(pid_t server, pid_t good, pid_t hostile)
{
    static struct process all[PROCESSES_MAX];
    size_t n = read_processes(all, PROCESSES_MAX);
    return (struct cpu){used_by(server), used_below(all, n, server), used_by(good),
                        used_by(hostile)};
}

struct cpu
cpu_since(const struct cpu *now, const struct cpu *before)
{
    return (struct cpu){now->server - before->server, now->database - before->database,
                        now->good - before->good, now->hostile - before->hostile};
}
