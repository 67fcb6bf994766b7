#include "server/door/tls_pipe.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int
tls_write(BIO *bio, const char *data, int n)
{
    struct tls_pipe *p = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    return bytes_append(&p->out, data, (size_t)n) ? n : -1;
}

static int
tls_read(BIO *bio, char *data, int size)
{
    struct tls_pipe *p = BIO_get_data(bio);
    size_t n = p->n_in < (size_t)size ? p->n_in : (size_t)size;
    BIO_clear_retry_flags(bio);
    if (n == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(data, p->in, n);
    p->in += n;
    p->n_in -= n;
    return (int)n;
}

static long
tls_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *tls_method;

static void
make_tls_method(void)
{
    tls_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    if (!tls_method)
        return;
    BIO_meth_set_write(tls_method, tls_write);
    BIO_meth_set_read(tls_method, tls_read);
    BIO_meth_set_ctrl(tls_method, tls_control);
}

/** Each change of keys costs an answer, and derivations on both sides: nobody needs many. */
static void
count_key_updates(int is_sent, int version, int type, const void *message, size_t n, SSL *ssl,
                  void *arg)
{
    struct tls_pipe *p = arg;
    (void)version;
    (void)ssl;
    if (!is_sent && type == SSL3_RT_HANDSHAKE && n > 0 &&
        *(const uint8_t *)message == SSL3_MT_KEY_UPDATE)
        p->key_updates++;
}

bool
tls_pipe_open(struct tls_pipe *p, SSL_CTX *context)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_tls_method);
    p->ssl = SSL_new(context);
    BIO *bio = p->ssl && tls_method ? BIO_new(tls_method) : NULL;
    if (!bio)
        return false;
    BIO_set_data(bio, p);
    BIO_set_init(bio, 1);
    SSL_set_bio(p->ssl, bio, bio);
    SSL_set_accept_state(p->ssl);
    SSL_set_msg_callback(p->ssl, count_key_updates);
    SSL_set_msg_callback_arg(p->ssl, p);
    return true;
}

bool
tls_pipe_write(struct tls_pipe *p, const uint8_t *data, size_t n)
{
    size_t done = 0;
    ERR_clear_error();
    for (size_t some = 0; done < n; done += some)
        if (SSL_write_ex(p->ssl, data + done, n - done, &some) != 1)
            return false;
    return true;
}

void
tls_pipe_rest(struct tls_pipe *p)
{
    if (p->out.size == 0)
        bytes_free(&p->out);
}

void
tls_pipe_close(struct tls_pipe *p)
{
    SSL_free(p->ssl);
    bytes_free(&p->out);
}
