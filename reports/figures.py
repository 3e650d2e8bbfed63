"""The figures of a scope as one document: what `takedown_statistics`, the API and the PDF print."""

from collections.abc import Sequence
from typing import Any

from reports import tallies
from reports.durations import timed
from reports.facts import DEFINITION_VERSION, Episode, Scope, episodes, fingerprint
from reports.measures import counted
from reports.periods import stamp


def figures(scope: Scope, by: Sequence[str] = ()) -> dict[str, Any]:
    """The document of interfaces.md, section 4. Raises `ValueError` for a grouping that is not known."""
    groups = tallies.grouped(episodes(scope), scope, by)
    chasers = tallies.chasers(scope, by)
    return {
        **heading(scope),
        "rows": len(groups[()]),
        "rows_sha256": fingerprint(groups[()]),
        "groups": [
            {
                "group": dict(zip(by, key, strict=True)) if key else {},
                **_measures(rows, scope, chasers.get(key, 0)),
            }
            for key, rows in groups.items()
        ],
    }


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


def _measures(rows: list[Episode], scope: Scope, chasers: int) -> dict[str, Any]:
    return {**counted(tallies.of_rows(rows, scope, chasers=chasers)), **timed(rows, scope)}
