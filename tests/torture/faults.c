#include "tests/torture/faults.h"

#include <argon2.h>
#include <dirent.h>
#include <errno.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <nghttp2/nghttp2.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static struct faults own, *now;

struct faults *
faults_now(void)
{
    return now ? now : &own;
}

static void __attribute__((constructor)) take_file(void)
{
    const char *path = getenv(FAULTS_FILE);
    struct faults *mapped = path ? faults_map(path) : NULL;
    if (mapped)
        now = mapped;
}

/** True when it is this call's turn to fail. */
static bool
is_due(const char *name, int error)
{
    struct faults *f = faults_now();
    atomic_fetch_add(&f->seen, 1);
    if (atomic_load(&f->left) <= 0 || atomic_fetch_sub(&f->left, 1) != 1)
        return false;
    snprintf(f->name, sizeof f->name, "%s", name);
    /* By its queue OpenSSL tells a failure from a wish for more bytes. */
    if (strncmp(name, "SSL_", 4) == 0)
        ERR_raise(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
    errno = error;
    return true;
}

#define FAULT(result, name, error, value, parameters, arguments) \
    result __real_##name parameters;                             \
    result __wrap_##name parameters;                             \
    result __wrap_##name parameters                              \
    {                                                            \
        if (is_due(#name, error))                                \
            return value;                                        \
        return __real_##name arguments;                          \
    }
#include "tests/torture/faults.def"
#undef FAULT

/* Those that take what they like, or fail in another way. */

int __wrap_asprintf(char **to, const char *format, ...) __attribute__((format(printf, 2, 3)));

int
__wrap_asprintf(char **to, const char *format, ...)
{
    va_list args;
    if (is_due("asprintf", ENOMEM))
        return -1;
    va_start(args, format);
    int n = vasprintf(to, format, args);
    va_end(args);
    return n;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int
__wrap_open(const char *path, int flags, ...)
{
    va_list args;
    if (is_due("open", EMFILE))
        return -1;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return __real_open(path, flags, mode);
}

PGresult *__real_PQgetResult(PGconn *c);
PGresult *__wrap_PQgetResult(PGconn *c);

/**
 * Without memory libpq gives an error in place of the result, whatever that was: even of a Sync.
 */
PGresult *
__wrap_PQgetResult(PGconn *c)
{
    PGresult *r = __real_PQgetResult(c);
    if (!r || !is_due("PQgetResult", ENOMEM))
        return r;
    PQclear(r);
    return PQmakeEmptyPGresult(c, PGRES_FATAL_ERROR);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/** sendmsg(), as the TLS engine makes it. */
long
__wrap_syscall(long number, ...)
{
    long a[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_sendmsg && is_due("sendmsg", ECONNRESET))
        return -1;
    return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
