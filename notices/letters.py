"""Writing a letter from a notice: one version of its wording, and only what a platform may read (`disclosed`)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Any

from django.utils import timezone

from casework.models import Assessment
from notices import contested_text, item_lists, versions
from notices.disclosed import (
    Disclosed,
    DisclosedGround,
    DisclosedLine,
    current_assessment,
    disclose,
    highest_severity,
    lines_of,
    one_line,
    plain,
)
from notices.models import GENERAL, LetterVersion, Notice
from notices.printing import print_letter
from notices.wording import fill, fill_line, phrases

__all__ = [
    "Letter",
    "compose",
    "current_assessment",
    "highest_severity",
    "letter_for",
    "lines_of",
    "one_line",
    "pdf",
    "plain",
    "write",
]

INDENT = "   "
BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Letter:
    """`subject` is one line; `body` is plain text that ends with a line break; `version` is what it was made from.

    `lists` are the files whose SHA-256 the body names.
    """

    subject: str
    body: str
    version: LetterVersion
    lists: Mapping[str, bytes]


def compose(notice: Notice, *, at: datetime | None = None) -> Letter:
    """The letter as it reads now, dated `at` (shown in Europe/London); saves nothing.

    It is made from the version that fits best and is in force then. Raises `versions.NoSuchLetter`.
    """
    at = timezone.localtime(at or timezone.now())
    told = disclose(notice)
    version = versions.fitting(
        kind=notice.kind,
        letter=notice.letter,
        grounds={line.ground.code for line in told.lines if line.ground},
        platform=notice.platform,
        language=notice.language,
        at=at,
    )
    return write(version, told, at=at)


def write(version: LetterVersion, told: Disclosed, *, at: datetime) -> Letter:
    """The letter from this version, which need not be stored: for trying one before it is saved."""
    words = phrases(told.language)
    values = _values(told, at, words)
    subject = " ".join(fill_line(version.subject, values).split())
    body = fill(version.body, values, [_line_values(line, words) for line in told.lines])
    lists, marks = item_lists.files(told), _marks(told)
    marked = [*marks, body.strip("\n"), item_lists.checksums(lists, words), *marks]
    return Letter(subject, BLANK_LINES.sub("\n\n", "\n\n".join(marked) + "\n"), version, lists)


def pdf(notice: Notice) -> bytes:
    """The frozen letter as a tagged PDF; the same text gives the same bytes."""
    return print_letter(
        subject=notice.subject,
        body=notice.body,
        language=notice.language,
        reference=notice.reference,
        marking=notice.marking,
        handling=notice.handling,
    )


def letter_for(assessments: Iterable[Assessment]) -> str:
    """The letter that states all these grounds: their own when they share one, else the general one."""
    named = {assessment.ground.letter for assessment in assessments}
    return named.pop() if len(named) == 1 else GENERAL


def _marks(told: Disclosed) -> list[str]:
    """What heads and ends the letter, where it is marked."""
    found = "\n".join(filter(None, (told.marking, told.handling)))
    return [found] if found else []


def _values(told: Disclosed, at: datetime, words: dict[str, Any]) -> dict[str, str]:
    lines = told.lines
    return {
        "reference": told.reference,
        "date": contested_text.day(at, words),
        "platform": told.platform_name,
        "organisation": told.organisation or words["missing"],
        "sender_name": told.sender_name or words["missing"],
        "sender_email": told.sender_email or words["missing"],
        "count": _fill(words["one_item"] if len(lines) == 1 else words["items"], count=len(lines)),
        "urgency": "\n\n".join(filter(None, (_threat(lines, words), _history(told, words)))),
        "severity": words["severity"].get(told.severity, words["missing"]),
        "grounds": _grounds(lines, words),
        "clauses": _clauses(lines, words),
        "lines": "\n\n".join(_line(line, words) for line in lines),
        "answer_by": _fill(words["within"][told.answer_unit], amount=told.answer_amount)
        if told.answer_amount
        else words["without_delay"],
        "good_faith": words["good_faith"] if told.good_faith else words["missing"],
        "explanation": told.explanation or words["missing"],
        "follows": told.follows or words["missing"],
        "follows_date": contested_text.day(timezone.localtime(told.follows_sent_at), words)
        if told.follows_sent_at
        else words["missing"],
    }


def _threat(lines: Sequence[DisclosedLine], words: dict[str, Any]) -> str:
    positions = [str(line.position) for line in lines if line.threat_to_life]
    return _fill(words["threat_to_life"], lines=", ".join(positions)) if positions else ""


def _history(told: Disclosed, words: dict[str, Any]) -> str:
    """What a later notice on the same items says of the one before."""
    if told.follows_sent_at is None:
        return ""
    date = contested_text.day(timezone.localtime(told.follows_sent_at), words)
    follows = _fill(words["follows"], reference=told.follows, date=date)
    return " ".join(filter(None, (follows, told.told_before)))


def _line_values(line: DisclosedLine, words: dict[str, Any]) -> dict[str, str]:
    """What the placeholders of one line stand for."""
    values = {
        "line": str(line.position),
        "address": line.address,
        "was": line.was,
        "kind": words["kind"].get(line.kind, line.kind),
        "identifier": line.identifier,
        "owner": line.owner,
        "item": line.reference,
        "ground": line.ground.name if line.ground else "",
        "ground_summary": line.ground.summary if line.ground else "",
        "clause": str(line.clause or ""),
        "clause_address": line.clause.url if line.clause else "",
        "severity": words["severity"].get(line.severity, ""),
        "reasons": line.reasons,
        **contested_text.values(line, words),
    }
    return {name: _indented(value) for name, value in values.items()}


def _line(line: DisclosedLine, words: dict[str, Any]) -> str:
    """One line in the usual layout."""
    label, values = words["label"], _line_values(line, words)
    rows = (
        ("address", "address"),
        ("was", "was"),
        ("identifier", "identifier"),
        ("owner", "owner"),
        ("reference", "item"),
        ("ground", "ground"),
        ("clause", "clause"),
        ("clause_address", "clause_address"),
        ("severity", "severity"),
        ("reasons", "reasons"),
        *((name, name) for name in contested_text.NAMES),
    )
    heading = f"{label['line']} {line.position}: {values['kind']}"
    return "\n".join(
        [heading, *(f"{INDENT}{label[name]}{values[value]}" for name, value in rows if values[value])]
    )


def _grounds(lines: Sequence[DisclosedLine], words: dict[str, Any]) -> str:
    stated: dict[DisclosedGround, None] = dict.fromkeys(line.ground for line in lines if line.ground)
    return "\n".join(f"- {each.name}. {each.summary}".rstrip() for each in stated) or words["missing"]


def _clauses(lines: Sequence[DisclosedLine], words: dict[str, Any]) -> str:
    cited = dict.fromkeys(line.clause for line in lines if line.clause)
    rows = (f"- {clause}\n{INDENT}{clause.url}".rstrip() for clause in cited)
    return "\n".join(rows) or words["no_clause"]


def _fill(phrase: str, **values: object) -> str:
    return Template(phrase).substitute(values)


def _indented(text: str) -> str:
    return text.strip().replace("\n", f"\n{INDENT}{INDENT}")
