/**
 * Named parts of a method's SQL file: lines that stand there once and hold in several places, such
 * as what narrows down each arm of a list.
 *
 *     -- part: filter
 *           AND d.stage = :stage                  --? stage
 *           AND d.id < :page.after::bigint        --? page_token
 *     -- end
 *     (SELECT d.* FROM deal AS d WHERE d.company_id = :me.company_id
 *           :part.filter
 *      ORDER BY d.id DESC LIMIT :page.limit)
 *     UNION ALL
 *     (SELECT d.* FROM deal AS d WHERE d.vendor_id = :me.company_id
 *           :part.filter
 *      ORDER BY d.id DESC LIMIT :page.limit)
 *
 * `-- part: name` and `-- end` begin their lines. `:part.name` has a line to itself, which gives
 * way to the part's lines: their `--? field` hold there as everywhere, and so does one behind the
 * name, for each of them. A part may use another one.
 * None has the name of a request field, so that nobody takes `:stage` for `:part.stage`.
 */
#ifndef JIAYI_SERVER_METHOD_SQL_PART_H
#define JIAYI_SERVER_METHOD_SQL_PART_H

#include "common/arena.h"
#include "common/schema.h"

enum {
    /** Parts in one file. */
    SQL_PART_MAX = 8,
};

/**
 * sql_part_expand() - the text with parts in the place of their names.
 *
 * @file: its name, for messages
 * @in:   the request's type, or NULL
 *
 * Returns the text, in @a; or NULL with @e naming the part that is unknown, there twice, never
 * used, used in itself, named as a field, without an end, or used within a line.
 */
const char *sql_part_expand(struct arena *a, const char *file, const char *text,
                            const struct schema_message *in, struct status *e) MUST_CHECK;

#endif
