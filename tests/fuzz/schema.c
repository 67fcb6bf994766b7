/**
 * A hostile server's schema, as `jiayi api` gets it, and what it makes of it: lists, descriptions,
 * a call.
 *
 * The first byte chooses the output and the method, two more the length of an answer's payload,
 * which stands at the end; the rest is the descriptor set.
 */
#include <locale.h>

#include "client/handmade/handmade.h"
#include "client/output/print.h"
#include "client/run/session.h"
#include "tests/fuzz/fuzz.h"

static struct input set, payload;
static struct arena *program;
static const struct commands *commands;

/* The hostile server: what the commands get instead of session.c's calls. */

int
session_load(struct client *c, struct profile *ret, struct status *e)
{
    (void)c, (void)e;
    *ret = (struct profile){0};
    return 0;
}

int
session_open(struct client *c, struct status *e)
{
    (void)c, (void)e;
    return 0;
}

ProtobufCMessage *
session_call(struct client *c, const struct schema_method *method, const ProtobufCMessage *request,
             struct status *e)
{
    (void)request;
    if (schema_find_method(c->schema, "ServerService/GetSchema") != method)
        return message_unpack(c->arena, method->out, payload.at, (size_t)(payload.end - payload.at),
                              e);
    ProtobufCMessage *answer = message_new(c->arena, method->out);
    const struct schema_field *f = schema_find_field(method->out, "file_descriptor_set");
    ProtobufCBinaryData bytes = {(size_t)(set.end - set.at), (uint8_t *)set.at};
    return answer && message_put(c->arena, answer, f, &bytes) == 0 ? answer : NULL;
}

const char *
session_profile_name(struct client *c, struct status *e)
{
    (void)c, (void)e;
    return "default";
}

const char *
session_read_ca(struct client *c, const char *path, struct status *e)
{
    (void)c, (void)path, (void)e;
    return NULL;
}

int
session_check(const struct client *c, const struct schema_method *m, struct status *e)
{
    (void)c, (void)m, (void)e;
    return 0;
}

void
session_name_profile(struct client *c, struct status *e)
{
    (void)c, (void)e;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    setlocale(LC_ALL, "C.UTF-8");
    drop_output();
    program = arena_new(64 << 20);
    commands = command_list(program, schema_embedded(), handmade_commands);
    require(commands, "there is memory");
    return 0;
}

static void
run(char *const *words, int n, enum output output)
{
    struct status e = {0};
    struct client c = {.arena = arena_new(64 << 20),
                       .schema = schema_embedded(),
                       .commands = commands};
    require(parse_line(c.arena, commands, n, words, &c.parsed, &e) == 0, e.message);
    c.parsed.output = output;
    if (c.parsed.command->run(&c, &e) < 0)
        require(e.code != STATUS_OK && *e.message, "a failure says why");
    rewind(stdout);
    arena_free(c.arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    unsigned how = take_byte(&in), wanted = take_two(&in);
    size_t rest = (size_t)(in.end - in.at), length = wanted < rest ? wanted : rest;
    enum output output = OUTPUT_TABLE + how % 3;
    set = (struct input){in.at, in.end - length};
    payload = (struct input){in.end - length, in.end};
    struct status e = {0};
    struct schema *s = schema_load(set.at, rest - length, &e);
    if (!s) {
        require(e.code != STATUS_OK && *e.message, "a failure says why");
        return 0;
    }
    char *name = s->n_methods ? strdup(s->methods[how / 3 % s->n_methods].name) : NULL;
    schema_free(s);
    run((char *[]){(char *)"api", (char *)"list", NULL}, 2, output);
    if (name && text_valid(name, strlen(name)) && name[0] != '-') {
        run((char *[]){(char *)"api", (char *)"show", name, NULL}, 3, output);
        run((char *[]){(char *)"api", (char *)"call", name, (char *)"{}", NULL}, 4, output);
    }
    free(name);
    return 0;
}
