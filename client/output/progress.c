#include "client/output/progress.h"

#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"

enum { BAR = 20 };

/** One line, in place of the one before; what does not fit is left out. */
static void
draw(const struct progress *p, const char *text)
{
    size_t columns = display_columns(stderr) - 1, n;
    char *clean =
        display_is_terminal(stderr) ? display_clean(p->arena, text, DISPLAY_ONE_LINE) : NULL;
    if (!clean)
        return;
    for (n = strlen(clean); n > 0 && display_width(clean, n) > columns;)
        do
            n--;
        while (n > 0 && (clean[n] & 0xc0) == 0x80);
    fprintf(stderr, "\r%.*s%*s\r", (int)n, clean, (int)(columns - display_width(clean, n)), "");
}

void
progress_show(const struct progress *p)
{
    char bar[BAR + 1], text[200];
    int full = p->total > 0 ? (int)(p->done * BAR / p->total) : BAR;
    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)full);
    bar[BAR] = 0;
    /* The label last: what does not fit is its end. */
    snprintf(text, sizeof text, _("[%s] %3d %%, %.1f of %.1f MiB"), bar, full * 100 / BAR,
             (double)p->done / (1 << 20), (double)p->total / (1 << 20));
    const char *all = arena_print(p->arena, "%s  %s", text, p->label);
    draw(p, all ? all : text);
}

void
progress_wait(const struct progress *p, const char *why)
{
    draw(p, why);
}

void
progress_end(const struct progress *p)
{
    draw(p, "");
}
