"""Explore's sections: with the sample, with next to nothing, with hostile text, by address."""

import json

import numpy as np
import pandas as pd
import pytest

from core.dataset.lengths import build_lengths
from core.dataset.statistics import Remaining, changing_steps, tail_rows
from core.dataset.variants import find_variants
from pages.parts.explore.charts import length_bars, length_frame
from pages.parts.explore.map import point_frame
from pages.parts.explore.map_chart import article_points
from pages.parts.explore.tag_charts import remaining_lines, tail_line
from pages.parts.explore.variants import variant_frame
from tests.app_testing import HOSTILE, import_articles, open_page, texts_of
from tests.conftest import make_article
from tests.test_house import modules_after

SECTIONS = ("Tags", "Pairs", "Spellings", "Texts", "Origins", "Copies", "Map", "Articles")


def open_section(name, **query):
    app = open_page("explore", section=name, **query)
    assert not app.error
    return app


def titles_of(app):
    """The title of every Altair chart; a layered one has it on its first layer."""
    specs = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    return [spec.get("title") or spec["layer"][0]["title"] for spec in specs]


@pytest.fixture
def tiny_set(tmp_path):
    """One article, no tags, no date, no address."""
    return import_articles([make_article(1, tags=[], language="")], tmp_path, "tiny")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_with_one_article_without_tags(section, tiny_set):
    open_section(section, data="tiny")


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("Tags", "have no tags"),
        ("Pairs", "No article has two tags"),
        ("Spellings", "No two tags look like the same one"),
        ("Origins", "No article has a date"),
        ("Copies", "No two articles share"),
        ("Map", "needs 5 or more articles"),
    ],
)
def test_an_empty_section_says_why(section, sentence, tiny_set):
    assert sentence in texts_of(open_section(section, data="tiny"))


@pytest.mark.parametrize("section", SECTIONS)
def test_hostile_words_are_shown_as_they_are(section, tmp_path):
    hostile = [
        make_article(
            number,
            title=HOSTILE,
            description=f"{HOSTILE} {number}",
            tags=[HOSTILE, "javascript", "js"],
            source=HOSTILE,
            url="javascript:alert(1)",
            creators=[HOSTILE, "Ann"],
            published="2024-05-31",
        )
        for number in range(8)
    ]
    import_articles(hostile, tmp_path, "hostile")
    app = open_section(section, data="hostile", article="a3", tag=HOSTILE)
    assert "onerror=alert(1)" not in texts_of(app).replace(r"onerror\=alert\(1\)", "")
    assert not app.get("link_button")


def test_tags_show_the_long_tail_and_what_stays():
    *_, stays, tail = titles_of(open_section("Tags", min_count="30"))
    assert stays == "What stays at each minimum count"
    assert tail.startswith("Half of all tags given are the top ")


def test_what_stays_keeps_both_ends_of_every_step():
    remaining = [Remaining(m, 2 if m < 4 else 1, 9 if m < 4 else 5) for m in range(1, 7)]
    points = changing_steps(remaining)
    assert [point.min_count for point in points] == [1, 3, 4, 6]
    assert [point.tags for point in points] == [2, 2, 1, 1]
    lines = remaining_lines(points, minimum=2)["layer"][0]["data"]["values"]
    shares = {
        of: [line["share"] for line in lines if line["of"] == of] for of in ("tags", "articles")
    }
    assert shares == {"tags": [1, 1, 0.5, 0.5], "articles": [1, 1, 5 / 9, 5 / 9]}


def test_the_long_tail_ends_at_all_tags_given():
    rows = tail_rows({"go": 6, "web": 3, "css": 1})
    assert rows == [(1, "go", 6, 0.6), (2, "web", 3, 0.9), (3, "css", 1, 1.0)]
    assert tail_line(rows)["title"] == "Half of all tags given are the top 1"


def test_pairs_are_searched_ordered_and_limited():
    app = open_section("Pairs", pair_least="20")
    assert app.dataframe[0].value["articles"].min() >= 20
    app.text_input(key="pair_search").set_value("deep").run()
    pairs = app.dataframe[0].value
    assert len(pairs) > 0
    assert (pairs[["first", "second"]] == "deep-learning").any(axis=1).all()
    app.selectbox(key="pair_order").set_value("lift").run()
    assert app.dataframe[0].value["lift"].is_monotonic_decreasing
    app.text_input(key="pair_search").set_value("no such tag").run()
    assert "No pair fits" in texts_of(app)


def test_spellings_are_ticked_but_for_guesses(tmp_path):
    articles = [make_article(n, tags=["kubernetes"]) for n in range(30)]
    articles += [make_article(90, tags=["k8s"]), make_article(91, tags=["kubernets"])]
    import_articles(articles, tmp_path, "spelt")
    app = open_section("Spellings", data="spelt")
    assert "**2 tags** may be another tag" in texts_of(app)
    assert "This merges 1 tag: **3 tags become 2**" in texts_of(app)
    frame = variant_frame(find_variants({"kubernetes": 30, "k8s": 1, "kubernets": 1}))
    assert frame["merge"].tolist() == [True, False]


def test_texts_show_lengths_and_the_encoders_limit():
    app = open_section("Texts", part="full text")
    assert titles_of(app) == [
        "Tags per article",
        "Length of full text in words",
        "Length of full text in tokens",
    ]
    assert "**6.2%** of the texts are longer" in texts_of(app)


def test_a_set_without_full_texts_says_so(tiny_set):
    assert "No article has a full text" in texts_of(
        open_section("Texts", data="tiny", part="full text")
    )


