"""How people write addresses in text: defanged, quoted, wrapped in brackets, with invisible characters."""

import re
import unicodedata

# Zero-width, direction-changing and other invisible characters.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# Most addresses need no tidying: they have none of the characters that the steps look for.
_TIDY = re.compile(r"https?://[\w/?=%.&#:~@+,!$-]*[\w/=%&#~@+$-]", re.ASCII)
_AMPERSAND = re.compile(r"&(?:amp|#38|#x26);|\\u0026", re.IGNORECASE)
_ESCAPED_SLASH = re.compile(r"\\+/|\\u002f|&#x2f;|&#47;|&sol;", re.IGNORECASE)
_ESCAPED = (
    (re.compile(r"&#x3a;|&#58;|&colon;", re.IGNORECASE), ":"),
    (re.compile(r"&#x3d;|&#61;|&equals;", re.IGNORECASE), "="),
    (re.compile(r"&#x3f;|&#63;|&quest;", re.IGNORECASE), "?"),
    (re.compile(r"&#x2e;|&#46;|&period;", re.IGNORECASE), "."),
)
_TWO_SCHEMES = re.compile(r"(?:https?:/{0,2})+(?=https?:/{1,2})", re.IGNORECASE)

# Quotation marks, brackets and punctuation of any script that can surround an address.
_BRACKETS = ("()", "[]", "{}", "<>", "（）", "「」", "『』", "【】", "《》", "〈〉")  # noqa: RUF001
_CLOSING = {pair[1]: pair[0] for pair in _BRACKETS}
_OPENING = frozenset("\"'`*|«‹“”„‘‚’").union(_CLOSING.values())  # noqa: RUF001
_TRAILING = frozenset(".,;:!?\"'`*|\\»›“”‘’…··。、，；：！？،؛؟।").union(_CLOSING)  # noqa: RUF001
_BRACKET = re.compile(r"[\[\](){}<>\\]")

_OPEN, _SHUT = r"[\[({]\s?", r"\s?[\])}]"
_WORD_DOT = r"(?:\.|dot|punkt|point|punto)"
# The scheme and the host, and the two characters after them: it is here that defanging shows.
_HEAD = re.compile(r"(?:[^/?#]*//)?[^/?#]*.{0,2}", re.DOTALL)
_MARK = re.compile(
    rf"{_OPEN}(?:[.:/@]|dot|punkt|point|punto|at\b|slash|www|h(?:tt|xx)ps?|s[\])}}]:)|[.:/@]{_SHUT}|<(?:\.|dot)>|\\\.|^h[x*]",
    re.IGNORECASE,
)
_MARKS = tuple(
    (re.compile(mark, re.IGNORECASE), plain)
    for mark, plain in (
        (rf"{_OPEN}(h(?:tt|xx)ps?){_SHUT}", r"\1"),
        (rf"^(h(?:tt|xx)p){_OPEN}s{_SHUT}", r"\1s"),
        (rf"{_OPEN}:\s?//{_SHUT}", "://"),
        (rf"{_OPEN}:{_SHUT}", ":"),
        (rf"{_OPEN}//{_SHUT}", "//"),
        (rf"{_OPEN}(?:/|slash){_SHUT}", "/"),
        (rf"{_OPEN}(?:@|at){_SHUT}", "@"),
        (rf"{_OPEN}www{_SHUT}", "www"),
        (rf"\s?(?:{_OPEN}{_WORD_DOT}{_SHUT}|<(?:\.|dot)>|\\\.)\s?", "."),
    )
)
_INNER_SCHEME = re.compile(r"hxxps?(?=://)", re.IGNORECASE)
_X_TO_T = str.maketrans("xX", "tT")
_HALF_DOT = re.compile(r"[\[({]\.|\.[\])}]")
_SCHEME = re.compile(
    r"(?:h[tx*]{1,3}p|ttp|tp|h__p|hxp|meow)(s?)\s?(?::\s?[/\\]+|[/\\]{2}|;[/\\]{2}|___)\s?", re.IGNORECASE
)

# An address inside another is defanged with it, and so undone with it.
_INNER = re.compile(r"hxxps?://", re.IGNORECASE)


