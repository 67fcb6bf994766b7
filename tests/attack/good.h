#pragma once
/*
 * The well-behaved client: callers that each have a connection of their own - every second one by
 * SP, the others by gRPC - and one call in flight, with a pause after each answer as people make, and one that makes a new connection for a call and
 * for one with a long request. It checks every answer and asks nothing twice: whatever goes wrong
 * is counted. It runs as a process of its own.
 */
#include <stdatomic.h>
#include <sys/types.h>

#include "tests/attack/link.h"

/** What the machine is in; a call counts for the phase in which it began. */
enum good_phase { GOOD_OTHER, GOOD_BEFORE, GOOD_ATTACK, GOOD_AFTER, GOOD_PHASES };

enum {
    GOOD_CALLERS = 8,
    GOOD_PAUSE_MS = 2,
    /** Between two new connections. */
    GOOD_OPEN_PAUSE_MS = 100,
    /** A call that is not answered by then has failed. */
    GOOD_PATIENCE_MS = 10000,
    GOOD_SAMPLES = 1 << 18,
};

/** Latencies in milliseconds, of what went well. */
struct good_samples {
    atomic_long n;
    float ms[GOOD_SAMPLES];
};

/** Shared with the client's process. */
struct good {
    atomic_int phase;
    atomic_bool stop;
    /** Callers that have had their first answer, or failed to. */
    atomic_int ready;
    atomic_long errors[GOOD_PHASES];
    struct good_samples calls[GOOD_PHASES], opens[GOOD_PHASES];
    /** The first thing that went wrong. */
    atomic_bool has_error;
    char error[240];
};

/**
 * good_start() - begins to call.
 *
 * @g:  shared memory, zeroed
 * @t:  with a CA and GOOD_PATIENCE_MS; by SP, and by HTTP/2
 *
 * Returns the process's id once every caller has had an answer. good_stop() ends it and waits for
 * it.
 */
pid_t good_start(struct good *g, const struct link_target *sp, const struct link_target *http2);
void good_stop(struct good *g, pid_t pid);
