/*
 * What peers may do to TLS, for each protocol that is spoken inside it: tls_peer HOST:PORT CA PROTOCOL
 * PART. PROTOCOL is sp or h2. Ends with 0 where the server did as it has to, else says what it did.
 */
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    /** How long the server may take for anything. */
    PATIENCE_S = 20,
    /** More changes of keys without a message than anybody is allowed. */
    MANY_UPDATES = 64,
};

/** A protocol: what opens a connection, a call that anybody may make, and what its answer has. */
struct spoken {
    const char *name;
    /** As ALPN has it: each name behind its length. */
    const char *alpn;
    const char *greeting;
    size_t greeting_bytes;
    const char *call;
    size_t call_bytes;
    const char *answer;
    size_t answer_bytes;
};

#define TEXT(s)                                     s, sizeof(s) - 1
#define CHECK                                       "jiayi.v1.ServerService/Check"
#define FIELD(name_bytes, name, value_bytes, value) "\0" name_bytes name value_bytes value

static const struct spoken protocols[] = {
    /* A request, 0x80000001, of an envelope that names the method. */
    {"sp", NULL, TEXT("\0SP\0\0\x30\0\0"),
     TEXT("\0\0\0\0\0\0\0\x22"
          "\x80\0\0\1\n\x1c" CHECK),
     TEXT("\x80\0\0\1")},
    /* Health's Check of everything, with a head of plain literals. */
    {"h2", "\2h2",
     TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
          "\0\0\0\4\0\0\0\0\0"),
     TEXT("\0\0\x48\1\4\0\0\0\1\x83\x87\1\1x" FIELD("\5", ":path", "\x1c",
                                                    "/grpc.health.v1.Health/Check")
              FIELD("\x0c", "content-type", "\x10",
                    "application/grpc") "\0\0\5\0\1\0\0\0\1\0\0\0\0\0"),
     TEXT("\0\0\0\0\2\x08\1")},
};

static const struct spoken *spoken;
static const char *server_name;
static SSL_CTX *context;
static SSL_SESSION *kept;

static void
fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", spoken ? spoken->name : "tls", what);
    exit(1);
}

static int
dial(void)
{
    char host[256];
    snprintf(host, sizeof host, "%s", server_name);
    char *colon = strrchr(host, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (!colon)
        fail("no port");
    *colon = 0;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        fail("no such server");
    int fd = socket(found->ai_family, SOCK_STREAM, 0);
    struct timeval patience = {PATIENCE_S, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0)
        fail(strerror(errno));
    freeaddrinfo(found);
    return fd;
}

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    SSL_SESSION_free(kept);
    kept = session;
    return 1;
}

static SSL *
prepare(const char *alpn)
{
    SSL *ssl = SSL_new(context);
    if (alpn)
        SSL_set_alpn_protos(ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    SSL_set_fd(ssl, dial());
    SSL_set_connect_state(ssl);
    return ssl;
}

static SSL *
shake_hands(void)
{
    SSL *ssl = prepare(spoken->alpn);
    if (SSL_do_handshake(ssl) != 1)
        fail("no handshake");
    return ssl;
}

static void
hang_up(SSL *ssl)
{
    close(SSL_get_fd(ssl));
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* its ticket stays good */
    SSL_free(ssl);
    ERR_clear_error();
}

/** True where all of it went. */
static bool
say(SSL *ssl, const char *data, size_t n)
{
    return SSL_write(ssl, data, (int)n) == (int)n;
}

/** Reads until the answer is there; false where the connection ends before. */
static bool
is_answered(SSL *ssl)
{
    char come[8192];
    size_t n = 0;
    while (n < sizeof come) {
        int more = SSL_read(ssl, come + n, (int)(sizeof come - n));
        if (more <= 0)
            return false;
        n += (size_t)more;
        if (memmem(come, n, spoken->answer, spoken->answer_bytes))
            return true;
    }
    return false;
}

static bool
is_called(SSL *ssl)
{
    return say(ssl, spoken->greeting, spoken->greeting_bytes) &&
           say(ssl, spoken->call, spoken->call_bytes) && is_answered(ssl);
}

/* The parts. */

static void
call_once(void)
{
    SSL *ssl = shake_hands();
    if (!is_called(ssl))
        fail("the call is not answered");
    hang_up(ssl);
}

/** Records of a byte each. */
static void
send_tiny_records(void)
{
    SSL *ssl = shake_hands();
    for (size_t i = 0; i < spoken->greeting_bytes; i++)
        if (!say(ssl, spoken->greeting + i, 1))
            fail("no greeting in single bytes");
    for (size_t i = 0; i < spoken->call_bytes; i++)
        if (!say(ssl, spoken->call + i, 1))
            fail("no call in single bytes");
    if (!is_answered(ssl))
        fail("a call in single bytes is not answered");
    hang_up(ssl);
}

/** Records of nothing count for nothing, and do no harm. */
static void
send_empty_records(void)
{
    SSL *ssl = shake_hands();
    size_t none;
    for (int i = 0; i < 8; i++)
        SSL_write_ex(ssl, "", 0, &none);
    if (!is_called(ssl))
        fail("a call behind empty records is not answered");
    hang_up(ssl);
}

static bool
update_keys(SSL *ssl)
{
    return SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1;
}

/** Before the greeting, between it and the call, and in the middle of the call. */
static void
change_keys(void)
{
    SSL *ssl = shake_hands();
    size_t half = spoken->call_bytes / 2;
    if (!update_keys(ssl) || !say(ssl, spoken->greeting, spoken->greeting_bytes) ||
        !update_keys(ssl) || !say(ssl, spoken->call, half) || !update_keys(ssl) ||
        !say(ssl, spoken->call + half, spoken->call_bytes - half) || !is_answered(ssl))
        fail("a call amid new keys is not answered");
    hang_up(ssl);
}

/** Again and again, for nothing: the connection ends. */
static void
change_keys_for_nothing(void)
{
    SSL *ssl = shake_hands();
    if (!is_called(ssl))
        fail("the call is not answered");
    for (int i = 0; i < MANY_UPDATES; i++)
        if (!update_keys(ssl)) {
            hang_up(ssl);
            return;
        }
    char come[256];
    while (SSL_read(ssl, come, sizeof come) > 0)
        continue;
    if (errno == EAGAIN)
        fail("keys may be changed for ever");
    hang_up(ssl);
}

/** Of TLS 1.2, where the server speaks it: asked for, it does not come about. */
static void
renegotiate(void)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL *ssl = shake_hands();
    char before[64], after[64];
    size_t n = SSL_get_finished(ssl, before, sizeof before);
    if (!is_called(ssl))
        fail("the call is not answered");
    SSL_renegotiate(ssl);
    SSL_do_handshake(ssl);
    char come[256];
    SSL_read(ssl, come, sizeof come);
    if (SSL_get_finished(ssl, after, sizeof after) != n || memcmp(before, after, n) != 0)
        fail("it has begun a second handshake");
    hang_up(ssl);
}

