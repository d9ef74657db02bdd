#include "app/flow/session.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "app/flow/record.h"
#include "app/flow/session_i.h"
#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

/* clang-format off */
static const char form[] =
    "| survey |\n"
    "| | type | name | label::Indonesia (id) | label::English (en) | relevant | required | constraint | calculation | default | repeat_count | bind::cacah:pii | bind::cacah:missing | bind::cacah:warn | bind::cacah:warn-id |\n"
    "| | start | start | | | | | | | | | | | | |\n"
    "| | end | end | | | | | | | | | | | | |\n"
    "| | audit | audit | | | | | | | | | | | | |\n"
    "| | calculate | code | | | | | | property('cacah:code') | | | | | | |\n"
    "| | calculate | dice | | | | | | once(random()) | | | | | | |\n"
    "| | hidden | id | | | | | | | | | | | | |\n"
    "| | text | name | Nama | Name | | | | | | | 1 | | | |\n"
    "| | text | village | Desa | Village | | | | | ${last-saved#village} | | | | | |\n"
    "| | integer | age | Umur | Age | | yes | . >= 0 and . < 120 | | | | | dk=-98 refused=-99 | . > 90 | Setua itu? |\n"
    "| | calculate | greeting | | | | | | concat('Yth. ', ${name}) | | | | | | |\n"
    "| | select_one yn | works | Bekerja? | Works? | ${age} >= 15 | | | | | | | | | |\n"
    "| | begin repeat | hh | Anggota | Member | | | | | | | | | | |\n"
    "| | text | who | Siapa | Who | | | | | | | | | | |\n"
    "| | decimal | income | Pendapatan | Income | | | | | | | | | | |\n"
    "| | calculate | seen | | | | | | now() | | | | | | |\n"
    "| | end repeat | | | | | | | | | | | | | |\n"
    "| | calculate | total | | | | | | sum(${income}) | | | | | | |\n"
    "| choices |\n"
    "| | list_name | name | label::Indonesia (id) | label::English (en) |\n"
    "| | yn | 1 | Ya | Yes |\n"
    "| | yn | 2 | Tidak | No |\n"
    "| settings |\n"
    "| | form_title | form_id | version | instance_name | namespaces | default_language |\n"
    "| | Kecil | small | 1 | concat(${village}, ' ', ${age}) | cacah=\"urn:cacah:1\" | Indonesia (id) |\n";
/* clang-format on */

static struct interview_case c;
static struct err e;
static struct changes changes;

static void setup(void)
{
    err_clear(&e);
    interview_case_setup(&c, form);
}

static void teardown(void)
{
    interview_case_teardown(&c);
}

/* ---- what is compared ---- */

static void draft_xml(struct session *s, struct buf *out)
{
    buf_init(out, LIMIT_RECORD_BYTES);
    ck_assert(interview_xml(session_interview(s), RECORD_DRAFT, STR("uuid:x"), STR(""), out));
}

static void assert_same(struct session *live, struct session *other)
{
    struct buf a, b;
    struct place p, q;
    draft_xml(live, &a);
    draft_xml(other, &b);
    ck_assert_str_eq(a.p, b.p);
    ck_assert_int_eq(interview_language(live->iv), interview_language(other->iv));
    ck_assert_int_eq(interview_outcome(live->iv), interview_outcome(other->iv));
    ck_assert_uint_eq(session_notes(live), session_notes(other));
    for (size_t i = 0; i < live->n_notes; i++)
        ck_assert(str_eq(note_get(other, live->notes[i].path), live->notes[i].text));
    ck_assert_str_eq(buf_str(&live->audit.rows).p, buf_str(&other->audit.rows).p);
    ck_assert(str_eq(buf_str(&live->audit.values), buf_str(&other->audit.values)));
    ck_assert_uint_eq(live->answered, other->answered);
    ck_assert_uint_eq(live->events, other->events);
    ck_assert_uint_eq(live->world.visits, other->world.visits);
    ck_assert_int_eq(live->active_ms, other->active_ms);
    buf_clear(&a);
    buf_clear(&b);
    bool has = session_cursor(live, &p, &a);
    ck_assert_int_eq(has, session_cursor(other, &q, &b));
    ck_assert(!has || (place_eq(&p, &q) && str_eq(buf_str(&a), buf_str(&b))));
    buf_done(&a);
    buf_done(&b);
}

