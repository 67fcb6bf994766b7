#include "server/backup/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/cluster/pg_program.h"
#include "server/database/database.h"

/** Bytes that go through us at a time. */
#define PIECE 65536

/** One of PostgreSQL's programs at work, with a pipe to it or from it. */
struct work {
    const char *name;
    pid_t pid;
    /** Our end of the pipe. */
    int pipe_fd;
    /** What it says on standard error. */
    int error_fd;
    int stop_fd;
};

static bool
is_superuser(PGconn *conn)
{
    const char *value = PQparameterStatus(conn, "is_superuser");
    return value && strcmp(value, "on") == 0;
}

/* --- The program */

/** Starts w->name, which writes to the pipe, or reads from it. */
static int
start_program(struct work *w, PGconn *conn, const char *const *words, bool reads, struct status *e)
{
    const char *const names[] = {w->name, NULL};
    const char *argv[16];
    char folder[PG_PROGRAM_FOLDER_BYTES];
    char program[PG_PROGRAM_BYTES];
    char variable[64];
    int ends[2] = {-1, -1};
    size_t n = 0;
    if (pg_program_find(PQserverVersion(conn) / 10000, names, folder, e) < 0)
        return -1;
    int service_fd = database_service(conn, e);
    if (service_fd < 0)
        return -1;
    snprintf(program, sizeof program, "%s/%s", folder, w->name);
    snprintf(variable, sizeof variable, "PGSERVICEFILE=/proc/self/fd/%d", service_fd);
    argv[n++] = program;
    argv[n++] = "--dbname=service=jiayid";
    argv[n++] = "--no-password";
    while (*words && n < sizeof argv / sizeof *argv - 1)
        argv[n++] = *words++;
    argv[n] = NULL;
    w->error_fd = memfd_create("jiayid-errors", MFD_CLOEXEC);
    int rc = w->error_fd >= 0 && pipe2(ends, O_CLOEXEC) == 0
                 ? 0
                 : status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot start %s: %s", w->name,
                              strerror(errno));
    if (rc == 0) {
        const struct pg_program_launch launch = {.argv = argv,
                                                 .variable = variable,
                                                 .input_fd = reads ? ends[0] : -1,
                                                 .output_fd = reads ? -1 : ends[1],
                                                 .error_fd = w->error_fd,
                                                 .kept_fd = service_fd,
                                                 .death_signal = SIGKILL};
        w->pid = pg_program_start(&launch, e);
        w->pipe_fd = ends[reads];
        close(ends[!reads]);
        fcntl(w->pipe_fd, F_SETFL, O_NONBLOCK);
    }
    close(service_fd);
    return rc < 0 || w->pid < 0 ? -1 : 0;
}

