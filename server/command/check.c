#include "server/command/check.h"

#include "server/database/migrate.h"
#include "server/method/boot_check.h"
#include "server/native/natives.h"

/** What is passed through runtime_visit(). */
struct question {
    const char *print_method;
    FILE *out;
};

static int
check_database_and_methods(const struct runtime *rt, void *arg, struct status *e)
{
    const struct question *q = arg;
    struct migrate_result result;
    if (migrate_verify(rt->admin_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    return boot_check(natives, rt->app_conninfo, q->print_method, q->out, e);
}

int
check_run(const struct check_options *o, FILE *out, struct status *e)
{
    struct question q = {.print_method = o->print_method, .out = out};
    return runtime_visit(&o->runtime, "checked", check_database_and_methods, &q, e);
}
