#include "server/folder/config.h"

#include <arpa/inet.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/address.h"
#include "common/file.h"
#include "common/log.h"
#include "common/network.h"
#include "common/text.h"
#include "common/wipe.h"
#include "server/database/database.h"

/** The longest configuration file, in bytes. */
#define FILE_LIMIT_BYTES 65536
/** The longest line that inih is asked to read. */
#define LINE_LIMIT_BYTES 8192

static int check_listen(const char *value, struct status *e);
static int check_database(const char *value, struct status *e);
static int check_monitor(const char *value, struct status *e);
static int check_networks(const char *value, struct status *e);

/** The commands that go to the database. */
#define ALL_COMMANDS \
    (CONFIG_INIT | CONFIG_SERVE | CONFIG_CHECK | CONFIG_BACKUP | CONFIG_RESTORE | CONFIG_OPERATOR)

#define TEXT(field)   offsetof(struct config, field), sizeof((struct config *)NULL)->field
#define NUMBER(field) offsetof(struct config, field), 0

/*
 * Name, value, default, what it means, bounds, choices, where it is kept, check, commands. Append
 * only: the names stand in people's files.
 */
static const struct config_key keys[] = {
    {"listen", "HOST:PORT", "127.0.0.1:7443",
     "Where to take calls; an IPv6 address in brackets, port 0 for any free one", 0, 0, NULL,
     TEXT(listen), check_listen, CONFIG_SERVE},
    {"database", "URI", "",
     "The PostgreSQL database to use; empty for a private cluster under DIR. A password belongs in "
     "DIR/jiayid.conf (mode 0600) or in the file that PGPASSFILE names, never on the command line",
     0, 0, NULL, TEXT(database), check_database, ALL_COMMANDS},
    {"lanes", "N", "4", "Database connections that run calls: about twice the processors", 1, 64,
     NULL, NUMBER(lanes), NULL, CONFIG_SERVE},
    {"write_lanes", "N", "8",
     "Database connections for changes, which wait for the disk: several share one flush", 1, 64,
     NULL, NUMBER(write_lanes), NULL, CONFIG_SERVE},
    {"heavy_lanes", "N", "2",
     "Database connections for the log of changes, and what else is of kind HEAVY", 1, 16, NULL,
     NUMBER(heavy_lanes), NULL, CONFIG_SERVE},
    {"search_lanes", "N", "2", "Database connections for searches", 1, 16, NULL,
     NUMBER(search_lanes), NULL, CONFIG_SERVE},
    {"batch", "N", "8", "Most calls in flight on one connection", 1, 256, NULL, NUMBER(batch), NULL,
     CONFIG_SERVE},
    {"queue_limit", "N", "2048",
     "Most calls that wait for a database connection, half of them of one company; more are "
     "refused",
     2, 1000000, NULL, NUMBER(queue_limit), NULL, CONFIG_SERVE},
    {"write_rate", "N", "500",
     "Changes that a company may make a second, on average; a change counts once more for each 4 "
     "KiB of its request",
     1, 1000000, NULL, NUMBER(write_rate), NULL, CONFIG_SERVE},
    {"write_burst", "N", "5000", "Changes that a company may make at once; more are refused", 1,
     1000000, NULL, NUMBER(write_burst), NULL, CONFIG_SERVE},
    {"connections_limit", "N", "16384", "Most connections; more are closed at once", 1, 1000000,
     NULL, NUMBER(connections_limit), NULL, CONFIG_SERVE},
    {"connections_per_address", "N", "1024",
     "Most connections of one IPv4 address or IPv6 /64; more are closed at once", 1, 1000000, NULL,
     NUMBER(connections_per_address), NULL, CONFIG_SERVE},
    {"calls_limit", "N", "4096", "Most calls that are in the server at a time; more are refused", 1,
     1000000, NULL, NUMBER(calls_limit), NULL, CONFIG_SERVE},
    {"calls_per_connection", "N", "32",
     "Most calls of one connection at a time; more wait in the network", 1, 65536, NULL,
     NUMBER(calls_per_connection), NULL, CONFIG_SERVE},
    {"message_limit_bytes", "N", "1048576",
     "Longest request, and longest payload of an answer, in bytes", 1024, 67108864, NULL,
     NUMBER(message_limit_bytes), NULL, CONFIG_SERVE},
    {"anonymous_message_limit_bytes", "N", "524288",
     "Longest request on a connection on which nobody has signed in yet, in bytes", 1024, 67108864,
     NULL, NUMBER(anonymous_message_limit_bytes), NULL, CONFIG_SERVE},
    {"buffers_limit_bytes", "N", "268435456",
     "Most memory of requests and unread answers, half of it of one address; who has more is "
     "refused or cut off",
     1048576, 2147483647, NULL, NUMBER(buffers_limit_bytes), NULL, CONFIG_SERVE},
    {"arena_limit_bytes", "N", "8388608", "Most memory of one call, in bytes", 65536, 1073741824,
     NULL, NUMBER(arena_limit_bytes), NULL, CONFIG_SERVE},
    {"handshake_timeout_ms", "MS", "5000",
     "How long a new connection may take to be ready before it is cut off", 100, 300000, NULL,
     NUMBER(handshake_timeout_ms), NULL, CONFIG_SERVE},
    {"receive_timeout_ms", "MS", "10000",
     "How long a request that has begun, or 32 KiB of it, may take to arrive before its sender is "
     "cut off",
     100, 300000, NULL, NUMBER(receive_timeout_ms), NULL, CONFIG_SERVE},
    {"send_timeout_ms", "MS", "5000",
     "How long a client may take to read an answer, or 32 KiB of it, before it is cut off", 100,
     300000, NULL, NUMBER(send_timeout_ms), NULL, CONFIG_SERVE},
    {"anonymous_idle_s", "S", "60",
     "How long a connection may be idle on which nobody has signed in", 1, 3600, NULL,
     NUMBER(anonymous_idle_s), NULL, CONFIG_SERVE},
    {"default_timeout_ms", "MS", "10000", "Deadline of a call that names none", 10, 3600000, NULL,
     NUMBER(default_timeout_ms), NULL, CONFIG_SERVE},
    {"max_timeout_ms", "MS", "300000", "Longest deadline that a call may name", 10, 3600000, NULL,
     NUMBER(max_timeout_ms), NULL, CONFIG_SERVE},
    {"search_timeout_ms", "N", "5000",
     "How long a search may take, whatever deadline the call names", 100, 3600000, NULL,
     NUMBER(search_timeout_ms), NULL, CONFIG_SERVE},
    {"drain_timeout_s", "S", "30", "How long calls may take to finish after SIGTERM", 0, 3600, NULL,
     NUMBER(drain_timeout_s), NULL, CONFIG_SERVE},
    {"password_workers", "N", "1", "Threads that verify passwords, 19 MiB each", 1, 16, NULL,
     NUMBER(password_workers), NULL, CONFIG_SERVE},
    {"password_queue", "N", "64",
     "Most sign-ins, and most new passwords, that wait for such a thread", 1, 4096, NULL,
     NUMBER(password_queue), NULL, CONFIG_SERVE},
    {"slow_call_ms", "MS", "1000", "Calls that take longer are logged as slow; 0 for none", 0,
     3600000, NULL, NUMBER(slow_call_ms), NULL, CONFIG_SERVE},
    {"log_level", "LEVEL", "info", "What is logged, to standard error", 0, 0,
     "error|warn|info|debug", TEXT(log_level), NULL, CONFIG_SERVE | CONFIG_CHECK},
    {"tls_min_version", "VERSION", "1.3", "Oldest version of TLS that clients may speak", 0, 0,
     "1.3|1.2", TEXT(tls_min_version), NULL, CONFIG_SERVE},
    {"monitor_listen", "ADDRESS:PORT", "",
     "Where to answer /metrics, /healthz and /readyz over plain HTTP, such as 127.0.0.1:9464; "
     "empty for nowhere",
     0, 0, NULL, TEXT(monitor_listen), check_monitor, CONFIG_SERVE},
    {"monitor_public", "WORD", "no",
     "Whether monitor_listen may be an address that other machines reach; they need not sign in", 0,
     0, "no|yes", TEXT(monitor_public), NULL, CONFIG_SERVE},
    {"database_app", "URI", "",
     "With database: the same database as a role that is a member of jiayi_app alone, which the "
     "lanes connect as; empty for that of database",
     0, 0, NULL, TEXT(database_app), check_database, CONFIG_SERVE | CONFIG_CHECK},
    {"database_login", "URI", "",
     "With database: the same as a role that is a member of jiayi_login alone, for signing in; "
     "empty for that of database",
     0, 0, NULL, TEXT(database_login), check_database, CONFIG_SERVE | CONFIG_CHECK},
    {"database_job", "URI", "",
     "With database: the same as a role that is a member of jiayi_job alone, for jobs; empty for "
     "that of database",
     0, 0, NULL, TEXT(database_job), check_database, CONFIG_SERVE | CONFIG_CHECK},
    {"jobs", "WORD", "yes",
     "Whether this server runs jobs; of several on one database at least one has to", 0, 0,
     "yes|no", TEXT(jobs), NULL, CONFIG_SERVE},
    {"held_limit", "N", "16384",
     "Most calls that wait for news, such as of jiayi watch, a quarter of them of one company; "
     "more "
     "are refused",
     4, 1000000, NULL, NUMBER(held_limit), NULL, CONFIG_SERVE},
    {"proxy_from", "NETWORKS", "",
     "Networks of proxies, such as 10.0.0.5/32: who connects from there has to say by a PROXY "
     "header (version 2) who calls; empty for none",
     0, 0, NULL, TEXT(proxy_from), check_networks, CONFIG_SERVE},
    {.name = NULL},
};

