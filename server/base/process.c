#include "server/base/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { STAT_BYTES = 1024 };

/** Reads a short file of /proc as text; "" when it cannot be read. */
static void
read_text(const char *path, char text[STAT_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, STAT_BYTES - 1) : 0;
    text[n > 0 ? n : 0] = 0;
    if (fd >= 0)
        close(fd);
}

static int64_t
count_fds(void)
{
    int64_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n > 3 ? n - 3 : 0; /* ".", ".." and the folder itself */
}

/**
 * When the system started, in seconds since 1970; looked at once, so that no clock that is set
 * moves it.
 */
static double boot_time_s;

static void
take_boot_time(void)
{
    struct timespec now, up;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    boot_time_s = (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9;
}

/** Reads /proc/self/stat from its third field on: the second, the name, may hold anything. */
static void
take_stat(struct process_state *s)
{
    char text[STAT_BYTES];
    unsigned long user, system, virtual;
    long threads, resident;
    unsigned long long start;
    double ticks = (double)sysconf(_SC_CLK_TCK);
    read_text("/proc/self/stat", text);
    const char *p = strrchr(text, ')');
    if (!p || sscanf(p + 1,
                     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld "
                     "%*d %llu %lu %ld",
                     &user, &system, &threads, &start, &virtual, &resident) != 6)
        return;
    s->cpu_s = (double)(user + system) / ticks;
    s->threads = threads;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, take_boot_time);
    s->start_time_s = boot_time_s + (double)start / ticks;
    s->virtual_bytes = (int64_t) virtual;
    s->resident_bytes = (int64_t)resident * sysconf(_SC_PAGESIZE);
}

void
process_look(struct process_state *ret)
{
    struct rlimit limit;
    *ret = (struct process_state){.open_fds = count_fds()};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        ret->max_fds = (int64_t)limit.rlim_cur;
    take_stat(ret);
}

int64_t
process_resident_bytes(void)
{
    char text[STAT_BYTES];
    long resident = 0;
    read_text("/proc/self/statm", text);
    return sscanf(text, "%*d %ld", &resident) == 1 ? resident * sysconf(_SC_PAGESIZE) : 0;
}
