#include "common/normalize.h"

#include <string.h>

#include "common/unicode.h"
#include "common/wipe.h"

static bool
is_password(const struct schema_field *f)
{
    return f->option->input == JIAYI__V1__INPUT__PASSWORD;
}

bool
normalize_is_line(const struct schema_field *f)
{
    return !f->option->secret && f->option->max_length <= NORMALIZE_LINE_MAX &&
           (f->option->input == JIAYI__V1__INPUT__WORD ||
            f->option->input == JIAYI__V1__INPUT__KEPT);
}

/** ASCII that can be seen, as most strings are: already as it should be. */
static bool
is_plain_text(const char *s)
{
    while (*s >= 0x20 && *s < 0x7f)
        s++;
    return !*s;
}

static int
normalize_string(struct arena *a, const struct schema_field *f, char **value, struct status *e)
{
    if (is_plain_text(*value))
        return 0;
    uint32_t unseen = normalize_is_line(f) ? unicode_unseen(*value) : 0;
    if (unseen)
        return status_field(e, f->pb->name, "has a character that cannot be seen, U+%04X",
                            (unsigned)unseen);
    if (!normalize_is_line(f) && !is_password(f))
        return 0;
    char *made = is_password(f) ? unicode_password(*value) : unicode_compose(*value);
    char *kept = made ? arena_copy(a, made, strlen(made)) : NULL;
    wipe_free(made);
    if (!kept)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    *value = kept;
    return 0;
}

int
normalize_request(struct arena *a, ProtobufCMessage *request, struct status *e)
{
    const struct schema_message *m = schema_of(request);
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        size_t n = message_count(request, f);
        for (size_t k = 0; k < n; k++) {
            void *value = (void *)(uintptr_t)message_value(request, f, k);
            int rc = 0;
            if (f->pb->type == PROTOBUF_C_TYPE_STRING)
                rc = normalize_string(a, f, value, e);
            else if (f->pb->type == PROTOBUF_C_TYPE_MESSAGE)
                rc = normalize_request(a, *(ProtobufCMessage **)value, e);
            if (rc < 0)
                return -1;
        }
    }
    return 0;
}
