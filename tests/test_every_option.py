"""Every option of every command is used, or refused: none is taken and ignored."""

import argparse
import shutil
import sys
from types import SimpleNamespace

import pytest

from core.articles.store.sets import keep_articles
from core.commands.main import build_parser, main
from core.feedback.corrections import Correction, FeedbackStore
from core.jobs.job import list_jobs
from core.runs.experiment import run_experiment
from core.runs.learning_curves import measure_learning_curve
from core.runs.store import RunStore
from core.study.presets import configure, preset_named

LEAST = ["data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"]
TRAIN = ["best-tfidf", "--set", "data.sources=blog", *LEAST]
NAMED = ["best-tfidf", "--data", "blog", "--set", *LEAST]
TEXT = "how a goroutine blocks on a channel, found by pprof"
# A way to call each command, or several where options depend on others. RUN, OTHER: ids of runs.
CALLS = [
    "presets",
    "run TRAIN",
    "run NAMED",
    "run TRAIN --sweep seed=1,2",
    "run TRAIN --detach",
    "run TRAIN --sweep seed=1,2 --detach",
    "run TRAIN --engine local",
    "run study --data blog --detach",
    "runs",
    "compare RUN OTHER",
    "estimate TRAIN",
    "learning-curve TRAIN",
    "thresholds RUN",
    "thresholds RUN --precision 0.6",
    "thresholds RUN --per-tag",
    "thresholds RUN --recall 0.6 --per-tag",
    "thresholds RUN --top-k 1",
    "thresholds RUN --value 0",
    "suggest --text TEXT",
    "suggest --file post.txt",
    "suggest --url https://example.org/",
    "tag posts.csv tagged.csv",
    "tag posts.csv tagged.csv --engine local",
    "data import posts.csv --name new",
    "data check posts.csv",
    "data stats blog",
    "data list",
    "data rename sample2 other",
    "data export blog out.jsonl",
    "data delete blog --yes",
    "data versions blog",
    "data fetch open-articles --name new",
    "data fetch linkedinfo --name new",
    "data fetch stackexchange --name new",
    "data fetch forem --name new",
    "feedback delete Ada",
    "feedback delete Ada --yes",
    "jobs list",
    "jobs show JOB",
    "jobs cancel JOB",
    "jobs again JOB",
    "work JOB",
    "serve",
    "cache",
]
VALUES = {
    "--data": ["blog"],
    "--set": ["split.test_share=0.4"],
    "--sweep": ["thresholds.beta=1,2"],
    "--chart": ["chart.html"],
    "--engine": ["local"],
    "--encoding": ["utf-8"],
    "--tag-separator": [";"],
    "--reference": ["OTHER"],
    "--shares": ["0.5"],
    "--repeats": ["1"],
    "--precision": ["0.5"],
    "--recall": ["0.5"],
    "--beta": ["1"],
    "--value": ["0"],
    "--top-k": ["2"],
    "--min-support": ["2"],
    "--smoothing": ["1"],
    "--average": ["macro"],
    "--save": ["mine"],
    "--title": ["title"],
    "--text": [TEXT],
    "--file": ["post.txt"],
    "--url": ["https://example.org/"],
    "--run": ["RUN"],
    "--limit": ["2"],
    "--threshold": ["0"],
    "--guess": ["kafka"],
    "--name": ["new"],
    "--problems": ["problems.csv"],
    "--query": ["select 1"],
    "--use": ["1"],
    "--tag": ["go"],
    "--tags": ["tags"],
    "--id": ["id"],
    "--description": ["description"],
    "--fulltext": ["fulltext"],
    "--site": ["superuser"],
    "--address": ["https://example.org"],
    "--key": ["secret"],
    "--most": ["5"],
    "--host": ["127.0.0.1"],
    "--port": ["0"],
    "--allow-host": ["example.org"],
    "--slot": ["cpu"],
    "--config": ["settings.toml"],
}


class Noting(argparse.Namespace):
    """Options that note which of them were asked for."""

    def __getattribute__(self, name):
        if not name.startswith("_"):
            object.__getattribute__(self, "_asked").add(name)
        return object.__getattribute__(self, name)


def leaves(parser, path=()):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield from leaves(command, (*path, name))
            return
    yield " ".join(path), parser


COMMANDS = dict(leaves(build_parser()))


def options_of(command):
    """The options of a command, without help."""
    flags = [action for action in COMMANDS[command]._actions if action.option_strings]
    return [action for action in flags if action.dest != "help"]


def command_of(call):
    return next(c for c in COMMANDS if f"{call} ".startswith(f"{c} "))


PAIRS = [
    (call, action.option_strings[-1], action.dest, action.nargs)
    for call in CALLS
    for action in options_of(command_of(call))
    if action.option_strings[-1] not in call.split()
]


def test_every_command_is_called():
    assert {command_of(call) for call in CALLS} == set(COMMANDS)


def _tiny(*changes):
    config = preset_named("best-tfidf").config()
    return configure(config, sources=["blog"], assignments=[*LEAST, *changes])


@pytest.fixture(scope="module")
def furnished(tmp_path_factory, articles):
    """A folder with files to read and a home with sets and two runs, one with its curve."""
    folder = tmp_path_factory.mktemp("options")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGSMITH_HOME", str(folder / "home"))
        patch.chdir(folder)
        for name in ("blog", "sample2"):
            keep_articles(name, articles)
        assert main(["data", "export", "blog", "posts.csv"]) == 0
        (folder / "post.txt").write_text(TEXT, encoding="utf-8")
        (folder / "settings.toml").write_text("seed = 1\n", encoding="utf-8")
        store = RunStore()
        run = run_experiment(_tiny(), store).run
        for seed in (1, 2):  # those of the sweeps
            run_experiment(_tiny(f"seed={seed}"), store)
        FeedbackStore().save(Correction(text=TEXT, tags=("go",), name="Ada"))
        measure_learning_curve(run, store, shares=[0.5], repeats=1)
    return folder


