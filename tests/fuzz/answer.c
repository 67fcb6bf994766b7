/**
 * A hostile server's answer to the client: the first two bytes choose the method that was called,
 * the third says whether what follows is the whole RpcResponse or only its payload, and how it is
 * printed.
 */
#include <locale.h>

#include "client/call/call.c" /* read_answer() */
#include "client/output/display.h"
#include "client/output/print.h"
#include "client/output/print_csv.h"
#include "client/output/print_object.h"
#include "client/output/print_table.h"
#include "common/json.h"
#include "common/text.h"
#include "tests/fuzz/fuzz.h"

enum {
    WHOLE = 1,
    WIDTH_SHIFT = 1,
    FIRST_STRONG_ISOLATE = 0x2068,
    POP_ISOLATE = 0x2069,
};

static const uint8_t id[CALL_ID_BYTES] = {1};
static FILE *nowhere;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    setlocale(LC_ALL, "C.UTF-8");
    drop_output();
    nowhere = stdout;
    return 0;
}

/** What a person sees must leave the terminal alone. */
static void
require_harmless(const char *text, size_t size)
{
    require(text_valid(text, size), "what is printed is UTF-8");
    size_t length, depth = 0;
    for (size_t i = 0; i < size; i += length) {
        uint32_t c = text_decode(text + i, size - i, &length);
        bool isolate = c == FIRST_STRONG_ISOLATE || c == POP_ISOLATE;
        bool tag = c >= 0xe0020 && c <= 0xe007f; /* behind a flag */
        require(c == '\n' || c == '\t' || isolate || tag || !text_is_deceptive(c),
                "no terminal acts on what is printed, and nothing is hidden in it");
        require(depth < 2 && (c != POP_ISOLATE || depth == 1) && (c != '\n' || depth == 0),
                "what turns is isolated, line by line");
        depth += (c == FIRST_STRONG_ISOLATE) - (c == POP_ISOLATE);
    }
}

static int
print_form(struct arena *a, const struct print *p, const ProtobufCMessage *answer, unsigned form,
           struct status *e)
{
    const struct schema_message *m = schema_of(answer);
    const struct schema_field *list = print_list_field(m);
    ProtobufCMessage *one = (ProtobufCMessage *)answer, *const *rows = &one;
    size_t n = list ? message_count(answer, list) : 1;
    if (list)
        rows = n ? message_value(answer, list, 0) : NULL;
    if (form == OUTPUT_CSV)
        return print_csv_head(a, p, list ? list->message : m, e) < 0
                   ? -1
                   : print_csv_rows(a, p, list ? list->message : m, rows, n, e);
    if (list)
        return n ? print_table(a, p, list->message, rows, n, e) : 0;
    return print_object(a, p, answer, e);
}

/** As on a terminal of a width that the input chose. */
static void
print_on_terminal(struct arena *a, const ProtobufCMessage *answer, unsigned columns)
{
    for (unsigned form = OUTPUT_TABLE; form <= OUTPUT_CSV; form++) {
        struct status e = {0};
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        require(f, "there is memory");
        struct print p = {.file = f, .terminal = true, .columns = columns, .now = 1800000000};
        struct print_options json = {.output = OUTPUT_JSON};
        int rv = form == OUTPUT_JSON ? print_answer(a, answer, &json, &e)
                                     : print_form(a, &p, answer, form, &e);
        fclose(f);
        if (rv < 0)
            require_told(&e);
        require_harmless(text, size);
        free(text);
    }
}

static nng_msg *
make_message(struct input *in, bool whole)
{
    nng_msg *msg = NULL;
    Jiayi__V1__RpcResponse r = JIAYI__V1__RPC_RESPONSE__INIT;
    r.has_payload = true;
    r.payload = (ProtobufCBinaryData){(size_t)(in->end - in->at), (uint8_t *)in->at};
    size_t size = whole ? r.payload.len : jiayi__v1__rpc_response__get_packed_size(&r);
    require(nng_msg_alloc(&msg, size) == 0, "there is memory");
    if (whole && size)
        memcpy(nng_msg_body(msg), in->at, size);
    else if (!whole)
        jiayi__v1__rpc_response__pack(&r, nng_msg_body(msg));
    return msg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    const struct schema *s = schema_embedded();
    const struct schema_method *m = take_method(&in, s);
    unsigned how = take_byte(&in);
    struct call call = {.method = m, .request_id = id, .timeout_ms = 1000};
    struct status e = {0};
    struct arena *a = arena_new(ARENA_BYTES);
    ProtobufCMessage *answer = NULL;
    nng_msg *msg = make_message(&in, how & WHOLE);
    enum outcome outcome = read_answer(a, &call, msg, &answer, &e);
    if (outcome == ANSWERED) {
        for (enum output form = OUTPUT_TABLE; form <= OUTPUT_CSV; form++) {
            struct print_options o = {.output = form};
            if (print_answer(a, answer, &o, &e) < 0)
                require_told(&e);
        }
        print_on_terminal(a, answer, how >> WIDTH_SHIFT);
    } else {
        char *clean = display_clean(a, e.message, DISPLAY_ONE_LINE);
        require(e.code != STATUS_OK, "a failure has a code");
        require(clean, "there is memory");
        require_harmless(clean, strlen(clean));
    }
    rewind(nowhere);
    arena_free(a);
    return 0;
}
