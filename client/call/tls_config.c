#include "client/call/tls_config.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "client/call/tls_session.h"
#include "common/tls_context.h"

static void
config_fini(nng_tls_engine_config *config)
{
    SSL_CTX_free(config->context);
    OPENSSL_free(config->server_name);
}

static int
config_init(nng_tls_engine_config *config, nng_tls_mode mode)
{
    config->is_client = mode == NNG_TLS_MODE_CLIENT;
    config->auth_mode = config->is_client ? NNG_TLS_AUTH_MODE_REQUIRED : NNG_TLS_AUTH_MODE_NONE;
    return 0;
}

/** Says whether @name is an IP address, without the brackets that a URL puts around one of IPv6. */
static bool
is_address(const char *name)
{
    unsigned char binary[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, name, binary) == 1 || inet_pton(AF_INET6, name, binary) == 1;
}

/** Has the context verify the name, where one is set. */
static bool
apply_server(nng_tls_engine_config *config)
{
    const char *name = config->server_name;
    if (!name || !config->is_client)
        return true;
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(config->context);
    return X509_VERIFY_PARAM_set1_ip(param, NULL, 0) &&
           X509_VERIFY_PARAM_set1_host(param, config->is_address ? NULL : name, 0) &&
           (!config->is_address || X509_VERIFY_PARAM_set1_ip_asc(param, name));
}

static void
apply_auth(nng_tls_engine_config *config)
{
    int verify = SSL_VERIFY_NONE;
    if (config->auth_mode != NNG_TLS_AUTH_MODE_NONE)
        verify = SSL_VERIFY_PEER;
    if (config->auth_mode == NNG_TLS_AUTH_MODE_REQUIRED)
        verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(config->context, verify, NULL);
    if (config->is_client)
        return;
    /* A resumed session would skip the client's certificate. */
    SSL_CTX_set_num_tickets(config->context, verify == SSL_VERIFY_NONE ? 1 : 0);
    if (verify != SSL_VERIFY_NONE)
        SSL_CTX_set_options(config->context, SSL_OP_NO_TICKET);
    else
        SSL_CTX_clear_options(config->context, SSL_OP_NO_TICKET);
}

bool
tls_config_make(nng_tls_engine_config *config)
{
    if (config->context)
        return true;
    config->context = tls_context_new(config->is_client);
    if (!config->context)
        return false;
    if (config->is_client)
        SSL_CTX_sess_set_new_cb(config->context, tls_session_arrived);
    apply_auth(config);
    if (apply_server(config))
        return true;
    SSL_CTX_free(config->context);
    config->context = NULL;
    return false;
}

static int
config_server(nng_tls_engine_config *config, const char *name)
{
    size_t n = strlen(name);
    bool bracketed = n > 2 && name[0] == '[' && name[n - 1] == ']';
    char *copy = bracketed ? OPENSSL_strndup(name + 1, n - 2) : OPENSSL_strdup(name);
    if (!copy)
        return NNG_ENOMEM;
    OPENSSL_free(config->server_name);
    config->server_name = copy;
    config->is_address = is_address(copy);
    bool ok = !config->context || apply_server(config);
    if (ok && (*copy || !config->is_client))
        return 0;
    /* Better no name, with which nothing connects, than half of one. */
    OPENSSL_free(config->server_name);
    config->server_name = NULL;
    return *name ? NNG_ENOMEM : NNG_EINVAL;
}

static int
config_auth(nng_tls_engine_config *config, nng_tls_auth_mode mode)
{
    switch (mode) {
    case NNG_TLS_AUTH_MODE_NONE:
    case NNG_TLS_AUTH_MODE_OPTIONAL:
    case NNG_TLS_AUTH_MODE_REQUIRED: break;
    default: return NNG_EINVAL;
    }
    config->auth_mode = mode;
    if (config->context)
        apply_auth(config);
    return 0;
}

/** True when the last PEM read failed only because there was nothing more. */
static bool
pem_ended(void)
{
    unsigned long error = ERR_peek_last_error();
    bool ended = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return ended;
}

