/* Markdown tables; see mdtab.h. Cells are slices of one copy of the file, so that a long list costs no
 * more than its rows. */
#include "forms/read/mdtab.h"

#include <unistr.h>

#include "forms/base/limits.h"

#define MAX_COLUMNS 16384u /* a spreadsheet has no more */

struct md {
    struct arena *a;
    struct err *e;
    const char *file;
    /* The sheet being read. */
    struct str name;
    bool open, headed;
    const struct str *headers;
    uint32_t n_headers;
    struct sheet_row *rows;
    size_t n_rows, cap_rows;
    uint32_t row, columns;
    struct sheet *sheets;
    size_t n_sheets, cap_sheets;
    size_t n_cells;
    struct str *line; /* the cells of the line at hand */
    struct cell *cells;
};

static bool too_large(struct md *m, const char *what, const char *limit)
{
    err_set(m->e, &ERR_LIMIT, (const char *const[ERR_ARGS]){what, limit}, 0);
    char tmp[ERR_ARG_MAX];
    pos_set(&m->e->pos, m->file, err_arg(tmp, m->name), m->row, (struct str){"", 0});
    return false;
}

/* The pipe at or after `from` that ends a cell; s.n when there is none. */
static size_t next_pipe(struct str s, size_t from)
{
    size_t i = str_find(s, '|', from);
    while (i < s.n && i > 0 && s.p[i - 1] == '\\')
        i = str_find(s, '|', i + 1);
    return i;
}

static struct str unescape_pipes(struct str s, struct arena *a)
{
    size_t hit = str_find(s, '|', 0); /* a pipe inside a cell can only be an escaped one */
    if (hit == s.n)
        return s;
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '|'))
            p[n++] = s.p[i];
    return (struct str){p, n};
}

/* Splits |a|b|c| into m->line; 0 cells when the line is not part of a table. A last cell may lack its
 * closing pipe. */
static bool split_line(struct md *m, struct str line, uint32_t *ret_n)
{
    *ret_n = 0;
    line = str_trim(line);
    if (line.n < 2 || line.p[0] != '|')
        return true;
    uint32_t n = 0;
    for (size_t at = 1; at < line.n;) {
        size_t end = next_pipe(line, at);
        if (end == line.n && (n == 0 || str_starts(str_trim(str_from(line, at)), STR("#"))))
            break; /* a comment behind the table, or no table at all */
        if (n == MAX_COLUMNS)
            return too_large(m, "A row", "16384 columns");
        if (end - at > LIMIT_CELL_BYTES)
            return too_large(m, "A cell", "1 MiB");
        m->line[n++] = str_trim(str_sub(line, at, end - at));
        at = end + 1;
    }
    *ret_n = n;
    return true;
}

/* |---|---| or | --- | :-- |: drawn for the eye. A row of the sheet has a blank first cell, so dashes that
 * are an answer's code are not taken for one. */
static bool is_ruler(const struct str *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i].n; k++)
            if (v[i].p[k] != '-' && v[i].p[k] != ':')
                return false;
    return v[0].n > 0;
}

static bool all_blank(const struct str *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (v[i].n > 0)
            return false;
    return true;
}

static void close_sheet(struct md *m)
{
    if (!m->open)
        return;
    struct str *headers = ARENA_ARRAY(m->a, struct str, m->columns);
    for (uint32_t i = 0; i < m->columns; i++)
        headers[i] = i < m->n_headers ? m->headers[i] : (struct str){"", 0};
    struct sheet_row *rows = ARENA_ARRAY(m->a, struct sheet_row, m->n_rows);
    if (m->n_rows)
        memcpy(rows, m->rows, m->n_rows * sizeof *rows);
    m->sheets = mem_grow(m->sheets, m->n_sheets, &m->cap_sheets, sizeof *m->sheets);
    m->sheets[m->n_sheets++] = (struct sheet){.name = m->name,
                                              .headers = headers,
                                              .n_headers = m->columns,
                                              .rows = rows,
                                              .n_rows = (uint32_t)m->n_rows};
    m->n_rows = 0;
    m->open = false;
}

static void open_sheet(struct md *m, struct str name)
{
    close_sheet(m);
    m->open = true;
    m->headed = false;
    m->name = unescape_pipes(name, m->a);
    m->row = 0;
    m->columns = m->n_headers = 0;
}

