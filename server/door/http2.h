/**
 * HTTP/2 (RFC 9113), the server's side, between two buffers: streams with heads and bodies, and
 * what a peer may do to them. Of what the streams are about it knows nothing.
 *
 * A stranger may send anything. What it costs is bounded here: streams at a time, a head's size,
 * what is held of answers for who does not open a window, the pace of a body and of reading, and
 * all the rest by one budget: whatever comes that is no body of a request takes from it, and calls
 * that are answered give to it. So a flood of resets, settings, pings, empty frames or of kinds not
 * yet known ends the connection, and who calls notices nothing.
 *
 * Its owner guards it: one thread at a time.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP2_H
#define JIAYI_SERVER_DOOR_HTTP2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /** What a session takes, roughly. */
    HTTP2_SESSION_BYTES = 26624,
    /** The most streams at a time, whatever the owner allows. */
    HTTP2_STREAMS_MAX = 128,
    /** The most fields of an answer's head, or of its trailers. */
    HTTP2_FIELDS_MAX = 24,
};

struct http2;
struct http2_head;

/** A field of a head or of trailers. */
struct http2_field {
    /** In lower case; a string that is always there. */
    const char *name;
    const char *value;
    /** Seldom twice the same: it is not worth remembering for the peer's next answer. */
    bool is_unique;
};

/** What happens to streams, for the owner; within http2_take(), http2_pull() and http2_free(). */
struct http2_events {
    /**
     * A request has begun; what it returns is given to the others. NULL: without memory, and the
     * stream is reset; or it was answered, and nobody wants to know more of it.
     */
    void *(*begin)(void *owner, int32_t stream, const struct http2_head *h);
    /** Some of its body has come. */
    void (*data)(void *owner, void *kept, const uint8_t *data, size_t n);
    /** The request is whole. */
    void (*end)(void *owner, void *kept);
    /** The stream is over, whoever ended it. */
    void (*close)(void *owner, void *kept);
};

struct http2_options {
    const struct http2_events *events;
    void *owner;
    /** The most streams at a time. */
    int streams;
    /** Within each such period a body, and who reads an answer, must move PACE_BYTES. */
    int receive_timeout_ms, send_timeout_ms;
};

/** http2_new() - a session. NULL without memory. */
struct http2 *http2_new(const struct http2_options *o);

/** http2_free() - end it with its streams. NULL is allowed. */
void http2_free(struct http2 *h);

/** What http2_take() and http2_pull() came to. */
enum http2_result {
    HTTP2_FINE,
    /** This is no HTTP/2. */
    HTTP2_BAD,
    /** Too much of it is for nothing. */
    HTTP2_TOO_MUCH,
    HTTP2_NO_MEMORY,
    /** The peer is done. */
    HTTP2_OVER,
};

/** http2_take() - take what the peer sent. If not fine, pull what is to be said, and hang up. */
enum http2_result http2_take(struct http2 *h, const uint8_t *data, size_t n);

/**
 * http2_pull() - what is to be sent next, up to @size bytes; *@ret_n is 0 where nothing is. If not
 * fine, send that, and hang up.
 */
enum http2_result http2_pull(struct http2 *h, uint8_t *to, size_t size, size_t *ret_n);

/** http2_is_greeted() - true once the peer has said what every peer says first. */
bool http2_is_greeted(const struct http2 *h);

/** http2_kept() - what begin() returned of the stream; NULL where it is over. */
void *http2_kept(const struct http2 *h, int32_t stream);

/**
 * http2_answer() - the head of an answer. Once for a stream; the same for the others, which do
 * nothing to streams that are over.
 *
 * @is_all: there is no body; else http2_send() and http2_finish() follow
 */
void http2_answer(struct http2 *h, int32_t stream, const struct http2_field *fields, size_t n,
                  bool is_all);

/** http2_send() - some of an answer's body, which is copied. Without memory the stream is reset. */
void http2_send(struct http2 *h, int32_t stream, const void *data, size_t n);

/** http2_finish() - the answer ends, with trailers where there are @n > 0. */
void http2_finish(struct http2 *h, int32_t stream, const struct http2_field *fields, size_t n);

/**
 * http2_refuse() - in begin(), which returns NULL: the request was not begun, and a client may send
 * it again by itself.
 */
void http2_refuse(struct http2 *h, int32_t stream);

/** http2_each() - call @f with all that is kept. */
void http2_each(const struct http2 *h, void (*f)(void *kept));

/** http2_reset() - end a stream without an answer: it is cancelled. */
void http2_reset(struct http2 *h, int32_t stream);

/**
 * http2_expect() - whether more of a request is expected at a pace, as it is from its beginning to
 * its end.
 */
void http2_expect(struct http2 *h, int32_t stream, bool is_expected);

/** http2_credit() - a call was answered that came to something: the budget grows. */
void http2_credit(struct http2 *h);

/** http2_unsent() - bytes of answers that wait for the peer's windows. */
size_t http2_unsent(const struct http2 *h);

/** http2_is_read() - nothing of a stream's answer waits for the peer's windows. */
bool http2_is_read(const struct http2 *h, int32_t stream);

/** http2_held() - the memory that it takes, in bytes; what begin() made is not in it. */
size_t http2_held(const struct http2 *h);

/** http2_rest() - nothing is going to happen for a while: give back what memory can be. */
void http2_rest(struct http2 *h);

/** http2_due_us() - when http2_cut_late() is to be called; INT64_MAX: never, as it is now. */
int64_t http2_due_us(const struct http2 *h);

/** http2_cut_late() - reset the streams whose time is over. Returns how many did not read. */
int http2_cut_late(struct http2 *h);

/**
 * http2_go_away() - tell the peer to take its next requests elsewhere: at first as a notice, and
 * when the peer has heard that, for good: what it begins after that is not processed, and clients
 * know so. What was said already is not said again.
 */
void http2_go_away(struct http2 *h, bool is_final);

/** http2_has_heard() - the peer has answered the notice: all that it began before is here. */
bool http2_has_heard(const struct http2 *h);

/** http2_is_hearing() - a request's head has come in part. */
bool http2_is_hearing(const struct http2 *h);

#endif
