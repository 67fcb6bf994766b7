/**
 * Points at which a test has the server killed. In a build without -DJIAYI_FAULTS=ON, and so in
 * every one that anybody serves with, a point is nothing.
 */
#ifndef JIAYI_SERVER_BASE_FAULT_H
#define JIAYI_SERVER_BASE_FAULT_H

/**
 * fault_point() - die here by SIGKILL, if the environment asks for it.
 *
 * @name: the point; JIAYI_FAULT=NAME:N in the environment ends the process at the N-th passage of
 *        the point NAME, counted over all threads. Any thread may call.
 */
#ifdef JIAYI_FAULTS
void fault_point(const char *name);
#else
static inline void
fault_point(const char *name)
{
    (void)name;
}
#endif

#endif
