/**
 * jiayid, the server: its commands and flags.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "server/command/backup.h"
#include "server/command/check.h"
#include "server/command/init.h"
#include "server/command/operator.h"
#include "server/command/restore.h"
#include "server/command/serve.h"
#include "server/command/server_keys.h"
#include "server/database/database.h"
#include "server/folder/config.h"

/** Exit statuses. */
enum { DONE = 0, FAILED = 1, USAGE = 2 };

#define HOSTNAMES_MAX 32
#define FLAGS_MAX     64

struct command;

/** What the command line says. */
struct options {
    const struct command *command;
    /** The word that is no flag. */
    const char *operand;
    const char *data;
    const char *operator_email;
    const char *name;
    const char *password_file;
    const char *user;
    const char *print_method;
    const char *expect;
    bool replace;
    bool verify;
    bool no_jobs;
    const char *hostnames[HOSTNAMES_MAX + 1];
    size_t n_hostnames;
    /** Configuration keys. */
    struct config_flag set[FLAGS_MAX];
    size_t n_set;
};

/** A flag that is no configuration key. */
struct flag {
    const char *name;
    /** NULL: it has no value. */
    const char *value_name;
    /** Bits of enum config_command: the commands that have it, and those that need it. */
    unsigned commands;
    unsigned required;
    /** Where it goes in struct options: its value, or for one without a value that it was given. */
    size_t offset;
    /** May be repeated: the values go to an array of HOSTNAMES_MAX. */
    bool many;
    const char *doc;
};

#define ALL                                                                       \
    (CONFIG_INIT | CONFIG_SERVE | CONFIG_CHECK | CONFIG_BACKUP | CONFIG_RESTORE | \
     CONFIG_OPERATOR | CONFIG_KEY)
#define BUT_BACKUP (ALL & ~(unsigned)CONFIG_BACKUP)

static const struct flag flags[] = {
    {"data", "DIR", ALL, BUT_BACKUP, offsetof(struct options, data), false,
     "The data folder; init and restore make it, for the server's user alone"},
    {"operator", "EMAIL", CONFIG_INIT, CONFIG_INIT, offsetof(struct options, operator_email), false,
     "The first operator, who creates companies"},
    {"password-file", "FILE", CONFIG_INIT | CONFIG_OPERATOR, CONFIG_INIT | CONFIG_OPERATOR,
     offsetof(struct options, password_file), false,
     "The operator's password: the file's first line; - for standard input"},
    {"name", "NAME", CONFIG_INIT | CONFIG_OPERATOR, 0, offsetof(struct options, name), false,
     "The new operator's name (default " OPERATOR_NAME ")"},
    {"hostname", "NAME", CONFIG_INIT, 0, offsetof(struct options, hostnames), true,
     "A name or address of this server for its certificate, besides localhost, 127.0.0.1 and "
     "::1; may be repeated"},
    {"user", "NAME", ALL, 0, offsetof(struct options, user), false,
     "The user to become when started as root (default postgres)"},
    {"print", "METHOD", CONFIG_CHECK, 0, offsetof(struct options, print_method), false,
     "Print the statements of this method as they are sent"},
    {"expect", "SHA256", CONFIG_BACKUP | CONFIG_RESTORE, 0, offsetof(struct options, expect), false,
     "Take FILE only if this is its SHA-256, which 'jiayid backup' printed when it made it; "
     "without it a file brings rows, and nothing that runs"},
    {"replace", NULL, CONFIG_BACKUP, 0, offsetof(struct options, replace), false,
     "Overwrite FILE where it is there"},
    {"verify", NULL, CONFIG_BACKUP, 0, offsetof(struct options, verify), false,
     "Restore FILE into a scratch cluster in $TMPDIR or /var/tmp, and check it: before a new one "
     "gets its name; without --data, one that is there"},
    {"no-jobs", NULL, CONFIG_SERVE, 0, offsetof(struct options, no_jobs), false,
     "The same as --jobs no"},
};

static int run_init(const struct options *options);
static int run_serve(const struct options *options);
static int run_check(const struct options *options);
static int run_backup(const struct options *options);
static int run_restore(const struct options *options);
static int run_operator(const struct options *options);
static int run_key_export(const struct options *options);
static int run_key_import(const struct options *options);

/** A command. */
struct command {
    /** One word or two. */
    const char *name;
    enum config_command bit;
    int (*run)(const struct options *options);
    const char *usage;
    const char *doc;
    /** What its one word that is no flag is; NULL: it takes none. */
    const char *operand;
};

