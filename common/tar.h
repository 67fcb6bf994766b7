/**
 * The header of a file in a tar (ustar), which any tar can unpack. Any thread may call.
 */
#ifndef JIAYI_COMMON_TAR_H
#define JIAYI_COMMON_TAR_H

#include <stdint.h>
#include <sys/types.h>

/** What a tar consists of; a file is filled up to a whole number of these. */
#define TAR_BLOCK 512

/** The longest name, with the NUL. */
#define TAR_NAME_BYTES 100

/** A header as tar has it: texts, numbers in octal. */
struct tar_header {
    char name[TAR_NAME_BYTES];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char linkname[100];
    char magic[8];
    char uname[32];
    char gname[32];
    char dev[16];
    char prefix[155];
    char unused[12];
};

/** tar_make() - the header of a file of root's; a size beyond octal digits as GNU tar writes it. */
void tar_make(struct tar_header *ret, const char *name, mode_t mode, int64_t mtime_s, off_t size);

/** tar_padding() - how many zeros follow a file of this size. */
size_t tar_padding(off_t size);

/** tar_checksum() - what the header's checksum has to be. */
unsigned tar_checksum(const struct tar_header *h);

/** The field magic. */
extern const char tar_magic[8];

#endif