/* Another session out of the same journal is the same; it writes nothing. */
static void assert_replays(struct session *live)
{
    struct session *other = NULL;
    case_ok(session_flush(live, true, &e), &e);
    case_ok(session_resume(&other, c.sv, session_uuid(live), &e), &e);
    other->held = live->held;
    assert_same(live, other);
    session_free(other);
}

/* ---- replay ---- */

static void step(struct session *s, int n)
{
    struct place p, in;
    err_clear(&e);
    switch (n) {
    case 0: set(s, "name", "Siti Aminah"); break;
    case 1: set(s, "age", "17"); break;
    case 2: set(s, "works", "1"); break;
    case 3: set(s, "hh[1]/who", "Budi"); break;
    case 4:
        p = at(s, "/data/hh");
        case_ok(session_add(s, &p, &in, &changes, &e), &e);
        break;
    case 5: set(s, "hh[2]/income", "12.50"); break;
    case 6: set(s, "age", "007"); break; /* works goes */
    case 7: case_ok(session_undo(s, &changes, &e), &e); break;
    case 8: case_ok(session_redo(s, &changes, &e), &e); break;
    case 9: set(s, "age", "130"); break; /* held, not valid */
    case 10: set(s, "age", "95"); break; /* warns */
    case 11:
        p = at(s, "age");
        case_ok(session_confirm(s, &p, &changes, &e), &e);
        break;
    case 12:
        p = at(s, "age");
        case_ok(session_note(s, &p, STR("kata anaknya, \"95\""), &e), &e);
        break;
    case 13: case_ok(session_set_language(s, 1, &changes, &e), &e); break;
    case 14:
        p = at(s, "name");
        session_move(s, &p, STR("Siti Am"));
        break;
    case 15:
        p = at(s, "age");
        case_ok(session_set_missing(s, &p, MISSING_DK, &changes, &e), &e);
        break;
    case 16:
        p = at(s, "hh[1]");
        case_ok(session_remove(s, &p, &changes, &e), &e);
        break;
    case 17: case_ok(session_undo(s, &changes, &e), &e); break;
    case 18: case_ok(session_visit(s, 7, 1767232800000, STR("datang lagi sore"), &e), &e); break;
    case 19: case_ok(session_outcome(s, 2, &changes, &e), &e); break;
    case 20:
        p = at(s, "name");
        case_ok(session_clear(s, &p, &changes, &e), &e);
        break;
    case 21:
        p = at(s, "village");
        session_move(s, &p, STR(""));
        set(s, "village", "Jangkung");
        break;
    default: ck_abort();
    }
}
#define STEPS 22

START_TEST(test_session__replay_equals_live_after_every_step)
{
    struct session *s = interview_case_begin(&c);
    assert_replays(s);
    for (int i = 0; i < STEPS; i++) {
        step(s, i);
        assert_replays(s);
    }
    session_close(s);
}
END_TEST

START_TEST(test_session__random_steps_replay_too)
{
    struct session *s = interview_case_begin(&c);
    static const char *const paths[] = {"name",      "village",      "age",      "works",
                                        "hh[1]/who", "hh[2]/income", "hh[3]/who"};
    static const char *const values[] = {"1", "2", "17", "95", "x", "", "-98", "3.5"};
    struct place p, in;
    srandom(1000u + (unsigned)_i);
    for (int i = 0; i < 120; i++) {
        long dice = random() % 12;
        p = at(s, paths[random() % 7]);
        err_clear(&e);
        bool ok = true;
        if (dice < 5)
            ok = session_set(s, &p, str_of(values[random() % 8]), &changes, &e);
        else if (dice < 7)
            ok = session_undo(s, &changes, &e);
        else if (dice < 8)
            ok = session_redo(s, &changes, &e);
        else if (dice < 9)
            p = at(s, "/data/hh"), ok = session_add(s, &p, &in, &changes, &e);
        else if (dice < 10)
            p = at(s, "hh[2]"), ok = session_remove(s, &p, &changes, &e);
        else if (dice < 11)
            session_move(s, &p, str_of(values[random() % 8]));
        else
            ok = session_set_language(s, (uint32_t)(random() % 2), &changes, &e);
        ck_assert(ok || e.kind->cls == ERR_FAULT || e.kind->cls == ERR_USAGE);
        err_clear(&e);
    }
    assert_replays(s);
    session_close(s);
}
END_TEST

