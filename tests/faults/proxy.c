/**
 * A bad network: passes TCP connections on, and now and then delays what passes, stalls, splits it
 * to single bytes, or resets the connection in the middle of it; in both directions. What it does
 * follows from a seed.
 *
 * usage: proxy PORT TARGET-PORT SEED [cut|lose|hole RECORDS TIMES | slow MS]
 *
 * On the loopback. It is a good network until SIGUSR1 makes it a bad one; the next makes it good
 * again. SIGTERM ends it; it prints what it did: `connections N delays N stalls N splits N resets
 * N`.
 *
 * The words at the end make it bad at one point instead. Of the first TIMES connections each is
 * reset (cut) once so many of the client's encrypted TLS records have passed, or with the bytes
 * that have the last of them (lose), or stays without another byte in either direction (hole). In
 * TLS 1.3 the first is the end of the client's handshake, the second nng's header, the third the
 * first request; 0 is in the handshake, with the client's first bytes. slow has every piece take so
 * many milliseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_LINKS = 512,
    PIECE = 4096,
    /** Of ten thousand pieces so many have each fault. */
    DELAYS = 800,
    STALLS = 50,
    SPLITS = 800,
    RESETS = 60,
    MAX_DELAY_MS = 30,
    MIN_STALL_MS = 300,
    MAX_STALL_MS = 3500,
    /** How much of a piece is split at the most. */
    SPLIT_BYTES = 200,
};

/** One direction of a connection: what was read and is not yet passed on. */
struct stream {
    char bytes[PIECE];
    size_t n, at;
    /** Nothing moves before. */
    int64_t ready_ms;
    /** So many bytes go one by one. */
    size_t single;
    /** When this many are gone, the connection is reset; 0 for not. */
    size_t reset_at;
};

/** What happens to the first connections, at one point. */
enum point { POINT_NONE, POINT_CUT, POINT_LOSE, POINT_HOLE, POINT_SLOW };

static struct {
    enum point what;
    int n, times;
} point;

/** What has passed of a client's TLS records. */
struct records {
    unsigned char head[5];
    size_t n_head, left;
    int encrypted;
};

/** A connection: the client's end and the target's. */
struct link {
    int fds[2];
    /** from[i] was read from fds[i], for the other end. */
    struct stream from[2];
    struct records records;
    /** This one is to break, or is broken, at the point. */
    bool is_doomed, is_hole;
};

static struct link *links[MAX_LINKS];
static int n_links;
static uint64_t randomness;
static volatile sig_atomic_t is_calm = 1, is_over;
static struct {
    long connections, delays, stalls, splits, resets;
} counts;

