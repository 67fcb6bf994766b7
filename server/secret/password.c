#include "server/secret/password.h"

#include <argon2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    MEMORY_KIB = 19456,
    PASSES = 2,
    LANES = 1,
    SALT_BYTES = 16,
    HASH_BYTES = 32,
};

int
password_hash(const char *password, char phc[PASSWORD_PHC_MAX], struct status *e)
{
    uint8_t salt[SALT_BYTES];
    if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt)
        return status_set(e, STATUS_INTERNAL, "the server has no random numbers now; try again");
    int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt,
                                   sizeof salt, HASH_BYTES, phc, PASSWORD_PHC_MAX);
    if (rc != ARGON2_OK) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server cannot take passwords now; try again");
        return status_detail(e, "argon2: %s", argon2_error_message(rc));
    }
    return 0;
}

/** What stands in for an unknown account's; made at the first need, and again where that failed. */
static int
need_dummy(char phc[PASSWORD_PHC_MAX], struct status *e)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char made[PASSWORD_PHC_MAX];
    char fresh[PASSWORD_PHC_MAX];
    int rc = 0;
    pthread_mutex_lock(&lock);
    if (!*made && (rc = password_hash("no account has this password", fresh, e)) == 0)
        memcpy(made, fresh, sizeof made);
    memcpy(phc, made, sizeof made);
    pthread_mutex_unlock(&lock);
    return rc;
}

int
password_matches(const char *phc, const char *password, struct status *e)
{
    char dummy[PASSWORD_PHC_MAX];
    if (need_dummy(dummy, e) < 0)
        return -1;
    int rc = argon2id_verify(phc ? phc : dummy, password, strlen(password));
    if (rc == ARGON2_MEMORY_ALLOCATION_ERROR || rc == ARGON2_THREAD_FAIL) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server cannot take passwords now; try again");
        return status_detail(e, "argon2: %s", argon2_error_message(rc));
    }
    return rc == ARGON2_OK && phc;
}
