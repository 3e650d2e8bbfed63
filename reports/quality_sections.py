"""What to know before a figure is used: what the records do not say or say late, how much that is, what to do."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.showing import percent, places_for
from casework.models import Item
from reports import looks, tallies
from reports.columns import Columns
from reports.durations import s07
from reports.facts import Scope
from reports.groupings import named
from reports.looks import Looks
from reports.measures import EXCLUSIONS, s02, s03, s05
from reports.sections import Cell, Section, count_cell, within_urls
from reports.showing import LEAST_SHOWN, WINDOW_NAMES, Rows

MUCH, LOW_VERIFICATION, LARGE, BLIND = 0.05, 0.1, 0.1, 0.2
TITLE = "What to know before a figure is used"
HEADS = "What|Items|Of|Share|What to do"
EXCLUSION_ADVICE = {
    "X1": "Withdraw items before they are notified, not after.",
    "X2": "Send a chaser while an episode is open, not a second notice.",
    "X3": "Open the rows: which address, remit or channel was wrong?",
    "X4": "Look at items on the day on which their notice leaves.",
    "X5": "Correct the address of the channel, and notify again.",
    "X6": "Ask whether the holds are still needed.",
}


class Doubt(NamedTuple):
    """How many rows, with theirs, of how many, with theirs; over `limit`, the advice is given."""

    words: str
    number: int
    url: str
    whole: int
    whole_url: str
    limit: float
    advice: str

    @property
    def matters(self) -> bool:
        return self.number > self.limit * self.whole


def quality(columns: Columns, rows: Rows) -> list[Section]:
    """Every doubt, those that matter first; the looks that are due, and the looks of each platform."""
    found = sorted(doubts(columns, rows), key=lambda doubt: not doubt.matters)
    return [
        Section(TITLE, HEADS, [_row(doubt) for doubt in found]),
        Section("Looks that are due now", "What|Items|What to do", _due(rows.scope), note=DUE_NOTE),
        _looks(rows),
    ]


def panel(columns: Columns, rows: Rows) -> Section:
    """The doubts that matter, for the overview."""
    found = [_row(doubt) for doubt in doubts(columns, rows) if doubt.matters]
    note = "All that was looked at, and the looks themselves, stand under Data quality."
    return Section(TITLE, HEADS, found, note=note if found else f"Nothing stands out. {note}")


def doubts(columns: Columns, rows: Rows) -> Iterator[Doubt]:
    (tally,) = tallies.of_columns(columns, rows.scope)
    yield from _of_outcomes(tally, rows)
    (verified,) = s07(columns)
    unchecked = verified["denominator"] - verified["numerator"]
    yield Doubt(
        "Said to be removed, and not looked at since (low verification)", unchecked, rows.of(set="unchecked"),
        verified["denominator"], rows.of(set="removals"), LOW_VERIFICATION,
        "Have them looked at before the figures are quoted.",
    )  # fmt: skip
    yield from _of_windows(tally, rows)
    yield _dated_before(columns, tally, rows)
    yield Doubt(
        "Left with one notice, the largest", tally.largest_notice, rows.of(set="largest_notice"),
        tally.eligible, rows.of(eligible="1"), LARGE,
        "Quote the rate with the interval over batches, and without that notice: both stand in the report.",
    )  # fmt: skip
    yield from _of_records(columns, rows)
    for code, number in s02(tally).items():
        words = f"{code} {EXCLUSIONS[code]}"
        yield Doubt(
            words, number, rows.of(exclusion=code), len(columns), rows.of(), MUCH, EXCLUSION_ADVICE[code]
        )


def _of_outcomes(tally: tallies.Tally, rows: Rows) -> Iterator[Doubt]:
    outcomes = s03(tally)["outcomes"]
    for words, name, limit, advice in (
        ("Outcome not known", "UNKNOWN", MUCH, "Look at them: one look by a person with an exhibit settles it."),
        ("Platform says down, we see it live", "CONTRADICTED", 0.0, "Chase the platform with our look."),
        ("Said to be down, not checked since", "REPORTED_DOWN_UNVERIFIED", MUCH,
         "Look at them: until then they do not count as taken down."),
    ):  # fmt: skip
        url, whole = rows.of(outcome=name), rows.of(eligible="1")
        yield Doubt(words, outcomes[name], url, tally.eligible, whole, limit, advice)


def _of_windows(tally: tallies.Tally, rows: Rows) -> Iterator[Doubt]:
    for window in ("24h", "7d"):
        figure, (_, whole) = s05(tally)[window], within_urls(rows, window)
        yield Doubt(
            f"No look tells whether it was gone within {WINDOW_NAMES[window]}", figure["indeterminate"],
            rows.of(window=window, within="indeterminate"), figure["denominator"], whole, LOW_VERIFICATION,
            "Low verification: have a look made in the hour after each window ends.",
        )  # fmt: skip


def _dated_before(columns: Columns, tally: tallies.Tally, rows: Rows) -> Doubt:
    """Removals that the platform dates between a look before the notice and the notice: they count as in time."""
    before = int((columns.is_("exclusion", None) & (columns.removed_at < columns.t0)).sum())
    return Doubt(
        "Dated before notice: the platform says that it removed them before it had our notice", before,
        rows.of(set="dated_before"), tally.eligible, rows.of(eligible="1"), 0.0,
        "They count as removed in time. Say how many they are when a rate is quoted, and ask the platform.",
    )  # fmt: skip


def _of_records(columns: Columns, rows: Rows) -> Iterator[Doubt]:
    for words, chosen, name, value, advice in (
        ("No proof of receipt: T0 is the time of sending", "sent_basis", "t0_basis", "sent",
         "Use channels that prove receipt; until then platforms may look slower than they are."),
        ("Without a category", "no_category", "category", None, "Complete them: no group has them."),
        ("Without a language", "no_language", "language", None, "Complete them: no group has them."),
    ):  # fmt: skip
        number = int(columns.is_(name, value).sum())
        yield Doubt(words, number, rows.of(set=chosen), len(columns), rows.of(), MUCH, advice)


def _row(doubt: Doubt) -> tuple[str, list[Cell]]:
    share = percent(doubt.number / doubt.whole, places_for(doubt.whole)) if doubt.whole else "no items"
    return doubt.words, [
        count_cell(doubt.number, doubt.url),
        count_cell(doubt.whole, doubt.whole_url),
        Cell(share),
        Cell(doubt.advice if doubt.matters else "–", words=True),
    ]


DUE_NOTE = (
    "Of now, whatever the as-at: looks are due 1, 24 and 48 hours, 7 and 28 days after receipt, then monthly."
)


def _due(scope: Scope) -> list[tuple[str, list[Cell]]]:
    """As the queues of looks have them; their lists know the same filters, but for the channel."""
    filters = {name: value for name, value in scope.filters.items() if name != "channel"}
    own = {name: value for name, value in filters.items() if name not in {"platform", "category"}}
    items, now = Item.objects.filter(**own), timezone.now()
    if scope.platform:
        items = items.filter(platform__slug=scope.platform)
    if scope.category:
        items = items.filter(category__slug__in=scope.parameters()["categories"])
    found = []
    for words, queue, waiting, advice in (
        ("Looks due", "to_check", items.to_check(now), "Make them, or see why the checker does not."),
        ("Not seen in time: an hour late, or the last look told nothing", "unseen", items.unseen(now),
         "Have persons look: what is not seen in time does not count as taken down in time."),
    ):  # fmt: skip
        number = waiting.count()
        url = f"{reverse('casework:item_list')}?{urlencode({'queue': queue, **filters})}"
        found.append((words, [count_cell(number, url), Cell(advice if number else "–", words=True)]))
    return found


def _looks(rows: Rows) -> Section:
    found, records = looks.by_platform(rows.scope), reverse("reports:looks")
    note = (
        "From the notice to the as-at. A look that told nothing met a private page, a login, a redirection or an error:"
        " it confirms nothing."
    )
    heads = "Platform|Looks|By a person|By the checker|Told nothing|Share|What to do"
    table = [
        (named("platform", each.platform, rows.names), _look_cells(each, Rows(records, rows.scope)))
        for each in found
    ]
    return Section("Looks at these items", heads, sorted(table, key=lambda row: row[0].casefold()), note=note)


def _look_cells(found: Looks, rows: Rows) -> list[Cell]:
    own = rows.about(platform=found.platform)
    many = found.all >= LEAST_SHOWN and found.blind > BLIND * found.all
    advice = "Have persons look, or ask for a rule of its pages for the checker." if many else "–"
    return [
        *(
            count_cell(getattr(found, name), own.of(by=name))
            for name in ("all", "person", "automatic", "blind")
        ),
        Cell(percent(found.blind / found.all, places_for(found.all))),
        Cell(advice, words=True),
    ]
