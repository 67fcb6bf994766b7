#include "client/base/profile.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/base/private_file.h"
#include "common/json.h"

enum {
    NAME_BYTES = 40,
    /** The most profiles that are listed. */
    MAX_NAMES = 1000,
};

/** The file's keys. */
static const struct {
    const char *key;
    size_t offset;
} keys[] = {
    {"server", offsetof(struct profile, server)},
    {"user", offsetof(struct profile, user)},
    {"company", offsetof(struct profile, company)},
    {"token", offsetof(struct profile, token)},
    {"ca", offsetof(struct profile, ca)},
    {"device", offsetof(struct profile, device)},
    {"signing_key", offsetof(struct profile, signing_key)},
    {"origin_token", offsetof(struct profile, origin_token)},
    {"origin_user", offsetof(struct profile, origin_user)},
    {"origin_company", offsetof(struct profile, origin_company)},
};
enum { N_KEYS = sizeof keys / sizeof *keys };

static const char **
key_value(struct profile *p, size_t key)
{
    return (const char **)((char *)p + keys[key].offset);
}

int
profile_check_name(const char *name, struct status *e)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = strlen(name);
    if (n == 0 || n > NAME_BYTES || strspn(name, allowed) != n || name[0] == '-')
        return status_set(e, STATUS_USAGE,
                          _("\"%s\" is no name for a profile; use letters, digits, - "
                            "and _, at most %d"),
                          name, NAME_BYTES);
    return 0;
}

/** The folder of what jiayi keeps, and @name in it; NULL with @e set when there is no home. */
static const char *
kept_path(struct arena *a, const char *name, struct status *e)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME"), *path = NULL;
    if (!home || home[0] != '/') {
        const struct passwd *me = getpwuid(geteuid());
        home = me ? me->pw_dir : NULL;
    }
    /* The XDG specification: a path that is not absolute is ignored. */
    if (config && config[0] == '/')
        path = arena_print(a, "%s/jiayi%s", config, name);
    else if (home)
        path = arena_print(a, "%s/.config/jiayi%s", home, name);
    if (!path)
        status_set(e, STATUS_FAILED_HERE, "%s",
                   _("there is no home folder for profiles; set XDG_CONFIG_HOME"));
    return path;
}

static const char *
profiles_folder(struct arena *a, struct status *e)
{
    return kept_path(a, "/profiles", e);
}

/* Which one. */

int
profile_chosen(struct arena *a, const char **ret, struct status *e)
{
    const char *path, *named = getenv("JIAYI_PROFILE");
    char *text;
    size_t size;
    *ret = named && *named ? named : NULL;
    if (*ret)
        return profile_check_name(*ret, e);
    if (!(path = kept_path(a, "/profile", e)))
        return -1;
    enum private_file_found found = private_file_read(a, path, NAME_BYTES + 2, &text, &size, e);
    if (found != PRIVATE_FILE_READ)
        return found == PRIVATE_FILE_ABSENT ? 0 : -1;
    text[strcspn(text, "\n")] = 0;
    *ret = text;
    return profile_check_name(text, e);
}

int
profile_choose(struct arena *a, const char *name, struct status *e)
{
    const char *folder = kept_path(a, "", e), *path = folder ? kept_path(a, "/profile", e) : NULL;
    const char *line = arena_print(a, "%s\n", name);
    if (!path)
        return -1;
    if (!line)
        return failure_memory(e);
    return private_file_make_folders(folder, e) < 0
               ? -1
               : private_file_write(path, line, strlen(line), true, e);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
profile_names(struct arena *a, const char *const **ret, size_t *n, struct status *e)
{
    const char *under = profiles_folder(a, e);
    const char **all = arena_alloc(a, MAX_NAMES * sizeof *all);
    struct status ignored;
    *n = 0;
    *ret = all;
    if (!under)
        return -1;
    if (!all)
        return failure_memory(e);
    DIR *folder = opendir(under);
    if (!folder && errno != ENOENT)
        return status_set(e, STATUS_FAILED_HERE, _("cannot read %s: %s"), under, strerror(errno));
    for (struct dirent *one; folder && *n < MAX_NAMES && (one = readdir(folder));)
        /* What lies beside them, such as tickets, has a point in its name. */
        if (profile_check_name(one->d_name, &ignored) == 0 &&
            (all[*n] = arena_copy(a, one->d_name, strlen(one->d_name))))
            ++*n;
    if (folder)
        closedir(folder);
    qsort(all, *n, sizeof *all, compare_names);
    return 0;
}

/* One of them. */

static int
malformed_profile(const char *path, struct status *e)
{
    return status_set(e, STATUS_FAILED_HERE,
                      _("the profile %s is malformed; delete it and sign in again"), path);
}

static int
read_keys(struct arena *a, struct profile *p, const json_t *file, struct status *e)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        const json_t *value = json_object_get(file, keys[i].key);
        if (!value)
            continue;
        if (!json_is_string(value))
            return malformed_profile(p->path, e);
        *key_value(p, i) = arena_copy(a, json_string_value(value), json_string_length(value));
        if (!*key_value(p, i))
            return failure_memory(e);
    }
    return 0;
}

