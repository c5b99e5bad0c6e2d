"""What a person reads of the program is true: the examples in docstrings run."""

import doctest
import importlib

import pytest

from tests.test_house import module_name, source_files

WITH_EXAMPLES = [
    module_name(path) for path in source_files() if ">>> " in path.read_text(encoding="utf-8")
]


def examples_of(name):
    """Every docstring of a module that has an example."""
    found = doctest.DocTestFinder().find(importlib.import_module(name))
    return [test for test in found if test.examples]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_docstrings_give_what_they_say(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = examples_of(name)
    assert examples, f"{name} has >>> outside of a docstring"
    runner = doctest.DocTestRunner(
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS | doctest.FAIL_FAST
    )
    for test in examples:
        printed = []
        runner.run(test, out=printed.append)
        assert not runner.failures, f"{test.name}:\n{''.join(printed)}"


def test_a_wrong_example_is_found():
    runner = doctest.DocTestRunner()
    test = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    runner.run(test, out=lambda text: None)
    assert runner.failures == 1
