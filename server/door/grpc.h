/**
 * gRPC over HTTP/2, as the protocol's document "PROTOCOL-HTTP2" has it: messages with a prefix of
 * five bytes, a status in trailers.
 */
#ifndef JIAYI_SERVER_DOOR_GRPC_H
#define JIAYI_SERVER_DOOR_GRPC_H

#include "common/arena.h"
#include "common/status.h"
#include "server/door/body.h"
#include "server/door/http2.h"

enum {
    /** Before each message: a byte that says whether it is compressed, its length, big-endian. */
    GRPC_PREFIX_BYTES = 5,
};

/** grpc_is_spoken() - is this content-type gRPC's, of protobuf's messages? NULL is allowed. */
bool grpc_is_spoken(const char *content_type);

/**
 * grpc_timeout() - a grpc-timeout such as "1500m" in milliseconds, rounded up; what is longer than
 * fits is as much as fits. False where it is none.
 */
bool grpc_timeout(const char *text, uint32_t *ret_ms);

/** What grpc_read() came to. */
enum grpc_event {
    /** All bytes are used and more are needed. */
    GRPC_MORE,
    /** A message is complete. */
    GRPC_MESSAGE,
    /** A message declares more bytes than are allowed; r->length has them. */
    GRPC_TOO_LARGE,
    /** A message is compressed, and the server has said that it takes none. */
    GRPC_COMPRESSED,
    GRPC_NO_MEMORY,
};

/** Reads the messages of a request. All zero at first. */
struct grpc_reader {
    uint8_t prefix[GRPC_PREFIX_BYTES];
    size_t n_prefix;
    /** The message's declared length; and what has come of it. */
    uint32_t length;
    struct body body;
    bool is_complete;
};

/**
 * grpc_read() - take some of the @n bytes at @data, up to the end of a message, which then is in
 * the reader until the next one begins.
 *
 * @limit: the most bytes that a message may declare
 * @used:  set to how many bytes were taken
 *
 * Memory is taken for bytes that came. After other events than the first two the reader is of no
 * more use than to be freed.
 */
enum grpc_event grpc_read(struct grpc_reader *r, const uint8_t *data, size_t n, uint64_t limit,
                          size_t *used);

/** grpc_is_between() - true while no message has begun. */
bool grpc_is_between(const struct grpc_reader *r);

/** grpc_free() - wipe and free what a message takes. */
void grpc_free(struct grpc_reader *r);

/** grpc_prefix() - what goes before a message of @n bytes. */
void grpc_prefix(uint8_t to[static GRPC_PREFIX_BYTES], size_t n);

/** A status, as fields of trailers. */
struct grpc_status {
    struct http2_field fields[HTTP2_FIELDS_MAX];
    size_t n;
    char number[4], pushback[12];
};

/**
 * grpc_put_status() - a status as trailers.
 *
 * @message: in the caller's language; what it is percent-encoded to is in the arena
 * @details: a packed google.rpc.Status, or nothing
 *
 * What there is no memory for is left out.
 */
void grpc_put_status(struct grpc_status *ret, struct arena *a, const struct status *s,
                     const char *message, ProtobufCBinaryData details);

#endif
