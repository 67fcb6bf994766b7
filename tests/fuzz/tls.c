/**
 * The TLS engine between two of its own connections, over a wire that takes as few bytes at a time
 * as the input says: what is offered as SP pieces on one side arrives as the same bytes on the
 * other. Or, as the first byte says, with a peer that sends raw bytes, or with a session store that
 * holds any bytes.
 */
#include "client/call/tls_engine.c"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/fuzz/fuzz.h"

enum {
    MODE_FRAMING,
    MODE_PLAIN,
    MODE_RAW_CLIENT,
    MODE_RAW_SERVER,
    MODE_SESSION,
    N_MODES,
    WIRE_BYTES = 1 << 20,
    MESSAGE_MAX = 40000,
    TOTAL_MAX = 200000,
};

/** One direction of the wire. */
struct wire {
    uint8_t *bytes;
    size_t begin, end;
};

/** What nng calls the encrypted side of a connection. */
struct stream {
    struct wire *in, *out;
    /** How many bytes the wire takes before it says that it is full; SIZE_MAX for all. */
    size_t budget;
};

static struct nng_tls_engine_config client_config, server_config;
static struct wire to_server, to_client;
static const uint8_t *stored;
static size_t stored_size;

/* nng's side of the engine's interface, in place of libnng's. */

int
nng_tls_engine_send(void *arg, const uint8_t *data, size_t *n)
{
    struct stream *s = arg;
    size_t take = *n < s->budget ? *n : s->budget;
    if (take > WIRE_BYTES - s->out->end)
        take = WIRE_BYTES - s->out->end;
    if (take == 0)
        return NNG_EAGAIN;
    memcpy(s->out->bytes + s->out->end, data, take);
    s->out->end += take;
    if (s->budget != SIZE_MAX)
        s->budget -= take;
    *n = take;
    return 0;
}

int
nng_tls_engine_recv(void *arg, uint8_t *data, size_t *n)
{
    struct stream *s = arg;
    size_t there = s->in->end - s->in->begin, take = *n < there ? *n : there;
    if (take == 0)
        return NNG_EAGAIN;
    memcpy(data, s->in->bytes + s->in->begin, take);
    s->in->begin += take;
    if (s->in->begin == s->in->end)
        s->in->begin = s->in->end = 0;
    *n = take;
    return 0;
}

static int
load_stored(void *arg, uint8_t *buf, size_t cap)
{
    (void)arg;
    size_t n = stored_size < cap ? stored_size : cap;
    if (n)
        memcpy(buf, stored, n);
    return (int)n;
}

/* A key and a certificate for the server, which the client trusts. */

static void
make_certificate(char **ret_certificate, char **ret_key)
{
    static unsigned char serial = 1;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 10L * 365 * 86400);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)"fuzz", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_EXTENSION *name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(x, name, -1);
    X509_EXTENSION_free(name);
    require(X509_sign(x, key, EVP_sha256()) > 0, "a certificate can be made");
    BIO *a = BIO_new(BIO_s_mem()), *b = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(a, x);
    PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL);
    BIO_write(a, "", 1);
    BIO_write(b, "", 1);
    char *text;
    BIO_get_mem_data(a, &text);
    *ret_certificate = strdup(text);
    BIO_get_mem_data(b, &text);
    *ret_key = strdup(text);
    BIO_free(a);
    BIO_free(b);
    X509_free(x);
    EVP_PKEY_free(key);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    char *certificate, *key;
    make_certificate(&certificate, &key);
    process.stream_method = stream_method_new();
    require(process.stream_method &&
                tls_config_ops.init(&client_config, NNG_TLS_MODE_CLIENT) == 0 &&
                tls_config_ops.init(&server_config, NNG_TLS_MODE_SERVER) == 0 &&
                tls_config_ops.server(&client_config, "localhost") == 0 &&
                tls_config_ops.ca_chain(&client_config, certificate, NULL) == 0 &&
                tls_config_ops.own_cert(&server_config, certificate, key, NULL) == 0,
            "the configurations can be made");
    free(certificate);
    free(key);
    to_server.bytes = malloc(WIRE_BYTES);
    to_client.bytes = malloc(WIRE_BYTES);
    return 0;
}

/** A peer can cause no other end of a connection: see the top of tls_engine.c. */
static void
require_known(int rv)
{
    require(rv == 0 || rv == NNG_EAGAIN || rv == NNG_ECONNRESET || rv == NNG_EPEERAUTH,
            "what a peer causes is a reset or a refusal");
}

static void
feed(struct wire *w, const uint8_t *data, size_t n)
{
    if (n > WIRE_BYTES - w->end)
        n = WIRE_BYTES - w->end;
    if (n)
        memcpy(w->bytes + w->end, data, n);
    w->end += n;
}

/** A connection that nobody but the input talks to. */
static void
raw(struct nng_tls_engine_config *config, struct input *in, bool answered)
{
    static uint8_t buf[20000];
    struct nng_tls_engine_conn c = {0}, other = {0};
    struct stream s = {.in = &to_client, .out = &to_server, .budget = SIZE_MAX},
                  t = {.in = &to_server, .out = &to_client, .budget = SIZE_MAX};
    require(conn_init(&c, &s, config) == 0, "a connection can be made");
    if (answered) {
        require(conn_init(&other, &t, config == &client_config ? &server_config : &client_config) ==
                    0,
                "a connection can be made");
        /* A true peer as far as the input wants, then its bytes. */
        for (unsigned rounds = take_byte(in) % 4; rounds > 0; rounds--) {
            require_known(conn_handshake(&c));
            require_known(conn_handshake(&other));
        }
    }
    while (in->at < in->end) {
        size_t left = (size_t)(in->end - in->at), n = 1 + take_byte(in) * 4u, size = sizeof buf;
        left = (size_t)(in->end - in->at);
        n = n < left ? n : left;
        feed(&to_client, in->at, n);
        in->at += n;
        int rv = conn_recv(&c, buf, &size);
        require_known(rv);
        if (rv == 0)
            touch(buf, size);
        size = 8;
        rv = conn_send(&c, (const uint8_t *)"\0SP\0\0\x30\0\0", &size);
        require_known(rv);
    }
    (void)conn_verified(&c);
    conn_close(&c);
    conn_fini(&c);
    if (answered)
        conn_fini(&other);
}

