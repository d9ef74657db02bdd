/* Every size from outside meets one of these first (shared limits: the table of security limits in
 * sync/FORMAT.md repeats those that concern a form). */
#ifndef FORMS_BASE_LIMITS_H
#define FORMS_BASE_LIMITS_H

#define LIMIT_FORM_FILE      ((size_t)32 << 20) /* a form's file, packed */
#define LIMIT_FORM_ENTRY     ((size_t)256 << 20) /* one unpacked entry of an .xlsx; an external list */
#define LIMIT_CELLS          ((size_t)5 << 20)  /* cells of a workbook */
#define LIMIT_TABLE          ((size_t)24 << 20) /* places of lists as tables, blank ones included */
#define LIMIT_CELL_BYTES     ((size_t)1 << 20)  /* one cell */
#define LIMIT_NODES          ((size_t)100000)   /* nodes of a form */
#define LIMIT_CHOICES        ((size_t)2000000)  /* choices of a form, external lists included */
#define LIMIT_EXPR_BYTES     ((size_t)64 << 10) /* one expression */
#define LIMIT_EXPR_DEPTH     200                /* nesting of an expression */
#define LIMIT_XML_DEPTH      100
#define LIMIT_REPEAT_DEPTH   8                    /* repeats within repeats */
#define LIMIT_INSTANCES      ((size_t)100000)     /* instances of one repeat */
#define LIMIT_ANSWER_BYTES   ((size_t)1 << 20)    /* one answer */
#define LIMIT_RECORD_BYTES   ((size_t)16 << 20)   /* a record's XML */
#define LIMIT_VM_STEPS       ((uint64_t)20000000) /* steps of one evaluation */
#define LIMIT_REGEX_MATCH    1000000u
#define LIMIT_REGEX_DEPTH    10000u
#define LIMIT_REGEX_HEAP_KIB 16384u

#endif
