#!/usr/bin/env python3
"""The tables of attacks in sync/FORMAT.md name what shows that each is answered: this check
(tests/lint/attacks.py) holds the names to what there is.

A row names tests as unit/NAME, fault/NAME, pty/NAME, NAME.sh, one of merging's or of transport, each perhaps
with cases in brackets (`the_beginning_of…`), or vectors as FOLDER/`name*`. Each must be there, run by a
meson.build, and hold at least one assertion; a row without any must say "Not protected".
"""
import fnmatch
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
BARE = {'histories': 'merge/test-histories.c', 'matters': 'merge/test-matters.c', 'loss': 'merge/test-loss.c',
        'merge-faults': 'merge/test-merge-faults.c', 'demo': 'merge/demo.sh', 'transport': 'transport/test-transport.c'}
NAMED = re.compile(r'(unit|fault|pty)/([a-z0-9_-]+)|([a-z]+)\.sh|\b(' + '|'.join(BARE) + r')\b'
                   r'|\b(envelope|kit|receipt|bundle)/(?=`)|`([^`]+)`')
ASSERTS = re.compile(r'\bck_assert|\bck_abort|^\s*(does|fail|says) |\|\| fail', re.M)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as f:
        return f.read()


def exists(path):
    return os.path.exists(os.path.join(ROOT, 'tests', path))


def test_file(m):
    """Where the test lies that a match names, below tests/."""
    folder, name, script, bare = m.group(1, 2, 3, 4)
    if script:
        return script + '.sh'
    if bare:
        return BARE[bare]
    path = f'{folder}/test-{name}.c'
    return path if exists(path) or folder != 'fault' else f'fault/{name}.sh'


def test_faults(path):
    if not exists(path):
        return [f'there is no tests/{path}']
    name = re.sub(r'^test-|\.(c|sh)$', '', os.path.basename(path))
    build = read('tests', os.path.dirname(path), 'meson.build')
    if f"'{name}'" not in build and f"'{name}.sh'" not in build:
        return [f'no meson.build runs tests/{path}']
    return [] if ASSERTS.search(read('tests', path)) else [f'tests/{path} asserts nothing']


def has_case(path, name):
    """`begin…` begins the words of a case, with or without the test_MODULE__ before them."""
    case = re.compile(r'START_TEST\(\w*' + re.escape(name.rstrip('…')))
    folder = os.path.dirname(path)
    files = os.listdir(os.path.join(ROOT, 'tests', folder)) if folder == 'transport' else []
    paths = [os.path.join(folder, f) for f in files if f.endswith('.c')] or [path]
    return any(case.search(read('tests', p)) for p in paths)


def has_vector(folder, name):
    files = os.listdir(os.path.join(ROOT, 'tests', 'vectors', folder))
    pattern = ('*' if name.startswith('-') else '') + name + '*'
    return any(fnmatch.fnmatch(f, pattern) for f in files)


def row_faults(shown):
    faults, named, path, folder = [], 0, None, None
    for m in NAMED.finditer(shown):
        if m.group(5):
            path, folder = None, m.group(5)
        elif m.group(6) and folder:
            named += 1
            if not has_vector(folder, m.group(6)):
                faults.append(f'no vector {folder}/{m.group(6)}')
        elif m.group(6):
            if path and exists(path) and not has_case(path, m.group(6)):
                faults.append(f'no case {m.group(6)} in tests/{path}')
        else:
            named, path, folder = named + 1, test_file(m), None
            faults += test_faults(path)
    if not named and 'Not protected' not in shown:
        faults.append('it names nothing that shows it')
    return faults


def main():
    rows = bad = 0
    inside = False
    for n, line in enumerate(read('sync', 'FORMAT.md').split('\n'), 1):
        cells = [c.strip() for c in line.strip('|').split('|')]
        inside = line.startswith('|') and (inside or cells[0] == 'attack')
        if not inside or cells[0] == 'attack' or cells[0].startswith('---'):
            continue
        rows += 1
        for fault in row_faults(cells[-1]) if len(cells) == 3 else ['a row has three cells']:
            bad += 1
            print(f'sync/FORMAT.md:{n}: {cells[0]}: {fault}')
    if not rows:
        print('sync/FORMAT.md has no table of attacks')
    return 1 if bad or not rows else 0


if __name__ == '__main__':
    sys.exit(main())
