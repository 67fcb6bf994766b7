/*
 * A peer that does not behave: speaks TLS and nng's SP framing by hand, to send what nng's own
 * client never would. For tests against a running server.
 *
 * usage: peer HOST:PORT CA MODE
 *   check            one ServerService/Check; exit 0 when it answers noread           send calls
 *   with large answers and never read; exit 0 when the server hangs up declare BYTES    declare a
 *   message of that many bytes and send none of it; exit 0 when it hangs up empties BYTES    a call
 *   whose payload is that many bytes of empty sub-messages; prints the answer's code bytes HEX
 *   a message with these bytes as its body; prints the answer's code text TEXT        these bytes
 *   instead of SP's greeting; exit 0 when the server hangs up crowd N          so many calls at
 *   once, that come to the database and fail there; prints how many were answered known N TOKEN
 *   one call with the token of a session, and prints its code; after a line on its input as crowd
 *   farewell N
 *   so many calls with large answers and TLS's goodbye at once, and a while later all that comes;
 *   exit 0 stall            a call that is refused, then half of a length; exit 0 when the server
 *   hangs up rush N           so many connections, and prints "ready"; when the server ends one,
 *   all end at once; exit 0
 */
#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "jiayi/v1/deal.pb-c.h"
#include "jiayi/v1/rpc.pb-c.h"

enum {
    /** A server that has not hung up by then does not mean to. */
    PATIENCE_MS = 60000,
    /** Calls that `noread` sends at the most. */
    MAX_CALLS = 20000,
    MAX_BYTES = 4 << 20,
    /** How long `farewell` does not read. */
    FAREWELL_MS = 500,
    NARROW_BYTES = 4096,
};

static SSL *tls;
static int fd;
/** What is to be refused must get past the look for one. */
static const char *token = "no session has this token";

static void
die(const char *what)
{
    fprintf(stderr, "peer: %s\n", what);
    exit(1);
}

static void
connect_to(const char *address, const char *ca, int receive_bytes)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    if (!colon || (size_t)(colon - address) >= sizeof host)
        die("HOST:PORT is needed");
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM};
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        die("unknown host");
    fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (receive_bytes)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0)
        die(strerror(errno));
    freeaddrinfo(found);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx || SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1)
        die("cannot read the CA");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    tls = SSL_new(ctx);
    SSL_CTX_free(ctx);
    SSL_set1_host(tls, host);
    if (SSL_set_fd(tls, fd) != 1 || SSL_connect(tls) != 1)
        die("the handshake failed");
}

/** 1 when the server hung up before everything was written. */
static int
write_all(const void *data, size_t n)
{
    const char *at = data;
    while (n > 0) {
        int sent = SSL_write(tls, at, (int)n);
        if (sent <= 0)
            return 1;
        at += sent;
        n -= (size_t)sent;
    }
    return 0;
}

static void
greet(void)
{
    static const uint8_t hello[8] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
    uint8_t theirs[8];
    if (write_all(hello, sizeof hello) || SSL_read(tls, theirs, sizeof theirs) != sizeof theirs ||
        memcmp(theirs, "\0SP\0\0\x31\0\0", 8) != 0)
        die("the peer is no REP socket");
}

static int
send_body(const uint8_t *body, size_t n, uint32_t id)
{
    uint8_t *message = malloc(12 + n);
    uint64_t length = htobe64(4 + n);
    uint32_t number = htobe32(0x80000000u | id);
    if (!message)
        die("no memory");
    memcpy(message, &length, 8);
    memcpy(message + 8, &number, 4);
    memcpy(message + 12, body, n);
    int rc = write_all(message, 12 + n);
    free(message);
    return rc;
}

static int
send_call(const char *method, const uint8_t *payload, size_t n, uint32_t id)
{
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    uint8_t request_id[16] = {0};
    memcpy(request_id, &id, sizeof id);
    r.request_id = (ProtobufCBinaryData){sizeof request_id, request_id};
    r.has_request_id = 1;
    r.method = (char *)method;
    r.payload = (ProtobufCBinaryData){n, (uint8_t *)payload};
    r.has_payload = 1;
    r.token = (char *)token;
    size_t size = protobuf_c_message_get_packed_size(&r.base);
    uint8_t *body = malloc(size);
    if (!body)
        die("no memory");
    protobuf_c_message_pack(&r.base, body);
    int rc = send_body(body, size, id);
    free(body);
    return rc;
}

static void
read_exactly(uint8_t *to, size_t n)
{
    while (n > 0) {
        int got = SSL_read(tls, to, (int)(n > 1 << 20 ? 1 << 20 : n));
        if (got <= 0)
            die("the server hung up");
        to += got;
        n -= (size_t)got;
    }
}

/** Reads an answer of *@length bytes, its id first; the caller frees it. */
static uint8_t *
read_answer(uint64_t *length)
{
    read_exactly((uint8_t *)length, sizeof *length);
    *length = be64toh(*length);
    if (*length < 4 || *length > MAX_BYTES)
        die("a strange answer");
    uint8_t *body = malloc(*length);
    if (!body)
        die("no memory");
    read_exactly(body, *length);
    return body;
}

static void
skip_answer(void)
{
    uint64_t length;
    free(read_answer(&length));
}

/** Reads an answer and prints its code and message. */
static void
print_answer(void)
{
    uint64_t length;
    uint8_t *body = read_answer(&length);
    Jiayi__V1__RpcResponse *r = jiayi__v1__rpc_response__unpack(NULL, length - 4, body + 4);
    if (!r)
        die("the answer is no RpcResponse");
    printf("%d %s\n", (int)r->code, r->message ? r->message : "");
    jiayi__v1__rpc_response__free_unpacked(r, NULL);
    free(body);
}