START_TEST(test_session__a_kill_loses_nothing_that_was_taken)
{
    struct session *s = interview_case_begin(&c);
    struct id16 uuid = *session_uuid(s);
    struct place p, q = at(s, "age");
    struct buf before, typed;
    set(s, "name", "Siti");
    p = at(s, "works");
    set(s, "age", "20");
    session_move(s, &q, STR("2"));
    case_ok(session_flush(s, true, &e), &e);
    session_move(s, &p, STR("not flushed"));
    draft_xml(s, &before);
    session_free(s); /* the process is gone */
    interview_case_reopen(&c);
    case_ok(session_resume(&s, c.sv, &uuid, &e), &e);
    struct buf after;
    draft_xml(s, &after);
    ck_assert_str_eq(before.p, after.p);
    buf_init(&typed, 100);
    ck_assert(session_cursor(s, &p, &typed));
    ck_assert(place_eq(&p, &q));
    ck_assert_str_eq(typed.p, "2");
    buf_done(&typed);
    buf_done(&before);
    buf_done(&after);
    session_close(s);
}
END_TEST

/* ---- a disk that refuses ---- */

/* Check itself writes to a file: no assertion while the limit stands. */
static void limit_files(rlim_t max)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_FSIZE, &l) != 0)
        abort();
    l.rlim_cur = max;
    if (setrlimit(RLIMIT_FSIZE, &l) != 0)
        abort();
}

