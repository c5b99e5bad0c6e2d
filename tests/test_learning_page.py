"""Compare's learning curve without a browser: measured, on the way, failed, and not there yet."""

from dataclasses import asdict

import pytest

from core.base.files import write_json
from core.evaluate.comparison import Difference
from core.evaluate.learning_curve import CurveLine, LearningCurve, size_table
from core.jobs.job import create_job
from core.jobs.tasks import CurveTask
from core.runs.experiment import run_experiment
from core.runs.learning_curves import curve_seconds
from core.study.presets import configure, preset_named
from pages.parts.compare.charts import growth_lines
from pages.parts.shared.families import family_named
from tests.app_testing import import_articles, open_page, press, texts_of
from tests.test_compare_page import open_compare
from tests.test_jobs import a_job

PART = "Learning curve"


def line(name, values, growth):
    """A line whose intervals reach 0.1 to either side."""
    low, high = (tuple(value + side for value in values) for side in (-0.1, 0.1))
    return CurveLine(name, values, low, high, Difference(*growth))


CURVE = LearningCurve(
    sizes=(20, 40, 80),
    repeats=3,
    test_articles=35,
    averages=(
        line("micro F1", (0.3, 0.5, 0.6), (0.1, 0.05, 0.15)),
        line("macro F1", (0.2, 0.45, 0.46), (0.01, -0.02, 0.04)),
    ),
    tags=(
        line("golang", (0.2, 0.5, 0.75), (0.25, -0.05, 0.5)),
        line("web", (0.2, 0.5, 0.625), (0.125, 0.05, 0.25)),
    ),
    training=(40, 60),
    support=(12, 20),
)


@pytest.fixture
def run(tiny_config, articles, store, tmp_path):
    import_articles(articles, tmp_path, "small")
    return run_experiment(configure(tiny_config, sources=["small"]), store).run


@pytest.fixture
def submitted(monkeypatch):
    """The tasks that the page starts, which nobody works on."""
    tasks = []
    monkeypatch.setattr("pages.parts.compare.learning.submit", tasks.append)
    return tasks


def keep_curve(run):
    write_json(run.folder / "learning_curve.json", asdict(CURVE))


def curve_job(config, **fields):
    task = CurveTask(config=config)
    settings = task.model_dump(mode="json")
    job = a_job(task=task.kind, title=task.title, settings=settings, **fields)
    create_job(job)
    return job


def plain_texts(app):
    return texts_of(app).replace("\\", "")


def test_a_measured_curve_is_said_drawn_and_told_by_tag(run):
    keep_curve(run)
    app = open_compare(part=PART)
    assert (
        "micro F1 still rises: +0.100 [+0.050, +0.150] from 40 to 80 training articles. "
        "Twice as many bring about +0.100 if it goes on."
    ) in plain_texts(app)
    assert "macro F1: +0.010" in plain_texts(app)
    assert "35 test articles, the same for every size; 3 drawings" in plain_texts(app)
    assert "1 of 2 tags gained by the last step for sure" in plain_texts(app)
    (frame,) = (one.value for one in app.dataframe)
    assert frame.iloc[0].to_dict() == {
        "tag": "web",
        "training articles": 60,
        "test articles": 20,
        "F1 at 40": 0.5,
        "F1 at 80": 0.625,
        "gain": 0.125,
        "gain 95%": "+0.050 to +0.250",
        "verdict": "gains",
    }
    assert frame["tag"].tolist() == ["web", "golang"]
    files = [button.key for button in app.get("download_button")]
    assert {"download_learning-curve.csv", "download_tags-that-gain.csv"} <= set(files)
    assert not [button for button in app.button if button.label == "Measure it"]


