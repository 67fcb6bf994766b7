/**
 * What a person gives at the terminal: passwords, and texts written in an editor.
 */
#ifndef JIAYI_CLIENT_BASE_TERMINAL_H
#define JIAYI_CLIENT_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "client/base/failure.h"
#include "common/arena.h"

/**
 * terminal_password() - ask for a password on the terminal, without showing it.
 *
 * @question: what to ask, such as "Password"
 * @twice:    ask again and compare: for a new password
 * @flag:     the flag that gives it without a terminal, named in the error
 *
 * Returns it in the arena, wiped with it; NULL with @e set: STATUS_USAGE without a terminal,
 * STATUS_FAILED_HERE when it was broken off or both differ.
 */
char *terminal_password(struct arena *a, const char *question, bool twice, const char *flag,
                        struct status *e) MUST_CHECK;

/**
 * terminal_is_there() - true where somebody sits before the program: who can read what it says on
 * standard error and answer on standard input.
 */
bool terminal_is_there(void);

/**
 * terminal_agree() - ask a question that is answered with yes or no, in any of the program's
 * languages; what is neither is no.
 */
bool terminal_agree(const char *question);

/**
 * terminal_edit() - let the user write a text in $VISUAL or $EDITOR (else vi).
 *
 * @id:        names the draft. Where one of that name was kept, it is gone on with, and may stay as
 *             it is
 * @before:    the text to begin with else; "" for none
 * @ret_draft: set to the file with the text, mode 0600, once there is something to lose; the
 *             caller deletes it when the text has arrived
 *
 * Returns the new text in the arena; NULL with @e set (STATUS_FAILED_HERE) when the editor failed,
 * or the text is empty or as before.
 */
char *terminal_edit(struct arena *a, const char *id, const char *before, const char **ret_draft,
                    struct status *e) MUST_CHECK;

#endif
