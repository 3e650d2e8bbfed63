"""What changed in a person's own work, read from the event ledger: nothing is written for each of them.

A notice is theirs who drafted it, an item theirs who assessed it; what they did themselves is no news. Events of one
sort about one notice or item are one entry. What is read is a number (`Inbox.read_to`), and what was read by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models import Event
from notices.lifecycle import TALKING
from notices.models import Inbox

# Sort, its title, and the events that are of it.
SORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "answered": ("Answered", ("notice.line_answered",)),
    "mail": ("Mail came in", ("mail.came_in",)),
    "acknowledged": ("Acknowledged", ("notice.acknowledged",)),
    "asked": ("Question asked", ("notice.clarification_asked",)),
    "objected": ("Objected", ("notice.objected",)),
    "disputed": ("Disputed", ("notice.disputed",)),
    "bounced": ("Not delivered", ("notice.delivery_failed",)),
    "unknown": ("Outcome unknown", ("notice.outcome_unknown",)),
    "due_soon": ("Due within a day", ("notice.due_soon",)),
    "overdue": ("Overdue", ("notice.overdue", "notice.unanswered")),
    "reappeared": ("Reappeared", ("item.reappeared", "item.resurfaced")),
    "contact": ("Contact changed", ("contact.changed", "contact.proposed", "contact.confirmed")),
}
URGENT = ("disputed", "objected", "bounced", "unknown", "overdue", "reappeared")
MOST, SHOWN_BACK = 200, 500  # entries of a page; events looked back at for what is read
KEPT_NEW = timedelta(days=14)  # what is new to somebody who has never looked
SETTLING = timedelta(minutes=1)  # an event with a smaller number may still be about to be committed

OWN = """
    e.actor_id IS DISTINCT FROM %(user)s AND (
        EXISTS (SELECT FROM notices_notice n WHERE n.reference = e.notice AND n.drafted_by_id = %(user)s)
        OR e.notice = '' AND EXISTS (
            SELECT FROM casework_item i WHERE i.id = e.item_id AND i.assessed_by_id = %(user)s)
        OR e.kind LIKE 'contact.%%' AND EXISTS (
            SELECT FROM notices_notice n JOIN platforms_platform p ON p.id = n.platform_id
            WHERE p.slug = e.details ->> 'slug' AND n.drafted_by_id = %(user)s AND n.status = ANY (%(talking)s::text[]))
    )"""
ENTRIES = """
SELECT g.*, (
    SELECT p.name FROM platforms_platform p
    WHERE p.id = (SELECT n.platform_id FROM notices_notice n WHERE n.reference = g.notice)
        OR p.id = (SELECT i.platform_id FROM casework_item i WHERE i.reference = g.item) OR p.slug = g.platform)
