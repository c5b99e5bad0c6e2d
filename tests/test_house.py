"""The layout of DESIGN: floors, who may import what, and what importing costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

# Lower first; a module imports from its own floor or a lower one. The edges share a floor.
FLOORS = (
    ("base",),
    ("articles",),
    ("dataset",),
    ("features",),
    ("metrics",),
    ("settings",),
    ("solvers",),
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


def imported_modules(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            names.add(node.module)
    return names


def imports_above_its_floor(path: Path) -> list[str]:
    room = room_of(module_name(path))
    if room is None:
        return []
    wanted = ((name, room_of(name)) for name in imported_modules(path))
    return [name for name, other in wanted if other and LEVEL[other] > LEVEL[room]]


@pytest.mark.parametrize("path", source_files(), ids=module_name)
def test_imports_go_down_only(path):
    assert imports_above_its_floor(path) == []


def test_an_import_from_above_is_found(tmp_path, monkeypatch):
    wrong = tmp_path / "core" / "metrics" / "wrong.py"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("def f():\n    from core.runs.store import RunStore\n")
    monkeypatch.setitem(globals(), "PROJECT", tmp_path)
    assert imports_above_its_floor(wrong) == ["core.runs.store"]


def test_every_room_stands_on_a_known_floor():
    rooms = {room_of(module_name(path)) for path in source_files()} - {None, "__init__"}
    assert rooms <= LEVEL.keys()


@pytest.mark.parametrize("path", source_files(), ids=module_name)
def test_libraries_stay_in_their_rooms(path):
    where = path.relative_to(PROJECT).as_posix()
    top = {name.split(".")[0] for name in imported_modules(path)}
    assert not top & {"pickle", "joblib", "cloudpickle", "marshal"}
    if where.startswith("core/"):
        assert "streamlit" not in top
    if not where.startswith(TORCH_ROOMS):
        assert not top & {"torch", "transformers"}
    if where.startswith(("pages/", "app")):
        assert not top & {"sklearn", "scipy", "numpy"}


@pytest.mark.parametrize("path", source_files(), ids=module_name)
def test_nobody_draws_from_the_global_random_state(path):
    allowed = {"default_rng", "Generator"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in (
            "np.random",
            "numpy.random",
        ):
            assert node.attr in allowed, f"{path}:{node.lineno}"
    assert "random" not in imported_modules(path)


@pytest.mark.parametrize("path", source_files(), ids=module_name)
def test_no_file_is_too_long_to_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


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


def test_the_first_page_loads_nothing_heavy(home, monkeypatch):
    monkeypatch.setenv("TAGSMITH_FIRST_START", "off")
    loaded = modules_after(
        "streamlit.testing.v1; "
        "app = streamlit.testing.v1.AppTest.from_file('app.py', default_timeout=60).run(); "
        "assert app.metric[0].value == '1,440' and app.get('vega_lite_chart'), app; import pages"
    )
    heavy = {"sklearn", "torch", "transformers", "scipy", "pandas", "pyarrow", "altair", "jieba"}
    assert not heavy & loaded