const struct config_key *
config_keys(void)
{
    return keys;
}

void
config_print_flag(const struct config_key *key, char text[64])
{
    int n = snprintf(text, 64, "--%s", key->name);
    for (int i = 2; i < n && i < 64; i++)
        if (text[i] == '_')
            text[i] = '-';
}

const struct config_key *
config_key_by_flag(const char *flag, size_t n)
{
    char text[64];
    for (const struct config_key *key = keys; key->name; key++) {
        config_print_flag(key, text);
        if (strlen(text + 2) == n && memcmp(text + 2, flag, n) == 0)
            return key;
    }
    return NULL;
}

bool
config_is_database(const struct config_key *key)
{
    return key->check == check_database;
}

/** An IPv4 address or a name. Digits and dots alone must make an address. */
static bool
is_host(const char *host)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
    struct in_addr v4;
    if (strspn(host, "0123456789.") == strlen(host))
        return inet_pton(AF_INET, host, &v4) == 1;
    for (const char *p = host; *p; p++)
        if (!strchr(letters, *p) && !strchr("0123456789.", *p))
            return false;
    return true;
}

static bool
is_listen_host(const struct address *a)
{
    struct in6_addr v6;
    return a->is_bracketed ? inet_pton(AF_INET6, a->host, &v6) == 1 : is_host(a->host);
}

