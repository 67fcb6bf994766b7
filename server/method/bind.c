#include "server/method/bind.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/json.h"
#include "server/method/page.h"
#include "server/method/pg_type.h"
#include "server/method/record.h"
#include "server/method/sqlstate.h"

/** Seconds from 1970 to 2000, where PostgreSQL's times begin. */
static const int64_t pg_epoch_s = 946684800;

/* Values. */

/** Whether the request has the form: names one of the fields that it is for. */
static bool
has_form(const struct statement_form *form, const ProtobufCMessage *request)
{
    for (int i = 0; i < form->n_asked; i++)
        if (message_has(request, form->asked[i]))
            return true;
    return form->n_asked == 0;
}

const struct statement_variant *
bind_choose(const struct statement *s, const ProtobufCMessage *request)
{
    const struct statement_form *form = &s->forms[s->n_forms - 1];
    while (form > s->forms && !has_form(form, request))
        form--;
    int mask = 0;
    for (int i = 0; i < form->n_conditions; i++)
        mask |= message_has(request, form->conditions[i]) << i;
    return &s->variants[form->first_variant + mask];
}

static int
set_value(struct bind_values *v, int i, const void *value, size_t length, bool is_binary)
{
    v->values[i] = value;
    v->lengths[i] = (int)length;
    v->formats[i] = is_binary;
    return value ? 0 : -1;
}

/** An element of a repeated field, a string or a whole number, as text. */
static const char *
element_text(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
             size_t k)
{
    const void *value = message_value(message, f, k);
    if (f->pb->type == PROTOBUF_C_TYPE_STRING)
        return *(char *const *)value;
    char *text = arena_alloc(a, 24);
    if (text)
        snprintf(text, 24, "%lld",
                 f->pb->type == PROTOBUF_C_TYPE_INT64 ? (long long)*(const int64_t *)value
                                                      : (long long)*(const int32_t *)value);
    return text;
}

/** PostgreSQL's binary form of a one-dimensional text[]. */
static int
bind_array(struct arena *a, struct bind_values *v, int i, const ProtobufCMessage *message,
           const struct schema_field *f)
{
    size_t n = message_count(message, f), size = 20;
    const char **texts = arena_alloc(a, (n + 1) * sizeof *texts);
    if (!texts)
        return -1;
    for (size_t k = 0; k < n; k++) {
        texts[k] = element_text(a, message, f, k);
        if (!texts[k])
            return -1;
        size += 4 + strlen(texts[k]);
    }
    uint8_t *out = arena_alloc(a, size), *at = out;
    if (!out)
        return -1;
    const uint32_t head[] = {htobe32(n > 0), 0, htobe32(PG_TYPE_TEXT), htobe32((uint32_t)n),
                             htobe32(1)};
    size_t head_size = n > 0 ? sizeof head : 12;
    memcpy(at, head, head_size);
    at += head_size;
    for (size_t k = 0; k < n; k++) {
        uint32_t length = htobe32((uint32_t)strlen(texts[k]));
        memcpy(at, &length, 4);
        memcpy(at + 4, texts[k], strlen(texts[k]));
        at += 4 + strlen(texts[k]);
    }
    return set_value(v, i, out, (size_t)(at - out), true);
}

/** Repeated messages: an array of objects. */
static int
bind_objects(struct arena *a, struct bind_values *v, int i, const ProtobufCMessage *message,
             const struct schema_field *f)
{
    struct status ignored;
    return set_value(v, i, json_print_field(a, message, f, JSON_ONE_LINE, &ignored), 0, false);
}

static int
bind_integer(struct arena *a, struct bind_values *v, int i, int64_t value, Oid type)
{
    uint8_t *out = arena_alloc(a, 24);
    if (!out)
        return -1;
    switch (type) {
    case PG_TYPE_INT8: {
        uint64_t wide = htobe64((uint64_t)value);
        memcpy(out, &wide, 8);
        return set_value(v, i, out, 8, true);
    }
    case PG_TYPE_INT4:
        if (value == (int32_t)value) {
            uint32_t narrow = htobe32((uint32_t)value);
            memcpy(out, &narrow, 4);
            return set_value(v, i, out, 4, true);
        }
        break;
    case PG_TYPE_BOOL: out[0] = value != 0; return set_value(v, i, out, 1, true);
    default: break;
    }
    /* As text PostgreSQL takes it for any type, and refuses what does not fit. */
    return set_value(v, i, out, (size_t)snprintf((char *)out, 24, "%lld", (long long)value), false);
}

