/**
 * Writes the first seeds of the corpus: for every method a request with every field, one with only
 * what is required, the envelope around them, an answer, and the same as JSON. What the fuzzer
 * finds beyond them it adds itself: see CONTRIBUTING.md.
 *
 * usage: fuzz_seeds DIR SET     SET: the descriptor set of schema.proto beside this file
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/json.h"
#include "jiayi/v1/rpc.pb-c.h"
#include "tests/fuzz/fuzz.h"

enum { ID_BYTES = 16 };

static const char *out;

static void
write_seed(const char *target, const char *name, const void *head, size_t head_size,
           const void *data, size_t size)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", out, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", out, target, name);
    FILE *f = fopen(path, "w");
    require(f && fwrite(head, 1, head_size, f) == head_size && fwrite(data, 1, size, f) == size &&
                fclose(f) == 0,
            "a seed can be written");
}

/** A text that the field's options allow. */
static const char *
sample_text(const struct schema_field *f)
{
    static const char *const of_format[] = {
        [JIAYI__V1__FORMAT__EMAIL] = "a@b.example",    [JIAYI__V1__FORMAT__SLUG] = "acme",
        [JIAYI__V1__FORMAT__DECIMAL] = "1200.50",      [JIAYI__V1__FORMAT__CURRENCY] = "CNY",
        [JIAYI__V1__FORMAT__DATE] = "2026-11-21",      [JIAYI__V1__FORMAT__PERIOD] = "2026-W47",
        [JIAYI__V1__FORMAT__CODE] = "demos",           [JIAYI__V1__FORMAT__GRANT] = "deal.read:own",
        [JIAYI__V1__FORMAT__PERMISSION] = "deal.read", [JIAYI__V1__FORMAT__PAGE_TOKEN] = "Nw",
    };
    if (f->option->n_choices)
        return f->option->choices[0];
    if (f->option->format > 0 && f->option->format <= JIAYI__V1__FORMAT__PAGE_TOKEN)
        return of_format[f->option->format];
    return f->option->min_length > 1 ? "甲方 long enough" : "甲方";
}

static ProtobufCMessage *sample(struct arena *a, const struct schema_message *m, bool all);

static void
put_sample(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, bool all)
{
    ProtobufCMessage *child = f->message ? sample(a, f->message, all) : NULL;
    ProtobufCBinaryData bytes = {4, (uint8_t *)"\1\2\3\4"};
    double real = 0.75;
    const char *text;
    int rv;
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_MESSAGE: rv = message_put(a, message, f, &child); break;
    case PROTOBUF_C_TYPE_BYTES: rv = message_put(a, message, f, &bytes); break;
    case PROTOBUF_C_TYPE_DOUBLE: rv = message_put(a, message, f, &real); break;
    case PROTOBUF_C_TYPE_STRING:
        text = sample_text(f);
        rv = message_put_string(a, message, f, text, strlen(text));
        break;
    default:
        rv = message_put_integer(a, message, f, f->option->has_maximum ? f->option->maximum : 7);
    }
    require(rv == 0, "there is memory");
}

static ProtobufCMessage *
sample(struct arena *a, const struct schema_message *m, bool all)
{
    ProtobufCMessage *message = message_new(a, m);
    require(message, "there is memory");
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        if (all || m->fields[i].option->required)
            put_sample(a, message, &m->fields[i], all);
    return message;
}

static size_t
pack(struct arena *a, const ProtobufCMessage *message, uint8_t **ret)
{
    *ret = arena_alloc(a, protobuf_c_message_get_packed_size(message));
    require(*ret, "there is memory");
    return protobuf_c_message_pack(message, *ret);
}

