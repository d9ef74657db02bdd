/* Stores by their place, passphrases; see keep.h. */
#include "app/cmd/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "app/tr.h"
#include "sync/bundle/words.h"

#define LINE_MAX_BYTES 4096
#define NEW_TRIES      3

static const char *const file_names[] = {
    [KEEP_FIELD] = "field", [KEEP_OFFICE] = "office", [KEEP_PRACTICE] = "practice"};

/* Makes the folders of a path, up to its last slash. */
static bool make_folders(char *path, struct err *e)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool ok = mkdir(path, 0700) == 0 || errno == EEXIST;
        if (!ok)
            err_fail_sys(e, ERR_FOLDER, path);
        *slash = '/';
        if (!ok)
            return false;
    }
    return true;
}

bool keep_path(const struct call *c, enum keep which, bool make, char ret[KEEP_PATH_MAX],
               struct err *e)
{
    const char *home = getenv("HOME"), *data = getenv("XDG_DATA_HOME");
    int n;
    if (c->given[OPT_store])
        n = snprintf(ret, KEEP_PATH_MAX, "%s", c->value[OPT_store]);
    else if (data && data[0] == '/')
        n = snprintf(ret, KEEP_PATH_MAX, "%s/cacah/%s.cacah", data, file_names[which]);
    else if (home && home[0] == '/')
        n = snprintf(ret, KEEP_PATH_MAX, "%s/.local/share/cacah/%s.cacah", home, file_names[which]);
    else
        return err_fail(e, ERR_NO_HOME);
    if (n < 0 || n >= KEEP_PATH_MAX)
        return err_fail2(e, ERR_LIMIT, "The store's path", "4096 bytes");
    return !make || c->given[OPT_store] || make_folders(ret, e);
}

bool keep_state_folder(char ret[KEEP_PATH_MAX])
{
    const char *home = getenv("HOME"), *state = getenv("XDG_STATE_HOME");
    int n = -1;
    if (state && state[0] == '/')
        n = snprintf(ret, KEEP_PATH_MAX, "%s/cacah", state);
    else if (home && home[0] == '/')
        n = snprintf(ret, KEEP_PATH_MAX, "%s/.local/state/cacah", home);
    return n > 0 && n < KEEP_PATH_MAX;
}

/* ---- lines that are secrets ---- */

/* Reads to the newline, byte by byte out of stdio, so that what follows is left for others. */
static bool read_line(FILE *f, struct secret **ret)
{
    struct secret *line = secret_new(LINE_MAX_BYTES);
    size_t n = 0;
    int ch;
    while ((ch = fgetc(f)) != EOF && ch != '\n' && n < LINE_MAX_BYTES)
        secret_bytes(line)[n++] = (uint8_t)ch;
    if (n > 0 && secret_view(line)[n - 1] == '\r')
        n--;
    bool ok = !ferror(f) && (n > 0 || ch == '\n');
    if (ok)
        *ret = secret_copy(secret_view(line), n);
    secret_free(line);
    return ok;
}

bool keep_first_line(const char *file, struct secret **ret, struct err *e)
{
    if (strcmp(file, "-") == 0)
        return read_line(stdin, ret) ? true : err_fail(e, ERR_STDIN);
    struct stat st;
    FILE *f = fopen(file, "re");
    if (!f)
        return err_fail_sys(e, ERR_SECRET_FILE, file);
    setvbuf(f, NULL, _IONBF, 0); /* no copy of the secret in a buffer */
    if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077))
        cmd_note(_("others may read \"%s\": chmod 600"), file);
    bool ok = read_line(f, ret);
    fclose(f);
    return ok ? true : err_fail1(e, ERR_SECRET_EMPTY, file);
}

bool keep_ask(const char *prompt, bool hidden, struct secret **ret, struct err *e)
{
    struct termios before, silent;
    FILE *tty = fopen("/dev/tty", "r+e");
    if (!tty)
        return err_fail(e, ERR_NO_TERMINAL);
    setvbuf(tty, NULL, _IONBF, 0);
    bool quiet = hidden && tcgetattr(fileno(tty), &before) == 0;
    if (quiet) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fileno(tty), TCSAFLUSH, &silent);
    }
    fputs(prompt, tty);
    bool ok = read_line(tty, ret);
    if (quiet) {
        tcsetattr(fileno(tty), TCSAFLUSH, &before);
        fputc('\n', tty);
    }
    fclose(tty);
    return ok ? true : err_fail(e, ERR_STDIN);
}

