#include "common/tls_engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nng/nng.h>
#include <nng/supplemental/tls/engine.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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
    /** Room for a stored session: secret, ticket and the server's certificate. */
    SESSION_SIZE_MAX = 16384,
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

struct nng_tls_engine_config {
    SSL_CTX *context;
    /** The name or address that the server must prove, NULL when none was set. */
    char *server_name;
    bool is_client;
    bool is_address;
    nng_tls_auth_mode auth_mode;
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

    /** Client: when the session that was offered was issued; 0 without one. */
    time_t session_time;
    bool session_saved;
};

/** What nng's interface leaves no other place for: its engine is one for the whole process. */
static struct {
    pthread_mutex_t lock;
    int (*session_load)(void *arg, uint8_t *buf, size_t cap);
    void (*session_save)(void *arg, const uint8_t *der, size_t n);
    void *session_arg;
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

/* ------------------------------------------------------------------ sessions (client) */

void
tls_engine_set_session_store(int (*load)(void *arg, uint8_t *buf, size_t cap),
                             void (*save)(void *arg, const uint8_t *der, size_t n), void *arg)
{
    pthread_mutex_lock(&process.lock);
    process.session_load = load;
    process.session_save = save;
    process.session_arg = arg;
    pthread_mutex_unlock(&process.lock);
}

/**
 * A resumed handshake shows no certificate, so the one in the session is verified as if it had come
 * now: the CA, the server's name or the clock may be others than when the session was kept.
 */
static bool
session_verifies(SSL *ssl, SSL_SESSION *session)
{
    bool ok = false;
    X509 *peer = SSL_SESSION_get0_peer(session);
    X509_STORE *trusted = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    if (check && peer && X509_STORE_CTX_init(check, trusted, peer, NULL) == 1 &&
        X509_STORE_CTX_set_default(check, "ssl_server") == 1 &&
        X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(check), SSL_get0_param(ssl)) == 1)
        ok = X509_verify_cert(check) == 1;
    X509_STORE_CTX_free(check);
    return ok;
}

/** Offers the session kept in the store, if there is one that may be trusted. */
static void
session_offer(struct nng_tls_engine_conn *c)
{
    pthread_mutex_lock(&process.lock);
    int (*load)(void *, uint8_t *, size_t) = process.session_load;
    void *arg = process.session_arg;
    pthread_mutex_unlock(&process.lock);
    uint8_t *der = load ? OPENSSL_malloc(SESSION_SIZE_MAX) : NULL;
    if (!der)
        return;

    int n = load(arg, der, SESSION_SIZE_MAX);
    const uint8_t *at = der;
    SSL_SESSION *session = NULL;
    if (n > 0 && n <= SESSION_SIZE_MAX)
        session = d2i_SSL_SESSION(NULL, &at, n);
    if (session && session_verifies(c->ssl, session) && SSL_set_session(c->ssl, session) == 1)
        c->session_time = (time_t)SSL_SESSION_get_time(session);
    SSL_SESSION_free(session);
    OPENSSL_clear_free(der, SESSION_SIZE_MAX);
    ERR_clear_error();
}

/** OpenSSL has got a session from the server. Returns 0: the reference stays OpenSSL's. */
static int
session_arrived(SSL *ssl, SSL_SESSION *session)
{
    struct nng_tls_engine_conn *c = SSL_get_app_data(ssl);
    /* A server sends one with every handshake; while the one kept has half its life before it,
     * writing the next is not worth a file. */
    bool fresh =
        SSL_session_reused(ssl) && time(NULL) - c->session_time < TLS_SESSION_LIFETIME_S / 2;
    if (fresh || c->session_saved)
        return 0;
    pthread_mutex_lock(&process.lock);
    void (*save)(void *, const uint8_t *, size_t) = process.session_save;
    void *arg = process.session_arg;
    pthread_mutex_unlock(&process.lock);

    uint8_t *der = NULL;
    int n = save ? i2d_SSL_SESSION(session, &der) : 0;
    if (n > 0 && n <= SESSION_SIZE_MAX) {
        c->session_saved = true;
        save(arg, der, (size_t)n);
    }
    if (der)
        OPENSSL_clear_free(der, (size_t)n);
    return 0;
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
    session_offer(c);
    return 0;
}

