/**
 * Whose a call is, before the database has said so.
 *
 * Who calls is known for sure only when the database has looked at the token. So it is remembered
 * which token was of which company: for turns and budgets alone, nothing else is decided by it. A
 * call whose token is not remembered is its peer's address's.
 */
#ifndef JIAYI_SERVER_CALL_WHOSE_H
#define JIAYI_SERVER_CALL_WHOSE_H

#include "server/call/call.h"

enum {
    /** Companies and addresses are told apart by numbers below this; few share one. */
    WHOSE_NUMBERS = 65536,
    /** The first of them are for addresses. */
    WHOSE_ADDRESSES = 4096,
};

/** whose_remember() - the token of @c is its company's, as the database said. Any thread. */
void whose_remember(const struct call *c);

/** whose_number() - that of the call's company, or of its peer's address. Any thread. */
unsigned whose_number(const struct call *c);

/** whose_is_known() - has the database said whose the call's token is? Any thread. */
bool whose_is_known(const struct call *c);

/**
 * whose_network() - a number below WHOSE_ADDRESSES for the network of @address, which is what
 * somebody has who has one address of it: /24 of IPv4, /64 of IPv6. What is no address is its own.
 * Any thread.
 */
unsigned whose_network(const char *address);

#endif
