#include "server/base/language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/** True when @locale begins with the part of a name, and not with a longer one. */
static bool
begins(const char *locale, const char *part, size_t n)
{
    return strncasecmp(locale, part, n) == 0 && (!locale[n] || strchr("-_.@", locale[n]));
}

/** True when @name, such as "zh_CN/LC_MESSAGES/jiayi.mo", is for readers of @locale. */
static bool
is_for(const char *name, const char *locale)
{
    size_t n = strcspn(name, "_/");
    if (!begins(locale, name, n))
        return false;
    if (!locale[n] || name[n] == '/')
        return true;
    const char *region = name + n + 1, *rest = locale + n + 1;
    return begins(rest, region, strcspn(region, "/")) || begins(rest, "Hans", 4);
}

const struct embed *
language_of(const char *locale)
{
    for (const struct embed *c = embed_catalogues; locale && c->name; c++)
        if (is_for(c->name, locale))
            return c;
    return NULL;
}