static int
bind_timestamp(struct arena *a, struct bind_values *v, int i, const ProtobufCMessage *timestamp)
{
    const struct schema_message *m = schema_of(timestamp);
    int64_t s = message_integer(timestamp, schema_find_field(m, "seconds"), 0);
    int64_t ns = message_integer(timestamp, schema_find_field(m, "nanos"), 0);
    return bind_integer(a, v, i, (s - pg_epoch_s) * 1000000 + ns / 1000, PG_TYPE_INT8);
}

static int
bind_field(struct arena *a, struct bind_values *v, int i, const struct statement_param *p,
           const ProtobufCMessage *message)
{
    for (int k = 0; message && k < p->depth - 1; k++)
        message = message_child(message, p->path[k]);
    const struct schema_field *f = p->path[p->depth - 1];
    if (!message || (!message_has(message, f) && p->type != PG_TYPE_TEXT_ARRAY))
        return 0; /* absent: NULL */
    if (p->type == PG_TYPE_TEXT_ARRAY)
        return bind_array(a, v, i, message, f);
    if (p->type == PG_TYPE_JSONB)
        return bind_objects(a, v, i, message, f);
    if (f->message)
        return bind_timestamp(a, v, i, message_child(message, f));
    if (f->pb->type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *bytes = message_value(message, f, 0);
        return set_value(v, i, bytes->len ? (const void *)bytes->data : "", bytes->len, true);
    }
    if (f->pb->type == PROTOBUF_C_TYPE_STRING)
        return set_value(v, i, message_string(message, f), 0, false);
    return bind_integer(a, v, i, message_integer(message, f, 0), p->type);
}

static int
new_values(struct arena *a, int n, struct bind_values *ret, struct status *e)
{
    size_t count = (size_t)n + 1;
    *ret = (struct bind_values){.n = n,
                                .values = arena_alloc(a, count * sizeof(char *)),
                                .lengths = arena_alloc(a, count * sizeof(int)),
                                .formats = arena_alloc(a, count * sizeof(int))};
    if (!ret->values || !ret->lengths || !ret->formats)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    return 0;
}

static int
bind_param(struct arena *a, const struct statement_param *p, int i, const ProtobufCMessage *request,
           const uint8_t *request_sha256, struct bind_values *ret, struct status *e)
{
    switch (p->source) {
    case STATEMENT_PAGE_LIMIT: return bind_integer(a, ret, i, page_size(request) + 1, p->type);
    case STATEMENT_PAGE_AFTER: {
        const char *key = NULL;
        if (page_after(a, request, &key, e) < 0)
            return -1;
        /* A token of another list may not even be a number. */
        if (key && p->type == PG_TYPE_INT8 && strspn(key, "-0123456789") != strlen(key))
            return page_refuse(e);
        return key ? set_value(ret, i, key, 0, false) : 0;
    }
    case STATEMENT_REQUEST_SHA256: return set_value(ret, i, request_sha256, 32, true);
    default: return bind_field(a, ret, i, p, request);
    }
}

int
bind_request(struct arena *a, const struct statement_variant *v, const ProtobufCMessage *request,
             const uint8_t *request_sha256, struct bind_values *ret, struct status *e)
{
    if (new_values(a, v->n_params, ret, e) < 0)
        return -1;
    for (int i = 0; i < v->n_params; i++)
        if (bind_param(a, &v->params[i], i, request, request_sha256, ret, e) < 0)
            return e->code
                       ? -1
                       : status_set(e, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    return 0;
}

int
bind_names(struct arena *a, const struct statement_variant *v, const struct bind_named *named,
           size_t n, struct bind_values *ret, struct status *e)
{
    if (new_values(a, v->n_params, ret, e) < 0)
        return -1;
    for (int i = 0; i < v->n_params; i++)
        for (size_t k = 0; k < n; k++)
            if (strcmp(named[k].name, v->params[i].name) == 0)
                ret->values[i] = named[k].value;
    return 0;
}

/* Rows. */

static int64_t
read_integer(const char *value, int length)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (length) {
    case 1: return *value;
    case 2: memcpy(&two, value, 2); return (int16_t)be16toh(two);
    case 4: memcpy(&four, value, 4); return (int32_t)be32toh(four);
    default: memcpy(&eight, value, 8); return (int64_t)be64toh(eight);
    }
}

