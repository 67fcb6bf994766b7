#include "server/door/sp_calls.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/wipe.h"
#include "server/base/fault.h"
#include "server/call/held.h"
#include "server/call/journal.h"
#include "server/door/connection.h"
#include "server/door/envelope.h"
#include "server/door/sp.h"

struct sp_peer {
    struct connection *connection;
    struct sp_reader reader;
};

/** Where a call's answer goes. In the call's arena. */
struct destination {
    struct connection *connection;
    /** What its request counts for in the connection's memory. */
    size_t request_bytes;
    size_t ids_bytes;
    uint8_t ids[4 * SP_IDS_MAX];
};

/** The reply with SP's length and ids before it; NULL without memory. The caller frees it. */
static uint8_t *
frame_reply(const struct connection_shared *s, struct call *c, size_t *ret_n)
{
    const struct destination *d = c->owner;
    struct envelope_reply reply;
    size_t size = d->ids_bytes + envelope_make(&reply, s->message_limit_bytes, c);
    uint8_t *framed = malloc(SP_LENGTH_BYTES + size);
    if (!framed)
        return NULL;
    sp_length(framed, size);
    memcpy(framed + SP_LENGTH_BYTES, d->ids, d->ids_bytes);
    envelope_pack(&reply, framed + SP_LENGTH_BYTES + d->ids_bytes);
    fault_point_of("before_reply", c->method ? c->method->schema->short_name : NULL);
    *ret_n = SP_LENGTH_BYTES + size;
    return framed;
}

/** Answers a call; runs on whichever thread ended it. */
static void
answer_call(struct call *c)
{
    const struct destination *d = c->owner;
    const struct connection_shared *s = connection_shared(d->connection);
    size_t n = 0;
    uint8_t *framed = call_is_abandoned(c) ? NULL : frame_reply(s, c, &n);
    journal_write(c, s->slow_call_ms);
    connection_answer(d->connection, c, d->request_bytes, framed, n);
    wipe_free(framed); /* it may have a session's token */
}

/* Held calls: see server/call/held.h. A place is a destination of its own. */

static const struct call_door door;

static struct call *
new_call(const struct destination *to)
{
    struct call *c = call_begin((size_t)connection_shared(to->connection)->arena_limit_bytes);
    struct destination *d = c ? arena_copy(c->arena, to, sizeof *to) : NULL;
    if (!d) {
        arena_free(c ? c->arena : NULL);
        return NULL;
    }
    c->finish = answer_call;
    c->owner = d;
    c->door = &door;
    return c;
}

static void *
put_by(struct call *c)
{
    const struct destination *d = c->owner;
    struct destination *place = malloc(sizeof *place);
    if (!place)
        return NULL;
    *place = *d;
    arena_free(c->arena);
    connection_hold(place->connection, true);
    return place;
}

static struct call *
take_up(void *place)
{
    struct destination *d = place;
    struct call *c = new_call(d);
    if (!c)
        return NULL;
    connection_resume(d->connection, c);
    free(d);
    return c;
}

static bool
is_gone(const void *place)
{
    return connection_is_gone(((const struct destination *)place)->connection);
}

static void
give_up(void *place)
{
    struct destination *d = place;
    connection_forget(d->connection, d->request_bytes, true);
    free(d);
}

static const struct call_door door = {put_by, take_up, is_gone, give_up};

/** Sees a message through the gate. Returns false without memory. */
static bool
take_message(struct connection *from, struct sp_message *m)
{
    const struct gate *gate = connection_shared(from)->gate;
    struct destination to = {.connection = from,
                             .ids_bytes = m->ids_bytes,
                             .request_bytes = m->ids_bytes + m->body_bytes};
    memcpy(to.ids, m->bytes, m->ids_bytes);
    struct call *c = new_call(&to);
    if (c) {
        struct gate_request r;
        connection_take_call(from, c, m->ids_bytes + m->body_bytes);
        envelope_open(c, gate->methods->schema, m->body, m->body_bytes, &r);
        gate_enter(gate, c, &r);
    }
    wipe_free(m->bytes);
    return c != NULL;
}

/* The protocol's operations. */

static void *
sp_start(struct connection *c)
{
    uint8_t greeting[SP_GREETING_BYTES];
    struct sp_peer *p = calloc(1, sizeof *p);
    sp_greeting(greeting);
    if (!p || !connection_say(c, greeting, sizeof greeting)) {
        free(p);
        return NULL;
    }
    p->connection = c;
    return p;
}

static uint64_t
sp_peer_wanted(const void *peer)
{
    return sp_wanted(&((const struct sp_peer *)peer)->reader);
}

static bool
sp_take(void *peer, const uint8_t *data, size_t n, uint64_t limit, enum metrics_refused *why)
{
    struct sp_peer *p = peer;
    struct sp_message m;
    size_t used;
    *why = METRICS_REFUSED_BAD_FRAME;
    switch (sp_read(&p->reader, data, n, limit, &used, &m)) {
    case SP_MORE: return true;
    case SP_MESSAGE:
        if (take_message(p->connection, &m))
            return true;
        /* FALLTHROUGH */
    case SP_NO_MEMORY: *why = METRICS_REFUSED_BUFFERS_LIMIT; break;
    case SP_TOO_LARGE: *why = METRICS_REFUSED_MESSAGE_TOO_LARGE; break;
    case SP_BAD: break;
    }
    return false;
}

static enum protocol_phase
sp_phase(const void *peer)
{
    const struct sp_reader *r = &((const struct sp_peer *)peer)->reader;
    return !r->is_greeted     ? PROTOCOL_GREETING
           : sp_is_between(r) ? PROTOCOL_BETWEEN
                              : PROTOCOL_MESSAGE;
}

static size_t
sp_peer_held(const void *peer)
{
    return sp_held(&((const struct sp_peer *)peer)->reader);
}

static void
sp_peer_free(void *peer)
{
    sp_free(&((struct sp_peer *)peer)->reader);
    free(peer);
}

const struct protocol sp_calls_protocol = {
    .start = sp_start,
    .wanted = sp_peer_wanted,
    .take = sp_take,
    .phase = sp_phase,
    .held = sp_peer_held,
    .free = sp_peer_free,
};
