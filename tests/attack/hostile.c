#include "tests/attack/hostile.h"

#include <endian.h>
#include <openssl/rand.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jiayi/v1/audit.pb-c.h"
#include "jiayi/v1/auth.pb-c.h"
#include "jiayi/v1/deal.pb-c.h"
#include "jiayi/v1/rpc.pb-c.h"
#include "tests/attack/hostile_http2.h"

/* The people of tests/bench/data.sql: session n belongs to member 1 + (n - 1) % MEMBERS; the first
 * PER_COMPANY members are company c1, of whom number 1 is the admin. Attackers are of c1. */
enum {
    MEMBERS = 200,
    PER_COMPANY = 20,
    ADMIN = 1,
    SESSIONS = 20000,
    PATIENCE_MS = 5000,
    /** The longest message that the server takes, as configured by default. */
    MESSAGE_LIMIT_BYTES = 1 << 20,
    MAX_WORKERS = 512,
    PAGE = 1000,
    NARROW_BYTES = 4096,
    UNAUTHENTICATED = 16,
    RESOURCE_EXHAUSTED = 8,
    /** How long a half-closed connection is watched, and one that is to be ended by the server. */
    WATCH_MS = 200,
    HANG_UP_MS = 2000,
    /**
     * Of a request of 448 KiB that is never complete: what is sent at once, and each second after
     * it.
     */
    HOARD_BYTES = 300000,
    HOARD_STEP_BYTES = 4096,
};

/* --- Workers */

static bool
is_over(const struct hostile_worker *w)
{
    return atomic_load(&w->score->stop);
}

void
hostile_count(atomic_long *what)
{
    atomic_fetch_add(what, 1);
}

uint32_t
hostile_source(const struct hostile_worker *w, unsigned n)
{
    unsigned k = n % (unsigned)w->attack->addresses;
    return 0x7f420000u + (k / 250 << 8) + 1 + k % 250;
}

static int64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
sleep_until(int64_t ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

unsigned
hostile_serial(const struct hostile_worker *w)
{
    return w->turn * (unsigned)w->workers + (unsigned)w->number;
}

const char *
hostile_token(struct hostile_worker *w, unsigned n)
{
    unsigned round = n / PER_COMPANY % (SESSIONS / MEMBERS);
    link_token(w->token, (int)(round * MEMBERS + n % PER_COMPANY + 1));
    return w->token;
}

static void
count_answer(struct hostile_worker *w, int rc, const struct link_answer *a)
{
    if (rc < 0)
        hostile_count(&w->score->cut);
    else if (a->code == RESOURCE_EXHAUSTED)
        hostile_count(&w->score->refused);
    else
        hostile_count(&w->score->done);
}

/* --- Holding connections */

/** Opens the peers that are not there, steps the others. */
static void
tend(struct hostile_worker *w, struct link *links, struct pollfd *fds, int n)
{
    for (int i = 0; i < n && !is_over(w); i++) {
        int peer = i * w->workers + w->number;
        bool gone = fds[i].revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL);
        if (links[i].fd >= 0 &&
            (gone || (w->attack->step && w->attack->step(w, &links[i], peer) < 0))) {
            link_close(&links[i]);
            hostile_count(&w->score->cut);
            atomic_fetch_sub(&w->score->held, 1);
        } else if (links[i].fd < 0) {
            if (w->attack->open(w, &links[i], peer) == 0) {
                hostile_count(&w->score->done);
                atomic_fetch_add(&w->score->held, 1);
            } else {
                link_close(&links[i]);
                hostile_count(&w->score->failed);
            }
        }
        fds[i] = (struct pollfd){.fd = links[i].fd, .events = POLLRDHUP};
    }
}

/** Keeps connections open, and opens those again that the server ends. */
static void
hold(struct hostile_worker *w)
{
    int all = hostile_scaled(w->attack->peers, w->options->scale);
    int n = all / w->workers + (w->number < all % w->workers);
    struct link *links = calloc((size_t)n + 1, sizeof *links);
    struct pollfd *fds = calloc((size_t)n + 1, sizeof *fds);
    if (!links || !fds)
        abort();
    for (int i = 0; i < n; i++)
        links[i].fd = fds[i].fd = -1;
    for (; !is_over(w); w->turn++) {
        int64_t next = now_ns() + (int64_t)w->attack->tick_ms * 1000000;
        poll(fds, (nfds_t)n, 0);
        tend(w, links, fds, n);
        if (w->turn == 0)
            atomic_fetch_add(&w->score->ready, 1);
        sleep_until(next);
    }
}

/* --- Doing a thing again and again */

/** Between two things that a worker does. */
static int64_t
period_ns(const struct hostile_worker *w)
{
    int rate = hostile_scaled(w->attack->rate, w->options->scale);
    return w->attack->rate ? (int64_t)w->workers * 1000000000 / rate : 0;
}

static void
repeat(struct hostile_worker *w)
{
    int64_t period = period_ns(w);
    int64_t next = now_ns() + period * w->number / w->workers;
    atomic_fetch_add(&w->score->ready, 1);
    for (; !is_over(w); w->turn++) {
        sleep_until(next);
        w->attack->act(w);
        next += period;
        if (next < now_ns())
            next = now_ns(); /* what was missed is not made up for */
    }
    link_close(&w->link);
}

/* --- Making calls */

/** Keeps w->attack->depth calls in flight until the connection ends. */
static void
call_on(struct hostile_worker *w)
{
    struct link_answer a;
    int in_flight = 0;
    int64_t next = now_ns(), period = period_ns(w);
    while (!is_over(w)) {
        for (; in_flight < w->attack->depth; in_flight++, w->turn++) {
            struct link_call c = {.token = w->token};
            sleep_until(next);
            next += period;
            w->attack->ask(w, &c);
            if (link_send(&w->link, &c) < 0)
                return;
        }
        int rc = link_read(&w->link, &a);
        count_answer(w, rc, &a);
        if (rc < 0)
            return;
        in_flight--;
    }
}