START_TEST(test_session__what_the_disk_refuses_is_put_back)
{
    struct session *s = interview_case_begin(&c);
    struct buf before, after;
    struct place p, in;
    int failed = 0;
    signal(SIGXFSZ, SIG_IGN);
    set(s, "name", "Siti");
    set(s, "age", "20");
    set(s, "hh[1]/who", "Budi");
    case_ok(session_undo(s, &changes, &e), &e);
    draft_xml(s, &before);
    for (int kind = 0; kind < 11; kind++) {
        bool ok = true;
        err_clear(&e);
        p = at(s, kind == 3 ? "/data/hh" : kind == 4 ? "hh[1]" : "age");
        limit_files(4096);
        switch (kind) {
        case 0: ok = session_set(s, &p, STR("99"), &changes, &e); break;
        case 1: ok = session_clear(s, &p, &changes, &e); break;
        case 2: ok = session_set(s, &p, STR("20"), &changes, &e); break;
        case 3: ok = session_add(s, &p, &in, &changes, &e); break;
        case 4: ok = session_remove(s, &p, &changes, &e); break;
        case 5: ok = session_undo(s, &changes, &e); break;
        case 6: ok = session_set_missing(s, &p, MISSING_DK, &changes, &e); break;
        case 7: ok = session_set_language(s, 1, &changes, &e); break;
        case 8: ok = session_note(s, &p, STR("x"), &e); break;
        case 9: ok = session_outcome(s, 4, &changes, &e); break;
        case 10: ok = session_visit(s, 4, 0, STR(""), &e); break;
        default: break;
        }
        limit_files(RLIM_INFINITY);
        ck_assert_msg(!ok, "kind %d was written", kind);
        ck_assert_int_eq(e.kind->cls, ERR_COULD);
        failed++;
        draft_xml(s, &after);
        ck_assert_str_eq(before.p, after.p);
        buf_done(&after);
        ck_assert_uint_eq(session_notes(s), 0);
        ck_assert_int_eq(interview_outcome(s->iv), 0);
        ck_assert_int_eq(interview_language(s->iv), s->form->default_language);
    }
    ck_assert_int_eq(failed, 11);
    /* Nothing of what failed can be done again. */
    err_clear(&e);
    ck_assert(!session_redo(s, &changes, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NOTHING_TO_REDO);
    err_clear(&e);
    assert_replays(s);
    set(s, "age", "21");
    assert_replays(s);
    buf_done(&before);
    session_close(s);
}
END_TEST

/* ---- personal data ---- */

struct seen {
    unsigned pii, plain;
    bool wrong;
};

static bool see(void *ctx, uint64_t n, bool pii, struct str bytes, struct err *err)
{
    struct seen *seen = ctx;
    struct event ev;
    (void)err;
    if (!event_decode(bytes, n, &ev, &e))
        return false;
    bool personal = memmem(bytes.p, bytes.n, "Siti", 4) != NULL;
    seen->pii += pii;
    seen->plain += !pii;
    seen->wrong |= personal != pii;
    return true;
}

START_TEST(test_session__personal_events_are_sealed_under_their_own_key)
{
    struct prefill pre[] = {{STR("name"), STR("Siti")}, {STR("id"), STR("GOV-017")}};
    struct session *s = NULL;
    struct seen seen = {0};
    case_ok(session_begin(&s, c.sv, &c.form, pre, 2, &e), &e);
    struct place p = at(s, "name");
    set(s, "name", "Siti Aminah");
    session_move(s, &p, STR("Siti Am"));
    set(s, "age", "20");
    p = at(s, "age");
    case_ok(session_note(s, &p, STR("ibunya Siti"), &e), &e);
    case_ok(session_visit(s, 7, 0, STR("Siti tidak ada"), &e), &e);
    case_ok(session_visit(s, 7, 0, STR(""), &e), &e);
    case_ok(store_draft_events(survey_store(c.sv), session_uuid(s), see, &seen, &e), &e);
    ck_assert(!seen.wrong);
    ck_assert_uint_eq(seen.pii, 5);
    ck_assert_uint_ge(seen.plain, 4);
    session_close(s);
}
END_TEST

START_TEST(test_session__no_answer_stands_on_the_disk_in_the_clear)
{
    struct session *s = interview_case_begin(&c);
    struct place p = at(s, "age");
    struct hash32 rev;
    set(s, "name", "Rumbia Katinting");
    set(s, "village", "Pulau Ku'u Sebelah");
    set(s, "age", "57");
    case_ok(session_note(s, &p, STR("catatan rahasia"), &e), &e);
    session_move(s, &p, STR("setengah jalan"));
    case_ok(session_flush(s, true, &e), &e);
    for (int finished = 0; finished < 2; finished++) {
        ck_assert(!interview_case_on_disk(&c, "Rumbia"));
        ck_assert(!interview_case_on_disk(&c, "Ku'u"));
        ck_assert(!interview_case_on_disk(&c, "rahasia"));
        ck_assert(!interview_case_on_disk(&c, "setengah"));
        if (!finished)
            case_ok(session_finalise(s, &p, &rev, &e), &e);
    }
    session_close(s);
}
END_TEST

/* ---- finishing ---- */

static void load(const struct hash32 *rev, bool pii, struct record *ret)
{
    struct revision r;
    bool there;
    record_init(ret);
    case_ok(store_revision_get(survey_store(c.sv), rev, &r, &there, &e), &e);
    ck_assert(there);
    case_ok(record_load(survey_store(c.sv), &r, pii, ret, &e), &e);
}

static bool has(const struct buf *b, const char *text)
{
    return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

START_TEST(test_session__finishing_makes_a_record_of_two_parts)
{
    struct session *s = interview_case_begin(&c);
    struct place p;
    struct hash32 rev;
    struct record r;
    struct buf id;
    struct store_counts counts;
    set(s, "name", "Siti <A>");
    set(s, "village", "Jangkung");
    ck_assert(!session_finalise(s, &p, &rev, &e));
    ck_assert_ptr_eq(e.kind, &ERR_INCOMPLETE);
    struct place age = at(s, "age");
    ck_assert(place_eq(&p, &age));
    err_clear(&e);
    assert_replays(s); /* the attempt is in the journal */
    set(s, "age", "20");
    case_ok(session_note(s, &p, STR("catatan"), &e), &e);
    case_ok(session_finalise(s, &p, &rev, &e), &e);
    ck_assert(!session_set(s, &p, STR("21"), &changes, &e));
    ck_assert_ptr_eq(e.kind, &ERR_SESSION_ENDED);
    err_clear(&e);

    buf_init(&id, 100);
    record_instance_id(session_uuid(s), NULL, 0, NULL, &id);
    load(&rev, false, &r);
    ck_assert(has(&r.xml, id.p));
    ck_assert(has(&r.xml, "<name/>") && has(&r.xml, "<greeting/>") && !has(&r.xml, "Siti"));
    ck_assert(has(&r.xml, "<audit>audit.csv</audit>"));
    ck_assert(has(&r.xml, "<age>20</age>") &&
              has(&r.xml, "<instanceName>Jangkung 20</instanceName>"));
    ck_assert(!has(&r.audit, "Siti") && !has(&r.audit, "catatan"));
    ck_assert(has(&r.audit, "form finalize") && has(&r.audit, "save error"));
    record_wipe(&r);
    load(&rev, true, &r);
    ck_assert(has(&r.xml, "<name>Siti &lt;A&gt;</name>"));
    ck_assert(has(&r.xml, "<greeting>Yth. Siti &lt;A&gt;</greeting>"));
    ck_assert(has(&r.audit, "Siti <A>") && has(&r.audit, "catatan"));
    record_wipe(&r);
    case_ok(store_counts(survey_store(c.sv), &counts, &e), &e);
    ck_assert_uint_eq(counts.drafts, 0);
    ck_assert_uint_eq(counts.revisions, 1);
    buf_done(&id);
    session_close(s);
}
END_TEST

static bool summary_seen(void *ctx, const struct revision *r, enum revision_state state,
                         struct str bytes)
{
    struct summary *sum = ctx;
    (void)r, (void)state;
    case_ok(summary_unpack(bytes, sum, &e), &e);
    ck_assert(str_is(sum->form_id, "small") && str_is(sum->name, "Jangkung 20"));
    return true;
}

START_TEST(test_session__the_next_interview_gets_last_saved_values_but_no_personal_ones)
{
    struct session *s = interview_case_begin(&c);
    struct place p;
    struct hash32 rev;
    struct summary sum = {0};
    ck_assert(str_is(value(s, "village"), ""));
    set(s, "name", "Siti");
    set(s, "village", "Jangkung");
    set(s, "age", "20");
    case_ok(session_outcome(s, 1, &changes, &e), &e);
    case_ok(session_finalise(s, &p, &rev, &e), &e);
    session_close(s);
    case_ok(store_revision_each(survey_store(c.sv), summary_seen, &sum, &e), &e);
    ck_assert_uint_eq(sum.outcome, 1);
    ck_assert_uint_eq(sum.answered, 3);

    s = interview_case_begin(&c);
    ck_assert(str_is(value(s, "village"), "Jangkung"));
    ck_assert(str_is(value(s, "name"), ""));
    assert_replays(s);
    session_close(s);
}
END_TEST

START_TEST(test_session__a_correction_begins_from_the_record_and_replaces_it)
{
    struct session *s = interview_case_begin(&c);
    struct place p;
    struct hash32 first, second;
    struct revision r;
    struct record rec;
    struct buf id;
    bool there;
    struct id16 uuid = *session_uuid(s);
    set(s, "name", "Siti");
    set(s, "age", "20");
    set(s, "hh[1]/who", "Budi");
    case_ok(session_finalise(s, &p, &first, &e), &e);
    session_close(s);

    case_ok(session_correct(&s, c.sv, &first, &e), &e);
    ck_assert(id16_eq(session_uuid(s), &uuid));
    ck_assert(str_is(value(s, "name"), "Siti"));
    ck_assert(str_is(value(s, "hh[1]/who"), "Budi"));
    assert_replays(s);
    set(s, "age", "21");
    assert_replays(s);
    session_close(s);
    interview_case_reopen(&c);
    case_ok(session_resume(&s, c.sv, &uuid, &e), &e);
    case_ok(session_finalise(s, &p, &second, &e), &e);
    session_close(s);

    case_ok(store_revision_get(survey_store(c.sv), &second, &r, &there, &e), &e);
    ck_assert(there && r.n_parents == 1 && hash32_eq(&r.parents[0], &first));
    load(&second, true, &rec);
    buf_init(&id, 200);
    buf_add_z(&id, "<deprecatedID>");
    record_instance_id(&uuid, NULL, 0, NULL, &id);
    ck_assert(has(&rec.xml, id.p));
    ck_assert(has(&rec.xml, "<age>21</age>") && has(&rec.xml, "<name>Siti</name>"));
    buf_done(&id);
    record_wipe(&rec);
}
END_TEST

START_TEST(test_session__a_void_interview_is_gone_with_its_reason)
{
    struct session *s = interview_case_begin(&c);
    struct store_counts counts;
    set(s, "name", "Siti");
    case_ok(session_void(s, STR("salah responden"), &e), &e);
    ck_assert(!session_undo(s, &changes, &e));
    ck_assert_ptr_eq(e.kind, &ERR_SESSION_ENDED);
    err_clear(&e);
    session_close(s);
    case_ok(store_counts(survey_store(c.sv), &counts, &e), &e);
    ck_assert_uint_eq(counts.drafts, 0);
    ck_assert_uint_eq(counts.revisions, 0);
}
END_TEST

START_TEST(test_session__a_postponed_interview_stays_a_draft)
{
    struct session *s = interview_case_begin(&c);
    struct place p;
    struct hash32 rev;
    set(s, "age", "20");
    case_ok(session_outcome(s, 7, &changes, &e), &e);
    ck_assert(!session_finalise(s, &p, &rev, &e));
    ck_assert_ptr_eq(e.kind, &ERR_POSTPONED);
    err_clear(&e);
    assert_replays(s);
    session_close(s);
}
END_TEST

/* ---- the audit trail ---- */

static struct str column(struct str row, int n)
{
    struct str part = STR("");
    for (int i = 0; i <= n; i++)
        if (!str_split(&row, ',', &part))
            return STR("");
    return part;
}

START_TEST(test_session__the_audit_trail_tells_the_events)
{
    static const char *const want[][4] = {
        {"form start", "", "", ""},
        {"cacah.user", "", "", "Rina"},
        {"question", "/data/village", "", "Jangkung"},
        {"question", "/data/age", "", "17"},
        {"question", "/data/age", "17", "18"},
        {"cacah.undo", "/data/age", "18", "17"},
        {"cacah.missing", "/data/age", "", "dk"},
        {"question", "/data/age", "17", "-98"},
        {"question", "/data/name", "", ""}, /* personal: its values are apart */
        {"add repeat", "/data/hh[2]", "", ""},
        {"delete repeat", "/data/hh[1]", "", ""},
        {"cacah.language", "", "Indonesia (id)", "English (en)"},
        {"cacah.outcome", "", "", "2"},
        {"cacah.visit", "", "", "7 1767232800000"},
        {"cacah.remark", "", "", ""},
        {"form exit", "", "", ""},
    };
    struct session *s = interview_case_begin(&c);
    struct id16 uuid = *session_uuid(s);
    struct place p = at(s, "village"), in;
    session_move(s, &p, STR(""));
    set(s, "village", "Jangkung");
    p = at(s, "age");
    session_move(s, &p, STR(""));
    set(s, "age", "17");
    set(s, "age", "18");
    case_ok(session_undo(s, &changes, &e), &e);
    case_ok(session_set_missing(s, &p, MISSING_DK, &changes, &e), &e);
    p = at(s, "name");
    session_move(s, &p, STR(""));
    set(s, "name", "Siti");
    p = at(s, "/data/hh");
    case_ok(session_add(s, &p, &in, &changes, &e), &e);
    p = at(s, "hh[1]");
    case_ok(session_remove(s, &p, &changes, &e), &e);
    case_ok(session_set_language(s, 1, &changes, &e), &e);
    case_ok(session_outcome(s, 2, &changes, &e), &e);
    case_ok(session_visit(s, 7, 1767232800000, STR("sore"), &e), &e);
    session_close(s);
    case_ok(session_resume(&s, c.sv, &uuid, &e), &e);

    struct str rest = buf_str(&s->audit.rows), row;
    ck_assert(str_split(&rest, '\n', &row));
    ck_assert(str_is(row, "event,node,start,end,old-value,new-value"));
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        ck_assert(str_split(&rest, '\n', &row));
        ck_assert_msg(str_is(column(row, 0), want[i][0]) && str_is(column(row, 1), want[i][1]) &&
                          str_is(column(row, 4), want[i][2]) && str_is(column(row, 5), want[i][3]),
                      "row %zu is %.*s", i + 1, STR_FMT(row));
    }
    ck_assert_str_eq(s->audit.values.p, "9\t\tSiti\n15\t\tsore\n");
    session_free(s);
}
END_TEST

START_TEST(test_session__prefilled_values_reach_hidden_nodes_and_unknown_names_are_passed_over)
{
    struct prefill pre[] = {{STR("id"), STR("GOV-017")},
                            {STR("village"), STR("Jangkung")},
                            {STR("no_such_node"), STR("x")},
                            {STR("age"), STR("many")}};
    struct session *s = NULL;
    struct buf code;
    case_ok(session_begin(&s, c.sv, &c.form, pre, 4, &e), &e);
    ck_assert(str_is(value(s, "id"), "GOV-017"));
    ck_assert(str_is(value(s, "village"), "Jangkung"));
    ck_assert(str_is(value(s, "age"), ""));
    buf_init(&code, 32);
    session_code(s, &code);
    ck_assert(str_eq(value(s, "code"), buf_str(&code)));
    ck_assert(!session_undo(s, &changes, &e)); /* it was nobody's change */
    err_clear(&e);
    assert_replays(s);
    buf_done(&code);
    session_close(s);
}
END_TEST

START_TEST(test_session__forms_are_found_by_id_title_and_file)
{
    struct hash32 hash;
    const struct survey_form *list;
    size_t n;
    case_ok(survey_forms(c.sv, &list, &n, &e), &e);
    ck_assert_uint_eq(n, 1);
    ck_assert(str_is(list[0].title, "Kecil"));
    static const char *const names[] = {"small", "kecil", "small.md"};
    for (size_t i = 0; i < 3; i++) {
        case_ok(survey_form_named(c.sv, str_of(names[i]), &hash, &e), &e);
        ck_assert(hash32_eq(&hash, &c.form));
    }
    ck_assert(!survey_form_named(c.sv, STR("big"), &hash, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NO_FORM);
    ck_assert_str_eq(e.arg[1], "small");
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("session");
    TCase *t = tcase_create("session");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_session__replay_equals_live_after_every_step);
    tcase_add_loop_test(t, test_session__random_steps_replay_too, 0, 8);
    tcase_add_test(t, test_session__a_kill_loses_nothing_that_was_taken);
    tcase_add_test(t, test_session__what_the_disk_refuses_is_put_back);
    tcase_add_test(t, test_session__personal_events_are_sealed_under_their_own_key);
    tcase_add_test(t, test_session__no_answer_stands_on_the_disk_in_the_clear);
    tcase_add_test(t, test_session__finishing_makes_a_record_of_two_parts);
    tcase_add_test(t, test_session__the_next_interview_gets_last_saved_values_but_no_personal_ones);
    tcase_add_test(t, test_session__a_correction_begins_from_the_record_and_replaces_it);
    tcase_add_test(t, test_session__a_void_interview_is_gone_with_its_reason);
    tcase_add_test(t, test_session__a_postponed_interview_stays_a_draft);
    tcase_add_test(t, test_session__the_audit_trail_tells_the_events);
    tcase_add_test(
        t, test_session__prefilled_values_reach_hidden_nodes_and_unknown_names_are_passed_over);
    tcase_add_test(t, test_session__forms_are_found_by_id_title_and_file);
    suite_add_tcase(s, t);
    return s;
}
