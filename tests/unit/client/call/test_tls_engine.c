/*
 * The TLS engine against the real nng, over real sockets: what goes through, what is refused, and
 * that nothing a stranger does stops the listener.
 *
 * Time limits here only end a test that hangs; none decides whether it passes.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/engine.h>
#include <nng/supplemental/tls/tls.h>
#include <nng/supplemental/util/platform.h>
#include <nng/transport/ws/websocket.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/call/tls_engine.h"
#include "client/call/tls_session.h"
#include "common/status.h"
#include "server/folder/certs.h"

enum {
    HANG_MS = 120 * 1000,
    ECHO_CONTEXTS = 8,
    /** The most that one test opens. */
    SERVERS = 4,
    SOCKETS = 16,
    PROXY_CONNECTIONS = 64,
    /** A record's plaintext, and what SP and REQ put before a message's body. */
    RECORD_BYTES = 16000,
    OVERHEAD_BYTES = 12,
};

/* ------------------------------------------------------------------ certificates */

/** PEM texts of an authority and of a server certificate that it signed. */
struct pki {
    char *ca;
    char *ca_key;
    char *certificate;
    char *key;
};

/** What the whole program tests with: the server's authority, and one unknown to everybody. */
static struct pki ours;
static struct pki strangers;

static char *
read_text(const char *dir, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, in) > 0);
    fclose(in);
    unlink(path);
    return text;
}

static void
pki_make(struct pki *pki)
{
    char dir[] = "/tmp/test_tls_engine-XXXXXX";
    const char *names[] = {"server.test"};
    struct status e = {0};
    assert_non_null(mkdtemp(dir));
    assert_int_equal(certs_make(dir, names, 1, &e), 0);
    pki->ca = read_text(dir, "ca.pem");
    pki->ca_key = read_text(dir, "ca.key");
    pki->certificate = read_text(dir, "server.pem");
    pki->key = read_text(dir, "server.key");
    rmdir(dir);
}

static void
pki_free(struct pki *pki)
{
    free(pki->ca);
    free(pki->ca_key);
    free(pki->certificate);
    free(pki->key);
}

static EVP_PKEY *
parse_key(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
    BIO_free(in);
    assert_non_null(key);
    return key;
}

static X509 *
parse_certificate(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
    BIO_free(in);
    assert_non_null(x);
    return x;
}

/** The server's certificate of @pki signed again for other dates, in days from now. */
static char *
redated_certificate(const struct pki *pki, int from_days, int to_days)
{
    X509 *x = parse_certificate(pki->certificate);
    EVP_PKEY *signer = parse_key(pki->ca_key);
    BIO *out = BIO_new(BIO_s_mem());
    assert_non_null(X509_time_adj_ex(X509_getm_notBefore(x), from_days, 0, NULL));
    assert_non_null(X509_time_adj_ex(X509_getm_notAfter(x), to_days, 0, NULL));
    assert_true(X509_sign(x, signer, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(out, x), 1);
    char *data = NULL;
    long n = BIO_get_mem_data(out, &data);
    char *pem = strndup(data, (size_t)n);
    BIO_free(out);
    EVP_PKEY_free(signer);
    X509_free(x);
    return pem;
}

/* ------------------------------------------------------------------ open files */

static int
open_files(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/** How many there were when the latest server had started, before anybody connected. */
static int idle_files;

/** Waits until all connections are gone; fails if the server keeps dead ones. */
static void
expect_no_remains(void)
{
    for (int waited_ms = 0; open_files() > idle_files && waited_ms < HANG_MS; waited_ms += 10)
        nng_msleep(10);
    assert_true(open_files() <= idle_files);
}

/* ------------------------------------------------------------------ the echo server */

/** One of the contexts that answer: receives, sends the same back, and again. */
struct echo_work {
    nng_ctx ctx;
    nng_aio *aio;
    bool sending;
};

struct echo_server {
    nng_socket socket;
    nng_listener listener;
    struct echo_work works[ECHO_CONTEXTS];
    char url[64];
    int port;
};

static struct echo_server servers[SERVERS];
static size_t n_servers;

static void
echo_step(void *arg)
{
    struct echo_work *work = arg;
    if (nng_aio_result(work->aio) == NNG_ECLOSED)
        return;
    if (work->sending || nng_aio_result(work->aio) != 0) {
        work->sending = false;
        nng_ctx_recv(work->ctx, work->aio);
        return;
    }
    work->sending = true;
    nng_ctx_send(work->ctx, work->aio);
}

static nng_tls_config *
server_config(const char *certificate, const char *key)
{
    nng_tls_config *config = NULL;
    assert_int_equal(nng_tls_config_alloc(&config, NNG_TLS_MODE_SERVER), 0);
    assert_int_equal(nng_tls_config_own_cert(config, certificate, key, NULL), 0);
    return config;
}

static nng_tls_config *
client_config(const char *ca, const char *name)
{
    nng_tls_config *config = NULL;
    assert_int_equal(nng_tls_config_alloc(&config, NNG_TLS_MODE_CLIENT), 0);
    if (ca)
        assert_int_equal(nng_tls_config_ca_chain(config, ca, NULL), 0);
    if (name)
        assert_int_equal(nng_tls_config_server_name(config, name), 0);
    return config;
}

/** Starts an echo server at @url (port 0) with @config, which it takes over; clean_up() ends it. */
static struct echo_server *
echo_start_at(const char *url, nng_tls_config *config)
{
    assert_true(n_servers < SERVERS);
    struct echo_server *s = &servers[n_servers];
    memset(s, 0, sizeof(*s));
    assert_int_equal(nng_rep0_open(&s->socket), 0);
    assert_int_equal(nng_listener_create(&s->listener, s->socket, url), 0);
    assert_int_equal(nng_listener_setopt_ptr(s->listener, NNG_OPT_TLS_CONFIG, config), 0);
    nng_tls_config_free(config);
    for (int i = 0; i < ECHO_CONTEXTS; i++) {
        assert_int_equal(nng_ctx_open(&s->works[i].ctx, s->socket), 0);
        assert_int_equal(nng_aio_alloc(&s->works[i].aio, echo_step, &s->works[i]), 0);
        nng_ctx_recv(s->works[i].ctx, s->works[i].aio);
    }
    n_servers++;
    assert_int_equal(nng_listener_start(s->listener, 0), 0);
    assert_int_equal(nng_listener_get_int(s->listener, NNG_OPT_TCP_BOUND_PORT, &s->port), 0);
    snprintf(s->url, sizeof(s->url), "tls+tcp://127.0.0.1:%d", s->port);
    idle_files = open_files();
    return s;
}

static struct echo_server *
echo_start_with(nng_tls_config *config)
{
    return echo_start_at("tls+tcp://127.0.0.1:0", config);
}

static struct echo_server *
echo_start(void)
{
    return echo_start_with(server_config(ours.certificate, ours.key));
}

static void
echo_stop(struct echo_server *s)
{
    for (int i = 0; i < ECHO_CONTEXTS; i++)
        nng_aio_stop(s->works[i].aio);
    nng_close(s->socket);
    for (int i = 0; i < ECHO_CONTEXTS; i++)
        nng_aio_free(s->works[i].aio);
}

/* ------------------------------------------------------------------ nng clients */

static nng_socket sockets[SOCKETS];
static size_t n_sockets;

/** Opens a REQ socket; hang_up() or clean_up() closes it. */
static nng_socket
open_socket(void)
{
    nng_socket socket;
    assert_true(n_sockets < SOCKETS);
    assert_int_equal(nng_req0_open(&socket), 0);
    sockets[n_sockets++] = socket;
    assert_int_equal(nng_socket_set_ms(socket, NNG_OPT_SENDTIMEO, HANG_MS), 0);
    assert_int_equal(nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, HANG_MS), 0);
    assert_int_equal(nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), 0);
    return socket;
}

