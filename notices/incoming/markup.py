"""HTML mail as plain text: words only, what is quoted marked by “>”; pure."""

import re
from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "head", "title", "template", "svg", "noscript"})
BREAKING = frozenset(
    {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "pre", "blockquote"}
)
EMPTY = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "wbr", "base", "area"})
# What mail programs call the block that holds the letter replied to.
QUOTING = re.compile(r"gmail_quote|moz-cite-prefix|yahoo_quoted|protonmail_quote|zimbra_quote|tutanota_quote")
FROM_HERE_ON = re.compile(r"divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|stopSpelling")
REST_IS_QUOTED = "\n-----Original Message-----\n"
MOST_DEPTH = 200


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.open: list[tuple[str, bool]] = []  # each element with whether it quotes
        self.silent = 0

    @property
    def quoted(self) -> int:
        return min(sum(quotes for _, quotes in self.open), 5)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = " ".join(value or "" for name, value in attrs if name in {"class", "id"})
        if FROM_HERE_ON.search(named):
            self._break()
            self.lines += REST_IS_QUOTED.split("\n")
        if tag == "br" or tag in BREAKING:
            self._break()
        if tag in {"td", "th"} and self.lines[-1].strip():
            self.lines[-1] += " "
        if tag in EMPTY or len(self.open) >= MOST_DEPTH:
            return
        self.silent += tag in SILENT
        self.open.append((tag, tag == "blockquote" or bool(QUOTING.search(named))))

    def handle_endtag(self, tag: str) -> None:
        if tag in BREAKING:
            self._break()
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                self.silent -= sum(name in SILENT for name, _ in self.open[place:])
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        words = re.sub(r"\s+", " ", data)
        if not self.lines[-1] and words.strip():
            self.lines[-1] = "> " * self.quoted
        if self.lines[-1] or words.strip():
            self.lines[-1] += words

    def _break(self) -> None:
        if self.lines[-1]:
            self.lines.append("")


def as_text(html: str) -> str:
    """The words of an HTML body, a line for each block."""
    parser = _Text()
    try:
        parser.feed(html)
        parser.close()
    except AssertionError:  # the library's own, at some broken declarations
        parser._break()
    return "\n".join(line.rstrip() for line in parser.lines)
