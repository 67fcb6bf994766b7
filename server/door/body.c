#include "server/door/body.h"

#include <stdlib.h>
#include <string.h>

#include "common/wipe.h"

enum {
    /** How much is made ready at first, if as much is to come. */
    FIRST_CAPACITY = 4096,
};

/** realloc() would leave what may be a password where the bytes were. */
static bool
grow(struct body *b, size_t capacity)
{
    uint8_t *grown = malloc(capacity);
    if (!grown)
        return false;
    if (b->size > 0)
        memcpy(grown, b->bytes, b->size);
    wipe_free(b->bytes);
    b->bytes = grown;
    b->capacity = capacity;
    return true;
}

bool
body_append(struct body *b, const void *data, size_t n, size_t most)
{
    if (n == 0)
        return true;
    if (n > b->capacity - b->size) {
        size_t capacity = b->capacity ? 2 * b->capacity : FIRST_CAPACITY;
        capacity = capacity < most ? capacity : most;
        if (!grow(b, capacity > b->size + n ? capacity : b->size + n))
            return false;
    }
    memcpy(b->bytes + b->size, data, n);
    b->size += n;
    return true;
}

void
body_free(struct body *b)
{
    wipe_free(b->bytes);
    *b = (struct body){0};
}
