/**
 * The client's files of its own: a profile, and the TLS session kept beside it.
 */
#include "client/base/profile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static char folder[200], path[260];

static void
remove_folder(void)
{
    char part[260];
    unlink(path);
    for (const char *const *p = (const char *const[]){"/jiayi/profiles", "/jiayi", "", NULL}; *p;
         p++) {
        snprintf(part, sizeof part, "%s%s", folder, *p);
        rmdir(part);
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    const char *under = getenv("TMPDIR");
    char part[260];
    snprintf(folder, sizeof folder, "%s/jiayi-fuzz.XXXXXX", under ? under : "/tmp");
    require(mkdtemp(folder), "a folder can be made");
    for (const char *const *p = (const char *const[]){"/jiayi", "/jiayi/profiles", NULL}; *p; p++) {
        snprintf(part, sizeof part, "%s%s", folder, *p);
        require(mkdir(part, 0700) == 0, "a folder can be made");
    }
    snprintf(path, sizeof path, "%s/jiayi/profiles/p", folder);
    setenv("XDG_CONFIG_HOME", folder, 1);
    atexit(remove_folder);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size, "the profile can be written");
    close(fd);
    struct profile p;
    struct status e = {0};
    struct arena *a = arena_new(ARENA_BYTES);
    if (profile_load(a, "p", &p, &e) < 0)
        require_told(&e);
    arena_free(a);
    return 0;
}
