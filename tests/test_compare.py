"""What stands around a comparison: bands, findings, drill-down, exports, stored runs, commands."""

import csv
import dataclasses
import io
import json

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import average_precision_score, precision_recall_curve

from core.commands.main import main
from core.evaluate.bands import build_bands
from core.evaluate.comparison import Comparison, Contender, Difference, Row, compare
from core.evaluate.drilldown import article_table, inspect_article, inspect_tag, overall_curve
from core.evaluate.export import csv_text, escape_latex, text_table, to_latex, to_markdown
from core.evaluate.findings import state_finding, state_verdicts
from core.metrics.curves import precision_recall
from core.runs.experiment import run_experiment
from core.runs.lineup import (
    cost_of,
    line_up_runs,
    list_settings,
    published_columns,
    training_counts,
)
from core.runs.names import short_names
from core.study.presets import configure, preset_named

SURE, WORSE, UNSURE = (
    Difference(0.2, 0.1, 0.3),
    Difference(-0.2, -0.3, -0.1),
    Difference(0.1, -0.1, 0.3),
)
# Two tags a, b and a third that nobody has; article 3 should be a and is taken for b.
MIXED = Contender(
    name="mixed",
    fingerprint="print",
    tags=("a", "b", "c"),
    test_ids=("1", "2", "3"),
    truth=csr_array(np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0]], dtype=bool)),
    scores=np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.1], [0.4, 0.7, 0.3]]),
    cuts=np.array([0.5, 0.5, 0.5]),
)


@pytest.fixture
def two_runs(tiny_config, articles, store):
    first = run_experiment(tiny_config, store, articles=articles).run
    weaker = configure(tiny_config, assignments=["classifier.C=0.01", "thresholds.rule=per_tag"])
    return [first, run_experiment(weaker, store, articles=articles).run]


def lined_up(runs):
    return line_up_runs(runs, reference=runs[0].id, names=short_names(runs))


def test_bands_double_and_take_every_tag_once():
    counts = np.repeat([3, 15, 25, 50, 100], 6)
    bands = build_bands(counts)
    assert [band.name for band in bands] == [
        "fewer than 5",
        "5–19",
        "20–39",
        "40–79",
        "80 and more",
    ]
    assert sorted(np.concatenate([band.columns for band in bands]).tolist()) == list(range(30))


def test_a_band_of_few_tags_joins_its_neighbour():
    assert [band.name for band in build_bands(np.array([15, 25, 26, 50, 51]))] == ["all"]
    counts = np.array([15] * 2 + [25] * 6 + [50] * 6 + [100] * 2)
    bands = build_bands(counts)
    assert [(band.name, len(band.columns)) for band in bands] == [
        ("fewer than 40", 8),
        ("40 and more", 8),
    ]


@pytest.mark.parametrize(
    ("differences", "sentence"),
    [
        ([SURE, SURE, SURE], "new ahead at every tag frequency"),
        ([UNSURE] * 3, "No sure difference between new and old at any tag frequency"),
        ([SURE, SURE, UNSURE], "new ahead on tags with fewer than 80 training articles"),
        ([UNSURE, SURE, SURE], "new ahead on tags with 40 and more training articles"),
        (
            [SURE, UNSURE, WORSE],
            "new ahead on tags with fewer than 40 training articles; "
            "old ahead on tags with 80 and more training articles",
        ),
        (
            [SURE, UNSURE, SURE],
            "new ahead on tags with fewer than 40 and 80 and more training articles",
        ),
    ],
)
def test_the_finding_names_the_bands_that_are_sure(differences, sentence):
    bands = ("fewer than 40", "40–79", "80 and more")
    rows = [Row(b, (0.5, 0.5), (None, d)) for b, d in zip(bands, differences, strict=True)]
    assert state_finding(rows, run="new", reference="old", position=1) == sentence


def test_verdicts_say_which_run_is_ahead_and_when_nobody_knows():
    differences = (None, SURE, WORSE, UNSURE, SURE)
    micro = Row("micro F1", (0.5, 0.7, 0.3, 0.6, 0.7), differences)
    macro = Row("macro F1", (0.5, 0.7, 0.3, 0.6, 0.3), (*differences[:4], WORSE))
    names = ("old", "new", "bad", "same", "odd")
    found = Comparison(names, "old", 9, 9, (micro, macro), (), ())
    better, worse, unsure, both = state_verdicts(found)
    assert better == (
        "new ahead of old: micro F1 +0.200 [+0.100, +0.300], macro F1 +0.200 [+0.100, +0.300]."
    )
    assert worse.startswith("bad behind old: micro F1 −0.200 [−0.300, −0.100], macro")
    assert unsure.startswith("same neither ahead of old nor behind it for sure: micro F1 +0.100")
    assert both.startswith("odd ahead of old in micro F1 and behind old in macro F1: micro F1 +0.2")


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_is_sklearns(seed):
    rng = np.random.default_rng(seed)
    truth, scores = rng.random(60) < 0.3, rng.integers(0, 20, size=60) / 20
    curve = precision_recall(truth, scores, points=1000)
    assert curve.average_precision == pytest.approx(average_precision_score(truth, scores))
    precision, recall, _ = precision_recall_curve(truth, scores)
    theirs = set(zip(recall.round(9).tolist(), precision.round(9).tolist(), strict=True))
    ours = zip(curve.recall.round(9).tolist(), curve.precision.round(9).tolist(), strict=True)
    assert set(ours) <= theirs
    assert curve.recall[-1] == 1.0


