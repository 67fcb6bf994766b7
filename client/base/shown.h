/**
 * Which version of an object a profile was shown last, kept in NAME.shown beside the profile, mode
 * 0600: lines such as "deal 7 5" below one that says whose they are.
 *
 * It only helps: what cannot be read or written is as if nothing had been shown. Somebody else who
 * signs in with the profile begins anew. Several programs may use it at once; it forgets all but
 * the last SHOWN_MOST.
 */
#ifndef JIAYI_CLIENT_BASE_SHOWN_H
#define JIAYI_CLIENT_BASE_SHOWN_H

#include <stddef.h>
#include <stdint.h>

#include "client/base/profile.h"

/** The most objects that are remembered for long. */
enum { SHOWN_MOST = 1000 };

/** A version of an object. */
struct shown {
    /** What it is, in words without line breaks: "deal 7". */
    const char *what;
    int64_t version;
};

/** shown_version() - the version of @what that was last remembered; -1 where none was. */
int64_t shown_version(struct arena *a, const struct profile *p, const char *what);

/** shown_remember() - remember the @n versions at @all. */
void shown_remember(struct arena *a, const struct profile *p, const struct shown *all, size_t n);

#endif