static int
conn_init(nng_tls_engine_conn *c, void *stream, nng_tls_engine_config *config)
{
    c->stream = stream;
    c->is_client = config->is_client;
    c->ssl = SSL_new(config->context);
    BIO *bio = c->ssl ? BIO_new(process.stream_method) : NULL;
    if (!bio)
        return NNG_ENOMEM;
    BIO_set_data(bio, c);
    BIO_set_init(bio, 1);
    SSL_set_bio(c->ssl, bio, bio);
    SSL_set_app_data(c->ssl, c);
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

/* ------------------------------------------------------------------ configurations */

static void
config_fini(nng_tls_engine_config *config)
{
    SSL_CTX_free(config->context);
    OPENSSL_free(config->server_name);
}

static int
config_init(nng_tls_engine_config *config, nng_tls_mode mode)
{
    config->is_client = mode == NNG_TLS_MODE_CLIENT;
    config->auth_mode = config->is_client ? NNG_TLS_AUTH_MODE_REQUIRED : NNG_TLS_AUTH_MODE_NONE;
    config->context = tls_context_new(config->is_client);
    if (!config->context)
        return NNG_ENOMEM;
    if (config->is_client)
        SSL_CTX_sess_set_new_cb(config->context, session_arrived);
    return 0;
}

/** Says whether @name is an IP address, without the brackets that a URL puts around one of IPv6. */
static bool
is_address(const char *name)
{
    unsigned char binary[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, name, binary) == 1 || inet_pton(AF_INET6, name, binary) == 1;
}

static int
config_server(nng_tls_engine_config *config, const char *name)
{
    size_t n = strlen(name);
    bool bracketed = n > 2 && name[0] == '[' && name[n - 1] == ']';
    char *copy = bracketed ? OPENSSL_strndup(name + 1, n - 2) : OPENSSL_strdup(name);
    if (!copy)
        return NNG_ENOMEM;
    OPENSSL_free(config->server_name);
    config->server_name = copy;
    config->is_address = is_address(copy);
    if (!config->is_client)
        return 0;

    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(config->context);
    int ok = X509_VERIFY_PARAM_set1_ip(param, NULL, 0) &&
             X509_VERIFY_PARAM_set1_host(param, config->is_address ? NULL : copy, 0);
    if (ok && config->is_address)
        ok = X509_VERIFY_PARAM_set1_ip_asc(param, copy);
    if (ok && *copy)
        return 0;
    /* Better no name, with which nothing connects, than half of one. */
    OPENSSL_free(config->server_name);
    config->server_name = NULL;
    return *name ? NNG_ENOMEM : NNG_EINVAL;
}

static int
config_auth(nng_tls_engine_config *config, nng_tls_auth_mode mode)
{
    int verify;
    switch (mode) {
    case NNG_TLS_AUTH_MODE_NONE: verify = SSL_VERIFY_NONE; break;
    case NNG_TLS_AUTH_MODE_OPTIONAL: verify = SSL_VERIFY_PEER; break;
    case NNG_TLS_AUTH_MODE_REQUIRED:
        verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        break;
    default: return NNG_EINVAL;
    }
    config->auth_mode = mode;
    SSL_CTX_set_verify(config->context, verify, NULL);
    if (!config->is_client) {
        /* A resumed session would skip the client's certificate. */
        SSL_CTX_set_num_tickets(config->context, verify == SSL_VERIFY_NONE ? 1 : 0);
        if (verify != SSL_VERIFY_NONE)
            SSL_CTX_set_options(config->context, SSL_OP_NO_TICKET);
        else
            SSL_CTX_clear_options(config->context, SSL_OP_NO_TICKET);
    }
    return 0;
}

/** True when the last PEM read failed only because there was nothing more. */
static bool
pem_ended(void)
{
    unsigned long error = ERR_peek_last_error();
    bool ended = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return ended;
}

/** The certificates in @pem in their order, one at least; NULL when it is malformed. */
static struct stack_st_X509 *
pem_certificates(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    STACK_OF(X509) *certificates = sk_X509_new_null();
    X509 *one = NULL;
    bool ok = in && certificates;
    ERR_clear_error();
    while (ok && (one = PEM_read_bio_X509(in, NULL, NULL, NULL)))
        if (sk_X509_push(certificates, one) <= 0) {
            X509_free(one);
            ok = false;
        }
    ok = ok && pem_ended() && sk_X509_num(certificates) > 0;
    BIO_free(in);
    if (ok)
        return certificates;
    sk_X509_pop_free(certificates, X509_free);
    return NULL;
}

static EVP_PKEY *
pem_key(const char *pem, const char *password)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    /* With no password at all OpenSSL would ask for one at the terminal. */
    void *given = (void *)(uintptr_t)(password ? password : "");
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, given) : NULL;
    BIO_free(in);
    return key;
}

