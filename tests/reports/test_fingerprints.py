"""The bytes of the lines, whatever is in the rows."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.columns import Columns
from reports.facts import WINDOWS, Episode, line
from reports.fingerprints import fingerprint
from reports.packing import HINTS, TYPES

BEGIN = datetime(2026, 3, 28, 23, 59, 58, tzinfo=UTC)
MOMENTS = st.builds(
    lambda seconds, micros: BEGIN + timedelta(seconds=seconds, microseconds=micros),
    st.sampled_from([-86400 * 9000, 0, 1, 2, 3, 86400, 3_000_000]), st.sampled_from([0, 0, 1, 120_000]),
)  # fmt: skip
TEXTS = st.sampled_from(["", "a", 'é“\\"\n\x1f\x01', "\U0001f6a4" * 20])
ANSWERS = st.sampled_from(["yes", "immature"])
OF = {str: TEXTS, datetime: MOMENTS, bool: st.booleans(), int: st.integers(0, 2**62)}


def column(name: str) -> st.SearchStrategy[Any]:
    values = ANSWERS if name in {f"within_{window}" for window in WINDOWS} else OF[TYPES[name]]
    return st.none() | values if HINTS[name] != TYPES[name] else values


ROWS = st.lists(st.builds(Episode, *(column(name) for name in Episode._fields)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_fingerprint_is_that_of_the_printed_lines(rows: list[Episode]) -> None:
    in_order = sorted(rows, key=lambda row: (row.t0, row.item, row.line_id))
    text = "".join(f"{line(row)}\n" for row in in_order)

    assert fingerprint(Columns.of_rows(rows)) == hashlib.sha256(text.encode()).hexdigest()
