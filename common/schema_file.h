/**
 * A packed FileDescriptorProto, unpacked no further than it is needed: services first, types when
 * one of them is asked for, comments one by one. What protoc knows of where everything stands in
 * the source is most of a file, and is only looked through.
 */
#ifndef JIAYI_COMMON_SCHEMA_FILE_H
#define JIAYI_COMMON_SCHEMA_FILE_H

#include "common/arena.h"
#include "common/packed.h"
#include "common/status.h"
#include "google/protobuf/descriptor.pb-c.h"

/** The most that a path to something in a file has: two numbers for each level. */
#define SCHEMA_FILE_PATH 40

/** A file. */
struct schema_file {
    /** It as it came. */
    struct packed packed;
    /** Its name, package, syntax, imports and services. */
    const Google__Protobuf__FileDescriptorProto *head;
    /** Its messages and enumerations; NULL until schema_file_open(). */
    const Google__Protobuf__FileDescriptorProto *types;
    /** The packed SourceCodeInfo, and the place in it behind the last comment that was found. */
    struct packed info, location;
    /** Where its types stand among all that are declared: from first on, n of them. */
    size_t first, n;
};

/** schema_file_read() - read the head of the file @packed. 0, or -1: it is none, or no memory. */
int schema_file_read(struct arena *a, struct packed packed, struct schema_file *ret) MUST_CHECK;

/** schema_file_open() - read its types too. 0, or -1 as schema_file_read(). */
int schema_file_open(struct arena *a, struct schema_file *f) MUST_CHECK;

/**
 * schema_file_comment() - the comment before what the @n numbers of @path lead to, as
 * descriptor.proto says it, with its lines joined; "" when there is none.
 */
const char *schema_file_comment(struct arena *a, struct schema_file *f, const int32_t *path,
                                size_t n);

#endif
