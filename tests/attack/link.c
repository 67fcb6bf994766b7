#include "tests/attack/link.h"

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "jiayi/v1/deal.pb-c.h"
#include "jiayi/v1/rpc.pb-c.h"
#include "tests/attack/link_http2.h"

enum { MAX_ANSWER_BYTES = 64 << 20 };

SSL_CTX *
link_tls(const char *ca_path)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (!tls || (ca_path && SSL_CTX_load_verify_locations(tls, ca_path, NULL) != 1)) {
        fprintf(stderr, "attack: cannot read the CA\n");
        exit(2);
    }
    SSL_CTX_set_verify(tls, ca_path ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    return tls;
}

SSL_CTX *
link_tls_http2(const char *ca_path)
{
    SSL_CTX *tls = link_tls(ca_path);
    SSL_CTX_set_alpn_protos(tls, (const unsigned char *)"\2h2", 3);
    return tls;
}

static void
set_patience(int fd, int ms)
{
    struct timeval t = {ms / 1000, ms % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

int
link_connect(struct link *l, const struct link_target *t, uint32_t source)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
    int yes = 1;
    *l = (struct link){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .way = t->way};
    if (l->fd < 0)
        return -1;
    set_patience(l->fd, t->patience_ms);
    /* So that each source address has all its ports, however many of them others use. */
    setsockopt(l->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (t->receive_buffer_bytes)
        setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &t->receive_buffer_bytes,
                   sizeof t->receive_buffer_bytes);
    if (bind(l->fd, (struct sockaddr *)&from, sizeof from) == 0 &&
        connect(l->fd, (const struct sockaddr *)&t->address, sizeof t->address) == 0)
        return 0;
    link_close(l);
    return -1;
}

int
link_secure(struct link *l, const struct link_target *t)
{
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &t->address.sin_addr, host, sizeof host);
    l->ssl = SSL_new(t->tls);
    if (l->ssl && SSL_set_fd(l->ssl, l->fd) == 1 &&
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(l->ssl), host) == 1 &&
        SSL_connect(l->ssl) == 1)
        return 0;
    link_close(l);
    return -1;
}

int
link_greet(struct link *l)
{
    static const uint8_t hello[LINK_GREETING_BYTES] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
    uint8_t theirs[LINK_GREETING_BYTES];
    if (l->way != LINK_SP)
        return link_http2_open(l);
    if (link_write(l, hello, sizeof hello) == 0 &&
        SSL_read(l->ssl, theirs, sizeof theirs) == sizeof theirs &&
        memcmp(theirs, "\0SP\0\0\x31\0\0", sizeof theirs) == 0)
        return 0;
    link_close(l);
    return -1;
}

int
link_open(struct link *l, const struct link_target *t, uint32_t source)
{
    if (link_connect(l, t, source) < 0 || link_secure(l, t) < 0)
        return -1;
    return link_greet(l);
}

void
link_close(struct link *l)
{
    link_http2_free(l->http2);
    l->http2 = NULL;
    SSL_free(l->ssl); /* without a farewell */
    l->ssl = NULL;
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}

void
link_reset(struct link *l)
{
    struct linger now = {1, 0};
    if (l->fd >= 0)
        setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    link_close(l);
}

int
link_write(struct link *l, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t sent = l->ssl ? SSL_write(l->ssl, at, (int)n) : send(l->fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        at += sent;
        n -= (size_t)sent;
    }
    return 0;
}

/** Begins an SP message of @n bytes of body, malloced. */
static uint8_t *
new_message(struct link *l, size_t n)
{
    uint8_t *message = malloc(LINK_HEAD_BYTES + n);
    uint64_t length = htobe64(4 + n);
    uint32_t number = htobe32(0x80000000u | ++l->last_id);
    if (!message)
        abort();
    memcpy(message, &length, sizeof length);
    memcpy(message + sizeof length, &number, sizeof number);
    return message;
}

