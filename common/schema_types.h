/**
 * The types of a schema in the making: protobuf-c's descriptors of what the files declare, made
 * when they are needed.
 */
#ifndef JIAYI_COMMON_SCHEMA_TYPES_H
#define JIAYI_COMMON_SCHEMA_TYPES_H

#include "common/schema_file.h"
#include "common/schema_message.h"

/** A message type or an enumeration, once its file is opened. */
struct schema_declared;

/** All types. Everything lives in the arena. */
struct schema_types {
    struct arena *arena;
    /** The files, whose heads are read. */
    struct schema_file *files;
    size_t n_files;
    struct schema_declared *all;
    size_t n_all, room;
    /** So many of all, from the beginning, are made. */
    size_t n_made;
    /** The messages among these, sorted by name. */
    const struct schema_message **messages;
    size_t n_messages;
    /** Where to tell what is wrong, during a call. */
    struct status *e;
};

/** schema_types_short() - says that there is no memory. Returns -1. */
int schema_types_short(struct schema_types *t);

/**
 * schema_types_option() - our option out of the unknown fields that protobuf-c keeps of an options
 * message, unpacked @as; @otherwise where there is none.
 */
const void *schema_types_option(struct schema_types *t, const ProtobufCMessage *options,
                                const ProtobufCMessageDescriptor *as, const void *otherwise);

/** schema_types_open() - declare what is in the file, unless that is done. 0, or -1. */
int schema_types_open(struct schema_types *t, struct schema_file *f) MUST_CHECK;

/**
 * schema_types_find() - the message that @name means in @f: of that file, or of one that it
 * imports.
 *
 * It is only declared so far: its address is good, what is in it schema_types_make() makes. Returns
 * 0, *@ret being NULL where there is none; -1 with the error told.
 */
int schema_types_find(struct schema_types *t, struct schema_file *f, const char *name,
                      const struct schema_message **ret) MUST_CHECK;

/**
 * schema_types_make() - make everything that is declared by now, and what that uses.
 *
 * Returns 0, or -1 with the error told.
 */
int schema_types_make(struct schema_types *t) MUST_CHECK;

/**
 * schema_types_check() - refuse a recursive type: protobuf-c would follow it as deep as a peer
 * likes. And one that fans out: who prints it would not come to an end. 0, or -1.
 */
int schema_types_check(struct schema_types *t, const struct schema_message *m) MUST_CHECK;

#endif