/** Adds the revocation lists in @pem to @store and makes it ask them. */
static bool
store_add_crls(X509_STORE *store, const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509_CRL *crl = NULL;
    int count = 0;
    bool ok = in != NULL;
    ERR_clear_error();
    while (ok && (crl = PEM_read_bio_X509_CRL(in, NULL, NULL, NULL))) {
        ok = X509_STORE_add_crl(store, crl) == 1;
        X509_CRL_free(crl);
        count++;
    }
    ok = ok && pem_ended() && count > 0;
    BIO_free(in);
    return ok && X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1;
}

static int
config_ca_chain(nng_tls_engine_config *config, const char *certificates, const char *crl)
{
    STACK_OF(X509) *cas = pem_certificates(certificates);
    X509_STORE *store = SSL_CTX_get_cert_store(config->context);
    bool ok = cas != NULL;
    for (int i = 0; ok && i < sk_X509_num(cas); i++) {
        X509 *ca = sk_X509_value(cas, i);
        ok = X509_STORE_add_cert(store, ca) == 1 &&
             (config->is_client || SSL_CTX_add_client_CA(config->context, ca) == 1);
    }
    sk_X509_pop_free(cas, X509_free);
    if (ok && crl)
        ok = store_add_crls(store, crl);
    ERR_clear_error();
    return ok ? 0 : NNG_ECRYPTO;
}

static int
config_own_cert(nng_tls_engine_config *config, const char *certificate, const char *key,
                const char *password)
{
    STACK_OF(X509) *chain = pem_certificates(certificate);
    X509 *leaf = chain ? sk_X509_shift(chain) : NULL;
    EVP_PKEY *own_key = pem_key(key, password);
    int ok =
        leaf && own_key && SSL_CTX_use_cert_and_key(config->context, leaf, own_key, chain, 1) == 1;
    EVP_PKEY_free(own_key);
    X509_free(leaf);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return ok ? 0 : NNG_ECRYPTO;
}

static int
config_version(nng_tls_engine_config *config, nng_tls_version lowest, nng_tls_version highest)
{
    if (lowest > highest || highest < NNG_TLS_1_2 || lowest > NNG_TLS_1_3)
        return NNG_ENOTSUP;
    int from = lowest < NNG_TLS_1_3 ? TLS1_2_VERSION : TLS1_3_VERSION;
    int to = highest < NNG_TLS_1_3 ? TLS1_2_VERSION : TLS1_3_VERSION;
    bool ok = SSL_CTX_set_min_proto_version(config->context, from) == 1 &&
              SSL_CTX_set_max_proto_version(config->context, to) == 1;
    return ok ? 0 : NNG_ENOTSUP;
}

/* ------------------------------------------------------------------ the engine */

/* Not const because nng's header has pointers to plain structures. */
static nng_tls_engine_config_ops config_ops = {
    .size = sizeof(struct nng_tls_engine_config),
    .init = config_init,
    .fini = config_fini,
    .server = config_server,
    .auth = config_auth,
    .ca_chain = config_ca_chain,
    .own_cert = config_own_cert,
    .version = config_version,
};

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
    .config_ops = &config_ops,
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
