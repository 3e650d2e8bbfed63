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
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "GEORGIAN", "COPTIC")
_LEAST_LETTERS = 7  # a shorter name is one letter away from too many honest words


def skeleton(label: str) -> str:
    """Return how a label looks: Latin letters without marks, letters drawn alike replaced."""
    plain = label.lower()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return plain.translate(_DRAWN_ALIKE)


class LookalikeTable:
    """The names that platforms are known by, and the hosts that are theirs."""

    def __init__(self, platforms: tuple[PlatformRules, ...]) -> None:
        self._names = {skeleton(name): platform.slug for platform in platforms for name in platform.imitated}
        self._long = tuple((name, slug) for name, slug in self._names.items() if len(name) >= _LEAST_LETTERS)
        self._hosts = {
            f".{host}.": platform.slug
            for platform in platforms
            if platform.imitated
            for role in platform.hosts.keys() & {"main", "short", "message", "invite", "chat"}
            for host in platform.hosts[role]
            if "{" not in host and "*" not in host
        }

    def find(self, host: str) -> str | None:
        """Return the slug of the platform that `host` imitates, or None; `host` belongs to no platform."""
        written = f".{host}".replace("-", ".")
        inside = next((slug for own, slug in self._hosts.items() if own in written), None)
        if inside:
            return inside
        readable = _readable(host)
        labels = dict.fromkeys([*_WORDS.split(readable), *readable.replace("-", "").split(".")])
        found = (self._resembles(label) for label in labels)
        return next((slug for slug in found if slug), None)

    def _resembles(self, label: str) -> str | None:
        looks = skeleton(label)
        for spelling in (looks, *(looks.replace(pair, letter) for pair, letter in _PAIRS)):
            if spelling in self._names:
                return self._names[spelling]
        if len(looks) < _LEAST_LETTERS - 1:
            return None
        return next((slug for name, slug in self._long if name in looks or _one_apart(looks, name)), None)


def has_mixed_scripts(host: str) -> bool:
    """Whether a label mixes Latin letters with those of another script that holds letters drawn alike (UTS 39)."""
    if host.isascii() and "xn--" not in host.lower():
        return False
    return any(
        len({script for letter in label if (script := _script(letter))}) > 1
        for label in _readable(host).split(".")
    )


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "") if letter.isalpha() else ""
    return next((script for script in _SCRIPTS if name.startswith(script)), "")


def _readable(host: str) -> str:
    """Return the host without its last label, in the letters that a browser would show."""
    shown = ada_url.idna_to_unicode(host.lower()) if "xn--" in host.lower() and host.isascii() else host
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
