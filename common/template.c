#include "common/template.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

/** The longest conversion that is understood, such as "%.60s". */
enum { CONVERSION_BYTES = 16 };

/** A conversion of a format. */
struct conversion {
    const char *at;
    size_t n;
    /** "%2$s" has the 2; 0 for those that take the next argument. */
    size_t number;
};

/** Finds the first conversion from @p on that is no "%%". */
static bool
find_conversion(const char *p, struct conversion *ret)
{
    while ((p = strchr(p, '%')) && p[1] == '%')
        p += 2;
    size_t n = p ? 1 + strcspn(p + 1, "diouxXeEfFgGaAcspn%") : 0;
    if (!p || !p[n])
        return false;
    char *digits_end;
    unsigned long number = strtoul(p + 1, &digits_end, 10);
    bool is_numbered = isdigit((unsigned char)p[1]) && *digits_end == '$';
    *ret = (struct conversion){p, n + 1, is_numbered ? number : 0};
    return true;
}

/* Taking the arguments of a format. */

/** Integers of printf() by their length modifiers. */
static intmax_t
take_integer(const struct conversion *c, va_list *args)
{
    const char *mark = c->at + c->n - 1;
    bool is_long = c->n > 2 && mark[-1] == 'l', is_twice = c->n > 3 && is_long && mark[-2] == 'l';
    if (is_twice)
        return va_arg(*args, long long);
    if (is_long)
        return va_arg(*args, long);
    if (c->n > 2 && (mark[-1] == 'z' || mark[-1] == 'j'))
        return mark[-1] == 'z' ? (intmax_t)va_arg(*args, size_t) : va_arg(*args, intmax_t);
    int narrow = va_arg(*args, int);
    return *mark == 'd' || *mark == 'i' || *mark == 'c' ? narrow : (intmax_t)(unsigned)narrow;
}

/** Prints one argument by its conversion, whose star, if any, has been replaced. */
static int
print_argument(char *to, size_t size, const struct conversion *c, va_list *args)
{
    char format[CONVERSION_BYTES + 8];
    char kind = c->at[c->n - 1];
    size_t bare = c->n - 1;
    while (bare > 1 && strchr("lzjh", c->at[bare - 1]))
        bare--;
    if (strchr("sfg", kind))
        snprintf(format, sizeof format, "%.*s", (int)c->n, c->at);
    else
        snprintf(format, sizeof format, "%.*sj%c", (int)bare, c->at, kind);
    switch (kind) {
    /* NOLINTNEXTLINE(bugprone-branch-clone): they take arguments of different types */
    case 's': return snprintf(to, size, format, va_arg(*args, const char *));
    case 'f':
    case 'g': return snprintf(to, size, format, va_arg(*args, double));
    case 'c': return snprintf(to, size, "%c", (int)take_integer(c, args));
    default: return snprintf(to, size, format, take_integer(c, args));
    }
}

/** "%.*s" becomes "%.60s". */
static void
replace_star(struct conversion *c, char made[2 * CONVERSION_BYTES], va_list *args)
{
    const char *star = memchr(c->at, '*', c->n);
    if (!star)
        return;
    int n = snprintf(made, 2 * CONVERSION_BYTES, "%.*s%d%.*s", (int)(star - c->at), c->at,
                     va_arg(*args, int), (int)(c->at + c->n - star - 1), star + 1);
    c->at = made;
    c->n = (size_t)n;
}

int
template_args(const char *format, va_list args, struct template_arg ret[TEMPLATE_ARGS], char *texts,
              size_t size)
{
    int n = 0;
    va_list rest;
    va_copy(rest, args);
    struct conversion c;
    for (const char *p = format; n < TEMPLATE_ARGS && size && find_conversion(p, &c);) {
        char made[2 * CONVERSION_BYTES];
        p = c.at + c.n;
        if (c.number || c.n > CONVERSION_BYTES || !strchr("diouxXcsfg", p[-1])) {
            n = -1;
            break;
        }
        replace_star(&c, made, &rest);
        int printed = print_argument(texts, size, &c, &rest);
        size_t length = printed < 0 ? 0 : (size_t)printed;
        if (length >= size)
            length = text_fit(texts, size - 1);
        texts[length] = 0;
        ret[n++] = (struct template_arg){.text = texts};
        texts += length + 1;
        size -= length + 1;
    }
    va_end(rest);
    return n;
}

/* Filling one in. */

/** Adds @n bytes, as many as fit. */
static size_t
put(char *to, size_t at, size_t size, const char *text, size_t n)
{
    if (n > size - 1 - at)
        n = text_fit(text, size - 1 - at);
    memcpy(to + at, text, n);
    return at + n;
}

/** Adds what stands between conversions, where "%%" is a percent sign. */
static size_t
put_plain(char *to, size_t at, size_t size, const char *from, const char *end)
{
    while (from < end) {
        const char *sign = memchr(from, '%', (size_t)(end - from));
        size_t n = sign ? (size_t)(sign - from) + 1 : (size_t)(end - from);
        at = put(to, at, size, from, n);
        from += n + (sign && sign + 1 < end);
    }
    return at;
}

void
template_fill(char *to, size_t size, const char *template, const char *const *args, size_t n)
{
    size_t at = 0, next = 0;
    struct conversion c;
    for (; find_conversion(template, &c); template = c.at + c.n) {
        at = put_plain(to, at, size, template, c.at);
        size_t i = c.number ? c.number - 1 : next++;
        if (i < n && args[i])
            at = put(to, at, size, args[i], strlen(args[i]));
    }
    at = put_plain(to, at, size, template, template + strlen(template));
    to[at] = 0;
}
