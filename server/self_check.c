#include "server/self_check.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/tls_context.h"
#include "server/config.h"
#include "server/supervisor.h"

/** How long the listener may take. */
#define PATIENCE_MS 5000

struct self_check {
    char url[CONFIG_LISTEN_BYTES + 16];
    int every_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
};

static int64_t
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** Waits for the socket until @until_ms. */
static bool
await(int fd, short events, int64_t until_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    int64_t left = until_ms - now_ms();
    int rc = left > 0 ? poll(&p, 1, (int)left) : 0;
    return rc > 0 || (rc < 0 && errno == EINTR);
}

/** The host to connect to, without brackets, and the port: where it listens on all, ourselves. */
static void
split(const char *url, char host[CONFIG_LISTEN_BYTES], char port[8])
{
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    const char *colon = strrchr(at, ':');
    size_t n = colon ? (size_t)(colon - at) : strlen(at);
    if (n > 1 && at[0] == '[') {
        at++;
        n -= 2;
    }
    snprintf(host, CONFIG_LISTEN_BYTES, "%.*s", (int)n, at);
    snprintf(port, 8, "%s", colon ? colon + 1 : "0");
    if (strcmp(host, "0.0.0.0") == 0)
        snprintf(host, CONFIG_LISTEN_BYTES, "127.0.0.1");
    if (strcmp(host, "::") == 0)
        snprintf(host, CONFIG_LISTEN_BYTES, "::1");
}

static int
dial(const struct addrinfo *a, int64_t until_ms, struct status *e)
{
    int error = 0;
    socklen_t n = sizeof error;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "no socket: %s", strerror(errno));
    if (connect(fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS)
        error = errno;
    else if (!await(fd, POLLOUT, until_ms))
        error = ETIMEDOUT;
    else
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
    if (error == 0)
        return fd;
    close(fd);
    return status_set(e, STATUS_UNAVAILABLE, "the listener takes no connection: %s",
                      strerror(error));
}

/** True when the handshake was done, or the listener said or did anything else. */
static bool
shake_hands(SSL *ssl, int fd, int64_t until_ms)
{
    int rc;
    while ((rc = SSL_connect(ssl)) != 1) {
        int why = SSL_get_error(ssl, rc);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            break;
        if (!await(fd, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until_ms))
            return false;
    }
    if (rc == 1)
        SSL_shutdown(ssl);
    ERR_clear_error();
    return true;
}

static int
greet(int fd, int64_t until_ms, struct status *e)
{
    SSL_CTX *context = tls_context_new(true);
    SSL *ssl = context ? SSL_new(context) : NULL;
    bool fine = false;
    if (ssl && SSL_set_fd(ssl, fd) == 1) {
        /* It is ourselves that we talk to, and we say nothing. */
        SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
        fine = shake_hands(ssl, fd, until_ms);
        if (!fine)
            status_set(e, STATUS_DEADLINE_EXCEEDED, "the listener does not answer");
    } else
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    SSL_free(ssl);
    SSL_CTX_free(context);
    return fine ? 0 : -1;
}

int
self_check_once(const char *url, int timeout_ms, struct status *e)
{
    char host[CONFIG_LISTEN_BYTES];
    char port[8];
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int64_t until_ms = now_ms() + timeout_ms;
    split(url, host, port);
    int why = getaddrinfo(host, port, &hints, &found);
    if (why != 0)
        return status_set(e, STATUS_UNAVAILABLE, "cannot find %s: %s", host, gai_strerror(why));
    int fd = dial(found, until_ms, e);
    freeaddrinfo(found);
    if (fd < 0)
        return -1;
    int rc = greet(fd, until_ms, e);
    close(fd);
    return rc;
}

static void
check(const struct self_check *c)
{
    struct status why = {0};
    if (self_check_once(c->url, PATIENCE_MS, &why) == 0) {
        supervisor_watchdog();
        return;
    }
    log_event(LOG_ERROR, "self_check", log_text("message", why.message));
    supervisor_unwell(why.message);
}

/** Returns true when it is time to end. */
static bool
pause_or_stop(struct self_check *c)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += c->every_ms / 1000;
    until.tv_nsec += c->every_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    int rc = 0;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&c->stop, &c->lock, &until);
    bool stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

static void *
run(void *arg)
{
    do
        check(arg);
    while (!pause_or_stop(arg));
    return NULL;
}

struct self_check *
self_check_start(const char *url, int every_ms, struct status *e)
{
    pthread_condattr_t attributes;
    struct self_check *c = calloc(1, sizeof *c);
    if (!c) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        return NULL;
    }
    snprintf(c->url, sizeof c->url, "%s", url);
    c->every_ms = every_ms;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&c->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&c->lock, NULL);
    int why = pthread_create(&c->thread, NULL, run, c);
    if (why == 0)
        return c;
    status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot start the self-check: %s", strerror(why));
    free(c);
    return NULL;
}

void
self_check_stop(struct self_check *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->stop);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->stop);
    free(c);
}
