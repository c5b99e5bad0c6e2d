"""A second model's tags beside the first one's, with the differences marked."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.methods.registry import method_of
from core.runs.store import Run, RunStore
from core.suggest.suggester import Suggestions, SuggestRequest
from core.suggest.sureness import RatedTag
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import percent, plain
from pages.parts.suggest.answer import MOST_TAGS, Answer, served_model
from pages.parts.suggest.settings import Settings


def show_second(answer: Answer, settings: Settings) -> None:
    """Both models' tags in one table; an error of the second one is its sentence."""
    with errors_shown(), st.spinner("Asking the second model ..."):
        _show_table(answer, settings, _ask(answer, settings.second))


def _show_table(answer: Answer, settings: Settings, found: Suggestions) -> None:
    store = RunStore()
    first, second = (model_name(store.load(run)) for run in (answer.run, settings.second))
    if first == second:
        first, second = f"{first} (1)", f"{second} (2)"
    frame = _side_by_side(
        settings.rate(answer.run, answer.found),
        settings.rate(settings.second, found),
        names=(first, second),
    )
    st.markdown("**Two models side by side**")
    st.table(
        frame, hide_index=True, alt="The tags of two models; the last column says who differs."
    )


def model_name(run: Run) -> str:
    """What the run's model goes by, in an editor's words."""
    return method_of(run.config).label


def _side_by_side(
    first: list[RatedTag], second: list[RatedTag], *, names: tuple[str, str]
) -> pd.DataFrame:
    """Tags that one of the two suggests or is not sure of: the first one's, then the others."""
    of_first, of_second = ({tag.tag: tag for tag in rated} for rated in (first, second))
    wanted = [tag.tag for tag in (*first, *second) if tag.verdict != "no"]
    rows = []
    for tag in dict.fromkeys(wanted):
        one, two = of_first.get(tag), of_second.get(tag)
        rows.append(
            {
                "Tag": plain(tag),
                names[0]: _cell(one),
                names[1]: _cell(two),
                "": _difference(one, two, names),
            }
        )
    return pd.DataFrame(rows, columns=["Tag", *names, ""])


def _ask(answer: Answer, run_id: str) -> Suggestions:
    key = f"second {answer.number} {run_id}"
    if key not in st.session_state:
        request = SuggestRequest(answer.article, answer.title, limit=MOST_TAGS, evidence=False)
        st.session_state[key] = served_model(run_id).suggest(request)
    return st.session_state[key]


def _cell(rated: RatedTag | None) -> str:
    if rated is None:
        return "not among its best"
    return f"{rated.verdict} {plain(percent(rated.probability))}".strip()


def _difference(one: RatedTag | None, two: RatedTag | None, names: tuple[str, str]) -> str:
    suggests = [rated is not None and rated.verdict == "suggested" for rated in (one, two)]
    if suggests[0] == suggests[1]:
        return ""
    only = names[0] if suggests[0] else names[1]
    return f":orange-badge[only {plain(only[0].lower() + only[1:])}]"
