/**
 * `jiayi profile`: the sign-ins that are kept on this machine, and which of them counts.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/run/session.h"
#include "common/json.h"

enum { COLUMNS = 5 };

/** A profile's row, for people. */
static void
profile_cells(const struct profile *p, bool current, const char *cells[COLUMNS])
{
    cells[0] = p->name;
    cells[1] = p->user ? p->user : "";
    cells[2] = p->company ? p->company : "";
    cells[3] = p->server ? p->server : "";
    cells[4] = current    ? p->token ? _("signed in; used now") : _("signed out; used now")
                  : p->token ? _("signed in")
                          : _("signed out");
}

static void
profiles_table(struct client *c, const char *(*rows)[COLUMNS], size_t n)
{
    size_t widths[COLUMNS] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COLUMNS; k++) {
            const char *clean = display_clean(c->arena, rows[i][k], DISPLAY_ONE_LINE);
            rows[i][k] = clean ? clean : "";
            size_t width = display_width(rows[i][k], strlen(rows[i][k]));
            widths[k] = width > widths[k] ? width : widths[k];
        }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k + 1 < COLUMNS; k++)
            display_pad(stdout, rows[i][k], widths[k] + 2);
        puts(rows[i][COLUMNS - 1]);
    }
}

static json_t *
profile_json(const struct profile *p, bool current)
{
    return json_pack("{s:s, s:s*, s:s*, s:s*, s:b, s:b}", "profile", p->name, "email", p->user,
                     "company", p->company, "server", p->server, "signed_in", p->token != NULL,
                     "current", current);
}

static int
print_profiles_json(struct client *c, json_t *value, struct status *e)
{
    char *text = value ? json_print_value(c->arena, value, JSON_LINES, e) : NULL;
    json_decref(value);
    if (!text)
        return failure_memory(e);
    puts(text);
    return 0;
}

static int
profiles_json(struct client *c, const struct profile *all, size_t n, struct status *e)
{
    json_begin();
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list,
                              profile_json(&all[i], strcmp(all[i].name, c->profile_name) == 0));
    return print_profiles_json(c, json_pack("{s:o}", "profiles", list), e);
}

static void
profiles_csv(struct client *c, const struct profile *all, size_t n)
{
    puts("profile,email,company,server,signed_in,current");
    for (size_t i = 0; i < n; i++)
        /* None of these can hold a comma or a quotation mark. */
        printf("%s,%s,%s,%s,%s,%s\n", all[i].name, all[i].user ? all[i].user : "",
               all[i].company ? all[i].company : "", all[i].server ? all[i].server : "",
               all[i].token ? "true" : "false",
               strcmp(all[i].name, c->profile_name) == 0 ? "true" : "false");
}

int
profiles_list(struct client *c, struct status *e)
{
    const char *const *names;
    size_t n;
    if (!session_profile_name(c, e) || profile_names(c->arena, &names, &n, e) < 0)
        return -1;
    struct profile *all = arena_alloc(c->arena, (n + 1) * sizeof *all);
    const char *(*rows)[COLUMNS] = arena_alloc(c->arena, (n + 1) * sizeof *rows);
    if (!all || !rows)
        return failure_memory(e);
    rows[0][0] = _("PROFILE");
    rows[0][1] = _("USER");
    rows[0][2] = _("COMPANY");
    rows[0][3] = _("SERVER");
    rows[0][4] = _("STATE");
    for (size_t i = 0; i < n; i++) {
        if (profile_load(c->arena, names[i], &all[i], e) < 0)
            return -1;
        profile_cells(&all[i], strcmp(names[i], c->profile_name) == 0, rows[i + 1]);
    }
    if (c->parsed.output == OUTPUT_JSON)
        return profiles_json(c, all, n, e);
    if (c->parsed.output == OUTPUT_CSV)
        profiles_csv(c, all, n);
    else
        profiles_table(c, rows, n + 1);
    return 0;
}

int
profiles_use(struct client *c, struct status *e)
{
    struct profile chosen;
    const char *name = parse_value(&c->parsed, "NAME");
    if (profile_load(c->arena, name, &chosen, e) < 0)
        return -1;
    if (!chosen.server)
        return status_set(e, STATUS_USAGE,
                          _("there is no profile %s; `jiayi profile list` lists them"), name);
    if (profile_choose(c->arena, name, e) < 0)
        return -1;
    json_begin();
    if (c->parsed.output == OUTPUT_JSON)
        return print_profiles_json(c, profile_json(&chosen, true), e);
    printf(_("%s is used from now on where --profile is absent\n"), name);
    return 0;
}
