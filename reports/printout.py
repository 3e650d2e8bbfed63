"""A document of figures for a person at a terminal: every statistic of every group, as aligned tables."""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from accounts.showing import percent, places_for
from reports.durability import FOLLOW_UPS
from reports.platform_sections import SPANS
from reports.row_sets import CAUSE_WORDS, REACTION_WORDS, REASON_WORDS
from reports.showing import LOW_BASE, WINDOW_NAMES
from reports.tabulation import (
    MARKS,
    OVER_BATCHES,
    RATE_HEADS,
    Cell,
    Group,
    Hours,
    Share,
    Table,
    backlog,
    exclusions,
    flow,
    outcomes,
    printed,
    rate_cells,
    times,
    windows,
)

WIDTH, INDENT, GAP = 100, "  ", "  "
FOLLOWED = {name: f"{length.days} days" for name, length in FOLLOW_UPS.items()}
LOW = MARKS["low"]


def print_out(document: Mapping[str, Any]) -> str:
    """The whole document in plain text, a section for each group, a table for each statistic."""
    period = document["period"]
    head = (
        f"Notified from {period['from']} to {period['to']} (Europe/London), as at {document['as_at']},"
        f" known by {document['known_by']}"
    )
    filters = "; ".join(f"{name} {value}" for name, value in document["filters"].items())
    parts = [
        "\n".join(
            [
                head,
                *([f"Only {filters}"] if filters else []),
                f"{document['rows']:,} rows, SHA-256 {document['rows_sha256']}",
            ]
        )
    ]
    for group in document["groups"]:
        parts += [_named(group["group"]), *(_aligned(make(group)) for make in EVERY)]
    parts += [_aligned(table) for table in _compared(document.get("S19", {}))]
    return "\n\n".join(parts)


def _named(group: Mapping[str, str | None]) -> str:
    name = ", ".join(f"{what} {value or 'none'}" for what, value in group.items()) or "All"
    return f"{name}\n{'=' * len(name)}"


