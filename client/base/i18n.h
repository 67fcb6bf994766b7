/**
 * The language that the program speaks: gettext, with the translations of po/.
 */
#ifndef JIAYI_CLIENT_BASE_I18N_H
#define JIAYI_CLIENT_BASE_I18N_H

#include <libintl.h>
#include <stddef.h>

/**
 * The translation of a text for the user. For comments of the schema too: they are in po/ as well.
 */
#define _(text) gettext(text)
/** Marks a text of a table for translation; whoever shows it says _(). */
#define N_(text) text

/**
 * i18n_start() - set the locale and find the translations. First of all, before other threads.
 *
 * Text is UTF-8 whatever the locale says; where the locale is not installed, the language that it
 * names is still spoken.
 */
void i18n_start(void);

/**
 * i18n_language() - the language of the environment as a BCP 47 tag such as "zh-CN", in @buf; "" if
 * none.
 */
const char *i18n_language(char *buf, size_t size);

/**
 * i18n_text() - _(text), except that the empty text stays empty (gettext would give the header of
 * the file).
 */
const char *i18n_text(const char *text);

#endif
