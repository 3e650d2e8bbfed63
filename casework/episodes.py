"""The unit of every statistic: from the first delivered notice on a live item until it is gone or closed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import Claim, Episode, Item, ItemStatus, Presence, SetAside, SetAsideKind
from casework.rewriting import rewrite

# When to look again after T0 (statistics.md, 1.1), then monthly until 180 days.
LOOKS = (
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(hours=48),
    timedelta(days=7),
    timedelta(days=28),
    *(timedelta(days=days) for days in (58, 88, 118, 148, 180)),
)
SOON = timedelta(minutes=5)


def next_look(item: Item, at: datetime) -> datetime | None:
    """The first scheduled look after `at`; None before the first notice and after the last look."""
    if item.received_at is None:
        return None
    return next((item.received_at + after for after in LOOKS if item.received_at + after > at), None)


def receive(
    item: Item, *, t0: datetime, basis: str, channel: str, recorded_at: datetime | None = None
) -> Episode | None:
    """The platform received a notice about the item at `t0`; opens an episode unless one is open.

    Called by notices inside its transaction. Returns None for an item already gone (exclusion X4) or in an episode.
    """
    received = [Received(item, t0, basis, channel)]
    return next(iter(receive_all(received, recorded_at=recorded_at)), None)


class Received(NamedTuple):
    """An item that a notice was about, and when, by what basis and by which kind of channel the platform had that."""

    item: Item
    t0: datetime
    basis: str
    channel: str


def receive_all(received: Sequence[Received], *, recorded_at: datetime | None = None) -> list[Episode]:
    """`receive` for many items, each once, with a fixed number of statements."""
    keys = [each.item.pk for each in received]
    with transaction.atomic():
        in_episode = set(
            Episode.objects.filter(item__in=keys, closed_at__isnull=True).values_list("item_id", flat=True)
        )
        numbers: dict[int, int] = {}
        for pk, number in (
            Episode.objects.filter(item__in=keys).order_by("number").values_list("item_id", "number")
        ):
            numbers[pk] = number
        fresh = [
            each
            for each in received
            if each.item.pk not in in_episode and each.item.presence != Presence.GONE
        ]
        opened = Episode.objects.bulk_create(
            Episode(item=item, number=numbers.get(item.pk, 0) + 1, t0=t0, t0_basis=basis, channel=channel)
            for item, t0, basis, channel in fresh
        )
        now = timezone.now()
        for item, t0, _, _ in fresh:
            item.received_at, item.claim, item.claims_removal, item.claim_at = t0, "", False, None
            item.next_check_at = next_look(item, min(now, t0))
        rewrite(
            [each.item for each in fresh],
            ["received_at", "claim", "claims_removal", "claim_at", "next_check_at"],
        )
        events.record_all(
            events.build(
                "episode.opened", by=None, at=episode.t0, item=episode.item, recorded_at=recorded_at,
                details={
                    "number": episode.number, "basis": episode.t0_basis, "channel": episode.channel,
                },
            )
            for episode in opened
        )  # fmt: skip
    return opened


def retime(items: Sequence[Item], *, was: datetime, t0: datetime, basis: str) -> None:
    """The notice that opened these items' episodes at `was` turns out to have been received at `t0`."""
    still = Q(closed_at__isnull=True) | Q(closed_at__gte=t0)
    moved = Episode.objects.filter(still, item__in=items, t0=was)
    keys = set(moved.values_list("item_id", flat=True))
    moved.update(t0=t0, t0_basis=basis)
    retimed = [item for item in items if item.pk in keys and item.received_at == was]
    for item in retimed:
        item.received_at = t0
        if item.status == ItemStatus.NOTIFIED:
            item.next_check_at = next_look(item, max(t0, item.last_checked_at or t0))
    rewrite(retimed, ["received_at", "next_check_at"])


class Claimed(NamedTuple):
    """What a platform says about an item; `removal` where nobody can see it any more, so it says."""

    item: Item
    answer: str
    removal: bool


def claim(item: Item, *, answer: str, removal: bool, at: datetime) -> None:
    """Stamp what the platform last claimed; a claim of removal brings the next look forward."""
    claim_all([Claimed(item, answer, removal)], at=at)


def claim_all(claims: Iterable[Claimed], *, at: datetime) -> None:
    """`claim` for many items, by few statements."""
    soon = timezone.now() + SOON
    stamped: dict[int, Item] = {}
    for item, answer, removal in claims:
        item.claim, item.claims_removal, item.claim_at = Claim(answer), removal, at
        if removal and item.presence != Presence.GONE:
            item.next_check_at = min(filter(None, (item.next_check_at, soon)))
        stamped[item.pk] = item
    rewrite(stamped.values(), ["claim", "claims_removal", "claim_at", "next_check_at"])


def close(item: Item, *, at: datetime) -> None:
    """End the open episode, if any."""
    for episode in Episode.objects.filter(item=item, closed_at__isnull=True):
        episode.closed_at = max(at, episode.t0)
        episode.save(update_fields=["closed_at"])
        events.record("episode.closed", by=None, at=at, item=item, details={"number": episode.number})


def end(item: Item, *, withdrawn: bool, reason: str, by: User | None, at: datetime) -> None:
    """What closing the item means for its episode; called by the lifecycle in its transaction."""
    close(item, at=at)
    if withdrawn:
        SetAside.objects.create(item=item, kind=SetAsideKind.WITHDRAWN, at=at, reason=reason[:300], by=by)


def set_aside(
    item: Item, *, kind: str, reason: str, confirmed_by: str = "", by: User, at: datetime | None = None
) -> SetAside:
    """Withdraw the item (X1) or record our own error (X3), confirmed by a reviewer; both end its episode."""
    require(by, Permission.APPROVE_ITEM)
    at = at or timezone.now()
    with transaction.atomic():
        row = SetAside(
            item=item,
            kind=kind,
            at=at,
            reason=reason,
            confirmed_by=confirmed_by or (by.name if kind == SetAsideKind.INVALID else ""),
            by=by,
        )
        row.full_clean()
        row.save(force_insert=True)
        noun = "withdrawn" if kind == SetAsideKind.WITHDRAWN else "found_invalid"
        events.record(f"item.set_aside_{noun}", by=by, at=at, item=item, reason=reason)
        if item.status != ItemStatus.APPROVED:
            close(item, at=at)
    return row