def test_origins_show_what_is_known(tmp_path):
    articles = [
        make_article(n, published=f"2024-0{n + 1}-01", url=f"https://site{n % 2}.org/{n}",
                     creators=[f"Author {n % 3}"], language=["en", "de"][n % 2], tags=["go"])
        for n in range(6)
    ]  # fmt: skip
    import_articles(articles, tmp_path, "known")
    app = open_section("Origins", data="known", time_tags="go")
    assert titles_of(app) == [
        "Articles by language",
        "Articles by host",
        "Articles by author",
        "Articles per month",
    ]
    assert "No article names its source" in texts_of(app)


def test_copies_are_listed_and_counted_by_similarity(tmp_path):
    text = "A goroutine that waits for a channel nobody closes leaks for ever"
    articles = [
        make_article(1, title=text),
        make_article(2, title=text, description="Description 1"),
        make_article(3, title=text.replace("nobody", "no one"), description="Description 1"),
        make_article(4, title="Something else", description="altogether"),
    ]
    import_articles(articles, tmp_path, "copied")
    app = open_section("Copies", data="copied", similarity="0.7")
    assert "**2 pairs**. A split keeps 1 of them" in texts_of(app)
    app.slider(key="similarity").set_value(1.0).run()
    assert len(app.dataframe[0].value) == 1


def test_the_map_draws_every_article_in_the_colour_of_its_first_chosen_tag(articles, tmp_path):
    import_articles(articles, tmp_path, "small")
    app = open_section("Map", data="small", map_tags="golang")
    (chart,) = app.get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    names = [trace["name"] for trace in spec["data"]]
    assert names == ["other tags", "golang"]
    assert spec["data"][0]["type"] == "scattergl"
    assert chart.proto.alt
    app = open_section("Map", data="small", dimensions="3-D")
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert {trace["type"] for trace in spec["data"]} == {"scatter3d"}


def test_islands_of_articles_that_are_all_alike_fall_back_to_the_overview_and_say_so(tmp_path):
    notes = [
        make_article(n, title=f"Release {letter}", description="fixes and changes")
        for n, letter in enumerate("abcdefgh")
    ]
    import_articles(notes, tmp_path, "notes")
    app = open_section("Map", data="notes", layout="islands (t-SNE)")
    assert "all alike, so there are no islands to find: the overview is shown" in texts_of(app)
    assert len(app.get("plotly_chart")) == 1


def test_points_keep_their_article_whatever_their_order():
    table = pd.DataFrame(
        {"id": list("abcd"), "title": list("ABCD"), "tags": [["go"], [], ["css", "go"], ["css"]]}
    )
    points = pd.DataFrame({"x": [0.0, 2.0, 3.0], "y": [0.0] * 3, "row": [0, 2, 3]})
    frame = point_frame(table, points, ["go", "css"])
    assert frame[["id", "x", "colour", "tags"]].to_numpy().tolist() == [
        ["a", 0.0, "go", "go"],
        ["c", 2.0, "go", "css; go"],
        ["d", 3.0, "css", "css"],
    ]
    figure = article_points(frame.assign(title="<b>bold</b>"), title="Three")
    assert list(figure.data[0].customdata) == [0, 2]
    assert figure.data[0].text[0] == "&lt;b&gt;bold&lt;/b&gt;"


def test_meaning_asks_to_encode_what_the_cache_lacks(articles, tmp_path):
    import_articles(articles, tmp_path, "small")
    app = open_section("Map", data="small", vectors="meaning (MiniLM)")
    assert "have no MiniLM vector yet" in texts_of(app)
    assert "Encode them" in [button.label for button in app.button]
    assert not app.get("plotly_chart")


def test_an_address_restores_the_filters_and_the_open_article():
    app = open_section("Articles", tag="golang", language="zh", article="written-0002")
    table = app.dataframe[0].value
    assert len(table) > 0
    assert all("golang" in tags for tags in table["tags"])
    assert set(table["language"]) == {"zh"}


def test_articles_are_filtered_by_their_number_of_tags():
    app = open_section("Articles")
    app.slider(key="tag_numbers").set_value((4, 5)).run()
    assert set(app.dataframe[0].value["tags"].map(len)) <= {4, 5}


def test_the_named_article_is_shown_and_a_stale_one_is_said(tmp_path):
    article = make_article(1, title="On *channels*", url="https://example.org/1", tags=["go"])
    import_articles([article, make_article(2)], tmp_path, "two")
    app = open_section("Articles", data="two", article="a1")
    assert r"On \*channels\*" in texts_of(app)
    assert len(app.get("link_button")) == 1
    app = open_section("Articles", data="two", article="gone")
    assert "The article gone is not in two" in texts_of(app)


def test_no_section_needs_the_machine_learning_libraries_to_be_imported():
    parts = ("articles", "charts", "copies", "loading", "map", "origins", "pairs", "reader", "tags",
             "texts", "variants")  # fmt: skip
    names = ", ".join(f"pages.parts.explore.{part}" for part in parts)
    assert not {"sklearn", "torch", "transformers", "tokenizers", "jieba"} & modules_after(names)


def test_lengths_in_tokens_need_no_torch():
    assert not {"torch", "transformers"} & modules_after("core.features.token_counts")


def test_the_limit_is_marked_on_the_lengths_in_tokens():
    lengths = build_lengths(np.array([10, 200, 400]), limit=256)
    spec = length_bars(length_frame(lengths), unit="tokens", title="T", limit=256).to_dict()
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks == ["bar", "rule", "text"]
    assert "the encoder reads 256" in json.dumps(spec["datasets"])
