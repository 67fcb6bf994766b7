#include <stdio.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/output/print.h"
#include "client/run/pages.h"
#include "client/run/request.h"

/** Byte for byte what was signed; a terminal gets it without what could play tricks on it. */
int
contracts_text(struct client *c, struct status *e)
{
    ProtobufCMessage *request = request_make(c, e), *answer;
    if (!request || session_open(c, e) < 0 ||
        !(answer = session_call(c, c->parsed.command->method, request, e)))
        return -1;
    struct print_options o = pages_options(c);
    const char *text = message_string(answer, schema_find_field(schema_of(answer), "text"));
    if (o.output != OUTPUT_DEFAULT && o.output != OUTPUT_TABLE)
        return print_answer(c->arena, answer, &o, e);
    if (text && display_is_terminal(stdout) &&
        !(text = display_clean(c->arena, text, DISPLAY_LINES)))
        return failure_memory(e);
    fputs(text ? text : "", stdout);
    return 0;
}
