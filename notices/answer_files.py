"""Answers by the very spreadsheet that came with a notice: read as a trial first, every error with its row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.cells import harmless
from casework import events, store
from casework.events import Actor, account
from casework.intake import RowError
from casework.models import Claim
from casework.spreadsheets import Header, Row, Source, read_rows
from notices import answer_rules, answers, written_times
from notices.answers import Given
from notices.line_table import ANSWERED, COLUMNS, MARKING
from notices.models import Answer, AnswerSource, IncomingMail, Line, Notice, RefusalCode

HEADER = Header((*COLUMNS, MARKING), ("line", "answer"))
MOST_BYTES = 32 * 1024**2
LONGEST_REFERENCE = 120
BETWEEN = re.compile(r"[\s,;]+")
QUOTED = 60
READ_OF_LINES = ("notice", "position", "address", "answer", "item__reference")
Misfits = dict[tuple[object, ...], dict[str, str]]  # found for answers alike: rows of a large table share few


@dataclass(frozen=True)
class Filled:
    """A row that holds an answer: its number in the file, its line, and what it says."""

    row: int
    line: Line
    given: Given

    @property
    def answer(self) -> str:
        """In words."""
        reason = RefusalCode(self.given.refusal_code).label if self.given.refusal_code else ""
        return (
            f"{Claim(self.given.answer).label} ({reason})" if reason else str(Claim(self.given.answer).label)
        )


@dataclass
class Reading:
    """What a file says: answers that are new, what is wrong, and how many rows say nothing (new)."""

    rows: int = 0
    filled: list[Filled] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    empty: int = 0
    unchanged: int = 0

    @property
    def refused(self) -> int:
        return len({error.row for error in self.errors})


def read(source: Source, filename: str, notice: Notice, *, by: Actor) -> Reading:
    """What the file answers about the lines of this notice; saves nothing.

    A row without an answer says nothing; one that repeats the line's latest answer changes nothing. Times without a
    zone are Europe/London. Raises `casework.spreadsheets.FileRefused` for what is no such table.
    """
    reading = Reading()
    lines = {line.position: line for line in notice.lines.select_related("item").only(*READ_OF_LINES)}
    misfits: Misfits = {}
    latest = _latest(notice)
    seen: dict[int, int] = {}
    for row in read_rows(source, filename, HEADER).rows:
        reading.rows += 1
        filled, wrong = _filled(row, lines, by, misfits)
        reading.errors += wrong
        if filled is None:
            reading.empty += not wrong
        elif (first := seen.setdefault(filled.line.pk, row.number)) != row.number:
            message = f"Line {filled.line.position} is answered in row {first} already."
            reading.errors.append(RowError(row.number, "line", "duplicate", message))
        elif latest.get(filled.line.pk) == filled.given:
            reading.unchanged += 1
        else:
            reading.filled.append(filled)
    return reading


def answer_by_file(
    notice: Notice,
    source: Source,
    filename: str,
    *,
    by: Actor,
    leave_out: bool = False,
    at: datetime | None = None,
    source_of_answers: str = AnswerSource.SPREADSHEET,
    mail: IncomingMail | None = None,
) -> Reading:
    """Give the answers of a file; the file itself is kept as it came. `mail` is the message that it came with.

    All or none, unless `leave_out` says that rows in error may stay out. Raises `ValidationError` for rows in error or
    a file without a new answer, `FileRefused`, and what `answers.answer_each` raises.
    """
    at = at or timezone.now()
    with transaction.atomic():
        Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        reading = read(source, filename, notice, by=by)
        if reading.errors and not leave_out:
            raise ValidationError({"file": [sentence(error) for error in reading.errors]})
        if not reading.filled:
            raise ValidationError({"file": "The file holds no new answer."})
        answers.answer_each(
            {filled.line.pk: filled.given for filled in reading.filled},
            source=source_of_answers, by=by, at=at, mail=mail,
        )  # fmt: skip
        content = source if isinstance(source, bytes) else source.read_bytes()
        events.record(
            "notice.answer_file_read", by=by, at=at, notice=notice.reference,
            details={"file": filename[:200], "sha256": store.put(content), "answered": len(reading.filled),
                     "refused": reading.refused},
        )  # fmt: skip
    notice.refresh_from_db()
    return reading


def sentence(error: RowError) -> str:
    """An error with its place."""
    return (
        f"Row {error.row}, {error.column}: {error.message}"
        if error.column
        else f"Row {error.row}: {error.message}"
    )


def _latest(notice: Notice) -> dict[int, Given]:
    rows = Answer.objects.filter(line__notice=notice).order_by("line_id", "-at", "-pk").distinct("line_id")
    return {
        row.line_id: Given(
            row.answer,
            row.refusal_code,
            row.effective_at,
            tuple(row.territories),
            row.note,
            row.platform_reference,
        )
        for row in rows
    }


def _filled(
    row: Row, lines: Mapping[int, Line], by: Actor, misfits: Misfits
) -> tuple[Filled | None, list[RowError]]:
    """The answer in a row, if there is one, or everything that is wrong with it."""
    if row.problem:
        return None, [RowError(row.number, row.column, row.code, row.problem)]
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    if not any(cells[name] for name in ANSWERED):
        return None, []
    wrong: dict[str, str] = {}
    line = _line(cells, lines, wrong)
    given = Given(
        answer=_choice(cells["answer"], Claim, wrong, "answer"),
        refusal_code=_choice(cells["refusal_code"], RefusalCode, wrong, "refusal_code"),
        effective_at=_time(cells["effective_at"], wrong),
        territories=tuple(code.upper() for code in BETWEEN.split(cells["territories"]) if code),
        note=cells["note"],
        platform_reference=_short(cells["platform_reference"], wrong),
    )
    if line is not None and not wrong:
        if given.measured not in misfits:
            misfits[given.measured] = _misfits(given, line, by)
        wrong = misfits[given.measured]
    if line is None or wrong:
        return None, [RowError(row.number, name, "not_valid", message) for name, message in wrong.items()]
    return Filled(row.number, line, given), []


def _line(cells: Mapping[str, str], lines: Mapping[int, Line], wrong: dict[str, str]) -> Line | None:
    """The line that the row is about; its reference must not tell of another."""
    said = cells["line"].removesuffix(".0")
    line = lines.get(int(said)) if said.isascii() and said.isdecimal() and len(said) < 8 else None
    if line is None:
        wrong["line"] = f"This notice has no line “{said[:QUOTED]}”." if said else "Which line is this about?"
    elif (named := cells["reference"]) and named not in {line.item.reference, harmless(line.item.reference)}:
        wrong["reference"] = (
            f"Line {line.position} is about {line.item.reference}, this row about “{named[:QUOTED]}”; "
            "cells seem to have been moved."
        )
        return None
    elif not named and (named := cells["address"]) and named not in {line.address, harmless(line.address)}:
        wrong["address"] = f"Line {line.position} is about another address; cells seem to have been moved."
        return None
    return line


def _choice(cell: str, choices: type[models.TextChoices], wrong: dict[str, str], column: str) -> str:
    if not cell:
        if column == "answer":
            wrong[column] = f"The answer is missing; use {', '.join(choices.values)}."
        return ""
    value = _spellings(choices).get(_folded(cell), "")
    if not value:
        wrong[column] = f"“{cell[:QUOTED]}” is not known; use {', '.join(choices.values)}."
    return value


@cache
def _spellings(choices: type[models.TextChoices]) -> dict[str, str]:
    return {_folded(spelling): value for value, label in choices.choices for spelling in (value, str(label))}


def _folded(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()


def _time(cell: str, wrong: dict[str, str]) -> datetime | None:
    try:
        return written_times.read(cell) if cell else None
    except ValueError as error:
        wrong["effective_at"] = str(error)
        return None


def _short(cell: str, wrong: dict[str, str]) -> str:
    if len(cell) > LONGEST_REFERENCE:
        wrong["platform_reference"] = f"Use at most {LONGEST_REFERENCE} characters."
    return cell


def _misfits(given: Given, line: Line, by: Actor) -> dict[str, str]:
    """What the rules of answers have against it, by column."""
    given_by = {
        "at": timezone.now(),
        "source": AnswerSource.SPREADSHEET,
        "by": account(by),
        "by_name": by.name,
    }
    try:
        answer_rules.check(given.values() | given_by, [line])
    except ValidationError as refused:
        return {name: " ".join(said) for name, said in refused.message_dict.items()}
    return {}
