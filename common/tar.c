#include "common/tar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/** Longest size that octal digits can say; longer ones are written in binary, as GNU tar does. */
#define OCTAL_LIMIT 077777777777LL

_Static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is a block");

const char tar_magic[8] = {'u', 's', 't', 'a', 'r', 0, '0', '0'};

unsigned
tar_checksum(const struct tar_header *h)
{
    const unsigned char *bytes = (const unsigned char *)h;
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof *h; i++) {
        bool inside =
            i >= offsetof(struct tar_header, checksum) && i < offsetof(struct tar_header, type);
        sum += inside ? ' ' : bytes[i];
    }
    return sum;
}

static void
print_size(char field[12], off_t size)
{
    if (size <= OCTAL_LIMIT) {
        snprintf(field, 12, "%011llo", (unsigned long long)size);
        return;
    }
    memset(field, 0, 12);
    field[0] = (char)0x80;
    for (int i = 11; i > 3; i--, size >>= 8)
        field[i] = (char)(size & 0xff);
}

void
tar_make(struct tar_header *ret, const char *name, mode_t mode, int64_t mtime_s, off_t size)
{
    memset(ret, 0, sizeof *ret);
    snprintf(ret->name, sizeof ret->name, "%s", name);
    snprintf(ret->mode, sizeof ret->mode, "%07o", (unsigned)mode & 07777);
    snprintf(ret->uid, sizeof ret->uid, "%07o", 0);
    snprintf(ret->gid, sizeof ret->gid, "%07o", 0);
    print_size(ret->size, size);
    print_size(ret->mtime, mtime_s);
    ret->type = '0';
    memcpy(ret->magic, tar_magic, sizeof tar_magic);
    snprintf(ret->checksum, sizeof ret->checksum, "%06o", tar_checksum(ret) & 0777777);
    ret->checksum[7] = ' ';
}

size_t
tar_padding(off_t size)
{
    return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}
