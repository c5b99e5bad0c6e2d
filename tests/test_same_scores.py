"""One article, one answer: the page, the API, the command line and a file give the same scores."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fastapi.testclient import TestClient

from core.api.app import build_app
from core.api.limits import ApiLimits
from core.articles.store.sets import keep_articles
from core.commands.main import main
from core.dataset.compose import compose_text
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.study.presets import configure, preset_named
from core.suggest.model_pool import ModelPool
from tests.app_testing import open_page, press

# DESIGN.md, section 3: tf-idf, and fp32 encoders.
WORDS, FP32 = 1e-6, 1e-5
SMALL = ("data.min_tag_count=5", "features.max_df=1.0", "features.encoder.device=cpu")
FAMILIES = {
    "best-tfidf": (WORDS, ("classifier.C=1",)),
    "best-encoder": (FP32, ("classifier.C=1", "classifier.folds=2")),
    "best-finetuned": (FP32, ("finetune.epochs=1", "finetune.precision=fp32")),
}


@pytest.fixture(scope="module", params=FAMILIES)
def kept(request, articles, tiny_bert, tmp_path_factory):
    """A home with one run of a family: keywords, MiniLM's vectors, a tiny BERT fine-tuned."""
    preset = request.param
    tolerance, assignments = FAMILIES[preset]
    if preset == "best-finetuned":
        assignments = (*assignments, f"features.encoder.name={tiny_bert}")
    config = configure(
        preset_named(preset).config(), sources=["small"], assignments=[*SMALL, *assignments]
    )
    folder = tmp_path_factory.mktemp(preset)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGSMITH_HOME", str(folder))
        keep_articles("small", articles)
        run = run_experiment(config, RunStore(), articles=articles).run
    return folder, run, tolerance


@pytest.fixture
def run_here(kept, home):
    """The run in this test's own home, with its tolerance."""
    folder, run, tolerance = kept
    shutil.copytree(folder, home, dirs_exist_ok=True)
    return RunStore().load(run.id), tolerance


@pytest.fixture
def trained_on(run_here, articles):
    """Twelve articles that the run learnt from."""
    run, _ = run_here
    tested = set(run.read_part("test").ids)
    return [article for article in articles if article.id not in tested][:12]


def scores_in(tags, run):
    """The scores of an answer, in the order of the run's tags."""
    by_tag = {tag["tag"]: tag["score"] for tag in tags}
    return [by_tag[tag] for tag in run.tags]


def of_command_line(run, article, capsys):
    arguments = ["--run", run.id, "--text", article.description, "--title", article.title]
    assert main(["suggest", *arguments, "--json"]) == 0
    return scores_in(json.loads(capsys.readouterr().out)["tags"], run)


def of_page(app, run, article):
    app.text_area(key="article").set_value(article.description)
    app.text_input(key="title").set_value(article.title)
    press(app, "Suggest tags")
    tags = app.session_state["answer"].found.tags
    return scores_in([{"tag": tag.tag, "score": tag.score} for tag in tags], run)


def of_api(run, articles, *, at_once):
    """All articles asked for by so many threads, so that those who wait share a batch."""
    app = build_app(ApiLimits(), ModelPool(RunStore()))
    client = TestClient(app, base_url="http://127.0.0.1")

    def ask(article):
        message = {"title": article.title, "description": article.description}
        answer = client.post("/predictions/tags", params={"run": run.id}, json=message)
        return scores_in(answer.json()["tags"], run)

    with ThreadPoolExecutor(at_once) as threads:
        return list(threads.map(ask, articles))


def test_page_api_and_command_line_give_a_training_article_the_same_scores(
    run_here, trained_on, capsys
):
    run, tolerance = run_here
    texts = [compose_text(article, run.config.data) for article in trained_on]
    together = run.read_tagger().scores(texts)
    alone = of_api(run, trained_on, at_once=1)
    np.testing.assert_allclose(alone, together, rtol=0, atol=tolerance)
    in_a_crowd = of_api(run, trained_on, at_once=6)
    np.testing.assert_allclose(in_a_crowd, alone, rtol=0, atol=tolerance)
    app = open_page("suggest", run=run.id)
    for article, expected in list(zip(trained_on, alone, strict=True))[:2]:
        shown = of_page(app, run, article)
        np.testing.assert_allclose(shown, expected, rtol=0, atol=tolerance)
        printed = of_command_line(run, article, capsys)
        np.testing.assert_allclose(printed, expected, rtol=0, atol=tolerance)


def test_a_tagged_file_has_the_scores_of_the_command_line(run_here, trained_on, tmp_path, capsys):
    run, tolerance = run_here
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(article.model_dump_json() + "\n" for article in trained_on))
    assert main(["tag", str(source), str(target), "--run", run.id]) == 0
    capsys.readouterr()
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    tagged = [row for row in rows if row["suggested_tags"]]
    assert tagged
    by_id = {article.id: article for article in trained_on}
    for row in tagged[:2]:
        expected = of_command_line(run, by_id[row["id"]], capsys)
        found = dict(zip(row["suggested_tags"], row["tag_scores"], strict=True))
        for tag, score in found.items():
            # A file's scores have six decimals.
            assert score == pytest.approx(expected[run.tags.index(tag)], abs=tolerance + 5e-7)
