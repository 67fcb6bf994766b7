/**
 * The server's keys, DIR/keys/ID: what must not be read out of the database is sealed by them with
 * AES-256-GCM. The database holds their ids; whoever has the database alone has no secret.
 *
 * A file has 64 hexadecimal digits and a line's end; its name, the key's id, is the beginning of
 * the SHA-256 of the key. A keyring does not change once it is loaded: any thread may use it.
 */
#ifndef JIAYI_SERVER_SECRET_KEYRING_H
#define JIAYI_SERVER_SECRET_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

enum {
    KEYRING_KEY_BYTES = 32,
    KEYRING_MAX_KEYS = 16,
    /** A key's id, and the NUL. */
    KEYRING_ID_TEXT = 17,
    /** The key in hexadecimal, and the NUL. */
    KEYRING_KEY_TEXT = 65,
    /** What sealing adds: the nonce and the tag. */
    KEYRING_SEAL_BYTES = 28,
};

struct keyring_key {
    char id[KEYRING_ID_TEXT];
    uint8_t bytes[KEYRING_KEY_BYTES];
};

struct keyring {
    struct keyring_key keys[KEYRING_MAX_KEYS];
    size_t n;
    /** The one that seals from now on; NULL: none does. */
    const struct keyring_key *sealing;
};

/**
 * keyring_load() - read every key in @folder; none where there is no such folder.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_PRECONDITION for a file that is no key or that others
 * can read. keyring_wipe() forgets them.
 */
int keyring_load(const char *folder, struct keyring *ret, struct status *e) MUST_CHECK;

/** keyring_add() - take a key from its hexadecimal text. Returns it, or NULL with @e set. */
const struct keyring_key *keyring_add(struct keyring *k, const char *hex,
                                      struct status *e) MUST_CHECK;

/** keyring_make() - a new random key in @k. Returns it, or NULL with @e set. */
const struct keyring_key *keyring_make(struct keyring *k, struct status *e) MUST_CHECK;

/** keyring_store() - write @key to its file in @folder, mode 0600, where it is not there yet. */
int keyring_store(const char *folder, const struct keyring_key *key, struct status *e) MUST_CHECK;

/** keyring_find() - the key of that id, or NULL. */
const struct keyring_key *keyring_find(const struct keyring *k, const char *id);

/** keyring_print() - @key in hexadecimal. */
void keyring_print(const struct keyring_key *key, char ret[KEYRING_KEY_TEXT]);

/**
 * keyring_seal() - encrypt @n bytes.
 *
 * @bound: what the sealed bytes belong to; elsewhere they cannot be opened
 * @ret:   n + KEYRING_SEAL_BYTES bytes: nonce, tag, text
 *
 * Returns 0, or -1 with @e set.
 */
int keyring_seal(const struct keyring_key *key, const char *bound, const uint8_t *text, size_t n,
                 uint8_t *ret, struct status *e) MUST_CHECK;

/**
 * keyring_open() - decrypt what keyring_seal() made: @n bytes, to n - KEYRING_SEAL_BYTES of @ret.
 *
 * Returns 0, or -1 with @e set: STATUS_INTERNAL for what was changed, or sealed for something else.
 */
int keyring_open(const struct keyring_key *key, const char *bound, const uint8_t *sealed, size_t n,
                 uint8_t *ret, struct status *e) MUST_CHECK;

/** keyring_wipe() - forget all keys. */
void keyring_wipe(struct keyring *k);

#endif
