"""What a page says first: its question, then what to do; editors read no terms of the trade."""

import re

import pytest

from core.runs.experiment import run_experiment
from core.study.presets import configure
from tests.app_testing import import_articles, open_page, press, texts_of
from tests.test_house import modules_after

PAGES = ("suggest", "review", "explore", "story", "data", "train", "jobs", "compare", "thresholds")
VERBS = {"Choose", "Paste", "Read", "Turn", "Watch"}
JARGON = re.compile(
    r"\b(labels?|inference|logits?|micro|macro|thresholds?|precision|recall|F1|epochs?|embeddings?"
    r"|encoders?|vectors?|classifiers?|margins?)\b",
    re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def no_measuring(monkeypatch):
    """Train measures the machine in a process of its own: tests/test_train_page.py."""
    nothing = type("Measuring", (), {"poll": lambda self: None})()
    monkeypatch.setattr("pages.parts.train.cost.start_measuring", lambda _: nothing)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_under_its_question_what_to_do(name):
    app = open_page(name)
    assert app.subheader[0].value.endswith("?")
    sentence = app.caption[0].value
    assert sentence.split()[0] in VERBS
    assert sentence.endswith(".")
    assert len(sentence) <= 90


@pytest.mark.parametrize("name", ["suggest", "review"])
def test_editors_read_no_terms_of_the_trade(name, tiny_config, articles, store, tmp_path):
    import_articles(articles, tmp_path, "small")
    run_experiment(configure(tiny_config, sources=["small"]), store, articles=articles)
    app = open_page(name)
    if name == "suggest":
        app.text_area(key="article").set_value("a goroutine blocks on a channel, says pprof")
        press(app, "Suggest tags")
    widgets = (*app.button, *app.metric, *app.selectbox, *app.segmented_control, *app.pills)
    words = [texts_of(app), *(f"{widget.label} {widget.help}" for widget in widgets)]
    assert JARGON.findall("\n".join(words)) == []


def test_no_page_loads_torch_to_open(home):
    loaded = modules_after(
        "core.estimate.measuring as measuring, streamlit.testing.v1 as testing; "
        "never_ends = type('Measuring', (), {'poll': lambda self: None}); "
        "measuring.start_measuring = lambda settings: never_ends(); "
        "app = testing.AppTest.from_file('app.py', default_timeout=60).run(); "
        "broken = lambda page: page.exception or page.error; "
        f"found = [n for n in {PAGES} if broken(app.switch_page(f'pages/{{n}}.py').run())]; "
        "assert not found, found; import pages"
    )
    assert not {"torch", "transformers", "sentence_transformers", "tokenizers"} & loaded
