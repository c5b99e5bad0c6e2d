"""Several experiments in a row: the study's family, and sweeps with their chart."""

import json

import pytest

from core.articles.store.sets import import_file, keep_articles, read_with_plans
from core.base.errors import DataError
from core.commands.main import main
from core.evaluate.sweep_chart import sweep_chart
from core.runs.batch import result_row, run_entries, sweep_entries
from core.runs.experiment import run_experiment
from core.runs.sources import SourceReader
from core.runs.store import RunStore
from core.study.presets import configure, preset_named
from tests.conftest import many_articles

LEAST = ["data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"]

FAST = [
    "data.min_tag_count=5",
    "classifier.C=[0.1,1]",
    "classifier.penalty=l2",
    "features.max_df=1.0",
    "features.encoder.device=cpu",
    "augment.level=1",
    "finetune.epochs=1",
    "finetune.precision=fp32",
]


@pytest.fixture
def article_file(articles, tmp_path):
    path = tmp_path / "articles.jsonl"
    changed = [a.model_copy(update={"fulltext": a.description * 3}) for a in articles]
    path.write_text("".join(a.model_dump_json() + "\n" for a in changed), encoding="utf-8")
    return str(path)


@pytest.fixture
def family(article_file, tiny_bert):
    encoder = f"features.encoder.name={tiny_bert}"
    return ["run", "study", "--data", article_file, "--set", *FAST, encoder]


