"""Tags by margin where there are no probabilities: everywhere that tags are suggested."""

import csv
import errno
import json
import random

import pytest
from fastapi.testclient import TestClient

from core.api.app import build_app
from core.api.limits import ApiLimits
from core.articles.store.sets import keep_articles
from core.base.errors import ConfigError
from core.commands.main import main
from core.runs.calibrated import read_calibration
from core.runs.experiment import run_experiment
from core.study.presets import configure
from core.suggest.model_pool import ModelPool
from core.suggest.model_processes import ModelProcesses
from core.suggest.suggester import Suggester
from core.suggest.sureness import rate_tags
from tests.app_testing import open_page, press, texts_of
from tests.child_work import NoChild
from tests.conftest import make_article

TEXT = "w1 w2 w3 w5 w8 w13 w21 and some more words of no use"


@pytest.fixture
def hopeless(tiny_config, store):
    """A run on words that say nothing of the tags: held-out scores speak against them."""
    chance = random.Random(7)
    words = [f"w{number}" for number in range(30)]
    made = [
        make_article(
            number,
            title=" ".join(chance.sample(words, 5)),
            description=" ".join(chance.sample(words, 8)),
            tags=[("go", "css")[number % 2]],
        )
        for number in range(24)
    ]
    keep_articles("hopeless", made)
    changes = ["data.min_tag_count=2", "classifier.C=1"]
    config = configure(tiny_config, sources=["hopeless"], assignments=changes)
    run = run_experiment(config, store).run
    with pytest.raises(ConfigError, match="no higher for true tags"):
        read_calibration(run)
    return run


def client_of(store, **options):
    app = build_app(ApiLimits(), ModelPool(store, **options))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def by_margin(run):
    """Score and verdict of each tag by the model and its cuts alone."""
    tagger = run.read_tagger()
    scores, cuts = tagger.scores([TEXT])[0], tagger.thresholds
    return {
        tag: (pytest.approx(float(score)), bool(score > cut))
        for tag, score, cut in zip(tagger.tags, scores, cuts, strict=True)
    }


def test_command_line_and_api_tag_by_margin(hopeless, store, capsys):
    assert main(["suggest", "--text", TEXT, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    answer = client_of(store).post("/predictions/tags", json={"description": TEXT})
    assert answer.status_code == 200
    for found in (document, answer.json()):
        assert {t["tag"]: (t["score"], t["suggested"]) for t in found["tags"]} == by_margin(
            hopeless
        )
        assert {tag["probability"] for tag in found["tags"]} == {None}
    assert main(["suggest", "--text", TEXT]) == 0


def test_tag_writes_the_tags_above_their_cuts(hopeless, tmp_path):
    (tmp_path / "in.csv").write_text(f"title,description\n,{TEXT}\n")
    assert main(["tag", str(tmp_path / "in.csv"), str(tmp_path / "out.csv")]) == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    expected = {tag for tag, (_, above) in by_margin(hopeless).items() if above}
    assert set(filter(None, row["suggested_tags"].split("; "))) == expected


def test_suggest_shows_the_tags_without_figures_and_says_so(hopeless):
    app = open_page("suggest", line="50 %")
    app.text_area(key="article").set_value(TEXT)
    press(app, "Suggest tags")
    assert [error.value for error in app.error] == []
    shown = {name for pills in app.pills for name in pills.options}
    assert {name.partition(" (")[0] for name in shown} == {"css", "go"}  # and no percentage
    assert "This model gives no percentages" in texts_of(app)
    assert "“50 %” in the settings changes nothing here" in texts_of(app)


def test_without_probabilities_the_cut_decides_alone(hopeless):
    suggester = Suggester.load(hopeless)
    rated = rate_tags(suggester, suggester.suggest(TEXT).tags)
    verdicts = {tag.tag: tag.verdict == "suggested" for tag in rated}
    assert verdicts == {tag: above for tag, (_, above) in by_margin(hopeless).items()}


@pytest.fixture
def read_only(tiny_config, articles, store, monkeypatch):
    """A run in a home where nothing can be written any more."""
    run = run_experiment(tiny_config, store, articles=articles).run

    def refuse(path, *_, **__):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr("core.runs.calibrated.write_json", refuse)
    return run


def test_a_home_that_is_read_only_gives_tags_with_their_probabilities(read_only, store, capsys):
    text = "how a goroutine blocks on a channel, found by pprof"
    assert main(["suggest", "--text", text, "--json"]) == 0
    best = json.loads(capsys.readouterr().out)["tags"][0]
    curve = read_calibration(read_only).curves["golang"]
    assert (best["tag"], best["suggested"]) == ("golang", True)
    score = Suggester.load(read_only).tagger.scores([text])[:, read_only.tags.index("golang")]
    assert best["probability"] == pytest.approx(float(curve.at(score)[0]))
    client = client_of(store, processes=ModelProcesses(start=NoChild))
    answer = client.post("/predictions/tags", json={"description": text})
    assert answer.json()["tags"][0]["probability"] == best["probability"]
    assert not list(read_only.folder.glob("*calibration*"))
