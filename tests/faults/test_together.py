"""Several processes on one home, and a clock that is set while they work."""

from datetime import UTC, datetime, timedelta

import pytest

from core.feedback.corrections import Correction, FeedbackStore

HOUR = 3600.0


@pytest.mark.parametrize(
    "operation", ["import", "update", "save", "feedback", "fix tags", "embed", "job"]
)
def test_two_servers_on_one_home_lose_nothing_of_each_other(campaign, operation):
    home = campaign.new_home(operation)
    answer = campaign.ask("perform", operation, home, at_once=2)
    assert [one["ended"] for one in answer["all"]] == ["done", "done"], answer
    for one in answer["all"]:
        assert campaign.inspect(operation, home, one["told"]) == []


@pytest.mark.parametrize("jumps", [[HOUR], [-HOUR], [24 * HOUR, 0.0, -24 * HOUR]], ids=str)
def test_a_clock_that_is_set_ends_nothing(campaign, jumps):
    operation = "job"
    answer, home, faults = campaign.disturb(operation, clock_jumps=jumps)
    assert answer["ended"] == "done", answer
    assert answer["result"] == campaign.undisturbed(operation).result
    assert faults + campaign.repeat(operation, home) == []


def test_the_last_correction_counts_on_a_clock_that_was_set_back():
    store = FeedbackStore()
    ahead = datetime.now(UTC) + timedelta(days=2)
    store.save(Correction("text", ("old",)), at=ahead)
    store.save(Correction("other text", ("else",)))
    kept = store.save(Correction("text", ("new",)))
    assert kept.at == ahead
    latest = {k.correction.text: k.correction.tags for k in store.read_latest()}
    assert latest == {"text": ("new",), "other text": ("else",)}
    assert datetime.now(UTC) - store.read(limit=3).kept[2].at < timedelta(minutes=1)
