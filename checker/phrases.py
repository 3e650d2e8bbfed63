"""Phrases to look for on pages: plain words, with (a|b|) for alternatives and * for up to 80 characters."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).parent / "phrases.toml"
_PARTS = re.compile(r"[()|*]|[^()|*]+")
_LONGEST = 2000  # characters of one phrase
_NO_WORDS = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
Needles = list[str]  # of which at least one is in every text that holds the phrase; none: nobody can say


class BadPhrase(ValueError):
    """Not a phrase of this language."""


class Phrase(NamedTuple):
    written: str
    needles: Needles
    pattern: re.Pattern[str]  # for text that is folded, see `page.fold`


def compile_phrase(written: str) -> Phrase:
    """Return the phrase, ready to look for; raises `BadPhrase`."""
    if not isinstance(written, str) or not 0 < len(written) <= _LONGEST or written != written.lower():
        raise BadPhrase(f"a phrase is text in lower case: {written!r}")
    parts = _PARTS.findall(written)
    pattern = "".join(_part(part) for part in parts)
    try:
        # Where words are written apart, a phrase begins with a whole word; endings may go on (verletzt, verletzung).
        begin = "" if _NO_WORDS.search(written) else r"(?<!\w)"
        end = r"(?!\d)" if written[-1].isdigit() else ""
        return Phrase(written, _needles(parts), re.compile(f"{begin}(?:{pattern}){end}", re.DOTALL))
    except (re.error, IndexError) as error:
        raise BadPhrase(f"the brackets of this phrase do not match: {written}") from error


def _part(part: str) -> str:
    if part == "(":
        return "(?:"
    if part == "*":
        return "[^·]{0,80}?"  # not from one heading into the next: a look puts "·" between them
    return part if part in ")|" else re.escape(part)


def _needles(parts: list[str]) -> Needles:
    """Return the best needles of any one stretch of the phrase: the longer the shortest of them, the better."""
    sequences: list[list[Needles]] = [
        []
    ]  # what each alternative must hold, of the innermost open bracket last
    open_brackets: list[list[list[Needles]]] = []
    for part in parts:
        if part == "(":
            open_brackets.append(sequences)
            sequences = [[]]
        elif part == ")":
            inner, sequences = _either(sequences), open_brackets.pop()
            sequences[-1].append(inner)
        elif part == "|":
            sequences.append([])
        elif part != "*":
            sequences[-1].append([part])
    return _either(sequences)


def _either(alternatives: list[list[Needles]]) -> Needles:
    """Return the needles of one of several alternatives: the best of each; none if one of them has none."""
    best = [max(alternative, key=_weight, default=[]) for alternative in alternatives]
    return [needle for needles in best for needle in needles] if all(best) else []


def _weight(needles: Needles) -> int:
    return min(map(len, needles), default=0)


class Phrases(NamedTuple):
    """Phrases of one meaning."""

    phrases: list[Phrase]

    def found(self, text: str) -> str:
        """Return the first that `text` holds, as it stands there, or nothing."""
        for phrase in self.phrases:  # hundreds for each page: plain loops take a third of the time
            for needle in phrase.needles or ("",):
                if needle in text:
                    if match := phrase.pattern.search(text):
                        return match[0]
                    break
        return ""


def compile_phrases(written: Iterable[str]) -> Phrases:
    return Phrases([compile_phrase(each) for each in written])


@cache
def general() -> dict[str, Phrases]:
    """Return the phrases of `phrases.toml` by what they mean."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {meaning: compile_phrases(written) for meaning, written in content.items()}
