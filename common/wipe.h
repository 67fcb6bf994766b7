/**
 * Memory that held a secret.
 */
#ifndef JIAYI_COMMON_WIPE_H
#define JIAYI_COMMON_WIPE_H

/**
 * wipe_free() - overwrite what malloc() gave at @p, all of it, and free it.
 *
 * NULL is allowed. errno stays as it is. Any thread may call.
 */
void wipe_free(void *p);

#endif