static void
die(const char *what)
{
    fprintf(stderr, "proxy: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
note_signal(int sig)
{
    if (sig == SIGUSR1)
        is_calm = !is_calm;
    else
        is_over = 1;
}

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
below(int n)
{
    randomness ^= randomness >> 12;
    randomness ^= randomness << 25;
    randomness ^= randomness >> 27;
    return (int)((randomness * UINT64_C(2685821657736338717) >> 33) % (unsigned)n);
}

static struct sockaddr_in
loopback(const char *port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void
add_link(int client, const char *target_port)
{
    struct sockaddr_in target = loopback(target_port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct link *l = calloc(1, sizeof *l);
    if (!l || fd < 0)
        die("socket");
    if (n_links == MAX_LINKS || connect(fd, (struct sockaddr *)&target, sizeof target) < 0) {
        close(fd);
        close(client);
        free(l);
        return;
    }
    l->fds[0] = client;
    l->fds[1] = fd;
    for (int i = 0; i < 2; i++) {
        setsockopt(l->fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(l->fds[i], F_SETFL, O_NONBLOCK);
    }
    links[n_links++] = l;
    l->is_doomed = point.what && counts.connections < point.times;
    counts.connections++;
}

/** Ends a connection: in order, or by a reset of both ends. */
static void
drop_link(int i, bool reset)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    for (int end = 0; end < 2; end++) {
        if (reset)
            setsockopt(links[i]->fds[end], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(links[i]->fds[end]);
    }
    free(links[i]);
    links[i] = links[--n_links];
}

/** Counts the encrypted records that end in these bytes. */
static void
count_records(struct records *r, const char *bytes, size_t n)
{
    enum { HEAD = 5, APPLICATION_DATA = 0x17 };
    for (size_t i = 0; i < n;) {
        if (r->n_head < HEAD) {
            r->head[r->n_head++] = (unsigned char)bytes[i++];
            r->left = (size_t)(r->head[3] << 8 | r->head[4]);
            continue;
        }
        size_t some = r->left < n - i ? r->left : n - i;
        i += some;
        r->left -= some;
        if (r->left > 0)
            continue;
        r->encrypted += r->head[0] == APPLICATION_DATA;
        r->n_head = 0;
    }
}

/** What the point makes of a piece that was just read. -2: the connection is to be reset. */
static int
reach_point(struct link *l, int end)
{
    struct stream *s = &l->from[end];
    if (point.what == POINT_SLOW)
        s->ready_ms = now_ms() + point.n;
    if (!l->is_doomed || point.what == POINT_SLOW)
        return 0;
    if (end == 1) /* with cut nothing of the answer comes back */
        return point.what == POINT_CUT && point.n > 0 && l->records.encrypted >= point.n ? -2 : 0;
    count_records(&l->records, s->bytes, s->n);
    if (l->records.encrypted < point.n)
        return 0;
    l->is_hole = point.what == POINT_HOLE;
    if (l->is_hole && point.n == 0)
        s->n = 0;
    return point.what == POINT_LOSE || (point.what == POINT_CUT && point.n == 0) ? -2 : 0;
}

/** Decides what becomes of a piece that was just read. */
static void
plan(struct stream *s)
{
    int what = is_calm ? 10000 : below(10000);
    s->at = s->single = s->reset_at = 0;
    if (what < DELAYS) {
        s->ready_ms = now_ms() + 1 + below(MAX_DELAY_MS);
        counts.delays++;
    } else if ((what -= DELAYS) < STALLS) {
        s->ready_ms = now_ms() + MIN_STALL_MS + below(MAX_STALL_MS - MIN_STALL_MS);
        counts.stalls++;
    } else if ((what -= STALLS) < SPLITS) {
        s->single = s->n < SPLIT_BYTES ? s->n : SPLIT_BYTES;
        counts.splits++;
    } else if ((what -= SPLITS) < RESETS) {
        s->reset_at = 1 + (size_t)below((int)s->n);
        counts.resets++;
    }
}

/** Reads a piece from one end. -1: the connection is over. */
static int
take(struct link *l, int end)
{
    struct stream *s = &l->from[end];
    ssize_t n = recv(l->fds[end], s->bytes, sizeof s->bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return -1;
    if (end == 1 && l->is_hole)
        return 0;
    s->n = (size_t)n;
    plan(s);
    return point.what ? reach_point(l, end) : 0;
}

/** Passes on what it can. -1: the connection is over; -2: it is to be reset. */
static int
pass(struct link *l, int end)
{
    struct stream *s = &l->from[end];
    while (s->at < s->n) {
        size_t want = s->at < s->single ? 1 : s->n - s->at;
        if (s->reset_at && want > s->reset_at - s->at)
            want = s->reset_at - s->at;
        ssize_t n = send(l->fds[!end], s->bytes + s->at, want, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        s->at += (size_t)n;
        if (s->reset_at && s->at == s->reset_at)
            return -2;
    }
    s->n = s->at = 0;
    return 0;
}

/**
 * What to wait for: room at the other end while there is something to pass on, else something to
 * read.
 */
static void
want(const struct link *l, struct pollfd fds[2], int64_t now, int *wait_ms)
{
    for (int end = 0; end < 2; end++)
        fds[end] = (struct pollfd){.fd = l->fds[end]};
    for (int end = 0; end < 2; end++) {
        const struct stream *s = &l->from[end];
        int64_t left = s->ready_ms - now;
        if (s->n > 0 && left > 0)
            *wait_ms = left < *wait_ms ? (int)left : *wait_ms;
        else if (s->n > 0)
            fds[!end].events |= POLLOUT;
        else
            fds[end].events |= POLLIN;
    }
    /*
     * An end that hung up is told of without being asked; with nothing to do about it yet it is
     * left out.
     */
    for (int end = 0; end < 2; end++)
        if (!fds[end].events)
            fds[end].fd = -1;
}

static int
move(struct link *l, const struct pollfd fds[2])
{
    int rc = 0;
    int64_t now = now_ms();
    for (int end = 0; rc == 0 && end < 2; end++) {
        struct stream *s = &l->from[end];
        if (s->n == 0 && fds[end].revents & (POLLIN | POLLHUP | POLLERR))
            rc = take(l, end);
        if (rc == 0 && s->n > 0 && s->ready_ms <= now)
            rc = pass(l, end);
    }
    return rc;
}

static void
loop(int listener, const char *target_port)
{
    static struct pollfd fds[1 + 2 * MAX_LINKS];
    while (!is_over) {
        int wait_ms = 1000, n = n_links;
        fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < n; i++)
            want(links[i], &fds[1 + 2 * i], now_ms(), &wait_ms);
        if (poll(fds, (nfds_t)(1 + 2 * n), wait_ms) < 0)
            continue;
        /* From the last: a dropped one's place is taken by the last. */
        for (int i = n - 1; i >= 0; i--) {
            int rc = move(links[i], &fds[1 + 2 * i]);
            if (rc < 0)
                drop_link(i, rc == -2);
        }
        if (fds[0].revents) {
            int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (client >= 0)
                add_link(client, target_port);
        }
    }
}

/** The words at the end of the command line; false where they are none. */
static bool
read_point(int n, char **words)
{
    static const char *const names[] = {NULL, "cut", "lose", "hole", "slow"};
    for (int i = POINT_CUT; n > 0 && i <= POINT_SLOW; i++)
        if (strcmp(words[0], names[i]) == 0)
            point.what = (enum point)i;
    if (n == 0 || n != (point.what == POINT_SLOW ? 2 : 3))
        return n == 0;
    point.n = atoi(words[1]);
    point.times = n == 3 ? atoi(words[2]) : 0;
    return point.what != POINT_NONE;
}

int
main(int argc, char **argv)
{
    const struct sigaction heed = {.sa_handler = note_signal};
    if (argc < 4 || !read_point(argc - 4, argv + 4)) {
        fputs("usage: proxy PORT TARGET-PORT SEED [cut|lose|hole RECORDS TIMES | slow MS]\n",
              stderr);
        return 2;
    }
    sigaction(SIGUSR1, &heed, NULL);
    sigaction(SIGTERM, &heed, NULL);
    randomness = strtoull(argv[3], NULL, 10) * 2654435761 + 1;
    struct sockaddr_in here = loopback(argv[1]);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (listener < 0)
        die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 128) < 0)
        die("listen");
    puts("listening");
    fflush(stdout);
    loop(listener, argv[2]);
    printf("connections %ld delays %ld stalls %ld splits %ld resets %ld\n", counts.connections,
           counts.delays, counts.stalls, counts.splits, counts.resets);
    return 0;
}
