"""Writing a letter from a notice: fixed placeholders, fixed phrases, and only what a platform may read."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Any

from django.utils import timezone

from casework.models import Assessment, Item
from notices import chaser_text, clocks
from notices.models import Line, Notice
from notices.printing import print_letter
from notices.wording import letter_template, phrases
from platforms.models import Severity

GENERAL = "general"
INDENT = "   "
KEPT = "\n\t\u200c\u200d"  # Persian, Kurdish and many Indian scripts are misspelt without the joiners
BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Letter:
    """`subject` is one line; `body` is plain text that ends with a line break."""

    subject: str
    body: str


def compose(notice: Notice, *, at: datetime | None = None) -> Letter:
    """The letter as it reads now, dated `at` (shown in Europe/London); saves nothing.

    Raises `wording.NoSuchLetter` and `wording.UnknownPlaceholder`.
    """
    template = letter_template(notice.language, notice.letter)
    values = _values(notice, timezone.localtime(at or timezone.now()))
    subject = " ".join(template.subject.substitute(values).split())
    body = BLANK_LINES.sub("\n\n", template.body.substitute(values))
    return Letter(subject, body)


def pdf(notice: Notice) -> bytes:
    """The frozen letter as a tagged PDF; the same text gives the same bytes."""
    return print_letter(
        subject=notice.subject, body=notice.body, language=notice.language, reference=notice.reference
    )


def letter_for(assessments: Iterable[Assessment]) -> str:
    """The letter that states all these grounds: their own when they share one, else the general one."""
    named = {assessment.ground.letter for assessment in assessments}
    return named.pop() if len(named) == 1 else GENERAL


def current_assessment(item: Item) -> Assessment | None:
    """The latest assessment; reads what was prefetched."""
    return max(item.assessments.all(), key=lambda each: (each.assessed_at, each.pk), default=None)


def highest_severity(severities: Iterable[str]) -> str:
    """The gravest of these, or "" if there is none."""
    known = set(severities)
    return next((value for value in reversed(Severity.values) if value in known), "")


def lines_of(notice: Notice) -> list[Line]:
    """The lines with what a letter says about them, in four queries whatever their number."""
    return list(
        notice.lines.select_related("item__platform").prefetch_related(
            "item__assessments__ground", "item__assessments__policy_clause"
        )
    )


def _values(notice: Notice, at: datetime) -> dict[str, str]:
    words = phrases(notice.language)
    lines = lines_of(notice)
    found = [assessment for line in lines if (assessment := current_assessment(line.item))]
    threatened = [line.position for line in lines if line.item.threat_to_life]
    return {
        "reference": notice.reference,
        "date": _day(at, words),
        "platform": notice.platform.name,
        "organisation": one_line(notice.sender_organisation) or words["missing"],
        "sender_name": one_line(notice.sender_name) or words["missing"],
        "sender_email": one_line(notice.sender_email) or words["missing"],
        "count": _fill(words["one_item"] if len(lines) == 1 else words["items"], count=len(lines)),
        "urgency": "\n\n".join(filter(None, (_threat(threatened, words), _history(notice, words)))),
        "severity": words["severity"].get(
            highest_severity(line.item.severity for line in lines), words["missing"]
        ),
        "grounds": _grounds(found, words),
        "clauses": _clauses(found, words),
        "lines": "\n\n".join(_line(line, words) for line in lines),
        "answer_by": _answer_by(notice, lines, words),
        "good_faith": words["good_faith"] if notice.good_faith else words["missing"],
    }


def _threat(positions: Sequence[int], words: dict[str, Any]) -> str:
    return _fill(words["threat_to_life"], lines=_numbers(positions)) if positions else ""


def _history(notice: Notice, words: dict[str, Any]) -> str:
    """What a later notice on the same items says of the one before."""
    before = notice.follows
    if before is None or before.sent_at is None:
        return ""
    follows = _fill(
        words["follows"], reference=before.reference, date=_day(timezone.localtime(before.sent_at), words)
    )
    return " ".join(filter(None, (follows, chaser_text.told_before(before, notice.language))))


def _day(at: datetime, words: dict[str, Any]) -> str:
    return f"{at.day} {words['months'][at.month - 1]} {at.year}"


def _line(line: Line, words: dict[str, Any]) -> str:
    item, assessment = line.item, current_assessment(line.item)
    label = words["label"]
    rows = [
        (label["address"], line.address),
        (label["identifier"], one_line(item.identifier)),
        (label["owner"], one_line(item.owner)),
        (label["reference"], item.reference),
    ]
    if assessment:
        rows += [
            (label["ground"], _ground(assessment, words)[0]),
            (label["clause"], assessment.policy_clause.title if assessment.policy_clause else ""),
            (label["severity"], words["severity"][assessment.severity]),
            (label["reasons"], plain(assessment.rationale)),
        ]
    heading = f"{label['line']} {line.position}: {words['kind'].get(item.kind, item.kind)}"
    return "\n".join([heading, *(f"{INDENT}{name}{_indented(value)}" for name, value in rows if value)])


def _grounds(assessments: Sequence[Assessment], words: dict[str, Any]) -> str:
    stated = dict.fromkeys(_ground(assessment, words) for assessment in assessments)
    return "\n".join(f"- {name}. {summary}".rstrip() for name, summary in stated) or words["missing"]


def _ground(assessment: Assessment, words: dict[str, Any]) -> tuple[str, str]:
    """Name and summary; a language may have its own wording for a ground."""
    ground = assessment.ground
    own = words.get("ground", {}).get(ground.slug, {})
    return own.get("name", ground.name), own.get("summary", ground.summary)


def _clauses(assessments: Sequence[Assessment], words: dict[str, Any]) -> str:
    titles = dict.fromkeys(each.policy_clause.title for each in assessments if each.policy_clause)
    return "\n".join(f"- {title}" for title in titles) or words["no_clause"]


def _answer_by(notice: Notice, lines: Sequence[Line], words: dict[str, Any]) -> str:
    severity = highest_severity(line.item.severity for line in lines)
    promise = clocks.promise_for(notice, severity)
    if promise is None or promise.amount is None:
        return str(words["without_delay"])
    return _fill(words["within"][promise.unit], amount=promise.amount)


def _fill(phrase: str, **values: object) -> str:
    return Template(phrase).substitute(values)


def _numbers(positions: Sequence[int]) -> str:
    return ", ".join(str(position) for position in positions)


def _indented(text: str) -> str:
    return text.strip().replace("\n", f"\n{INDENT}{INDENT}")


def plain(text: str) -> str:
    """Without control characters, and without the invisible ones that hide or turn text around."""
    return "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
        if character in KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
    )


def one_line(text: str) -> str:
    return " ".join(plain(text).split())
