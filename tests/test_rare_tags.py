"""Tags with few training articles: learnt by every kind of model, counted, and marked as such."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.articles.store.sets import keep_articles
from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.lineup import count_examples
from core.study.presets import configure
from core.suggest.suggester import Suggester
from tests.test_suggest_page import open_suggest

TEXT = "we show how the borrow checker finds a goroutine that blocks on a channel"
KINDS = {
    "keywords": [],
    "vectors": ["method=encoder", "classifier.C=1"],
    "hybrid": ["method=hybrid", "classifier.C=1"],
    "fine-tuned": ["method=finetune", "finetune.epochs=1"],
}


@pytest.fixture
def with_rust(articles):
    """The articles, six of them on Rust as well."""
    rust = {number: f"borrow checker of crate {number}" for number in range(0, 120, 20)}
    return [
        a.model_copy(
            update={"description": f"{a.description} {rust[n]}", "tags": (*a.tags, "rust")}
        )
        if n in rust
        else a
        for n, a in enumerate(articles)
    ]


@pytest.fixture
def rare_config(tiny_config):
    return configure(tiny_config, assignments=["data.min_tag_count=3"])


@pytest.fixture
def run(rare_config, with_rust, store):
    return run_experiment(rare_config, store, articles=with_rust).run


def counted(run, articles):
    tested = set(run.read_part("test").ids)
    counts = Counter(tag for a in articles if a.id not in tested for tag in a.tags)
    return [counts[tag] for tag in run.tags]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_learns_tags_of_three_articles(
    kind, rare_config, with_rust, store, tiny_bert
):
    few = {20, 40, 60}
    articles = [
        a.model_copy(update={"tags": tuple(t for t in a.tags if t != "rust" or n in few)})
        for n, a in enumerate(with_rust)
    ]
    config = configure(
        rare_config, assignments=[f"features.encoder.name={tiny_bert}", *KINDS[kind]]
    )
    run = run_experiment(config, store, articles=articles).run
    assert "rust" in run.tags
    assert run.read_part("test").truth.sum(axis=0).min() >= 1
    assert min(counted(run, articles)) >= 1
    scores = Suggester.load(run).tagger.scores([TEXT])
    assert scores.shape == (1, len(run.tags)) and np.isfinite(scores).all()


def test_a_run_counts_the_articles_each_tag_was_learnt_from(run, with_rust):
    assert run.per_tag["examples"].tolist() == counted(run, with_rust)
    assert 3 <= dict(zip(run.tags, run.per_tag["examples"], strict=True))["rust"] <= 5


def test_corrections_are_examples_too(rare_config, with_rust, store):
    more = [
        a.model_copy(update={"id": f"more-{a.id}", "title": f"{a.title} more", "tags": ("rust",)})
        for a in with_rust[:3]
    ]
    keep_articles("more", more)
    config = configure(rare_config, assignments=["data.corrections=more"])
    run = run_experiment(config, store, articles=with_rust).run
    learnt = run.report.data.corrections.learnt
    assert learnt > 0
    expected = [
        n + (tag == "rust") * learnt
        for n, tag in zip(counted(run, with_rust), run.tags, strict=True)
    ]
    assert count_examples(run).tolist() == expected


def test_a_run_kept_before_examples_were_counted_has_them_counted_anew(run, with_rust):
    run.__dict__["per_tag"] = run.per_tag.drop(columns="examples")
    assert count_examples(run).tolist() == counted(run, with_rust)


def test_a_suggestion_says_how_many_examples_its_tag_had(run, with_rust):
    found = Suggester.load(run).suggest(TEXT).tags
    expected = dict(zip(run.tags, counted(run, with_rust), strict=True))
    assert {tag.tag: tag.examples for tag in found} == expected
    assert [tag.tag for tag in found if tag.few_examples] == ["rust"]


def test_nineteen_examples_are_few_and_twenty_are_not(run):
    suggester = replace(Suggester.load(run), examples=(19, 20, 21, 3, 0))
    found = {tag.examples: tag.few_examples for tag in suggester.suggest(TEXT).tags}
    assert found == {19: True, 20: False, 21: False, 3: True, 0: True}
    unknown = replace(suggester, examples=()).suggest(TEXT).tags
    assert {(tag.examples, tag.few_examples) for tag in unknown} == {(None, False)}


def test_the_command_line_marks_few_examples(run, with_rust, capsys):
    assert main(["suggest", "--run", run.id, "--text", TEXT, "--threshold", "-99"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()[1:]}
    number = counted(run, with_rust)[run.tags.index("rust")]
    assert f"suggested, few examples ({number})" in lines["rust"]
    assert [tag for tag, line in lines.items() if "few examples" in line] == ["rust"]


def test_the_page_marks_few_examples_and_says_what_that_means(rare_config, with_rust, store):
    keep_articles("small", with_rust)
    run_experiment(configure(rare_config, sources=["small"]), store)
    app = open_suggest(TEXT)
    labels = [
        label
        for pills in app.pills
        if pills.label != "Words that speak for"
        for label in pills.options
    ]
    assert len(labels) == 5
    assert ["rust" in label for label in labels] == ["(few examples)" in label for label in labels]
    assert any(c.value.startswith("Few examples: fewer than 20 articles") for c in app.caption)
