#include "common/printed.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/wipe.h"

enum { FIRST_BYTES = 4096 };

/** Makes room for @more bytes and a NUL. */
static bool
grow(struct printed *p, size_t more)
{
    size_t room = p->room ? p->room : FIRST_BYTES;
    while (room - p->n <= more)
        room *= 2;
    if (room == p->room)
        return true;
    char *text = malloc(room);
    if (!text)
        return false;
    if (p->n)
        memcpy(text, p->text, p->n);
    wipe_free(p->text);
    p->text = text;
    p->room = room;
    return true;
}

static ssize_t
take(void *cookie, const char *data, size_t n)
{
    struct printed *p = cookie;
    if (!grow(p, n))
        return 0; /* which is an error of the stream */
    memcpy(p->text + p->n, data, n);
    p->n += n;
    return (ssize_t)n;
}

FILE *
printed_begin(struct printed *p)
{
    FILE *out = fopencookie(p, "w", (cookie_io_functions_t){.write = take});
    if (out)
        setvbuf(out, NULL, _IONBF, 0); /* stdio's own buffer would not be wiped */
    return out;
}

int
printed_end(struct printed *p, FILE *out, struct status *e)
{
    bool whole = out && !ferror(out);
    if (out && fclose(out) != 0)
        whole = false;
    if (whole && grow(p, 0)) {
        p->text[p->n] = 0;
        return 0;
    }
    wipe_free(p->text);
    *p = (struct printed){0};
    return status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}
