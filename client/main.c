/**
 * jiayi: the command line of a jiayid. Everything it can do is a method of the server
 * (proto/jiayi/v1).
 */
#include <stdio.h>
#include <stdlib.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/run/help.h"
#include "client/run/run.h"

/** The most memory that a run may take, in bytes. */
enum { ARENA_BYTES = 256 << 20 };

/** Does what the words of the command line ask for. */
static int
obey(struct client *c, struct status *e)
{
    if (!c->arena || !(c->commands = command_list(c->arena, c->schema, handmade_commands)))
        return failure_memory(e);
    if (parse_line(c->arena, c->commands, c->argc, c->argv, &c->parsed, e) < 0)
        return -1;
    if (c->parsed.help)
        return help_print(c, e);
    if (c->parsed.version && !c->parsed.command)
        return version_run(c, e);
    if (c->parsed.command)
        return run_command(c, e);
    /* A noun alone, or nothing: what there is. */
    return help_print(c, e);
}

/** Says on standard error in one line what failed; in another how to go on, where it is known. */
static void
report(const struct client *c, const struct status *e)
{
    char *message = c->arena ? display_clean(c->arena, e->message, DISPLAY_ONE_LINE) : NULL;
    fprintf(stderr, "jiayi: %s\n", message ? message : e->message);
    if (c->go_on)
        fprintf(stderr,
                c->fate >= FATE_OPEN ? _("go on with this, it is done once: %s\n")
                                     : _("go on with: %s\n"),
                c->go_on);
}

int
main(int argc, char *argv[])
{
    struct status e = {0};
    i18n_start();
    struct client c = {
        .arena = arena_new(ARENA_BYTES),
        .schema = schema_brief(),
        .argc = argc > 0 ? argc - 1 : 0,
        .argv = argv + 1,
    };
    int failed = obey(&c, &e);
    if (!failed && (fflush(stdout) != 0 || ferror(stdout)))
        failed = status_set(&e, STATUS_FAILED_HERE, "%s",
                            _("the answer could not be written to standard output"));
    /*
     * Help, tables and lists leave out what there is no memory for; and nothing else fails without
     * saying why.
     */
    if (failed ? e.code == STATUS_OK : arena_is_short(c.arena))
        failed = failure_memory(&e);
    if (failed)
        report(&c, &e);
    int code = failed ? failure_exit(&e) : 0;
    arena_free(c.arena);
    /* nng's threads may still be at work; its end is the process's. */
    fflush(stdout);
    _Exit(code);
}
