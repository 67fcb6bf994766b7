/**
 * What the fault runs have going on meanwhile: clients of two companies, of which one is the
 * other's vendor, and of a third that has to do with neither, each with one call in flight, chosen
 * at random. They call as the real client does (client/call/call.c) and send a call that came to
 * nothing again under its request_id. Every call is a line of the history, which check.sql compares
 * with the database.
 *
 * usage: workload HOST:PORT CA PASSWORDS HISTORY SEED
 *
 * PASSWORDS is the folder of password_file (tests/run.bash), whose world_people are the clients.
 * SIGTERM ends the random calls; each client then has to get one more change done, which shows that
 * the server is itself again. Exit status 0 when all did; 1 with the reason when one did not.
 *
 * A line of the history is an object of
 *   client, person, company       who called; clients are counted from 0 method, request_id
 *   such as "DealService/MoveDeal"; 32 hexadecimal digits begin_us, end_us              on the
 *   monotonic clock outcome                       acknowledged: answered OK. refused: answered
 *   otherwise, and no earlier attempt can have
 *                                 been applied. unknown: neither
 *   code, message                 of the last answer sent, unanswered              how often the
 *   call was sent, and how often of these no answer came request, answer               the messages
 *   as JSON; the answer null unless acknowledged replayed                      it had been done before:
 *   the answer has what the server kept
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/call/call.h"
#include "common/json.h"
#include "jiayi/v1/auth.pb-c.h"
#include "jiayi/v1/deal.pb-c.h"

enum {
    CLIENTS = 8,
    ARENA_BYTES = 32 << 20,
    /** What one attempt, with the client's own repetitions, may take; and a call in all. */
    TRY_MS = 2500,
    CALL_MS = 12000,
    /** At the end: how long a server may take to be itself again. */
    RECOVERY_MS = 60000,
    /** The longest pause between a client's calls. */
    THINK_MS = 40,
    MAX_DEALS = 100000,
    HEX_BYTES = 2 * CALL_ID_BYTES + 1,
};

/** Somebody of tests/run.bash's world. */
struct person {
    const char *profile, *email, *company;
};

/** Two are two clients each: the same session, the same rows. */
static const struct person people[] = {
    {"sales", "sales@acme.example", "acme"},     {"peer", "peer@acme.example", "acme"},
    {"manager", "manager@acme.example", "acme"}, {"beta-vendor", "vendor@beta.example", "beta"},
    {"beta-peer", "peer@beta.example", "beta"},  {"gamma-sales", "sales@gamma.example", "gamma"},
};

static const char *const stages[] = {"new", "contacted", "quoted", "negotiating", "deciding"};

/** A deal that some client made. */
struct deal {
    int64_t id;
    const struct person *owner;
    /** Shared with beta. */
    bool is_shared;
    /** The newest version that a client heard of. */
    atomic_int version;
};

struct client {
    int number;
    const struct person *person;
    uint64_t random;
    struct caller *caller;
    char *token;
    /** Its values of the KPI go up by one. */
    int recorded;
};

/** One call on its way: what the history tells of it. */
struct attempt {
    struct client *client;
    const struct schema_method *method;
    ProtobufCMessage *request, *answer;
    uint8_t id[CALL_ID_BYTES];
    struct arena *arena;
    int64_t begin_us, end_us;
    struct status status;
    unsigned sent, unanswered;
    bool replayed;
    /** An attempt ended in a way that leaves open whether it was applied. */
    bool is_open;
};

static const char *server, *ca, *passwords;
static FILE *history;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct deal deals[MAX_DEALS];
static atomic_int n_deals;
static atomic_bool stopping;
static atomic_int failed;

