#include "client/output/record.h"

#include <string.h>

#include "client/output/display.h"

int
record_line(struct arena *a, const struct print *p, size_t width, const char *title,
            const char *value)
{
    const char *label = arena_print(a, "%s:", title);
    if (!label)
        return -1;
    cell_bold(p);
    fputs(label, p->file);
    cell_plain(p);
    size_t used = display_width(label, strlen(label)), from = width + 3;
    size_t word = strchr(value, ' ') ? 0 : display_width(value, strlen(value));
    // One word that has room only right behind its label, such as a SHA-256, begins there.
    if (p->terminal && from + word > p->columns && used + 1 + word <= p->columns)
        from = used + 1;
    fprintf(p->file, "%*s", (int)(from - used), "");
    if (p->terminal)
        display_wrap(p->file, value, from, p->columns);
    else
        fprintf(p->file, "%s\n", value);
    return 0;
}