static void
hang_up(nng_socket socket)
{
    nng_close(socket);
    for (size_t i = 0; i < n_sockets; i++)
        if (nng_socket_id(sockets[i]) == nng_socket_id(socket))
            sockets[i--] = sockets[--n_sockets];
}

/** Dials @url with @config, which it takes over. Returns nng's result; on 0 *@socket is open. */
static int
dial(nng_socket *socket, const char *url, nng_tls_config *config)
{
    nng_dialer dialer;
    *socket = open_socket();
    assert_int_equal(nng_dialer_create(&dialer, *socket, url), 0);
    assert_int_equal(nng_dialer_setopt_ptr(dialer, NNG_OPT_TLS_CONFIG, config), 0);
    nng_tls_config_free(config);
    int rv = nng_dialer_start(dialer, 0);
    if (rv != 0)
        hang_up(*socket);
    return rv;
}

static void
fill(uint8_t *data, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        data[i] = (uint8_t)(seed >> 24);
    }
}

/** Sends @n bytes and expects the same back. */
static void
echo(nng_socket socket, size_t n, uint32_t seed)
{
    nng_msg *message = NULL;
    uint8_t *expected = malloc(n + 1);
    assert_non_null(expected);
    fill(expected, n, seed);
    assert_int_equal(nng_msg_alloc(&message, n), 0);
    memcpy(nng_msg_body(message), expected, n);
    assert_int_equal(nng_sendmsg(socket, message, 0), 0);
    assert_int_equal(nng_recvmsg(socket, &message, 0), 0);
    assert_int_equal(nng_msg_len(message), n);
    assert_memory_equal(nng_msg_body(message), expected, n);
    nng_msg_free(message);
    free(expected);
}

/** A client as it should be is served. */
static void
expect_served(const struct echo_server *s)
{
    nng_socket socket;
    assert_int_equal(dial(&socket, s->url, client_config(ours.ca, "127.0.0.1")), 0);
    echo(socket, 100, 1);
    hang_up(socket);
}

static void
expect_last_error(const char *expected)
{
    char text[256];
    size_t n = tls_engine_last_error(text, sizeof(text));
    assert_int_equal(n, strlen(text));
    if (!strstr(text, expected))
        fail_msg("the last error is \"%s\", not \"%s\"", text, expected);
}

/* ------------------------------------------------------------------ a proxy that sees records */

/** Finds the records in one direction's bytes. */
struct record_reader {
    uint8_t header[5];
    size_t header_size;
    size_t payload_left;
    /** Records of the type that carries encrypted data. */
    atomic_size_t records;
};

/** How a proxy passes bytes on. */
struct proxy_plan {
    /** The most that is read at once; 0: as much as there is. */
    size_t chunk;
    /** The size of the kernel's buffers, so that writers have to wait; 0: as they are. */
    int buffer;
};

struct proxy {
    int listening;
    int port;
    int upstream_port;
    struct proxy_plan plan;
    pthread_t thread;
    int stop[2];
    bool running;
    struct record_reader from_client;
    struct record_reader from_server;
};

/** The one that a test may have. */
static struct proxy proxy;

static void
count_records(struct record_reader *r, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n;) {
        if (r->header_size < sizeof(r->header)) {
            r->header[r->header_size++] = data[i++];
            if (r->header_size == sizeof(r->header)) {
                r->payload_left = (size_t)(r->header[3] << 8 | r->header[4]);
                if (r->header[0] == SSL3_RT_APPLICATION_DATA)
                    atomic_fetch_add(&r->records, 1);
            }
            continue;
        }
        size_t skip = r->payload_left < n - i ? r->payload_left : n - i;
        r->payload_left -= skip;
        i += skip;
        if (r->payload_left == 0)
            r->header_size = 0;
    }
}

