"""Disturb an operation in a home of its own, look at what is left, do it again, compare."""

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import PROJECT


@dataclass(frozen=True)
class Undisturbed:
    """points: of the home or progress, at each of which a kill can come."""

    result: Any
    points: int
    seconds: float


@dataclass
class Campaign:
    """Operations in forks of one child process; every disturbance in a new home under folder."""

    process: subprocess.Popen[str]
    folder: Path
    _homes: int = 0
    _undisturbed: dict[str, Undisturbed] = field(default_factory=dict)

    @classmethod
    def start(cls, folder: Path, articles: Path, encoder: Path) -> "Campaign":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.child", str(articles), str(encoder)],
            cwd=PROJECT,
            env=os.environ | {"OMP_NUM_THREADS": "1", "TAGSMITH_FIRST_START": "off"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"ended": "ready"}
        return cls(process, folder)

    def stop(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def ask(self, do: str, operation: str, home: Path, **more: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        request = {"do": do, "operation": operation, "home": str(home), **more}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answers = json.loads(self.process.stdout.readline())
        return answers[0] | {"all": answers}

    def new_home(self, operation: str) -> Path:
        """A home in which all that the operation needs was done, undisturbed."""
        ready = self.folder / f"ready-{operation}"
        if not ready.exists():
            ready.mkdir()
            answer = self.ask("prepare", operation, ready)
            assert answer["ended"] == "done", answer
        self._homes += 1
        return Path(shutil.copytree(ready, self.folder / f"home-{self._homes}"))

    def undisturbed(self, operation: str) -> Undisturbed:
        if operation not in self._undisturbed:
            answer = self.ask("perform", operation, self.new_home(operation))
            assert answer["ended"] == "done", answer
            facts = answer["result"], answer["points"], answer["seconds"]
            self._undisturbed[operation] = Undisturbed(*facts)
        return self._undisturbed[operation]

    def disturb(self, operation: str, **how: Any) -> tuple[dict[str, Any], Path, list[str]]:
        """How a disturbed operation ended, its home, and what is wrong with that."""
        home = self.new_home(operation)
        answer = self.ask("perform", operation, home, **how)
        return answer, home, self.inspect(operation, home, answer["told"])

    def inspect(self, operation: str, home: Path, told: list[Any]) -> list[str]:
        known = self.undisturbed(operation).result
        looked = self.ask("inspect", operation, home, told=told, undisturbed=known)
        return looked["result"] if looked["ended"] == "done" else [looked["sentence"]]

    def repeat(self, operation: str, home: Path) -> list[str]:
        """What is wrong after the operation was done again, to its end."""
        again = self.ask("perform", operation, home)
        if again["ended"] != "done":
            return [f"{operation} cannot be repeated: {again.get('sentence', 'killed')}"]
        if not alike(again["result"], self.undisturbed(operation).result):
            return [f"{operation} repeated gives another result"]
        return self.inspect(operation, home, again["told"])

    def kill(self, operation: str, chance: random.Random, *, counted: bool) -> list[str]:
        """Kill the operation at a drawn point, or after a drawn time; what is wrong then."""
        known = self.undisturbed(operation)
        while True:
            how: dict[str, Any] = {"kill_after": chance.uniform(0.0, known.seconds)}
            if counted:
                how = {"kill_at": chance.randint(1, known.points)}
            answer, home, faults = self.disturb(operation, **how)
            faults += self.repeat(operation, home)
            shutil.rmtree(home)
            if answer["ended"] == "killed" or faults:
                return [f"{operation} {how}: {fault}" for fault in faults]


def alike(one: Any, other: Any) -> bool:
    """Equal; vectors to 1e-5, for what is encoded in other batches."""
    if isinstance(one, list) and one and isinstance(one[0], list) and len(one[0]) > 8:
        return bool(np.allclose(one, other, atol=1e-5, rtol=0))
    return bool(one == other)