static int
check_listen(const char *value, struct status *e)
{
    struct address a;
    enum address_fault fault = address_split(value, &a);
    if (fault == ADDRESS_LACKS_PORT)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "must be HOST:PORT, such as 127.0.0.1:7443 or [::1]:7443");
    if (fault == ADDRESS_LACKS_BRACKETS)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "an IPv6 address needs brackets, as in [::1]:7443");
    if (fault == ADDRESS_HAS_BAD_HOST || !is_listen_host(&a))
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the host must be a name or an address, such as 0.0.0.0:7443 or "
                          "[::]:7443 for all");
    if (fault == ADDRESS_HAS_BAD_PORT)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the port must be a number from 0 to 65535, as in 127.0.0.1:7443");
    return 0;
}

static int
check_database(const char *value, struct status *e)
{
    bool has_password;
    return *value ? database_check_uri(value, &has_password, e) : 0;
}

/** The monitor listens on a literal address alone. */
static bool
read_monitor(const char *value, struct sockaddr_storage *ret)
{
    struct address a;
    return address_split(value, &a) == ADDRESS_IS_FINE && address_to_socket(&a, ret);
}

static int
check_networks(const char *value, struct status *e)
{
    struct network_list list;
    if (network_read(value, &list))
        return 0;
    return status_set(e, STATUS_INVALID_ARGUMENT,
                      "\"%.60s\" are no networks; at most %d, such as 10.0.0.5/32, fd00::/8", value,
                      NETWORK_LIST_MAX);
}