int
profile_load(struct arena *a, const char *name, struct profile *ret, struct status *e)
{
    *ret = (struct profile){.name = name};
    const char *under = profile_check_name(name, e) < 0 ? NULL : profiles_folder(a, e);
    if (!under)
        return -1;
    ret->path = arena_print(a, "%s/%s", under, name);
    if (!ret->path)
        return failure_memory(e);
    char *text;
    size_t size;
    enum private_file_found found = private_file_read(a, ret->path, PROFILE_BYTES, &text, &size, e);
    if (found != PRIVATE_FILE_READ)
        return found == PRIVATE_FILE_ABSENT ? 0 : -1;
    json_begin();
    json_t *file = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    int result = json_is_short()        ? failure_memory(e)
                 : json_is_object(file) ? read_keys(a, ret, file, e)
                                        : malformed_profile(ret->path, e);
    json_decref(file);
    return result;
}

int
profile_save(struct arena *a, const struct profile *p, struct status *e)
{
    json_begin();
    json_t *file = json_object();
    for (size_t i = 0; file && i < N_KEYS; i++) {
        const char *value = *key_value((struct profile *)p, i);
        if (value)
            json_object_set_new(file, keys[i].key, json_string(value));
    }
    char *text = file ? json_print_value(a, file, JSON_LINES, e) : NULL;
    json_decref(file);
    char *above = arena_copy(a, p->path, strlen(p->path));
    if (!text || !above)
        return failure_memory(e);
    *strrchr(above, '/') = 0;
    size_t size = strlen(text);
    text[size] = '\n'; /* in place of the NUL: the size says where it ends */
    int result = private_file_make_folders(above, e) < 0
                     ? -1
                     : private_file_write(p->path, text, size + 1, true, e);
    explicit_bzero(text, size + 1);
    return result;
}

struct profile
profile_origin(const struct profile *p)
{
    struct profile origin = *p;
    if (!p->origin_token)
        return origin;
    origin.token = p->origin_token;
    origin.user = p->origin_user;
    origin.company = p->origin_company;
    origin.origin_token = origin.origin_user = origin.origin_company = NULL;
    return origin;
}

/** The longest schema that is kept, in bytes. */
#define SCHEMA_BYTES (16 << 20)

static const char *
schema_path(struct arena *a, const struct profile *p)
{
    return p->path ? arena_print(a, "%s.schema", p->path) : NULL;
}

struct profile_schema
profile_load_schema(struct arena *a, const struct profile *p)
{
    struct profile_schema schema = {0};
    struct status ignored;
    char *data;
    size_t n;
    const char *path = schema_path(a, p);
    if (path &&
        private_file_read(a, path, SCHEMA_BYTES, &data, &n, &ignored) == PRIVATE_FILE_READ &&
        n > PROFILE_SHA256_BYTES)
        schema = (struct profile_schema){.sha256 = (const uint8_t *)data,
                                         .set = (const uint8_t *)data + PROFILE_SHA256_BYTES,
                                         .size = n - PROFILE_SHA256_BYTES};
    return schema;
}

void
profile_save_schema(struct arena *a, const struct profile *p, const struct profile_schema *schema)
{
    struct status ignored;
    const char *path = schema_path(a, p);
    uint8_t *data = path ? arena_alloc(a, PROFILE_SHA256_BYTES + schema->size) : NULL;
    if (!data)
        return;
    memcpy(data, schema->sha256, PROFILE_SHA256_BYTES);
    memcpy(data + PROFILE_SHA256_BYTES, schema->set, schema->size);
    (void)!private_file_write(path, data, PROFILE_SHA256_BYTES + schema->size, false, &ignored);
}

static void
ticket_path(const struct profile *p, char path[PATH_MAX])
{
    if (snprintf(path, PATH_MAX, "%s.tls", p->path) >= PATH_MAX)
        path[0] = 0;
}

int
profile_load_ticket(const struct profile *p, uint8_t *buf, size_t size)
{
    char path[PATH_MAX], *data;
    size_t n = 0;
    struct status ignored;
    ticket_path(p, path);
    struct arena *a = arena_new(4 * size + 65536);
    if (!a || private_file_read(a, path, size, &data, &n, &ignored) != PRIVATE_FILE_READ)
        n = 0;
    if (n)
        memcpy(buf, data, n);
    arena_free(a);
    return (int)n;
}

void
profile_save_ticket(const struct profile *p, const uint8_t *der, size_t size)
{
    char path[PATH_MAX];
    struct status ignored;
    ticket_path(p, path);
    if (private_file_write(path, der, size, false, &ignored) < 0)
        return;
}

void
profile_forget_ticket(const struct profile *p)
{
    char path[PATH_MAX];
    ticket_path(p, path);
    unlink(path);
}
