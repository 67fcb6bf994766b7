/**
 * What a connection is made of, for the files that are it: connection_base (its life, and what it
 * holds), sending, receiving, and connection, which puts them together. Nobody else looks inside.
 *
 * With the connection's lock held, but where it says otherwise.
 */
#ifndef JIAYI_SERVER_DOOR_CONNECTION_BASE_H
#define JIAYI_SERVER_DOOR_CONNECTION_BASE_H

#include <nng/nng.h>
#include <openssl/ssl.h>
#include <pthread.h>

#include "server/door/bytes.h"
#include "server/door/connection_shared.h"
#include "server/door/pace.h"
#include "server/door/proxy_header.h"
#include "server/door/tls_pipe.h"

enum {
    /** What is read from TCP at a time: most requests are smaller. */
    CONNECTION_RECEIVE_BYTES = 4096,
    /** What OpenSSL gives at a time: one record at most. */
    CONNECTION_PLAIN_BYTES = SSL3_RT_MAX_PLAIN_LENGTH,
};

struct connection {
    struct connection_shared *shared;
    struct connection_link link;
    char address[INET6_ADDRSTRLEN];
    nng_stream *stream;
    /**
     * Reading; sending what does not fit at once; and sending what does, without a turn of another
     * thread.
     */
    nng_aio *receiving, *sending, *trying;
    /** One for being open, one for each operation and each call under way. */
    atomic_int references;
    /** Of its calls, those that are held. */
    atomic_int held;
    /** For its calls: whether it is late with reading. */
    struct call_reader reader;
    /** Set once. What is queued for the peer is dropped then. */
    atomic_bool is_gone;

    /** Guards what follows, and OpenSSL's state. */
    pthread_mutex_t lock;
    struct tls_pipe tls;
    bool is_established, is_signed_in, is_reading, is_sending;
    /** It counts among connection_shared.unsent. */
    bool is_unsent;
    int calls;
    /** Those that wait for it to read: the first, and where the next one is put. */
    struct call *waiting, **waiting_end;
    /** The peer was told to come again later: until then nothing is read. */
    int64_t deaf_until_us;
    /** More of what came is there to be taken: no reading until then. */
    bool has_more;
    /**
     * "receiving" waits for deaf_until_us, or only for a turn of nng's threads, to take what has
     * come.
     */
    bool is_pausing;
    /** What the peer speaks, and what that keeps of it; NULL until the handshake is over. */
    const struct protocol *protocol;
    void *peer;
    /** The protocol has nothing more to say, and why. */
    bool is_pulled_out;
    enum metrics_refused pulled_out;
    /** Records that nng has; how many of their bytes have left. */
    struct bytes leaving;
    size_t left;
    struct pace sent;
    /** OpenSSL's buffers held much: they are to go. */
    bool is_swollen;
    /** Looks of connection_rest() since something came or went. */
    int rested;
    /** Goodbye was said: what comes is for nobody, until the peer hangs up too. */
    bool is_parting;
    /** What an unfinished message takes; and what was last added to shared->buffered. */
    size_t unfinished;
    long long buffered;

    /** Until when the operation that reads waits, and until when the peer may be silent at all. */
    int64_t reading_until_us, silent_until_us;

    /** The receiver's alone: one thread at a time. */
    struct pace received;
    int64_t handshake_until_us;
    uint8_t received_bytes[CONNECTION_RECEIVE_BYTES];
    /** A proxy's header comes first. */
    bool is_proxied;
    struct proxy_header proxy;
};

/**
 * connection_base_time_left() - the time until @until_us, as nng wants it; at least a millisecond,
 * for 0 means something else to it. Any thread.
 */
nng_duration connection_base_time_left(int64_t until_us);

/**
 * connection_base_hold() - count memory for the peer and for all. Returns whether the peer's
 * addresses hold more than there is room left. Any thread, without the lock too.
 */
bool connection_base_hold(struct connection *c, long long bytes);

/**
 * connection_base_account() - note the memory that the connection holds. Ends it when its peer has
 * too much of all, and it is not a small part.
 */
void connection_base_account(struct connection *c);

/** connection_base_end() - end the connection. The caller has a reference of its own. */
void connection_base_end(struct connection *c);

/** connection_base_cut_off() - end the connection for what the peer did. */
void connection_base_cut_off(struct connection *c, enum metrics_refused why);

/** connection_base_free() - free a connection that nobody refers to. Without the lock. */
void connection_base_free(struct connection *c);

/** connection_base_release() - give back a reference. Without the lock. */
void connection_base_release(struct connection *c);

/** connection_base_phase() - where the peer is. Without the lock too. */
enum protocol_phase connection_base_phase(const struct connection *c);

/** connection_base_due_us() - when the protocol wants to look whether the peer is late. */
int64_t connection_base_due_us(const struct connection *c);

#endif
