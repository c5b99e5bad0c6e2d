"""The tags as chips: taken and left by a press, added from the list, undone and copied."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.dataset.statistics import RARE_TAG_COUNT
from core.suggest.choices import ChoiceHistory
from core.suggest.copy_forms import FORMS, tags_as
from core.suggest.sureness import VERDICTS, RatedTag, Verdict, find_inversion
from pages.parts.shared.words import percent, plain
from pages.parts.suggest.answer import Answer, served_model
from pages.parts.suggest.guesses import find_guesses, label_of_guess
from pages.parts.suggest.settings import Settings

_HEADINGS: dict[Verdict, str] = {
    "suggested": "Suggested",
    "not sure": "Not sure: your call",
    "no": "Probably not",
}
_LANGUAGES = {"List": None, "JSON": "json", "YAML": "yaml"}


@dataclass(frozen=True)
class Chosen:
    """The answer's tags as the editor leaves them. rejected: those they said no to."""

    shown: list[RatedTag]
    tags: list[str]
    rejected: list[str]


def show_chips(answer: Answer, settings: Settings) -> Chosen:
    """The suggested tags to take, leave and add to, and what is chosen, ready to copy."""
    rated = settings.rate(answer.run, answer.found)
    choices = _choices_for(answer)
    rated = sorted(rated, key=lambda tag: -(tag.probability or 0.0))
    by_verdict = {v: [tag for tag in rated if tag.verdict == v] for v in VERDICTS}
    if not by_verdict["suggested"]:
        st.info("No tag is sure enough. The nearest ones are shown below: take what fits.")
    for verdict, tags in by_verdict.items():
        if tags:
            _show_group(answer, verdict, tags, choices)
            if verdict == "not sure":
                _show_refusal(tags, choices)
    _show_notes(rated, settings)
    _show_guesses(answer, settings.also, choices)
    _ask_for_more(answer, rated, choices)
    now = choices.now
    chosen = [tag.tag for tag in rated if now.has(tag)]
    chosen += [tag for tag in now.added if tag not in chosen]
    _show_copy(chosen, choices)
    return Chosen(rated, chosen, [tag.tag for tag in rated if tag.tag in now.left])


def _choices_for(answer: Answer) -> ChoiceHistory:
    number, choices = st.session_state.get("choices", (None, None))
    if number != answer.number:
        choices = ChoiceHistory()
        st.session_state["choices"] = answer.number, choices
    return choices


def _show_group(
    answer: Answer, verdict: Verdict, tags: Sequence[RatedTag], choices: ChoiceHistory
) -> None:
    names = frozenset(tag.tag for tag in tags)

    def press(on: list[str]) -> None:
        suggested = verdict == "suggested"
        choices.change(choices.now.press(names, frozenset(on), suggested=suggested))

    press_help = "A filled tag goes with the article. Press a tag to take it or to leave it."
    _show_pills(
        _HEADINGS[verdict],
        {tag.tag: _label(tag) for tag in tags},
        key=f"{verdict} {answer.number}",
        filled=[tag.tag for tag in tags if choices.now.has(tag)],
        on_press=press,
        help=press_help if verdict == "suggested" else None,
    )


def _show_pills(
    heading: str,
    labels: Mapping[str, str],
    *,
    key: str,
    filled: Iterable[str],
    on_press: Callable[[list[str]], None],
    help: str | None,
) -> None:
    """Chips of tags (tag to label). on_press: called with those that are filled after a press."""
    key = f"{key} {hash(tuple(labels))}"
    st.session_state[key] = list(filled)
    st.pills(
        heading,
        list(labels),
        selection_mode="multi",
        format_func=labels.__getitem__,
        key=key,
        on_change=lambda: on_press(list(st.session_state[key] or ())),
        help=help,
        wrap=True,
    )


def _label(rated: RatedTag) -> str:
    label = f"{plain(rated.tag)} {plain(percent(rated.probability))}".strip()
    return f"{label} (few examples)" if rated.few_examples else label


def _show_refusal(unsure: Sequence[RatedTag], choices: ChoiceHistory) -> None:
    """One press says no to every unsure tag that is not taken; what was refused stands below."""
    now = choices.now
    open_ones = {t.tag for t in unsure} - now.taken - now.left
    st.button(
        "The others do not fit",
        key="refuse_others",
        on_click=lambda: choices.change(replace(now, left=now.left | open_ones)),
        disabled=not open_ones,
        help="Says no to every tag here that you have not taken. Kept when you save.",
    )
    if refused := [t.tag for t in unsure if t.tag in now.left]:
        st.caption(f"You said no to {plain(', '.join(refused))}.")


def _show_notes(rated: Sequence[RatedTag], settings: Settings) -> None:
    """On missing figures, on tags with few examples, on a higher figure that is not suggested."""
    notes, reason = [], None
    if all(tag.probability is None for tag in rated):
        notes.append(
            "This model gives no percentages: its own thresholds decide what is suggested."
        )
        if settings.has_line:
            notes.append(f"So “{plain(settings.line)}” in the settings changes nothing here.")
    if any(tag.few_examples for tag in rated):
        notes.append(
            f"Few examples: fewer than {RARE_TAG_COUNT} articles had this tag, so check it."
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


def _show_guesses(answer: Answer, names: tuple[str, ...], choices: ChoiceHistory) -> None:
    """Chips of the tags that were looked for by name: added tags once they are pressed."""
    found = find_guesses(answer, names) if names else []
    labels = {guess.tag: label_of_guess(guess) for guess in found if guess.guessed}

    def press(on: list[str]) -> None:
        choices.add([*(tag for tag in choices.now.added if tag not in labels), *on])

    if labels:
        _show_pills(
            "Guesses, from the name alone",
            labels,
            key=f"guesses {answer.number}",
            filled=[tag for tag in labels if tag in choices.now.added],
            on_press=press,
            help="No model has learnt these tags. Alike says how near the text is to the tag's "
            "name; it is no probability. Press one to take it.",
        )
    if absent := [guess.tag for guess in found if not guess.guessed]:
        st.caption(f"No sign of {plain(', '.join(absent))}.")
    if found and (learnt := set(names) - {guess.tag for guess in found}):
        st.caption(f"Learnt already, so see the suggestions: {plain(', '.join(sorted(learnt)))}.")


def _ask_for_more(answer: Answer, rated: Sequence[RatedTag], choices: ChoiceHistory) -> None:
    shown = {tag.tag for tag in rated}
    own = choices.now.added
    known = [tag for tag in served_model(answer.run).tags if tag not in shown]
    key = f"added {answer.number}"
    st.session_state[key] = list(own)

    def add() -> None:
        tags = (" ".join(str(tag).split())[:200] for tag in st.session_state[key])
        choices.add(filter(None, tags))

    st.multiselect(
        "Add a tag",
        list(dict.fromkeys([*known, *own])),
        key=key,
        on_change=add,
        format_func=plain,
        placeholder="Type to search, Enter to add",
        accept_new_options=True,
    )


def _show_copy(chosen: Sequence[str], choices: ChoiceHistory) -> None:
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
        st.button("Undo", on_click=choices.undo, disabled=not choices.before, shortcut="Alt+Z")
    if chosen:
        st.code(tags_as(form, chosen), language=_LANGUAGES[form], wrap_lines=True)
    else:
        st.caption("No tag is taken yet: press one above, or add one.")