/** Says goodbye behind the call, as TLS does or as TCP does, and waits for what comes. */
static void
close_half(void)
{
    for (int by_tcp = 0; by_tcp < 2; by_tcp++) {
        SSL *ssl = shake_hands();
        if (!say(ssl, spoken->greeting, spoken->greeting_bytes) ||
            !say(ssl, spoken->call, spoken->call_bytes))
            fail("nothing can be sent");
        if (by_tcp)
            shutdown(SSL_get_fd(ssl), SHUT_WR);
        else
            SSL_shutdown(ssl);
        char come[256];
        errno = 0;
        while (SSL_read(ssl, come, sizeof come) > 0)
            continue;
        if (errno == EAGAIN)
            fail("who has hung up is kept");
        hang_up(ssl);
    }
}

/** No ticket allows it; with one that is made to, it ends the connection. */
static void
send_early(void)
{
    SSL *ssl = shake_hands();
    size_t done;
    if (!is_called(ssl))
        fail("the call is not answered");
    if (!kept || SSL_SESSION_get_max_early_data(kept) != 0)
        fail("its ticket allows early data, or there is none");
    hang_up(ssl);
    SSL_SESSION *session = kept;
    kept = NULL;
    SSL_SESSION_set_max_early_data(session, 1024);
    ssl = prepare(spoken->alpn);
    SSL_set_session(ssl, session);
    if (SSL_write_early_data(ssl, spoken->greeting, spoken->greeting_bytes, &done) != 1)
        fail("no early data can be sent");
    if (SSL_do_handshake(ssl) == 1 && SSL_get_early_data_status(ssl) != SSL_EARLY_DATA_REJECTED)
        fail("it takes early data");
    /* Who was never allowed to is not heard on. */
    if (is_called(ssl))
        fail("the call behind early data is answered");
    hang_up(ssl);
    SSL_SESSION_free(session);
}

/** What is chosen of what is offered: the name, or "-" where the handshake fails. */
static void
offer(const char *names, const char *expected)
{
    const unsigned char *chosen = NULL;
    unsigned n = 0;
    char got[32] = "-";
    SSL *ssl = prepare(names);
    if (SSL_do_handshake(ssl) == 1) {
        SSL_get0_alpn_selected(ssl, &chosen, &n);
        snprintf(got, sizeof got, "%.*s", (int)n, (const char *)chosen);
    }
    hang_up(ssl);
    if (strcmp(got, expected) != 0) {
        fprintf(stderr, "of \"%s\" it takes \"%s\", not \"%s\"\n", names ? names : "", got,
                expected);
        exit(1);
    }
}

static void
offer_all(void)
{
    offer(NULL, "");
    offer("\2h2", "h2");
    offer("\2h2\10http/1.1", "h2");
    offer("\10http/1.1\2h2", "h2");
    offer("\10http/1.1", "http/1.1");
    offer("\3foo\2h2\3bar", "h2");
    offer("\3foo", "-");
    offer("\2h3", "-");
    offer("\1h\1h", "-");
    offer("\3h2c", "-");
    offer("\2H2", "-");
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"call", call_once},
    {"tiny", send_tiny_records},
    {"empty", send_empty_records},
    {"keys", change_keys},
    {"keys-for-nothing", change_keys_for_nothing},
    {"renegotiate", renegotiate},
    {"half-close", close_half},
    {"early", send_early},
    {"offers", offer_all},
};

int
main(int argc, char **argv)
{
    if (argc != 5)
        fail("usage: tls_peer HOST:PORT CA sp|h2 PART");
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (strcmp(protocols[i].name, argv[3]) == 0)
            spoken = &protocols[i];
    server_name = argv[1];
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_client_method());
    if (!spoken || SSL_CTX_load_verify_locations(context, argv[2], NULL) != 1)
        fail("no such protocol, or no authority");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, argv[4]) == 0) {
            parts[i].run();
            return 0;
        }
    fail("no such part");
}
