#include "server/door/bytes.h"

#include <stdlib.h>
#include <string.h>

uint8_t *
bytes_extend(struct bytes *b, size_t n)
{
    if (b->size + n > b->capacity) {
        size_t capacity = b->capacity ? 2 * b->capacity : BYTES_KEPT / 2;
        while (capacity < b->size + n)
            capacity *= 2;
        uint8_t *grown = realloc(b->data, capacity);
        if (!grown)
            return NULL;
        b->data = grown;
        b->capacity = capacity;
    }
    b->size += n;
    return b->data + b->size - n;
}

bool
bytes_append(struct bytes *b, const void *data, size_t n)
{
    uint8_t *to = bytes_extend(b, n);
    if (!to)
        return false;
    memcpy(to, data, n);
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
