/**
 * `jiayi contract text`, byte for byte, or into a folder with what was signed with keys; and
 * `jiayi contract sign --key`, which signs here what it has read itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "client/base/i18n.h"
#include "client/base/signing_key.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/output/print.h"
#include "client/run/pages.h"
#include "client/run/request.h"
#include "client/run/run.h"
#include "common/file.h"
#include "common/hex.h"
#include "common/sha256.h"

enum { MOST_KEYS = 1000 };

/* Signing. */

static int
put(struct client *c, ProtobufCMessage *m, const char *field, const char *value)
{
    return message_put_string(c->arena, m, schema_find_field(schema_of(m), field), value,
                              strlen(value));
}

/** Calls a READ that wants one number; NULL with @e set. */
static const ProtobufCMessage *
ask(struct client *c, const char *name, const char *field, int64_t value, struct status *e)
{
    const struct schema_method *method = schema_find_method(c->schema, name);
    ProtobufCMessage *m = message_new(c->arena, method->in);
    if (!m || message_put_integer(c->arena, m, schema_find_field(method->in, field), value) < 0) {
        failure_memory(e);
        return NULL;
    }
    return session_call(c, method, m, e);
}

/** The public half of the key that the command line names; NULL with @e set. */
static const char *
find_key(struct client *c, const char *name, struct status *e)
{
    const ProtobufCMessage *all = ask(c, "KeyService/ListKeys", "page_size", MOST_KEYS, e);
    const struct schema_field *keys = all ? schema_find_field(schema_of(all), "keys") : NULL;
    for (size_t i = 0; all && i < message_count(all, keys); i++) {
        const ProtobufCMessage *one = *(ProtobufCMessage *const *)message_value(all, keys, i);
        const char *note = message_named_string(one, "note");
        const char *id = arena_print(c->arena, "%lld", (long long)message_named_integer(one, "id"));
        if ((note && strcmp(note, name) == 0) || (id && strcmp(id, name) == 0))
            return message_named_string(one, "public_key");
    }
    if (all)
        status_set(e, STATUS_NOT_FOUND, _("you have no key %s; to see yours: jiayi key list"),
                   name);
    return NULL;
}

/** The bytes that are signed: see SignContractRequest.note. NULL without memory. */
static const char *
make_note(struct client *c, const ProtobufCMessage *contract, const char *sha256)
{
    const char *principal = message_named_string(contract, "principal");
    const char *company = c->profile.company ? c->profile.company : "";
    char at[32];
    struct tm tm;
    gmtime_r(&c->server_time, &tm);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return arena_print(c->arena, "jiayi-signature/v1\ncontract/%lld/%lld\nsha256 %s\n%s %s\n%s\n",
                       (long long)message_named_integer(contract, "id"),
                       (long long)message_named_integer(contract, "text_version"), sha256,
                       principal && strcmp(principal, company) == 0 ? "principal" : "vendor",
                       company, at);
}

/** The SHA-256 of the text, reckoned here; 0, or -1 with @e set where it is not the one given. */
static int
check_text(const ProtobufCMessage *contract, const char *given, char digest[SHA256_TEXT],
           struct status *e)
{
    const char *text = message_named_string(contract, "text");
    struct sha256 *s = sha256_begin();
    if (!s)
        return failure_memory(e);
    sha256_add(s, text ? text : "", text ? strlen(text) : 0);
    sha256_end(s, digest);
    if (given && strcmp(given, digest) == 0)
        return 0;
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)message_named_integer(contract, "id"));
    return status_set(e, STATUS_ABORTED,
                      _("contract %s: the text changed since you read it; look at it again: jiayi "
                        "contract show %s"),
                      id, id);
}

