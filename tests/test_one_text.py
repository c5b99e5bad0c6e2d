"""One article, one text: whoever asks, the model reads what it learnt from, composed alike."""

import json
import shutil

import numpy as np
import pytest
from fastapi.testclient import TestClient

from core.api.app import build_app
from core.api.limits import ApiLimits
from core.articles.store.sets import keep_articles
from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.study.presets import configure, preset_named
from core.suggest.model_pool import ModelPool
from tests.app_testing import open_page, press

COLUMNS = ("title", "description", "fulltext", "partial_text", "everything")
# The promised closeness of two ways to a score: keywords, and encoders in single precision.
WORDS, FP32 = 1e-6, 1e-5
METHODS = {
    "best-tfidf": (WORDS, ("classifier.C=1",)),
    "best-encoder": (FP32, ("classifier.C=1", "classifier.folds=2")),
    "best-finetuned": (FP32, ("finetune.epochs=1", "finetune.precision=fp32")),
}
SMALL = ("data.min_tag_count=5", "features.max_df=1.0", "features.encoder.device=cpu")


def with_fulltext(article):
    """The article with a full text of other words than its description, well over 40 characters."""
    words = article.title.split() + article.description.split()[::-1]
    return article.model_copy(update={"fulltext": " ".join(words)})


@pytest.fixture(scope="module", params=[(m, c) for m in METHODS for c in COLUMNS], ids="-".join)
def kept(request, articles, tiny_bert, tmp_path_factory):
    """A home with one run of a method on one text column."""
    method, column = request.param
    tolerance, assignments = METHODS[method]
    config = configure(
        preset_named(method).config(),
        sources=["small"],
        assignments=[
            *SMALL,
            *assignments,
            f"data.text_column={column}",
            "data.partial_length=40",
            f"features.encoder.name={tiny_bert}",
        ],
    )
    folder = tmp_path_factory.mktemp(f"{method}-{column}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGSMITH_HOME", str(folder))
        keep_articles("small", list(map(with_fulltext, articles)))
        run = run_experiment(config, RunStore()).run
    return folder, run.id, tolerance


def in_run_order(tags, run):
    by_tag = {tag["tag"]: tag["score"] for tag in tags}
    return [by_tag[tag] for tag in run.tags]


def of_command_line(capsys, run, *arguments):
    assert main(["suggest", "--run", run.id, "--json", *arguments]) == 0
    return in_run_order(json.loads(capsys.readouterr().out)["tags"], run)


def of_api(run, **message):
    client = TestClient(build_app(ApiLimits(), ModelPool(RunStore())), base_url="http://127.0.0.1")
    answer = client.post("/predictions/tags", params={"run": run.id}, json=message)
    return in_run_order(answer.json()["tags"], run)


def of_page(run, title, text):
    app = open_page("suggest", run=run.id)
    app.text_area(key="article").set_value(text)
    app.text_input(key="title").set_value(title)
    press(app, "Suggest tags")
    tags = app.session_state["answer"].found.tags
    return in_run_order([{"tag": tag.tag, "score": tag.score} for tag in tags], run)


def of_file(capsys, tmp_path, run, article):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(article.model_dump_json() + "\n")
    assert main(["tag", str(source), str(target), "--run", run.id]) == 0
    capsys.readouterr()
    (row,) = map(json.loads, target.read_text().splitlines())
    return dict(zip(row["suggested_tags"], row["tag_scores"], strict=True))


def test_every_way_to_ask_gives_the_scores_of_the_evaluation(
    kept, home, articles, tmp_path, capsys
):
    folder, run_id, tolerance = kept
    shutil.copytree(folder, home, dirs_exist_ok=True)
    run = RunStore().load(run_id)
    tested = run.read_part("test")
    by_id = {article.id: with_fulltext(article) for article in articles}
    # One to which the evaluation gave a tag, so that a tagged file has a score to compare.
    row = int((tested.scores - run.read_tagger().thresholds).max(axis=1).argmax())
    article, expected = by_id[tested.ids[row]], tested.scores[row]
    pasted = {
        "title": article.description,
        "description": article.description,
        "everything": f"{article.description}\n{article.fulltext}",
    }.get(run.config.data.text_column, article.fulltext)
    asked = ["--title", article.title, "--text", article.description]
    found = {
        "command line": of_command_line(capsys, run, *asked, "--fulltext", article.fulltext),
        "command line, one text": of_command_line(
            capsys, run, "--title", article.title, "--text", pasted
        ),
        "page": of_page(run, article.title, pasted),
        "API": of_api(
            run, title=article.title, description=article.description, fulltext=article.fulltext
        ),
        "API, one text": of_api(run, title=article.title, description=pasted),
    }
    for way, scores in found.items():
        np.testing.assert_allclose(scores, expected, rtol=0, atol=tolerance, err_msg=way)
    from_file = of_file(capsys, tmp_path, run, article)
    assert from_file
    for tag, score in from_file.items():
        # A file's scores have six decimals.
        assert score == pytest.approx(expected[run.tags.index(tag)], abs=tolerance + 5e-7)


@pytest.mark.parametrize("kept", [("best-tfidf", "fulltext")], indirect=True, ids="-".join)
def test_html_is_read_as_text_and_a_missing_text_as_in_a_file(
    kept, home, articles, tmp_path, capsys
):
    folder, run_id, _ = kept
    shutil.copytree(folder, home, dirs_exist_ok=True)
    run = RunStore().load(run_id)
    words = "goroutine channel pprof gopher interface"
    plain = of_api(run, title="T", fulltext=words)
    html = "".join(f"<p>{word}</p>" for word in words.split())
    assert of_api(run, title="T", fulltext=html) == plain
    assert of_command_line(capsys, run, "--title", "T", "--text", html) == plain
    assert of_api(run, title="T", description=words) == plain
    bare = articles[0].model_copy(
        update={"title": "T", "description": words, "fulltext": "", "tags": ()}
    )
    from_file = of_file(capsys, tmp_path, run, bare)
    assert from_file
    for tag, score in from_file.items():
        assert score == pytest.approx(plain[run.tags.index(tag)], abs=2e-6)
