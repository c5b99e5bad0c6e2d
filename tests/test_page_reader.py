"""A stranger's page is read in a process that is ended when the page takes too long."""

import threading
import time

import psutil
import pytest

from core.base.errors import FetchError
from core.fetch.reader import PageReader

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


@pytest.fixture
def reader():
    return PageReader(seconds=20.0)


def children():
    return {child.pid for child in psutil.Process().children()}


def test_a_page_is_read_and_its_process_kept_for_the_next_one(reader):
    before = children()
    assert reader.read(GOOD, "https://example.com/a").title == "Leaks in Go"
    (first,) = children() - before
    assert "never freed" in reader.read(GOOD, "https://example.com/b").text
    assert children() - before == {first}


def test_what_a_page_lacks_is_said_as_before(reader):
    with pytest.raises(FetchError, match="No article was found"):
        reader.read("<html><body></body></html>", "https://example.com")
    assert reader.read(GOOD + "\ud800", "https://example.com/c").title == "Leaks in Go"


def test_a_page_that_takes_too_long_is_given_up_and_its_process_ended():
    reader, before = PageReader(seconds=1.5), children()
    start = time.monotonic()
    with pytest.raises(FetchError, match=r"cannot be read within 1\.5 seconds"):
        reader.read(SLOW, "https://example.com")
    assert time.monotonic() - start < 10
    assert children() - before == set()
    reader.seconds = 20.0
    assert reader.read(GOOD, "https://example.com").title == "Leaks in Go"


def test_pages_are_read_side_by_side(reader):
    titles = []
    threads = [
        threading.Thread(target=lambda: titles.append(reader.read(GOOD, "https://a.b").title))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles == ["Leaks in Go"] * 3
