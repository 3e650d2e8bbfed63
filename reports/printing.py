"""The takedown rate as a tagged PDF (PDF/UA-1): the page's figures, with definitions and exclusions."""

import base64
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from notices.printing import fonts, tagged_pdf
from reports import tallies
from reports.charts import described, outcomes_svg
from reports.definitions import DEFINITIONS
from reports.facts import Scope
from reports.figures import figures
from reports.measures import EXCLUSIONS, OUTCOMES
from reports.showing import Rows, exclusion_rows, outcome_rows, platform_rows, window_rows


def print_rates(scope: Scope, platforms: Mapping[str, str]) -> bytes:
    """The report of a scope; equal figures give equal bytes. `platforms` are names by slug.

    Raises `PrintingNotPossible` where Pango is not installed.
    """
    document = figures(scope)
    html = render_to_string("reports/takedown_rate_pdf.html", contents(scope, document, platforms))
    return tagged_pdf(html, identifier=document["rows_sha256"].encode())


def contents(scope: Scope, document: dict[str, Any], platforms: Mapping[str, str]) -> dict[str, Any]:
    """What the report's template shows."""
    total, nowhere = document["groups"][0], Rows("", scope)
    outcomes = total["S03"]["outcomes"]
    return {
        "scope": scope,
        "document": document,
        "total": total,
        "outcomes": outcome_rows(total["S03"], nowhere),
        "windows": window_rows(total["S05"], nowhere),
        "exclusions": exclusion_rows(total["S02"], document["rows"], nowhere),
        "platforms": platform_rows(tallies.in_database(scope, ["platform"]), platforms, scope, ""),
        "definitions": DEFINITIONS,
        "codes": EXCLUSIONS,
        "outcome_codes": OUTCOMES,
        "chart": base64.b64encode(outcomes_svg(outcomes).encode()).decode(),
        "chart_words": described(outcomes),
        "fonts": fonts(),
    }
