#include "client/call.h"

#include <netdb.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "client/i18n.h"
#include "common/tls_engine.h"
#include "jiayi/v1/rpc.pb-c.h"

enum {
    HOST_BYTES = 256,
    PORT_BYTES = 6,
    /** The first pause before sending again, and the longest, in milliseconds. */
    FIRST_PAUSE_MS = 100,
    MAX_PAUSE_MS = 5000,
    /** How long a message waits for its connection before somebody looks whether it is still there. */
    SEND_LOOK_MS = 100,
    /** A connection takes a message at once. One that does not for so long is dead, though nng has not said so. */
    SEND_TAKE_MS = 2000,
};

/** Never freed: the dialing thread may be stuck with it until the process ends. */
struct caller {
    /** Copies of its own, but for the token, which only the calling thread reads. */
    struct profile profile;
    char host[HOST_BYTES], port[PORT_BYTES];
    /** The connection in use; NULL before the first and after a lost one. */
    struct connection *connection;
};

/** What became of one attempt. */
enum outcome {
    /** Answered, well or badly. */
    ANSWERED,
    /** The server took the call not on, and may soon. */
    BUSY,
    /** The connection broke after it was made. */
    LOST,
    /** There is no point in another attempt. */
    FAILED,
};

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
call_new_id(uint8_t *id)
{
    if (getrandom(id, CALL_ID_BYTES, 0) != CALL_ID_BYTES)
        abort(); /* Linux gives up to 256 bytes always */
}

/* The address. */

static bool
is_port(const char *text)
{
    bool digits = *text && strlen(text) < PORT_BYTES && strspn(text, "0123456789") == strlen(text);
    long port = digits ? strtol(text, NULL, 10) : 0;
    return port > 0 && port <= 65535;
}

/** Splits HOST:PORT or [IPV6]:PORT. */
static int
split_address(struct caller *c, const char *address, struct status *e)
{
    const char *colon = strrchr(address, ':'), *begin = address, *end = colon;
    if (colon && *begin == '[' && end > begin && end[-1] == ']') {
        begin++;
        end--;
    } else if (colon && memchr(address, ':', (size_t)(colon - address))) {
        colon = NULL; /* IPv6 without its brackets */
    }
    size_t length = colon ? (size_t)(end - begin) : 0;
    const char *port = colon ? colon + 1 : "";
    if (length == 0 || length >= HOST_BYTES || !is_port(port))
        return status_set(e, STATUS_USAGE,
                          _("--server: \"%s\" should be HOST:PORT, such as localhost:7443"),
                          address);
    snprintf(c->host, sizeof c->host, "%.*s", (int)length, begin);
    snprintf(c->port, sizeof c->port, "%s", port);
    return 0;
}

static int
load_ticket(void *profile, uint8_t *buf, size_t size)
{
    return profile_load_ticket(profile, buf, size);
}

static void
save_ticket(void *profile, const uint8_t *der, size_t size)
{
    profile_save_ticket(profile, der, size);
}

static int
copy_profile(struct caller *c, const struct profile *p, struct status *e)
{
    c->profile = (struct profile){
        .server = strdup(p->server),
        .ca = strdup(p->ca ? p->ca : ""),
        .path = p->path ? strdup(p->path) : NULL,
        .token = p->token,
    };
    bool copied = c->profile.server && c->profile.ca && (!p->path || c->profile.path);
    return copied ? 0 : failure_memory(e);
}

struct caller *
call_new(const struct profile *p, struct status *e)
{
    struct caller *c = calloc(1, sizeof *c);
    if (!c) {
        failure_memory(e);
        return NULL;
    }
    if (split_address(c, p->server, e) < 0 || copy_profile(c, p, e) < 0) {
        free(c);
        return NULL;
    }
    if (p->path)
        tls_engine_set_session_store(load_ticket, save_ticket, &c->profile);
    return c;
}

/*
 * Connecting. It is done by a thread of its own, for a handshake with a silent peer cannot be
 * broken off.
 */

/** A connection and the making of it. Never freed, as the caller. */
struct connection {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct caller *caller;
    nng_socket socket;
    /** The server is gone, or the connection to it; set by nng's threads. */
    atomic_bool lost;
    bool done;
    /** What nng said, and what the resolver said; 0 for success. */
    int nng_result, resolver_result;
};

