"""Hosts that imitate a platform's name: letters that look alike, one letter changed, the name inside another's."""

import re
import unicodedata

import ada_url

from platforms.rulebook import PlatformRules

# Letters of other scripts, and digits, drawn like a Latin one (from UTS 39, those that a host name can hold).
_DRAWN_ALIKE = str.maketrans(
    {
        ord(other): letter
        for letter, others in {
            "a": "аɑαạᴀ4@", "b": "ЬƅВᏏ", "c": "сϲᴄ", "d": "ԁɗ", "e": "еҽєẹɛ3", "f": "ƒք", "g": "ɡցԍ9", "h": "һհ",
            "i": "іιıɩɪ", "j": "јϳ", "k": "кκᴋ", "l": "1ⅼӏ|ł", "m": "мᴍⅿ", "n": "ոпᴎ", "o": "оοօσ0ᴏø",
            "p": "рρ", "q": "ԛգ", "r": "гᴦɾ", "s": "ѕꜱ5", "t": "тτᴛŧ", "u": "υսᴜʋ", "v": "ѵνᴠ", "w": "ԝωա", "x": "хχ",
            "y": "уγүʏ", "z": "ᴢʐ2",
        }.items()
        for other in others
    }
)  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_WORDS = re.compile(r"[.-]")
_LEAST_LETTERS = 7  # a shorter name is one letter away from too many honest words


def skeleton(label: str) -> str:
    """Return how a label looks: Latin letters without marks, look-alike letters replaced."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", label.lower()) if not unicodedata.combining(c))
    return plain.translate(_DRAWN_ALIKE)


class LookalikeTable:
    """The names that platforms want to be known by, and the hosts that are theirs."""

    def __init__(self, platforms: tuple[PlatformRules, ...]) -> None:
        self._names = {skeleton(name): platform.slug for platform in platforms for name in platform.imitated}
        self._hosts = {
            f".{host}.": platform.slug
            for platform in platforms
            for host in platform.hosts.get("main", ())
            if host.count(".") and platform.imitated and host[0] not in "*{"
        }

    def find(self, host: str) -> str | None:
        """Return the slug of the platform that `host` imitates, or None; `host` belongs to no platform."""
        inside = next((slug for own, slug in self._hosts.items() if own in f".{host}"), None)
        if inside:
            return inside
        for label in _WORDS.split(_readable(host)):
            slug = self._resembles(label)
            if slug:
                return slug
        return None

    def _resembles(self, label: str) -> str | None:
        looks = skeleton(label)
        for spelling in (looks, *(looks.replace(pair, letter) for pair, letter in _PAIRS)):
            if spelling in self._names:
                return self._names[spelling]
        return next(
            (slug for name, slug in self._names.items() if len(name) >= _LEAST_LETTERS and _one_apart(looks, name)),
            None,
        )


def _readable(host: str) -> str:
    """Return the host without its last label, in the letters that a browser would show."""
    return ada_url.idna_to_unicode(host.lower()).rpartition(".")[0] if host.isascii() else host.rpartition(".")[0]


def _one_apart(one: str, other: str) -> bool:
    """Tell whether one letter is changed, added, left out or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
