"""Every page without a browser: empty, with the sample, with errors, with hostile text."""

import json
from types import SimpleNamespace

import pytest

from core.base.numbers import signed
from core.runs.experiment import run_experiment
from core.study.presets import configure
from pages.parts.explore.tag_charts import tag_bars
from pages.parts.shared.charts import count_bars
from pages.parts.shared.words import count, plain
from tests.app_testing import HOSTILE, import_articles, metrics_of, open_page, press, texts_of
from tests.conftest import make_article


@pytest.fixture(autouse=True)
def no_measuring(monkeypatch):
    """Train measures the machine in a process of its own: tests/test_train_page.py."""
    measuring = SimpleNamespace(poll=lambda: None)
    monkeypatch.setattr("pages.parts.train.cost.start_measuring", lambda _: measuring)


@pytest.fixture
def named_set(articles, tmp_path):
    """The small made-up articles as a data set named "small"."""
    return import_articles(articles, tmp_path, "small")


@pytest.fixture
def small_run(tiny_config, articles, store, named_set):
    return run_experiment(configure(tiny_config, sources=["small"]), store, articles=articles).run


QUESTIONS = {
    "explore": "What is in this data set?",
    "train": "What shall I try next, and what will it cost?",
    "compare": "Which run is better, for which tags, and is it sure?",
    "suggest": "Which tags fit this article?",
}


@pytest.mark.parametrize("page", QUESTIONS)
def test_every_page_opens_in_an_empty_home_with_its_question(page):
    app = open_page(page)
    assert app.subheader[0].value == QUESTIONS[page]
    assert not app.error


def test_explore_shows_the_samples_totals_and_says_what_it_is():
    app = open_page("explore")
    assert metrics_of(app) == {
        "Articles": "1,440",
        "Tags": "172",
        "Tags per article": "2.43",
        "Languages": "2",
        "With a rare tag": "54%",
    }
    assert "The sample was written for this project: these are not real articles." in texts_of(app)
    assert "42 tags, 1,320 articles stay" in texts_of(app)


def drawn_bars(app, at):
    """Articles by tag in a chart of Explore."""
    bars = json.loads(app.get("vega_lite_chart")[at].proto.spec)["layer"][0]["data"]["values"]
    return {bar["tag"]: bar["articles"] for bar in bars}


def minimum_line(app):
    rule = json.loads(app.get("vega_lite_chart")[0].proto.spec)["layer"][1]
    return rule["data"]["values"][0]["name"]


def test_explore_draws_the_frequencies_of_the_data():
    app = open_page("explore")
    top, bottom = drawn_bars(app, 0), drawn_bars(app, 1)
    assert next(iter(top)) == "python"
    assert len(top) == 100
    assert len(bottom) == 72
    assert (top["python"], min(top.values()), max(bottom.values())) == (414, 8, 7)
    assert minimum_line(app) == "minimum 20"


def test_moving_the_minimum_says_what_stays(named_set):
    app = open_page("explore")
    app.selectbox(key="data").set_value("small").run()
    app.slider(key="min_count").set_value(43).run()
    assert "**1 tag, 43 articles stay**; 3 tags are rarer." in texts_of(app)
    assert minimum_line(app) == "minimum 43"
    assert metrics_of(app)["Articles"] == "120"


def test_a_minimum_beyond_another_sets_counts_falls_back(named_set):
    app = open_page("explore", min_count="400")
    assert app.slider(key="min_count").value == 400
    app.selectbox(key="data").set_value("small").run()
    assert not app.exception
    assert app.slider(key="min_count").value == 43
    assert "1 tag, 43 articles stay" in texts_of(app)


def test_explore_filters_the_articles_by_words_and_tag():
    app = open_page("explore", section="Articles")
    app.text_input(key="search").set_value("goroutine").run()
    found = app.dataframe[0].value
    assert 0 < len(found) < 60
    app.selectbox(key="tag").set_value("python").run()
    assert all("python" in tags for tags in app.dataframe[0].value["tags"])
    app.text_input(key="search").set_value("no such words").run()
    assert "No article fits" in texts_of(app)


def test_a_tag_of_another_data_set_is_forgotten(named_set):
    app = open_page("explore", section="Articles", tag="machine-learning")
    assert len(app.dataframe[0].value) == 117
    app.selectbox(key="data").set_value("small").run()
    assert not app.exception
    assert app.selectbox(key="tag").value is None
    assert len(app.dataframe[0].value) == 120


def test_a_link_to_a_run_restores_it_and_a_stale_one_says_so(small_run):
    app = open_page("train")
    app.query_params["run"] = small_run.id
    app.run()
    assert "best\\-tfidf on small" in texts_of(app)
    app.query_params["run"] = "gone"
    app.run()
    assert "There is no run" in app.warning[0].value


