"""S19 between two groups that the reader chooses: as they are, in one mix, and like for like."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounts.showing import percent, places_for
from reports import tallies
from reports.columns import Columns
from reports.comparison import Group, cohorts, difference, like_for_like, standardised
from reports.facts import Scope
from reports.groupings import named
from reports.intervals import wilson
from reports.measures import s05
from reports.sections import RATE_COLUMNS, WINDOW, Cell, Section, rate_cells, within_urls
from reports.showing import LEAST_SHOWN, WINDOW_NAMES, Rows

WINDOWS = ("24h", "7d", "28d")
MOST_NAMED = 8
DASH = Cell("\N{EN DASH}")
MIX_NOTE = (
    "The rate within 7 days that the first group would have if its items were spread over {strata} as those of the"
    " second are. Its interval is by the normal approximation. What differs still is no matter of the mix."
)
Row = tuple[str, list[Cell]]
Two = tuple[Sequence[Group], Sequence[Group]]


def beside(first: Columns, second: Columns, rows: Rows, other: Rows) -> list[Section]:
    """The rows of one scope beside those of another, which share none; both with the columns of `cohorts`."""
    by = ["kind"] if rows.scope.platform or other.scope.platform else ["platform", "kind"]
    groups = (cohorts(first, rows.scope, *by), cohorts(second, other.scope, *by))
    return [
        _differences(first, second, rows, other),
        _one_mix(first, second, groups, by, rows, other),
        _like_for_like(groups, by, rows.names),
    ]


def told(scope: Scope, rows: Rows) -> str:
    """A group in words: its platform and its period."""
    first, last = (f"{day.day} {day:%b %Y}" for day in (scope.period.first, scope.period.last))
    return f"{named('platform', scope.platform, rows.names) if scope.platform else 'all'}, {first} to {last}"


def _differences(first: Columns, second: Columns, rows: Rows, other: Rows) -> Section:
    rates = [
        s05(*tallies.of_columns(columns, each.scope)) for columns, each in ((first, rows), (second, other))
    ]
    table: list[Row] = []
    for window in WINDOWS:
        one, two = (rate[window] for rate in rates)
        name = WINDOW_NAMES[window]
        table += [
            (f"{name}: first", rate_cells(one, *within_urls(rows, window))),
            (f"{name}: second", rate_cells(two, *within_urls(other, window))),
            (f"{name}: difference", difference_cells(difference(one, two), one, two)),
        ]
    note = (
        f"First: {told(rows.scope, rows)}. Second: {told(other.scope, other)}. The difference is in percentage points,"
        " with Newcombe's 95% interval: what chance alone would give, not why they differ."
    )
    return Section(
        "Difference between two groups",
        f"Taken down within|{RATE_COLUMNS}",
        table,
        note=note,
        code="S05, S19",
    )


def _one_mix(
    first: Columns, second: Columns, groups: Two, by: Sequence[str], rows: Rows, other: Rows
) -> Section:
    one, two = (
        s05(*tallies.of_columns(columns, each.scope))[WINDOW]
        for columns, each in ((first, rows), (second, other))
    )
    found = standardised(*groups, WINDOW, by)
    table: list[Row] = [
        ("First, as it is", rate_cells(one, *within_urls(rows))),
        ("First, in the mix of the second", _standardised_cells(found, one, two)),
        ("Second, as it is", rate_cells(two, *within_urls(other))),
    ]
    note = MIX_NOTE.format(strata=" and ".join(f"{name}s" for name in by))
    if found["covered"] not in (None, 1):
        note += f" The first has items for {percent(found['covered'])} of the second's mix."
    return Section("In one mix", f"Rate|{RATE_COLUMNS}", table, note=note, code="S19")


def _standardised_cells(
    found: Mapping[str, Any], one: Mapping[str, Any], two: Mapping[str, Any]
) -> list[Cell]:
    if found["rate"] is None:
        return [DASH, DASH, Cell("nothing in common"), DASH]
    if min(one["denominator"], two["denominator"]) < LEAST_SHOWN:
        return [DASH, DASH, Cell("too few"), DASH]
    places, (low, high) = places_for(one["denominator"]), found["interval"]
    return [
        DASH,
        DASH,
        Cell(percent(found["rate"], places)),
        Cell(f"{percent(low, places)} to {percent(high, places)}"),
    ]


def _like_for_like(groups: Two, by: Sequence[str], names: Mapping[str, Mapping[str, str]]) -> Section:
    found = like_for_like(*groups, WINDOW, by)
    later, earlier = (
        {**figure, "interval": _interval(figure)} for figure in (found["later"], found["earlier"])
    )
    table: list[Row] = [
        ("First", rate_cells(later)),
        ("Second", rate_cells(earlier)),
        ("Difference", difference_cells(found, later, earlier)),
    ]
    left = [
        ", ".join(named(name, value, names) for name, value in zip(by, key, strict=True))
        for key in found["left_out"]
    ]
    more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    note = f"Within 7 days, of what was notified in both. Left out: {'; '.join(left[:MOST_NAMED]) or 'nothing'}{more}."
    return Section("Like for like", f"Group|{RATE_COLUMNS}", table, note=note, code="S19")


def _interval(figure: Mapping[str, Any]) -> list[float] | None:
    found = wilson(figure["numerator"], figure["denominator"])
    return list(found) if found else None


def difference_cells(found: Mapping[str, Any], one: Mapping[str, Any], two: Mapping[str, Any]) -> list[Cell]:
    """A difference between two rates as `comparison.difference` gives it, in the columns of a rate."""
    smaller = min(one["denominator"], two["denominator"])
    if found["difference"] is None or smaller < LEAST_SHOWN:
        return [DASH, DASH, Cell("too few" if smaller else "no items"), DASH]
    low, high = found["interval"]
    return [DASH, DASH, Cell(points(found["difference"])), Cell(f"{points(low)} to {points(high)}")]


def points(difference: float) -> str:
    """A difference of rates in percentage points, with its sign, as `+3.4`."""
    exact = (Decimal(str(difference)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) + 0
    return f"{exact:+}".replace("-", "\N{MINUS SIGN}")
