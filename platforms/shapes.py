"""The small language in which rule files describe addresses, and its compilation to patterns.

A shape is a path with captures, and after it the parameters and the fragment that must be there:
`/{user}/status/{id:digits}/**`, `/watch?v={id:video}`, `/#@{user}`. A capture names its character class after the
colon, or is named like it. `/**` lets anything follow, `{junk}` anything that is no part of an identifier. No free patterns: a class is a set of characters and a
length, so that no address can make matching slow.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from platforms.notation import INVISIBLE
from platforms.weburl import decode_value

_CAPTURE = re.compile(r"\{(\w+)(?::(\w+))?\}")
_CHARACTERS = re.compile(r"[\w.~/!$&'()*+,;=:@| -]+", re.ASCII)
_CLASS_FIELDS = {"chars", "min", "max", "prefix", "unless", "words", "any_of", "fold", "only_digits"}
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_HOST = re.compile(r"(?:(\*|\{\w+(?::\w+)?\})\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*)?")

_AFTER = r"&?,;|)\]}>\"'\s"  # what no identifier has: behind it the address was pasted together with something
_NOT_DOTS = r"(?!\.{1,2}(?:/|$))"  # as a segment they would lead elsewhere


class ShapeError(ValueError):
    """A shape, class or host pattern that is not in the language; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """What a capture may look like, and how two spellings of the same value are made equal."""

    pattern: str
    normalise: Callable[[str], str] | None = None
    spans: bool = False  # a value may hold slashes


@dataclass(frozen=True, slots=True)
class Shape:
    """One compiled form of address."""

    text: str
    first: str  # literal first segment in lower case, "*" for a captured one, "**" for whatever comes
    second: str  # likewise; empty if there is none
    labels: tuple[tuple[str, re.Pattern[str]], ...]  # what the host's pattern must have captured
    path: re.Pattern[str]
    query: tuple[tuple[str, re.Pattern[str]], ...]
    fragment: re.Pattern[str] | None
    normalise: tuple[tuple[str, Callable[[str], str], re.Pattern[str]], ...]
    variables: frozenset[str]

    def values(
        self, captured: dict[str, str], path: re.Match[str], query: dict[str, str], fragment: str
    ) -> dict[str, str] | None:
        """Return what the shape captures of an address whose path it matches, made equal for equal spellings.

        `captured` is what the host's pattern captured. None if a label of the host, a parameter or the fragment is not
        as the shape wants it.
        """
        values = captured | path.groupdict()
        for name, pattern in self.labels:
            if name not in captured or pattern.fullmatch(captured[name]) is None:
                return None
        for name, pattern in self.query:
            found = pattern.fullmatch(query[name]) if name in query else None
            if found is None:
                return None
            values |= found.groupdict()
        if self.fragment is not None:
            found = self.fragment.fullmatch(decode_value(fragment))
            if found is None:
                return None
            values |= found.groupdict()
        for name, normalise, pattern in self.normalise:
            plain = normalise(values[name])
            if plain != values[name]:
                if pattern.fullmatch(plain) is None:
                    return None
                values[name] = plain
        return values


def only_digits(value: str) -> str:
    """Return the digits of a telephone number, without the leading zeros of an international prefix."""
    return "".join(character for character in value if character in "0123456789").lstrip("0")


def fold_text(value: str) -> str:
    """Return text in any script so that equal words are equal: composed, without invisible characters, lower case."""
    visible = _INVISIBLE.sub("", value)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).lower())


BUILT_IN = {
    "digits": CharacterClass("[0-9]{1,25}"),
    "code": CharacterClass("[A-Za-z0-9_-]{1,120}"),
    "hex": CharacterClass("[0-9a-fA-F]{1,64}", str.lower),
    "uuid": CharacterClass("[0-9a-fA-F-]{36}", str.lower),
    "word": CharacterClass("[A-Za-z0-9_.-]{1,100}", str.lower),
    "text": CharacterClass(r"[^/?#%\x00-\x1f\x7f]{1,200}", fold_text),
    "tag": CharacterClass(r"[^/?#%\x00-\x20\x7f]{1,200}", fold_text),
    "any": CharacterClass(r"[^/]{1,500}"),
    "rest": CharacterClass(r".{1,8000}", spans=True),
    "path": CharacterClass(r"/(?:[^/\\].{0,8000})?", spans=True),
    "hex_number": CharacterClass("[0-9a-fA-F]{1,20}", lambda value: str(int(value, 16))),
    "junk": CharacterClass(rf"(?:[/{_AFTER}].*)?", spans=True),
    "locale": CharacterClass("[a-z]{2}(?:-[a-z]{2})?"),
    "hostname": CharacterClass(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}", str.lower),
    "label": CharacterClass("[a-z0-9_-]{1,63}"),
}