static const struct command commands[] = {
    {"init", CONFIG_INIT, run_init,
     "--data DIR --operator EMAIL [--name NAME] --password-file FILE [--database URI] "
     "[--hostname NAME]...",
     "Makes a data folder: database, certificates, the first operator"},
    {"serve", CONFIG_SERVE, run_serve, "--data DIR [--listen HOST:PORT] [--database URI]",
     "Serves a data folder, in the foreground, until SIGTERM; SIGHUP reads the certificate again"},
    {"check", CONFIG_CHECK, run_check, "--data DIR [--database URI] [--print METHOD]",
     "Checks every method against the database, and changes nothing"},
    {"backup", CONFIG_BACKUP, run_backup, "FILE --data DIR [--database URI] [--replace] [--verify]",
     "Writes all that a server needs to be there again into FILE, while it serves: database, "
     "certificates, keys, configuration",
     "FILE"},
    {"key export", CONFIG_KEY, run_key_export, "FILE --data DIR",
     "Writes the keys that seal secrets in the database into FILE, for another server of it",
     "FILE"},
    {"key import", CONFIG_KEY, run_key_import, "FILE --data DIR",
     "Takes the keys of such a FILE into the data folder", "FILE"},
    {"operator", CONFIG_OPERATOR, run_operator,
     "EMAIL --data DIR --password-file FILE [--name NAME] [--database URI]",
     "Gives an operator a new password and ends their sessions, or makes another operator",
     "EMAIL"},
    {"restore", CONFIG_RESTORE, run_restore, "FILE --data DIR [--database URI] [--expect SHA256]",
     "Makes a data folder of a backup, and checks it against what was backed up", "FILE"},
};

#define N_FLAGS    (sizeof flags / sizeof *flags)
#define N_COMMANDS (sizeof commands / sizeof *commands)

static int
tell_outcome(int rc, const struct status *e, int status)
{
    if (rc == 0)
        return DONE;
    fprintf(stderr, "jiayid: %s%s%s%s\n", e->message, *e->detail ? " (" : "", e->detail,
            *e->detail ? ")" : "");
    return status;
}

/** A mistake on the command line: one line that says where help is. */
static int __attribute__((format(printf, 2, 3)))
fail_usage(const struct command *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("jiayid: ", stderr);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "; see 'jiayid %s%s--help'\n", command ? command->name : "",
            command ? " " : "");
    return USAGE;
}

/* --- Help */

static int
print_general_help(FILE *out)
{
    fputs("jiayid: the server of companies that sell together\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  jiayid %s %s\n      %s\n", commands[i].name, commands[i].usage,
                commands[i].doc);
    fputs("  jiayid COMMAND --help\n  jiayid --version\n", out);
    return DONE;
}

static int
print_command_help(const struct command *command)
{
    printf("jiayid %s %s\n\n%s.\n\n", command->name, command->usage, command->doc);
    for (size_t i = 0; i < N_FLAGS; i++)
        if (flags[i].commands & command->bit)
            printf("  --%s%s%s\n      %s\n", flags[i].name, flags[i].value_name ? " " : "",
                   flags[i].value_name ? flags[i].value_name : "", flags[i].doc);
    config_print_help(stdout, command->bit);
    if (command->bit == CONFIG_SERVE)
        printf(
            "\nAll but --data and --user can stand in DIR/jiayid.conf as well, with underscores: "
            "queue_limit = 4096\n");
    return DONE;
}

/* --- Flags */

/** An argument: "--name value" or "--name=value". */
struct argument {
    const char *name;
    size_t n_name;
    /** What stands after '='; NULL: nothing. */
    const char *value;
    /** The next word, which may be its value. */
    const char *next;
};

/** Takes the argument @text, which @next follows. */
static bool
split_argument(const char *text, const char *next, struct argument *ret)
{
    if (strncmp(text, "--", 2) != 0 || !text[2])
        return false;
    ret->name = text + 2;
    ret->n_name = strcspn(ret->name, "=");
    ret->value = ret->name[ret->n_name] == '=' ? ret->name + ret->n_name + 1 : NULL;
    ret->next = next;
    return true;
}

static const struct flag *
find_flag(const struct argument *a, enum config_command command)
{
    for (size_t i = 0; i < N_FLAGS; i++)
        if (strlen(flags[i].name) == a->n_name && memcmp(flags[i].name, a->name, a->n_name) == 0 &&
            (flags[i].commands & command))
            return &flags[i];
    return NULL;
}

static int
take_flag(const struct flag *flag, const char *value, struct options *options)
{
    const char **slot = (const char **)(void *)((char *)options + flag->offset);
    if (!*value)
        return fail_usage(options->command, "--%s must not be empty", flag->name);
    if (flag->many) {
        if (options->n_hostnames == HOSTNAMES_MAX)
            return fail_usage(options->command, "--%s can be given %d times at most", flag->name,
                              HOSTNAMES_MAX);
        slot[options->n_hostnames++] = value;
        return DONE;
    }
    if (*slot)
        return fail_usage(options->command, "--%s is given twice", flag->name);
    *slot = value;
    return DONE;
}

