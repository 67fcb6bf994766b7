#include "client/call/tls_engine.h"

#include <errno.h>
#include <nng/nng.h>
#include <nng/supplemental/tls/engine.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/call/tls_config.h"
#include "client/call/tls_session.h"
#include "common/tls_context.h"

/*
 * What nng expects, found in its source (1.5.2) and not in its header:
 *  - It calls an engine's function for a connection only under that connection's lock, so a
 *    connection needs no lock of its own.
 *  - After NNG_EAGAIN from send it offers the very same bytes again once TCP has moved, and nothing
 *    else in between; if they are withdrawn, the connection is closed. So a send may remember how
 *    far it got.
 *  - send and recv come before the handshake is over, and fini on a connection that never started.
 *  - A listener stops for good on NNG_ECLOSED or NNG_ECANCELED and pauses 100 ms on NNG_ECRYPTO. So
 *    what a peer can cause is NNG_ECONNRESET or NNG_EPEERAUTH and nothing else, at every stage.
 *    TCP's errors, which nng passes by the engine, must not be those either: see sendmsg() and
 *    conn_is_over().
 *  - It buffers 16384 bytes towards TCP: a record must fit in them.
 */

enum {
    /** Buffers that held no more than this are kept between messages. */
    KEEP_MAX = 2048,
    /** The length that precedes every SP message. */
    SP_LENGTH_SIZE = 8,
    /** What both sides of an SP connection send first: "\0SP\0", the protocol's number, "\0\0". */
    SP_GREETING_SIZE = 8,
};

/** How a connection's outgoing bytes are divided into records. */
enum framing {
    /** Nothing has been sent yet. */
    FRAMING_UNKNOWN,
    /** Not SP (HTTP, WebSocket): what nng hands over goes out as it comes. */
    FRAMING_NONE,
    /** SP: gather a message's length, header and body. */
    FRAMING_SP,
};

struct nng_tls_engine_conn {
    /** nng's handle for the encrypted side. */
    void *stream;
    /** The TCP socket under it, known after the first write. */
    int fd;
    bool has_fd;
    /** NULL until init was called. */
    SSL *ssl;
    bool is_client;
    bool established;
    /** What ended the connection, 0 while it lives; OpenSSL must not be called after it. */
    int failure;

    enum framing framing;
    /** Of the SP length being read, the bytes still to come; 0 within a message. */
    size_t length_left;
    /** The SP length as far as it was read, then the message's bytes still to come. */
    uint64_t message_left;

    /** Plaintext of the next record. */
    uint8_t *gathered;
    size_t gathered_size;
    size_t gathered_capacity;
    /** The record is complete and must be written before more is gathered. */
    bool record_ready;
    /** How much of the bytes that nng is offering was taken already. */
    size_t offered_taken;
    /** OpenSSL's buffers held much, and are to go when the connection has nothing to do. */
    bool buffers_full;

    struct tls_session session;
};

/** What nng's interface leaves no other place for: its engine is one for the whole process. */
static struct {
    pthread_mutex_t lock;
    char last_error[256];
    BIO_METHOD *stream_method;
    struct {
        atomic_uint_fast64_t full;
        atomic_uint_fast64_t resumed;
        atomic_uint_fast64_t failed;
    } counts[2]; /* by is_client */
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ------------------------------------------------------------------ the encrypted side */

/** The connection whose first write this thread is at, so that sendmsg() can note its socket. */
static _Thread_local struct nng_tls_engine_conn *first_writer;

/**
 * sendmsg() as nng's TCP calls it, in place of the C library's: the dynamic linker binds libnng's
 * call to the program's own function. It mends what lets strangers end or fill up a server:
 *  - "Broken pipe" becomes a reset. nng turns EPIPE into NNG_ECLOSED, its word for "closed by us",
 *    and a listener that hears it of a connection in negotiation stops accepting for good.
 *  - It tells the engine a connection's socket, see conn_is_over().
 */
ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (first_writer) {
        first_writer->fd = fd;
        first_writer->has_fd = true;
        first_writer = NULL;
    }
    ssize_t n = syscall(SYS_sendmsg, fd, message, flags);
    if (n < 0 && errno == EPIPE)
        errno = ECONNRESET;
    return n;
}

