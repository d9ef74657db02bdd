/* See term_pty.h. */
#include "tests/support/term_pty.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include "forms/base/mem.h"
#include "forms/base/utf8.h"

#define WAIT_MS  60000
#define AWAIT_MS 30000
#define PIECE    ((size_t)512)
#define READY_FD 19 /* in the child */

struct pty {
    pid_t pid;
    int fd,
        slave; /* the slave is kept open here: its settings can be read after the program's end */
    int ready, tee; /* tee: -1, none */
    VTerm *vt;
    VTermScreen *screen;
    bool alternate, cursor;
    struct termios before;
    size_t written;
    struct buf left;
};

static int on_property(VTermProp prop, VTermValue *v, void *user)
{
    struct pty *p = user;

    if (prop == VTERM_PROP_ALTSCREEN)
        p->alternate = v->boolean;
    if (prop == VTERM_PROP_CURSORVISIBLE)
        p->cursor = v->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

static void make_screen(struct pty *p, int rows, int cols)
{
    p->vt = vterm_new(rows, cols);
    vterm_set_utf8(p->vt, 1);
    p->screen = vterm_obtain_screen(p->vt);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_reset(p->screen, 1);
    p->cursor = true;
}

static void run(char *const argv[], const char *term, const char *more, int ready)
{
    char term_var[64], ready_var[64];
    char *env[] = {term_var,
                   ready_var,
                   (char *)(uintptr_t) "TZ=Asia/Makassar",
                   (char *)(uintptr_t) "LANG=C.UTF-8",
                   (char *)(uintptr_t) "PATH=/usr/bin:/bin",
                   (char *)(uintptr_t)more,
                   NULL};

    snprintf(term_var, sizeof term_var, "TERM=%s", term);
    snprintf(ready_var, sizeof ready_var, "CACAH_TEST_READY_FD=%d", READY_FD);
    if (dup2(ready, READY_FD) < 0)
        _exit(127);
    execve(argv[0], argv, env);
    _exit(127);
}

struct pty *pty_start(char *const argv[], int rows, int cols, const char *term, const char *more)
{
    struct pty *p = mem_alloc(sizeof *p);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    int pipes[2];

    buf_init(&p->left, (size_t)1 << 20);
    p->tee = -1;
    make_screen(p, rows, cols);
    if (pipe(pipes) != 0 || openpty(&p->fd, &p->slave, NULL, NULL, &size) != 0)
        abort();
    tcgetattr(p->slave, &p->before);
    p->pid = fork();
    if (p->pid < 0)
        abort();
    if (p->pid == 0) {
        close(pipes[0]);
        close(p->fd);
        if (login_tty(p->slave) != 0)
            _exit(127);
        run(argv, term, more, pipes[1]);
    }
    close(pipes[1]);
    p->ready = pipes[0];
    return p;
}

void pty_tee(struct pty *p, int fd)
{
    p->tee = fd;
}

void pty_free(struct pty *p)
{
    if (p->pid > 0) {
        kill(p->pid, SIGKILL);
        waitpid(p->pid, NULL, 0);
    }
    if (p->fd >= 0) {
        close(p->fd);
        close(p->slave);
    }
    close(p->ready);
    vterm_free(p->vt);
    buf_done(&p->left);
    mem_free(p);
}

/* What the alternate screen holds when it is left stays in the terminal's memory: it is kept to be looked at. */
static void show(struct pty *p, const char *bytes, size_t n)
{
    static const char leave[] = "\033[?1049l";
    const char *at = memmem(bytes, n, leave, sizeof leave - 1);

    if (at && p->alternate) {
        vterm_input_write(p->vt, bytes, (size_t)(at - bytes));
        buf_clear(&p->left);
        pty_text(p, &p->left);
        n -= (size_t)(at - bytes);
        bytes = at;
    }
    vterm_input_write(p->vt, bytes, n);
}

/* What the program has written, into the screen. */
static void take_output(struct pty *p)
{
    struct pollfd in = {.fd = p->fd, .events = POLLIN};
    char bytes[4096];

    while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN)) {
        ssize_t n = read(p->fd, bytes, sizeof bytes);

        if (n <= 0)
            return;
        p->written += (size_t)n;
        show(p, bytes, (size_t)n);
        if (p->tee >= 0 && write(p->tee, bytes, (size_t)n) < 0)
            p->tee = -1;
    }
}

static void forget_ready(struct pty *p)
{
    struct pollfd in = {.fd = p->ready, .events = POLLIN};
    char bytes[64];

    while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN) && read(p->ready, bytes, 64) > 0)
        ;
}

bool pty_settle(struct pty *p)
{
    for (;;) {
        struct pollfd in[2] = {{.fd = p->ready, .events = POLLIN}, {.fd = p->fd, .events = POLLIN}};
        char byte;

        if (poll(in, 2, WAIT_MS) <= 0)
            return false;
        if (in[1].revents & POLLIN)
            take_output(p);
        if (in[0].revents & POLLIN) {
            bool there = read(p->ready, &byte, 1) == 1;

            take_output(p);
            return there;
        }
        if (in[0].revents & POLLHUP)
            return false;
    }
}

