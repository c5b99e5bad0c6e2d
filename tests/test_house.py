"""The layout of DESIGN: floors, who may import what, and what importing costs."""

import ast
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from tests.conftest import PROJECT

# Lower first; a module imports from its own floor or a lower one. The edges share a floor.
FLOORS = (
    ("base",),
    ("solvers",),
    ("articles",),
    ("dataset",),
    ("features",),
    ("metrics",),
    ("settings",),
    ("models",),
    ("methods",),
    ("evaluate",),
    ("study",),
    ("runs",),
    ("estimate",),
    ("fetch",),
    ("suggest",),
    ("feedback",),
    ("jobs",),
    ("api", "commands", "__main__"),
    ("pages",),
    ("app",),
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
# The least share of public things with a docstring, in rooms where not every one has it.
DOCUMENTED = {
    "pages": 0.9,
    "commands": 0.9,
    # These should have all of them, and may only come nearer to that.
    "estimate": 0.94,
    "feedback": 0.94,
    "methods": 0.94,
    "models": 0.87,
    "suggest": 0.98,
}
MOST_PRIVATE_USES = 5
TORCH_ROOMS = ("core/features/encoder", "core/solvers", "core/methods/finetune")


def source_files() -> list[Path]:
    return [PROJECT / "app.py", *PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py")]


def room_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "core":
        return parts[1] if len(parts) > 1 else None
    return parts[0] if parts[0] in LEVEL else None


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(parsed(path)) if isinstance(node, kinds)]


@cache
def imported_modules(path: Path) -> frozenset[str]:
    names = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            names.add(node.module)
    return frozenset(names)


def imports_above_its_floor(path: Path) -> list[str]:
    room = room_of(module_name(path))
    if room is None:
        return []
    wanted = ((name, room_of(name)) for name in imported_modules(path))
    return [name for name, other in wanted if other and LEVEL[other] > LEVEL[room]]


def offenders(wrong: Callable[[Path], Any]) -> dict[str, Any]:
    """By module, what is wrong with it. One test for all files: a case for each takes longer."""
    found = {module_name(path): wrong(path) for path in source_files()}
    return {name: faults for name, faults in found.items() if faults}


def test_imports_go_down_only():
    assert offenders(imports_above_its_floor) == {}


def test_an_import_from_above_is_found(tmp_path, monkeypatch):
    wrong = tmp_path / "core" / "metrics" / "wrong.py"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("def f():\n    from core.runs.store import RunStore\n")
    monkeypatch.setitem(globals(), "PROJECT", tmp_path)
    assert imports_above_its_floor(wrong) == ["core.runs.store"]


def test_every_room_stands_on_a_known_floor():
    rooms = {room_of(module_name(path)) for path in source_files()} - {None, "__init__"}
    assert rooms <= LEVEL.keys()


def libraries_out_of_place(path: Path) -> set[str]:
    where = path.relative_to(PROJECT).as_posix()
    barred = {"pickle", "joblib", "cloudpickle", "marshal", "random"}
    if where.startswith("core/"):
        barred |= {"streamlit"}
    if not where.startswith(TORCH_ROOMS):
        barred |= {"torch", "transformers"}
    if where.startswith(("pages/", "app")):
        barred |= {"sklearn", "scipy", "numpy"}
    return barred & {name.split(".")[0] for name in imported_modules(path)}


def test_libraries_stay_in_their_rooms():
    assert offenders(libraries_out_of_place) == {}


def global_draws(path: Path) -> list[str]:
    """What a file takes from numpy.random besides generators of its own."""
    allowed = {"default_rng", "Generator"}
    return [
        f"line {node.lineno}: {node.attr}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr not in allowed
        and ast.unparse(node.value) in ("np.random", "numpy.random")
    ]


def test_nobody_draws_from_the_global_random_state():
    assert offenders(global_draws) == {}


def test_no_file_is_too_long_to_read():
    assert offenders(lambda path: path.read_text(encoding="utf-8").count("\n") > 300) == {}


@pytest.mark.parametrize(
    ("where", "text", "wrong"),
    [
        ("core/metrics/a.py", "import streamlit", libraries_out_of_place),
        ("core/metrics/a.py", "from random import random", libraries_out_of_place),
        ("pages/a.py", "def f():\n    import numpy", libraries_out_of_place),
        ("core/runs/a.py", "import torch.nn", libraries_out_of_place),
        ("core/runs/a.py", "x = np.random.rand(3)", global_draws),
    ],
)
def test_what_is_out_of_place_is_found(tmp_path, monkeypatch, where, text, wrong):
    (tmp_path / where).parent.mkdir(parents=True)
    (tmp_path / where).write_text(text)
    monkeypatch.setitem(globals(), "PROJECT", tmp_path)
    assert wrong(tmp_path / where)


def test_the_median_file_is_short():
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in source_files()]
    assert statistics.median(lengths) <= 110


