"""Sets of episode rows behind the numbers of the figures' pages: words, and SQL over `facts`."""

from dataclasses import dataclass
from datetime import timedelta

from reports.durability import FOLLOW_UPS
from reports.durations import AGES, CAUSES, LIVE, REMOVALS
from reports.facts import VERIFIED_DOWN, WINDOWS
from reports.refusals import FOLLOW_UP, REASONS
from reports.responsiveness import DAY, DECIDED
from reports.showing import WINDOW_NAMES

ELIGIBLE = "exclusion IS NULL"
AS_AT = "%(as_at)s"
LATER_HOLD = "(exclusion IS NULL OR exclusion = 'X6' AND held_at > t0)"
# What ended an episode's first spell, and how long it was followed, as `durations.first_spells` has them.
ENDED = "least(first_removed_at, restricted_at, held_at)"
FOLLOWED = f"greatest(coalesce({ENDED}, observed_at, t0) - t0, interval '0')"
REACTIONS = {
    "acknowledged_24h": ("acknowledged_at", DAY),
    **{name: ("notice_decided_at", length) for name, length in DECIDED.items()},
}
REASON_WORDS = {
    "not_against_policy": "Not against policy",
    "not_illegal_in_territory": "Not illegal in the territory",
    "insufficient_information": "Too little information",
    "cannot_locate": "Cannot find it",
    "other": "Other",
}
AGE_WORDS = {
    "0-1d": "Under 1 day", "1-2d": "1 to 2 days", "2-7d": "2 to 7 days", "7-28d": "7 to 28 days",
    "28d+": "28 days and more",
}  # fmt: skip
CAUSE_WORDS = {
    "platform": "By the platform",
    "unattributed": "Cause not known",
    "uploader": "By the uploader",
    "restricted": "Not reachable from the UK",
    "hold": "Hold",
}
REACTION_WORDS = {
    "acknowledged_24h": "Acknowledged by a person within 24 hours",
    "decided_24h": "Decided within 24 hours",
    "decided_48h": "Decided within 48 hours",
    "decided_7d": "Decided within 7 days",
}


@dataclass(frozen=True)
class RowSet:
    """What the rows are, for people, and the condition that they meet."""

    words: str
    condition: str


def _span(length: timedelta) -> str:
    return f"interval '{int(length.total_seconds())} seconds'"


