"""What the figures' pages show beside the rate: each page is sections, each a table whose counts lead to their rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from accounts.showing import duration, percent, places_for
from reports import charts, tallies
from reports.charts import Chart
from reports.columns import Columns
from reports.comparison import funnel, trend
from reports.durations import s18
from reports.facts import Scope
from reports.measures import EXCLUSIONS, OUTCOMES, s02, s03, s05
from reports.periods import Period
from reports.row_sets import AGE_WORDS
from reports.showing import LEAST_SHOWN, LOW_BASE, Rows

WINDOW = "7d"
FUNNEL_NOTE = (
    "In order of name: this is no ranking, and platforms differ in what they were notified of. Dashes are the 95%"
    " limits around the rate of all, dots 99.8%."
)
MUCH = 0.05
RATE_COLUMNS = "Items|Of|Share|95% interval"

Doubt = tuple[str, int, str, tuple[int, str]]  # in words; how many; their rows; of how many, with theirs


class Cell(NamedTuple):
    """What stands under a column; `url` leads to the rows behind it."""

    text: str
    url: str = ""


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


def _groups(columns: Columns, scope: Scope, by: str) -> list[dict[str, Any]]:
    """S05 of each group."""
    return [
        {"group": {by: key[0]}, "S05": s05(tallies.of_columns(group, scope))}
        for key, group in tallies.grouped(columns, [by])
        if key
    ]


def by_month(columns: Columns, scope: Scope, base: str) -> Section:
    """S05 within seven days of each monthly cohort."""
    found = trend(_groups(columns, scope, "month"), WINDOW)
    rows = []
    for each in found:
        own = Rows(base, replace(scope, period=_month(str(each["month"]), scope.period)))
        cells = rate_cells({**each, "interval": each["limits_95"]}, *within_urls(own))
        if not each["mature"]:
            cells[2:] = [Cell("not due"), Cell("–")]
        rows.append((str(each["month"]), cells))
    return Section(
        "Taken down within 7 days, by month of notice",
        "Month|Taken down|Of|Rate|95% interval",
        rows,
        charts.trend("Taken down within 7 days, by month of notice", found),
        "Thick lines are 95% limits, thin ones 99.8%. A month has a rate once all its items have had their seven days.",
        "S05, S19",
    )


def within_urls(rows: Rows, window: str = WINDOW, **more: str) -> tuple[str, str]:
    return (
        rows.of(window=window, within="yes", **more),
        rows.of(window=window, within="yes,no,indeterminate", **more),
    )


def _month(month: str, period: Period) -> Period:
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(max(first, period.first), min(last, period.last))


def backlog(columns: Columns, scope: Scope, base: str) -> Section:
    """S18 by age."""
    rows, found = Rows(base, scope), s18(columns, scope)["by_age"]
    return Section(
        "Still live, by time since the notice",
        "Age|Items",
        [
            (AGE_WORDS[name], [count_cell(number, rows.of(set=f"age_{name}"))])
            for name, number in found.items()
        ],
        charts.counts(
            "Still live, by time since the notice",
            {AGE_WORDS[name]: number for name, number in found.items()},
        ),
        code="S18",
    )


def compared(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """S19: the platforms beside each other, in order of name, and the months."""
    found = funnel(_groups(columns, scope, "platform"), WINDOW)
    table = [
        (
            each["platform"],
            [
                *rate_cells(
                    {**each, "interval": each["limits_95"]},
                    *within_urls(Rows(base, scope.about(platform=each["platform"]))),
                )[:3],
                Cell(f"{percent(each['limits_998'][0])} to {percent(each['limits_998'][1])}"),
                Cell("Yes" if each["outside"] else "No"),
            ],
        )
        for each in found["points"]
    ]
    title = "Platforms within the limits of chance"
    chart = charts.funnel(title, [(each["platform"], each) for each in found["points"]])
    columns_ = "Platform|Taken down within 7 days|Of|Rate|99.8% limits of chance|Outside"
    return [Section(title, columns_, table, chart, FUNNEL_NOTE, "S19"), by_month(columns, scope, base)]


def quality(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """What to know before a figure is used."""
    rows, tally = Rows(base, scope), tallies.of_columns(columns, scope)
    table = [
        (
            words,
            [
                count_cell(number, url),
                count_cell(*whole),
                Cell(percent(number / whole[0], places_for(whole[0])) if whole[0] else "no items"),
                Cell("Look into it" if whole[0] and number / whole[0] > MUCH else "–"),
            ],
        )
        for words, number, url, whole in _doubts(columns, tally, rows)
    ]
    return [Section("What to know before a figure is used", "What|Items|Of|Share|Over 5%", table)]


def _doubts(columns: Columns, tally: tallies.Tally, rows: Rows) -> Iterator[Doubt]:
    outcomes, window = s03(tally)["outcomes"], s05(tally)[WINDOW]
    eligible, everything = (tally.eligible, rows.of(eligible="1")), (len(columns), rows.of())
    for words, name in (
        ("Outcome not known", "UNKNOWN"),
        ("Platform says down, we see it live", "CONTRADICTED"),
        ("Said to be down, not checked since", "REPORTED_DOWN_UNVERIFIED"),
    ):
        yield words, outcomes[name], rows.of(outcome=name), eligible
    unclear = rows.of(window=WINDOW, within="indeterminate")
    mature = (window["denominator"], within_urls(rows)[1])
    yield "No look tells whether it was gone within 7 days", window["indeterminate"], unclear, mature
    for words, chosen, name, value in (
        ("No proof of receipt: T0 is the time of sending", "sent_basis", "t0_basis", "sent"),
        ("Without a category", "no_category", "category", None),
        ("Without a language", "no_language", "language", None),
    ):
        yield words, int(columns.is_(name, value).sum()), rows.of(set=chosen), everything
    for code, number in s02(tally).items():
        yield f"{code} {EXCLUSIONS[code]}", number, rows.of(exclusion=code), everything


def overview(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """The manager's first page, under its headline: trend, outcomes, backlog."""
    rows, found = Rows(base, scope), s03(tallies.of_columns(columns, scope))["outcomes"]
    table = [(OUTCOMES[name], [count_cell(number, rows.of(outcome=name))]) for name, number in found.items()]
    return [
        by_month(columns, scope, base),
        Section(
            "What became of the eligible items", "Outcome|Items", table, charts.outcomes(found), code="S03"
        ),
        backlog(columns, scope, base),
    ]
