/* Curses, and nothing but curses. What is on the terminal is kept in a canvas of our own
 * (`shown`), so that curses is told of changed cells only and a typed character costs a few
 * bytes and microseconds. */
#include "app/ui/term.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "app/tr.h"
#include "forms/base/utf8.h"

#define ESC_DELAY_MS 25
#define PASTE_BEGIN  2000 /* key codes of our own, far behind those curses gives out */
#define PASTE_END    2001
#define PASTE_ON     "\033[?2004h"
#define PASTE_OFF    "\033[?2004l"
#define MOUSE_OFF    "\033[?1006l\033[?1000l"

#define ATTR_B A_BOLD
#define ATTR_D A_DIM
#define ATTR_R A_REVERSE
#define ATTR_U A_UNDERLINE

static const struct look {
    attr_t attrs;
    short fg8, bg8, fg256, bg256;
} looks[STYLES] = {
#define STYLE(id, attr, fg8, bg8, fg256, bg256) [STYLE_##id] = {attr, fg8, bg8, fg256, bg256},
#include "app/view/style.def"
#undef STYLE
};

static struct {
    bool open;
    SCREEN *screen;
    struct canvas shown;
    bool colours, plain_glyphs, pasting, mouse;
    int click_y, click_x;
    struct termios before;
    char restore[256]; /* what puts the terminal back, ready to be written by a signal handler */
    size_t n_clear;    /* its beginning, which wipes the screen that is shown */
    size_t n_restore;
} term;

static volatile sig_atomic_t ended_by, continued;

/* ---- the way out ---- */

static void restore(size_t from)
{
    if (!term.open)
        return;
    term.open = false;
    for (size_t at = from; at < term.n_restore;) {
        ssize_t n = write(STDOUT_FILENO, term.restore + at, term.n_restore - at);

        if (n <= 0)
            break;
        at += (size_t)n;
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
}

/* From the middle of everything: what an interview has shown goes from the alternate screen first. */
void term_restore(void)
{
    restore(0);
}

static int keep_byte(int c)
{
    if (term.n_restore < sizeof term.restore)
        term.restore[term.n_restore++] = (char)c;
    return c;
}

static void keep_capability(const char *name)
{
    const char *s = tigetstr(name);

    if (s && s != (const char *)-1)
        tputs(s, 1, keep_byte);
}

static void prepare_restore(void)
{
    term.n_restore = 0;
    keep_capability("sgr0");
    keep_capability("clear");
    term.n_clear = term.n_restore;
    for (const char *p = PASTE_OFF; *p; p++)
        keep_byte(*p);
    for (const char *p = MOUSE_OFF; term.mouse && *p; p++)
        keep_byte(*p);
    keep_capability("sgr0");
    keep_capability("op");
    keep_capability("cnorm");
    keep_capability("rmkx");
    keep_capability("rmcup");
}

static void on_end(int sig)
{
    ended_by = sig;
}

static void on_continue(int sig)
{
    (void)sig;
    continued = 1;
}

/* A crash: the terminal first, then the signal as if nobody had caught it. */
static void on_crash(int sig)
{
    term_restore();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void catch (int sig, void (*handler)(int), int flags)
{
    struct sigaction a = {.sa_handler = handler, .sa_flags = flags};

    sigemptyset(&a.sa_mask);
    sigaction(sig, &a, NULL);
}

static void catch_signals(void)
{
    static char stack[32768]; /* a crash by a full stack needs another one to say so */
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGQUIT};
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};

    sigaltstack(&alternative, NULL);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        catch (crashes[i], on_crash, SA_ONSTACK | (int)SA_RESETHAND);
    /* without SA_RESTART: a wait for a key ends */
    catch (SIGTERM, on_end, 0);
    catch (SIGHUP, on_end, 0);
    catch (SIGINT, on_end, 0);
    catch (SIGCONT, on_continue, 0);
}

/* ---- the way in ---- */

static void start_colours(bool wanted)
{
    const char *no = getenv("NO_COLOR");

    term.colours = wanted && !(no && no[0]) && has_colors();
    if (!term.colours || start_color() == ERR || COLORS < 8)
        term.colours = false;
    if (!term.colours)
        return;
    use_default_colors();
    for (int i = 0; i < STYLES; i++) {
        const struct look *l = &looks[i];
        bool many = COLORS >= 256;

        init_pair((short)(i + 1), many ? l->fg256 : l->fg8, many ? l->bg256 : l->bg8);
    }
}

/* Button and wheel, where the terminal tells of them. Presses only: a click needs no second event. */
static bool start_mouse(void)
{
    mouseinterval(0);
    return mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL) != 0;
}

