/**
 * TLS between two buffers: OpenSSL reads what has come from a peer, and what it writes waits to be
 * sent.
 *
 * Its owner guards it: one thread at a time.
 */
#ifndef JIAYI_SERVER_DOOR_TLS_PIPE_H
#define JIAYI_SERVER_DOOR_TLS_PIPE_H

#include <openssl/ssl.h>

#include "server/door/bytes.h"

/** All zero before tls_pipe_open(). OpenSSL has its address: it does not move. */
struct tls_pipe {
    SSL *ssl;
    /** What OpenSSL is to read next; the owner's. */
    const uint8_t *in;
    size_t n_in;
    /** Records that wait. */
    struct bytes out;
    /** How often the peer changed its keys; the owner sets it back. */
    int key_updates;
};

/**
 * tls_pipe_open() - the server's end of a connection. False without memory; tls_pipe_close() all
 * the same.
 */
bool tls_pipe_open(struct tls_pipe *p, SSL_CTX *context) __attribute__((warn_unused_result));

/**
 * tls_pipe_write() - encrypt @data; a whole message, so that it is one record where it fits. False
 * without memory.
 */
bool tls_pipe_write(struct tls_pipe *p, const uint8_t *data, size_t n)
    __attribute__((warn_unused_result));

/** tls_pipe_rest() - nothing is to be written for a while: let go of the buffer, if it is empty. */
void tls_pipe_rest(struct tls_pipe *p);

/** tls_pipe_close() - free what it holds. */
void tls_pipe_close(struct tls_pipe *p);

#endif
