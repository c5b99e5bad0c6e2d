"""Work that may hang or crash is done in a process that is killed, and replaced, when it does."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from core.base.child import Child, ChildPool, TimeLimit
from core.base.errors import DataError, NoAnswerError
from core.base.home import home_folder
from tests.child_work import add, die, fail, give_back_a_lock, hang, refuse
from tests.conftest import PROJECT

PATIENT = TimeLimit(60.0, "This text", "Shorten it.")
HASTY = TimeLimit(0.05, "This text", "Shorten it.")


@pytest.fixture
def child():
    child = Child()
    yield child
    child.end()


@pytest.fixture
def pool():
    return ChildPool(most=2, kept=1)


def test_a_child_calls_functions_one_after_another_in_the_same_process(child):
    assert child.ask(PATIENT, add, 1, other=2) == 3
    first = child.ask(PATIENT, os.getpid)
    assert first != os.getpid()
    assert child.ask(PATIENT, os.getpid) == first


def test_a_child_works_under_the_settings_of_now(child, monkeypatch, tmp_path):
    child.ask(PATIENT, add, 1)
    monkeypatch.setenv("TAGSMITH_HOME", str(tmp_path / "other"))
    assert child.ask(PATIENT, home_folder) == tmp_path / "other"


def test_an_error_for_the_user_is_raised_here_and_the_child_goes_on(child):
    with pytest.raises(DataError, match=r"^It has no title\.$"):
        child.ask(PATIENT, refuse)
    with pytest.raises(RuntimeError, match=r"in fail\n(.*\n)*KeyError: 'no such key'"):
        child.ask(PATIENT, fail)
    with pytest.raises(RuntimeError, match="cannot pickle"):
        child.ask(PATIENT, give_back_a_lock)
    assert child.ask(PATIENT, add, 1) == 2


def test_a_child_that_hangs_is_killed_with_one_sentence(child):
    with pytest.raises(NoAnswerError, match=r"^This text took longer than 0.05 seconds\. Shorten"):
        child.ask(HASTY, hang)
    assert not child.is_alive


@pytest.mark.parametrize(("work", "limit"), [(hang, HASTY), (die, PATIENT)])
def test_a_child_that_hangs_or_dies_is_replaced_for_the_next_call(pool, work, limit):
    before = children()
    first = pool.ask(PATIENT, os.getpid)
    with pytest.raises(NoAnswerError, match=r"^This text (took longer|ended the process)"):
        pool.ask(limit, work)
    assert pool.ask(PATIENT, os.getpid) != first
    assert len(children() - before) == 1


def test_an_idle_child_that_died_is_not_asked(pool):
    first = pool.ask(PATIENT, os.getpid)
    os.kill(first, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(first)], timeout=60)
    assert pool.ask(PATIENT, add, 1) == 2


def test_a_call_beyond_the_most_is_refused_after_its_time():
    with pytest.raises(NoAnswerError, match=r"^This text waited longer than 0.05 seconds"):
        ChildPool(most=0).ask(HASTY, add, 1)


# A process that starts a child, has it hang, and ends when its input does.
PARENT = """
import os, threading
from core.base.child import Child, TimeLimit
from tests.child_work import hang
PATIENT = TimeLimit(60.0, "This text", "Shorten it.")
child = Child()
print(child.ask(PATIENT, os.getpid), flush=True)
threading.Thread(target=child.ask, args=(PATIENT, hang), daemon=True).start()
print("asked", flush=True)
input()
"""


@pytest.mark.parametrize("killed", [True, False])
def test_nothing_is_left_running_after_the_parent_ends(killed):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = psutil.Process(int(parent.stdout.readline()))
    assert parent.stdout.readline() == "asked\n"
    if killed:
        parent.kill()
    parent.communicate("\n")
    assert psutil.wait_procs([child], timeout=30)[1] == []


def children():
    return {child.pid for child in psutil.Process().children()}
