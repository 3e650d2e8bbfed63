"""What the figures' pages show beside the rate: each page is sections, each a table whose counts lead to their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from accounts.showing import duration, percent, places_for
from reports import breaks, charts
from reports.charts import Chart
from reports.columns import Columns
from reports.comparison import broken, cohorts, funnel, trend
from reports.durations import s18
from reports.groupings import named
from reports.periods import Period
from reports.row_sets import AGE_WORDS
from reports.showing import LEAST_SHOWN, LOW_BASE, Rows

WINDOW = "7d"
FUNNEL_NOTE = (
    "Taken down within 7 days. In order of name: this is no ranking, and platforms differ in what they were notified"
    " of. Dashes are the 95% limits around the rate of all, dots 99.8%."
)
RATE_COLUMNS = "Items|Of|Share|95% interval"


class Cell(NamedTuple):
    """What stands under a column; `url` leads to the rows behind it, which `above` (a share of them) stands above.

    `words` are no number, and stand to the left.
    """

    text: str
    url: str = ""
    above: str = ""
    words: bool = False


@dataclass(frozen=True)
class Section:
    """A table, with the chart of the same figures where there is one; `columns` as the table component takes them."""

    title: str
    columns: str
    rows: Sequence[tuple[str, Sequence[Cell]]]
    chart: Chart | None = None
    note: str = ""
    code: str = field(default="")

    def __iter__(self) -> Any:
        """Each row as its label and its cells with their columns' names."""
        names = self.columns.split("|")[1:]
        return ((label, list(zip(names, cells, strict=True))) for label, cells in self.rows)


def count_cell(number: int, url: str = "") -> Cell:
    return Cell(f"{number:,}", url)


def share_cells(figure: Mapping[str, Any]) -> list[Cell]:
    """The rate, marked where the base is small, and its interval."""
    whole, rate = figure["denominator"], figure["rate"]
    if rate is None:
        return [Cell("no items"), Cell("–")]
    if whole < LEAST_SHOWN:
        return [Cell("too few"), Cell("–")]
    places = places_for(whole)
    low, high = figure["interval"]
    mark = " (low base)" if whole < LOW_BASE else ""
    return [
        Cell(percent(rate, places) + mark),
        Cell(f"{percent(low, places)} to {percent(high, places)}"),
    ]


def rate_cells(figure: Mapping[str, Any], top: str = "", base: str = "") -> list[Cell]:
    return [
        count_cell(figure["numerator"], top),
        count_cell(figure["denominator"], base),
        *share_cells(figure),
    ]


def hours_cell(hours: float | None, none: str = "not reached") -> Cell:
    return Cell(none if hours is None else duration(timedelta(hours=hours)))


def by_month(columns: Columns, rows: Rows) -> Section:
    """S05 within seven days of each monthly cohort."""
    marks = breaks.by_month(breaks.spanned(rows.scope))
    found = trend(cohorts(columns, rows.scope, "month"), WINDOW, marks)
    return Section(
        "Taken down within 7 days, by month of notice",
        "Month|Taken down|Of|Rate|95% interval",
        month_rows(found, rows),
        charts.trend("Taken down within 7 days, by month of notice", found),
        "Thick lines are 95% limits, thin ones 99.8%. A month has a rate once all its items have had"
        " seven days; until then it counts those that had." + broken_note(found),
        "S05, S19",
    )


def broken_note(months: Sequence[Mapping[str, Any]]) -> str:
    """What the dashed lines of a trend's chart stand for; empty without any."""
    changes = {row["month"]: row["break"] for row in months}
    told = [f" Dashed line {number}: {changes[month]}." for month, number in broken(months).items()]
    more = len(told) - breaks.MOST_TOLD
    return "".join(told[: breaks.MOST_TOLD]) + (f" And {more} more." if more > 0 else "")


def month_rows(months: Sequence[Mapping[str, Any]], rows: Rows) -> list[tuple[str, list[Cell]]]:
    """The rows of `comparison.trend`, each leading to its month's items; where the series breaks, it says so."""
    table, numbers = [], broken(months)
    for each in months:
        own = rows.about(period=_month(str(each["month"]), rows.scope.period))
        cells = rate_cells({**each, "interval": each["limits_95"]}, *within_urls(own))
        if not each["mature"]:
            cells[2:] = [Cell("not due"), Cell("–")]
        number = numbers.get(each["month"])
        label = named("month", each["month"], {})
        table.append((f"{label} (series break {number})" if number else label, cells))
    return table


def within_urls(rows: Rows, window: str = WINDOW, **more: str) -> tuple[str, str]:
    return (
        rows.of(window=window, within="yes", **more),
        rows.of(window=window, within="yes,no,indeterminate", **more),
    )


def _month(month: str, period: Period) -> Period:
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(max(first, period.first), min(last, period.last))


def backlog(columns: Columns, rows: Rows) -> Section:
    """S18 by age."""
    found = s18(columns, rows.scope)[0]["by_age"]
    title = "Still live, by time since the notice"
    return Section(
        title,
        "Age|Items",
        [
            (AGE_WORDS[name], [count_cell(number, rows.of(set=f"age_{name}"))])
            for name, number in found.items()
        ],
        charts.counts(title, {AGE_WORDS[name]: number for name, number in found.items()}),
        code="S18",
    )


def compared(columns: Columns, rows: Rows) -> list[Section]:
    """S19: the platforms beside each other, in order of name, and the months."""
    found = funnel(cohorts(columns, rows.scope, "platform"), WINDOW)
    points = [(named("platform", each["platform"], rows.names), each) for each in found["points"]]
    points.sort(key=lambda pair: pair[0].casefold())
    table = [
        (
            name,
            [
                *rate_cells(
                    {**each, "interval": each["limits_95"]},
                    *within_urls(rows.about(platform=each["platform"])),
                )[:3],
                Cell(f"{percent(each['limits_998'][0])} to {percent(each['limits_998'][1])}"),
                Cell("Yes" if each["outside"] else "No"),
            ],
        )
        for name, each in points
    ]
    title = "Platforms within the limits of chance"
    columns_ = "Platform|Down|Of|Rate|99.8% limits|Outside"
    chart = charts.funnel(title, points)
    return [Section(title, columns_, table, chart, FUNNEL_NOTE, "S05, S19"), by_month(columns, rows)]