/* ---- passphrases ---- */

bool keep_passphrase(const struct call *c, struct secret **ret, struct err *e)
{
    if (c->given[OPT_passphrase_file])
        return keep_first_line(c->value[OPT_passphrase_file], ret, e);
    return keep_ask(_("Passphrase: "), true, ret, e);
}

/* The last lines of the terminal, so that what they show does not stay there. */
static void forget_lines(int n)
{
    const char *term = getenv("TERM");
    FILE *tty = fopen("/dev/tty", "we");
    if (tty && term && strcmp(term, "dumb") != 0)
        fprintf(tty, "\033[%dA\r\033[J", n);
    if (tty)
        fclose(tty);
}

/* A drawn passphrase is offered; Enter alone takes it. */
static bool ask_new(struct secret **ret, struct err *e)
{
    struct buf prompt;
    struct secret *typed = NULL, *again = NULL;
    buf_init(&prompt, 1024);
    buf_add_z(&prompt, _("A new passphrase. Enter alone takes this one (write it down):"));
    buf_add_z(&prompt, "\n\n    ");
    size_t from = prompt.n;
    words_passphrase(WORDS_ID, &prompt);
    struct secret *drawn = secret_copy(prompt.p + from, prompt.n - from);
    buf_add_z(&prompt, _("\n\nThe new passphrase: "));
    bool ok = keep_ask(prompt.p, true, &typed, e);
    if (ok && secret_size(typed) == 0) {
        secret_free(typed);
        typed = drawn;
        drawn = NULL;
    }
    ok = ok && keep_ask(_("The same once more: "), true, &again, e);
    if (ok)
        forget_lines(4);
    if (ok && !secret_eq(typed, again))
        ok = err_fail(e, ERR_PASSPHRASE_TWICE);
    if (ok) {
        *ret = typed;
        typed = NULL;
    }
    secret_free(typed);
    secret_free(again);
    secret_free(drawn);
    buf_wipe_done(&prompt);
    return ok;
}

/* A slip is no reason to begin all over; each time another one is offered, the words being gone. */
static bool ask_new_again(struct secret **ret, struct err *e)
{
    bool ok = ask_new(ret, e);
    for (int i = 1; !ok && i < NEW_TRIES && err_is(e, &ERR_PASSPHRASE_TWICE); i++) {
        cmd_fail(e);
        err_clear(e);
        ok = ask_new(ret, e);
    }
    return ok;
}

/* file NULL: asked for. */
static bool new_passphrase(const char *file, struct secret **ret, struct err *e)
{
    struct secret *s = NULL;
    if (file ? !keep_first_line(file, &s, e) : !ask_new_again(&s, e))
        return false;
    if (!crypt_passphrase_long((struct str){(const char *)secret_view(s), secret_size(s)})) {
        secret_free(s);
        return err_fail(e, ERR_PASSPHRASE_SHORT);
    }
    *ret = s;
    return true;
}

bool keep_passphrase_new(const struct call *c, struct secret **ret, struct err *e)
{
    return new_passphrase(c->value[OPT_passphrase_file], ret, e);
}

bool keep_passphrase_other(const struct call *c, struct secret **ret, struct err *e)
{
    return new_passphrase(c->value[OPT_new_passphrase_file], ret, e);
}

/* ---- questions ---- */

bool keep_confirm(const struct call *c, const char *question, bool *ret_yes, struct err *e)
{
    struct secret *line = NULL;
    struct err none = {0};
    struct buf prompt;
    *ret_yes = c->given[OPT_yes];
    if (*ret_yes)
        return true;
    buf_init(&prompt, 8192);
    buf_printf(&prompt, _("%s Type yes to go on: "), question);
    bool asked = keep_ask(buf_str(&prompt).p, false, &line, &none);
    buf_done(&prompt);
    if (!asked && err_is(&none, &ERR_NO_TERMINAL))
        return err_fail(e, ERR_ASKS);
    if (asked) {
        struct str said =
            str_trim((struct str){(const char *)secret_view(line), secret_size(line)});
        *ret_yes = str_eq_nocase(said, STR("yes")) || str_eq_nocase(said, str_of(_("yes")));
    }
    secret_free(line);
    return true;
}

/* ---- opening ---- */

/* survey_open, or survey_look. */
typedef bool (*survey_opener)(struct survey **ret, const char *path,
                              const struct secret *passphrase, struct err *e);

