#pragma once
/*
 * Who used the processors meanwhile: the server, its PostgreSQL, the attackers and the good client share them here, which far
 * networks do not.
 */
#include <stdbool.h>
#include <sys/types.h>

/** Seconds of a processor, so far. */
struct cpu {
    double server, database, good, hostile;
};

/**
 * cpu_look() - what the server and all its children, the good client and the attackers have used. A
 * process that is not there, or 0, has used nothing.
 */
struct cpu cpu_look(pid_t server, pid_t good, pid_t hostile);

/** cpu_since() - @now less @before. */
struct cpu cpu_since(const struct cpu *now, const struct cpu *before);