static void
write_method(struct arena *a, const struct schema_method *m, bool all)
{
    static uint8_t id[ID_BYTES] = {1};
    char name[120];
    uint8_t *packed, *whole, head[3];
    snprintf(name, sizeof name, "%s-%s", strchr(m->short_name, '/') + 1, all ? "all" : "least");
    fuzz_key(m->name, head);
    const ProtobufCMessage *request = sample(a, m->in, all), *answer = sample(a, m->out, all);
    struct status e = {0};

    size_t n = pack(a, request, &packed);
    write_seed("request", name, head, 2, packed, n);
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    r.method = (char *)m->name;
    r.token = (char *)"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    r.has_request_id = r.has_payload = r.has_timeout_ms = true;
    r.timeout_ms = 10000;
    r.request_id = (ProtobufCBinaryData){sizeof id, id};
    r.payload = (ProtobufCBinaryData){n, packed};
    r.client = (char *)"jiayi/0.1.0";
    r.locale = (char *)"zh_CN";
    n = pack(a, &r.base, &whole);
    if (all)
        write_seed("envelope", name, "", 0, whole, n);

    n = pack(a, answer, &packed);
    head[2] = 80 << 1;
    write_seed("answer", name, head, 3, packed, n);
    Jiayi__V1__RpcResponse w = JIAYI__V1__RPC_RESPONSE__INIT;
    w.has_code = w.has_request_id = true;
    w.code = JIAYI__V1__CODE__NOT_FOUND;
    w.message = (char *)"there is no deal 7 that you can see";
    w.request_id = (ProtobufCBinaryData){sizeof id, id};
    n = pack(a, &w.base, &whole);
    head[2] |= 1;
    if (all)
        write_seed("answer", "refused", head, 3, whole, n);

    char *json = json_print(a, request, JSON_ONE_LINE, &e);
    require(json, "there is memory");
    write_seed("request_json", name, head, 2, json, strlen(json));
    fuzz_key(m->in->pb.name, head);
    if (all)
        write_seed("json", name, head, 2, json, strlen(json));
}

/** An SP stream: greeting, a request of one id, and one of two in pieces. */
static void
write_sp(void)
{
    static const uint8_t stream[] = "\xff\x05\0SP\0\0\x30\0\0"
                                    "\0\0\0\0\0\0\0\x08\x80\0\0\1body"
                                    "\0\0\0\0\0\0\0\x0b\0\0\0\1\x80\0\0\2abc"
                                    "\0\0\0\0\0\0\0\x04\x80\0\0\3"
                                    "\0\0\0\0\0\1\0\0";
    write_seed("sp", "stream", "", 0, stream, sizeof stream - 1);
}

static void
write_tls(void)
{
    static const uint8_t sizes[] = "\0\0\x10\0\x3e\x80\x50\x20\1\2\3\4\5\6\7\x08";
    for (uint8_t mode = 0; mode < 10; mode++) {
        char name[20];
        snprintf(name, sizeof name, "mode-%u", mode);
        write_seed("tls", name, &mode, 1, sizes, sizeof sizes - 1);
    }
}

/** A schema, and an answer of its first method: the field 1, "x". */
static void
write_schema(const char *path)
{
    static char set[1 << 16];
    static const uint8_t answer[] = {10, 1, 'x'};
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(set, 1, sizeof set - sizeof answer, f) : 0;
    require(n > 0, "the descriptor set can be read");
    fclose(f);
    memcpy(set + n, answer, sizeof answer);
    for (uint8_t how = 0; how < 6; how++) {
        char name[20];
        uint8_t head[] = {how, 0, sizeof answer};
        snprintf(name, sizeof name, "small-%u", how);
        write_seed("schema", name, head, sizeof head, set, n + sizeof answer);
    }
}

static void
write_text(const char *target, const char *name, const char *text)
{
    write_seed(target, name, "", 0, text, strlen(text));
}

int
main(int argc, char *argv[])
{
    require(argc == 3, "usage: fuzz_seeds DIR SET");
    out = argv[1];
    mkdir(out, 0777);
    const struct schema *s = schema_embedded();
    for (size_t i = 0; i < s->n_methods; i++)
        for (int all = 0; all < 2; all++) {
            struct arena *a = arena_new(ARENA_BYTES);
            write_method(a, &s->methods[i], all);
            arena_free(a);
        }
    write_sp();
    write_tls();
    write_schema(argv[2]);
    write_text("page", "number", "MTIz");
    write_text("page", "text", "YUBiLmV4YW1wbGU");
    write_text("config", "file",
               "# comment\nlisten = [::1]:7443\nlanes = 4\nlog_level = debug\n"
               "database = postgresql://u@h:5432/d?options=-c%20a%3Db\n; end\n");
    write_text(
        "profile", "file",
        "{\"server\": \"localhost:7443\", \"user\": \"a@b.example\", \"company\": \"acme\",\n"
        " \"token\": \"00ff\", \"ca\": \"-----BEGIN CERTIFICATE-----\\n\"}\n");
    write_text("line", "create",
               "deal\ncreate\n港口\n--customer\nX\n--amount=12.50\n--currency\nCNY");
    write_text("line", "list", "-o\njson\n--timeout\n2.5\ndeal\nlist\n--page-size=3\n--stage\nwon");
    write_text("line", "role", "role\ncreate\nx\n--grant\ndeal.read:own\ndeal.update:own");
    write_text("line", "api",
               "api\ncall\nDealService/GetDeal\n{}\n--request-id\n"
               "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    write_text("line", "help", "help\ndeal\nmove");
    write_text("line", "nearest", "deel\nliste\n--vendr");
    return 0;
}
