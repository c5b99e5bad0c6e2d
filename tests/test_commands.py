"""The command line: JSON documents, exit codes, sentences, and help with an example."""

import argparse
import io
import json
import subprocess
import sys

import pytest

from core.base import progress
from core.commands.main import build_parser, main
from core.commands.output import ProgressLine
from tests.conftest import PROJECT


@pytest.fixture
def article_file(articles, tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    return str(path)


TINY = ["--set", "data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"]


def call_json(capsys, *arguments):
    """Run a command with --json; standard output must be one JSON document."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def call_failing(capsys, *arguments):
    """Run a command that ends with exit code 2, one sentence, and nothing on standard output."""
    assert main(list(arguments)) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    return output.err.strip()


def all_commands(parser, path=()):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield from all_commands(command, (*path, name))
            return
    yield " ".join(path), parser


@pytest.mark.parametrize(("name", "command"), list(all_commands(build_parser())))
def test_every_command_has_help_with_an_example_that_parses(name, command):
    assert command.epilog.startswith("example: python -m core " + name)
    import shlex

    words = shlex.split(command.epilog.removeprefix("example: python -m core "))
    assert build_parser().parse_args(words).handler


@pytest.mark.parametrize("name", [name for name, _ in all_commands(build_parser())])
def test_every_command_stands_in_the_readme(name):
    assert f"python -m core {name}" in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_run_reports_what_is_stored_and_runs_lists_it(capsys, article_file):
    done = call_json(capsys, "run", "best-tfidf", "--data", article_file, *TINY)
    assert set(done) == {"run", "report"}
    listed = call_json(capsys, "runs")
    assert [entry["run"] for entry in listed] == [done["run"]]
    assert listed[0]["report"] == done["report"]
    again = call_json(capsys, "run", "best-tfidf", "--data", article_file, *TINY)
    assert again == done


def test_run_prints_a_table_for_people(capsys, article_file):
    assert main(["run", "fixed-08", "--data", article_file, *TINY, "augment.level=0"]) == 0
    printed = capsys.readouterr().out
    assert "average       precision  recall  f1-score  support" in printed
    assert "cross-validation" in printed
    assert main(["runs"]) == 0
    assert "fixed-08 on articles" in capsys.readouterr().out


def test_a_leaking_cross_validation_is_labelled(capsys, article_file):
    assert main(["run", "study-08", "--data", article_file, *TINY, "augment.level=1"]) == 0
    assert "Cross-validation as published" in capsys.readouterr().out


def test_run_takes_settings_from_a_file(capsys, article_file, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text(
        "[data]\nmin_tag_count = 5\n[classifier]\nC = 1\n[features]\nmax_df = 1.0\n"
    )
    call_json(capsys, "run", "--config", str(settings), "--data", article_file)
    config = call_json(capsys, "runs")[0]["config"]
    assert (config["preset"], config["classifier"]["C"]) == ("", [1.0])


def test_run_joins_several_files(capsys, articles, tmp_path):
    paths = []
    for number, half in enumerate((articles[:60], articles[60:])):
        path = tmp_path / f"{number}.jsonl"
        path.write_text("".join(a.model_dump_json() + "\n" for a in half))
        paths.append(str(path))
    done = call_json(capsys, "run", "best-tfidf", "--data", *paths, *TINY)
    assert done["report"]["data"]["articles"] == 120


def test_suggest_prints_one_document_of_the_contracts_form(capsys, article_file):
    done = call_json(capsys, "run", "best-tfidf", "--data", article_file, *TINY)
    text = "how a goroutine blocks on a channel, found by pprof"
    found = call_json(capsys, "suggest", "--text", text, "--limit", "2")
    assert (found["run"], found["language"], found["note"]) == (done["run"], "en", "")
    assert len(found["tags"]) == 2
    best = found["tags"][0]
    of_a_tag = {"tag", "score", "threshold", "suggested", "evidence", "probability"}
    assert set(best) == of_a_tag | {"examples", "few_examples"}
    assert (best["tag"], best["suggested"]) == ("golang", True)
    assert set(best["evidence"][0]) == {"term", "contribution"}


def test_suggest_reads_a_file_and_standard_input_alike(capsys, article_file, tmp_path, monkeypatch):
    call_json(capsys, "run", "best-tfidf", "--data", article_file, *TINY)
    text = "how a goroutine blocks on a channel"
    (tmp_path / "a.txt").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    by_text = call_json(capsys, "suggest", "--text", text)
    assert call_json(capsys, "suggest", "--file", str(tmp_path / "a.txt")) == by_text
    assert call_json(capsys, "suggest", "-") == by_text


def test_data_commands_describe_check_import_and_list(capsys, article_file):
    stats = call_json(capsys, "data", "stats", "sample")
    assert (stats["articles"], stats["tags"]) == (1440, 172)
    assert next(iter(stats["tag_counts"].items())) == ("python", 414)
    checked = call_json(capsys, "data", "check", article_file)
    assert (checked["rows"], checked["articles"], checked["bad_rows"]) == (120, 120, 0)
    call_json(capsys, "data", "import", article_file, "--name", "mine")
    assert [entry["name"] for entry in call_json(capsys, "data", "list")] == ["sample", "mine"]
    assert call_json(capsys, "data", "stats", "mine")["articles"] == 120


def test_check_lists_the_bad_rows_and_ends_with_2(capsys, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,description,tags\nT,D,go\n,,\nonly\n")
    assert main(["data", "check", str(path)]) == 2
    printed = capsys.readouterr().out
    assert "a.csv: 3 rows, 1 article, 0 duplicates, 2 bad rows" in printed
    assert "line 3: title, description and fulltext are all empty" in printed
    assert "line 4: has 1 cells, the header has 3" in printed


def test_presets_carry_the_published_figures_marked_as_such(capsys):
    presets = {preset["name"]: preset for preset in call_json(capsys, "presets")}
    published = presets["study-09"]["published"]
    assert published["note"] == "published, LinkedInfo 2020, another data set"
    assert published["averages"]["micro avg"]["f1-score"] == 0.5676
    assert presets["best-tfidf"]["published"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "study-8"], "Did you mean 'study-08'?"),
        (["run", "best-tfidf", "--data", "entec"], "There is no data set 'entec'"),
        (["run", "best-tfidf", "--set", "sede=1"], "Did you mean 'seed'?"),
        (["run", "best-tfidf", "--set", 'data.languages=["xx"]'], "No article is in xx"),
        (["data", "stats", "none.jsonl"], "There is no file 'none.jsonl'"),
        (["suggest", "--run", "nonsense", "--text", "a b c"], "There is no run 'nonsense'"),
        (["suggest", "--file", "none.txt"], "There is no readable file 'none.txt'"),
    ],
)
def test_what_the_user_can_fix_is_one_sentence_and_exit_code_2(capsys, arguments, sentence):
    assert sentence in call_failing(capsys, *arguments)


@pytest.mark.parametrize(
    "command", [["data", "check"], ["data", "stats"], ["run", "best-tfidf", "--data"]]
)
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.jsonl", b"", "is empty"),
        ("column.csv", b"title,description\nT,D\n", "has no column 'tags'"),
        ("bad.parquet", b"PAR1", "is not a Parquet file"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_exit_code_2(
    capsys, tmp_path, command, name, content, sentence
):
    path = tmp_path / name
    path.write_bytes(content)
    assert sentence in call_failing(capsys, *command, str(path))


def test_a_home_that_cannot_be_written_is_one_sentence(capsys, article_file, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TAGSMITH_HOME", str(tmp_path / "file"))
    assert main(["run", "best-tfidf", "--data", article_file, *TINY]) == 2
    assert "cannot be read or written: Not a directory" in capsys.readouterr().err


def test_an_interrupt_ends_with_130(capsys, monkeypatch, article_file):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("core.runs.experiment.run_experiment", interrupt)
    assert main(["run", "best-tfidf", "--data", article_file]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_the_module_runs_from_a_shell_with_its_exit_code():
    done = subprocess.run(
        [sys.executable, "-m", "core", "data", "stats", "nothing"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("There is no data set 'nothing'")


def test_the_time_left_is_that_of_the_step_not_of_all_before_it(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    line = ProgressLine()
    line("encode", 1, 10, "texts")
    now[0] = 100.0
    line("encode", 10, 10, "texts")
    line("train", 1, 4, "fits")
    now[0] = 120.0
    line("train", 2, 4, "fits")
    assert capsys.readouterr().err.splitlines()[-1] == "train: 2 of 4 fits, 20 s left"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_a_bar_for_each_step_with_its_time_left(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    line = ProgressLine()
    for done in range(4):
        line("encode", done, 3, "texts")
    for done in (1, 2, 1, 2):  # the second fold begins anew
        line("train", done, 2, "fits")
    bars = [row.split("\r")[-1] for row in terminal.getvalue().split("\n") if row]
    assert [bar.split("|")[0] for bar in bars] == [
        "encode: 100%",
        "train: 100%",
        "train: 100%",
    ]
    assert "3/3" in bars[0] and "texts/s" in bars[0] and "2/2" in bars[-1]