static int
connect_to(int port, int buffer)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (buffer > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static bool
write_whole(int fd, const void *data, size_t n)
{
    const char *at = data;
    while (n > 0) {
        ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

/** Moves what @from has to @to. Returns false at the end. */
static bool
pass_on(const struct proxy *p, int from, int to, struct record_reader *reader)
{
    uint8_t data[65536];
    size_t most = p->plan.chunk > 0 ? p->plan.chunk : sizeof(data);
    ssize_t n = recv(from, data, most, 0);
    if (n <= 0)
        return false;
    count_records(reader, data, (size_t)n);
    return write_whole(to, data, (size_t)n);
}

/** The other direction's thread. */
static void *
pass_back(void *arg)
{
    struct {
        struct proxy *p;
        int client, server;
    } *ends = arg;
    while (pass_on(ends->p, ends->server, ends->client, &ends->p->from_server))
        ;
    shutdown(ends->client, SHUT_RDWR);
    shutdown(ends->server, SHUT_RDWR);
    return NULL;
}

/** Serves one connection to its end. */
static void
relay(struct proxy *p, int client)
{
    struct {
        struct proxy *p;
        int client, server;
    } ends = {p, client, connect_to(p->upstream_port, p->plan.buffer)};
    pthread_t back;
    assert_int_equal(pthread_create(&back, NULL, pass_back, &ends), 0);
    while (pass_on(p, client, ends.server, &p->from_client))
        ;
    shutdown(ends.server, SHUT_RDWR);
    shutdown(client, SHUT_RDWR);
    pthread_join(back, NULL);
    close(ends.server);
}

static void *
proxy_run(void *arg)
{
    struct proxy *p = arg;
    struct pollfd waiting[2] = {{.fd = p->listening, .events = POLLIN},
                                {.fd = p->stop[0], .events = POLLIN}};
    while (poll(waiting, 2, -1) > 0 && waiting[1].revents == 0) {
        int client = accept4(p->listening, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        relay(p, client);
        close(client);
    }
    return NULL;
}

/** Starts a proxy before @upstream_port; it serves one connection after the other. */
static struct proxy *
proxy_start(int upstream_port, struct proxy_plan plan)
{
    struct proxy *p = &proxy;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(address);
    memset(p, 0, sizeof(*p));
    p->plan = plan;
    p->upstream_port = upstream_port;
    p->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(p->listening >= 0);
    if (plan.buffer > 0) {
        setsockopt(p->listening, SOL_SOCKET, SO_RCVBUF, &plan.buffer, sizeof(plan.buffer));
        setsockopt(p->listening, SOL_SOCKET, SO_SNDBUF, &plan.buffer, sizeof(plan.buffer));
    }
    assert_int_equal(bind(p->listening, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(p->listening, PROXY_CONNECTIONS), 0);
    assert_int_equal(getsockname(p->listening, (struct sockaddr *)&address, &n), 0);
    p->port = ntohs(address.sin_port);
    assert_int_equal(pipe(p->stop), 0);
    assert_int_equal(pthread_create(&p->thread, NULL, proxy_run, p), 0);
    p->running = true;
    return p;
}

/** Ends the proxy; its clients must have hung up. */
static void
proxy_stop(struct proxy *p)
{
    assert_int_equal(write(p->stop[1], "x", 1), 1);
    pthread_join(p->thread, NULL);
    close(p->stop[0]);
    close(p->stop[1]);
    close(p->listening);
    p->running = false;
}

static int
dial_proxy(nng_socket *socket, const struct proxy *p)
{
    char url[64];
    snprintf(url, sizeof(url), "tls+tcp://127.0.0.1:%d", p->port);
    return dial(socket, url, client_config(ours.ca, "127.0.0.1"));
}

/* ------------------------------------------------------------------ clients of bare OpenSSL */

/** A TLS client on a connected socket that does as little as it is told. */
struct raw_client {
    int fd;
    SSL_CTX *context;
    SSL *ssl;
};

static void
raw_open(struct raw_client *r, int port, int highest_version)
{
    r->fd = connect_to(port, 0);
    r->context = SSL_CTX_new(TLS_client_method());
    assert_non_null(r->context);
    SSL_CTX_set_max_proto_version(r->context, highest_version);
    r->ssl = SSL_new(r->context);
    assert_non_null(r->ssl);
    SSL_set_fd(r->ssl, r->fd);
}

static void
raw_close(struct raw_client *r)
{
    SSL_free(r->ssl);
    SSL_CTX_free(r->context);
    if (r->fd >= 0)
        close(r->fd);
    ERR_clear_error();
}

/** Ends @fd with a reset in place of a farewell. */
static void
reset(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

/** The first bytes that a TLS client sends. */
static size_t
client_hello(uint8_t *buf, size_t size)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_connect(ssl);
    int n = BIO_read(SSL_get_wbio(ssl), buf, (int)size);
    assert_true(n > 50);
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
    return (size_t)n;
}

/* ------------------------------------------------------------------ tests: what goes through */

static void
register_makes_openssl_the_engine(void **state)
{
    (void)state;
    assert_int_equal(tls_engine_register(), 0);
    assert_int_equal(tls_engine_register(), 0);
    assert_string_equal(nng_tls_engine_name(), "openssl");
    assert_non_null(strstr(nng_tls_engine_description(), "OpenSSL 3"));
}

static void *
register_once(void *arg)
{
    (void)arg;
    return (void *)(intptr_t)tls_engine_register();
}

static void
register_from_many_threads(void **state)
{
    (void)state;
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, register_once, NULL), 0);
    for (int i = 0; i < 8; i++) {
        void *rv = threads;
        pthread_join(threads[i], &rv);
        assert_null(rv);
    }
    assert_string_equal(nng_tls_engine_name(), "openssl");
}

static void
register_again_after_nng_ended(void **state)
{
    (void)state;
    nng_fini();
    assert_int_equal(tls_engine_register(), 0);
    assert_string_equal(nng_tls_engine_name(), "openssl");
}

static void
echo_comes_back(void **state)
{
    (void)state;
    nng_socket socket;
    struct echo_server *s = echo_start();
    assert_int_equal(dial(&socket, s->url, client_config(ours.ca, "127.0.0.1")), 0);
    for (uint32_t i = 0; i < 100; i++)
        echo(socket, i, i);
    hang_up(socket);
}

/** Notes whether nng takes the pipe for verified. */
static void
note_verified(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    bool verified = false;
    if (event == NNG_PIPE_EV_ADD_PRE &&
        nng_pipe_get_bool(pipe, NNG_OPT_TLS_VERIFIED, &verified) == 0)
        atomic_store((atomic_int *)arg, verified ? 1 : 0);
}

/** Dials with @mode and returns what the client's pipe says of the server. */
static int
verified_by_client(const struct echo_server *s, nng_tls_auth_mode mode)
{
    nng_socket socket;
    nng_dialer dialer;
    atomic_int verified = -1;
    nng_tls_config *config = client_config(ours.ca, "localhost");
    assert_int_equal(nng_tls_config_auth_mode(config, mode), 0);
    socket = open_socket();
    assert_int_equal(nng_pipe_notify(socket, NNG_PIPE_EV_ADD_PRE, note_verified, &verified), 0);
    assert_int_equal(nng_dialer_create(&dialer, socket, s->url), 0);
    assert_int_equal(nng_dialer_setopt_ptr(dialer, NNG_OPT_TLS_CONFIG, config), 0);
    nng_tls_config_free(config);
    assert_int_equal(nng_dialer_start(dialer, 0), 0);
    hang_up(socket);
    return atomic_load(&verified);
}

static void
verified_is_seen_by_the_client(void **state)
{
    (void)state;
    struct echo_server *s = echo_start();
    assert_int_equal(verified_by_client(s, NNG_TLS_AUTH_MODE_REQUIRED), 1);
    assert_int_equal(verified_by_client(s, NNG_TLS_AUTH_MODE_OPTIONAL), 1);
    assert_int_equal(verified_by_client(s, NNG_TLS_AUTH_MODE_NONE), 0);
}

/** Echoes a message of @n bytes and expects @expected records each way, not one more. */
static void
expect_records(nng_socket socket, struct proxy *p, size_t n, size_t expected)
{
    size_t up = atomic_load(&p->from_client.records);
    size_t down = atomic_load(&p->from_server.records);
    echo(socket, n, 7);
    assert_int_equal(atomic_load(&p->from_client.records) - up, expected);
    assert_int_equal(atomic_load(&p->from_server.records) - down, expected);
}

static void
records_one_per_message(void **state)
{
    (void)state;
    nng_socket socket;
    struct echo_server *s = echo_start();
    struct proxy *p = proxy_start(s->port, (struct proxy_plan){0});
    assert_int_equal(dial_proxy(&socket, p), 0);
    echo(socket, 10, 1); /* the handshake's records are behind this */
    for (int i = 0; i < 100; i++)
        expect_records(socket, p, (size_t)i * 7, 1);
    expect_records(socket, p, RECORD_BYTES - OVERHEAD_BYTES, 1);
    expect_records(socket, p, RECORD_BYTES - OVERHEAD_BYTES + 1, 2);
    expect_records(socket, p, 2 * RECORD_BYTES - OVERHEAD_BYTES, 2);
    expect_records(socket, p, 1 << 20, ((1 << 20) + OVERHEAD_BYTES) / RECORD_BYTES + 1);
}

static void
large_messages_arrive_intact(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,     1,     4095,  15987, 15988,   15989,   16000,  16001,
                                   16384, 31987, 31988, 31989, 1 << 18, 1 << 20, 1000003};
    nng_socket socket;
    struct echo_server *s = echo_start();
    assert_int_equal(dial(&socket, s->url, client_config(ours.ca, "127.0.0.1")), 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        echo(socket, sizes[i], (uint32_t)i);
    hang_up(socket);
}

/** Bytes that come and go in the worst way: few at once, and writers that must wait half-way. */
static void
partial_writes_lose_nothing(void **state)
{
    (void)state;
    static const struct proxy_plan plans[] = {{1, 0}, {3, 2048}, {1000, 2048}, {0, 2048}};
    struct echo_server *s = echo_start();
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        nng_socket socket;
        struct proxy *p = proxy_start(s->port, plans[i]);
        assert_int_equal(dial_proxy(&socket, p), 0);
        echo(socket, 300, 1);
        echo(socket, plans[i].chunk == 1 ? 40000 : 200000, 2);
        echo(socket, 5, 3);
        hang_up(socket);
        proxy_stop(p);
    }
}

/** One of many callers on one connection. */
struct pipelined {
    nng_ctx ctx;
    nng_aio *aio;
    uint32_t seed;
    /** Looked at while nng's threads are at it. */
    atomic_int left, wrong;
    bool receiving;
};

static size_t
pipelined_size(const struct pipelined *one)
{
    return (one->seed * 2654435761u + (uint32_t)one->left * 40503u) % 30000;
}

static void
pipelined_step(void *arg)
{
    struct pipelined *one = arg;
    uint8_t expected[30000];
    nng_msg *message = NULL;
    if (nng_aio_result(one->aio) != 0) {
        one->wrong++;
        return;
    }
    if (one->receiving) {
        message = nng_aio_get_msg(one->aio);
        size_t n = pipelined_size(one);
        fill(expected, n, one->seed + (uint32_t)one->left);
        if (nng_msg_len(message) != n || memcmp(nng_msg_body(message), expected, n) != 0)
            one->wrong++;
        nng_msg_free(message);
        one->left--;
    }
    one->receiving = !one->receiving;
    if (one->receiving)
        nng_ctx_recv(one->ctx, one->aio);
}

static void
pipelined_messages_keep_apart(void **state)
{
    (void)state;
    enum { CALLERS = 64, ROUNDS = 20 };
    static struct pipelined callers[CALLERS];
    nng_socket socket;
    struct echo_server *s = echo_start();
    assert_int_equal(dial(&socket, s->url, client_config(ours.ca, "127.0.0.1")), 0);
    memset(callers, 0, sizeof(callers));
    for (uint32_t i = 0; i < CALLERS; i++) {
        callers[i].seed = i + 1;
        callers[i].left = ROUNDS;
        assert_int_equal(nng_ctx_open(&callers[i].ctx, socket), 0);
        assert_int_equal(nng_aio_alloc(&callers[i].aio, pipelined_step, &callers[i]), 0);
        nng_aio_set_timeout(callers[i].aio, HANG_MS);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CALLERS; i++) {
            nng_msg *message = NULL;
            size_t n = pipelined_size(&callers[i]);
            assert_int_equal(nng_msg_alloc(&message, n), 0);
            fill(nng_msg_body(message), n, callers[i].seed + (uint32_t)callers[i].left);
            nng_aio_set_msg(callers[i].aio, message);
            nng_ctx_send(callers[i].ctx, callers[i].aio);
        }
        for (int i = 0; i < CALLERS; i++)
            while (callers[i].left == ROUNDS - round && callers[i].wrong == 0)
                nng_aio_wait(callers[i].aio);
    }
    for (int i = 0; i < CALLERS; i++) {
        nng_aio_wait(callers[i].aio);
        assert_int_equal(callers[i].wrong, 0);
        assert_int_equal(callers[i].left, 0);
        nng_aio_free(callers[i].aio);
    }
    hang_up(socket);
}

/* --------------------------------------------------------------- tests: streams that are not SP */

static void
wss_requests_are_answered(void **state)
{
    (void)state;
    nng_socket socket;
    char url[64];
    assert_int_equal(nng_wss_register(), 0);
    struct echo_server *s =
        echo_start_at("wss://127.0.0.1:0/rpc", server_config(ours.certificate, ours.key));
    snprintf(url, sizeof(url), "wss://127.0.0.1:%d/rpc", s->port);
    assert_int_equal(dial(&socket, url, client_config(ours.ca, "127.0.0.1")), 0);
    for (uint32_t i = 0; i < 20; i++)
        echo(socket, i * i * 50, i);
    echo(socket, 1 << 20, 77);
    hang_up(socket);
}

/** Does one operation of a stream to its end and returns what it gave. */
static void *
finish(nng_aio *aio)
{
    nng_aio_wait(aio);
    assert_int_equal(nng_aio_result(aio), 0);
    return nng_aio_get_output(aio, 0);
}

static void
start(nng_stream *stream, nng_aio *aio, void *data, size_t n, bool sending)
{
    nng_iov piece = {.iov_buf = data, .iov_len = n};
    assert_int_equal(nng_aio_set_iov(aio, 1, &piece), 0);
    if (sending)
        nng_stream_send(stream, aio);
    else
        nng_stream_recv(stream, aio);
}

/** Sends the @n bytes at @data from one stream to the other; both take part, as in a handshake. */
static void
transfer(nng_stream *from, nng_aio *sending, nng_stream *to, nng_aio *receiving, void *data,
         size_t n)
{
    char got[64];
    start(from, sending, data, n, true);
    for (size_t done = 0; done < n; done += nng_aio_count(receiving)) {
        start(to, receiving, got + done, n - done, false);
        finish(receiving);
    }
    finish(sending);
    assert_int_equal(nng_aio_count(sending), n);
    assert_memory_equal(got, data, n);
}

/** A round trip through streams of the scheme @scheme with nothing of SP about them. */
static void
stream_round_trip(const char *scheme)
{
    nng_stream_listener *listener = NULL;
    nng_stream_dialer *dialer = NULL;
    nng_aio *accepting = NULL;
    nng_aio *dialing = NULL;
    char url[64];
    int port = 0;
    nng_tls_config *server = server_config(ours.certificate, ours.key);
    nng_tls_config *client = client_config(ours.ca, "127.0.0.1");
    snprintf(url, sizeof(url), "%s://127.0.0.1:0/stream", scheme);
    assert_int_equal(nng_stream_listener_alloc(&listener, url), 0);
    assert_int_equal(nng_stream_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, server), 0);
    assert_int_equal(nng_stream_listener_listen(listener), 0);
    assert_int_equal(nng_stream_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port), 0);
    snprintf(url, sizeof(url), "%s://127.0.0.1:%d/stream", scheme, port);
    assert_int_equal(nng_stream_dialer_alloc(&dialer, url), 0);
    assert_int_equal(nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, client), 0);
    assert_int_equal(nng_aio_alloc(&accepting, NULL, NULL), 0);
    assert_int_equal(nng_aio_alloc(&dialing, NULL, NULL), 0);
    nng_stream_listener_accept(listener, accepting);
    nng_stream_dialer_dial(dialer, dialing);
    nng_stream *near = finish(dialing);
    nng_stream *far = finish(accepting);

    /* A stream may begin with anything, also with half of SP's greeting, and wait for an answer. */
    char question[] = "\0S", answer[] = "\0SP\0\0\x30\0\0!";
    transfer(near, dialing, far, accepting, question, 2);
    transfer(far, accepting, near, dialing, answer, 9);
    transfer(near, dialing, far, accepting, question, 1);

    nng_stream_close(near);
    nng_stream_close(far);
    nng_stream_free(near);
    nng_stream_free(far);
    nng_aio_free(accepting);
    nng_aio_free(dialing);
    nng_stream_listener_free(listener);
    nng_stream_dialer_free(dialer);
    nng_tls_config_free(server);
    nng_tls_config_free(client);
}

