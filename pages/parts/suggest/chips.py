"""The tags as chips: taken and left by a press, added from the list, undone and copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import streamlit as st

from core.dataset.statistics import RARE_TAG_COUNT
from core.suggest.copy_forms import FORMS, tags_as
from core.suggest.sureness import VERDICTS, RatedTag, Verdict, find_inversion
from pages.parts.shared.words import percent, plain
from pages.parts.suggest.answer import Answer, load_suggester
from pages.parts.suggest.guesses import show_guesses

if TYPE_CHECKING:
    from pages.parts.suggest.settings import Settings

_HEADINGS: dict[Verdict, str] = {
    "suggested": "Suggested",
    "not sure": "Not sure: your call",
    "no": "Probably not",
}
_LANGUAGES = {"List": None, "JSON": "json", "YAML": "yaml"}


@dataclass(frozen=True)
class Choices:
    """What the editor decided against the suggestions, and tags of their own.

    left: tags that the editor said no to, whether they were suggested or not sure.
    """

    taken: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    added: tuple[str, ...] = ()

    def has(self, rated: RatedTag) -> bool:
        if rated.verdict == "suggested":
            return rated.tag not in self.left
        return rated.tag in self.taken

    def press(self, shown: Set[str], on: Set[str], *, suggested: bool) -> Choices:
        """After a press in a group of chips: `on` of the shown ones are filled.

        A chip that was filled before is a no; one that nobody touched is none.
        """
        off = shown - on
        refused = off if suggested else off & (self.taken | self.left)
        return replace(
            self,
            taken=(self.taken - off) if suggested else (self.taken - off) | on,
            left=(self.left - shown) | refused,
        )


@dataclass
class Desk:
    """The choices for one answer, and those before."""

    now: Choices = field(default_factory=Choices)
    before: list[Choices] = field(default_factory=list)

    def add(self, tags: Iterable[str]) -> None:
        """These tags of their own and no others."""
        self.change(replace(self.now, added=tuple(dict.fromkeys(tags))))

    def change(self, choices: Choices) -> None:
        if choices != self.now:
            self.before.append(self.now)
            self.now = choices

    def undo(self) -> None:
        if self.before:
            self.now = self.before.pop()


@dataclass(frozen=True)
class Chosen:
    """tags: the article's, as the editor leaves them. rejected: those they said no to."""

    shown: list[RatedTag]
    tags: list[str]
    rejected: list[str]


def show_chips(answer: Answer, settings: Settings) -> Chosen:
    rated = settings.rate(answer.run, answer.found)
    desk = desk_of(answer)
    rated = sorted(rated, key=lambda tag: -(tag.probability or 0.0))
    by_verdict = {v: [tag for tag in rated if tag.verdict == v] for v in VERDICTS}
    if not by_verdict["suggested"]:
        st.info("No tag is sure enough. The nearest ones stand below: take what fits.")
    for verdict, tags in by_verdict.items():
        if tags:
            _show_group(answer, verdict, tags, desk)
            if verdict == "not sure":
                _show_refusal(tags, desk)
    _show_notes(rated, settings)
    show_guesses(answer, settings.also, desk)
    _ask_for_more(answer, rated, desk)
    now = desk.now
    chosen = [tag.tag for tag in rated if now.has(tag)]
    chosen += [tag for tag in now.added if tag not in chosen]
    _show_copy(chosen, desk)
    return Chosen(rated, chosen, [tag.tag for tag in rated if tag.tag in now.left])


def desk_of(answer: Answer) -> Desk:
    number, desk = st.session_state.get("desk", (None, None))
    if number != answer.number:
        desk = Desk()
        st.session_state["desk"] = answer.number, desk
    return desk