def _http(match: re.Match[str]) -> str:
    return match[0].replace("x", "t").replace("X", "T")


def refang(text: str) -> str:
    """Return an address as it is to be read: `hxxps[:]//x[.]com/a` becomes `https://x.com/a`.

    Only an address whose scheme or host shows a mark is changed: brackets in a path can be its own.
    """
    while (plain := _refanged_once(text)) != text:
        text = plain
    return text


def _refanged_once(text: str) -> str:
    given = text
    if "[" in text and " " not in text:
        text = text.replace("[.]", ".").replace("[:]", ":")
    while _shows_mark(text):
        before = text
        for mark, plain in _MARKS:
            text = mark.sub(plain, text)
        text = _mend_host(text)
        if text == before:
            break
    scheme = _SCHEME.match(text)
    broken = text != given or (scheme is not None and not scheme[0].lower().startswith("http"))
    start = scheme.end() if scheme else 0
    rest = _INNER.sub(_http, text[start:]) if broken else text[start:]
    return f"http{scheme[1].lower()}://{rest}" if scheme else rest


def _shows_mark(text: str) -> bool:
    if _BRACKET.search(text) is None:
        return False
    head = _HEAD.match(text)
    return head is not None and _MARK.search(head[0]) is not None


def _mend_host(text: str) -> str:
    """Mend half brackets (`x[.com`) in the host only: elsewhere they can be part of the address."""
    start = text.find("//") + 2 if "//" in text else 0
    end = _end_of_host(text, start)
    return text[:start] + _HALF_DOT.sub(".", text[start:end]) + text[end:]


def _end_of_host(text: str, start: int) -> int:
    return min(
        (place for place in (text.find(mark, start) for mark in "/?#") if place >= 0), default=len(text)
    )


def peel(text: str) -> str:
    """Return `text` without the brackets, quotes and punctuation that surround an address in a sentence."""
    start, end = 0, len(text)
    while start < end and (text[start] in _OPENING or text[start].isspace()):
        start += 1
    surplus: dict[str, int] = {}  # closing brackets of each sort that no bracket opens
    while end > start and ((last := text[end - 1]) in _TRAILING or last.isspace() or _is_symbol(last)):
        if last in _CLOSING:
            if last not in surplus:
                surplus[last] = text.count(last, start, end) - text.count(_CLOSING[last], start, end)
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        end -= 1
    return text[start:end]


def _is_symbol(character: str) -> bool:
    """Whether it is an emoji or part of one, which people set right behind an address."""
    return character > "\u2100" and (
        unicodedata.category(character) in ("So", "Sk") or _INVISIBLE.match(character) is not None
    )


def tidy(address: str) -> str:
    """Return the address itself out of what a person pasted; docs/addresses.md tells the steps."""
    text = address.strip()
    while not (_TIDY.fullmatch(text) and text.find("://", 8) < 0) and (tidier := _tidied_once(text)) != text:
        text = tidier
    return text


def _tidied_once(text: str) -> str:
    if not text.isascii() or "&" in text or "\\" in text:
        text = _INVISIBLE.sub("", text).strip()
        while _AMPERSAND.search(text):
            text = _AMPERSAND.sub("&", text)
        text = _ESCAPED_SLASH.sub("/", text)
        if "&" in text:
            for escaped, plain in _ESCAPED:
                text = escaped.sub(plain, text)
    return _TWO_SCHEMES.sub("", peel(refang(peel(text))))


def seal(canonical: str) -> str:
    """Encode what `tidy` would take for punctuation or defanging, so that the address reads back the same."""
    canonical = _INNER.sub(lambda inner: inner[0].replace(":", "%3A"), canonical)
    if _TIDY.fullmatch(canonical):
        return canonical
    start = _end_of_host(canonical, canonical.find("//") + 2)
    rest = canonical[start:]
    if _MARK.search(rest):
        canonical = canonical[:start] + _BRACKET.sub(_encoded, rest)
    while peel(canonical) != canonical:
        canonical = f"{canonical[:-1]}%{ord(canonical[-1]):02X}"
    return canonical


def _encoded(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
