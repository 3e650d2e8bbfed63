"""The annual table (S20) as a tagged PDF (PDF/UA-1), provider by provider."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from notices.printing import faces
from notices.typesetting import Order
from reports.article_22 import NOTE, TITLE, AnnualTable
from reports.periods import instant
from reports.printed_tables import laid_out
from reports.printing import typeset
from reports.wording import moment_in_words, period_in_words

NO_EDITION = "Annual table, not an edition"


def print_annual_table(annual: AnnualTable) -> bytes:
    """The pages; equal tables give equal bytes. Raises `PrintingNotPossible` where Pango is not installed."""
    document = annual.document()
    html = render_to_string("reports/article_22_pdf.html", _contents(annual, document))
    written = json.dumps(document, sort_keys=True).encode()
    return typeset(Order(html, identifier=f"{annual.mark} {hashlib.sha256(written).hexdigest()}"))


def _contents(annual: AnnualTable, document: Mapping[str, Any]) -> dict[str, Any]:
    tables = [laid_out(table) for table in annual.by_provider()]
    shown = {
        "copy": {"mark": annual.mark, "reference": NO_EDITION},
        "document": document,
        "title": TITLE,
        "note": NOTE,
        "period": period_in_words(document),
        "as_at": moment_in_words(instant(document["as_at"])),
        "known_by": moment_in_words(instant(document["known_by"])),
        "about": list(annual.about()),
        "tables": tables,
        "is_wide": any(table.is_wide for table in tables),
    }
    return {**shown, "faces": faces(str(shown))}
