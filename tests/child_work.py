"""Functions that tests have a child process call; importing them loads nothing heavy."""

import os
import signal
import threading

from core.base.errors import DataError


class NoChild:
    """Calls functions in this process, so that a test can change what they find."""

    is_alive = True

    def ask(self, limit, function, *args, **kwargs):
        return function(*args, **kwargs)


def add(one, other=1):
    return one + other


def hang(*_, **__):
    threading.Event().wait()


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def refuse():
    raise DataError("It has no title.")


def fail():
    raise KeyError("no such key")


def give_back_a_lock():
    return threading.Lock()