def _show_group(answer: Answer, verdict: Verdict, tags: Sequence[RatedTag], desk: Desk) -> None:
    names = [tag.tag for tag in tags]
    key = f"{verdict} {answer.number} {hash(tuple(names))}"
    st.session_state[key] = [tag.tag for tag in tags if desk.now.has(tag)]
    labels = {tag.tag: _label(tag) for tag in tags}
    st.pills(
        _HEADINGS[verdict],
        names,
        selection_mode="multi",
        format_func=labels.__getitem__,
        key=key,
        on_change=_take_or_leave,
        args=(key, names, verdict, desk),
        help="A filled tag goes with the article. Press a tag to take it or to leave it."
        if verdict == "suggested"
        else None,
        wrap=True,
    )


def _label(rated: RatedTag) -> str:
    label = f"{plain(rated.tag)} {plain(percent(rated.probability))}".strip()
    return f"{label} (few examples)" if rated.few_examples else label


def _take_or_leave(key: str, names: Sequence[str], verdict: Verdict, desk: Desk) -> None:
    on = frozenset(st.session_state[key] or ())
    desk.change(desk.now.press(frozenset(names), on, suggested=verdict == "suggested"))


def _show_refusal(unsure: Sequence[RatedTag], desk: Desk) -> None:
    """One press says no to every unsure tag that is not taken; what was refused stands below."""
    open_ones = {t.tag for t in unsure} - desk.now.taken - desk.now.left
    st.button(
        "The others do not fit",
        key="refuse_others",
        on_click=lambda: desk.change(replace(desk.now, left=desk.now.left | open_ones)),
        disabled=not open_ones,
        help="Says no to every tag here that you have not taken. Kept when you save.",
    )
    if refused := [t.tag for t in unsure if t.tag in desk.now.left]:
        st.caption(f"You said no to {plain(', '.join(refused))}.")


def _show_notes(rated: Sequence[RatedTag], settings: Settings) -> None:
    """On missing figures, on tags with few examples, on a higher figure that is not suggested."""
    notes, reason = [], None
    if all(tag.probability is None for tag in rated):
        notes.append("This model gives no percentages: its own line decides what is suggested.")
        if settings.has_line:
            notes.append(f"So “{plain(settings.line)}” in the settings changes nothing here.")
    if any(tag.few_examples for tag in rated):
        notes.append(
            f"Few examples: fewer than {RARE_TAG_COUNT} articles had this tag, so look twice."
        )
    if inversion := find_inversion(rated):
        lowest, highest = (plain(tag.tag) for tag in inversion)
        notes.append(f"Each tag has its own bar: {lowest} is over its own, {highest} is not.")
        reason = (
            "The bars were learnt from articles whose tags are known. For some tags a lower figure "
            "is enough."
        )
    if notes:
        st.caption("  \n".join(notes), help=reason)


def _ask_for_more(answer: Answer, rated: Sequence[RatedTag], desk: Desk) -> None:
    shown = {tag.tag for tag in rated}
    options = [tag for tag in load_suggester(answer.run).tagger.tags if tag not in shown]
    key = f"added {answer.number}"
    st.session_state[key] = list(desk.now.added)
    st.multiselect(
        "Add a tag",
        [*options, *(tag for tag in desk.now.added if tag not in options)],
        key=key,
        on_change=_add,
        args=(key, desk),
        format_func=plain,
        placeholder="Type to search, Enter to add",
        accept_new_options=True,
    )


def _add(key: str, desk: Desk) -> None:
    tags = (" ".join(str(tag).split())[:200] for tag in st.session_state[key])
    desk.add(filter(None, tags))


def _show_copy(chosen: Sequence[str], desk: Desk) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        form = st.segmented_control(
            "Copy as",
            FORMS,
            default=FORMS[0],
            required=True,
            key="copy_form",
            persist_state="session",
            label_visibility="collapsed",
        )
        st.button("Undo", on_click=desk.undo, disabled=not desk.before, shortcut="Alt+Z")
    if chosen:
        st.code(tags_as(form, chosen), language=_LANGUAGES[form], wrap_lines=True)
    else:
        st.caption("No tag is taken yet: press one above, or add one.")
