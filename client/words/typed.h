/**
 * What people type for a value, in the form that the server takes: tomorrow, 本周, 350万, CNY in
 * small letters, "me". The same in every language that the program speaks, whichever is set.
 */
#ifndef JIAYI_CLIENT_WORDS_TYPED_H
#define JIAYI_CLIENT_WORDS_TYPED_H

#include <stdbool.h>
#include <time.h>

#include "client/base/failure.h"
#include "common/arena.h"
#include "common/schema.h"

/** What words mean that say no more than where and when they are typed. */
struct typed_here {
    /** The day, of this machine's clock and zone: year, month and day of the month count. */
    struct tm today;
    /** The address of who is signed in; NULL where nobody is. */
    const char *me;
};

/**
 * typed_value() - the value that somebody means who typed @text for the field @f.
 *
 * Dates: today, tomorrow, friday and the like in three languages; 11-29, 11月29日, 29.11. of the year
 * that is nearest; 2026/11/29, 29.11.2026. Periods: those days, this week, 上月, W47, Q4, 2026/11.
 * Times: 14:30, yesterday 9:30, 昨天下午3点, with this machine's offset. Amounts: 3,500,000,
 * 3.500.000,50, 350万, 1.2m. Addresses: me. Currencies, codes and company codes
 * in capitals or not; ¥, €. Numbers: #7. The words of the dictionary, where the field has a list.
 *
 * Returns @text itself where it has the form already, or is not understood: the server says then
 * what the field takes. Else a text in the arena; NULL when that is full.
 */
const char *typed_value(struct arena *a, const struct schema_field *f, const char *text,
                        const struct typed_here *here);

/**
 * typed_is() - true when @text is one of @words, which bars separate: without case, width and the
 * dots of ë and ç, a hyphen or an underscore being a blank.
 */
bool typed_is(const char *text, const char *words);

#endif
