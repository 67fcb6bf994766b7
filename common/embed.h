/**
 * Files that the build puts into the programs (cmake/embed.cmake).
 */
#ifndef JIAYI_COMMON_EMBED_H
#define JIAYI_COMMON_EMBED_H

#include <stddef.h>
#include <stdint.h>

/** A file; a table of them ends with a name of NULL and is sorted by name. */
struct embed {
    /** The path below the folder that was embedded, such as "DealService/MoveDeal.sql". */
    const char *name;
    /** The content; a NUL follows it. */
    const uint8_t *data;
    /** The content's size in bytes. */
    size_t size;
    /** The content's SHA-256, in hexadecimal. */
    const char *sha256;
};

/** The FileDescriptorSet of proto/jiayi/v1, with comments. In both programs. */
extern const struct embed embed_schema[];
/** The FileDescriptorSet of gRPC's own services, proto/google and proto/grpc. In the server. */
extern const struct embed embed_standard[];
/** server/sql/migrations. In the server. */
extern const struct embed embed_migrations[];
/** server/sql/definitions. In the server. */
extern const struct embed embed_definitions[];
/** server/sql/methods. In the server. */
extern const struct embed embed_methods[];
/**
 * What the build made of web/: "index.html", "page.1a2b….js", each with its ".gz". Empty without a
 * page. In the server.
 */
extern const struct embed embed_page[];
/** The translations of po, compiled: "zh_CN/LC_MESSAGES/jiayi.mo". In the server. */
extern const struct embed embed_catalogues[];

#endif
