"""The documents: links lead somewhere, commands exist, and those of one machine are run."""

import re
import shlex
import shutil

import pytest

from core.commands.main import build_parser, main
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.study.presets import configure, preset_named
from tests.app_testing import import_articles
from tests.conftest import PROJECT

HISTORY = sorted((PROJECT / "docs" / "history").glob("*.md"))
DOCUMENTS = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").glob("*.md"))]
# What a command of the documents needs that a test has not: network, a server, an hour, a job.
NOT_RUN = re.compile(
    r" (fetch|serve|work|estimate|study|jobs (show|cancel|again)|best-(encoder|finetuned|hybrid))\b"
    r"|--url|--detach|--engine|--config|PRESET|entech|\.\.\."
)
LEAST = ["data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"]


def commands_of(path):
    """Lines of code that call the command line: comments off, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    lines = re.findall(r"^    (?:\S+=\S+ )*python -m core (.+)$", text, re.MULTILINE)
    return [re.sub(r"\s+#.*", "", line).strip() for line in lines]


ALL = [(path, command) for path in DOCUMENTS for command in commands_of(path)]


def words_of(command, run="RUN"):
    return [run if word == "RUN" else word for word in shlex.split(command)]


@pytest.mark.parametrize("path", [*DOCUMENTS, *HISTORY], ids=lambda path: path.name)
def test_every_link_within_the_documents_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize("name", ["benchmarks", "quality"])
def test_a_page_of_figures_fits_on_three_screens(name):
    text = (PROJECT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150


@pytest.mark.parametrize(("path", "command"), ALL, ids=lambda part: getattr(part, "name", part))
def test_every_documented_command_exists(path, command):
    if "..." not in command:
        command = command.replace("(PRESET | --config FILE)", "PRESET")
        assert build_parser().parse_args(words_of(command)).handler


@pytest.fixture(scope="session")
def furnished(tmp_path_factory, articles):
    """A folder with posts.csv and a home with the sets blog and posts and two runs."""
    folder = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGSMITH_HOME", str(folder / "home"))
        for name in ("blog", "posts"):
            import_articles(articles, folder, name)
        patch.chdir(folder)
        assert main(["data", "export", "blog", "posts.csv"]) == 0
        for c in ("0.1", "1"):
            config = configure(_tiny(), assignments=[f"classifier.C={c}"])
            run_experiment(config, RunStore(), articles=articles)
    return folder


def _tiny():
    config = preset_named("best-tfidf").config()
    return configure(config, sources=["blog"], assignments=LEAST)


@pytest.fixture
def furnished_home(furnished, tmp_path, home, monkeypatch):
    shutil.copytree(furnished / "home", home)
    shutil.copy(furnished / "posts.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    return home


RUN_HERE = sorted({command for _, command in ALL if not NOT_RUN.search(f" {command}")})


@pytest.mark.parametrize("command", RUN_HERE)
def test_a_documented_command_does_its_work(command, furnished_home, monkeypatch, capsys):
    words = words_of(command)
    if words[:2] == ["data", "import"] and "--update" not in words:
        shutil.rmtree(furnished_home / "sets" / "blog")
    if words[:2] == ["data", "rename"]:
        shutil.rmtree(furnished_home / "sets" / "posts")
    if words[:2] == ["data", "delete"]:
        words.append("--yes")  # nobody is here to answer
    if words[0] == "run":
        words += ["--set", *(one for one in LEAST if f"{one.partition('=')[0]}=" not in command)]
    runs = [run.id for run in RunStore().finished()]
    words = [runs.pop() if word == "RUN" else word for word in words]
    assert main(words) == 0, capsys.readouterr().err
