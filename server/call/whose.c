#include "server/call/whose.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "common/clock.h"

enum {
    /** Tokens that are remembered: of more that are in use at a time, some are their address's. */
    REMEMBERED = 8192,
    /** Of a remembered token's word: the bits that are the number. The others are the token's. */
    NUMBER_MASK = WHOSE_NUMBERS - 1,
};

/** So that nobody can choose a company's name to share another one's number. */
static uint64_t seed;

static void
make_seed(void)
{
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_now_us();
}

/** FNV-1a (Fowler, Noll, Vo), begun with the seed. */
static uint32_t
hash_text(const char *text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_seed);
    uint64_t hash = 14695981039346656037U ^ seed;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211U;
    return (uint32_t)(hash ^ hash >> 32);
}

/**
 * A word for each token remembered: of its SHA-256 all bits but the lowest, and the number in
 * these.
 */
static _Atomic uint64_t remembered[REMEMBERED];

static uint64_t
token_bits(const struct call *c, _Atomic uint64_t **place)
{
    uint64_t bits[2];
    memcpy(bits, c->token_sha256, sizeof bits);
    *place = &remembered[bits[1] % REMEMBERED];
    return bits[0] & ~(uint64_t)NUMBER_MASK;
}

void
whose_remember(const struct call *c)
{
    _Atomic uint64_t *place;
    uint64_t number = WHOSE_ADDRESSES + hash_text(c->company) % (WHOSE_NUMBERS - WHOSE_ADDRESSES);
    uint64_t word = token_bits(c, &place) | number;
    /* Mostly it is there already, and a line of memory that nobody writes is read faster. */
    if (atomic_load_explicit(place, memory_order_relaxed) != word)
        atomic_store_explicit(place, word, memory_order_relaxed);
}

/** The number that is remembered for the call's token, or 0, which is no company's. */
static unsigned
recall(const struct call *c)
{
    _Atomic uint64_t *place;
    uint64_t bits = token_bits(c, &place);
    uint64_t word = atomic_load_explicit(place, memory_order_relaxed);
    return c->has_token && (word & ~(uint64_t)NUMBER_MASK) == bits ? (unsigned)(word & NUMBER_MASK)
                                                                   : 0;
}

unsigned
whose_number(const struct call *c)
{
    unsigned number = recall(c);
    return number > 0 ? number : hash_text(c->address) % WHOSE_ADDRESSES;
}

bool
whose_is_known(const struct call *c)
{
    return recall(c) > 0;
}

unsigned
whose_network(const char *address)
{
    char network[INET6_ADDRSTRLEN];
    uint8_t bytes[16] = {0};
    snprintf(network, sizeof network, "%s", address);
    if (inet_pton(AF_INET, address, bytes) == 1) {
        bytes[3] = 0;
        inet_ntop(AF_INET, bytes, network, sizeof network);
    } else if (inet_pton(AF_INET6, address, bytes) == 1) {
        memset(bytes + 8, 0, 8);
        inet_ntop(AF_INET6, bytes, network, sizeof network);
    }
    return hash_text(network) % WHOSE_ADDRESSES;
}
