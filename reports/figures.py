"""The figures of a scope as one document: what `takedown_statistics`, the API and the PDF print."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from reports import clusters, flow, tallies
from reports.columns import Columns
from reports.comparison import compared
from reports.durability import s13
from reports.durations import timed
from reports.facts import DEFINITION_VERSION, WINDOWS, Scope, check_groupings
from reports.fingerprints import fingerprint
from reports.flow import Removals
from reports.measures import counted, each
from reports.notice_quality import s16
from reports.own_speed import s15
from reports.periods import stamp
from reports.refusals import s12
from reports.responsiveness import s11
from reports.restrictions import s14

OVER_COLUMNS = {"S11": s11, "S12": s12, "S13": s13, "S14": s14, "S15": s15, "S16": s16}


def figures(scope: Scope, by: Sequence[str] = ()) -> dict[str, Any]:
    """The document of interfaces.md, section 4. Raises `ValueError` for a grouping that is not known."""
    check_groupings(by)
    columns = Columns.read(scope)
    found = groups(columns, scope, by)
    s19 = compared(found, by)
    return {
        **heading(scope),
        "rows": len(columns),
        "rows_sha256": fingerprint(columns),
        **({"S19": s19} if s19 else {}),
        "groups": found,
    }


@contextmanager
def _without_collection() -> Iterator[None]:
    """Of a million dictionaries none is in a cycle, and to look for one takes a tenth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_without_collection()
def groups(columns: Columns, scope: Scope, by: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The measures of all rows, then of those with each combination of values that occurs."""
    chasers, flows = tallies.chasers(scope, by), flow.by_group(columns, scope, by)
    keys, together = tallies.grouped(columns, by)
    found = []
    for own, rows in (([()], columns), (keys, together)):
        measures = _measures(rows, scope, [chasers.get(key, 0) for key in own], [flows[key] for key in own])
        found += [
            {"group": dict(zip(by, key, strict=False)), **measure}
            for key, measure in zip(own, measures, strict=True)
        ]
    return found


def heading(scope: Scope) -> dict[str, Any]:
    """What every figure carries with it."""
    return {
        "definition_version": DEFINITION_VERSION,
        "period": {
            "from": scope.period.first.isoformat(),
            "to": scope.period.last.isoformat(),
            "time_zone": "Europe/London",
        },
        "as_at": stamp(scope.as_at),
        "known_by": stamp(scope.known_by),
        "filters": scope.filters,
    }


def _measures(
    columns: Columns, scope: Scope, chasers: Sequence[int], removals: Sequence[Removals]
) -> Iterator[dict[str, Any]]:
    """All measures of each group."""
    over = each(**{name: measure(columns, scope) for name, measure in OVER_COLUMNS.items()})
    parts = (
        tallies.of_columns(columns, scope, chasers),
        timed(columns, scope),
        over,
        clusters.clustered(columns),
        removals,
    )
    for tally, times, more, added, flows in zip(*parts, strict=True):
        measures = {**counted(tally), **times, **more, "S17": flows.stated()}
        measures["S04"] |= added[clusters.TO_DATE]
        for name in WINDOWS:
            measures["S05"][name] |= added[name]
        yield dict(sorted(measures.items()))
