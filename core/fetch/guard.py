"""Which addresses a pasted link may lead to: public ones, whose name is looked up once."""

import ipaddress
import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio.to_thread
import httpx

from core.base.errors import ConfigError, FetchError

Resolver = Callable[[str, int], Sequence[str]]

_WEB_PORTS = frozenset({80, 443})
_LONGEST_URL = 2000
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.IGNORECASE)
# The operating system reads "2130706433", "0x7f.1" and "0177.0.0.1" as addresses of four bytes.
_NUMBER_AT_END = re.compile(r"(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$", re.IGNORECASE)

# Python's is_global knows the private ranges; these lead inside all the same.
_REFUSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "100.64.0.0/10",  # carrier-grade NAT; a cloud's metadata at 100.100.100.200
            "168.63.129.16/32",  # Azure's metadata, on a public number
            "192.0.0.0/24",  # IETF protocols; a cloud's metadata at 192.0.0.192
            "192.88.99.0/24",  # 6to4 relays
        ),
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
# Addresses that carry an IPv4 address (mapped, NAT64) are outside 2000::/3 but for these two.
_REFUSED_V6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2002::/16"))  # Teredo and kin, 6to4
)


@dataclass(frozen=True)
class Target:
    """A page that may be fetched.

    url: as the server is to see it. addresses: the checked IP addresses of its host; connect to no
    other.
    """

    url: httpx.URL
    addresses: tuple[str, ...]


def resolve_host(host: str, port: int) -> list[str]:
    """Ask the system's resolver for a host's IP addresses. Raises OSError if there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True)
class FetchGuard:
    """The rule for what may be fetched.

    ports: those that are allowed of public addresses. also: pairs of IP address and port that are
    allowed although they are not public. resolve: finds a host's IP addresses.
    """

    ports: frozenset[int] = _WEB_PORTS
    also: frozenset[tuple[str, int]] = frozenset()
    resolve: Resolver = resolve_host

    async def check(self, url: httpx.URL) -> Target:
        """Look the host up once. Raises FetchError unless every address of it is allowed."""
        host, port = _host_and_port(url)
        found = [host] if _is_ip_address(host) else await self._look_up(host, port)
        if not found:
            raise FetchError(f"There is no site {host!r}. Check the address.")
        if not all(self._allows(address, port) for address in found):
            raise FetchError(
                f"{host!r} leads into a private network or to this machine; only public sites "
                "are fetched. Paste the text instead."
            )
        return Target(url, tuple(found))

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        try:
            # A thread that is left behind when time is up: getaddrinfo cannot be stopped.
            return await anyio.to_thread.run_sync(self.resolve, host, port, abandon_on_cancel=True)
        except (OSError, UnicodeError):
            return []

    def _allows(self, address: str, port: int) -> bool:
        if (address, port) in self.also:
            return True
        return port in self.ports and is_public(address)

    def check_port(self, url: httpx.URL) -> None:
        """Refuse a port that no allowed address has. Raises FetchError."""
        port = _host_and_port(url)[1]
        if port not in self.ports and port not in {port for _, port in self.also}:
            allowed = ", ".join(map(str, sorted(self.ports)))
            raise FetchError(f"Port {port} is not fetched, only {allowed}. Paste the text instead.")


def guard_of_settings(settings: Mapping[str, str] = os.environ) -> FetchGuard:
    """Build the guard that TAGSMITH_FETCH ("off" forbids all) and TAGSMITH_FETCH_PORTS ask for.

    Raises FetchError if fetching is off, ConfigError if the ports cannot be read.

    >>> sorted(guard_of_settings({"TAGSMITH_FETCH_PORTS": "443,8443"}).ports)
    [443, 8443]
    """
    if settings.get("TAGSMITH_FETCH", "").strip().lower() in {"off", "0", "no", "false"}:
        raise FetchError("Fetching addresses is switched off here. Paste the text instead.")
    ports = settings.get("TAGSMITH_FETCH_PORTS", "").strip()
    if not ports:
        return FetchGuard()
    try:
        return FetchGuard(ports=frozenset(int(port) for port in ports.split(",")))
    except ValueError:
        raise ConfigError(
            f"TAGSMITH_FETCH_PORTS is {ports!r}: write port numbers with commas, such as 80,443."
        ) from None


def read_url(text: str) -> httpx.URL:
    """Read a pasted text as an absolute http(s) address. Raises FetchError if it is none.

    >>> read_url(" https://example.com/a?b=1 ").host
    'example.com'
    """
    try:
        if len(text) > _LONGEST_URL:
            raise FetchError(f"This address has {len(text):,} characters; that is too long.")
        url = httpx.URL(text.strip())
    except httpx.InvalidURL:
        raise FetchError(_no_address(text)) from None
    if url.scheme not in ("http", "https"):
        raise FetchError(_no_address(text))
    if url.userinfo:
        raise FetchError("This address holds a user name. Paste it without what is before the @.")
    return url


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet, and embeds no other address.

    >>> is_public("93.184.216.34"), is_public("10.0.0.1"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address)
    if ip.is_multicast or not ip.is_global:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _REFUSED_V4)
    return ip in _GLOBAL_V6 and not any(ip in network for network in _REFUSED_V6)


def _host_and_port(url: httpx.URL) -> tuple[str, int]:
    """Raises FetchError for a host that is neither a name nor a plainly written IP address."""
    host = url.raw_host.decode("ascii")
    is_name = _NAME.fullmatch(host) and not _NUMBER_AT_END.search(host)
    if not is_name and not _is_ip_address(host):
        raise FetchError(f"{host!r} is not the name of a site. Check the address.")
    return host, {"http": 80, "https": 443}[url.scheme] if url.port is None else url.port


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host  # no zone: it names a network card of this machine


def _no_address(text: str) -> str:
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    return f"{shown!r} is not a web address. It should begin with http:// or https://."
