/**
 * `jiayi import`: the rows of a table go to the server in batches. All that can be seen without it
 * is looked at first: which column is what, how days and numbers are written, what the rows lack.
 * The server knows each row again: so what a cut left behind, the same command goes on with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/base/private_file.h"
#include "client/handmade/handmade.h"
#include "client/handmade/sheet.h"
#include "client/output/display.h"
#include "client/output/progress.h"
#include "client/run/advice.h"
#include "client/run/label.h"
#include "client/run/pages.h"
#include "client/run/replay.h"
#include "client/run/request.h"
#include "client/words/columns.h"
#include "client/words/reading.h"
#include "common/json_text.h"
#include "common/normalize.h"
#include "common/sha256.h"
#include "common/text.h"
#include "common/validate.h"

enum {
    /** Of one call. */
    BATCH_ROWS = 500,
    BATCH_BYTES = 400 << 10,
    BATCH_ARENA_BYTES = 16 << 20,
    /** More are counted, but not told one by one. */
    MOST_ERRORS = 100,
    REMEMBERED_BYTES = 64 << 10,
    BATCH_TIMEOUT_MS = 60000,
};

struct importing {
    struct client *client;
    /** What lasts as long as the command; the client's arena is a batch's. */
    struct arena *lasting;
    const char *path, *kind, *source;
    const struct schema_method *put;
    /** The rows of the kind in a request to put them. */
    const struct schema_field *list;
    const struct schema_field *line, *currency;
    struct typed_here here;
    struct sheet sheet;
    bool skips_errors, is_dry_run;
    /** What is wrong was told already. */
    bool is_silent;
    int64_t id, last_line;
    /** Rows that are wrong, and were not told the server about yet. */
    size_t left_out;
    size_t n_errors;
    struct progress progress;
    struct status *e;
};

/* What is wrong. */

/** One thing that is wrong, on a line of standard error. */
static void
tell_error(struct importing *im, size_t line, const char *column, const char *message)
{
    struct arena *a = im->client->arena;
    if (im->is_silent || im->n_errors++ >= MOST_ERRORS)
        return;
    progress_end(&im->progress);
    const char *text = column ? arena_print(a, _("line %zu, %s: %s"), line, column, message)
                              : arena_print(a, _("line %zu: %s"), line, message);
    const char *clean =
        text && display_is_terminal(stderr) ? display_clean(a, text, DISPLAY_ONE_LINE) : text;
    fprintf(stderr, "%s\n", clean ? clean : message);
}

static int
fail_rows(struct importing *im)
{
    if (im->n_errors > MOST_ERRORS)
        fprintf(stderr, _("… and %zu more\n"), im->n_errors - MOST_ERRORS);
    return status_set(
        im->e, STATUS_INVALID_ARGUMENT,
        _("%s has wrong rows (errors: %zu); correct them and import it again, or leave "
          "them out with --skip-errors"),
        im->path, im->n_errors);
}

/* Columns. */

/** What was said of headings in earlier imports: lines of kind and source, heading, column. */
static const char *
remembered_path(const struct importing *im)
{
    const struct profile *p = &im->client->profile;
    return p->path ? arena_print(im->lasting, "%s.import", p->path) : NULL;
}

static const char *
read_remembered(const struct importing *im)
{
    struct status ignored = {0};
    const char *path = remembered_path(im);
    char *text;
    size_t size;
    return path && private_file_read(im->lasting, path, REMEMBERED_BYTES, &text, &size, &ignored) ==
                       PRIVATE_FILE_READ
               ? text
               : "";
}

/** What is kept for a heading: the column, "" for none; NULL where nothing is known of it. */
static const char *
find_remembered(const struct importing *im, const char *all, const char *heading)
{
    const char *begin = arena_print(im->lasting, "%s %s\t%s\t", im->kind, im->source, heading);
    const char *found = NULL;
    for (const char *at = all; begin && *at; at += strcspn(at, "\n"), at += *at == '\n')
        if (strncmp(at, begin, strlen(begin)) == 0)
            found = arena_copy(im->lasting, at + strlen(begin), strcspn(at + strlen(begin), "\n"));
    return found;
}

