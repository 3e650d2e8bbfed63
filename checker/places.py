"""Where a chain of redirects ended: at the item, at a wall, at the front door or somewhere else."""

import re
import string
import tomllib
from pathlib import Path
from random import Random
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin, urlsplit

from publicsuffixlist import PublicSuffixList

from checker.observed import Expected, Response
from checker.page import Page

_SUFFIXES = PublicSuffixList()
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?")
_WORDS = tomllib.loads((Path(__file__).parent / "places.toml").read_text(encoding="utf-8"))
_FRONT, _ELSEWHERE = frozenset(_WORDS["front"]), frozenset(_WORDS["elsewhere"])
_HOST_SIGNS: dict[str, str] = _WORDS["hosts"]
_SIGNS = {sign: frozenset(words) for sign, words in _WORDS["segments"].items()}
_PLAIN_LABELS = ("www.", "m.", "mobile.", "old.", "new.", "touch.", "web.", "amp.", "mbasic.")


def landed(response: Response, page: Page, expected: Expected) -> str:
    """Return where we are: `item`, a sign (`login`, `robot`, …), `front` or `elsewhere`."""
    final = response.final_url or expected.canonical
    if page.refresh:
        final = urljoin(final, page.refresh)
    place, wanted = _split(final), _split(expected.canonical or final)
    if sign := _sign(place, wanted):
        return sign
    if _is_item(place, wanted, expected):
        return "item"
    if _is_front(place):
        return "front"
    return "elsewhere"


def names_item(address: str, expected: Expected) -> bool:
    """Tell whether an address that a page gives of itself is the item's."""
    if not address:
        return False
    wanted = _split(expected.canonical)
    place = _split(urljoin(expected.canonical, address))
    if expected.identifier and _carries(place, expected.identifier):
        return True
    return bool(wanted.path.strip("/")) and _same(place, wanted)


def sibling(address: str, random: Random) -> str:
    """Return an address beside this one that never was: its last word of the same length and signs, made up."""
    place = _split(address)
    words = list(re.finditer(r"[^\W_]{3,}", f"{place.path}?{place.query}"))
    if not words:
        return f"{address.rstrip('/')}/{_made_up('abcdefghij', random)}"
    last = words[-1]
    path = f"{place.path}?{place.query}"
    path = path[: last.start()] + _made_up(last[0], random) + path[last.end() :]
    return f"{place.scheme}://{place.netloc}{path.removesuffix('?')}"


def _made_up(word: str, random: Random) -> str:
    kinds = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
    return "".join(random.choice(next((kind for kind in kinds if sign in kind), sign)) for sign in word)


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _sign(place: SplitResult, wanted: SplitResult) -> str:
    label = _host(place).partition(".")[0]
    if label in _HOST_SIGNS and _host(place) != _host(wanted):
        return _HOST_SIGNS[label]
    own = set(_segments(wanted))
    segments = [segment for segment in _segments(place) if segment not in own]
    for sign, words in _SIGNS.items():
        if any(segment in words for segment in segments):
            return sign
    return ""


def _is_item(place: SplitResult, wanted: SplitResult, expected: Expected) -> bool:
    if _same(place, wanted):
        return True
    if expected.identifier and _carries(place, expected.identifier):
        return _kin(_host(place), _host(wanted))
    same_path = place.path.rstrip("/") == wanted.path.rstrip("/") and place.path.strip("/") != ""
    return same_path and not wanted.query and _kin(_host(place), _host(wanted))


def _same(place: SplitResult, wanted: SplitResult) -> bool:
    """Tell whether both are one page: scheme, www., a last slash and further parameters aside."""
    if _host(place) != _host(wanted) or unquote(place.path).rstrip("/") != unquote(wanted.path).rstrip("/"):
        return False
    return set(parse_qsl(wanted.query)) <= set(parse_qsl(place.query))


def _kin(host: str, other: str) -> bool:
    """Tell whether two hosts are plausibly one owner's: one registered name, be it under another ending."""
    name, named = _SUFFIXES.privatesuffix(host), _SUFFIXES.privatesuffix(other)
    if not name or not named:
        return host == other
    return name.partition(".")[0] == named.partition(".")[0] or {name, named} == {"x.com", "twitter.com"}


def _host(place: SplitResult) -> str:
    try:
        host = (place.hostname or "").rstrip(".")
    except ValueError:
        return ""
    for label in _PLAIN_LABELS:
        host = host.removeprefix(label)
    return host


def _segments(place: SplitResult) -> list[str]:
    return [segment for segment in unquote(place.path).lower().split("/") if segment]


def _is_front(place: SplitResult) -> bool:
    segments = _segments(place)
    if segments and _LANGUAGE.fullmatch(segments[0]):
        segments = segments[1:]
    return not segments or (len(segments) == 1 and segments[0] in _FRONT)


def _carries(place: SplitResult, identifier: str) -> bool:
    """Tell whether an address names the identifier, as a word; not in a parameter that only says where to go next."""
    parameters = " ".join(value for name, value in parse_qsl(place.query) if name.lower() not in _ELSEWHERE)
    told = f"{unquote(place.path)} {parameters} {unquote(place.fragment)}".lower()
    wanted = identifier.lower()
    if _word(wanted, told):
        return True
    parts = [part for part in re.split(r"[/:@]", wanted) if part]
    return len(parts) > 1 and all(_word(part, f"{place.netloc.lower()} {told}") for part in parts)


def _word(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
