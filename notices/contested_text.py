"""What a line of a letter says of answer and look, and of what has come back; times are UTC, each with its zone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from string import Template
from typing import Any

from django.utils import timezone

from notices.disclosed import DisclosedDispute, DisclosedLine, DisclosedReturn

NAMES = ("notice", "answer", "seen", "capture", "before")
Words = Mapping[str, Any]


def values(line: DisclosedLine, words: Words) -> dict[str, str]:
    """What the placeholders of these names stand for; "" where the line says nothing of it."""
    found = dict.fromkeys(NAMES, "")
    if line.dispute:
        found |= _disputed(line.dispute, words)
    if line.back:
        found["before"] = _returned(line.back, words)
    return found


def day(at: datetime, words: Words) -> str:
    """Of an aware time in its own zone."""
    return f"{at.day} {words['months'][at.month - 1]} {at.year}"


def _disputed(told: DisclosedDispute, words: Words) -> dict[str, str]:
    refusal = words["refusal"].get(told.refusal_code, told.refusal_code)
    said = words["answer"].get(told.answer, told.answer)
    return {
        "notice": _fill(
            words["notice_line"], notice=told.notice, line=told.line, date=_sent(told.sent_at, words)
        ),
        "answer": _fill(
            words["answered"],
            answer=f"{said} ({refusal})" if refusal else said,
            moment=_moment(told.answered_at, words),
        ),
        "seen": _fill(
            words["looked"],
            seen=words["verdict"].get(told.verdict, told.verdict),
            moment=_moment(told.seen_at, words),
            country=told.vantage,
        ),
        "capture": told.sha256,
    }


def _returned(told: DisclosedReturn, words: Words) -> str:
    seen = _moment(told.seen_at, words)
    return _fill(words["returned"], notice=told.notice, date=_sent(told.sent_at, words), moment=seen)


def _sent(at: datetime | None, words: Words) -> str:
    return day(timezone.localtime(at), words) if at else words["missing"]


def _moment(at: datetime, words: Words) -> str:
    moment = at.astimezone(UTC)
    return _fill(words["moment"], date=day(moment, words), time=f"{moment:%H:%M}")


def _fill(phrase: str, **values: object) -> str:
    return Template(phrase).substitute(values)
