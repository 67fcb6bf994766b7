#include "client/base/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/base/input.h"
#include "client/base/private_file.h"
#include "common/file.h"

enum {
    PASSWORD_BYTES = 1024,
    DOCUMENT_BYTES = 1 << 20,
};

/** The terminal and its modes while nothing is shown; put back by signals too. */
static int hidden_tty = -1;
static struct termios shown_modes;

static void
show_again(int signal_number)
{
    if (hidden_tty >= 0)
        tcsetattr(hidden_tty, TCSAFLUSH, &shown_modes);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/** The last is ignored: who came back from it would see the password. */
static const int breaking[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { N_BREAKING = sizeof breaking / sizeof *breaking };

static int
hide_typing(int tty, struct sigaction before[N_BREAKING])
{
    if (tcgetattr(tty, &shown_modes) < 0)
        return -1;
    struct sigaction action = {.sa_handler = show_again};
    hidden_tty = tty;
    for (size_t i = 0; i < N_BREAKING; i++) {
        if (breaking[i] == SIGTSTP)
            action.sa_handler = SIG_IGN;
        sigaction(breaking[i], &action, &before[i]);
    }
    struct termios hidden = shown_modes;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL | ICANON;
    return tcsetattr(tty, TCSAFLUSH, &hidden);
}

static void
show_typing(int tty, const struct sigaction before[N_BREAKING])
{
    tcsetattr(tty, TCSAFLUSH, &shown_modes);
    hidden_tty = -1;
    for (size_t i = 0; i < N_BREAKING; i++)
        sigaction(breaking[i], &before[i], NULL);
}

/** Asks once. */
static char *
ask_password(struct arena *a, int tty, const char *question, struct status *e)
{
    char line[PASSWORD_BYTES] = "", *answer = NULL;
    struct sigaction before[N_BREAKING];
    ssize_t n = -1;
    dprintf(tty, "%s: ", question);
    if (hide_typing(tty, before) == 0) {
        n = read(tty, line, sizeof line);
        show_typing(tty, before);
    }
    if (n <= 0 || line[n - 1] != '\n')
        dprintf(tty, "\n");
    if (n <= 0 || line[n - 1] != '\n')
        status_set(e, STATUS_FAILED_HERE, "%s", _("no password was given"));
    else if (!(answer = arena_copy(a, line, (size_t)n - 1)))
        failure_memory(e);
    explicit_bzero(line, sizeof line);
    return answer;
}

char *
terminal_password(struct arena *a, const char *question, bool twice, const char *flag,
                  struct status *e)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) {
        status_set(e, STATUS_USAGE,
                   _("there is no terminal to ask for a password; give it with %s FILE|-"), flag);
        return NULL;
    }
    char *answer = ask_password(a, tty, question, e);
    if (answer && twice) {
        const char *again = arena_print(a, _("%s, once more"), question);
        char *second = again ? ask_password(a, tty, again, e) : NULL;
        if (second && strcmp(answer, second) != 0)
            status_set(e, STATUS_FAILED_HERE, "%s",
                       _("the two passwords differ; nothing was sent"));
        if (!second || strcmp(answer, second) != 0)
            answer = NULL;
    }
    close(tty);
    return answer;
}

/* Yes or no. */

bool
terminal_is_there(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool
terminal_agree(const char *question)
{
    static const char *const agreeing[] = {"y", "yes", "是", "好", "po", "p"};
    char line[80] = "";
    fprintf(stderr, "%s", question);
    fflush(stderr);
    ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
    line[n > 0 ? n : 0] = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (size_t i = 0; i < sizeof agreeing / sizeof *agreeing; i++)
        if (strcasecmp(line, agreeing[i]) == 0)
            return true;
    return false;
}

/* The editor. */

/** Runs the user's editor on @path; its own words may have arguments, so the shell starts it. */
static int
run_editor(const char *path, struct status *e)
{
    const char *editor = getenv("VISUAL");
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    char script[4096];
    if (snprintf(script, sizeof script, "%s \"$1\"", editor) >= (int)sizeof script)
        return status_set(e, STATUS_FAILED_HERE, "%s", _("the editor's command is too long"));
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", script, "sh", path, (char *)NULL);
        _exit(127);
    }
    int result = -1;
    if (child < 0 || waitpid(child, &result, 0) < 0 || !WIFEXITED(result) ||
        WEXITSTATUS(result) != 0)
        return status_set(e, STATUS_FAILED_HERE, _("the editor (%s) failed; nothing was sent"),
                          editor);
    return 0;
}

static int
write_draft(int fd, const char *text)
{
    bool written = file_write_all(fd, text, strlen(text)) == 0;
    return close(fd) == 0 && written ? 0 : -1;
}

/** Makes the draft at @path unless it is there; *@ret_kept tells. -1 with @e set. */
static int
begin_draft(struct arena *a, const char *path, const char *before, bool *ret_kept, struct status *e)
{
    char *text;
    size_t size;
    enum private_file_found found = private_file_read(a, path, DOCUMENT_BYTES, &text, &size, e);
    *ret_kept = found == PRIVATE_FILE_READ;
    if (found != PRIVATE_FILE_ABSENT)
        return *ret_kept ? 0 : -1;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && write_draft(fd, before) == 0)
        return 0;
    return status_set(e, STATUS_FAILED_HERE, _("cannot write the draft %s: %s"), path,
                      strerror(errno));
}

char *
terminal_edit(struct arena *a, const char *id, const char *before, const char **ret_draft,
              struct status *e)
{
    const char *folder = getenv("TMPDIR");
    const char *path = arena_print(a, "%s/jiayi-%s.md", folder && *folder ? folder : "/tmp", id);
    char *text = NULL;
    size_t size = 0;
    bool is_kept = false;
    if (!path)
        failure_memory(e);
    if (!path || begin_draft(a, path, before, &is_kept, e) < 0)
        return NULL;
    *ret_draft = path;
    if (run_editor(path, e) < 0 || input_read(a, path, DOCUMENT_BYTES, &text, &size, e) < 0)
        return NULL;
    if (strspn(text, " \t\r\n") == size || (!is_kept && strcmp(text, before) == 0)) {
        unlink(path);
        *ret_draft = NULL;
        status_set(e, STATUS_FAILED_HERE, "%s",
                   _("the text is empty or unchanged; nothing was sent"));
        return NULL;
    }
    return text;
}
