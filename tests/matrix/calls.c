/**
 * Calls by the thousand over one connection: the hands of tests/matrix/run.
 *
 * usage: calls HOST:PORT CA
 *
 * Reads lines of standard input and answers each with one line, fields separated by tabs:
 *   CALLER METHOD REQUEST_ID JSON  ->  CODE JSON     code 0: the answer
 *                                      CODE TEXT     else the server's message
 * METHOD is "DealService/GetDeal" and the like; REQUEST_ID 32 hexadecimal digits, or - for a random
 * one. CALLER is any word. The method "login" is AuthService/SignIn, whose token later calls of the
 * same caller carry, "token" gives them its JSON itself; a caller who never logged in calls without one.
 * The method "file" has the lines of the file JSON answered in JSON.answers, and then is itself.
 */
#include <limits.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "client/call/tls_engine.h"
#include "common/json.h"
#include "jiayi/v1/auth.pb-c.h"
#include "jiayi/v1/rpc.pb-c.h"

enum {
    CALLERS = 512,
    ARENA_BYTES = 64 << 20,
    TIMEOUT_MS = 30000,
    ID_BYTES = 16,
};

/** Somebody who logged in. */
struct session {
    char *name;
    char *token;
};

static struct session sessions[CALLERS];
static nng_socket server;

static void serve_file(const char *path);
static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void
die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "calls: ");
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

/** Ends the program where nng failed. */
static void
must(int rv, const char *what)
{
    if (rv)
        die("%s: %s", what, nng_strerror(rv));
}

static char *
read_file(const char *path)
{
    static char text[1 << 16];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (n == 0)
        die("cannot read %s", path);
    fclose(f);
    return text;
}

static void
dial(const char *address, const char *ca)
{
    nng_tls_config *tls;
    nng_dialer dialer;
    char url[300], host[256];
    snprintf(url, sizeof url, "tls+tcp://%s", address);
    snprintf(host, sizeof host, "%.*s", (int)strcspn(address, ":"), address);
    must(tls_engine_register(), "TLS");
    must(nng_tls_config_alloc(&tls, NNG_TLS_MODE_CLIENT), "TLS");
    must(nng_tls_config_auth_mode(tls, NNG_TLS_AUTH_MODE_REQUIRED), "TLS");
    must(nng_tls_config_server_name(tls, host), "TLS");
    must(nng_tls_config_ca_chain(tls, read_file(ca), NULL), ca);
    must(nng_req0_open(&server), "socket");
    must(nng_socket_set_ms(server, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), "socket");
    must(nng_socket_set_ms(server, NNG_OPT_RECVTIMEO, TIMEOUT_MS), "socket");
    must(nng_dialer_create(&dialer, server, url), url);
    must(nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, tls), url);
    must(nng_dialer_start(dialer, 0), url);
}

/** The place of the caller's session; a new one where there is none yet. */
static struct session *
session_of(const char *name)
{
    struct session *s = sessions;
    while (s < sessions + CALLERS - 1 && s->name && strcmp(s->name, name) != 0)
        s++;
    if (!s->name)
        s->name = strdup(name);
    if (!s->name || strcmp(s->name, name) != 0)
        die("too many callers");
    return s;
}

static void
parse_id(const char *hex, uint8_t id[ID_BYTES])
{
    unsigned byte;
    if (strcmp(hex, "-") == 0 && getrandom(id, ID_BYTES, 0) == ID_BYTES)
        return;
    for (int i = 0; i < ID_BYTES; i++) {
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            die("no request id: %s", hex);
        id[i] = (uint8_t)byte;
    }
}