static int
fill_timestamp(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, int64_t us)
{
    ProtobufCMessage *t = message_new(a, f->message);
    if (!t)
        return -1;
    int64_t s = us / 1000000, rest = us % 1000000;
    if (rest < 0) {
        rest += 1000000;
        s--;
    }
    if (message_put_integer(a, t, schema_find_field(f->message, "seconds"), s + pg_epoch_s) < 0 ||
        message_put_integer(a, t, schema_find_field(f->message, "nanos"), rest * 1000) < 0)
        return -1;
    return message_put(a, message, f, &t);
}

static int
fill_date(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, int64_t days)
{
    time_t at = (time_t)(days * 86400 + pg_epoch_s);
    struct tm day;
    gmtime_r(&at, &day);
    char *text = arena_alloc(a, 16);
    if (!text || strftime(text, 16, "%Y-%m-%d", &day) == 0)
        return -1;
    return message_put(a, message, f, &text);
}

/** The elements of a text[] in binary form; NULL elements are left out. */
static int
fill_array(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
           const char *value, int length)
{
    if (length < 20)
        return 0; /* no dimensions: empty */
    int64_t n = read_integer(value + 12, 4);
    const char *at = value + 20, *end = value + length;
    for (int64_t i = 0; i < n && end - at >= 4; i++) {
        int64_t size = read_integer(at, 4);
        at += 4;
        if (size < 0)
            continue;
        if (size > end - at || message_put_string(a, message, f, at, (size_t)size) < 0)
            return -1;
        at += size;
    }
    return 0;
}

/**
 * An array of objects becomes the elements of a repeated message field. A jsonb's binary form is
 * a 1 and the text.
 */
static int
fill_objects(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
             const char *value, int length)
{
    struct status ignored;
    const char *text =
        length > 1 ? arena_print(a, "{\"%s\":%.*s}", f->pb->name, length - 1, value + 1) : NULL;
    ProtobufCMessage *read =
        text ? json_read(a, schema_of(message), text, strlen(text), &ignored) : NULL;
    for (size_t i = 0; read && i < message_count(read, f); i++)
        if (message_put(a, message, f, message_value(read, f, i)) < 0)
            return -1;
    return read ? 0 : -1;
}

static int
fill_value(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, Oid type,
           const char *value, int length)
{
    switch (type) {
    case PG_TYPE_TEXT:
    case PG_TYPE_VARCHAR:
    case PG_TYPE_NAME: return message_put(a, message, f, &value);
    case PG_TYPE_TIMESTAMPTZ: return fill_timestamp(a, message, f, read_integer(value, length));
    case PG_TYPE_DATE: return fill_date(a, message, f, read_integer(value, length));
    case PG_TYPE_TEXT_ARRAY: return fill_array(a, message, f, value, length);
    case PG_TYPE_JSONB: return fill_objects(a, message, f, value, length);
    case PG_TYPE_BYTEA: {
        ProtobufCBinaryData bytes = {(size_t)length, (uint8_t *)value};
        return message_put(a, message, f, &bytes);
    }
    case PG_TYPE_FLOAT8: {
        int64_t bits = read_integer(value, length);
        return message_put(a, message, f, &bits);
    }
    default: return message_put_integer(a, message, f, read_integer(value, length));
    }
}

/** A row is not what its statement answered at boot. */
static int
refuse_row(const struct statement *s, struct status *e)
{
    sqlstate_to_status(e, "XX000", NULL, NULL, NULL);
    return status_detail(e, "%s answers other columns than at the start", s->file);
}

