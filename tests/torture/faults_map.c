#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/torture/faults.h"

struct faults *
faults_map(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return NULL;
    /* The server gives up root, but the driver may be root. */
    (void)fchmod(fd, 0666);
    void *at = MAP_FAILED;
    if (ftruncate(fd, sizeof(struct faults)) == 0)
        at = mmap(NULL, sizeof(struct faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return at == MAP_FAILED ? NULL : at;
}
