/* An interview's parts; see record_make.h. */
#include "app/flow/record_make.h"

void record_made_init(struct record_made *m)
{
    buf_init(&m->one, LIMIT_RECORD_BYTES);
    buf_init(&m->two, LIMIT_RECORD_BYTES);
    buf_init(&m->summary, 4096);
}

void record_made_wipe(struct record_made *m)
{
    buf_wipe_done(&m->one);
    buf_wipe_done(&m->two);
    buf_wipe_done(&m->summary);
}

/* The name of the record as a line of values, when it is personal. */
static bool name_line(struct interview *iv, struct buf *out)
{
    const struct form *f = interview_form(iv);
    struct buf name;
    if (!f->instance_name_pii)
        return true;
    buf_init(&name, LIMIT_ANSWER_BYTES);
    if (interview_name(iv, &name) && name.n > 0) {
        buf_add_c(out, '/');
        buf_add_str(out, f->root_name);
        buf_add_z(out, "/meta/instanceName\t");
        record_escape(buf_str(&name), out);
        buf_add_c(out, '\n');
    }
    buf_wipe_done(&name);
    return !out->full;
}

bool record_make(struct interview *iv, const struct audit *audit, struct str id,
                 struct str deprecated, const struct record_files *files, const struct summary *sum,
                 struct record_made *ret, struct err *e)
{
    struct buf xml, values, line, list1, list2;
    struct str none = {NULL, 0};
    buf_init(&xml, LIMIT_RECORD_BYTES);
    buf_init(&values, LIMIT_RECORD_BYTES);
    buf_init(&line, LIMIT_ANSWER_BYTES);
    buf_init(&list1, LIMIT_ANSWER_BYTES);
    buf_init(&list2, LIMIT_ANSWER_BYTES);
    if (files) {
        attachment_list_encode(&files->open, &list1);
        attachment_list_encode(&files->personal, &list2);
    }
    bool ok = interview_xml(iv, RECORD_NO_PII, id, deprecated.n ? deprecated : none, &xml) &&
              interview_pii(iv, &values) && name_line(iv, &line) && !audit->rows.full &&
              !audit->values.full;
    struct record_part1 one = {buf_str(&xml), buf_str(&audit->rows), buf_str(&list1)};
    struct record_part2 two = {buf_str(&values), buf_str(&line), buf_str(&audit->values),
                               buf_str(&list2)};
    ok = ok && record_pack1(&one, &ret->one);
    ok = ok && !list1.full && !list2.full;
    if (ok && (two.values.n || two.name.n || two.audit_values.n || two.files.n))
        ok = record_pack2(&two, &ret->two);
    ok = ok && summary_pack(sum, &ret->summary);
    buf_wipe_done(&xml);
    buf_wipe_done(&values);
    buf_wipe_done(&line);
    buf_wipe_done(&list1);
    buf_wipe_done(&list2);
    return ok || err_fail2(e, ERR_LIMIT, "The record", "16 MiB");
}
