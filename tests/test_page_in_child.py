"""A stranger's page is read in a process that is ended when the page takes too long."""

import psutil
import pytest

from core.base.child import TimeLimit
from core.base.errors import FetchError, NoAnswerError
from core.fetch.text import read_page_in_child

GOOD = (
    "<html><head><title>Leaks in Go</title></head><body><article><h1>Leaks in Go</h1><p>"
    + "A goroutine that waits for a channel nobody reads is never freed. " * 8
    + "</p></article></body></html>"
)
# Elements with very many attributes: the extraction's time grows with the square of their number.
SLOW = "<html><body><article>" + "".join(
    f"<p {' '.join(f'a{n}=1' for n in range(60))}>text {k} <b>of</b> a page</p>"
    for k in range(6000)
)


def children():
    return {child.pid for child in psutil.Process().children()}


def test_a_page_is_read_and_its_process_kept_for_the_next_one():
    assert read_page_in_child(GOOD, "https://example.com/a").title == "Leaks in Go"
    kept = children()
    assert "never freed" in read_page_in_child(GOOD, "https://example.com/b").text
    assert children() == kept != set()


def test_what_a_page_lacks_is_said_as_in_this_process():
    with pytest.raises(FetchError, match="No article was found"):
        read_page_in_child("<html><body></body></html>", "https://example.com")
    assert read_page_in_child(GOOD + "\ud800", "https://example.com/c").title == "Leaks in Go"


def test_a_page_that_takes_too_long_is_given_up_and_its_process_ended():
    read_page_in_child(GOOD, "https://example.com")
    before = children()
    limit = TimeLimit(0.5, "Reading this page", "Copy the text.")
    with pytest.raises(NoAnswerError, match=r"^Reading this page took longer than 0.5 seconds\."):
        read_page_in_child(SLOW, "https://example.com", limit=limit)
    assert len(before - children()) == 1
    assert read_page_in_child(GOOD, "https://example.com").title == "Leaks in Go"
