/**
 * jiayid.conf, which is an operator's, and the URI of a database in it.
 */
#include "server/folder/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/wipe.h"
#include "server/database/database.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        FILE *f = tmpfile();
        require(f, "a file can be made");
        fd = fileno(f);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    require(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size,
            "it can be written");
    struct config config;
    struct status e = {0};
    config_default(&config);
    if (config_read(&config, path, &e) < 0 || config_check(&config, &e) < 0) {
        require_told(&e);
        return 0;
    }
    char url[CONFIG_LISTEN_BYTES + 16], *conninfo = NULL;
    config_listen_url(&config, url);
    if (*config.database &&
        database_conninfo(config.database, DATABASE_APP_ROLE, &conninfo, &e) < 0)
        require_told(&e);
    wipe_free(conninfo);
    return 0;
}
