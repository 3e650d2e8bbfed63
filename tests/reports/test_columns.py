"""Columns are the rows, whichever way they came."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

import numpy as np
import pytest

from reports import projection
from reports.columns import Columns
from reports.facts import Episode
from reports.models import EpisodeFact
from reports.packing import TYPES
from tests.reports.conftest import scope
from tests.reports.histories import ten_items

Ask = Callable[..., list[Episode]]


def rows_of(columns: Columns) -> list[Episode]:
    """The rows again, in the order of T0, item and line."""
    found = [[in_python(columns, name, place) for name in Episode._fields] for place in range(len(columns))]
    return sorted((Episode(*row) for row in found), key=lambda row: (row.t0, row.item, row.line_id))


def in_python(columns: Columns, name: str, place: int) -> Any:
    value = getattr(columns, name)[place]
    if TYPES[name] is str:
        return columns.values[name][value]
    value = value.item()
    return value.replace(tzinfo=UTC) if hasattr(value, "tzinfo") else value


def test_columns_are_the_rows(ask: Ask) -> None:
    rows = ask(ten_items())

    computed = Columns.read(scope())
    projection.refresh()
    kept = Columns.read(scope())

    assert rows_of(computed) == rows_of(kept) == rows_of(Columns.of_rows(rows)) == rows


def test_only_what_is_named_is_read(ask: Ask) -> None:
    ask(ten_items())

    columns = Columns.read(scope(), ["t0", "outcome"])

    assert sorted(columns.arrays) == ["outcome", "t0"]
    with pytest.raises(AttributeError, match="no column item"):
        _ = columns.item


def test_masks_and_parts(ask: Ask) -> None:
    columns = Columns.of_rows(ask(ten_items()))

    assert np.flatnonzero(columns.is_("exclusion", None)).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 9]
    down = columns.where(columns.is_("outcome", "DOWN_PLATFORM_VERIFIED", "DOWN_UPLOADER"))
    assert (len(down), down.count("ref")) == (3, [{"i1": 1, "i2": 1, "i4": 1}])
    last = down.placed(slice(1, None), [0, 2])
    assert last.count("outcome") == [{"DOWN_PLATFORM_VERIFIED": 1, "DOWN_UPLOADER": 1}]
    assert columns.where(columns.is_("exclusion", "X6")).count("channel") == [{"portal": 1}]


def test_parts_stay_in_their_groups(ask: Ask) -> None:
    columns = Columns.of_rows(ask(ten_items())).placed(slice(None), [0, 4, 4, 10])

    down = columns.where(columns.is_("outcome", "DOWN_PLATFORM_VERIFIED", "REFUSED", "PENDING"))

    assert (columns.groups, columns.counts(), columns.eligible.counts()) == (3, [4, 0, 6], [4, 0, 5])
    assert down.counts() == [2, 0, 2]
    assert down.count("outcome") == [{"DOWN_PLATFORM_VERIFIED": 2}, {}, {"REFUSED": 1, "PENDING": 1}]
    assert columns.batches.counts() == [1, 0, 2]


def test_no_rows_are_columns_too(db: None) -> None:
    for columns in (Columns.read(scope()), Columns.of_rows([])):
        assert (len(columns), len(columns.t0), len(columns.outcome)) == (0, 0, 0)
        assert columns.where(columns.is_("outcome", "PENDING")).count("outcome") == [{}]


def test_texts_may_hold_any_character(ask: Ask) -> None:
    ask(ten_items())
    projection.refresh()
    odd = "a\x1fb\x01=\n“”\U0001f6a4"
    EpisodeFact.objects.filter(ref="i1").update(ref=odd)
    EpisodeFact.objects.filter(ref="i2").update(ref="")

    columns = Columns.read(scope(), ["ref"])

    assert set(columns.values["ref"]) == {odd, "", *(f"i{number}" for number in range(3, 11))}
