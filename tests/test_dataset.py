"""Data sets: texts, filters, tag matrix, fingerprint, statistics."""

import numpy as np
import pytest

from core.base.errors import DataError
from core.dataset.compose import compose_text
from core.dataset.config import DataConfig
from core.dataset.dataset import Dropped, build_dataset
from core.dataset.groups import duplicate_groups
from core.dataset.statistics import Remaining, build_remaining, build_statistics
from tests.conftest import make_article


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"text_column": "title"}, "T"),
        ({"text_column": "description"}, "T\nD"),
        ({"text_column": "description", "prepend_title": False}, "D"),
        ({"text_column": "fulltext"}, "T\nThe full text"),
        ({"text_column": "partial_text", "partial_length": 8}, "T\nThe full"),
        ({"text_column": "everything"}, "T\nD\nThe full text"),
    ],
)
def test_the_text_is_composed_of_the_chosen_parts(settings, text):
    article = make_article(1, title="T", description=" D ", fulltext="The full text")
    assert compose_text(article, DataConfig(**settings)) == text


LONG = "word " * 100


@pytest.mark.parametrize(
    ("settings", "fields", "text"),
    [
        ({"text_column": "title"}, {"title": "", "description": "D"}, "D"),
        ({"text_column": "title"}, {"title": "", "description": "", "fulltext": "F"}, "F"),
        ({"text_column": "description"}, {"description": "", "fulltext": "F"}, "T\nF"),
        (
            {"text_column": "description"},
            {"description": " ", "fulltext": LONG},
            f"T\n{LONG[:299]}",
        ),
        ({"text_column": "fulltext"}, {"description": "D"}, "T\nD"),
        ({"text_column": "partial_text", "partial_length": 2}, {"description": "Des"}, "T\nDe"),
        ({"text_column": "everything"}, {"description": "", "fulltext": LONG}, f"T\n{LONG[:-1]}"),
        (
            {"text_column": "everything"},
            {"description": LONG[:299], "fulltext": LONG},
            f"T\n{LONG[:-1]}",
        ),
        ({"text_column": "everything"}, {"description": "Other", "fulltext": "F"}, "T\nOther\nF"),
    ],
)
def test_another_text_stands_for_the_column_that_an_article_lacks(settings, fields, text):
    article = make_article(1, **{"title": "T", **fields})
    assert compose_text(article, DataConfig(**settings)) == text


def test_filters_apply_in_order_and_are_counted():
    articles = [
        make_article(1, tags=["go", "rare"]),
        make_article(2, tags=["go"]),
        make_article(3, tags=["go"], language="de"),
        make_article(4, tags=["go"], description="D"),
        make_article(5, tags=["go"], title="", description="12345", fulltext="x"),
        make_article(6, tags=["single"]),
    ]
    config = DataConfig(languages=("en",), min_description_length=5, min_tag_count=2)
    dataset = build_dataset(articles, config)
    assert dataset.dropped == Dropped(1, 1, 0, 0, 1)
    assert dataset.dropped.total == 3
    assert [a.id for a in dataset.articles] == ["a1", "a2", "a5"]
    assert dataset.tags == ("go",)
    assert dataset.tag_counts.tolist() == [3]
    titles = DataConfig(text_column="title", min_tag_count=1)
    nothing = make_article(7, title=" ", description="\u00a0", fulltext=".")
    nothing = nothing.model_copy(update={"fulltext": ""})
    assert build_dataset([*articles, nothing], titles).dropped == Dropped(0, 0, 1, 0, 0)
    full = DataConfig(text_column="fulltext", min_tag_count=1)
    without = [article for article in articles if not article.fulltext]
    with pytest.raises(DataError, match="None of the 5 articles has enough text in 'fulltext'"):
        build_dataset(without, full)


def test_the_minimum_count_keeps_tags_in_at_least_so_many_articles():
    articles = [make_article(n, tags=["often"] + ["seldom"] * (n < 2)) for n in range(3)]
    assert build_dataset(articles, DataConfig(min_tag_count=2)).tags == ("often", "seldom")
    assert build_dataset(articles, DataConfig(min_tag_count=3)).tags == ("often",)


def test_the_tag_matrix_has_sorted_columns():
    articles = [make_article(1, tags=["b", "a"]), make_article(2, tags=["c"])]
    dataset = build_dataset(articles, DataConfig(min_tag_count=1))
    assert dataset.Y.dtype == bool
    assert dataset.Y.toarray().tolist() == [[True, True, False], [False, False, True]]


def test_the_fingerprint_changes_with_ids_texts_and_tags_only():
    one = make_article(1)
    config = DataConfig(min_tag_count=1)

    def print_of(*articles):
        return build_dataset(articles, config).fingerprint

    same = one.model_copy(update={"url": "https://example.org"})
    assert print_of(one) == print_of(same)
    changes = [{"id": "x"}, {"title": "x"}, {"description": "x"}, {"tags": ("x",)}]
    prints = {print_of(one.model_copy(update=change)) for change in changes}
    assert len(prints | {print_of(one)}) == 5


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"languages": ("fr",)}, "No article is in fr: the data has en"),
        (
            {"min_tag_count": 3},
            "No tag is in 3 or more of the 2 articles; the most frequent one is in 2",
        ),
        ({"min_description_length": 99}, "None of the 2 articles has enough text in 'description'"),
    ],
)
def test_settings_that_leave_nothing_are_refused(settings, sentence):
    articles = [make_article(1), make_article(2)]
    with pytest.raises(DataError, match=sentence):
        build_dataset(articles, DataConfig(**{"min_tag_count": 1} | settings))


def test_copies_share_a_group_by_text_or_address():
    articles = [
        make_article(1, title="A  title!", description="d", url="https://e.org/1"),
        make_article(2),
        make_article(3, title="a title", description="D"),
        make_article(4, url="https://e.org/1/"),
        make_article(5, title="?", description="!"),
        make_article(6, title="!", description="?"),
    ]
    assert duplicate_groups(articles).tolist() == [0, 1, 0, 0, 2, 3]


def test_statistics_of_four_articles_by_hand():
    articles = [
        make_article(1, tags=["go", "web"]),
        make_article(2, tags=["go"], language="zh"),
        make_article(3, tags=["db"]),
        make_article(4, tags=[], title="Title 3", description="Description 3"),
    ]
    stats = build_statistics(articles)
    assert (stats.articles, stats.tags, stats.tags_per_article) == (4, 3, 1.0)
    assert stats.tag_counts == {"go": 2, "db": 1, "web": 1}
    assert stats.languages == {"en": 3, "zh": 1}
    assert stats.articles_by_tag_number == {0: 1, 1: 2, 2: 1}
    assert (stats.rare_share, stats.duplicates) == (0.75, 1)
    assert build_remaining(articles, stats.tag_counts) == [Remaining(1, 3, 3), Remaining(2, 1, 2)]


def test_a_tag_is_rare_below_twenty_articles():
    def rare_share(count):
        made = [make_article(n, tags=["go"]) for n in range(count)]
        return build_statistics(made).rare_share

    assert (rare_share(19), rare_share(20)) == (1.0, 0.0)


def test_what_remains_agrees_with_building_the_data_set(articles):
    stats = build_statistics(articles)
    for remaining in build_remaining(articles, stats.tag_counts)[::7]:
        dataset = build_dataset(articles, DataConfig(min_tag_count=remaining.min_count))
        assert (len(dataset.tags), len(dataset.articles)) == (remaining.tags, remaining.articles)
        assert np.all(dataset.tag_counts >= remaining.min_count)
