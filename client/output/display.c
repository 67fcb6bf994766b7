#include "client/output/display.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "client/base/i18n.h"
#include "common/text.h"
#include "common/unicode.h"

enum {
    DEFAULT_COLUMNS = 80,
    BLACK_FLAG = 0x1f3f4,
};

/** A range of characters. */
struct range {
    uint32_t first, last;
};

static bool
is_among(uint32_t c, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}
#define AMONG(c, ranges) is_among(c, ranges, sizeof(ranges) / sizeof *(ranges))

/** Letters and marks that are written from right to left. */
static const struct range from_right[] = {
    {0x590, 0x8ff},   {0x200e, 0x200f},   {0xfb1d, 0xfdff},
    {0xfe70, 0xfefe}, {0x10800, 0x10fff}, {0x1e800, 0x1efff},
};

/** Tags, which cannot be seen. */
static const struct range tags[] = {{0xe0020, 0xe007f}};

/** Wide characters, for those that are newer than the C library. */
static const struct range wide[] = {{0x1f000, 0x1faff}, {0x20000, 0x3fffd}};

/** How many bytes show @c, written to @to unless it is NULL. */
static size_t
show_character(uint32_t c, const char *bytes, size_t length, enum display_lines lines, char *to)
{
    char escaped[16];
    bool blank = c == '\n' || c == '\t';
    if (blank && lines == DISPLAY_ONE_LINE)
        bytes = " ";
    else if (c == 0xfffd)
        bytes = "\xef\xbf\xbd", length = 3;
    else if (!blank && text_is_deceptive(c)) {
        length = (size_t)snprintf(escaped, sizeof escaped, "<U+%04X>", (unsigned)c);
        bytes = escaped;
    }
    if (to)
        memcpy(to, bytes, length);
    return length;
}

/** display_clean() into @to, or, where that is NULL, the bytes that it takes. */
static size_t
clean_text(const char *text, enum display_lines lines, char *to)
{
    size_t n = strlen(text), length, size = 0;
    bool flag = false;
    for (size_t i = 0; i < n; i += length) {
        uint32_t c = text_decode(text + i, n - i, &length);
        /* A black flag is followed by tags that say whose it is: Scotland, Wales. */
        flag = c == BLACK_FLAG || (flag && AMONG(c, tags));
        bool marks_order = i == 0 && c == 0xfeff;
        if (marks_order || (c == '\r' && text[i + 1] == '\n'))
            continue;
        if (flag && to)
            memcpy(to + size, text + i, length);
        size += flag ? length : show_character(c, text + i, length, lines, to ? to + size : NULL);
    }
    return size;
}

char *
display_clean(struct arena *a, const char *text, enum display_lines lines)
{
    char *copy = arena_alloc(a, clean_text(text, lines, NULL) + 1);
    if (copy)
        copy[clean_text(text, lines, copy)] = 0;
    return copy;
}

static size_t
character_width(uint32_t c)
{
    int width = wcwidth((wchar_t)c);
    if (width >= 0)
        return (size_t)width;
    return AMONG(c, wide) ? 2 : c >= 0x20 && c != 0x7f;
}

size_t
display_width(const char *s, size_t n)
{
    size_t columns = 0, length;
    for (size_t i = 0; i < n; i += length)
        columns += character_width(text_decode(s + i, n - i, &length));
    return columns;
}

bool
display_turns(const char *s)
{
    size_t n = strlen(s), length;
    for (size_t i = 0; i < n; i += length)
        if ((unsigned char)s[i] < 0x80)
            length = 1;
        else if (AMONG(text_decode(s + i, n - i, &length), from_right))
            return true;
    return false;
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
 * Whether a line may end after @last and the next begin with @next, both of one word: beside a wide
 * character, where no punctuation is torn off.
 */
static bool
breaks_between(uint32_t last, uint32_t next)
{
    return (character_width(last) > 1 || character_width(next) > 1) && !unicode_opens(last) &&
           !unicode_closes(next);
}

/**
 * The bytes of the next piece that stays together: a word with the spaces before it, or one wide
 * character with the punctuation at it.
 */
static size_t
unbroken_piece(const char *s, size_t n)
{
    size_t i = strspn(s, " "), begin = i, length;
    for (uint32_t last = 0; i < n && s[i] != ' ' && s[i] != '\n'; i += length) {
        uint32_t next = text_decode(s + i, n - i, &length);
        if (i > begin && breaks_between(last, next))
            break;
        last = next;
    }
    return i > 0 ? i : 1;
}

void
display_wrap(FILE *f, const char *text, size_t indent, size_t columns)
{
    size_t n = strlen(text), at = indent;
    bool turns = display_turns(text);
    fputs(turns ? DISPLAY_ISOLATE : "", f);
    for (size_t i = 0, length; i < n; i += length) {
        length = unbroken_piece(text + i, n - i);
        size_t skip = strspn(text + i, " ");
        if (skip > length)
            skip = length;
        size_t width = display_width(text + i, length);
        if (text[i] == '\n' || (at > indent && at + width > columns)) {
            fprintf(f, "%s\n%*s%s", turns ? DISPLAY_ISOLATE_END : "", (int)indent, "",
                    turns ? DISPLAY_ISOLATE : "");
            at = indent;
            skip += text[i] == '\n';
            width = display_width(text + i + skip, length - skip);
        } else {
            skip = 0;
        }
        fwrite(text + i + skip, 1, length - skip, f);
        at += width;
    }
    fprintf(f, "%s\n", turns ? DISPLAY_ISOLATE_END : "");
}

void
display_pad(FILE *f, const char *s, size_t columns)
{
    size_t width = display_width(s, strlen(s));
    fputs(s, f);
    if (width < columns)
        fprintf(f, "%*s", (int)(columns - width), "");
}
