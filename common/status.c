#include "common/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

const char *
status_name(enum status_code code)
{
    switch (code) {
#define STATUS(name, number) \
    case STATUS_##name:      \
        return #name;
#include "common/status.def"
#undef STATUS
    }
    return "UNKNOWN";
}

/** Takes out the bytes that are no characters: a precision such as %.80s may have cut one. */
static void
drop_broken(char *text)
{
    if (text_valid(text, strlen(text)))
        return;
    char *to = text;
    for (const char *from = text; *from;) {
        size_t n = 1, left = strlen(from);
        while (n <= 4 && n <= left && !text_valid(from, n))
            n++;
        if (n <= 4 && n <= left) {
            memmove(to, from, n);
            to += n;
            from += n;
        } else
            from++;
    }
    *to = 0;
}

/** Prints one line that fits: cut at a character's boundary, control characters replaced. */
static void
print_line(char *to, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(to, size, format, args);
    if (n < 0)
        to[0] = 0;
    else if ((size_t)n >= size)
        to[text_fit(to, size - 1)] = 0;
    drop_broken(to);
    for (char *p = to; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
}

int
status_set(struct status *e, enum status_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *e = (struct status){.code = code};
    print_line(e->message, sizeof e->message, format, args);
    va_end(args);
    return -1;
}

int
status_detail(struct status *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(e->detail, sizeof e->detail, format, args);
    va_end(args);
    return -1;
}

int
status_field(struct status *e, const char *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *e = (struct status){.code = STATUS_INVALID_ARGUMENT};
    snprintf(e->field, sizeof e->field, "%s", field);
    int n = snprintf(e->message, sizeof e->message, "%s: ", e->field);
    print_line(e->message + n, sizeof e->message - (size_t)n, format, args);
    va_end(args);
    return -1;
}
