#include "server/door/bytes.h"

#include <stdlib.h>
#include <string.h>

bool
bytes_append(struct bytes *b, const void *data, size_t n)
{
    if (b->size + n > b->capacity) {
        size_t capacity = b->capacity ? 2 * b->capacity : BYTES_KEPT / 2;
        while (capacity < b->size + n)
            capacity *= 2;
        uint8_t *grown = realloc(b->data, capacity);
        if (!grown)
            return false;
        b->data = grown;
        b->capacity = capacity;
    }
    memcpy(b->data + b->size, data, n);
    b->size += n;
    return true;
}

void
bytes_free(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){0};
}

void
bytes_empty(struct bytes *b)
{
    b->size = 0;
    if (b->capacity > BYTES_KEPT)
        bytes_free(b);
}
