"""What a request says and what an answer holds."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

_Text = Annotated[str, Field(max_length=200_000)]
_Number = Annotated[float, Field(allow_inf_nan=False)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ArticleMessage(_Message):
    """An article; a text or, to be fetched, an address."""

    title: Annotated[str, Field(max_length=1000)] = ""
    description: _Text = ""
    fulltext: _Text = ""
    url: Annotated[str, Field(max_length=2000)] = ""


class ShownTagMessage(_Message):
    """A tag as the editor was shown it."""

    tag: str
    score: _Number
    threshold: _Number
    suggested: bool


class TagSuggestionMessage(ArticleMessage):
    """An editor's own tags for an article, with what was suggested before."""

    tags: list[str]
    rejected: list[str] = []
    shown: list[ShownTagMessage] = []
    run: str = ""
    name: str = ""


class KeptMessage(_Message):
    """The number under which a correction was kept."""

    id: int


class LanguageMessage(_Message):
    """ISO 639-1 code; "" for a text without letters."""

    language: str


class RunMessage(_Message):
    """A finished run, as `python -m core runs --json` has it.

    problem: why it cannot be read, and then it has neither config nor report; "" for others.
    """

    run: str
    config: dict[str, Any] | None
    report: dict[str, Any] | None
    problem: str = ""


class StateMessage(_Message):
    """Whether the server answers."""

    state: str


class ErrorMessage(_Message):
    """What was wrong and what to do, in one sentence."""

    detail: str
