/* cacah office status: laptops, records by form, conflicts, quotas. */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd/keep.h"
#include "app/cmd/say.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"
#include "sync/merge/derive.h"

#define OUTCOMES 10

struct form_counts {
    struct str form_id;
    uint64_t records, outcome[OUTCOMES];
};

struct tally {
    struct survey *survey;
    struct derive *derive;
    struct arena arena;
    struct form_counts *forms;
    size_t n_forms, cap;
    uint64_t conflicts, records;
    json_t *laptops, *conflicting; /* NULL: text */
    struct err *e;
};

static struct form_counts *counts_of(struct tally *t, struct str form_id)
{
    for (size_t i = 0; i < t->n_forms; i++)
        if (str_eq(t->forms[i].form_id, form_id))
            return &t->forms[i];
    t->forms = mem_grow(t->forms, t->n_forms, &t->cap, sizeof *t->forms);
    t->forms[t->n_forms] = (struct form_counts){.form_id = arena_str(&t->arena, form_id)};
    return &t->forms[t->n_forms++];
}

/* Every interview counts once, by its current revision; in a conflict each version is listed. */
static bool count_head(void *ctx, const struct revision *r, enum revision_state state,
                       enum standing standing, struct str summary)
{
    struct tally *t = ctx;
    (void)state;
    if (standing != STANDING_CURRENT && standing != STANDING_CONFLICT)
        return true;
    struct summary s = {0};
    struct err ignored = {0};
    if (summary.n == 0 || !summary_unpack(summary, &s, &ignored))
        s.form_id = STR("?");
    struct form_counts *f = counts_of(t, s.form_id);
    f->records++;
    f->outcome[r->outcome < OUTCOMES ? r->outcome : 0]++;
    t->records++;
    if (standing == STANDING_CONFLICT) {
        t->conflicts++;
        if (!t->laptops || t->conflicting)
            say_interview(
                t->conflicting, &r->uuid, summary,
                N_("conflict: two versions of one interview; decide with: office resolve"), 0);
    }
    return true;
}

static const char *const enrolment_names[] = {
    [ENROL_NONE] = N_("unknown"),
    [ENROLLED] = N_("enrolled"),
    [ENROL_CONTESTED] = N_("contested: two laptops joined with one kit"),
    [ENROL_REJECTED] = N_("rejected"),
};

static bool list_device(void *ctx, const struct device *d)
{
    struct tally *t = ctx;
    enum enrolment enrolment;
    char hex[17] = "";
    struct buf b;
    if (hash32_eq(&d->device, &store_identity(survey_store(t->survey))->device))
        return true;
    if (!derive_enrolment(t->derive, &d->device, &enrolment, t->e))
        return false;
    buf_init(&b, 4096);
    hex_add(&b, d->device.b, 4);
    snprintf(hex, sizeof hex, "%s", b.p);
    buf_clear(&b);
    if (t->laptops) {
        json_array_append_new(t->laptops, json_pack("{s:s, s:s%, s:s}", "device", hex, "label",
                                                    d->label.p ? d->label.p : "", d->label.n,
                                                    "enrolment", enrolment_names[enrolment]));
    } else {
        buf_printf(&b, "  %s  %-20.*s %s\n", hex, STR_FMT(d->label), _(enrolment_names[enrolment]));
        cmd_put(false, buf_str(&b));
    }
    buf_done(&b);
    return true;
}

static void say_forms(const struct tally *t)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_printf(&b, _("records: %llu, in conflict: %llu\n"), (unsigned long long)t->records,
               (unsigned long long)t->conflicts);
    for (size_t i = 0; i < t->n_forms; i++) {
        const struct form_counts *f = &t->forms[i];
        buf_printf(&b, "  %-16.*s %llu", STR_FMT(f->form_id), (unsigned long long)f->records);
        for (int o = 1; o < OUTCOMES; o++)
            if (f->outcome[o])
                buf_printf(&b, _("   outcome %d: %llu"), o, (unsigned long long)f->outcome[o]);
        buf_add_c(&b, '\n');
    }
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static void json_status(const struct tally *t)
{
    json_t *forms = json_array();
    for (size_t i = 0; i < t->n_forms; i++) {
        json_t *outcomes = json_object();
        for (int o = 0; o < OUTCOMES; o++) {
            char key[8];
            snprintf(key, sizeof key, "%d", o);
            if (t->forms[i].outcome[o])
                json_object_set_new(outcomes, key,
                                    json_integer((json_int_t)t->forms[i].outcome[o]));
        }
        json_array_append_new(forms,
                              json_pack("{s:s%, s:I, s:o}", "form", t->forms[i].form_id.p,
                                        t->forms[i].form_id.n, "records",
                                        (json_int_t)t->forms[i].records, "outcomes", outcomes));
    }
    json_t *j = json_pack("{s:I, s:I, s:o, s:O, s:O}", "records", (json_int_t)t->records,
                          "conflicts", (json_int_t)t->conflicts, "forms", forms, "laptops",
                          t->laptops, "conflict_list", t->conflicting);
    json_dumpf(j, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(j);
}

static bool say_head(struct tally *t, struct err *e)
{
    struct buf words, b;
    struct hash32 hash;
    buf_init(&words, 1024);
    buf_init(&b, 8192);
    bool ok = kit_survey_words(survey_store(t->survey), WORDS_ID, &words, e) &&
              derive_content_hash(survey_store(t->survey), &hash, e);
    if (ok) {
        buf_printf(&b, _("survey:  %.*s\nwords:   %s\ncontent: "), STR_FMT(survey_title(t->survey)),
                   words.p);
        hex_add(&b, hash.b, 8);
        buf_add_z(&b, _("\nlaptops:\n"));
        cmd_put(false, buf_str(&b));
    }
    buf_done(&words);
    buf_done(&b);
    return ok;
}

int cmd_office_status(const struct call *c)
{
    struct err e = {0};
    struct tally t = {.e = &e};
    bool json = c->given[OPT_json];
    arena_init(&t.arena);
    if (json) {
        t.laptops = json_array();
        t.conflicting = json_array();
    }
    bool ok = keep_survey_kind(c, KEEP_OFFICE, &t.survey, &e) &&
              derive_open(&t.derive, survey_store(t.survey), &e) && (json || say_head(&t, &e)) &&
              store_device_each(survey_store(t.survey), list_device, &t, &e) && !e.kind &&
              derive_each(t.derive, count_head, &t, &e);
    if (ok) {
        if (json)
            json_status(&t);
        else
            say_forms(&t);
    }
    json_decref(t.laptops);
    json_decref(t.conflicting);
    derive_free(t.derive);
    mem_free(t.forms);
    arena_done(&t.arena);
    survey_close(t.survey);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
