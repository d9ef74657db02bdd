#!/usr/bin/env python3
"""Files past 900 lines and functions past 100 are refused; tables (*.def and generated) are exempt."""
import re
import subprocess
import sys

FILE_MAX, FUNCTION_MAX = 900, 100
faults = []
for path in subprocess.run(['git', 'ls-files', '*.c', '*.h'], capture_output=True, text=True,
                           check=True).stdout.split():
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    if len(lines) > FILE_MAX:
        faults.append(f'{path}: {len(lines)} lines')
    start = None
    for i, line in enumerate(lines):
        if line == '{':
            start = i
        elif line == '}' and start is not None:
            if i - start > FUNCTION_MAX:
                name = re.sub(r'\(.*', '', lines[start - 1])
                faults.append(f'{path}:{start + 1}: {name.split()[-1]} has {i - start} lines')
            start = None
print('\n'.join(faults))
sys.exit(1 if faults else 0)