static int
sign_with_key(struct client *c, ProtobufCMessage *request, struct status *e)
{
    const char *name = parse_value(&c->parsed, "key"), *half, *note;
    char digest[SHA256_TEXT], made[SIGNING_KEY_SIGNATURE], own[SIGNING_KEY_TEXT];
    const ProtobufCMessage *contract;
    if (!(half = find_key(c, name, e)) ||
        !(contract = ask(c, "ContractService/GetContract", "contract_id",
                         message_named_integer(request, "contract_id"), e)) ||
        check_text(contract, message_named_string(request, "sha256"), digest, e) < 0)
        return -1;
    if (!(note = make_note(c, contract, digest)))
        return failure_memory(e);
    bool has = c->profile.signing_key != NULL;
    if (has && signing_key_sign(c->profile.signing_key, note, made, own, e) < 0)
        return -1;
    if (!has || strcmp(own, half) != 0)
        return status_set(
            e, STATUS_FAILED_HERE,
            _("the private half of key %s is not in this profile; to make a key here: "
              "jiayi key add"),
            name);
    bool fine = put(c, request, "public_key", own) == 0 && put(c, request, "note", note) == 0 &&
                put(c, request, "signature", made) == 0;
    return fine ? 0 : failure_memory(e);
}

int
contracts_sign(struct client *c, struct status *e)
{
    ProtobufCMessage *answer;
    if (parse_value(&c->parsed, "key"))
        c->fill = sign_with_key;
    return run_method(c, &answer, e);
}

/* The text. */

static int
store(struct client *c, const char *folder, const char *name, const void *data, size_t n,
      struct status *e)
{
    const char *path = arena_print(c->arena, "%s/%s", folder, name);
    if (!path || !data)
        return failure_memory(e);
    return file_store(path, O_EXCL, 0644, data, n, e);
}

/** The note, the signature and the key of who signed with one, and how they are verified. */
static int
store_signature(struct client *c, const char *folder, const ProtobufCMessage *one, struct status *e)
{
    struct arena *a = c->arena;
    const char *note = message_named_string(one, "note");
    const char *side = message_named_string(one, "capacity");
    uint8_t made[64];
    if (!note)
        return 0;
    const char *pem = signing_key_pem(a, message_named_string(one, "public_key"));
    if (!pem || !hex_read(message_named_string(one, "signature"), made, sizeof made))
        return status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
    const struct {
        const char *name;
        const void *data;
        size_t n;
    } files[] = {{arena_print(a, "%s.note", side), note, strlen(note)},
                 {arena_print(a, "%s.sig", side), made, sizeof made},
                 {arena_print(a, "%s.pem", side), pem, strlen(pem)}};
    for (size_t i = 0; i < 3; i++)
        if (!files[i].name || store(c, folder, files[i].name, files[i].data, files[i].n, e) < 0)
            return -1;
    printf("cat %s.note\nopenssl pkeyutl -verify -pubin -inkey %s.pem -rawin -in %s.note "
           "-sigfile %s.sig\n",
           side, side, side, side);
    return 0;
}

static int
store_all(struct client *c, const char *folder, const ProtobufCMessage *answer, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), "signatures");
    const char *text = message_named_string(answer, "text");
    const char *name = arena_print(c->arena, "contract-%lld-%lld.md",
                                   (long long)message_named_integer(answer, "id"),
                                   (long long)message_named_integer(answer, "version"));
    if (!name)
        return failure_memory(e);
    if (mkdir(folder, 0777) < 0)
        return status_set(e, STATUS_FAILED_HERE, _("cannot write %s: %s"), folder, strerror(errno));
    if (store(c, folder, name, text ? text : "", text ? strlen(text) : 0, e) < 0)
        return -1;
    printf("sha256sum %s\n", name);
    for (size_t i = 0; i < message_count(answer, f); i++)
        if (store_signature(c, folder, *(ProtobufCMessage *const *)message_value(answer, f, i), e) <
            0)
            return -1;
    return 0;
}

/** Byte for byte what was signed; a terminal gets it without what could play tricks on it. */
int
contracts_text(struct client *c, struct status *e)
{
    ProtobufCMessage *request = request_make(c, e), *answer;
    if (!request || session_open(c, e) < 0 ||
        !(answer = session_call(c, c->parsed.command->method, request, e)))
        return -1;
    struct print_options o = pages_options(c);
    const char *folder = parse_value(&c->parsed, "signed");
    const char *text = message_named_string(answer, "text");
    if (folder)
        return store_all(c, folder, answer, e);
    if (o.output != OUTPUT_DEFAULT && o.output != OUTPUT_TABLE)
        return print_answer(c->arena, answer, &o, e);
    if (text && display_is_terminal(stdout) &&
        !(text = display_clean(c->arena, text, DISPLAY_LINES)))
        return failure_memory(e);
    fputs(text ? text : "", stdout);
    return 0;
}
