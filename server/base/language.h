/**
 * The languages in which the server answers, beside English: the catalogues of po/, which are a
 * part of the program.
 */
#ifndef JIAYI_SERVER_BASE_LANGUAGE_H
#define JIAYI_SERVER_BASE_LANGUAGE_H

#include "common/embed.h"

/**
 * language_of() - the catalogue for a reader of @locale, as status_say() takes it.
 *
 * @locale: a BCP 47 tag such as "zh-CN", or a locale's name such as "sq_AL.UTF-8", as a peer said
 *          it; NULL is allowed
 *
 * Returns NULL for English, which is also for all that is not known: zh_CN is for "zh", "zh-CN" and
 * "zh-Hans-CN", not for "zh-TW"; sq for all that begin with "sq".
 */
const struct embed *language_of(const char *locale);

#endif
