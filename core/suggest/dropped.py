"""Reading the article in a file that an editor drops: plain text, Markdown or a web page."""

from pathlib import PurePath

from core.articles.languages.language import detect_language
from core.articles.sources.front_matter import FrontMatterError, Post, body_of, parse_post
from core.articles.sources.markdown import ENDINGS as POSTS
from core.articles.sources.markdown import decode_post
from core.articles.sources.markdown_text import read_markdown
from core.articles.sources.posts import is_mdx, title_of
from core.base.errors import FetchError
from core.fetch.text import FetchedPage, decode_html, read_page

MARKDOWN = tuple(ending.removeprefix(".") for ending in POSTS)
ENDINGS = ("txt", "html", "htm", *MARKDOWN)


def read_dropped(name: str, body: bytes) -> FetchedPage:
    """Read the title and text of a file in this process; the ending of its name decides how.

    Raises FetchError if the file is of another kind, or has no text.
    """
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise FetchError(f"This file ends in {ending or 'nothing'!r}. Drop a .txt, .md or .html.")
    if not body.strip(b"\0 \t\r\n"):
        raise FetchError("This file is empty. Choose another one.")
    if ending.startswith("htm"):
        return read_page(decode_html(body, None), "")
    if ending in MARKDOWN:
        title, text = _read_post(name, body)
    else:
        title, text = "", decode_html(body, None).replace("\0", "")
    if not (title or text.strip()):
        raise FetchError("This file has a head and no text below it. Choose another one.")
    return FetchedPage("", title, "", text.strip(), detect_language(text))


def _read_post(name: str, data: bytes) -> tuple[str, str]:
    """The title of its head or first heading, and the text as an imported post has it."""
    text = decode_post(data).replace("\0", "")
    try:
        post = parse_post(text)
    except FrontMatterError:  # its tags are labels all the same
        post = Post({}, body_of(text))
    body = read_markdown(post.body, mdx=is_mdx(name))
    if title := title_of(post):
        return title, body.text
    first, _, rest = body.text.partition("\n")
    return body.heading, rest if first == body.heading else body.text
