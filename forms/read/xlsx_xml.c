/* XML out of a zip entry; see xlsx_xml.h. */
#include "forms/read/xlsx_xml.h"

#include <expat.h>
#include <stdio.h>
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

int xlsx_xml_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The control character that XML cannot hold, as itself or as a reference, where the parser stopped; 0: some
 * other fault. */
static unsigned control_at(XML_Parser parser)
{
    int offset = 0, size = 0;
    const char *p = XML_GetInputContext(parser, &offset, &size);
    enum XML_Error code = XML_GetErrorCode(parser);
    if (!p || offset < 0 || offset >= size)
        return 0;
    struct str rest = {p + offset, (size_t)(size - offset)};
    if (code == XML_ERROR_INVALID_TOKEN && (unsigned char)rest.p[0] < 0x20)
        return (unsigned char)rest.p[0];
    unsigned c = 0;
    if (code != XML_ERROR_BAD_CHAR_REF || !str_starts(rest, STR("&#")))
        return 0;
    bool hex = rest.n > 2 && rest.p[2] == 'x';
    for (size_t i = hex ? 3 : 2; i < rest.n && c < 0x20; i++) {
        int digit = xlsx_xml_hex(rest.p[i]);
        if (digit < 0 || (!hex && digit > 9))
            break;
        c = c * (hex ? 16 : 10) + (unsigned)digit;
    }
    return c < 0x20 ? c : 0;
}

static bool feed(void *ctx, const char *p, size_t n, bool last, struct err *e)
{
    struct reader *r = ctx;
    if (XML_Parse(r->parser, p, (int)n, last) == XML_STATUS_OK && !r->failed)
        return true;
    if (r->failed)
        return false;
    unsigned control = control_at(r->parser);
    char why[ERR_ARG_MAX];
    snprintf(why, sizeof why, "the control character U+%04X in %s", control, r->entry);
    return err_fail1(e, ERR_XLSX_DAMAGED, control ? why : r->entry);
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
