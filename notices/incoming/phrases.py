"""The words by which platforms say what they did, from `phrases.toml`."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.models import Claim
from notices.models import RefusalCode

FILE = Path(__file__).with_name("phrases.toml")


@dataclass(frozen=True)
class Phrase:
    """What an answer sounds like; `holds_negation` when a “not” belongs to it."""

    answer: str
    refusal_code: str
    pattern: re.Pattern[str]
    holds_negation: bool


def _any_of(words: list[str]) -> re.Pattern[str]:
    spaced = [word.replace(" ", r"\s+") for word in words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", re.IGNORECASE)


def _beginning_with(words: list[str]) -> re.Pattern[str]:
    """Arabic joins its endings to the word, so a phrase may go on."""
    spaced = [word.replace(" ", r"\s+") for word in words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?![a-zäöüßéèêàâîïôûç])", re.IGNORECASE)


def _phrase(row: dict[str, Any]) -> Phrase:
    answer, code = Claim(row["answer"]).value, row.get("refusal_code", "")
    refused = answer == Claim.REFUSED
    if refused:
        RefusalCode(code)
    return Phrase(answer, code, _beginning_with(row["words"]), refused or row.get("holds_negation", False))


_READ = tomllib.loads(FILE.read_text(encoding="utf-8"))
PHRASES = [_phrase(row) for row in _READ["phrase"]]
UNSURE = _any_of(_READ["unsure"])
EVERYTHING = _any_of(_READ["everything"])
RECEIPT = _beginning_with(_READ["receipt"]["words"])
OUT_OF_OFFICE = _beginning_with(_READ["out_of_office"]["words"])
VACATION = re.compile(rf"\s*(?:{'|'.join(_READ['vacation']['subjects'])})", re.IGNORECASE)
TURN = re.compile(rf"(?<!\ball),?\s{{1,5}}(?=(?:{'|'.join(_READ['turn'])})\b)", re.IGNORECASE)


def meaning(sentence: str) -> Phrase | None:
    """What a sentence says was done, if it plainly says so."""
    unsure = UNSURE.search(sentence) is not None or sentence.rstrip().endswith(("?", "؟"))
    for phrase in PHRASES:
        if (phrase.holds_negation or not unsure) and phrase.pattern.search(sentence):
            return phrase
    return None
