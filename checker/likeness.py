"""How much of a captured page a page of today still shows."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from checker.observed import Fingerprint
from checker.page import Page, fold

_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff]")  # numbers count likes and views: they change
_TOLD = ("og:title", "og:description", "twitter:title", "twitter:description", "description", "og:image:alt")
_PICTURES = ("og:image", "twitter:image", "og:video", "og:video:url")
_ARTICLE = frozenset({"articlebody", "text", "headline", "description", "caption", "name"})
_GROUP = 3  # words
_MOST_SALIENT, _MOST_REST = 400, 120
_ENOUGH = 2  # groups, for a comparison to mean something


def taken(page: Page) -> Fingerprint:
    """Return the fingerprint of a page that was captured live."""
    whole = _groups([page.text])
    salient = list(dict.fromkeys(_groups(_said(page)) or _groups([page.title, *page.headings, page.main])))
    kept = set(salient)
    rest = [group for group in dict.fromkeys(whole) if group not in kept]
    step = max(1, len(rest) // _MOST_REST)
    return Fingerprint(salient[:_MOST_SALIENT], rest[::step][:_MOST_REST], len(page.text))


def is_telling(fingerprint: Fingerprint) -> bool:
    return len(fingerprint.salient) >= _ENOUGH


def kept(fingerprint: Fingerprint, page: Page) -> tuple[float, float]:
    """Return the shares of what the fingerprint told, and of the rest of its page, that `page` still shows (0 to 1)."""
    shown = set(_groups([page.text, *_said(page)]))
    return _share(fingerprint.salient, shown), _share(fingerprint.rest, shown)


def similar(page: Page, other: Page) -> float:
    """Return which share of the two pages' text is common to both (0 to 1)."""
    one, two = set(_groups([page.title, page.text])), set(_groups([other.title, other.text]))
    return len(one & two) / len(one | two) if one | two else 1.0


def _share(groups: list[int], shown: set[int]) -> float:
    return sum(group in shown for group in groups) / len(groups) if groups else 0.0


def _said(page: Page) -> list[str]:
    """What a page says about its subject, folded."""
    said = [fold(page.meta[name]) for name in _TOLD if name in page.meta]
    said += [fold(text) for text in articles(page)]
    said += [page.title, *page.headings] if said else []
    return said + [
        fold(page.meta[name].partition("?")[0].rpartition("/")[2]) for name in _PICTURES if name in page.meta
    ]


def articles(page: Page) -> Iterator[str]:
    """Yield the texts of the page's structured data, as written."""
    for written in page.structured:
        try:
            yield from _articles(json.loads(written), 0)
        except (ValueError, RecursionError):
            continue


def _articles(part: Any, depth: int) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(part, list):
        for each in part:
            yield from _articles(each, depth + 1)
    elif isinstance(part, dict):
        for name, value in part.items():
            if isinstance(value, str) and name.lower() in _ARTICLE:
                yield value
            elif isinstance(value, dict | list):
                yield from _articles(value, depth + 1)


def _groups(texts: Iterable[str]) -> list[int]:
    """Return each run of three words of each text as a number; a shorter text as one."""
    groups = []
    for text in texts:
        words = _WORD.findall(text)
        for place in range(max(1, len(words) - _GROUP + 1) if words else 0):
            groups.append(zlib.crc32(" ".join(words[place : place + _GROUP]).encode()))
    return groups
