/**
 * Brings a database to this program's schema: numbered migrations, forward only, each in a
 * transaction of its own that also notes it in jiayi.schema_migration; then, in another one, the
 * definitions: see server/database/definitions.h.
 *
 * Several servers may do this at the same time: a lock lets one at a time work.
 */
#ifndef JIAYI_SERVER_DATABASE_MIGRATE_H
#define JIAYI_SERVER_DATABASE_MIGRATE_H

#include <stdbool.h>

#include "common/embed.h"
#include "common/status.h"

/**
 * What a run did. Versions are the numbers that the files' names begin with; 0 is an empty
 * database.
 */
struct migrate_result {
    int from_version;
    int to_version;
    /** How many files of definitions were applied; 0: none has changed. */
    int definitions;
};

/**
 * migrate_run() - apply the migrations that the database lacks, and the definitions.
 *
 * @admin_conninfo: of database_conninfo(); a superuser, or a role that owns the database and may
 *                  create roles
 * @migrations:     named NNNN_what.sql, in ascending order
 * @definitions:    of the newest of them; NULL: the migrations alone
 *
 * A database is refused when it is older than PostgreSQL 15 or not in UTF-8, newer than
 * @migrations, or was migrated by files that have changed since; when the user of @admin_conninfo
 *          lacks rights; and
 * when the app role could go round row-level security.
 * Returns 0, or -1 with @e set; what was applied before a failure stays applied.
 */
int migrate_run(const char *admin_conninfo, const struct embed *migrations,
                const struct embed *definitions, struct migrate_result *ret,
                struct status *e) MUST_CHECK;

/** migrate_newest() - the version that migrate_run() brings a database to. */
int migrate_newest(const struct embed *migrations);

/** migrate_verify() - would migrate_run() find nothing to do? Changes nothing. */
int migrate_verify(const char *admin_conninfo, const struct embed *migrations,
                   const struct embed *definitions, struct migrate_result *ret,
                   struct status *e) MUST_CHECK;

/**
 * migrate_create_operator() - make the first operator of a migrated database.
 *
 * @name:        the person's, for people to read
 * @phc:         the password's argon2id hash
 * @ret_created: false when that person exists already: nothing is changed then, nor the password
 */
int migrate_create_operator(const char *admin_conninfo, const char *email, const char *name,
                            const char *phc, bool *ret_created, struct status *e) MUST_CHECK;

#endif
