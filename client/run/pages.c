#include "client/run/pages.h"

#include <stdio.h>
#include <string.h>

#include "client/output/display.h"
#include "client/run/label.h"
#include "client/run/version.h"
#include "common/json.h"

enum {
    /** The most memory that one page may take, in bytes. */
    PAGE_BYTES = 32 << 20,
    /** What a page has where nothing is said, and what it has at least, in rows. */
    PAGE_ROWS = 1000,
    LEAST_ROWS = 10,
};

/** A walk through the pages. */
struct walk {
    struct client *client;
    const struct schema_method *method;
    ProtobufCMessage *request;
    const struct schema_field *list, *size, *token, *next;
    /** The user said how many rows a page has. */
    bool size_given;
    size_t n_rows;
    struct status *e;
};

struct print_options
pages_options(const struct client *c)
{
    const struct parsed *p = &c->parsed;
    return (struct print_options){
        .output = p->output,
        .utc = p->utc,
        .bom = p->bom,
        .raw = p->raw,
        .no_pager = p->no_pager,
        .now = c->server_time,
        .labels = c->labels,
        .has_all = p->command->method && command_is_paged(p->command->method),
    };
}

bool
pages_wanted(const struct client *c)
{
    const char *all = c->parsed.command->method && command_is_paged(c->parsed.command->method)
                          ? parse_value(&c->parsed, "all")
                          : NULL;
    return all && strcmp(all, "true") == 0;
}

/** Says on a terminal how far it is; nothing once it is over. */
static void
show_progress(const struct walk *w, bool over)
{
    if (!display_is_terminal(stderr) ||
        (display_is_terminal(stdout) && w->client->parsed.output >= OUTPUT_JSON))
        return;
    fputc('\r', stderr);
    if (over)
        fprintf(stderr, "%*s\r", 40, "");
    else
        fprintf(stderr, ngettext("%zu row so far", "%zu rows so far", (unsigned long)w->n_rows),
                w->n_rows);
}

/** An answer larger than the server gives: smaller pages may do. */
static bool
may_be_smaller(const struct walk *w, int64_t *rows)
{
    *rows = w->size ? message_integer(w->request, w->size, 0) / 2 : 0;
    return !w->size_given && w->e->code == STATUS_RESOURCE_EXHAUSTED && w->e->retry_after_ms == 0 &&
           *rows >= LEAST_ROWS;
}

/** The next page, in the client's arena of the moment; NULL with the walk's error set. */
static ProtobufCMessage *
call_page(struct walk *w, struct arena *lasting)
{
    int64_t rows;
    for (;;) {
        ProtobufCMessage *page = session_call(w->client, w->method, w->request, w->e);
        if (page || !may_be_smaller(w, &rows))
            return page;
        if (message_put_integer(lasting, w->request, w->size, rows) < 0) {
            failure_memory(w->e);
            return NULL;
        }
    }
}

/** Has the request ask for the page after @page; *@ret_more is false where there is none. */
static int
ask_for_next(struct walk *w, struct arena *lasting, const ProtobufCMessage *page, bool *ret_more)
{
    const char *token = message_string(page, w->next);
    *ret_more = token && *token;
    w->n_rows += message_count(page, w->list);
    version_note(w->client, w->method, NULL, page);
    if (*ret_more && message_put_string(lasting, w->request, w->token, token, strlen(token)) < 0)
        return failure_memory(w->e);
    show_progress(w, !*ret_more);
    return 0;
}

/**
 * The walk fails: what is printed is one whole answer, which says where the list goes on, as any
 * page does. @at has that in the field @token.
 */
