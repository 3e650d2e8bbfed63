"""Web addresses in pasted text, plain, bare or defanged, and where they stand. Pure and offline."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from platforms import notation, recognition
from platforms.recognition import NotAnAddress, Recognition

# Scripts written without spaces: there an address ends where the script begins.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
# Full-width brackets, quotation marks and punctuation, at which an address ends too.
_FULL_WIDTH = "\u060c\u061b\uff0c\u3002\uff1b\uff01\uff1f\u3001\u300c-\u300f\u3010\u3011\u300a\u300b"
_GAP = "[ \t]?"
_OPEN, _SHUT = r"[\[({]", r"[\])}]"
_WORD_DOT = r"(?:\.|dot|punkt|point|punto)"
_DOT = rf"(?:{_GAP}{_OPEN}{_GAP}{_WORD_DOT}{_GAP}{_SHUT}{_GAP}|<(?:\.|dot)>|\\\.|{_OPEN}\.|\.{_SHUT}|\.)"
_SPACED_LABEL = rf"(?:(?![{_UNSPACED}])[\w-]){{1,63}}"
_LABEL = rf"(?:(?!h[tx*]{{2}}ps?[\[(]?:)(?:{_SPACED_LABEL}|[{_UNSPACED}]{{1,63}}))"
# Behind a scheme, characters without width do not end a host: they are set there to hide it.
_JOINED_LABEL = rf"(?:{_LABEL}(?:[\u00ad\u200b-\u200d\u2060\ufeff]+(?=[\w-]){_SPACED_LABEL})*)"
# A bare host begins where a word does, so that each word is tried once.
_NOT_WITHIN = (
    rf"""(?:(?<=["']//)|(?<![@.\-/\\=&]))"""
    rf"(?:(?<![\w])|(?<=[{_UNSPACED}])(?![{_UNSPACED}])|(?<![{_UNSPACED}])(?=[{_UNSPACED}]))"
)
_SLASH = r"(?:[/\\]|\\+u002f|&\#x2f;|&\#47;|&sol;)"
_COLON_SLASHES = rf"(?:{_GAP}{_OPEN}?:(?:{_SHUT}?(?:\\?{_OPEN}?{_SLASH})){{1,3}}{_SHUT}?{_GAP}|//|;//|___)"
_PORT = rf"(?:{_OPEN}?:{_SHUT}?\d{{1,5}}(?!\d))"
_NEXT = (
    r"\]\(",  # the other half of a Markdown link
    r"\}\{",  # of LaTeX
    r"\[/[a-z]{1,9}\]",  # the end of a tag of a forum, or of the tag that the address stands in
    r"\][^\[\]\n]{0,200}\[/[a-z]{1,9}\]",
    r"[,;]h[tx*]{2}ps?:",
    r"[,;]\w{1,30}=h[tx]{2}ps?:",
    r"[,;][a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,3}/",
    r"(?<=[A-Za-z0-9])h[tx]{2}ps?://",
    rf"(?<=[A-Za-z0-9])[{_UNSPACED}]",
)
_REST = rf"""(?:(?!{"|".join(_NEXT)})[^\s<>"|{_FULL_WIDTH}])*"""
_TAIL = rf"(?:(?:[/?\#]|{_OPEN}[/]{_SHUT}|\\/|\\+u002f|&\#x2f;|&\#47;|&sol;){_REST})?"
# Where both slashes behind the scheme lean back, those of the path may too.
_LEANS_BACK = r"(?=[^\s:/\\]{2,9}:\\\\(?![\\/u]))"
_APPS = "|".join(
    ["intent", "android-app", "ios-app"]
    + [
        re.escape(host.removesuffix(":"))
        for platform in recognition.platforms()
        for host in sorted(
            platform.hosts.get("app", ()) + platform.hosts.get("at", ()), key=len, reverse=True
        )
    ]
)

_CANDIDATE = re.compile(
    rf"""
    (?P<web>
        (?P<back>{_LEANS_BACK})?
        (?:{_OPEN}?h[tx*]{{1,3}}p(?:s|{_OPEN}s{_SHUT})?{_SHUT}?|(?<![a-z0-9])(?:h__ps?|ttps?|hxps?|meow))
        (?:{_COLON_SLASHES})
        (?:[^\s/@<>"]{{1,200}}@)?
        (?:\[[0-9a-f:.]{{2,45}}\]|{_JOINED_LABEL}(?:{_DOT}{_JOINED_LABEL}){{0,20}}) {_PORT}?
        (?(back)(?:\\{_REST}|{_TAIL})|{_TAIL})
    )
    | (?P<app> (?<![\w.]) (?:(?:{_APPS}){_OPEN}?:{_SHUT}?//|vnd\.youtube:) {_REST})
    | (?P<bare> {_NOT_WITHIN} {_LABEL}(?:{_DOT}{_LABEL}){{1,20}} (?![A-Za-z0-9_@-]) {_PORT}? (?P<tail>{_TAIL}))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LAST_LABEL = re.compile(rf"{_DOT}{_LABEL}$", re.IGNORECASE)
_OF_AN_EMAIL = re.compile(rf"(?:@|{_OPEN}{_GAP}(?:@|at){_GAP}{_SHUT}){_GAP}$", re.IGNORECASE)
_AT = re.compile(r"\bat[ \t]$", re.IGNORECASE)
_RANGE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}")
_BRACKETED = re.compile(r"[\[({<\\]")
_GAP_INSIDE = re.compile(r"[ \t]")
_PATH = re.compile(r"[/?#]")
_CELL_END = re.compile(r"[,|](?!-?[0-9])|(?<!&amp)(?<!&#38);")
_ONE_CELL = re.compile(r"[^/?&=#]*")
_MISSING_SPACE = re.compile(
    r"\.[^\W\d_a-z]"
)  # a sentence that goes on behind a full stop: `example.com.Then`
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
# Endings of file names, of code and of abbreviations that are also top-level domains.
_AMBIGUOUS = {
    "ai", "am", "app", "cc", "do", "example", "id", "is", "java", "md", "med", "ml", "mm", "mov", "ms", "my",
    "name", "pl", "pm", "ps", "py", "rs", "sh", "so", "test", "zip",
}  # fmt: skip
_PACKAGES = ("com.", "org.", "net.", "io.", "java.", "android.")


class Found(NamedTuple):
    """One address as it is to be read, where it stands in the text, and what it names."""

    address: str
    start: int
    end: int
    named: Recognition


class _Written(NamedTuple):
    """What may be an address, and where it stands."""

    address: str
    start: int
    end: int


def extract(text: str) -> list[str]:
    """Return the addresses in `text`, refanged, in the order in which they stand."""
    return [found.address for found in find(text)]


def find(text: str) -> list[Found]:
    """Return the addresses in `text` with the offsets of what was read."""
    return list(_each(text))


def _without_cells(text: str, found: Found) -> Found:
    """Leave out the further cells of a table: those behind the mark that stands before the address too, or any
    that the item is the same without.
    """
    cells = _CELL_END.search(text, found.start, found.end)
    if cells is None or notation.tidy(text[found.start : found.end]) != found.address:
        return found
    first = _trim(text, found.start, cells.start())
    whole, part = found.named, _named(first.address)
    if part is None or first.start != found.start:
        return found
    shorter = Found(*first, part)
    if text[found.start - 1 : found.start] == cells[0]:
        return shorter
    is_same = part.identifier is not None and (whole.identifier is None or whole.key == part.key)
    return shorter if is_same and _ONE_CELL.fullmatch(text, cells.end(), found.end) else found


def _each(text: str) -> Iterator[Found]:
    for match in _CANDIDATE.finditer(text):
        start, end = match.span()
        if end - start > recognition.MOST_CHARACTERS:
            continue
        found = (
            _bare(text, start, end, has_tail=bool(match["tail"]))
            if match["bare"]
            else _written(text, start, end)
        )
        if found is not None:
            yield _without_cells(text, found)


def _written(text: str, start: int, end: int) -> Found | None:
    """Return an address that has its scheme, if a browser or an app could open it."""
    found = _trim(text, start, end)
    if "." not in found.address and _GAP_INSIDE.search(text, found.start, found.end):
        return None
    named = _named(found.address)
    return Found(*found, named) if named else None


def _bare(text: str, start: int, end: int, *, has_tail: bool) -> Found | None:
    """Return an address without scheme, if it is not a file name, an e-mail address or a missing space."""
    before = text[max(0, start - 8) : start]
    is_mail = _OF_AN_EMAIL.search(before) or (_AT.search(before) and _BRACKETED.search(text, start, end))
    if text[end : end + 1] == "(" or (is_mail and not has_tail):
        return None
    while True:
        found = _trim(text, start, end)
        named = _named(found.address)
        if named is not None or has_tail:
            break
        last = _LAST_LABEL.search(text, start, found.end)
        if last is None or not _MISSING_SPACE.match(last[0]):
            break
        end = last.start()
    if named is None or not _is_meant(text[found.start : found.end], found.address, named):
        return None
    return Found(*found, named)


def _trim(text: str, start: int, end: int) -> _Written:
    """Leave out the punctuation around an address, and read what remains."""
    before = text[start - 1 : start]
    written = text[start:end]
    peeled = notation.peel(written)
    if before in ("_", "~", "=") and peeled.endswith(before):
        peeled = peeled.rstrip(before)
    start += written.find(peeled)
    return _Written(notation.tidy(peeled), start, start + len(peeled))


def _named(address: str) -> Recognition | None:
    try:
        return recognition.recognise(address)
    except NotAnAddress:
        return None


def _is_meant(written: str, address: str, named: Recognition) -> bool:
    """Tell whether what looks like a host is one: defanging, a path, a platform or `www.` says so."""
    host = _PATH.split(address, maxsplit=1)[0]
    if _RANGE.fullmatch(address):
        return False
    if _GAP_INSIDE.search(written) and host == address and host.rpartition(".")[2].lower() in _AMBIGUOUS:
        return False
    if named.platform != "web" or host != address or written != address or host.lower().startswith("www."):
        return True
    if host.lower().startswith(_PACKAGES):
        return False
    *labels, last = host.split(".")
    if last.lower() in _AMBIGUOUS or "".join(labels).isdigit() or not _TWO_LETTERS.search(labels[-1]):
        return False
    return last.islower() or host.isupper() or not last.isascii()