def test_a_curve_of_nothing_true_is_empty_and_a_long_one_is_thinned():
    assert len(precision_recall(np.zeros(5, bool), np.arange(5.0)).recall) == 0
    rng = np.random.default_rng(1)
    curve = precision_recall(rng.random(20_000) < 0.5, rng.random(20_000))
    assert 150 <= len(curve.recall) <= 201


def test_a_tag_shows_what_is_missed_and_what_is_put_instead():
    a, b = inspect_tag(MIXED, "a"), inspect_tag(MIXED, "b")
    assert (a.support, a.predicted, a.precision, a.recall) == (2, 1, 1.0, 0.5)
    assert [(m.article, m.score) for m in a.missed] == [("3", 0.4)]
    assert (a.wrong, a.instead, a.in_place_of) == ((), (("b", 1),), ())
    assert [(m.article, m.score) for m in b.wrong] == [("3", 0.7)]
    assert (b.missed, b.instead, b.in_place_of) == ((), (), (("a", 1),))
    assert inspect_tag(MIXED, "c").support == 0


def test_an_article_shows_its_best_true_and_predicted_tags():
    found = inspect_article(MIXED, "3", limit=1)
    assert found["tag"].tolist() == ["b", "a"]
    assert found["predicted"].tolist() == [True, False]
    assert found["true"].tolist() == [False, True]
    table = article_table([MIXED])
    assert table["tags"].tolist() == [["a"], ["b"], ["a"]]
    assert table["missed by mixed"].tolist() == [0, 0, 1]
    assert table["wrong by mixed"].tolist() == [0, 0, 1]
    assert overall_curve(MIXED).recall[-1] == 1.0


def hostile_comparison():
    better = dataclasses.replace(MIXED, name="=a|b_c & 100% $x$", cuts=np.array([0.35, 0.5, 0.5]))
    return compare([MIXED, better], reference="mixed", resamples=50)


def test_exports_hold_every_figure_and_no_live_markup():
    found = hostile_comparison()
    table = text_table(found, found.figures, {})
    assert len(table.rows) == len(found.figures) + 1
    assert {len(row) for row in table.rows} == {len(table.header)} == {4}
    markdown = to_markdown(table).splitlines()
    assert markdown[0].startswith(r"| figure | mixed | =a\|b\_c & 100% $x$ |")
    assert len(markdown) == len(table.rows) + 2
    latex = to_latex(table)
    assert r"=a|b\_c \& 100\% \$x\$" in latex
    assert latex.count(r" \\") == len(table.rows) + 1
    assert escape_latex("−1~\\^{") == r"$-$1\textasciitilde{}\textbackslash{}\textasciicircum{}\{"


def test_csv_has_full_numbers_and_no_formulas():
    found = hostile_comparison()
    header, *lines = csv.reader(io.StringIO(csv_text(found, found.figures, {})))
    assert header[2].startswith("'=a")
    micro = next(line for line in lines if line[0] == "micro recall")
    assert [float(cell) for cell in micro[1:4]] == pytest.approx([2 / 3, 1.0, 1 / 3])
    assert lines[-1][:2] == ["support", "3"]


def test_a_comparison_repeats_the_figures_of_the_runs_reports(two_runs):
    figures = {row.figure: row for row in lined_up(two_runs).tables[0].figures}
    for position, run in enumerate(two_runs):
        report = run.report
        for average, stored in report.averages.items():
            for measure, key in (("precision",) * 2, ("recall",) * 2, ("F1", "f1_score")):
                row = figures[f"{average.removesuffix(' avg')} {measure}"]
                assert row.values[position] == pytest.approx(getattr(stored, key))
        for k, value in report.precision_at.items():
            assert figures[f"precision@{k}"].values[position] == pytest.approx(value)
        for k, value in report.ndcg_at.items():
            assert figures[f"nDCG@{k}"].values[position] == pytest.approx(value)
        for name in ("subset_accuracy", "empty_rate", "tags_per_article"):
            row = figures[name.replace("_", " ")]
            assert row.values[position] == pytest.approx(getattr(report, name))


@pytest.mark.parametrize("rule", ["zero", "value", "global", "per_tag"])
def test_a_runs_own_cut_is_read_back(rule, tiny_config, articles, store):
    settings = configure(
        tiny_config, assignments=[f"thresholds.rule={rule}", "thresholds.value=-0.25"]
    )
    run = run_experiment(settings, store, articles=articles).run
    assert run.thresholds.cuts(run.tags) == pytest.approx(run.read_tagger().thresholds)


