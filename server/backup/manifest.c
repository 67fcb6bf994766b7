#include "server/backup/manifest.h"

#include <stdbool.h>
#include <string.h>

void
manifest_print(const struct manifest *m, const struct archive *archive, FILE *out)
{
    fprintf(out, "jiayi-backup 1\nprogram %s\nmade %s\npostgresql %d\nschema %d\n", m->program,
            m->made, m->postgresql, m->schema);
    for (size_t i = 0; i < archive->n; i++) {
        const struct archive_member *member = &archive->members[i];
        fprintf(out, "file %s %lld %s\n", member->sha256, (long long)member->size, member->name);
    }
    for (size_t i = 0; i < m->inventory.n; i++) {
        const struct inventory_table *table = &m->inventory.tables[i];
        fprintf(out, "table %lld %s %s\n", (long long)table->rows, table->digest, table->name);
    }
}

static bool
take_file_line(struct manifest *m, const char *line)
{
    long long size = -1;
    if (m->n_files == ARCHIVE_MEMBERS)
        return false;
    struct archive_member *file = &m->files[m->n_files++];
    bool fine = sscanf(line, "file %64[0-9a-f] %lld %99s", file->sha256, &size, file->name) == 3;
    file->size = size;
    return fine;
}

static bool
take_table_line(struct manifest *m, const char *line, struct status *short_of)
{
    long long rows = -1;
    struct inventory_table table = {0};
    if (sscanf(line, "table %lld %47[-0-9] %63s", &rows, table.digest, table.name) != 3)
        return false;
    table.rows = rows;
    return inventory_add(&m->inventory, &table, short_of) == 0;
}

/**
 * Lines that a later program may add are passed over. False, with @short_of set for want of memory.
 */
static bool
take_line(struct manifest *m, const char *line, struct status *short_of)
{
    if (strncmp(line, "file ", 5) == 0)
        return take_file_line(m, line);
    if (strncmp(line, "table ", 6) == 0)
        return take_table_line(m, line, short_of);
    if (strncmp(line, "schema ", 7) == 0)
        return sscanf(line, "schema %d", &m->schema) == 1;
    if (strncmp(line, "postgresql ", 11) == 0)
        return sscanf(line, "postgresql %d", &m->postgresql) == 1;
    if (strncmp(line, "program ", 8) == 0)
        return sscanf(line, "program %31s", m->program) == 1;
    if (strncmp(line, "made ", 5) == 0)
        return sscanf(line, "made %31s", m->made) == 1;
    return true;
}

/** The archive's members are those that the manifest tells of, and the manifest. */
static bool
fits_archive(const struct manifest *m, const struct archive *archive)
{
    if (archive->n != m->n_files + 1)
        return false;
    for (size_t i = 0; i < m->n_files; i++)
        if (strcmp(archive->members[i].name, m->files[i].name) != 0 ||
            archive->members[i].size != m->files[i].size)
            return false;
    return true;
}

int
manifest_parse(struct manifest *m, char *text, const struct archive *archive, struct status *e)
{
    char *rest = NULL;
    int format = 0;
    bool fine = true;
    struct status short_of = {0};
    memset(m, 0, sizeof *m);
    const char *line = strtok_r(text, "\n", &rest);
    if (!line || sscanf(line, "jiayi-backup %d", &format) != 1)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is no backup of jiayid", archive->path);
    if (format != 1)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "%s is in a newer format (%d) than this program knows; install a newer "
                          "jiayid",
                          archive->path, format);
    while (fine && (line = strtok_r(NULL, "\n", &rest)))
        fine = take_line(m, line, &short_of);
    if (short_of.code != STATUS_OK) {
        *e = short_of;
        return -1;
    }
    if (!fine || !m->schema || !m->postgresql || !fits_archive(m, archive))
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is damaged: its manifest does not fit",
                          archive->path);
    return 0;
}

const char *
manifest_sha256(const struct manifest *m, const char *name)
{
    for (size_t i = 0; i < m->n_files; i++)
        if (strcmp(m->files[i].name, name) == 0)
            return m->files[i].sha256;
    return NULL;
}