/** The column that --map gives a heading; NULL for none. */
static const char *
find_mapped(const struct importing *im, const char *heading)
{
    int index = command_index(im->client->parsed.command, "map");
    const struct values *v = &im->client->parsed.values[index];
    const char *found = NULL;
    for (size_t i = 0; i < v->n; i++) {
        const char *equals = strrchr(v->all[i], '=');
        size_t n = equals ? (size_t)(equals - v->all[i]) : 0;
        if (n && strlen(heading) == n && strncmp(v->all[i], heading, n) == 0)
            found = equals + 1;
    }
    return found;
}

/** Each --map is of a heading that there is. */
static int
check_maps(struct importing *im)
{
    int index = command_index(im->client->parsed.command, "map");
    const struct values *v = &im->client->parsed.values[index];
    for (size_t i = 0; i < v->n; i++) {
        const char *equals = strrchr(v->all[i], '=');
        bool found = false;
        for (size_t k = 0; equals && k < im->sheet.n_columns; k++)
            found =
                found || (strlen(im->sheet.columns[k].heading) == (size_t)(equals - v->all[i]) &&
                          strncmp(im->sheet.columns[k].heading, v->all[i],
                                  (size_t)(equals - v->all[i])) == 0);
        if (!found)
            return status_set(im->e, STATUS_USAGE,
                              equals ? _("--map: line 1 has no heading of \"%s\"")
                                     : _("--map: \"%s\" should be such as 客户名称=customer"),
                              v->all[i]);
    }
    return 0;
}

static int
use_column(struct importing *im, struct sheet_column *column, const char *name)
{
    const struct schema_field *f = schema_find_field(im->list->message, name);
    if (!*name)
        return 0;
    if (!f || f == im->line)
        return status_set(im->e, STATUS_USAGE,
                          _("--map: there is no column \"%.60s\"; there are: %s"), name,
                          columns_names(im->lasting, im->list->message));
    column->is.field = f;
    return 0;
}

static int
understand_columns(struct importing *im)
{
    struct sheet *s = &im->sheet;
    const char *remembered = read_remembered(im), *unknown = "";
    for (size_t i = 0; i < s->n_columns; i++) {
        struct sheet_column *column = &s->columns[i];
        const char *said = find_mapped(im, column->heading);
        if (!said && (said = find_remembered(im, remembered, column->heading)))
            fprintf(stderr, _("as remembered: %s=%s\n"), column->heading, said);
        column->is = columns_find(im->lasting, im->list->message, column->heading);
        if (column->is.field == im->line)
            column->is.field = NULL;
        if (said) {
            column->is.field = NULL;
            if (use_column(im, column, said) < 0)
                return -1;
        } else if (!column->is.field && !text_is_blank(column->heading)) {
            unknown =
                arena_print(im->lasting, "%s%s%s", unknown, *unknown ? ", " : "", column->heading);
        }
        for (size_t k = 0; column->is.field && k < i; k++)
            if (s->columns[k].is.field == column->is.field)
                return status_set(
                    im->e, STATUS_INVALID_ARGUMENT,
                    _("the columns %s and %s are both %s; say with --map which counts, "
                      "such as \"%s=\" for the one that does not"),
                    s->columns[k].heading, column->heading, column->is.field->pb->name,
                    column->heading);
    }
    if (!unknown)
        return failure_memory(im->e);
    if (*unknown && !parse_value(&im->client->parsed, "ignore"))
        return status_set(im->e, STATUS_INVALID_ARGUMENT,
                          _("these columns are not understood: %s; say what they are with --map "
                            "HEADING=COLUMN, or leave them out with --ignore; the columns are: %s"),
                          unknown, columns_names(im->lasting, im->list->message));
    return 0;
}

