/*
 * Attacks a running server, each attack beside a well-behaved client, and tells what the client saw
 * and what is left of it in the server. tests/attack/attack.sh starts the server and loads the
 * people that it needs.
 *
 * Each attack is run twice: the first time for the caches and pools that the server keeps, the
 * second time to measure: calm, attack, calm again.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/attack/cpu.h"
#include "tests/attack/good.h"
#include "tests/attack/hostile.h"

enum {
    /**
     * How long an attacker may take until all its connections stand, and again until what --until
     * says has happened.
     */
    RAMP_MS = 60000,
    /**
     * How long the server may take to give back what an attack took: longer than its own timeouts.
     */
    REST_MS = 30000,
    /** After the attack, before the server is looked at. */
    SETTLE_MS = 2000,
    SAMPLE_MS = 100,
    /** Memory: what may stay beyond the base, besides a tenth of it. */
    RSS_SLACK_KIB = 8192,
    /** Log: what may be written in a second, whatever the attacker does. */
    LOG_BYTES_PER_S = 131072,
    /**
     * A ratio that is too small is measured again so often: other processes are on the machine too.
     */
    TRIES = 3,
    /** A session of the company of the good client, for the look whether the server lives. */
    ALIVE_SESSION = 40,
};

/** The least share of its calm throughput that the good client keeps, if an attack says no other. */
static const double usual_least_ratio = 0.5;

static struct {
    struct hostile_options hostile;
    struct link_target good, good_http2;
    const char *ca_path, *log_path, *only, *until;
    pid_t pid;
    double seconds;
    /** Only the attack, without what depends on the clock and on the machine. */
    bool is_brief;
    bool is_json;
} options = {.seconds = 6, .hostile.scale = 1};

/** What the server holds. */
struct holding {
    long fds, rss_kib;
};

/** What came out. */
struct outcome {
    double calm, attacked, ratio;
    double calm_p99_ms, attacked_p99_ms, open_p99_ms;
    long errors;
    char error[240];
    struct holding base, peak, after;
    long done, cut, refused, failed, held;
    double seconds;
    long log_bytes;
    bool leaks_secrets, is_dead;
    /** What --until asks for has not come about. */
    bool is_idle;
    /** Seconds of processors in options.seconds: right before, and under attack. */
    struct cpu calm_cpu, attacked_cpu;
};

static void
die(const char *what)
{
    fprintf(stderr, "attack: %s: %s\n", what, strerror(errno));
    exit(2);
}

static double
now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
sleep_ms(int ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    while (nanosleep(&t, &t) < 0 && errno == EINTR)
        continue;
}

static void *
share(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        die("no memory");
    return p;
}

/* --- The victim */

static struct holding
look(void)
{
    struct holding h = {0};
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/fd", options.pid);
    DIR *dir = opendir(path);
    for (struct dirent *d; dir && (d = readdir(dir));)
        h.fds += isdigit((unsigned char)d->d_name[0]) != 0;
    if (dir)
        closedir(dir);
    snprintf(path, sizeof path, "/proc/%d/status", options.pid);
    FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "VmRSS: %ld kB", &h.rss_kib);
    if (status)
        fclose(status);
    return h;
}

static void
raise_to(struct holding *peak, struct holding now)
{
    peak->fds = now.fds > peak->fds ? now.fds : peak->fds;
    peak->rss_kib = now.rss_kib > peak->rss_kib ? now.rss_kib : peak->rss_kib;
}

/** Sleeps, and keeps the most that the server held meanwhile. */
static void
watch(struct holding *peak, double seconds)
{
    for (double until = now_s() + seconds; now_s() < until;) {
        sleep_ms(SAMPLE_MS);
        raise_to(peak, look());
    }
}

/** What memory may be after an attack: malloc keeps some. */
static long
most_rss_kib(const struct holding *base)
{
    return base->rss_kib + base->rss_kib / 10 + RSS_SLACK_KIB;
}

/**
 * Waits until no more is held than at @base, or REST_MS: the server gives memory back only now and
 * then.
 */
static struct holding
rest(const struct holding *base)
{
    double until = now_s() + REST_MS / 1e3;
    struct holding now;
    sleep_ms(options.is_brief ? SAMPLE_MS : SETTLE_MS);
    for (now = look(); now_s() < until; now = look()) {
        if (now.fds <= base->fds && (options.is_brief || now.rss_kib <= most_rss_kib(base)))
            break;
        sleep_ms(SAMPLE_MS);
    }
    return now;
}

