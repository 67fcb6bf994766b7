/**
 * Programs in which the n-th call that can fail does: built with JIAYI_TORTURE, every such call of
 * ours (faults.def) goes through faults.c. Which one fails is said in a file that the driver shares
 * with the program.
 */
#ifndef JIAYI_TESTS_TORTURE_FAULTS_H
#define JIAYI_TESTS_TORTURE_FAULTS_H

#include <stdatomic.h>

/** The variable of the environment that names the file. */
#define FAULTS_FILE "JIAYI_FAULTS"

/** What the file holds; mapped by the driver and by the program. */
struct faults {
    /** The call that fails, counted down to 0; 0: none. */
    atomic_long left;
    /** How many there were since it was set to 0. */
    atomic_long seen;
    /** The one that failed. */
    char name[64];
};

/** faults_map() - the file's content, made when it is not there; NULL where that fails. */
struct faults *faults_map(const char *path);

/** faults_now() - the faults of this process; the file's, or the process's own. */
struct faults *faults_now(void);

#endif
