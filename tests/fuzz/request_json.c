/**
 * Every method's request as JSON, as Connect has it: the first two bytes choose the method, the rest
 * is the body of a call that is otherwise in order. What is let in means the same, for who sends it
 * again, when it is printed and read anew.
 */
#include "common/json.h"
#include "tests/fuzz/gate.h"

static struct call *
call_of(const char *method, const char *json, size_t size)
{
    static uint8_t id[REQUEST_ID_BYTES] = {1};
    struct call *c = new_call();
    const struct gate_request r = {
        .method = method,
        .payload = {size, (uint8_t *)json},
        .is_json = true,
        .token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        .request_id = {sizeof id, id},
        .has_request_id = true,
    };
    run_request(c, true, &r);
    return c;
}

static void
read_again(const char *method, struct call *c)
{
    struct status e = {0};
    char *json = json_print(c->arena, c->in, JSON_ONE_LINE, &e);
    if (!json)
        return; /* it is as much as one call may have */
    struct call *again = call_of(method, json, strlen(json));
    if (again->status.code != STATUS_RESOURCE_EXHAUSTED) {
        require(again->in && again->status.code == STATUS_OK, "what was let in is let in again");
        require(memcmp(again->request_sha256, c->request_sha256, sizeof c->request_sha256) == 0,
                "and means the same");
    }
    arena_free(again->arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    const struct schema_method *m = take_method(&in, gate.methods->schema);
    struct call *c = call_of(m->name, (const char *)in.at, (size_t)(in.end - in.at));
    if (c->status.code == STATUS_OK)
        read_again(m->name, c);
    arena_free(c->arena);
    return 0;
}
