/* The screens as a whole, without a terminal: a stack of screens, the keymap, the canvas they
 * draw into, the survey and the interview that are open. Keys go in, a drawn canvas comes out,
 * so that a test or a fuzzer drives the whole program by function calls; app/ui/loop.c does the
 * same with a terminal.
 *
 *   canvas.[ch]  the grid      text.[ch]  widths, breaks     local.[ch]  numbers and dates in words
 *   key.[ch] keymap.[ch]       action.def, keys.def, style.def: the tables
 *   edit.[ch]  typing          picker.[ch]  choosing         widget.h   the fields, w_*.c
 *   ui.[ch]    this            v_*.c   the screens, one a file           chrome.c  frame and bottom line
 *   field_of.c  a question of the engine as the plain data of a widget */
#ifndef APP_VIEW_UI_H
#define APP_VIEW_UI_H

#include "app/flow/inbox.h"
#include "app/flow/session.h"
#include "app/flow/survey.h"
#include "app/view/edit.h"
#include "app/view/picker.h"

struct transport_user; /* sync/transport: who answers for the person */

#define UI_MIN_ROWS 24
#define UI_MIN_COLS 80

/* What the program gives the screens; everything may be NULL but the store's path, which must be
 * where the store is or would be. */
struct ui_start {
    const char *store_path;
    const char *practice_path;
    bool practice;              /* the store is the practice one: no unlocking, no sending */
    const char *language;       /* "id", "en" or NULL: as was last chosen */
    const char *first_language; /* until one was chosen; NULL: Indonesian */
    const char *notice;         /* said on the first screen, or NULL */
    const struct keymap *keys;  /* NULL: the defaults */
    bool no_colours, no_mouse;
    int lock_minutes;          /* 0: never */
    const char *state_folder;  /* remembers how much stores held (survey_watch), or NULL */
    const char *mounts;        /* the table of what is mounted; NULL: this machine's */
    const char *ssh_key, *pin; /* as struct transport_user has them */

    void *ctx;
    /* Makes this laptop's store at store_path out of a kit: its file, or where it lies on a server; `user`:
     * whose passphrase it is; `person` answers for whoever sits here. */
    bool (*join)(void *ctx, struct str kit, const struct secret *code, struct str user,
                 const struct secret *passphrase, const struct transport_user *person,
                 struct err *e);
    /* A passphrase to offer, appended; NULL: none is offered. */
    void (*draw_passphrase)(void *ctx, struct buf *out);
    /* Makes the practice store at practice_path unless it is there, and returns its passphrase. */
    bool (*practise)(void *ctx, struct secret **ret_passphrase, struct err *e);
    /* Sends to, receives from a place (a folder, a URL); `user` answers for the person; `report` says in
     * a sentence or two what happened and what to do next. */
    bool (*send)(void *ctx, struct survey *sv, struct str place, const struct transport_user *user,
                 struct buf *report, struct err *e);
    bool (*receive)(void *ctx, struct survey *sv, struct str place,
                    const struct transport_user *user, struct buf *report, struct err *e);
    /* An office's store: what lists show of a merged record, and receipts for all laptops, beside that inbox. */
    merge_index index;
    bool (*answer)(void *ctx, struct survey *sv, const char *inbox, struct buf *report,
                   struct err *e);
    /* Where this computer is, appended as a geopoint. */
    bool (*locate)(void *ctx, struct buf *out, struct err *e);
    /* Files whose path begins with `typed`, a line each. */
    void (*list_files)(void *ctx, struct str typed, struct buf *out);
    /* The clock; NULL: the machine's. Tests stand it still. */
    struct instant (*now)(void *ctx);
};

struct ui;
struct screen;

enum handled { IGNORED, HANDLED, REFUSED };

