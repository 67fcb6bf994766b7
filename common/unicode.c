#include "common/unicode.h"

#include <utf8proc.h>

#include "common/wipe.h"

static bool
is_space(utf8proc_int32_t character)
{
    return utf8proc_category(character) == UTF8PROC_CATEGORY_ZS;
}

static utf8proc_int32_t
plain_space(utf8proc_int32_t character, void *unused)
{
    (void)unused;
    return is_space(character) ? ' ' : character;
}

static char *
map_characters(const char *s, utf8proc_custom_func change)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t n =
        utf8proc_map_custom((const utf8proc_uint8_t *)s, 0, &made,
                            UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE, change, NULL);
    if (n >= 0)
        return (char *)made;
    wipe_free(made);
    return NULL;
}

char *
unicode_compose(const char *s)
{
    return map_characters(s, NULL);
}

char *
unicode_password(const char *s)
{
    return map_characters(s, plain_space);
}

static bool
is_unseen(utf8proc_int32_t character)
{
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: return true;
    default: return false;
    }
}

uint32_t
unicode_unseen(const char *s)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s;
    utf8proc_int32_t character;
    while (*p) {
        utf8proc_ssize_t n = utf8proc_iterate(p, -1, &character);
        if (n <= 0 || is_unseen(character))
            return n <= 0 ? 0xfffd : (uint32_t)character;
        p += n;
    }
    return 0;
}

bool
unicode_opens(uint32_t character)
{
    utf8proc_category_t is = utf8proc_category((utf8proc_int32_t)character);
    return is == UTF8PROC_CATEGORY_PS || is == UTF8PROC_CATEGORY_PI;
}

bool
unicode_closes(uint32_t character)
{
    utf8proc_category_t is = utf8proc_category((utf8proc_int32_t)character);
    return is == UTF8PROC_CATEGORY_PE || is == UTF8PROC_CATEGORY_PF || is == UTF8PROC_CATEGORY_PO;
}