/** Waits until the pipe is ready. Returns 0, or -1 with @e set when the work is to be given up. */
static int
await_pipe(struct work *w, short events, struct status *e)
{
    struct pollfd fds[] = {{.fd = w->pipe_fd, .events = events},
                           {.fd = w->stop_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        continue;
    if (!fds[1].revents)
        return 0;
    kill(w->pid, SIGTERM);
    return status_set(e, STATUS_CANCELLED, "interrupted");
}

/** Ends the work: a failure of the program counts where there was none before. */
static int
end_program(struct work *w, int rc, struct status *e)
{
    char path[64];
    char reason[PG_PROGRAM_REASON_BYTES];
    if (w->pipe_fd >= 0)
        close(w->pipe_fd);
    if (rc < 0 && w->pid > 0)
        kill(w->pid, SIGTERM);
    if (w->pid > 0 && pg_program_wait(w->pid) != 0 && rc == 0) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", w->error_fd);
        pg_program_reason(path, reason);
        rc = status_set(e, STATUS_UNAVAILABLE, "%s failed: %s", w->name, reason);
    }
    if (w->error_fd >= 0)
        close(w->error_fd);
    return rc;
}

/* --- pg_dump */

/** Where pg_dump's output goes. */
struct sink {
    int (*write)(void *to, const void *piece, size_t n, struct status *e);
    void *to;
};

static int
write_to_archive(void *to, const void *piece, size_t n, struct status *e)
{
    return archive_write(to, piece, n, e);
}

/** That there was no memory is told by printed_end(). */
static int
write_to_stream(void *to, const void *piece, size_t n, struct status *e)
{
    (void)e;
    fwrite(piece, 1, n, to);
    return 0;
}

static int
take_pieces(struct work *w, const struct sink *sink, struct status *e)
{
    static char piece[PIECE];
    for (;;) {
        if (await_pipe(w, POLLIN, e) < 0)
            return -1;
        ssize_t n = read(w->pipe_fd, piece, sizeof piece);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return status_set(e, STATUS_INTERNAL, "cannot read from %s: %s", w->name,
                              strerror(errno));
        if (n > 0 && sink->write(sink->to, piece, (size_t)n, e) < 0)
            return -1;
    }
}

/** Has pg_dump write the schema to @sink; @first and @second are options of its. */
static int
run_dump(PGconn *conn, const char *first, const char *second, int stop_fd, const struct sink *sink,
         struct status *e)
{
    struct work w = {.name = "pg_dump", .pipe_fd = -1, .error_fd = -1, .stop_fd = stop_fd};
    /* Who is no superuser sees every row by the owner's policies. */
    const char *role = is_superuser(conn) ? NULL : "--role=jiayi_owner";
    const char *const words[] = {"--schema=jiayi",
                                 "--lock-wait-timeout=60s",
                                 "--enable-row-security",
                                 first,
                                 second,
                                 role,
                                 NULL};
    int rc = start_program(&w, conn, words, false, e);
    if (rc == 0)
        rc = take_pieces(&w, sink, e);
    return end_program(&w, rc, e);
}

int
dump_shape(struct pg_conn *conn, int stop_fd, FILE *out, struct status *e)
{
    const struct sink sink = {.write = write_to_stream, .to = out};
    return run_dump(conn, "--format=plain", "--schema-only", stop_fd, &sink, e);
}

int
dump_take(struct pg_conn *conn, const char *snapshot, int stop_fd, struct archive *archive,
          struct status *e)
{
    const struct sink sink = {.write = write_to_archive, .to = archive};
    char option[128];
    snprintf(option, sizeof option, "--snapshot=%s", snapshot);
    if (archive_open_member(archive, DUMP_NAME, 0600, e) < 0)
        return -1;
    int rc = run_dump(conn, "--format=custom", option, stop_fd, &sink, e);
    struct status ignored;
    return archive_close_member(archive, rc < 0 ? &ignored : e) < 0 ? -1 : rc;
}

/* --- pg_restore */

/** Sends one piece. Returns 0, 1 when the program reads no more, or -1 with @e set. */
static int
send_piece(struct work *w, const char *piece, size_t n, struct status *e)
{
    while (n > 0) {
        if (await_pipe(w, POLLOUT, e) < 0)
            return -1;
        ssize_t done = write(w->pipe_fd, piece, n);
        if (done < 0 && errno == EPIPE)
            return 1;
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return status_set(e, STATUS_INTERNAL, "cannot write to %s: %s", w->name,
                              strerror(errno));
        if (done > 0) {
            piece += done;
            n -= (size_t)done;
        }
    }
    return 0;
}

/** Sends the member, and takes its digest: also of what the program did not want to read. */
static int
send_pieces(struct work *w, const struct archive *archive, const struct archive_member *member,
            struct sha256 *digest, struct status *e)
{
    static char piece[PIECE];
    off_t at = 0;
    int sent = 0;
    while (at < member->size) {
        ssize_t n = archive_piece(archive, member, at, piece, sizeof piece, e);
        if (n < 0)
            return -1;
        sha256_add(digest, piece, (size_t)n);
        if (sent == 0 && (sent = send_piece(w, piece, (size_t)n, e)) < 0)
            return -1;
        at += n;
    }
    return 0;
}

static int
send_member(struct work *w, const struct archive *archive, const struct archive_member *member,
            const char *sha256, struct status *e)
{
    char found[SHA256_TEXT];
    struct sha256 *digest = sha256_begin();
    if (!digest)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    int rc = send_pieces(w, archive, member, digest, e);
    sha256_end(digest, found);
    if (rc == 0 && strcmp(found, sha256) != 0)
        rc = status_set(e, STATUS_INVALID_ARGUMENT,
                        "%s is damaged: the SHA-256 of %s in it is another", archive->path,
                        member->name);
    return rc;
}

int
dump_restore(struct pg_conn *conn, const struct archive *archive, const char *sha256, int stop_fd,
             struct status *e)
{
    static const char *const words[] = {"--exit-on-error", "--single-transaction", NULL};
    struct work w = {.name = "pg_restore", .pipe_fd = -1, .error_fd = -1, .stop_fd = stop_fd};
    const struct archive_member *member = archive_find(archive, DUMP_NAME);
    if (!member || !sha256)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s has no %s in it", archive->path,
                          DUMP_NAME);
    signal(SIGPIPE, SIG_IGN);
    int rc = start_program(&w, conn, words, true, e);
    if (rc == 0)
        rc = send_member(&w, archive, member, sha256, e);
    return end_program(&w, rc, e);
}
