"""Where two speak differently of one item: a platform's word and our looks, a person's look and the checker's."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Prefetch, Q
from django.db.models.expressions import RawSQL

from casework.models import (
    GONE,
    OBSERVATIONS,
    Check,
    Claim,
    Item,
    ItemQuerySet,
    ItemStatus,
    Method,
    Presence,
    Verdict,
)

TOGETHER = timedelta(hours=24)  # further apart, the item may have changed between two looks
RECENT = timedelta(days=14)
SEEN = (Presence.LIVE, Presence.RESTRICTED)
OPEN = (ItemStatus.NOTIFIED, ItemStatus.WATCHING)
PLAIN = GONE | {Verdict.LIVE}
ONLY_A_PERSON = "A person saw this live; the checker, from the same country, found it gone."
ONLY_THE_CHECKER = "A person found this gone; the checker, from the same country, saw it live."
# The last plain look of a person, and the last of a checker from the same place, one live and one gone. A look
# that was walled off or blocked in a country contradicts nothing.
OPPOSED = """
SELECT p.item_id FROM (
    SELECT DISTINCT ON (item_id, vantage, logged_in) item_id, vantage, logged_in, at, verdict
    FROM casework_check WHERE method = 'person' AND at > %s AND verdict IN ('live', 'gone', 'account_gone')
    ORDER BY item_id, vantage, logged_in, at DESC, id DESC
) p JOIN LATERAL (
    SELECT at, verdict FROM casework_check c
    WHERE c.item_id = p.item_id AND c.vantage = p.vantage AND c.logged_in = p.logged_in AND c.method = 'automatic'
      AND c.verdict IN ('live', 'gone', 'account_gone')
    ORDER BY c.at DESC, c.id DESC LIMIT 1
) a ON a.at BETWEEN p.at - %s AND p.at + %s
WHERE p.verdict {person} 'live' AND a.verdict {checker} 'live'
"""


def said_removed(items: ItemQuerySet) -> ItemQuerySet:
    """The platform says that it is removed, and we have seen it since."""
    return items.filter(
        claims_removal=True,
        presence__in=SEEN,
        last_live_at__gte=F("claim_at"),
        status=ItemStatus.NOTIFIED,
    )


def said_kept(items: ItemQuerySet) -> ItemQuerySet:
    """The platform says that it keeps it, and we do not see it."""
    return items.filter(
        claim=Claim.REFUSED,
        presence=Presence.GONE,
        status__in=OPEN,
    )


def side(item: Item) -> str:
    """Which of these two queues the item stands in, by its columns: `says_removed`, `says_kept` or ""."""
    seen = item.presence in SEEN and item.last_live_at is not None and item.claim_at is not None
    if item.claims_removal and seen and item.status == ItemStatus.NOTIFIED:
        return "says_removed" if item.last_live_at >= item.claim_at else ""  # type: ignore[operator]
    kept = item.claim == Claim.REFUSED and item.presence == Presence.GONE
    return "says_kept" if kept and item.status in OPEN else ""


def only_a_person_sees(items: ItemQuerySet, at: datetime) -> ItemQuerySet:
    return items.filter(_opposed(at, person="=", checker="<>"))


def only_the_checker_sees(items: ItemQuerySet, at: datetime) -> ItemQuerySet:
    return items.filter(_opposed(at, person="<>", checker="="))


def opposed(checks: Iterable[Check]) -> str:
    """How a person and the checker disagree over one item, from all its looks, as a sentence; "" if they do not."""
    latest: dict[tuple[str, bool, str], Check] = {}
    for check in sorted(checks, key=lambda check: (check.at, check.pk)):
        if check.verdict in PLAIN:
            latest[check.vantage, check.logged_in, check.method] = check
    for (vantage, logged_in, method), own in latest.items():
        other = latest.get((vantage, logged_in, Method.AUTOMATIC))
        apart = other is not None and (own.verdict == Verdict.LIVE) != (other.verdict == Verdict.LIVE)
        if method == Method.PERSON and other and apart and abs(own.at - other.at) <= TOGETHER:
            return ONLY_A_PERSON if own.verdict == Verdict.LIVE else ONLY_THE_CHECKER
    return ""


def last_looks() -> Prefetch:
    """Into `last_looks` of each item: the last that told whether it is there, with its files; none or one."""
    told = (
        Check.objects.filter(verdict__in=OBSERVATIONS).select_related("exhibit").prefetch_related("captures")
    )
    return Prefetch(
        "checks",
        queryset=told.order_by("item_id", "-at", "-pk").distinct("item_id"),
        to_attr="last_looks",
    )


def _opposed(at: datetime, *, person: str, checker: str) -> Q:
    statement = OPPOSED.format(person=person, checker=checker)
    asked = (at - RECENT, TOGETHER, TOGETHER)
    return Q(status__in=OPEN) & Q(pk__in=RawSQL(statement, asked))  # noqa: S611 - signs of ours
