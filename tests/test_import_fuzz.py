"""Malformed files, seeded: each ends in a set or in a sentence, and nothing half made stays.

Files of a campaign: TAGSMITH_FUZZ_FILES (make campaign: 10,000); 400 otherwise.
"""

import gzip
import io
import json
import os
import random
import sqlite3
import time
import zipfile

import pandas as pd
import pytest

from core.articles.importing import import_source
from core.articles.store.record import sets_folder
from core.articles.store.sets import list_sets
from core.articles.store.versions import delete_set
from core.base.errors import CoreError

ROWS = [{"title": f"Title {n}", "description": f"D {n}", "tags": "go;web"} for n in range(20)]
KINDS = ["jsonl", "jsonl.gz", "json", "csv", "tsv", "xml", "zip", "parquet", "xlsx", "sqlite"]
CASES = int(os.environ.get("TAGSMITH_FUZZ_FILES", "400")) // len(KINDS)
# Of processor time, which a busy machine does not stretch.
MOST_SECONDS = 10.0


def good_files(folder):
    """One good file of each kind, as bytes by name."""
    frame = pd.DataFrame(ROWS)
    frame.to_parquet(folder / "a.parquet")
    frame.to_excel(folder / "a.xlsx", index=False)
    with sqlite3.connect(folder / "a.sqlite") as database:
        frame.to_sql("posts", database, index=False)
    database.close()
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("posts/a.md", "---\ntitle: T\ntags: [go]\n---\nText")
        archive.writestr("posts/b.md", "+++\ntitle = 'T'\n+++\nText")
    xml = '<posts><row Id="1" PostTypeId="1" Title="T" Body="B" Tags="&lt;go&gt;"/></posts>'
    return {
        "a.jsonl": lines.encode(),
        "a.jsonl.gz": gzip.compress(lines.encode()),
        "a.json": json.dumps(ROWS).encode(),
        "a.csv": frame.to_csv(index=False).encode(),
        "a.tsv": frame.to_csv(index=False, sep="\t").encode("utf-16"),
        "a.xml": xml.encode(),
        "a.zip": packed.getvalue(),
        "a.parquet": (folder / "a.parquet").read_bytes(),
        "a.xlsx": (folder / "a.xlsx").read_bytes(),
        "a.sqlite": (folder / "a.sqlite").read_bytes(),
    }


def spoil(data, chance):
    """Cut, overwrite, double, insert or swap some bytes."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        length = chance.choice([1, 1, 2, 8, 64])
        kind = chance.randrange(5)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            data[at : at + length] = chance.randbytes(length)
        elif kind == 2:
            data[at:at] = data[at : at + length] * chance.choice([1, 2, 50])
        elif kind == 3:
            data[at:at] = chance.choice([b'"', b"\0", b"\xff", b"[", b"{", b"\n", b"---\n", b"<"])
        else:
            del data[at : at + length]
        if not data:
            break
    return bytes(data)


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return good_files(tmp_path_factory.mktemp("good"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_malformed_file_ends_in_a_set_or_a_sentence(originals, tmp_path, kind):
    name = f"a.{kind}"
    chance = random.Random(kind)
    path = tmp_path / name
    for case in range(CASES):
        path.write_bytes(spoil(originals[name], chance))
        began = time.process_time()
        try:
            import_source(str(path), f"set-{case}", skip_bad_rows=True)
        except CoreError as error:
            assert "\n" not in str(error) and len(str(error)) < 1000
            assert [info.name for info in list_sets()] == ["sample"]
        else:
            delete_set(f"set-{case}")
        assert time.process_time() - began < MOST_SECONDS
        assert not list(sets_folder().glob(".partial-*"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_unspoilt_is_read_whole(originals, tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    path.write_bytes(originals[path.name])
    expected = {"xml": 1, "zip": 2}.get(kind, 20)
    assert import_source(str(path), "good")[0].articles == expected