static int
check_monitor(const char *value, struct status *e)
{
    struct sockaddr_storage s;
    if (!*value || read_monitor(value, &s))
        return 0;
    return status_set(e, STATUS_INVALID_ARGUMENT,
                      "must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464");
}

static bool
is_choice(const char *choices, const char *value)
{
    size_t n = strlen(value);
    for (const char *p = choices; n > 0; p++) {
        size_t length = strcspn(p, "|");
        if (length == n && memcmp(p, value, n) == 0)
            return true;
        p += length;
        if (*p == 0)
            break;
    }
    return false;
}

static int
set_number(struct config *config, const struct config_key *key, const char *value, struct status *e)
{
    char *end = NULL;
    size_t n = strlen(value);
    long number = 0;
    bool fine = n > 0 && n < 12 && strspn(value, "0123456789") == n;
    if (fine)
        number = strtol(value, &end, 10);
    if (!fine || number < key->minimum || number > key->maximum)
        return status_set(e, STATUS_INVALID_ARGUMENT, "must be a number from %d to %d",
                          key->minimum, key->maximum);
    int *slot = (int *)(void *)((char *)config + key->offset);
    *slot = (int)number;
    return 0;
}

/** What a line of the file can hold and give back: see config_print_file(). */
static bool
is_one_line(const char *value)
{
    size_t n = strlen(value);
    if (!text_valid(value, n) || (n && (value[0] == ' ' || value[n - 1] == ' ')))
        return false;
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

static int
set_text(struct config *config, const struct config_key *key, const char *value, struct status *e)
{
    if (key->choices && !is_choice(key->choices, value))
        return status_set(e, STATUS_INVALID_ARGUMENT, "must be one of %s", key->choices);
    if (strlen(value) >= key->size)
        return status_set(e, STATUS_INVALID_ARGUMENT, "is too long; at most %zu bytes",
                          key->size - 1);
    if (!is_one_line(value))
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "must be one line of UTF-8 text without spaces around it");
    if (key->check && key->check(value, e) < 0)
        return -1;
    memcpy((char *)config + key->offset, value, strlen(value) + 1);
    return 0;
}

int
config_set(struct config *config, const struct config_key *key, const char *value, struct status *e)
{
    return key->size ? set_text(config, key, value, e) : set_number(config, key, value, e);
}

void
config_default(struct config *config)
{
    struct status e;
    memset(config, 0, sizeof *config);
    for (const struct config_key *key = keys; key->name; key++)
        if (config_set(config, key, key->default_value, &e) < 0)
            abort(); /* A defect of the table; test_config sees it. */
}

int
config_check(const struct config *config, struct status *e)
{
    if (config->default_timeout_ms > config->max_timeout_ms)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "default_timeout_ms (%d) must not be above max_timeout_ms (%d)",
                          config->default_timeout_ms, config->max_timeout_ms);
    if (config->arena_limit_bytes < config->message_limit_bytes)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "arena_limit_bytes (%d) must not be below message_limit_bytes (%d)",
                          config->arena_limit_bytes, config->message_limit_bytes);
    if (config->anonymous_message_limit_bytes > config->message_limit_bytes)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "anonymous_message_limit_bytes (%d) must not be above "
                          "message_limit_bytes (%d)",
                          config->anonymous_message_limit_bytes, config->message_limit_bytes);
    struct sockaddr_storage monitor;
    if (read_monitor(config->monitor_listen, &monitor) && !address_is_loopback(&monitor) &&
        strcmp(config->monitor_public, "yes") != 0)
        return status_set(
            e, STATUS_INVALID_ARGUMENT,
            "monitor_listen (%s): other machines reach that address, and nobody signs "
            "in there; use 127.0.0.1, or set monitor_public = yes as well",
            config->monitor_listen);
    return 0;
}

