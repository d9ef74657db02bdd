/* The answer to a PROPFIND: names of the files, by the last part of each href. A document type is refused,
 * so no entity can grow; depth and number of names meet limits. */
#include <expat.h>
#include <string.h>

#include "sync/transport/remote_i.h"

#define DEPTH_MAX 100
#define HREF_MAX  ((size_t)8192)

struct reading {
    XML_Parser parser;
    struct remote_names *out;
    unsigned depth;
    bool in_href, refused;
    struct buf href;
};

static void refuse(struct reading *r)
{
    r->refused = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(ctx);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **atts)
{
    struct reading *r = ctx;
    (void)atts;
    if (++r->depth > DEPTH_MAX)
        refuse(r);
    r->in_href = strcmp(name, "DAV:|href") == 0 && r->depth == 3; /* multistatus, response, href */
    if (r->in_href)
        buf_clear(&r->href);
}

static void on_text(void *ctx, const XML_Char *text, int n)
{
    struct reading *r = ctx;
    if (r->in_href && !buf_add(&r->href, text, (size_t)n))
        refuse(r);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; what is no escape stays. */
static size_t unescape(char *p, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '%' && i + 2 < n && hex(p[i + 1]) >= 0 && hex(p[i + 2]) >= 0) {
            p[to++] = (char)(hex(p[i + 1]) * 16 + hex(p[i + 2]));
            i += 2;
        } else {
            p[to++] = p[i];
        }
    }
    return to;
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct reading *r = ctx;
    (void)name;
    r->depth--;
    if (!r->in_href)
        return;
    r->in_href = false;
    struct str href = str_trim(buf_str(&r->href));
    size_t from = href.n;
    while (from > 0 && href.p[from - 1] != '/')
        from--;
    char *last = r->href.p + (href.p - buf_str(&r->href).p) + from;
    if (from < href.n && /* else a folder */
        !names_add(r->out, (struct str){last, unescape(last, href.n - from)}))
        refuse(r);
}

bool multistatus_names(struct str xml, struct remote_names *out)
{
    struct reading r = {.parser = XML_ParserCreateNS(NULL, '|'), .out = out};
    if (!r.parser)
        return false;
    buf_init(&r.href, HREF_MAX);
    XML_SetUserData(r.parser, &r);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    bool ok = xml.n <= REMOTE_LIST_MAX &&
              XML_Parse(r.parser, xml.p, (int)xml.n, 1) == XML_STATUS_OK && !r.refused;
    XML_ParserFree(r.parser);
    buf_done(&r.href);
    return ok;
}
