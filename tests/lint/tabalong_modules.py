#!/usr/bin/env python3
"""The six forms of forms/tabalong share their blocks M0, A to E, F-core and G to I, and the form language
has no include: this check (tests/lint/tabalong_modules.py) holds the copies together.

usage: tabalong_modules.py [FOLDER]      (default: forms/tabalong of this source tree)

Compared cell by cell, whatever the spacing of the tables: the header of the survey sheet, the shared rows
and their order, the statements but for their labels, every choice list that two forms have, the settings.
A form may differ in what is its own: the code and name of its dimension, its list of services, the
calculations pakai_sub1..3, its online service. Their list of kecamatan must be that of wilayah.csv. Prints what differs; exit 0 the same, 1 drifted,
2 a form cannot be read.
"""
import csv
import os
import re
import sys
from collections import Counter

FORMS = ['governance', 'branding', 'economy', 'living', 'society', 'environment']
ONLINE = {'gov': 'gov02', 'bra': 'bra02', 'eco': 'eco04', 'liv': 'liv02', 'soc': 'soc04', 'env': 'env03'}
GROUPS = ['grp_kontak', 'grp_persetujuan', 'grp_layanan', 'grp_responden', 'grp_skm',
          'grp_saran', 'grp_pengamatan', 'grp_hasil']
F_CORE = ['mudah_sblm', 'mudah_kini', 'percaya_sblm', 'percaya_kini', 'andil', 'tanpa_layanan', 'lanjut']
STATEMENTS = ['s1a', 's1b', 's2a', 's2b', 's3a', 's3b']
SCORES = ['skor_mudah', 'skor_percaya', 'sub_n', 'sub_jumlah', 'skor_sub', 'indeks_1_4']


class Unreadable(Exception):
    pass


def read_sheets(path):
    """{sheet: (header, [{column: cell}])} of a form in Markdown notation."""
    sheets, name, header = {}, None, None
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            table = re.match(r'\s*\|(.*)\|', line)
            if line.startswith('#') or not table or re.fullmatch(r'[|-]+', table.group(1)):
                continue
            cells = [cell.strip() for cell in re.split(r'(?<!\\)\|', table.group(1))]
            if cells[0]:
                name, header = cells[0].lower(), None
                sheets[name] = ([], [])
            cells = cells[1:]
            if not any(cells):
                continue
            if name is None:
                raise Unreadable('%s:%d: a row before the first sheet' % (path, number))
            if header is None:
                header = cells
                sheets[name] = (header, [])
            elif any(cells[len(header):]):
                raise Unreadable('%s:%d: a cell without a header' % (path, number))
            else:
                sheets[name][1].append({h: c for h, c in zip(header, cells) if h and c})
    for wanted in ('survey', 'choices', 'settings'):
        if not sheets.get(wanted, ([], []))[1]:
            raise Unreadable('%s: no sheet %s' % (path, wanted))
    return sheets


class Form:
    """One form, its own names replaced by the same marks in all six."""

    def __init__(self, folder, base):
        self.file = base + '.md'
        self.sheets = read_sheets(os.path.join(folder, self.file))
        settings = self.sheets['settings'][1][0]
        self.code = settings.get('form_id', '').replace('dampak_', '', 1)
        if self.code not in ONLINE:
            raise Unreadable('%s: form_id is not one of dampak_%s' % (self.file, ', '.join(ONLINE)))
        self.dimension = 'Smart ' + base.capitalize()

    def neutral(self, text):
        text = text.replace("'%s'" % ONLINE[self.code], "'<online>'")
        text = text.replace("'%s'" % self.code, "'<code>'").replace(self.dimension, 'Smart <name>')
        return re.sub(r'\b(layanan|dampak)_%s\b' % self.code, r'\1_<code>', text)

    def row(self, cells, without=()):
        return {column: self.neutral(cell) for column, cell in cells.items()
                if not column.startswith(tuple(without) or '\0')}

    def parts(self):
        """[(part, [row])]: what the six must have alike, in order."""
        header, survey = self.sheets['survey']
        parts = [('survey header', [{'name': column, 'place': str(place)}
                                    for place, column in enumerate(header)])]
        begin = next((k for k, row in enumerate(survey) if row.get('type') == 'begin_group'), len(survey))
        parts.append(('M0', [self.row(row) for row in survey[:begin]]))
        parts += [(group, self.group(group)) for group in GROUPS]
        parts.append(('order of blocks', [{'name': row['name'], 'type': 'begin_group'} for row in survey
                                          if row.get('type') == 'begin_group']))
        for part, names, without in (('grp_dampak', ['grp_dampak'], ()), ('F-core', F_CORE, ()),
                                     ('statements', STATEMENTS, ('label',)), ('scores', SCORES, ())):
            parts.append((part, [self.row(row, without) for row in survey if row.get('name') in names]))
        parts.append(('settings', [dict(self.row(row, ('version',)), name='settings')
                                   for row in self.sheets['settings'][1]]))
        return parts

    def group(self, name):
        rows, depth, inside = [], 0, False
        for row in self.sheets['survey'][1]:
            kind = row.get('type', '')
            if kind == 'begin_group':
                if inside:  # the shared groups hold no other: its end is missing
                    break
                inside = row.get('name') == name
            if not inside:
                continue
            depth += kind.startswith('begin_') - kind.startswith('end_')
            without = ('calculation',) if re.fullmatch('pakai_sub[123]', row.get('name', '')) else ()
            rows.append(self.row(row, without))
            if depth == 0:
                break
        return rows

    def lists(self):
        """{list: [row]}; of the services only the codes that all forms have."""
        lists = {}
        for row in self.sheets['choices'][1]:
            row = self.row(row)
            if row.get('list_name') != 'layanan_<code>' or row.get('name', '').isdigit():
                lists.setdefault(row.get('list_name', ''), []).append(row)
        return lists