def test_one_command_runs_the_ten_experiments_and_their_twins(family, capsys):
    assert main([*family, "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    names = [f"{kind}-{n:02d}" for n in range(1, 11) for kind in ("study", "fixed")]
    assert [entry["preset"] for entry in done] == names
    store = RunStore()
    for entry in done:
        assert set(entry) == {"preset", "run", "report"}
        assert store.load(entry["run"]).report.as_json() == entry["report"]
    # Experiment 7 learns from this family's experiment 6 and no other one is trained for it.
    assert len(store.finished()) == 20
    by_name = {entry["preset"]: store.load(entry["run"]) for entry in done}
    for kind in ("study", "fixed"):
        encoder = by_name[f"{kind}-07"].config.features.encoder
        assert encoder.name == f"run:{by_name[f'{kind}-06'].id}"
    assert by_name["study-05"].environment.encoder_sha256 != ""

    assert main([*family, "--markdown"]) == 0
    printed = capsys.readouterr().out
    assert len(store.finished()) == 20
    lines = printed.splitlines()
    header = [cell.strip() for cell in lines[0].strip("|").split("|")]
    for column in ("micro F1", "macro F1", "CV", "test", "seconds", "MB"):
        assert column in header
    row = next(line for line in lines if line.startswith("| study-08 |"))
    micro = by_name["study-08"].report.averages["micro avg"].f1_score
    assert row.split("|")[1:-1][header.index("micro F1")].strip() == f"{micro:.3f}"
    published = next(line for line in lines if line.startswith("| study-08 (published"))
    assert published.split("|")[1:-1][header.index("micro F1")].strip() == "0.531"
    assert "time and memory of each step" in printed
    assert any(line.startswith("| study-04 (recipe with tiny-bert) |") for line in lines)


def test_an_experiment_that_cannot_run_says_why_and_stops_no_other(family, capsys):
    assert main([*family, "split.method=file", "--json"]) == 2
    done = json.loads(capsys.readouterr().out)
    assert len(done) == 20
    assert all("have no split of their own" in entry["error"] for entry in done)


def test_a_sweep_makes_a_run_a_combination_and_one_chart(article_file, tmp_path, capsys):
    chart = tmp_path / "sweep.html"
    command = ["run", "best-tfidf", "--data", article_file, "--set", *FAST[:2], FAST[3]]
    command += ["data.text_column=partial_text", "--sweep", "augment.level=0,1"]
    command += ["--sweep", "data.partial_length=20,60", "--chart", str(chart), "--json"]
    assert main(command) == 0
    done = json.loads(capsys.readouterr().out)
    points = [(entry["augment.level"], entry["data.partial_length"]) for entry in done]
    assert points == [("0", "20"), ("0", "60"), ("1", "20"), ("1", "60")]
    runs = [RunStore().load(entry["run"]) for entry in done]
    assert [r.config.data.partial_length for r in runs] == [20, 60, 20, 60]
    html = chart.read_text(encoding="utf-8")
    assert "Score and time against data.partial_length" in html
    assert 'src="https' not in html

    assert main(command[:-1]) == 0
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 5 and runs[0].id in table[1]


def test_the_chart_has_a_line_a_method_for_score_and_for_time():
    points = [
        ({"features.kind": kind, "data.partial_length": length}, {"micro F1": f1, "seconds": s})
        for kind, length, f1, s in [
            ("tfidf", "500", 0.6, 3),
            ("tfidf", "1000", 0.7, 5),
            ("encoder", "500", 0.5, 30),
            ("encoder", "1000", 0.55, 60),
        ]
    ]
    lines = sweep_chart(points).data
    assert [(line.name, list(line.x), list(line.y)) for line in lines] == [
        ("tfidf", [500, 1000], [0.6, 0.7]),
        ("tfidf", [500, 1000], [3, 5]),
        ("encoder", [500, 1000], [0.5, 0.55]),
        ("encoder", [500, 1000], [30, 60]),
    ]
    assert lines[0].line.color == lines[1].line.color != lines[2].line.color


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["run", "best-tfidf", "--sweep", "seed"], "Cannot read sweep 'seed'"),
        (["run", "best-tfidf", "--sweep", "sed=1,2"], "Did you mean 'seed'"),
        (["run", "best-tfidf", "--chart", "a.html"], "--chart draws a sweep"),
        (["run", "study", "--sweep", "seed=1,2"], "needs one preset"),
        (["run", "best-tfidf", "--sweep", "seed=1,"], "one of them is empty"),
        (["run", "best-tfidf", "--sweep", "seed=1", "--sweep", "seed=2"], "two sweeps of 'seed'"),
        (["run", "best-tfidf", "--sweep", "preset=study-01,study-02"], "cannot be swept"),
        (["run", "best-tfidf", "--set", "preset=study-01"], "Name another preset"),
        (["run", "study", "--set", "preset=study-01"], "Name another preset"),
        (["run", "best-tfidf", "--set", "seed=1", "--sweep", "seed=2"], "by --set and by --sweep"),
        (["run", "best-tfidf", "--data", "a", "--set", "data.sources=b"], "by --set and by --data"),
        (["run", "study", "--data", "a", "--set", "data.sources=b"], "by --set and by --data"),
        (
            ["run", "best-tfidf", "--data", "a", "--sweep", "data.sources=b"],
            "by --sweep and by --data",
        ),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_in_a_sentence(options, sentence, capsys):
    assert main(options) == 2
    assert sentence in capsys.readouterr().err


def test_a_row_has_the_runs_own_figures(tiny_config, articles, store):
    run = run_experiment(tiny_config, store, articles=articles).run
    row = result_row(run)
    assert row["micro F1"] == run.report.averages["micro avg"].f1_score
    assert (row["CV"], row["test"]) == (run.report.cv.score, run.report.test_scorer)
    assert row["seconds"] == round(run.environment.total_seconds)
    assert 50 < row["MB"] < 20_000


def test_a_repeated_entry_is_not_run_twice(tiny_config, article_file, store):
    base = configure(tiny_config, sources=[article_file])
    first, second = run_entries(sweep_entries(base, ["seed=7,7"]), store)
    assert first.run.id == second.run.id


@pytest.fixture
def two_sets(articles):
    """Sets of other articles with other tags, so that no figure of one is one of the other."""
    keep_articles("one", articles)
    keep_articles("two", [a.model_copy(update={"tags": a.tags[:1]}) for a in many_articles(160)])
    keep_articles("three", [a.model_copy(update={"id": f"t{a.id}"}) for a in articles[:20]])
    return ["one", "two"]


def micro(report):
    return report["averages"]["micro avg"]


def test_each_entry_of_a_sweep_over_sources_has_its_own_articles(two_sets, capsys):
    command = ["run", "best-tfidf", "--set", *LEAST, "--again", "--json"]
    alone = []
    for name in two_sets:
        assert main([*command, "--data", name]) == 0
        alone.append(json.loads(capsys.readouterr().out)["report"])
    assert micro(alone[0]) != micro(alone[1])
    assert main([*command, "--sweep", "data.sources=two,one,[two],[two,three]"]) == 0
    swept = json.loads(capsys.readouterr().out)
    two, one, again, joined = (entry["report"] for entry in swept)
    assert (micro(one), micro(two), micro(again)) == (micro(alone[0]), *[micro(alone[1])] * 2)
    assert [r["data"]["articles"] for r in (two, one, joined)] == [160, 120, 180]
    runs = [RunStore().load(entry["run"]) for entry in swept]
    assert [r.config.data.sources for r in runs] == [
        ("two",),
        ("one",),
        ("two",),
        ("two", "three"),
    ]
    assert runs[3].environment.sources == ("two@1", "three@1")


def test_a_list_of_sources_is_read_once_for_all_entries(two_sets, tiny_config, store):
    read = []

    def noting(sources):
        read.append(tuple(sources))
        return read_with_plans(sources)

    entries = sweep_entries(tiny_config, ["seed=1,2", "data.sources=one,two,[one]"])
    done = list(run_entries(entries, store, read=SourceReader(noting)))
    assert all(entry.run for entry in done)
    assert sorted(read) == [("one@1",), ("two@1",)]


def test_a_set_that_changes_between_two_entries_is_read_again(two_sets, articles, store):
    base = configure(preset_named("best-tfidf").config(), assignments=LEAST)
    entries = sweep_entries(base, ["data.sources=one,one", "seed=1"])
    rows = "".join(a.model_dump_json() + "\n" for a in articles[:80])
    versions = []
    for entry in run_entries(entries, store):
        versions.append((entry.run.environment.sources, entry.run.report.data.articles))
        path = store.folder.parent / "fewer.jsonl"
        path.write_text(rows, encoding="utf-8")
        import_file(path, "one", replace=True)
    assert versions == [(("one@1",), 120), (("one@2",), 80)]


def test_a_source_that_is_not_there_stops_no_other(two_sets, capsys):
    command = ["run", "best-tfidf", "--set", *LEAST, "--sweep", "data.sources=none,one", "--json"]
    assert main(command) == 2
    missing, done = json.loads(capsys.readouterr().out)
    assert "There is no data set 'none'" in missing["error"]
    assert done["report"]["data"]["articles"] == 120


def test_articles_in_memory_may_be_none_and_are_not_replaced_by_the_sources(tiny_config, store):
    with pytest.raises(DataError):
        run_experiment(tiny_config, store, articles=[])


def test_full_text_presets_take_as_many_articles_as_the_study_had():
    for name in ("study-10", "fixed-10"):
        assert preset_named(name).config().data.most_articles == 1000
