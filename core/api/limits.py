"""What every request must pass: host, token, origin, rate, size and time."""

import asyncio
import hmac
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cachetools import TTLCache
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.base.errors import ConfigError

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_OPEN_PATHS = ("/healthz", "/docs", "/openapi.json")
_MOST_CLIENTS = 10_000


@dataclass(frozen=True)
class ApiLimits:
    """What every request is held against.

    hosts: names by which the server may be asked, "*" for any. token: "" for none. needs_token:
    without a token nobody may ask, because the pages beside the API have a login. seconds: for the
    request to arrive, and again for its answer. in_flight: requests at once.
    """

    hosts: tuple[str, ...] = LOCAL_HOSTS
    token: str = ""
    needs_token: bool = False
    most_bytes: int = 1_000_000
    seconds: float = 30.0
    requests_per_minute: int = 30_000
    in_flight: int = 200


def limits_of_settings(settings: Mapping[str, str] = os.environ) -> ApiLimits:
    """Read the limits from TAGSMITH_TOKEN, TAGSMITH_RATE_LIMIT and TAGSMITH_HOSTS.

    TAGSMITH_RATE_LIMIT: requests a minute. TAGSMITH_HOSTS: names beside the local ones, with
    commas. Raises ConfigError for a rate that is no whole number above 0.

    >>> limits_of_settings({"TAGSMITH_HOSTS": "tags.example.org"}).hosts
    ('127.0.0.1', 'localhost', '[::1]', 'tags.example.org')
    """
    named = [name.strip().lower() for name in settings.get("TAGSMITH_HOSTS", "").split(",")]
    rate = settings.get("TAGSMITH_RATE_LIMIT", "").strip() or str(ApiLimits.requests_per_minute)
    if not rate.isdecimal() or int(rate) < 1:
        raise ConfigError(f"TAGSMITH_RATE_LIMIT is {rate!r}: write requests a minute, such as 600.")
    return ApiLimits(
        hosts=(*LOCAL_HOSTS, *filter(None, named)),
        token=settings.get("TAGSMITH_TOKEN", "").strip(),
        requests_per_minute=int(rate),
    )


class RateLimit:
    """A bucket for each client: it holds a minute's requests and fills steadily.

    The package limits has no such bucket, and its windows take 10 to 17 us a request where this
    takes 2; slowapi is built on it.

    >>> limit = RateLimit(60, clock=lambda: 0.0)
    >>> [limit.allows("10.0.0.1") for _ in range(61)].count(True)
    60
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        # After a minute a bucket is full again and need not be remembered.
        self._buckets: TTLCache[str, tuple[float, float]] = TTLCache(
            _MOST_CLIENTS, 60.0, timer=clock
        )

    def allows(self, client: str) -> bool:
        """Whether the client may ask once more, which is counted."""
        now = self._clock()
        left, at = self._buckets.get(client, (float(self._per_minute), now))
        left = min(self._per_minute, left + (now - at) * self._per_minute / 60)
        allowed = left >= 1
        self._buckets[client] = left - allowed, now
        return allowed


class Gate:
    """Middleware that refuses what is over a limit, in one sentence, and passes the rest on.

    Starlette's TrustedHostMiddleware answers in plain text, and sends some names on to "www.".
    """

    def __init__(
        self, app: ASGIApp, limits: ApiLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._limits = limits
        self._rate = RateLimit(limits.requests_per_minute, clock)
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(scope):
            await _answer(send, *refusal)
            return
        self._in_flight += 1
        try:
            await self._pass_on(scope, receive, send)
        finally:
            self._in_flight -= 1

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if "*" not in self._limits.hosts and _without_port(host) not in self._limits.hosts:
            # Against DNS rebinding: a page elsewhere must not reach us under its own name.
            return (
                421,
                "This server does not answer under that name. See python -m core serve --help.",
            )
        if scope["path"] not in _OPEN_PATHS and not self._has_token(headers):
            return 401, "A token is needed. Send it as Authorization: Bearer TOKEN."
        if scope["method"] not in _SAFE_METHODS and _is_from_elsewhere(headers, host):
            return 403, "Pages of other sites may not send this request."
        client = scope.get("client") or ("",)
        if not self._rate.allows(client[0]):
            most = self._limits.requests_per_minute
            return 429, f"At most {most:,} requests a minute. Try again in a moment."
        if self._in_flight >= self._limits.in_flight:
            return 503, "Too many requests at once. Try again in a moment."
        return None

    def _has_token(self, headers: Headers) -> bool:
        token = self._limits.token
        given = headers.get("authorization", "")
        if not token:
            return not self._limits.needs_token
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        most, seconds = self._limits.most_bytes, self._limits.seconds
        try:
            body = await asyncio.wait_for(_read_body(receive, most), seconds)
        except TimeoutError:
            await _answer(send, 408, f"The request took longer than {seconds:g} s to arrive.")
            return
        if body is None:
            await _answer(send, 413, f"The request is larger than {most / 1e6:g} MB. Shorten it.")
            return
        answer = _Answer(send)
        work = asyncio.ensure_future(self._app(scope, _replay(body, receive), answer.send))
        await asyncio.wait({work}, timeout=seconds)
        if work.done():
            work.result()
        elif not answer.started:
            answer.muted = True  # its thread cannot be stopped
            await _answer(send, 504, f"This took longer than {seconds:g} s. Shorten the text.")
        else:
            await work


class _Answer:
    """Passes on what the application sends, until it is muted."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.muted = False

    async def send(self, message: Message) -> None:
        """Send a part of the answer, unless it is muted."""
        if not self.muted:
            self.started = True
            await self._send(message)


async def _read_body(receive: Receive, most: int) -> bytes | None:
    """The whole body; None if it is larger than `most` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body first."""
    first = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive_again() -> Message:
        """The body, then whatever else comes."""
        return next(first, None) or await receive()

    return receive_again


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status in (429, 503):
        headers.append((b"retry-after", b"1"))
    if status in (408, 413):  # the rest of the request is not read
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def _is_from_elsewhere(headers: Headers, host: str) -> bool:
    """Whether a browser sent this for a page of another site; programs send neither header."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != host.lower()
