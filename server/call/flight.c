#include "server/call/flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/template.h"
#include "server/base/fault.h"
#include "server/base/metrics.h"
#include "server/call/whose.h"
#include "server/method/sqlstate.h"

/** Room for the name of a prepared statement. */
#define NAME_BYTES 16

/** The statements that begin a transaction. */
static const char authorize_name[] = "authorize", public_name[] = "public";
static const char authorize_sql[] = "SELECT jiayi.authorize($1::bytea, $2::integer, $3::bytea,"
                                    " $4::bytea, $5::text, $6::text, $7::text)";
static const char public_sql[] = "SELECT jiayi.authorize_public($1::text, $2::bytea, $3::integer)";

/* Sending. */

static void
expect(struct flight *f, enum flight_expect what)
{
    f->expected[f->n_expected++] = what;
}

static void
statement_name(char name[NAME_BYTES], unsigned id)
{
    snprintf(name, NAME_BYTES, "s%u", id);
}

/**
 * Prepares what the call needs and this connection does not know; before authorize, which may fail.
 */
static int
send_prepare(struct flight_session *s, struct flight *f, unsigned id, const char *sql,
             const struct statement_variant *v)
{
    char name[NAME_BYTES];
    Oid types[STATEMENT_MAX_PARAMS];
    int n = v ? v->n_params : 0;
    if (s->prepared[id])
        return 0;
    for (int i = 0; i < n; i++)
        types[i] = v->params[i].type;
    statement_name(name, id);
    expect(f, FLIGHT_PREPARE);
    s->prepared[id] = true;
    return PQsendPrepare(s->pg, name, sql, n, types) == 1 ? 0 : -1;
}

/** Prepares a statement that begins a transaction, where this connection does not know it. */
static int
send_begin_prepare(struct flight_session *s, struct flight *f, const char *name, const char *sql,
                   bool *is_known)
{
    if (*is_known)
        return 0;
    expect(f, FLIGHT_PREPARE);
    *is_known = true;
    return PQsendPrepare(s->pg, name, sql, 0, NULL) == 1 ? 0 : -1;
}

static int
send_authorize(struct flight_session *s, struct flight *f)
{
    struct call *c = f->call;
    char timeout[24];
    if ((c->work.authorize
             ? send_begin_prepare(s, f, authorize_name, authorize_sql, &s->knows_authorize)
             : send_begin_prepare(s, f, public_name, public_sql, &s->knows_public)) < 0)
        return -1;
    const char *request_id = c->has_request_id ? (const char *)c->request_id : NULL;
    snprintf(timeout, sizeof timeout, "%lld", (long long)call_left_ms(c) + 1);
    expect(f, FLIGHT_AUTHORIZE);
    if (!c->work.authorize) {
        const char *values[] = {c->method->schema->short_name, request_id, timeout};
        const int lengths[] = {0, REQUEST_ID_BYTES, 0}, formats[] = {0, 1, 0};
        return PQsendQueryPrepared(s->pg, public_name, 3, values, lengths, formats, 0) == 1 ? 0
                                                                                            : -1;
    }
    const char *sha256 = c->work.once && !f->is_replay ? (const char *)c->request_sha256 : NULL;
    /*
     * Of what changes nothing, nothing is noted; and to wait for news is no use of the session.
     */
    const char *noted =
        c->method->kind == JIAYI__V1__KIND__WRITE ? c->method->schema->short_name : NULL;
    const char *values[] = {(const char *)c->token_sha256,
                            c->method->permission_no,
                            request_id,
                            sha256,
                            noted,
                            timeout,
                            c->method->since ? NULL : c->address};
    const int lengths[] = {SHA256_BYTES, 0, REQUEST_ID_BYTES, SHA256_BYTES, 0, 0, 0};
    const int formats[] = {1, 0, 1, 1, 0, 0, 0};
    return PQsendQueryPrepared(s->pg, authorize_name, 7, values, lengths, formats, 0) == 1 ? 0 : -1;
}

static int
send_statement(struct flight_session *s, struct flight *f, const struct statement_variant *v,
               enum flight_expect what)
{
    struct call *c = f->call;
    struct bind_values b;
    char name[NAME_BYTES];
    int rc = c->method->native
                 ? bind_names(c->arena, v, c->work.named, c->work.n_named, &b, &c->status)
                 : bind_request(c->arena, v, c->in, c->request_sha256, &b, &c->status);
    if (rc < 0)
        return 0; /* the call's fault: the lane goes on, and the call ends with its Sync */
    statement_name(name, v->id);
    expect(f, what);
    /* A native method reads its rows as text. */
    int format = c->method->native == NULL;
    return PQsendQueryPrepared(s->pg, name, b.n, b.values, b.lengths, b.formats, format) == 1 ? 0
                                                                                              : -1;
}

