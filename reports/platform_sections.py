"""Sections on how long items stayed live, how platforms answered, what they refused, and what came back."""

from collections.abc import Mapping

from accounts.showing import percent
from reports import charts
from reports.columns import Columns
from reports.durability import FOLLOW_UPS, s13, staying
from reports.durations import CAUSES, HORIZON_HOURS, Spells, first_spells, s08, s10
from reports.facts import WINDOWS
from reports.own_speed import s15, waits
from reports.refusals import s12
from reports.responsiveness import s11
from reports.row_sets import CAUSE_WORDS, REACTION_WORDS, REASON_WORDS
from reports.sections import RATE_COLUMNS, Cell, Section, count_cell, hours_cell, rate_cells
from reports.showing import WINDOW_NAMES, Rows
from reports.survival import Curve, kaplan_meiers

SINCE_NOTICE = "Since the notice"
CAME_BACK = {"reinstated": "Live again", "reappeared": "A linked copy"}
STAYED = {"reinstated": "Not live again", "reappeared": "No copy found"}
TIMES_NOTE = (
    "Not shown below ten removals. Refused items stay at risk; an item that its uploader deleted, that cannot be"
    " reached from the UK or that came under a hold is followed until then."
)
SPANS = {
    "seen_to_approved": "From sighting to approval",
    "approved_to_sent": "From approval to sending",
    "sent_to_t0": "From sending to receipt (T0)",
    "seen_to_removal": "From sighting to removal",
}


def removal_times(columns: Columns, rows: Rows) -> list[Section]:
    """S08 and S10."""
    spells = first_spells(columns)
    return [_quantiles(spells, rows), _still_live(spells, rows), _ended(spells, rows)]


def _quantiles(spells: Spells, rows: Rows) -> Section:
    (found,), everything = s08(spells), count_cell(len(spells), rows.of(set="at_risk"))
    table = [
        ("Half taken down after", [hours_cell(found["median_hours"]), everything]),
        ("Three quarters after", [hours_cell(found["p75_hours"]), everything]),
        ("Nine in ten after", [hours_cell(found["p90_hours"]), everything]),
    ]
    return Section("How long until removal", "Measure|Time|Items at risk", table, note=TIMES_NOTE, code="S08")


def _still_live(spells: Spells, rows: Rows) -> Section:
    (curve,), table = spells.curves, []
    for name, length in WINDOWS.items():
        until = length.total_seconds() / 3600
        value, low, high = curve.at(until)
        removed = int((spells.removed & (spells.hours <= until)).sum())
        cells = [
            count_cell(removed, rows.of(set=f"removed_by_{name}")),
            count_cell(int((spells.hours > until).sum()), rows.of(set=f"live_after_{name}")),
            Cell(percent(value)),
            Cell(f"{percent(low)} to {percent(high)}"),
        ]
        table.append((WINDOW_NAMES[name], cells))
    title = "Share still live after the notice"
    return Section(
        title,
        "After|Removed by then|Followed longer|Still live|95% interval",
        table,
        charts.curves(title, {"Still live": curve}, HORIZON_HOURS, since=SINCE_NOTICE),
        "Kaplan-Meier, with its 95% band.",
        "S08",
    )


def _ended(spells: Spells, rows: Rows) -> Section:
    (shares,), (curves,), title = s10(spells), spells.incidences, "What ended it first"
    table = []
    for place, cause in enumerate([*CAUSES, "live"]):
        cells = []
        for name, each in shares.items():
            until = WINDOWS[name].total_seconds() / 3600
            if cause == "live":
                number, chosen = int((spells.hours > until).sum()), f"live_after_{name}"
            else:
                ended = (spells.causes == place) & (spells.hours <= until)
                number, chosen = int(ended.sum()), f"ended_{cause}_{name}"
            cells.append(Cell(f"{number:,}", rows.of(set=chosen), percent(each[cause]) if each else "–"))
        table.append((CAUSE_WORDS.get(cause, "Still live"), cells))
    return Section(
        title,
        "Cause|24 hours|7 days|28 days",
        table,
        charts.curves(
            title,
            dict(zip(CAUSE_WORDS.values(), curves, strict=True)),
            HORIZON_HOURS,
            since=SINCE_NOTICE,
            bands=False,
        ),
        "Aalen-Johansen: the causes and “still live” sum to 100%. Under each share the items that were seen to end so,"
        " or were followed longer.",
        "S10",
    )


