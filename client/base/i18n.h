/**
 * The language that the program speaks: gettext, with the translations of po/.
 */
#ifndef JIAYI_CLIENT_BASE_I18N_H
#define JIAYI_CLIENT_BASE_I18N_H

#include <libintl.h>
#include <stddef.h>
#include <wchar.h>

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
 * i18n_language() - the language in which the program speaks, as a BCP 47 tag such as "zh-CN": what
 * the server says is to be in the same one.
 */
const char *i18n_language(void);

/**
 * i18n_text() - _(text), except that the empty text stays empty (gettext would give the header of
 * the file).
 */
const char *i18n_text(const char *text);

/** The languages of po/ beside English, such as "zh_CN"; ended by NULL. */
extern const char *const i18n_languages[];

/**
 * i18n_word() - the translation of a text that means what it does only in its context.
 *
 * @language: one of i18n_languages; NULL for the reader's. Any but the reader's is looked up by way
 *            of the environment: only while no other threads run.
 * @context:  msgctxt in po/
 *
 * Returns @text where there is none; else what lives as long as the program.
 */
const char *i18n_word(const char *language, const char *context, const char *text);

/**
 * i18n_lower(), i18n_upper() - a letter in lower or upper case, by the same rules for everybody: in
 * a Turkish locale the C library's own make another letter of I.
 */
wchar_t i18n_lower(wchar_t c);
wchar_t i18n_upper(wchar_t c);

#endif