def test_no_function_is_too_long_to_read():
    long = {
        f"{module_name(path)}.{function.name}"
        for path in source_files()
        for function in functions_of(path)
        if function.end_lineno - function.lineno + 1 > 60
    }
    assert long == set()


def imports_among(paths: list[Path]) -> dict[str, set[str]]:
    """By module of ours, the modules of ours that it imports, at once or inside a function."""
    modules = {module_name(path) for path in paths}
    return {module_name(path): imported_names(path) & modules for path in paths}


def imported_names(path: Path) -> set[str]:
    """The modules that a file imports, and every name that it imports from one, in full."""
    names, unread = set(), [parsed(path)]
    while unread:
        node = unread.pop()
        match node:
            case ast.If(test=ast.Name("TYPE_CHECKING")):
                continue  # never runs
            case ast.Import(names=found):
                names |= {alias.name for alias in found}
            case ast.ImportFrom(module=module, names=found):
                names |= {module, *(f"{module}.{alias.name}" for alias in found)}
        unread += ast.iter_child_nodes(node)
    return names


def modules_in_circles(graph: dict[str, set[str]]) -> set[str]:
    """The modules that import themselves through others."""
    places = {module: place for place, module in enumerate(graph)}
    edges = np.zeros((len(graph), len(graph)), bool)
    for module, imported in graph.items():
        edges[places[module], [places[name] for name in imported]] = True
    _, groups = connected_components(edges, connection="strong")
    sizes = Counter(groups.tolist())
    return {
        module for module, group in zip(graph, groups.tolist(), strict=True) if sizes[group] > 1
    }


def test_no_modules_import_one_another_in_a_circle():
    assert modules_in_circles(imports_among(source_files())) == set()


def test_a_circle_is_found_through_an_import_inside_a_function(tmp_path, monkeypatch):
    core = tmp_path / "core"
    core.mkdir()
    (core / "a.py").write_text("from core import b\n")
    (core / "b.py").write_text("def f():\n    from core.c import x\n")
    (core / "c.py").write_text("import core.a\n")
    (core / "d.py").write_text("if TYPE_CHECKING:\n    import core.e\n")
    (core / "e.py").write_text("import core.d\n")
    monkeypatch.setitem(globals(), "PROJECT", tmp_path)
    graph = imports_among(sorted(core.glob("*.py")))
    assert modules_in_circles(graph) == {"core.a", "core.b", "core.c"}