static void
end_early(struct walk *w, struct print_stream *s, const ProtobufCMessage *at,
          const struct schema_field *token)
{
    const struct status before = *w->e;
    struct status ignored;
    const char *text = message_string(at, token);
    if (!text) {
        print_stream_end(s, NULL);
        return;
    }
    print_stream_end(s, json_print_field(w->client->arena, at, token, JSON_ONE_LINE, &ignored));
    status_set(w->e, before.code,
               ngettext("%s (that was after %zu row; go on with --page-token %s)",
                        "%s (that was after %zu rows; go on with --page-token %s)",
                        (unsigned long)w->n_rows),
               before.message, w->n_rows, text);
}

/** A page from the call to the paper; *@ret_more says whether another one follows. */
static int
stream_page(struct walk *w, struct print_stream *s, struct arena *lasting, bool *ret_more)
{
    struct client *c = w->client;
    struct print_options o = pages_options(c);
    ProtobufCMessage *page = NULL;
    if (!c->arena)
        failure_memory(w->e);
    else
        page = call_page(w, lasting);
    bool is_printed = page &&
                      (s->list || print_stream_begin(s, c->arena, &o, w->method->out, w->e) == 0) &&
                      print_stream_rows(s, c->arena, page, w->e) == 0;
    if (is_printed && ask_for_next(w, lasting, page, ret_more) == 0)
        return 0;
    if (s->is_begun && c->arena)
        end_early(w, s, is_printed ? page : w->request, is_printed ? w->next : w->token);
    else if (s->is_begun)
        print_stream_end(s, NULL);
    return -1;
}

/** JSON and CSV: each page has an arena of its own. */
static int
stream_pages(struct walk *w)
{
    struct client *c = w->client;
    struct arena *lasting = c->arena;
    struct print_stream s = {0};
    bool more = true;
    int result = 0;
    while (result == 0 && more) {
        c->arena = arena_new(PAGE_BYTES);
        result = stream_page(w, &s, lasting, &more);
        arena_free(c->arena);
        c->arena = lasting;
    }
    if (result == 0)
        print_stream_end(&s, NULL);
    return result;
}

/** A table is laid out by all of its rows. */
static int
fail_too_many(struct walk *w)
{
    return status_set(w->e, STATUS_FAILED_HERE, "%s",
                      _("so many rows take too much memory as a table; -o csv and -o json give "
                        "them as they come"));
}

/** For people: all rows in one table. */
static int
collect_pages(struct walk *w)
{
    struct client *c = w->client;
    ProtobufCMessage *all = message_new(c->arena, w->method->out);
    bool more = all != NULL;
    if (!all)
        return failure_memory(w->e);
    while (more) {
        ProtobufCMessage *page = call_page(w, c->arena);
        if (!page || ask_for_next(w, c->arena, page, &more) < 0)
            return arena_is_short(c->arena) ? fail_too_many(w) : -1;
        for (size_t i = 0; i < message_count(page, w->list); i++)
            if (message_put(c->arena, all, w->list, message_value(page, w->list, i)) < 0)
                return fail_too_many(w);
    }
    label_learn(c, all);
    struct print_options o = pages_options(c);
    int result = print_answer(c->arena, all, &o, w->e);
    return result < 0 && arena_is_short(c->arena) ? fail_too_many(w) : result;
}

int
pages_run(struct client *c, const struct schema_method *method, ProtobufCMessage *request,
          struct status *e)
{
    struct walk w = {
        .client = c,
        .method = method,
        .request = request,
        .list = print_list_field(method->out),
        .size = schema_find_field(method->in, "page_size"),
        .token = schema_find_field(method->in, "page_token"),
        .next = schema_find_field(method->out, "next_page_token"),
        .e = e,
    };
    w.size_given = !w.size || message_has(request, w.size);
    if (!w.size_given && message_put_integer(c->arena, request, w.size, PAGE_ROWS) < 0)
        return failure_memory(e);
    int result = c->parsed.output == OUTPUT_JSON || c->parsed.output == OUTPUT_CSV
                     ? stream_pages(&w)
                     : collect_pages(&w);
    if (result < 0)
        show_progress(&w, true);
    return result;
}
