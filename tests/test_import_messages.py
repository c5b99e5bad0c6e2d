"""What is said of a file stays one short sentence, whatever its header holds."""

import json

import pytest

from core.articles.importing import check_source
from core.articles.read import read_articles
from core.base.errors import DataError

LONG = "x" * 5000


@pytest.mark.parametrize("read", [lambda path: check_source(str(path)), read_articles])
@pytest.mark.parametrize("header", [LONG, f"{LONG},{LONG}", f"title,{LONG}"])
def test_a_header_of_thousands_of_characters_is_cut_in_the_message(tmp_path, read, header):
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n1,2\n")
    with pytest.raises(DataError) as refused:
        read(path)
    assert len(str(refused.value)) < 300


def test_a_row_without_a_column_does_not_list_all_it_has(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"title": "T", "description": "D", LONG: 1}) + "\n")
    with pytest.raises(DataError, match="tags") as refused:
        read_articles(path)
    assert len(str(refused.value)) < 300