def _aligned(table: Table) -> str:
    """A table in columns: words to the left, figures to the right."""
    rows = [list(table.heads), *([printed(cell).replace(LOW, "*") for cell in row] for row in table.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.heads))]
    lines = [
        GAP.join(
            text.rjust(width) if place else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    ruled = [lines[0], GAP.join("-" * width for width in widths), *lines[1:]]
    is_low = any(text.endswith("*") for row in rows for text in row)
    notes = [table.note, f"* Low base: fewer than {LOW_BASE}." if is_low else ""]
    told = textwrap.wrap(" ".join(filter(None, notes)), WIDTH)
    return "\n".join([f"{table.code}  {table.title}", *(f"{INDENT}{line}" for line in [*ruled, *told])])


def _rates(
    code: str, title: str, rates: Mapping[str, Mapping[str, Any]], *more: str, note: str = ""
) -> Table:
    """A row for each rate; `more` are names of counts beside it."""
    beside = {"indeterminate": "Perhaps", "immature": "Not elapsed"}
    rows: list[tuple[Cell, ...]] = [
        (name, *rate_cells(rate), *(rate.get(extra) for extra in more)) for name, rate in rates.items()
    ]
    return Table(code, title, ("What", *RATE_HEADS, *(beside[extra] for extra in more)), rows, note)


def _notified(group: Group) -> Table:
    s01 = group["S01"]
    kinds = [(f"of kind {kind}", number) for kind, number in s01["by_kind"].items() if number]
    rows: list[tuple[Cell, ...]] = [
        ("Items", s01["notified_items"]),
        *kinds,
        ("Notices", s01["notices"]),
        ("Chasers", s01["chasers"]),
    ]
    return Table("S01", "Notified", ("What", "Number"), rows)


def _to_date(group: Group) -> Table:
    s04, follow_up = group["S04"], group["S04"]["follow_up_hours"]
    note = ""
    if s04["rate"] is not None:
        low, high = (percent(s04[bound], places_for(s04["denominator"])) for bound in ("low", "high"))
        least, half = (printed(Hours(follow_up[name])) for name in ("minimum", "median"))
        note = (
            f"Bounds {low} (the platform's own removals) to {high} (with deletions by uploaders, and removals nobody"
            f" looked at). Followed up for {least} at least, half of the items for {half} or more."
            f"{OVER_BATCHES if s04.get('cluster_interval') else ''}"
        )
    return _rates("S04", "Taken down to date, net", {"Taken down": s04}, note=note)


def _decided(group: Group) -> Table:
    note = "Never quoted without S04."
    return _rates("S06", "Removed, of items decided or verified down", {"Removed": group["S06"]}, note=note)


def _verified(group: Group) -> Table:
    s07 = group["S07"]
    rates = {
        "Looked at since": s07,
        "Seen live, of those said to be down and looked at": s07["contradiction"],
    }
    return _rates("S07", "Verified share of removals", rates)


def _mean_live(group: Group) -> Table:
    s09 = group["S09"]
    mean = Hours(s09["hours"]) if s09["hours"] is not None else None
    return Table("S09", "Mean time live", ("Within", "Mean"), [(f"{s09['horizon_hours'] // 24} days", mean)])


def _ended(group: Group) -> Table:
    n = group["S08"]["n"]
    rows: list[tuple[Cell, ...]] = [
        (WINDOW_NAMES[name], *(Share((shares or {}).get(cause), n) for cause in (*CAUSE_WORDS, "live")))
        for name, shares in group["S10"].items()
    ]
    return Table("S10", "What ended it first", ("After", *CAUSE_WORDS.values(), "Still live"), rows)


def _reactions(group: Group) -> Table:
    s11 = group["S11"]
    acknowledged, decided = (
        printed(Hours(s11[f"median_{what}_hours"])) for what in ("acknowledged", "decided")
    )
    note = f"Half acknowledged: {acknowledged}; half decided: {decided} (needs ten). Never called taken down."
    rates = {words: s11[name] for name, words in REACTION_WORDS.items()}
    rates["Any reaction by the as-at"] = s11["feedback"]
    return _rates("S11", "Responsiveness (notices)", rates, "immature", note=note)


def _refused(group: Group) -> Table:
    s12 = group["S12"]
    reasons = ", ".join(f"{words.lower()} {s12['by_reason'][name]:,}" for name, words in REASON_WORDS.items())
    rates = {"Refused at any time": s12, "Down within 28 days after a refusal": s12["overturned"]}
    return _rates("S12", "Refusals", rates, "immature", note=f"First reasons: {reasons}.")


def _durable(group: Group) -> Table:
    s13 = group["S13"]
    rates = {
        **{f"Live again within {FOLLOWED[name]}": rate for name, rate in s13["reinstated"].items()},
        **{f"Copy found within {FOLLOWED[name]}": rate for name, rate in s13["reappeared"].items()},
        "Down at the as-at, of all ever taken down": s13["net"],
    }
    return _rates("S13", "Durability", rates, "indeterminate", "immature")


def _restricted(group: Group) -> Table:
    s14 = group["S14"]
    names = {
        "restricted_uk": "Blocked from the UK alone", "limited": "Limited",
        "not_reachable_uk": "Not reachable from the UK",
    }  # fmt: skip
    measures = {**s14["restricted_uk"]["by_measure"], **s14["limited"]["by_measure"]}
    told = ", ".join(f"{measure} {number:,}" for measure, number in measures.items())
    rates = {words: s14[name] for name, words in names.items()}
    return _rates("S14", "Restricted but not removed", rates, note=f"By measure: {told or 'none'}.")


def _own_speed(group: Group) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (SPANS[name], span["n"], span["events"], Hours(span["median_hours"]), Hours(span["p90_hours"]))
        for name, span in group["S15"].items()
    ]
    heads = ("From, to", "Items", "Ended", "Half by", "Nine tenths by")
    return Table("S15", "Our own speed", heads, rows, "Percentiles need ten events.")


def _quality(group: Group) -> Table:
    names = {
        "valid_notices": "Valid notices", "valid_items": "Valid items", "upheld": "Upheld, of items decided",
        "disputed": "Disputed items", "called_error": "Called an error by the platform",
        "undelivered_notices": "Notices not delivered", "undelivered_items": "Items not delivered",
    }  # fmt: skip
    return _rates("S16", "Notice quality", {words: group["S16"][name] for name, words in names.items()})


def _compared(s19: Mapping[str, Any]) -> Iterator[Table]:
    """S19 by month, or by platform, a table for each window."""
    for window, months in s19.get("trend", {}).items():
        rows: list[tuple[Cell, ...]] = [(row["month"], *_limits(row)) for row in months]
        title = f"Taken down within {WINDOW_NAMES[window]}, by month"
        yield Table(
            "S19", title, ("Month", *LIMITED), rows, "Months that have had their time alone have a rate."
        )
    for window, funnel in s19.get("funnel", {}).items():
        rows = [
            (point["platform"], *_limits(point), "outside" if point["outside"] else "")
            for point in funnel["points"]
        ]
        pooled = funnel["pooled"]
        note = f"Limits around {printed(Share(pooled['rate'], pooled['denominator']))}, the rate of all."
        title = f"Taken down within {WINDOW_NAMES[window]}, by platform"
        yield Table("S19", title, ("Platform", *LIMITED, "99.8%"), rows, note)


LIMITED = (*RATE_HEADS, "99.8% from", "99.8% to")


def _limits(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    base = row["denominator"]
    if row["rate"] is None:
        return (row["numerator"], base, *[None] * 5)
    limits = (*row["limits_95"], *row["limits_998"])
    return (row["numerator"], base, Share(row["rate"], base), *(Share(limit, base) for limit in limits))


EVERY: tuple[Callable[[Group], Table], ...] = (
    _notified, exclusions, outcomes, _to_date, windows, _decided, _verified, times, _mean_live, _ended,
    _reactions, _refused, _durable, _restricted, _own_speed, _quality, flow, backlog,
)  # fmt: skip
