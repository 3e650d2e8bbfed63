"""The report as a tagged PDF: of an edition's frozen figures, or of figures that nobody has frozen.

Two copies of each: one to be read, aloud too (PDF/UA-1), one to be kept, with its figures inside (PDF/A-3a).
"""

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from notices.printing import direction, faces
from notices.typesetting import CANNOT_PRINT, Attached, Order, PrintingNotPossible, Variant
from reports import figure_files
from reports.chapters import cards, chapters, main_points
from reports.definitions import DEFINITIONS
from reports.editions import written
from reports.facts import Scope
from reports.figure_files import Report
from reports.measures import EXCLUSIONS, OUTCOMES
from reports.models import Edition
from reports.periods import instant, stamp
from reports.printed_tables import REVISED, laid_out, marked, on_paper, revisions
from reports.wording import moment_in_words, period_in_words, said

TYPESETTER = (sys.executable, "-s", "-E", "-m", "notices.typesetting")
PASSED_ON = ("PATH", "HOME", "XDG_CACHE_HOME", "DYLD_FALLBACK_LIBRARY_PATH")
AT_ONCE, MOST_SECONDS = 60, 1800
LOOK_EVERY = 0.5  # seconds
TOO_MUCH = "The report takes more time or memory than it may. Choose a smaller scope, or fewer groups."
MOST_REVISIONS = 200

Names = Mapping[str, str]
logger = logging.getLogger(__name__)


def print_rates(
    scope: Scope, platforms: Names, variant: Variant = Variant.ACCESSIBLE, **limits: Any
) -> bytes:
    """The report of a scope, by platform; equal figures give equal bytes. `platforms` are names by slug.

    Raises `PrintingNotPossible` where Pango is not installed, or the pages take too much.
    """
    return print_report(figure_files.of_scope(scope, platforms), variant, **limits)


def print_edition(
    edition: Edition, platforms: Names, variant: Variant = Variant.ACCESSIBLE, **limits: Any
) -> bytes:
    """The report of an edition whose figures are frozen; the same bytes until its status changes.

    Raises `PrintingNotPossible` where Pango is not installed, or the pages take too much.
    """
    return print_report(figure_files.of_edition(edition, platforms), variant, **limits)


def print_report(report: Report, variant: Variant = Variant.ACCESSIBLE, **limits: Any) -> bytes:
    """`limits` are those of `typeset`."""
    html = render_to_string("reports/report_pdf.html", contents(report))
    attached = enclosed(report) if variant == Variant.ARCHIVE else ()
    identifier = f"{variant} {report.copy.mark} {report.document['rows_sha256']}"
    return typeset(Order(html, variant, identifier, attached), **limits)


def contents(report: Report) -> dict[str, Any]:
    """What the report's template shows."""
    document, copy = report.document, report.copy
    shown = {
        "document": document,
        "copy": copy,
        "traces": [
            ("Code", f"{report.code}, seed {report.seed}"),
            ("SHA-256 of the figures", hashlib.sha256(written(dict(document)).encode()).hexdigest()),
        ],
        "made_at": stamp(_made_at(report).replace(microsecond=0)),
        "direction": direction(copy.title),
        "period": period_in_words(document),
        "as_at": moment_in_words(instant(document["as_at"])),
        "known_by": moment_in_words(instant(document["known_by"])),
        "sentence": said(document, document["groups"][0]),
        "definitions": DEFINITIONS,
        "codes": EXCLUSIONS,
        "outcome_codes": OUTCOMES,
        "faces": faces(
            "".join([copy.mark, copy.title, *report.names.values(), *(text for _, text in copy.about)])
        ),
    }
    return {**shown, **_told(report)} if document["rows"] else shown


def _made_at(report: Report) -> datetime:
    """When the figures were frozen; of others, up to when they look, so that equal ones give equal bytes."""
    return report.copy.made_at or instant(report.document["known_by"])


def _told(report: Report) -> dict[str, Any]:
    document, before, names = report.document, report.copy.before, report.names
    tables, figured = on_paper(document, names), cards(document)
    more = [laid_out(table) for table in report.more]
    changes = revisions(on_paper(before, names), tables) if before else []
    if before:
        old = {card[:3] for card in cards(before)}
        figured = [
            card if card[:3] in old else card._replace(marks=(*card.marks, REVISED)) for card in figured
        ]
    return {
        "cards": figured,
        "points": list(main_points(document)),
        "chapters": chapters(document, [*marked(tables, changes), *more]),
        "changes": changes[:MOST_REVISIONS],
        "more_changes": max(0, len(changes) - MOST_REVISIONS),
    }


def enclosed(report: Report) -> tuple[Attached, ...]:
    """The files inside an archive copy: every figure, one to a line, and the document of them byte for byte."""
    made_at = _made_at(report).isoformat()
    table, document = report.written("csv").decode(), written(dict(report.document))
    return (
        Attached("figures.csv", table, "Every figure, unrounded", "Data", made_at),
        Attached("figures.json", document, "The document of the figures", "Source", made_at),
    )


def _nothing() -> None:
    """What most have to do while the pages are set."""


def typeset(order: Order, *, seconds: int = AT_ONCE, meanwhile: Callable[[], None] = _nothing) -> bytes:
    """The pages, set by a program of its own under limits; `meanwhile` is called again and again, and may raise.

    Raises `PrintingNotPossible` where Pango is not installed, or the pages take more than `seconds` or the memory.
    """
    if CANNOT_PRINT:
        raise PrintingNotPossible(f"PDF files cannot be made: install Pango ({CANNOT_PRINT}).")
    with TemporaryFile() as given, TemporaryFile() as printed, TemporaryFile() as problem:
        given.write(order.written())
        given.seek(0)
        program = subprocess.Popen(
            [*TYPESETTER, str(seconds)],
            cwd=settings.BASE_DIR,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"LC_ALL": "C.UTF-8"},
            stdin=given,
            stdout=printed,
            stderr=problem,
        )
        try:
            ended = _wait(program, 2 * seconds, meanwhile)
        finally:
            program.kill()
            program.wait()
        for file in (printed, problem):
            file.seek(0)
        if ended:
            logger.error(
                "The pages could not be set (%s): %s", ended, problem.read().decode(errors="replace")
            )
            raise PrintingNotPossible(TOO_MUCH)
        return printed.read()


def _wait(program: "subprocess.Popen[bytes]", seconds: int, meanwhile: Callable[[], None]) -> int:
    """How the program ended; other than 0 after so many seconds of waiting."""
    for _ in range(int(seconds / LOOK_EVERY)):
        try:
            return program.wait(timeout=LOOK_EVERY)
        except subprocess.TimeoutExpired:
            meanwhile()
    return -1
