#include "common/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/catalogue.h"
#include "common/template.h"
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

/** One line of text: without broken characters, control characters replaced. */
static void
make_line(char *text)
{
    drop_broken(text);
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
}

static void
print_line(char *to, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(to, size, format, args);
    if (n < 0)
        to[0] = 0;
    else if ((size_t)n >= size)
        to[text_fit(to, size - 1)] = 0;
    make_line(to);
}

/* What a message is made of. */

/** Adds a part; what does not fit is cut, and from the second time on left out. */
static void
add_part(struct status *e, size_t *at, const char *list, const char *text)
{
    size_t room = sizeof e->parts - *at;
    if (room < 2)
        return;
    int n = snprintf(e->parts + *at, room, "%s%s%s", list ? list : "", list ? "\004" : "",
                     text ? text : "");
    if (n < 0)
        n = 0;
    size_t length = (size_t)n < room ? (size_t)n : text_fit(e->parts + *at, room - 1);
    e->parts[*at + length] = 0;
    *at += length + 1;
    if (list && e->n_parts)
        e->codes |= (uint8_t)(1u << (e->n_parts - 1));
    e->n_parts++;
}

/** A place for texts, one behind the other: see fill(). */
struct room {
    char *to;
    size_t size;
};

/** What has been put into the room ends. */
static void
end_text(struct room *r)
{
    r->to += r->size > 0;
    r->size -= r->size > 0;
}

/** Puts the @n bytes into the room, with blanks for underscores but for a company's own codes. */
static void
put_word(struct room *r, const char *list, const char *word, size_t n)
{
    bool own = strcmp(list, "stage") == 0;
    snprintf(r->to, r->size, "%.*s", (int)n, word);
    r->to[text_fit(r->to, strlen(r->to))] = 0;
    for (char *p = r->to; *p && !own; p++)
        if (*p == '_')
            *p = ' ';
    r->size -= strlen(r->to);
    r->to += strlen(r->to);
}

/**
 * Puts a code, or several with ", " between them, into the room as their words; what is put there.
 * English has no catalogue: there a code is the word.
 */
static const char *
read_codes(const char *list, const char *codes, const struct embed *catalogue, struct room *r)
{
    const char *made = r->to;
    for (const char *one = codes, *end; one && r->size > 1; one = end ? end + 2 : NULL) {
        char code[40];
        end = strstr(one, ", ");
        int n = (int)(end ? (size_t)(end - one) : strlen(one));
        snprintf(code, sizeof code, "%.*s", n, one);
        const char *word = n < (int)sizeof code ? catalogue_find(catalogue, list, code) : NULL;
        const char *between = end ? catalogue_find(catalogue, NULL, N_(", ")) : "";
        put_word(r, list, word ? word : one, word ? strlen(word) : (size_t)n);
        between = between ? between : ", ";
        if (r->size > 1)
            put_word(r, list, between, strlen(between));
    }
    end_text(r);
    return made;
}

/** The @i-th argument as it is read with @catalogue; the part that it is, or in the room. */
static const char *
read_part(const struct status *e, size_t i, const char *part, const struct embed *catalogue,
          struct room *r)
{
    const char *code = e->codes & (1u << i) ? strchr(part, '\004') : NULL;
    if (!code)
        return part;
    char list[40];
    snprintf(list, sizeof list, "%.*s", (int)(code - part), part);
    const char *word = catalogue_find(catalogue, list, code + 1);
    return word ? word : read_codes(list, code + 1, catalogue, r);
}

/** The message without the field that it may begin with. */
static void
fill(const struct status *e, const char *template, const struct embed *catalogue, char *to,
     size_t size)
{
    const char *args[TEMPLATE_ARGS];
    char words[2 * sizeof e->parts];
    struct room room = {words, sizeof words};
    size_t n = 0;
    const char *part = e->parts;
    while (n + 1 < e->n_parts) {
        part += strlen(part) + 1;
        args[n] = read_part(e, n, part, catalogue, &room);
        n++;
    }
    template_fill(to, size, template, args, n);
    make_line(to);
}

/** Sets @e, whose code and field are there, by its parts. */
static int
set_parts(struct status *e, const char *template, const struct template_arg *args, size_t n)
{
    size_t at = 0;
    add_part(e, &at, NULL, template);
    for (size_t i = 0; i < n && i < TEMPLATE_ARGS; i++)
        add_part(e, &at, args[i].list, args[i].text);
    status_say(e, NULL, e->message, sizeof e->message);
    return -1;
}

static int
set_printed(struct status *e, const char *format, va_list va)
{
    struct template_arg args[TEMPLATE_ARGS];
    char texts[sizeof e->parts];
    int n = template_args(format, va, args, texts, sizeof texts);
    if (n >= 0)
        return set_parts(e, format, args, (size_t)n);
    print_line(texts, sizeof texts, format, va);
    args[0] = (struct template_arg){.text = texts};
    return set_parts(e, "%s", args, 1);
}

int
status_set_args(struct status *e, enum status_code code, const char *template,
                const struct template_arg *args, size_t n)
{
    *e = (struct status){.code = code};
    return set_parts(e, template, args, n);
}

void
status_fill(const struct status *e, const char *template, char *to, size_t size)
{
    fill(e, template, NULL, to, size);
}

void
status_say(const struct status *e, const struct embed *catalogue, char *to, size_t size)
{
    const char *said = e->n_parts ? catalogue_find(catalogue, NULL, e->parts) : NULL;
    int n = snprintf(to, size, "%s%s", e->names_field ? e->field : "", e->names_field ? ": " : "");
    fill(e, said ? said : e->parts, catalogue, to + n, size - (size_t)n);
}

int
status_set(struct status *e, enum status_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *e = (struct status){.code = code};
    set_printed(e, format, args);
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
    *e = (struct status){.code = STATUS_INVALID_ARGUMENT, .names_field = true};
    snprintf(e->field, sizeof e->field, "%s", field);
    set_printed(e, format, args);
    va_end(args);
    return -1;
}