/* A terminal takes a few kilobytes that the program has not read yet, and it may wait for its own output. */
static bool send_all(struct pty *p, const char *bytes, size_t n)
{
    while (n > 0) {
        struct pollfd fd = {.fd = p->fd, .events = POLLIN | POLLOUT};
        size_t piece = n < PIECE ? n : PIECE;
        ssize_t sent;

        if (poll(&fd, 1, WAIT_MS) <= 0 || (fd.revents & (POLLHUP | POLLERR)))
            return false;
        take_output(p);
        if (!(fd.revents & POLLOUT))
            continue;
        if ((sent = write(p->fd, bytes, piece)) <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool pty_send(struct pty *p, const char *bytes)
{
    size_t n = strlen(bytes);

    forget_ready(p);
    if (!send_all(p, bytes, n))
        return false;
    if (n > PIECE)
        forget_ready(p); /* it may have waited between two pieces; it tells again, at its next tick */
    return pty_settle(p);
}

/* The last line that isn't blank. */
static void last_line(struct pty *p, struct buf *line)
{
    struct str rest, one, last = STR("");
    struct buf all;

    buf_init(&all, (size_t)1 << 20);
    pty_text(p, &all);
    rest = buf_str(&all);
    while (str_split(&rest, '\n', &one))
        if (str_trim(one).n)
            last = str_trim(one);
    buf_clear(line);
    buf_add_str(line, last);
    buf_done(&all);
}

bool pty_await(struct pty *p, const char *begins, const char *ends, struct buf *line)
{
    for (int waited = 0; waited < AWAIT_MS; waited += 50) {
        struct pollfd in = {.fd = p->fd, .events = POLLIN};

        take_output(p);
        last_line(p, line);
        if (str_starts(buf_str(line), str_of(begins)) && str_ends(buf_str(line), str_of(ends)))
            return true;
        poll(&in, 1, 50);
    }
    return false;
}

void pty_type(struct pty *p, const char *bytes)
{
    size_t n = strlen(bytes), before;

    take_output(p);
    before = p->written;
    if (write(p->fd, bytes, n) != (ssize_t)n)
        abort();
    for (int waited = 0; waited < AWAIT_MS && p->written == before; waited += 50) {
        struct pollfd in = {.fd = p->fd, .events = POLLIN};

        poll(&in, 1, 50);
        take_output(p);
    }
}

bool pty_resize(struct pty *p, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    vterm_set_size(p->vt, rows, cols);
    forget_ready(p);
    ioctl(p->fd, TIOCSWINSZ, &size);
    return pty_settle(p);
}

void pty_signal(struct pty *p, int sig)
{
    kill(p->pid, sig);
}

void pty_hang_up(struct pty *p)
{
    close(p->fd);
    close(p->slave);
    p->fd = p->slave = -1;
}

int pty_end(struct pty *p)
{
    int status = -1;

    for (int waited = 0; waited < WAIT_MS; waited += 10) {
        struct pollfd in = {.fd = p->fd, .events = POLLIN};

        if (waitpid(p->pid, &status, WNOHANG) == p->pid) {
            p->pid = 0;
            take_output(p);
            return status;
        }
        if (poll(&in, 1, 10) > 0)
            take_output(p); /* it may wait for room to write */
    }
    return status;
}

/* ---- looking ---- */

void pty_text(struct pty *p, struct buf *out)
{
    int rows, cols;

    vterm_get_size(p->vt, &rows, &cols);
    for (int y = 0; y < rows; y++) {
        size_t keep = out->n;

        for (int x = 0; x < cols; x++) {
            VTermScreenCell cell;
            VTermPos pos = {.row = y, .col = x};

            vterm_screen_get_cell(p->screen, pos, &cell);
            if (cell.chars[0] == 0) {
                buf_add_c(out, ' ');
                continue;
            }
            for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
                if (cell.chars[i] != (uint32_t)-1)
                    utf8_add(out, cell.chars[i]);
            keep = out->n;
        }
        out->n = keep;
        buf_add_c(out, '\n');
    }
}

bool pty_shows(struct pty *p, const char *text)
{
    struct buf b;
    bool there;

    buf_init(&b, (size_t)1 << 20);
    pty_text(p, &b);
    there = memmem(b.p, b.n, text, strlen(text)) != NULL;
    buf_done(&b);
    return there;
}

bool pty_coloured(struct pty *p)
{
    int rows, cols;

    vterm_get_size(p->vt, &rows, &cols);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < cols; x++) {
            VTermScreenCell cell;

            vterm_screen_get_cell(p->screen, (VTermPos){.row = y, .col = x}, &cell);
            if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))
                return true;
        }
    return false;
}

bool pty_restored(struct pty *p)
{
    struct termios now;

    take_output(p);
    return tcgetattr(p->slave, &now) == 0 && now.c_lflag == p->before.c_lflag &&
           now.c_iflag == p->before.c_iflag && now.c_oflag == p->before.c_oflag && !p->alternate &&
           p->cursor;
}

bool pty_left(const struct pty *p, const char *text)
{
    return memmem(p->left.p, p->left.n, text, strlen(text)) != NULL;
}

size_t pty_written(const struct pty *p)
{
    return p->written;
}