/* What nearly all emulators send, whatever TERM calls them: an entry that is older than they are (vt100)
 * names other bytes, or none. What terminfo knows stays as it is. */
static void name_usual_keys(void)
{
    static const struct {
        const char *bytes;
        int code;
    } usual[] = {
        {"\033OP", KEY_F(1)},    {"\033OQ", KEY_F(2)},      {"\033OR", KEY_F(3)},
        {"\033OS", KEY_F(4)},    {"\033[11~", KEY_F(1)},    {"\033[12~", KEY_F(2)},
        {"\033[13~", KEY_F(3)},  {"\033[14~", KEY_F(4)},    {"\033[15~", KEY_F(5)},
        {"\033[17~", KEY_F(6)},  {"\033[18~", KEY_F(7)},    {"\033[19~", KEY_F(8)},
        {"\033[20~", KEY_F(9)},  {"\033[21~", KEY_F(10)},   {"\033[23~", KEY_F(11)},
        {"\033[24~", KEY_F(12)}, {"\033[18;2~", KEY_F(19)}, {"\033[20;2~", KEY_F(21)},
        {"\033[1~", KEY_HOME},   {"\033[2~", KEY_IC},       {"\033[3~", KEY_DC},
        {"\033[4~", KEY_END},    {"\033[5~", KEY_PPAGE},    {"\033[6~", KEY_NPAGE},
        {"\033[A", KEY_UP},      {"\033[B", KEY_DOWN},      {"\033[C", KEY_RIGHT},
        {"\033[D", KEY_LEFT},    {"\033OA", KEY_UP},        {"\033OB", KEY_DOWN},
        {"\033OC", KEY_RIGHT},   {"\033OD", KEY_LEFT},      {"\033[H", KEY_HOME},
        {"\033[F", KEY_END},     {"\033OH", KEY_HOME},      {"\033OF", KEY_END},
        {"\033[Z", KEY_BTAB},
    };

    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (key_defined(usual[i].bytes) == 0)
            define_key(usual[i].bytes, usual[i].code);
}

bool term_has_function_key(int n)
{
    char name[8];
    const char *bytes;

    snprintf(name, sizeof name, "kf%d", n);
    bytes = tigetstr(name);
    return bytes && bytes != (const char *)-1;
}

bool term_open(bool colours, bool mouse, struct err *e)
{
    const char *name = getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &term.before))
        return err_fail1(e, ERR_TERMINAL, N_("standard input or output is not a terminal"));
    set_escdelay(ESC_DELAY_MS);
    term.screen = newterm(NULL, stdout, stdin);
    if (!term.screen || !cursor_address) {
        if (term.screen)
            endwin(), delscreen(term.screen);
        return err_fail1(e, ERR_TERMINAL, name && name[0] ? name : N_("TERM is not set"));
    }
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    term.mouse = mouse && start_mouse();
    prepare_restore();
    term.open = true;
    start_colours(colours);
    /* the Linux console's font has the old code page only */
    term.plain_glyphs = name && strncmp(name, "linux", 5) == 0;
    name_usual_keys();
    define_key("\033[200~", PASTE_BEGIN);
    define_key("\033[201~", PASTE_END);
    if (!term.plain_glyphs)
        fputs(PASTE_ON, stdout);
    fflush(
        stdout); /* curses writes past it: a paste before anything else flushes would come as keys */
    catch_signals();
    canvas_init(&term.shown, LINES, COLS);
    term_redraw();
    return true;
}

void term_close(void)
{
    if (!term.screen)
        return;
    erase();
    refresh(); /* nothing of an interview stays in the alternate screen */
    endwin();
    delscreen(term.screen);
    term.screen = NULL;
    canvas_done(&term.shown);
    restore(term.n_clear);
}

void term_size(int *ret_rows, int *ret_cols)
{
    *ret_rows = LINES;
    *ret_cols = COLS;
}

/* ---- drawing ---- */

void term_redraw(void)
{
    canvas_resize(&term.shown, LINES, COLS);
    /* no cell of a canvas is like this: all differ */
    for (int i = 0; i < term.shown.rows * term.shown.cols; i++)
        term.shown.cells[i].style = STYLES;
    clearok(stdscr, TRUE);
}

static uint32_t plain_glyph(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } table[] = {{0x25B8, 0x25BA}, {0x2713, 0x221A}, {0x2026, '~'}, {0x25CF, '*'},
                 {0x2022, '*'},    {0x2195, '|'},    {0x2605, '*'}, {0x2606, '.'}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].from == c)
            return table[i].to;
    return c;
}

/* Pair 0 is the terminal's own colours: no bytes are spent on saying so. */
static short pair_of(uint8_t style)
{
    const struct look *l = &looks[style];
    bool many = COLORS >= 256;

    if (!term.colours || ((many ? l->fg256 : l->fg8) < 0 && (many ? l->bg256 : l->bg8) < 0))
        return 0;
    return (short)(style + 1);
}

