/**
 * One arena per call: everything that a call needs is taken from it and goes at once when the call
 * ends. What was in it is wiped then, so that passwords and tokens need no care of their own while
 * they are nowhere else. Built with ARENA_MALLOC (the sanitizer builds) every allocation is a
 * malloc of its own.
 */
#ifndef JIAYI_COMMON_ARENA_H
#define JIAYI_COMMON_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/**
 * arena_new() - an arena that gives out at most @limit_bytes.
 *
 * Returns NULL when there is no memory. Used by one thread at a time.
 */
struct arena *arena_new(size_t limit_bytes);

/**
 * arena_free() - run the deferred clean-ups, the latest first, wipe and free everything. @a may be
 * NULL.
 */
void arena_free(struct arena *a);

/**
 * arena_alloc() - @size zeroed bytes, aligned for anything; NULL past the limit or without memory.
 */
void *arena_alloc(struct arena *a, size_t size);

/**
 * arena_is_short() - true once it could not give out what was asked for: something may be
 * incomplete.
 */
bool arena_is_short(const struct arena *a);

/** arena_copy() - the @size bytes at @data and a NUL after them; NULL as arena_alloc(). */
void *arena_copy(struct arena *a, const void *data, size_t size);

/** arena_print() - a formatted string; NULL as arena_alloc(). */
char *arena_print(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * arena_defer() - call @clean(@what) when the arena goes. Returns 0, or -1 without memory (then
 * @clean ran).
 */
int arena_defer(struct arena *a, void (*clean)(void *), void *what);

/** arena_allocator() - the arena as protobuf-c's allocator; owned by the arena. */
ProtobufCAllocator *arena_allocator(struct arena *a);

#endif
