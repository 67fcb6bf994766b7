#include "client/output/moment.h"

#include <stdlib.h>

#include "client/base/i18n.h"

enum {
    MINUTE = 60,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    /** Farther than this a date says more. */
    FAR = 30 * DAY,
};

/** The calendar's view of @at; the beginning of time where it has none. */
static struct tm
calendar(time_t at, bool utc)
{
    struct tm tm;
    time_t epoch = 0;
    if (!(utc ? gmtime_r(&at, &tm) : localtime_r(&at, &tm)))
        gmtime_r(&epoch, &tm);
    return tm;
}

const char *
moment_ago(struct arena *a, time_t at, time_t now)
{
    bool ahead = at > now;
    unsigned long away = (unsigned long)(ahead ? at - now : now - at), n = away / DAY;
    if (away >= FAR) {
        struct tm tm = calendar(at, false);
        return arena_print(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    }
    if (away < MINUTE)
        return ahead ? _("in a moment") : _("just now");
    const char *words =
        ahead ? ngettext("in %lu d", "in %lu d", n) : ngettext("%lu d ago", "%lu d ago", n);
    if (away < HOUR) {
        n = away / MINUTE;
        words = ahead ? ngettext("in %lu min", "in %lu min", n)
                      : ngettext("%lu min ago", "%lu min ago", n);
    } else if (away < DAY) {
        n = away / HOUR;
        words = ahead ? ngettext("in %lu h", "in %lu h", n) : ngettext("%lu h ago", "%lu h ago", n);
    }
    return arena_print(a, words, n);
}

/** Date and time with @between them, and what follows. */
static const char *
written(struct arena *a, const struct tm *tm, char between, const char *behind)
{
    return behind ? arena_print(a, "%04d-%02d-%02d%c%02d:%02d:%02d%s", tm->tm_year + 1900,
                                tm->tm_mon + 1, tm->tm_mday, between, tm->tm_hour, tm->tm_min,
                                tm->tm_sec, behind)
                  : NULL;
}

const char *
moment_exact(struct arena *a, time_t at, bool utc)
{
    struct tm tm = calendar(at, utc);
    long minutes = labs(tm.tm_gmtoff) / 60;
    char sign = tm.tm_gmtoff < 0 ? '-' : '+';
    if (utc)
        return written(a, &tm, ' ', " UTC");
    return written(a, &tm, ' ',
                   minutes % 60 ? arena_print(a, " %c%02ld:%02ld", sign, minutes / 60, minutes % 60)
                                : arena_print(a, " %c%02ld", sign, minutes / 60));
}

const char *
moment_iso(struct arena *a, time_t at, bool utc)
{
    struct tm tm = calendar(at, utc);
    long minutes = labs(tm.tm_gmtoff) / 60;
    return written(a, &tm, 'T',
                   tm.tm_gmtoff == 0 ? "Z"
                                     : arena_print(a, "%c%02ld:%02ld", tm.tm_gmtoff < 0 ? '-' : '+',
                                                   minutes / 60, minutes % 60));
}
