/* XML out of a zip entry; see xlsx_xml.h. */
#include "forms/read/xlsx_xml.h"

#include <expat.h>
#include <string.h>

#include "forms/base/limits.h"

struct reader {
    const struct xml_part *part;
    const char *entry;
    XML_Parser parser;
    struct err *e;
    int depth;
    bool failed;
};

static const char *local(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void stop(struct reader *r)
{
    r->failed = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = ctx;
    if (r->failed)
        return;
    if (++r->depth > LIMIT_XML_DEPTH) {
        err_fail2(r->e, ERR_LIMIT, "The nesting of XML", "100");
        stop(r);
    } else if (!r->part->start(r->part->ctx, local(name), (const char *const *)attributes, r->e)) {
        stop(r);
    }
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
    struct reader *r = ctx;
    if (r->failed)
        return;
    r->depth--;
    if (!r->part->end(r->part->ctx, local(name), r->e))
        stop(r);
}

static void XMLCALL on_text(void *ctx, const XML_Char *text, int n)
{
    struct reader *r = ctx;
    if (r->failed || !*r->part->wants_text || buf_add(r->part->text, text, (size_t)n))
        return;
    err_fail2(r->e, ERR_LIMIT, "A cell", "1 MiB");
    stop(r);
}

static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    struct reader *r = ctx;
    if (!r->failed)
        err_fail1(r->e, ERR_XLSX_DOCTYPE, r->entry);
    stop(r);
}

static bool feed(void *ctx, const char *p, size_t n, bool last, struct err *e)
{
    struct reader *r = ctx;
    if (XML_Parse(r->parser, p, (int)n, last) == XML_STATUS_OK && !r->failed)
        return true;
    return r->failed ? false : err_fail1(e, ERR_XLSX_DAMAGED, r->entry);
}

bool xlsx_xml_read(struct zip_in *z, const char *entry, const struct xml_part *part, struct err *e)
{
    struct reader r = {.part = part, .entry = entry, .parser = XML_ParserCreate(NULL), .e = e};
    if (!r.parser)
        return err_fail1(e, ERR_XLSX_DAMAGED, entry);
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    bool ok = zip_in_read(z, entry, feed, &r, e);
    XML_ParserFree(r.parser);
    return ok;
}

const char *xlsx_xml_attribute(const char *const *attributes, const char *name)
{
    for (size_t i = 0; attributes[i]; i += 2)
        if (strcmp(local(attributes[i]), name) == 0)
            return attributes[i + 1];
    return NULL;
}