/** The certificates in @pem in their order, one at least; NULL when it is malformed. */
static struct stack_st_X509 *
pem_certificates(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    STACK_OF(X509) *certificates = sk_X509_new_null();
    X509 *one = NULL;
    bool ok = in && certificates;
    ERR_clear_error();
    while (ok && (one = PEM_read_bio_X509(in, NULL, NULL, NULL)))
        if (sk_X509_push(certificates, one) <= 0) {
            X509_free(one);
            ok = false;
        }
    ok = ok && pem_ended() && sk_X509_num(certificates) > 0;
    BIO_free(in);
    if (ok)
        return certificates;
    sk_X509_pop_free(certificates, X509_free);
    return NULL;
}

static EVP_PKEY *
pem_key(const char *pem, const char *password)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    /* With no password at all OpenSSL would ask for one at the terminal. */
    void *given = (void *)(uintptr_t)(password ? password : "");
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, given) : NULL;
    BIO_free(in);
    return key;
}

/** Adds the revocation lists in @pem to @store and makes it ask them. */
static bool
store_add_crls(X509_STORE *store, const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509_CRL *crl = NULL;
    int count = 0;
    bool ok = in != NULL;
    ERR_clear_error();
    while (ok && (crl = PEM_read_bio_X509_CRL(in, NULL, NULL, NULL))) {
        ok = X509_STORE_add_crl(store, crl) == 1;
        X509_CRL_free(crl);
        count++;
    }
    ok = ok && pem_ended() && count > 0;
    BIO_free(in);
    return ok && X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1;
}

static int
config_ca_chain(nng_tls_engine_config *config, const char *certificates, const char *crl)
{
    if (!tls_config_make(config))
        return NNG_ENOMEM;
    STACK_OF(X509) *cas = pem_certificates(certificates);
    X509_STORE *store = SSL_CTX_get_cert_store(config->context);
    bool ok = cas != NULL;
    for (int i = 0; ok && i < sk_X509_num(cas); i++) {
        X509 *ca = sk_X509_value(cas, i);
        ok = X509_STORE_add_cert(store, ca) == 1 &&
             (config->is_client || SSL_CTX_add_client_CA(config->context, ca) == 1);
    }
    sk_X509_pop_free(cas, X509_free);
    if (ok && crl)
        ok = store_add_crls(store, crl);
    ERR_clear_error();
    return ok ? 0 : NNG_ECRYPTO;
}

static int
config_own_cert(nng_tls_engine_config *config, const char *certificate, const char *key,
                const char *password)
{
    if (!tls_config_make(config))
        return NNG_ENOMEM;
    STACK_OF(X509) *chain = pem_certificates(certificate);
    X509 *leaf = chain ? sk_X509_shift(chain) : NULL;
    EVP_PKEY *own_key = pem_key(key, password);
    int ok =
        leaf && own_key && SSL_CTX_use_cert_and_key(config->context, leaf, own_key, chain, 1) == 1;
    EVP_PKEY_free(own_key);
    X509_free(leaf);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return ok ? 0 : NNG_ECRYPTO;
}

static int
config_version(nng_tls_engine_config *config, nng_tls_version lowest, nng_tls_version highest)
{
    if (lowest > highest || highest < NNG_TLS_1_2 || lowest > NNG_TLS_1_3)
        return NNG_ENOTSUP;
    if (!tls_config_make(config))
        return NNG_ENOMEM;
    int from = lowest < NNG_TLS_1_3 ? TLS1_2_VERSION : TLS1_3_VERSION;
    int to = highest < NNG_TLS_1_3 ? TLS1_2_VERSION : TLS1_3_VERSION;
    bool ok = SSL_CTX_set_min_proto_version(config->context, from) == 1 &&
              SSL_CTX_set_max_proto_version(config->context, to) == 1;
    return ok ? 0 : NNG_ENOTSUP;
}

nng_tls_engine_config_ops tls_config_ops = {
    .size = sizeof(struct nng_tls_engine_config),
    .init = config_init,
    .fini = config_fini,
    .server = config_server,
    .auth = config_auth,
    .ca_chain = config_ca_chain,
    .own_cert = config_own_cert,
    .version = config_version,
};
