#include "server/folder/certs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"

enum {
    CA_DAYS = 3650,
    SERVER_DAYS = 825,
    /** Certificates count from a little earlier, for clients whose clock is behind. */
    BACKDATE_S = 3600,
    NAME_MAX_LENGTH = 253,
    LABEL_MAX_LENGTH = 63,
};

/** A private key and the certificate of its public half. */
struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

/** What certificates are made from. */
struct certificate_plan {
    const char *common_name;
    int days;
    /** NULL: it signs itself. */
    const struct identity *issuer;
    /** Extensions as OpenSSL's configuration writes them; ends with a zero row. */
    const struct extension {
        int nid;
        const char *value;
    } * extensions;
};

static const struct extension ca_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {0, NULL},
};

static const struct extension server_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {0, NULL},
};

static const char *const always_named[] = {"localhost", "127.0.0.1", "::1"};

/* ------------------------------------------------------------------ names */

static int
parse_address(const char *name, unsigned char binary[sizeof(struct in6_addr)])
{
    if (inet_pton(AF_INET, name, binary) == 1)
        return sizeof(struct in_addr);
    return inet_pton(AF_INET6, name, binary) == 1 ? (int)sizeof(struct in6_addr) : 0;
}

static bool
is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool
label_valid(const char *label, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_name_character(label[i]))
            return false;
    return n > 0 && n <= LABEL_MAX_LENGTH && label[0] != '-' && label[n - 1] != '-';
}

static bool
dns_name_valid(const char *name)
{
    if (strncmp(name, "*.", 2) == 0)
        name += 2;
    const char *last = name;
    for (const char *at = name;; at = last) {
        size_t n = strcspn(at, ".");
        if (!label_valid(at, n))
            return false;
        if (at[n] == 0)
            break;
        last = at + n + 1;
    }
    /* Names do not end in a number, so this is an address with something wrong in it. */
    return strspn(last, "0123456789") != strlen(last);
}

int
certs_check_name(const char *name, struct status *e)
{
    unsigned char binary[sizeof(struct in6_addr)];
    if (*name == 0)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "a host name is empty: give a DNS name or an IP address");
    if (strlen(name) > NAME_MAX_LENGTH)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "a host name is longer than %d characters: \"%.20s...\"", NAME_MAX_LENGTH,
                          name);
    if (parse_address(name, binary) > 0 || dns_name_valid(name))
        return 0;
    return status_set(e, STATUS_INVALID_ARGUMENT,
                      "\"%s\" is no host name: give a DNS name or an IP address, without a port",
                      name);
}

static bool
add_name(GENERAL_NAMES *names, const char *name)
{
    unsigned char binary[sizeof(struct in6_addr)];
    int size = parse_address(name, binary);
    const void *data = size > 0 ? (const void *)binary : name;
    ASN1_STRING *value = size > 0 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    GENERAL_NAME *one = GENERAL_NAME_new();
    if (!value || !one || ASN1_STRING_set(value, data, size > 0 ? size : (int)strlen(name)) != 1) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(one);
        return false;
    }
    GENERAL_NAME_set0_value(one, size > 0 ? GEN_IPADD : GEN_DNS, value);

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i), one) == 0) {
            GENERAL_NAME_free(one);
            return true;
        }
    if (sk_GENERAL_NAME_push(names, one) > 0)
        return true;
    GENERAL_NAME_free(one);
    return false;
}

/** The names a server certificate is good for, each once; NULL without memory. */
static GENERAL_NAMES *
server_names(const char *const *names, size_t n_names)
{
    GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
    bool ok = all != NULL;
    for (size_t i = 0; ok && i < sizeof(always_named) / sizeof(always_named[0]); i++)
        ok = add_name(all, always_named[i]);
    for (size_t i = 0; ok && i < n_names; i++)
        ok = add_name(all, names[i]);
    if (ok)
        return all;
    sk_GENERAL_NAME_pop_free(all, GENERAL_NAME_free);
    return NULL;
}

/* ------------------------------------------------------------------ certificates */

static void
identity_free(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
    *identity = (struct identity){0};
}

