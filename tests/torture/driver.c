/**
 * Makes every call that can fail do so, once each, in programs built with JIAYI_TORTURE.
 *
 * usage: torture_driver FAULTS-FILE FIRST STEP calls|grpc PROFILE METHOD JSON [CODE]
 *        torture_driver FAULTS-FILE FIRST STEP program =|json|- COMMAND [WORD...]
 *
 * The FIRST-th call fails, then the (FIRST + STEP)-th and so on, until there are no more.
 *
 * calls: a server that was started with FAULTS-FILE is called through the client's own code, which
 * tries again as it may. %n in JSON is the number. It must answer OK (or CODE where that is the
 * right answer), or say that it could not; after each the server must answer a Check. Prints `done
 * NUMBER` for each that it acknowledged.
 *
 * grpc: the same by gRPC, each time on a connection of its own, once.
 *
 * program: runs COMMAND. It must end by itself with a status that says what failed, and without a
 * sanitizer's complaint; where it ends with 0, with the same output as without a fault, unless "-"
 * is said; where it fails and "json" is said, with whole JSON or nothing. A program that prints
 * "listening on" is asked to end.
 *
 * What is wrong is a line `wrong: ...`; the last line says how many calls were made to fail. Status
 * 1 where anything was wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/call/call.h"
#include "common/json.h"
#include "tests/attack/link.h"
#include "tests/torture/faults.h"

enum {
    CALL_MS = 20000,
    ARENA_BYTES = 256 << 20,
    /** A program that takes longer hangs. */
    PATIENCE_MS = 120000,
    OUTPUT_BYTES = 1 << 20,
    SANITIZER_EXIT = 99,
};

/** How calls are made: by the client's own code, or by gRPC where there is a target. */
struct way {
    struct caller *caller;
    struct link_target target;
    const char *token;
};

static struct faults *faults;
static long first, step;
static int n_wrong;