static void
wss_stream_round_trip(void **state)
{
#ifdef __SANITIZE_THREAD__
    skip(); /* nng's own websockets end an operation's lock while it is let go */
#endif
    (void)state;
    stream_round_trip("wss");
}

static void
tls_stream_round_trip(void **state)
{
    (void)state;
    stream_round_trip("tls+tcp");
}

/* ------------------------------------------------------------------ tests: what is refused */

static void
version_tls12_is_refused(void **state)
{
    (void)state;
    struct raw_client r;
    struct echo_server *s = echo_start();
    raw_open(&r, s->port, TLS1_2_VERSION);
    assert_true(SSL_connect(r.ssl) <= 0);
    assert_int_equal(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    raw_close(&r);
    raw_open(&r, s->port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    assert_string_equal(SSL_get_version(r.ssl), "TLSv1.3");
    raw_close(&r);
    expect_served(s);
}

static void
version_tls12_passes_when_lowered(void **state)
{
    (void)state;
    struct raw_client r;
    nng_tls_config *config = server_config(ours.certificate, ours.key);
    assert_int_equal(nng_tls_config_version(config, NNG_TLS_1_2, NNG_TLS_1_3), 0);
    struct echo_server *s = echo_start_with(config);
    raw_open(&r, s->port, TLS1_2_VERSION);
    assert_int_equal(SSL_connect(r.ssl), 1);
    assert_string_equal(SSL_get_version(r.ssl), "TLSv1.2");
    raw_close(&r);
    expect_served(s);

    nng_socket socket;
    config = client_config(ours.ca, "127.0.0.1");
    assert_int_equal(nng_tls_config_version(config, NNG_TLS_1_2, NNG_TLS_1_2), 0);
    assert_int_equal(dial(&socket, s->url, config), 0);
    echo(socket, 100000, 1);
    hang_up(socket);
}

static void
version_client_refuses_tls12_server(void **state)
{
    (void)state;
    nng_socket socket;
    nng_tls_config *config = server_config(ours.certificate, ours.key);
    assert_int_equal(nng_tls_config_version(config, NNG_TLS_1_2, NNG_TLS_1_2), 0);
    struct echo_server *s = echo_start_with(config);
    assert_int_equal(dial(&socket, s->url, client_config(ours.ca, "127.0.0.1")), NNG_EPEERAUTH);
    expect_last_error("no protocols in common");
}

static void
version_below_tls12_is_not_supported(void **state)
{
    (void)state;
    nng_tls_config *config = server_config(ours.certificate, ours.key);
    assert_int_equal(nng_tls_config_version(config, NNG_TLS_1_0, NNG_TLS_1_1), NNG_ENOTSUP);
    assert_int_equal(nng_tls_config_version(config, NNG_TLS_1_3, NNG_TLS_1_2), NNG_ENOTSUP);
    assert_int_equal(nng_tls_config_version(config, NNG_TLS_1_0, NNG_TLS_1_3), 0);
    struct raw_client r;
    struct echo_server *s = echo_start_with(config);
    raw_open(&r, s->port, TLS1_1_VERSION);
    SSL_set_security_level(r.ssl, 0);
    SSL_CTX_set_min_proto_version(r.context, TLS1_VERSION);
    assert_true(SSL_connect(r.ssl) <= 0);
    raw_close(&r);
    expect_served(s);
}

/** A client that trusts @ca and asks for @name must be refused by its own engine, because @why. */
static void
expect_refused(const struct echo_server *s, const char *ca, const char *name, const char *why)
{
    nng_socket socket;
    assert_int_equal(dial(&socket, s->url, client_config(ca, name)), NNG_EPEERAUTH);
    expect_last_error(why);
}

static void
name_decides_who_is_trusted(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1", "localhost",   "::1",
                                       "[::1]",     "server.test", "SERVER.test"};
    static const char *const bad[] = {"other.test", "sub.server.test", "jiayid", "localhost.test"};
    static const char *const bad_address[] = {"127.0.0.2", "::2"};
    nng_socket socket;
    struct echo_server *s = echo_start();
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(dial(&socket, s->url, client_config(ours.ca, good[i])), 0);
        hang_up(socket);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_refused(s, ours.ca, bad[i], "certificate verify failed: hostname mismatch");
    for (size_t i = 0; i < sizeof(bad_address) / sizeof(bad_address[0]); i++)
        expect_refused(s, ours.ca, bad_address[i],
                       "certificate verify failed: IP address mismatch");
    expect_served(s);
}

static void
name_is_needed_to_verify(void **state)
{
    (void)state;
    struct echo_server *s = echo_start();
    expect_refused(s, ours.ca, NULL, "no server name");
    nng_tls_config *config = client_config(ours.ca, NULL);
    assert_int_equal(nng_tls_config_server_name(config, ""), NNG_EINVAL);
    nng_tls_config_free(config);
    expect_served(s);
}

static void
ca_unknown_is_refused(void **state)
{
    (void)state;
    struct echo_server *s = echo_start();
    expect_refused(s, strangers.ca, "127.0.0.1",
                   "certificate verify failed: self-signed certificate in certificate chain");
    expect_refused(s, NULL, "127.0.0.1", "certificate verify failed");
    expect_served(s);
}

static void
ca_text_may_hold_several(void **state)
{
    (void)state;
    nng_socket socket;
    char *both = NULL;
    assert_true(asprintf(&both, "%s\nsome words\n%s%s", strangers.ca, ours.ca, ours.ca) > 0);
    struct echo_server *s = echo_start();
    assert_int_equal(dial(&socket, s->url, client_config(both, "127.0.0.1")), 0);
    hang_up(socket);
    free(both);
}

static void
certificate_outside_its_dates_is_refused(void **state)
{
    (void)state;
    static const struct {
        int from, to;
        const char *why;
    } cases[] = {{-10, -1, "certificate verify failed: certificate has expired"},
                 {1, 10, "certificate verify failed: certificate is not yet valid"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *certificate = redated_certificate(&ours, cases[i].from, cases[i].to);
        struct echo_server *s = echo_start_with(server_config(certificate, ours.key));
        expect_refused(s, ours.ca, "127.0.0.1", cases[i].why);
        free(certificate);
    }
}

/** An authority's certificate is not a server's, though it is trusted and has a key. */
static void
certificate_for_another_purpose_is_refused(void **state)
{
    (void)state;
    struct echo_server *s = echo_start_with(server_config(ours.ca, ours.ca_key));
    expect_refused(s, ours.ca, "127.0.0.1", "certificate verify failed");
}

static void *
answer_in_plain(void *arg)
{
    int fd = accept4(*(int *)arg, NULL, NULL, SOCK_CLOEXEC);
    char data[4096];
    if (fd >= 0 && recv(fd, data, sizeof(data), 0) > 0)
        write_whole(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    close(fd);
    return NULL;
}

static void
server_without_tls_is_refused(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(address);
    pthread_t thread;
    nng_socket socket_nng;
    char url[64];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
    assert_int_equal(pthread_create(&thread, NULL, answer_in_plain, &fd), 0);
    snprintf(url, sizeof(url), "tls+tcp://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(dial(&socket_nng, url, client_config(ours.ca, "127.0.0.1")), NNG_EPEERAUTH);
    expect_last_error("the other side does not speak TLS");
    pthread_join(thread, NULL);
    close(fd);
}

/* ------------------------------------------------------------------ tests: client certificates */

static nng_tls_config *
mutual_config(void)
{
    nng_tls_config *config = server_config(ours.certificate, ours.key);
    assert_int_equal(nng_tls_config_ca_chain(config, ours.ca, NULL), 0);
    assert_int_equal(nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED), 0);
    return config;
}

/** Connects with the certificate of @own, or none, and says whether an echo comes back. */
static bool
mutual_echo(const struct echo_server *s, const char *own, const char *own_key)
{
    struct raw_client r;
    uint8_t greeting[8];
    raw_open(&r, s->port, 0);
    if (own) {
        X509 *x = parse_certificate(own);
        EVP_PKEY *key = parse_key(own_key);
        assert_int_equal(SSL_use_cert_and_key(r.ssl, x, key, NULL, 1), 1);
        X509_free(x);
        EVP_PKEY_free(key);
    }
    bool served = SSL_connect(r.ssl) == 1 && SSL_read(r.ssl, greeting, 8) == 8;
    raw_close(&r);
    return served;
}

/** The CA's key signs a certificate for clients: the server's own one says it is for servers. */
static char *
client_certificate(const struct pki *pki)
{
    X509 *x = parse_certificate(pki->certificate);
    EVP_PKEY *signer = parse_key(pki->ca_key);
    BIO *out = BIO_new(BIO_s_mem());
    int at = X509_get_ext_by_NID(x, NID_ext_key_usage, -1);
    X509_EXTENSION_free(X509_delete_ext(x, at));
    assert_true(X509_sign(x, signer, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(out, x), 1);
    char *data = NULL;
    long n = BIO_get_mem_data(out, &data);
    char *pem = strndup(data, (size_t)n);
    BIO_free(out);
    EVP_PKEY_free(signer);
    X509_free(x);
    return pem;
}

static void
client_certificate_is_required_when_asked(void **state)
{
    (void)state;
    char *good = client_certificate(&ours);
    char *bad = client_certificate(&strangers);
    struct echo_server *s = echo_start_with(mutual_config());
    assert_true(mutual_echo(s, good, ours.key));
    assert_false(mutual_echo(s, NULL, NULL));
    assert_false(mutual_echo(s, bad, strangers.key));
    assert_false(mutual_echo(s, ours.certificate, ours.key)); /* for servers only */
    assert_true(mutual_echo(s, good, ours.key));
    free(good);
    free(bad);
}

/* ------------------------------------------------------------------ tests: configuration */

static void
config_refuses_bad_material(void **state)
{
    (void)state;
    nng_tls_config *config = NULL;
    assert_int_equal(nng_tls_config_alloc(&config, NNG_TLS_MODE_SERVER), 0);
    assert_int_equal(nng_tls_config_own_cert(config, "", "", NULL), NNG_ECRYPTO);
    assert_int_equal(nng_tls_config_own_cert(config, "words", ours.key, NULL), NNG_ECRYPTO);
    assert_int_equal(nng_tls_config_own_cert(config, ours.certificate, "words", NULL), NNG_ECRYPTO);
    assert_int_equal(nng_tls_config_own_cert(config, ours.certificate, strangers.key, NULL),
                     NNG_ECRYPTO);
    assert_int_equal(nng_tls_config_ca_chain(config, "", NULL), NNG_ECRYPTO);
    assert_int_equal(nng_tls_config_ca_chain(config, ours.ca, "no list"), NNG_ECRYPTO);
    char *damaged = strdup(ours.ca);
    damaged[strlen(damaged) / 2] = '!';
    assert_int_equal(nng_tls_config_ca_chain(config, damaged, NULL), NNG_ECRYPTO);
    free(damaged);
    nng_tls_config_free(config);
}

static char *
encrypted_key(const char *pem, const char *password)
{
    EVP_PKEY *key = parse_key(pem);
    BIO *out = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), password,
                                                   (int)strlen(password), NULL, NULL),
                     1);
    char *data = NULL;
    long n = BIO_get_mem_data(out, &data);
    char *text = strndup(data, (size_t)n);
    BIO_free(out);
    EVP_PKEY_free(key);
    return text;
}

static void
config_reads_a_key_with_a_password(void **state)
{
    (void)state;
    char *key = encrypted_key(ours.key, "pass word");
    nng_tls_config *config = NULL;
    assert_int_equal(nng_tls_config_alloc(&config, NNG_TLS_MODE_SERVER), 0);
    assert_int_equal(nng_tls_config_own_cert(config, ours.certificate, key, NULL), NNG_ECRYPTO);
    assert_int_equal(nng_tls_config_own_cert(config, ours.certificate, key, "other"), NNG_ECRYPTO);
    assert_int_equal(nng_tls_config_own_cert(config, ours.certificate, key, "pass word"), 0);
    nng_tls_config_free(config);
    free(key);
}

static void
config_reads_key_and_certificate_from_one_text(void **state)
{
    (void)state;
    char *both = NULL;
    assert_true(asprintf(&both, "%s%s", ours.certificate, ours.key) > 0);
    struct echo_server *s = echo_start_with(server_config(both, both));
    expect_served(s);
    free(both);
}

/** A list of the revoked certificates of @pki: its server's, or none. */
static char *
revocation_list(const struct pki *pki, bool with_server)
{
    X509 *ca = parse_certificate(pki->ca);
    X509 *server = parse_certificate(pki->certificate);
    EVP_PKEY *signer = parse_key(pki->ca_key);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60);
    ASN1_TIME *next = X509_gmtime_adj(NULL, 86400);
    assert_int_equal(X509_CRL_set_version(crl, 1), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, now), 1);
    assert_int_equal(X509_CRL_set1_nextUpdate(crl, next), 1);
    if (with_server) {
        X509_REVOKED *entry = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(server));
        X509_REVOKED_set_revocationDate(entry, now);
        assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
    }
    assert_true(X509_CRL_sign(crl, signer, EVP_sha256()) > 0);
    BIO *out = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509_CRL(out, crl), 1);
    char *data = NULL;
    long n = BIO_get_mem_data(out, &data);
    char *pem = strndup(data, (size_t)n);
    BIO_free(out);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    X509_CRL_free(crl);
    EVP_PKEY_free(signer);
    X509_free(server);
    X509_free(ca);
    return pem;
}

