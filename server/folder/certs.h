/**
 * The server's own certificate authority and certificate, made with OpenSSL's library.
 */
#ifndef JIAYI_SERVER_FOLDER_CERTS_H
#define JIAYI_SERVER_FOLDER_CERTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/**
 * certs_check_name() - say whether a certificate can be made for @name.
 *
 * A DNS name in ASCII (letters, digits, '-', '_', '.'; up to 253 characters; the first label may
 * be '*') or an IP address.
 *
 * Returns 0, or -1 with @e set: STATUS_INVALID_ARGUMENT.
 */
int certs_check_name(const char *name, struct status *e) MUST_CHECK;

/**
 * certs_make() - make what is missing of a server's TLS files in the directory @dir, which exists:
 *
 *   ca.key      the authority's private key, mode 0600
 *   ca.pem      its certificate, for clients, mode 0644, good for 10 years
 *   server.key  the server's private key, mode 0600
 *   server.pem  the server's certificate and after it the authority's, mode 0644, for 825 days,
 *               for localhost, 127.0.0.1, ::1 and the @n_names names or IP addresses @names
 *
 * All keys are ECDSA P-256. Each file appears whole or not at all. An authority that is there is
 * kept and signs the new server certificate: to renew that, remove server.pem and call again.
 *
 * Returns 0, or -1 with @e set: STATUS_INVALID_ARGUMENT for a bad name, STATUS_ALREADY_EXISTS when
 * all four files are there, STATUS_FAILED_PRECONDITION when ca.pem has lost its key,
 * STATUS_INTERNAL when a file cannot be read or written.
 */
int certs_make(const char *dir, const char *const *names, size_t n_names,
               struct status *e) MUST_CHECK;

/**
 * certs_not_after() - until when the first certificate of the PEM file @path is valid, in seconds
 * since 1970.
 *
 * Returns 0 when it cannot be read.
 */
int64_t certs_not_after(const char *path);

#endif
