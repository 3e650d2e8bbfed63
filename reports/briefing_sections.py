"""A briefing's document as tables: the page links each number to its rows, the PDF prints the same."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from casework.models import Kind
from platforms.models import Severity
from reports import charts
from reports.comparison_sections import difference_cells
from reports.durations import LIVE
from reports.measures import EXCLUSIONS, HIGH, LOW, NUMERATOR, OUTCOMES, proportion
from reports.periods import LONDON
from reports.row_sets import REACTION_WORDS, REASON_WORDS
from reports.sections import (
    RATE_COLUMNS,
    Cell,
    Section,
    broken_note,
    count_cell,
    hours_cell,
    month_rows,
    rate_cells,
    within_urls,
)
from reports.showing import WINDOW_NAMES, Rows, outcome_rows

MOST_ROWS = 5  # of kinds and of categories; two pages hold no more
MOST_MONTHS = 12
DASH = Cell("\N{EN DASH}")
Row = tuple[str, list[Cell]]


def sections(document: Mapping[str, Any], rows: Rows) -> dict[str, Section]:
    """Every table by name, in the order in which the page shows them."""
    group = document["groups"][0]
    return {
        "kinds": _kinds(group, rows),
        "categories": _categories(document["by_category"], rows),
        "headline": _headline(group, rows),
        "outcomes": _outcomes(group, rows),
        "windows": _windows(group, rows),
        "answers": _answers(group, rows),
        "times": _times(group, rows),
        "disputes": _disputes(document["disputes"], rows),
        "refusals": _refusals(group, rows),
        "others": _others(document, rows),
        "trend": _trend(document["trend"], rows),
    }


def _headline(group: Mapping[str, Any], rows: Rows) -> Section:
    """S04 between its bounds, of which no interval is told."""
    outcomes, eligible = group["S03"]["outcomes"], rows.of(eligible="1")
    table: list[Row] = []
    for words, counted in (("To date", NUMERATOR), ("Lowest reading", LOW), ("Highest reading", HIGH)):
        rate = proportion(sum(outcomes[name] for name in counted), group["S03"]["eligible"])
        cells = rate_cells(rate, rows.of(outcome=",".join(counted)), eligible)
        table.append((words, cells if counted == NUMERATOR else [*cells[:3], DASH]))
    note = (
        "Lowest: only what is the platform's beyond doubt. Highest: also the uploader's, and what was said to be"
        " down and not checked since."
    )
    return Section("Taken down to date, net", f"Reading|{RATE_COLUMNS}", table, note=note, code="S04")


def _first(found: Sequence[Row], rest: str) -> list[Row]:
    """No more rows than there is room for; the smaller ones together."""
    if len(found) <= MOST_ROWS:
        return list(found)
    kept, others = found[: MOST_ROWS - 1], found[MOST_ROWS - 1 :]
    number = sum(int(cells[0].text.replace(",", "")) for _, cells in others)
    return [*kept, (f"{len(others)} {rest}", [count_cell(number)])]


def _kinds(group: Mapping[str, Any], rows: Rows) -> Section:
    found = sorted(group["S01"]["by_kind"].items(), key=lambda pair: (-pair[1], pair[0]))
    table: list[Row] = [
        (str(Kind(kind).label), [count_cell(number, rows.of(group=f"kind:{kind}"))]) for kind, number in found
    ]
    return Section("Items notified, by kind", "Kind|Items", _first(table, "other kinds"), code="S01")


def _categories(entries: Sequence[Mapping[str, Any]], rows: Rows) -> Section:
    table: list[Row] = [
        (
            entry["name"] or "None recorded",
            [count_cell(entry["items"], rows.of(group=f"category:{entry['category'] or ''}"))],
        )
        for entry in entries
    ]
    return Section(
        "Items notified, by category", "Category|Items", _first(table, "other categories"), code="S01"
    )


def _outcomes(group: Mapping[str, Any], rows: Rows) -> Section:
    table = [
        (row["name"], [count_cell(row["count"], row["url"]), Cell(row["share"])])
        for row in outcome_rows(group["S03"], rows)
        if row["count"]
    ]
    left_out = ", ".join(
        f"{words[:1].lower()}{words[1:]} {group['S02'][code]:,}"
        for code, words in EXCLUSIONS.items()
        if group["S02"][code]
    )
    note = f"Left out of the eligible items: {left_out}." if left_out else ""
    return Section("What became of them", "Outcome|Items|Share of eligible", table, note=note, code="S03")


def _windows(group: Mapping[str, Any], rows: Rows) -> Section:
    table = [
        (WINDOW_NAMES[name], rate_cells(rate, *within_urls(rows, name)))
        for name, rate in group["S05"].items()
    ]
    return Section(
        "Taken down within",
        "Within|Taken down|Of|Rate|95% interval",
        table,
        note="Of eligible items that had that time. What no look could tell counts as not taken down.",
        code="S05",
    )


def _times(group: Mapping[str, Any], rows: Rows) -> Section:
    s08 = group["S08"]
    table = [
        ("Items at risk", [count_cell(s08["n"], rows.of(set="at_risk"))]),
        *(
            (words, [hours_cell(s08[name])])
            for words, name in (
                ("Half taken down after", "median_hours"),
                ("Three quarters after", "p75_hours"),
                ("Nine in ten after", "p90_hours"),
            )
        ),
    ]
    note = "Kaplan-Meier, refused items included. Not shown below ten removals."
    return Section("Time to removal", "Measure|Value", table, note=note, code="S08")


def _answers(group: Mapping[str, Any], rows: Rows) -> Section:
    s11 = group["S11"]
    table = [
        (words, rate_cells(s11[name], rows.of(set=name), rows.of(set=f"{name}_due")))
        for name, words in REACTION_WORDS.items()
    ]
    table.append(
        (
            "Any reaction by a person",
            rate_cells(s11["feedback"], rows.of(set="feedback"), rows.of(set="notices")),
        )
    )
    medians = ", ".join(
        f"{words} {hours_cell(s11[name]).text}"
        for words, name in (
            ("half acknowledged after:", "median_acknowledged_hours"),
            ("half decided after:", "median_decided_hours"),
        )
    )
    return Section(
        "How soon it answered",
        "Answer|Notices|Of|Share|95% interval",
        table,
        note=f"Of delivered notices; an answer is no removal. By Kaplan-Meier, {medians}.",
        code="S11",
    )


def _refusals(group: Mapping[str, Any], rows: Rows) -> Section:
    s12, refused = group["S12"], rows.of(set="refused")
    table = [
        ("Refused", rate_cells(s12, refused, rows.of(eligible="1"))),
        (
            "Down 28 days later",
            rate_cells(s12["overturned"], rows.of(set="overturned"), rows.of(set="refused_due")),
        ),
        *(
            (
                REASON_WORDS[name],
                rate_cells(proportion(number, s12["numerator"]), rows.of(set=f"refused_{name}"), refused),
            )
            for name, number in s12["by_reason"].items()
            if number
        ),
    ]
    note = "By the reason given first; its share is of what was refused."
    return Section("What it refused, and why", f"Measure|{RATE_COLUMNS}", table, note=note, code="S12")


def _disputes(found: Mapping[str, int], rows: Rows) -> Section:
    table = [
        (
            "It says removed, we see it",
            [count_cell(found["said_down_seen_live"], rows.of(outcome="CONTRADICTED"))],
        ),
        (
            "It says kept, we do not see it",
            [count_cell(found["said_kept_seen_gone"], rows.of(set="kept_and_gone"))],
        ),
    ]
    return Section("Where its word and our looks differ", "Dispute|Items", table, code="S16")


def _trend(months: Sequence[Mapping[str, Any]], rows: Rows) -> Section:
    shown, title = months[-MOST_MONTHS:], "Taken down within 7 days, by month of notice"
    note = (
        "Thick lines are 95% limits, thin ones 99.8%. A month is due once all its items have had seven days."
    )
    if len(months) > len(shown):
        note += f" The last {MOST_MONTHS} of {len(months)} months."
    return Section(
        title,
        "Month|Taken down|Of|Rate|95% interval",
        month_rows(shown, rows),
        charts.trend(title, shown),
        note + broken_note(shown),
        "S05, S19",
    )


def _others(document: Mapping[str, Any], rows: Rows) -> Section:
    everybody = rows.about(platform="")
    table: list[Row] = []
    for window, found in document["beside_others"].items():
        name = WINDOW_NAMES[window]
        table += [
            (
                f"{name}: this platform",
                rate_cells(found["platform"], *within_urls(rows, window)),
            ),
            (f"{name}: the others", rate_cells(found["others"])),
            (f"{name}: all", rate_cells(found["all"], *within_urls(everybody, window))),
            (f"{name}: difference", difference_cells(found, found["platform"], found["others"])),
        ]
    note = (
        "The others are all other platforms together. The difference from them is in percentage points, with"
        " Newcombe's 95% interval. This is no league table: platforms differ in what they were notified of."
    )
    return Section("Beside the other platforms", f"Within|{RATE_COLUMNS}", table, note=note, code="S05, S19")


def open_url(rows: Rows) -> str:
    """The rows of all items that are still live."""
    return rows.of(outcome=",".join(LIVE))


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the lists of the document hold, in words for people; days are London's."""
    names = {entry["category"]: entry["name"] for entry in document["by_category"]}
    return {
        "oldest": [
            {
                **one,
                "kind": Kind(one["kind"]).label,
                "category": names.get(one["category"]) or "\N{EN DASH}",
                "outcome": OUTCOMES[one["outcome"]],
                "notified_on": _day(one["notified_at"]),
                "last_live_on": _day(one["last_live_at"]),
            }
            for one in document["open"]["oldest"]
        ],
        "commitments": [
            {**one, "severity": Severity(one["severity"]).label if one["severity"] else "Any other"}
            for one in document["commitments"]
        ],
        "contacts": [{**one, "confirmed_on": _day(one["confirmed_at"])} for one in document["contacts"]],
    }


def _day(stamped: str | None) -> date | None:
    return datetime.fromisoformat(stamped).astimezone(LONDON).date() if stamped else None
