/* The pii values of a record back into its XML. Both are in document order, so one walk does it:
 * the XML is copied as it stands, and where an empty element's path is the next value's, the value
 * goes in. */
#include "app/flow/record.h"

#include <expat.h>
#include <stdlib.h>

#include "forms/base/limits.h"
#include "forms/base/num.h"

struct level {
    struct str name; /* local name, in the names arena */
    uint32_t nth;    /* among its siblings of that name */
    struct str
        last; /* its newest child and which of its name that was: instances of a repeat are */
    uint32_t last_nth; /* neighbours */
};

struct merge {
    XML_Parser parser;
    struct str xml, rest, name; /* rest: values not yet placed; name: the line after them */
    struct str path, value;     /* the next one */
    bool more, bad;
    struct buf plain, *out;
    size_t copied; /* bytes of xml already in out */
    struct arena names;
    struct level levels[LIMIT_XML_DEPTH];
    uint32_t depth;
    bool wanted; /* the element just begun is the next value's */
};

static bool next_value(struct merge *m)
{
    struct str line;
    m->more = m->rest.p && m->rest.n > 0;
    if (!m->more) {
        m->rest = m->name;
        m->name = (struct str){NULL, 0};
        m->more = m->rest.n > 0;
    }
    if (!m->more)
        return true;
    if (!str_split(&m->rest, '\n', &line) || !str_split(&line, '\t', &m->path) || !line.p)
        return false;
    m->value = line;
    return m->path.n > 0 && m->path.p[0] == '/';
}

static void stop(struct merge *m)
{
    m->bad = true;
    XML_StopParser(m->parser, XML_FALSE);
}

/* "hh[2]" against a level: without an index the first one is meant. */
static bool step_is(struct str step, const struct level *l)
{
    size_t bracket = str_find(step, '[', 0);
    uint64_t nth = 1;
    if (bracket < step.n) {
        struct str digits = str_sub(step, bracket + 1, step.n - bracket - 2);
        if (step.p[step.n - 1] != ']' || !num_parse_uint(digits, &nth))
            return false;
    }
    return str_eq(str_sub(step, 0, bracket), l->name) && nth == l->nth;
}

static bool path_is_here(const struct merge *m)
{
    struct str rest = str_from(m->path, 1), step;
    uint32_t i = 0;
    while (str_split(&rest, '/', &step))
        if (i == m->depth || !step_is(step, &m->levels[i++]))
            return false;
    return i == m->depth;
}

static uint32_t count_child(struct level *parent, struct str name)
{
    parent->last_nth = str_eq(parent->last, name) ? parent->last_nth + 1 : 1;
    parent->last = name;
    return parent->last_nth;
}

static struct str local_name(struct arena *a, const XML_Char *qname)
{
    const char *colon = strrchr(qname, ':');
    return arena_str(a, str_of(colon ? colon + 1 : qname));
}

static void on_start(void *ctx, const XML_Char *qname, const XML_Char **attributes)
{
    struct merge *m = ctx;
    (void)attributes;
    if (m->depth == LIMIT_XML_DEPTH) {
        stop(m);
        return;
    }
    struct str name = local_name(&m->names, qname);
    uint32_t nth = m->depth ? count_child(&m->levels[m->depth - 1], name) : 1;
    m->levels[m->depth++] = (struct level){.name = name, .nth = nth};
    m->wanted = m->more && path_is_here(m);
}

static void add_xml_text(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&': buf_add_z(out, "&amp;"); break;
        case '<': buf_add_z(out, "&lt;"); break;
        case '>': buf_add_z(out, "&gt;"); break;
        case '\r': buf_add_z(out, "&#13;"); break;
        default: buf_add_c(out, s.p[i]);
        }
    }
}

/* At the end tag of the wanted element: <q/> is opened, <q></q> filled. */
static bool put_value(struct merge *m, size_t at)
{
    size_t count = (size_t)XML_GetCurrentByteCount(m->parser);
    buf_clear(&m->plain);
    if (!record_unescape(m->value, &m->plain) || at < m->copied)
        return false;
    if (count > 0) { /* </q> stands here */
        buf_add_str(m->out, str_sub(m->xml, m->copied, at - m->copied));
        add_xml_text(buf_str(&m->plain), m->out);
        m->copied = at;
        return true;
    }
    /* <q …/>: expat places its end behind the tag. */
    if (at < 2 || m->xml.p[at - 1] != '>' || m->xml.p[at - 2] != '/')
        return false;
    size_t tag = at - 2;
    while (tag > m->copied && m->xml.p[tag] != '<')
        tag--;
    size_t name = tag + 1, name_end = name;
    while (name_end < at - 2 && !strchr(" \t\r\n", m->xml.p[name_end]))
        name_end++;
    buf_add_str(m->out, str_sub(m->xml, m->copied, at - 2 - m->copied));
    buf_add_c(m->out, '>');
    add_xml_text(buf_str(&m->plain), m->out);
    buf_add_z(m->out, "</");
    buf_add_str(m->out, str_sub(m->xml, name, name_end - name));
    buf_add_c(m->out, '>');
    m->copied = at;
    return true;
}

static void on_end(void *ctx, const XML_Char *qname)
{
    struct merge *m = ctx;
    (void)qname;
    m->depth--;
    if (!m->wanted)
        return;
    m->wanted = false;
    if (!put_value(m, (size_t)XML_GetCurrentByteIndex(m->parser)) || !next_value(m))
        stop(m);
}

/* An element that has text or children already is not one whose value was taken out. */
static void on_text(void *ctx, const XML_Char *text, int n)
{
    struct merge *m = ctx;
    (void)text;
    if (m->wanted && n > 0)
        stop(m);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public_id, int internal)
{
    (void)name, (void)system, (void)public_id, (void)internal;
    stop(ctx);
}

bool record_merge_xml(struct str xml, const struct record_part2 *p2, struct buf *out, struct err *e)
{
    struct merge m = {.xml = xml, .rest = p2->values, .name = p2->name, .out = out};
    if (xml.n > LIMIT_RECORD_BYTES)
        return err_fail2(e, ERR_LIMIT, "The record", "16 MiB");
    m.parser = XML_ParserCreate("UTF-8");
    if (!m.parser)
        abort();
    arena_init(&m.names);
    buf_init(&m.plain, LIMIT_ANSWER_BYTES);
    XML_SetUserData(m.parser, &m);
    XML_SetElementHandler(m.parser, on_start, on_end);
    XML_SetCharacterDataHandler(m.parser, on_text);
    XML_SetStartDoctypeDeclHandler(m.parser, on_doctype);
    bool ok = next_value(&m) && XML_Parse(m.parser, xml.p, (int)xml.n, 1) == XML_STATUS_OK &&
              !m.bad && !m.more;
    XML_ParserFree(m.parser);
    arena_done(&m.names);
    buf_wipe_done(&m.plain);
    buf_add_str(out, str_from(xml, m.copied));
    if (!ok || out->full)
        return err_fail1(e, ERR_RECORD_PART, "a personal value has no place in the XML");
    return true;
}
