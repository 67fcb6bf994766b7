/**
 * What tests of commands begin with: all of them, in an arena.
 */
#ifndef JIAYI_TESTS_UNIT_CLIENT_COMMANDS_H
#define JIAYI_TESTS_UNIT_CLIENT_COMMANDS_H

#include "client/handmade/handmade.h"
#include "client/words/command.h"

static struct arena *arena;
static const struct commands *commands;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    commands = command_list(arena, schema_embedded(), handmade_commands);
    return commands ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#endif
