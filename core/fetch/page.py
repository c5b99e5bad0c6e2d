"""Fetch the page behind a pasted address, under a guard and within limits."""

import ssl
import zlib
from dataclasses import dataclass

import anyio
import httpx

from core.base.errors import FetchError
from core.fetch.guard import FetchGuard, Target, guard_of_settings, read_url
from core.fetch.text import FetchedPage, decode_html, read_page_in_child

_HTML = ("text/html", "application/xhtml+xml")
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {
    "User-Agent": "Tagsmith (fetches one page that its user pasted)",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Encoding": "gzip",
}
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class FetchLimits:
    """How much of a page is fetched.

    most_bytes: of the page, both as sent and unpacked. seconds: from the look-up of its host to
    the last byte. redirects: at most.
    """

    most_bytes: int = 2_000_000
    seconds: float = 10.0
    redirects: int = 3


def fetch_page(
    address: str,
    *,
    guard: FetchGuard | None = None,
    limits: FetchLimits | None = None,
    certificates: ssl.SSLContext | None = None,
) -> FetchedPage:
    """Fetch the article behind an address. Not for use inside a running event loop.

    guard: by default that of the settings. certificates: whom to trust; by default the public
    authorities. Raises FetchError for whatever is not a public web page with text, and
    NoAnswerError for a page that takes too long to be read.
    """
    guard, limits = guard or guard_of_settings(), limits or FetchLimits()
    url = read_url(address)
    try:
        final, html = anyio.run(_fetch_html, url, guard, limits, certificates)
    except TimeoutError:
        raise FetchError(
            f"{url.host} took longer than {limits.seconds:g} seconds. "
            "Try again later, or paste the text."
        ) from None
    return read_page_in_child(html, str(final))


async def _fetch_html(
    url: httpx.URL, guard: FetchGuard, limits: FetchLimits, certificates: ssl.SSLContext | None
) -> tuple[httpx.URL, str]:
    with anyio.fail_after(limits.seconds):
        async with httpx.AsyncClient(
            verify=certificates or True,
            trust_env=False,
            timeout=limits.seconds,
            # A kept connection was verified for one name; the next one may be another's.
            limits=httpx.Limits(max_keepalive_connections=0),
        ) as client:
            for _ in range(limits.redirects + 1):
                response = await _request(client, await _check(url, guard))
                try:
                    if response.status_code in _REDIRECTS and "location" in response.headers:
                        url = read_url(str(url.join(response.headers["location"])))
                        continue
                    _require_html(url, response)
                    body = await _read_body(url, response, limits)
                    return url, decode_html(body, response.charset_encoding)
                finally:
                    await response.aclose()
    raise FetchError(
        f"{url.host} sends on to another page more than {limits.redirects} times. "
        "Paste the address where it ends."
    )


async def _check(url: httpx.URL, guard: FetchGuard) -> Target:
    guard.check_port(url)
    return await guard.check(url)


async def _request(client: httpx.AsyncClient, target: Target) -> httpx.Response:
    """Ask the first address that answers, under the name: nothing is looked up again."""
    url = target.url
    for address in target.addresses:
        request = client.build_request(
            "GET",
            url.copy_with(host=address, fragment=None),
            headers={**_HEADERS, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            return await client.send(request, stream=True)
        except httpx.ConnectError as error:
            if isinstance(_cause(error), ssl.SSLCertVerificationError):
                raise FetchError(
                    f"The certificate of {url.host} is not valid, so the page cannot be trusted. "
                    "Open it in your browser and paste the text."
                ) from None
        except httpx.HTTPError:
            raise FetchError(f"{url.host} does not answer as a web server should.") from None
    raise FetchError(f"{url.host} cannot be reached. Check the address, or paste the text.")


def _cause(error: BaseException) -> BaseException:
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error


def _require_html(url: httpx.URL, response: httpx.Response) -> None:
    """Raises FetchError unless the answer is a web page."""
    status, host = response.status_code, url.host
    if status in (404, 410):
        raise FetchError(f"{host} has no such page ({status}). Check the address.")
    if status in (401, 402, 403, 451):
        raise FetchError(
            f"{host} shows this page only to its readers ({status}): a login, a paywall or a block "
            "of programs. Open it in your browser and paste the text."
        )
    if status == 429:
        raise FetchError(f"{host} was asked too often (429). Try again later, or paste the text.")
    if status != 200:
        raise FetchError(f"{host} answers with an error ({status}). Try again later.")
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/pdf":
        raise FetchError("This is a PDF, not a web page. Open it, copy the text and paste it.")
    if kind not in _HTML:
        raise FetchError(
            f"This is not a web page but {kind[:60] or 'of no stated type'!r}. Paste the text."
        )


async def _read_body(url: httpx.URL, response: httpx.Response, limits: FetchLimits) -> bytes:
    most = limits.most_bytes
    too_large = FetchError(
        f"This page is larger than {most / 1e6:g} MB. Copy the article's text and paste it."
    )
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip"):
        raise FetchError(f"{url.host} packs the page as {packing[:20]!r}, unasked. Paste the text.")
    unpacker = None if packing == "identity" else zlib.decompressobj(_GZIP)
    received, body = 0, bytearray()
    try:
        async for piece in response.aiter_raw():
            received += len(piece)
            # The second argument stops a bomb: no more is unpacked than may be kept.
            body += unpacker.decompress(piece, most + 1 - len(body)) if unpacker else piece
            if max(received, len(body)) > most:
                raise too_large
    except (httpx.HTTPError, zlib.error):
        raise FetchError(f"The page of {url.host} broke off or is damaged. Try again.") from None
    return bytes(body)