/** Keeps what --map said, without a word where that cannot be. */
static void
remember_columns(const struct importing *im)
{
    int index = command_index(im->client->parsed.command, "map");
    const struct values *v = &im->client->parsed.values[index];
    const char *path = remembered_path(im), *all = read_remembered(im);
    struct status ignored = {0};
    for (size_t i = 0; all && i < v->n; i++) {
        const char *equals = strrchr(v->all[i], '=');
        all = arena_print(im->lasting, "%s%s %s\t%.*s\t%s\n", all, im->kind, im->source,
                          (int)(equals - v->all[i]), v->all[i], equals + 1);
    }
    size_t n = all ? strlen(all) : 0;
    if (v->n && path && n && n < REMEMBERED_BYTES &&
        private_file_write(path, all, n, false, &ignored) < 0)
        return;
}

/* How the columns are read. */

/** --dates and --decimal. */
static int
read_wishes(struct importing *im, struct reading *ret)
{
    const char *days = parse_value(&im->client->parsed, "dates");
    const char *decimal = parse_value(&im->client->parsed, "decimal");
    *ret = (struct reading){0};
    if (days && strcmp(days, "dmy") != 0 && strcmp(days, "mdy") != 0)
        return status_set(im->e, STATUS_USAGE, _("--dates: \"%s\" should be dmy or mdy"), days);
    if (decimal && strcmp(decimal, "point") != 0 && strcmp(decimal, "comma") != 0)
        return status_set(im->e, STATUS_USAGE, _("--decimal: \"%s\" should be point or comma"),
                          decimal);
    if (days)
        ret->days = *days == 'd' ? DAYS_DMY : DAYS_MDY;
    /* Numbers of JSON have a point. */
    if (decimal || im->sheet.is_json)
        ret->decimal = !decimal || *decimal == 'p' ? DECIMAL_POINT : DECIMAL_COMMA;
    return 0;
}

/** Looks through a column; what its cells say against one another is told. */
static void
look_at_column(struct importing *im, size_t i)
{
    struct sheet_column *column = &im->sheet.columns[i];
    const struct schema_field *f = column->is.field;
    for (size_t k = 0; f && k < im->sheet.n_rows; k++)
        if (reading_look(&column->reading, f, im->sheet.rows[k].cells[i]) < 0)
            tell_error(im, im->sheet.rows[k].line, column->heading,
                       f->option->format == JIAYI__V1__FORMAT__DATE ||
                               f->option->format == JIAYI__V1__FORMAT__TIME
                           ? _("the day is written in another order than above")
                           : _("the number is written with another separator than above"));
    for (size_t k = 0; f && k < im->sheet.n_rows; k++)
        if (reading_is_open(&column->reading, f, im->sheet.rows[k].cells[i])) {
            tell_error(im, im->sheet.rows[k].line, column->heading,
                       f->option->format == JIAYI__V1__FORMAT__DATE ||
                               f->option->format == JIAYI__V1__FORMAT__TIME
                           ? _("it may be a day of either month; say which with --dates dmy or "
                               "--dates mdy")
                           : _("it may be a thousand times as much; say which with --decimal point "
                               "or --decimal comma"));
            return;
        }
}

static int
look_at_columns(struct importing *im)
{
    struct reading wishes;
    if (read_wishes(im, &wishes) < 0)
        return -1;
    for (size_t i = 0; i < im->sheet.n_columns; i++) {
        im->sheet.columns[i].reading = wishes;
        look_at_column(im, i);
    }
    return im->n_errors ? fail_rows(im) : 0;
}

/* Rows. */

static int
put_text(struct arena *a, ProtobufCMessage *m, const struct schema_field *f, const char *text)
{
    return message_put_string(a, m, f, text, strlen(text));
}