static int
stream_write(BIO *bio, const char *data, int size)
{
    struct nng_tls_engine_conn *c = BIO_get_data(bio);
    size_t n = (size_t)size;
    BIO_clear_retry_flags(bio);
    first_writer = c->has_fd ? NULL : c;
    int rv = nng_tls_engine_send(c->stream, (const uint8_t *)data, &n);
    first_writer = NULL;
    switch (rv) {
    case 0: return (int)n;
    case NNG_EAGAIN: BIO_set_retry_write(bio); return -1;
    default: return -1;
    }
}

static int
stream_read(BIO *bio, char *data, int size)
{
    struct nng_tls_engine_conn *c = BIO_get_data(bio);
    size_t n = (size_t)size;
    BIO_clear_retry_flags(bio);
    switch (nng_tls_engine_recv(c->stream, (uint8_t *)data, &n)) {
    case 0: return (int)n;
    case NNG_EAGAIN: BIO_set_retry_read(bio); return -1;
    default: return -1;
    }
}

static long
stream_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    /* nng sends what it was given at once, so there is never anything to flush. */
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *
stream_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "nng stream");
    if (!method)
        return NULL;
    BIO_meth_set_write(method, stream_write);
    BIO_meth_set_read(method, stream_read);
    BIO_meth_set_ctrl(method, stream_control);
    return method;
}

/* ------------------------------------------------------------------ failures in words */

/** OpenSSL's words where a user of ours would not understand them. */
static const char *
reason_text(unsigned long error)
{
    switch (ERR_GET_REASON(error)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "no protocols in common: the other side speaks another version of TLS";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_BAD_RECORD_TYPE: return "the other side does not speak TLS";
    }
    const char *text = ERR_reason_error_string(error);
    return text ? text : "TLS failed";
}

static void
remember_error(const char *what, const char *why)
{
    pthread_mutex_lock(&process.lock);
    snprintf(process.last_error, sizeof(process.last_error), "%s%s%s", what, why ? ": " : "",
             why ? why : "");
    pthread_mutex_unlock(&process.lock);
}

static void
remember_failure(struct nng_tls_engine_conn *c, unsigned long error)
{
    long verified = SSL_get_verify_result(c->ssl);
    bool distrusted =
        ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK;
    remember_error(reason_text(error), distrusted ? X509_verify_cert_error_string(verified) : NULL);
}

size_t
tls_engine_last_error(char *buf, size_t n)
{
    pthread_mutex_lock(&process.lock);
    snprintf(buf, n, "%s", process.last_error);
    pthread_mutex_unlock(&process.lock);
    return n > 0 ? strlen(buf) : 0;
}

void
tls_engine_get_stats(struct tls_engine_stats *ret_stats)
{
    struct tls_engine_counts *roles[] = {&ret_stats->server, &ret_stats->client};
    for (size_t i = 0; i < 2; i++) {
        roles[i]->full = atomic_load(&process.counts[i].full);
        roles[i]->resumed = atomic_load(&process.counts[i].resumed);
        roles[i]->failed = atomic_load(&process.counts[i].failed);
    }
}

/**
 * What OpenSSL's result @ret means to nng: NNG_EAGAIN while the connection lives, else the failure
 * that stays with it. NNG_EPEERAUTH and NNG_ECONNRESET alone, see the top.
 */
static int
conn_error(struct nng_tls_engine_conn *c, int ret)
{
    unsigned long error;
    switch (SSL_get_error(c->ssl, ret)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return NNG_EAGAIN;
    case SSL_ERROR_SSL:
        error = ERR_peek_last_error();
        if (c->is_client)
            remember_failure(c, error);
        if (!c->established)
            atomic_fetch_add(&process.counts[c->is_client].failed, 1);
        c->failure = c->established ? NNG_ECONNRESET : NNG_EPEERAUTH;
        break;
    default: c->failure = NNG_ECONNRESET;
    }
    ERR_clear_error();
    return c->failure;
}

