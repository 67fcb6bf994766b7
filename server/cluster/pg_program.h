/**
 * PostgreSQL's own programs (initdb, postgres, pg_dump, pg_restore): found, started, waited for.
 */
#ifndef JIAYI_SERVER_CLUSTER_PG_PROGRAM_H
#define JIAYI_SERVER_CLUSTER_PG_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/status.h"

/** Longest folder of the programs, and longest path of one, in bytes with the NUL. */
#define PG_PROGRAM_FOLDER_BYTES 1024
#define PG_PROGRAM_BYTES        1100
/** Longest line that says why a program failed. */
#define PG_PROGRAM_REASON_BYTES 300

/** How a program is started. Descriptors stay the caller's. */
struct pg_program_launch {
    /** argv[0] is the program's path. Every user sees these words. */
    const char *const *argv;
    /** One more variable of its environment, "NAME=value"; NULL for none. */
    const char *variable;
    /** Standard input; -1: nothing. */
    int input_fd;
    /** Standard output; -1: like error_fd. */
    int output_fd;
    /** Standard error. */
    int error_fd;
    /** Stays open in the program, under the same number; -1 for none. */
    int kept_fd;
    /** Sent to it when this process dies. */
    int death_signal;
};

/**
 * pg_program_find() - find the folder that has all of @names, which end with NULL.
 *
 * @version: PostgreSQL's major version, where there is a choice
 */
int pg_program_find(int version, const char *const *names, char folder[PG_PROGRAM_FOLDER_BYTES],
                    struct status *e) MUST_CHECK;

/**
 * pg_program_start() - start a program. Of our environment it gets HOME and PGPASSFILE alone.
 *
 * Returns its process id, or -1 with @e set.
 */
pid_t pg_program_start(const struct pg_program_launch *launch, struct status *e) MUST_CHECK;

/** pg_program_wait() - wait for its end. Returns its status as waitpid() tells it. */
int pg_program_wait(pid_t pid);

/** pg_program_describe_end() - "exit status 1", "killed by signal 9". */
void pg_program_describe_end(int status, char how[80]);

/**
 * pg_program_reason() - the line in the file at @path, a program's output, that says why it failed:
 * the last with FATAL or error, else the last.
 */
void pg_program_reason(const char *path, char reason[PG_PROGRAM_REASON_BYTES]);

#endif
