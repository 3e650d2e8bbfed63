"""S19: differences, trend, limits for platforms, one mix for all (statistics.md, section 2).

All but `cohorts` are pure, over the groups of a document of figures; rates are those of S05 within a window.
Intervals are not adjusted for how many are shown: flags use 99.8%.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

from reports import tallies
from reports.columns import Columns
from reports.facts import Scope
from reports.intervals import Z95, Z998, newcombe, wilson
from reports.measures import s05

Group = Mapping[str, Any]


def cohorts(columns: Columns, scope: Scope, *by: str) -> list[dict[str, Any]]:
    """S05 of each group of the rows, without the total."""
    keys, rows = tallies.grouped(columns, by)
    return [
        {"group": dict(zip(by, key, strict=True)), "S05": s05(tally)}
        for key, tally in zip(keys, tallies.of_columns(rows, scope), strict=True)
    ]


def difference(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """The rate of the first measure less that of the second, with Newcombe's 95% interval; None for an empty one."""
    if not (first["denominator"] and second["denominator"]):
        return {"difference": None, "interval": None}
    found, low, high = newcombe(
        first["numerator"], first["denominator"], second["numerator"], second["denominator"]
    )
    return {"difference": found, "interval": [low, high]}


def trend(
    groups: Sequence[Group], window: str = "7d", breaks: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """S05 of each monthly cohort, in order, with 95% and 99.8% limits and the change since the month before.

    Cohorts of which some items have not had their time are marked as not mature and have no rate. `breaks` gives, by
    the month from which it holds, what changed in the series: the first cohort from then on tells it, and its change
    across the break is None.
    """
    breaks = breaks or {}
    rows: list[dict[str, Any]] = []
    for group in sorted(groups, key=lambda group: str(group["group"]["month"])):
        month, measure = group["group"]["month"], group["S05"][window]
        mature, before = not measure["immature"], rows[-1] if rows else None
        change = _told(breaks, before["month"] if before else "", month)
        row = {
            "month": month,
            "mature": mature,
            **_limited(measure, shown=mature),
            "break": change,
        }
        comparable = before is not None and before["mature"] and mature and not change
        rows.append({**row, "change": difference(row, before) if comparable and before else None})
    return rows


def broken(months: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The months of a trend in which the series breaks, numbered from 1."""
    return {row["month"]: number for number, row in enumerate((row for row in months if row.get("break")), 1)}


def funnel(groups: Sequence[Group], window: str = "7d", by: str = "platform") -> dict[str, Any]:
    """Each platform's rate beside the pooled one, with the limits within which chance alone would keep it.

    The limits are those of the score test of the pooled rate at the platform's number of items, which is where its
    Wilson interval begins to leave the pooled rate out; `outside` is true beyond 99.8%.
    """
    numerator = sum(group["S05"][window]["numerator"] for group in groups)
    denominator = sum(group["S05"][window]["denominator"] for group in groups)
    pooled = numerator / denominator if denominator else None
    return {
        "pooled": {"numerator": numerator, "denominator": denominator, "rate": pooled},
        "points": [
            {by: group["group"][by], **_placed(group["S05"][window], pooled)}
            for group in groups
            if group["S05"][window]["denominator"]
        ],
    }


def funnel_limits(pooled: float, n: int, z: float) -> list[float]:
    """The rates of n items between which chance keeps them, if the pooled rate holds for them."""
    spread = z * sqrt(pooled * (1 - pooled) / n)
    return [max(0.0, pooled - spread), min(1.0, pooled + spread)]


def standardised(
    groups: Sequence[Group],
    reference: Sequence[Group],
    window: str = "7d",
    by: Sequence[str] = ("platform", "kind"),
) -> dict[str, Any]:
    """The rate that the groups would have in the reference's mix, with a 95% interval (normal approximation).

    Both are the groups of documents by the same names. Each stratum's rate is weighted by its share of the reference's
    items; strata without items now are left out, and `covered` says how much of the reference is left.
    """
    now = {_key(group, by): group["S05"][window] for group in groups if group["S05"][window]["denominator"]}
    weights = {_key(group, by): group["S05"][window]["denominator"] for group in reference}
    whole = sum(weights.values())
    covered = sum(weight for key, weight in weights.items() if key in now)
    if not covered:
        return {"rate": None, "interval": None, "covered": 0.0 if whole else None}
    rate = variance = 0.0
    for key, weight in weights.items():
        if key in now:
            n, share = now[key]["denominator"], weight / covered
            own = now[key]["numerator"] / n
            rate += share * own
            variance += share**2 * own * (1 - own) / n
    spread = Z95 * sqrt(variance)
    return {
        "rate": rate,
        "interval": [max(0.0, rate - spread), min(1.0, rate + spread)],
        "covered": covered / whole,
    }


def like_for_like(
    later: Sequence[Group], earlier: Sequence[Group], window: str = "7d", by: Sequence[str] = ("platform",)
) -> dict[str, Any]:
    """Both pooled rates over the groups that have items in both, and their difference; `left_out` names the others."""
    first, second = (
        {_key(group, by): group["S05"][window] for group in groups if group["S05"][window]["denominator"]}
        for groups in (later, earlier)
    )
    both = first.keys() & second.keys()
    pooled = [_pooled([measures[key] for key in both]) for measures in (first, second)]
    return {
        "later": pooled[0],
        "earlier": pooled[1],
        **difference(*pooled),
        "left_out": sorted((list(key) for key in (first.keys() | second.keys()) - both), key=str),
    }


def compared(groups: Sequence[Group], by: Sequence[str]) -> dict[str, Any] | None:
    """S19 of a document by month (trend) or by platform (limits), for each window; None for other groupings."""
    if not groups or list(by) not in (["month"], ["platform"]):
        return None
    windows = list(groups[0]["S05"])
    if list(by) == ["month"]:
        return {"trend": {window: trend(groups[1:], window) for window in windows}}
    return {"funnel": {window: funnel(groups[1:], window) for window in windows}}


def _told(breaks: Mapping[str, str], after: str, until: str) -> str | None:
    """What changed in the months after one and until the other."""
    return "; ".join(breaks[month] for month in sorted(breaks) if after < month <= until) or None


def _key(group: Group, by: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(group["group"][name]) for name in by)


def _pooled(measures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    numerator, denominator = (
        sum(measure[name] for measure in measures) for name in ("numerator", "denominator")
    )
    return {"numerator": numerator, "denominator": denominator, **_rate(numerator, denominator)}


def _rate(numerator: int, denominator: int) -> dict[str, Any]:
    return {"rate": numerator / denominator if denominator else None}


def _limited(measure: Mapping[str, Any], *, shown: bool) -> dict[str, Any]:
    numerator, denominator = (measure[name] for name in ("numerator", "denominator"))
    limits = {"limits_95": Z95, "limits_998": Z998}
    return {
        "numerator": numerator,
        "denominator": denominator,
        "rate": measure["rate"] if shown else None,
        **{name: _wilson(numerator, denominator, z) if shown else None for name, z in limits.items()},
    }


def _wilson(numerator: int, denominator: int, z: float) -> list[float] | None:
    interval = wilson(numerator, denominator, z)
    return list(interval) if interval else None


def _placed(measure: Mapping[str, Any], pooled: float | None) -> dict[str, Any]:
    n, rate = measure["denominator"], measure["rate"]
    limits = {
        f"limits_{name}": funnel_limits(pooled or 0.0, n, z) for name, z in (("95", Z95), ("998", Z998))
    }
    low, high = limits["limits_998"]
    return {
        "numerator": measure["numerator"], "denominator": n, "rate": rate, **limits,
        "outside": not low <= rate <= high,
    }  # fmt: skip