static void take_headers(struct md *m, const struct str *v, uint32_t n)
{
    while (n > 0 && v[n - 1].n == 0)
        n--;
    struct str *headers = ARENA_ARRAY(m->a, struct str, n);
    for (uint32_t i = 0; i < n; i++)
        headers[i] = unescape_pipes(v[i], m->a);
    m->headers = headers;
    m->n_headers = m->columns = n;
    m->headed = true;
    m->row = 1;
}

static bool take_row(struct md *m, const struct str *v, uint32_t n)
{
    m->row++;
    uint32_t used = 0;
    for (uint32_t i = 0; i < n; i++)
        if (v[i].n > 0)
            m->cells[used++] = (struct cell){i, unescape_pipes(v[i], m->a)};
    if (used == 0)
        return true;
    m->n_cells += used;
    if (m->n_cells > LIMIT_CELLS)
        return too_large(m, "The workbook", "5 million cells");
    struct cell *cells = ARENA_ARRAY(m->a, struct cell, used);
    memcpy(cells, m->cells, used * sizeof *cells);
    if (cells[used - 1].column >= m->columns)
        m->columns = cells[used - 1].column + 1;
    m->rows = mem_grow(m->rows, m->n_rows, &m->cap_rows, sizeof *m->rows);
    m->rows[m->n_rows++] = (struct sheet_row){m->row, cells, used};
    return true;
}

static bool take_line(struct md *m, struct str line)
{
    struct str t = str_trim(line);
    uint32_t n;
    if (t.n == 0 || t.p[0] == '#')
        return true;
    if (!split_line(m, line, &n))
        return false;
    if (n == 0 || is_ruler(m->line, n))
        return true;
    if (m->line[0].n > 0)
        open_sheet(m, m->line[0]);
    else if (!m->open)
        return true; /* cells before the first sheet's name belong to none */
    else if (m->headed)
        return take_row(m, m->line + 1, n - 1);
    if (!all_blank(m->line + 1, n - 1))
        take_headers(m, m->line + 1, n - 1);
    return true;
}

static bool wants_escapes(const struct sheet *s)
{
    if (!s || s->n_rows == 0)
        return false;
    for (uint32_t i = 0; i < s->rows[0].n; i++) {
        const struct cell *c = &s->rows[0].cells[i];
        if (str_is(s->headers[c->column], "cacah:escapes"))
            return str_eq_nocase(c->text, STR("yes")) || str_eq_nocase(c->text, STR("true"));
    }
    return false;
}

static struct str unescape(struct str s, struct arena *a)
{
    if (str_find(s, '\\', 0) == s.n)
        return s;
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char next = i + 1 < s.n ? s.p[i + 1] : '\0';
        if (s.p[i] == '\\' && (next == 'n' || next == '\\')) {
            p[n++] = next == 'n' ? '\n' : '\\';
            i++;
        } else {
            p[n++] = s.p[i];
        }
    }
    return (struct str){p, n};
}

static void unescape_book(struct book *b, struct arena *a)
{
    for (uint32_t i = 0; i < b->n_sheets; i++) {
        const struct sheet *s = &b->sheets[i];
        for (uint32_t r = 0; r < s->n_rows; r++)
            for (uint32_t k = 0; k < s->rows[r].n; k++) {
                /* The rows were made by this file a moment ago. */
                struct cell *c = (struct cell *)&s->rows[r].cells[k];
                c->text = unescape(c->text, a);
            }
    }
}

static bool read_lines(struct md *m, struct str bytes)
{
    struct str line;
    while (str_split(&bytes, '\n', &line))
        if (!take_line(m, line))
            return false;
    close_sheet(m);
    return true;
}

static bool check_utf8(struct str bytes, struct err *e)
{
    const uint8_t *bad = u8_check((const uint8_t *)bytes.p, bytes.n);
    size_t zero = str_find(bytes, '\0', 0);
    if (!bad && zero == bytes.n)
        return true;
    size_t at = bad ? (size_t)((const char *)bad - bytes.p) : zero;
    char tmp[ERR_ARG_MAX];
    return err_fail1(e, ERR_UTF8, err_num(tmp, (int64_t)at + 1));
}

