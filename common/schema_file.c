#include "common/schema_file.h"

#include <ctype.h>
#include <string.h>

/** Numbers of fields in descriptor.proto. */
enum {
    FILE_NAME = 1,
    FILE_PACKAGE = 2,
    FILE_DEPENDENCY = 3,
    FILE_MESSAGE_TYPE = 4,
    FILE_ENUM_TYPE = 5,
    FILE_SERVICE = 6,
    FILE_SOURCE_CODE_INFO = 9,
    FILE_SYNTAX = 12,
    INFO_LOCATION = 1,
    LOCATION_PATH = 1,
    LOCATION_LEADING_COMMENTS = 3,
};
#define BIT(number) (1U << (number))

/** Unpacks those fields of the file whose bits are set; NULL where they cannot be. */
static const Google__Protobuf__FileDescriptorProto *
unpack_fields(struct arena *a, struct packed file, unsigned fields)
{
    uint8_t *picked = arena_alloc(a, (size_t)(file.end - file.at) + 1), *to = picked;
    struct packed value;
    uint64_t tag;
    while (picked && file.at < file.end) {
        const uint8_t *begin = file.at;
        if (!packed_field(&file, &tag, &value))
            return NULL;
        if (tag >> 3 > FILE_SYNTAX || !(fields & BIT(tag >> 3)))
            continue;
        memcpy(to, begin, (size_t)(file.at - begin));
        to += file.at - begin;
    }
    return picked ? google__protobuf__file_descriptor_proto__unpack(arena_allocator(a),
                                                                    (size_t)(to - picked), picked)
                  : NULL;
}

int
schema_file_read(struct arena *a, struct packed packed, struct schema_file *ret)
{
    struct packed rest = packed, value;
    uint64_t tag;
    *ret = (struct schema_file){.packed = packed};
    while (rest.at < rest.end) {
        if (!packed_field(&rest, &tag, &value))
            return -1;
        if (tag == (FILE_SOURCE_CODE_INFO << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED))
            ret->info = ret->location = value;
    }
    ret->head = unpack_fields(a, packed,
                              BIT(FILE_NAME) | BIT(FILE_PACKAGE) | BIT(FILE_DEPENDENCY) |
                                  BIT(FILE_SERVICE) | BIT(FILE_SYNTAX));
    return ret->head ? 0 : -1;
}

int
schema_file_open(struct arena *a, struct schema_file *f)
{
    if (!f->types)
        f->types = unpack_fields(a, f->packed, BIT(FILE_MESSAGE_TYPE) | BIT(FILE_ENUM_TYPE));
    return f->types ? 0 : -1;
}

/* Comments. */

/** The path as it is packed, in @to; its length. */
static size_t
pack_path(const int32_t *path, size_t n, uint8_t *to)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t rest = (uint32_t)path[i];
        for (; rest >= 0x80; rest >>= 7)
            to[at++] = (uint8_t)(rest | 0x80);
        to[at++] = (uint8_t)rest;
    }
    return at;
}

static const char *
join_lines(struct arena *a, struct packed comment)
{
    char *text = arena_alloc(a, (size_t)(comment.end - comment.at) + 1), *to = text;
    for (const uint8_t *from = comment.at; text && from < comment.end && *from; from++) {
        if (isspace(*from) && (to == text || to[-1] == ' '))
            continue;
        *to++ = isspace(*from) ? ' ' : (char)*from;
    }
    while (text && to > text && to[-1] == ' ')
        *--to = 0;
    return text ? text : "";
}

/** True, and its comment, for a location of that path which has one. */
static bool
read_location(struct packed location, const uint8_t *path, size_t n, struct packed *ret)
{
    struct packed value;
    uint64_t tag;
    bool is_path = false;
    *ret = (struct packed){NULL, NULL};
    while (packed_field(&location, &tag, &value)) {
        if (tag >> 3 == LOCATION_PATH) {
            is_path = (size_t)(value.end - value.at) == n && memcmp(value.at, path, n) == 0;
            if (!is_path)
                return false;
        } else if (tag >> 3 == LOCATION_LEADING_COMMENTS) {
            *ret = value;
        }
    }
    return is_path && ret->at;
}

const char *
schema_file_comment(struct arena *a, struct schema_file *f, const int32_t *path, size_t n)
{
    uint8_t wanted[5 * SCHEMA_FILE_PATH];
    struct packed location, comment;
    uint64_t tag;
    size_t length = n <= SCHEMA_FILE_PATH ? pack_path(path, n, wanted) : 0;
    /* What is asked for next mostly stands next; so it goes on from there, and once round. */
    struct packed rest = f->location;
    for (int round = 0; round < 2 && length; round++, rest = f->info)
        while (packed_field(&rest, &tag, &location))
            if (tag >> 3 == INFO_LOCATION && read_location(location, wanted, length, &comment)) {
                f->location = rest;
                return join_lines(a, comment);
            }
    return "";
}
