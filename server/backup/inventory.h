/**
 * What is in the tables of the schema: how many rows, and a digest of them that does not depend on
 * their order. Two databases that have the same inventory hold the same.
 */
#ifndef JIAYI_SERVER_BACKUP_INVENTORY_H
#define JIAYI_SERVER_BACKUP_INVENTORY_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

struct pg_conn;

struct inventory_table {
    /** As long as PostgreSQL's names. */
    char name[64];
    int64_t rows;
    /** The sum of the rows' digests, a decimal number. */
    char digest[48];
};

/** All zero at first; inventory_free() frees what is in it. */
struct inventory {
    size_t n;
    /** By name. */
    struct inventory_table *tables;
    /** How many there is memory for. */
    size_t room;
};

/** inventory_add() - add a copy of @table. Returns 0, or -1 with @e set when there is no memory. */
int inventory_add(struct inventory *inventory, const struct inventory_table *table,
                  struct status *e) MUST_CHECK;

/** inventory_free() - free the tables, and be empty again. */
void inventory_free(struct inventory *inventory);

/**
 * inventory_take() - look at every table of the schema jiayi.
 *
 * @stop_fd: when it becomes readable, looking ends after the table that it is at
 * @ret:     an empty one; also after a failure the caller frees it
 *
 * In the transaction of @conn, whose snapshot is what is counted.
 */
int inventory_take(struct pg_conn *conn, int stop_fd, struct inventory *ret,
                   struct status *e) MUST_CHECK;

/** inventory_compare() - are @there and @wanted the same? Names the first table that is not. */
int inventory_compare(const struct inventory *there, const struct inventory *wanted,
                      struct status *e) MUST_CHECK;

/** inventory_rows() - how many rows all tables have. */
int64_t inventory_rows(const struct inventory *inventory);

#endif