/** A new connection and a call on it, as after a restart of the client. */
static bool
is_alive(void)
{
    struct link l;
    struct link_answer a;
    char token[LINK_TOKEN_DIGITS + 1];
    const struct link_call who = {.method = "AuthService/WhoAmI", .token = token};
    link_token(token, ALIVE_SESSION);
    bool alive = kill(options.pid, 0) == 0 && link_open(&l, &options.good, INADDR_LOOPBACK) == 0 &&
                 link_ask(&l, &who, &a) == 0 && a.code == 0;
    link_close(&l);
    return alive;
}

static long
log_size(void)
{
    struct stat st;
    return options.log_path && stat(options.log_path, &st) == 0 ? (long)st.st_size : 0;
}

/** Whether the log, from @from on, has a secret: an attacker's, or the token of a session. */
static bool
log_leaks(long from, long to)
{
    char token[LINK_TOKEN_DIGITS + 1];
    link_token(token, 0);
    token[LINK_TOKEN_DIGITS - 6] = 0; /* the zeros that all tokens begin with */
    int fd = options.log_path ? open(options.log_path, O_RDONLY | O_CLOEXEC) : -1;
    char *text = malloc((size_t)(to - from) + 1);
    bool leaks = false;
    if (fd >= 0 && text) {
        ssize_t n = pread(fd, text, (size_t)(to - from), from);
        size_t size = n > 0 ? (size_t)n : 0;
        leaks = memmem(text, size, HOSTILE_MARK, strlen(HOSTILE_MARK)) ||
                memmem(text, size, token, strlen(token)) ||
                memmem(text, size, options.hostile.password, strlen(options.hostile.password));
    }
    if (fd >= 0)
        close(fd);
    free(text);
    return leaks;
}

/* --- Figures */

static int
compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static long
count_of(const struct good_samples *s)
{
    long n = atomic_load(&s->n);
    return n < GOOD_SAMPLES ? n : GOOD_SAMPLES;
}

static double
p99(struct good_samples *s)
{
    long n = count_of(s);
    qsort(s->ms, (size_t)n, sizeof *s->ms, compare);
    return n ? (double)s->ms[(long)(0.99 * (double)(n - 1))] : 0;
}

static void
figure(struct outcome *o, struct good *g)
{
    long calm = count_of(&g->calls[GOOD_BEFORE]) + count_of(&g->calls[GOOD_AFTER]);
    o->calm = (double)calm / 2 / options.seconds;
    o->attacked = (double)count_of(&g->calls[GOOD_ATTACK]) / options.seconds;
    o->ratio = o->calm > 0 ? o->attacked / o->calm : 0;
    o->calm_p99_ms = fmax(p99(&g->calls[GOOD_BEFORE]), p99(&g->calls[GOOD_AFTER]));
    o->attacked_p99_ms = p99(&g->calls[GOOD_ATTACK]);
    o->open_p99_ms = p99(&g->opens[GOOD_ATTACK]);
    for (int i = 0; i < GOOD_PHASES; i++)
        o->errors += atomic_load(&g->errors[i]);
    snprintf(o->error, sizeof o->error, "%s", g->error);
}

/* --- One attack */

