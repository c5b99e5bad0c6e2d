"""The controls of Thresholds: what they hold, from and to an operating point and the address."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st

from core.metrics.averages import MICRO
from core.models.cut_solver import Goal, Measure
from core.runs.operating_points import OperatingPoint
from core.runs.store import Run
from pages.parts.shared.link import put_in_link
from pages.parts.shared.notices import errors_kept
from pages.parts.thresholds.data import load_run_scores

ONE_CUT, EACH_TAG, TOP_K = "one", "each", "top"
RULES = {ONE_CUT: "One cut", EACH_TAG: "A cut for each tag", TOP_K: "The k best tags"}
PRECISION, RECALL, F_BETA = "precision", "recall", "f_beta"
GOALS = {PRECISION: "Precision of at least", RECALL: "Recall of at least", F_BETA: "Best F-beta"}
# The address holds these besides the run.
_LINKED = ("rule", "cut", "k", "one", "point", "solve")


@dataclass(frozen=True)
class Controls:
    """The widgets' values for one run, which live in the session under keys of their own."""

    run: Run

    def key(self, name: str) -> str:
        """The widget's key in the session."""
        return f"{name} of {self.run.id}"

    def get(self, name: str, default: Any = None) -> Any:
        """What a control holds now."""
        return st.session_state.get(self.key(name), default)

    def set(self, **values: Any) -> None:
        """Give controls these values, before their widgets are drawn."""
        for name, value in values.items():
            st.session_state[self.key(name)] = value

    def start(self, saved: OperatingPoint, points: dict[str, OperatingPoint]) -> None:
        """Fill them once: from the address, else from the operating point in use."""
        if self.get("cut") is None:
            named = points.get(st.query_params.get("point", ""))
            self.show(named or saved)
            self._follow_link()

    def show(self, point: OperatingPoint) -> None:
        """Set them as the operating point has it."""
        k = point.at_most
        self.set(
            rule=TOP_K if k else EACH_TAG if point.own else ONE_CUT,
            k=k or 3,
            one=point.at_least > 0,
            goal=point.goal,
            solve="",
            shown=point,
        )
        self.set_cuts(point.cut, dict(point.own))

    def set_cuts(self, cut: float, own: dict[str, float]) -> None:
        """Replace all cuts; the slider reaches as far as the new one."""
        low, high = load_run_scores(self.run).cut_range()
        self.set(cut=cut, own=own, range=(min(low, cut), max(high, cut)))
        self.set(version=self.get("version", 0) + 1)

    def set_not_sure(self, band: tuple[float, float] | None) -> None:
        """The probabilities in which a person should look, kept with the next point saved."""
        self.set(shown=self.get("shown").model_copy(update={"not_sure": band}))

    def set_own(self, tag: str, cut: float | None) -> None:
        """Give a tag a cut of its own; None: the common one holds for it."""
        own = dict(self.get("own"))
        own.pop(tag, None)
        self.set(own=own if cut is None else own | {tag: cut}, goal="", solve="")

    def take_edits(self, edited: Mapping[str, Mapping[str, float | None]]) -> None:
        """Take over the cuts that were typed into the table: the changed cells of each row."""
        for row, change in edited.items():
            if "cut" in change:
                self.set_own(self.run.tags[int(row)], change["cut"])
        self.set(version=self.get("version") + 1)

    def point(self, name: str = "in view") -> OperatingPoint:
        """What they hold now, as an operating point."""
        from core.runs.operating_points import change_point

        rule, k = self.get("rule"), self.get("k")
        limits = {"at_least": k, "at_most": k, "goal": ""}
        if rule != TOP_K:
            at_least = int(bool(self.get("one")))
            limits = {"at_least": at_least, "at_most": None, "goal": self.get("goal", "")}
        own = self.get("own") if rule == EACH_TAG else {}
        return change_point(self.get("shown"), name, cut=self.get("cut"), own=own, **limits)

    def solve(self, goal: Goal, average: str) -> None:
        """Find the cuts for a goal; where it is out of reach, the reason is kept as a notice."""
        with errors_kept("thresholds"):
            scores = load_run_scores(self.run)
            if self.get("rule") == EACH_TAG:
                found = scores.solve_tags(goal)
            else:
                found = scores.solve(goal, average=average)
            self.set_cuts(found.cut, found.own)
            self.set(goal=found.goal, out_of_reach=found.out_of_reach)
            self.set(solve=_goal_text(goal) if found.own else "")

    def put_in_link(self, points: dict[str, OperatingPoint]) -> None:
        """Name what is seen, so that the link restores it.

        A tag's own cuts are too many for an address: it names the operating point or the goal
        that they come from, and cuts set by hand are in no link before they are saved.
        """
        rule = self.get("rule")
        linked = {"rule": rule}
        if rule == TOP_K:
            linked["k"] = str(self.get("k"))
        else:
            linked |= {"cut": repr(float(self.get("cut"))), "one": "1" if self.get("one") else ""}
        if rule == EACH_TAG:
            linked["solve"] = self.get("solve")
            named = points.get(self.get("shown").name)
            linked["point"] = named.name if named and named.own == self.get("own") else ""
        put_in_link(**(dict.fromkeys(_LINKED, "") | linked))

    def _follow_link(self) -> None:
        """A value that cannot be is passed over, as with Streamlit's own links."""
        link = st.query_params
        if (rule := link.get("rule")) in RULES:
            self.set(rule=rule, one=link.get("one") == "1")
        if goal := _read_goal(link.get("solve", "")):
            self.solve(goal, MICRO)
        if (cut := _read_number(link.get("cut", ""))) is not None:
            self.set_cuts(cut, self.get("own"))
        if (k := _read_number(link.get("k", ""))) is not None:
            self.set(k=max(1, min(int(k), len(self.run.tags))))


def _goal_text(goal: Goal) -> str:
    number = goal.beta if goal.measure == F_BETA else goal.target
    return f"{goal.measure}:{number:g}"


def _read_goal(text: str) -> Goal | None:
    from core.models.cut_solver import Goal

    measure, _, number = text.partition(":")
    value = _read_number(number)
    if value is None or measure not in GOALS:
        return None
    return (
        Goal("f_beta", beta=value) if measure == F_BETA else Goal(cast("Measure", measure), value)
    )


def _read_number(text: str) -> float | None:
    with suppress(ValueError):
        number = float(text)
        return number if abs(number) < 1e9 else None  # neither nan nor inf
    return None
