/* The XML of a workbook's parts: expat fed from a zip entry, local names only, no DOCTYPE, nesting and text
 * limited. */
#ifndef FORMS_READ_XLSX_XML_H
#define FORMS_READ_XLSX_XML_H

#include "forms/base/buf.h"
#include "forms/read/zip_in.h"

/* Each may set *e and return false, which ends the reading. `text` collects until the handler of a start or
 * an end clears it. */
struct xml_part {
    void *ctx;
    bool (*start)(void *ctx, const char *name, const char *const *attributes, struct err *e);
    bool (*end)(void *ctx, const char *name, struct err *e);
    struct buf *text;
    bool *wants_text; /* characters are kept while it is true */
};

MUST_USE bool xlsx_xml_read(struct zip_in *z, const char *entry, const struct xml_part *part,
                            struct err *e);
/* The value of the attribute with this local name, or NULL. */
const char *xlsx_xml_attribute(const char *const *attributes, const char *name);
/* 0 to 15, or -1. */
int xlsx_xml_hex(char c);

#endif