/** Exit 0 when the server ends the connection by itself. */
static int
await_hangup(void)
{
    struct pollfd p = {fd, POLLRDHUP, 0};
    if (poll(&p, 1, PATIENCE_MS) == 1 && p.revents & (POLLRDHUP | POLLHUP | POLLERR))
        return 0;
    fprintf(stderr, "peer: the server did not hang up\n");
    return 1;
}

/**
 * That the server hung up shows only in a write: its farewell waits behind the answers that nobody
 * reads.
 */
static int
never_read(void)
{
    struct timeval patience = {PATIENCE_MS / 1000, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    for (uint32_t id = 1; id <= MAX_CALLS; id++) {
        if (send_call("jiayi.v1.ServerService/GetSchema", NULL, 0, id))
            return 0;
        if (id > MAX_CALLS - PATIENCE_MS / 100)
            usleep(100000);
    }
    fprintf(stderr, "peer: the server did not hang up\n");
    return 1;
}

static int
declare(const char *bytes)
{
    uint64_t length = htobe64(strtoull(bytes, NULL, 10));
    if (write_all(&length, sizeof length))
        return 0;
    return await_hangup();
}

static int
empties(const char *bytes)
{
    size_t n = strtoul(bytes, NULL, 10) & ~(size_t)1;
    uint8_t *payload = calloc(n + 1, 1);
    if (!payload || n > MAX_BYTES)
        die("too many bytes");
    for (size_t i = 0; i < n; i += 2)
        payload[i] = 0x1a; /* CreateDealRequest.amount, again and again, empty */
    send_call("jiayi.v1.DealService/CreateDeal", payload, n, 1);
    free(payload);
    print_answer();
    return 0;
}

static int
send_hex(const char *hex)
{
    uint8_t bytes[4096];
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n && i < sizeof bytes; i++)
        if (sscanf(hex + 2 * i, "%2hhx", &bytes[i]) != 1)
            die("HEX is needed");
    send_body(bytes, n, 1);
    print_answer();
    return 0;
}

/** What is written while corked goes out at once. */
static void
cork(int on)
{
    if (setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on) != 0)
        die(strerror(errno));
}

static int
send_get(uint32_t id)
{
    Jiayi__V1__GetDealRequest r = JIAYI__V1__GET_DEAL_REQUEST__INIT;
    uint8_t payload[32];
    r.has_deal_id = 1;
    r.deal_id = 1;
    return send_call("jiayi.v1.DealService/GetDeal", payload,
                     jiayi__v1__get_deal_request__pack(&r, payload), id);
}

static int
crowd(const char *calls)
{
    unsigned long n = strtoul(calls, NULL, 10), answered = 0;
    cork(1);
    for (uint32_t id = 1; id <= n; id++)
        send_get(id);
    cork(0);
    for (; answered < n; answered++)
        skip_answer();
    printf("%lu\n", answered);
    return 0;
}

/** The same as somebody who is known by then; not before a line has come. */
static int
known_crowd(const char *calls, const char *whose)
{
    token = whose;
    send_get(1);
    print_answer();
    fflush(stdout);
    getchar();
    return crowd(calls);
}

static int
say_farewell(const char *calls)
{
    unsigned long n = strtoul(calls, NULL, 10);
    char some[4096];
    cork(1);
    for (uint32_t id = 1; id <= n; id++)
        send_call("jiayi.v1.ServerService/GetSchema", NULL, 0, id);
    SSL_shutdown(tls);
    cork(0);
    usleep(FAREWELL_MS * 1000);
    while (recv(fd, some, sizeof some, 0) > 0)
        continue;
    return 0;
}

static int
stall(void)
{
    send_get(1);
    print_answer();
    write_all("\0\0\0\0", 4);
    return await_hangup();
}

static int
rush(char **argv, const char *connections)
{
    unsigned long n = strtoul(connections, NULL, 10);
    int *fds = calloc(n + 1, sizeof *fds);
    if (!fds)
        die("no memory");
    for (unsigned long i = 0; i < n; i++) {
        fds[i] = fd; /* the first one is main()'s */
        SSL_free(tls);
        connect_to(argv[1], argv[2], 0);
        greet();
    }
    puts("ready");
    fflush(stdout);
    int rc = await_hangup();
    for (unsigned long i = 0; i < n; i++)
        close(fds[i]);
    free(fds);
    return rc;
}

int
main(int argc, char **argv)
{
    if (argc < 4)
        die("usage: peer HOST:PORT CA MODE [VALUE]");
    const char *mode = argv[3], *value = argc > 4 ? argv[4] : "";
    connect_to(argv[1], argv[2], strcmp(mode, "farewell") == 0 ? NARROW_BYTES : 0);
    if (strcmp(mode, "text") == 0)
        return write_all(value, strlen(value)) ? 0 : await_hangup();
    greet();
    if (strcmp(mode, "check") == 0) {
        send_call("jiayi.v1.ServerService/Check", NULL, 0, 1);
        print_answer();
        return 0;
    }
    if (strcmp(mode, "noread") == 0)
        return never_read();
    if (strcmp(mode, "crowd") == 0)
        return crowd(value);
    if (strcmp(mode, "known") == 0 && argc > 5)
        return known_crowd(value, argv[5]);
    if (strcmp(mode, "farewell") == 0)
        return say_farewell(value);
    if (strcmp(mode, "stall") == 0)
        return stall();
    if (strcmp(mode, "rush") == 0)
        return rush(argv, value);
    if (strcmp(mode, "declare") == 0)
        return declare(value);
    if (strcmp(mode, "empties") == 0)
        return empties(value);
    if (strcmp(mode, "bytes") == 0)
        return send_hex(value);
    die("unknown mode");
}
