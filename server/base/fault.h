/**
 * Points at which a test has the server killed. Where JIAYI_FAULTS is not defined, as in jiayid, a
 * point is nothing; tests/jiayid_killable, beside it in the build folder, is the same with them.
 */
#ifndef JIAYI_SERVER_BASE_FAULT_H
#define JIAYI_SERVER_BASE_FAULT_H

#include <stddef.h>

/**
 * fault_point() - die here by SIGKILL, if the environment asks for it.
 *
 * @name:   the point; JIAYI_FAULT=NAME:N in the environment ends the process at the N-th passage of
 *          the point NAME, counted over all threads. Any thread may call.
 * @method: what is called, such as "DealService/GetDeal"; NULL where that is nothing in particular.
 *          With JIAYI_FAULT=NAME@METHOD:N only passages of such calls count.
 */
#ifdef JIAYI_FAULTS
void fault_point_of(const char *name, const char *method);
#else
static inline void
fault_point_of(const char *name, const char *method)
{
    (void)name;
    (void)method;
}
#endif

static inline void
fault_point(const char *name)
{
    fault_point_of(name, NULL);
}

#endif