static bool
set_serial(X509 *x)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and always of the same length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
    BN_free(number);
    return ok;
}

static bool
set_names(X509 *x, const struct certificate_plan *plan)
{
    X509_NAME *subject = X509_get_subject_name(x);
    const unsigned char *name = (const unsigned char *)plan->common_name;
    if (X509_NAME_add_entry_by_NID(subject, NID_organizationName, MBSTRING_UTF8,
                                   (const unsigned char *)"jiayi", -1, -1, 0) != 1 ||
        X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, name, -1, -1, 0) != 1)
        return false;
    X509 *issuer = plan->issuer ? plan->issuer->certificate : x;
    return X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1;
}

static bool
set_extensions(X509 *x, const struct certificate_plan *plan)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, plan->issuer ? plan->issuer->certificate : x, x, NULL, NULL, 0);
    for (const struct extension *row = plan->extensions; row->nid != 0; row++) {
        X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, &context, row->nid, row->value);
        bool ok = one && X509_add_ext(x, one, -1) == 1;
        X509_EXTENSION_free(one);
        if (!ok)
            return false;
    }
    return true;
}

/** Makes a key and its certificate into @ret, good for @alternatives if not NULL. */
static bool
identity_make(struct identity *ret, const struct certificate_plan *plan,
              const GENERAL_NAMES *alternatives)
{
    ret->key = EVP_EC_gen("P-256");
    ret->certificate = X509_new();
    X509 *x = ret->certificate;
    if (!ret->key || !x)
        return false;
    EVP_PKEY *signer = plan->issuer ? plan->issuer->key : ret->key;
    return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
           X509_gmtime_adj(X509_getm_notBefore(x), -BACKDATE_S) &&
           X509_time_adj_ex(X509_getm_notAfter(x), plan->days, 0, NULL) &&
           X509_set_pubkey(x, ret->key) == 1 && set_names(x, plan) && set_extensions(x, plan) &&
           (!alternatives ||
            X509_add1_ext_i2d(x, NID_subject_alt_name, (void *)(uintptr_t)alternatives, 0,
                              X509V3_ADD_DEFAULT) == 1) &&
           X509_sign(x, signer, EVP_sha256()) > 0;
}

/* ------------------------------------------------------------------ files */

static int
file_error(struct status *e, const char *doing, const char *name)
{
    return status_set(e, STATUS_INTERNAL, "cannot %s the TLS file %s: %s", doing, name,
                      strerror(errno));
}

