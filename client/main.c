/**
 * jiayi: the command line of a jiayid. Everything it can do is a method of the server
 * (proto/jiayi/v1).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/handmade.h"
#include "client/help.h"
#include "client/i18n.h"

static int
run(struct client *c, int argc, char *const *argv, struct status *e)
{
    if (!c->arena || !(c->commands = command_list(c->arena, c->schema, handmade_commands)))
        return failure_memory(e);
    if (parse_line(c->arena, c->commands, argc, argv, &c->parsed, e) < 0)
        return -1;
    if (c->parsed.help)
        return help_print(c, stdout), 0;
    if (c->parsed.version && !c->parsed.command)
        return version_run(c, e);
    if (c->parsed.command)
        return client_run(c, e);
    /* A noun alone, or nothing: what there is. */
    return help_print(c, stdout), 0;
}

int
main(int argc, char *argv[])
{
    struct status e = {0};
    i18n_start();
    struct client c = {.arena = arena_new(CLIENT_ARENA_BYTES), .schema = schema_embedded()};
    int failed = run(&c, argc > 0 ? argc - 1 : 0, argv + 1, &e);
    if (!failed && (fflush(stdout) != 0 || ferror(stdout)))
        failed = status_set(&e, STATUS_FAILED_HERE, "%s",
                            _("the answer could not be written to standard output"));
    /* Help, tables and lists leave out what there is no memory for. */
    if (!failed && arena_is_short(c.arena))
        failed = failure_memory(&e);
    if (failed)
        client_report(&c, &e);
    int code = failed ? failure_exit(&e) : 0;
    arena_free(c.arena);
    /* nng's threads may still be at work; its end is the process's. */
    fflush(stdout);
    _Exit(code);
}