static int
make_tls(const struct caller *c, nng_tls_config **ret)
{
    int rv = nng_tls_config_alloc(ret, NNG_TLS_MODE_CLIENT);
    if (rv == 0)
        rv = nng_tls_config_auth_mode(*ret, NNG_TLS_AUTH_MODE_REQUIRED);
    if (rv == 0)
        rv = nng_tls_config_server_name(*ret, c->host);
    return rv ? rv : nng_tls_config_ca_chain(*ret, c->profile.ca, NULL);
}

static int
dial_one(const struct caller *c, nng_socket socket, const struct addrinfo *address)
{
    char host[NI_MAXHOST], url[NI_MAXHOST + 32];
    nng_dialer dialer;
    nng_tls_config *tls;
    if (getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, NULL, 0,
                    NI_NUMERICHOST) != 0)
        return NNG_EADDRINVAL;
    bool v6 = address->ai_family == AF_INET6;
    snprintf(url, sizeof url, "tls+tcp://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", c->port);
    int rv = nng_dialer_create(&dialer, socket, url);
    if (rv == 0)
        rv = make_tls(c, &tls);
    if (rv == 0)
        rv = nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, tls);
    return rv ? rv : nng_dialer_start(dialer, 0);
}

/** Tries the host's addresses one after the other; nng by itself would try the first alone. */
static void *
dial(void *arg)
{
    struct connection *d = arg;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *all = NULL;
    int resolver = getaddrinfo(d->caller->host, d->caller->port, &hints, &all);
    int rv = NNG_EADDRINVAL;
    for (struct addrinfo *one = all; one && rv != 0; one = one->ai_next) {
        int tried = dial_one(d->caller, d->socket, one);
        /* Of several failures the one that got farther says more than a refused connection. */
        if (tried == 0 || rv == NNG_EADDRINVAL || tried != NNG_ECONNREFUSED)
            rv = tried;
    }
    if (all)
        freeaddrinfo(all);
    pthread_mutex_lock(&d->lock);
    d->done = true;
    d->nng_result = rv;
    d->resolver_result = resolver;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

/** A phrase of OpenSSL's and what it means to the user; the first that occurs counts. */
static const struct {
    const char *phrase, *meaning;
} tls_meanings[] = {
    {"expired", N_("its certificate has expired; its operator has to renew it")},
    {"not yet valid", N_("its certificate is not valid yet; is the clock of this machine right?")},
    {"hostname mismatch",
     N_("its certificate is for another name; use the name that it was made for")},
    {"IP address mismatch",
     N_("its certificate is for another address; use the name that it was made for")},
    {"certificate verify failed", N_("its certificate is not from the authority that you trust "
                                     "(wrong CA); if the server is the right one, sign "
                                     "in again with its --ca")},
    {"unsupported protocol", N_("it does not speak TLS 1.3")},
    {"no protocols in common", N_("it does not speak TLS 1.3")},
    {"protocol version", N_("it does not speak TLS 1.3")},
    {"does not speak TLS", N_("it does not speak TLS; is it a jiayid?")},
};

static int
distrust(const struct profile *p, struct status *e)
{
    char why[200];
    tls_engine_last_error(why, sizeof why);
    for (size_t i = 0; i < sizeof tls_meanings / sizeof *tls_meanings; i++)
        if (strcasestr(why, tls_meanings[i].phrase)) {
            status_set(e, STATUS_UNAVAILABLE, _("no secure connection to %s: %s"), p->server,
                       _(tls_meanings[i].meaning));
            return status_detail(e, "%s", why);
        }
    if (*why)
        return status_set(e, STATUS_UNAVAILABLE, _("no secure connection to %s: %s"), p->server,
                          why);
    return status_set(e, STATUS_UNAVAILABLE, _("%s closed the connection at once; is it a jiayid?"),
                      p->server);
}

static int
explain_dial(const struct connection *d, struct status *e)
{
    const struct profile *p = &d->caller->profile;
    if (d->resolver_result)
        return status_set(e, STATUS_UNAVAILABLE, _("the host of %s is not known: %s"), p->server,
                          gai_strerror(d->resolver_result));
    switch (d->nng_result) {
    case NNG_ECONNREFUSED:
        return status_set(
            e, STATUS_UNAVAILABLE,
            _("no server answers at %s: connection refused; is jiayid running there?"), p->server);
    case NNG_ETIMEDOUT:
    case NNG_EUNREACHABLE:
        return status_set(e, STATUS_UNAVAILABLE, _("no server answers at %s: %s"), p->server,
                          nng_strerror(d->nng_result));
    case NNG_EPEERAUTH:
    case NNG_ECRYPTO:
    case NNG_ECONNRESET:
    case NNG_ECONNSHUT:
    case NNG_ECONNABORTED:
    case NNG_ECLOSED: return distrust(p, e);
    case NNG_EPROTO:
        return status_set(e, STATUS_UNAVAILABLE, _("what answers at %s is no jiayid"), p->server);
    default:
        return status_set(e, STATUS_UNAVAILABLE, _("no connection to %s: %s"), p->server,
                          nng_strerror(d->nng_result));
    }
}

static int
too_late(const struct caller *c, struct status *e)
{
    return status_set(
        e, STATUS_DEADLINE_EXCEEDED,
        _("the deadline passed without an answer from %s; allow more time with --timeout"),
        c->profile.server);
}

static int
open_socket(nng_socket *socket, struct status *e)
{
    int rv = tls_engine_register();
    if (rv == 0)
        rv = nng_req0_open(socket);
    if (rv == 0)
        rv = nng_socket_set_ms(*socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    /* A lost connection is made anew here, where its failure can be told. */
    if (rv == 0)
        rv = nng_socket_set_ms(*socket, NNG_OPT_RECONNMINT, 24 * 3600 * 1000);
    if (rv == 0)
        rv = nng_socket_set_size(*socket, NNG_OPT_RECVMAXSZ, 64 << 20);
    return rv ? status_set(e, STATUS_FAILED_HERE, _("the network cannot be used: %s"),
                           nng_strerror(rv))
              : 0;
}

/**
 * Waits for the dialing thread until @deadline. What it works on is never freed, for it may be
 * stuck.
 */
static int
await(struct connection *d, int64_t deadline)
{
    struct timespec until = {deadline / 1000, deadline % 1000 * 1000000};
    int rv = 0;
    pthread_mutex_lock(&d->lock);
    while (!d->done && rv == 0)
        rv = pthread_cond_timedwait(&d->changed, &d->lock, &until);
    bool done = d->done;
    pthread_mutex_unlock(&d->lock);
    return done ? 0 : -1;
}

static void
note_loss(nng_pipe pipe, nng_pipe_ev event, void *connection)
{
    (void)pipe;
    (void)event;
    atomic_store(&((struct connection *)connection)->lost, true);
}

/** A connection that is not made yet; NULL with @e set when there cannot be one. */
static struct connection *
new_connection(const struct caller *c, struct status *e)
{
    struct connection *d = calloc(1, sizeof *d);
    if (!d) {
        failure_memory(e);
        return NULL;
    }
    if (open_socket(&d->socket, e) < 0) {
        free(d);
        return NULL;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&d->changed, &monotonic);
    pthread_mutex_init(&d->lock, NULL);
    d->caller = c;
    nng_pipe_notify(d->socket, NNG_PIPE_EV_REM_POST, note_loss, d);
    return d;
}

/** Connects; NULL with @e set when that failed or took too long. */
static struct connection *
connect_to(const struct caller *c, int64_t deadline, struct status *e)
{
    pthread_t thread;
    struct connection *d = new_connection(c, e);
    if (!d)
        return NULL;
    if (pthread_create(&thread, NULL, dial, d) != 0) {
        failure_memory(e);
        return NULL;
    }
    pthread_detach(thread);
    if (await(d, deadline) < 0)
        too_late(c, e);
    else if (d->resolver_result || d->nng_result)
        explain_dial(d, e);
    else
        return d;
    return NULL;
}

/* One attempt. */

static void
wipe_message(nng_msg *m)
{
    explicit_bzero(nng_msg_body(m), nng_msg_len(m));
    nng_msg_free(m);
}

/** The packed request of the method; malloc'd, to be wiped. */
static uint8_t *
pack_payload(const struct call *call, size_t *size, struct status *e)
{
    *size = protobuf_c_message_get_packed_size(call->request);
    uint8_t *payload = malloc(*size + 1);
    if (payload)
        protobuf_c_message_pack(call->request, payload);
    else
        failure_memory(e);
    return payload;
}

static nng_msg *
pack(const struct caller *c, const struct call *call, uint32_t timeout_ms, struct status *e)
{
    char language[40];
    nng_msg *m = NULL;
    size_t size;
    uint8_t *payload = pack_payload(call, &size, e);
    if (!payload)
        return NULL;
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    r.method = (char *)call->method->name;
    r.has_payload = 1;
    r.payload = (ProtobufCBinaryData){size, payload};
    if (strcmp(call->method->option->permission ? call->method->option->permission : "",
               "public") != 0)
        r.token = (char *)c->profile.token;
    r.has_timeout_ms = 1;
    r.timeout_ms = timeout_ms;
    r.has_request_id = 1;
    r.request_id = (ProtobufCBinaryData){CALL_ID_BYTES, (uint8_t *)call->request_id};
    r.client = (char *)"jiayi/" JIAYI_VERSION;
    i18n_language(language, sizeof language);
    r.locale = *language ? language : NULL;
    size_t all = jiayi__v1__rpc_request__get_packed_size(&r);
    if (all > CALL_MAX_BYTES)
        status_set(e, STATUS_INVALID_ARGUMENT,
                   _("the request has %zu bytes; at most %d go in one call"), all, CALL_MAX_BYTES);
    else if (nng_msg_alloc(&m, all) != 0)
        failure_memory(e);
    else
        jiayi__v1__rpc_request__pack(&r, nng_msg_body(m));
    explicit_bzero(payload, size);
    free(payload);
    return m;
}

/**
 * Hands the message to the connection. nng waits for another connection when this one is lost at this very moment; so
 * now and then it is asked after.
 */
static int
send_message(struct connection *d, nng_msg *m, int64_t deadline)
{
    int64_t dead_at = now_ms() + SEND_TAKE_MS, left;
    int rv;
    do {
        left = deadline - now_ms();
        nng_socket_set_ms(d->socket, NNG_OPT_SENDTIMEO,
                          (nng_duration)(left < 1              ? 1
                                         : left < SEND_LOOK_MS ? left
                                                               : SEND_LOOK_MS));
        rv = nng_sendmsg(d->socket, m, 0);
    } while (rv == NNG_ETIMEDOUT && left > SEND_LOOK_MS && !atomic_load(&d->lost) &&
             now_ms() < dead_at);
    bool is_dead = left > SEND_LOOK_MS || atomic_load(&d->lost);
    return rv == NNG_ETIMEDOUT && is_dead ? NNG_ECONNRESET : rv;
}

/** Sends, waits until it is sent, then receives: nng's REQ wants it in this order. */
static enum outcome
exchange(struct caller *c, struct call *call, int64_t deadline, nng_msg **answer, struct status *e)
{
    int64_t left = deadline - now_ms();
    if (left <= 0) {
        too_late(c, e);
        return FAILED;
    }
    nng_msg *m = pack(c, call, (uint32_t)left, e);
    if (!m)
        return FAILED;
    int rv = send_message(c->connection, m, deadline);
    if (rv == 0) {
        call->sent++;
        call->unanswered++;
        left = deadline - now_ms();
        nng_socket_set_ms(c->connection->socket, NNG_OPT_RECVTIMEO,
                          (nng_duration)(left > 1 ? left : 1));
        rv = nng_recvmsg(c->connection->socket, answer, 0);
    } else {
        wipe_message(m);
    }
    if (rv == 0) {
        call->unanswered--;
        return ANSWERED;
    }
    if (rv == NNG_ETIMEDOUT) {
        too_late(c, e);
        return FAILED;
    }
    c->connection = NULL;
    status_set(e, STATUS_UNAVAILABLE, _("the connection to %s was lost before the answer came: %s"),
               c->profile.server, nng_strerror(rv));
    return LOST;
}

/** What the server says of a call that did not end well. */
static enum outcome
read_status(const Jiayi__V1__RpcResponse *r, struct status *e)
{
    bool known = r->code > JIAYI__V1__CODE__OK && r->code <= JIAYI__V1__CODE__UNAUTHENTICATED;
    enum status_code code = known ? (enum status_code)r->code : STATUS_UNKNOWN;
    status_set(e, code, "%s", r->message && *r->message ? r->message : status_name(code));
    e->current_version = r->has_current_version ? r->current_version : 0;
    e->retry_after_ms = r->has_retry_after_ms ? r->retry_after_ms : 0;
    if (r->n_violations && r->violations[0]->field)
        snprintf(e->field, sizeof e->field, "%.79s", r->violations[0]->field);
    bool may_wait =
        code == STATUS_UNAVAILABLE || (code == STATUS_RESOURCE_EXHAUSTED && e->retry_after_ms > 0);
    return may_wait ? BUSY : FAILED;
}

static enum outcome
read_answer(struct arena *a, const struct call *call, nng_msg *m, ProtobufCMessage **ret,
            struct status *e)
{
    Jiayi__V1__RpcResponse *r =
        jiayi__v1__rpc_response__unpack(arena_allocator(a), nng_msg_len(m), nng_msg_body(m));
    wipe_message(m);
    bool mine = r && (!r->has_request_id ||
                      (r->request_id.len == CALL_ID_BYTES &&
                       memcmp(r->request_id.data, call->request_id, CALL_ID_BYTES) == 0));
    if (!mine) {
        status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
        return FAILED;
    }
    if (r->code != JIAYI__V1__CODE__OK)
        return read_status(r, e);
    *ret = message_unpack(a, call->method->out, r->payload.data,
                          r->has_payload ? r->payload.len : 0, e);
    if (!*ret) {
        status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
        return FAILED;
    }
    return ANSWERED;
}

/* Again, where that is safe. */

/** Signing in and the like: no request_id guards it, for nobody is known yet. */
static bool
is_unguarded(const struct call *call)
{
    const Jiayi__V1__MethodOption *o = call->method->option;
    return o->kind == JIAYI__V1__KIND__WRITE && o->permission &&
           strcmp(o->permission, "public") == 0;
}

static bool
may_repeat(const struct call *call, enum outcome outcome, const struct status *e)
{
    if (!is_unguarded(call))
        return outcome == LOST || outcome == BUSY;
    return outcome == BUSY && e->code == STATUS_UNAVAILABLE;
}

/** Between half of the pause and the whole, so that many clients do not come back at once. */
static int64_t
jitter(int64_t pause_ms)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) < 0)
        random = 0;
    return pause_ms / 2 + (int64_t)(random % (uint32_t)(pause_ms / 2 + 1));
}