static void
certificate_revoked_is_refused(void **state)
{
    (void)state;
    nng_socket socket;
    struct echo_server *s = echo_start();
    for (int revoked = 0; revoked < 2; revoked++) {
        char *crl = revocation_list(&ours, revoked);
        nng_tls_config *config = client_config(NULL, "127.0.0.1");
        assert_int_equal(nng_tls_config_ca_chain(config, ours.ca, crl), 0);
        assert_int_equal(dial(&socket, s->url, config), revoked ? NNG_EPEERAUTH : 0);
        if (revoked)
            expect_last_error("certificate revoked");
        else
            hang_up(socket);
        free(crl);
    }
}

/* ------------------------------------------------------------------ tests: sessions */

/** A session store in memory. */
struct store {
    pthread_mutex_t lock;
    uint8_t der[16384];
    size_t size;
    int loads;
    int saves;
};

static int
store_load(void *arg, uint8_t *buf, size_t cap)
{
    struct store *store = arg;
    pthread_mutex_lock(&store->lock);
    size_t n = store->size <= cap ? store->size : 0;
    memcpy(buf, store->der, n);
    store->loads++;
    pthread_mutex_unlock(&store->lock);
    return (int)n;
}

static void
store_save(void *arg, const uint8_t *der, size_t n)
{
    struct store *store = arg;
    pthread_mutex_lock(&store->lock);
    assert_true(n <= sizeof(store->der));
    memcpy(store->der, der, n);
    store->size = n;
    store->saves++;
    pthread_mutex_unlock(&store->lock);
}