/* ------------------------------------------------------------------ connections */

static void
conn_fini(nng_tls_engine_conn *c)
{
    SSL_free(c->ssl);
    OPENSSL_clear_free(c->gathered, c->gathered_capacity);
    c->ssl = NULL;
    c->gathered = NULL;
}

/** Gives @c what only a client has: the name it asks for and perhaps a session. */
static int
conn_init_client(nng_tls_engine_conn *c, nng_tls_engine_config *config)
{
    SSL_set_connect_state(c->ssl);
    if (config->auth_mode == NNG_TLS_AUTH_MODE_NONE)
        return 0;
    if (!config->server_name) {
        /* The chain alone would let any server of that CA pass for ours. */
        remember_error("no server name was set to verify", NULL);
        return NNG_EPEERAUTH;
    }
    tls_session_offer(c->ssl);
    return 0;
}

static int
conn_init(nng_tls_engine_conn *c, void *stream, nng_tls_engine_config *config)
{
    c->stream = stream;
    c->is_client = config->is_client;
    c->ssl = tls_config_make(config) ? SSL_new(config->context) : NULL;
    BIO *bio = c->ssl ? BIO_new(process.stream_method) : NULL;
    if (!bio)
        return NNG_ENOMEM;
    BIO_set_data(bio, c);
    BIO_set_init(bio, 1);
    SSL_set_bio(c->ssl, bio, bio);
    SSL_set_app_data(c->ssl, &c->session);
    if (!c->is_client) {
        SSL_set_accept_state(c->ssl);
        return 0;
    }
    if (config->server_name && !config->is_address &&
        SSL_set_tlsext_host_name(c->ssl, config->server_name) != 1)
        return NNG_ENOMEM;
    return conn_init_client(c, config);
}

static void
conn_close(nng_tls_engine_conn *c)
{
    /* Within a record there is no place for the farewell, and nng is about to close TCP anyway. */
    if (c->ssl && !c->failure && c->established && !c->record_ready) {
        ERR_clear_error();
        SSL_shutdown(c->ssl);
        ERR_clear_error();
    }
    /* Whatever nng asks after this, it must not be left waiting: nothing would ever wake it. */
    if (!c->failure)
        c->failure = NNG_ECONNRESET;
}

/**
 * Says whether TCP has ended on both sides: by a reset, or because nng saw the end and closed.
 *
 * nng tells the end to the operations that wait at that moment. The one that comes next it leaves
 * waiting for ever, and with it the connection and its socket: a stranger could collect thousands.
 * Or it ends it with NNG_ECLOSED a moment later, and between SP's two greetings that stops the
 * listener. So before an operation is left waiting, the kernel is asked.
 */
static bool
conn_is_over(const nng_tls_engine_conn *c)
{
    struct pollfd socket = {.fd = c->fd};
    return c->has_fd && poll(&socket, 1, 0) == 1 && (socket.revents & POLLHUP) != 0;
}

/** Passes on an operation's result @rv, unless it says to wait for what cannot come. */
static int
conn_result(nng_tls_engine_conn *c, int rv)
{
    if (rv == NNG_EAGAIN && conn_is_over(c))
        rv = c->failure = NNG_ECONNRESET;
    return rv;
}

/** Returns 0 once the handshake is over. */
static int
conn_handshake(nng_tls_engine_conn *c)
{
    if (c->failure)
        return c->failure;
    if (c->established)
        return 0;
    ERR_clear_error();
    int ret = SSL_do_handshake(c->ssl);
    if (ret != 1)
        return conn_error(c, ret);
    c->established = true;
    if (SSL_session_reused(c->ssl))
        atomic_fetch_add(&process.counts[c->is_client].resumed, 1);
    else
        atomic_fetch_add(&process.counts[c->is_client].full, 1);
    return 0;
}