static void
call(struct hostile_worker *w)
{
    for (bool first = true; !is_over(w); first = false) {
        if (link_open(&w->link, &w->target, hostile_source(w, (unsigned)w->number)) < 0) {
            hostile_count(&w->score->failed);
            usleep(100000);
        }
        if (first)
            atomic_fetch_add(&w->score->ready, 1);
        if (w->link.fd >= 0)
            call_on(w);
        link_close(&w->link);
    }
}

/* --- What is held */

static int
open_tcp(struct hostile_worker *w, struct link *l, int peer)
{
    return link_connect(l, &w->target, hostile_source(w, (unsigned)peer));
}

static int
open_tls(struct hostile_worker *w, struct link *l, int peer)
{
    return link_connect(l, &w->target, hostile_source(w, (unsigned)peer)) < 0
               ? -1
               : link_secure(l, &w->target);
}

static int
open_greeted(struct hostile_worker *w, struct link *l, int peer)
{
    return link_open(l, &w->target, hostile_source(w, (unsigned)peer));
}

static int
open_signed_in(struct hostile_worker *w, struct link *l, int peer)
{
    struct link_answer a;
    const struct link_call who = {.method = "AuthService/WhoAmI",
                                  .token = hostile_token(w, (unsigned)peer)};
    if (open_greeted(w, l, peer) < 0)
        return -1;
    return link_ask(l, &who, &a) == 0 && a.code == 0 ? 0 : -1;
}

static struct {
    uint8_t bytes[2048];
    int n;
} client_hello;

/** What a client says first, of OpenSSL's making. */
static void
make_client_hello(const struct link_target *t)
{
    SSL *ssl = SSL_new(t->tls);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_connect(ssl);
    client_hello.n = BIO_read(out, client_hello.bytes, sizeof client_hello.bytes);
    SSL_free(ssl);
}

