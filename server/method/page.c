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

const char *
page_token(struct arena *a, const char *key)
{
    return base64_encode_url(a, key, strlen(key));
}

int
page_refuse(struct status *e)
{
    return status_field(e, "page_token", "is not one that an earlier page gave");
}

int
page_after(struct arena *a, const ProtobufCMessage *request, const char **ret_key, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "page_token");
    const char *token = f ? message_string(request, f) : NULL;
    *ret_key = NULL;
    if (!token)
        return 0;
    uint8_t *key;
    ssize_t n = base64_decode(a, token, strlen(token), &key);
    if (n <= 0 || !text_valid((char *)key, (size_t)n))
        return page_refuse(e);
    *ret_key = (char *)key;
    return 0;
}
