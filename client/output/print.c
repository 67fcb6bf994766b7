#include "client/output/print.h"

#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"
#include "client/output/print_csv.h"
#include "client/output/print_object.h"
#include "client/output/print_table.h"
#include "common/json.h"

/** What fits standard output. */
static struct print
standard_output(void)
{
    return (struct print){
        .file = stdout,
        .terminal = display_is_terminal(stdout),
        .colour = display_colour(stdout),
        .columns = display_columns(stdout),
        .now = time(NULL),
    };
}

const struct schema_field *
print_list_field(const struct schema_message *m)
{
    const struct schema_field *list = NULL;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        if (f->pb->label == PROTOBUF_C_LABEL_REPEATED && f->message && !list)
            list = f;
        else if (strcmp(f->pb->name, "next_page_token") != 0)
            return NULL;
    }
    return list;
}

static int
print_json_answer(struct arena *a, const struct print *p, const ProtobufCMessage *answer,
                  struct status *e)
{
    char *text = json_print(a, answer, JSON_LINES, e);
    if (!text) {
        e->code = STATUS_FAILED_HERE;
        return -1;
    }
    fprintf(p->file, "%s\n", text);
    return 0;
}

/** What a list has besides its rows, for people. */
static void
print_notes(struct arena *a, const ProtobufCMessage *answer, size_t n_rows)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), "next_page_token");
    const char *token = f ? message_string(answer, f) : NULL;
    char *clean = token ? display_clean(a, token, DISPLAY_ONE_LINE) : NULL;
    fflush(stdout);
    if (n_rows == 0)
        fprintf(stderr, "%s\n", _("nothing to show"));
    if (clean && *clean)
        fprintf(stderr, _("more: --page-token %s\n"), clean);
}

int
print_answer(struct arena *a, const ProtobufCMessage *answer, enum output output, struct status *e)
{
    struct print p = standard_output();
    const struct schema_message *m = schema_of(answer);
    const struct schema_field *list = print_list_field(m);
    if (output == OUTPUT_JSON)
        return print_json_answer(a, &p, answer, e);
    ProtobufCMessage *one = (ProtobufCMessage *)answer, *const *rows = &one;
    size_t n = list ? message_count(answer, list) : 1;
    if (list)
        rows = n ? message_value(answer, list, 0) : NULL;
    if (output == OUTPUT_CSV)
        return print_csv(a, &p, list ? list->message : m, rows, n, e);
    if (!list)
        return print_object(a, &p, answer, e);
    if (n && print_table(a, &p, list->message, rows, n, e) < 0)
        return -1;
    print_notes(a, answer, n);
    return 0;
}
