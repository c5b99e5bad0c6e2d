"""The widgets of Thresholds: rule and slider, solving for a goal, saving and choosing."""

import streamlit as st

from core.base.errors import ConfigError
from core.models.cut_solver import Goal
from core.runs.operating_points import OWN_NAME, OperatingPoint, OperatingPoints, trained_point
from pages.parts.shared.notices import errors_kept, show_notice
from pages.parts.shared.words import plain
from pages.parts.thresholds.cuts import EACH_TAG, F_BETA, GOALS, ONE_CUT, RULES, TOP_K, Controls

AVERAGES = ("micro", "macro", "weighted", "samples")


def choose_rule(controls: Controls) -> None:
    """How a score becomes a tag: one cut, a cut for each tag, or the k best tags."""
    st.segmented_control(
        "A tag is taken by",
        list(RULES),
        format_func=RULES.__getitem__,
        key=controls.key("rule"),
        persist_state="session",
        required=True,
    )
    if controls.get("rule") == TOP_K:
        st.slider(
            "Tags for every article",
            1,
            min(20, len(controls.run.tags)),
            key=controls.key("k"),
            persist_state="session",
        )
        return
    low, high = controls.get("range")
    st.slider(
        "Cut" if controls.get("rule") == ONE_CUT else "Cut of the tags without their own",
        low,
        high,
        step=0.01,
        format="%.3f",
        key=controls.key("cut"),
        on_change=controls.set,
        kwargs={"goal": ""},
        persist_state="session",
        help="A tag is taken where its score is above. Scores are margins, no percentages.",
    )
    st.toggle(
        "At least one tag",
        key=controls.key("one"),
        persist_state="session",
        help="The best tag of an article is taken if none is above its cut.",
    )


def solve_for(controls: Controls, *, possible: bool) -> None:
    """A wanted precision, recall or F-beta, for the rule in view."""
    if controls.get("rule") == TOP_K:
        return
    each = controls.get("rule") == EACH_TAG
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        measure = st.selectbox(
            "Solve for", list(GOALS), format_func=GOALS.__getitem__, key="measure", width=190
        )
        _ask_for_number(measure)
        if not each:
            st.selectbox("of average", AVERAGES, key="goal_average", width=120)
        st.button(
            "Solve each tag" if each else "Solve",
            on_click=_solve,
            args=(controls,),
            disabled=not possible,
            key="solve",
            help="Finds the cut on held-out scores. A tag of few articles is drawn to the common "
            "cut, for its own would be noise."
            if each
            else "Finds the cut on held-out scores.",
        )
    if each and (tags := controls.get("out_of_reach")):
        st.caption(
            f"The goal cannot be reached, so the common cut is used: {plain(', '.join(tags))}."
        )


def _ask_for_number(measure: str) -> None:
    if measure == F_BETA:
        st.number_input("beta", 0.1, 10.0, 1.0, step=0.5, key="beta", width=110)
    else:
        st.number_input("target", 0.05, 1.0, 0.8, step=0.05, format="%.2f", key="target", width=110)


def _solve(controls: Controls) -> None:
    # Read now, not when the button was drawn: typing a number and the press may come at once.
    state = st.session_state
    match state["measure"]:
        case "f_beta":
            goal = Goal("f_beta", beta=state["beta"])
        case measure:
            goal = Goal(measure, state["target"])
    controls.solve(goal, f"{state.get('goal_average', AVERAGES[0])} avg")


def keep_point(
    controls: Controls, store: OperatingPoints, points: dict[str, OperatingPoint]
) -> None:
    """Save what is in view, look at a saved one, choose one for the suggester, undo."""
    run = controls.run
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Operating point",
            key="point_name",
            max_chars=60,
            placeholder="careful",
            width=150,
            help="A name for what is in view. Suggest uses it as soon as it is saved.",
        )
        st.button("Save", type="primary", on_click=_save, args=(controls, store), key="save_point")
        if points:
            known = {OWN_NAME: trained_point(run)} | points
            st.selectbox("Saved ones", list(known), key="saved_point", width=170)
            st.button("Show", on_click=_show, args=(controls, known), key="show_point")
            st.button("Suggest with it", on_click=_choose, args=(controls, store), key="use")
        if last := store.last_step():
            st.button("Undo", on_click=_undo, args=(store,), key="undo", help=plain(last))
    show_notice("thresholds")
    used = store.chosen()
    if used is None:
        st.caption("Suggest uses the cuts that its run was trained with.")
    elif used.run == run.id:
        st.caption(f"Suggest uses {plain(used.name)} of this run.")
    else:
        st.caption(f"Suggest uses {plain(used.name)} of another run, {plain(used.run)}.")


def _save(controls: Controls, store: OperatingPoints) -> None:
    name = st.session_state["point_name"].strip()
    with errors_kept("thresholds"):
        if not name:
            raise ConfigError("The operating point has no name yet. Name it, then press Save.")
        point = controls.point(name)
        store.save(point)
        controls.set(shown=point)
        st.session_state["point_name"] = ""
        st.toast(f"Saved as {plain(point.name)}. Suggest uses it now; Undo takes it back.")


def _show(controls: Controls, known: dict[str, OperatingPoint]) -> None:
    controls.show(known[st.session_state["saved_point"]])


def _choose(controls: Controls, store: OperatingPoints) -> None:
    name = st.session_state["saved_point"]
    if name == OWN_NAME:
        store.choose_none()
    else:
        store.choose(controls.run.id, name)


def _undo(store: OperatingPoints) -> None:
    if undone := store.undo():
        st.toast(f"Taken back: {plain(undone)}.")
