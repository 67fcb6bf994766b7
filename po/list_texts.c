/**
 * Prints the texts of the schema that the client shows, as C for xgettext: what commands do, what
 * their arguments mean, what columns are called. Run by po/update.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/embed.h"
#include "common/schema.h"
#include "google/protobuf/descriptor.pb-c.h"

static void
print_text(const char *where, const char *text)
{
    if (!*text)
        return;
    printf("/* %s */ gettext(\"", where);
    for (const char *p = text; *p; p++)
        printf(*p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    printf("\");\n");
}

/** A word of the dictionary, for those that are not in the client's. */
static void
print_word(const char *list, const char *code, size_t n)
{
    printf("WORD(\"%s\", \"%.*s\");\n", list, (int)n, code);
}

/** What the server's refusals name: the noun of a command, and what is shown once. */
static void
print_named(const struct schema_method *m)
{
    const char *command = m->option->command;
    if (command && strchr(command, ' '))
        print_word("object", command, strcspn(command, " "));
    for (unsigned i = 0; i < m->out->pb.n_fields; i++)
        if (m->out->fields[i].option->secret)
            print_word("answer", m->out->fields[i].pb->name, strlen(m->out->fields[i].pb->name));
}

/** What a column or a line is called: cell_title() of the client. */
static void
print_title(const struct schema_field *f)
{
    char words[100];
    snprintf(words, sizeof words, "%s",
             f->option->column && *f->option->column ? f->option->column : f->pb->name);
    for (char *p = words; *p; p++)
        if (*p == '_')
            *p = ' ';
    print_text("title", words);
}

static void
print_fields(const struct schema_message *m, const char *where, int answer)
{
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        if (f->message && !schema_is_timestamp(f->message))
            print_fields(f->message, where, answer);
        else if (!answer)
            print_text(where, f->comment);
        bool has_title = f->option->column && *f->option->column;
        if (answer || has_title || f->option->input == JIAYI__V1__INPUT__PASSWORD)
            print_title(f);
    }
}

/** The comment before `syntax`, its lines joined as the client joins them. */
static void
print_head(const Google__Protobuf__FileDescriptorProto *file)
{
    enum { SYNTAX = 12 };
    char line[1000];
    size_t n = 0;
    const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;
    for (size_t i = 0; info && i < info->n_location; i++) {
        const Google__Protobuf__SourceCodeInfo__Location *at = info->location[i];
        if (at->n_path != 1 || at->path[0] != SYNTAX || !at->leading_comments)
            continue;
        for (const char *p = at->leading_comments; *p && n + 1 < sizeof line; p++) {
            int blank = *p == '\n' || *p == ' ';
            if (!blank || (n && line[n - 1] != ' '))
                line[n++] = blank ? ' ' : *p;
        }
        while (n && line[n - 1] == ' ')
            n--;
        line[n] = 0;
        print_text(file->name, line);
        return;
    }
}

int
main(void)
{
    const struct schema *s = schema_embedded();
    print_word("object", "such thing", strlen("such thing")); /* of a method without a command */
    for (size_t i = 0; i < s->n_methods; i++) {
        const struct schema_method *m = &s->methods[i];
        if (m->option->on_nothing)
            print_text(m->short_name, m->option->on_nothing);
        print_text(m->short_name, m->comment);
        print_named(m);
        print_fields(m->in, m->short_name, 0);
        print_fields(m->out, m->short_name, 1);
    }
    Google__Protobuf__FileDescriptorSet *set =
        google__protobuf__file_descriptor_set__unpack(NULL, embed_schema[0].size,
                                                      embed_schema[0].data);
    for (size_t i = 0; set && i < set->n_file; i++)
        if (set->file[i]->n_service)
            print_head(set->file[i]);
    return set ? 0 : 1;
}