def keyed(rows):
    """[(key, row)]: by name; the rows without one (end of a group) by what they follow."""
    result, last = [], ''
    for row in rows:
        last = row.get('name', 'after ' + last)
        result.append((last, row))
    return result


def compare(part, by_form, say):
    """by_form: {file: rows}. Says where a form differs from what most have."""
    keys = list(dict.fromkeys(key for rows in by_form.values() for key, _ in keyed(rows)))
    found = {file: dict(keyed(rows)) for file, rows in by_form.items()}
    whole = True
    for key in keys:
        lack = [file for file in found if key not in found[file]]
        have = [file for file in found if key in found[file]]
        if lack:
            whole = False
            say('%s: %s: in %s, not in %s' % (part, key, ' '.join(have), ' '.join(lack)))
        for column in dict.fromkeys(c for file in have for c in found[file][key]):
            cells = {file: found[file][key].get(column, '') for file in have}
            usual = Counter(cells.values()).most_common(1)[0][0]
            for file in have:
                if cells[file] != usual:
                    whole = False
                    say('%s: %s: %s: %s has "%s", others "%s"' % (part, key, column, file, cells[file], usual))
    orders = {file: tuple(key for key, _ in keyed(rows)) for file, rows in by_form.items()}
    usual = Counter(orders.values()).most_common(1)[0][0]
    for file, order in orders.items():
        if whole and order != usual:
            first = next((a for a, b in zip(order, usual) if a != b), 'a row that comes twice')
            say('%s: %s has another order, from %s on' % (part, file, first))


def check_places(folder, kecamatan, say):
    """wilayah.csv against the list of kecamatan in the forms, its codes against each other."""
    with open(os.path.join(folder, 'wilayah.csv'), encoding='utf-8', newline='') as file:
        places = list(csv.DictReader(file))
    listed = {row['name']: row.get('label::Bahasa Indonesia (id)') for row in kecamatan}
    if {place['kode_kecamatan']: place['kecamatan'] for place in places} != listed:
        say('wilayah.csv: its kecamatan are not those of the forms')
    if (len(listed), len(places)) != (12, 131):
        say('wilayah.csv: %d kecamatan and %d desa, not 12 and 131' % (len(listed), len(places)))
    if len({place['kode_desa'] for place in places}) != len(places):
        say('wilayah.csv: a code comes twice')
    for place in places:
        # the last four digits: 1... a kelurahan, 2... a desa
        kind = {'1': 'kelurahan', '2': 'desa'}.get(place['kode_desa'][9:10])
        if place['kode_desa'][:8] != place['kode_kecamatan'] or kind != place['jenis']:
            say('wilayah.csv: %s (%s) contradicts its row' % (place['kode_desa'], place['desa']))


def main(arguments):
    if len(arguments) > 1:
        sys.stderr.write('usage: tabalong_modules.py [FOLDER]\n')
        return 2
    here = os.path.dirname(os.path.abspath(__file__))
    folder = arguments[0] if arguments else os.path.join(here, '..', '..', 'forms', 'tabalong')
    try:
        forms = [Form(folder, base) for base in FORMS]
    except (OSError, UnicodeDecodeError, Unreadable) as fault:
        sys.stderr.write('tabalong_modules: %s\n' % fault)
        return 2
    drift = []
    for parts in zip(*(form.parts() for form in forms)):
        if not any(rows for _, rows in parts):
            drift.append('%s: in no form' % parts[0][0])
        compare(parts[0][0], {form.file: rows for form, (_, rows) in zip(forms, parts)}, drift.append)
    lists = {form.file: form.lists() for form in forms}
    for name in dict.fromkeys(name for found in lists.values() for name in found):
        having = {file: found[name] for file, found in lists.items() if name in found}
        compare('list ' + name, having, drift.append)
    try:
        check_places(folder, lists[FORMS[0] + '.md'].get('kecamatan', []), drift.append)
    except (OSError, UnicodeDecodeError, KeyError) as fault:
        sys.stderr.write('tabalong_modules: wilayah.csv: %s\n' % fault)
        return 2
    for line in drift:
        print('tabalong_modules: ' + line)
    return 1 if drift else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