struct screen_ops {
    size_t size; /* of its struct, which begins with a struct screen */
    struct situation (*situation)(const struct screen *s);
    enum handled (*input)(struct ui *ui, struct screen *s, const struct input *in);
    void (*draw)(struct ui *ui, struct screen *s, struct area a);
    /* An action that works is left off the bottom line: it would do nothing here. */
    bool (*hides)(struct ui *ui, const struct screen *s, enum action a);
    void (*language)(struct ui *ui, struct screen *s); /* texts it holds are of the old language */
    /* A click on what it has drawn with area_own; and whether the wheel is for it (lists: always). */
    enum handled (*click)(struct ui *ui, struct screen *s, size_t n);
    bool (*scrolls)(struct ui *ui, const struct screen *s);
    /* A piece of something long, while nobody types; false: nothing was left to do. */
    bool (*work)(struct ui *ui, struct screen *s);
    void (*resume)(struct ui *ui, struct screen *s); /* the screen above it has gone */
    void (*close)(struct ui *ui, struct screen *s);  /* frees what it holds, not itself */
};

struct screen {
    const struct screen_ops *ops;
    struct screen *below;
};

struct ui {
    struct canvas canvas;
    struct keymap keys;
    struct arena scratch; /* of one drawing */
    const struct ui_start *start;
    struct survey *survey;
    struct session *session;
    bool practice;         /* the open store is the practice one */
    const uint64_t *quota; /* by cell of the config: how many home has counted; or NULL */
    struct id16 resume;    /* the interview that locking has interrupted */
    struct id16 faulty;    /* the interview whose form's fault was told in a box */
    struct screen *top;
    struct buf notice; /* a sentence above the bottom line, until the next key */
    enum style notice_style;
    bool quit, beep;
    bool language_chosen; /* by who sits here, since the start */
    int64_t last_key_ms;  /* for locking */
    /* Work that takes longer than a blink: the screen is drawn first (it says so), then this is
     * done. */
    void (*later)(struct ui *ui);
    /* Within such work: draws, waits so long for a key and hands it on. False: nobody is there any more.
     * NULL: nobody is. Whoever runs the loop sets it. */
    bool (*pump)(struct ui *ui, int wait_ms);
};

void ui_init(struct ui *ui, const struct ui_start *start, int rows, int cols);
void ui_done(struct ui *ui); /* closes the interview and the survey; wipes */
void ui_resize(struct ui *ui, int rows, int cols);
void ui_key(struct ui *ui, struct key k);
/* The mouse, which nothing needs: a click goes to what it is on, and on what one is at already it does
 * what Enter or Space does there; the wheel moves through a list or a long text. */
void ui_click(struct ui *ui, int y, int x);
void ui_wheel(struct ui *ui, bool down);
/* Once a second or so: writes buffered moves, locks when nobody is there. */
void ui_tick(struct ui *ui);
/* Does `later`, or a piece of what the screen on top has yet to do. True: draw and call again, unless
 * somebody types. */
bool ui_work(struct ui *ui);
void ui_draw(struct ui *ui);
/* On a signal: everything to the disk. */
void ui_save(struct ui *ui);

/* ---- for screens ---- */

/* A new screen on top; what its ops don't fill in is zero. */
struct screen *ui_push(struct ui *ui, const struct screen_ops *ops);
void ui_pop(struct ui *ui);
/* Closes all screens, then opens one: after unlocking, after locking. */
struct screen *ui_replace(struct ui *ui, const struct screen_ops *ops);
enum handled ui_act(struct ui *ui,
                    enum action a); /* an action chosen by name, for the screen on top */