/** Other users see the command line. */
static int
check_no_password(const struct config_key *key, const char *value)
{
    struct status e;
    bool has_password = false;
    char flag[64];
    if (!config_is_database(key) || !*value)
        return DONE;
    if (database_check_uri(value, &has_password, &e) < 0)
        return tell_outcome(-1, &e, FAILED);
    if (!has_password)
        return DONE;
    config_print_flag(key, flag);
    fprintf(stderr,
            "jiayid: %s holds a password, and every user of this machine can see a command line: "
            "write the URI into DIR/jiayid.conf (mode 0600), or the password into the file that "
            "PGPASSFILE names\n",
            flag);
    return USAGE;
}

static int
take_key(const struct config_key *key, const char *value, struct options *options)
{
    static struct config scratch;
    struct status e;
    for (size_t i = 0; i < options->n_set; i++)
        if (options->set[i].key == key)
            return fail_usage(options->command, "--%.*s is given twice", 60, key->name);
    if (config_set(&scratch, key, value, &e) < 0) {
        if (e.code == STATUS_RESOURCE_EXHAUSTED)
            return tell_outcome(-1, &e, FAILED);
        char name[64];
        config_print_flag(key, name);
        return fail_usage(options->command, "%s %s", name, e.message);
    }
    if (options->n_set < FLAGS_MAX)
        options->set[options->n_set++] = (struct config_flag){key, value};
    return check_no_password(key, value);
}

static int
take_switch(const struct flag *flag, const struct argument *a, struct options *options)
{
    bool *slot = (bool *)(void *)((char *)options + flag->offset);
    if (a->value)
        return fail_usage(options->command, "--%s takes no value", flag->name);
    if (*slot)
        return fail_usage(options->command, "--%s is given twice", flag->name);
    *slot = true;
    return DONE;
}

/** Sets *used_next when the next word was the value. */
static int
take_argument(struct argument *a, struct options *options, bool *used_next)
{
    const struct command *command = options->command;
    const struct flag *flag = find_flag(a, command->bit);
    const struct config_key *key = config_key_by_flag(a->name, a->n_name);
    if (key && !(key->commands & command->bit))
        key = NULL;
    if (!flag && !key)
        return fail_usage(command, "unknown flag --%.*s", (int)a->n_name, a->name);
    if (flag && !flag->value_name)
        return take_switch(flag, a, options);
    *used_next = !a->value && a->next;
    if (*used_next)
        a->value = a->next;
    if (!a->value)
        return fail_usage(command, "--%.*s needs a value", (int)a->n_name, a->name);
    return flag ? take_flag(flag, a->value, options) : take_key(key, a->value, options);
}

static int
check_required(const struct options *options)
{
    const struct command *command = options->command;
    for (size_t i = 0; i < N_FLAGS; i++) {
        const char *const *slot =
            (const char *const *)(const void *)((const char *)options + flags[i].offset);
        if ((flags[i].required & command->bit) && !*slot)
            return fail_usage(command, "--%s %s is missing", flags[i].name, flags[i].value_name);
    }
    if (command->operand && !options->operand)
        return fail_usage(command, "%s is missing", command->operand);
    return DONE;
}

static int
take_operand(const char *word, struct options *options)
{
    const struct command *command = options->command;
    if (!command->operand || options->operand)
        return fail_usage(command, "unexpected argument '%s'", word);
    if (!*word)
        return fail_usage(command, "%s must not be empty", command->operand);
    options->operand = word;
    return DONE;
}

static bool
asks_for_help(char **argv)
{
    for (; *argv; argv++)
        if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
            return true;
    return false;
}

static int
run_command(const struct command *command, char **argv)
{
    static struct options options;
    struct argument a;
    int rc = DONE;
    options.command = command;
    if (asks_for_help(argv))
        return print_command_help(command);
    for (int i = 0; rc == DONE && argv[i]; i++) {
        bool used_next = false;
        if (!split_argument(argv[i], argv[i + 1], &a))
            rc = take_operand(argv[i], &options);
        else
            rc = take_argument(&a, &options, &used_next);
        i += used_next;
    }
    if (rc == DONE)
        rc = check_required(&options);
    return rc == DONE ? command->run(&options) : rc;
}

/* --- Commands */

static const char *
value_of(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->n_set; i++)
        if (strcmp(options->set[i].key->name, name) == 0 && *options->set[i].value)
            return options->set[i].value;
    return NULL;
}