static bool
path_of(char path[PATH_MAX], const char *dir, const char *name)
{
    int n = snprintf(path, PATH_MAX, "%s/%s", dir, name);
    if (n > 0 && n < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

/** Puts what @pem holds into the file @name of @dir, whole or not at all. */
static int
write_pem(const char *dir, const char *name, BIO *pem, mode_t mode, struct status *e)
{
    char path[PATH_MAX];
    char *data = NULL;
    long n = BIO_get_mem_data(pem, &data);
    if (!path_of(path, dir, name) || file_replace(path, mode, data, (size_t)n, true) < 0)
        return file_error(e, "write", name);
    return 0;
}

static int
write_key(const char *dir, const char *name, EVP_PKEY *key, struct status *e)
{
    BIO *pem = BIO_new(BIO_s_secmem()); /* wiped when freed */
    int rv = -1;
    if (pem && PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) == 1)
        rv = write_pem(dir, name, pem, 0600, e);
    else
        status_set(e, STATUS_INTERNAL, "cannot encode the key %s", name);
    BIO_free(pem);
    return rv;
}

/** Writes @first and after it @second, which may be NULL. */
static int
write_certificates(const char *dir, const char *name, X509 *first, X509 *second, struct status *e)
{
    BIO *pem = BIO_new(BIO_s_mem());
    int rv = -1;
    if (pem && PEM_write_bio_X509(pem, first) == 1 &&
        (!second || PEM_write_bio_X509(pem, second) == 1))
        rv = write_pem(dir, name, pem, 0644, e);
    else
        status_set(e, STATUS_INTERNAL, "cannot encode the certificate %s", name);
    BIO_free(pem);
    return rv;
}

static bool
file_exists(const char *dir, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    /* Whatever is in the way counts; a path too long fails later, when it is written. */
    return path_of(path, dir, name) && lstat(path, &st) == 0;
}

static BIO *
open_file(const char *dir, const char *name)
{
    char path[PATH_MAX];
    return path_of(path, dir, name) ? BIO_new_file(path, "r") : NULL;
}

static bool
identity_read(struct identity *ret, const char *dir, const char *key, const char *certificate)
{
    /* A key with a password is not ours; without this OpenSSL would ask for it at the terminal. */
    char no_password[] = "";
    BIO *in = open_file(dir, key);
    if (in)
        ret->key = PEM_read_bio_PrivateKey(in, NULL, NULL, no_password);
    BIO_free(in);
    in = open_file(dir, certificate);
    if (in)
        ret->certificate = PEM_read_bio_X509(in, NULL, NULL, NULL);
    BIO_free(in);
    return ret->key && ret->certificate && X509_check_private_key(ret->certificate, ret->key) == 1;
}

/* ------------------------------------------------------------------ the two identities */

/** Reads the authority, or makes one where there is none. */
static int
authority_get(struct identity *ret, const char *dir, struct status *e)
{
    bool has_certificate = file_exists(dir, "ca.pem");
    if (has_certificate && !file_exists(dir, "ca.key"))
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "ca.pem is there without ca.key: restore the key, or remove ca.pem and "
                          "give every client the new one");
    if (has_certificate) {
        if (identity_read(ret, dir, "ca.key", "ca.pem"))
            return 0;
        return status_set(e, STATUS_INTERNAL,
                          "ca.key and ca.pem cannot be read or do not belong together");
    }
    /* A key alone was left by a start that was cut short: nobody can know it yet. */
    const struct certificate_plan plan = {.common_name = "jiayi CA",
                                          .days = CA_DAYS,
                                          .extensions = ca_extensions};
    if (!identity_make(ret, &plan, NULL))
        return status_set(e, STATUS_INTERNAL, "cannot make the certificate authority");
    if (write_key(dir, "ca.key", ret->key, e) != 0)
        return -1;
    return write_certificates(dir, "ca.pem", ret->certificate, NULL, e);
}

static int
server_make(const struct identity *authority, const char *dir, const GENERAL_NAMES *names,
            struct status *e)
{
    const struct certificate_plan plan = {.common_name = "jiayid",
                                          .days = SERVER_DAYS,
                                          .issuer = authority,
                                          .extensions = server_extensions};
    struct identity server = {0};
    int rv = -1;
    if (!identity_make(&server, &plan, names))
        status_set(e, STATUS_INTERNAL, "cannot make the server's certificate");
    else if (write_key(dir, "server.key", server.key, e) == 0)
        rv = write_certificates(dir, "server.pem", server.certificate, authority->certificate, e);
    identity_free(&server);
    return rv;
}

int
certs_make(const char *dir, const char *const *names, size_t n_names, struct status *e)
{
    static const char *const files[] = {"ca.key", "ca.pem", "server.key", "server.pem"};
    size_t found = 0;
    for (size_t i = 0; i < n_names; i++)
        if (certs_check_name(names[i], e) != 0)
            return -1;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        found += file_exists(dir, files[i]);
    if (found == sizeof(files) / sizeof(files[0]))
        return status_set(e, STATUS_ALREADY_EXISTS, "the TLS files are there already");

    struct identity authority = {0};
    GENERAL_NAMES *all = server_names(names, n_names);
    int rv = -1;
    if (!all)
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "no memory for the certificate's names");
    else if (authority_get(&authority, dir, e) == 0)
        rv = server_make(&authority, dir, all, e);
    sk_GENERAL_NAME_pop_free(all, GENERAL_NAME_free);
    identity_free(&authority);
    ERR_clear_error();
    return rv;
}

int64_t
certs_not_after(const char *path)
{
    struct tm tm;
    BIO *in = BIO_new_file(path, "r");
    X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    int64_t at = x && ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1 ? (int64_t)timegm(&tm) : 0;
    X509_free(x);
    BIO_free(in);
    ERR_clear_error();
    return at;
}
