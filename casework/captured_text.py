"""The words of an exhibit: what was written to it, and what stands in a captured page or text."""

from html.parser import HTMLParser

from casework import store
from casework.models import Evidence

MOST_BYTES = 1024**2
PAGE, PLAIN = "text/html", "text/plain"
SILENT = frozenset({"script", "style", "noscript", "template", "svg"})


class _Words(HTMLParser):
    """Text of a page as a reader sees it, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


def words(exhibit: Evidence) -> str:
    """Its description, and of a captured page or text what stands in the first megabyte, if the file is still kept."""
    return f"{exhibit.description}\n{_content(exhibit)}".strip()


def _content(exhibit: Evidence) -> str:
    media_type = exhibit.media_type.partition(";")[0].strip().lower()
    path = store.path(exhibit.sha256)
    if media_type not in (PAGE, PLAIN) or not path.is_file():
        return ""
    with path.open("rb") as file:
        text = file.read(MOST_BYTES).decode("utf-8", "replace").replace("\0", " ")
    return _of_page(text) if media_type == PAGE else text


def _of_page(text: str) -> str:
    parser = _Words()
    parser.feed(text)
    parser.close()
    return " ".join(" ".join(parser.words).split())
