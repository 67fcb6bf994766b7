#include "client/handmade/written.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/run/advice.h"
#include "common/file.h"

static int
fail_write(const char *path, struct status *e)
{
    return status_set(e, STATUS_FAILED_HERE, _("cannot write %s: %s"), path, strerror(errno));
}

int
written_begin(struct arena *a, const char *path, struct written *ret, struct status *e)
{
    *ret = (struct written){.path = path,
                            .part = arena_print(a, "%s.part", path),
                            .sha256 = sha256_begin()};
    if (!ret->part || !ret->sha256)
        return failure_memory(e);
    ret->file = fopen(ret->part, "we");
    return ret->file ? 0 : fail_write(ret->part, e);
}

void
written_add(struct written *o, const char *text)
{
    sha256_add(o->sha256, text, strlen(text));
    fputs(text, o->file);
}

int
written_end(struct written *o, bool whole, struct status *e)
{
    int rc = 0;
    if (o->sha256)
        sha256_end(o->sha256, o->digest);
    if (o->file && whole && (fflush(o->file) != 0 || ferror(o->file) || fsync(fileno(o->file)) < 0))
        rc = fail_write(o->part, e);
    if (o->file && fclose(o->file) != 0 && rc == 0 && whole)
        rc = fail_write(o->part, e);
    if (rc == 0 && o->file && whole &&
        (rename(o->part, o->path) < 0 || file_sync_folder_of(o->path) < 0))
        rc = fail_write(o->path, e);
    o->file = NULL;
    o->sha256 = NULL;
    return rc;
}

int
written_find(const char *path, char digest[SHA256_TEXT], struct status *e)
{
    char piece[16384];
    FILE *f = fopen(path, "re");
    struct sha256 *s = f ? sha256_begin() : NULL;
    if (!s) {
        if (f)
            fclose(f);
        return f ? failure_memory(e) : 0;
    }
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        sha256_add(s, piece, n);
    bool fine = !ferror(f);
    sha256_end(s, digest);
    fclose(f);
    if (!fine)
        return status_set(e, STATUS_FAILED_HERE, _("cannot read %s: %s"), path, strerror(EIO));
    return 1;
}
