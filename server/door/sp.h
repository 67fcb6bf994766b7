/**
 * SP, the framing of nng's sockets, as a replier (REP) sees it: RFC "sp-tcp-mapping-01" and
 * "sp-request-reply-01" of the nanomsg project.
 *
 * Both sides begin with a greeting of 8 bytes. Then come messages: a length of 8 bytes, big-endian,
 * and that many bytes. A request begins with a stack of ids of 4 bytes, the last one with its
 * highest bit set; the reply begins with the same stack. A reader is given bytes as they come and
 * gives messages; it holds no more memory than twice the bytes that came, whatever length they
 * declare.
 */
#ifndef JIAYI_SERVER_DOOR_SP_H
#define JIAYI_SERVER_DOOR_SP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SP_GREETING_BYTES = 8,
    SP_LENGTH_BYTES = 8,
    /** The most ids in a stack: one for each device on the way, as many as nng lets pass. */
    SP_IDS_MAX = 8,
};

/** What sp_read() came to. */
enum sp_event {
    /** All bytes are used and more are needed. */
    SP_MORE,
    /** A message is complete. */
    SP_MESSAGE,
    /**
     * The bytes are not a requester's greeting, or a request has no id: nothing after them makes
     * sense.
     */
    SP_BAD,
    /** A message declares more bytes than are allowed. */
    SP_TOO_LARGE,
    /** There is no memory for the message. */
    SP_NO_MEMORY,
};

/** Reads what one peer sends. All zero at first. */
struct sp_reader {
    /** The greeting or the length, as far as it has come. */
    uint8_t head[SP_LENGTH_BYTES];
    size_t head_bytes;
    /** The greeting has come. */
    bool is_greeted;
    /** The message's declared length, and how much of it has come. */
    uint64_t length;
    size_t size, capacity;
    uint8_t *bytes;
};

/** A request: the ids, which the reply repeats, and its body. */
struct sp_message {
    /** Owns all bytes; the taker frees it. */
    uint8_t *bytes;
    size_t ids_bytes;
    const uint8_t *body;
    size_t body_bytes;
};

/**
 * sp_read() - take some of the @n bytes at @data, up to the end of a message.
 *
 * @limit: the most bytes that a message may declare, ids included
 * @used:  set to how many bytes were taken
 * @out:   set with SP_MESSAGE
 *
 * After SP_BAD, SP_TOO_LARGE and SP_NO_MEMORY the reader is of no more use than to be freed.
 */
enum sp_event sp_read(struct sp_reader *r, const uint8_t *data, size_t n, uint64_t limit,
                      size_t *used, struct sp_message *out);

/**
 * sp_wanted() - how many bytes the greeting, length or message that is being read still takes;
 * never 0. Who gives sp_read() no more than that has none left over when a message is complete.
 */
uint64_t sp_wanted(const struct sp_reader *r);

/** sp_held() - the memory that an unfinished message takes, in bytes. */
size_t sp_held(const struct sp_reader *r);

/** sp_is_between() - true when the greeting has come and no message has begun. */
bool sp_is_between(const struct sp_reader *r);

/** sp_free() - free what an unfinished message takes. */
void sp_free(struct sp_reader *r);

/** sp_greeting() - the greeting of a replier. */
void sp_greeting(uint8_t to[static SP_GREETING_BYTES]);

/** sp_length() - the length that goes before a message of @n bytes. */
void sp_length(uint8_t to[static SP_LENGTH_BYTES], uint64_t n);

#endif