static void wrong(long n, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
wrong(long n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("wrong: the %ld-th (%s): ", n, faults->name);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    n_wrong++;
}

static void
arm(long n)
{
    faults->name[0] = 0;
    atomic_store(&faults->seen, 0);
    atomic_store(&faults->left, n);
}

/** True when the call that was to fail did. *@ret_seen: how many there were. */
static bool
disarm(long *ret_seen)
{
    *ret_seen = atomic_load(&faults->seen);
    return atomic_exchange(&faults->left, 0) <= 0;
}

/* Calls. */

/** @json with the number in place of %n. */
static const char *
numbered(struct arena *a, const char *json, long n)
{
    const char *at = strstr(json, "%n");
    return at ? arena_print(a, "%.*s%ld%s", (int)(at - json), json, n, at + 2) : json;
}

/** By gRPC. What gets no answer may be asked again, as far as anybody knows. */
static void
call_by_grpc(struct arena *a, const struct way *w, const struct schema_method *m,
             ProtobufCMessage *request, struct status *e)
{
    struct link l;
    struct link_answer answer;
    uint8_t *payload = arena_alloc(a, protobuf_c_message_get_packed_size(request) + 1);
    const struct link_call c = {.method = m->short_name,
                                .token = w->token,
                                .payload = payload,
                                .payload_bytes = protobuf_c_message_pack(request, payload),
                                .timeout_ms = CALL_MS};
    if (link_open(&l, &w->target, INADDR_LOOPBACK) < 0 || link_ask(&l, &c, &answer) < 0)
        status_set(e, STATUS_UNAVAILABLE, "no answer");
    else if (answer.code != STATUS_OK)
        status_set(e, (enum status_code)answer.code, "%s", answer.message);
    else
        *e = (struct status){0};
    link_close(&l);
}

static enum status_code
call_once(const struct way *w, const struct schema_method *m, const char *json, long n,
          struct status *e)
{
    uint8_t id[CALL_ID_BYTES];
    struct arena *a = arena_new(ARENA_BYTES);
    const char *text = numbered(a, json, n);
    ProtobufCMessage *request = json_read(a, m->in, text, strlen(text), e);
    if (!request) {
        fprintf(stderr, "torture_driver: %s\n", e->message);
        exit(2);
    }
    call_new_id(id);
    struct call call = {.method = m, .request = request, .request_id = id, .timeout_ms = CALL_MS};
    if (!w->caller)
        call_by_grpc(a, w, m, request, e);
    else if (call_run(a, w->caller, &call, e))
        *e = (struct status){0};
    arena_free(a);
    return e->code;
}

static bool
is_excuse(enum status_code code)
{
    return code == STATUS_RESOURCE_EXHAUSTED || code == STATUS_UNAVAILABLE ||
           code == STATUS_INTERNAL;
}

/** False, with @e, where there is none. */
static bool
find_way(const struct profile *p, bool is_grpc, struct way *ret, struct status *e)
{
    char host[64];
    const char *colon = strrchr(p->server, ':');
    *ret = (struct way){.token = p->token};
    if (!is_grpc)
        return (ret->caller = call_new(p, e)) != NULL;
    snprintf(host, sizeof host, "%.*s", (int)(colon - p->server), p->server);
    ret->target = (struct link_target){.address = {.sin_family = AF_INET,
                                                   .sin_port = htons((uint16_t)atoi(colon + 1))},
                                       .tls = link_tls_http2(NULL),
                                       .way = LINK_GRPC,
                                       .patience_ms = CALL_MS};
    return inet_pton(AF_INET, host, &ret->target.address.sin_addr) == 1;
}

static long
torture_calls(char **argv, int argc, bool is_grpc)
{
    struct status e = {0};
    struct profile p;
    struct way way;
    struct arena *a = arena_new(ARENA_BYTES);
    const struct schema_method *check =
                                   schema_find_method(schema_embedded(), "ServerService/Check"),
                               *m = argc >= 3 ? schema_find_method(schema_embedded(), argv[1])
                                              : NULL;
    int expected = argc > 3 ? atoi(argv[3]) : 0;
    if (!m || profile_load(a, argv[0], &p, &e) < 0) {
        fprintf(stderr, "torture_driver: no such method or profile\n");
        exit(2);
    }
    /* The first call connects; after it statements are prepared. */
    if (!find_way(&p, is_grpc, &way, &e) || (int)call_once(&way, m, argv[2], 0, &e) != expected) {
        wrong(0, "without a fault: %s", e.message);
        return 0;
    }
    for (long n = first, seen;; n += step) {
        arm(n);
        enum status_code code = call_once(&way, m, argv[2], n, &e);
        bool fired = disarm(&seen);
        if ((int)code != expected && !(fired && is_excuse(code)))
            wrong(n, "%s: %s", status_name(code), e.message);
        else if (code == STATUS_OK)
            printf("done %ld\n", n);
        if (call_once(&way, check, "{}", n, &e) != STATUS_OK)
            wrong(n, "afterwards the server does not answer: %s", e.message);
        if (!fired)
            return seen;
    }
}

/* Programs. */

struct printed {
    char text[OUTPUT_BYTES];
    size_t n;
};

/** Takes what the program prints until it ends; false when it hangs. */
static bool
read_output(int fd, pid_t pid, struct printed *o)
{
    bool asked = false;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    o->n = 0;
    o->text[0] = 0;
    for (;;) {
        if (poll(&p, 1, PATIENCE_MS) <= 0)
            return false;
        char rest[4096];
        bool room = o->n < sizeof o->text - 1;
        ssize_t got = room ? read(fd, o->text + o->n, sizeof o->text - 1 - o->n)
                           : read(fd, rest, sizeof rest);
        if (got <= 0)
            return true;
        o->n += room ? (size_t)got : 0;
        o->text[o->n] = 0;
        if (!asked && strstr(o->text, "listening on"))
            asked = kill(pid, SIGTERM) == 0;
    }
}

/**
 * Runs the program; what it prints goes to @o, its complaints to the file @errors. Returns
 * waitpid()'s status.
 */
static int
run(char *const *words, long n, struct printed *o, int errors, bool *hangs)
{
    int fds[2], status = 0;
    char *copy[64];
    struct arena *a = arena_new(1 << 20);
    size_t i = 0;
    for (; words[i] && i < 63; i++)
        copy[i] = (char *)numbered(a, words[i], n);
    copy[i] = NULL;
    if (pipe2(fds, O_CLOEXEC) < 0 || ftruncate(errors, 0) < 0 || lseek(errors, 0, SEEK_SET) < 0)
        exit(2);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY);
        dup2(null, 0);
        dup2(fds[1], 1);
        dup2(errors, 2);
        execv(copy[0], copy);
        _exit(127);
    }
    close(fds[1]);
    *hangs = !read_output(fds[0], pid, o);
    if (*hangs)
        kill(pid, SIGKILL);
    close(fds[0]);
    waitpid(pid, &status, 0);
    arena_free(a);
    return status;
}