/* A practice laptop's store opens with what everybody knows; one with a passphrase of its own does not. */
static bool open_practice(const struct call *c, const char *path, survey_opener open,
                          struct survey **ret)
{
    static const uint8_t practice[8];
    struct store_peek peek;
    struct err ignored = {0};
    if (c->given[OPT_passphrase_file] || !store_peek(path, &peek, &ignored) ||
        peek.kind != STORE_FIELD || memcmp(peek.survey.b, practice, sizeof practice) != 0)
        return false;
    struct secret *known = secret_copy(PRACTICE_PASSPHRASE, sizeof PRACTICE_PASSPHRASE - 1);
    bool ok = open(ret, path, known, &ignored);
    secret_free(known);
    return ok;
}

static bool open_at(const struct call *c, const char *path, survey_opener open, struct survey **ret,
                    struct err *e)
{
    struct stat st;
    struct secret *passphrase = NULL;
    if (stat(path, &st) != 0)
        return err_fail1(e, ERR_STORE_MISSING, path); /* before anybody types a passphrase */
    if (open_practice(c, path, open, ret))
        return true;
    if (!keep_passphrase(c, &passphrase, e))
        return false;
    bool ok = open(ret, path, passphrase, e);
    secret_free(passphrase);
    char folder[KEEP_PATH_MAX];
    if (ok && keep_state_folder(folder) && !survey_watch(*ret, folder))
        cmd_note(
            _("%s is older than when it was last closed here: an older copy was put in its place. "
              "A backup is put back with 'cacah restore'; tell the office."),
            path);
    return ok;
}

bool keep_survey(const struct call *c, enum keep which, struct survey **ret, struct err *e)
{
    char path[KEEP_PATH_MAX];
    return keep_path(c, which, false, path, e) && open_at(c, path, survey_open, ret, e);
}

bool keep_path_any(const struct call *c, char ret[KEEP_PATH_MAX], struct err *e)
{
    struct stat st;
    if (!keep_path(c, KEEP_FIELD, false, ret, e))
        return false;
    if (c->given[OPT_store] || stat(ret, &st) == 0)
        return true;
    char office[KEEP_PATH_MAX];
    if (!keep_path(c, KEEP_OFFICE, false, office, e))
        return false;
    if (stat(office, &st) == 0)
        memcpy(ret, office, sizeof office);
    return true;
}

bool keep_survey_any(const struct call *c, struct survey **ret, struct err *e)
{
    char path[KEEP_PATH_MAX];
    return keep_path_any(c, path, e) && open_at(c, path, survey_open, ret, e);
}

bool keep_look_any(const struct call *c, struct survey **ret, struct err *e)
{
    char path[KEEP_PATH_MAX];
    return keep_path_any(c, path, e) && open_at(c, path, survey_look, ret, e);
}

/* Closes it again when it is of the other kind. */
static bool is_kind(struct survey *sv, enum keep which, struct err *e)
{
    enum store_kind wanted = which == KEEP_OFFICE ? STORE_OFFICE : STORE_FIELD;
    if (store_identity(survey_store(sv))->kind == wanted)
        return true;
    survey_close(sv);
    return which == KEEP_OFFICE ? err_fail(e, ERR_NOT_OFFICE) : err_fail(e, ERR_NOT_FIELD);
}

bool keep_survey_kind(const struct call *c, enum keep which, struct survey **ret, struct err *e)
{
    struct survey *sv;
    if (!keep_survey(c, which, &sv, e) || !is_kind(sv, which, e))
        return false;
    *ret = sv;
    return true;
}

bool keep_look_kind(const struct call *c, enum keep which, struct survey **ret, struct err *e)
{
    char path[KEEP_PATH_MAX];
    struct survey *sv;
    if (!keep_path(c, which, false, path, e) || !open_at(c, path, survey_look, &sv, e) ||
        !is_kind(sv, which, e))
        return false;
    *ret = sv;
    return true;
}

bool keep_own(const struct call *c, struct survey **ret, struct err *e)
{
    char field[KEEP_PATH_MAX], office[KEEP_PATH_MAX];
    struct stat st;
    if (!keep_path(c, KEEP_FIELD, false, field, e) || !keep_path(c, KEEP_OFFICE, false, office, e))
        return false;
    bool supervisor = stat(field, &st) != 0 && stat(office, &st) == 0;
    return keep_survey(c, supervisor ? KEEP_OFFICE : KEEP_FIELD, ret, e);
}
