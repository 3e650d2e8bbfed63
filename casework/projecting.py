"""What follows from looks: presence, handling, episode and the next look; for one item or for many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from casework import episodes
from casework.lifecycle import move, open_rival
from casework.models import Check, ClosedAs, Item, ItemStatus, Method, Presence, Verdict
from casework.presence import Finding, settle

# The columns of an item that are a projection of its looks, with their types in the database.
PROJECTION = {
    "presence": "text",
    "last_verdict": "text",
    "last_checked_at": "timestamptz",
    "last_live_at": "timestamptz",
    "gone_at": "timestamptz",
    "gone_cause": "text",
    "reappeared_at": "timestamptz",
    "next_check_at": "timestamptz",
}
SAVE = f"""UPDATE casework_item AS item SET {", ".join(f"{name} = new.{name}" for name in PROJECTION)}
    FROM unnest(%s::bigint[], {", ".join(f"%s::{kind}[]" for kind in PROJECTION.values())})
      AS new (id, {", ".join(PROJECTION)}) WHERE item.id = new.id"""  # noqa: S608 - names of ours
# After a look of the checker that told nothing; then the schedule takes over again.
AGAIN = (timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40))
DAILY = timedelta(days=1)


class Looked(NamedTuple):
    """A locked item, read with its platform, and when it was last looked at."""

    item: Item
    at: datetime


def project(looked: Sequence[Looked]) -> None:
    """Bring items in step with all their looks, with a fixed number of statements but for those that move on."""
    found = _looks([item for item, _ in looked])
    stay, back, gone = list[Item](), list[tuple[Looked, str]](), list[tuple[Item, datetime]]()
    for each in looked:
        was_gone = each.item.presence == Presence.GONE
        finding = _follow(each, found[each.item.pk])
        verb = _comes_back_as(each.item) if was_gone and not each.item.gone_at else ""
        if verb:
            back.append((each, verb))
            continue
        stay.append(each.item)
        if each.item.presence == Presence.GONE and not was_gone:
            gone.append((each.item, finding.confirmed_at or each.at))
    _save(stay)
    for (item, at), verb in back:  # one statement: what is watched is always seen gone
        stamps = {"priority": 1, "watch_until": None, **{name: getattr(item, name) for name in PROJECTION}}
        move(item, verb, by=None, at=at, stamps=stamps)
    for item, at in gone:
        _confirmed_gone(item, at)


def _looks(items: Iterable[Item]) -> Mapping[int, list[Check]]:
    found: dict[int, list[Check]] = defaultdict(list)
    for check in Check.objects.filter(item__in=list(items)).order_by("at", "pk"):
        found[check.item_id].append(check)
    return found


def _follow(looked: Looked, looks: Sequence[Check]) -> Finding:
    item, at = looked
    found_by_person = item.found_at if item.identified_by_id else None
    finding = settle(looks, confirm_hours=item.platform.confirm_hours, found_live_at=found_by_person)
    item.presence, item.last_live_at = finding.presence, finding.last_live_at
    item.gone_at, item.gone_cause = finding.gone_at, finding.gone_cause
    if finding.last:
        item.last_verdict, item.last_checked_at = finding.last.verdict, finding.last.at
    if finding.reappeared_at:
        item.reappeared_at = finding.reappeared_at
    item.next_check_at = next_look(item, finding, looks, at)
    return finding


def next_look(item: Item, finding: Finding, looks: Sequence[Check], at: datetime) -> datetime | None:
    """By the schedule; sooner to confirm that it is gone or back, or because the checker's last looks told nothing."""
    scheduled = episodes.next_look(item, at)
    wanted = [scheduled] if scheduled else []
    first = finding.first_gone if finding.presence == Presence.PERHAPS_GONE else finding.perhaps_back
    if first:
        confirm = first.at + timedelta(hours=item.platform.confirm_hours)
        wanted.append(confirm if confirm > at else at + DAILY)
    failures = told_nothing(looks)
    if wanted and 0 < failures <= len(AGAIN):
        wanted.append(at + AGAIN[failures - 1])
    return min(wanted, default=None)


def told_nothing(looks: Sequence[Check]) -> int:
    """How many of the last looks, in order of time, were the checker's and inconclusive."""
    count = 0
    for check in reversed(looks):
        if check.verdict != Verdict.INCONCLUSIVE or check.method != Method.AUTOMATIC:
            break
        count += 1
    return count


def _save(items: Sequence[Item]) -> None:
    columns: list[list[Any]] = [[getattr(item, name) for item in items] for name in PROJECTION]
    with connection.cursor() as cursor:
        cursor.execute(SAVE, [[item.pk for item in items], *columns])


def _comes_back_as(item: Item) -> str:
    """The verb that takes a removed item up again once it is seen live; empty where nothing does."""
    if item.status == ItemStatus.WATCHING:
        return "reappear"
    if item.closed_as not in {ClosedAs.REMOVED, ClosedAs.GONE_BEFORE_NOTICE} or open_rival(item):
        return ""
    return "reappear" if item.approved_at else "resurface"


def _confirmed_gone(item: Item, at: datetime) -> None:
    if item.status == ItemStatus.NOTIFIED:
        watch_until = at + timedelta(days=item.platform.watch_days)
        move(item, "watch", by=None, at=at, stamps={"watch_until": watch_until})
    episodes.close(item, at=at)