FROM (SELECT x.sort, x.notice, x.item, max(x.id) AS last, count(*), max(x.at), max(x.recorded_at), max(x.actor_name),
    x.platform
FROM (
    SELECT e.id, e.at, e.recorded_at, e.actor_name, e.notice, coalesce(i.reference, '') AS item, s.sort,
           coalesce(e.details ->> 'slug', '') AS platform
    FROM casework_event e
    JOIN unnest(%(kinds)s::text[], %(sorts)s::text[]) AS s (kind, sort) ON s.kind = e.kind
    LEFT JOIN casework_item i ON i.id = e.item_id AND e.notice = ''
    WHERE e.kind IN ({kinds}) AND {range} AND {own}
    ORDER BY e.id DESC {limit}
) x GROUP BY x.sort, x.notice, x.item, x.platform ORDER BY last DESC LIMIT %(most)s) g ORDER BY g.last DESC
"""
NOTABLE = [kind for _, kinds in SORTS.values() for kind in kinds]


@dataclass(frozen=True)
class Entry:
    sort: str
    notice: str  # reference, "" if it is about an item or a platform
    item: str
    last: int  # the number of its latest event
    count: int
    at: datetime
    recorded_at: datetime
    by: str
    platform: str  # the slug of the one that it is about, if it is about a platform
    platform_name: str  # whose notice, item or contact it is
    unread: bool = True

    @property
    def key(self) -> str:
        return f"{self.sort}:{self.notice or self.item or self.platform}"

    @property
    def title(self) -> str:
        return SORTS[self.sort][0]


def wants(user: User) -> bool:
    """Whether somebody owns work at all."""
    return can(user, Permission.DRAFT_NOTICE)


def inbox_of(user: User) -> Inbox:
    """Theirs; who has never changed anything about it has one that is not kept, with what is old as read."""
    if (found := Inbox.objects.filter(user=user).first()) is not None:
        return found
    before = Event.objects.filter(recorded_at__lt=timezone.now() - KEPT_NEW).order_by("-pk")
    last = before.values_list("pk", flat=True).first() or 0
    return Inbox(user=user, read_to=last, told_to=last)


def keep(user: User) -> Inbox:
    """The same, kept from now on."""
    inbox = inbox_of(user)
    if inbox._state.adding:
        start = {"read_to": inbox.read_to, "told_to": inbox.told_to}
        inbox, _ = Inbox.objects.get_or_create(user=user, defaults=start)
    return inbox


def unread(inbox: Inbox, *, beyond: int | None = None) -> list[Entry]:
    """What is new to them, latest first; `beyond` an event that is not the last one read."""
    since = inbox.read_to if beyond is None else beyond
    found = _entries(inbox.user_id, "e.id > %(since)s", since=since)
    return [each for each in found if each.last > inbox.read.get(each.key, 0)]


def read(inbox: Inbox) -> list[Entry]:
    """What they have read lately, latest first."""
    known = {each.key for each in unread(inbox)}
    some = _entries(inbox.user_id, "e.id > 0", limit=f"LIMIT {SHOWN_BACK}")
    return [Entry(**{**vars(each), "unread": False}) for each in some if each.key not in known]


def count(user: User) -> int:
    """How many entries are unread, `MOST` at most; one query for who has looked before."""
    return len(unread(inbox_of(user)))


def mark_read(user: User, key: str) -> None:
    """One entry, up to its latest event."""
    inbox = keep(user)
    for entry in unread(inbox):
        if entry.key == key:
            with transaction.atomic():
                locked = Inbox.objects.select_for_update().get(pk=inbox.pk)
                locked.read = {**locked.read, key: entry.last}
                locked.save(update_fields=["read"])


def mark_all_read(user: User, *, at: datetime | None = None) -> None:
    """Everything that is there now; what has just been recorded by itself, so that nothing slips by unseen."""
    inbox, settled = keep(user), (at or timezone.now()) - SETTLING
    entries = unread(inbox)
    with transaction.atomic():
        locked = Inbox.objects.select_for_update().get(pk=inbox.pk)
        old = [each.last for each in entries if each.recorded_at < settled]
        new = {each.key: each.last for each in entries if each.recorded_at >= settled}
        least = min(new.values(), default=None)
        locked.read_to = max([locked.read_to, *(number for number in old if least is None or number < least)])
        kept = {key: last for key, last in locked.read.items() if last > locked.read_to}
        locked.read = {**kept, **{e.key: e.last for e in entries if e.last > locked.read_to}}
        locked.save(update_fields=["read_to", "read"])


def set_mail(user: User, *, by_mail: bool, hour: int, zone: str) -> Inbox:
    """Whether and when the daily mail leaves; raises `ValidationError`."""
    inbox = keep(user)
    inbox.by_mail, inbox.hour, inbox.zone = by_mail, hour, zone
    inbox.clean_fields(exclude=["user", "read", "told_on", "claimed_until"])
    inbox.save(update_fields=["by_mail", "hour", "zone"])
    return inbox


def _entries(user: int, range: str, *, limit: str = "", **more: Any) -> list[Entry]:
    sorts = [sort for sort, (_, kinds) in SORTS.items() for _ in kinds]
    sql = ENTRIES.format(own=OWN, range=range, limit=limit, kinds=", ".join(f"'{kind}'" for kind in NOTABLE))
    given = {"user": user, "kinds": NOTABLE, "sorts": sorts, "talking": sorted(TALKING), "most": MOST, **more}
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows: Sequence[Any] = cursor.fetchall()
    return [
        Entry(sort, notice, item, last, number, at, recorded, by, platform, name or "")
        for sort, notice, item, last, number, at, recorded, by, platform, name in rows
    ]