/* --- The file */

/** What the reading of a file knows. */
struct reading {
    struct config *config;
    const char *path;
    struct status *e;
    const char *next;
    /** The line that inih is at, from 1. */
    int line;
    bool inside_line;
    bool failed;
    /** Which keys the file has set already. */
    bool seen[sizeof keys / sizeof *keys];
};

/** For inih: fgets() from memory that counts lines. */
static char *
next_piece(char *to, int size, void *user)
{
    struct reading *r = user;
    int n = 0;
    if (!*r->next || r->failed)
        return NULL;
    if (!r->inside_line)
        r->line++;
    while (n < size - 1 && *r->next) {
        to[n++] = *r->next++;
        if (to[n - 1] == '\n')
            break;
    }
    to[n] = 0;
    r->inside_line = to[n - 1] != '\n';
    return to;
}

/** Puts file and line before the message in r->e. Returns 0, which stops inih. */
static int
fail_at(struct reading *r, int line)
{
    struct status why = *r->e;
    r->failed = true;
    status_set(r->e, STATUS_INVALID_ARGUMENT, "%s:%d: %s", r->path, line, why.message);
    return 0;
}

/** Keys of earlier releases: they stand in people's files, and mean nothing any more. */
static const char *const retired[] = {"contexts"};

static bool
is_retired(const char *name)
{
    for (size_t i = 0; i < sizeof retired / sizeof *retired; i++)
        if (strcmp(retired[i], name) == 0)
            return true;
    return false;
}

/** For inih: one `name = value`. Returns 1, or 0 with r->e set. */
static int
take_value(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    struct status why;
    const struct config_key *key = keys;
    if (r->failed)
        return 0;
    while (key->name && strcmp(key->name, name) != 0)
        key++;
    if (*section)
        status_set(r->e, STATUS_INVALID_ARGUMENT, "sections such as [%s] are not used here",
                   section);
    else if (!key->name && is_retired(name)) {
        log_event(LOG_WARN, "config", log_text("path", r->path), log_text("retired_key", name));
        return 1;
    } else if (!key->name)
        status_set(r->e, STATUS_INVALID_ARGUMENT,
                   "unknown key '%s'; 'jiayid serve --help' lists the keys", name);
    else if (r->seen[key - keys])
        status_set(r->e, STATUS_INVALID_ARGUMENT, "%s is set a second time", name);
    else if (config_set(r->config, key, value, &why) < 0)
        status_set(r->e, STATUS_INVALID_ARGUMENT, "%s: %s", name, why.message);
    else {
        r->seen[key - keys] = true;
        return 1;
    }
    return fail_at(r, r->line);
}

static int
parse_file(struct config *config, const char *path, const char *text, struct status *e)
{
    struct reading r = {.config = config, .path = path, .e = e, .next = text};
    /* Unless told otherwise, inih takes 200 bytes a line and glues indented lines together. */
    ini_use_stack = false;
    ini_allow_realloc = true;
    ini_max_line = LINE_LIMIT_BYTES;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_stop_on_first_error = true;
    int line = ini_parse_stream(next_piece, &r, take_value, &r);
    if (line > 0 && !r.failed) {
        status_set(e, STATUS_INVALID_ARGUMENT, "must be of the form key = value");
        fail_at(&r, line);
    } else if (line < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    return r.failed ? -1 : 0;
}

/** A password in a file that others can read is refused. */
static int
check_secrecy(const struct config *config, const char *path, const struct stat *st,
              struct status *e)
{
    bool has_password = false;
    for (const struct config_key *key = keys; key->name && !has_password; key++) {
        const char *uri = (const char *)config + key->offset;
        if (config_is_database(key) && *uri && database_check_uri(uri, &has_password, e) < 0)
            return -1;
    }
    if (has_password && (st->st_mode & 077))
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "%s holds a password and others can read it: chmod 600 %s", path, path);
    return 0;
}