/** Sleeps before another attempt; -1 when the deadline is before its end. */
static int
pause_before(unsigned attempt, uint32_t retry_after_ms, int64_t deadline)
{
    int64_t pause = FIRST_PAUSE_MS;
    for (unsigned i = 0; i < attempt && pause < MAX_PAUSE_MS; i++)
        pause *= 2;
    pause = jitter(pause < MAX_PAUSE_MS ? pause : MAX_PAUSE_MS) + retry_after_ms;
    if (now_ms() + pause >= deadline)
        return -1;
    struct timespec t = {pause / 1000, pause % 1000 * 1000000};
    nanosleep(&t, NULL);
    return 0;
}

ProtobufCMessage *
call_run(struct arena *a, struct caller *caller, struct call *call, struct status *e)
{
    int64_t deadline = now_ms() + call->timeout_ms;
    bool was_lost = false;
    for (unsigned attempt = 0;; attempt++) {
        ProtobufCMessage *result = NULL;
        nng_msg *answer;
        enum outcome outcome;
        /* A server may have been restarted while somebody wrote in the editor. */
        if (!caller->connection || atomic_load(&caller->connection->lost))
            caller->connection = connect_to(caller, deadline, e);
        if (caller->connection)
            outcome = exchange(caller, call, deadline, &answer, e);
        else /* a server that was there a moment ago may be starting again */
            outcome = was_lost && e->code == STATUS_UNAVAILABLE ? LOST : FAILED;
        if (outcome == ANSWERED)
            outcome = read_answer(a, call, answer, &result, e);
        if (outcome == ANSWERED) {
            *e = (struct status){0}; /* what an earlier attempt said */
            return result;
        }
        was_lost = was_lost || outcome == LOST;
        if (!may_repeat(call, outcome, e) || pause_before(attempt, e->retry_after_ms, deadline) < 0)
            return NULL;
    }
}