/** Both ends of a connection, what was sent on it and what has arrived. */
struct pair {
    struct nng_tls_engine_conn from, to;
    struct stream from_stream, to_stream;
    uint8_t *sent;
    size_t n_sent, n_arrived;
    struct input *in;
};

static void
receive(struct pair *p, size_t most)
{
    static uint8_t buf[65536];
    size_t n = most ? most : sizeof buf;
    int rv = conn_recv(&p->to, buf, &n);
    require(rv == 0 || rv == NNG_EAGAIN, "a good peer's bytes are received");
    if (rv != 0)
        return;
    require(p->n_arrived + n <= p->n_sent && memcmp(p->sent + p->n_arrived, buf, n) == 0,
            "what arrives is what was sent");
    p->n_arrived += n;
}

/** Offers one piece as nng does: the very same bytes until they are taken. */
static void
offer(struct pair *p, const uint8_t *data, size_t n)
{
    memcpy(p->sent + p->n_sent, data, n);
    p->n_sent += n;
    while (n > 0) {
        size_t taken = n;
        /* Now and then the wire is full; when the input is at its end it never is. */
        p->from_stream.budget = p->in->at < p->in->end ? take_byte(p->in) * 64u : SIZE_MAX;
        int rv = conn_send(&p->from, data, &taken);
        require(rv == 0 || rv == NNG_EAGAIN, "what is offered is sent");
        if (rv == 0) {
            require(taken <= n && taken > 0, "no more is taken than was offered");
            data += taken;
            n -= taken;
        }
        receive(p, take_byte(p->in));
        /* The other direction has its say, too: it must not disturb a record that waits. */
        uint8_t some[64];
        size_t room = sizeof some;
        rv = conn_recv(&p->from, some, &room);
        require(rv == NNG_EAGAIN, "nobody sent anything back");
    }
}

static void
offer_message(struct pair *p, size_t body)
{
    static uint8_t bytes[MESSAGE_MAX + 12];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)(body + 4) >> (56 - 8 * i));
    for (size_t i = 8; i < body + 12; i++)
        bytes[i] = (uint8_t)(i * 7 + body);
    /* As nng's iovec has it: length, header, body. */
    offer(p, bytes, 8);
    offer(p, bytes + 8, 4);
    if (body)
        offer(p, bytes + 12, body);
}

static void
framing(struct input *in, bool sp, bool backwards)
{
    struct pair p = {.in = in, .sent = malloc(TOTAL_MAX + 2 * MESSAGE_MAX)};
    p.from_stream = (struct stream){&to_client, &to_server, SIZE_MAX};
    p.to_stream = (struct stream){&to_server, &to_client, SIZE_MAX};
    require(p.sent &&
                conn_init(&p.from, &p.from_stream, backwards ? &server_config : &client_config) ==
                    0 &&
                conn_init(&p.to, &p.to_stream, backwards ? &client_config : &server_config) == 0,
            "connections can be made");
    for (int i = 0; i < 4; i++) {
        require_known(conn_handshake(&p.from));
        require_known(conn_handshake(&p.to));
    }
    require(p.from.established && p.to.established, "the handshake is done");
    if (sp)
        offer(&p, (const uint8_t *)"\0SP\0\0\x30\0\0", 8);
    else
        offer(&p, (const uint8_t *)"GET / HTTP/1.1\r\n", 16);
    while (in->at < in->end && p.n_sent < TOTAL_MAX) {
        unsigned size = take_two(in);
        if (sp)
            offer_message(&p, size % MESSAGE_MAX);
        else
            offer(&p, (const uint8_t *)"0123456789abcdefghijklmnopqrstuvwxyz", 1 + size % 36);
    }
    p.from_stream.budget = SIZE_MAX;
    for (int i = 0; i < 64 && p.n_arrived < p.n_sent; i++)
        receive(&p, 0);
    require(p.n_arrived == p.n_sent, "everything that was taken has arrived");
    conn_close(&p.from);
    conn_fini(&p.from);
    conn_close(&p.to);
    conn_fini(&p.to);
    free(p.sent);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    to_server.begin = to_server.end = to_client.begin = to_client.end = 0;
    tls_session_set_store(NULL, NULL, NULL);
    unsigned how = take_byte(&in);
    bool variant = how / N_MODES & 1;
    switch (how % N_MODES) {
    case MODE_FRAMING: framing(&in, true, variant); break;
    case MODE_PLAIN: framing(&in, false, variant); break;
    case MODE_RAW_CLIENT: raw(&client_config, &in, variant); break;
    case MODE_RAW_SERVER: raw(&server_config, &in, variant); break;
    case MODE_SESSION:
        stored = in.at;
        stored_size = (size_t)(in.end - in.at);
        in.at = in.end;
        tls_session_set_store(load_stored, NULL, NULL);
        framing(&in, true, false);
        break;
    }
    return 0;
}
