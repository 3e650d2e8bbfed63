"""How people write addresses in text: defanged, quoted, wrapped in brackets, with invisible characters."""

import re

# Zero-width, direction-changing and other invisible characters.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# Most addresses need no tidying; they have none of the characters that the steps look for.
_TIDY = re.compile(r"https?://[\w/?=%.&#:~@+,!$-]*[\w/=%&#~@+$-]", re.ASCII)

_AMPERSAND = re.compile(r"&(?:amp|#38|#x26);|\\u0026", re.I)
_ESCAPED_SLASH = re.compile(r"\\/|\\u002f", re.I)

_OPENING = "<([{\"'`*|«‹“”„‘‚’「『【《〈（"
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<", "）": "（", "」": "「", "』": "『", "】": "【", "》": "《", "〉": "〈"}
_TRAILING = frozenset(".,;:!?\"'`*|\\»›“”‘’…。、，；：！？،؛؟।" + "".join(_CLOSING))

_DOT = re.compile(
    r"\s?(?:\[\s?(?:\.|dot|punkt|point|punto)\s?\]|\(\s?(?:\.|dot|punkt|point|punto)\s?\)"
    r"|\{\s?(?:\.|dot|punkt|point|punto)\s?\}|<(?:\.|dot)>|\\\.)\s?",
    re.I,
)
_HALF_DOT = re.compile(r"[\[({]\.|\.[\])}]")
_OTHER_MARKS = (
    (re.compile(r"[\[({]\s?:\s?//\s?[\])}]"), "://"),
    (re.compile(r"[\[({]\s?:\s?[\])}]"), ":"),
    (re.compile(r"[\[({]\s?//\s?[\])}]"), "//"),
    (re.compile(r"[\[({]\s?(?:/|slash)\s?[\])}]", re.I), "/"),
    (re.compile(r"[\[({]\s?(?:@|at)\s?[\])}]", re.I), "@"),
    (re.compile(r"[\[({]\s?(?:www)\s?[\])}]", re.I), "www"),
)
_TO_SEAL = re.compile(r"[\[\](){}<>\\]")
_SCHEME_MARK = re.compile(r"[\[({]\s?(h(?:tt|xx|XX)ps?)\s?[\])}]", re.I)
_SCHEME = re.compile(
    r"(?:h[tx*]{1,3}p|ttp|tp|h__p|hxp|meow|nttp)(s?)\s?(?::\s?[/\\]{1,3}|[/\\]{2}|;[/\\]{2}|___)\s?", re.I
)
_MARKED = re.compile(r"[\[({<]\s?(?:[.:/@]|dot|punkt|point|punto|at|slash|www|h(?:tt|xx)ps?)|[.:/@]\s?[\])}]|\\\.", re.I)


def refang(text: str) -> str:
    """Return an address as it is to be read: `hxxps[:]//x[.]com/a` becomes `https://x.com/a`."""
    while _MARKED.search(text):
        before = text
        text = _SCHEME_MARK.sub(r"\1", text)
        for mark, plain in _OTHER_MARKS:
            text = mark.sub(plain, text)
        text = _refang_host(_DOT.sub(".", text))
        if text == before:
            break
    scheme = _SCHEME.match(text)
    if scheme is None:
        return text
    return f"http{scheme[1].lower()}://{text[scheme.end() :]}"


def _refang_host(text: str) -> str:
    """Mend half brackets (`x[.com`) in the host only: elsewhere they can be part of the address."""
    start = text.find("//") + 2 if "//" in text else 0
    end = min((place for place in (text.find(mark, start) for mark in "/?#") if place >= 0), default=len(text))
    return text[:start] + _HALF_DOT.sub(".", text[start:end]) + text[end:]


def defang(address: str) -> str:
    """Return `https://x.com/a` as `hxxps://x[.]com/a`, which no program turns into a link."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        scheme, rest = "", address
    end = min((place for place in map(rest.find, "/?#") if place >= 0), default=len(rest))
    if scheme.lower() in ("http", "https"):
        scheme = "hxxp" + scheme[4:]
    return scheme + mark + rest[:end].replace(".", "[.]") + rest[end:]


def peel(text: str) -> str:
    """Return `text` without the brackets, quotes and punctuation that surround an address in a sentence."""
    start = 0
    while start < len(text) and text[start] in _OPENING:
        start += 1
    end = len(text)
    while end > start and text[end - 1] in _TRAILING:
        opening = _CLOSING.get(text[end - 1])
        if opening and text.count(opening, start, end) >= text.count(text[end - 1], start, end):
            break
        end -= 1
    return text[start:end]


def tidy(address: str) -> str:
    """Return the address itself out of what a person pasted; see docs/addresses.md for the steps."""
    text = address.strip()
    if _TIDY.fullmatch(text):
        return text
    if not text.isascii() or "&" in text or "\\" in text:
        text = _INVISIBLE.sub("", text).strip()
        while _AMPERSAND.search(text):
            text = _AMPERSAND.sub("&", text)
        text = _ESCAPED_SLASH.sub("/", text)
    return peel(refang(peel(text).strip()).strip())


def seal(canonical: str) -> str:
    """Encode what `tidy` would take for punctuation or defanging, so that the address reads back the same."""
    if _TIDY.fullmatch(canonical) or tidy(canonical) == canonical:
        return canonical
    start = canonical.find("/", canonical.find("//") + 2)
    sealed = canonical[:start] + _TO_SEAL.sub(lambda match: f"%{ord(match[0]):02X}", canonical[start:])
    while sealed[-1] in _TRAILING and peel(sealed) != sealed:
        sealed = f"{sealed[:-1]}%{ord(sealed[-1]):02X}"
    return sealed