@pytest.mark.parametrize("page", ["compare", "suggest"])
def test_a_link_names_its_run_by_id_and_says_if_it_is_gone(
    page, small_run, tiny_config, articles, store
):
    run_experiment(configure(tiny_config, assignments=["seed=1"]), store, articles=articles)
    app = open_page(page, run=small_run.id)
    chosen = (
        app.multiselect[-1].value if page == "compare" else app.selectbox(key="chosen_run").value
    )
    assert chosen in (small_run.id, [small_run.id])
    assert app.query_params["run"] == small_run.id
    assert not app.warning
    app = open_page(page, run="gone")
    assert "This link names a run that is gone: gone" in app.warning[0].value


def test_suggest_gives_the_suggesters_tags(small_run):
    app = open_page("suggest")
    app.text_area(key="article").set_value("a goroutine blocks on a channel, says pprof")
    press(app, "Suggest tags")
    assert app.code[0].value.split(", ")[0] == "golang"
    assert app.pills[0].label == "Suggested"
    assert app.pills[0].value[0] == "golang"


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "There is no text yet"), ("short", "This text has one word")]
)
def test_suggest_answers_a_text_that_is_too_short_in_a_sentence(small_run, text, sentence):
    app = open_page("suggest")
    app.text_area(key="article").set_value(text)
    press(app, "Suggest tags")
    assert sentence in app.error[0].value


def test_the_first_suggestion_learns_from_the_sample_by_itself(store):
    app = open_page("suggest")
    press(app, "Leaking goroutines")
    assert app.code[0].value.startswith("golang")
    assert store.finished()[0].is_of_sample
    assert "The sample was written for this project" in texts_of(app)


def test_other_peoples_words_are_shown_letter_by_letter(tmp_path, tiny_config, store):
    tagged = [
        make_article(n, title=f"{HOSTILE} {n}", tags=[HOSTILE.replace(",", "")]) for n in range(30)
    ]
    plain_ones = [make_article(n + 50, tags=["web"], title=f"other words {n}") for n in range(30)]
    import_articles(tagged + plain_ones, tmp_path, "hostile")
    app = open_page("explore")
    app.selectbox(key="data").set_value("hostile").run()
    assert not app.exception
    assert HOSTILE.replace(",", "") in drawn_bars(app, 0)  # letter by letter: no HTML is read
    config = configure(tiny_config, sources=["hostile"])
    run_experiment(config, store)
    app = open_page("suggest")
    app.text_area(key="article").set_value(f"{HOSTILE} Title Description")
    press(app, "Suggest tags")
    labels = [option for pills in app.pills for option in pills.options]
    assert any(label.startswith(plain(HOSTILE)) for label in labels)
    assert "onerror=alert(1)" not in texts_of(app)


def test_plain_words_make_no_markdown():
    assert plain("**a** [b](c)\n<d>") == r"\*\*a\*\* \[b\]\(c\) \<d\>"
    assert count(1, "tag") == "1 tag"
    assert count(1440, "article") == "1,440 articles"
    assert (signed(0.5), signed(-0.5)) == ("+0.500", "\N{MINUS SIGN}0.500")


def test_bars_keep_the_given_order_and_carry_a_title():
    chart = tag_bars([("go", 3), ('say "C"', 1)], title="Two tags", line_at=2)
    bars, rule, _ = chart["layer"]
    assert [(bar["tag"], bar["articles"]) for bar in bars["data"]["values"]] == [
        ("go", 3),
        ('say "C"', 1),
    ]
    assert bars["encoding"]["x"]["axis"]["labelExpr"].endswith(r'["go", "say \"C\""][datum.value]')
    # Of one height, whatever the names: on a phone the bars would be cut off at the bottom.
    axis = bars["encoding"]["x"]["axis"]
    assert axis["minExtent"] == axis["maxExtent"] > 0
    assert rule["data"]["values"][0]["minimum"] == 2
    assert chart["title"] == "Two tags"
    spec = count_bars({"en": 2, "zh": 1}, title="Languages", label="language").to_dict()
    assert spec["layer"][0]["encoding"]["y"]["sort"] is None


def test_a_data_set_whose_articles_have_vanished_is_said_in_a_sentence(named_set, home):
    (home / "sets" / "small" / "articles.jsonl").unlink()
    app = open_page("explore")
    app.selectbox(key="data").set_value("small").run()
    assert not app.exception
    assert "(it is missing)" in app.error[0].value.replace("\\", "")
