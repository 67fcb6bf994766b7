/**
 * Page tokens: one that a peer made up, and the token of any key, which must give the key back.
 */
#include "server/method/page.h"

#include "tests/fuzz/fuzz.h"

static ProtobufCMessage *
request_with(struct arena *a, const char *token)
{
    const struct schema_method *m = schema_find_method(schema_embedded(), "DealService/ListDeals");
    ProtobufCMessage *request = message_new(a, m->in);
    if (!token)
        return request;
    int rv = message_put_string(a, request, schema_find_field(m->in, "page_token"), token,
                                strlen(token));
    require(rv == 0, "there is memory");
    return request;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(ARENA_BYTES);
    struct status e = {0};
    const char *key = NULL, *text = arena_copy(a, data, size);
    if (page_after(a, request_with(a, text), &key, &e) < 0)
        require_told(&e);
    else
        require(text_valid(key, strlen(key)), "a key is text");
    e = (struct status){0};
    const char *token = page_token(a, request_with(a, NULL), text);
    bool whole = text_valid(text, strlen(text)) && *text;
    int rv = page_after(a, request_with(a, token), &key, &e);
    require((rv == 0) == whole, "a token is good when its key is text");
    require(rv < 0 || strcmp(key, text) == 0, "a token gives back its key");
    arena_free(a);
    return 0;
}
