#include "common/text.h"

#include <stdint.h>
#include <string.h>

/** The bytes of the character that begins with @c, 0 when none does. */
static size_t
sequence_length(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    if (c >= 0xf0 && c <= 0xf4)
        return 4;
    return 0;
}

static bool
is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

bool
text_valid(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t i = 0; i < n;) {
        size_t length = sequence_length(p[i]);
        if (p[i] == 0 || length == 0 || length > n - i)
            return false;
        for (size_t k = 1; k < length; k++)
            if (!is_tail(p[i + k]))
                return false;
        /* Overlong forms, surrogates and what lies past U+10FFFF show in the second byte. */
        if ((p[i] == 0xe0 && p[i + 1] < 0xa0) || (p[i] == 0xed && p[i + 1] > 0x9f) ||
            (p[i] == 0xf0 && p[i + 1] < 0x90) || (p[i] == 0xf4 && p[i + 1] > 0x8f))
            return false;
        i += length;
    }
    return true;
}

size_t
text_length(const char *s)
{
    size_t count = 0;
    for (; *s; s++)
        count += !is_tail((unsigned char)*s);
    return count;
}

bool
text_is_blank(const char *s)
{
    /*
     * Beyond ASCII: no-break space, the spaces and marks of U+2000, the ideographic space, U+FEFF.
     */
    static const char *const blanks[] = {"\u00a0", "\u1680", "\u2028", "\u2029", "\u202f",
                                         "\u205f", "\u2060", "\u3000", "\ufeff"};
    while (*s) {
        size_t skip = (unsigned char)*s <= ' ' || *s == 0x7f;
        /* U+2000 to U+200F: e2 80 80 to e2 80 8f. */
        if (strncmp(s, "\xe2\x80", 2) == 0 && (unsigned char)s[2] <= 0x8f)
            skip = 3;
        for (size_t i = 0; skip == 0 && i < sizeof blanks / sizeof *blanks; i++)
            if (strncmp(s, blanks[i], strlen(blanks[i])) == 0)
                skip = strlen(blanks[i]);
        if (skip == 0)
            return false;
        s += skip;
    }
    return true;
}

size_t
text_fit(const char *s, size_t n)
{
    size_t begin = n;
    while (begin > 0 && n - begin < 4 && is_tail((unsigned char)s[begin - 1]))
        begin--;
    if (begin == 0)
        return 0;
    begin--;
    size_t length = sequence_length((unsigned char)s[begin]);
    return length && begin + length <= n ? n : begin;
}

uint32_t
text_decode(const char *s, size_t n, size_t *length)
{
    size_t k = 1;
    while (k <= 4 && k <= n && !text_valid(s, k))
        k++;
    *length = 1;
    if (k > 4 || k > n)
        return 0xfffd;
    const unsigned char *p = (const unsigned char *)s;
    *length = k;
    if (k == 1)
        return p[0];
    uint32_t c = p[0] & (0xffu >> (k + 1));
    for (size_t i = 1; i < k; i++)
        c = c << 6 | (p[i] & 0x3f);
    return c;
}

bool
text_is_deceptive(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},       /* C0, DEL, C1 */
        {0xad, 0xad},                         /* soft hyphen */
        {0x115f, 0x1160}, {0x3164, 0x3164},   /* fillers of Hangul */
        {0x180e, 0x180e}, {0x200b, 0x200b},   /* separators of no width */
        {0x2028, 0x202e},                     /* line, paragraph; embeddings, overrides */
        {0x2060, 0x206f},                     /* joiner of words, operators; isolates */
        {0xfeff, 0xfeff}, {0xffa0, 0xffa0},   /* byte order mark, filler of half width */
        {0xfff9, 0xfffb}, {0xe0000, 0xe007f}, /* annotations, tags */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}