/* The C library decides how wide curses thinks a character is. Where it differs from
 * libunistring (a newer Unicode), a stand-in of the right width is shown, and no column moves. */
static void put_cell(const struct cell *cell, int y, int x)
{
    wchar_t text[CELL_CHARS + 1] = {0};
    cchar_t cc;
    short pair = pair_of(cell->style);
    attr_t attrs = looks[cell->style].attrs;
    int n = 0;

    /* colours that set a background carry what reverse would: not both */
    if (term.colours && COLORS >= 256 && looks[cell->style].bg256 >= 0)
        attrs &= ~(A_REVERSE | A_UNDERLINE);
    for (; n < CELL_CHARS && cell->ch[n]; n++)
        text[n] = (wchar_t)(term.plain_glyphs ? plain_glyph(cell->ch[n]) : cell->ch[n]);
    if (wcwidth(text[0]) != cell->width) {
        text[0] = (wchar_t)UTF8_REPLACEMENT;
        text[1] = 0;
        if (cell->width == 2 && setcchar(&cc, L" ", attrs, pair, NULL) == OK)
            mvadd_wch(y, x + 1, &cc);
    }
    for (int i = 1; i < n && text[i]; i++)
        if (wcwidth(text[i]) != 0)
            text[i] = 0;
    if (setcchar(&cc, text, attrs, pair, NULL) == OK)
        mvadd_wch(y, x, &cc);
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->style == b->style && a->width == b->width && memcmp(a->ch, b->ch, sizeof a->ch) == 0;
}

/* A wide character that is new, or stands beside a change, is sent whole. */
static void draw_row(const struct cell *now, struct cell *was, int y, int cols)
{
    if (memcmp(now, was, (size_t)cols * sizeof *now) == 0)
        return;
    for (int x = 0; x < cols; x++) {
        bool differs = !same_cell(&now[x], &was[x]) ||
                       (now[x].width == 2 && x + 1 < cols && !same_cell(&now[x + 1], &was[x + 1]));

        if (now[x].width > 0 && differs)
            put_cell(&now[x], y, x);
    }
    memcpy(was, now, (size_t)cols * sizeof *now);
}

void term_draw(const struct canvas *c)
{
    if (c->rows != term.shown.rows || c->cols != term.shown.cols)
        return; /* a resize is on its way: the next canvas fits */
    for (int y = 0; y < c->rows; y++) {
        size_t at = (size_t)y * (size_t)c->cols;

        draw_row(c->cells + at, term.shown.cells + at, y, c->cols);
    }
    curs_set(c->cursor ? 1 : 0);
    move(c->cursor ? c->cursor_y : c->rows - 1, c->cursor ? c->cursor_x : c->cols - 1);
    refresh();
}

void term_beep(void)
{
    flash();
}

/* ---- keys ---- */

void term_click(int *ret_y, int *ret_x)
{
    *ret_y = term.click_y;
    *ret_x = term.click_x;
}

int term_signal(void)
{
    return ended_by;
}

#ifdef CACAH_TESTING
/* Tells a test that all keys sent so far are worked off. */
static void tell_ready(void)
{
    const char *fd = getenv("CACAH_TEST_READY_FD");
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    if (fd && poll(&in, 1, 0) == 0 && write((int)strtol(fd, NULL, 10), ".", 1) != 1)
        return;
}
#endif

static const struct {
    int curses;
    uint32_t code;
    uint8_t mods;
} named[] = {
    {KEY_ENTER, K_ENTER, 0},
    {KEY_BACKSPACE, K_BACKSPACE, 0},
    {KEY_DC, K_DELETE, 0},
    {KEY_IC, K_INSERT, 0},
    {KEY_UP, K_UP, 0},
    {KEY_DOWN, K_DOWN, 0},
    {KEY_LEFT, K_LEFT, 0},
    {KEY_RIGHT, K_RIGHT, 0},
    {KEY_HOME, K_HOME, 0},
    {KEY_END, K_END_, 0},
    {KEY_PPAGE, K_PGUP, 0},
    {KEY_NPAGE, K_PGDN, 0},
    {KEY_BTAB, K_TAB, MOD_SHIFT},
    {KEY_FIND, K_HOME, 0},
    {KEY_SELECT, K_END_, 0},
    {KEY_SHOME, K_HOME, MOD_SHIFT},
    {KEY_SEND, K_END_, MOD_SHIFT},
    {KEY_RESIZE, K_RESIZE, 0},
};