static int
send_replay(struct flight_session *s, struct flight *f)
{
    const struct statement *kept = f->call->work.statement;
    const char *values[] = {(const char *)f->call->request_id};
    const int lengths[] = {REQUEST_ID_BYTES}, formats[] = {1};
    char name[NAME_BYTES];
    if (send_prepare(s, f, kept->replay_id, kept->replay_sql, NULL) < 0 || send_authorize(s, f) < 0)
        return -1;
    statement_name(name, kept->replay_id);
    expect(f, FLIGHT_REPLAY);
    return PQsendQueryPrepared(s->pg, name, 1, values, lengths, formats, 1) == 1 ? 0 : -1;
}

static int
send_statements(struct flight_session *s, struct flight *f)
{
    struct call_work *w = &f->call->work;
    const struct statement_variant *chosen[32];
    int n = 0;
    if (w->statement)
        chosen[n++] = bind_choose(w->statement, f->call->in);
    for (int i = 0; i < w->n_more; i++)
        chosen[n++] = bind_choose(w->more[i], f->call->in);
    for (int i = 0; i < n; i++)
        if (send_prepare(s, f, chosen[i]->id, chosen[i]->sql, chosen[i]) < 0)
            return -1;
    if (send_authorize(s, f) < 0)
        return -1;
    for (int i = 0; i < n && f->call->status.code == STATUS_OK; i++)
        if (send_statement(s, f, chosen[i], i == 0 && w->statement ? FLIGHT_FIRST : FLIGHT_MORE) <
            0)
            return -1;
    return 0;
}

int
flight_send(struct flight_session *s, struct flight *f)
{
    f->n_expected = f->at = f->next_more = 0;
    f->failed = f->replay = f->is_empty = false;
    if ((f->is_replay ? send_replay(s, f) : send_statements(s, f)) < 0)
        return -1;
    expect(f, FLIGHT_SYNC);
    return PQpipelineSync(s->pg) == 1 ? 0 : -1;
}

/* Receiving. */

/**
 * Who called, for the log: of "EMAIL COMPANY SESSION …". 0, or -1 where there is no memory.
 */
static int
take_names(struct call *c, const char *names)
{
    size_t member_n = strcspn(names, " ");
    const char *company = names + member_n + (names[member_n] == ' ');
    const char *m = arena_copy(c->arena, names, member_n);
    const char *o = arena_copy(c->arena, company, strcspn(company, " "));
    if (!m || !o)
        return -1;
    c->member = m;
    c->company = o;
    c->session = strtoll(company + strcspn(company, " "), NULL, 10);
    return 0;
}

/** Who was refused: authorize() says it in the error's hint. */
static void
take_refused_caller(struct call *c, const char *hint)
{
    static const char key[] = "caller=";
    if (hint && strncmp(hint, key, sizeof key - 1) == 0 && take_names(c, hint + sizeof key - 1) < 0)
        c->member = c->company = "";
}

static void
take_error(struct flight_session *s, struct flight *f, const PGresult *r)
{
    const char *sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
    if (f->failed)
        return;
    f->failed = true;
    /*
     * invalid_sql_statement_name; feature_not_supported: "cached plan must not change result type".
     */
    s->is_stale = f->expected[f->at] == FLIGHT_PREPARE ||
                  (sqlstate && (strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "0A000") == 0));
    f->replay = sqlstate_is_replay(sqlstate, constraint);
    take_refused_caller(f->call, PQresultErrorField(r, PG_DIAG_MESSAGE_HINT));
    if (!f->replay && f->call->status.code == STATUS_OK)
        sqlstate_to_status(&f->call->status, sqlstate,
                           PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY),
                           PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL), constraint);
}

static void
clear_result(void *result)
{
    PQclear(result);
}

/** What the statement caught, in the caller's words. */
static void
say_caught(struct call *c)
{
    const struct schema_field *list =
        schema_find_field(c->method->schema->out, c->method->schema->option->catches);
    const struct schema_field *message = schema_find_field(list->message, "message");
    for (size_t i = 0; i < message_count(c->out, list); i++) {
        ProtobufCMessage *row = *(ProtobufCMessage *const *)message_value(c->out, list, i);
        struct status said = {0};
        char text[sizeof said.message];
        sqlstate_caught(&said, message_string(row, message));
        status_say(&said, c->language, text, sizeof text);
        if (message_put_string(c->arena, row, message, text, strlen(text)) < 0)
            status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    }
}