/** The program's complaints, for a report. */
static void
show(int errors)
{
    char text[8000];
    ssize_t n = pread(errors, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = 0;
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save))
        printf("#   %s\n", line);
}

/**
 * Status of a program that says what failed: jiayid's and the client's own, and what the server may
 * answer.
 */
static bool
is_excused(int status)
{
    static const int excuses[] = {0, 1, 10 + STATUS_RESOURCE_EXHAUSTED, 10 + STATUS_UNAVAILABLE,
                                  10 + STATUS_INTERNAL};
    for (size_t i = 0; i < sizeof excuses / sizeof *excuses; i++)
        if (WIFEXITED(status) && WEXITSTATUS(status) == excuses[i])
            return true;
    return false;
}

/** True for nothing as well. */
static bool
is_whole_json(const struct printed *o)
{
    json_t *value = json_loadb(o->text, o->n, JSON_REJECT_DUPLICATES, NULL);
    json_decref(value);
    return o->n == 0 || value;
}

static long
torture_program(char **argv)
{
    static struct printed good, now;
    bool compare = strcmp(argv[0], "-") != 0, is_json = strcmp(argv[0], "json") == 0, hangs;
    FILE *file = tmpfile();
    int errors = file ? fileno(file) : -1, status;
    setenv("ASAN_OPTIONS", "detect_leaks=1:exitcode=99", 1);
    setenv("UBSAN_OPTIONS", "print_stacktrace=1:exitcode=99", 1);
    arm(0);
    status = run(argv + 1, 0, &good, errors, &hangs);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        wrong(0, "without a fault it ended with status %#x", (unsigned)status);
        show(errors);
        return 0;
    }
    for (long n = first, seen;; n += step) {
        arm(n);
        status = run(argv + 1, n, &now, errors, &hangs);
        bool fired = disarm(&seen), ok = status == 0;
        if (hangs)
            wrong(n, "it hangs");
        else if (!is_excused(status))
            wrong(n, "it ended with status %#x", (unsigned)status);
        else if (ok && compare && (now.n != good.n || memcmp(now.text, good.text, good.n) != 0))
            wrong(n, "it ended well, with other output:\n%.300s", now.text);
        else if (!ok && is_json && !is_whole_json(&now))
            wrong(n, "it failed, and its output is no JSON:\n%.300s", now.text);
        else if (ok)
            printf("done %ld\n", n);
        if (hangs || !is_excused(status))
            show(errors);
        if (!fired)
            return seen;
    }
}

int
main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 7 || !(faults = faults_map(argv[1]))) {
        fprintf(stderr, "usage: torture_driver FAULTS-FILE FIRST STEP calls|grpc|program ...\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    first = atol(argv[2]);
    step = atol(argv[3]);
    bool is_grpc = strcmp(argv[4], "grpc") == 0;
    long n = is_grpc || strcmp(argv[4], "calls") == 0 ? torture_calls(argv + 5, argc - 5, is_grpc)
                                                      : torture_program(argv + 5);
    printf("%ld calls can fail; every %ld-th from the %ld-th on did, %d wrong\n", n, step, first,
           n_wrong);
    fflush(stdout);
    _Exit(n_wrong > 0);
}
