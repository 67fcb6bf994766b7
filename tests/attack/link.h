#pragma once
/*
 * A connection to the server made by hand - TCP from a chosen source address, TLS, nng's SP
 * framing, packed calls - so that it can be left unfinished at any point; or, over TLS, HTTP/2 with
 * calls of gRPC and Connect. Blocking, with a limit on how long; a link belongs to one thread.
 */
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LINK_TOKEN_DIGITS = 43,
    LINK_REQUEST_ID_BYTES = 16,
    LINK_GREETING_BYTES = 8,
    /** Of an SP message before its body: the length and the request number. */
    LINK_HEAD_BYTES = 12,
};

/** What calls are made by. */
enum link_way { LINK_SP, LINK_GRPC, LINK_CONNECT, LINK_CONNECT_JSON };

/** The server, and how to speak TLS to it. */
struct link_target {
    struct sockaddr_in address;
    SSL_CTX *tls;
    /** All but SP's need link_tls_http2(). */
    enum link_way way;
    /** How long a connect, a read or a write may take, in milliseconds. */
    int patience_ms;
    /** Receive buffer in bytes; 0 for the system's. */
    int receive_buffer_bytes;
};

struct link {
    /** -1 when closed. */
    int fd;
    /** NULL before the handshake. */
    SSL *ssl;
    /** Of the last call; of SP, its number, and of HTTP/2, its stream. */
    uint32_t last_id;
    enum link_way way;
    /** NULL where SP is spoken, and before link_greet(). */
    struct link_http2 *http2;
};

/** A call to be sent. */
struct link_call {
    /** Without package, such as "DealService/GetDeal". */
    const char *method;
    const char *token;
    const uint8_t *payload;
    size_t payload_bytes;
    uint32_t timeout_ms;
    /** Over HTTP/2: its answers are read by link_read_message(). */
    bool is_stream;
};

/** What came back. */
struct link_answer {
    uint32_t id;
    /** The number of a status; of what came by HTTP alone, the negated status of that. */
    int code;
    /** Of the whole answer. */
    size_t bytes;
    char message[160];
    /** Of the deal in it; 0 where there is none. */
    int64_t deal_id;
};

/**
 * link_tls() - the TLS of a client that trusts @ca_path, or whomever it meets where that is NULL.
 *
 * Ends the program when it cannot be made.
 */
SSL_CTX *link_tls(const char *ca_path);

/** link_tls_http2() - the same for who speaks HTTP/2. */
SSL_CTX *link_tls_http2(const char *ca_path);

/**
 * link_connect() - TCP from @source, an address of the loopback in host order.
 *
 * Returns 0, or -1 with the link closed. link_open() goes on through TLS and the greeting.
 */
int link_connect(struct link *l, const struct link_target *t, uint32_t source);
int link_secure(struct link *l, const struct link_target *t);
int link_greet(struct link *l);
int link_open(struct link *l, const struct link_target *t, uint32_t source);

/**
 * link_close() - hangs up with a FIN; link_reset() - with an RST. Both may be called on a closed
 * link.
 */
void link_close(struct link *l);
void link_reset(struct link *l);

/** link_write() - writes all of it, through TLS once that is there. Returns 0, or -1. */
int link_write(struct link *l, const void *bytes, size_t n);

/**
 * link_pack() - packs @c as an SP message, malloced. Returns its size.
 *
 * The request's id is the number of the message.
 */
size_t link_pack(struct link *l, const struct link_call *c, uint8_t **ret);

/** link_send() - sends @c. Returns 0, or -1. */
int link_send(struct link *l, const struct link_call *c);

/** link_send_body() - sends these bytes as the body of a request. Returns 0, or -1. */
int link_send_body(struct link *l, const uint8_t *body, size_t n);

/** link_read() - reads the next answer. Returns 0, or -1 when none came. */
int link_read(struct link *l, struct link_answer *ret);

/** link_ask() - sends @c and reads its answer. Returns 0, or -1. */
int link_ask(struct link *l, const struct link_call *c, struct link_answer *ret);

/**
 * link_read_message() - reads the next message of a stream, in HTTP/2. Returns 0, or -1 when none
 * came: the stream has ended, or its time is out.
 */
int link_read_message(struct link *l);

/** link_await_end() - waits up to @ms for the server to hang up. Returns whether it did. */
bool link_await_end(struct link *l, int ms);

/** link_token() - the token of session @n as tests/bench/data.sql made it. */
void link_token(char token[LINK_TOKEN_DIGITS + 1], int n);
