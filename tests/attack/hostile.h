#pragma once
/*
 * The attacks. Each runs as a process of its own, and at the lowest priority (SCHED_IDLE) where
 * throughput is measured: an attacker on the Internet does not use the server's processors, so that
 * what one takes here is not to count against the server.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "tests/attack/link.h"

struct hostile_worker;

/**
 * An attack. What it does is one of three: hold connections, do a thing again and again, or make
 * calls.
 */
struct hostile_attack {
    const char *name;
    /** What it does, for the table. */
    const char *what;
    /** Threads; and, together, connections that are held. */
    int workers, peers;
    /** What is done again and again, per second by all workers together; 0 as often as goes. */
    int rate;
    /** Source addresses that it comes from. */
    int addresses;
    /** Calls in flight on each connection; of HTTP/2 that is held, its streams, 64 at most. */
    int depth;
    /** Between two steps of a held connection. */
    int tick_ms;
    /** Small receive buffers. */
    bool is_narrow;
    /** Calls are made by HTTP/2. */
    enum link_way way;
    /** The share of its calm throughput that the good client keeps at least; 0: the usual one. */
    double least_ratio;
    /** What the server may hold more meanwhile, in KiB, beside the usual slack; 0: not looked at. */
    long most_kib;
    void (*run)(struct hostile_worker *w);
    /** For held connections: 0, or -1. The step may be NULL. */
    int (*open)(struct hostile_worker *w, struct link *l, int peer);
    int (*step)(struct hostile_worker *w, struct link *l, int peer);
    /** For what is done again and again. */
    void (*act)(struct hostile_worker *w);
    /** So often it may come to something, at most: at once, and a second; 0 as often as goes. */
    int most_done, most_done_per_s;
    /** For calls: makes the next one. */
    void (*ask)(struct hostile_worker *w, struct link_call *c);
};

/** What the attackers did so far, in shared memory. */
struct hostile_score {
    atomic_bool stop;
    /** Workers that have done what they do first: opened all their connections, for one. */
    atomic_int ready;
    /**
     * Things done; connections that the server ended; calls that it refused; what could not be
     * done.
     */
    atomic_long done, cut, refused, failed;
    /** Connections that are held now. */
    atomic_long held;
};

struct hostile_options {
    struct link_target target;
    /** Multiplies connections and rates. */
    double scale;
    /**
     * Throughput is not measured: no need to stand back, and on a busy machine the attack would not
     * come to anything.
     */
    bool is_brief;
    /** The password of everybody in tests/bench/data.sql. */
    char password[128];
};

/** What a worker knows. */
struct hostile_worker {
    const struct hostile_attack *attack;
    const struct hostile_options *options;
    struct link_target target;
    struct hostile_score *score;
    int number, workers;
    /** Things done so far. */
    unsigned turn;
    /** For attacks that keep one connection for it all. */
    struct link link;
    /** Where the next call is put together. */
    uint8_t payload[1024];
    char token[LINK_TOKEN_DIGITS + 1], text[400];
    SSL_SESSION *ticket;
};

/** hostile_attacks() - all attacks, the last without a name. */
const struct hostile_attack *hostile_attacks(void);

/** hostile_scaled() - @n connections or times a second at @scale: at least one. */
int hostile_scaled(int n, double scale);

/**
 * hostile_start() - begins the attack.
 *
 * @score:  shared memory, zeroed
 *
 * Returns the process's id at once. hostile_stop() ends it and all its connections, whatever they
 * are at.
 */
pid_t hostile_start(const struct hostile_attack *a, struct hostile_score *score,
                    const struct hostile_options *o);
void hostile_stop(struct hostile_score *score, pid_t pid);

/* For attacks. */

/** hostile_count() - one more of something in the score. */
void hostile_count(atomic_long *what);

/** hostile_source() - the @n-th source address of the attack: from 127.66.0.1 on. */
uint32_t hostile_source(const struct hostile_worker *w, unsigned n);

/** hostile_serial() - something new for each worker and turn. */
unsigned hostile_serial(const struct hostile_worker *w);

/** hostile_token() - the token of some session of company c1, in w->token. */
const char *hostile_token(struct hostile_worker *w, unsigned n);

/** hostile_tls_http2() - what a client of HTTP/2 offers. */
SSL_CTX *hostile_tls_http2(void);

/** Every secret that an attacker sends has this in it: no log may have it. */
#define HOSTILE_MARK "sesame-sesame"
