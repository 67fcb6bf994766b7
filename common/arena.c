#include "common/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 };

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

struct cleanup {
    struct cleanup *next;
    void (*clean)(void *);
    void *what;
};

struct arena {
    size_t limit, total;
    bool is_short;
    struct block *blocks;
    struct cleanup *cleanups;
    ProtobufCAllocator allocator;
};

static void *
pb_alloc(void *a, size_t size)
{
    return arena_alloc(a, size);
}

static void
pb_free(void *a, void *p)
{
    (void)a;
    (void)p;
}

struct arena *
arena_new(size_t limit_bytes)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a) {
        a->limit = limit_bytes;
        a->allocator = (ProtobufCAllocator){pb_alloc, pb_free, a};
    }
    return a;
}

void
arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct cleanup *c = a->cleanups; c; c = c->next)
        c->clean(c->what);
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        explicit_bzero(b->data, b->used);
        free(b);
    }
    free(a);
}

static struct block *
add_block(struct arena *a, size_t size)
{
#ifdef ARENA_MALLOC
    size_t room = size;
#else
    size_t room = size > BLOCK_BYTES / 4 ? size : BLOCK_BYTES;
#endif
    struct block *b = calloc(1, sizeof *b + room);
    if (!b)
        return NULL;
    b->size = room;
    /* A block for one large thing goes behind the one that still has room. */
    struct block **at = a->blocks && room == size ? &a->blocks->next : &a->blocks;
    b->next = *at;
    *at = b;
    return b;
}

/** What arena_alloc() gives when it cannot. */
static void *
refuse_more(struct arena *a)
{
    a->is_short = true;
    return NULL;
}

void *
arena_alloc(struct arena *a, size_t size)
{
    if (size > SIZE_MAX - alignof(max_align_t))
        return refuse_more(a);
    size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (size == 0)
        size = alignof(max_align_t);
    if (size > a->limit - a->total)
        return refuse_more(a);
    struct block *b = a->blocks;
    if (!b || b->size - b->used < size) {
        b = add_block(a, size);
        if (!b)
            return refuse_more(a);
    }
    void *p = b->data + b->used;
    b->used += size;
    a->total += size;
    return p;
}

bool
arena_is_short(const struct arena *a)
{
    return a->is_short;
}

void *
arena_copy(struct arena *a, const void *data, size_t size)
{
    char *p = size < SIZE_MAX ? arena_alloc(a, size + 1) : NULL;
    if (p && size)
        memcpy(p, data, size);
    return p;
}

char *
arena_print(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return p;
}

int
arena_defer(struct arena *a, void (*clean)(void *), void *what)
{
    struct cleanup *c = arena_alloc(a, sizeof *c);
    if (!c) {
        clean(what);
        return -1;
    }
    *c = (struct cleanup){a->cleanups, clean, what};
    a->cleanups = c;
    return 0;
}

ProtobufCAllocator *
arena_allocator(struct arena *a)
{
    return &a->allocator;
}