def responses(columns: Columns, rows: Rows) -> list[Section]:
    """S11."""
    (found,) = s11(columns, rows.scope)
    table = [
        (words, rate_cells(found[name], rows.of(set=name), rows.of(set=f"{name}_due")))
        for name, words in REACTION_WORDS.items()
    ]
    table.append(
        (
            "Any reaction by a person",
            rate_cells(found["feedback"], rows.of(set="feedback"), rows.of(set="notices")),
        )
    )
    everything = count_cell(found["feedback"]["denominator"], rows.of(set="notices"))
    medians = [
        ("Half acknowledged after", [hours_cell(found["median_acknowledged_hours"]), everything]),
        ("Half decided after", [hours_cell(found["median_decided_hours"]), everything]),
    ]
    named = {words: found[name] for name, words in REACTION_WORDS.items()}
    return [
        Section(
            "How soon platforms answered",
            "Answer|Notices|Of|Share|95% interval",
            table,
            charts.rates("How soon platforms answered", named),
            "Of delivered notices that had that time. Automatic receipts do not count. An answer is no removal.",
            "S11",
        ),
        Section(
            "Median waits",
            "Measure|Wait|Notices",
            medians,
            note="By Kaplan-Meier, with the notices that still wait; not shown below ten.",
            code="S11",
        ),
    ]


def refusals(columns: Columns, rows: Rows) -> list[Section]:
    """S12."""
    (found,) = s12(columns, rows.scope)
    refused = [
        ("Refused", rate_cells(found, rows.of(set="refused"), rows.of(eligible="1"))),
        (
            "Overturned: taken down within 28 days after the refusal",
            rate_cells(found["overturned"], rows.of(set="overturned"), rows.of(set="refused_due")),
        ),
    ]
    reasons = {REASON_WORDS[name]: number for name, number in found["by_reason"].items()}
    table = [
        (REASON_WORDS[name], [count_cell(number, rows.of(set=f"refused_{name}"))])
        for name, number in found["by_reason"].items()
    ]
    return [
        Section("What platforms refused", f"Measure|{RATE_COLUMNS}", refused, code="S12"),
        Section(
            "Reasons given first",
            "Reason|Items",
            table,
            charts.counts("Refused items by reason", reasons),
            code="S12",
        ),
    ]


def durability(columns: Columns, rows: Rows) -> list[Section]:
    """S13."""
    (found,), curves = s13(columns, rows.scope), {what: curve for what, (curve,) in staying(columns).items()}
    down = rows.of(eligible="1", outcome="DOWN_PLATFORM_VERIFIED,DOWN_UNATTRIBUTED")
    net = [("Down at the as-at", rate_cells(found["net"], down, rows.of(set="taken_down")))]
    named = {
        f"{words} within {length.days} days": found[what][name]
        for what, words in CAME_BACK.items()
        for name, length in FOLLOW_UPS.items()
    }
    table = [
        (
            f"{words} within {length.days} days",
            rate_cells(found[what][name], rows.of(set=f"{what}_{name}"), rows.of(set=f"followed_{name}")),
        )
        for what, words in CAME_BACK.items()
        for name, length in FOLLOW_UPS.items()
    ]
    return [
        Section("Of what was ever taken down", f"Measure|{RATE_COLUMNS}", net, code="S13"),
        _staying(curves, found["net"]["denominator"], rows),
        Section(
            "What came back after removal",
            f"What|{RATE_COLUMNS}",
            table,
            charts.rates("What came back after removal", named),
            "Of what was taken down so long before the as-at: live again at the same address, a copy elsewhere.",
            "S13",
        ),
    ]


def _staying(curves: Mapping[str, Curve], size: int, rows: Rows) -> Section:
    title, everything = "Share that stayed down", count_cell(size, rows.of(set="taken_down"))
    table = [
        (
            f"{STAYED[what]}, after {length.days} days",
            [everything, Cell(percent(value)), Cell(f"{percent(low)} to {percent(high)}")],
        )
        for what, curve in curves.items()
        for length in FOLLOW_UPS.values()
        for value, low, high in [curve.at(length.total_seconds() / 3600)]
    ]
    longest = FOLLOW_UPS["180d"].total_seconds() / 3600
    named = {STAYED[what]: curve for what, curve in curves.items()}
    chart = charts.curves(title, named, longest, since="Since the removal", bands=False)
    note = "Kaplan-Meier: each item is followed to the last look at it."
    return Section(title, "What|Taken down|Share|95% interval", table if size else [], chart, note, "S13")


def own_speed(columns: Columns, rows: Rows) -> list[Section]:
    """S15."""
    (found,) = s15(columns, rows.scope)
    table = [
        (
            words,
            [
                count_cell(found[name]["n"], rows.of(set=name)),
                hours_cell(found[name]["median_hours"]),
                hours_cell(found[name]["p90_hours"]),
            ],
        )
        for name, words in SPANS.items()
    ]
    title = "From sighting to removal"
    curves = {words: kaplan_meiers(*waits(columns)[name])[0] for name, words in SPANS.items()}
    return [
        Section(
            title,
            "Step|Items|Half within|Nine in ten within",
            table,
            charts.curves(
                "Share for which the step still lasted",
                curves,
                HORIZON_HOURS,
                since="Since the step began",
                bands=False,
            ),
            "Not reached, or fewer than ten: no value. Only the way to removal depends on the platform.",
            "S15",
        )
    ]
