"""Where the checker may go: the public web, and nowhere else.

An address is read here, by one reading, and connected to by what was read: no other parser has a say in where the
connection goes. `checker.fetch` connects to `Target.addresses` only.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import ada_url

PORTS = {"http": 80, "https": 443}
ALLOWED_PORTS = frozenset({80, 443, 8080, 8443})
LONGEST = 8192  # characters of an address

Resolve = Callable[[str], Iterable[object]]

# What is not public although it looks so. Of IPv6 only 2000::/3 is given out at all; the rest (mapped, compatible and
# NAT64 forms of IPv4, site-local, link-local, private, multicast) is refused by not being in it.
_DENIED_4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; also where some clouds keep metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's own wire server, on a public address
        "169.254.0.0/16",  # link-local, metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnelling
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
_GIVEN_OUT_6 = ipaddress.IPv6Network("2000::/3")
_DENIED_6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the 6bone, given back
        "3fff::/20",  # documentation
    )
]
_ISATAP = frozenset(
    {0x00005EFE, 0x02005EFE}
)  # upper half of an interface identifier that carries an IPv4 address
_LOCAL_NAMES = frozenset(
    {
        "localhost",
        "localdomain",
        "local",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "private",
        "onion",
        "alt",
    }
)  # last labels that never name a public host
_LOCAL_ENDINGS = (
    ".home.arpa",
    ".in-addr.arpa",
    ".ip6.arpa",
    ".metadata.tencentyun.com",
    ".localhost.localdomain",
)

_ADDRESS = re.compile(r"(https?)://([^/?#\\]+)(?=[/?#]|\Z)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_PORT = re.compile(r":([0-9]{0,5})\Z", re.ASCII)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+", re.ASCII)
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)


class Refused(Exception):
    """The address is not to be visited; `reason` says why, for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unresolved(Refused):
    """The name has no address, or nobody could say."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: `host` as it is named to the server, in ASCII; `addresses` all public, as text."""

    host: str
    port: int
    addresses: list[str]


def guard(url: str, resolve: Resolve) -> Target:
    """Return where `url` leads, or raise `Refused`.

    `resolve(host)` gives the addresses of a name, as text or `ipaddress` objects, or raises `OSError` or `LookupError`;
    it is called once, and not at all for a host that is a number. One address that is not public refuses them all.
    A name without any address raises `Unresolved`, which is a `Refused`.
    """
    _, host, port = read(url)
    literal = _literal(host)
    if literal is not None:
        return Target(host.strip("[]"), port, [_public(literal)])
    _refuse_local_name(host)
    try:
        answers = list(resolve(host) or ())
    except (OSError, LookupError, UnicodeError) as error:
        raise Unresolved(f"the name {host} could not be resolved: {error}") from error
    if not answers:
        raise Unresolved(f"the name {host} has no address")
    return Target(host, port, list(dict.fromkeys(_public(answer) for answer in answers)))


def read(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port as a browser would read them; raise `Refused` for what only hides them."""
    if not isinstance(url, str) or len(url) > LONGEST or _UNPRINTABLE.search(url):
        raise Refused("this is no address: too long, or with control characters")
    parts = _ADDRESS.match(url)
    if parts is None:
        raise Refused("only http:// and https:// addresses are visited")
    scheme, authority = parts[1].lower(), parts[2]
    if "@" in authority:
        raise Refused("the address carries a user name, which hides its host")
    given = _PORT.search(authority)
    port = int(given[1] or PORTS[scheme]) if given else PORTS[scheme]
    if port not in ALLOWED_PORTS:
        raise Refused(f"port {port} is not one of the web's")
    return scheme, _host(authority[: given.start()] if given else authority), port


def _host(written: str) -> str:
    """Return the host in ASCII: a name without its last dot, a number in its usual form, IPv6 in brackets."""
    if written.startswith("["):
        return _host_6(written)
    host = ada_url.idna_to_ascii(written).decode("ascii", "replace").lower()
    host = host.removesuffix(".")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return str(_number_4(host))
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise Refused("the host is not written as a public host is")
    return host


def _host_6(written: str) -> str:
    try:
        if not written.endswith("]") or "%" in written:
            raise ValueError("a zone or no end")
        return f"[{ipaddress.IPv6Address(written[1:-1])}]"
    except ValueError as error:
        raise Refused("the host is not an IPv6 address") from error


def _number_4(host: str) -> ipaddress.IPv4Address:
    """Read an IPv4 address the way browsers do: up to four parts, each decimal, octal or hexadecimal."""
    parts = host.split(".")
    if len(parts) > 4 or not all(map(_NUMBER.fullmatch, parts)):
        raise Refused("the host ends in a number and is no IPv4 address")
    try:
        *first, last = map(_part, parts)
    except ValueError as error:
        raise Refused("the host ends in a number and is no IPv4 address") from error
    if any(part > 255 for part in first) or last >= 256 ** (4 - len(first)):
        raise Refused("the host ends in a number and is no IPv4 address")
    return ipaddress.IPv4Address(sum(part << (24 - 8 * place) for place, part in enumerate(first)) + last)


def _part(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") else int(text)


def _literal(host: str) -> str | None:
    """Return the address that the host itself is, if it is one; a name never ends in a number."""
    if host.startswith("["):
        return host[1:-1]
    return host if _NUMBER.fullmatch(host.rpartition(".")[2]) else None


def _refuse_local_name(host: str) -> None:
    if host.rpartition(".")[2] in _LOCAL_NAMES or f".{host}".endswith(_LOCAL_ENDINGS):
        raise Refused(f"{host} names no host of the public web")


def _public(answer: object) -> str:
    """Return a public address as text, or raise `Refused`."""
    try:
        address = ipaddress.ip_address(str(answer))
    except ValueError as error:
        raise Refused(f"{answer} is no address") from error
    if not is_public(address):
        raise Refused(f"{address} is not a public address")
    return str(address)


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether anybody on the internet could be meant by this address (our own list, not `is_global`)."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _DENIED_4)
    if address.scope_id or address not in _GIVEN_OUT_6 or any(address in network for network in _DENIED_6):
        return False
    return (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP
