#!/usr/bin/env python3
"""Write the forms that the engine and its peers are measured on.

usage: gen_forms.py OUTDIR [--small]

flat_N      N integer questions; each 5th is relevant when the one before is > 0, each 10th is a
            calculation: the question before + the calculation before it, so that the first answer can
            change N/10 calculations in a chain. flat_1000 as .xlsx too, as a spreadsheet program writes it.
repeat      one repeat of 10 questions and, outside of it, the sum of its calculation
cascade_C   province > regency > district > village, C choices together, a choice_filter at each level
"""
import os
import sys
import zipfile
from xml.sax.saxutils import escape

NS = 'http://schemas.openxmlformats.org/'


def settings(form_id):
    return ('settings', ['form_title', 'form_id', 'version'], [[form_id, form_id, '1']])


def flat(n):
    rows, before = [], None
    for i in range(1, n + 1):
        if i % 10 == 0:
            text = f'coalesce(${{q{i - 1}}}, 0)' + (f' + ${{{before}}}' if before else '')
            rows.append(['calculate', f'q{i}', '', '', text])
            before = f'q{i}'
        else:
            rows.append(['integer', f'q{i}', f'Question number {i}',
                         f'${{q{i - 1}}} > 0' if i % 5 == 0 else '', ''])
    return [('survey', ['type', 'name', 'label', 'relevant', 'calculation'], rows), settings(f'flat_{n}')]


def repeat():
    rows = [['begin repeat', 'r', 'Member', '', '']]
    for i in range(1, 10):
        rows.append(['text' if i == 9 else 'integer', f'm{i}', f'Member question {i}',
                     '${m1} > 0' if i == 5 else '', ''])
    rows += [['calculate', 'm10', '', '', '${m1} + ${m2}'], ['end repeat', '', '', '', ''],
             ['calculate', 'total', '', '', 'sum(${m10})']]
    return [('survey', ['type', 'name', 'label', 'relevant', 'calculation'], rows), settings('repeat')]


def cascade(total):
    levels = ['province', 'regency', 'district', 'village']
    k = total / 100000
    counts = [40, max(40, int(520 * k)), max(40, int(7280 * k))]
    counts.append(total - sum(counts))
    rows, choices = [], []
    for at, level in enumerate(levels):
        above = levels[at - 1] if at else ''
        rows.append([f'select_one {level}', level, level.title(), f'{above} = ${{{above}}}' if at else ''])
        for i in range(counts[at]):
            columns = ['', '', '']
            if at:
                columns[at - 1] = f'{above[0]}{i % counts[at - 1]}'
            choices.append([level, f'{level[0]}{i}', f'{level.title()} number {i}'] + columns)
    return [('survey', ['type', 'name', 'label', 'choice_filter'], rows),
            ('choices', ['list_name', 'name', 'label', 'province', 'regency', 'district'], choices),
            settings(f'cascade_{total}')]


def write_md(path, sheets):
    with open(path, 'w', encoding='utf-8') as out:
        for name, headers, rows in sheets:
            out.write(f'| {name} |\n')
            for row in [headers] + rows:
                out.write('| | ' + ' | '.join(row) + ' |\n')


def write_xlsx(path, sheets):
    texts = {}

    def cell(row, column, text):
        return f'<c r="{chr(65 + column)}{row}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'

    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        names, links = '', ''
        for i, (name, headers, rows) in enumerate(sheets, 1):
            body = ''.join(f'<row r="{r}">' + ''.join(cell(r, c, t) for c, t in enumerate(row) if t) + '</row>'
                           for r, row in enumerate([headers] + rows, 1))
            z.writestr(f'xl/worksheets/sheet{i}.xml', f'<worksheet xmlns="{NS}spreadsheetml/2006/main">'
                       f'<sheetData>{body}</sheetData></worksheet>')
            names += f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>'
            links += (f'<Relationship Id="rId{i}" Type="{NS}officeDocument/2006/relationships/worksheet" '
                      f'Target="worksheets/sheet{i}.xml"/>')
        z.writestr('xl/sharedStrings.xml', f'<sst xmlns="{NS}spreadsheetml/2006/main">'
                   + ''.join(f'<si><t>{escape(t)}</t></si>' for t in texts) + '</sst>')
        z.writestr('xl/workbook.xml', f'<workbook xmlns="{NS}spreadsheetml/2006/main" '
                   f'xmlns:r="{NS}officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>')
        z.writestr('xl/_rels/workbook.xml.rels', f'<Relationships xmlns="{NS}package/2006/relationships">{links}'
                   f'<Relationship Id="s" Type="{NS}officeDocument/2006/relationships/sharedStrings" '
                   'Target="sharedStrings.xml"/></Relationships>')


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, small = sys.argv[1], '--small' in sys.argv
    os.makedirs(folder, exist_ok=True)
    forms = {f'flat_{n}': flat(n) for n in ((100, 1000) if small else (100, 1000, 10000))}
    forms['repeat'] = repeat()
    forms.update({f'cascade_{n}': cascade(n) for n in ((1000,) if small else (1000, 10000, 100000))})
    for name, sheets in forms.items():
        write_md(os.path.join(folder, name + '.md'), sheets)
    write_xlsx(os.path.join(folder, 'flat_1000.xlsx'), forms['flat_1000'])


main()
