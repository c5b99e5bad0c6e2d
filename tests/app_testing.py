"""Pages run without a browser: open one, press a button, read what stands there."""

from streamlit.testing.v1 import AppTest

from core.articles.store.sets import import_file
from tests.conftest import PROJECT

HOSTILE = "<img src=x onerror=alert(1)> **bold** [link](javascript:alert(1)) :red[x] $x$"
_KINDS = ("subheader", "caption", "markdown", "info", "warning", "error", "success")


def open_page(name, **query):
    """The page as a link to it opens it; Explore, which comes first, does not see its query."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120)
    if name == "explore":
        app.query_params.update(query)
    app.run()
    if name != "explore":
        app.query_params.update(query)
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    return app


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def texts_of(app):
    return "\n".join(element.value for kind in _KINDS for element in app.get(kind))


def metrics_of(app):
    return {metric.label: metric.value for metric in app.metric}


def import_articles(articles, folder, name):
    """Articles as a data set of that name, by way of a file."""
    path = folder / f"{name}.jsonl"
    path.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    return import_file(path, name)[0]
