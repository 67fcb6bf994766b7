#include "server/secret/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/wipe.h"
#include "common/hex.h"
#include "server/secret/digest.h"

enum { NONCE_BYTES = 12, TAG_BYTES = 16, FILE_BYTES = 100 };

/* One key. */

static const struct keyring_key *
take_key(struct keyring *k, const uint8_t bytes[KEYRING_KEY_BYTES], struct status *e)
{
    uint8_t digest[32];
    struct keyring_key *key = &k->keys[k->n];
    if (k->n == KEYRING_MAX_KEYS) {
        status_set(e, STATUS_FAILED_PRECONDITION, "more than %d keys", KEYRING_MAX_KEYS);
        return NULL;
    }
    if (digest_sha256(bytes, KEYRING_KEY_BYTES, digest, e) < 0)
        return NULL;
    hex_print(digest, (KEYRING_ID_TEXT - 1) / 2, key->id);
    memcpy(key->bytes, bytes, sizeof key->bytes);
    const struct keyring_key *there = keyring_find(k, key->id);
    if (there)
        return there;
    k->n++;
    return key;
}

const struct keyring_key *
keyring_add(struct keyring *k, const char *hex, struct status *e)
{
    uint8_t bytes[KEYRING_KEY_BYTES];
    const struct keyring_key *key = NULL;
    if (hex_read(hex, bytes, sizeof bytes))
        key = take_key(k, bytes, e);
    else
        status_set(e, STATUS_FAILED_PRECONDITION, "a key is 64 hexadecimal digits");
    explicit_bzero(bytes, sizeof bytes);
    return key;
}

const struct keyring_key *
keyring_make(struct keyring *k, struct status *e)
{
    uint8_t bytes[KEYRING_KEY_BYTES];
    if (RAND_priv_bytes(bytes, sizeof bytes) != 1) {
        status_set(e, STATUS_INTERNAL, "the server has no random numbers now; try again");
        return NULL;
    }
    const struct keyring_key *key = take_key(k, bytes, e);
    explicit_bzero(bytes, sizeof bytes);
    return key;
}

const struct keyring_key *
keyring_find(const struct keyring *k, const char *id)
{
    for (size_t i = 0; i < k->n; i++)
        if (strcmp(k->keys[i].id, id) == 0)
            return &k->keys[i];
    return NULL;
}

void
keyring_print(const struct keyring_key *key, char ret[KEYRING_KEY_TEXT])
{
    hex_print(key->bytes, sizeof key->bytes, ret);
}

void
keyring_wipe(struct keyring *k)
{
    explicit_bzero(k, sizeof *k);
}

/* Their folder. */

static int
load_key(struct keyring *k, const char *folder, const char *name, struct status *e)
{
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = file_load_regular(path, FILE_BYTES, &st, e);
    if (!text)
        return -1;
    text[strcspn(text, "\n")] = 0;
    const struct keyring_key *key = keyring_add(k, text, e);
    wipe_free(text);
    if (!key || strcmp(key->id, name) != 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "%s is no key of the server", path);
    if (st.st_mode & 077)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "others can read %s; close it with: chmod 600 %s", path, path);
    return 0;
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int
keyring_load(const char *folder, struct keyring *ret, struct status *e)
{
    struct dirent **names = NULL;
    int rc = 0;
    *ret = (struct keyring){0};
    int n = scandir(folder, &names, is_visible, alphasort);
    if (n < 0 && errno == ENOENT)
        return 0;
    if (n < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot read %s: %s", folder,
                          strerror(errno));
    for (int i = 0; i < n; i++) {
        if (rc == 0)
            rc = load_key(ret, folder, names[i]->d_name, e);
        free(names[i]);
    }
    free(names);
    return rc;
}

int
keyring_store(const char *folder, const struct keyring_key *key, struct status *e)
{
    char path[PATH_MAX], line[KEYRING_KEY_TEXT + 1];
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make %s: %s", folder,
                          strerror(errno));
    snprintf(path, sizeof path, "%s/%s", folder, key->id);
    keyring_print(key, line);
    strcpy(line + KEYRING_KEY_TEXT - 1, "\n");
    int rc = file_replace(path, 0600, line, KEYRING_KEY_TEXT, true);
    explicit_bzero(line, sizeof line);
    return rc == 0 ? 0
                   : status_set(e, STATUS_FAILED_PRECONDITION, "cannot write %s: %s", path,
                                strerror(errno));
}

/* Sealing. */

static int
fail_cipher(struct status *e)
{
    return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server has no memory just now; try again");
}

int
keyring_seal(const struct keyring_key *key, const char *bound, const uint8_t *text, size_t n,
             uint8_t *ret, struct status *e)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t *nonce = ret, *tag = ret + NONCE_BYTES, *out = ret + NONCE_BYTES + TAG_BYTES;
    int size = 0;
    bool fine =
        c && RAND_bytes(nonce, NONCE_BYTES) == 1 &&
        EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->bytes, nonce) == 1 &&
        EVP_EncryptUpdate(c, NULL, &size, (const uint8_t *)bound, (int)strlen(bound)) == 1 &&
        EVP_EncryptUpdate(c, out, &size, text, (int)n) == 1 &&
        EVP_EncryptFinal_ex(c, out + size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) == 1;
    EVP_CIPHER_CTX_free(c);
    return fine ? 0 : fail_cipher(e);
}

int
keyring_open(const struct keyring_key *key, const char *bound, const uint8_t *sealed, size_t n,
             uint8_t *ret, struct status *e)
{
    uint8_t tag[TAG_BYTES];
    int size = 0;
    if (n < KEYRING_SEAL_BYTES)
        return status_set(e, STATUS_INTERNAL, "a sealed value is damaged");
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    memcpy(tag, sealed + NONCE_BYTES, TAG_BYTES);
    if (!c || EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->bytes, sealed) != 1 ||
        EVP_DecryptUpdate(c, NULL, &size, (const uint8_t *)bound, (int)strlen(bound)) != 1 ||
        EVP_DecryptUpdate(c, ret, &size, sealed + KEYRING_SEAL_BYTES,
                          (int)(n - KEYRING_SEAL_BYTES)) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) != 1) {
        EVP_CIPHER_CTX_free(c);
        return fail_cipher(e);
    }
    bool is_whole = EVP_DecryptFinal_ex(c, ret + size, &size) == 1;
    EVP_CIPHER_CTX_free(c);
    return is_whole
               ? 0
               : status_set(e, STATUS_INTERNAL, "a sealed value was changed, or belongs elsewhere");
}
