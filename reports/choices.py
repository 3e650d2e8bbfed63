"""Which episode rows stand behind one number, and those rows: a page shows no number without them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reports import groupings
from reports.facts import (
    ORDER,
    ROWS,
    VERIFIED_DOWN,
    WINDOWS,
    Episode,
    Scope,
    reading,
    select_episodes,
    statement,
)
from reports.groupings import GROUPING_WORDS, Names, named
from reports.measures import EXCLUSIONS, OUTCOMES
from reports.periods import Period, day
from reports.row_sets import ROW_SETS

WITHIN = {
    "yes": "within the window",
    "no": "not within the window",
    "indeterminate": "perhaps within the window",
    "immature": "window not elapsed",
    "held": "held in the window",
}
COLUMNS = ", ".join(Episode._fields)
CHOICES = ("exclusion", "outcome", "window", "within", "eligible", "decided", "set", "removed", "group")


@dataclass(frozen=True)
class Choice:
    """Empty means any; the parts narrow each other down."""

    exclusions: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    window: str = ""
    within: tuple[str, ...] = ()
    eligible: bool = False
    decided: bool = False
    sets: tuple[str, ...] = ()
    removed: Period | None = None  # the days in which the time of removal falls
    group: Mapping[str, str] = field(default_factory=dict)  # by grouping its value; empty where it has none

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> "Choice":
        """From an address's parameters, lists with commas; raises `ValueError` for what is not known."""
        choice = cls(
            exclusions=_listed(parameters, "exclusion", EXCLUSIONS),
            outcomes=_listed(parameters, "outcome", OUTCOMES),
            window=next(iter(_listed(parameters, "window", WINDOWS)), ""),
            within=_listed(parameters, "within", WITHIN),
            eligible=bool(_listed(parameters, "eligible", {"1": ""})),
            decided=bool(_listed(parameters, "decided", {"1": ""})),
            sets=_listed(parameters, "set", ROW_SETS),
            removed=_days(parameters.get("removed", "")),
            group=groupings.read(parameters.get("group", "")),
        )
        if bool(choice.window) != bool(choice.within):
            raise ValueError("“window” and “within” go together.")
        return choice

    def condition(self) -> tuple[str, dict[str, Any]]:
        """SQL over `facts`, and its parameters."""
        parts = {
            "exclusion = ANY (%(exclusions)s)": bool(self.exclusions),
            "outcome = ANY (%(outcomes)s)": bool(self.outcomes),
            f"within_{self.window} = ANY (%(within)s)": bool(self.window),
            "exclusion IS NULL": self.eligible or self.decided,
            "(decided OR outcome = ANY (%(down)s))": self.decided,
            "removed_at >= %(removed_since)s AND removed_at < %(removed_until)s": self.removed is not None,
            **{f"({ROW_SETS[name].condition})": True for name in self.sets},
            **{f"{name} IS NOT DISTINCT FROM nullif(%(group_{name})s, '')": True for name in self.group},
        }
        chosen = [condition for condition, wanted in parts.items() if wanted]
        values = {
            "exclusions": list(self.exclusions),
            "outcomes": list(self.outcomes),
            "within": list(self.within),
            "down": list(VERIFIED_DOWN),
            **({"removed_since": days.since, "removed_until": days.until} if (days := self.removed) else {}),
            **{f"group_{name}": value for name, value in self.group.items()},
        }
        return f" WHERE {' AND '.join(chosen)}" if chosen else "", values

    def words(self, names: Names | None = None) -> list[str]:
        """What was chosen, for people; `names` are those of the values of groupings."""
        return [
            *(
                f"{GROUPING_WORDS[name]}: {named(name, value, names or {})}"
                for name, value in self.group.items()
            ),
            *(f"{code} {EXCLUSIONS[code]}" for code in self.exclusions),
            *(OUTCOMES[name] for name in self.outcomes),
            *(f"{self.window}: {WITHIN[name]}" for name in self.within),
            *(["Eligible"] if self.eligible else []),
            *(["Decided by the platform or verified down"] if self.decided else []),
            *(ROW_SETS[name].words for name in self.sets),
            *([f"Removed from {self.removed.first} to {self.removed.last}"] if self.removed else []),
        ]


def chosen(scope: Scope, choice: Choice) -> Iterator[Episode]:
    """All rows of the choice, ordered by T0, item and line."""
    condition, values = choice.condition()
    return select_episodes(ROWS + condition + ORDER, {**scope.parameters(), **values})


def page(scope: Scope, choice: Choice, *, offset: int, limit: int) -> tuple[list[Episode], int]:
    """`limit` rows of the choice from `offset` on, and how many there are in all, with one statement."""
    condition, values = choice.condition()
    sql = f"""{statement()}, chosen AS (SELECT * FROM facts{condition}),
        part AS (SELECT {COLUMNS} FROM chosen{ORDER} OFFSET %(offset)s LIMIT %(limit)s)
        SELECT whole.number, part.* FROM (SELECT count(*) AS number FROM chosen) whole
        LEFT JOIN part ON true{ORDER}"""  # noqa: S608 - all names are ours
    parameters = {**scope.parameters(), **values, "offset": offset, "limit": limit}
    with reading(parameters) as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
    return [Episode(*row[1:]) for row in found if row[1] is not None], found[0][0]


def _listed(parameters: Mapping[str, str], name: str, known: Mapping[str, Any]) -> tuple[str, ...]:
    given = tuple(word for word in parameters.get(name, "").split(",") if word)
    unknown = [word for word in given if word not in known]
    if unknown:
        raise ValueError(f"“{name}” cannot be {', '.join(unknown)}: use {', '.join(known)}.")
    return given


def _days(text: str) -> Period | None:
    """Days as an address has them, the last one included: `2026-01-01..2026-01-31`."""
    if not text:
        return None
    first, _, last = text.partition("..")
    try:
        return Period(day(first), day(last))
    except ValueError as error:
        raise ValueError(f"“removed” is two days such as 2026-01-01..2026-01-31. {error}") from error
