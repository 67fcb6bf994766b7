/**
 * The command line: words, one on each line of the input, parsed and made a request.
 */
#include "client/handmade/handmade.h"
#include "client/run/help.h"
#include "client/run/request.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_WORDS = 40 };

static struct arena *program;
static const struct commands *commands;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    drop_output();
    program = arena_new(64 << 20);
    commands = command_list(program, schema_embedded(), handmade_commands);
    require(commands, "there is memory");
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[MAX_WORDS + 1], *save = NULL;
    int n = 0;
    struct status e = {0};
    struct client c = {.arena = arena_new(16 << 20),
                       .schema = schema_embedded(),
                       .commands = commands};
    char *text = arena_copy(c.arena, data, size);
    for (char *word = strtok_r(text, "\n", &save); word && n < MAX_WORDS;
         word = strtok_r(NULL, "\n", &save))
        words[n++] = word;
    words[n] = NULL;
    if (parse_line(c.arena, commands, n, words, &c.parsed, &e) < 0)
        require_told(&e);
    else if (c.parsed.help || !c.parsed.command)
        (void)!help_print(&c, &e);
    else if (c.parsed.command->method && !request_make(&c, &e))
        require_told(&e);
    rewind(stdout);
    arena_free(c.arena);
    return 0;
}