/** One call; the answer in the arena. */
static Jiayi__V1__RpcResponse *
call(struct arena *a, const struct schema_method *method, const char *token, uint8_t id[ID_BYTES],
     const ProtobufCMessage *in)
{
    Jiayi__V1__RpcRequest request = JIAYI__V1__RPC_REQUEST__INIT;
    nng_msg *msg;
    struct status e = {0};
    request.method = (char *)method->name;
    request.token = (char *)token;
    request.client = (char *)"tests/matrix";
    request.has_request_id = request.has_payload = 1;
    request.request_id = (ProtobufCBinaryData){ID_BYTES, id};
    request.payload.len = protobuf_c_message_get_packed_size(in);
    request.payload.data = arena_alloc(a, request.payload.len + 1);
    protobuf_c_message_pack(in, request.payload.data);
    must(nng_msg_alloc(&msg, jiayi__v1__rpc_request__get_packed_size(&request)), "memory");
    jiayi__v1__rpc_request__pack(&request, nng_msg_body(msg));
    must(nng_sendmsg(server, msg, 0), method->name);
    must(nng_recvmsg(server, &msg, 0), method->name);
    const struct schema_message *type =
        schema_find_message(schema_embedded(), "jiayi.v1.RpcResponse");
    ProtobufCMessage *answer =
        type ? message_unpack(a, type, nng_msg_body(msg), nng_msg_len(msg), &e) : NULL;
    if (!answer)
        die("%s: no answer: %s", method->name, e.message);
    nng_msg_free(msg);
    return (Jiayi__V1__RpcResponse *)answer;
}

static void
keep_token(const char *caller, const ProtobufCMessage *out)
{
    struct session *s = session_of(caller);
    free(s->token);
    s->token = strdup(((const Jiayi__V1__SignInResponse *)out)->token);
}

/** Calls, and writes the line of the answer. */
static void
serve(struct arena *a, const char *caller, const char *name, const char *hex, const char *json,
      FILE *answers)
{
    if (strcmp(name, "token") == 0) {
        struct session *s = session_of(caller);
        free(s->token);
        s->token = strdup(json);
        fputs("0\t{}\n", answers);
        return;
    }
    bool login = strcmp(name, "login") == 0;
    const struct schema_method *method =
        schema_find_method(schema_embedded(), login ? "AuthService/SignIn" : name);
    struct status e = {0};
    uint8_t id[ID_BYTES];
    parse_id(hex, id);
    if (!method)
        die("no method %s", name);
    ProtobufCMessage *in = json_read(a, method->in, json, strlen(json), &e), *out = NULL;
    if (!in)
        die("%s: %s: %s", name, json, e.message);
    const char *token = login ? NULL : session_of(caller)->token;
    Jiayi__V1__RpcResponse *r = call(a, method, token, id, in);
    if (r->code != JIAYI__V1__CODE__OK) {
        fprintf(answers, "%d\t%s\n", (int)r->code, r->message ? r->message : "");
        return;
    }
    if (!(out = message_unpack(a, method->out, r->payload.data, r->payload.len, &e)))
        die("%s: the answer is malformed: %s", name, e.message);
    if (login)
        keep_token(caller, out);
    fprintf(answers, "0\t%s\n", json_print(a, out, JSON_ONE_LINE, &e));
}

/** Answers every line; at once, where somebody waits for each of them. */
static void
serve_all(FILE *lines, FILE *answers, bool at_once)
{
    char *line = NULL, *rest;
    size_t size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, lines)) > 0) {
        line[n - 1] = '\0';
        rest = line;
        const char *caller = strsep(&rest, "\t"), *method = strsep(&rest, "\t"),
                   *id = strsep(&rest, "\t");
        if (!caller || !method || !id || !rest)
            die("a line lacks fields");
        if (strcmp(method, "file") == 0) {
            serve_file(rest);
            fputs("0\t{}\n", answers);
        } else {
            struct arena *a = arena_new(ARENA_BYTES);
            if (!a)
                die("out of memory");
            serve(a, caller, method, id, rest, answers);
            arena_free(a);
        }
        if (at_once)
            fflush(answers);
    }
    free(line);
}

static void
serve_file(const char *path)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s.answers", path);
    FILE *lines = fopen(path, "r"), *answers = fopen(name, "w");
    if (!lines || !answers)
        die("cannot open %s and %s", path, name);
    serve_all(lines, answers, false);
    fclose(lines);
    if (fclose(answers) != 0)
        die("cannot write %s", name);
}

int
main(int argc, char **argv)
{
    if (argc != 3)
        die("usage: calls HOST:PORT CA");
    dial(argv[1], argv[2]);
    serve_all(stdin, stdout, true);
    return 0;
}
