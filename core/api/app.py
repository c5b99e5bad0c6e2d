"""The routes of the HTTP API."""

from dataclasses import replace
from functools import cache
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse

from core.api.docs_page import docs_page
from core.api.limits import ApiLimits, Gate, limits_of_settings
from core.api.messages import (
    ArticleMessage,
    ErrorMessage,
    KeptMessage,
    LanguageMessage,
    RunMessage,
    StateMessage,
    TagSuggestionMessage,
)
from core.articles.fields.article_text import join_title
from core.articles.languages.language import detect_language
from core.base.errors import CoreError, DataError, ModelError, NoAnswerError, RunError
from core.feedback.corrections import Correction, FeedbackStore, ShownTag
from core.fetch.page import fetch_page
from core.runs.store import RunStore
from core.suggest.model_pool import ModelPool, model_pool
from core.suggest.suggester import (
    DEFAULT_LIMIT,
    Suggestions,
    SuggestRequest,
    likely_languages,
)

PATHS = (
    "/predictions/tags",
    "/predictions/language",
    "/tag-suggestions",
    "/runs",
    "/healthz",
    "/docs",
    "/openapi.json",
)
_DESCRIPTION = "Tags for technical articles, with the numbers of the command line."
_STATUS: dict[type[Exception], int] = {RunError: 404, ModelError: 503, NoAnswerError: 503}


def build_app(limits: ApiLimits | None = None, pool: ModelPool | None = None) -> FastAPI:
    """Build the HTTP API.

    limits: by default those of the settings. pool: by default the models of the home's runs.
    """
    app = FastAPI(
        title="Tagsmith",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses={422: {"model": ErrorMessage}},
    )
    app.add_middleware(Gate, limits=limits or limits_of_settings())
    app.add_exception_handler(CoreError, _answer_core_error)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    _add_predictions(app, pool or model_pool(RunStore().folder))
    _add_feedback(app, cache(FeedbackStore))
    _add_state(app)
    return app


def _add_predictions(app: FastAPI, pool: ModelPool) -> None:
    @app.post("/predictions/tags")
    def predict_tags(
        article: ArticleMessage,
        by_url: Annotated[bool, Query(description="fetch the text from the url")] = False,
        only_model: Annotated[str, Query(description="newest run of this preset")] = "",
        run: Annotated[str, Query(description="which run's model")] = "",
        limit: Annotated[int, Query(ge=1, le=1000, description="how many tags")] = DEFAULT_LIMIT,
        threshold: Annotated[
            float | None, Query(allow_inf_nan=False, description="one for all tags")
        ] = None,
        evidence: Annotated[
            bool, Query(description="words for each tag; slow for encoders, free for tf-idf")
        ] = False,
        guess: Annotated[
            list[str] | None, Query(description="a tag the model has not learnt, by its name")
        ] = None,
    ) -> Suggestions:
        """Tags for an article, as `python -m core suggest --json` has them.

        The model reads what it learnt from, composed in the same way. Without a description the
        start of the full text is read instead; without a full text, the description.
        """
        model = pool.model(run, preset=only_model)
        title, text, fulltext = _texts_of(article, by_url=by_url)
        request = SuggestRequest(text, title, fulltext, limit, threshold, evidence)
        found = model.suggest(request)
        return replace(found, guesses=model.guess_tags(request, guess)) if guess else found

    @app.post("/predictions/language")
    def predict_language(article: ArticleMessage) -> LanguageMessage:
        """The language of an article."""
        text = join_title(article.title, article.description or article.fulltext)
        return LanguageMessage(language=detect_language(text))


def _texts_of(article: ArticleMessage, *, by_url: bool) -> tuple[str, str, str]:
    """Title, description (or the text of a fetched page) and full text."""
    has_text = article.title or article.description or article.fulltext
    if not by_url and (has_text or not article.url):
        return article.title, article.description, article.fulltext
    if not article.url:
        raise DataError("There is no url to fetch. Send one, or the text.")
    page = fetch_page(article.url)
    return article.title or page.title, page.text, ""


def _add_feedback(app: FastAPI, store: Any) -> None:
    @app.post("/tag-suggestions", status_code=201)
    def keep_tags(suggestion: TagSuggestionMessage) -> KeptMessage:
        """Keep an editor's own tags for an article, to learn from."""
        run = RunStore().load(suggestion.run) if suggestion.run else None
        text = suggestion.description or suggestion.fulltext
        kept = store().save(
            Correction(
                text=text,
                title=suggestion.title,
                url=suggestion.url,
                tags=tuple(suggestion.tags),
                rejected=tuple(suggestion.rejected),
                shown=tuple(ShownTag(**tag.model_dump()) for tag in suggestion.shown),
                run=suggestion.run,
                model=run.recipe if run else "",
                name=suggestion.name,
                language=detect_language(
                    join_title(suggestion.title, text), likely_languages(run) if run else ()
                ),
            )
        )
        return KeptMessage(id=kept.id)


def _add_state(app: FastAPI) -> None:
    @app.get("/runs")
    def list_runs() -> list[RunMessage]:
        """Finished runs, newest first; then those that cannot be read."""
        runs, unreadable = RunStore().survey()
        return [
            *(
                RunMessage(
                    run=run.id,
                    config=run.config.model_dump(mode="json"),
                    report=run.report.as_json(),
                )
                for run in runs
            ),
            *(
                RunMessage(run=run.name, config=None, report=None, problem=run.problem)
                for run in unreadable
            ),
        ]

    @app.get("/healthz")
    async def healthz() -> StateMessage:
        """Whether the server answers."""
        return StateMessage(state="ok")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        """The API described for people."""
        return HTMLResponse(docs_page(app.openapi()))


async def _answer_core_error(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, _STATUS.get(type(error), 422))


async def _answer_validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"] if part not in ("body", "query"))
    reason = problem["msg"].rstrip(".")
    return JSONResponse({"detail": f"{field or 'The request'}: {reason}."}, 422)
