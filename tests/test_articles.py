"""Articles: the schema and what a row must have."""

from datetime import date

import pytest

from core.articles.article import RowError, article_of_row, split_tags
from core.articles.languages.codes import language_code

TAGS = "it should be a list of texts, or one text with ; , or | between them"
ROW = {"id": "1", "title": "T", "description": "D", "tags": ["go"]}


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("go; web", ("go", "web")),
        ("go,web", ("go", "web")),
        ("go|web|", ("go", "web")),
        ('["c++", "a;b"]', ("c++", "a;b")),
        (["go", " go ", ""], ("go",)),
        (["machine\n learning"], ("machine learning",)),
        ("", ()),
        (None, ()),
    ],
)
def test_tags_are_read_from_lists_and_separated_text(cell, tags):
    assert split_tags(cell) == tags


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"title": 5}, "title", "is 5: input should be a valid string"),
        ({"tags": 5}, "tags", "is 5: " + TAGS),
        ({"tags": ["go", 3]}, "tags", "is ['go', 3]: " + TAGS),
        ({"tags": '["go"'}, "tags", "is '[\"go\"': " + TAGS),
        ({"split": "dev"}, "split", "is 'dev': input should be 'train' or 'test'"),
        ({"published": "someday"}, "published", "is 'someday': it is not a date"),
    ],
)
def test_a_wrong_cell_is_named_with_what_was_expected(change, field, reason):
    with pytest.raises(RowError) as caught:
        article_of_row(ROW | change)
    assert (caught.value.field, caught.value.reason) == (field, reason)


@pytest.mark.parametrize("field", ["title", "description", "tags"])
def test_a_missing_field_is_named(field):
    row = {name: value for name, value in ROW.items() if name != field}
    with pytest.raises(
        RowError, match=f"{field} is missing: the row has no '{field}', it has id, "
    ):
        article_of_row(row)


def test_an_article_needs_some_text():
    with pytest.raises(RowError, match="title, description and fulltext are all empty"):
        article_of_row(ROW | {"title": " ", "description": None})


def test_optional_fields_take_the_forms_that_sources_use():
    article = article_of_row(
        ROW | {"id": 12, "language": "cn", "date": "2024-4-09", "creators": ["A"], "other": 1}
    )
    assert article.id == "12"
    assert article.language == "zh"
    assert article.published == date(2024, 4, 9)
    assert article.creators == ("A",)
    assert article.fulltext == ""


@pytest.mark.parametrize(
    "written", ["2024-04-09", "2024-04-09T23:30:00Z", "20240409", "9 April 2024", "2024/4/9 23:30"]
)
def test_a_day_may_be_written_in_many_ways(written):
    assert article_of_row(ROW | {"date": written}).published == date(2024, 4, 9)


@pytest.mark.parametrize(
    ("name", "code"), [("en-US", "en"), ("zh_CN", "zh"), ("CN", "zh"), ("", "")]
)
def test_language_names_become_short_codes(name, code):
    assert language_code(name) == code
