"""Which items a notice may ask about: read before drafting, before queueing, and before the letter leaves."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from casework import prepared
from casework.models import Hold, Item, ItemStatus, Presence
from casework.transitions import TransitionNotAllowed
from notices import contested
from notices.models import DISPUTES, REMOVALS, TELLING, Dispatch, Line, Notice, NoticeKind, NoticeStatus

NO_CHANNEL = "No current channel leads to {platform}: an administrator adds one first."
HELD = "on hold; release the hold first."

PRESERVABLE = frozenset(ItemStatus) - {ItemStatus.DUPLICATE, ItemStatus.NOT_ACTIONABLE, ItemStatus.ON_HOLD}
# Notices that will still leave; an item in one of them is not drafted a second time.
UNDER_WAY = (NoticeStatus.DRAFT, NoticeStatus.AWAITING_APPROVAL, NoticeStatus.APPROVED, NoticeStatus.QUEUED)

# What `_obstacle` says of a notice or an escalation, as a condition on its row of `notices_dispatch`.
FREE = """
NOT EXISTS (
    SELECT FROM notices_line AS line
    JOIN notices_notice AS letter ON letter.id = line.notice_id
    JOIN casework_item AS item ON item.id = line.item_id
    WHERE letter.id = notices_dispatch.notice_id AND (
        item.status <> 'approved' AND (letter.kind = 'notice' OR item.status <> 'notified')
        OR item.presence = 'gone'
        OR EXISTS (
            SELECT FROM casework_hold AS hold
            WHERE hold.item_id = item.id AND hold.placed_at <= %(at)s
            AND (hold.released_at IS NULL OR hold.released_at > %(at)s)
        )
        OR EXISTS (
            SELECT FROM notices_line AS other JOIN notices_notice AS its ON its.id = other.notice_id
            WHERE other.item_id = item.id AND its.id <> letter.id
            AND its.status IN ('draft', 'awaiting_approval', 'approved', 'queued')
            AND its.kind IN ('notice', 'chaser', 'escalation')
        )
    )
)
"""
AMONG = "SELECT id FROM notices_dispatch WHERE id = ANY(%(rows)s) AND " + FREE  # noqa: S608 - ours


def obstacles(
    items: Iterable[Item], *, at: datetime, notice: Notice | None = None, kind: str = NoticeKind.NOTICE
) -> dict[str, str]:
    """Why items may not be noticed at `at`: item reference to a sentence; empty when all may.

    `notice` is the one they stand in already, if any. One query whatever their number, but for a dispute.
    """
    return _found(Item.objects.filter(pk__in=[item.pk for item in items]), kind, at, notice)


def obstacles_to(notice: Notice, *, at: datetime, again: bool = False) -> dict[str, str]:
    """Why a notice may not leave at `at`, by item as `obstacles`; if what was said is only said `again`, as `held`."""
    items = Item.objects.filter(notice_lines__notice=notice)
    if again:
        return held(items, at=at)
    return _found(items, notice.kind, at, notice)


def is_plain(row: Dispatch) -> bool:
    """Whether `FREE` says all that can stand in the way of this letter."""
    return row.notice.kind in (NoticeKind.NOTICE, NoticeKind.ESCALATION) and not row.is_replay


def free(rows: Iterable[Dispatch], *, at: datetime) -> set[int]:
    """The keys of those rows in whose way nothing stands at `at`, as far as one statement can say so."""
    keys = [row.pk for row in rows if is_plain(row)]
    found = prepared.execute(AMONG, {"rows": keys, "at": at})
    return {key for (key,) in found}


def _found(items: QuerySet[Item], kind: str, at: datetime, notice: Notice | None) -> dict[str, str]:
    if kind in DISPUTES:
        chosen = list(items)
        return {**contested.obstacles(chosen, kind, notice), **held(chosen, at=at)}
    if kind in TELLING:
        return {}  # what has been said may always be taken back or put right
    lines = Line.objects.filter(item=OuterRef("pk"), notice__status__in=UNDER_WAY, notice__kind__in=REMOVALS)
    if notice is not None:
        lines = lines.exclude(notice=notice)
    looked = items.only("reference", "status", "presence").annotate(
        is_held=Exists(Hold.objects.in_force(at).filter(item=OuterRef("pk"))),
        elsewhere=Subquery(lines.values("notice__reference")[:1]),
    )
    found = {}
    for item in looked:
        if why := _obstacle(item, kind, held=item.is_held, elsewhere=item.elsewhere or ""):
            found[item.reference] = why
    return found


def held(items: Iterable[Item], *, at: datetime) -> dict[str, str]:
    """Those of the items that are on hold at `at`: all that stands in the way of saying again what was said."""
    items = list(items)
    in_force = Hold.objects.in_force(at).filter(item__in=[item.pk for item in items])
    holds = set(in_force.values_list("item_id", flat=True))
    return {item.reference: HELD for item in items if item.pk in holds or item.status == ItemStatus.ON_HOLD}


def refuse_obstacles(notice: Notice, *, at: datetime) -> None:
    """Raise `TransitionNotAllowed`, naming the items, if one of the lines may not leave now."""
    if found := obstacles_to(notice, at=at):
        raise TransitionNotAllowed(sentence(found), status=notice.status)


def sentence(found: dict[str, str]) -> str:
    """The obstacles in one line, each with the item's reference."""
    return " ".join(f"{reference}: {why}" for reference, why in sorted(found.items()))


def _obstacle(item: Item, kind: str, *, held: bool, elsewhere: str) -> str:
    if kind == NoticeKind.PRESERVATION:
        if held or item.status == ItemStatus.ON_HOLD:
            return HELD
        return (
            ""
            if item.status in PRESERVABLE
            else f"{item.get_status_display().lower()}; it is not to be preserved."
        )
    wanted = (
        {ItemStatus.APPROVED} if kind == NoticeKind.NOTICE else {ItemStatus.APPROVED, ItemStatus.NOTIFIED}
    )
    if held or item.status == ItemStatus.ON_HOLD:
        return HELD
    if item.status not in wanted:
        return f"{item.get_status_display().lower()}, not approved."
    if item.presence == Presence.GONE:
        return "confirmed gone; close it as gone before notice."
    return f"in notice {elsewhere} already." if elsewhere else ""