/* Keys with Ctrl have names in terminfo only where the terminal has them. */
static const struct {
    const char *capability;
    uint32_t code;
} with_ctrl[] = {{"kHOM5", K_HOME}, {"kEND5", K_END_}, {"kLFT5", K_LEFT}, {"kRIT5", K_RIGHT},
                 {"kUP5", K_UP},    {"kDN5", K_DOWN},  {"kDC5", K_DELETE}};

static struct key named_key(int code)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].curses == code)
            return (struct key){.code = named[i].code, .mods = named[i].mods};
    if (code >= KEY_F(1) && code <= KEY_F(12))
        return (struct key){.code = K_F1 + (uint32_t)(code - KEY_F(1))};
    if (code >= KEY_F(13) && code <= KEY_F(24)) /* terminals number Shift-F1 as F13 */
        return (struct key){.code = K_F1 + (uint32_t)(code - KEY_F(13)), .mods = MOD_SHIFT};
    for (size_t i = 0; i < sizeof with_ctrl / sizeof *with_ctrl; i++) {
        const char *s = tigetstr(with_ctrl[i].capability);

        if (s && s != (const char *)-1 && key_defined(s) == code)
            return (struct key){.code = with_ctrl[i].code, .mods = MOD_CTRL};
    }
    return (struct key){0};
}

static struct key character_key(wint_t c)
{
    switch (c) {
    case '\r': return (struct key){.code = K_ENTER};
    case '\t': return (struct key){.code = K_TAB};
    case 8:
    case 127: return (struct key){.code = K_BACKSPACE};
    case 27: return (struct key){.code = K_ESC};
    case 0: return (struct key){0};
    default: break;
    }
    if (c < 27)
        return (struct key){.code = (uint32_t)c + 'a' - 1, .mods = MOD_CTRL};
    if (c < 32)
        return (struct key){.code = (uint32_t)c + '@', .mods = MOD_CTRL};
    return (struct key){.code = (uint32_t)c};
}

/* After an Esc: a sequence nobody named, or Alt with a key, arrives in one piece and is no Esc. */
static bool swallow_sequence(void)
{
    wint_t c;
    bool any = false, sequence = false;

    timeout(0);
    while (get_wch(&c) != ERR) {
        if (!any)
            sequence = c == '[' || c == 'O';
        else if (c >= 0x40 && c <= 0x7E)
            sequence = false;
        any = true;
        if (!sequence)
            break;
    }
    return any;
}

static bool gone(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char none;

    if (poll(&in, 1, 0) <= 0)
        return false;
    return (in.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 ||
           ((in.revents & POLLIN) && read(STDIN_FILENO, &none, 0) < 0);
}

static enum term_event mouse_event(void)
{
    MEVENT m;

    if (getmouse(&m) != OK)
        return TERM_KEY;
    term.click_y = m.y;
    term.click_x = m.x;
    return m.bstate & BUTTON1_PRESSED   ? TERM_CLICK
           : m.bstate & BUTTON4_PRESSED ? TERM_WHEEL_UP
           : m.bstate & BUTTON5_PRESSED ? TERM_WHEEL_DOWN
                                        : TERM_KEY;
}

static enum term_event key_event(int result, wint_t c, struct key *ret)
{
    if (result == KEY_CODE_YES && c == KEY_MOUSE) {
        *ret = (struct key){0};
        return mouse_event();
    }
    if (result == KEY_CODE_YES && (int)c == PASTE_BEGIN)
        term.pasting = true;
    if (result == KEY_CODE_YES && (int)c == PASTE_END)
        term.pasting = false;
    if (result == KEY_CODE_YES)
        *ret = named_key((int)c);
    else
        *ret = character_key(c);
    if (ret->code == K_RESIZE) {
        term_redraw();
        return TERM_RESIZED;
    }
    if (ret->code == K_ESC && !term.pasting && swallow_sequence())
        *ret = (struct key){0};
    ret->pasted = term.pasting;
    return TERM_KEY;
}

enum term_event term_wait(int timeout_ms, struct key *ret)
{
    enum term_event event;
    wint_t c;
    int result;

    do {
        if (ended_by)
            return TERM_END;
#ifdef CACAH_TESTING
        if (timeout_ms > 0) /* else there is work to do yet */
            tell_ready();
#endif
        timeout(timeout_ms);
        result = get_wch(&c);
        if (ended_by)
            return TERM_END;
        if (continued) {
            continued = 0;
            term_redraw();
            return TERM_RESIZED;
        }
        if (result == ERR)
            return gone() ? TERM_END : TERM_TIMEOUT;
        event = key_event(result, c, ret);
        if (event != TERM_KEY)
            return event;
    } while (ret->code == 0); /* a key without a name here */
    return TERM_KEY;
}
