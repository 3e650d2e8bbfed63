"""How the counts of a document of figures hang together, by definition (statistics.md, section 2)."""

from collections.abc import Mapping, Sequence

from reports.durations import LIVE
from reports.measures import EXCLUSIONS, NUMERATOR, OUTCOMES

Path = tuple[str, ...]
Tree = Mapping[Path, Sequence[Path]]
NOTIFIED, ELIGIBLE = ("S01", "notified_items"), ("S03", "eligible")
HELD = ("S02", "X6")
DOWN, HIGHEST = ("S04", "numerator"), ("S04", "high")
ALSO_HIGH = ("DOWN_UPLOADER", "REPORTED_DOWN_UNVERIFIED")


def _outcome(name: str) -> Path:
    return ("S03", "outcomes", name)


SPLIT: Tree = {
    NOTIFIED: [*(("S02", code) for code in EXCLUSIONS), ELIGIBLE],
    ELIGIBLE: [HIGHEST, *(_outcome(name) for name in OUTCOMES if name not in (*NUMERATOR, *ALSO_HIGH))],
    HIGHEST: [DOWN, *map(_outcome, ALSO_HIGH)],
    DOWN: [*map(_outcome, NUMERATOR)],
}
UNDELIVERED: Path = ("S16", "undelivered_items")
SPELLS: Path = ("S08", "n")
DELIVERED = ("S16", "valid_notices", "denominator")
SAME: Mapping[Path, Path] = {
    ("S04", "denominator"): ELIGIBLE,
    ("S06", "numerator"): DOWN,
    ("S12", "denominator"): ELIGIBLE,
    ("S13", "net", "numerator"): DOWN,
    ("S14", "restricted_uk", "denominator"): ELIGIBLE,
    ("S14", "restricted_uk", "numerator"): _outcome("RESTRICTED_UK"),
    ("S14", "limited", "denominator"): ELIGIBLE,
    ("S14", "limited", "numerator"): _outcome("LIMITED"),
    ("S14", "not_reachable_uk", "denominator"): ELIGIBLE,
    ("S16", "disputed", "denominator"): ELIGIBLE,
    (*UNDELIVERED, "denominator"): NOTIFIED,
    (*UNDELIVERED, "numerator"): ("S02", "X5"),
    ("S16", "valid_items", "denominator"): (*UNDELIVERED, "rest"),
    ("S16", "called_error", "denominator"): (*UNDELIVERED, "rest"),
    ("S16", "undelivered_notices", "rest"): DELIVERED,
    **{("S18", "by_outcome", name): _outcome(name) for name in LIVE},
}
# What each mapping of counts sums to.
WHOLES: Mapping[Path, Path] = {
    ("S01", "by_kind"): NOTIFIED,
    ("S12", "by_reason"): ("S12", "numerator"),
    ("S14", "restricted_uk", "by_measure"): ("S14", "restricted_uk", "numerator"),
    ("S14", "limited", "by_measure"): ("S14", "limited", "numerator"),
    ("S17", "by_kind"): ("S17", "removed"),
    ("S17", "by_month"): ("S17", "removed"),
    ("S17", "collateral", "by_month"): ("S17", "collateral", "removed"),
    ("S18", "by_age"): ("S18", "live"),
    ("S18", "by_outcome"): ("S18", "live"),
}
# What the base of a rate is with those that it leaves out, by the first names of its path.
BASED: Mapping[Path, Path] = {
    ("S11",): DELIVERED,
    ("S12", "overturned"): ("S12", "numerator"),
    ("S13", "reinstated"): ("S13", "net", "denominator"),
    ("S13", "reappeared"): ("S13", "net", "denominator"),
}
LEFT_OUT = ("immature", "held")
# Counts of nearly the same items as others, often of all of them.
NEAR: Mapping[Path, Path] = {
    ("S06", "denominator"): ELIGIBLE,
    ("S07", "denominator"): ELIGIBLE,
    ("S07", "contradiction", "denominator"): ("S07", "numerator"),
    SPELLS: ELIGIBLE,  # those too that came under a hold after T0
    ("S08", "events"): SPELLS,
    ("S13", "net", "denominator"): ELIGIBLE,
    **{("S15", name, "n"): ELIGIBLE for name in ("seen_to_approved", "approved_to_sent", "sent_to_t0")},
    ("S15", "seen_to_removal", "n"): SPELLS,
    **{
        ("S15", name, "events"): ("S15", name, "n")
        for name in ("seen_to_approved", "approved_to_sent", "sent_to_t0", "seen_to_removal")
    },
    ("S16", "upheld", "denominator"): ELIGIBLE,
    ("S16", "upheld", "numerator"): DOWN,
    ("S16", "undelivered_notices", "denominator"): ("S01", "notices"),
}
NOT_REACHABLE: Path = ("S14", "not_reachable_uk", "numerator")
# The same items split otherwise.
OTHERWISE: Sequence[Tree] = (
    {NOT_REACHABLE: [DOWN, _outcome("DOWN_UPLOADER"), _outcome("RESTRICTED_UK")]},
    {
        ELIGIBLE: [
            NOT_REACHABLE, ("S18", "live"), _outcome("REPORTED_DOWN_UNVERIFIED"), _outcome("UNKNOWN"),
        ],
    },
)  # fmt: skip