bool mdtab_read(struct book *ret, struct str bytes, const char *name, struct arena *a,
                struct err *e)
{
    if (bytes.n > LIMIT_FORM_FILE)
        return err_fail2(e, ERR_LIMIT, "The form's file", "32 MiB");
    if (!check_utf8(bytes, e))
        return false;
    bytes = arena_str(a, bytes);
    if (str_starts(bytes, STR("\xEF\xBB\xBF")))
        bytes = str_from(bytes, 3);
    struct md m = {.a = a, .e = e, .file = name};
    m.line = mem_calloc(MAX_COLUMNS, sizeof *m.line);
    m.cells = mem_calloc(MAX_COLUMNS, sizeof *m.cells);
    bool ok = read_lines(&m, bytes);
    if (ok) {
        struct sheet *sheets = ARENA_ARRAY(a, struct sheet, m.n_sheets);
        if (m.n_sheets)
            memcpy(sheets, m.sheets, m.n_sheets * sizeof *sheets);
        *ret = (struct book){.file = str_of(arena_strz(a, name)),
                             .sheets = sheets,
                             .n_sheets = (uint32_t)m.n_sheets,
                             .duplicate_headers_ok = true};
        if (wants_escapes(book_sheet(ret, "settings")))
            unescape_book(ret, a);
    }
    mem_free(m.line);
    mem_free(m.cells);
    mem_free(m.rows);
    mem_free(m.sheets);
    return ok;
}

/* ---- out ---- */

/* A gap of blank rows up to this many is written out, so that row numbers stay what they were. */
#define MAX_GAP 50u

static bool has_newline(const struct book *b)
{
    for (uint32_t i = 0; i < b->n_sheets; i++)
        for (uint32_t r = 0; r < b->sheets[i].n_rows; r++)
            for (uint32_t k = 0; k < b->sheets[i].rows[r].n; k++) {
                struct str s = b->sheets[i].rows[r].cells[k].text;
                if (str_find(s, '\n', 0) < s.n)
                    return true;
            }
    return false;
}

static void write_cell(struct str s, bool escapes, struct buf *out)
{
    buf_add_c(out, ' ');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '|')
            buf_add_z(out, "\\|");
        else if (escapes && c == '\\')
            buf_add_z(out, "\\\\");
        else if (escapes && c == '\n')
            buf_add_z(out, "\\n");
        else
            buf_add_c(out, c == '\n' || c == '\r' ? ' ' : c);
    }
    buf_add_z(out, s.n ? " |" : "|");
}

static void write_row(const struct sheet_row *row, bool escapes, struct buf *out)
{
    buf_add_z(out, "| |");
    for (uint32_t i = 0, column = 0; i < row->n; i++, column++) {
        for (; column < row->cells[i].column; column++)
            buf_add_z(out, " |");
        write_cell(row->cells[i].text, escapes, out);
    }
}

static void write_sheet(const struct sheet *s, bool escapes, bool add_setting, struct buf *out)
{
    buf_add_c(out, '|');
    write_cell(s->name, false, out);
    if (!is_ruler(&s->name, 1)) /* a name of dashes keeps its headers beside it */
        buf_add_z(out, "\n| |");
    for (uint32_t i = 0; i < s->n_headers; i++)
        write_cell(s->headers[i], false, out);
    buf_add_z(out, add_setting ? " cacah:escapes |\n" : "\n");
    uint32_t at = 1;
    for (uint32_t r = 0; r < s->n_rows; r++) {
        const struct sheet_row *row = &s->rows[r];
        for (; at + 1 < row->row && row->row - at <= MAX_GAP; at++)
            buf_add_z(out, "| | |\n");
        write_row(row, escapes, out);
        if (add_setting && r == 0) {
            for (uint32_t c = row->cells[row->n - 1].column + 1; c < s->n_headers; c++)
                buf_add_z(out, " |");
            buf_add_z(out, " yes |");
        }
        buf_add_c(out, '\n');
        at = row->row;
    }
    if (add_setting && s->n_rows == 0) {
        buf_add_z(out, "| |");
        for (uint32_t c = 0; c < s->n_headers; c++)
            buf_add_z(out, " |");
        buf_add_z(out, " yes |\n");
    }
}

bool mdtab_write(const struct book *b, struct buf *out, struct err *e)
{
    const struct sheet *settings = book_sheet(b, "settings");
    bool declared = wants_escapes(settings);
    bool escapes = declared || has_newline(b);
    for (uint32_t i = 0; i < b->n_sheets; i++) {
        if (i > 0)
            buf_add_c(out, '\n');
        write_sheet(&b->sheets[i], escapes, escapes && !declared && &b->sheets[i] == settings, out);
    }
    if (escapes && !settings)
        buf_add_z(out, "\n| settings |\n| | cacah:escapes |\n| | yes |\n");
    return !out->full || err_fail2(e, ERR_LIMIT, "The form's file", "32 MiB");
}
