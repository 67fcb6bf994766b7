#include "server/method/page.h"

#include <string.h>

#include "common/base64.h"
#include "common/text.h"

int64_t
page_size(const ProtobufCMessage *request)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "page_size");
    if (!f)
        return PAGE_SIZE_PART;
    return message_has(request, f) ? message_integer(request, f, 0) : PAGE_SIZE_DEFAULT;
}

enum { DIGEST_BYTES = 8 };

/** FNV-1a of @n more bytes. */
static uint64_t
digest_more(uint64_t digest, const void *data, size_t n)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < n; i++)
        digest = (digest ^ bytes[i]) * UINT64_C(0x100000001b3);
    return digest;
}

/** Forgets a field of a copied request. */
static void
clear_field(ProtobufCMessage *copy, const char *name)
{
    const struct schema_field *f = schema_find_field(schema_of(copy), name);
    if (f && f->pb->type == PROTOBUF_C_TYPE_STRING)
        *(char **)((char *)copy + f->pb->offset) = NULL;
    else if (f)
        *(protobuf_c_boolean *)((char *)copy + f->pb->quantifier_offset) = 0;
}

/** What is asked for, but for the page: the request's type and its conditions. */
static int
digest_conditions(struct arena *a, const ProtobufCMessage *request, uint8_t ret[DIGEST_BYTES])
{
    const struct schema_message *m = schema_of(request);
    ProtobufCMessage *copy = arena_copy(a, request, m->pb.sizeof_message);
    if (!copy)
        return -1;
    clear_field(copy, "page_size");
    clear_field(copy, "page_token");
    copy->n_unknown_fields = 0;
    size_t n = protobuf_c_message_get_packed_size(copy);
    uint8_t *packed = arena_alloc(a, n + 1);
    if (!packed)
        return -1;
    protobuf_c_message_pack(copy, packed);
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    digest = digest_more(digest, m->pb.name, strlen(m->pb.name));
    digest = digest_more(digest, packed, n);
    memcpy(ret, &digest, DIGEST_BYTES);
    return 0;
}

const char *
page_token(struct arena *a, const ProtobufCMessage *request, const char *key)
{
    size_t n = strlen(key);
    uint8_t *bytes = arena_alloc(a, DIGEST_BYTES + n);
    if (!bytes || digest_conditions(a, request, bytes) < 0)
        return NULL;
    memcpy(bytes + DIGEST_BYTES, key, n);
    return base64_encode_url(a, bytes, DIGEST_BYTES + n);
}

int
page_refuse(struct status *e)
{
    return status_field(e, "page_token", "is not one that an earlier page of this list gave");
}

int
page_after(struct arena *a, const ProtobufCMessage *request, const char **ret_key, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "page_token");
    const char *token = f ? message_string(request, f) : NULL;
    *ret_key = NULL;
    if (!token)
        return 0;
    uint8_t *bytes, asked[DIGEST_BYTES];
    ssize_t n = base64_decode(a, token, strlen(token), &bytes);
    if (digest_conditions(a, request, asked) < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    if (n <= DIGEST_BYTES || memcmp(bytes, asked, DIGEST_BYTES) != 0)
        return page_refuse(e);
    const char *key = (char *)bytes + DIGEST_BYTES;
    if (!text_valid(key, (size_t)n - DIGEST_BYTES))
        return page_refuse(e);
    *ret_key = key;
    return 0;
}