/** One byte of the ClientHello each time; the link counts them. */
static int
drip_hello(struct hostile_worker *w, struct link *l, int peer)
{
    (void)w;
    (void)peer;
    int at = (int)l->last_id++ % client_hello.n;
    return send(l->fd, client_hello.bytes + at, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : -1;
}

static int
drip_greeting(struct hostile_worker *w, struct link *l, int peer)
{
    static const uint8_t greeting_and_length[16] = {0, 'S', 'P', 0, 0, 0x30};
    (void)w;
    (void)peer;
    return link_write(l, greeting_and_length + l->last_id++ % sizeof greeting_and_length, 1);
}

static int
drip_message(struct hostile_worker *w, struct link *l, int peer)
{
    static const uint8_t message[] = {0, 0, 0, 0, 0, 1, 0, 0, 0x80, 0, 0, 1, 0x0a};
    (void)w;
    (void)peer;
    unsigned at = l->last_id++;
    return link_write(l, message + (at < sizeof message ? at : sizeof message - 1), 1);
}

/** Half of a long request at first, then so much that it is not too slow. */
static int
open_hoard(struct hostile_worker *w, struct link *l, int peer)
{
    static const uint8_t length[8] = {0, 0, 0, 0, 0, 0x07}, part[HOARD_BYTES];
    if (open_greeted(w, l, peer) < 0 || link_write(l, length, sizeof length) < 0)
        return -1;
    return link_write(l, part, sizeof part);
}

static int
hoard_more(struct hostile_worker *w, struct link *l, int peer)
{
    static const uint8_t part[HOARD_STEP_BYTES];
    (void)w;
    (void)peer;
    l->last_id++;
    if (HOARD_BYTES + l->last_id * HOARD_STEP_BYTES > 0x70000)
        return 0;
    return link_write(l, part, sizeof part);
}

/** Asks for a page of PAGE deals. */
static void
ask_page(struct hostile_worker *w, struct link_call *c)
{
    Jiayi__V1__ListDealsRequest r = JIAYI__V1__LIST_DEALS_REQUEST__INIT;
    r.has_page_size = 1;
    r.page_size = PAGE;
    link_token(w->token, ADMIN);
    c->method = "DealService/ListDeals";
    c->payload_bytes = jiayi__v1__list_deals_request__pack(&r, w->payload);
    c->payload = w->payload;
    c->token = w->token;
}

/** Sends without waiting, for as long as the server takes more. */
static int
push_pages(struct hostile_worker *w, struct link *l, int peer)
{
    struct pollfd p = {l->fd, POLLOUT, 0};
    (void)peer;
    for (int i = 0; i < 64 && poll(&p, 1, 0) == 1; i++) {
        struct link_call c = {0};
        if (p.revents & (POLLHUP | POLLERR))
            return -1;
        ask_page(w, &c);
        if (link_send(l, &c) < 0)
            return -1;
    }
    return 0;
}

/** Reads a byte of the records at a time, past TLS: to the server it looks like a slow reader. */
static int
sip(struct hostile_worker *w, struct link *l, int peer)
{
    char byte;
    if (push_pages(w, l, peer) < 0)
        return -1;
    return recv(l->fd, &byte, 1, MSG_DONTWAIT) == 0 ? -1 : 0;
}

/* --- What is done again and again */

static void
send_random(struct link *l, size_t n)
{
    uint8_t bytes[4096];
    RAND_bytes(bytes, (int)sizeof bytes);
    link_write(l, bytes, n < sizeof bytes ? n : sizeof bytes);
}

/** Takes a connection up to a stage; -1 when the server did not let it. */
static int
reach_stage(struct hostile_worker *w, struct link *l, unsigned stage)
{
    static const uint8_t half_greeting[4] = {0, 'S', 'P', 0}, length[8] = {0, 0, 0, 0, 0, 0, 16, 0};
    struct link_call c = {0};
    char some[64];
    uint32_t from = hostile_source(w, hostile_serial(w));
    if (stage < 5) {
        if (link_connect(l, &w->target, from) < 0)
            return -1;
        if (stage == 1)
            send_random(l, 512);
        else if (stage == 2)
            link_write(l, client_hello.bytes, (size_t)client_hello.n / 2);
        else if (stage > 2)
            link_write(l, client_hello.bytes, (size_t)client_hello.n);
        if (stage == 4 && recv(l->fd, some, sizeof some, 0) > 0) /* the ServerHello */
            send_random(l, 512);
        return 0;
    }
    if (stage < 9) {
        if (link_connect(l, &w->target, from) < 0 || link_secure(l, &w->target) < 0)
            return -1;
        if (stage == 6)
            send_random(l, 512);
        else if (stage == 7)
            link_write(l, half_greeting, sizeof half_greeting);
        else if (stage == 8) { /* garbage in place of a record */
            SSL_free(l->ssl);
            l->ssl = NULL;
            send_random(l, 512);
        }
        return 0;
    }
    if (link_open(l, &w->target, from) < 0)
        return -1;
    switch (stage) {
    case 9: break;
    case 10: link_write(l, length, 3); break;
    case 11:
        link_write(l, length, sizeof length);
        send_random(l, 100);
        break;
    case 12: link_send_body(l, (const uint8_t *)"\xff\xff\xff\xff\xff garbage", 13); break;
    default: ask_page(w, &c); return link_send(l, &c);
    }
    return 0;
}

static void
garbage(struct hostile_worker *w)
{
    enum { STAGES = 14, ENDS = 3 };
    struct link l = {.fd = -1};
    unsigned n = hostile_serial(w);
    if (reach_stage(w, &l, n % STAGES) < 0) {
        hostile_count(&w->score->failed);
        link_close(&l);
        return;
    }
    switch (n / STAGES % ENDS) {
    case 0: link_reset(&l); break;
    case 1: link_close(&l); break;
    default:
        shutdown(l.fd, SHUT_WR);
        if (link_await_end(&l, WATCH_MS))
            hostile_count(&w->score->cut);
        link_close(&l);
    }
    hostile_count(&w->score->done);
}

static void
speak_http(struct hostile_worker *w)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: jiayi.example\r\n\r\n";
    struct link l;
    if (link_connect(&l, &w->target, hostile_source(w, hostile_serial(w))) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    link_write(&l, request, sizeof request - 1);
    if (link_await_end(&l, HANG_UP_MS))
        hostile_count(&w->score->cut);
    hostile_count(&w->score->done);
    link_close(&l);
}

/** The worker's own connection, opened where there is none. */
static int
need_link(struct hostile_worker *w)
{
    if (w->link.fd >= 0 ||
        link_open(&w->link, &w->target, hostile_source(w, hostile_serial(w))) == 0)
        return 0;
    hostile_count(&w->score->failed);
    return -1;
}

/** Sends a call on the worker's connection; one that the server ends is made anew next time. */
static void
send_bulk(struct hostile_worker *w, const struct link_call *c)
{
    struct link_answer a;
    if (need_link(w) < 0)
        return;
    int rc = link_ask(&w->link, c, &a);
    if (rc == 0 && a.code != 0 && a.code != RESOURCE_EXHAUSTED)
        hostile_count(&w->score->refused); /* as no valid request */
    else
        count_answer(w, rc, &a);
    if (rc < 0)
        link_close(&w->link);
}

/** The worker's own connection, on which somebody of company c1 has signed in. */
static int
need_session(struct hostile_worker *w)
{
    struct link_answer a;
    if (w->link.fd >= 0)
        return 0;
    const struct link_call who = {.method = "AuthService/WhoAmI",
                                  .token = hostile_token(w, 0),
                                  .payload = (const uint8_t *)"{}",
                                  .payload_bytes = w->target.way == LINK_CONNECT_JSON ? 2 : 0};
    if (need_link(w) < 0)
        return -1;
    if (link_ask(&w->link, &who, &a) == 0 && a.code == 0)
        return 0;
    hostile_count(&w->score->failed);
    link_close(&w->link);
    return -1;
}

/**
 * One call of nearly MESSAGE_LIMIT_BYTES, all of it empty sub-messages: half of the workers have
 * signed in.
 */
static void
send_empties(struct hostile_worker *w)
{
    enum { BYTES = MESSAGE_LIMIT_BYTES - 1024 };
    bool is_member = w->number % 2;
    if (is_member && need_session(w) < 0)
        return;
    uint8_t *payload = calloc(BYTES, 1);
    if (!payload)
        abort();
    for (size_t i = 0; i < BYTES; i += 2)
        payload[i] = 0x1a; /* CreateDealRequest.amount */
    const struct link_call c = {.method = "DealService/CreateDeal",
                                .token = is_member ? hostile_token(w, 0) : NULL,
                                .payload = payload,
                                .payload_bytes = BYTES};
    send_bulk(w, &c);
    free(payload);
}

/** @depth messages, each in field @key of the one before, as far as @room goes. */
static size_t
nest(uint8_t *to, size_t room, uint8_t key)
{
    size_t at = room, inner = 0;
    while (at > 5) {
        uint8_t head[5] = {key}, n = 1;
        for (size_t v = inner; n == 1 || v; v >>= 7)
            head[n++] = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        at -= n;
        memcpy(to + at, head, n);
        inner += n;
    }
    memmove(to, to + at, inner);
    return inner;
}

/**
 * Messages in messages, thousands deep: in a known field, in an unknown one, as groups; in payload
 * and envelope.
 */
static void
send_nested(struct hostile_worker *w)
{
    enum { BYTES = 60000 };
    static const uint8_t keys[] = {0x1a, 0xfa, 0x0b};
    uint8_t *payload = malloc(BYTES);
    unsigned n = hostile_serial(w);
    size_t bytes = BYTES;
    if (!payload)
        abort();
    if (n % 3 < 2)
        bytes = nest(payload, BYTES, keys[n % 3]);
    else
        memset(payload, keys[2], BYTES); /* groups that never end */
    if (n / 3 % 2) {
        struct link_answer a;
        if (need_link(w) == 0) {
            int rc = link_send_body(&w->link, payload, bytes);
            rc = rc < 0 ? rc : link_read(&w->link, &a);
            hostile_count(rc < 0 ? &w->score->cut : &w->score->refused);
            if (rc < 0)
                link_close(&w->link);
        }
    } else {
        const struct link_call c = {.method = "DealService/CreateDeal",
                                    .token = hostile_token(w, 0),
                                    .payload = payload,
                                    .payload_bytes = bytes};
        send_bulk(w, &c);
    }
    free(payload);
}

/** Fills what is left of @to with @piece, again and again; returns where it ends. */
static size_t
fill_with(char *to, size_t at, size_t room, const char *piece)
{
    size_t n = strlen(piece);
    for (; at + n < room; at += n)
        memcpy(to + at, piece, n);
    return at;
}

/** JSON that takes more than it is: half of the workers have signed in. */
static void
send_json(struct hostile_worker *w)
{
    enum { BYTES = MESSAGE_LIMIT_BYTES - 1024, ANONYMOUS_BYTES = 400000, TAIL = 16 };
    static const struct {
        const char *head, *piece, *tail;
    } bombs[] = {
        {"", "[", ""},
        {"", "{\"amount\":", ""},
        {"{\"x\":", "{\"x\":", ""},
        {"{\"title\":\"", "\\u0041", "\"}"},
        {"{\"title\":\"", "\\ud800", "\"}"},
        {"{\"amount\":{\"amount\":", "9", "}}"},
        {"{\"amount\":{\"amount\":1e", "9", "}}"},
        {"{\"title\":\"a\"", ",\"title\":\"b\"", "}"},
        {"{\"title\":\"a\"", ",\"amount\":{}", "}"},
        {"{\"title\":\"a\"", ",\"\":0", "}"},
        {"{\"tags\":[\"\"", ",\"\"", "]}"},
        {"{", "                ", "}"},
    };
    bool is_member = w->number % 2;
    if (is_member && need_session(w) < 0)
        return;
    unsigned kind = hostile_serial(w) / 2 % (sizeof bombs / sizeof *bombs);
    size_t room = is_member ? BYTES : ANONYMOUS_BYTES, n = strlen(bombs[kind].head);
    char *text = malloc(room + TAIL);
    if (!text)
        abort();
    memcpy(text, bombs[kind].head, n);
    n = fill_with(text, n, room, bombs[kind].piece);
    n = (size_t)(stpcpy(text + n, bombs[kind].tail) - text);
    const struct link_call c = {.method = "DealService/CreateDeal",
                                .token = is_member ? hostile_token(w, 0) : NULL,
                                .payload = (uint8_t *)text,
                                .payload_bytes = n};
    send_bulk(w, &c);
    free(text);
}

/**
 * Lengths that are never filled: of the message, which must end the connection; of a field in it.
 */
static void
declare(struct hostile_worker *w)
{
    static const uint64_t lengths[] = {UINT64_C(1) << 63, UINT64_MAX, UINT64_C(1) << 32,
                                       MESSAGE_LIMIT_BYTES + 1};
    static const uint8_t field[] = {0x12, 0xff, 0xff, 0xff, 0xff, 0x07, 'x'};
    struct link l;
    struct link_answer a;
    unsigned n = hostile_serial(w) % 5;
    if (link_open(&l, &w->target, hostile_source(w, hostile_serial(w))) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    if (n == 4) {
        link_send_body(&l, field, sizeof field);
        hostile_count(link_read(&l, &a) < 0 ? &w->score->cut : &w->score->refused);
    } else {
        uint64_t length = htobe64(lengths[n]);
        link_write(&l, &length, sizeof length);
        if (link_await_end(&l, HANG_UP_MS))
            hostile_count(&w->score->cut);
    }
    hostile_count(&w->score->done);
    link_close(&l);
}

/** Signs in on a new connection; from one address where the attack has but one. */
static void
sign_in(struct hostile_worker *w, const char *email, const char *password)
{
    Jiayi__V1__SignInRequest r = JIAYI__V1__SIGN_IN_REQUEST__INIT;
    struct link_answer a;
    r.email = (char *)email;
    r.password = (char *)password;
    const struct link_call c = {.method = "AuthService/SignIn",
                                .payload = w->payload,
                                .payload_bytes = jiayi__v1__sign_in_request__pack(&r, w->payload),
                                .timeout_ms = PATIENCE_MS};
    if (need_link(w) < 0)
        return;
    int rc = link_ask(&w->link, &c, &a);
    count_answer(w, rc, &a);
    if (rc < 0 || w->attack->addresses > 1)
        link_close(&w->link);
}

static void
guess(struct hostile_worker *w, unsigned account)
{
    char email[64], password[64];
    snprintf(email, sizeof email, "u%u@bench.example", account);
    snprintf(password, sizeof password, "%s %u", HOSTILE_MARK, hostile_serial(w));
    sign_in(w, email, password);
}

/** Half of the accounts exist; none are of the good client's company. */
static void
guess_accounts(struct hostile_worker *w)
{
    unsigned n = hostile_serial(w);
    guess(w, n % 2 ? 100 + n % 100 : 1000 + n);
}

static void
guess_account(struct hostile_worker *w)
{
    guess(w, 2);
}

static void
sign_in_rightly(struct hostile_worker *w)
{
    char email[64];
    snprintf(email, sizeof email, "u%u@bench.example", 60 + hostile_serial(w) % 40);
    sign_in(w, email, w->options->password);
}

static void
shake_hands(struct hostile_worker *w)
{
    struct link l = {.fd = -1};
    if (link_connect(&l, &w->target, hostile_source(w, hostile_serial(w))) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    if (link_secure(&l, &w->target) == 0)
        hostile_count(&w->score->done);
    else
        hostile_count(&w->score->cut);
    link_close(&l);
}

/** What the server no longer speaks: it must say so at once. */
static void
shake_old_hands(struct hostile_worker *w)
{
    static SSL_CTX *_Atomic old;
    struct link_target t = w->target;
    if (!atomic_load(&old)) {
        SSL_CTX *made = link_tls(NULL);
        SSL_CTX_set_max_proto_version(made, TLS1_2_VERSION);
        atomic_store(&old, made);
    }
    t.tls = atomic_load(&old);
    struct link l = {.fd = -1};
    if (link_connect(&l, &t, hostile_source(w, hostile_serial(w))) < 0)
        hostile_count(&w->score->failed);
    else if (link_secure(&l, &t) == 0)
        hostile_count(&w->score->done);
    else
        hostile_count(&w->score->cut);
    link_close(&l);
}

/** A handshake that resumes a session, always the same one. */
static void
show_ticket(struct hostile_worker *w)
{
    static const struct link_call check = {.method = "ServerService/Check"};
    struct link l = {.fd = -1};
    struct link_answer a;
    if (link_connect(&l, &w->target, hostile_source(w, hostile_serial(w))) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    l.ssl = SSL_new(w->target.tls);
    SSL_set_fd(l.ssl, l.fd);
    if (w->ticket)
        SSL_set_session(l.ssl, w->ticket);
    if (SSL_connect(l.ssl) != 1)
        hostile_count(&w->score->cut);
    else
        hostile_count(&w->score->done);
    if (!w->ticket && link_greet(&l) == 0 && link_ask(&l, &check, &a) == 0)
        w->ticket = SSL_get1_session(l.ssl);
    link_close(&l);
}

/** New keys, which the server must answer with new keys of its own, and no word besides. */
static void
update_keys(struct hostile_worker *w)
{
    if (need_link(w) < 0)
        return;
    if (SSL_key_update(w->link.ssl, SSL_KEY_UPDATE_REQUESTED) == 1 &&
        SSL_do_handshake(w->link.ssl) == 1) {
        char some[4096];
        while (recv(w->link.fd, some, sizeof some, MSG_DONTWAIT) > 0)
            continue; /* its updates, unread */
        hostile_count(&w->score->done);
        return;
    }
    hostile_count(&w->score->cut);
    link_close(&w->link);
}

/** Asks for large answers and vanishes when the first bytes come. */
static void
vanish(struct hostile_worker *w)
{
    struct link l;
    char some[1024];
    struct link_call c = {0};
    if (link_open(&l, &w->target, hostile_source(w, hostile_serial(w))) < 0) {
        hostile_count(&w->score->failed);
        return;
    }
    ask_page(w, &c);
    link_send(&l, &c);
    link_send(&l, &c);
    if (hostile_serial(w) % 4 && recv(l.fd, some, sizeof some, 0) <= 0)
        hostile_count(&w->score->cut);
    link_reset(&l);
    hostile_count(&w->score->done);
}

/* --- Calls */

/** Of kind HEAVY: the log of changes, in the longest pages. */
static void
ask_heavy(struct hostile_worker *w, struct link_call *c)
{
    Jiayi__V1__ListAuditEntriesRequest r = JIAYI__V1__LIST_AUDIT_ENTRIES_REQUEST__INIT;
    r.has_page_size = 1;
    r.page_size = PAGE;
    link_token(w->token, ADMIN);
    c->method = "AuditService/ListAuditEntries";
    c->payload_bytes = jiayi__v1__list_audit_entries_request__pack(&r, w->payload);
    c->payload = w->payload;
}

/**
 * What costs most of all others: all deals are looked at, for no title and no customer has the
 * text.
 */
static void
ask_costly(struct hostile_worker *w, struct link_call *c)
{
    Jiayi__V1__ListDealsRequest r = JIAYI__V1__LIST_DEALS_REQUEST__INIT;
    snprintf(w->text, sizeof w->text, "No deal %u", hostile_serial(w) % 10);
    r.has_page_size = 1;
    r.page_size = PAGE;
    r.search = w->text;
    link_token(w->token, ADMIN);
    c->method = "DealService/ListDeals";
    c->payload_bytes = jiayi__v1__list_deals_request__pack(&r, w->payload);
    c->payload = w->payload;
}

static void
ask_deal(struct hostile_worker *w, struct link_call *c)
{
    Jiayi__V1__GetDealRequest r = JIAYI__V1__GET_DEAL_REQUEST__INIT;
    unsigned u = 1 + (unsigned)w->number % PER_COMPANY;
    r.has_deal_id = 1;
    r.deal_id = u + MEMBERS * (int64_t)(w->turn % 10);
    link_token(w->token, (int)u);
    c->method = "DealService/GetDeal";
    c->payload_bytes = jiayi__v1__get_deal_request__pack(&r, w->payload);
    c->payload = w->payload;
}

/** A deal, in a request as long as may be. */
static void
ask_bulky(struct hostile_worker *w, struct link_call *c)
{
    enum { BYTES = MESSAGE_LIMIT_BYTES - 1024 };
    static _Thread_local uint8_t *bulk;
    ask_deal(w, c);
    if (!bulk && !(bulk = calloc(BYTES, 1)))
        abort();
    memcpy(bulk, c->payload, c->payload_bytes);
    /* Field 1007, of the bytes that are left. */
    size_t n = c->payload_bytes, rest = BYTES - n - 6;
    const uint8_t head[6] = {0xfa,
                             0x3e,
                             (uint8_t)(rest & 0x7f) | 0x80,
                             (uint8_t)(rest >> 7 & 0x7f) | 0x80,
                             (uint8_t)(rest >> 14 & 0x7f) | 0x80,
                             (uint8_t)(rest >> 21)};
    memcpy(bulk + n, head, sizeof head);
    c->payload = bulk;
    c->payload_bytes = BYTES;
}

/** The first call on a connection is short, for who has not signed in yet may send no bulk. */
static void
ask_bulk(struct hostile_worker *w, struct link_call *c)
{
    if (w->link.last_id == 0)
        ask_deal(w, c);
    else
        ask_bulky(w, c);
}

static void
ask_unknown(struct hostile_worker *w, struct link_call *c)
{
    ask_deal(w, c);
    snprintf(w->text, sizeof w->text, "%s%d%022u", HOSTILE_MARK, w->number % 10, w->turn);
    c->token = w->text;
}

static void
ask_as_stranger(struct hostile_worker *w, struct link_call *c)
{
    ask_unknown(w, c);
    if (w->turn % 2)
        c->token = NULL;
}

static void
ask_schema(struct hostile_worker *w, struct link_call *c)
{
    c->method = w->turn % 2 ? "ServerService/GetSchema" : "ServerService/Check";
    c->token = NULL;
}

/** What a stranger gets most bytes by. */
static void
ask_for_schema(struct hostile_worker *w, struct link_call *c)
{
    c->method = "ServerService/GetSchema";
    /* An invented token makes nobody known. */
    snprintf(w->text, sizeof w->text, "%s%u", HOSTILE_MARK, w->turn);
    c->token = w->turn % 2 ? w->text : NULL;
}

/* --- The table */

/** Whoever calls beside an attack by frames of HTTP/2 keeps more. */
#define H2 .least_ratio = 0.8

// clang-format off
static const struct hostile_attack attacks[] = {
    {"silent", "2,000 connections that say nothing, from 8 addresses",
     .workers = 2, .peers = 2000, .addresses = 8, .tick_ms = 500, .run = hold, .open = open_tcp},
    {"silent-one", "the same from one address",
     .workers = 2, .peers = 2000, .addresses = 1, .tick_ms = 500, .run = hold, .open = open_tcp},
    {"silent-tls", "1,000 connections that say nothing after the handshake",
     .workers = 4, .peers = 1000, .addresses = 8, .tick_ms = 1000, .run = hold, .open = open_tls},
    {"silent-sp", "1,000 connections that say nothing after SP's greeting",
     .workers = 4, .peers = 1000, .addresses = 8, .tick_ms = 1000, .run = hold, .open = open_greeted},
    {"drip-hello", "500 ClientHellos, 1 byte a second each",
     .workers = 2, .peers = 500, .addresses = 8, .tick_ms = 1000, .run = hold, .open = open_tcp, .step = drip_hello},
    {"drip-greeting", "500 SP greetings, 1 byte a second each",
     .workers = 4, .peers = 500, .addresses = 8, .tick_ms = 1000, .run = hold, .open = open_tls, .step = drip_greeting},
    {"drip-message", "500 requests, 1 byte a second each",
     .workers = 4, .peers = 500, .addresses = 8, .tick_ms = 1000, .run = hold, .open = open_greeted, .step = drip_message},
    {"hoard", "800 requests of 448 KiB, two thirds sent at once, 4 KiB a second after that",
     .workers = 4, .peers = 800, .addresses = 4, .tick_ms = 1000, .run = hold, .open = open_hoard, .step = hoard_more},
    {"garbage", "500 connections a second that end at 14 stages in 3 ways",
     .workers = 16, .rate = 500, .addresses = 200, .run = repeat, .act = garbage},
    {"http", "500 plain HTTP requests a second",
     .workers = 16, .rate = 500, .addresses = 200, .run = repeat, .act = speak_http},
    {"no-read", "1 connection that asks for pages and reads none",
     .workers = 1, .peers = 1, .addresses = 1, .tick_ms = 20, .is_narrow = true, .run = hold, .open = open_greeted, .step = push_pages},
    {"no-read-many", "64 such connections",
     .workers = 4, .peers = 64, .addresses = 64, .tick_ms = 100, .is_narrow = true, .run = hold, .open = open_greeted, .step = push_pages},
    {"sip", "64 such connections that read 10 bytes a second",
     .workers = 4, .peers = 64, .addresses = 64, .tick_ms = 100, .is_narrow = true, .run = hold, .open = open_greeted, .step = sip},
    {"empties", "20 requests a second of 1 MiB of empty messages",
     .workers = 4, .rate = 20, .addresses = 4, .run = repeat, .act = send_empties},
    {"nested", "200 requests a second of messages nested 15,000 deep",
     .workers = 4, .rate = 200, .addresses = 4, .run = repeat, .act = send_nested},
    {"declared", "100 declared lengths a second, up to 2^64 bytes",
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = declare},
    {"idle", "10,000 signed-in connections that rest",
     .workers = 8, .peers = 10000, .addresses = 40, .tick_ms = 1000, .run = hold, .open = open_signed_in},
    {"passwords", "200 wrong passwords a second for many accounts, from one address",
     .workers = 32, .rate = 200, .addresses = 1, .run = repeat, .act = guess_accounts},
    {"passwords-one", "200 a second for one account, from 1,000 addresses",
     .workers = 32, .rate = 200, .addresses = 1000, .run = repeat, .act = guess_account},
    {"passwords-far", "200 a second for many accounts, from 10,000 addresses",
     .workers = 32, .rate = 200, .addresses = 10000, .run = repeat, .act = guess_accounts},
    {"sign-ins", "100 right passwords a second, from 1,000 addresses",
     .workers = 32, .rate = 100, .addresses = 1000, .run = repeat, .act = sign_in_rightly},
    {"heavy", "64 connections of one company, 8 pages of 1,000 of its log each",
     .workers = 64, .addresses = 8, .depth = 8, .run = call, .ask = ask_heavy},
    {"costly", "64 connections of one company, 8 searches each for what no deal has",
     .workers = 64, .addresses = 8, .depth = 8, .run = call, .ask = ask_costly},
    {"company", "64 connections of one company, 64 calls each",
     .workers = 64, .addresses = 8, .depth = 64, .run = call, .ask = ask_deal},
    {"bulk", "40 calls of 1 MiB a second on 32 connections of one company",
     .workers = 32, .rate = 40, .addresses = 4, .depth = 16, .run = call, .ask = ask_bulk},
    {"pipelined", "1 connection with 500 calls in flight",
     .workers = 1, .addresses = 1, .depth = 500, .run = call, .ask = ask_deal},
    {"tokens", "64 connections with unknown tokens, 64 calls each",
     .workers = 64, .addresses = 8, .depth = 64, .run = call, .ask = ask_unknown},
    {"strangers", "100 connections from as many addresses, 16 calls each without a session or with an unknown token",
     .workers = 100, .addresses = 100, .depth = 16, .run = call, .ask = ask_as_stranger},
    {"public", "64 connections without a token, 64 public calls each",
     .workers = 64, .addresses = 8, .depth = 64, .run = call, .ask = ask_schema},
    {"schema", "16 connections of one network that ask for the schema, 32 calls each",
     .workers = 16, .addresses = 16, .depth = 32, .run = call, .ask = ask_for_schema, .most_done = 80, .most_done_per_s = 4},
    {"handshakes", "300 full handshakes a second",
     .workers = 16, .rate = 300, .addresses = 200, .run = repeat, .act = shake_hands},
    {"tls12", "500 handshakes a second of a TLS that is not spoken",
     .workers = 16, .rate = 500, .addresses = 200, .run = repeat, .act = shake_old_hands},
    {"tickets", "500 resumed handshakes a second",
     .workers = 16, .rate = 500, .addresses = 200, .run = repeat, .act = show_ticket},
    {"key-updates", "20,000 TLS key updates a second on 16 connections",
     .workers = 16, .rate = 20000, .addresses = 16, .run = repeat, .act = update_keys},
    {"vanish", "300 connections a second, reset in mid-answer",
     .workers = 16, .rate = 300, .addresses = 200, .run = repeat, .act = vanish},
    {"h2-resets", "100 connections a second that begin streams of HTTP/2 and reset them", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_reset_streams},
    {"h2-made-resets", "100 a second that have the server reset streams", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_have_reset},
    {"h2-nothing", "100 a second with pings, settings, windows, priorities, empty bodies and unknown frames", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_send_for_nothing},
    {"h2-continue", "100 a second with a head that goes on and on", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_continue},
    {"h2-bomb", "100 a second whose heads name a field of 3.9 kB 8,000 times", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_bomb_heads},
    {"h2-heads", "100 a second with heads of 15 KiB", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_fill_heads},
    {"h2-odd", "100 a second with heads that are none, or mean two things", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_send_odd_heads},
    {"h2-streams", "100 a second that begin more streams than they may", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_begin_streams},
    {"h2-garbage", "300 a second with frames that are none, ended in 4 ways", H2,
     .workers = 16, .rate = 300, .addresses = 200, .run = repeat, .act = hostile_send_garbage_frames},
    {"h2-goaway", "100 a second that say goodbye amid 10 calls, ended in 4 ways", H2,
     .workers = 16, .rate = 100, .addresses = 200, .run = repeat, .act = hostile_go_away},
    {"h2-json", "40 requests a second whose JSON is deep, long, or has a field thousands of times", H2,
     .workers = 8, .rate = 40, .addresses = 4, .run = repeat, .act = send_json, .way = LINK_CONNECT_JSON},
    {"h2-silent", "1,000 connections that say nothing after a handshake for HTTP/2", H2,
     .workers = 4, .peers = 1000, .addresses = 8, .tick_ms = 1000, .run = hold, .open = hostile_open_http2},
    {"h2-silent-one", "the same from one address", H2,
     .workers = 4, .peers = 1000, .addresses = 1, .tick_ms = 1000, .run = hold, .open = hostile_open_http2},
    {"h2-drip-preface", "500 prefaces, 1 byte a second each", H2,
     .workers = 4, .peers = 500, .addresses = 8, .tick_ms = 1000, .run = hold, .open = hostile_open_http2, .step = hostile_drip_preface},
    {"h2-drip-body", "2,000 bodies on 500 connections, 1 byte a second each", H2,
     .workers = 4, .peers = 500, .addresses = 8, .tick_ms = 1000, .run = hold, .open = hostile_open_bodies, .step = hostile_drip_bodies},
    {"h2-hoard", "800 requests of 480 KiB on 200 connections, half of it sent at once, 4 KiB a second after that", H2,
     .workers = 4, .peers = 200, .addresses = 4, .tick_ms = 1000, .run = hold, .open = hostile_open_bodies, .step = hostile_hoard_bodies},
    {"h2-window", "1 connection that asks for 30 pages and opens no window for them", H2,
     .workers = 1, .peers = 1, .addresses = 1, .depth = 30, .tick_ms = 500, .run = hold, .open = hostile_open_closed, .step = hostile_ask_unread,
     .most_kib = 8192},
    {"h2-window-many", "16 such connections",
     .workers = 4, .peers = 16, .addresses = 16, .depth = 30, .tick_ms = 500, .run = hold, .open = hostile_open_closed, .step = hostile_ask_unread},
    {"h2-sip", "16 such connections that open them by a byte, 20 times a second",
     .workers = 4, .peers = 16, .addresses = 16, .depth = 30, .tick_ms = 50, .run = hold, .open = hostile_open_closed, .step = hostile_open_windows},
    {"h2-no-read", "16 connections that ask for 30 pages, with windows, and do not read",
     .workers = 4, .peers = 16, .addresses = 16, .depth = 30, .tick_ms = 500, .is_narrow = true, .run = hold, .open = hostile_open_unread},
    {"h2-dialogs", "64 connections with 15 watches of health and 15 dialogs with reflection, unread", H2,
     .workers = 4, .peers = 64, .addresses = 64, .depth = 30, .tick_ms = 100, .run = hold, .open = hostile_open_dialogs, .step = hostile_ask_dialogs},
    {"h2-idle", "2,000 signed-in connections of HTTP/2 that rest",
     .workers = 8, .peers = 2000, .addresses = 40, .tick_ms = 1000, .run = hold, .open = open_signed_in, .way = LINK_GRPC},
    {"h2-company", "64 connections of one company, 64 calls of gRPC each",
     .workers = 64, .addresses = 8, .depth = 64, .run = call, .ask = ask_deal, .way = LINK_GRPC},
    {"h2-costly", "64 connections of one company, 8 searches by gRPC each for what no deal has",
     .workers = 64, .addresses = 8, .depth = 8, .run = call, .ask = ask_costly, .way = LINK_GRPC},
    {"h2-bulk", "40 calls of 1 MiB a second on 32 connections of one company, by Connect",
     .workers = 32, .rate = 40, .addresses = 4, .depth = 1, .run = call, .ask = ask_bulk, .way = LINK_CONNECT},
    {"h2-pipelined", "1 connection with 500 calls of gRPC in flight",
     .workers = 1, .addresses = 1, .depth = 500, .run = call, .ask = ask_deal, .way = LINK_GRPC},
    {"h2-strangers", "100 connections from as many addresses, 16 calls of gRPC each without a session or with an unknown token",
     .workers = 100, .addresses = 100, .depth = 16, .run = call, .ask = ask_as_stranger, .way = LINK_GRPC},
    {"h2-schema", "16 connections of one network that ask for the schema by Connect, 32 calls each",
     .workers = 16, .addresses = 16, .depth = 32, .run = call, .ask = ask_for_schema, .way = LINK_CONNECT,
     .most_done = 80, .most_done_per_s = 4},
    {"h2-passwords", "200 wrong passwords a second for many accounts, by Connect from one address",
     .workers = 32, .rate = 200, .addresses = 1, .run = repeat, .act = guess_accounts, .way = LINK_CONNECT},
    {"h2-vanish", "300 connections of gRPC a second, reset in mid-answer",
     .workers = 16, .rate = 300, .addresses = 200, .run = repeat, .act = vanish, .way = LINK_GRPC},
    {.name = NULL},
};
// clang-format on

const struct hostile_attack *
hostile_attacks(void)
{
    return attacks;
}

int
hostile_scaled(int n, double scale)
{
    int scaled = (int)(n * scale);
    return scaled > 0 ? scaled : 1;
}

static void *
work(void *data)
{
    struct hostile_worker *w = data;
    w->attack->run(w);
    return NULL;
}

static void
run(const struct hostile_attack *a, struct hostile_score *score, const struct hostile_options *o)
{
    static struct hostile_worker workers[MAX_WORKERS];
    struct sched_param none = {0};
    pthread_t threads[MAX_WORKERS];
    if (!o->is_brief)
        sched_setscheduler(0, SCHED_IDLE, &none);
    make_client_hello(&o->target);
    for (int i = 0; i < a->workers; i++) {
        struct hostile_worker *w = &workers[i];
        *w = (struct hostile_worker){.attack = a,
                                     .options = o,
                                     .target = o->target,
                                     .score = score,
                                     .number = i,
                                     .workers = a->workers,
                                     .link = {.fd = -1}};
        w->target.patience_ms = PATIENCE_MS;
        w->target.receive_buffer_bytes = a->is_narrow ? NARROW_BYTES : 0;
        w->target.way = a->way;
        if (a->way != LINK_SP)
            w->target.tls = hostile_tls_http2();
        if (pthread_create(&threads[i], NULL, work, w) != 0)
            _exit(2);
    }
    for (int i = 0; i < a->workers; i++)
        pthread_join(threads[i], NULL);
    _exit(0);
}

pid_t
hostile_start(const struct hostile_attack *a, struct hostile_score *score,
              const struct hostile_options *o)
{
    pid_t pid = fork();
    if (pid == 0)
        run(a, score, o);
    if (pid < 0) {
        perror("attack: fork");
        exit(2);
    }
    return pid;
}

void
hostile_stop(struct hostile_score *score, pid_t pid)
{
    atomic_store(&score->stop, true);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}
