#include "server/door/browser.h"
#include "server/door/http2_head.h"

#include <string.h>

/** Of this host alone, by TLS alone, for all of it: browsers see to that, by the name. */
#define COOKIE       "__Host-jiayi"
#define COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age="

const struct http2_field browser_fields[BROWSER_FIELDS] = {
    {"strict-transport-security", "max-age=31536000; includeSubDomains"},
    {"x-content-type-options", "nosniff"},
    {"content-security-policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "connect-src 'self'; form-action 'none'; base-uri 'none'; object-src 'none'; "
     "frame-ancestors 'none'; require-trusted-types-for 'script'"},
    {"referrer-policy", "no-referrer"},
    {"cross-origin-opener-policy", "same-origin"},
    {"cross-origin-resource-policy", "same-origin"},
};

const struct http2_field browser_farewell[2] = {
    {"set-cookie", COOKIE "=" COOKIE_RULES "0"},
    {"clear-site-data", "\"cookies\", \"storage\", \"cache\""},
};

static bool
is(const struct http2_head *h, const char *name, const char *value)
{
    const char *text = http2_head_get(h, name);
    return text && strcmp(text, value) == 0 && !http2_head_is_double(h, name);
}

/** The page's origin is the one that is called: what browsers say that tell no site. */
static bool
is_same_origin(const struct http2_head *h)
{
    static const char scheme[] = "https://";
    const char *origin = http2_head_get(h, "origin"), *host = http2_head_get(h, ":authority");
    if (!host)
        host = http2_head_get(h, "host");
    return origin && host && strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
           strcmp(origin + sizeof scheme - 1, host) == 0 && !http2_head_is_double(h, "origin");
}

bool
browser_is_here(const struct http2_head *h)
{
    /* That it is a POST of no form's type, every call is. */
    if (!is(h, "connect-protocol-version", "1"))
        return false;
    return http2_head_get(h, "sec-fetch-site") ? is(h, "sec-fetch-site", "same-origin")
                                               : is_same_origin(h);
}

/** Counts our cookies; the value of the last one, and its length, where there are some. */
static int
find_cookies(const struct http2_head *h, const char **ret, size_t *ret_n)
{
    static const char begin[] = COOKIE "=";
    int n = 0;
    const char *at = NULL;
    /* Browsers may give each a field of its own. */
    while ((at = http2_head_next(h, "cookie", at)))
        for (const char *one = at; *one; one += strcspn(one, ";"), one += strspn(one, "; "))
            if (strncmp(one, begin, sizeof begin - 1) == 0) {
                *ret = one + sizeof begin - 1;
                *ret_n = strcspn(*ret, "; ");
                n++;
            }
    return n;
}

enum browser_cookie
browser_token(const struct http2_head *h, char **ret)
{
    const char *value = "";
    size_t n = 0;
    bool counts = find_cookies(h, &value, &n) == 1 && n > 0 &&
                  !http2_head_get(h, "authorization") && browser_is_here(h);
    if (!counts)
        return BROWSER_NO_COOKIE;
    *ret = strndup(value, n);
    return *ret ? BROWSER_COOKIE : BROWSER_NO_MEMORY;
}

char *
browser_set_cookie(struct arena *a, const char *token, int64_t age_s)
{
    return arena_print(a, COOKIE "=%s" COOKIE_RULES "%lld", token,
                       (long long)(age_s > 0 ? age_s : 0));
}