def compile_class(row: dict[str, Any]) -> CharacterClass:
    """Return a class from its table in a rule file: `chars`, `min`, `max`, `prefix`, `unless`; or `words`.

    Raises ShapeError.
    """
    unknown = sorted(row.keys() - _CLASS_FIELDS)
    if unknown:
        raise ShapeError(f"unknown field {', '.join(unknown)}")
    if "any_of" in row:
        return CharacterClass(f"(?:{'|'.join(compile_class(part).pattern for part in row['any_of'])})")
    if "words" in row:
        pattern = f"(?i:{'|'.join(map(re.escape, sorted(row['words'], key=len, reverse=True)))})"
        return CharacterClass(pattern, str.lower)
    chars, least, most = row.get("chars", ""), row.get("min", 1), row.get("max", 100)
    if not _CHARACTERS.fullmatch(chars):
        raise ShapeError("chars must list characters and ranges, such as A-Za-z0-9_")
    if not 0 < least <= most <= 8000:
        raise ShapeError("min and max must be lengths, 1 to 8000, min first")
    others = "".join(f"(?!(?i:{re.escape(word)})(?![{chars}]))" for word in row.get("unless", ()))
    pattern = f"{others}{re.escape(row.get('prefix', ''))}[{chars}]{{{least},{most}}}"
    try:
        re.compile(pattern)
    except re.error as error:
        raise ShapeError(f"chars cannot be read: {error}") from error
    normalise = only_digits if row.get("only_digits") else str.lower if row.get("fold") else None
    return CharacterClass(pattern, normalise, spans="/" in chars)


def compile_shape(text: str, classes: dict[str, CharacterClass]) -> Shape:
    """Return the compiled form of one shape. Raises ShapeError."""
    rest, _, fragment = text.partition("#")
    path, _, query = rest.partition("?")
    labels, slash, path = path.partition("/")
    if not slash or _CAPTURE.sub("", labels):
        raise ShapeError(f"shape {text} must begin with a slash, or with a capture of its host")
    captures = _CAPTURE.findall(text)
    names = [name for name, _ in captures]
    if len(names) != len(set(names)):
        raise ShapeError(f"shape {text} captures a name twice")
    try:
        used = {name: classes[kind or name] for name, kind in captures}
    except KeyError as error:
        raise ShapeError(f"shape {text} uses the unknown class {error}") from error
    first, second, *_ = (_segment(part) for part in [*path.split("/"), path if path == "**" else ""])
    if any(used[name].spans for name, _ in _CAPTURE.findall(path)):
        second = "**"
    return Shape(
        text=text,
        first=first,
        second=second,
        labels=tuple((name, re.compile(used[name].pattern, re.ASCII)) for name, _ in _CAPTURE.findall(labels)),
        path=_pattern(f"/{path}", used, is_path=True),
        query=tuple(_parameter(part, used) for part in query.split("&") if part),
        fragment=_pattern(fragment, used) if fragment else None,
        normalise=tuple(
            (name, made.normalise, re.compile(made.pattern, re.ASCII)) for name, made in used.items() if made.normalise
        ),
        variables=frozenset([*names, "host"]),
    )


def _segment(text: str) -> str:
    return "*" if "{" in text else text.lower()


def _parameter(part: str, used: dict[str, CharacterClass]) -> tuple[str, re.Pattern[str]]:
    name, mark, value = part.partition("=")
    return name.lower(), _pattern(unquote(value), used) if mark else re.compile(".*", re.DOTALL)


def _pattern(text: str, used: dict[str, CharacterClass], *, is_path: bool = False) -> re.Pattern[str]:
    tail = ""
    if text.endswith("/**"):
        text, tail = text[:-3], rf"(?:[/{_AFTER}].*)?"
    elif is_path:
        text, tail = text.rstrip("/"), "/?"
    pieces, place = [], 0
    for capture in _CAPTURE.finditer(text):
        pieces.append(_literal(text[place : capture.start()]))
        pieces.append(f"(?P<{capture[1]}>{_NOT_DOTS}{used[capture[1]].pattern})")
        place = capture.end()
    return re.compile("".join(pieces) + _literal(text[place:]) + tail, re.ASCII | re.DOTALL)


def _literal(text: str) -> str:
    if "{" in text or "}" in text or "*" in text:
        raise ShapeError(f"{text} is not a capture such as {{id:digits}}")
    return f"(?i:{re.escape(text)})" if text else ""


def compile_host(pattern: str) -> tuple[re.Pattern[str] | None, str]:
    """Return what stands before the suffix (None: nothing, an exact host) and the suffix. Raises ShapeError.

    `x.com` is that host alone, `*.x.com` every host below it, `{blog:word}.x.com` one label below it, captured.
    An app scheme is written `tg:`; `*` alone is every host. Shapes may use the whole host as `{host}`.
    """
    if pattern == "*":
        return re.compile(".*"), ""
    if pattern.endswith(":") and pattern[:-1].replace("-", "").replace(".", "").isalnum():
        return None, pattern
    match = _HOST.fullmatch(pattern)
    if match is None or not match[2]:
        raise ShapeError("a host is written like x.com, *.x.com, {name:word}.x.com or, for an app scheme, tg:")
    if match[1] is None:
        return None, match[2]
    if match[1] == "*":
        return re.compile(".+"), match[2]
    name, _, kind = match[1][1:-1].partition(":")
    return re.compile(f"(?P<{name}>{BUILT_IN[kind or 'label'].pattern})"), match[2]
