"""The worked examples of docs/contributing.md, applied to a copy of the project and run."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "contributing.md").read_text(encoding="utf-8")
# A block's language, the file that its first line names, and the lines below.
BLOCK = re.compile(r"^```(python|diff)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = {
    title: BLOCK.findall(text)
    for title, text in re.findall(r"(?ms)^## (.+?)$(.*?)(?=^## |\Z)", PAGE)
}
EXAMPLES = [title for title in SECTIONS if title.startswith("Add ")]
# Not copied, but linked: large, and no example changes them.
LINKED = ("data",)
COPIED = ("app.py", "core", "pages", "tests", "pyproject.toml", ".streamlit")


def changed(text, diff):
    """`text` with the lines of a diff without line numbers: its old lines must be there once."""
    lines = diff.splitlines()
    old = "".join(line[1:] + "\n" for line in lines if line[0] != "+")
    new = "".join(line[1:] + "\n" for line in lines if line[0] != "-")
    assert text.count(old) == 1, f"not there, or more than once:\n{old}"
    return text.replace(old, new)


@pytest.fixture
def copy_of_project(tmp_path):
    folder = tmp_path / "tagsmith"
    folder.mkdir()
    for name in COPIED:
        here = PROJECT / name
        if here.is_dir():
            shutil.copytree(here, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif here.exists():
            shutil.copy(here, folder)
    for name in LINKED:
        (folder / name).symlink_to(PROJECT / name)
    return folder


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_example_of_a_section_works_in_a_copy_of_the_project(title, copy_of_project):
    tests = []
    for language, name, body in SECTIONS[title]:
        path = copy_of_project / name
        if language == "diff":
            path.write_text(changed(path.read_text(encoding="utf-8"), body), encoding="utf-8")
        else:
            assert not path.exists(), f"{name} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        if name.startswith("tests/"):
            tests.append(name)
    if not SECTIONS[title]:
        pytest.skip("this section has no example yet")
    assert tests, "an example ends with its test"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=copy_of_project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
