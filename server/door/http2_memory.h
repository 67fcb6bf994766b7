/**
 * The memory of nghttp2's sessions: what it asks for where it is our business. All but the last are
 * of the library's struct nghttp2_mem, whose user data is the struct http2_memory.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP2_MEMORY_H
#define JIAYI_SERVER_DOOR_HTTP2_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/** Of one session; all zero at first. */
struct http2_memory {
    /** Where the library puts frames together: pages of their own. */
    void *frame;
    size_t frame_bytes;
    /** There was none: the session is to end. Its owner may say so as well. */
    bool is_short;
};

void *http2_memory_allocate(size_t n, void *memory);
void *http2_memory_zeroed(size_t n, size_t size, void *memory);
void *http2_memory_reallocate(void *p, size_t n, void *memory);
void http2_memory_free(void *p, void *memory);

/** http2_memory_rest() - no frame is in the making: give its pages back. */
void http2_memory_rest(struct http2_memory *m);

#endif
