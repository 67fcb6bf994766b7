/** What the operating system says of this process. */
#ifndef JIAYI_SERVER_BASE_PROCESS_H
#define JIAYI_SERVER_BASE_PROCESS_H

#include <stdint.h>

/** A look at the process; what could not be found out is 0. */
struct process_state {
    double cpu_s, start_time_s;
    int64_t resident_bytes, virtual_bytes;
    int64_t open_fds, max_fds, threads;
};

/**
 * process_look() - ask. Reads a few files of /proc; counting descriptors takes longer the more
 * there are.
 */
void process_look(struct process_state *ret);

/** process_resident_bytes() - the memory in use alone: one short read. */
int64_t process_resident_bytes(void);

#endif
