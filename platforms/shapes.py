"""The small language in which rule files describe addresses, and its compilation to patterns.

A shape is a path with captures, and after it the parameters and the fragment that must be there:
`/{user}/status/{id:digits}/**`, `/watch?v={id:video}`, `/#@{user}`. A capture names its character class after
the colon, or is named like it. `/**` lets anything follow, `{junk}` whatever is no part of an identifier.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from platforms.characters import AFTER, BUILT_IN, CharacterClass, ShapeError
from platforms.weburl import decode_value

Classes = dict[str, CharacterClass]

_CAPTURE = re.compile(r"\{(\w+)(?::(\w+))?\}")
_HOST = re.compile(r"(?:(\*|\{\w+(?::\w+)?\})\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*(?:\.\*)?)")
_APP_SCHEME = re.compile(r"[a-z][a-z0-9.-]*:")
_NOT_DOTS = r"(?!\.{1,2}(?:/|$))"  # as a segment they would lead elsewhere
# Whatever follows, `/**`, is no number of its own: `/groups/1/2222222` would be another item than `/groups/1`.
_NO_NUMBER = r"(?!(?:[^/]*/)*[0-9]{6,}(?:/|$))"
_ANYTHING = re.compile(".*", re.DOTALL)


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
    asks: str  # a parameter that must be there; empty if none must
    is_simple: bool  # nothing beside the path is to be looked at, and it is taken as it stands

    def values(
        self, captured: dict[str, str], path: re.Match[str], query: dict[str, str], fragment: str
    ) -> dict[str, str] | None:
        """Return what the shape captures of an address whose path it matches, equal for equal spellings.

        `captured` is what the host's pattern captured. None if a label of the host, a parameter or the
        fragment is not as the shape wants it.
        """
        values = captured | path.groupdict()
        if self.is_simple:
            return values
        for name, pattern in self.labels:
            if name not in captured or pattern.fullmatch(captured[name]) is None:
                return None
        for name, pattern in self.query:
            if name not in query or not _add(pattern, query[name], values):
                return None
        if self.fragment is not None and not _add(self.fragment, decode_value(fragment), values):
            return None
        return self._normalised(values) if self.normalise else values

    def _normalised(self, values: dict[str, str]) -> dict[str, str] | None:
        for name, normalise, pattern in self.normalise:
            plain = normalise(values[name])
            if plain != values[name]:
                if pattern.fullmatch(plain) is None:
                    return None
                values[name] = plain
        return values


def _add(pattern: re.Pattern[str], value: str, values: dict[str, str]) -> bool:
    found = pattern.fullmatch(value)
    if found is not None:
        values |= found.groupdict()
    return found is not None


def compile_shape(text: str, classes: Classes) -> Shape:
    """Return the compiled form of one shape. Raises ShapeError."""
    rest, _, fragment = text.partition("#")
    path, _, query = rest.partition("?")
    labels, slash, path = path.partition("/")
    if not slash or _CAPTURE.sub("", labels):
        raise ShapeError(f"shape {text} must begin with a slash, or with a capture of its host")
    used = _used(text, classes)
    first, second = _segments(path, used)
    is_simple = not (labels or query or fragment or any(made.normalise for made in used.values()))
    return Shape(
        text=text,
        first=first,
        second=second,
        labels=tuple((name, used[name].compiled()) for name, _ in _CAPTURE.findall(labels)),
        path=_path(f"/{path}", used),
        query=tuple(_parameter(part, used) for part in query.split("&") if part),
        fragment=_pattern(fragment, used) if fragment else None,
        normalise=tuple(
            (name, made.normalise, made.compiled()) for name, made in used.items() if made.normalise
        ),
        variables=frozenset([*used, "host", "query"]),
        asks=query.split("&")[-1].partition("=")[0].lower(),
        is_simple=is_simple,
    )


def _used(text: str, classes: Classes) -> Classes:
    """Return the class of each capture, by the capture's name."""
    used: Classes = {}
    for name, kind in _CAPTURE.findall(text):
        if name in used:
            raise ShapeError(f"shape {text} captures a name twice: {name}")
        if (kind or name) not in classes:
            raise ShapeError(f"shape {text} uses the unknown class {kind or name}")
        used[name] = classes[kind or name]
    return used


def _segments(path: str, used: Classes) -> tuple[str, str]:
    first, second, *_ = [*path.split("/"), "**" if path == "**" else ""]
    if any(used[name].spans for name, _ in _CAPTURE.findall(path)):
        second = "**"
    return ("*" if "{" in first else first.lower(), "*" if "{" in second else second.lower())


def _parameter(part: str, used: Classes) -> tuple[str, re.Pattern[str]]:
    name, mark, value = part.partition("=")
    return name.lower(), _pattern(unquote(value), used) if mark else _ANYTHING


def _path(text: str, used: Classes) -> re.Pattern[str]:
    if text.endswith("/**"):
        return _pattern(text[:-3], used, tail=f"(?:[/{AFTER}]{_NO_NUMBER}.*)?")
    return _pattern(text.rstrip("/"), used, tail="/?")


def _pattern(text: str, used: Classes, *, tail: str = "") -> re.Pattern[str]:
    pieces, place = [], 0
    for capture in _CAPTURE.finditer(text):
        pieces.append(_literal(text[place : capture.start()]))
        pieces.append(f"(?P<{capture[1]}>{_NOT_DOTS}{used[capture[1]].pattern})")
        place = capture.end()
    return re.compile("".join(pieces) + _literal(text[place:]) + tail, re.ASCII | re.DOTALL)


def _literal(text: str) -> str:
    if any(mark in text for mark in "{}*"):
        raise ShapeError(f"{text} is not a capture such as {{id:digits}}")
    return f"(?i:{re.escape(text)})" if text else ""


def compile_host(pattern: str) -> tuple[re.Pattern[str] | None, str]:
    """Return what stands before the suffix (None: nothing, an exact host) and the suffix. Raises ShapeError.

    `x.com` is that host alone, `*.x.com` every host below it, `{blog}.x.com` one label below it, captured;
    `google.*` is that name in every country: `google.com`, `google.fr`, `google.com.au`.
    An app scheme is written `tg:`; `*` alone is every host. Shapes may use the whole host as `{host}`.
    """
    if pattern == "*":
        return _ANYTHING, ""
    if _APP_SCHEME.fullmatch(pattern):
        return None, pattern
    match = _HOST.fullmatch(pattern)
    if match is None:
        raise ShapeError("a host is written like x.com, *.x.com, {name}.x.com or, for an app scheme, tg:")
    if match[1] is None:
        return None, match[2]
    if match[1] == "*":
        return re.compile(".+"), match[2]
    name, _, kind = match[1][1:-1].partition(":")
    if (kind or "label") not in BUILT_IN:
        raise ShapeError(f"uses the unknown class {kind}")
    return re.compile(f"(?P<{name}>{BUILT_IN[kind or 'label'].pattern})"), match[2]
