/**
 * `jiayi watch`: a call that the server holds until there is something to tell, again and again.
 * Each is asked for by the last thing that was printed: so nothing is printed twice or left out,
 * whatever becomes of the line and the server. It goes on for as long as --timeout says, or for
 * ever.
 */
#include <stdio.h>
#include <time.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/run/label.h"
#include "client/run/pages.h"
#include "client/run/request.h"
#include "common/clock.h"

enum {
    /** How long a call is held at most, in milliseconds. */
    HOLD_MS = 120000,
    /** So long before a call's deadline the server answers that there is nothing. */
    ANSWER_MS = 1000,
    /** Between attempts where the server cannot be reached, at first and at most. */
    FIRST_PAUSE_S = 1,
    MAX_PAUSE_S = 30,
    /** The most memory of one call. */
    CALL_BYTES = 8 << 20,
};

struct watch {
    struct client *client;
    const struct schema_method *method;
    ProtobufCMessage *request;
    const struct schema_field *since, *cursor, *items;
    /** Something came; something was printed. */
    bool has_answer, has_printed;
    unsigned pause_s;
    /** When to end, by clock_now_ms(); INT64_MAX for never. */
    int64_t end_ms;
    struct status *e;
};

/** How long there is still to watch, in milliseconds. */
static int64_t
left_ms(const struct watch *w)
{
    return w->end_ms == INT64_MAX ? INT64_MAX : w->end_ms - clock_now_ms();
}

/** The server may be back soon, and was there. */
static bool
may_come_back(const struct watch *w)
{
    return w->has_answer &&
           (w->e->code == STATUS_UNAVAILABLE || w->e->code == STATUS_DEADLINE_EXCEEDED ||
            (w->e->code == STATUS_RESOURCE_EXHAUSTED && w->e->retry_after_ms > 0));
}

/** Waits for the server, and says so to people once for each time that it is away. */
static void
wait_for_server(struct watch *w)
{
    if (w->pause_s == 0) {
        w->pause_s = FIRST_PAUSE_S;
        if (display_is_terminal(stderr))
            fprintf(stderr, _("%s; goes on when the server is there again\n"),
                    display_clean(w->client->arena, w->e->message, DISPLAY_ONE_LINE));
    }
    int64_t ms = w->pause_s * INT64_C(1000);
    if (ms > left_ms(w))
        ms = left_ms(w) > 0 ? left_ms(w) : 0;
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
    w->pause_s = w->pause_s * 2 > MAX_PAUSE_S ? MAX_PAUSE_S : w->pause_s * 2;
}

/** Prints what the answer tells, and has the next call ask for what follows. */
static int
take_answer(struct watch *w, struct arena *lasting, const ProtobufCMessage *answer)
{
    struct client *c = w->client;
    w->has_answer = true;
    w->pause_s = 0;
    if (message_count(answer, w->items) > 0) {
        label_learn(c, answer);
        struct print_options o = pages_options(c);
        if (print_news(c->arena, answer, w->items, !w->has_printed, &o, w->e) < 0)
            return -1;
        w->has_printed = true;
    }
    if (message_put_integer(lasting, w->request, w->since, message_integer(answer, w->cursor, 0)) <
        0)
        return failure_memory(w->e);
    return 0;
}

/** One call, in an arena of its own. */
static int
watch_once(struct watch *w)
{
    struct client *c = w->client;
    struct arena *lasting = c->arena;
    int rc = 0;
    if (!(c->arena = arena_new(CALL_BYTES))) {
        c->arena = lasting;
        return failure_memory(w->e);
    }
    c->parsed.timeout_ms = (left_ms(w) < HOLD_MS ? left_ms(w) : HOLD_MS) + ANSWER_MS;
    ProtobufCMessage *answer = session_call(c, w->method, w->request, w->e);
    if (answer)
        rc = take_answer(w, lasting, answer);
    else if (w->has_answer && w->e->code == STATUS_DEADLINE_EXCEEDED && left_ms(w) <= 0)
        w->pause_s = 0;
    else if (may_come_back(w))
        wait_for_server(w);
    else
        rc = -1;
    arena_free(c->arena);
    c->arena = lasting;
    c->labels = NULL;
    return rc;
}

int
watch_run(struct client *c, struct status *e)
{
    const struct schema_method *m = c->parsed.command->method;
    struct watch w = {
        .client = c,
        .method = m,
        .since = schema_find_field(m->in, "since"),
        .cursor = schema_find_field(m->out, "cursor"),
        .items = schema_find_field(m->out, "items"),
        .e = e,
    };
    if (!(w.request = request_make(c, e)) || session_open(c, e) < 0 || session_check(c, m, e) < 0 ||
        request_check(c, w.request, e) < 0)
        return -1;
    w.end_ms = c->parsed.timeout_ms ? clock_now_ms() + c->parsed.timeout_ms : INT64_MAX;
    do {
        if (watch_once(&w) < 0)
            return -1;
    } while (left_ms(&w) > 0);
    // Who waited for a server that did not come back has not watched to the end.
    return w.pause_s ? -1 : 0;
}
