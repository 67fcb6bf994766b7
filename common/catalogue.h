/**
 * A catalogue of translations in memory: what msgfmt makes of po/LANGUAGE.po.
 *
 * gettext() of the C library takes the language from a locale, which must be installed, or from an
 * environment that all threads share; a server speaks with many people at once.
 */
#ifndef JIAYI_COMMON_CATALOGUE_H
#define JIAYI_COMMON_CATALOGUE_H

#include "common/embed.h"

/**
 * catalogue_find() - the translation of @text.
 *
 * @catalogue: a .mo file of this machine's byte order; NULL has no translations
 * @context:   msgctxt in po/, or NULL
 *
 * Returns NULL where there is none; else what lives as long as the program.
 */
const char *catalogue_find(const struct embed *catalogue, const char *context, const char *text);

#endif
