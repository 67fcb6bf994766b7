/**
 * What the word that is being typed may become: commands, flags, and values - those that the schema
 * knows, and those that the server has.
 */
#ifndef JIAYI_CLIENT_HANDMADE_COMPLETE_H
#define JIAYI_CLIENT_HANDMADE_COMPLETE_H

#include "client/run/session.h"

/**
 * How long the server may take to answer, in milliseconds: somebody waits at the keyboard. As long
 * as the words say, where they have a --timeout.
 */
#define COMPLETE_TIMEOUT_MS 150

/**
 * complete_print() - print what the last of @argc words may become, one in a line: the whole word,
 * a tab, and what it means. A line of a tab and "file" alone says that it is the name of a file.
 *
 * Words are plain, none needs quoting in any shell: whatever a server gives otherwise is left out.
 * What they mean is one line that no terminal acts on. Where nothing is known, where nobody is
 * signed in or the server does not answer in time, there is less, and no error.
 */
void complete_print(struct client *c, int argc, char *const *argv);

#endif