/** Dials, echoes, closes; returns how many handshakes of the client resumed a session. */
static uint64_t
resumed_by(const struct echo_server *s, const char *name)
{
    struct tls_engine_stats before, after;
    nng_socket socket;
    tls_engine_get_stats(&before);
    assert_int_equal(dial(&socket, s->url, client_config(ours.ca, name)), 0);
    echo(socket, 50, 1);
    hang_up(socket);
    tls_engine_get_stats(&after);
    assert_int_equal(after.client.full - before.client.full +
                         (after.client.resumed - before.client.resumed),
                     1);
    assert_int_equal(after.server.resumed - before.server.resumed,
                     after.client.resumed - before.client.resumed);
    return after.client.resumed - before.client.resumed;
}

static void
session_is_resumed(void **state)
{
    (void)state;
    static struct store store = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct echo_server *s = echo_start();
    tls_session_set_store(store_load, store_save, &store);
    assert_int_equal(resumed_by(s, "127.0.0.1"), 0);
    assert_int_equal(store.saves, 1);
    assert_int_equal(resumed_by(s, "127.0.0.1"), 1);
    assert_int_equal(resumed_by(s, "127.0.0.1"), 1);
    assert_int_equal(store.saves, 1); /* the one kept is young enough */
    assert_int_equal(store.loads, 3);
    assert_int_equal(resumed_by(s, "localhost"), 1); /* that certificate's too */
    tls_session_set_store(NULL, NULL, NULL);
    assert_int_equal(resumed_by(s, "127.0.0.1"), 0);
    assert_int_equal(store.loads, 4);
}

