"""The story: its figures come from runs, its sentences from its figures, its page from both."""

import pytest

from benchmarks.story_figures import build_story, build_tail
from core.base.errors import DataError
from core.runs.experiment import run_experiment
from core.study.findings import (
    find_cut,
    find_first_tag,
    find_leak,
    find_tail,
    find_twins,
    find_winner,
    published_leak,
)
from core.study.presets import configure
from core.study.published import PUBLISHED_NOTE
from core.study.story import (
    STORY_FILE,
    BandScore,
    CutCurve,
    CutPoint,
    Duel,
    Gap,
    PresetFigures,
    Provenance,
    Story,
    TailBand,
    read_story,
    write_story,
)
from pages.parts.story.steps import STEPS
from tests.app_testing import open_page, press, texts_of
from tests.conftest import make_article

NAMES = [step.name for step in STEPS]


def measured(f1, *, promised=0.9, kept=0.5):
    return PresetFigures(0.25, 0.75, f1, 0.1, 2.0, "micro_f0.5", promised, kept)


WHOLE = Story(
    Provenance("blog", 3000, 7, "2026-11-25", "MiniLM"),
    (TailBand(1, 1, 8, 8), TailBand(3, 4, 1, 4), TailBand(20, None, 1, 36)),
    {
        f"{way}-{number:02d}": measured(0.4 if way == "study" else 0.3 + number / 20)
        for way in ("study", "fixed")
        for number in range(1, 11)
    },
    CutCurve(
        "fixed-08",
        (CutPoint(1.0, 1.0, 0.1, 0.18), CutPoint(-1.0, 0.4, 0.9, 0.55)),
        CutPoint(0.0, 0.9, 0.3, 0.45),
        CutPoint(-0.5, 0.7, 0.6, 0.65),
    ),
    Duel(
        "fixed-08",
        (BandScore("fixed-08", "all", 3, 0.5), BandScore("fixed-05", "all", 3, 0.4)),
        (
            Gap(-0.02, -0.04, 0.01, "fixed-05", "micro F1"),
            Gap(0.05, 0.02, 0.08, "fixed-06", "micro F1"),
        ),
    ),
)
BARE = Story(WHOLE.source, WHOLE.tail)


@pytest.fixture
def told(monkeypatch):
    """Have the page tell the given story."""
    return lambda story: monkeypatch.setattr("core.study.story.read_story", lambda: story)


def test_the_sentences_are_made_of_the_figures():
    assert find_tail(WHOLE) == (
        "1 of 10 tags have 20 articles or more, and they are 75% of all tags given; "
        "8 tags appear once or twice."
    )
    assert "promises 0.900 and the test articles give 0.500" in find_leak(WHOLE)
    assert "2.0 tags an article and 25% of them are right (F1 0.400)" in find_first_tag(WHOLE)
    assert "90% right and find 30%" in find_cut(WHOLE)
    assert "70% right and find 60%: F1 +0.200" in find_cut(WHOLE)
    # 0.3 + number / 20 is above 0.4 from experiment 3 on.
    assert find_twins(WHOLE).startswith("Of 10 experiments measured both ways, 8 have a higher F1")


def test_a_difference_whose_interval_holds_0_is_not_called_sure():
    vectors, tuned = find_winner(WHOLE).split(". ")
    assert vectors.startswith("BERT's vectors are not surely apart from keywords")
    assert tuned.startswith("The fine-tuned BERT is ahead of keywords in micro F1: +0.050")


def test_the_studys_own_leak_is_marked_as_published_elsewhere():
    # 1.25 x .6163 x .3484 / (.25 x .6163 + .3484)
    assert "promised 0.925 and gave 0.534" in published_leak()
    assert PUBLISHED_NOTE in published_leak()


