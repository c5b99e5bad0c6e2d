#!/usr/bin/env bash
# Package: openpyxl 3.1.5.
# Behaviour: load_workbook(..., read_only=True) believes the <dimension> that a sheet stores of
# itself. Where that is smaller than the cells (some writers leave it at A1), iter_rows() stops at
# it: rows and columns beyond are missing, without a warning. In the normal mode all are there.
# Why a good guess is wrong: the element is optional and informative in the file format
# (ECMA-376, 18.3.1.35), spreadsheet programs ignore it, and read-only mode is documented as the
# memory-saving way to read the same rows.
# Mended by us: the reader forgets the stored dimension (reset_dimensions) before it reads.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import re
import sys
import zipfile
from pathlib import Path

from openpyxl import Workbook, load_workbook

folder = Path(sys.argv[1])
book = Workbook()
for number in range(10):
    book.active.append([f"title {number}", f"tag {number}"])
book.save(folder / "whole.xlsx")

with zipfile.ZipFile(folder / "whole.xlsx") as old, zipfile.ZipFile(folder / "odd.xlsx", "w") as new:
    for name in old.namelist():
        content = old.read(name)
        if name.endswith("sheet1.xml"):
            content, changed = re.subn(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B3"', content)
            assert changed == 1
        new.writestr(name, content)


def rows(path, read_only):
    sheet = load_workbook(path, read_only=read_only).worksheets[0]
    return len(list(sheet.iter_rows(values_only=True)))


found = {mode: rows(folder / "odd.xlsx", mode) for mode in (False, True)}
print("rows written: 10; read in the normal mode:", found[False], "; read-only:", found[True])
assert found[False] == 10
if found[True] != 3:
    sys.exit("The behaviour has changed: read-only mode no longer stops at the stored dimension.")
PYTHON