/** Writes the record that waits, if one does. */
static int
conn_write_record(nng_tls_engine_conn *c)
{
    size_t done = 0;
    while (c->record_ready && done < c->gathered_size) {
        size_t n = 0;
        ERR_clear_error();
        int ret = SSL_write_ex(c->ssl, c->gathered + done, c->gathered_size - done, &n);
        if (ret != 1) {
            c->gathered_size -= done;
            memmove(c->gathered, c->gathered + done, c->gathered_size);
            return conn_error(c, ret);
        }
        done += n;
    }
    if (!c->record_ready)
        return 0;
    c->record_ready = false;
    /* Messages carry passwords and tokens. */
    OPENSSL_cleanse(c->gathered, c->gathered_size);
    c->gathered_size = 0;
    if (c->gathered_capacity > KEEP_MAX) {
        c->buffers_full = true;
        OPENSSL_free(c->gathered);
        c->gathered = NULL;
        c->gathered_capacity = 0;
    }
    return 0;
}

/** Adds @n bytes to the record being gathered. */
static int
conn_append(nng_tls_engine_conn *c, const uint8_t *data, size_t n)
{
    size_t need = c->gathered_size + n;
    if (need > c->gathered_capacity) {
        size_t capacity = need < KEEP_MAX / 2 ? KEEP_MAX / 2 : need;
        uint8_t *grown = OPENSSL_clear_realloc(c->gathered, c->gathered_capacity, capacity);
        if (!grown)
            return c->failure = NNG_ENOMEM;
        c->gathered = grown;
        c->gathered_capacity = capacity;
    }
    memcpy(c->gathered + c->gathered_size, data, n);
    c->gathered_size = need;
    return 0;
}

/** Follows the SP framing through @n bytes at most; returns how many belong to the present part. */
static size_t
conn_follow_sp(nng_tls_engine_conn *c, const uint8_t *data, size_t n)
{
    if (c->length_left == 0) {
        n = n < c->message_left ? n : (size_t)c->message_left;
        c->message_left -= n;
    } else {
        n = n < c->length_left ? n : c->length_left;
        for (size_t i = 0; i < n; i++)
            c->message_left = c->message_left << 8 | data[i];
        c->length_left -= n;
    }
    return n;
}

/** Takes what the present record can hold; returns how much, or 0 with c->failure set. */
static size_t
conn_gather(nng_tls_engine_conn *c, const uint8_t *data, size_t n)
{
    size_t room = TLS_RECORD_MAX - c->gathered_size;
    n = n < room ? n : room;
    if (c->framing == FRAMING_SP)
        n = conn_follow_sp(c, data, n);
    if (conn_append(c, data, n) != 0)
        return 0;
    bool complete = true;
    if (c->framing == FRAMING_SP)
        complete = c->length_left == 0 && c->message_left == 0;
    if (complete)
        c->length_left = SP_LENGTH_SIZE;
    c->record_ready = complete || c->gathered_size == TLS_RECORD_MAX;
    return n;
}

/**
 * Looks at the first bytes sent. nng hands over SP's greeting in one piece; it is a record of its
 * own, and after it come the messages.
 */
static int
conn_recognise(nng_tls_engine_conn *c, const uint8_t *data, size_t n)
{
    bool sp = n == SP_GREETING_SIZE && memcmp(data, "\0SP", 4) == 0;
    c->framing = sp ? FRAMING_SP : FRAMING_NONE;
    if (!sp)
        return 0;
    if (conn_append(c, data, n) != 0)
        return c->failure;
    c->offered_taken = n;
    c->length_left = SP_LENGTH_SIZE;
    c->record_ready = true;
    return 0;
}

