/* cacah office recover REQUEST: opens a laptop whose passphrase is forgotten, once its six words were told on
 * a call that the office has placed. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/cmd/paper.h"
#include "app/tr.h"
#include "sync/bundle/recovery.h"
#include "sync/io/io.h"

struct naming {
    const struct hash32 *device;
    struct buf *out;
};

static bool name_device(void *ctx, const struct device *d)
{
    struct naming *n = ctx;
    if (!hash32_eq(&d->device, n->device))
        return true;
    buf_add_str(n->out, d->label);
    return false;
}

static bool say_whose(struct survey *sv, const struct recovery_request *r, struct err *e)
{
    struct buf label;
    struct naming n = {&r->device, &label};
    buf_init(&label, 4096);
    bool ok = store_device_each(survey_store(sv), name_device, &n, e);
    if (ok && label.n) {
        fputs(_("The request says that it is of: "), stdout);
        cmd_put(false, buf_str(&label));
        putchar('\n');
    } else if (ok) {
        puts(_("The request is of a laptop that this office has no bundle of."));
    }
    fflush(stdout);
    buf_done(&label);
    return ok;
}

static bool hear_words(const struct call *c, struct str text, struct err *e)
{
    struct secret *said = NULL;
    bool ok = c->given[OPT_code_file]
                  ? keep_first_line(c->value[OPT_code_file], &said, e)
                  : keep_ask(_("Call the enumerator at the number you know. The six words: "),
                             false, &said, e);
    if (ok &&
        !recovery_words_fit(text, (struct str){(const char *)secret_view(said), secret_size(said)}))
        ok = err_fail(e, ERR_RECOVER_WORDS);
    secret_free(said);
    return ok;
}

static bool by_office(const struct call *c, struct str text, const struct recovery_request *r,
                      struct buf *out, struct err *e)
{
    struct survey *sv = NULL;
    bool ok = keep_survey_kind(c, KEEP_OFFICE, &sv, e) && say_whose(sv, r, e) &&
              hear_words(c, text, e) && recovery_answer(survey_store(sv), r, out, e);
    survey_close(sv);
    return ok;
}

static bool by_paper(const struct call *c, struct str text, const struct recovery_request *r,
                     struct buf *out, struct err *e)
{
    struct secret *paper = NULL;
    bool ok = hear_words(c, text, e) && paper_take(c, &paper, e) &&
              recovery_answer_paper(paper, r, out, e);
    secret_free(paper);
    return ok;
}

int cmd_office_recover(const struct call *c)
{
    struct err e = {0};
    struct recovery_request r;
    struct buf text, out;
    struct stat st;
    const char *to = c->given[OPT_output] ? c->value[OPT_output] : "laptop.answer";
    buf_init(&text, RECOVERY_FILE_MAX);
    buf_init(&out, RECOVERY_FILE_MAX);
    bool ok = c->given[OPT_force] || stat(to, &st) != 0 || err_fail1(&e, ERR_EXISTS, to);
    ok = ok && io_read_file(c->args[0], RECOVERY_FILE_MAX, &text, &e) &&
         recovery_read(buf_str(&text), &r, &e) &&
         (paper_given(c) ? by_paper : by_office)(c, buf_str(&text), &r, &out, &e) &&
         io_write_file(to, 0644, buf_str(&out), &e);
    if (ok)
        printf(_("%s: give this file to the laptop: cacah recover %s\n"), to, to);
    buf_done(&text);
    buf_done(&out);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