/** Puts a cell into the row. Returns 0; 1 where it is wrong, which was told; -1 with the error. */
static int
put_cell(struct importing *im, ProtobufCMessage *row, const struct sheet_row *from, size_t i)
{
    struct arena *a = im->client->arena;
    const struct sheet_column *column = &im->sheet.columns[i];
    const struct schema_field *f = column->is.field;
    struct reading_beside beside = {0};
    struct status wrong = {0};
    bool is_own = strcmp(im->source, "jiayi") == 0; /* nothing stands around it */
    if (!f)
        return 0;
    const char *cell = is_own ? from->cells[i] : sheet_trimmed(a, from->cells[i]);
    if (cell && normalize_is_line(f) && strpbrk(cell, "\r\n\t"))
        cell = sheet_one_line(a, cell);
    if (!cell)
        return failure_memory(im->e);
    if (text_is_blank(cell))
        return 0;
    const char *value = reading_value(a, &column->reading, f,
                                      im->sheet.is_json ? cell : sheet_without_apostrophe(cell),
                                      column->is.unit, &im->here, &beside);
    if (!value)
        return failure_memory(im->e);
    if (f->pb->type == PROTOBUF_C_TYPE_BOOL && strcmp(value, "true") != 0 &&
        strcmp(value, "false") != 0) {
        tell_error(im, from->line, column->heading, _("it should be yes or no"));
        return 1;
    }
    if (json_text_put(a, row, f, column->heading, value, strlen(value), &wrong) < 0) {
        *im->e = wrong;
        return -1;
    }
    if (beside.currency && im->currency && !message_has(row, im->currency) &&
        put_text(a, row, im->currency, beside.currency) < 0)
        return failure_memory(im->e);
    return 0;
}

/** The row as a message; *@ret is NULL where it is wrong, which was told. */
static int
make_row(struct importing *im, const struct sheet_row *from, ProtobufCMessage **ret)
{
    struct arena *a = im->client->arena;
    ProtobufCMessage *row = message_new(a, im->list->message);
    struct status wrong = {0};
    int rc = 0;
    *ret = NULL;
    if (!row || message_put_integer(a, row, im->line, (int64_t)from->line) < 0)
        return failure_memory(im->e);
    for (size_t i = 0; rc >= 0 && i < im->sheet.n_columns; i++) {
        int one = put_cell(im, row, from, i);
        rc = one < 0 ? one : rc | one;
    }
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (normalize_request(a, row, &wrong) < 0 || validate_request(row, &wrong) < 0) {
        char text[sizeof wrong.message];
        status_fill(&wrong, gettext(wrong.parts), text, sizeof text);
        tell_error(im, from->line, sheet_heading(&im->sheet, wrong.field), text);
        return 0;
    }
    *ret = row;
    return 0;
}

/** So many rows from @first on that one call takes. */
static size_t
batch_size(const struct importing *im, size_t first)
{
    const struct sheet *s = &im->sheet;
    size_t n = 0, bytes = 0;
    for (; n < BATCH_ROWS && first + n < s->n_rows; n++) {
        for (size_t i = 0; i < s->n_columns; i++)
            bytes += strlen(s->rows[first + n].cells[i]) + 2;
        if (bytes > BATCH_BYTES && n > 0)
            break;
    }
    return n;
}

/** Looks at all rows, in an arena for each batch. */
static int
check_rows(struct importing *im)
{
    struct client *c = im->client;
    int rc = 0;
    for (size_t first = 0, n; rc == 0 && first < im->sheet.n_rows; first += n) {
        n = batch_size(im, first);
        c->arena = arena_new(BATCH_ARENA_BYTES);
        rc = c->arena ? 0 : failure_memory(im->e);
        for (size_t i = 0; rc == 0 && i < n; i++) {
            ProtobufCMessage *row;
            rc = make_row(im, &im->sheet.rows[first + i], &row);
        }
        arena_free(c->arena);
        c->arena = im->lasting;
    }
    return rc;
}

