"""Episode rows out of thin air, for arithmetic that needs many of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from reports.columns import Columns
from reports.facts import Episode

T0 = datetime(2026, 1, 5, 12, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    **dict.fromkeys(Episode._fields),
    "platform": "x", "kind": "post", "channel": "mail", "month": "2026-01", "t0": T0, "t0_basis": "received",
    "outcome": "PENDING", "decided": False, "delivered": True, "sent_at": T0, "found_at": T0, "observed_at": T0,
    "invalid": False, "said_error": False,
}  # fmt: skip


def row(number: int = 1, **changes: Any) -> Episode:
    """One row, in a notice of its own; T0 is 5 January 2026, 12:00 UTC."""
    own = {"item": f"2026-{number:06}", "notice_id": number, "line_id": number}
    return Episode(**PLAIN | own | changes)


def columns(changes: Sequence[dict[str, Any]]) -> Columns:
    """One row for each of the changes."""
    return Columns.of_rows(row(number, **change) for number, change in enumerate(changes, 1))


def after(hours: float | None) -> datetime | None:
    return None if hours is None else T0 + timedelta(hours=hours)
