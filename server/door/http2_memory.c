#include "server/door/http2_memory.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    /** Room for what must not fail, of so many sessions at a time that are about to end. */
    SPARES = 16,
    SPARE_BYTES = 1024,
    /** What the library asks for once for each session, to put a frame together in; at least. */
    FRAME_BYTES = 16384,
};

/**
 * Half of a session is room for one frame of the greatest length, of which most sessions never use
 * more than the beginning. In pages of its own the rest of it is none of ours, and all of it can be
 * given back while a session rests.
 */
void *
http2_memory_allocate(size_t n, void *arg)
{
    struct http2_memory *m = arg;
    if (n < FRAME_BYTES || m->frame)
        return malloc(n);
    void *pages = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    m->frame = pages;
    m->frame_bytes = n;
    return pages;
}

/**
 * What the library has enlarged are its queues of streams. Where there is no memory for that, it
 * (1.52, without the priorities of RFC 7540) frees what it was to queue, and again with the
 * session. So there is room for them in any case, and it is us who end the session.
 */
static struct {
    atomic_bool is_taken;
    alignas(max_align_t) uint8_t bytes[SPARE_BYTES];
} spares[SPARES];

static bool
is_spare(const void *p)
{
    return (uintptr_t)p - (uintptr_t)spares < sizeof spares;
}

static void *
take_spare(struct http2_memory *m, const void *from, size_t n)
{
    size_t old = from ? malloc_usable_size((void *)from) : 0;
    m->is_short = true;
    for (size_t i = 0; i < SPARES && n <= SPARE_BYTES; i++)
        if (!atomic_exchange(&spares[i].is_taken, true)) {
            if (old > 0)
                memcpy(spares[i].bytes, from, old < n ? old : n);
            return spares[i].bytes;
        }
    return NULL;
}

static void
return_spare(const void *p)
{
    for (size_t i = 0; i < SPARES; i++)
        if (p == spares[i].bytes)
            atomic_store(&spares[i].is_taken, false);
}

void
http2_memory_free(void *p, void *arg)
{
    struct http2_memory *m = arg;
    if (is_spare(p)) {
        return_spare(p);
        return;
    }
    if (!p || p != m->frame) {
        free(p);
        return;
    }
    munmap(m->frame, m->frame_bytes);
    m->frame = NULL;
}

void *
http2_memory_zeroed(size_t n, size_t size, void *arg)
{
    (void)arg;
    return calloc(n, size);
}

void *
http2_memory_reallocate(void *p, size_t n, void *arg)
{
    struct http2_memory *m = arg;
    if (is_spare(p))
        return n <= SPARE_BYTES ? p : NULL;
    if (!p || p != m->frame) {
        void *longer = p ? realloc(p, n) : http2_memory_allocate(n, m);
        if (longer)
            return longer;
        void *spare = take_spare(m, p, n);
        if (spare)
            free(p);
        return spare;
    }
    void *moved = malloc(n);
    if (moved) {
        memcpy(moved, p, n < m->frame_bytes ? n : m->frame_bytes);
        http2_memory_free(p, m);
    }
    return moved;
}

void
http2_memory_rest(struct http2_memory *m)
{
    if (m->frame)
        madvise(m->frame, m->frame_bytes, MADV_DONTNEED);
}
