"""A client of public APIs that asks one request at a time, slowly, and again where it may help."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from core.base.errors import FetchError
from core.base.files import replacing

_HEADERS = {"User-Agent": "Tagsmith (imports articles for its user)"}
_MOST_BYTES = 50 * 1024 * 1024
_TRIES = 5
_FIRST_PAUSE = 2.0
# A site that wants a longer wait is asked again tomorrow, by hand.
_LONGEST_PAUSE = 300.0
_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))

Sleep = Callable[[float], None]


class PoliteClient:
    """A client that asks for JSON, with at least `pause` seconds between two requests.

    sleep, now: the clock, in seconds; a test gives its own.
    """

    def __init__(
        self,
        *,
        pause: float = 1.0,
        sleep: Sleep = time.sleep,
        now: Callable[[], float] = time.time,
        client: httpx.Client | None = None,
    ) -> None:
        self._pause, self._sleep, self._now = pause, sleep, now
        self._client = client or httpx.Client(timeout=30.0, trust_env=False)
        self._next = 0.0

    def wait(self, seconds: float) -> None:
        """Send no request for so many seconds, because the site asked for that."""
        self._next = max(self._next, self._now() + seconds)

    def get_json(self, url: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Ask for JSON, up to 5 times where the site is busy, faulty or sends broken JSON.

        Raises FetchError if that does not help, or the site refuses.
        """
        problem = ""
        # Not tenacity: the pause is the site's own, and is waited together with the turn.
        for attempt in range(_TRIES):
            pause = _FIRST_PAUSE * 2.0**attempt
            self._wait_for_turn()
            try:
                response, body = self._get(url, params)
                if response.status_code == 200:
                    return json.loads(body)
                problem = f"answers with an error ({response.status_code})"
                if response.status_code not in _AGAIN:
                    raise FetchError(_refusal(response, body))
                pause = self._pause_asked_for(response, pause)
            except (ValueError, RecursionError):
                problem = "answers with broken JSON"
            except httpx.HTTPError as error:
                problem = f"cannot be reached ({type(error).__name__})"
            self.wait(pause)
        raise FetchError(
            f"{httpx.URL(url).host} {problem}, {_TRIES} times. Start again later: what was "
            "fetched is kept, and it continues from there."
        )

    def download(self, url: str, target: Path, *, most_bytes: int) -> None:
        """Fetch a file; it appears whole. Raises FetchError if it cannot be had or is too large."""
        self._wait_for_turn()
        try:
            with (
                replacing(target) as partial,
                self._client.stream(
                    "GET", url, follow_redirects=True, headers=_HEADERS
                ) as response,
                partial.open("wb") as out,
            ):
                if response.status_code != 200:
                    raise FetchError(_refusal(response, b""))
                for piece in response.iter_bytes():
                    out.write(piece)
                    if out.tell() > most_bytes:
                        raise FetchError(f"{url} is larger than {most_bytes / 1e6:.0f} MB.")
        except httpx.HTTPError as error:
            raise FetchError(
                f"{httpx.URL(url).host} broke off or cannot be reached ({type(error).__name__}). "
                "Start again: what was fetched is kept."
            ) from None

    def _get(
        self, url: str, params: Mapping[str, str | int] | None
    ) -> tuple[httpx.Response, bytes]:
        headers = {**_HEADERS, "Accept": "application/json"}
        with self._client.stream("GET", url, params=params, headers=headers) as response:
            return response, _body_of(response)

    def _wait_for_turn(self) -> None:
        if (left := self._next - self._now()) > 0:
            self._sleep(left)
        self._next = self._now() + self._pause

    def _pause_asked_for(self, response: httpx.Response, pause: float) -> float:
        """What Retry-After says (seconds or a date), else `pause`."""
        said = response.headers.get("retry-after", "").strip()
        if said.isdecimal():
            pause = float(said)
        elif said:
            try:
                date = parsedate_to_datetime(said)
                pause = (date - datetime.fromtimestamp(self._now(), UTC)).total_seconds()
            except (ValueError, TypeError):
                pass
        if pause > _LONGEST_PAUSE:
            raise FetchError(
                f"{response.url.host} asks to wait {round(pause / 60)} minutes. Start again then: "
                "it continues from there."
            )
        return max(pause, 0.0)


def _body_of(response: httpx.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _MOST_BYTES:
            raise FetchError(
                f"{response.url.host} sends a page of more than 50 MB. It is not read."
            )
    return bytes(body)


def _refusal(response: httpx.Response, body: bytes) -> str:
    """The site's own words where it has some."""
    try:
        said = json.loads(body)
        reason = str(said.get("error_message") or said.get("error") or "")[:200]
    except (ValueError, AttributeError, RecursionError):
        reason = ""
    said_so = f": {reason}" if reason else ""
    return (
        f"{response.url.host} refuses ({response.status_code}){said_so}. Check the address and "
        "what you asked for."
    )
