#include "client/handmade/files.h"
#include "client/handmade/handmade.h"
#include "client/run/run.h"

/* `jiayi report submit` and `report resubmit`: the general way, with files on what it made. */

int
reports_submit(struct client *c, struct status *e)
{
    const struct values *paths = &c->parsed.values[command_index(c->parsed.command, "attach")];
    struct attachments files;
    ProtobufCMessage *report;
    if (files_open(c, paths, &files, e) < 0 || run_method(c, &report, e) < 0)
        return -1;
    const struct schema_field *id = schema_find_field(schema_of(report), "id");
    const char *on =
        arena_print(c->arena, "report/%lld", (long long)message_integer(report, id, 0));
    return on ? files_attach(c, &files, on, e) : failure_memory(e);
}