static int
fill_row(struct arena *a, const struct statement *s, const PGresult *result, int row,
         ProtobufCMessage *to, struct status *e)
{
    struct record r;
    struct record_value v;
    if (record_open(&r, result, row, s->n_columns) < 0)
        return refuse_row(s, e);
    for (int i = 0; i < s->n_columns; i++) {
        const struct statement_column *c = &s->columns[i];
        if (record_next(&r, c->type, &v) < 0)
            return refuse_row(s, e);
        if (c->depth == 0 || !v.at)
            continue;
        ProtobufCMessage *at = to;
        for (int k = 0; at && k < c->depth - 1; k++)
            at = message_need_child(a, at, c->path[k]);
        if (!at || fill_value(a, at, c->path[c->depth - 1], c->type, v.at, v.length) < 0)
            return -1;
    }
    return 0;
}

/** The value of one column of a row; NULL where that is NULL. */
static struct record_value
find_value(const struct statement *s, const PGresult *result, int row, int column)
{
    struct record r;
    struct record_value v = {0};
    int rc = record_open(&r, result, row, s->n_columns);
    for (int i = 0; i <= column && rc == 0; i++)
        rc = record_next(&r, s->columns[i].type, &v);
    return rc == 0 ? v : (struct record_value){0};
}

const char *
bind_refusal(const struct statement *s, const PGresult *result)
{
    return s->refusal < 0 ? NULL : find_value(s, result, 0, s->refusal).at;
}

/**
 * How many rows of a page fit an answer, at least one: texts may be long, and who asks for a
 * thousand of them is to get as many as there is room for.
 */
static int
fitting_rows(const struct statement *s, const PGresult *result, int n)
{
    size_t bytes = 0;
    if (PQresultMemorySize(result) <= PAGE_BYTES) /* as is usual */
        return n;
    for (int row = 0; row < n; row++) {
        for (int i = 0; i < s->n_columns; i++)
            bytes += (size_t)PQgetlength(result, row, i);
        if (bytes > PAGE_BYTES && row > 0)
            return row;
    }
    return n;
}

/**
 * There is more: the key of the last row kept becomes the token of the next page; of a part of an
 * answer, which has a list of its own, the answer only says so.
 */
static int
fill_more(struct arena *a, const struct statement *s, const PGresult *result, int row,
          const ProtobufCMessage *request, ProtobufCMessage *response)
{
    const char *value = find_value(s, result, row, s->page_key).at, *token;
    char number[24];
    if (s->more->pb->type == PROTOBUF_C_TYPE_BOOL)
        return message_put_integer(a, response, s->more, 1);
    if (value && s->columns[s->page_key].type == PG_TYPE_INT8) {
        snprintf(number, sizeof number, "%lld", (long long)read_integer(value, 8));
        value = number;
    }
    token = page_token(a, request, value ? value : "");
    return token ? message_put(a, response, s->more, &token) : -1;
}

/** The rows as elements of the response's repeated field, as far as they belong to the page. */
static int
fill_rows(struct arena *a, const struct statement *s, const PGresult *result,
          const ProtobufCMessage *request, ProtobufCMessage *response, struct status *e)
{
    int n = PQntuples(result);
    bool more = false;
    if (s->page_key >= 0) {
        int size = (int)page_size(request), kept = fitting_rows(s, result, n > size ? size : n);
        more = n > kept;
        n = kept;
    }
    for (int row = 0; row < n; row++) {
        ProtobufCMessage *element = message_new(a, s->rows->message);
        if (!element || message_put(a, response, s->rows, &element) < 0 ||
            fill_row(a, s, result, row, element, e) < 0)
            return -1;
    }
    return more && fill_more(a, s, result, n - 1, request, response) < 0 ? -1 : n;
}

int
bind_result(struct arena *a, const struct statement *s, const PGresult *result,
            const ProtobufCMessage *request, ProtobufCMessage *response, struct status *e)
{
    int n = PQntuples(result);
    if (s->rows)
        n = fill_rows(a, s, result, request, response, e);
    else if (n > 0 && fill_row(a, s, result, 0, response, e) < 0)
        n = -1;
    if (n < 0 && e->code == STATUS_OK)
        status_set(e, STATUS_RESOURCE_EXHAUSTED,
                   "the answer takes too much memory; ask for a smaller page");
    return n;
}