static void
die(const char *what)
{
    fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int64_t
now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
sleep_ms(int ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

/** xorshift64*: the same in every run of the same seed. */
static uint64_t
next_random(struct client *c)
{
    c->random ^= c->random >> 12;
    c->random ^= c->random << 25;
    c->random ^= c->random >> 27;
    return c->random * UINT64_C(2685821657736338717);
}

static int
below(struct client *c, int n)
{
    return (int)((next_random(c) >> 33) % (unsigned)n);
}

static char *
read_file(const char *path)
{
    char *text = NULL;
    size_t room = 0;
    FILE *in = fopen(path, "re");
    if (!in || getdelim(&text, &room, 0, in) < 0)
        die(path);
    fclose(in);
    return text;
}

static void
print_hex(char to[HEX_BYTES], const uint8_t id[CALL_ID_BYTES])
{
    for (size_t i = 0; i < CALL_ID_BYTES; i++)
        snprintf(to + 2 * i, 3, "%02x", id[i]);
}

/* The history. */

static const char *
as_json(struct arena *a, const ProtobufCMessage *message)
{
    struct status e;
    const char *text = message ? json_print(a, message, JSON_ONE_LINE, &e) : "null";
    if (!text)
        die("json_print");
    return text;
}

static void
record(const struct attempt *t)
{
    char hex[HEX_BYTES];
    struct status e;
    json_t *said = json_string(t->status.message);
    const char *message = said ? json_print_value(t->arena, said, JSON_ONE_LINE, &e) : NULL;
    const char *outcome = t->answer ? "acknowledged" : t->is_open ? "unknown" : "refused";
    print_hex(hex, t->id);
    pthread_mutex_lock(&lock);
    fprintf(history,
            "{\"client\":%d,\"person\":\"%s\",\"company\":\"%s\",\"method\":\"%s\",\"request_id\":"
            "\"%s\","
            "\"begin_us\":%lld,\"end_us\":%lld,\"outcome\":\"%s\",\"code\":%d,\"message\":%s,"
            "\"sent\":%u,\"unanswered\":%u,\"replayed\":%s,\"request\":%s,\"answer\":%s}\n",
            t->client->number, t->client->person->email, t->client->person->company,
            t->method->short_name, hex, (long long)t->begin_us, (long long)t->end_us, outcome,
            (int)t->status.code, message ? message : "null", t->sent, t->unanswered,
            t->replayed ? "true" : "false", as_json(t->arena, t->request),
            as_json(t->arena, t->answer));
    fflush(history);
    pthread_mutex_unlock(&lock);
    json_decref(said);
}

/* A call. */

/** What may be asked again, and leaves open whether the call was applied. */
static bool
is_open(const struct status *e, unsigned unanswered)
{
    return unanswered > 0 || e->code == STATUS_UNAVAILABLE || e->code == STATUS_DEADLINE_EXCEEDED ||
           e->code == STATUS_INTERNAL || e->code == STATUS_UNKNOWN || e->code < STATUS_OK;
}

static bool
may_repeat(const struct status *e)
{
    return e->code == STATUS_UNAVAILABLE || e->code == STATUS_DEADLINE_EXCEEDED ||
           e->code == STATUS_RESOURCE_EXHAUSTED;
}

static void
run(struct attempt *t)
{
    int64_t until_us = now_us() + CALL_MS * 1000;
    t->begin_us = now_us();
    for (;;) {
        struct call call = {.method = t->method,
                            .request = t->request,
                            .request_id = t->id,
                            .timeout_ms = TRY_MS};
        t->status = (struct status){0};
        t->answer = call_run(t->arena, t->client->caller, &call, &t->status);
        t->sent += call.sent;
        t->unanswered += call.unanswered;
        t->replayed = call.replayed;
        t->is_open |= !t->answer && is_open(&t->status, call.unanswered);
        if (t->answer || !may_repeat(&t->status) || now_us() >= until_us)
            break;
        sleep_ms(20 + below(t->client, 100));
    }
    t->end_us = now_us();
}

static void
start(struct attempt *t, struct client *c, const char *method, const char *json)
{
    struct status e;
    *t = (struct attempt){.client = c, .arena = arena_new(ARENA_BYTES)};
    t->method = schema_find_method(schema_embedded(), method);
    for (size_t i = 0; i < CALL_ID_BYTES; i++)
        t->id[i] = (uint8_t)(next_random(c) >> 24);
    if (!t->arena || !t->method)
        die(method);
    if (!(t->request = json_read(t->arena, t->method->in, json, strlen(json), &e))) {
        fprintf(stderr, "workload: %s: %s: %s\n", method, json, e.message);
        exit(2);
    }
}

/** A caller with the client's token, if it has one. */
static void
make_caller(struct client *c)
{
    struct status e;
    const struct profile p = {.server = server, .ca = ca, .token = c->token};
    c->caller = call_new(&p, &e);
    if (!c->caller)
        die(e.message);
}

/** Signs in, however long it takes the server to be there; not part of the history. */
static void
sign_in(struct client *c)
{
    char path[1024], json[400];
    int64_t until_us = now_us() + RECOVERY_MS * 1000;
    snprintf(path, sizeof path, "%s/%s", passwords, c->person->profile);
    char *password = read_file(path);
    password[strcspn(password, "\n")] = 0;
    snprintf(json, sizeof json, "{\"email\": \"%s\", \"password\": \"%s\"}", c->person->email,
             password);
    free(password);
    free(c->token);
    c->token = NULL;
    make_caller(c);
    while (!c->token) {
        struct attempt t;
        start(&t, c, "AuthService/SignIn", json);
        run(&t);
        if (t.answer)
            c->token = strdup(((const Jiayi__V1__SignInResponse *)t.answer)->token);
        else if (now_us() > until_us || t.status.code == STATUS_UNAUTHENTICATED) {
            fprintf(stderr, "workload: %s cannot sign in: %s\n", c->person->profile,
                    t.status.message);
            exit(1);
        }
        arena_free(t.arena);
    }
    make_caller(c);
}

/** What a client learns from an answer. */
static void
learn(const struct attempt *t)
{
    const Jiayi__V1__Deal *d = (const Jiayi__V1__Deal *)t->answer;
    if (t->method->out != schema_find_method(schema_embedded(), "DealService/GetDeal")->out)
        return;
    int n = atomic_load(&n_deals);
    if (strcmp(t->method->short_name, "DealService/CreateDeal") == 0) {
        pthread_mutex_lock(&lock);
        n = atomic_load(&n_deals);
        if (n < MAX_DEALS) {
            deals[n].id = d->id;
            deals[n].owner = t->client->person;
            deals[n].is_shared = d->vendor != NULL;
            atomic_store(&deals[n].version, d->version);
            atomic_store(&n_deals, n + 1);
        }
        pthread_mutex_unlock(&lock);
        return;
    }
    for (int i = 0; i < n; i++)
        if (deals[i].id == d->id && atomic_load(&deals[i].version) < d->version)
            atomic_store(&deals[i].version, d->version);
}

/** Makes one call of the history. Returns true when it was acknowledged. */
static bool call(struct client *c, const char *method, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
call(struct client *c, const char *method, const char *format, ...)
{
    struct attempt t;
    char json[800];
    va_list args;
    va_start(args, format);
    vsnprintf(json, sizeof json, format, args);
    va_end(args);
    start(&t, c, method, json);
    run(&t);
    record(&t);
    if (t.answer)
        learn(&t);
    bool is_done = t.answer != NULL, signed_out = t.status.code == STATUS_UNAUTHENTICATED;
    arena_free(t.arena);
    if (!is_done && signed_out)
        sign_in(c);
    return is_done;
}

/* The operations. What they write has the number of the call in it, so that its rows are known. */

/** A number for the texts of the next call, never used twice: the state of its random numbers. */
static unsigned long long
mark(const struct client *c)
{
    return (unsigned long long)c->random;
}

/**
 * Mostly a deal that the client sees; now and then one that is none of its business. NULL: there is
 * none yet.
 */
static struct deal *
pick(struct client *c)
{
    int n = atomic_load(&n_deals);
    bool any = below(c, 20) == 0;
    for (int tries = 0; n > 0 && tries < 30; tries++) {
        /* The last few are the ones that others work on as well. */
        struct deal *d = &deals[below(c, 2) ? n - 1 - below(c, n < 30 ? n : 30) : below(c, n)];
        bool mine = d->owner == c->person;
        bool shared = d->is_shared && strcmp(c->person->company, "beta") == 0;
        if (any || mine || shared)
            return d;
    }
    return NULL;
}

static bool
create(struct client *c)
{
    bool share = strcmp(c->person->company, "acme") == 0 && below(c, 2) == 0;
    return call(c, "DealService/CreateDeal",
                "{\"title\": \"created %016llx\", \"customer\": \"customer %d\","
                " \"amount\": {\"amount\": \"%d.50\", \"currency\": \"EUR\"}%s}",
                mark(c), below(c, 12), below(c, 10000), share ? ", \"vendor\": \"beta\"" : "");
}

/** `, "version": N` half of the time. */
static const char *
with_version(struct client *c, const struct deal *d, char to[40])
{
    to[0] = 0;
    if (below(c, 2))
        snprintf(to, 40, ", \"version\": %d", atomic_load(&d->version));
    return to;
}

static void
move(struct client *c, struct deal *d)
{
    char version[40];
    unsigned long long m = mark(c);
    with_version(c, d, version);
    call(c, "DealService/MoveDeal",
         "{\"deal_id\": \"%lld\", \"stage\": \"%s\", \"reason\": \"moved %016llx\"%s}",
         (long long)d->id, stages[below(c, 5)], m, version);
}

static void
update(struct client *c, struct deal *d)
{
    char version[40];
    unsigned long long m = mark(c);
    with_version(c, d, version);
    call(c, "DealService/UpdateDeal", "{\"deal_id\": \"%lld\", \"title\": \"updated %016llx\"%s}",
         (long long)d->id, m, version);
}

static void
log_activity(struct client *c, struct deal *d)
{
    call(c, "DealService/LogActivity",
         "{\"deal_id\": \"%lld\", \"kind\": \"note\", \"text\": \"logged %016llx\"}",
         (long long)d->id, mark(c));
}

/** Each client has a line of its own: its number is the month. */
static void
record_kpi(struct client *c)
{
    call(c, "KpiService/RecordKpi",
         "{\"code\": \"calls\", \"period\": \"2026-%02d\", \"value\": \"%d\","
         " \"to\": \"%s\", \"text\": \"recorded %016llx\"}",
         c->number + 1, ++c->recorded, c->person->company, mark(c));
}

static void
one(struct client *c)
{
    int what = below(c, 100);
    struct deal *d = pick(c);
    if (what < 20 || !d)
        create(c);
    else if (what < 35)
        move(c, d);
    else if (what < 50)
        update(c, d);
    else if (what < 60)
        log_activity(c, d);
    else if (what < 67)
        record_kpi(c);
    else if (what < 85)
        call(c, "DealService/GetDeal", "{\"deal_id\": \"%lld\"}", (long long)d->id);
    else if (what < 90)
        call(c, "DealService/ListDealHistory", "{\"deal_id\": \"%lld\", \"page_size\": 1000}",
             (long long)d->id);
    else if (what < 95)
        call(c, "DealService/ListDeals", "{\"page_size\": %d}", 5 + below(c, 45));
    else
        call(c, "KpiService/ListKpis", "{\"period\": \"2026-%02d\"}", c->number + 1);
}

static void *
client(void *arg)
{
    struct client *c = arg;
    while (!atomic_load(&stopping)) {
        one(c);
        sleep_ms(below(c, THINK_MS));
    }
    for (int64_t until_us = now_us() + RECOVERY_MS * 1000; !create(c);) {
        if (now_us() < until_us) {
            sleep_ms(100);
            continue;
        }
        fprintf(stderr, "workload: client %d gets nothing done any more\n", c->number);
        atomic_fetch_add(&failed, 1);
        break;
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    static struct client clients[CLIENTS];
    pthread_t threads[CLIENTS];
    sigset_t stop;
    int sig;
    if (argc != 6) {
        fputs("usage: workload HOST:PORT CA PASSWORDS HISTORY SEED\n", stderr);
        return 2;
    }
    server = argv[1];
    ca = read_file(argv[2]);
    passwords = argv[3];
    if (!(history = fopen(argv[4], "we")))
        die(argv[4]);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    json_begin();
    schema_embedded();
    for (int i = 0; i < CLIENTS; i++) {
        struct client *c = &clients[i];
        c->number = i;
        c->person = &people[(size_t)i % (sizeof people / sizeof *people)];
        c->random = strtoull(argv[5], NULL, 10) * 1000003 + (uint64_t)i * 7919 + 1;
        next_random(c);
        sign_in(c);
    }
    for (int i = 0; i < CLIENTS; i++)
        if (pthread_create(&threads[i], NULL, client, &clients[i]) != 0)
            die("pthread_create");
    sigwait(&stop, &sig);
    atomic_store(&stopping, true);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    return atomic_load(&failed) ? 1 : 0;
}