size_t
link_pack(struct link *l, const struct link_call *c, uint8_t **ret)
{
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    uint8_t request_id[LINK_REQUEST_ID_BYTES] = {0};
    char method[100];
    uint32_t id = l->last_id + 1;
    memcpy(request_id, &id, sizeof id);
    snprintf(method, sizeof method, "jiayi.v1.%s", c->method);
    r.method = method;
    r.token = (char *)c->token;
    r.has_payload = 1;
    r.payload = (ProtobufCBinaryData){c->payload_bytes, (uint8_t *)c->payload};
    r.has_request_id = 1;
    r.request_id = (ProtobufCBinaryData){sizeof request_id, request_id};
    r.has_timeout_ms = c->timeout_ms > 0;
    r.timeout_ms = c->timeout_ms;
    r.client = (char *)"attack";
    size_t n = jiayi__v1__rpc_request__get_packed_size(&r);
    *ret = new_message(l, n);
    jiayi__v1__rpc_request__pack(&r, *ret + LINK_HEAD_BYTES);
    return LINK_HEAD_BYTES + n;
}

int
link_send(struct link *l, const struct link_call *c)
{
    uint8_t *message;
    if (l->http2)
        return link_http2_send(l, c);
    size_t n = link_pack(l, c, &message);
    int rc = link_write(l, message, n);
    free(message);
    return rc;
}

int
link_send_body(struct link *l, const uint8_t *body, size_t n)
{
    uint8_t *message = new_message(l, n);
    memcpy(message + LINK_HEAD_BYTES, body, n);
    int rc = link_write(l, message, LINK_HEAD_BYTES + n);
    free(message);
    return rc;
}

static int
read_exactly(struct link *l, void *to, size_t n)
{
    uint8_t *at = to;
    while (n > 0) {
        int got = SSL_read(l->ssl, at, (int)n);
        if (got <= 0)
            return -1;
        at += got;
        n -= (size_t)got;
    }
    return 0;
}

int64_t
link_deal_id(const uint8_t *payload, size_t n)
{
    int64_t id = 0;
    for (size_t i = 1, shift = 0; n > 1 && payload[0] == 0x08 && i < n && shift < 63;
         i++, shift += 7) {
        id |= (int64_t)(payload[i] & 0x7f) << shift;
        if (!(payload[i] & 0x80))
            break;
    }
    return id;
}

static int
unpack(struct link_answer *a, const uint8_t *body, size_t n)
{
    Jiayi__V1__RpcResponse *r = jiayi__v1__rpc_response__unpack(NULL, n, body);
    if (!r)
        return -1;
    a->code = r->has_code ? (int)r->code : 0;
    snprintf(a->message, sizeof a->message, "%s", r->message ? r->message : "");
    a->deal_id = link_deal_id(r->payload.data, r->payload.len);
    jiayi__v1__rpc_response__free_unpacked(r, NULL);
    return 0;
}

int
link_read(struct link *l, struct link_answer *ret)
{
    uint64_t length;
    uint32_t number;
    if (l->http2)
        return link_http2_read(l, ret);
    *ret = (struct link_answer){.code = -1};
    if (read_exactly(l, &length, sizeof length) < 0)
        return -1;
    length = be64toh(length);
    if (length < sizeof number || length > MAX_ANSWER_BYTES)
        return -1;
    uint8_t *body = malloc(length);
    if (!body)
        abort();
    int rc = read_exactly(l, body, length);
    if (rc == 0) {
        memcpy(&number, body, sizeof number);
        ret->id = be32toh(number) & 0x7fffffffu;
        ret->bytes = length;
        rc = unpack(ret, body + sizeof number, length - sizeof number);
    }
    free(body);
    return rc;
}

int
link_ask(struct link *l, const struct link_call *c, struct link_answer *ret)
{
    *ret = (struct link_answer){.code = -1};
    return link_send(l, c) < 0 ? -1 : link_read(l, ret);
}

int
link_read_message(struct link *l)
{
    return link_http2_read_message(l);
}

bool
link_await_end(struct link *l, int ms)
{
    struct pollfd p = {l->fd, POLLRDHUP, 0};
    return poll(&p, 1, ms) == 1 && p.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

void
link_token(char token[LINK_TOKEN_DIGITS + 1], int n)
{
    snprintf(token, LINK_TOKEN_DIGITS + 1, "%0*d", LINK_TOKEN_DIGITS, n);
}
