"""HTML mail as plain text: words only, what is quoted marked by “>”; pure.

Read by a scanner of our own that looks at each character once: the library's parser can be kept busy for hours.
"""

import re
from collections.abc import Iterator
from html import unescape

SILENT = frozenset({"script", "style", "head", "title", "template", "svg", "noscript"})
BREAKING = frozenset(
    {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "pre", "blockquote", "br"}
)
EMPTY = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "wbr", "base", "area"})
TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,20})([^<>]{0,5000})>")
NAMES = re.compile(r"\b(?:class|id)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"']+)", re.IGNORECASE)
# What mail programs call the block that holds the letter replied to.
QUOTING = re.compile(r"gmail_quote|moz-cite-prefix|yahoo_quoted|protonmail_quote|zimbra_quote|tutanota_quote")
FROM_HERE_ON = re.compile(r"divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|stopSpelling")
UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
REST_IS_QUOTED = ("-----Original Message-----", "")
MOST_DEPTH, MOST_MARKS = 200, 5


class _Text:
    def __init__(self) -> None:
        self.lines: list[str] = [""]
        self.open: list[
            tuple[str, bool, bool]
        ] = []  # each element with whether it quotes, and whether it is unseen

    def begin(self, tag: str, attributes: str) -> None:
        named = " ".join(NAMES.findall(attributes)) if attributes else ""
        if FROM_HERE_ON.search(named):
            self.end_line()
            self.lines += REST_IS_QUOTED
        if tag in BREAKING:
            self.end_line()
        if tag in {"td", "th"} and self.lines[-1].strip():
            self.lines[-1] += " "
        if tag not in EMPTY and len(self.open) < MOST_DEPTH:
            quotes = tag == "blockquote" or bool(QUOTING.search(named))
            self.open.append((tag, quotes, bool(attributes) and bool(UNSEEN.search(attributes))))

    def end(self, tag: str) -> None:
        if tag in BREAKING:
            self.end_line()
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def say(self, text: str) -> None:
        if any(unseen for _, _, unseen in self.open):
            return
        words = re.sub(r"\s+", " ", unescape(text))
        if not self.lines[-1] and words.strip():
            self.lines[-1] = "> " * min(sum(quotes for _, quotes, _ in self.open), MOST_MARKS)
        if self.lines[-1] or words.strip():
            self.lines[-1] += words

    def end_line(self) -> None:
        if self.lines[-1]:
            self.lines.append("")


def as_text(html: str) -> str:
    """The words of an HTML body, a line for each block."""
    text = _Text()
    for closing, tag, inside in _pieces(html):
        if not tag:
            text.say(inside)
        elif closing:
            text.end(tag)
        else:
            text.begin(tag, inside)
    return "\n".join(line.rstrip() for line in text.lines)


def _pieces(html: str) -> Iterator[tuple[str, str, str]]:
    """Tags as (“/” or nothing, name, attributes), and words as (nothing, nothing, words)."""
    place, end = 0, len(html)
    while place < end:
        if html.startswith(("<!", "<?"), place):
            place = _behind(html, "-->" if html.startswith("<!--", place) else ">", place)
        elif (found := TAG.match(html, place)) is not None:
            name = found[2].lower()
            if name in SILENT and not found[1]:
                closed = re.compile(rf"</{name}\b", re.IGNORECASE).search(html, found.end())
                place = _behind(html, ">", closed.start()) if closed else end
                continue
            yield found[1], name, found[3]
            place = found.end()
        else:
            next_tag = html.find("<", place + 1)
            next_tag = end if next_tag < 0 else next_tag
            yield "", "", html[place:next_tag]
            place = next_tag


def _behind(html: str, mark: str, place: int) -> int:
    """Behind the next mark; where there is none, behind everything."""
    found = html.find(mark, place)
    return len(html) if found < 0 else found + len(mark)