def test_tags_fall_into_the_band_of_their_count():
    articles = [make_article(n, tags=["web", *(["rust"] if n < 3 else [])]) for n in range(20)]
    bands = {band.name: (band.tags, band.given) for band in build_tail(articles) if band.tags}
    assert bands == {"3–4": (1, 3), "20–39": (1, 20)}


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_its_sentence_one_chart_and_its_source(name, told):
    told(WHOLE)
    app = open_page("story", step=name)
    assert not app.error
    assert len(app.get("vega_lite_chart")) == 1
    assert app.get("download_button")
    texts = texts_of(app)
    assert "3,000 English technical articles of 7 publishers" in texts
    assert "Not measured yet" not in texts
    assert f"Step {NAMES.index(name) + 1} of 7" in texts


@pytest.mark.parametrize("name", NAMES)
def test_a_step_whose_figures_are_missing_says_which(name, told):
    told(BARE)
    app = open_page("story", step=name)
    assert not app.error
    missing = list(STEPS[NAMES.index(name)].needs)
    told_of = "\n".join(info.value for info in app.info).replace("\\", "")
    assert all(preset in told_of for preset in missing)


def test_next_and_back_turn_the_pages_and_the_link_restores_them(told):
    told(WHOLE)
    app = open_page("story")
    press(app, "Next")
    press(app, "Next")
    assert app.segmented_control(key="step").value == "The leak"
    press(app, "Back")
    assert app.segmented_control(key="step").value == "First attempt"
    assert open_page("story", step="no such step").segmented_control(key="step").value == NAMES[0]


def test_the_last_step_leads_to_suggest_and_says_what_the_sample_is(told):
    told(WHOLE)
    app = open_page("story", step=NAMES[-1])
    links = [link.proto.label for link in app.get("page_link")]
    assert "Paste an article of yours and see its tags" in links
    assert "a sample that was written for this project" in texts_of(app)


def test_the_committed_figures_are_of_a_real_set_and_name_no_folder():
    story = read_story()
    assert story.source.data != "sample"
    assert story.tail and story.measured
    assert "/" not in STORY_FILE.read_text(encoding="utf-8")


def test_a_damaged_figures_file_is_said_in_a_sentence(tmp_path):
    path = tmp_path / "figures.json"
    write_story(WHOLE, path)
    assert read_story(path) == WHOLE
    path.write_text(path.read_text().replace('"tags": 8', '"tags": "many"'))
    with pytest.raises(DataError, match=r"figures\.json cannot be read"):
        read_story(path)


@pytest.fixture
def two_runs(articles, store, tiny_config, home):
    """A run that passes for experiment 8 corrected, and one for 5, of the same test articles."""
    for preset, c in (("fixed-08", 1.0), ("fixed-05", 0.01)):
        config = configure(tiny_config, assignments=[f"preset={preset}", f"classifier.C=[{c}]"])
        run_experiment(configure(config, sources=["made"]), store, articles=articles)
    return store.finished()


def test_the_figures_are_those_of_the_runs(two_runs, articles):
    story = build_story(two_runs, articles)
    run = next(run for run in two_runs if run.config.preset == "fixed-08")
    micro = run.report.averages["micro avg"]
    assert story.measured["fixed-08"].f1 == pytest.approx(micro.f1_score, abs=5e-5)
    assert story.cuts.tuned.precision == pytest.approx(micro.precision, abs=5e-5)
    assert story.cuts.tuned.recall == pytest.approx(micro.recall, abs=5e-5)
    zero = run.report.cuts["zero"]["micro avg"]
    assert story.cuts.zero.recall == pytest.approx(zero.recall, abs=5e-5)
    assert story.duel.reference == "fixed-08"
    assert {gap.preset for gap in story.duel.gaps} == {"fixed-05"}
    assert sum(band.tags for band in story.duel.bands if band.preset == "fixed-05") == 4


def test_no_figure_is_taken_from_the_sample(articles, store, tiny_config):
    config = configure(tiny_config, sources=["sample"])
    run_experiment(config, store, articles=articles)
    with pytest.raises(DataError, match="learnt from the sample"):
        build_story(store.finished(), articles)