/* Calls. */

/** The digest of the file and of how it is read: another --map is another import. */
static int
digest(struct importing *im, char ret[SHA256_TEXT])
{
    struct sha256 *s = sha256_begin();
    if (!s)
        return failure_memory(im->e);
    for (size_t i = 0; i < im->sheet.n_columns; i++) {
        const struct sheet_column *column = &im->sheet.columns[i];
        const char *name = column->is.field ? column->is.field->pb->name : "";
        char how[] = {(char)('0' + column->reading.days), (char)('0' + column->reading.decimal)};
        sha256_add(s, name, strlen(name) + 1);
        sha256_add(s, how, sizeof how);
    }
    for (size_t i = 0; i < im->sheet.n_rows; i++)
        for (size_t k = 0; k < im->sheet.n_columns; k++)
            sha256_add(s, im->sheet.rows[i].cells[k], strlen(im->sheet.rows[i].cells[k]) + 1);
    sha256_end(s, ret);
    return 0;
}

static int
begin(struct importing *im, ProtobufCMessage *request)
{
    struct client *c = im->client;
    const struct schema_message *m = schema_of(request);
    const char *slash = strrchr(im->path, '/');
    const char *name = slash ? slash + 1 : im->path;
    char sha256[SHA256_TEXT];
    if (!text_valid(name, strlen(name)) || text_length(name) > 200)
        name = "-";
    if (digest(im, sha256) < 0)
        return -1;
    if (put_text(c->arena, request, schema_find_field(m, "name"), name) < 0 ||
        put_text(c->arena, request, schema_find_field(m, "sha256"), sha256) < 0 ||
        message_put_integer(c->arena, request, schema_find_field(m, "total"),
                            (int64_t)im->sheet.n_rows) < 0)
        return failure_memory(im->e);
    const ProtobufCMessage *answer = replay_call(c, c->parsed.command->method, request, im->e);
    if (!answer)
        return -1;
    im->id = message_named_integer(answer, "id");
    im->last_line = message_named_integer(answer, "last_line");
    if (im->last_line > 0)
        fprintf(stderr, _("goes on behind line %lld\n"), (long long)im->last_line);
    return 0;
}

/** What the server says is wrong with rows. */
static void
tell_answer(struct importing *im, const ProtobufCMessage *answer, const struct schema_field *errors)
{
    for (size_t i = 0; i < message_count(answer, errors); i++) {
        const ProtobufCMessage *one = *(ProtobufCMessage *const *)message_value(answer, errors, i);
        const struct schema_field *field = schema_find_field(errors->message, "field");
        const struct schema_field *message = schema_find_field(errors->message, "message");
        const char *where = message_string(one, field), *said = message_string(one, message);
        const char *name = where ? strrchr(where, '.') : NULL;
        where = name ? name + 1 : where;
        tell_error(im, (size_t)message_named_integer(one, "line"),
                   where ? sheet_heading(&im->sheet, where) : NULL, said ? said : "");
    }
}

/** The request for the rows of @all that are not NULL; NULL with the error set. */
static ProtobufCMessage *
put_request(struct importing *im, ProtobufCMessage *const *all, size_t n, int64_t last_line)
{
    struct arena *a = im->client->arena;
    const struct schema_message *in = im->put->in;
    ProtobufCMessage *m = message_new(a, in);
    bool fine =
        m && message_put_integer(a, m, schema_find_field(in, "import_id"), im->id) == 0 &&
        message_put_integer(a, m, schema_find_field(in, "last_line"), last_line) == 0 &&
        message_put_integer(a, m, schema_find_field(in, "failed"), (int64_t)im->left_out) == 0;
    for (size_t i = 0; fine && i < n; i++)
        if (all[i])
            fine = message_put(a, m, im->list, &all[i]) == 0;
    if (fine)
        return m;
    failure_memory(im->e);
    return NULL;
}

