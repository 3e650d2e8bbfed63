"""Hosts that imitate a platform's name: letters drawn alike, one letter changed, the name inside theirs."""

import re
import tomllib
import unicodedata
from pathlib import Path

import ada_url

from platforms.rulebook import PlatformRules

_DRAWN_ALIKE = str.maketrans(
    {
        other: letter
        for letter, others in tomllib.loads(
            Path(__file__).with_name("drawn_alike.toml").read_text(encoding="utf-8")
        ).items()
        for other in others
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_WORDS = re.compile(r"[.-]")
_LEAST_LETTERS = 7  # a shorter name is one letter away from too many honest words


def skeleton(label: str) -> str:
    """Return how a label looks: Latin letters without marks, letters drawn alike replaced."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", label.lower()) if not unicodedata.combining(c))
    return plain.translate(_DRAWN_ALIKE)


class LookalikeTable:
    """The names that platforms are known by, and the hosts that are theirs."""

    def __init__(self, platforms: tuple[PlatformRules, ...]) -> None:
        self._names = {skeleton(name): platform.slug for platform in platforms for name in platform.imitated}
        self._hosts = {
            f".{host}.": platform.slug
            for platform in platforms
            if platform.imitated
            for host in platform.hosts.get("main", ())
        }

    def find(self, host: str) -> str | None:
        """Return the slug of the platform that `host` imitates, or None; `host` belongs to no platform."""
        inside = next((slug for own, slug in self._hosts.items() if own in f".{host}"), None)
        if inside:
            return inside
        found = (self._resembles(label) for label in _WORDS.split(_readable(host)))
        return next((slug for slug in found if slug), None)

    def _resembles(self, label: str) -> str | None:
        looks = skeleton(label)
        for spelling in (looks, *(looks.replace(pair, letter) for pair, letter in _PAIRS)):
            if spelling in self._names:
                return self._names[spelling]
        long_names = ((name, slug) for name, slug in self._names.items() if len(name) >= _LEAST_LETTERS)
        return next((slug for name, slug in long_names if _one_apart(looks, name)), None)


def _readable(host: str) -> str:
    """Return the host without its last label, in the letters that a browser would show."""
    shown = ada_url.idna_to_unicode(host.lower()) if host.isascii() else host
    return shown.rpartition(".")[0]


def _one_apart(one: str, other: str) -> bool:
    """Tell whether one letter is changed, added, left out or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
