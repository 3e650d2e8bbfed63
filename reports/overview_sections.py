"""The manager's first page, under its headline."""

from dataclasses import replace

from django.urls import reverse

from accounts.showing import percent, places_for
from reports import charts, pipeline, tallies
from reports.columns import Columns
from reports.measures import OUTCOMES, s03
from reports.quality_sections import panel
from reports.sections import Cell, Section, backlog, by_month, count_cell
from reports.showing import LEAST_SHOWN, Rows

WAY_NOTE = (
    "One cohort: the items first seen in the period, whenever they were notified since. An item can be gone without"
    " an answer, and be said to be removed and still be live."
)


def way(rows: Rows) -> list[Section]:
    """How far the items first seen in the period have come; none for one channel, which comes with the notice."""
    if rows.scope.channel:
        return []
    found, own = pipeline.counts(rows.scope), replace(rows, base=reverse("reports:items"))
    title, whole = "From sighting to verified gone", found["identified"]
    table = [
        (
            words,
            [
                count_cell(found[stage], own.of(stage=stage)),
                Cell(percent(found[stage] / whole, places_for(whole)) if whole >= LEAST_SHOWN else "–"),
            ],
        )
        for stage, words in pipeline.STAGES.items()
    ]
    chart = charts.counts(title, {words: found[stage] for stage, words in pipeline.STAGES.items()})
    return [Section(title, "Step|Items|Of identified", table, chart, WAY_NOTE)]


def overview(columns: Columns, rows: Rows) -> list[Section]:
    """The manager's first page, under its headline: trend, the way of the items, outcomes, backlog, doubts."""
    (tally,) = tallies.of_columns(columns, rows.scope)
    found = s03(tally)["outcomes"]
    table = [(OUTCOMES[name], [count_cell(number, rows.of(outcome=name))]) for name, number in found.items()]
    return [
        by_month(columns, rows),
        *way(rows),
        Section(
            "What became of the eligible items",
            "Outcome|Items",
            table,
            charts.outcomes(found),
            "Dark bars count in the takedown rate, hatched ones only in its highest reading.",
            "S03",
        ),
        backlog(columns, rows),
        panel(columns, rows),
    ]
