"""The report as a tagged PDF (PDF/UA-1): of an edition's frozen figures, or of figures that nobody has frozen."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from notices.printing import fonts, tagged_pdf
from reports import charts
from reports.definitions import DEFINITIONS
from reports.disclosure import WITHHELD
from reports.editions import revisions, scope_of
from reports.facts import Scope
from reports.figures import figures
from reports.measures import EXCLUSIONS, OUTCOMES
from reports.models import Edition
from reports.revisions import Difference
from reports.tabulation import about, printed, tables
from reports.wording import said

INTERNAL = "Management information, not for release"
UNFROZEN = f"Not an edition. {INTERNAL}"


@dataclass(frozen=True)
class Copy:
    """What a copy of figures says of itself: its title, what it is, how to find it again, and what was revised."""

    title: str
    mark: str
    reference: str
    changes: list[Difference]


def copy_of(edition: Edition) -> Copy:
    """An edition as its copies name it."""
    status = f"Edition {edition.reference}, {edition.get_status_display().lower()}"
    provisional = ", provisional [p]" if edition.provisional else ""
    return Copy(edition.title, f"{status}{provisional}. {INTERNAL}", edition.reference, revisions(edition))


def unfrozen() -> Copy:
    """Figures as they are asked for now."""
    return Copy("Takedown rate", UNFROZEN, "not an edition", [])


def print_rates(scope: Scope, platforms: Mapping[str, str]) -> bytes:
    """The report of a scope, by platform; equal figures give equal bytes. `platforms` are names by slug.

    Raises `PrintingNotPossible` where Pango is not installed.
    """
    return print_document(scope, figures(scope, ["platform"]), platforms, unfrozen())


def print_edition(edition: Edition, platforms: Mapping[str, str]) -> bytes:
    """The report of an edition whose figures are frozen; the same bytes until its status changes.

    Raises `PrintingNotPossible` where Pango is not installed.
    """
    assert edition.figures is not None
    return print_document(scope_of(edition), edition.figures, platforms, copy_of(edition))


def print_document(scope: Scope, document: dict[str, Any], platforms: Mapping[str, str], copy: Copy) -> bytes:
    html = render_to_string("reports/report_pdf.html", contents(scope, document, platforms, copy))
    return tagged_pdf(html, identifier=f"{copy.mark} {document['rows_sha256']}".encode())


def contents(
    scope: Scope, document: dict[str, Any], platforms: Mapping[str, str], copy: Copy
) -> dict[str, Any]:
    """What the report's template shows."""
    total = document["groups"][0]
    shown = {name: count for name, count in total["S03"]["outcomes"].items() if count != WITHHELD}
    chart = charts.outcomes(shown)
    return {
        "scope": scope,
        "document": document,
        "copy": copy,
        "total": total,
        "sentence": said(document, total),
        "within": said(document, total, "S05", "7d"),
        "tables": [
            {"table": table, "rows": [[printed(cell) for cell in row] for row in table.rows]}
            for table in tables(document, platforms)
        ],
        "about": list(about(document, copy.mark)),
        "definitions": DEFINITIONS,
        "codes": EXCLUSIONS,
        "outcome_codes": OUTCOMES,
        "chart": base64.b64encode(chart.svg().encode()).decode(),
        "chart_words": chart.words,
        "fonts": fonts(),
    }
