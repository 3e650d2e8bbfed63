"""What a captured part of an address may look like: sets of characters with a length, never free patterns.

That way no address can make matching slow, and each file says plainly what an identifier is made of.
"""

import base64
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from platforms.notation import INVISIBLE

LONGEST = 8000
# What no identifier has: behind it, something else was pasted together with the address.
AFTER = r"&?,;|)\]}>\"'\s"
# Spaces other than the plain one.
SPACES = r"\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CHARACTERS = re.compile(r"[\w.~/!$&'()*+,;=:@| -]+", re.ASCII)
_FIELDS = {"chars", "min", "max", "prefix", "unless", "unless_ends", "words", "any_of", "fold", "only_digits"}
_INVISIBLE = re.compile(f"[{INVISIBLE}]")


class ShapeError(ValueError):
    """A shape, class or host pattern that is not in the language; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """What a capture may look like, and how two spellings of the same value are made equal."""

    pattern: str
    normalise: Callable[[str], str] | None = None
    spans: bool = False  # a value may hold slashes

    def compiled(self) -> re.Pattern[str]:
        """Return the pattern by itself."""
        return re.compile(self.pattern, re.ASCII | re.DOTALL)


def only_digits(value: str) -> str:
    """Return the digits of a telephone number, without the leading zeros of an international prefix."""
    return "".join(character for character in value if character in "0123456789").lstrip("0")


def fold_text(value: str) -> str:
    """Return text in any script so that equal words are equal: visible, composed, lower case."""
    visible = unicodedata.normalize("NFC", _INVISIBLE.sub("", value))
    return unicodedata.normalize("NFC", visible.lower())


def from_hex(value: str) -> str:
    """Return a hexadecimal number in decimal digits."""
    return str(int(value, 16))


def undashed(value: str) -> str:
    """Return the host that a proxy wrote as one label: `www-x-com` is `www.x.com`, `a--b-com` is `a-b.com`."""
    return value.replace("--", "\0").replace("-", ".").replace("\0", "-") if "." not in value else value


def from_base64(value: str) -> str:
    """Return the text that base64, plain or safe for addresses, stands for; the value itself if it is none."""
    try:
        return base64.b64decode(
            value + "=" * (-len(value) % 4), b"-_" if "-" in value or "_" in value else None
        ).decode()
    except ValueError:
        return value


BUILT_IN = {
    "digits": CharacterClass("[0-9]{1,25}"),
    "code": CharacterClass("[A-Za-z0-9_-]{1,120}"),
    "hex": CharacterClass("[0-9a-fA-F]{1,64}", str.lower),
    "hex_number": CharacterClass("(?!0+(?![0-9a-fA-F]))[0-9a-fA-F]{1,20}", from_hex),
    "uuid": CharacterClass("[0-9a-fA-F-]{36}", str.lower),
    "word": CharacterClass("[A-Za-z0-9_.-]{1,100}", str.lower),
    "text": CharacterClass(r"[^/?#%\x00-\x1f\x7f]{1,200}", fold_text),
    "tag": CharacterClass(rf"[^/?#%\x00-\x20\x7f{SPACES}]{{1,200}}", fold_text),
    "any": CharacterClass(r"[^/]{1,500}"),
    "rest": CharacterClass(f".{{1,{LONGEST}}}", spans=True),
    "path": CharacterClass(rf"/(?:[^/\\].{{0,{LONGEST}}})?", spans=True),
    "junk": CharacterClass(f"(?:[/{AFTER}].*)?", spans=True),
    "locale": CharacterClass("[a-z]{2}(?:-[a-z]{2,4})?|[a-z]{3}-[a-z]{2}"),
    "dashed": CharacterClass(r"[a-z0-9-]{4,250}|[a-z0-9.-]{4,250}", undashed),
    "base64": CharacterClass(rf"\S{{8,{LONGEST}}}", from_base64, spans=True),
    "hostname": CharacterClass(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}", str.lower),
    "label": CharacterClass("[a-z0-9_-]{1,63}"),
}


def compile_class(row: dict[str, Any]) -> CharacterClass:
    """Return a class from its table in a rule file; docs/addresses.md tells what the table holds.

    Raises ShapeError.
    """
    unknown = sorted(row.keys() - _FIELDS)
    if unknown:
        raise ShapeError(f"unknown field {', '.join(unknown)}")
    if "any_of" in row:
        return CharacterClass(f"(?:{'|'.join(compile_class(part).pattern for part in row['any_of'])})")
    if "words" in row:
        longest_first = sorted(row["words"], key=len, reverse=True)
        return CharacterClass(f"(?i:{'|'.join(map(re.escape, longest_first))})", str.lower)
    made = CharacterClass(_characters(row), _normalise(row), spans="/" in row["chars"])
    try:
        made.compiled()
    except re.error as error:
        raise ShapeError(f"chars cannot be read: {error}") from error
    return made


def _characters(row: dict[str, Any]) -> str:
    chars, least, most = row.get("chars", ""), row.get("min", 1), row.get("max", 100)
    if not _CHARACTERS.fullmatch(chars):
        raise ShapeError("chars must list characters and ranges, such as A-Za-z0-9_")
    if not 0 < least <= most <= LONGEST:
        raise ShapeError(f"min and max must be lengths, 1 to {LONGEST}, min first")
    others = "".join(f"(?!(?i:{re.escape(word)})(?![{chars}]))" for word in row.get("unless", ()))
    others += "".join(f"(?![{chars}]*{re.escape(end)}(?![{chars}]))" for end in row.get("unless_ends", ()))
    end = "(?<!/)" if "/" in chars else ""  # a last slash belongs to the address
    return f"{others}{re.escape(row.get('prefix', ''))}[{chars}]{{{least},{most}}}{end}"


def _normalise(row: dict[str, Any]) -> Callable[[str], str] | None:
    if row.get("only_digits"):
        return only_digits
    return str.lower if row.get("fold") else None
