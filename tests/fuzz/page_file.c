/**
 * The page's files: a path, a list of codings and a list of what the browser has, a line each; the
 * first byte says whether only the head is asked for. Every answer is whole, what was asked for, and
 * nothing that the lists do not name; what they mean is in e2e server/page.
 */
#include <nghttp2/nghttp2.h>

#include "common/embed.h"
#include "server/door/browser.h"
#include "server/door/http2.h"
#include "server/door/page.h"
#include "tests/fuzz/fuzz.h"

/* In the place of what the build made of web/. */
#define FILE_OF(name, text, sha)                             \
    {                                                        \
        name, (const uint8_t *)(text), sizeof(text) - 1, sha \
    }
const struct embed embed_page[] = {
    FILE_OF("a.css", "plain", "aa"),
    FILE_OF("a.css.gz", "packed", "ab"),
    FILE_OF("b.svg", "small", "ba"),
    FILE_OF("index.html", "first", "ca"),
    FILE_OF("index.html.gz", "first packed", "cb"),
    FILE_OF("note.txt", "no type", "da"),
    {0},
};

/** What the client got. */
static struct {
    char status[8], etag[80], encoding[16], length[24];
    char body[64];
    size_t n_body, rules;
    bool is_over;
} got;

static struct http2 *server;
static bool is_page;

static void *
begin(void *owner, int32_t stream, const struct http2_head *h)
{
    static const struct http2_field field = {":status", "405"};
    struct page_answer a;
    (void)owner;
    is_page = page_is_asked(h);
    if (is_page) {
        page_find(h, &a);
        page_send(server, stream, &a);
    } else {
        http2_answer(server, stream, &field, 1, true);
    }
    return NULL;
}

static int
on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t n_name,
          const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    const struct {
        const char *name;
        char *to;
        size_t size;
    } kept[] = {{":status", got.status, sizeof got.status},
                {"etag", got.etag, sizeof got.etag},
                {"content-encoding", got.encoding, sizeof got.encoding},
                {"content-length", got.length, sizeof got.length}};
    (void)s, (void)f, (void)n_name, (void)n_value, (void)flags, (void)arg;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strcmp((const char *)name, kept[i].name) == 0)
            snprintf(kept[i].to, kept[i].size, "%s", (const char *)value);
    for (size_t i = 0; i < BROWSER_FIELDS; i++)
        got.rules += strcmp((const char *)name, browser_fields[i].name) == 0 &&
                     strcmp((const char *)value, browser_fields[i].value) == 0;
    return 0;
}

static int
on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *data, size_t n, void *arg)
{
    (void)s, (void)flags, (void)id, (void)arg;
    require(n <= sizeof got.body - got.n_body, "no more comes than there is");
    memcpy(got.body + got.n_body, data, n);
    got.n_body += n;
    return 0;
}

static int
on_close(nghttp2_session *s, int32_t id, uint32_t error, void *arg)
{
    (void)s, (void)id, (void)arg;
    got.is_over = error == NGHTTP2_NO_ERROR;
    return 0;
}

/** Asks, and takes the answer. */
static void
ask(const char *const lines[static 3], bool is_head)
{
    const char *const names[] = {":method",    ":path",           ":scheme",
                                 ":authority", "accept-encoding", "if-none-match"};
    const char *const values[] = {
        is_head ? "HEAD" : "GET", lines[0], "https", "x", lines[1], lines[2]};
    static const struct http2_events events = {.begin = begin};
    nghttp2_nv fields[6];
    nghttp2_session_callbacks *c;
    nghttp2_session *client;
    for (size_t i = 0; i < 6; i++)
        fields[i] = (nghttp2_nv){(uint8_t *)names[i], (uint8_t *)values[i], strlen(names[i]),
                                 strlen(values[i]), 0};
    require(nghttp2_session_callbacks_new(&c) == 0, "there is memory");
    nghttp2_session_callbacks_set_on_header_callback(c, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, on_close);
    require(nghttp2_session_client_new(&client, c, NULL) == 0, "there is memory");
    nghttp2_session_callbacks_del(c);
    server = http2_new(&(struct http2_options){
        .events = &events, .streams = 1, .receive_timeout_ms = 1000, .send_timeout_ms = 1000});
    require(server, "there is memory");
    nghttp2_submit_settings(client, 0, NULL, 0);
    nghttp2_submit_request(client, NULL, fields, *lines[2] ? 6 : *lines[1] ? 5 : 4, NULL, NULL);
    const uint8_t *data;
    for (ssize_t n; (n = nghttp2_session_mem_send(client, &data)) > 0;)
        require(http2_take(server, data, (size_t)n) == HTTP2_FINE, "it is HTTP/2");
    uint8_t to[4096];
    for (size_t n = 1; n > 0;) {
        require(http2_pull(server, to, sizeof to, &n) == HTTP2_FINE, "it is answered");
        require(nghttp2_session_mem_recv(client, to, n) == (ssize_t)n, "the answer is HTTP/2");
    }
    nghttp2_session_del(client);
    http2_free(server);
}

static const struct embed *
file(const char *name)
{
    for (const struct embed *e = embed_page; e->name; e++)
        if (strcmp(e->name, name) == 0)
            return e;
    return NULL;
}

static void
check(const char *const lines[static 3], bool is_head)
{
    char packed[300];
    const char *name = lines[0] + 1;
    bool is_known = !*name || strcmp(name, "a.css") == 0 || strcmp(name, "b.svg") == 0;
    require(got.rules == BROWSER_FIELDS, "every answer has the rules for browsers");
    if (!is_known) {
        require(strcmp(got.status, "404") == 0, "nothing else is there");
        return;
    }
    name = *name ? name : "index.html";
    snprintf(packed, sizeof packed, "%s.gz", name);
    const struct embed *e = file(packed);
    bool is_there = strcmp(got.status, "304") == 0;
    char etag[80] = "";
    if (e)
        snprintf(etag, sizeof etag, "\"%s\"", e->sha256);
    bool is_packed = strcmp(got.etag, etag) == 0;
    require(!is_packed || strstr(lines[1], "gzip"), "it is packed for who takes that");
    require(is_packed || strcmp(lines[1], "gzip") != 0 || !e, "it is packed for who takes that");
    require(is_there || is_packed == (strcmp(got.encoding, "gzip") == 0),
            "how it is packed is told");
    e = is_packed ? e : file(name);
    snprintf(etag, sizeof etag, "\"%s\"", e->sha256);
    require(strcmp(got.etag, etag) == 0, "it is named by what it is");
    require(is_there || strcmp(got.status, "200") == 0, "it is there");
    require(is_there || strcmp(lines[2], etag) != 0, "what the browser has is not sent");
    require(!is_there || strstr(lines[2], etag) || strchr(lines[2], '*'),
            "what the browser has not is sent");
    require(is_there || (size_t)strtoul(got.length, NULL, 10) == e->size, "its length is told");
    size_t n = is_there || is_head ? 0 : e->size;
    require(got.n_body == n && memcmp(got.body, e->data, n) == 0, "it is whole");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[256];
    const char *lines[3] = {"/", "", ""};
    if (size < 1 || size >= sizeof text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    char *rest = text;
    for (size_t i = 0; i < 3 && rest; i++)
        lines[i] = strsep(&rest, "\n");
    memset(&got, 0, sizeof got);
    is_page = false;
    bool is_head = data[0] & 1;
    ask(lines, is_head);
    /* What is no head at all is reset. */
    if (is_page && got.is_over)
        check(lines, is_head);
    require(!is_page || got.is_over, "what is asked is answered");
    return 0;
}