static void
session_of_another_server_is_not_accepted(void **state)
{
    (void)state;
    static struct store store = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct echo_server *first = echo_start();
    struct echo_server *second = echo_start();
    tls_session_set_store(store_load, store_save, &store);
    assert_int_equal(resumed_by(first, "127.0.0.1"), 0);
    assert_int_equal(resumed_by(second, "127.0.0.1"), 0); /* other ticket keys: a full handshake */
    assert_int_equal(store.saves, 2);
    assert_int_equal(resumed_by(second, "127.0.0.1"), 1);
    tls_session_set_store(NULL, NULL, NULL);
}

/** What a full handshake would refuse, resuming must not let in. */
static void
session_resumed_must_verify(void **state)
{
    (void)state;
    static struct store store = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct tls_engine_stats before, after;
    struct echo_server *s = echo_start();
    tls_session_set_store(store_load, store_save, &store);
    assert_int_equal(resumed_by(s, "127.0.0.1"), 0);
    tls_engine_get_stats(&before);
    expect_refused(s, strangers.ca, "127.0.0.1", "self-signed certificate in certificate chain");
    expect_refused(s, ours.ca, "other.test", "hostname mismatch");
    tls_engine_get_stats(&after);
    assert_int_equal(after.client.resumed, before.client.resumed);
    assert_int_equal(after.client.failed, before.client.failed + 2);
    assert_int_equal(resumed_by(s, "127.0.0.1"), 1); /* and the session is still good for us */
    tls_session_set_store(NULL, NULL, NULL);
}

static void
session_store_with_rubbish_is_ignored(void **state)
{
    (void)state;
    static struct store store = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct echo_server *s = echo_start();
    tls_session_set_store(store_load, store_save, &store);
    for (size_t n = 1; n < sizeof(store.der); n = n * 3) {
        fill(store.der, n, (uint32_t)n);
        store.size = n;
        assert_int_equal(resumed_by(s, "127.0.0.1"), 0);
    }
    store.size /= 2; /* a session cut short */
    assert_int_equal(resumed_by(s, "127.0.0.1"), 0);
    tls_session_set_store(NULL, NULL, NULL);
}

static void
session_is_not_given_where_clients_are_verified(void **state)
{
    (void)state;
    char *certificate = client_certificate(&ours);
    struct raw_client r;
    uint8_t greeting[8];
    X509 *x = parse_certificate(certificate);
    EVP_PKEY *key = parse_key(ours.key);
    struct echo_server *s = echo_start_with(mutual_config());
    raw_open(&r, s->port, 0);
    assert_int_equal(SSL_use_cert_and_key(r.ssl, x, key, NULL, 1), 1);
    assert_int_equal(SSL_connect(r.ssl), 1);
    assert_int_equal(SSL_read(r.ssl, greeting, 8), 8);
    assert_false(SSL_SESSION_is_resumable(SSL_get_session(r.ssl)));
    raw_close(&r);
    EVP_PKEY_free(key);
    X509_free(x);
    free(certificate);
}

/* ------------------------------------------------------------------ tests: hostile peers (A2) */

static void
attack_connect_and_close(int port)
{
    close(connect_to(port, 0));
}

static void
attack_connect_and_reset(int port)
{
    reset(connect_to(port, 0));
}

static void
attack_garbage(int port)
{
    uint8_t data[3000];
    int fd = connect_to(port, 0);
    fill(data, sizeof(data), (uint32_t)port);
    write_whole(fd, data, sizeof(data));
    close(fd);
}

static void
attack_http(int port)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char answer[1024];
    int fd = connect_to(port, 0);
    write_whole(fd, text, sizeof(text) - 1);
    while (recv(fd, answer, sizeof(answer), 0) > 0)
        ;
    close(fd);
}

static void
attack_half_a_hello(int port)
{
    uint8_t hello[4096];
    size_t n = client_hello(hello, sizeof(hello));
    int fd = connect_to(port, 0);
    write_whole(fd, hello, n / 2);
    close(fd);
}

static void
attack_hello_and_close(int port)
{
    uint8_t hello[4096];
    size_t n = client_hello(hello, sizeof(hello));
    int fd = connect_to(port, 0);
    write_whole(fd, hello, n);
    close(fd);
}

static void
attack_hello_and_reset(int port)
{
    uint8_t hello[4096];
    size_t n = client_hello(hello, sizeof(hello));
    int fd = connect_to(port, 0);
    write_whole(fd, hello, n);
    assert_true(recv(fd, hello, sizeof(hello), 0) > 0);
    reset(fd);
}

static void
attack_hello_and_garbage(int port)
{
    uint8_t hello[4096];
    size_t n = client_hello(hello, sizeof(hello));
    int fd = connect_to(port, 0);
    write_whole(fd, hello, n);
    fill(hello, 2000, 5);
    memcpy(hello, "\x17\x03\x03\x01\x00", 5);
    write_whole(fd, hello, 2000);
    while (recv(fd, hello, sizeof(hello), 0) > 0)
        ;
    close(fd);
}

static void
attack_hello_damaged(int port)
{
    uint8_t hello[4096];
    size_t n = client_hello(hello, sizeof(hello));
    int fd = connect_to(port, 0);
    hello[n - 20] ^= 0xff;
    hello[60] ^= 0xff;
    write_whole(fd, hello, n);
    shutdown(fd, SHUT_WR);
    while (recv(fd, hello, sizeof(hello), 0) > 0)
        ;
    close(fd);
}

static void
attack_old_version(int port)
{
    struct raw_client r;
    raw_open(&r, port, TLS1_2_VERSION);
    assert_true(SSL_connect(r.ssl) <= 0);
    raw_close(&r);
}

