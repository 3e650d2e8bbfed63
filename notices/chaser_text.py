"""The words of a chaser, and what an escalation tells of chasers: `templates/notices/chasers/<language>.toml`."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from string import Template

from django.conf import settings
from django.utils import timezone

from notices.models import Chase, Line, Notice
from notices.wording import phrases

FOLDER = settings.BASE_DIR / "templates" / "notices" / "chasers"
UNNUMBERED = "N\N{HORIZONTAL ELLIPSIS}"  # before it has its reference
INDENT = "   "


@dataclass(frozen=True)
class Reminder:
    """`subject` is one line; `body` is plain text that ends with a line break."""

    subject: str
    body: str


@cache
def words(language: str) -> dict[str, str]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def compose(
    platform: str,
    language: str,
    asked: Sequence[tuple[Notice, Sequence[Line]]],
    *,
    reference: str,
    at: datetime,
) -> Reminder:
    """Subject and body about the notices and their open lines; dates are those of Europe/London."""
    said = words(language)
    names = {"platform": platform, "reference": reference, "count": str(len(asked))}
    one = asked[0][0].reference if len(asked) == 1 else ""
    subject = _fill(said["subject_one" if one else "subject"], notice=one, **names)
    blocks = [
        "\n".join([_heading(notice, language), *(INDENT + _line(line, said) for line in lines)])
        for notice, lines in asked
    ]
    first = asked[0][0]
    signed = "\n".join(filter(None, (first.sender_name, first.sender_organisation, first.sender_email)))
    parts = [f"{reference}, {day(at, language)}", said["opening"], *blocks, said["closing"], signed]
    return Reminder(subject, "\n\n".join(parts) + "\n")


def told_before(notice: Notice, language: str) -> str:
    """When its answer was due and when reminders about it left, for the letter to the next step; "" before that."""
    said = words(language)
    sent = Chase.objects.filter(notice=notice, left_out_at__isnull=True, chaser__sent_at__isnull=False)
    dates = [
        day(at, language) for at in sent.order_by("number").values_list("chaser__sent_at", flat=True) if at
    ]
    due = (
        _fill(said["was_due"], notice=notice.reference, due=day(notice.due_at, language))
        if notice.due_at
        else ""
    )
    return " ".join(filter(None, (due, _fill(said["chased"], dates=", ".join(dates)) if dates else "")))


def day(at: datetime, language: str) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {phrases(language)['months'][local.month - 1]} {local.year}"


def _heading(notice: Notice, language: str) -> str:
    received, due = notice.received_at or notice.drafted_at, notice.due_at or notice.drafted_at
    return _fill(
        words(language)["notice"],
        notice=notice.reference,
        received=day(received, language),
        due=day(due, language),
    )


def _line(line: Line, said: dict[str, str]) -> str:
    return _fill(said["line"], line=line.position, address=line.address, item=line.item.reference)


def _fill(phrase: str, **values: object) -> str:
    return Template(phrase).substitute(values)
