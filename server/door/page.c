#include "server/door/page.h"

#include <stdio.h>
#include <string.h>

#include "common/embed.h"
#include "server/door/browser.h"
#include "server/door/http2_head.h"

/** What files are, by the end of their names. */
static const struct {
    const char *end, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},      {".json", "application/json; charset=utf-8"},
    {".svg", "image/svg+xml; charset=utf-8"},
};

static const char first[] = "index.html";

static void
put(struct page_answer *a, const char *name, const char *value)
{
    a->fields[a->n_fields++] = (struct http2_field){name, value};
}

static bool
ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

static const char *
type_of(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ends_with(name, types[i].end))
            return types[i].type;
    return NULL;
}

/** A file by its name; NULL where there is none. */
static const struct embed *
find(const char *name, const char *end)
{
    size_t n = strlen(name);
    for (const struct embed *e = embed_page; e->name; e++)
        if (strncmp(e->name, name, n) == 0 && strcmp(e->name + n, end) == 0)
            return e;
    return NULL;
}

/** The next member of a list, with what it says of itself; its length, 0 behind the last one. */
static size_t
next_member(const char **list, const char **ret)
{
    *ret = *list + strspn(*list, ", \t");
    size_t n = strcspn(*ret, ",");
    *list = *ret + n;
    while (n > 0 && ((*ret)[n - 1] == ' ' || (*ret)[n - 1] == '\t'))
        n--;
    return n;
}

/** A weight of nothing: "; q=0.0". */
static bool
is_refused(const char *weight)
{
    weight += strspn(weight, "; \t");
    return strncmp(weight, "q=0", 3) == 0 &&
           strspn(weight + 3, ".0") == strcspn(weight + 3, ",; \t");
}

/** True where the browser takes a coding. */
static bool
takes(const struct http2_head *h, const char *coding)
{
    const char *list = http2_head_get(h, "accept-encoding"), *member;
    while (list && next_member(&list, &member) > 0) {
        size_t n = strcspn(member, ",; \t");
        if (n == strlen(coding) && strncmp(member, coding, n) == 0)
            return !is_refused(member + n);
    }
    return false;
}

/** True where the browser has what is named so already. A proxy may have called it weak. */
static bool
has_it(const struct http2_head *h, const char *etag)
{
    const char *list = http2_head_get(h, "if-none-match"), *member;
    for (size_t n; list && (n = next_member(&list, &member)) > 0;) {
        bool is_weak = strncmp(member, "W/", 2) == 0;
        if ((n == 1 && *member == '*') || (n == strlen(etag) + 2 * is_weak &&
                                           strncmp(member + 2 * is_weak, etag, strlen(etag)) == 0))
            return true;
    }
    return false;
}

bool
page_is_asked(const struct http2_head *h)
{
    const char *method = http2_head_get(h, ":method"), *path = http2_head_get(h, ":path");
    bool is_read = method && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0);
    /* What has a second part is a method's name: what is asked of it is asked by POST. */
    return is_read && path && *path == '/' && !strchr(path + 1, '/');
}

static void
put_text(struct page_answer *a, const char *status, const char *text)
{
    put(a, ":status", status);
    put(a, "content-type", "text/plain; charset=utf-8");
    put(a, "cache-control", "no-store");
    a->body = text;
    a->size = strlen(text);
}

/** A file, packed where the browser takes that; nothing but its name where it has it already. */
static void
put_file(struct page_answer *a, const struct http2_head *h, const struct embed *plain)
{
    bool is_first = strcmp(plain->name, first) == 0;
    const struct embed *packed = takes(h, "gzip") ? find(plain->name, ".gz") : NULL;
    const struct embed *file = packed ? packed : plain;
    snprintf(a->etag, sizeof a->etag, "\"%s\"", file->sha256);
    bool is_there = has_it(h, a->etag);
    put(a, ":status", is_there ? "304" : "200");
    put(a, "etag", a->etag);
    put(a, "vary", "accept-encoding");
    put(a, "cache-control", is_first ? "no-cache" : "public, max-age=31536000, immutable");
    if (is_there)
        return;
    put(a, "content-type", type_of(plain->name));
    if (packed)
        put(a, "content-encoding", "gzip");
    a->body = file->data;
    a->size = file->size;
}

void
page_find(const struct http2_head *h, struct page_answer *ret)
{
    const char *name = http2_head_get(h, ":path") + 1;
    const struct embed *file = find(*name ? name : first, "");
    *ret = (struct page_answer){.n_fields = 0};
    /* The first has one name; what is packed is asked for by its plain name. */
    if (file && type_of(file->name) && strcmp(name, first) != 0)
        put_file(ret, h, file);
    else
        put_text(ret, "404", "there is no such page\n");
    if (ret->body) {
        snprintf(ret->length, sizeof ret->length, "%zu", ret->size);
        put(ret, "content-length", ret->length);
    }
    for (size_t i = 0; i < BROWSER_FIELDS; i++)
        put(ret, browser_fields[i].name, browser_fields[i].value);
    if (strcmp(http2_head_get(h, ":method"), "HEAD") == 0)
        ret->body = NULL;
}

void
page_send(struct http2 *h, int32_t stream, const struct page_answer *a)
{
    http2_answer(h, stream, a->fields, a->n_fields, !a->body);
    if (!a->body)
        return;
    http2_send(h, stream, a->body, a->size);
    http2_finish(h, stream, NULL, 0);
}