static void
attack_alert(int port)
{
    int fd = connect_to(port, 0);
    write_whole(fd, "\x15\x03\x03\x00\x02\x02\x28", 7);
    close(fd);
}

/** Finishes the handshake and is gone: by FIN, as early as it can. */
static void
attack_handshake_and_close(int port)
{
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    raw_close(&r);
}

static void
attack_handshake_and_reset(int port)
{
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    reset(r.fd);
    r.fd = -1;
    raw_close(&r);
}

static void
attack_handshake_and_farewell(int port)
{
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    SSL_shutdown(r.ssl);
    raw_close(&r);
}

static void
attack_handshake_and_garbage(int port)
{
    uint8_t data[600];
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    fill(data, sizeof(data), 9);
    memcpy(data, "\x17\x03\x03\x02\x00", 5);
    write_whole(r.fd, data, sizeof(data));
    while (recv(r.fd, data, sizeof(data), 0) > 0)
        ;
    raw_close(&r);
}

static void
attack_not_sp(int port)
{
    char data[64];
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    SSL_write(r.ssl, "GET / HTTP/1.1\r\n\r\n", 18);
    while (SSL_read(r.ssl, data, sizeof(data)) > 0)
        ;
    raw_close(&r);
}

static void
attack_key_updates(int port)
{
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    for (int i = 0; i < 40; i++)
        if (SSL_key_update(r.ssl, SSL_KEY_UPDATE_REQUESTED) != 1 || SSL_do_handshake(r.ssl) != 1)
            break;
    raw_close(&r);
}

static void
attack_greeting_and_reset(int port)
{
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    SSL_write(r.ssl, "\0SP\0\0\x30\0\0", 8);
    reset(r.fd);
    r.fd = -1;
    raw_close(&r);
}

/** Half a message, then gone. */
static void
attack_half_a_message(int port)
{
    struct raw_client r;
    raw_open(&r, port, 0);
    assert_int_equal(SSL_connect(r.ssl), 1);
    SSL_write(r.ssl, "\0SP\0\0\x30\0\0\0\0\0\0\0\0\x10\0half", 20);
    raw_close(&r);
}

static void (*const attacks[])(int port) = {
    attack_connect_and_close,
    attack_connect_and_reset,
    attack_garbage,
    attack_http,
    attack_half_a_hello,
    attack_hello_and_close,
    attack_hello_and_reset,
    attack_hello_and_garbage,
    attack_hello_damaged,
    attack_old_version,
    attack_alert,
    attack_handshake_and_close,
    attack_handshake_and_reset,
    attack_handshake_and_farewell,
    attack_handshake_and_garbage,
    attack_not_sp,
    attack_key_updates,
    attack_half_a_message,
    attack_greeting_and_reset,
};

static void
listener_survives_each_attack(void **state)
{
    (void)state;
    struct echo_server *s = echo_start();
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        attacks[i](s->port);
        expect_served(s);
    }
}

/**
 * The end that comes just when both sides have agreed: nng by itself takes some of these for its
 * own listener's end and then answers nobody any more, and keeps others as open for ever.
 */
static void
listener_survives_ends_after_the_handshake(void **state)
{
    (void)state;
    struct echo_server *s = echo_start();
    for (int i = 0; i < 400; i++) {
        attack_handshake_and_reset(s->port);
        attack_handshake_and_close(s->port);
        attack_greeting_and_reset(s->port);
        if (i % 20 == 0)
            expect_served(s);
    }
    expect_served(s);
}

static void
listener_survives_300_attacks(void **state)
{
    (void)state;
    nng_socket calm;
    struct echo_server *s = echo_start();
    assert_int_equal(dial(&calm, s->url, client_config(ours.ca, "127.0.0.1")), 0);
    for (size_t i = 0; i < 300; i++) {
        attacks[i * 7 % (sizeof(attacks) / sizeof(attacks[0]))](s->port);
        if (i % 50 == 0)
            echo(calm, 200, (uint32_t)i);
    }
    echo(calm, 200, 1);
    hang_up(calm);
    expect_served(s);
}

/** nng's TCP writes through the engine's sendmsg(), which has no broken pipes, only resets. */
static void
broken_pipe_is_a_reset_to_nng(void **state)
{
    (void)state;
    int pair[2];
    char byte = 'x';
    struct iovec piece = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(sendmsg(pair[0], &message, MSG_NOSIGNAL), 1);
    close(pair[1]);
    assert_int_equal(sendmsg(pair[0], &message, MSG_NOSIGNAL), -1);
    assert_int_equal(errno, ECONNRESET);
    close(pair[0]);

    Dl_info program, found;
    assert_int_not_equal(dladdr((void *)(uintptr_t)tls_engine_register, &program), 0);
    assert_int_not_equal(dladdr(dlsym(RTLD_DEFAULT, "sendmsg"), &found), 0);
    assert_string_equal(found.dli_fname, program.dli_fname);
}

/* ------------------------------------------------------------------ the program */

static int
set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    pki_make(&ours);
    pki_make(&strangers);
    return tls_engine_register();
}

/** Ends what a test left open, also one that failed. */
static int
clean_up(void **state)
{
    (void)state;
    while (n_sockets > 0)
        hang_up(sockets[n_sockets - 1]);
    if (proxy.running)
        proxy_stop(&proxy);
    if (n_servers > 0)
        expect_no_remains();
    while (n_servers > 0)
        echo_stop(&servers[--n_servers]);
    tls_session_set_store(NULL, NULL, NULL);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    pki_free(&ours);
    pki_free(&strangers);
    nng_fini();
    return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, clean_up)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(register_makes_openssl_the_engine),
        TEST(register_from_many_threads),
        TEST(register_again_after_nng_ended),
        TEST(echo_comes_back),
        TEST(verified_is_seen_by_the_client),
        TEST(records_one_per_message),
        TEST(large_messages_arrive_intact),
        TEST(partial_writes_lose_nothing),
        TEST(pipelined_messages_keep_apart),
        TEST(wss_requests_are_answered),
        TEST(wss_stream_round_trip),
        TEST(tls_stream_round_trip),
        TEST(version_tls12_is_refused),
        TEST(version_tls12_passes_when_lowered),
        TEST(version_client_refuses_tls12_server),
        TEST(version_below_tls12_is_not_supported),
        TEST(name_decides_who_is_trusted),
        TEST(name_is_needed_to_verify),
        TEST(ca_unknown_is_refused),
        TEST(ca_text_may_hold_several),
        TEST(certificate_outside_its_dates_is_refused),
        TEST(certificate_for_another_purpose_is_refused),
        TEST(certificate_revoked_is_refused),
        TEST(server_without_tls_is_refused),
        TEST(client_certificate_is_required_when_asked),
        TEST(config_refuses_bad_material),
        TEST(config_reads_a_key_with_a_password),
        TEST(config_reads_key_and_certificate_from_one_text),
        TEST(session_is_resumed),
        TEST(session_of_another_server_is_not_accepted),
        TEST(session_resumed_must_verify),
        TEST(session_store_with_rubbish_is_ignored),
        TEST(session_is_not_given_where_clients_are_verified),
        TEST(broken_pipe_is_a_reset_to_nng),
        TEST(listener_survives_each_attack),
        TEST(listener_survives_ends_after_the_handshake),
        TEST(listener_survives_300_attacks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