/** What the attackers did so far that --until and --json can name. */
static long
count_named(const struct hostile_score *s, const char *name, size_t n)
{
    const struct {
        const char *name;
        const atomic_long *count;
    } counts[] = {
        {"done", &s->done},     {"cut", &s->cut},   {"refused", &s->refused},
        {"failed", &s->failed}, {"held", &s->held},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (strlen(counts[i].name) == n && strncmp(counts[i].name, name, n) == 0)
            return atomic_load(counts[i].count);
    fprintf(stderr, "attack: --until: there is no count \"%.*s\"\n", (int)n, name);
    exit(2);
}

/** Whether each count that --until names, such as in "cut,held=500", is what is asked for. */
static bool
has_happened(const struct hostile_score *s)
{
    for (const char *p = options.until; p && *p; p += *p == ',') {
        size_t n = strcspn(p, "=,");
        long least = p[n] == '=' ? atol(p + n + 1) : 1;
        if (count_named(s, p, n) < least)
            return false;
        p += strcspn(p, ",");
    }
    return true;
}

/** Starts an attack and waits until it stands. */
static pid_t
begin(const struct hostile_attack *a, struct hostile_score *score, struct holding *peak)
{
    pid_t pid = hostile_start(a, score, &options.hostile);
    double until = now_s() + RAMP_MS / 1e3;
    while (atomic_load(&score->ready) < a->workers && now_s() < until)
        watch(peak, SAMPLE_MS / 1e3);
    return pid;
}

static void
warm_up(const struct hostile_attack *a)
{
    struct hostile_score *score = share(sizeof *score);
    struct holding base = look(), peak = base;
    pid_t pid = begin(a, score, &peak);
    watch(&peak, options.seconds / 2);
    hostile_stop(score, pid);
    rest(&base);
    munmap(score, sizeof *score);
}

/** The part in which the good client calls. */
static void
measure(const struct hostile_attack *a, struct good *g, struct hostile_score *score,
        struct outcome *o)
{
    pid_t good = good_start(g, &options.good, &options.good_http2);
    atomic_store(&g->phase, options.is_brief ? GOOD_OTHER : GOOD_BEFORE);
    struct cpu from = cpu_look(options.pid, good, 0), to;
    watch(&o->peak, options.is_brief ? 0.2 : options.seconds);
    to = cpu_look(options.pid, good, 0);
    o->calm_cpu = cpu_since(&to, &from);
    atomic_store(&g->phase, GOOD_OTHER);
    double began = now_s();
    pid_t hostile = begin(a, score, &o->peak);
    atomic_store(&g->phase, GOOD_ATTACK);
    from = cpu_look(options.pid, good, hostile);
    watch(&o->peak, options.seconds);
    to = cpu_look(options.pid, good, hostile);
    o->attacked_cpu = cpu_since(&to, &from);
    for (double until = now_s() + RAMP_MS / 1e3; !has_happened(score) && now_s() < until;)
        watch(&o->peak, SAMPLE_MS / 1e3);
    o->is_idle = !has_happened(score);
    atomic_store(&g->phase, GOOD_OTHER);
    hostile_stop(score, hostile);
    o->seconds = now_s() - began;
    if (!options.is_brief) {
        sleep_ms(SETTLE_MS);
        atomic_store(&g->phase, GOOD_AFTER);
        watch(&o->peak, options.seconds);
        atomic_store(&g->phase, GOOD_OTHER);
    }
    good_stop(g, good);
}

static struct outcome
try_attack(const struct hostile_attack *a)
{
    struct outcome o = {0};
    struct good *g = share(sizeof *g);
    struct hostile_score *score = share(sizeof *score);
    o.base = o.peak = look();
    long log_from = log_size();
    measure(a, g, score, &o);
    o.is_dead = !is_alive();
    o.after = rest(&o.base);
    o.done = atomic_load(&score->done);
    o.cut = atomic_load(&score->cut);
    o.refused = atomic_load(&score->refused);
    o.failed = atomic_load(&score->failed);
    o.held = atomic_load(&score->held);
    figure(&o, g);
    long log_to = log_size();
    o.log_bytes = log_to - log_from;
    o.leaks_secrets = log_leaks(log_from, log_to);
    munmap(g, sizeof *g);
    munmap(score, sizeof *score);
    return o;
}

/* --- Promises and the table */

/** The names of the promises that are broken, with commas. */
static bool
judge(const struct hostile_attack *a, const struct outcome *o, char broken[128])
{
    double most_done = a->most_done + a->most_done_per_s * o->seconds;
    const struct {
        const char *name;
        bool is_broken;
    } promises[] = {
        {"ratio",
         !options.is_brief && o->ratio < (a->least_ratio > 0 ? a->least_ratio : usual_least_ratio)},
        {"errors", o->errors > 0},
        {"fds", o->after.fds > o->base.fds},
        {"memory", !options.is_brief && o->after.rss_kib > most_rss_kib(&o->base)},
        {"peak", !options.is_brief && a->most_kib > 0 &&
                     o->peak.rss_kib > o->base.rss_kib + RSS_SLACK_KIB + a->most_kib},
        {"log", (double)o->log_bytes > LOG_BYTES_PER_S * (1 + o->seconds)},
        {"secrets", o->leaks_secrets},
        {"alive", o->is_dead},
        {"until", o->is_idle},
        {"given", a->most_done > 0 && (double)o->done > most_done},
    };
    size_t at = 0;
    broken[0] = 0;
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        if (promises[i].is_broken)
            at += (size_t)snprintf(broken + at, 128 - at, "%s%s", at ? "," : "", promises[i].name);
    return at == 0;
}

static void
print_heads(void)
{
    printf("%-14s %13s %5s %15s %7s %6s %19s %20s %8s  %s\n", "", "good calls/s", "", "p99 ms",
           "open", "", "descriptors", "RSS MiB", "log", "");
    printf("%-14s %6s %6s %5s %7s %7s %7s %6s %6s %6s %5s %6s %6s %6s %8s  %s\n", "attack", "calm",
           "attack", "ratio", "calm", "attack", "p99 ms", "errors", "base", "peak", "after", "base",
           "peak", "after", "KiB", "broken");
}

static void
print_row(const struct hostile_attack *a, const struct outcome *o, const char *broken)
{
    printf("%-14s %6.0f %6.0f %5.2f %7.1f %7.1f %7.1f %6ld %6ld %6ld %5ld %6.1f %6.1f %6.1f %8.1f  "
           "%s\n",
           a->name, o->calm, o->attacked, o->ratio, o->calm_p99_ms, o->attacked_p99_ms,
           o->open_p99_ms, o->errors, o->base.fds, o->peak.fds, o->after.fds,
           (double)o->base.rss_kib / 1024, (double)o->peak.rss_kib / 1024,
           (double)o->after.rss_kib / 1024, (double)o->log_bytes / 1024, *broken ? broken : "-");
    printf("    %s%s: in %.1f s %ld done, %ld cut off, %ld refused, %ld not let in",
           options.hostile.scale == 1 ? "" : "(scaled) ", a->what, o->seconds, o->done, o->cut,
           o->refused, o->failed);
    if (a->peers)
        printf(", %ld held at the end", o->held);
    const struct cpu *calm = &o->calm_cpu, *now = &o->attacked_cpu;
    printf("\n    cores: server %.2f -> %.2f, PostgreSQL %.2f -> %.2f, good client %.2f -> %.2f, "
           "attackers %.2f",
           calm->server / options.seconds, now->server / options.seconds,
           calm->database / options.seconds, now->database / options.seconds,
           calm->good / options.seconds, now->good / options.seconds,
           now->hostile / options.seconds);
    printf("%s%s\n", *o->error ? "\n    first error: " : "", o->error);
    fflush(stdout);
}

static void
print_json(const struct hostile_attack *a, const struct outcome *o, const char *broken)
{
    printf("{\"attack\":\"%s\",\"calm\":%.1f,\"attacked\":%.1f,\"ratio\":%.3f,\"calm_p99_ms\":%.3f,"
           "\"attacked_p99_ms\":%.3f,\"open_p99_ms\":%.3f,\"errors\":%ld,",
           a->name, o->calm, o->attacked, o->ratio, o->calm_p99_ms, o->attacked_p99_ms,
           o->open_p99_ms, o->errors);
    printf("\"fds\":[%ld,%ld,%ld],\"rss_kib\":[%ld,%ld,%ld],\"log_bytes\":%ld,", o->base.fds,
           o->peak.fds, o->after.fds, o->base.rss_kib, o->peak.rss_kib, o->after.rss_kib,
           o->log_bytes);
    printf("\"done\":%ld,\"cut\":%ld,\"refused\":%ld,\"failed\":%ld,\"held\":%ld,\"broken\":\"%s\"}"
           "\n",
           o->done, o->cut, o->refused, o->failed, o->held, broken);
    if (*o->error)
        fprintf(stderr, "attack: %s: first error: %s\n", a->name, o->error);
    fflush(stdout);
}

/** Whether every promise was kept. */
static bool
run_attack(const struct hostile_attack *a)
{
    char broken[128];
    struct outcome o;
    bool kept = false;
    if (!options.is_brief)
        warm_up(a);
    for (int i = 0; i < TRIES; i++) {
        o = try_attack(a);
        kept = judge(a, &o, broken);
        if (strcmp(broken, "ratio") != 0)
            break;
    }
    if (options.is_json)
        print_json(a, &o, broken);
    else
        print_row(a, &o, broken);
    return kept;
}

/* --- The command line */

static void
usage(void)
{
    fputs("usage: attack --server IPV4:PORT --ca FILE --pid PID --password-file FILE [--log FILE]\n"
          "              [--seconds S] [--scale F] [--only NAME[,NAME...]] [--json]\n"
          "              [--brief [--until COUNT[=N][,COUNT[=N]...]]]\n"
          "       attack --list\n"
          "--brief: no warm-up, no calm, no promise about throughput or memory; attackers have the "
          "usual\n"
          "priority. --until: however slow the machine is, each attack lasts until the counts of "
          "--json\n"
          "have come to N (1), such as \"cut,held=500\"; a minute at most.\n",
          stderr);
    exit(2);
}

static void
read_target(const char *server)
{
    char host[64];
    const char *colon = strrchr(server, ':');
    snprintf(host, sizeof host, "%.*s", colon ? (int)(colon - server) : 0, server);
    options.good.address.sin_family = AF_INET;
    if (!colon || inet_pton(AF_INET, host, &options.good.address.sin_addr) != 1)
        usage();
    options.good.address.sin_port = htons((uint16_t)atoi(colon + 1));
}

static void
read_password(const char *path)
{
    FILE *in = fopen(path, "re");
    if (!in || !fgets(options.hostile.password, sizeof options.hostile.password, in))
        die(path);
    options.hostile.password[strcspn(options.hostile.password, "\n")] = 0;
    fclose(in);
}

static void
list(void)
{
    for (const struct hostile_attack *a = hostile_attacks(); a->name; a++)
        printf("%-14s %s\n", a->name, a->what);
    exit(0);
}

static void
read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"server", required_argument, NULL, 's'},
        {"ca", required_argument, NULL, 'a'},
        {"pid", required_argument, NULL, 'p'},
        {"password-file", required_argument, NULL, 'w'},
        {"log", required_argument, NULL, 'l'},
        {"seconds", required_argument, NULL, 't'},
        {"scale", required_argument, NULL, 'f'},
        {"only", required_argument, NULL, 'o'},
        {"brief", no_argument, NULL, 'b'},
        {"json", no_argument, NULL, 'j'},
        {"until", required_argument, NULL, 'u'},
        {"list", no_argument, NULL, 'L'},
        {NULL, 0, NULL, 0},
    };
    const char *server = NULL;
    int o;
    while ((o = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (o) {
        case 's': server = optarg; break;
        case 'a': options.ca_path = optarg; break;
        case 'p': options.pid = atoi(optarg); break;
        case 'w': read_password(optarg); break;
        case 'l': options.log_path = optarg; break;
        case 't': options.seconds = atof(optarg); break;
        case 'f': options.hostile.scale = atof(optarg); break;
        case 'o': options.only = optarg; break;
        case 'b': options.is_brief = options.hostile.is_brief = true; break;
        case 'u': options.until = optarg; break;
        case 'j': options.is_json = true; break;
        case 'L': list(); break;
        default: usage();
        }
    if (!server || !options.ca_path || options.pid <= 0 || !*options.hostile.password ||
        options.seconds <= 0 || options.hostile.scale <= 0 || optind != argc ||
        (options.until && !options.is_brief))
        usage();
    read_target(server);
}

/** Whether --only names it. */
static bool
is_chosen(const char *name)
{
    size_t n = strlen(name);
    for (const char *p = options.only; p && (p = strstr(p, name)); p++)
        if ((p == options.only || p[-1] == ',') && (p[n] == 0 || p[n] == ','))
            return true;
    return !options.only;
}

static void
raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int
main(int argc, char **argv)
{
    int broken = 0, ran = 0;
    read_options(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    options.hostile.target = options.good;
    options.hostile.target.tls = link_tls(NULL);
    options.good.tls = link_tls(options.ca_path);
    options.good.patience_ms = GOOD_PATIENCE_MS;
    options.good_http2 = options.good;
    options.good_http2.tls = link_tls_http2(options.ca_path);
    options.good_http2.way = LINK_GRPC;
    if (!options.is_json)
        print_heads();
    for (const struct hostile_attack *a = hostile_attacks(); a->name; a++)
        if (is_chosen(a->name)) {
            ran++;
            broken += !run_attack(a);
        }
    if (!options.is_json)
        printf("%d attacks, %d with a broken promise\n", ran, broken);
    return broken || ran == 0;
}
