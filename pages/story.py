"""Story: does BERT beat keywords, and what went wrong on the way?"""

from urllib.parse import urlencode

import streamlit as st

from core.study.findings import missing_of
from core.study.story import Provenance, Story, read_story
from pages.parts.shared.frame import choose_section, open_page, show_question
from pages.parts.shared.words import plain
from pages.parts.story.steps import STEPS, Step

NAMES = [step.name for step in STEPS]


def show_page() -> None:
    """One step of the story, with the buttons that turn its pages."""
    if st.context.is_embedded:
        st.set_page_config(initial_sidebar_state="collapsed")
    show_question(
        "Does BERT beat keywords, and what went wrong on the way?",
        do="Turn the pages with Next and Back or the arrow keys; the last one is yours.",
    )
    story = read_story()
    name = choose_section("Step", NAMES, key="step")
    place = NAMES.index(name)
    _show_turning(place)
    if place == len(STEPS) - 1:
        _show_way_on()
    _show_step(STEPS[place], story)
    _show_source(story.source)


def _show_step(step: Step, story: Story) -> None:
    st.markdown(f"#### {plain(step.name)}")
    st.markdown(plain(step.text))
    if missing := missing_of(story, step.needs):
        st.info(f"Not measured yet: {plain(', '.join(missing))}. The rest is shown here.")
    else:
        st.markdown(f"**{plain(step.find(story))}**")
    step.draw(story)
    if step.also:
        st.caption(plain(step.also))


def _show_turning(place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Back", on_click=_turn_to, args=(place - 1,), disabled=place == 0, shortcut="Left"
        )
        st.button(
            "Next",
            on_click=_turn_to,
            args=(place + 1,),
            disabled=place == len(STEPS) - 1,
            type="primary",
            shortcut="Right",
        )
        st.caption(f"Step {place + 1} of {len(STEPS)}", width="content")
        # A setting of the address that Streamlit reads itself: the page without its frame.
        query = urlencode({"step": NAMES[place], "embed": "true"})
        st.link_button("Full screen", f"?{query}", type="tertiary")


def _turn_to(place: int) -> None:
    st.session_state["step"] = NAMES[place]


def _show_way_on() -> None:
    st.page_link("pages/suggest.py", label="Paste an article of yours and see its tags")
    st.caption(
        "On a new installation its model has learnt from a sample that was written for this "
        "project: these are not real articles. Add your own on Data, then train on Train."
    )


def _show_source(source: Provenance) -> None:
    st.caption(
        f"Source of the figures: {source.articles:,} English technical articles of "
        f"{source.publishers} publishers under open licences ({plain(source.data)}), measured by "
        f"this project on {source.measured}; {plain(source.encoder)} stands in for the study's "
        "BERT-Mini. They are not the study's articles."
    )


open_page(show_page)
