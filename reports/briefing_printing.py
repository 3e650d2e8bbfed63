"""The briefing as a tagged PDF (PDF/UA-1) of two A4 pages at most: what could grow longer is cut, and says so."""

import base64
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from notices.printing import faces
from notices.typesetting import Order, typeset
from reports.briefing_sections import sections, told
from reports.facts import Scope
from reports.showing import Rows

MOST_CONTACTS = 3


def print_briefing(document: Mapping[str, Any], scope: Scope) -> bytes:
    """The pages; equal documents give equal bytes. Raises `PrintingNotPossible` where Pango is not installed."""
    found, words = sections(document, Rows("", scope)), told(document)
    chart = found["trend"].chart
    html = render_to_string(
        "reports/briefing_pdf.html",
        {
            "document": document,
            "scope": scope,
            "sections": found,
            **words,
            "contacts": words["contacts"][:MOST_CONTACTS],
            "more_contacts": len(words["contacts"][MOST_CONTACTS:]),
            "chart": base64.b64encode(chart.svg().encode()).decode() if chart else "",
            "chart_words": chart.words if chart else "",
            "faces": faces(str([document, words])),
        },
    )
    return typeset(Order(html, identifier=f"{document['platform']['slug']} {document['rows_sha256']}"))