def test_training_articles_of_a_tag_are_counted_or_estimated(two_runs, articles):
    exact = training_counts(two_runs)
    test = two_runs[0].read_part("test")
    learnt = [article for article in articles if article.id not in test.ids]
    assert exact.tolist() == [sum(tag in a.tags for a in learnt) for tag in two_runs[0].tags]
    report = two_runs[0].report
    data = report.data.model_copy(update={"train": 2 * len(test.ids), "test": len(test.ids)})
    pretended = dataclasses.replace(two_runs[0], report=report.model_copy(update={"data": data}))
    assert training_counts([pretended]).tolist() == (2 * test.truth.sum(axis=0)).tolist()


def test_unlike_runs_get_a_table_each_and_no_difference(two_runs, tiny_config, articles, store):
    elsewhere = configure(tiny_config, assignments=["seed=1"])
    other = run_experiment(elsewhere, store, articles=articles).run
    found = lined_up([two_runs[0], other])
    assert "other test articles" in found.mismatches[0]
    assert [table.names for table in found.tables] == [
        (name,) for name in short_names([two_runs[0], other]).values()
    ]
    assert all(row.differences == (None,) for table in found.tables for row in table.figures)


def test_only_settings_that_differ_are_listed_unless_all_are_asked_for(two_runs):
    assert list_settings(two_runs) == {
        "classifier.C": [[0.1, 1.0], [0.01]],
        "thresholds.rule": ["global", "per_tag"],
    }
    everything = list_settings(two_runs, all_of_them=True)
    assert everything["split.test_share"] == [0.3, 0.3]


def test_names_of_runs_are_short_and_never_alike(two_runs, tiny_config, articles, store):
    names = short_names(two_runs)
    assert len(set(names.values())) == 2
    assert all(name.startswith("best-tfidf, ") for name in names.values())
    assert short_names(two_runs[:1]) == {two_runs[0].id: "best-tfidf"}


def test_the_cost_of_a_run_is_what_it_noted_and_what_lies_on_disk(two_runs):
    run = two_runs[0]
    cost = cost_of(run)
    assert cost.train_seconds == run.environment.train_seconds
    assert cost.peak_memory_bytes == run.environment.peak_memory_bytes
    assert cost.model_bytes == sum(p.stat().st_size for p in (run.folder / "model").iterdir())


def test_published_figures_are_a_column_marked_as_such(two_runs):
    assert published_columns(two_runs) == {}
    study = dataclasses.replace(two_runs[0], config=preset_named("study-08").config())
    (heading, column), *_ = published_columns([study]).items()
    assert heading == "study-08 (published, LinkedInfo 2020, another data set)"
    assert (column["micro F1"], column["samples recall"], column["support"]) == (
        0.5312,
        0.3965,
        764,
    )
    found = hostile_comparison()
    table = text_table(found, found.figures, published_columns([study]))
    assert table.header[-1] == heading
    assert dict(zip(table.header, table.rows[2], strict=True))[heading] == "0.531"


def test_compare_prints_what_the_page_computes(two_runs, capsys):
    ids = [run.id for run in two_runs]
    assert main(["compare", *ids, "--reference", ids[1], "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    names = short_names(two_runs)
    found = line_up_runs(two_runs, reference=ids[1], names=names).tables[0]
    assert printed["comparable"] and printed["tables"][0]["reference"] == names[ids[1]]
    for row in (*found.figures, *found.bands, *found.tags):
        kind = "figures" if row in found.figures else "bands" if row in found.bands else "tags"
        shown = printed["tables"][0][kind][row.figure]
        assert [shown[name]["value"] for name in found.names] == list(row.values)
        difference = row.differences[0]
        against = shown[names[ids[0]]]["against_reference"]
        assert (against["difference"], against["low"]) == (difference.value, difference.low)
        assert against["sure"] == difference.is_sure
        assert "against_reference" not in shown[names[ids[1]]]


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ([], "figure "),
        (["--csv"], "figure,"),
        (["--markdown"], "| figure |"),
        (["--latex"], r"\begin{tabular}"),
    ],
)
def test_compare_prints_in_every_form(form, start, two_runs, capsys):
    assert main(["compare", *(run.id for run in two_runs), *form]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(start)
    assert "micro F1" in printed and "subset accuracy" in printed
    assert ("training time" in printed) == (form == [])


def test_compare_refuses_unlike_runs_in_words(two_runs, tiny_config, articles, store, capsys):
    fewer = configure(tiny_config, assignments=["data.min_tag_count=42"])
    other = run_experiment(fewer, store, articles=articles).run
    assert main(["compare", two_runs[0].id, other.id, "--json"]) == 2
    output = capsys.readouterr()
    assert "This is no comparison." in output.err and "other tags" in output.err
    printed = json.loads(output.out)
    assert not printed["comparable"] and len(printed["tables"]) == 2
    assert "against_reference" not in output.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "nonsense"], "There is no run 'nonsense'"),
        (["compare", "a", "--reference", "b"], "The reference 'b' is not among the runs"),
    ],
)
def test_what_compare_cannot_find_is_one_sentence(arguments, sentence, capsys):
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err
