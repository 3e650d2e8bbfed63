"""A page as a visitor without scripts sees it: text, headings and what it says of itself. Linear in its length."""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 3_000_000  # characters that are read of a page
LONGEST_HEAD = 1_000  # of its title, and of each heading
MOST_HEADINGS = 100
MOST_STRETCHES = 400

_MARKUP = re.compile(r"<(?:[a-zA-Z]|/[a-zA-Z]|[!?])")
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*)((?:=\s*"[^"]*"|=\s*'[^']*'|[^>=]+|=)*+)(?:>|\Z)""",
)
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?""")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RAW = frozenset({"script", "style", "title", "textarea", "noscript", "template", "iframe", "xmp", "noembed"})
_ENDS = {name: re.compile(rf"</{name}(?=[\s/>]|\Z)[^>]*>?", re.IGNORECASE) for name in _RAW}
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_ASIDE = frozenset({"nav", "footer", "aside", "select"})
_HEADINGS = frozenset({"h1", "h2"})
_REFRESH = re.compile(r"\s*([0-9]{1,3})[\d.]*\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_PLANES = (*range(0x20000), *range(0xE0000, 0xE1000))  # there is nothing unseen in the others
_UNSEEN = re.compile(f"[{''.join(chr(sign) for sign in _PLANES if unicodedata.category(chr(sign)) == 'Cf')}]")
_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'", "\u201c": '"', "\u201d": '"'}
)


def fold(text: str) -> str:
    """Return text to look phrases up in: one case, plain quotes, single spaces, nothing that nobody sees."""
    plain = unicodedata.normalize("NFKC", text.translate(_QUOTES))
    visible = plain if plain.isascii() else _UNSEEN.sub("", plain[:LONGEST])
    return _SPACES.sub(" ", visible.lower()).strip()


@dataclass
class Page:
    """All texts folded (see `fold`), but `meta`, `canonical`, `refresh`, `structured` and `stretches`, as written."""

    title: str = ""
    headings: list[str] = field(default_factory=list)
    text: str = ""  # all that is visible
    main: str = ""  # the same without navigation, footer and asides
    stretches: list[str] = field(default_factory=list)  # of `main`, what stands between two tags, as written
    meta: dict[str, str] = field(
        default_factory=dict
    )  # by name or property, in lower case; the first of each
    canonical: str = ""
    refresh: str = ""  # where the page sends its visitor within five seconds
    asks_password: bool = False
    structured: list[str] = field(default_factory=list)  # JSON-LD
    source: str = ""  # the body in lower case, scripts and all


def read(body: str) -> Page:
    """Read the page; anything at all is read as something."""
    reader = _read(body[:LONGEST])
    page = reader.page
    page.text, page.main = fold(" ".join(reader.text)), fold(" ".join(reader.main))
    page.stretches = reader.main[:MOST_STRETCHES]
    heads = (fold(" ".join(parts)[:LONGEST_HEAD]) for parts in reader.headings[:MOST_HEADINGS])
    page.headings = [told for told in heads if told]
    page.source = body[:LONGEST].lower()
    return page


def lines(body: str) -> str:
    """Return what a visitor without scripts would read, as written, a line for each stretch between two tags."""
    texts = _read(body[:LONGEST]).text
    return "\n".join(line for text in texts for part in text.splitlines() if (line := _tidy(part)))


def _read(body: str) -> "_Reader":
    reader = _Reader()
    if "<" in body:
        reader.read(body)
    else:
        reader.tell(body)
    return reader


def _tidy(line: str) -> str:
    return _SPACES.sub(" ", line).strip()


class _Reader:
    def __init__(self) -> None:
        self.page = Page()
        self.text: list[str] = []
        self.main: list[str] = []
        self.headings: list[list[str]] = []
        self.within: dict[str, int] = {}  # open elements of `_ASIDE` and `_HEADINGS`, by name
        self.hidden, self.depth = "", 0  # the hidden element we are in, and how many of its name are open

    def read(self, body: str) -> None:
        place = 0
        while place < len(body):
            found = _MARKUP.search(body, place)
            start = found.start() if found else len(body)
            self.tell(body[place:start])
            place = self._markup(body, start) if found else start

    def _markup(self, body: str, start: int) -> int:
        """Read what begins at `<`; return where it ends."""
        if body.startswith("<!--", start):
            return _after(body, "-->", start + 4)
        if body.startswith(("<!", "<?"), start):
            return _after(body, ">", start)
        tag = _TAG.match(body, start)
        assert tag is not None  # what begins as a tag has an end, be it the page's
        name = tag[2].lower()
        if tag[1]:
            self._closed(name)
            return tag.end()
        attributes = dict(_attributes(tag[3]))
        if name in _RAW:
            end = _ENDS[name].search(body, tag.end())
            self._raw(name, attributes, body[tag.end() : end.start() if end else len(body)])
            return end.end() if end else len(body)
        self._opened(name, attributes)
        return tag.end()

    def tell(self, text: str) -> None:
        if self.hidden or not text or text.isspace():
            return
        text = html.unescape(text)
        self.text.append(text)
        if not any(self.within.get(name) for name in _ASIDE):
            self.main.append(text)
        if any(self.within.get(name) for name in _HEADINGS) and self.headings:
            self.headings[-1].append(text)

    def _raw(self, name: str, attributes: dict[str, str], content: str) -> None:
        if name == "title" and not self.page.title:
            self.page.title = fold(html.unescape(content[:LONGEST_HEAD]))
        elif name == "script" and "ld+json" in attributes.get("type", ""):
            self.page.structured.append(content)

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        if name in _VOID:
            self._void(name, attributes)
        elif self.hidden:
            self.depth += name == self.hidden
        elif (
            "hidden" in attributes
            or (name == "dialog" and "open" not in attributes)
            or _HIDDEN_STYLE.search(attributes.get("style", ""))
        ):
            self.hidden, self.depth = name, 1
        elif name in _ASIDE or name in _HEADINGS:
            self.within[name] = self.within.get(name, 0) + 1
            if name in _HEADINGS:
                self.headings.append([])

    def _closed(self, name: str) -> None:
        if self.hidden:
            self.depth -= name == self.hidden
            self.hidden = self.hidden if self.depth else ""
        elif self.within.get(name):
            self.within[name] -= 1

    def _void(self, name: str, attributes: dict[str, str]) -> None:
        if name == "meta":
            self._meta(attributes)
        elif name == "link" and "canonical" in attributes.get("rel", "").lower().split():
            self.page.canonical = self.page.canonical or attributes.get("href", "")
        elif name == "input" and attributes.get("type", "").lower() == "password" and not self.hidden:
            self.page.asks_password = True

    def _meta(self, attributes: dict[str, str]) -> None:
        content = attributes.get("content", "")
        name = (
            attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        ).lower()
        if name and content:
            self.page.meta.setdefault(name, content)
        if attributes.get("http-equiv", "").lower() == "refresh":
            refresh = _REFRESH.match(content)
            if refresh and int(refresh[1]) <= 5:
                self.page.refresh = refresh[2].strip()


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for name, value in reversed(_ATTRIBUTE.findall(text)):  # of equal names the first counts
        yield name.lower(), html.unescape(value.strip("\"'"))


def _after(body: str, end: str, start: int) -> int:
    place = body.find(end, start)
    return len(body) if place < 0 else place + len(end)