static int
run_init(const struct options *options)
{
    struct status e = {0};
    const struct init_options init = {
        .data = options->data,
        .operator_email = options->operator_email,
        .operator_name = options->name,
        .password_file = options->password_file,
        .database = value_of(options, "database"),
        .user = options->user,
        .hostnames = options->hostnames,
        .n_hostnames = options->n_hostnames,
    };
    if (init_check_options(&init, &e) < 0)
        return tell_outcome(-1, &e, USAGE);
    return tell_outcome(init_run(&init, stdout, &e), &e, FAILED);
}

static struct runtime_options
runtime_of(const struct options *options)
{
    return (struct runtime_options){
        .data = options->data,
        .user = options->user,
        .flags = options->set,
        .n_flags = options->n_set,
    };
}

static int
run_serve(const struct options *options)
{
    struct status e = {0};
    struct options all = *options;
    if (all.no_jobs && all.n_set < FLAGS_MAX)
        all.set[all.n_set++] = (struct config_flag){config_key_by_flag("jobs", 4), "no"};
    const struct runtime_options serve = runtime_of(&all);
    return tell_outcome(serve_run(&serve, &e), &e, FAILED);
}

static int
run_check(const struct options *options)
{
    struct status e = {0};
    const struct check_options check = {
        .print_method = options->print_method,
        .runtime = runtime_of(options),
    };
    return tell_outcome(check_run(&check, stdout, &e), &e, FAILED);
}

static int
run_backup(const struct options *options)
{
    struct status e = {0};
    const struct backup_options backup = {
        .file = options->operand,
        .replace = options->replace,
        .verify = options->verify,
        .expect = options->expect,
        .runtime = runtime_of(options),
    };
    if (!options->data && !options->verify)
        return fail_usage(options->command, "--data DIR is missing");
    if (!options->data && options->replace)
        return fail_usage(options->command, "--replace needs --data DIR");
    if (options->data && options->expect)
        return fail_usage(options->command, "--expect is for a FILE that is there, without --data");
    if (options->expect && restore_check_expect(options->expect, &e) < 0)
        return tell_outcome(-1, &e, USAGE);
    return tell_outcome(backup_run(&backup, stdout, &e), &e, FAILED);
}

static int
run_restore(const struct options *options)
{
    struct status e = {0};
    const struct restore_options restore = {
        .file = options->operand,
        .data = options->data,
        .database = value_of(options, "database"),
        .user = options->user,
        .expect = options->expect,
    };
    if (options->expect && restore_check_expect(options->expect, &e) < 0)
        return tell_outcome(-1, &e, USAGE);
    return tell_outcome(restore_run(&restore, stdout, &e), &e, FAILED);
}

static int
run_operator(const struct options *options)
{
    struct status e = {0};
    const struct operator_options change = {
        .email = options->operand,
        .name = options->name,
        .password_file = options->password_file,
        .runtime = runtime_of(options),
    };
    if (operator_check_email(options->operand, &e) < 0 ||
        operator_check_name(options->name, &e) < 0)
        return tell_outcome(-1, &e, USAGE);
    return tell_outcome(operator_run(&change, stdout, &e), &e, FAILED);
}

static struct server_keys_options
keys_of(const struct options *options)
{
    return (struct server_keys_options){.file = options->operand, .runtime = runtime_of(options)};
}

static int
run_key_export(const struct options *options)
{
    struct status e = {0};
    const struct server_keys_options keys = keys_of(options);
    return tell_outcome(server_keys_export(&keys, stdout, &e), &e, FAILED);
}

static int
run_key_import(const struct options *options)
{
    struct status e = {0};
    const struct server_keys_options keys = keys_of(options);
    return tell_outcome(server_keys_import(&keys, stdout, &e), &e, FAILED);
}

/** How many of @words are the command's name; 0: they are another's. */
static int
count_name_words(const struct command *command, char *const *words)
{
    const char *space = strchr(command->name, ' ');
    size_t n = space ? (size_t)(space - command->name) : strlen(command->name);
    if (strlen(words[0]) != n || memcmp(words[0], command->name, n) != 0)
        return 0;
    if (!space)
        return 1;
    return words[1] && strcmp(words[1], space + 1) == 0 ? 2 : 0;
}

int
main(int argc, char **argv)
{
    if (argc < 2)
        return fail_usage(NULL, "a command is missing");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_general_help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        puts("jiayid " JIAYI_VERSION);
        return DONE;
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        int n = count_name_words(&commands[i], argv + 1);
        if (n)
            return run_command(&commands[i], argv + 1 + n);
    }
    return fail_usage(NULL, "unknown command '%s'", argv[1]);
}