/**
 * Sends the *@n bytes at @data. What completes a record is acknowledged only when nng has taken the
 * whole record, so all that is ever held back after success is the beginning of an SP message,
 * whose rest nng sends next: nothing has to be flushed behind nng's back.
 */
static int
conn_send(nng_tls_engine_conn *c, const uint8_t *data, size_t *n) /* NOLINT: nng's signature */
{
    int rv = conn_handshake(c);
    if (rv == 0 && c->framing == FRAMING_UNKNOWN)
        rv = conn_recognise(c, data, *n);
    if (rv != 0)
        return conn_result(c, rv);
    for (;;) {
        if ((rv = conn_write_record(c)) != 0)
            return conn_result(c, rv);
        if (c->offered_taken >= *n)
            break;
        size_t taken = conn_gather(c, data + c->offered_taken, *n - c->offered_taken);
        if (taken == 0)
            return c->failure;
        c->offered_taken += taken;
    }
    c->offered_taken = 0;
    return 0;
}

/**
 * Frees OpenSSL's buffers of a connection that is about to wait, if they held much: 33 KB. To do so
 * after every record, as SSL_MODE_RELEASE_BUFFERS does, costs a ninth of an echo's time; and what
 * small messages never touched takes no memory.
 */
static void
conn_free_buffers(nng_tls_engine_conn *c)
{
    if (c->buffers_full && SSL_free_buffers(c->ssl) == 1)
        c->buffers_full = false;
}

/** Receives up to *@n bytes, all that came: each further call by nng is a hop between threads. */
static int
conn_recv(nng_tls_engine_conn *c, uint8_t *data, size_t *n)
{
    size_t got = 0;
    int rv = conn_handshake(c);
    if (rv == 0) {
        rv = conn_write_record(c);
        rv = rv == NNG_EAGAIN ? 0 : rv;
    }
    while (rv == 0 && got < *n) {
        size_t some = 0;
        ERR_clear_error();
        int ret = SSL_read_ex(c->ssl, data + got, *n - got, &some);
        if (ret != 1)
            rv = conn_error(c, ret);
        got += some;
    }
    c->buffers_full = c->buffers_full || got > KEEP_MAX;
    if (got == 0) {
        conn_free_buffers(c);
        return conn_result(c, rv);
    }
    *n = got;
    return 0;
}

static bool
conn_verified(nng_tls_engine_conn *c)
{
    return c->established && SSL_get_verify_mode(c->ssl) != SSL_VERIFY_NONE &&
           SSL_get0_peer_certificate(c->ssl) && SSL_get_verify_result(c->ssl) == X509_V_OK;
}

/* ------------------------------------------------------------------ the engine */

/* Not const because nng's header has pointers to plain structures. */
static nng_tls_engine_conn_ops conn_ops = {
    .size = sizeof(struct nng_tls_engine_conn),
    .init = conn_init,
    .fini = conn_fini,
    .close = conn_close,
    .handshake = conn_handshake,
    .recv = conn_recv,
    .send = conn_send,
    .verified = conn_verified,
};

static const nng_tls_engine openssl_engine = {
    .version = NNG_TLS_ENGINE_VERSION,
    .config_ops = &tls_config_ops,
    .conn_ops = &conn_ops,
    .name = "openssl",
    .description = OPENSSL_VERSION_TEXT,
    .fips_mode = false,
};

int
tls_engine_register(void)
{
    /* nng's threads may still be at work when the program exits: OpenSSL must outlast them. */
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
        return NNG_ECRYPTO;
    pthread_mutex_lock(&process.lock);
    if (!process.stream_method)
        process.stream_method = stream_method_new();
    bool ready = process.stream_method != NULL;
    pthread_mutex_unlock(&process.lock);
    if (!ready)
        return NNG_ENOMEM;

    nng_tls_config *first = NULL;
    int rv = nng_tls_config_alloc(&first, NNG_TLS_MODE_CLIENT);
    if (rv != 0)
        return rv;
    nng_tls_config_free(first);
    return nng_tls_engine_register(&openssl_engine);
}