def _of_notices(having: str) -> str:
    """One row for each delivered notice, its first line, where the notice as a whole meets the condition."""
    return (
        "line_id IN (SELECT min(line_id) FROM facts WHERE delivered"  # noqa: S608 - all names are ours
        f" GROUP BY notice_id HAVING {having})"
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _ages() -> dict[str, RowSet]:
    found, since = {}, timedelta(0)
    for name, days in AGES.items():
        older = f"{AS_AT} - t0 >= {_span(since)}"
        younger = f" AND {AS_AT} - t0 < {_span(timedelta(days=days))}" if days else ""
        live = f"outcome IN ({_listed(LIVE)})"
        words = f"Live at the as-at: {AGE_WORDS[name].lower()} after the notice"
        found[f"age_{name}"] = RowSet(words, f"{live} AND {older}{younger}")
        since = timedelta(days=days or 0)
    return found


def _reactions() -> dict[str, RowSet]:
    found = {"notices": RowSet("Delivered notices, one row for each", _of_notices("true"))}
    for name, (event, length) in REACTIONS.items():
        due = f"min(t0) + {_span(length)} <= {AS_AT}"
        words = REACTION_WORDS[name]
        found[f"{name}_due"] = RowSet(
            f"{words}: notices that had that time, one row for each", _of_notices(due)
        )
        found[name] = RowSet(
            f"{words}: notices, one row for each",
            _of_notices(f"{due} AND min({event}) <= min(t0) + {_span(length)}"),
        )
    found["feedback"] = RowSet(
        "Notices that brought any reaction, one row for each", _of_notices("min(feedback_at) IS NOT NULL")
    )
    return found


def _refusals() -> dict[str, RowSet]:
    refused = f"{ELIGIBLE} AND refused_at IS NOT NULL"
    due = f"{refused} AND refused_at + {_span(FOLLOW_UP)} <= {AS_AT}"
    return {
        "refused": RowSet("Refused", refused),
        "refused_due": RowSet("Refused 28 days or more before the as-at", due),
        "overturned": RowSet(
            "Taken down within 28 days after a refusal",
            f"{due} AND overturned_at <= refused_at + {_span(FOLLOW_UP)}",
        ),
        **{
            f"refused_{name}": RowSet(
                f"Refused: {REASON_WORDS[name].lower()}", f"{refused} AND refusal_code IN ({_listed(codes)})"
            )
            for name, codes in REASONS.items()
        },
    }


def _durability() -> dict[str, RowSet]:
    down = f"{ELIGIBLE} AND taken_down_at IS NOT NULL"
    found = {"taken_down": RowSet("Ever taken down, not by the uploader", down)}
    for name, length in FOLLOW_UPS.items():
        due = f"{down} AND taken_down_at + {_span(length)} <= {AS_AT}"
        found[f"followed_{name}"] = RowSet(f"Taken down {length.days} days or more before the as-at", due)
        for what, event, words in (
            ("reinstated", "reinstated_at", "Live again at the same address"),
            ("reappeared", "copied_at", "A linked copy found"),
        ):
            found[f"{what}_{name}"] = RowSet(
                f"{words} within {length.days} days after removal",
                f"{due} AND {event} <= taken_down_at + {_span(length)}",
            )
    return found


def _spells() -> dict[str, RowSet]:
    found = {}
    for name, length in WINDOWS.items():
        by_then, words = f"{FOLLOWED} <= {_span(length)}", WINDOW_NAMES[name]
        found[f"live_after_{name}"] = RowSet(
            f"Live, and followed for longer than {words}", f"{LATER_HOLD} AND NOT {by_then}"
        )
        found[f"removed_by_{name}"] = RowSet(
            f"Removed within {words}: by the platform, or cause not known",
            f"{LATER_HOLD} AND {by_then} AND ({' OR '.join(map(_ended_by, REMOVALS))})",
        )
        for cause in CAUSES:
            found[f"ended_{cause}_{name}"] = RowSet(
                f"Ended within {words}: {CAUSE_WORDS[cause].lower()}",
                f"{LATER_HOLD} AND {by_then} AND {_ended_by(cause)}",
            )
    return found


def _ended_by(cause: str) -> str:
    """Of causes at the same moment, a removal comes first, then the block."""
    removal = f"first_removed_at = {ENDED}"
    if cause == "restricted":
        return f"(restricted_at = {ENDED} AND ({removal}) IS NOT TRUE)"
    if cause == "hold":
        return f"(held_at = {ENDED} AND ({removal} OR restricted_at = {ENDED}) IS NOT TRUE)"
    return f"({removal} AND first_cause = '{cause}')"


LOOKED_AT = "observed_at >= claimed_at"
KEPT_AND_GONE = f"last_answer = 'refused' AND outcome IN ({_listed(VERIFIED_DOWN)})"
ROW_SETS: dict[str, RowSet] = {
    **_spells(),
    **_ages(),
    **_reactions(),
    **_refusals(),
    **_durability(),
    "seen_to_approved": RowSet(
        "With a time of sighting and of approval",
        f"{ELIGIBLE} AND found_at IS NOT NULL AND approved_at IS NOT NULL",
    ),
    "approved_to_sent": RowSet("With a time of approval", f"{ELIGIBLE} AND approved_at IS NOT NULL"),
    "sent_to_t0": RowSet("Eligible", ELIGIBLE),
    "seen_to_removal": RowSet("With a time of sighting", f"{LATER_HOLD} AND found_at IS NOT NULL"),
    "at_risk": RowSet("Eligible, or held after the notice", LATER_HOLD),
    "sent_basis": RowSet("T0 is the time of sending", "t0_basis = 'sent'"),
    "no_category": RowSet("Without a category", "category IS NULL"),
    "no_language": RowSet("Without a language", "language IS NULL"),
    "no_severity": RowSet("Without a severity", "severity IS NULL"),
    "batches": RowSet(
        "Notices, one row for each", "line_id IN (SELECT min(line_id) FROM facts GROUP BY notice_id)"
    ),
    "largest_notice": RowSet(
        "Eligible items that left with the largest notice",
        f"{ELIGIBLE} AND notice_id = (SELECT notice_id FROM facts WHERE {ELIGIBLE}"  # noqa: S608 - all names are ours
        " GROUP BY notice_id ORDER BY count(*) DESC, notice_id LIMIT 1)",
    ),
    "removals": RowSet(
        "Removals that the platform claimed, or that we saw",
        f"{ELIGIBLE} AND (claimed_at IS NOT NULL OR first_removed_at IS NOT NULL)",
    ),
    "dated_before": RowSet(
        "Removed before notice, as the platform dates it", f"{ELIGIBLE} AND removed_at < t0"
    ),
    "verified": RowSet(
        "Removals claimed and looked at since, and those that nobody claimed",
        f"{ELIGIBLE} AND ({LOOKED_AT} OR claimed_at IS NULL AND first_removed_at IS NOT NULL)",
    ),
    "looked_at_since": RowSet("Said to be removed, and looked at since", f"{ELIGIBLE} AND {LOOKED_AT}"),
    "seen_since": RowSet(
        "Said to be removed, and seen live since",
        f"{ELIGIBLE} AND {LOOKED_AT} AND last_live_at >= claimed_at",
    ),
    "removed": RowSet(
        "Removed first: by the platform, or cause not known",
        f"{LATER_HOLD} AND ({' OR '.join(map(_ended_by, REMOVALS))})",
    ),
    "disputed": RowSet(
        "Said to be down and seen live, or refused last and verified gone",
        f"outcome = 'CONTRADICTED' OR {KEPT_AND_GONE}",
    ),
    "unchecked": RowSet(
        "Said to be removed, and not looked at since",
        f"{ELIGIBLE} AND claimed_at IS NOT NULL AND coalesce(observed_at < claimed_at, true)",
    ),
    "kept_and_gone": RowSet(
        "Refused last, and verified gone",
        KEPT_AND_GONE,
    ),
}
