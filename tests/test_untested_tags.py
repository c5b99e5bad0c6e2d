"""A tag without test articles is said in the report, on the command line and on the Train page."""

import pytest

from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from tests.app_testing import import_articles, open_page, texts_of

SENTENCE = "1 of 5 tags have no test article (unseen)"


SETTINGS = ["split.method=file", "data.min_tag_count=5", "classifier.C=1", "features.max_df=1.0"]


def test_a_tag_without_test_articles_is_said_wherever_the_run_is_shown(articles, tmp_path, capsys):
    """Every fourth article is tested on, but none of those with the tag `unseen`."""
    marked = [
        article.model_copy(
            update={
                "split": "train" if number % 4 else "test",
                "tags": (*article.tags, *(["unseen"] if number % 4 == 1 else [])),
            }
        )
        for number, article in enumerate(articles)
    ]
    import_articles(marked, tmp_path, "marked")
    assert main(["run", "best-tfidf", "--data", "marked", "--set", *SETTINGS]) == 0
    assert SENTENCE in capsys.readouterr().out
    (run,) = RunStore().finished()
    assert run.report.untested_tags == ["unseen"]
    (note,) = [note for note in run.environment.notes if note.startswith(SENTENCE)]
    macro = run.report.averages["macro avg"].f1_score
    assert run.report.tested_macro_f1 == pytest.approx(macro * 5 / 4)
    assert note.endswith(f"is {macro * 5 / 4:.3f}.")
    assert SENTENCE in texts_of(open_page("train", run=run.id)).replace("\\", "")


def test_a_run_that_tests_every_tag_says_nothing_of_it(tiny_config, articles, store):
    run = run_experiment(tiny_config, store, articles=articles).run
    assert run.report.untested_tags == []
    assert not any("no test article" in note for note in run.environment.notes)
    assert run.report.tested_macro_f1 == run.report.averages["macro avg"].f1_score