def public_things(path: Path) -> list[ast.AST]:
    """Public functions and classes of a file, and public methods of public classes."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [node for node in parsed(path).body if isinstance(node, kinds)]
    for node in list(found):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found += [inner for inner in node.body if isinstance(inner, kinds)]
    return [node for node in found if not node.name.startswith("_")]


def test_public_things_have_a_docstring():
    documented, public = Counter(), Counter()
    for path in source_files():
        things = public_things(path)
        public[room_of(module_name(path))] += len(things)
        documented[room_of(module_name(path))] += sum(
            1 for thing in things if ast.get_docstring(thing)
        )
    least = {room: DOCUMENTED.get(room, 1.0) for room in public if public[room]}
    short = {
        room: f"{documented[room]} of {public[room]}"
        for room in least
        if documented[room] < least[room] * public[room]
    }
    assert short == {}


def test_tests_use_private_names_of_the_product_seldom():
    found = sorted(use for path in PROJECT.glob("tests/**/*.py") for use in private_uses(path))
    lines = {use.split()[0] for use in found}
    assert len(lines) <= MOST_PRIVATE_USES, "\n".join(found)


def private_uses(path: Path) -> set[str]:
    """Lines of a test that read or replace a name of the product that begins with _."""
    ours = {
        alias.asname or alias.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if node.module.split(".")[0] in ("core", "pages")
    }
    found = set()
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Attribute():
                name = ast.unparse(node)
            case ast.Call(func=ast.Attribute(attr="setattr"), args=[where, ast.Constant(name), _]):
                name = f"{ast.unparse(where)}.{name}"
            case ast.Call(func=ast.Attribute(attr="setattr"), args=[ast.Constant(name), _]):
                pass
            case _:
                continue
        whose, *parts = name.split(".")
        if whose in {"core", "pages", *ours} and any(re.match("_[^_]", part) for part in parts):
            found.add(f"{path.name}:{node.lineno} {name}")
    return found


def modules_after(imports: str) -> set[str]:
    code = f"import sys, {imports}; print(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_the_command_line_loads_nothing_heavy_and_writes_nothing(home):
    loaded = modules_after("core, core.commands.main")
    assert not {"numpy", "sklearn", "torch", "pandas", "streamlit"} & loaded
    assert not home.exists()


def test_runs_suggestions_and_jobs_are_imported_without_torch():
    rooms = ("core.runs.store", "core.suggest.suggester", "core.jobs.tasks", "core.estimate.cost")
    assert not {"torch", "transformers"} & modules_after(", ".join(rooms))


def test_the_methods_are_listed_without_what_they_train_with():
    listed = modules_after("core.methods.registry as registry; registry.list_methods()")
    assert not {"torch", "transformers", "sklearn", "scipy", "pandas"} & listed


def test_the_first_page_loads_nothing_heavy(home, monkeypatch):
    monkeypatch.setenv("TAGSMITH_FIRST_START", "off")
    loaded = modules_after(
        "streamlit.testing.v1; "
        "app = streamlit.testing.v1.AppTest.from_file('app.py', default_timeout=60).run(); "
        "assert app.metric[0].value == '1,440' and app.get('vega_lite_chart'), app; import pages"
    )
    heavy = {"sklearn", "torch", "transformers", "scipy", "pandas", "pyarrow", "altair", "jieba"}
    assert not heavy & loaded


# Only the records know the names that a run's files use.
RECORDS = {"report", "environment", "thresholds", "facts", "cv"}
FILES_OF_RUNS = "core/runs/files.py"


def reads_by_string_key(path: Path) -> list[str]:
    """Subscripts and `.get` calls with a constant string on something that names a run record."""
    found = []
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str())):
                pass
            case ast.Call(
                func=ast.Attribute(value=owner, attr="get"), args=[ast.Constant(value=str()), *_]
            ):
                pass
            case _:
                continue
        name = getattr(owner, "attr", getattr(owner, "id", ""))
        if name in RECORDS:
            found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def test_no_run_record_is_read_by_a_string_key():
    allowed = module_name(PROJECT / FILES_OF_RUNS)
    assert not offenders(reads_by_string_key).keys() - {allowed}


def test_a_read_by_a_string_key_is_found(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text('a = run.report["at"]\nb = run.environment.get("seconds")\nc = cv["score"]\n')
    assert len(reads_by_string_key(wrong)) == 3