int
config_read(struct config *config, const char *path, struct status *e)
{
    struct stat st;
    char *text = file_load_regular(path, FILE_LIMIT_BYTES, &st, e);
    if (!text)
        return -1;
    int rc;
    if (!text_valid(text, (size_t)st.st_size))
        rc = status_set(e, STATUS_INVALID_ARGUMENT, "%s is not UTF-8 text", path);
    else
        rc = parse_file(config, path, text, e);
    if (rc == 0)
        rc = check_secrecy(config, path, &st, e);
    wipe_free(text);
    return rc;
}

/* --- What is derived from the values and the table */

void
config_listen_url(const struct config *config, char url[CONFIG_LISTEN_BYTES + 16])
{
    snprintf(url, CONFIG_LISTEN_BYTES + 16, "tls+tcp://%s", config->listen);
}

void
config_wipe(struct config *config)
{
    for (const struct config_key *key = keys; key->name; key++)
        if (config_is_database(key))
            explicit_bzero((char *)config + key->offset, key->size);
}

/** Prints what a value may be and the default: " (1 to 64, default 8)". */
static void
print_bounds(FILE *out, const struct config_key *key)
{
    fputs(" (", out);
    if (key->choices)
        fprintf(out, "%s, ", key->choices);
    else if (!key->size)
        fprintf(out, "%d to %d, ", key->minimum, key->maximum);
    fprintf(out, "default %s)", *key->default_value ? key->default_value : "none");
}

void
config_print_help(FILE *out, enum config_command command)
{
    char flag[64];
    for (const struct config_key *key = keys; key->name; key++) {
        if (!(key->commands & command))
            continue;
        config_print_flag(key, flag);
        fprintf(out, "  %s %s\n      %s", flag, key->value_name, key->doc);
        print_bounds(out, key);
        fputc('\n', out);
    }
}

void
config_print_row(FILE *out, const struct config_key *key)
{
    fprintf(out, "| `%s` | ", key->name);
    if (*key->default_value)
        fprintf(out, "`%s`", key->default_value);
    fputs(" | ", out);
    if (key->choices) {
        for (const char *p = key->choices; *p; p++)
            *p == '|' ? fputs(", ", out) : fputc(*p, out);
    } else if (!key->size)
        fprintf(out, "%d to %d", key->minimum, key->maximum);
    fprintf(out, " | %s |", key->doc);
}

/** Does the line set the key, as inih reads it? */
static bool
sets(const char *line, const char *key)
{
    line += strspn(line, " \t");
    size_t n = strlen(key);
    if (strncmp(line, key, n) != 0)
        return false;
    line += n;
    line += strspn(line, " \t");
    return *line == '=' || *line == ':';
}

void
config_print_without_database(FILE *out, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        n += text[n] == '\n';
        bool names_one = false;
        for (const struct config_key *key = keys; key->name; key++)
            names_one = names_one || (config_is_database(key) && sets(text, key->name));
        if (!names_one)
            fwrite(text, 1, n, out);
        text += n;
    }
}

void
config_print_file(FILE *out, const char *database)
{
    fputs("# Configuration of jiayid. A flag of 'jiayid serve' counts more than a line here.\n",
          out);
    for (const struct config_key *key = keys; key->name; key++) {
        bool set = strcmp(key->name, "database") == 0 && database && *database;
        fprintf(out, "\n# %s", key->doc);
        print_bounds(out, key);
        fprintf(out, "\n%s%s = %s\n", set ? "" : "#", key->name,
                set ? database : key->default_value);
    }
}