def test_the_chart_has_a_point_a_band_and_a_name_for_each_average():
    points = size_table(CURVE).query("of in ('micro F1', 'macro F1')")
    spec = growth_lines(points, family_named("tfidf").light).to_dict()
    (data,) = spec["datasets"].values()
    assert [row["F1"] for row in data] == [0.3, 0.5, 0.6, 0.2, 0.45, 0.46]
    band, lines, upper, lower = spec["layer"]
    assert [band["encoding"][end]["field"] for end in ("y", "y2")] == ["low", "high"]
    assert band["encoding"]["detail"]["field"] == lines["encoding"]["strokeDash"]["field"] == "of"
    assert lines["encoding"]["x"]["axis"]["values"] == [20, 40, 80]
    assert lines["mark"]["color"] == family_named("tfidf").light
    assert "micro F1" in str(upper["transform"]) and "80" in str(upper["transform"])
    assert "macro F1" in str(lower["transform"]) and "20" in str(lower["transform"])


def test_without_a_curve_the_page_says_what_measuring_takes_and_starts_it(run, submitted):
    app = open_compare(part=PART)
    said = app.info[0].value.replace("\\", "")
    assert "has not been measured yet" in said
    # A sixteenth and an eighth of 85 articles are too few.
    assert "6 trainings on parts of the 85 training articles: about" in said
    press(app, "Measure it")
    assert submitted == [CurveTask(config=run.config, run=run.id)]


def test_the_time_is_that_of_so_many_smaller_trainings():
    seconds = {"read": 9.0, "train": 8.0, "thresholds": 1.0, "test": 3.0}
    # Of 8 s, 2 stay and 6 shrink to a quarter and a half; an eighth of 100 articles are too few.
    assert curve_seconds(seconds, 100) == 3 * (2 + 1.5 + 4 + 2 + 3 + 4)


def test_a_running_measurement_shows_its_progress_and_can_be_cancelled(run):
    running = {"step": "learn", "done": 30, "total": 120, "unit": "articles", "seconds_left": 90.0}
    job = curve_job(run.config, state="running", **running)
    app = open_page("compare", part=PART)
    progress = app.main.get("progress")[0]
    assert progress.proto.value == 25
    assert "30 of 120 articles, 1 min 30 s left" in progress.proto.text.replace("\\", "")
    press(app, "Cancel")
    assert (job.folder / "cancel").exists()


def test_a_failed_measurement_says_why_and_can_be_started_anew(run, submitted):
    curve_job(run.config, state="failed", error="The memory ran out.")
    app = open_compare(part=PART)
    assert "The memory ran out" in app.error[0].value
    press(app, "Measure it")
    assert len(submitted) == 1


def test_a_measurement_of_other_settings_is_not_this_ones(run):
    other = configure(run.config, assignments=["seed=5"])
    curve_job(other, state="failed", error="The memory ran out.")
    assert not open_compare(part=PART).error


def test_a_preset_on_a_data_set_is_trained_first(run, submitted):
    app = open_compare(part=PART, curve="best-encoder", curve_data="small")
    assert "It is trained on all of them first" in app.info[0].value.replace("\\", "")
    press(app, "Measure it")
    expected = configure(preset_named("best-encoder").config(), sources=["small"])
    assert submitted == [CurveTask(config=expected)]


def test_a_preset_that_was_run_on_the_data_shows_that_runs_curve(run, store):
    config = configure(preset_named("best-tfidf").config(), sources=["small"])
    keep_curve(run_experiment(config, store).run)
    app = open_compare(part=PART, curve="best-tfidf", curve_data="small", run=run.id)
    assert "micro F1 still rises" in plain_texts(app)


def test_a_preset_that_leaves_no_tag_says_so(run, tmp_path, articles):
    import_articles(articles[:15], tmp_path, "few")
    app = open_compare(part=PART, curve="best-tfidf", curve_data="few")
    assert "No tag is in 20 or more" in app.error[0].value


def test_what_takes_a_fine_tuned_encoder_is_not_offered(run):
    options = open_compare(part=PART).selectbox(key="curve_of").options
    assert options[0] == run.label
    assert "best-hybrid, on a data set of your choice" in options
    assert not [name for name in options if "finetuned" in name or "study-06" in name]


def test_a_link_to_a_run_that_is_gone_says_so(run):
    app = open_compare(part=PART, curve="20200101-000000000-0123456789")
    assert "names a run that is gone" in app.warning[0].value
    assert app.query_params["curve"] == run.id
