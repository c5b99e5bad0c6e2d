"""Learning curves: nested parts of the training articles, intervals by hand, one file a run."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import f1_score

from core.base.errors import ConfigError, DataError, RunError
from core.commands.main import main
from core.dataset.dataset import build_dataset
from core.dataset.split import split_dataset
from core.evaluate.learning_curve import (
    build_learning_curve,
    size_table,
    state_growth,
    state_tag_gains,
    tag_gains,
)
from core.evaluate.outcomes import build_outcomes
from core.runs.experiment import read_dataset, run_experiment
from core.runs.learning_curves import (
    SHARES,
    check_curve,
    measure_learning_curve,
    nested_parts,
    read_learning_curve,
)
from core.study.presets import configure, preset_named
from tests.conftest import make_article, many_articles

TRUTH = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1], [0, 0]], bool)


def outcomes_of(predicted):
    """What a run that predicts so did with the six articles of TRUTH."""
    predicted = np.array(predicted, bool)
    return build_outcomes(csr_array(TRUTH), predicted.astype(float), csr_array(predicted))


def curve_of(*predictions, sizes, **changes):
    """predictions: of each size, a matrix for each repeat."""
    settings = {"tags": ["go", "rust"], "training": [30, 12], "resamples": 500, **changes}
    return build_learning_curve(
        [[outcomes_of(one) for one in of_size] for of_size in predictions], sizes=sizes, **settings
    )


NOTHING = np.zeros_like(TRUTH)
GO_ONLY = TRUTH & [True, False]


def test_values_are_scikit_learns_f1_averaged_over_the_repeats():
    curve = curve_of([NOTHING, GO_ONLY], [TRUTH], sizes=[10, 40])
    expected = np.mean(
        [f1_score(TRUTH, p, average="micro", zero_division=0) for p in (NOTHING, GO_ONLY)]
    )
    assert curve.line("micro F1").values == (pytest.approx(expected), 1.0)
    assert curve.line("macro F1").values == (0.25, 1.0)
    assert curve.line("go").values == (0.5, 1.0)
    assert curve.line("rust").values == (0.0, 1.0)
    assert curve.support == (3, 3)


def test_two_doublings_between_the_last_sizes_halve_the_slope():
    curve = curve_of([NOTHING], [GO_ONLY], sizes=[10, 40])
    assert curve.line("macro F1").growth.value == 0.5
    assert curve.per_doubling(curve.line("macro F1")) == 0.25


def test_the_interval_spans_what_the_repeats_made_of_different_articles():
    curve = curve_of([NOTHING, TRUTH], [TRUTH], sizes=[10, 20])
    line = curve.line("micro F1")
    assert (line.low[0], line.high[0]) == (0.0, 1.0)
    assert (line.growth.low, line.growth.high) == (0.0, 1.0)
    assert not line.growth.is_sure


def test_a_gain_that_holds_for_every_draw_is_sure_and_comes_first():
    curve = curve_of([GO_ONLY], [TRUTH], sizes=[10, 20])
    gains = tag_gains(curve)
    assert gains["tag"].tolist() == ["rust", "go"]
    assert gains["verdict"].tolist() == ["gains", "may be chance"]
    assert gains["per doubling"].tolist() == [1.0, 0.0]
    assert gains["training articles"].tolist() == [12, 30]
    assert state_growth(curve, curve.line("go")).endswith("More articles may bring little.")
    assert "Twice as many bring about +1.000 if it goes on." in state_growth(
        curve, curve.line("rust")
    )
    assert state_tag_gains(curve).startswith("1 of 2 tags gained")


def test_a_fall_is_said_to_be_one():
    curve = curve_of([TRUTH], [GO_ONLY], sizes=[10, 20])
    assert "It fell" in state_growth(curve, curve.line("rust"))
    assert tag_gains(curve)["verdict"].tolist() == ["may be chance", "loses"]


def test_the_table_of_sizes_has_every_average_and_tag_at_every_size():
    table = size_table(curve_of([NOTHING], [TRUTH], sizes=[10, 20]))
    assert len(table) == 4 * 2
    assert table.iloc[1].tolist() == ["micro F1", 20, 1.0, 1.0, 1.0]


@pytest.fixture(scope="module")
def parted():
    """A data set of 600 articles, its training rows, and parts of 10, 30 and 60% of them."""
    articles = many_articles(600)
    config = configure(preset_named("best-tfidf").config(), assignments=["data.min_tag_count=5"])
    dataset = build_dataset(articles, config.data)
    rows = split_dataset(dataset, config.split, seed=1).train
    return dataset, rows, nested_parts(dataset, rows, [0.1, 0.3, 0.6], seed=[1, 0])


def test_each_part_is_within_the_next_and_within_the_training_articles(parted):
    _, rows, parts = parted
    for smaller, larger in zip(parts, [*parts[1:], rows], strict=True):
        assert set(smaller) < set(larger)
        assert np.all(np.diff(smaller) > 0)


def test_parts_have_their_share_of_the_articles_and_of_each_tag(parted):
    dataset, rows, parts = parted
    of_all = np.asarray(dataset.Y[rows].sum(axis=0)).ravel()
    for share, part in zip([0.1, 0.3, 0.6], parts, strict=True):
        assert len(part) == pytest.approx(share * len(rows), abs=3)
        of_part = np.asarray(dataset.Y[part].sum(axis=0)).ravel()
        assert of_part == pytest.approx(share * of_all, abs=3)


def test_parts_are_the_same_for_a_seed_and_others_for_another(parted):
    dataset, rows, parts = parted
    again = nested_parts(dataset, rows, [0.1, 0.3, 0.6], seed=[1, 0])
    other = nested_parts(dataset, rows, [0.1, 0.3, 0.6], seed=[1, 1])
    assert [p.tolist() for p in again] == [p.tolist() for p in parts]
    assert other[0].tolist() != parts[0].tolist()


def test_copies_of_an_article_enter_together():
    articles = [make_article(n, description=f"Text {n // 2}", title="T") for n in range(80)]
    config = configure(preset_named("best-tfidf").config(), assignments=["data.min_tag_count=5"])
    dataset = build_dataset(articles, config.data)
    parts = nested_parts(dataset, np.arange(80), [0.25, 0.5], seed=[3])
    for part in parts:
        assert sorted(set(part // 2)) == [row // 2 for row in part[::2]]
        assert len(part) == 2 * len(set(part // 2))


@pytest.fixture
def run(tiny_config, store, articles):
    return run_experiment(tiny_config, store, articles=articles).run


def measure(run, store, articles, **changes):
    settings = {"shares": [0.3, 0.6], "repeats": 2, **changes}
    return measure_learning_curve(run, store, articles=articles, **settings)


def test_the_last_point_is_the_run_itself(run, store, articles):
    curve = measure(run, store, articles)
    averages = run.report.averages
    assert curve.line("micro F1").values[-1] == pytest.approx(averages["micro avg"].f1_score)
    assert curve.line("macro F1").values[-1] == pytest.approx(averages["macro avg"].f1_score)
    assert curve.sizes[-1] == run.report.data.train
    assert curve.support == tuple(run.per_tag["support"])


def test_a_smaller_point_is_what_training_on_that_part_alone_gives(run, store, articles):
    """By an experiment on a data set whose own split leaves the rest of the training part out."""
    curve = measure(run, store, articles, shares=[0.5], repeats=1)
    dataset = read_dataset(run.config, articles)
    split = split_dataset(dataset, run.config.split, seed=run.config.seed)
    (part,) = nested_parts(dataset, split.train, [0.5], seed=[run.config.seed, 0])
    side = dict.fromkeys(part, "train") | dict.fromkeys(split.test, "test")
    kept = [dataset.articles[row].model_copy(update={"split": side[row]}) for row in sorted(side)]
    config = configure(run.config, assignments=["split.method=file"])
    alone = run_experiment(config, store, articles=kept).run
    assert alone.tags == run.tags
    found = alone.report.averages["micro avg"].f1_score
    assert curve.line("micro F1").values[0] == pytest.approx(found)


def test_the_curve_is_kept_with_the_run_and_nothing_else_is(run, store, articles):
    assert read_learning_curve(run) is None
    curve = measure(run, store, articles)
    assert read_learning_curve(run) == curve
    assert [one.id for one in store.finished()] == [run.id]
    (run.folder / "learning_curve.json").write_text('{"sizes": [1]}')
    assert read_learning_curve(run) is None


def test_progress_counts_the_articles_of_all_trainings(run, store, articles):
    heard = []
    curve = measure(run, store, articles, progress=lambda *report: heard.append(report))
    steps = {report[0] for report in heard}
    done = [report[1] for report in heard]
    assert steps == {"learn"}
    assert done == sorted(done)
    assert heard[-1][1] == heard[-1][2] == pytest.approx(2 * sum(curve.sizes[:-1]), abs=2)


def test_each_step_doubles_the_articles_unless_other_shares_are_asked_for():
    assert [2 * share for share in SHARES] == [*SHARES[1:], 1]


def test_shares_that_leave_too_few_articles_are_passed_over(run, store, articles):
    assert len(measure(run, store, articles, shares=[0.01, 0.5], repeats=1).sizes) == 2
    with pytest.raises(DataError, match="too few for a learning curve"):
        measure(run, store, articles, shares=[0.01, 0.02])


def test_a_run_whose_data_has_changed_is_refused(run, store, articles):
    with pytest.raises(RunError, match="has changed since run"):
        measure(run, store, articles[:-1])


@pytest.mark.parametrize(
    ("assignments", "shares", "repeats", "sentence"),
    [
        (["method=finetune"], [0.5], 1, "needs no fine-tuned encoder"),
        (["method=encoder", "features.encoder.name=run:study-06"], [0.5], 1, "fine-tuned"),
        ([], [0.5, 0.2], 1, "The shares are 0.5, 0.2: they should rise"),
        ([], [0.5, 1.0], 1, "should rise"),
        ([], [], 1, "should rise"),
        ([], [0.5], 0, "0 repeats are too few"),
    ],
)
def test_what_cannot_be_a_curve_is_refused_in_a_sentence(assignments, shares, repeats, sentence):
    config = configure(preset_named("best-tfidf").config(), assignments=assignments)
    with pytest.raises(ConfigError, match=sentence):
        check_curve(config, shares, repeats)


TINY = ["--set", "data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"]


@pytest.fixture
def command(articles, tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    return ["learning-curve", "best-tfidf", "--data", str(path), *TINY]


def test_the_command_prints_json_and_takes_what_was_measured(command, capsys):
    assert main([*command, "--shares", "0.3", "0.6", "--repeats", "1", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert len(first["sizes"]) == len(first["averages"]["micro F1"]["f1"]) == 3
    assert first["tags"]["golang"]["training"] > first["tags"]["golang"]["support"] > 0
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_the_command_prints_csv_and_sentences(command, capsys):
    assert main([*command, "--repeats", "1", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "of,training articles,F1,low,high"
    assert len(lines) == 1 + (2 + 4) * 3  # a sixteenth and an eighth of 85 articles are too few
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "micro F1" in printed
    assert "of 4 tags gained" in printed


def test_the_command_refuses_bad_shares_before_it_trains(command, capsys, store):
    assert main([*command, "--shares", "0.6", "0.3"]) == 2
    assert "should rise" in capsys.readouterr().err
    assert store.finished() == []
