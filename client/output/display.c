#include "client/output/display.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "client/base/i18n.h"
#include "common/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

enum {
    DEFAULT_COLUMNS = 80,
    MINUTE = 60,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    /** Farther than this a date says more. */
    FAR = 30 * DAY,
};

/** True for what a terminal, or a reader's eye, could be deceived with. */
static bool
is_deceptive(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || /* C0, DEL, C1 */
           (c >= 0x202a && c <= 0x202e) ||         /* embeddings and overrides of direction */
           (c >= 0x2066 && c <= 0x2069) ||         /* isolates */
           c == 0x2028 || c == 0x2029 ||
           c == 0xfeff; /* line and paragraph separator, byte order mark */
}

char *
display_clean(struct arena *a, const char *text, enum display_lines lines)
{
    size_t n = strlen(text), length;
    char *copy = arena_alloc(a, 3 * n + 1), *to = copy;
    for (size_t i = 0; copy && i < n; i += length) {
        uint32_t c = text_decode(text + i, n - i, &length);
        bool blank = c == '\n' || c == '\t';
        if (c == '\r' && text[i + 1] == '\n') {
            continue;
        } else if (blank && lines == DISPLAY_ONE_LINE) {
            *to++ = ' ';
        } else if (!blank && (is_deceptive(c) || c == 0xfffd)) {
            for (const char *r = REPLACEMENT; *r; r++)
                *to++ = *r;
        } else {
            memcpy(to, text + i, length);
            to += length;
        }
    }
    return copy;
}

size_t
display_width(const char *s, size_t n)
{
    size_t columns = 0, length;
    for (size_t i = 0; i < n; i += length) {
        int width = wcwidth((wchar_t)text_decode(s + i, n - i, &length));
        columns += width > 0 ? (size_t)width : 0;
    }
    return columns;
}

bool
display_is_terminal(FILE *f)
{
    return isatty(fileno(f)) == 1;
}

bool
display_colour(FILE *f)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return display_is_terminal(f) && !(none && *none) && term && strcmp(term, "dumb") != 0;
}

size_t
display_columns(FILE *f)
{
    struct winsize size;
    if (ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return DEFAULT_COLUMNS;
}

/**
 * The bytes of the next piece that stays together: a word with the spaces before it, or one wide
 * character.
 */
static size_t
unbroken_piece(const char *s, size_t n)
{
    size_t i = strspn(s, " "), begin = i, length;
    while (i < n && s[i] != ' ' && s[i] != '\n') {
        bool wide = wcwidth((wchar_t)text_decode(s + i, n - i, &length)) > 1;
        if (wide && i > begin)
            break;
        i += length;
        if (wide)
            break;
    }
    return i > 0 ? i : 1;
}

void
display_wrap(FILE *f, const char *text, size_t indent, size_t columns)
{
    size_t n = strlen(text), at = indent;
    for (size_t i = 0, length; i < n; i += length) {
        length = unbroken_piece(text + i, n - i);
        size_t skip = strspn(text + i, " ");
        if (skip > length)
            skip = length;
        size_t width = display_width(text + i, length);
        if (text[i] == '\n' || (at > indent && at + width > columns)) {
            fprintf(f, "\n%*s", (int)indent, "");
            at = indent;
            skip += text[i] == '\n';
            width = display_width(text + i + skip, length - skip);
        } else {
            skip = 0;
        }
        fwrite(text + i + skip, 1, length - skip, f);
        at += width;
    }
    fputc('\n', f);
}

void
display_pad(FILE *f, const char *s, size_t columns)
{
    size_t width = display_width(s, strlen(s));
    fputs(s, f);
    if (width < columns)
        fprintf(f, "%*s", (int)(columns - width), "");
}

const char *
display_ago(struct arena *a, time_t at, time_t now)
{
    struct tm tm;
    bool ahead = at > now;
    unsigned long away = (unsigned long)(ahead ? at - now : now - at), n = away / DAY;
    if (away >= FAR && localtime_r(&at, &tm))
        return arena_print(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    if (away < MINUTE)
        return ahead ? _("in a moment") : _("just now");
    const char *words =
        ahead ? ngettext("in %lu d", "in %lu d", n) : ngettext("%lu d ago", "%lu d ago", n);
    if (away < HOUR) {
        n = away / MINUTE;
        words = ahead ? ngettext("in %lu min", "in %lu min", n)
                      : ngettext("%lu min ago", "%lu min ago", n);
    } else if (away < DAY) {
        n = away / HOUR;
        words = ahead ? ngettext("in %lu h", "in %lu h", n) : ngettext("%lu h ago", "%lu h ago", n);
    }
    return arena_print(a, words, n);
}
