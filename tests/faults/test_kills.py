"""Kills at seeded points: 20 here, as many as TAGSMITH_KILLS says in `make campaign`."""

import os
import random

import pytest

from tests.faults.operations import OPERATIONS

KILLS = int(os.environ.get("TAGSMITH_KILLS", "20"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_kill_breaks_nothing_and_loses_nothing(campaign, operation):
    chance = random.Random(operation)
    faults, kills = [], max(KILLS // len(OPERATIONS), 1)
    for number in range(kills):
        faults += campaign.kill(operation, chance, counted=operation == "save" or number % 2 == 0)
    assert faults == []
    print(f"{operation}: {kills} kills, nothing broken, nothing lost")
