"""Suggest without a browser: chips, choices, copies, feedback, warnings, evidence, files."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.articles.store.sets import keep_articles, read_sources
from core.base.errors import FetchError
from core.feedback.corrections import FeedbackStore
from core.jobs.job import list_jobs
from core.jobs.queue import wait_for
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoints, build_point
from core.study.presets import configure
from core.suggest.copy_forms import tags_as
from core.suggest.dropped import read_dropped
from core.suggest.highlights import mark_text
from core.suggest.neighbours import Neighbours
from core.suggest.suggester import Suggester
from core.suggest.sureness import rate_tags
from core.suggest.text_warnings import find_warnings
from pages.parts.shared.words import percent
from pages.parts.suggest.reasons import marked
from tests.app_testing import press, texts_of
from tests.conftest import PROJECT

TEXT = (
    "we show how a goroutine blocks on a channel, and how pprof finds it in a fast new service "
    "with an index and a query"
)


@pytest.fixture
def run(tiny_config, articles, store):
    keep_articles("small", articles)
    config = configure(tiny_config, sources=["small"])
    return run_experiment(config, store, articles=read_sources(["small"])).run


def open_suggest(text=TEXT, **query):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120).run()
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page("pages/suggest.py").run()
    if text is not None:
        app.text_area(key="article").set_value(text)
        press(app, "Suggest tags")
    return app


def group(app, label):
    return next(pills for pills in app.pills if pills.label == label)


def tags_shown(app):
    return app.code[0].value.split(", ") if app.code else []


def test_tags_are_taken_left_added_undone_and_copied(run):
    app = open_suggest(line="40 %")
    suggested = group(app, "Suggested")
    assert suggested.value[0] == "golang"
    start = tags_shown(app)
    suggested.set_value([tag for tag in suggested.value if tag != "golang"]).run()
    assert "golang" not in tags_shown(app)
    app.multiselect[0].set_value(["my tag"]).run()
    assert tags_shown(app)[-1] == "my tag"
    press(app, "Undo")
    press(app, "Undo")
    assert tags_shown(app) == start
    app.segmented_control(key="copy_form").set_value("JSON").run()
    assert json.loads(app.code[0].value) == start


def test_every_chip_has_its_calibrated_score(run):
    app = open_suggest()
    found = Suggester.load(run).suggest(TEXT)
    expected = {percent(tag.probability) for tag in found.tags}
    labels = [label for pills in app.pills for label in pills.options]
    assert {label.split(" ", 1)[1].replace("\\", "") for label in labels} == expected


def test_saving_keeps_all_of_it_and_can_be_taken_back(run):
    app = open_suggest()
    suggested = group(app, "Suggested")
    first = suggested.value[0]
    suggested.set_value([tag for tag in suggested.value if tag != first]).run()
    app.multiselect[0].set_value(["my tag"]).run()
    app.text_input(key="editor_name").set_value("Ada").run()
    press(app, "Save these tags")
    assert "The next model can learn from it" in texts_of(app)
    store = FeedbackStore()
    (kept,) = store.read().kept
    assert kept.correction.rejected == (first,)
    assert kept.correction.added == ("my tag",)
    assert (kept.correction.run, kept.correction.name) == (run.id, "Ada")
    assert kept.correction.text == TEXT
    assert len(kept.correction.shown) == 4
    press(app, "Take it back")
    assert "nothing of it is kept" in texts_of(app)
    assert store.read().total == 0


def test_the_band_of_the_operating_point_is_what_one_is_not_sure_of(run, store):
    suggester = Suggester.load(run)
    found = suggester.suggest(TEXT).tags
    best = found[0].probability
    point = build_point(name="careful", run=run.id, cut=-9.0, not_sure=(0.01, best))
    with_band = Suggester(run, suggester.tagger, point, suggester.calibration)
    rated = rate_tags(with_band, with_band.suggest(TEXT).tags)
    assert {tag.verdict for tag in rated} == {"not sure"}
    OperatingPoints(store.folder).save(point)
    app = open_suggest()
    assert "No tag is sure enough" in texts_of(app)
    assert [pills.label for pills in app.pills] == ["Not sure: your call"]


def test_a_suggestion_with_a_lower_figure_than_a_tag_left_out_is_explained(run, store):
    assert "has its own bar" not in texts_of(open_suggest())
    by_chance = sorted(Suggester.load(run).suggest(TEXT).tags, key=lambda tag: tag.probability)
    lowest, highest = by_chance[0], by_chance[-1]
    point = build_point(name="own bars", run=run.id, cut=9.0, own={lowest.tag: -9.0})
    OperatingPoints(store.folder).save(point)
    (sentence,) = [c.value for c in open_suggest().caption if "has its own bar" in c.value]
    assert sentence.endswith(f"{lowest.tag} is over its own, {highest.tag} is not.")


def test_without_a_band_what_is_suggested_is_what_the_suggester_suggests(run):
    suggester = Suggester.load(run)
    found = suggester.suggest(TEXT).tags
    rated = rate_tags(suggester, found)
    assert [tag.verdict == "suggested" for tag in rated] == [tag.suggested for tag in found]
    strict = rate_tags(suggester, found, sure_from=1.0)
    assert all(tag.verdict != "suggested" for tag in strict)
    unrated = Suggester(run, suggester.tagger)
    assert [t.verdict == "suggested" for t in rate_tags(unrated, found)] == [
        tag.suggested for tag in found
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("goroutine channel pprof", "This text has only 3 words"),
        ("zzz qqq xxx yyy goroutine " + "vvv " * 15, "Only 1 of the 6 different words"),
    ],
)
def test_an_editor_is_warned_in_plain_words(run, text, sentence):
    suggester = Suggester.load(run)
    found = replace(suggester.suggest(text), note="")  # of the language it seems to be in
    assert any(sentence in w for w in find_warnings(suggester, found, text=text))


def test_a_good_text_gives_no_warning(run):
    suggester = Suggester.load(run)
    assert find_warnings(suggester, suggester.suggest(TEXT), text=TEXT) == []


def test_the_marked_text_is_the_text_and_its_parts_sum_to_the_score(run):
    tagger = run.read_tagger()
    text = f"{TEXT} <b>**Goroutine**</b>\n goroutine 中文 C++"
    contributions = tagger.contributions(text)
    stretches = mark_text(text, tagger, contributions, "golang")
    assert "".join(stretch.text for stretch in stretches) == text
    column = tagger.tags.index("golang")
    score = float(tagger.scores([text])[0, column])
    total = sum(stretch.part for stretch in stretches)
    assert total == pytest.approx(contributions.parts[:, column].sum())
    assert total + tagger.svm.intercepts[column] == pytest.approx(score, abs=1e-6)
    shown = marked(stretches, most_characters=3000)
    assert "background[" in shown
    assert "<b>" not in shown.replace(r"\<b\>", "")
    assert shown.count(r"\*\*") == 2


def test_the_nearest_training_articles_are_the_most_similar_ones(run, articles):
    tagger = run.read_tagger()
    near = Neighbours.build(run, tagger)
    tested = set(run.read_part("test").ids)
    own = next(a for a in articles if a.id not in tested)
    found = near.nearest(f"{own.title}\n{own.description}")
    assert found[0].article.id == own.id
    assert found[0].likeness == pytest.approx(1.0)
    rows = tagger.features.transform([f"{a.title}\n{a.description}" for a in near.articles])
    query = tagger.features.transform([TEXT])
    best = np.asarray((rows @ query.T).todense()).ravel().max()
    assert near.nearest(TEXT)[0].likeness == pytest.approx(best)
    assert not {a.article.id for a in near.nearest(TEXT)} & tested


def test_why_opens_in_place_and_shows_words_and_articles(run):
    app = open_suggest()
    assert not app.table
    app.session_state["why"] = True
    app.run()
    assert not app.exception
    assert "background[" in texts_of(app)
    assert "goroutine" in texts_of(app)
    assert list(app.table[0].value.columns) == ["Article", "Its tags", "Alike"]


def test_a_second_model_stands_beside_with_its_differences(run, tiny_config, articles, store):
    config = configure(tiny_config, sources=["small"], assignments=["seed=1"])
    second = run_experiment(config, store, articles=read_sources(["small"])).run
    app = open_suggest(run=run.id, beside=second.id)
    table = app.table[0].value
    assert list(table.columns)[:3] == ["Tag", "By words (1)", "By words (2)"]
    assert table["Tag"].iloc[0] == "golang"


HOSTILE = {
    "markup": "<script>alert(1)</script> **bold** [a](javascript:b) $x$ goroutine channel",
    "right to left": "שלום עולם goroutine channel \u202eevil\u202c",
    "zero width": "go\u200broutine \u200d\u200c channel pprof \ufeff",
    "emoji": "🎉 goroutine 👩‍💻 channel 🏷️ pprof",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_text_is_shown_as_text(run, text):
    app = open_suggest(text)
    app.session_state["why"] = True
    app.run()
    assert not app.exception
    assert not app.error
    assert "<script>" not in texts_of(app).replace(r"\<script\>", "")


def test_only_punctuation_is_said_to_have_no_words(run):
    app = open_suggest("?!... --- ,,, ;;;")
    assert "This text has 0 words" in app.error[0].value


def test_a_very_long_text_is_tagged(run):
    app = open_suggest("goroutine channel pprof index " * 3400)
    assert tags_shown(app)
    assert not app.error


def test_a_dropped_file_is_read_as_what_it_is():
    page = read_dropped("a.md", b"---\ntitle: 'A title'\ntags: [x]\n---\nBody of it")
    assert (page.title, page.text) == ("A title", "Body of it")
    page = read_dropped("a.MD", "# 标题\n\n正文".encode())
    assert (page.title, page.text) == ("标题", "正文")
    page = read_dropped("a.txt", "na\xefve \u201cquoted\u201d words of a text".encode("cp1252"))
    assert "quoted" in page.text
    html = "<html><title>T</title><article><p>" + "Words of a page. " * 20 + "</p></article></html>"
    assert read_dropped("a.html", html.encode()).text.startswith("Words of a page.")
    with pytest.raises(FetchError, match=r"ends in 'pdf'"):
        read_dropped("a.pdf", b"x")
    with pytest.raises(FetchError, match="empty"):
        read_dropped("a.txt", b" \n")


def test_copied_tags_are_read_back_by_their_own_readers():
    tags = ["c++", "node.js", "no", "a: b", "machine-learning", "3d", "中文", 'q"uote']
    assert json.loads(tags_as("JSON", tags)) == tags
    yaml = pytest.importorskip("yaml")
    (front, _) = [*yaml.safe_load_all(tags_as("YAML", tags) + "\n"), None][:2]
    assert front == {"tags": tags}
    assert tags_as("YAML", []) == "---\ntags: []\n---"
    assert tags_as("List", tags[:2]) == "c++, node.js"


def test_a_refused_address_is_said_in_a_sentence(run):
    app = open_suggest(None)
    app.segmented_control(key="way").set_value("Address").run()
    app.text_input(key="address").set_value("http://127.0.0.1/").run()
    press(app, "Suggest tags")
    assert len(app.error) == 1
    assert not app.code


def test_the_page_says_nothing_in_jargon(run):
    app = open_suggest()
    app.session_state["why"] = True
    app.run()
    helps = [w.help or "" for kind in ("button", "selectbox", "pills") for w in app.get(kind)]
    words = (texts_of(app) + " ".join(helps)).lower()
    for jargon in ("label", "inference", "logit", "micro", "margin", "token"):
        assert jargon not in words


@pytest.mark.parametrize("rows", [3, 502])
def test_a_file_comes_back_with_tags_and_a_long_one_by_a_job(run, rows):
    app = open_suggest(None)
    app.session_state["many"] = True
    app.run()
    content = "title,description\n" + "Goroutines,a goroutine and its channel in pprof\n" * rows
    app.file_uploader(key="many_file").set_value(("posts.csv", content.encode(), "text/csv")).run()
    press(app, "Tag the file")
    if rows > 500:
        (job,) = list_jobs()
        ended = wait_for(job.id, seconds=300)
        assert (ended.state, ended.result["rows"]) == ("done", rows), ended.error
        lines = Path(ended.result["file"]).read_text().splitlines()
        app.run()
    else:
        assert f"{rows} rows tagged" in texts_of(app)
        lines = app.session_state["tagged_file"].content.decode().splitlines()
    assert lines[0] == "title,description,suggested_tags,tag_scores,needs_a_look,problem"
    assert len(lines) == rows + 1
    assert "golang" in lines[1]
    assert [b.label for b in app.get("download_button")] == ["Download it"]
