"""S20: notices by provider, type of alleged illegal content and action taken (statistics.md, section 2)."""

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reports import tallies
from reports.columns import Columns, moment
from reports.disclosure import WITHHELD, round_to, suppress
from reports.elapsed import hours, known, quantiles
from reports.facts import Scope
from reports.protection import is_small

MAPPED = tomllib.loads((Path(__file__).parent / "provider_actions.toml").read_text(encoding="utf-8"))
ACTIONS: Mapping[str, str] = MAPPED["actions"]  # their names, in the order of the table
OF_ANSWER: Mapping[str, str] = MAPPED["answer"]
CODES: Mapping[str, str] = MAPPED["code"]  # of the European transparency database, by answer
KEYWORDS: Mapping[str, str] = MAPPED["keyword"]
OTHER = "KEYWORD_OTHER"
COLUMNS = (
    "period_start", "period_end", "provider", "category", "keyword", "notices", "lines", "action", "count",
    "median_hours_to_decision",
)  # fmt: skip
NEEDED = (
    "platform", "category", "delivered", "notice_id", "t0", "notice_decided_at", "feedback_at", "claimed_at",
    "last_answer", "territories",
)  # fmt: skip
EVERY_PROVIDER = "all"
Row = dict[str, Any]
Cell = tuple[str | None, str | None, str]  # provider, category, action


def s20(
    columns: Columns, scope: Scope, keywords: Mapping[str, str], *, by_provider: bool = True
) -> list[Row]:
    """The annual table of Article 22(3): one row, with the keys of `COLUMNS`, for each action that occurs.

    Definition (version 1): every line that was delivered and has its T0 in the period, whatever the rates leave out,
    under the provider's last decision at the as-at, if it was made since the notice left; without one `undecided`, if a
    person reacted, else `no_response`. `notices` and `lines` are those of the provider and category, of which the
    counts of `action` are the parts. `median_hours_to_decision` is theirs too, elapsed from T0 to the first decision by
    Kaplan-Meier: lines without one are censored at the as-at; None where not reached, or with fewer than ten decisions.
    Days are Europe/London. `keywords` are those of the European transparency database by category.

    Source: Regulation (EU) 2022/2065, Article 22(3) and recital 62; formats of its transparency database, schema v2.
    """
    delivered = columns.where(columns.delivered)
    by = ["platform", "category"] if by_provider else ["category"]
    keys, rows = tallies.grouped(delivered, by)
    return [
        row
        for key, group in zip(keys, rows.apart(), strict=True)
        for row in _rows(group, scope, key[0] if by_provider else EVERY_PROVIDER, key[-1], keywords)
    ]


def read(scope: Scope, keywords: Mapping[str, str], *, by_provider: bool = True) -> list[Row]:
    """The table of a scope, from the records."""
    return s20(Columns.read(scope, NEEDED), scope, keywords, by_provider=by_provider)


def _rows(
    group: Columns, scope: Scope, provider: str | None, category: str | None, keywords: Mapping[str, str]
) -> Iterator[Row]:
    taken = Counter(_actions(group))
    decided = known(group.notice_decided_at)
    waits = hours(group.t0, np.where(decided, group.notice_decided_at, moment(scope.as_at)))
    for action in ACTIONS:
        if taken[action]:
            values = (
                scope.period.first.isoformat(), scope.period.last.isoformat(), provider, category,
                keywords.get(category or "", OTHER), len(np.unique(group.notice_id)), len(group), action,
                taken[action], quantiles(waits, decided, {"median": 0.5}, group.bounds)[0]["median"],
            )  # fmt: skip
            yield dict(zip(COLUMNS, values, strict=True))


def _actions(group: Columns) -> Iterator[str]:
    """The action of each line.

    Access that was disabled in part is known by its territories where the item is limited by it still, and
    otherwise by there having been no claim of removal.
    """
    decided, reacted = known(group.notice_decided_at).tolist(), known(group.feedback_at).tolist()
    in_part = (~group.is_("territories", None) | ~known(group.claimed_at)).tolist()
    answers = [group.values["last_answer"][code] for code in group.last_answer.tolist()]
    for answer, was_decided, was_reacted, some in zip(answers, decided, reacted, in_part, strict=True):
        if not was_decided or answer is None:
            yield "undecided" if was_reacted else "no_response"
        elif answer == "access_disabled" and some:
            yield "disabled_in_territories"
        else:
            yield OF_ANSWER[answer]


def keywords_of(parents: Mapping[str, str | None]) -> dict[str, str]:
    """The keyword of every category, its own or that of the nearest above it; `parents` are by slug."""

    def keyword(slug: str | None) -> str:
        if slug is None:
            return OTHER
        return KEYWORDS.get(slug) or keyword(parents[slug])

    return {slug: keyword(slug) for slug in parents}


def publishable_rows(
    rows: Sequence[Row], threshold: int, *, base: int | None = None, also: Collection[Cell] = ()
) -> list[Row]:
    """The table with “c” for what must be withheld: counts below the threshold, and what would give them away.

    The sums of each action over all rows are taken to be known to the reader. A number of notices goes with that of
    its lines, and so does the median. A row that is not there is a 0; one that must not be known has a row. `also`
    names counts to withhold for another reason; `base` rounds those that are left.
    """
    if not rows:
        return []
    order = [*ACTIONS]
    table = {_place(row): [0] * (len(order) + 1) for row in rows}
    for row in rows:
        table[_place(row)][order.index(row["action"])] = row["count"]
        table[_place(row)][-1] += row["count"]
    sums = [sum(counts) for counts in zip(*table.values(), strict=True)]
    more = [((provider, category), order.index(action)) for provider, category, action in also]
    shown = suppress({**table, EVERY_PROVIDER: sums}, threshold, totals=True, also=more)
    return [
        _rounded(_covered({**row, "action": action}, count, shown[place][-1], threshold), base)
        for place, row in {_place(row): row for row in rows}.items()
        for action, count in zip(order, shown[place], strict=False)
        if count
    ]


def _place(row: Row) -> tuple[str | None, str | None]:
    return row["provider"], row["category"]


def _covered(row: Row, count: Any, lines: Any, threshold: int) -> Row:
    hidden = lines == WITHHELD
    return {
        **row,
        "notices": WITHHELD if hidden or is_small(row["notices"], threshold) else row["notices"],
        "lines": lines,
        "count": count,
        "median_hours_to_decision": WITHHELD if hidden else row["median_hours_to_decision"],
    }


def _rounded(row: Row, base: int | None) -> Row:
    counts = ("notices", "lines", "count") if base else ()
    return {**row, **{name: round_to(row[name], base or 1) for name in counts if row[name] != WITHHELD}}