@pytest.fixture
def at_home(furnished, tmp_path, home, monkeypatch):
    """A copy of the furnished folder; nothing outside of it is asked, nothing long is begun."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    page = SimpleNamespace(title="A page", text=TEXT, note="")
    fetched = {"articles": 1, "data": "new", "bad_rows": 0}
    waiting = SimpleNamespace(start=lambda job: None, stop=lambda job: None)
    monkeypatch.setattr("core.fetch.page.fetch_page", lambda url: page)
    monkeypatch.setattr("core.jobs.fetch_task.FetchTask.fetch", lambda task, progress: fetched)
    monkeypatch.setattr("core.suggest.guesses.guess_tags", lambda text, names, known: [])
    monkeypatch.setattr("core.jobs.queue.engine_named", lambda name: waiting)
    monkeypatch.setattr("core.commands.jobs.follow", _do_at_once)
    monkeypatch.setattr("core.commands.jobs.CANCEL_SECONDS", 0)
    monkeypatch.setattr("core.jobs.worker.work", lambda job, slot: None)
    monkeypatch.setattr("core.commands.serve.free_port", lambda host, port: port or 8501)
    monkeypatch.setattr("uvicorn.run", lambda app, **options: None)
    for name in ("STREAMLIT_SERVER_PORT", "GOMP_SPINCOUNT", "TAGSMITH_OPEN", "TAGSMITH_HOSTS"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", "")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False, read=lambda: TEXT))


def _do_at_once(job):
    from core.base.progress import no_epoch, no_progress
    from core.jobs.tasks import read_task

    listener = SimpleNamespace(progress=no_progress, on_epoch=no_epoch, on_cluster=False)
    return read_task(job.settings).perform(listener)


def words_of(call):
    newest = [run.id for run in RunStore().finished()]
    words = []
    for word in call.split():
        words += {"TRAIN": TRAIN, "NAMED": NAMED, "RUN": [newest[-1]], "OTHER": [newest[0]]}.get(
            word, [word]
        )
    words = [TEXT if word == "TEXT" else word for word in words]
    return [_a_job() if word == "JOB" else word for word in words]


def _a_job():
    from core.jobs.queue import submit_experiment

    return submit_experiment(_tiny()).id if not list_jobs() else list_jobs()[0].id


def asked_for(words):
    """The names of the options that the command asked for; None where it refused."""
    try:
        options = Noting(_asked=set(), **vars(build_parser().parse_args(words)))
    except SystemExit as end:
        assert end.code == 2
        return None
    from core.base.errors import CoreError

    options._asked.clear()
    try:
        options.handler(options)
    except CoreError:
        return None
    return options._asked


@pytest.mark.parametrize("call", CALLS)
def test_every_way_to_call_a_command_works_by_itself(call, at_home):
    words = words_of(call)
    if call not in ("jobs again JOB", "feedback delete Ada"):  # at work, and nobody says yes
        assert asked_for(words) is not None


@pytest.mark.parametrize(("call", "option", "dest", "nargs"), PAIRS)
def test_an_option_is_asked_for_or_refused(call, option, dest, nargs, at_home, capsys):
    given = [] if nargs == 0 else words_of(" ".join(VALUES[option]).replace(TEXT, "TEXT"))
    asked = asked_for([*words_of(call), option, *given])
    assert asked is None or dest in asked


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("thresholds RUN --min-support 3", "--min-support is about a cut for each tag"),
        ("thresholds RUN --recall 0.5 --smoothing 1", "--smoothing is about a cut for each tag"),
        ("thresholds RUN --average macro", "--average is about one cut solved for a goal"),
        ("thresholds RUN --value 0 --average macro", "--average is about one cut"),
        ("thresholds RUN --per-tag --average macro", "--average is about one cut"),
        ("thresholds RUN --per-tag --value 1", "needs a goal"),
        ("data import posts.csv --name new --query x", "posts.csv is no database"),
        ("data check posts.csv --query x", "posts.csv is no database"),
        (
            "data fetch linkedinfo --name x --tag go",
            "--tag is an option of stackexchange and forem",
        ),
        ("data fetch forem --name x --key k", "--key is an option of stackexchange"),
        ("data fetch forem --name x --site a", "--site is an option of stackexchange"),
        ("data fetch forem --name x --no-code", "--no-code is an option of stackexchange"),
        ("data fetch stackexchange --name x --fulltext", "--fulltext is an option of linkedinfo"),
        ("data fetch open-articles --name x --most 5", "--most is an option of"),
        ("data fetch open-articles --name x --address a", "--address is an option of"),
        ("data fetch forem --name x --most -1", "'most' cannot be -1"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused_in_a_sentence(call, sentence, at_home, capsys):
    assert main(words_of(call)) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err and printed.err.count("\n") == 1
    assert printed.out == ""


@pytest.mark.parametrize(
    "call",
    [
        "run TRAIN --json --markdown",
        "data check posts.csv --skip-bad-rows",
        "tag posts.csv tagged.csv --skip-bad-rows",
        "compare RUN OTHER --json --csv",
        "learning-curve TRAIN --json --csv",
    ],
)
def test_options_that_exclude_each_other_are_no_call(call, at_home):
    with pytest.raises(SystemExit, match="2"):
        build_parser().parse_args(words_of(call))


def test_one_run_prints_its_table_in_markdown(at_home, capsys):
    assert main([*words_of("run TRAIN"), "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "| average | precision | recall | f1-score | support |" in lines