/** Leaves out the rows that the answer names. */
static void
leave_out(struct importing *im, const ProtobufCMessage *answer, const struct schema_field *errors,
          ProtobufCMessage **all, size_t n)
{
    for (size_t i = 0; i < message_count(answer, errors); i++) {
        int64_t line =
            message_named_integer(*(ProtobufCMessage *const *)message_value(answer, errors, i),
                                  "line");
        for (size_t k = 0; k < n; k++)
            if (all[k] && message_integer(all[k], im->line, 0) == line) {
                all[k] = NULL;
                im->left_out++;
            }
    }
}

static size_t
count_rows(ProtobufCMessage *const *all, size_t n)
{
    size_t there = 0;
    for (size_t i = 0; i < n; i++)
        there += all[i] != NULL;
    return there;
}

/** Sends the rows of @all; where some are wrong, the others, if so it is to be. */
static int
send_rows(struct importing *im, ProtobufCMessage **all, size_t n, int64_t last_line)
{
    struct client *c = im->client;
    const struct schema_field *errors = schema_find_field(im->put->out, "errors");
    for (size_t there; (there = count_rows(all, n)) > 0;) {
        ProtobufCMessage *request = put_request(im, all, n, last_line), *answer;
        call_new_id(c->own_id);
        if (!request || !(answer = replay_call(c, im->put, request, im->e)))
            return -1;
        if (message_count(answer, errors) == 0) {
            im->left_out = 0;
            return 0;
        }
        tell_answer(im, answer, errors);
        if (!im->skips_errors && !im->is_dry_run)
            return fail_rows(im);
        leave_out(im, answer, errors, all, n);
        if (count_rows(all, n) == there)
            return status_set(im->e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
    }
    return 0;
}

/** Sends @n rows from @first on, but for those that are wrong: that was told before. */
static int
send_batch(struct importing *im, size_t first, size_t n)
{
    ProtobufCMessage *all[BATCH_ROWS];
    const struct sheet_row *rows = &im->sheet.rows[first];
    size_t there = 0;
    im->is_silent = true;
    for (size_t i = 0; i < n; i++) {
        if ((int64_t)rows[i].line <= im->last_line)
            continue;
        if (make_row(im, &rows[i], &all[there]) < 0)
            return -1;
        im->left_out += all[there] == NULL;
        there += all[there] != NULL;
    }
    im->is_silent = false;
    return send_rows(im, all, there, (int64_t)rows[n - 1].line);
}

static int
send_all(struct importing *im)
{
    struct client *c = im->client;
    int rc = 0;
    for (size_t first = 0, n; rc == 0 && first < im->sheet.n_rows; first += n) {
        n = batch_size(im, first);
        im->progress.done = im->progress.total * (int64_t)first / (int64_t)im->sheet.n_rows;
        im->progress.arena = c->arena = arena_new(BATCH_ARENA_BYTES);
        if (c->arena) {
            progress_show(&im->progress);
            rc = send_batch(im, first, n);
        } else {
            rc = failure_memory(im->e);
        }
        arena_free(c->arena);
        im->progress.arena = c->arena = im->lasting;
    }
    progress_end(&im->progress);
    return rc;
}

static int
finish(struct importing *im)
{
    struct client *c = im->client;
    const struct schema_method *method =
        schema_find_method(c->schema, "ImportService/FinishImport");
    ProtobufCMessage *request = message_new(c->arena, method->in), *answer;
    if (!request ||
        message_put_integer(c->arena, request, schema_find_field(method->in, "import_id"), im->id) <
            0 ||
        message_put_integer(c->arena, request, schema_find_field(method->in, "failed"),
                            (int64_t)im->left_out) < 0)
        return failure_memory(im->e);
    call_new_id(c->own_id);
    if (!(answer = replay_call(c, method, request, im->e)))
        return -1;
    if (im->n_errors && !im->skips_errors)
        return fail_rows(im);
    label_learn(c, answer);
    struct print_options o = pages_options(c);
    return print_answer(c->arena, answer, &o, im->e);
}

/** What the failure of an import that has begun leaves behind. */
static void
say_kept(struct importing *im)
{
    struct status *e = im->e, before = *e;
    im->client->fate = FATE_ANSWERED;
    if (before.code == STATUS_INVALID_ARGUMENT && im->n_errors)
        return;
    status_set(e, before.code, _("%s (what came in stays; the same command goes on from there)"),
               before.message);
    im->client->go_on = advice_again(im->client);
}

static void
tell_wait(void *arg, const struct status *why)
{
    const struct importing *im = arg;
    progress_wait(&im->progress, why->message);
}

/** The import itself, once the file is understood. */
static int
put_sheet(struct importing *im, ProtobufCMessage *request)
{
    struct client *c = im->client;
    c->on_wait = tell_wait;
    c->wait_arg = im;
    int rc = begin(im, request);
    if (rc == 0) {
        remember_columns(im);
        rc = send_all(im) < 0 ? -1 : finish(im);
        if (rc < 0)
            say_kept(im);
    }
    c->on_wait = NULL;
    return rc;
}

static int
fail_kind(struct importing *im, const struct schema_field *kind)
{
    const char *all = "";
    for (size_t i = 0; all && i < kind->option->n_choices; i++)
        all = arena_print(im->lasting, "%s%s%s", all, i ? ", " : "", kind->option->choices[i]);
    return status_set(im->e, STATUS_USAGE, _("there are no rows of the kind %s; there are: %s"),
                      im->kind, all ? all : "");
}

/** What the command line says, and what the kind of rows is in the schema. */
static int
prepare(struct importing *im, const ProtobufCMessage *request)
{
    struct client *c = im->client;
    const struct schema_message *m = schema_of(request);
    time_t now = time(NULL);
    localtime_r(&now, &im->here.today);
    im->put = schema_find_method(c->schema, "ImportService/PutRows");
    im->kind = message_string(request, schema_find_field(m, "kind"));
    im->source = message_string(request, schema_find_field(m, "source"));
    im->source = im->source ? im->source : "file";
    im->is_dry_run = message_has(request, schema_find_field(m, "dry_run")) &&
                     message_integer(request, schema_find_field(m, "dry_run"), 0);
    im->skips_errors = parse_value(&c->parsed, "skip-errors") != NULL;
    if (!(im->list = schema_find_field(im->put->in, im->kind)) || !im->list->message)
        return fail_kind(im, schema_find_field(m, "kind"));
    im->line = schema_find_field(im->list->message, "line");
    im->currency = schema_find_field(im->list->message, "currency");
    if (c->parsed.timeout_ms == 0)
        c->parsed.timeout_ms = BATCH_TIMEOUT_MS;
    return 0;
}

int
import_run(struct client *c, struct status *e)
{
    struct importing im = {.client = c, .lasting = c->arena, .e = e};
    ProtobufCMessage *request = request_make(c, e);
    im.path = parse_value(&c->parsed, "FILE");
    if (!request || session_open(c, e) < 0 || session_check(c, c->parsed.command->method, e) < 0 ||
        request_check(c, request, e) < 0 || prepare(&im, request) < 0 ||
        sheet_open(&im.sheet, im.lasting, im.path, parse_value(&c->parsed, "encoding"), e) < 0)
        return -1;
    im.progress =
        (struct progress){.arena = c->arena, .label = im.path, .total = (int64_t)im.sheet.size};
    if (sheet_read(&im.sheet, e) < 0 || check_maps(&im) < 0 || understand_columns(&im) < 0 ||
        look_at_columns(&im) < 0 || check_rows(&im) < 0)
        return -1;
    if (im.n_errors && !im.skips_errors && !im.is_dry_run)
        return fail_rows(&im);
    return put_sheet(&im, request);
}
