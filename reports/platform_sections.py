"""Sections on how long items stayed live, how platforms answered, what they refused, and what came back."""

from accounts.showing import percent
from reports import charts
from reports.columns import Columns
from reports.durability import FOLLOW_UPS, s13
from reports.durations import CAUSES, HORIZON_HOURS, first_spells, s08, s10
from reports.facts import WINDOWS, Scope
from reports.own_speed import s15
from reports.refusals import s12
from reports.responsiveness import s11
from reports.row_sets import REACTION_WORDS, REASON_WORDS
from reports.sections import RATE_COLUMNS, Cell, Section, count_cell, hours_cell, rate_cells
from reports.showing import WINDOW_NAMES, Rows
from reports.survival import incidences, kaplan_meier

TIMES_NOTE = (
    "Not shown below ten removals. Refused items stay at risk; an item that its uploader deleted, that cannot be"
    " reached from the UK or that came under a hold is followed until then."
)
CAUSE_WORDS = dict(
    zip(
        CAUSES,
        ("By the platform", "Cause not known", "By the uploader", "Not reachable from the UK", "Hold"),
        strict=True,
    )
)
SPANS = {
    "seen_to_approved": "From sighting to approval",
    "approved_to_sent": "From approval to sending",
    "sent_to_t0": "From sending to receipt (T0)",
    "seen_to_removal": "From sighting to removal",
}


def removal_times(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """S08 and S10."""
    spells = first_spells(columns)
    curve = kaplan_meier(spells.hours, spells.removed)
    found, shares = s08(spells, curve), s10(spells)
    everything = Cell(f"{len(spells):,}", Rows(base, scope).of(set="at_risk"))
    quantiles = [
        ("Items at risk", [everything]),
        ("Half taken down after", [hours_cell(found["median_hours"])]),
        ("Three quarters after", [hours_cell(found["p75_hours"])]),
        ("Nine in ten after", [hours_cell(found["p90_hours"])]),
    ]
    at = [
        (WINDOW_NAMES[name], [Cell(percent(value)), Cell(f"{percent(low)} to {percent(high)}")])
        for name, (value, low, high) in (
            (name, curve.at(length.total_seconds() / 3600)) for name, length in WINDOWS.items()
        )
    ]
    named = dict(zip(CAUSE_WORDS.values(), incidences(spells.hours, spells.causes, len(CAUSES)), strict=True))
    causes = [
        (words, [Cell(percent(each[name]) if each else "–") for each in shares.values()])
        for name, words in {**CAUSE_WORDS, "live": "Still live"}.items()
    ]
    return [
        Section("How long until removal", "Measure|Value", quantiles, note=TIMES_NOTE, code="S08"),
        Section(
            "Share still live after the notice",
            "After|Still live|95% interval",
            at,
            charts.curves("Share still live after the notice", {"Still live": curve}, HORIZON_HOURS),
            "Kaplan-Meier, with its 95% band.",
            "S08",
        ),
        Section(
            "What ended it first",
            "Cause|24 hours|7 days|28 days",
            causes,
            charts.curves("What ended it first", named, HORIZON_HOURS, bands=False),
            "Aalen-Johansen: the causes and “still live” sum to 100%.",
            "S10",
        ),
    ]


def responses(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """S11."""
    rows, found = Rows(base, scope), s11(columns, scope)
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
    medians = [
        ("Half of the notices acknowledged after", [hours_cell(found["median_acknowledged_hours"])]),
        ("Half of the notices decided after", [hours_cell(found["median_decided_hours"])]),
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
            "Measure|Wait",
            medians,
            note="By Kaplan-Meier, with the notices that still wait; not shown below ten.",
            code="S11",
        ),
    ]


def refusals(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """S12."""
    rows, found = Rows(base, scope), s12(columns, scope)
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


def durability(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """S13."""
    rows, found = Rows(base, scope), s13(columns, scope)

    def came_back(what: str) -> list[tuple[str, list[Cell]]]:
        return [
            (
                f"{length.days} days",
                rate_cells(found[what][name], rows.of(set=f"{what}_{name}"), rows.of(set=f"followed_{name}")),
            )
            for name, length in FOLLOW_UPS.items()
        ]

    down = rows.of(eligible="1", outcome="DOWN_PLATFORM_VERIFIED,DOWN_UNATTRIBUTED")
    net = [("Down at the as-at", rate_cells(found["net"], down, rows.of(set="taken_down")))]
    named = {
        f"Live again within {length.days} days": found["reinstated"][name]
        for name, length in FOLLOW_UPS.items()
    }
    named |= {
        f"A copy within {length.days} days": found["reappeared"][name] for name, length in FOLLOW_UPS.items()
    }
    columns_ = f"Within|{RATE_COLUMNS}"
    return [
        Section("Of what was ever taken down", f"Measure|{RATE_COLUMNS}", net, code="S13"),
        Section(
            "Live again at the same address",
            columns_,
            came_back("reinstated"),
            charts.rates("What came back after removal", named),
            code="S13",
        ),
        Section("A linked copy elsewhere", columns_, came_back("reappeared"), code="S13"),
    ]


def own_speed(columns: Columns, scope: Scope, base: str) -> list[Section]:
    """S15."""
    rows, found = Rows(base, scope), s15(columns, scope)
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
    note = "Not reached, or fewer than ten: no value. Only the way to removal depends on the platform."
    return [
        Section(
            "From sighting to removal",
            "Step|Items|Half within|Nine in ten within",
            table,
            note=note,
            code="S15",
        )
    ]