/** Ends the call with the refusal that the statement answered, if it did: what it did stays. */
static void
take_refusal(struct call *c, const struct statement *s, const PGresult *r)
{
    const char *refusal = bind_refusal(s, r);
    if (refusal)
        sqlstate_caught(&c->status, refusal);
}

/**
 * Takes the rows of a statement; the result goes with the call's arena, for strings point into it.
 */
static void
take_rows(struct flight *f, const struct statement *s, PGresult *r)
{
    struct call *c = f->call;
    if (arena_defer(c->arena, clear_result, r) < 0) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
        return;
    }
    if (c->method->native) {
        c->work.rows = r;
        return;
    }
    /* A page is costly to make. What a WRITE came to is said all the same: it is done. */
    if (!c->work.once && call_drop_abandoned(c))
        return;
    int n = bind_result(c->arena, s, r, c->in, c->out, &c->status);
    if (n > 0 && c->method->schema->option->catches)
        say_caught(c);
    if (n > 0)
        take_refusal(c, s, r);
    if (n == 0 && s == c->work.statement && !s->rows)
        f->is_empty = true;
}

/** Who called: from authorize(). */
static void
take_caller(struct call *c, const PGresult *r)
{
    if (!c->work.authorize || PQntuples(r) != 1 || PQnfields(r) != 1)
        return;
    if (take_names(c, PQgetvalue(r, 0, 0)) < 0) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
        return;
    }
    whose_remember(c);
}

bool
flight_take(struct flight_session *s, struct flight *f, PGresult *r)
{
    enum flight_expect what = f->expected[f->at];
    struct call_work *w = &f->call->work;
    ExecStatusType status = PQresultStatus(r);
    if (f->at == 0)
        call_lap(f->call, CALL_DATABASE);
    if (status == PGRES_PIPELINE_ABORTED)
        return false;
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        take_error(s, f, r);
        return false;
    }
    if (what == FLIGHT_FIRST || what == FLIGHT_MORE)
        fault_point_of("after_statement", f->call->method->schema->short_name);
    switch (what) {
    case FLIGHT_AUTHORIZE:
        fault_point_of("after_authorize", f->call->method->schema->short_name);
        take_caller(f->call, r);
        return false;
    case FLIGHT_FIRST:
    case FLIGHT_REPLAY: take_rows(f, w->statement, r); return true;
    case FLIGHT_MORE: take_rows(f, w->more[f->next_more++], r); return true;
    default: return false;
    }
}

bool
flight_is_out_of_step(const struct flight *f, const PGresult *r)
{
    if (PQresultStatus(r) == PGRES_PIPELINE_SYNC)
        return f->at < f->n_expected - 1;
    return f->at >= f->n_expected ||
           (f->expected[f->at] == FLIGHT_SYNC && !PQresultErrorField(r, PG_DIAG_SQLSTATE));
}

/* The end. */

void
flight_begin_again(struct flight *f)
{
    struct call *c = f->call;
    if (f->n_expected == 0)
        return;
    memset(&c->status, 0, sizeof c->status);
    if (c->method->native)
        c->work.rows = NULL;
    else
        c->out = message_new(c->arena, c->method->schema->out);
    c->retries++;
    metrics_count(METRICS_CALL_RETRIES);
    if (!c->method->native && !c->out)
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
}

/** No row was answered: what that means, the method says; else that there is nothing. */
static void
refuse_empty(struct call *c)
{
    const char *on_nothing = c->method->schema->option->on_nothing;
    const struct schema_field *s = c->method->subject;
    const char *text = s ? message_text(c->arena, c->in, s) : NULL;
    const struct template_arg args[] = {{c->method->noun, "object"}, {text, NULL}};
    if (on_nothing)
        status_set_args(&c->status, STATUS_INVALID_ARGUMENT, on_nothing, NULL, 0);
    else
        status_set_args(&c->status, STATUS_NOT_FOUND,
                        text ? N_("there is no %s %s that you can see")
                             : N_("there is no %s that you can see"),
                        args, text ? 2 : 1);
}

void
flight_end(struct flight *f)
{
    struct call *c = f->call;
    c->replayed = f->is_replay;
    call_lap(c, CALL_RESULTS);
    if (f->is_empty && c->status.code == STATUS_OK)
        refuse_empty(c);
}