bool ui_enabled(const struct ui *ui, enum action a);
struct situation ui_situation(const struct ui *ui);
void ui_note(struct ui *ui, enum style style, const char *text);
/* A box that only Enter or Esc closes: what was typed on doesn't dismiss it. */
void ui_fail(struct ui *ui, const struct err *e);
void ui_tell(struct ui *ui, const char *title, struct str text);
struct instant ui_now(const struct ui *ui);
int64_t ui_local_ms(const struct ui *ui); /* the wall clock here, now */
void ui_lock(struct ui *ui);
void ui_language(struct ui *ui);
/* Puts the interview into the language of the screens, where its form has it. */
void ui_speak(struct ui *ui);
void ui_begun(struct ui *ui); /* shows the interview that has just begun, in that language */
/* The language last chosen in this store, unless the program was told one. */
MUST_USE bool ui_recall_language(struct ui *ui, struct err *e);
/* A key goes into a text, or a list, of the screen. */
enum handled ui_edit(struct edit *ed, const struct input *in);
enum handled ui_list(struct picker *p, const struct input *in);
/* Where the program begins: unlock, or the first start. */
void ui_begin(struct ui *ui);
/* After the store is open: home, and the interview that was interrupted. */
void ui_open(struct ui *ui);

/* chrome.c: what all screens share */
void chrome_title(struct ui *ui, struct area a, struct str left); /* the top line, and a rule */
int chrome_bottom_rows(struct ui *ui, int cols);
void chrome_bottom(struct ui *ui, struct area a);
/* A framed box in the middle; returns its inside. */
struct area chrome_box(struct area a, int rows, int cols, const char *title);
int chrome_paragraph(struct ui *ui, struct area a, int y, int x, enum style style, struct str s);

/* quotas.c: how many interviews of which kind there are, as bars; returns the rows taken, 0 where
 * the survey has no quotas. */
int quota_draw(struct ui *ui, struct area a);
/* Says so when no more interviews of the form that has just been opened are wanted. */
void quota_warn(struct ui *ui);

extern const struct screen_ops screen_unlock, screen_first, screen_home, screen_interview,
    screen_contents, screen_finish, screen_help, screen_note, screen_outcome, screen_command,
    screen_tell, screen_ask, screen_new, screen_send, screen_network, screen_record, screen_inbox,
    screen_folder;

/* ---- what opens a screen with something in it ---- */

void unlock_open(struct ui *ui);
void home_open(struct ui *ui);         /* fills the home screen that is on top */
void inbox_screen_open(struct ui *ui); /* the same for an office's */
void new_open(struct ui *ui);
void finish_open(struct ui *ui);
/* A finished interview, to be read. */
struct record_head {
    char code[16]; /* the respondent's */
    int outcome;
    int64_t finalised_ms; /* local */
    bool sent;
};
void record_open(struct ui *ui, const struct hash32 *rev_id, const struct record_head *head);
bool send_open(struct ui *ui, bool receive); /* false: this program can't */
/* The screen of a transfer; what it returns answers for the person until it is closed. `stops` says what Esc
 * does. */
const struct transport_user *network_open(struct ui *ui, const char *title, const char *stops);
#define NETWORK_STOPS _("Esc stops. Nothing is lost by it: the next time goes on from there.")
void network_close(struct ui *ui);
void ui_practise(struct ui *ui); /* to the practice store, and back */
void ask_open(struct ui *ui, const char *question, struct str detail, void (*yes)(struct ui *ui));
/* The interview in ui->session, at its cursor. */
void interview_open(struct ui *ui);
void interview_go(struct ui *ui, const struct place *p); /* of the interview screen below */
bool interview_at(struct ui *ui, struct place *ret);     /* where it is; false: none open */
void interview_reload(struct ui *ui,
                      const struct changes *changes); /* something changed from outside */
void interview_keep(struct ui *ui);                   /* what is half-typed goes into the journal */
void interview_leave(struct ui *ui);                  /* closes it and its session: home again */
void outcome_open(struct ui *ui);
/* What came of an interview, in the words of its form or the program. */
void outcome_text(struct interview *iv, int code, struct buf *out);
void command_open(struct ui *ui);
void contents_open(struct ui *ui, bool search);
void note_open(struct ui *ui, const struct place *p);
void help_open(struct ui *ui);

#endif
