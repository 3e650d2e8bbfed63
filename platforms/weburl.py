"""A web address as browsers read it (WHATWG), taken apart; the only module that knows the parser."""

import re
from typing import NamedTuple
from urllib.parse import unquote

import ada_url

from platforms.notation import INVISIBLE

_HREF = re.compile(
    r"https?://(?:([^/?#@]*)@)?(\[[^\]]*\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::(\d+))?(/[^?#]*)(?:\?([^#]*))?(?:#(.*))?"
)
# An address that the parser leaves as it is; most are. The parser itself stays the measure: a test compares them.
_CLEAN = re.compile(
    r"https?://(?!.*(?:/\.|%2[eE]|--))((?:[a-z0-9-]+\.)+[a-z]{2,})(/[\w/.~@:!$&()*+,;=%-]*)(?:\?([\w/.~@:!$&()*+,;=%?-]+))?"
    r"(?:#([\w/.~@:!$&()*+,;=%?-]+))?",
    re.ASCII,
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_SLASHES = re.compile(r"//+")
_ENCODED_WHOLE = re.compile(r"https?%3a", re.IGNORECASE)
# What must stay encoded in a decoded path segment: it would change how the path is read.
_STRUCTURE = re.compile(r"[/?#\x00-\x1f\x7f]")


class WebUrl(NamedTuple):
    """The parts of a normalised http or https address; `query` and `fragment` without `?` and `#`."""

    href: str
    host: str
    path: str
    query: str
    fragment: str
    is_plain: bool  # neither userinfo nor an unusual port

    @property
    def is_app(self) -> bool:
        """An app's own address, such as `tg://resolve?domain=x`; its host is the scheme with the colon."""
        return self.host.endswith(":")


def clean(address: str) -> WebUrl | None:
    """Return the parts of an address that the parser would leave as it is; None: it takes the parser to tell."""
    parts = _CLEAN.fullmatch(address)
    if parts is None:
        return None
    host, path, query, fragment = parts.groups("")
    return WebUrl(address, host, path, query, fragment, True)


def parse(address: str) -> WebUrl | None:
    """Return the parts of an absolute http or https address, or None if no browser could open it."""
    try:
        href = ada_url.normalize_url(address)
    except ValueError:
        return None
    parts = _HREF.fullmatch(href)
    if parts is None:
        return None
    userinfo, host, port, path, query, fragment = parts.groups("")
    return WebUrl(href, host, path, query, fragment, not userinfo and not port)


def decode(text: str) -> str:
    """Undo percent-encoding once, unless the result would change the structure of the address."""
    plain = decode_value(text)
    return text if _STRUCTURE.search(plain) else plain


def decode_value(text: str) -> str:
    """Undo percent-encoding once in a parameter or fragment; what is not UTF-8 stays as it is."""
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def decoded_whole(address: str) -> str:
    """Undo percent-encoding of an address that was encoded as one value: `https%3A%2F%2Fx.com%2Fa`."""
    return decode_value(address) if "%" in address[:6] and _ENCODED_WHOLE.match(address) else address


def decoded_path(path: str) -> str:
    """Return `path` with single slashes and each segment decoded by itself."""
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if "%" not in path:
        return path
    path = visible("/".join(map(decode, path.split("/"))))
    return f"{visible(path[:-1]).rstrip('/')}/" if path[-2:-1].isspace() else path


def visible(text: str) -> str:
    """Leave out encoded characters that nobody sees, and encoded spaces at the end: they were pasted along."""
    return _INVISIBLE.sub("", text).rstrip()


def path_of(address: str) -> str:
    """Return the path of an https address that has neither parameters nor fragment."""
    return "/" + address.split("/", 3)[3]


def parameters(query: str) -> dict[str, str]:
    """Return the parameters of a query, names in lower case, the first of equal names."""
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        found.setdefault(decode_value(name).lower(), visible(decode_value(value)) if "%" in value else value)
    return found


def without_tracking(url: WebUrl, tracking: frozenset[str], *, fragments: bool = False) -> tuple[str, bool]:
    """Return the address without fragment and tracking parameters, and whether it is more than a host.

    `tracking` holds names in lower case; `utm_*` stands for all that begin so. A fragment that routes (`#!`,
    `#/`) stays; with `fragments` every one.
    """
    address = url.href.partition("#")[0].partition("?")[0]
    query = url.query
    if query:
        query = "&".join(part for part in query.split("&") if not _is_tracking(part, tracking))
    routes = fragments or (url.fragment[:1] in ("!", "/") and len(url.fragment) > 1)
    fragment = url.fragment if routes else ""
    if query:
        address += f"?{query}"
    if fragment:
        address += f"#{fragment}"
    return address, bool(query or fragment or url.path not in ("", "/"))


def _is_tracking(part: str, tracking: frozenset[str]) -> bool:
    name = part.partition("=")[0].lower()
    return name in tracking or f"{name.partition('_')[0]}_*" in tracking
