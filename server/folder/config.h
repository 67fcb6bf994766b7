/**
 * What an operator can set: one table of keys, for DIR/jiayid.conf, for the flags of `jiayid
 * serve`, for its help and for the table in README.md.
 *
 * A flag counts more than the file, and the file more than the default.
 */
#ifndef JIAYI_SERVER_FOLDER_CONFIG_H
#define JIAYI_SERVER_FOLDER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/status.h"

/** Longest host of a listen address, in bytes with the NUL. */
#define CONFIG_LISTEN_BYTES 280
/** Longest database URI, in bytes with the NUL. */
#define CONFIG_URI_BYTES 4096

/** The values; the table in config.c says what each means, in which bounds, and its default. */
struct config {
    char listen[CONFIG_LISTEN_BYTES];
    /** Empty: the server runs a cluster of its own. May hold a password. */
    char database[CONFIG_URI_BYTES];
    /** Who lanes, those that sign people in, and jobs connect as; empty: as `database` says. */
    char database_app[CONFIG_URI_BYTES];
    char database_login[CONFIG_URI_BYTES];
    char database_job[CONFIG_URI_BYTES];
    char log_level[8];
    char tls_min_version[8];
    /** Empty: nothing is told over HTTP. */
    char monitor_listen[64];
    char monitor_public[4];
    char jobs[4];
    /** Networks, for network_read(). */
    char proxy_from[512];
    int lanes;
    int write_lanes, heavy_lanes, search_lanes;
    int batch;
    int queue_limit;
    int write_rate, write_burst;
    int connections_limit;
    int connections_per_address;
    int calls_limit;
    int calls_per_connection;
    int message_limit_bytes;
    int anonymous_message_limit_bytes;
    int buffers_limit_bytes;
    int arena_limit_bytes;
    int handshake_timeout_ms;
    int receive_timeout_ms;
    int send_timeout_ms;
    int anonymous_idle_s;
    int default_timeout_ms;
    int max_timeout_ms;
    int search_timeout_ms;
    int drain_timeout_s;
    int password_workers;
    int password_queue;
    int slow_call_ms;
    int held_limit;
};

/** Commands that take a key as a flag; a set of bits. */
enum config_command {
    CONFIG_INIT = 1,
    CONFIG_SERVE = 2,
    CONFIG_CHECK = 4,
    CONFIG_BACKUP = 8,
    CONFIG_RESTORE = 16,
    CONFIG_OPERATOR = 32,
    CONFIG_KEY = 64
};

/** One row of the table. */
struct config_key {
    /** As in the file; the flag has hyphens for the underscores. */
    const char *name;
    /** What the value looks like, for the help: "N", "HOST:PORT". */
    const char *value_name;
    const char *default_value;
    /** One sentence without a full stop. */
    const char *doc;
    /** Bounds of a number, both inside. */
    int minimum;
    int maximum;
    /** The values allowed, separated by '|'; NULL when there are others. */
    const char *choices;
    /** Where the value is in struct config, and its size for a text; 0 for a number. */
    size_t offset;
    size_t size;
    /** Says what is wrong with a text; NULL when nothing can be. */
    int (*check)(const char *value, struct status *e);
    /** The commands (bits of enum config_command) that have it as a flag. */
    unsigned commands;
};

/** A key that was given as a flag. */
struct config_flag {
    const struct config_key *key;
    const char *value;
};

/** config_keys() - the table; a row without a name ends it. */
const struct config_key *config_keys(void);

/**
 * config_key_by_flag() - the key whose flag, without the leading hyphens, is the first @n bytes
 * of @flag; or NULL.
 */
const struct config_key *config_key_by_flag(const char *flag, size_t n);

/** config_is_database() - true for a key whose value names a database, and may hold a password. */
bool config_is_database(const struct config_key *key);

/** config_default() - set every key to its default. */
void config_default(struct config *config);

/**
 * config_set() - set one key from text.
 *
 * Returns 0, or -1 with @e saying what the value should be; the name of the key is not in the
 * message.
 */
int config_set(struct config *config, const struct config_key *key, const char *value,
               struct status *e) MUST_CHECK;

/**
 * config_read() - set the keys that the file at @path names.
 *
 * Lines are `key = value`; a line that begins with # or ; is a comment. A file that holds a
 * password must be for its owner alone. Returns 0, or -1 with @e naming the file and the line.
 */
int config_read(struct config *config, const char *path, struct status *e) MUST_CHECK;

/** config_check() - what no key can say alone: the limits must fit each other. */
int config_check(const struct config *config, struct status *e) MUST_CHECK;

/** config_listen_url() - the address to listen on as nng wants it: "tls+tcp://127.0.0.1:7443". */
void config_listen_url(const struct config *config, char url[CONFIG_LISTEN_BYTES + 16]);

/** config_wipe() - overwrite what may be a secret. */
void config_wipe(struct config *config);

/** config_print_flag() - write the flag's name, such as "--queue-limit", to @text. */
void config_print_flag(const struct config_key *key, char text[64]);

/** config_print_help() - print the flags of @command, with defaults and bounds. */
void config_print_help(FILE *out, enum config_command command);

/**
 * config_print_row() - print the key's row of the table in README.md, in Markdown, without a line
 * end.
 */
void config_print_row(FILE *out, const struct config_key *key);

/**
 * config_print_without_database() - print the text of a configuration file, `database` and the like
 * left out.
 */
void config_print_without_database(FILE *out, const char *text);

/**
 * config_print_file() - print a configuration file that says every key and its default in comments.
 *
 * @database: the URI to set in it; NULL or empty for none.
 */
void config_print_file(FILE *out, const char *database);

#endif
